/*
 * image_rows.h: pictures row by row, from top to bottom: out of a file, out of memory, resized on
 * the way. A stream of rows holds a window of a few rows, never a whole picture in floats. It
 * belongs to one thread at a time.
 */
#ifndef STRATA_IMAGE_ROWS_H
#define STRATA_IMAGE_ROWS_H

#include <stdbool.h>

#include "engine/image/image.h"

struct image_rows_kind; /* image_codec.h */

/* To be read only. */
struct image_rows {
    int width, height;
    bool alpha; /* its rows have alpha; a file's may turn out to be opaque everywhere */
    int given;  /* rows that have been taken */
    const struct image_rows_kind *kind;
};

/* The part requested of a file's picture, resized as image_read_part and image_part_resize do it,
 * to the last bit. head: what image_inspect has said; a file that has changed since is refused
 * (STATUS_INPUT). What is wrong with the file behind the rows wanted comes to light with the last
 * row. */
enum status image_rows_open(struct image_rows **out, const char *path,
                            const struct image_head *head, const struct image_request *request,
                            struct diag *diag);

/* The most bytes that such a stream takes. Files that cannot be decoded by rows are held: an
 * interlaced PNG with 4 bytes a pixel, the coefficients of a progressive JPEG, the bytes of one
 * that lies on its side or its head. */
size_t image_rows_need(const struct image_head *head, const struct image_request *request);

/* A part of a picture in memory, resized. The planes are borrowed until the stream is closed. */
enum status image_rows_of(struct image_rows **out, const struct image_part *part, int width,
                          int height, struct diag *diag);

/* What of a picture is resized, in its pixels. */
struct image_place {
    double left, top, width, height;
};

/* The rows of *source, or only of a place in them, resized. Takes *source over, which is NULL
 * afterwards whatever the status, and closes it in the end. place NULL: all of it. */
enum status image_rows_resize(struct image_rows **out, struct image_rows **source,
                              const struct image_place *place, int width, int height,
                              struct diag *diag);

/* The most bytes that it takes, its source apart: from w × h, of 3 planes or 4 with alpha. */
size_t image_rows_resize_need(size_t planes, size_t w, size_t h, size_t to_w, size_t to_h);

/* The next row, [width] each, 0–255; asking for more than there are is our mistake (assert). alpha
 * NULL: it is left out; 255 where the rows have none. All NULL: the row is skipped. After a failure
 * only image_rows_close is left. */
enum status image_rows_next(struct image_rows *rows, float *r, float *g, float *b, float *alpha,
                            struct diag *diag);

/* All rows as a picture, image_clear it. Closes *rows, whatever the status. */
enum status image_rows_gather(struct image *out, struct image_rows **rows, struct diag *diag);

/* At any time; NULL is fine. */
void image_rows_close(struct image_rows **rows);

/* A file that is written row by row, as image_write writes it: PNG, JPEG or TIFF by the name's
 * ending; memory for a few rows. Nothing is at path before finish, and nothing is left over
 * without. */
struct image_writer;

/* alpha: the rows will have it. Sizes that the format cannot have are refused (STATUS_RANGE). */
enum status image_writer_open(struct image_writer **out, const char *path, int width, int height,
                              bool alpha, const char *job, enum file_overwrite mode,
                              struct diag *diag);

/* The next row, [width] each; alpha NULL if it was not announced. After a failure only
 * image_writer_close is left. */
enum status image_writer_row(struct image_writer *writer, const float *r, const float *g,
                             const float *b, const float *alpha, struct diag *diag);

/* After all rows (assert). */
enum status image_writer_finish(struct image_writer *writer, struct diag *diag);

/* At any time; NULL is fine. */
void image_writer_close(struct image_writer **writer);

#endif
