/*
 * nn_layout.h: how features lie in memory, for nn's own files: pixel after pixel, the channels of
 * each side by side (nhwc), filled up to whole lanes with zeros. oneDNN has its fastest kernels for
 * this order, and the only ones that use AMX.
 */
#ifndef STRATA_NN_LAYOUT_H
#define STRATA_NN_LAYOUT_H

#include <stdbool.h>

#include "engine/nn/nn.h"

/* Numbers of a pixel come in multiples of this many, but for a picture's. */
enum { NN_LANES = 16 };

struct nn_layout {
    int channels, height, width;
    int lanes; /* numbers of a pixel: the channels and zeros */
    bool half; /* bfloat16, else float */
    bool is_picture;
};

/* A pixel of a picture in bfloat16: of each channel the rounded value, what rounding took away, and
 * the rounded value once more. With kernels that are the rounded ones, the same, and what rounding
 * took away of them, a convolution of bfloat16 numbers keeps all digits of a pixel. */
enum { NN_PICTURE_PARTS = 3 };

/* So many channels in whole lanes. */
int nn_whole_lanes(int channels);

void nn_layout_set(struct nn_layout *layout, int channels, int height, int width, bool half);
void nn_layout_set_picture(struct nn_layout *layout, int height, int width, bool half);
size_t nn_layout_pixels(const struct nn_layout *layout);

/* planes [3][height*width] = gradient at the picture, [height*width][lanes], its first three. */
void nn_picture_give(const struct nn_layout *layout, float *planes, const float *gradient,
                     size_t lanes);

#endif
