/* pixels.c: see pixels.h: what is wanted on the screen, and what has to leave it. */
#include "tui/pixels/pixels_private.h"

#include <string.h>

#include "engine/base/mem.h"

bool pixels_in_cells(const struct pixels *p)
{
    return p->graphics.kind == GRAPHICS_CELLS || p->graphics.kind == GRAPHICS_ASCII;
}

/* ---- what is wanted ----------------------------------------------------------------------- */

static void set_codec(struct pixels *p)
{
    p->codec = p->graphics.kind == GRAPHICS_SIXEL   ? &pixels_sixel_codec
               : p->graphics.kind == GRAPHICS_KITTY ? &pixels_kitty_codec
                                                    : NULL;
    p->thick = 1;
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
    pacing_init(&p->flow, tty ? tty_round(tty) : 0, !graphics->answers);
    set_codec(p);
    return p;
}

const struct graphics *pixels_graphics(const struct pixels *p)
{
    return &p->graphics;
}

static void clear_picture(struct picture *picture)
{
    mem_free(picture->rgb);
    *picture = (struct picture){0};
}

/* Remembers to wipe; what does not fit any more stays until the screen is cleared. */
static void add_wipe(struct pixels *p, const struct rect *cells)
{
    if (p->wipes < PIXELS_WIPES)
        p->wipe[p->wipes++] = *cells;
}

/* Ends the picture under way before its time. */
void pixels_abandon(struct pixels *p)
{
    if (p->current == PIXELS_NONE)
        return;
    if (p->codec && p->codec->abandon)
        p->codec->abandon(&p->frame, &p->out);
    /* also where it would be begun again for a change only */
    p->slot[p->current].lost = p->slot[p->current].fresh = true;
    clear_picture(&p->slot[p->current].shows);
    frame_clear(&p->frame);
    p->current = PIXELS_NONE;
}

static void take_off(struct pixels *p, int i)
{
    struct slot *s = &p->slot[i];
    if (p->current == i)
        pixels_abandon(p);
    if (s->on_screen && p->codec) {
        add_wipe(p, &s->cells);
        if (p->codec->remove)
            p->codec->remove(i + 1, &p->out);
    }
    s->on_screen = false;
    s->lost = true;
    mem_free(s->grid);
    mem_free(s->coming);
    s->grid = s->coming = NULL;
}

static void clear_slot(struct slot *s)
{
    mem_free(s->grid);
    mem_free(s->coming);
    mem_free(s->colours.palette);
    clear_picture(&s->wants);
    clear_picture(&s->shows);
    *s = (struct slot){0};
}

void pixels_hide(struct pixels *p, int slot)
{
    struct slot *s = &p->slot[slot];
    if (!s->wanted)
        return;
    take_off(p, slot);
    clear_slot(s);
}

void pixels_set_picture(struct picture *picture, const unsigned char *rgb, int width, int height)
{
    size_t n = 3 * (size_t)width * (size_t)height;
    if (picture->width != width || picture->height != height) {
        clear_picture(picture);
        if (mem_big(&picture->rgb, n, "a picture", NULL) != STATUS_OK)
            return;
        picture->width = width;
        picture->height = height;
    }
    memcpy(picture->rgb, rgb, n);
}

void pixels_show(struct pixels *p, int slot, const struct rect *box, const unsigned char *rgb,
                  int width, int height)
{
    struct slot *s = &p->slot[slot];
    if (s->wanted && !rect_equal(&s->box, box))
        take_off(p, slot);
    s->wanted = s->fresh = true;
    s->box = *box;
    pixels_set_picture(&s->wants, rgb, width, height);
    bool room = box->height > 0 && box->width > 0;
    if (pixels_in_cells(p) && room && (!s->grid || !p->tty)) {
        mem_free(s->grid);
        s->grid = mem_new(sizeof *s->grid * (size_t)(box->height * box->width));
        pixels_make_grid(p, s, s->grid);
        s->fresh = false;
        p->figures.pictures++;
    }
}

void pixels_lost(struct pixels *p, double until)
{
    p->quiet = until;
    for (int i = 0; i < PIXELS_SLOTS; i++) {
        struct cell *grid = p->slot[i].grid;
        p->slot[i].grid = NULL;
        take_off(p, i);
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
    p->flow.mute = p->flow.mute && !graphics->answers;
    set_codec(p);
}

void pixels_size(const struct pixels *p, const struct rect *box, int *width, int *height)
{
    int cell_width = p->graphics.cell_width, cell_height = p->graphics.cell_height;
    if (pixels_in_cells(p)) {
        cell_height = 4 * cell_height / cell_width;
        cell_width = 4;
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
        return rect_fit(box, width, height, cell_width, cell_height);
    return frame_place(&fit, p->codec, box, cell_width, cell_height, width, height, 1);
}

void pixels_close(struct pixels **preview)
{
    struct pixels *p = *preview;
    if (!p)
        return;
    for (int i = 0; i < PIXELS_SLOTS; i++) {
        take_off(p, i);
        clear_slot(&p->slot[i]);
    }
    pixels_write_last(p);
    frame_clear(&p->frame);
    mem_free(p->out.data);
    mem_free(p);
    *preview = NULL;
}
