/* pixels_cells.c: pictures in characters, see pixels_private.h. */
#include "tui/pixels/pixels_private.h"

#include <string.h>

#include "engine/base/mem.h"

static int divide_up(int n, int step)
{
    return (n + step - 1) / step;
}

struct rect pixels_cells_part(const struct pixels *p, const struct rect *box, int width, int height)
{
    int tall = PIXELS_IN_CELL * p->graphics.cell_height / p->graphics.cell_width;
    int columns = divide_up(width, PIXELS_IN_CELL), rows = divide_up(height, tall);
    if (columns > box->width || rows > box->height)
        return rect_fit(box, width, height, p->graphics.cell_width, p->graphics.cell_height);
    return (struct rect){box->y + (box->height - rows) / 2, box->x + (box->width - columns) / 2,
                         rows, columns};
}

void pixels_make_grid(const struct pixels *p, const struct slot *s, struct cell *grid)
{
    const struct cell blank = {' ', CELL_DEFAULT, CELL_DEFAULT};
    struct rect at = pixels_cells_part(p, &s->box, s->wants.width, s->wants.height);
    for (int i = 0; i < s->box.height * s->box.width; i++)
        grid[i] = blank;
    if (at.width < 1 || at.height < 1)
        return;
    struct cell *cells = mem_new(sizeof *cells * (size_t)(at.width * at.height));
    cells_draw(cells, at.width, at.height, p->cell_colours, p->graphics.kind == GRAPHICS_ASCII,
               s->wants.rgb, s->wants.width, s->wants.height);
    for (int y = 0; y < at.height; y++)
        memcpy(grid + (at.y - s->box.y + y) * s->box.width + at.x - s->box.x, cells + y * at.width,
               sizeof *cells * (size_t)at.width);
    mem_free(cells);
}

const struct cell *pixels_cells(const struct pixels *p, int slot, const struct rect *box)
{
    const struct slot *s = &p->slot[slot];
    return pixels_in_cells(p) && s->wanted && rect_equal(&s->box, box) ? s->grid : NULL;
}

bool pixels_cells_begin(struct pixels *p, int i)
{
    struct slot *s = &p->slot[i];
    if (s->box.height < 1 || s->box.width < 1)
        return false;
    mem_free(s->next_grid);
    s->next_grid = mem_new(sizeof *s->next_grid * (size_t)(s->box.height * s->box.width));
    pixels_make_grid(p, s, s->next_grid);
    p->released = 0;
    return true;
}

/* Releases as many rows as there is space for; curses takes them with the next frame. */
void pixels_cells_piece(struct pixels *p, size_t space)
{
    struct slot *s = &p->slot[p->current];
    size_t row = (size_t)(s->box.width * cells_cost(p->cell_colours)) + 1;
    int rows = (int)(space / row) + 1;
    if (rows > s->box.height - p->released)
        rows = s->box.height - p->released;
    size_t at = (size_t)(p->released * s->box.width), n = (size_t)(rows * s->box.width);
    memcpy(s->grid + at, s->next_grid + at, n * sizeof *s->grid);
    p->released += rows;
    p->drawn_bytes += (size_t)rows * row;
    p->redraw = true;
    p->frame.done = p->released == s->box.height;
}
