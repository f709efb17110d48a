/*
 * image_read.c: see image.h. Pictures from files: what the head tells, how much memory reading
 * takes, and reading no more of a picture than is wanted.
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

static size_t taps_need(size_t from, size_t to)
{
    return (4 * from + 8 * to) * sizeof(double);
}

size_t image_need(const struct image_head *head, const struct image_request *request)
{
    enum { EDGES = 2, CODE = 1 << 20 }; /* pixels cut at both ends; the libraries' own */
    struct image_plan plan = plan_for(head, request);
    size_t bytes = (size_t)head->channels * sizeof(float); /* of a pixel's planes */
    size_t w = (size_t)(plan.width / plan.by + EDGES), h = (size_t)(plan.height / plan.by + EDGES);
    size_t to_w = (size_t)request->to_width, to_h = (size_t)request->to_height,
           part = w * h * bytes;
    size_t decoding = head->file + head->held + CODE + head->codec->need(head, &plan);
    size_t resizing = to_w * to_h * bytes + to_w * h * sizeof(float) + taps_need(w, to_w) +
                      taps_need(h, to_h);
    return part + (to_w && resizing > decoding ? resizing : decoding);
}

static bool same(const struct image_head *a, const struct image_head *b)
{
    return a->width == b->width && a->height == b->height && a->codec == b->codec &&
           a->orientation == b->orientation && a->file == b->file && a->held == b->held;
}

enum status image_read_part(struct image_part *out, const char *path,
                            const struct image_head *head, const struct image_request *request,
                            struct diag *diag)
{
    FILE *file;
    size_t size;
    struct image_head now;
    struct image_plan plan = plan_for(head, request);
    TRY(file_open(&file, &size, path, diag));
    enum status status = read_head(&now, file, size, path, diag);
    if (status == STATUS_OK && !same(&now, head))
        status = diag_set(diag, STATUS_INPUT, "%s has changed while it was to be read", path);
    if (status == STATUS_OK)
        status = head->codec->decode(out, head, &plan, file, path, diag);
    fclose(file);
    return status;
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
