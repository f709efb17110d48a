/*
 * image.h: pictures as planes of floats, read from PNG and JPEG and written to these and TIFF,
 * resized, cropped. image_png*.c and image_jpeg*.c are the only users of their libraries. Knows
 * nothing of networks or terminals.
 */
#ifndef STRATA_IMAGE_H
#define STRATA_IMAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/base/diag.h"
#include "engine/base/file.h"

#define IMAGE_MAX_PIXELS ((size_t)1 << 30) /* 30,000 × 30,000 */

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

/* ---- reading ------------------------------------------------------------------------------ */

/* PNG (any depth, colour type, interlacing), JPEG (grey, YCbCr, RGB, CMYK, YCCK, progressive) or
 * WebP (held whole; no animation), the latter two turned upright by their EXIF orientation. What
 * the file is decides, not its name: a .png that holds a JPEG is read. Colour under alpha is laid
 * over white, alpha kept aside. */

/* The formats that can be read, as words: endings for file_has_ending, ".png .jpg .jpeg .webp", and
 * names for a sentence, "PNG, JPEG or WebP"; and the endings of those that can be written. Return
 * out. */
enum { IMAGE_WORDS = 128 };
const char *image_endings(char out[IMAGE_WORDS]);
const char *image_names(char out[IMAGE_WORDS]);
const char *image_output_endings(char out[IMAGE_WORDS]);

/* Only the size, upright, from the file's head: quick, for planning and listing. */
enum status image_probe(int *width, int *height, const char *path, struct diag *diag);

/* What a file's head tells of its picture. */
struct image_head {
    int width, height; /* upright */
    int orientation;   /* EXIF's, 1 to 8 */
    int channels;      /* at most so many bytes a decoded pixel: 3, or 4 with alpha or black ink */
    size_t file;       /* no more of a JPEG's file is read */
    size_t held;       /* bytes that decoding takes at any size: an interlaced PNG's pixels, the
                          coefficients of a JPEG in several scans */
    size_t least;      /* no file with such a picture is shorter */
    const struct image_codec *codec;
};

/* All that the head tells; a file that is too short for what its head claims is refused. */
enum status image_inspect(struct image_head *out, const char *path, struct diag *diag);

/* The part of a picture to be read, in upright pixels (width 0: all of it), and the size that it
 * will be resized to (to_width 0: it is not resized). */
struct image_request {
    int left, top, width, height;
    int to_width, to_height;
};

/* A part of a file's picture. Where the request allows it, it is reduced while it is decoded: to no
 * less than twice the size requested, after which a bicubic resize looks as that of the whole. */
struct image_part {
    struct image image;
    double left, top, width, height; /* where the part lies in image, in its pixels */
};

/* The most bytes that image_read_part and image_part_resize to the size requested take. */
size_t image_need(const struct image_head *head, const struct image_request *request);

/* head: what image_inspect has said; a file that has changed since is refused (STATUS_INPUT).
 * image_clear(&out->image). All of a picture that needs no reduction is what the file holds. */
enum status image_read_part(struct image_part *out, const char *path,
                            const struct image_head *head, const struct image_request *request,
                            struct diag *diag);

/* As image_resize. */
enum status image_part_resize(struct image *out, const struct image_part *part, int width,
                              int height, struct diag *diag);

/* The text that image_write stored with a PNG under keyword "strata-job": *out on the heap
 * (mem_free). STATUS_INPUT if the file is no PNG or holds none. */
enum status image_read_job(char **out, const char *path, struct diag *diag);

/* PNG, JPEG (quality 95, 4:4:4) or TIFF (not compressed) by the name's ending; colours are rounded
 * and clamped to 0–255. Alpha goes into a PNG or TIFF, whose colours then have the white behind
 * them taken out again, so that the file seen on white, or read back, is this picture; it is
 * dropped for JPEG. job, if not NULL, is stored in the PNG as an iTXt chunk "strata-job". All or
 * nothing, see file_write. */
enum status image_write(const struct image *image, const char *path, const char *job,
                        enum file_overwrite mode, struct diag *diag);

/* The PNG of pixels as bytes, [height][width][3], compressed in a hurry: *out (mem_free). */
enum status image_png_bytes(unsigned char **out, size_t *size, const unsigned char *rgb, int width,
                            int height, struct diag *diag);

/* The same of a picture, with its job inside unless that is NULL. */
enum status image_png_quick(unsigned char **out, size_t *size, const struct image *image,
                            const char *job, struct diag *diag);

/* Would image_write work for a path with this ending? See file_check_output; STATUS_OUTPUT. */
enum status image_check_output(const char *path, enum file_overwrite mode, struct diag *diag);

/* Bicubic with a = −0.5 and a support that grows when shrinking, as Pillow's BICUBIC; clamped to
 * 0–255. out must be empty or another image than in. */
enum status image_resize(struct image *out, const struct image *in, int width, int height,
                         struct diag *diag);

/* Gives painted the colour of content and keeps its brightness: luma of painted, chroma of content
 * (Y'CbCr of ITU-R BT.601 as in JPEG/JFIF). Same sizes (assert). */
void image_keep_colours(struct image *painted, const struct image *content);

#endif
