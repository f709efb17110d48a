/*
 * draw.h: the demo pictures. Each is a function in a file of its own that fills a canvas whose
 * sides are `unit` times those of the picture.
 */
#ifndef ASSETS_DRAW_H
#define ASSETS_DRAW_H

#include "engine/image/image.h"

/* X(name, width, height, unit) */
#define DRAW_PICTURES(X)                                                                           \
    X(coast, 640, 480, 3)                                                                          \
    X(night, 1280, 1000, 2)                                                                        \
    X(glass, 640, 500, 3)                                                                          \
    X(woodcut, 640, 500, 4)                                                                        \
    X(dots, 640, 500, 3)                                                                           \
    X(marbling, 640, 500, 3)                                                                       \
    X(watercolour, 640, 500, 2)

#define X(name, w, h, times) void name##_draw(struct image *canvas, double unit);
DRAW_PICTURES(X)
#undef X

#endif
