/*
 * image_codec.h: private to image*.c: what one file format can do, and what a stream of rows is
 * made of. path only names the file in sentences.
 */
#ifndef STRATA_IMAGE_CODEC_H
#define STRATA_IMAGE_CODEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "engine/image/image_rows.h"

/* How a part of a picture is decoded: every side divided by `by`. */
struct image_plan {
    int left, top, width, height; /* in upright pixels of the file */
    int by;
};

/* A file that is being decoded; the beginning of a format's own struct. */
struct image_decoder {
    int width, height; /* of the rows that it gives, upright */
    bool alpha;
    int box;           /* what is left to divide by: rows and columns to be taken together */
    double left, top;  /* where the plan's part begins in these rows */
};

/* A file to be written. */
struct image_target {
    int width, height;
    size_t channels;  /* 3: RGB, 4: RGB and straight alpha */
    const char *job;  /* NULL: none; left out where the format has no place for it. Until begin is
                         over */
    const char *path; /* for sentences */
    struct file_output *file;
};

/* A file that is being encoded; the beginning of a format's own struct. */
struct image_encoder {
    struct image_target target;
};

/* A format; one that is only written has nothing of what is for reading, and vice versa. */
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
    /* Bytes that a decoder takes, head->held apart. */
    size_t (*need)(const struct image_head *head, const struct image_plan *plan);
    /* From a file at its start, which is lent until close. */
    enum status (*open)(struct image_decoder **out, const struct image_head *head,
                        const struct image_plan *plan, FILE *file, const char *path,
                        struct diag *diag);
    /* The next row's pixels from, from + 1, … to planes [count], colours laid over white; to[3]
     * NULL: no alpha; to NULL: the row is skipped. With the last row the file is read to its end,
     * so that what is wrong with it comes to light. */
    enum status (*row)(struct image_decoder *decoder, float *const to[4], int from, int count,
                       struct diag *diag);
    void (*close)(struct image_decoder *decoder);
    /* Writing: begin, put every row, end; stop at any time, which frees. */
    bool keeps_alpha;
    enum status (*begin)(struct image_encoder **out, const struct image_target *target,
                         struct diag *diag);
    /* Bytes, target.channels a pixel. */
    enum status (*put)(struct image_encoder *encoder, const unsigned char *row, struct diag *diag);
    enum status (*end)(struct image_encoder *encoder, struct diag *diag);
    void (*stop)(struct image_encoder *encoder);
};

extern const struct image_codec image_png_codec, image_jpeg_codec, image_webp_codec,
    image_tiff_codec;

/* What a stream of rows can do; its struct begins with struct image_rows. */
struct image_rows_kind {
    /* to[3] NULL: no alpha, and always so if rows have none; to[0] NULL: the row is skipped. */
    enum status (*next)(struct image_rows *rows, float *const to[4], struct diag *diag);
    void (*close)(struct image_rows *rows); /* frees it, too */
};

/* The rows of a part of a file as image_read_part has it, and where the part lies in them. */
enum status image_rows_read(struct image_rows **out, struct image_place *place, const char *path,
                            const struct image_head *head, const struct image_request *request,
                            struct diag *diag);

/* EXIF's orientation, 1 to 8, from a TIFF structure; 1 (upright) if it does not say. */
int image_orientation(const unsigned char *data, size_t size);

/* Are the stored rows the picture's columns? */
bool image_on_its_side(const struct image_head *head);

/* Where in stored rows of that size the upright picture's first pixel lies, and how far it is, in
 * pixels, from one to the next in x and in y. */
struct image_walk {
    ptrdiff_t first, right, down;
};
struct image_walk image_walk(int orientation, int width, int height);

/* Written so that a NaN becomes 0. */
static inline float image_clamp(float v)
{
    return v > 0.0f ? v < 255.0f ? v : 255.0f : 0.0f;
}

/* The format of a file that begins with data. STATUS_INPUT, with a sentence that names what it
 * looks like, for anything else. */
enum status image_recognise(const struct image_codec **out, const unsigned char *data, size_t size,
                            const char *path, struct diag *diag);

/* Text of the PNG's chunk "strata-job": see image_read_job. */
enum status image_png_job(char **out, FILE *file, const char *path, struct diag *diag);

/* STATUS_RANGE unless both sides are positive and IMAGE_MAX_PIXELS hold them. */
enum status image_check_size(unsigned long width, unsigned long height, const char *path,
                             struct diag *diag);

/* n pixels of three planes, or with straight alpha of four, to bytes, rounded and clamped. */
void image_pack(unsigned char *out, const float *const from[4], size_t n, size_t channels);

/* The format that a name's ending says; STATUS_OUTPUT. */
enum status image_codec_by_ending(const struct image_codec **out, const char *path,
                                  struct diag *diag);

#endif
