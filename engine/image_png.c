/*
 * image_png.c: PNG in memory ⇄ struct image, by libpng's simplified interface, which neither jumps
 * nor prints. It writes no text, so the chunk that holds a job is put in and found here.
 */
#include "image_codec.h"

#include <math.h>
#include <png.h>
#include <stdint.h>
#include <string.h>
#include <zlib.h>

#include "mem.h"

/* A chunk: length, type, data, CRC. The first one, IHDR, follows the signature. */
enum { SIGNATURE = 8, CHUNK_FRAME = 12, IHDR = 16, IHDR_END = 33 };
enum { DEPTH = IHDR + 8, INTERLACED = IHDR + 12 };

enum { DEFLATE_MOST = 1032 }; /* bytes that deflate can make of one */

/* What stands before the text in our iTXt chunk: the keyword and its end, not compressed (two
 * bytes), no language, no translated keyword. */
static const char job_head[15] = "strata-job";

static uint32_t get32(const unsigned char *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static void put32(unsigned char *at, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        at[i] = (unsigned char)(value >> (24 - 8 * i));
}

static bool recognise(const unsigned char *data, size_t size)
{
    return size >= SIGNATURE && memcmp(data, "\x89PNG\r\n\x1a\n", SIGNATURE) == 0;
}

static enum status damaged(const char *path, const char *why, struct diag *diag)
{
    return diag_set(diag, STATUS_INPUT, "%s is a damaged or truncated PNG: %s", path, why);
}

static enum status probe(int *width, int *height, const unsigned char *data, size_t size,
                         const char *path, struct diag *diag)
{
    if (size < IHDR_END || memcmp(data + SIGNATURE + 4, "IHDR", 4) != 0)
        return damaged(path, "it has no header", diag);
    TRY(image_check_size(get32(data + IHDR), get32(data + IHDR + 4), path, diag));
    *width = (int)get32(data + IHDR);
    *height = (int)get32(data + IHDR + 4);
    return STATUS_OK;
}

/* The data of the chunk at *at and its length, *at moved behind it; NULL where none is whole. */
static const unsigned char *next_chunk(size_t *at, size_t *length, const unsigned char *data,
                                       size_t size)
{
    size_t left = size - *at;
    if (left < CHUNK_FRAME || get32(data + *at) > left - CHUNK_FRAME)
        return NULL;
    const unsigned char *chunk = data + *at + 8;
    *length = get32(data + *at);
    *at += CHUNK_FRAME + *length;
    return chunk;
}

static bool is(const unsigned char *chunk, const char *type)
{
    return memcmp(chunk - 4, type, 4) == 0;
}

/* A copy of the file with nothing but the chunks that make up the picture: for any other, libpng
 * takes as much memory as a length in the file claims. */
static enum status keep_essentials(unsigned char **out, size_t *out_size,
                                   const unsigned char *data, size_t size, const char *path,
                                   struct diag *diag)
{
    static const char types[][5] = {"IHDR", "PLTE", "tRNS", "gAMA", "sRGB", "IDAT", "IEND"};
    unsigned char *copy;
    const unsigned char *chunk;
    size_t used = SIGNATURE, length;
    TRY(mem_big(&copy, size, path, diag));
    memcpy(copy, data, SIGNATURE);
    for (size_t at = SIGNATURE; (chunk = next_chunk(&at, &length, data, size));) {
        for (size_t i = 0; i < sizeof types / sizeof *types; i++)
            if (is(chunk, types[i])) {
                memcpy(copy + used, chunk - 8, CHUNK_FRAME + length);
                used += CHUNK_FRAME + length;
            }
        if (is(chunk, "IEND")) {
            *out = copy;
            *out_size = used;
            return STATUS_OK;
        }
    }
    mem_free(copy);
    return damaged(path, "it ends too early", diag);
}

/* Pixels of 16-bit channels, linear light multiplied by alpha, to straight bytes in place. */
static void make_bytes(unsigned char *pixels, size_t n, size_t channels)
{
    for (size_t i = 0; i < n; i++) {
        png_uint_16 linear[4] = {0, 0, 0, 65535};
        memcpy(linear, pixels + i * channels * sizeof *linear, channels * sizeof *linear);
        for (size_t c = 0; c < channels; c++) {
            float v = c == 3 ? linear[3] / 65535.0f : (float)linear[c] / (float)linear[3];
            if (c < 3)
                v = v < 1.0f ? powf(v, 1.0f / 2.2f) : 1.0f; /* also for no alpha: 0/0 */
            pixels[i * channels + c] = (unsigned char)(v * 255.0f + 0.5f);
        }
    }
}

/* Fills the planes of an image that has none; colours are laid over white. */
static enum status unpack(struct image *image, const unsigned char *bytes, size_t channels,
                          struct diag *diag)
{
    size_t n = (size_t)image->width * (size_t)image->height;
    bool opaque = true;
    for (size_t i = 0; i < n && channels == 4 && opaque; i++)
        opaque = bytes[4 * i + 3] == 255;
    TRY(image_init(image, image->width, image->height, diag));
    if (!opaque) {
        enum status status = mem_big(&image->alpha, n * sizeof(float), "a picture's alpha", diag);
        if (status != STATUS_OK) {
            image_clear(image);
            return status;
        }
    }
    for (size_t i = 0; i < n; i++, bytes += channels) {
        float a = opaque ? 1.0f : bytes[3] / 255.0f;
        for (size_t c = 0; c < 3; c++)
            image->rgb[c * n + i] = a * bytes[c] + (1.0f - a) * 255.0f;
        if (!opaque)
            image->alpha[i] = bytes[3];
    }
    return STATUS_OK;
}

static enum status decode(struct image *out, const unsigned char *data, size_t size,
                          const char *path, struct diag *diag)
{
    struct image image = {0};
    TRY(probe(&image.width, &image.height, data, size, path, diag));
    size_t n = (size_t)image.width * (size_t)image.height;
    /* Before memory is taken for what a few bytes claim. */
    if (n / 8 * data[DEPTH] / DEFLATE_MOST > size)
        return damaged(path, "it is too short for its size in pixels", diag);
    png_image png = {.version = PNG_IMAGE_VERSION};
    unsigned char *file = NULL, *bytes = NULL;
    TRY(keep_essentials(&file, &size, data, size, path, diag));
    enum status status;
    if (!png_image_begin_read_from_memory(&png, file, size)) {
        status = damaged(path, png.message, diag);
        goto done;
    }
    /* Without this, 16-bit files that name no gamma would be taken for linear light. */
    png.flags |= PNG_IMAGE_FLAG_16BIT_sRGB;
    png.format = png.format & PNG_FORMAT_FLAG_ALPHA ? PNG_FORMAT_RGBA : PNG_FORMAT_RGB;
    /* Asked for bytes of an interlaced 16-bit file, libpng mixes up the passes (its issue 853) or,
     * before 1.6.51, overruns the buffer (CVE-2025-65018). Linear light it gets right. */
    bool linear = data[DEPTH] == 16 && data[INTERLACED];
    if (linear)
        png.format |= PNG_FORMAT_FLAG_LINEAR;
    size_t channels = PNG_IMAGE_PIXEL_CHANNELS(png.format);
    status = mem_big(&bytes, mem_product(n, PNG_IMAGE_PIXEL_SIZE(png.format), 1), path, diag);
    if (status != STATUS_OK)
        goto done;
    if (!png_image_finish_read(&png, NULL, bytes, 0, NULL)) {
        status = damaged(path, png.message, diag);
        goto done;
    }
    if (linear)
        make_bytes(bytes, n, channels);
    status = unpack(&image, bytes, channels, diag);
    if (status == STATUS_OK)
        *out = image;
done:
    png_image_free(&png);
    mem_free(file);
    mem_free(bytes);
    return status;
}

/* Makes room for the job behind the header of the file of that size at data, and puts it there. */
static void insert_job(unsigned char *data, size_t size, const char *job, size_t length)
{
    size_t head = sizeof job_head, body = head + length;
    unsigned char *chunk = data + IHDR_END;
    memmove(chunk + CHUNK_FRAME + body, chunk, size - IHDR_END);
    put32(chunk, (uint32_t)body);
    memcpy(chunk + 4, "iTXt", 4);
    memcpy(chunk + 8, job_head, head);
    memcpy(chunk + 8 + head, job, length);
    put32(chunk + 8 + body, (uint32_t)crc32(0, chunk + 4, (uInt)(4 + body)));
}

/* The file of these pixels, *size bytes and room for that many more behind: *out (mem_free). */
static enum status compress_pixels(unsigned char **out, size_t *size, size_t room, png_image *png,
                                   const unsigned char *pixels, const char *path, struct diag *diag)
{
    png_alloc_size_t used = PNG_IMAGE_PNG_SIZE_MAX(*png);
    unsigned char *file;
    enum status status = STATUS_OK;
    TRY(mem_big(&file, room + used, path, diag));
    if (png_image_write_to_memory(png, file, &used, 0, pixels, 0, NULL)) {
        *out = file;
        *size = used;
    } else {
        status = diag_set(diag, STATUS_LIBRARY, "cannot encode %s: %s", path, png->message);
        mem_free(file);
    }
    png_image_free(png);
    return status;
}

static enum status encode(unsigned char **out, size_t *size, const struct image *image,
                          const char *job, const char *path, struct diag *diag)
{
    enum { LONGEST_JOB = 1 << 20 }; /* libpng reads no text chunk beyond 8 million bytes */
    size_t length = job ? strlen(job) : 0;
    if (length > LONGEST_JOB)
        return diag_set(diag, STATUS_RANGE, "the job is too long to be kept in %s", path);
    png_image png = {
        .version = PNG_IMAGE_VERSION,
        .width = (png_uint_32)image->width,
        .height = (png_uint_32)image->height,
        .format = image->alpha ? PNG_FORMAT_RGBA : PNG_FORMAT_RGB,
    };
    size_t room = job ? CHUNK_FRAME + sizeof job_head + length : 0, used;
    unsigned char *bytes, *file;
    TRY(image_pack(&bytes, image, (int)PNG_IMAGE_PIXEL_CHANNELS(png.format), diag));
    enum status status = compress_pixels(&file, &used, room, &png, bytes, path, diag);
    mem_free(bytes);
    if (status != STATUS_OK)
        return status;
    if (job)
        insert_job(file, used, job, length);
    *out = file;
    *size = used + room;
    return STATUS_OK;
}

enum status image_png_bytes(unsigned char **out, size_t *size, const unsigned char *rgb, int width,
                            int height, struct diag *diag)
{
    png_image png = {
        .version = PNG_IMAGE_VERSION,
        .width = (png_uint_32)width,
        .height = (png_uint_32)height,
        .format = PNG_FORMAT_RGB,
        .flags = PNG_IMAGE_FLAG_FAST,
    };
    return compress_pixels(out, size, 0, &png, rgb, "a picture", diag);
}

/* The data of the first iTXt chunk with the job's keyword, or NULL. */
static const unsigned char *find_job(size_t *length, const unsigned char *data, size_t size)
{
    const size_t keyword = strlen(job_head) + 1;
    const unsigned char *chunk;
    for (size_t at = SIGNATURE; (chunk = next_chunk(&at, length, data, size));)
        if (*length >= keyword && is(chunk, "iTXt") && memcmp(chunk, job_head, keyword) == 0)
            return chunk;
    return NULL;
}

enum status image_png_job(char **out, const unsigned char *data, size_t size, const char *path,
                          struct diag *diag)
{
    if (!recognise(data, size))
        return diag_set(diag, STATUS_INPUT, "%s is no PNG, so it holds no job", path);
    size_t length, head = sizeof job_head;
    const unsigned char *chunk = find_job(&length, data, size);
    if (!chunk)
        return diag_set(diag, STATUS_INPUT, "%s holds no job: strata did not write it, or another "
                        "program has removed its text", path);
    if (crc32(0, chunk - 4, (uInt)(4 + length)) != get32(chunk + length) || length < head ||
        memcmp(chunk, job_head, head) != 0 || memchr(chunk + head, 0, length - head))
        return diag_set(diag, STATUS_INPUT, "the job in %s is damaged or compressed", path);
    char *text;
    TRY(mem_big(&text, length - head + 1, "a job", diag));
    memcpy(text, chunk + head, length - head);
    *out = text;
    return STATUS_OK;
}

const struct image_codec image_png_codec = {
    .endings = ".png\0",
    .recognise = recognise,
    .probe = probe,
    .decode = decode,
    .encode = encode,
};
