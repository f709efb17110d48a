/*
 * image_read.c: see image.h and image_rows.h. Pictures from files: what the head tells, how much
 * memory reading takes, and the rows of no more of a picture than is wanted.
 */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "engine/image/image_codec.h"
#include "engine/base/mem.h"

/* Leaves the file at its start. */
static enum status read_head(struct image_head *out, FILE *file, size_t size, const char *path,
                        struct diag *diag)
{
    unsigned char magic[64];
    struct image_head head = {0};
    size_t n = fread(magic, 1, sizeof magic, file);
    if (ferror(file))
        return diag_set(diag, STATUS_INPUT, "cannot read %s: %s", path, strerror(errno));
    TRY(image_recognise(&head.codec, magic, n, path, diag));
    rewind(file);
    TRY(head.codec->probe(&head, file, size, path, diag));
    rewind(file);
    *out = head;
    return STATUS_OK;
}

static enum status check_length(const struct image_head *head, size_t size, const char *path,
                                struct diag *diag)
{
    if (head->least <= size)
        return STATUS_OK;
    return diag_set(diag, STATUS_INPUT,
                    "%s is a damaged or truncated %s: it is too short for its size in pixels", path,
                    head->codec->name);
}

static enum status open_and_read_head(struct image_head *out, size_t *size, const char *path,
                                 struct diag *diag)
{
    FILE *file;
    TRY(file_open(&file, size, path, diag));
    enum status status = read_head(out, file, *size, path, diag);
    fclose(file);
    return status;
}

enum status image_probe(int *width, int *height, const char *path, struct diag *diag)
{
    size_t size;
    struct image_head head;
    TRY(open_and_read_head(&head, &size, path, diag));
    *width = head.width;
    *height = head.height;
    return STATUS_OK;
}

enum status image_inspect(struct image_head *out, const char *path, struct diag *diag)
{
    size_t size;
    struct image_head head;
    TRY(open_and_read_head(&head, &size, path, diag));
    TRY(check_length(&head, size, path, diag));
    *out = head;
    return STATUS_OK;
}

/* A part is reduced while it is decoded, to no less than twice the requested size (as Pillow does
 * with a reducing_gap of 2). */
static struct image_plan plan_for(const struct image_head *head,
                                  const struct image_request *request)
{
    enum { GAP = 2 };
    struct image_plan plan = {request->left, request->top, request->width, request->height, 1};
    if (!request->width) {
        plan.width = head->width;
        plan.height = head->height;
    }
    if (request->to_width) {
        int across = plan.width / request->to_width / GAP,
            down = plan.height / request->to_height / GAP;
        int most = across < down ? across : down;
        plan.by = head->codec->divisor(most < 1 ? 1 : most);
    }
    return plan;
}

static bool same(const struct image_head *a, const struct image_head *b)
{
    return a->width == b->width && a->height == b->height && a->codec == b->codec &&
           a->orientation == b->orientation && a->file == b->file && a->held == b->held;
}

/* The rows of a part */

struct decoded {
    struct image_rows rows;
    FILE *file;
    const struct image_codec *codec;
    struct image_decoder *decoder;
    int y;           /* rows that the decoder has given */
    int left, width; /* columns of its rows that make up the part */
    int top, bottom; /* its rows that do */
    float *line;     /* [4][width] with a box */
    double *sum;     /* [4][rows.width] of the boxes under way */
};

/* Adds the line to the boxes under way. */
static void add_line(struct decoded *d, size_t planes)
{
    for (size_t c = 0; c < planes; c++) {
        const float *x = d->line + c * (size_t)d->width;
        double *sum = d->sum + c * (size_t)d->rows.width;
        for (int i = 0, inside = 0; i < d->width; i++) {
            *sum += x[i];
            if (++inside == d->decoder->box) {
                inside = 0;
                sum++;
            }
        }
    }
}

/* The mean of each box, which has so many rows. */
static void put_means(struct decoded *d, float *const to[4], int rows)
{
    int box = d->decoder->box;
    for (size_t c = 0; c < 4; c++) {
        double *sum = d->sum + c * (size_t)d->rows.width;
        for (int i = 0; to[c] && i < d->rows.width; i++) {
            int rest = d->width - i * box, columns = rest < box ? rest : box;
            to[c][i] = (float)(sum[i] / ((double)columns * rows));
        }
    }
    memset(d->sum, 0, 4 * (size_t)d->rows.width * sizeof *d->sum);
}

static enum status decode(struct decoded *d, float *const to[4], struct diag *diag)
{
    d->y++;
    return d->codec->row(d->decoder, to, d->left, d->width, diag);
}

static enum status decode_box(struct decoded *d, float *const to[4], struct diag *diag)
{
    size_t w = (size_t)d->width, planes = to[3] ? 4 : 3;
    float *const line[4] = {d->line, d->line + w, d->line + 2 * w, to[3] ? d->line + 3 * w : NULL};
    int rest = d->bottom - d->y, rows = rest < d->decoder->box ? rest : d->decoder->box;
    for (int i = 0; i < rows; i++) {
        TRY(decode(d, to[0] ? line : NULL, diag));
        if (to[0])
            add_line(d, planes);
    }
    put_means(d, to, rows);
    return STATUS_OK;
}

static enum status decoded_next(struct image_rows *rows, float *const to[4], struct diag *diag)
{
    struct decoded *d = (struct decoded *)rows;
    while (d->y < d->top)
        TRY(decode(d, NULL, diag));
    if (d->line)
        TRY(decode_box(d, to, diag));
    else
        TRY(decode(d, to[0] ? to : NULL, diag));
    while (rows->given == rows->height && d->y < d->decoder->height)
        TRY(decode(d, NULL, diag));
    return STATUS_OK;
}

static void decoded_close(struct image_rows *rows)
{
    struct decoded *d = (struct decoded *)rows;
    if (d->decoder)
        d->codec->close(d->decoder);
    if (d->file)
        fclose(d->file);
    mem_free(d->line);
    mem_free(d->sum);
    mem_free(d);
}

static const struct image_rows_kind decoded_kind = {decoded_next, decoded_close};

static enum status open_same(struct decoded *d, const char *path, const struct image_head *head,
                             const struct image_plan *plan, struct diag *diag)
{
    size_t size;
    struct image_head now;
    TRY(file_open(&d->file, &size, path, diag));
    TRY(read_head(&now, d->file, size, path, diag));
    if (!same(&now, head))
        return diag_set(diag, STATUS_INPUT, "%s has changed while it was to be read", path);
    return d->codec->open(&d->decoder, head, plan, d->file, path, diag);
}

static enum status decoded_init(struct decoded *d, struct image_place *place, const char *path,
                                const struct image_head *head,
                                const struct image_request *request, struct diag *diag)
{
    const struct image_plan plan = plan_for(head, request);
    TRY(open_same(d, path, head, &plan, diag));
    const struct image_decoder *from = d->decoder;
    int box = from->box;
    double shrunk = (double)plan.by / box, width = plan.width / shrunk,
           height = plan.height / shrunk;
    d->left = (int)floor(from->left);
    d->top = (int)floor(from->top);
    d->width = (int)ceil(from->left + width) - d->left;
    d->bottom = (int)ceil(from->top + height);
    d->rows = (struct image_rows){.width = (d->width + box - 1) / box,
                                  .height = (d->bottom - d->top + box - 1) / box,
                                  .alpha = from->alpha, .kind = &decoded_kind};
    *place = (struct image_place){(from->left - d->left) / box, (from->top - d->top) / box,
                                  width / box, height / box};
    if (box == 1)
        return STATUS_OK;
    TRY(mem_big(&d->line, mem_product(4, (size_t)d->width, sizeof *d->line), path, diag));
    return mem_big(&d->sum, mem_product(4, (size_t)d->rows.width, sizeof *d->sum), path, diag);
}

enum status image_rows_read(struct image_rows **out, struct image_place *place, const char *path,
                            const struct image_head *head, const struct image_request *request,
                            struct diag *diag)
{
    struct decoded *d = mem_new(sizeof *d);
    d->codec = head->codec;
    enum status status = decoded_init(d, place, path, head, request, diag);
    if (status == STATUS_OK)
        *out = &d->rows;
    else
        decoded_close(&d->rows);
    return status;
}

enum status image_rows_open(struct image_rows **out, const char *path,
                            const struct image_head *head, const struct image_request *request,
                            struct diag *diag)
{
    struct image_rows *rows;
    struct image_place place;
    TRY(image_rows_read(&rows, &place, path, head, request, diag));
    if (request->to_width)
        return image_rows_resize(out, &rows, &place, request->to_width, request->to_height, diag);
    *out = rows;
    return STATUS_OK;
}

/* Memory */

enum { EDGES = 2 }; /* pixels cut at both ends of a part */

static size_t decoding_need(const struct image_head *head, const struct image_plan *plan)
{
    enum { CODE = 1 << 20 }; /* the libraries' own */
    size_t boxes = (size_t)(plan->width / plan->by + EDGES);
    size_t line = 4 * (size_t)plan->width * sizeof(float) + 4 * boxes * sizeof(double);
    return head->held + CODE + head->codec->need(head, plan) + (plan->by > 1 ? line : 0);
}

static size_t resizing_need(const struct image_head *head, const struct image_plan *plan,
                            const struct image_request *request)
{
    size_t w = (size_t)(plan->width / plan->by + EDGES),
           h = (size_t)(plan->height / plan->by + EDGES);
    return image_rows_resize_need((size_t)head->channels, w, h, (size_t)request->to_width,
                                  (size_t)request->to_height);
}

size_t image_rows_need(const struct image_head *head, const struct image_request *request)
{
    const struct image_plan plan = plan_for(head, request);
    return mem_plus(decoding_need(head, &plan),
                    request->to_width ? resizing_need(head, &plan, request) : 0);
}

size_t image_need(const struct image_head *head, const struct image_request *request)
{
    const struct image_plan plan = plan_for(head, request);
    size_t bytes = (size_t)head->channels * sizeof(float); /* of a pixel's planes */
    size_t w = (size_t)(plan.width / plan.by + EDGES), h = (size_t)(plan.height / plan.by + EDGES);
    size_t part = mem_product(w, h, bytes), decoding = decoding_need(head, &plan), resizing = 0;
    if (request->to_width)
        resizing = mem_plus(resizing_need(head, &plan, request),
                            mem_product((size_t)request->to_width, (size_t)request->to_height,
                                        bytes));
    return mem_plus(part, resizing > decoding ? resizing : decoding);
}

enum status image_read_job(char **out, const char *path, struct diag *diag)
{
    FILE *file;
    size_t size;
    TRY(file_open(&file, &size, path, diag));
    enum status status = image_png_job(out, file, path, diag);
    fclose(file);
    return status;
}
