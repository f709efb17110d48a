/*
 * image_jpeg.c: JPEG read row by row, by libjpeg-turbo, whose jumps end in guard.
 */
#include "engine/image/image_jpeg.h"

#include <setjmp.h>
#include <stdint.h>
#include <string.h>

#include <jpeglib.h>
#include <jerror.h>

#include "engine/base/mem.h"

enum { TEM = 1, RST0 = 0xd0, RST7 = 0xd7, SOI, EOI, SOS, APP1 = 0xe1 };

static bool recognise(const unsigned char *data, size_t size)
{
    return size >= 3 && memcmp(data, "\xff\xd8\xff", 3) == 0;
}

/* Head */

static enum status unreadable(const char *path, const char *why, struct diag *diag)
{
    return diag_set(diag, STATUS_INPUT, "%s is a JPEG that cannot be read: %s", path, why);
}

/* What stands before the first scan. */
struct frame {
    int type;          /* C0 to CF */
    int width, height; /* as stored, not upright */
    int components;
    int across[4], down[4]; /* sampling factors */
    int scanned;            /* components in the first scan */
    int orientation;
    const char *problem;
};

/* The next marker, stray bytes and padding before it skipped; EOF if there is none near. */
static int next_marker(FILE *file)
{
    enum { MOST_STRAY = 1 << 16 };
    int byte = getc(file);
    for (int i = 0; byte != EOF && i < MOST_STRAY; i++) {
        if (byte != 0xff) {
            byte = getc(file);
            continue;
        }
        while (byte == 0xff)
            byte = getc(file);
        if (byte != 0)
            return byte;
    }
    return EOF;
}

static bool is_frame(int marker)
{
    return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
}

static void take_frame(struct frame *f, int marker, const unsigned char *body, size_t size)
{
    if (size < 6 || size < 6 + 3 * (size_t)body[5])
        return;
    f->type = marker;
    f->height = body[1] << 8 | body[2];
    f->width = body[3] << 8 | body[4];
    f->components = body[5];
    if (body[0] != 8)
        f->problem = "its pixels are not of 8 bits";
    else if (f->width < 1 || f->height < 1)
        f->problem = "it says not how large it is";
    else if (f->components != 1 && f->components != 3 && f->components != 4)
        f->problem = "its pixels are of no known kind";
    for (int i = 0; i < f->components && !f->problem; i++) {
        f->across[i] = body[6 + 3 * i + 1] >> 4;
        f->down[i] = body[6 + 3 * i + 1] & 15;
        if (f->across[i] < 1 || f->across[i] > 4 || f->down[i] < 1 || f->down[i] > 4)
            f->problem = "its pixels are of no known kind";
    }
}

/* The data of a segment into body, as far as it goes; false where the file ends. */
static bool read_segment(unsigned char body[1 << 16], size_t *size, FILE *file)
{
    int high = getc(file), low = getc(file);
    size_t length = low == EOF ? 0 : (size_t)(high << 8 | low);
    if (length < 2)
        return false;
    *size = length - 2;
    return fread(body, 1, *size, file) == *size;
}

static void read_frame(struct frame *f, FILE *file)
{
    static const unsigned char exif[6] = "Exif\0";
    enum { MOST_SEGMENTS = 1 << 14 };
    unsigned char *body = mem_new(1 << 16);
    size_t size;
    *f = (struct frame){.orientation = 1};
    for (int i = 0; i < MOST_SEGMENTS && !f->problem; i++) {
        int marker = next_marker(file);
        if (marker == SOI || marker == TEM || (marker >= RST0 && marker <= RST7))
            continue; /* no data belongs to these */
        if (marker == EOF || marker == EOI || !read_segment(body, &size, file))
            break;
        if (is_frame(marker) && !f->type) {
            take_frame(f, marker, body, size);
        } else if (marker == APP1 && size >= sizeof exif && memcmp(body, exif, sizeof exif) == 0) {
            f->orientation = image_orientation(body + sizeof exif, size - sizeof exif);
        } else if (marker == SOS) {
            f->scanned = size > 0 ? body[0] : 0;
            break;
        }
    }
    if (!f->problem && (!f->type || !f->scanned))
        f->problem = "it ends before its picture begins";
    mem_free(body);
}

static size_t up(size_t value, size_t by)
{
    return (value + by - 1) / by;
}

/* The blocks of 8×8 that all components have together. */
static size_t count_blocks(const struct frame *f)
{
    size_t most_across = 1, most_down = 1, blocks = 0;
    for (int i = 0; i < f->components; i++) {
        most_across = (size_t)f->across[i] > most_across ? (size_t)f->across[i] : most_across;
        most_down = (size_t)f->down[i] > most_down ? (size_t)f->down[i] : most_down;
    }
    for (int i = 0; i < f->components; i++)
        blocks += up((size_t)f->width, 8 * most_across) * (size_t)f->across[i] *
                  up((size_t)f->height, 8 * most_down) * (size_t)f->down[i];
    return blocks;
}

static enum status probe(struct image_head *head, FILE *file, size_t size, const char *path,
                         struct diag *diag)
{
    enum { BLOCK = 64 * 2, MORE = 1 << 16, BLOCK_MOST = 4 * 64 }; /* bytes */
    enum { FLAT_BLOCKS = 1 << 22, FLATTEST = 64 };
    struct frame f;
    read_frame(&f, file);
    if (f.problem)
        return unreadable(path, f.problem, diag);
    TRY(image_check_size((unsigned long)f.width, (unsigned long)f.height, path, diag));
    size_t blocks = count_blocks(&f), start = (size_t)ftello(file);
    bool progressive = (f.type & 3) == 2, arithmetic = f.type >= 0xc9;
    head->orientation = f.orientation;
    head->width = image_on_its_side(head) ? f.height : f.width;
    head->height = image_on_its_side(head) ? f.width : f.height;
    head->channels = f.components == 4 ? 4 : 3;
    head->file = start + MORE + blocks * BLOCK_MOST;
    head->file = head->file < size ? head->file : size;
    head->held = progressive || f.scanned < f.components ? blocks * BLOCK : 0;
    /* Huffman's code has at least a bit for each block. Arithmetic code may have nearly none, which
     * is not believed of the largest pictures. */
    head->least = blocks / 8 / (size_t)f.components;
    if (arithmetic)
        head->least = blocks > FLAT_BLOCKS ? head->least / FLATTEST : 0;
    return STATUS_OK;
}

static int divisor(int most)
{
    return most >= 8 ? 8 : most >= 4 ? 4 : most >= 2 ? 2 : 1;
}

/* Decoding. libjpeg jumps to report an error, so whatever outlives a call of it is in here. */

struct reader {
    struct image_decoder decoder;
    char *path;
    struct jpeg_decompress_struct jpeg;
    struct jpeg_error_mgr errors;
    struct jpeg_progress_mgr progress;
    boolean (*fill)(j_decompress_ptr jpeg); /* libjpeg's own */
    jmp_buf jump;
    size_t left;     /* bytes of the file that may be read */
    long most_scans;
    bool warned;     /* it could go on */
    char problem[JMSG_LENGTH_MAX];
    size_t stride;
    unsigned char *rows; /* as stored: one, or all of them */
    bool holds;          /* all of them */
    int y;               /* rows given */
    struct image_walk walk;
};

static bool is_held(const struct image_head *head)
{
    return head->orientation > 2;
}

static size_t need(const struct image_head *head, const struct image_plan *plan)
{
    enum { LINES = 256 }; /* libjpeg's, bytes a column */
    size_t by = (size_t)plan->by, w = up((size_t)head->width, by), h = up((size_t)head->height, by);
    size_t side = (size_t)(image_on_its_side(head) ? head->height : head->width);
    return w * (is_held(head) ? h : 1) * (size_t)head->channels + side * LINES;
}

static void give_up(struct reader *r)
{
    r->jpeg.err->format_message((j_common_ptr)&r->jpeg, r->problem);
    longjmp(r->jump, 1);
}

static void on_error(j_common_ptr jpeg)
{
    give_up(jpeg->client_data);
}

/* A picture that ends early or has broken data is refused, though libjpeg would fill it up with
 * grey. Stray bytes between segments, which some cameras leave, do no harm. */
static void on_message(j_common_ptr jpeg, int level)
{
    struct reader *r = jpeg->client_data;
    if (level >= 0 || jpeg->err->msg_code == JWRN_EXTRANEOUS_DATA)
        return;
    r->warned = true;
    give_up(r);
}

/* Scans may be nearly empty, and each goes over the whole picture. */
static void on_progress(j_common_ptr jpeg)
{
    struct reader *r = jpeg->client_data;
    if (r->jpeg.input_scan_number <= r->most_scans)
        return;
    snprintf(r->problem, sizeof r->problem, "it has more than %ld scans", r->most_scans);
    longjmp(r->jump, 1);
}

/* What stands behind the picture, a film for instance, is left alone. */
static boolean fill(j_decompress_ptr jpeg)
{
    struct reader *r = jpeg->client_data;
    if (r->left == 0)
        WARNMS(jpeg, JWRN_JPEG_EOF);
    boolean filled = r->fill(jpeg);
    if (jpeg->src->bytes_in_buffer > r->left)
        jpeg->src->bytes_in_buffer = r->left;
    r->left -= jpeg->src->bytes_in_buffer;
    return filled;
}

/* Calls work; where libjpeg jumps out of it, says what is wrong: what, or that it is damaged. */
static enum status guard(struct reader *r, void (*work)(struct reader *r), struct diag *diag)
{
    if (!setjmp(r->jump)) {
        work(r);
        return STATUS_OK;
    }
    if (r->errors.msg_code == JERR_OUT_OF_MEMORY)
        return diag_set(diag, STATUS_MEMORY, "there is not enough memory to read %s", r->path);
    return diag_set(diag, STATUS_INPUT, "%s is a damaged or truncated JPEG: %s", r->path,
                    r->problem);
}

static void read_header(struct reader *r)
{
    jpeg_read_header(&r->jpeg, TRUE);
}

static void start(struct reader *r)
{
    jpeg_start_decompress(&r->jpeg);
}

static void read_rows(struct reader *r)
{
    JSAMPROW row = r->rows;
    JDIMENSION count = r->holds ? r->jpeg.output_height : 1;
    for (JDIMENSION i = 0; i < count; i++, row += r->holds ? r->stride : 0)
        jpeg_read_scanlines(&r->jpeg, &row, 1);
    if (r->jpeg.output_scanline == r->jpeg.output_height)
        jpeg_finish_decompress(&r->jpeg);
}

/* Whether libjpeg takes the picture for the one that was probed. */
static enum status check_head(struct reader *r, const struct image_head *head, struct diag *diag)
{
    enum status status = guard(r, read_header, diag);
    if (status == STATUS_MEMORY || (status == STATUS_INPUT && r->warned))
        return status;
    if (status != STATUS_OK)
        return unreadable(r->path, r->problem, diag);
    bool turned = image_on_its_side(head);
    J_COLOR_SPACE space = r->jpeg.jpeg_color_space;
    bool inks = space == JCS_CMYK || space == JCS_YCCK;
    if (r->jpeg.image_width != (JDIMENSION)(turned ? head->height : head->width) ||
        r->jpeg.image_height != (JDIMENSION)(turned ? head->width : head->height) ||
        space == JCS_UNKNOWN || inks != (head->channels == 4))
        return unreadable(r->path, "it contradicts itself", diag);
    r->jpeg.out_color_space = inks ? JCS_CMYK : JCS_RGB;
    return STATUS_OK;
}

static void place_walk(struct reader *r, const struct image_head *head,
                       const struct image_plan *plan)
{
    const int w = (int)r->jpeg.output_width, h = (int)r->jpeg.output_height;
    const struct image_walk walk = image_walk(head->orientation, w, h);
    struct image_decoder *d = &r->decoder;
    bool turned = image_on_its_side(head);
    double by = plan->by;
    r->walk = walk;
    r->walk.down = r->holds ? walk.down : 0;
    d->width = turned ? h : w;
    d->height = turned ? w : h;
    d->box = 1;
    /* The last stored column may stand for fewer pixels than others; mirrored, it is the first. */
    d->left = plan->left / by + (walk.right < 0 ? d->width - head->width / by : 0.0);
    d->top = plan->top / by + (walk.down < 0 ? d->height - head->height / by : 0.0);
}

static enum status start_reader(struct reader *r, const struct image_head *head,
                                const struct image_plan *plan, struct diag *diag)
{
    TRY(check_head(r, head, diag));
    r->jpeg.scale_num = 1;
    r->jpeg.scale_denom = (unsigned)plan->by;
    TRY(guard(r, start, diag));
    r->holds = is_held(head);
    r->stride = mem_times(r->jpeg.output_width, r->jpeg.out_color_space == JCS_CMYK ? 4 : 3);
    place_walk(r, head, plan);
    return mem_big(&r->rows, mem_times(r->stride, r->holds ? r->jpeg.output_height : 1), r->path,
                   diag);
}

static void create(struct reader *r)
{
    jpeg_create_decompress(&r->jpeg);
}

static void close_reader(struct image_decoder *decoder)
{
    struct reader *r = (struct reader *)decoder;
    jpeg_destroy_decompress(&r->jpeg);
    mem_free(r->rows);
    mem_free(r->path);
    mem_free(r);
}

static enum status open_reader(struct image_decoder **out, const struct image_head *head,
                               const struct image_plan *plan, FILE *file, const char *path,
                               struct diag *diag)
{
    enum { MOST_SCANS = 500, MANY_PIXELS = 1 << 27 };
    size_t pixels = (size_t)head->width * (size_t)head->height;
    struct reader *r = mem_new(sizeof *r);
    r->path = mem_text(path);
    r->left = head->file;
    r->most_scans = (long)(pixels > MANY_PIXELS ? (size_t)MOST_SCANS * MANY_PIXELS / pixels
                                                : MOST_SCANS);
    r->jpeg.err = jpeg_std_error(&r->errors);
    r->jpeg.client_data = r;
    r->errors.error_exit = on_error;
    r->errors.emit_message = on_message;
    enum status status = guard(r, create, diag);
    if (status == STATUS_OK) {
        r->progress.progress_monitor = on_progress;
        r->jpeg.progress = &r->progress;
        jpeg_stdio_src(&r->jpeg, file);
        r->fill = r->jpeg.src->fill_input_buffer;
        r->jpeg.src->fill_input_buffer = fill;
        status = start_reader(r, head, plan, diag);
    }
    if (status == STATUS_OK)
        *out = &r->decoder;
    else
        close_reader(&r->decoder);
    return status;
}

/* Adobe stores inks inverted, and so does everyone else: 255 is no ink. */
static void unpack(float *const to[4], const unsigned char *p, ptrdiff_t step, int count, bool inks)
{
    for (int i = 0; i < count; i++, p += step) {
        float light = inks ? p[3] / 255.0f : 1.0f;
        for (int c = 0; c < 3; c++)
            to[c][i] = p[c] * light;
    }
}

static enum status row(struct image_decoder *decoder, float *const to[4], int from, int count,
                       struct diag *diag)
{
    struct reader *r = (struct reader *)decoder;
    bool inks = r->jpeg.out_color_space == JCS_CMYK;
    ptrdiff_t size = inks ? 4 : 3, at = r->walk.first + from * r->walk.right + r->y * r->walk.down;
    if (!r->holds || r->y == 0)
        TRY(guard(r, read_rows, diag));
    r->y++;
    if (to)
        unpack(to, r->rows + at * size, r->walk.right * size, count, inks);
    return STATUS_OK;
}

const struct image_codec image_jpeg_codec = {
    .name = "JPEG",
    .endings = ".jpg .jpeg",
    .recognise = recognise,
    .probe = probe,
    .divisor = divisor,
    .need = need,
    .open = open_reader,
    .row = row,
    .close = close_reader,
    .begin = image_jpeg_begin,
    .put = image_jpeg_put,
    .end = image_jpeg_end,
    .stop = image_jpeg_stop,
};
