/* place.c: see place.h. */
#include "tui/view/place.h"

#include "engine/base/clock.h"
#include "tui/view/draw.h"

static const double settling = 0.15; /* seconds after a change of size */

static struct pixels *pixels;
static struct tty *terminal;
static enum graphics_kind wanted;

/* What is placed in this frame; a picture stays with its slot as long as its place is the same. */
static struct {
    bool used, placed;
    struct rect within;
} slots[PIXELS_SLOTS];

static struct answers believed; /* what was decided by */

static struct graphics decide(void)
{
    struct graphics_environment around =
        graphics_environment_read(terminal ? tty_fd(terminal) : -1);
    if (terminal)
        believed = *tty_answers(terminal);
    return graphics_decide(wanted, &believed, &around);
}

bool place_outdated(void)
{
    const struct answers *now = terminal ? tty_answers(terminal) : &believed;
    return now->attributes != believed.attributes || now->cell_width != believed.cell_width ||
           now->cell_height != believed.cell_height;
}

void place_open(struct tty *tty, enum graphics_kind kind_wanted)
{
    terminal = tty;
    wanted = kind_wanted;
    struct graphics graphics = decide();
    pixels = pixels_open(tty, &graphics, draw_colours());
}

void place_close(void)
{
    pixels_close(&pixels);
    for (int i = 0; i < PIXELS_SLOTS; i++)
        slots[i].used = slots[i].placed = false;
}

void place_use(enum graphics_kind kind_wanted)
{
    place_leave();
    wanted = kind_wanted;
}

bool place_in_pixels(void)
{
    enum graphics_kind kind = pixels_graphics(pixels)->kind;
    return kind == GRAPHICS_SIXEL || kind == GRAPHICS_KITTY;
}

struct pixels *place_pixels(void)
{
    return pixels;
}

struct rect place_cells(const struct rect *within, int width, int height)
{
    return pixels_part(pixels, within, width, height);
}

void place_size(const struct rect *within, int *width, int *height)
{
    pixels_size(pixels, within, width, height);
}

/* The slot that had this place, or a free one, or -1. */
static int slot_for(const struct rect *within)
{
    int unused = -1;
    for (int i = 0; i < PIXELS_SLOTS; i++) {
        const struct rect *r = &slots[i].within;
        if (slots[i].used && !slots[i].placed && r->y == within->y && r->x == within->x &&
            r->height == within->height && r->width == within->width)
            return i;
        if (!slots[i].used && unused < 0)
            unused = i;
    }
    return unused;
}

void place_other(const struct rect *within, uint64_t other, const unsigned char *rgb, int width,
                 int height)
{
    int i = slot_for(within);
    if (i < 0 || within->height < 1 || within->width < 1)
        return;
    slots[i].used = slots[i].placed = true;
    slots[i].within = *within;
    pixels_show(pixels, i, within, other, rgb, width, height);
    const struct cell *cells = pixels_cells(pixels, i, within);
    if (cells)
        draw_cells(within, cells);
}

void place_picture(const struct rect *within, const unsigned char *rgb, int width, int height)
{
    place_other(within, 0, rgb, width, height);
}

void place_begin(void)
{
    for (int i = 0; i < PIXELS_SLOTS; i++)
        slots[i].placed = false;
}

void place_end(void)
{
    for (int i = 0; i < PIXELS_SLOTS; i++)
        if (slots[i].used && !slots[i].placed) {
            slots[i].used = false;
            pixels_hide(pixels, i);
        }
    pixels_finish_piece(pixels);
}

void place_reset(void)
{
    struct graphics graphics = decide();
    pixels_set_graphics(pixels, &graphics, clock_now() + settling);
}

void place_leave(void)
{
    pixels_lost(pixels, 0);
    pixels_finish_piece(pixels);
}
