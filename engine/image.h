/*
 * image.h: pictures as planes of floats, read from and written to PNG and JPEG, resized, cropped.
 * image_png.c and image_jpeg.c are the only users of their libraries. Knows nothing of networks
 * or terminals.
 */
#ifndef STRATA_IMAGE_H
#define STRATA_IMAGE_H

#include <stddef.h>

#include "diag.h"
#include "file.h"

#define IMAGE_MAX_PIXELS ((size_t)1 << 27)

/* An open struct; zeroed is an empty picture. */
struct image {
    int width, height;
    float *rgb;   /* [3][height*width], 0–255, R then G then B */
    float *alpha; /* [height*width], 0–255, or NULL: opaque */
};

/* width × height, black and opaque. STATUS_RANGE beyond IMAGE_MAX_PIXELS or below 1. */
enum status image_init(struct image *out, int width, int height, struct diag *diag);

/* Frees the planes and leaves *image zeroed; NULL and zeroed are fine. */
void image_clear(struct image *image);

enum status image_copy(struct image *out, const struct image *in, struct diag *diag);

/* Reads a PNG (any depth, colour type, interlacing) or JPEG (grey, YCbCr, RGB, CMYK, YCCK,
 * progressive; turned upright by its EXIF orientation). What the file is decides, not its name;
 * a name that says otherwise (.png holding a JPEG) is fine, but neither is a sentence. Colour under
 * alpha is laid over white, alpha kept aside. *out is untouched on failure; else image_clear it. */
enum status image_read(struct image *out, const char *path, struct diag *diag);

/* Only the size, upright, from the file's head: quick, for planning and listing. */
enum status image_probe(int *width, int *height, const char *path, struct diag *diag);

/* The text that image_write stored with a PNG under keyword "strata-job": *out on the heap
 * (mem_free). STATUS_INPUT if the file is no PNG or holds none. */
enum status image_read_job(char **out, const char *path, struct diag *diag);

/* PNG or JPEG (quality 95, 4:4:4) by the name's ending; colours are rounded and clamped to 0–255.
 * Alpha goes into a PNG, whose colours then have the white behind them taken out again, so that
 * the file seen on white, or read back, is this picture; it is dropped for JPEG. job, if not NULL,
 * is stored in the PNG as an iTXt chunk "strata-job". All or nothing, see file_write. */
enum status image_write(const struct image *image, const char *path, const char *job,
                        enum file_overwrite mode, struct diag *diag);

/* The PNG of pixels as bytes, [height][width][3], compressed in a hurry: *out (mem_free). */
enum status image_png_bytes(unsigned char **out, size_t *size, const unsigned char *rgb, int width,
                            int height, struct diag *diag);

/* Would image_write work for a path with this ending? See file_check_output; STATUS_OUTPUT. */
enum status image_check_output(const char *path, enum file_overwrite mode, struct diag *diag);

/* Bicubic with a = −0.5 and a support that grows when shrinking, as Pillow's BICUBIC; clamped to
 * 0–255. out must be empty or another image than in. */
enum status image_resize(struct image *out, const struct image *in, int width, int height,
                         struct diag *diag);

/* The rectangle at left, top of the given size; it must lie inside (assert). */
enum status image_crop(struct image *out, const struct image *in, int left, int top, int width,
                       int height, struct diag *diag);

/* Gives painted the colour of content and keeps its brightness: luma of painted, chroma of content
 * (Y'CbCr of ITU-R BT.601 as in JPEG/JFIF). Same sizes (assert). */
void image_keep_colours(struct image *painted, const struct image *content);

#endif
