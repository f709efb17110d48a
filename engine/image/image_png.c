/*
 * image_png.c: PNG read row by row; libpng's jumps end in guard. It is given no text, so the chunk
 * that holds a job is found here.
 */
#include "engine/image/image_png.h"

#include <ctype.h>
#include <png.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <zlib.h>

#include "engine/base/mem.h"

enum { DEPTH = IHDR + 8, COLOUR = IHDR + 9, INTERLACED = IHDR + 12 };

enum { DEFLATE_MOST = 1032 }; /* bytes that deflate can make of one */

static uint32_t get32(const unsigned char *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static bool recognise(const unsigned char *data, size_t size)
{
    return size >= SIGNATURE && memcmp(data, "\x89PNG\r\n\x1a\n", SIGNATURE) == 0;
}

static enum status damaged(const char *path, const char *why, struct diag *diag)
{
    return diag_set(diag, STATUS_INPUT, "%s is a damaged or truncated PNG: %s", path, why);
}

/* Chunks */

struct chunk {
    FILE *file;
    unsigned char head[8]; /* length and type */
    size_t length;         /* of its data; behind them are four bytes of CRC */
    int count;             /* of the chunks so far */
};

static bool is(const struct chunk *chunk, const char *type)
{
    return memcmp(chunk->head + 4, type, 4) == 0;
}

/* From the end of a chunk, or of the signature, to the data of the next one. NULL, or what is
 * wrong. */
static const char *next_chunk(struct chunk *chunk)
{
    enum { MOST = 1 << 20 };
    if (fread(chunk->head, 1, sizeof chunk->head, chunk->file) != sizeof chunk->head)
        return "it ends too early";
    for (int i = 4; i < 8; i++)
        if (!isalpha(chunk->head[i]))
            return "it has a chunk without a name";
    if (chunk->count++ == MOST)
        return "it has too many chunks";
    chunk->length = get32(chunk->head);
    return NULL;
}

static const char *skip_chunk(const struct chunk *chunk)
{
    off_t step = (off_t)chunk->length + 4;
    return fseeko(chunk->file, step, SEEK_CUR) == 0 ? NULL : "it ends too early";
}

/* Only what makes up the picture goes to libpng: for any other chunk it takes as much memory as a
 * length in the file claims. */
static bool essential(const struct chunk *chunk)
{
    static const char types[][5] = {"IHDR", "PLTE", "tRNS", "gAMA", "sRGB", "IDAT", "IEND"};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (is(chunk, types[i]))
            return true;
    return false;
}

/* Head */

static size_t pixel_bits(const unsigned char *header)
{
    static const size_t channels[7] = {1, 1, 3, 1, 2, 1, 4};
    return header[DEPTH] * channels[header[COLOUR] < 7 ? header[COLOUR] : 0];
}

static enum status probe(struct image_head *head, FILE *file, size_t size, const char *path,
                         struct diag *diag)
{
    unsigned char header[IHDR_END];
    (void)size;
    if (fread(header, 1, sizeof header, file) != sizeof header ||
        memcmp(header + SIGNATURE + 4, "IHDR", 4) != 0)
        return damaged(path, "it has no header", diag);
    TRY(image_check_size(get32(header + IHDR), get32(header + IHDR + 4), path, diag));
    head->width = (int)get32(header + IHDR);
    head->height = (int)get32(header + IHDR + 4);
    head->orientation = 1;
    head->channels = 4;
    size_t n = (size_t)head->width * (size_t)head->height;
    head->held = header[INTERLACED] ? n * (size_t)head->channels : 0;
    head->least = n / 8 * pixel_bits(header) / DEFLATE_MOST;
    return STATUS_OK;
}

static int divisor(int most)
{
    return most;
}

static size_t need(const struct image_head *head, const struct image_plan *plan)
{
    enum { ROWS = 4, DEEP = 8 }; /* that libpng and we hold, and most bytes of a pixel */
    (void)plan;
    return (size_t)head->width * ROWS * DEEP;
}

/* Decoding. libpng jumps to report an error, so whatever outlives a call of it is in here. */

struct reader {
    struct image_decoder decoder;
    char *path;
    struct chunk chunk;
    size_t given, left; /* bytes of the chunk's head that libpng has; bytes of the file for it */
    size_t data;        /* that a picture of this size may still have */
    png_structp png;
    png_infop info;
    int passes;
    int y;               /* rows given */
    size_t stride;       /* bytes of a row */
    unsigned char *rows; /* one, or all of an interlaced picture */
    char problem[80];
};

static void on_error(png_structp png, png_const_charp message)
{
    struct reader *r = png_get_error_ptr(png);
    snprintf(r->problem, sizeof r->problem, "%s", message);
    png_longjmp(png, 1);
}

static void on_warning(png_structp png, png_const_charp message)
{
    (void)png;
    (void)message;
}

static const char *too_long(const struct chunk *chunk)
{
    const char *problem = skip_chunk(chunk);
    return problem || getc(chunk->file) == EOF ? "it ends too early"
                                               : "it is too long for its size in pixels";
}

static void next_essential(struct reader *r)
{
    const char *problem = next_chunk(&r->chunk);
    while (!problem && !essential(&r->chunk)) {
        problem = skip_chunk(&r->chunk);
        problem = problem ? problem : next_chunk(&r->chunk);
    }
    if (!problem && is(&r->chunk, "IDAT")) {
        problem = r->chunk.length > r->data ? too_long(&r->chunk) : NULL;
        r->data -= r->chunk.length;
    }
    if (problem)
        png_error(r->png, problem);
    r->given = 0;
    r->left = r->chunk.length + 4;
}

/* To libpng, the next bytes of a file that consists of the essential chunks. */
static void give(png_structp png, png_bytep out, size_t n)
{
    struct reader *r = png_get_io_ptr(png);
    while (n > 0) {
        size_t head = sizeof r->chunk.head - r->given;
        if (head == 0 && r->left == 0) {
            next_essential(r);
            continue;
        }
        size_t most = head ? head : r->left, now = n < most ? n : most;
        if (head) {
            memcpy(out, r->chunk.head + r->given, now);
            r->given += now;
        } else {
            if (fread(out, 1, now, r->chunk.file) != now)
                png_error(png, "it ends too early");
            r->left -= now;
        }
        out += now;
        n -= now;
    }
}

/* Up to the first row: RGB or RGBA of 8 bits, as sRGB. */
static void start(struct reader *r)
{
    png_set_benign_errors(r->png, 1);
    png_set_user_limits(r->png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
    png_set_read_fn(r->png, r, give);
    png_read_info(r->png, r->info);
    if (png_get_image_width(r->png, r->info) != (png_uint_32)r->decoder.width ||
        png_get_image_height(r->png, r->info) != (png_uint_32)r->decoder.height)
        png_error(r->png, "it changes while it is read");
    png_set_expand(r->png);
    png_set_scale_16(r->png);
    png_set_gray_to_rgb(r->png);
    png_set_alpha_mode(r->png, PNG_ALPHA_PNG, PNG_DEFAULT_sRGB);
    r->passes = png_set_interlace_handling(r->png);
    png_read_update_info(r->png, r->info);
    r->stride = png_get_rowbytes(r->png, r->info);
    size_t channels = r->stride / (size_t)r->decoder.width;
    r->decoder.alpha = channels == 4;
    if (png_get_bit_depth(r->png, r->info) != 8 || (channels != 3 && channels != 4))
        png_error(r->png, "its pixels are of no known kind");
}

static void read_passes(struct reader *r)
{
    for (int pass = 0; pass < r->passes; pass++)
        for (int y = 0; y < r->decoder.height; y++)
            png_read_row(r->png, r->rows + (size_t)y * r->stride, NULL);
}

/* Row y, and behind the last one the end of the file. */
static void read_row(struct reader *r)
{
    if (r->passes == 1)
        png_read_row(r->png, r->rows, NULL);
    else if (r->y == 0)
        read_passes(r);
    if (r->y == r->decoder.height - 1)
        png_read_end(r->png, NULL);
}

/* Calls work; where libpng jumps out of it, says what is wrong. */
static enum status guard(struct reader *r, void (*work)(struct reader *r), struct diag *diag)
{
    if (setjmp(png_jmpbuf(r->png)))
        return damaged(r->path, r->problem, diag);
    work(r);
    return STATUS_OK;
}

static void unpack(float *const to[4], const unsigned char *p, int count, size_t channels)
{
    for (int i = 0; i < count; i++, p += channels) {
        float a = channels == 4 ? p[3] / 255.0f : 1.0f;
        for (int c = 0; c < 3; c++)
            to[c][i] = a * p[c] + (1.0f - a) * 255.0f;
        if (to[3])
            to[3][i] = p[3];
    }
}

static enum status row(struct image_decoder *decoder, float *const to[4], int from, int count,
                       struct diag *diag)
{
    struct reader *r = (struct reader *)decoder;
    size_t channels = decoder->alpha ? 4 : 3, at = r->passes > 1 ? (size_t)r->y * r->stride : 0;
    TRY(guard(r, read_row, diag));
    r->y++;
    if (to)
        unpack(to, r->rows + at + (size_t)from * channels, count, channels);
    return STATUS_OK;
}

static void close_reader(struct image_decoder *decoder)
{
    struct reader *r = (struct reader *)decoder;
    png_destroy_read_struct(&r->png, &r->info, NULL);
    mem_free(r->rows);
    mem_free(r->path);
    mem_free(r);
}

static enum status open_reader(struct image_decoder **out, const struct image_head *head,
                               const struct image_plan *plan, FILE *file, const char *path,
                               struct diag *diag)
{
    enum { MORE = 1 << 20 };
    /* No picture comes out larger than twice its pixels. */
    size_t pixels = (size_t)head->width * (size_t)head->height + (size_t)head->height;
    struct reader *r = mem_new(sizeof *r);
    *r = (struct reader){.path = mem_text(path), .chunk = {.file = file}, .left = SIGNATURE};
    r->decoder = (struct image_decoder){.width = head->width, .height = head->height,
                                        .box = plan->by, .left = plan->left, .top = plan->top};
    r->given = sizeof r->chunk.head;
    r->data = 2 * 8 * pixels + MORE;
    r->png = png_create_read_struct(PNG_LIBPNG_VER_STRING, r, on_error, on_warning);
    r->info = r->png ? png_create_info_struct(r->png) : NULL;
    enum status status = r->info ? guard(r, start, diag)
                                 : diag_set(diag, STATUS_LIBRARY, "libpng does not start");
    if (status == STATUS_OK)
        status = mem_big(&r->rows, mem_times(r->stride, r->passes > 1 ? (size_t)head->height : 1),
                         path, diag);
    if (status == STATUS_OK)
        *out = &r->decoder;
    else
        close_reader(&r->decoder);
    return status;
}

/* The job */

/* Goes to the first iTXt chunk with the job's keyword and reads as much of it as a job may have;
 * NULL where there is none. */
static unsigned char *find_job(struct chunk *chunk)
{
    const size_t keyword = strlen(job_head) + 1;
    while (!next_chunk(chunk)) {
        size_t size = chunk->length + 4;
        if (!is(chunk, "iTXt") || chunk->length < keyword || size > LONGEST_CHUNK) {
            if (skip_chunk(chunk))
                return NULL;
            continue;
        }
        unsigned char *data = mem_new(size);
        if (fread(data, 1, size, chunk->file) == size && memcmp(data, job_head, keyword) == 0)
            return data;
        mem_free(data);
    }
    return NULL;
}

/* The job in a whole chunk and the CRC behind it. */
static enum status take_job(char **out, const unsigned char *data, const struct chunk *chunk,
                            const char *path, struct diag *diag)
{
    size_t length = chunk->length, head = sizeof job_head;
    uLong crc = crc32(crc32(0, chunk->head + 4, 4), data, (uInt)length);
    char *text;
    if (crc != get32(data + length) || length < head || memcmp(data, job_head, head) != 0 ||
        memchr(data + head, 0, length - head))
        return diag_set(diag, STATUS_INPUT, "the job in %s is damaged or compressed", path);
    TRY(mem_big(&text, length - head + 1, "a job", diag));
    memcpy(text, data + head, length - head);
    *out = text;
    return STATUS_OK;
}

enum status image_png_job(char **out, FILE *file, const char *path, struct diag *diag)
{
    struct chunk chunk = {.file = file};
    unsigned char magic[SIGNATURE];
    if (fread(magic, 1, sizeof magic, file) != sizeof magic || !recognise(magic, sizeof magic))
        return diag_set(diag, STATUS_INPUT, "%s is no PNG, so it holds no job", path);
    unsigned char *data = find_job(&chunk);
    if (!data)
        return diag_set(diag, STATUS_INPUT, "%s holds no job: strata did not write it, or another "
                        "program has removed its text", path);
    enum status status = take_job(out, data, &chunk, path, diag);
    mem_free(data);
    return status;
}

const struct image_codec image_png_codec = {
    .name = "PNG",
    .endings = ".png",
    .recognise = recognise,
    .probe = probe,
    .divisor = divisor,
    .need = need,
    .open = open_reader,
    .row = row,
    .close = close_reader,
    .keeps_alpha = true,
    .begin = image_png_begin,
    .put = image_png_put,
    .end = image_png_end,
    .stop = image_png_stop,
};
