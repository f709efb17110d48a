/* layout.c: see layout.h. */
#include "layout.h"

bool layout_inside(const struct rect *rect, int y, int x)
{
    return y >= rect->y && y < rect->y + rect->height && x >= rect->x && x < rect->x + rect->width;
}
