/*
 * picture.h: where a network gets a picture's rows from: memory, or a file that is read as the
 * network goes over it.
 */
#ifndef STRATA_PICTURE_H
#define STRATA_PICTURE_H

#include "engine/base/diag.h"
#include "engine/image/image_rows.h"

/* Sets plane R, G, B to rows first … first + count − 1, [count][width] each, 0–255, which stay
 * there until the next call. */
typedef enum status picture_rows_take(void *context, const float *plane[3], int first, int count,
                                      struct diag *diag);

struct picture_rows {
    picture_rows_take *take;
    void *context;
};

/* Planes in memory, which begin with row `first` of the picture. */
struct picture_planes {
    const float *rgb; /* [3][rows*width] */
    int width, rows, first;
};
picture_rows_take picture_planes_take; /* context: struct picture_planes */

/* Rows as they come, of which the last `most` are kept: asked for in order, at most so many at a
 * time, none that are gone. Zeroed is none. */
struct picture_stream {
    struct image_rows *rows; /* NULL: all of them are alike */
    float *block;            /* [3][most*width] */
    int width, most;
    int first, count; /* those in the block */
};

/* Takes *rows over, which is NULL afterwards whatever the status. */
enum status picture_stream_open(struct picture_stream *stream, struct image_rows **rows, int most,
                                struct diag *diag);

/* A picture of one colour. */
enum status picture_stream_flat(struct picture_stream *stream, int width, int most,
                                const float rgb[3], struct diag *diag);
void picture_stream_close(struct picture_stream *stream);
picture_rows_take picture_stream_take; /* context: struct picture_stream */

/* Bytes that a stream takes besides its rows. */
size_t picture_stream_need(int width, int most);

#endif
