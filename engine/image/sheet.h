/*
 * sheet.h: many small pictures on one large one, each in a box with a caption below, rows and
 * columns with headings if wanted; black on white, in letters of its own. A box without a picture
 * is grey and says why. Pictures are put in one at a time, so that none but the sheet takes memory.
 */
#ifndef STRATA_SHEET_H
#define STRATA_SHEET_H

#include "engine/image/image.h"

struct sheet;

struct sheet_spec {
    int columns, count;   /* boxes, row by row */
    int width, height;    /* of a box, pixels; a smaller picture stands in its middle */
    int lines;            /* of a caption, at most; 0: none */
    const char *title;    /* NULL: none */
    const char *const *column, *const *row; /* headings, [columns] and [rows], or NULL */
};

/* STATUS_RANGE: the sheet would have more than IMAGE_MAX_PIXELS. */
enum status sheet_open(struct sheet **out, const struct sheet_spec *spec, struct diag *diag);
void sheet_close(struct sheet **sheet);

/* How many lines text takes below a box of that width; letters are ASCII, all else is '?'. */
int sheet_lines(const char *text, int width);

/* picture: no larger than the box; NULL: there is none, and why says so. */
void sheet_put(struct sheet *sheet, int box, const struct image *picture, const char *caption,
               const char *why);

/* A PNG, in place of what is there. */
enum status sheet_write(const struct sheet *sheet, const char *path, struct diag *diag);

/* A file's picture, reduced to fit into a box, never enlarged; image_clear it. */
enum status sheet_read(struct image *out, const char *path, int width, int height,
                       struct diag *diag);

#endif
