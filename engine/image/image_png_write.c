/*
 * image_png_write.c: PNG written row by row; libpng's jumps end in guard. Small pictures in memory
 * by libpng's simplified interface, which does not jump. Neither writes our text, so the chunk that
 * holds a job is made here.
 */
#include <png.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <zlib.h>

#include "engine/base/mem.h"
#include "engine/image/image_png.h"

static void put32(unsigned char *at, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        at[i] = (unsigned char)(value >> (24 - 8 * i));
}

/* The chunk with a job, which stands behind the header. */
struct job_chunk {
    unsigned char *data; /* mem_free */
    size_t size;         /* 0 without a job */
};

static enum status job_chunk_init(struct job_chunk *out, const char *job, const char *path,
                                  struct diag *diag)
{
    const size_t head = sizeof job_head;
    size_t length = job ? strlen(job) : 0, body = head + length;
    *out = (struct job_chunk){0};
    if (length > LONGEST_JOB)
        return diag_set(diag, STATUS_RANGE, "the job is too long to be kept in %s", path);
    if (!job)
        return STATUS_OK;
    TRY(mem_big(&out->data, CHUNK_FRAME + body, "a job", diag));
    out->size = CHUNK_FRAME + body;
    put32(out->data, (uint32_t)body);
    memcpy(out->data + 4, "iTXt", 4);
    memcpy(out->data + 8, job_head, head);
    memcpy(out->data + 8 + head, job, length);
    put32(out->data + 8 + body, (uint32_t)crc32(0, out->data + 4, (uInt)(4 + body)));
    return STATUS_OK;
}

/* Row by row. libpng jumps to report an error, so whatever outlives a call of it is in here. */

struct writer {
    struct image_encoder encoder;
    struct job_chunk job;
    png_structp png;
    png_infop info;
    const unsigned char *row; /* to be written */
    size_t written;           /* bytes of the file, up to the header's end */
    struct diag *diag;        /* of the call under way */
    enum status status;       /* of the file */
    char problem[80];
};

static void on_error(png_structp png, png_const_charp message)
{
    struct writer *w = png_get_error_ptr(png);
    snprintf(w->problem, sizeof w->problem, "%s", message);
    png_longjmp(png, 1);
}

static void on_warning(png_structp png, png_const_charp message)
{
    (void)png;
    (void)message;
}

static void take(png_structp png, png_bytep data, size_t size)
{
    struct writer *w = png_get_io_ptr(png);
    struct file_output *file = w->encoder.target.file;
    bool before = w->written < IHDR_END;
    w->status = file_output_append(file, data, size, w->diag);
    w->written += before ? size : 0;
    if (w->status == STATUS_OK && before && w->written == IHDR_END)
        w->status = file_output_append(file, w->job.data, w->job.size, w->diag);
    if (w->status != STATUS_OK)
        png_longjmp(png, 1);
}

static void flush(png_structp png)
{
    (void)png;
}

/* Calls work; where libpng jumps out of it, says what is wrong. */
static enum status guard(struct writer *w, void (*work)(struct writer *w), struct diag *diag)
{
    w->diag = diag;
    if (!setjmp(png_jmpbuf(w->png))) {
        work(w);
        return STATUS_OK;
    }
    if (w->status != STATUS_OK)
        return w->status;
    return diag_set(diag, STATUS_LIBRARY, "cannot encode %s: %s", w->encoder.target.path,
                    w->problem);
}

static void write_head(struct writer *w)
{
    const struct image_target *t = &w->encoder.target;
    png_set_write_fn(w->png, w, take, flush);
    png_set_user_limits(w->png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
    png_set_IHDR(w->png, w->info, (png_uint_32)t->width, (png_uint_32)t->height, 8,
                 t->channels == 4 ? PNG_COLOR_TYPE_RGB_ALPHA : PNG_COLOR_TYPE_RGB,
                 PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_BASE, PNG_FILTER_TYPE_BASE);
    png_set_sRGB(w->png, w->info, PNG_sRGB_INTENT_PERCEPTUAL);
    png_write_info(w->png, w->info);
}

static void write_row(struct writer *w)
{
    png_write_row(w->png, w->row);
}

static void write_end(struct writer *w)
{
    png_write_end(w->png, w->info);
}

enum status image_png_begin(struct image_encoder **out, const struct image_target *target,
                            struct diag *diag)
{
    struct writer *w = mem_new(sizeof *w);
    w->encoder.target = *target;
    enum status status = job_chunk_init(&w->job, target->job, target->path, diag);
    if (status == STATUS_OK) {
        w->png = png_create_write_struct(PNG_LIBPNG_VER_STRING, w, on_error, on_warning);
        w->info = w->png ? png_create_info_struct(w->png) : NULL;
        status = w->info ? guard(w, write_head, diag)
                         : diag_set(diag, STATUS_LIBRARY, "libpng does not start");
    }
    if (status == STATUS_OK)
        *out = &w->encoder;
    else
        image_png_stop(&w->encoder);
    return status;
}

enum status image_png_put(struct image_encoder *encoder, const unsigned char *row,
                          struct diag *diag)
{
    struct writer *w = (struct writer *)encoder;
    w->row = row;
    return guard(w, write_row, diag);
}

enum status image_png_end(struct image_encoder *encoder, struct diag *diag)
{
    return guard((struct writer *)encoder, write_end, diag);
}

void image_png_stop(struct image_encoder *encoder)
{
    struct writer *w = (struct writer *)encoder;
    png_destroy_write_struct(&w->png, &w->info);
    mem_free(w->job.data);
    mem_free(w);
}

/* In memory */

/* The file of these pixels, *size bytes and space for that many more behind: *out (mem_free). */
static enum status compress_pixels(unsigned char **out, size_t *size, size_t behind, png_image *png,
                                   const unsigned char *pixels, const char *path, struct diag *diag)
{
    png_alloc_size_t used = PNG_IMAGE_PNG_SIZE_MAX(*png);
    unsigned char *file;
    enum status status = STATUS_OK;
    TRY(mem_big(&file, behind + used, path, diag));
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

/* The pixels of all rows: *out (mem_free). */
static enum status pack_all(unsigned char **out, const struct image *image, size_t channels,
                            struct diag *diag)
{
    size_t n = (size_t)image->width * (size_t)image->height;
    const float *const from[4] = {image->rgb, image->rgb + n, image->rgb + 2 * n, image->alpha};
    TRY(mem_big(out, mem_times(n, channels), "a picture", diag));
    image_pack(*out, from, n, channels);
    return STATUS_OK;
}

enum status image_png_quick(unsigned char **out, size_t *size, const struct image *image,
                            const char *job, struct diag *diag)
{
    static const char path[] = "a picture";
    png_image png = {
        .version = PNG_IMAGE_VERSION,
        .width = (png_uint_32)image->width,
        .height = (png_uint_32)image->height,
        .format = image->alpha ? PNG_FORMAT_RGBA : PNG_FORMAT_RGB,
        .flags = PNG_IMAGE_FLAG_FAST,
    };
    struct job_chunk chunk;
    size_t used;
    unsigned char *bytes, *file;
    TRY(job_chunk_init(&chunk, job, path, diag));
    enum status status = pack_all(&bytes, image, PNG_IMAGE_PIXEL_CHANNELS(png.format), diag);
    if (status == STATUS_OK) {
        status = compress_pixels(&file, &used, chunk.size, &png, bytes, path, diag);
        mem_free(bytes);
    }
    if (status == STATUS_OK) {
        memmove(file + IHDR_END + chunk.size, file + IHDR_END, used - IHDR_END);
        if (chunk.size > 0)
            memcpy(file + IHDR_END, chunk.data, chunk.size);
        *out = file;
        *size = used + chunk.size;
    }
    mem_free(chunk.data);
    return status;
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

