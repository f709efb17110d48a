/* rect.c: see rect.h. */
#include "tui/term/rect.h"

bool rect_holds(const struct rect *rect, int y, int x)
{
    return y >= rect->y && y < rect->y + rect->height && x >= rect->x && x < rect->x + rect->width;
}

bool rect_equal(const struct rect *a, const struct rect *b)
{
    return a->y == b->y && a->x == b->x && a->height == b->height && a->width == b->width;
}

/* Between 1 and most. */
static int limit(int value, int most)
{
    return value < 1 ? 1 : value > most ? most : value;
}

struct rect rect_fit(const struct rect *within, int width, int height, int cell_width,
                           int cell_height)
{
    struct rect r = {0};
    if (within->height < 1 || within->width < 1 || width < 1 || height < 1)
        return r;
    double across = (double)within->width * cell_width / width;
    double down = (double)within->height * cell_height / height;
    double scale = across < down ? across : down;
    r.width = limit((int)(width * scale / cell_width + 0.5), within->width);
    r.height = limit((int)(height * scale / cell_height + 0.5), within->height);
    r.y = within->y + (within->height - r.height) / 2;
    r.x = within->x + (within->width - r.width) / 2;
    return r;
}
