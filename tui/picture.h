/*
 * picture.h: how a picture gets onto the screen: this picture, in these cells. Called while the
 * screen is drawn. Knows nothing of runs and models.
 */
#ifndef STRATA_PICTURE_H
#define STRATA_PICTURE_H

#include "layout.h"

/* Shows rgb [height][width][3] in the largest part of `within` that has its aspect; returns that
 * part. What a frame draws over it afterwards stays visible. */
struct rect picture_place(const struct rect *within, const unsigned char *rgb, int width,
                          int height);

/* The pixels of a cell, as far as a picture can show them. */
void picture_cell(int *width, int *height);

#endif
