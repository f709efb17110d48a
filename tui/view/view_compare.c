/* view_compare.c: two pictures in the very same size: beside each other, wiped, or in turn. */
#include <stdio.h>
#include <string.h>

#include "engine/base/mem.h"
#include "tui/pixels/scale.h"
#include "tui/term/text.h"
#include "tui/view/draw.h"
#include "tui/view/place.h"
#include "tui/view/view.h"

static void title(const struct model *m, char *out, size_t size)
{
    static const char *const modes[] = {"beside each other", "wiped", "in turn"};
    const struct snapshot_picture *p = model_compared(m, 0);
    int used = snprintf(out, size, "Compare: %s", modes[m->compare.mode]);
    view_zoom(m, p ? p : model_compared(m, 1), out + used, size - (size_t)used);
}

/* What cannot be seen yet. */
static void draw_missing(const struct model *m, int side, const struct rect *r)
{
    bool file = m->compare.side[side].of != COMPARED_SNAPSHOT && !model_compared_path(m, side);
    draw_text(r->y + r->height / 2, r->x, r->width, INK_DIM,
              file ? "there is no such picture" : text_shows("…") ? "…" : "...");
}

static void draw_side(const struct model *m, int side, const struct rect *r)
{
    const struct snapshot_picture *p = model_compared(m, side);
    if (p)
        place_other(r, view_subject(side, p), p->rgb, p->width, p->height);
    else
        draw_missing(m, side, r);
}

static void draw_name_of(const struct model *m, int side, int y, int x, int width, bool right)
{
    char name[DIAG_TEXT], jobs[DIAG_TEXT] = "", text[2 * DIAG_TEXT + 8];
    char fitted[2 * DIAG_TEXT + 8];
    model_compared_name(m, side, name);
    if (side)
        model_compared_jobs(m, jobs);
    snprintf(text, sizeof text, "%c  %s%s%s", side ? 'b' : 'a', name, jobs[0] ? ": " : "", jobs);
    text_fit(fitted, sizeof fitted, text, width);
    if (right)
        draw_right(y, x, width, INK_STRONG, fitted);
    else
        draw_text(y, x, width, INK_STRONG, fitted);
}

/* The first picture, from the border on the second, which is made as large; a line between. */
static void draw_wiped(const struct model *m, const struct rect *r)
{
    const struct snapshot_picture *a = model_compared(m, 0), *b = model_compared(m, 1);
    if (!a || !b) {
        draw_side(m, !a, r);
        return;
    }
    size_t width = (size_t)a->width, row = 3 * width, n = row * (size_t)a->height;
    unsigned char *rgb;
    if (mem_big(&rgb, n, "a picture", NULL) != STATUS_OK)
        return; /* as is a preview without memory: the next one is as good */
    size_t border = (size_t)(m->compare.wipe * (double)width);
    scale_rgb(rgb, a->width, a->height, b->rgb, b->width, b->height);
    for (size_t y = 0; y < (size_t)a->height; y++) {
        memcpy(rgb + y * row, a->rgb + y * row, 3 * border);
        if (border > 0 && border < width)
            memset(rgb + y * row + 3 * border, y / 8 % 2 ? 255 : 0, 3);
    }
    place_other(r, view_subject(2 + (int)border, a), rgb, a->width, a->height);
    mem_free(rgb);
}

static void draw(const struct model *m, const struct rect *area)
{
    const struct compare *c = &m->compare;
    bool beside = c->mode == COMPARE_BESIDE;
    int half = (area->width - 2) / 2;
    for (int i = 0; i < 2; i++) {
        struct rect r = layout_compared(&m->layout, beside, i);
        if (beside) {
            draw_name_of(m, i, area->y, r.x, r.width, false);
            draw_side(m, i, &r);
        } else if (c->mode == COMPARE_WIPE) {
            draw_name_of(m, i, area->y, area->x + i * (area->width - half), half, i);
            if (i == 0)
                draw_wiped(m, &r);
        } else if (i == c->second) {
            draw_name_of(m, i, area->y, area->x, area->width, false);
            draw_side(m, i, &r);
        }
    }
}

/* The border of the wipe where it is; else what the mouse does to the picture under it. */
static bool mouse(const struct model *m, const struct rect *area, const struct pointer *at,
                  struct act *out)
{
    bool beside = m->compare.mode == COMPARE_BESIDE;
    (void)area;
    int side = m->compare.mode == COMPARE_BLINK ? m->compare.second : 0;
    struct rect second = layout_compared(&m->layout, beside, 1);
    if (beside && at->from_x >= second.x)
        side = 1;
    struct rect r = layout_compared(&m->layout, beside, side);
    const struct snapshot_picture *p = model_compared(m, side);
    if (!p || !rect_holds(&r, at->from_y, at->from_x))
        return false;
    struct rect cells = place_cells(&r, p->width, p->height);
    bool wipes = m->compare.mode == COMPARE_WIPE && m->zoom.scale == 0 &&
                 at->kind != POINTER_WHEEL && at->clicks != 2;
    if (!wipes || cells.width < 1)
        return view_zoom_mouse(m, &r, p, at, out);
    *out = (struct act){.action = ACTION_WIPE, .x = (at->x - cells.x + 0.5) / cells.width};
    return at->kind != POINTER_RELEASE;
}

const struct view_ops view_compare = {.title = title, .draw = draw, .mouse = mouse, .drags = true};
