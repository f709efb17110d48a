/*
 * rect.h: rectangles of cells on a screen. Arithmetic only.
 */
#ifndef STRATA_RECT_H
#define STRATA_RECT_H

#include <stdbool.h>

/* In cells; height or width 0: empty. */
struct rect {
    int y, x, height, width;
};

bool rect_holds(const struct rect *rect, int y, int x);
bool rect_equal(const struct rect *a, const struct rect *b);

/* The largest rectangle in the middle of `within` that a picture of the given size fills at its
 * aspect ratio, where a cell is cell_width × cell_height pixels; empty if there is no space. */
struct rect rect_fit(const struct rect *within, int width, int height, int cell_width,
                     int cell_height);

#endif
