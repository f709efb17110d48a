/* preview.c: see preview.h: what is wanted on the screen, and what has to leave it. */
#include "preview_state.h"

#include <string.h>

#include "../engine/mem.h"

bool preview_equal(const struct rect *a, const struct rect *b)
{
    return a->y == b->y && a->x == b->x && a->height == b->height && a->width == b->width;
}

bool preview_in_cells(const struct preview *p)
{
    return p->graphics.kind == GRAPHICS_CELLS || p->graphics.kind == GRAPHICS_ASCII;
}

/* ---- what is wanted ----------------------------------------------------------------------- */

static void set_codec(struct preview *p)
{
    p->codec = p->graphics.kind == GRAPHICS_SIXEL   ? &preview_sixel_codec
               : p->graphics.kind == GRAPHICS_KITTY ? &preview_kitty_codec
                                                    : NULL;
    p->thick = 1;
}

struct preview *preview_open(struct tty *tty, const struct graphics *graphics,
                             enum cells_colours colours)
{
    struct preview *p = mem_new(sizeof *p);
    p->tty = tty;
    p->graphics = *graphics;
    p->cell_colours = colours;
    p->current = PREVIEW_NONE;
    p->answers = tty ? tty_answers(tty)->ready : 0;
    flow_init(&p->flow, tty ? tty_round(tty) : 0, !graphics->answers);
    set_codec(p);
    return p;
}

const struct graphics *preview_graphics(const struct preview *p)
{
    return &p->graphics;
}

static void clear_picture(struct picture *picture)
{
    mem_free(picture->rgb);
    *picture = (struct picture){0};
}

/* Remembers to wipe; what does not fit any more stays until the screen is cleared. */
static void add_wipe(struct preview *p, const struct rect *cells)
{
    if (p->wipes < PREVIEW_WIPES)
        p->wipe[p->wipes++] = *cells;
}

/* Ends the picture under way before its time. */
void preview_abandon(struct preview *p)
{
    if (p->current == PREVIEW_NONE)
        return;
    if (p->codec && p->codec->abandon)
        p->codec->abandon(&p->frame, &p->out);
    /* also where it would be begun again for a change only */
    p->slot[p->current].lost = p->slot[p->current].fresh = true;
    clear_picture(&p->slot[p->current].shows);
    frame_clear(&p->frame);
    p->current = PREVIEW_NONE;
}

static void take_off(struct preview *p, int i)
{
    struct slot *s = &p->slot[i];
    if (p->current == i)
        preview_abandon(p);
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

void preview_hide(struct preview *p, int slot)
{
    struct slot *s = &p->slot[slot];
    if (!s->wanted)
        return;
    take_off(p, slot);
    clear_slot(s);
}

void preview_set_picture(struct picture *picture, const unsigned char *rgb, int width, int height)
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

void preview_show(struct preview *p, int slot, const struct rect *box, const unsigned char *rgb,
                  int width, int height)
{
    struct slot *s = &p->slot[slot];
    if (s->wanted && !preview_equal(&s->box, box))
        take_off(p, slot);
    s->wanted = s->fresh = true;
    s->box = *box;
    preview_set_picture(&s->wants, rgb, width, height);
    bool room = box->height > 0 && box->width > 0;
    if (preview_in_cells(p) && room && (!s->grid || !p->tty)) {
        mem_free(s->grid);
        s->grid = mem_new(sizeof *s->grid * (size_t)(box->height * box->width));
        preview_make_grid(p, s, s->grid);
        s->fresh = false;
        p->figures.pictures++;
    }
}

void preview_lost(struct preview *p, double until)
{
    p->quiet = until;
    for (int i = 0; i < PREVIEW_SLOTS; i++) {
        struct cell *grid = p->slot[i].grid;
        p->slot[i].grid = NULL;
        take_off(p, i);
        p->slot[i].grid = grid; /* curses draws those anew by itself */
    }
}

void preview_set_graphics(struct preview *p, const struct graphics *graphics, double until)
{
    preview_lost(p, until);
    for (int i = 0; i < PREVIEW_SLOTS; i++) {
        mem_free(p->slot[i].grid);
        p->slot[i].grid = NULL;
        p->slot[i].fresh = p->slot[i].wanted;
    }
    p->graphics = *graphics;
    p->flow.mute = p->flow.mute && !graphics->answers;
    set_codec(p);
}

void preview_pixels(const struct preview *p, const struct rect *box, int *width, int *height)
{
    int cell_width = p->graphics.cell_width, cell_height = p->graphics.cell_height;
    if (preview_in_cells(p)) {
        cell_height = 4 * cell_height / cell_width;
        cell_width = 4;
    }
    int most = p->codec ? p->codec->most_pixels : 10000;
    *width = box->width * cell_width < most ? box->width * cell_width : most;
    *height = box->height * cell_height < most ? box->height * cell_height : most;
}

struct rect preview_part(const struct preview *p, const struct rect *box, int width, int height)
{
    struct scale_fit fit;
    int cell_width = p->graphics.cell_width, cell_height = p->graphics.cell_height;
    if (!p->codec)
        return layout_picture(box, width, height, cell_width, cell_height);
    return frame_place(&fit, p->codec, box, cell_width, cell_height, width, height, 1);
}

void preview_close(struct preview **preview)
{
    struct preview *p = *preview;
    if (!p)
        return;
    for (int i = 0; i < PREVIEW_SLOTS; i++) {
        take_off(p, i);
        clear_slot(&p->slot[i]);
    }
    preview_write_last(p);
    frame_clear(&p->frame);
    mem_free(p->out.data);
    mem_free(p);
    *preview = NULL;
}
