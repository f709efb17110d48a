/* picture.c: see picture.h. Half blocks, in the terminal's colours. */
#include "picture.h"

#include "draw.h"

void picture_cell(int *width, int *height)
{
    *width = DRAW_CELL_WIDTH;
    *height = DRAW_CELL_HEIGHT;
}

struct rect picture_place(const struct rect *within, const unsigned char *rgb, int width,
                          int height)
{
    struct rect r =
        layout_picture(within, width, height, DRAW_CELL_WIDTH, DRAW_CELL_HEIGHT);
    draw_picture(&r, rgb, width, height);
    return r;
}
