/*
 * scale.h: small pictures of bytes, [height][width][3], RGB, brought to the size at which they are
 * shown. Knows no terminals.
 */
#ifndef STRATA_SCALE_H
#define STRATA_SCALE_H

#include "engine/image/image.h"

/* How a picture is put into a box: the rows of it that are used, and the size that they get. */
struct scale_fit {
    int source_height, width, height;
};

/* The largest that keeps the aspect, fits into box_width × box_height and whose height is a
 * multiple of `step`, for which up to step − 1 rows at the bottom are left out. Never enlarged:
 * what is to fill a box is made for it. width 0: no space. */
struct scale_fit scale_fit(int width, int height, int box_width, int box_height, int step);

/* out, [out_height][out_width][3], gets the whole of rgb: the mean of the pixels that each covers
 * when shrinking, the nearest when enlarging. */
void scale_rgb(unsigned char *out, int out_width, int out_height, const unsigned char *rgb,
               int width, int height);

/* The picture as bytes, shrunk to fit into box_width × box_height if it is larger: *rgb
 * (mem_free), *width × *height. */
enum status scale_image(unsigned char **rgb, int *width, int *height, const struct image *image,
                        int box_width, int box_height, struct diag *diag);

#endif
