/*
 * image_codec.h: private to image*.c: what one file format can do. path only names the file in
 * sentences.
 */
#ifndef STRATA_IMAGE_CODEC_H
#define STRATA_IMAGE_CODEC_H

#include <stdbool.h>
#include <stdio.h>

#include "engine/image/image.h"

/* How a part of a picture is decoded: every side divided by `by`. */
struct image_plan {
    int left, top, width, height; /* in upright pixels of the file */
    int by;
};

struct image_codec {
    const char *name;
    const char *endings; /* as file_has_ending wants them */
    bool (*recognise)(const unsigned char *data, size_t size);
    /* Fills *head but for its codec, the size checked with image_check_size, from a file of that
     * size at its start, and reads no more than it must. */
    enum status (*probe)(struct image_head *head, FILE *file, size_t size, const char *path,
                         struct diag *diag);
    /* The largest `by` that the format can do, of at most so much. */
    int (*divisor)(int most);
    /* Bytes that decode takes, the part that it gives apart. */
    size_t (*need)(const struct image_head *head, const struct image_plan *plan);
    /* From a file at its start. */
    enum status (*decode)(struct image_part *out, const struct image_head *head,
                          const struct image_plan *plan, FILE *file, const char *path,
                          struct diag *diag);
    /* *out (mem_free); job may be NULL and is left out where the format has no place for it. */
    enum status (*encode)(unsigned char **out, size_t *size, const struct image *image,
                          const char *job, const char *path, struct diag *diag);
};

/* Rows of bytes, RGB or RGBA, to planes: the part that the plan says, boxes of by × by pixels to
 * their mean, colours laid over white. */
struct image_reducer {
    const struct image_plan *plan;
    size_t channels;
    struct image image; /* with an alpha plane */
    double *sum;        /* [image.width][4] of the boxes under way */
    int rows;           /* that are in them */
    bool opaque;
};

enum status image_reducer_init(struct image_reducer *reducer, const struct image_plan *plan,
                               size_t channels, struct diag *diag);

/* Takes the picture's row y, rows in order. */
void image_reducer_take(struct image_reducer *reducer, const unsigned char *row, int y);

/* The part, once all rows have been taken. */
void image_reducer_finish(struct image_part *out, struct image_reducer *reducer);

void image_reducer_clear(struct image_reducer *reducer);

extern const struct image_codec image_png_codec, image_jpeg_codec;

/* The format of a file that begins with data. STATUS_INPUT, with a sentence that names what it
 * looks like, for anything else. */
enum status image_recognise(const struct image_codec **out, const unsigned char *data, size_t size,
                            const char *path, struct diag *diag);

/* Text of the PNG's chunk "strata-job": see image_read_job. */
enum status image_png_job(char **out, FILE *file, const char *path, struct diag *diag);

/* STATUS_RANGE unless both sides are positive and IMAGE_MAX_PIXELS hold them. */
enum status image_check_size(unsigned long width, unsigned long height, const char *path,
                             struct diag *diag);

/* *out (mem_free) = pixels of 3 (RGB) or 4 (RGB and straight alpha) bytes, rounded and clamped. */
enum status image_pack(unsigned char **out, const struct image *image, int channels,
                       struct diag *diag);

#endif
