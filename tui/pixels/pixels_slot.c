/* pixels_slot.c: see pixels_private.h: what a slot wants, what it shows, and taking it off. */
#include <string.h>

#include "engine/base/mem.h"
#include "tui/pixels/pixels_private.h"

bool pixels_in_cells(const struct pixels *p)
{
    return p->graphics.kind == GRAPHICS_CELLS || p->graphics.kind == GRAPHICS_ASCII;
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
    pixels_frame_clear(&p->frame);
    p->current = PIXELS_NONE;
}

void pixels_hurry(struct pixels *p, int i)
{
    if (p->current == i)
        pixels_abandon(p);
    p->slot[i].lost = true;
}

void pixels_take_off(struct pixels *p, int i)
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
    mem_free(s->next_grid);
    s->grid = s->next_grid = NULL;
}

void pixels_clear_slot(struct slot *s)
{
    mem_free(s->grid);
    mem_free(s->next_grid);
    mem_free(s->colours.palette);
    clear_picture(&s->wants);
    clear_picture(&s->shows);
    *s = (struct slot){0};
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
