/* picture.c: see picture.h. */
#include "picture.h"

#include "draw.h"

static const double settling = 0.15; /* seconds after a change of size */

static struct preview *preview;
static struct tty *terminal;
static enum graphics_kind wish;

/* What is placed in this frame; a picture stays with its slot as long as its place is the same. */
static struct {
    bool used, placed;
    struct rect within;
} slots[PREVIEW_SLOTS];

static struct answers believed; /* what was decided by */

static struct graphics decide(void)
{
    struct surroundings around = surroundings_read(terminal ? tty_fd(terminal) : -1);
    if (terminal)
        believed = *tty_answers(terminal);
    return graphics_decide(wish, &believed, &around);
}

bool picture_outdated(void)
{
    const struct answers *now = terminal ? tty_answers(terminal) : &believed;
    return now->attributes != believed.attributes || now->cell_width != believed.cell_width ||
           now->cell_height != believed.cell_height;
}

void picture_open(struct tty *tty, enum graphics_kind wished)
{
    terminal = tty;
    wish = wished;
    struct graphics graphics = decide();
    preview = preview_open(tty, &graphics, draw_colours());
}

void picture_close(void)
{
    preview_close(&preview);
    for (int i = 0; i < PREVIEW_SLOTS; i++)
        slots[i].used = slots[i].placed = false;
}

bool picture_in_pixels(void)
{
    enum graphics_kind kind = preview_graphics(preview)->kind;
    return kind == GRAPHICS_SIXEL || kind == GRAPHICS_KITTY;
}

struct preview *picture_preview(void)
{
    return preview;
}

struct rect picture_part(const struct rect *within, int width, int height)
{
    return preview_part(preview, within, width, height);
}

void picture_size(const struct rect *within, int *width, int *height)
{
    preview_pixels(preview, within, width, height);
}

/* The slot that had this place, or a free one, or -1. */
static int slot_for(const struct rect *within)
{
    int unused = -1;
    for (int i = 0; i < PREVIEW_SLOTS; i++) {
        const struct rect *r = &slots[i].within;
        if (slots[i].used && !slots[i].placed && r->y == within->y && r->x == within->x &&
            r->height == within->height && r->width == within->width)
            return i;
        if (!slots[i].used && unused < 0)
            unused = i;
    }
    return unused;
}

void picture_place(const struct rect *within, const unsigned char *rgb, int width, int height)
{
    int i = slot_for(within);
    if (i < 0 || within->height < 1 || within->width < 1)
        return;
    slots[i].used = slots[i].placed = true;
    slots[i].within = *within;
    preview_show(preview, i, within, rgb, width, height);
    const struct cell *cells = preview_cells(preview, i, within);
    if (cells)
        draw_cells(within, cells);
}

void picture_begin(void)
{
    for (int i = 0; i < PREVIEW_SLOTS; i++)
        slots[i].placed = false;
}

void picture_settle(void)
{
    for (int i = 0; i < PREVIEW_SLOTS; i++)
        if (slots[i].used && !slots[i].placed) {
            slots[i].used = false;
            preview_hide(preview, i);
        }
    preview_settle(preview);
}

void picture_reset(void)
{
    struct graphics graphics = decide();
    preview_set_graphics(preview, &graphics, tty_now() + settling);
}

void picture_leave(void)
{
    preview_lost(preview, 0);
    preview_settle(preview);
}
