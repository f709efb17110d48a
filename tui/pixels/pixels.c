/* pixels.c: see pixels.h: what is to be seen, and where. */
#include "tui/pixels/pixels_private.h"

#include "engine/base/mem.h"

static void set_codec(struct pixels *p)
{
    p->codec = p->graphics.kind == GRAPHICS_SIXEL   ? &pixels_sixel_codec
               : p->graphics.kind == GRAPHICS_KITTY ? &pixels_kitty_codec
                                                    : NULL;
    p->size_factor = 1;
}

struct pixels *pixels_open(struct tty *tty, const struct graphics *graphics,
                             enum cells_colours colours)
{
    struct pixels *p = mem_new(sizeof *p);
    p->tty = tty;
    p->graphics = *graphics;
    p->cell_colours = colours;
    p->current = PIXELS_NONE;
    p->answers = tty ? tty_answers(tty)->ready : 0;
    pacing_init(&p->pacing, tty ? tty_round(tty) : 0, !graphics->answers);
    set_codec(p);
    return p;
}

const struct graphics *pixels_graphics(const struct pixels *p)
{
    return &p->graphics;
}

bool pixels_under_way(const struct pixels *p)
{
    return p->current != PIXELS_NONE;
}

void pixels_hide(struct pixels *p, int slot)
{
    struct slot *s = &p->slot[slot];
    if (!s->wanted)
        return;
    pixels_take_off(p, slot);
    pixels_clear_slot(s);
}

void pixels_show(struct pixels *p, int slot, const struct rect *box, uint64_t subject,
                 const unsigned char *rgb, int width, int height)
{
    struct slot *s = &p->slot[slot];
    if (s->wanted && !rect_equal(&s->box, box))
        pixels_take_off(p, slot);
    else if (s->wanted && s->subject != subject)
        pixels_hurry(p, slot);
    s->subject = subject;
    s->wanted = s->fresh = true;
    s->box = *box;
    pixels_set_picture(&s->wants, rgb, width, height);
    bool space = box->height > 0 && box->width > 0;
    if (pixels_in_cells(p) && space && (!s->grid || !p->tty)) {
        mem_free(s->grid);
        s->grid = mem_new(sizeof *s->grid * (size_t)(box->height * box->width));
        pixels_make_grid(p, s, s->grid);
        s->fresh = false;
        p->figures.pictures++;
    }
}

void pixels_lost(struct pixels *p, double until)
{
    p->not_before = until;
    for (int i = 0; i < PIXELS_SLOTS; i++) {
        struct cell *grid = p->slot[i].grid;
        p->slot[i].grid = NULL;
        pixels_take_off(p, i);
        p->slot[i].grid = grid; /* curses draws those anew by itself */
    }
}

void pixels_set_graphics(struct pixels *p, const struct graphics *graphics, double until)
{
    pixels_lost(p, until);
    for (int i = 0; i < PIXELS_SLOTS; i++) {
        mem_free(p->slot[i].grid);
        p->slot[i].grid = NULL;
        p->slot[i].fresh = p->slot[i].wanted;
    }
    p->graphics = *graphics;
    p->pacing.mute = p->pacing.mute && !graphics->answers;
    set_codec(p);
}

void pixels_size(const struct pixels *p, const struct rect *box, int *width, int *height)
{
    int cell_width = p->graphics.cell_width, cell_height = p->graphics.cell_height;
    if (pixels_in_cells(p)) {
        cell_height = PIXELS_IN_CELL * cell_height / cell_width;
        cell_width = PIXELS_IN_CELL;
    }
    int most = p->codec ? p->codec->most_pixels : 10000;
    *width = box->width * cell_width < most ? box->width * cell_width : most;
    *height = box->height * cell_height < most ? box->height * cell_height : most;
}

struct rect pixels_part(const struct pixels *p, const struct rect *box, int width, int height)
{
    struct scale_fit fit;
    int cell_width = p->graphics.cell_width, cell_height = p->graphics.cell_height;
    if (!p->codec)
        return pixels_cells_part(p, box, width, height);
    return pixels_frame_place(&fit, p->codec, box, cell_width, cell_height, width, height, 1);
}

void pixels_close(struct pixels **pixels)
{
    struct pixels *p = *pixels;
    if (!p)
        return;
    for (int i = 0; i < PIXELS_SLOTS; i++) {
        pixels_take_off(p, i);
        pixels_clear_slot(&p->slot[i]);
    }
    pixels_write_last(p);
    pixels_frame_clear(&p->frame);
    mem_free(p->out.data);
    mem_free(p);
    *pixels = NULL;
}
