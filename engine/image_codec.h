/*
 * image_codec.h: private to image.c, image_png.c and image_jpeg.c: what one file format can do.
 * Files are whole blocks of memory here; path only names them in sentences.
 */
#ifndef STRATA_IMAGE_CODEC_H
#define STRATA_IMAGE_CODEC_H

#include <stdbool.h>

#include "image.h"

struct image_codec {
    const char *endings; /* as file_has_ending wants them */
    bool (*recognise)(const unsigned char *data, size_t size);
    /* The upright size, checked with image_check_size; the file's head may do. */
    enum status (*probe)(int *width, int *height, const unsigned char *data, size_t size,
                         const char *path, struct diag *diag);
    enum status (*decode)(struct image *out, const unsigned char *data, size_t size,
                          const char *path, struct diag *diag);
    /* *out (mem_free); job may be NULL and is left out where the format has no place for it. */
    enum status (*encode)(unsigned char **out, size_t *size, const struct image *image,
                          const char *job, const char *path, struct diag *diag);
};

extern const struct image_codec image_png_codec;
extern const struct image_codec image_jpeg_codec;

/* Text of the PNG's chunk "strata-job": see image_read_job. */
enum status image_png_job(char **out, const unsigned char *data, size_t size, const char *path,
                          struct diag *diag);

/* STATUS_RANGE unless both sides are positive and IMAGE_MAX_PIXELS hold them. */
enum status image_check_size(unsigned long width, unsigned long height, const char *path,
                             struct diag *diag);

/* *out (mem_free) = pixels of 3 (RGB) or 4 (RGB and straight alpha) bytes, rounded and clamped. */
enum status image_pack(unsigned char **out, const struct image *image, int channels,
                       struct diag *diag);

#endif
