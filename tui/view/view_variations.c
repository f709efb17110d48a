/* view_variations.c: a grid of small pictures, each with the value that it was painted with. */
#include <stdio.h>

#include "tui/term/text.h"
#include "tui/view/draw.h"
#include "tui/view/place.h"
#include "tui/view/view.h"

static void title(const struct model *m, char *out, size_t size)
{
    const struct variations *v = &m->variations;
    int done = 0;
    for (int i = 0; i < v->count; i++)
        done += v->sketch[i].done >= 1.0;
    int used = snprintf(out, size, "Variations of %s%s%s",
                        v->layer < 0 ? "" : layer_name(layer_style[v->layer]),
                        v->layer < 0 ? "" : " ", v->name);
    if (done < v->count)
        snprintf(out + used, size - (size_t)used, ": %d of %d painted", done, v->count);
}

/* What Enter would do, or why it would be no use. */
static void draw_first(const struct model *m, const struct rect *r)
{
    const struct variations *v = &m->variations;
    const struct sketch *s = &v->sketch[v->at];
    if (s->problem && s->problem[0])
        draw_sentence(r->y, r->x, r->width, INK_BAD, s->problem);
    else if (v->at == v->present)
        draw_format(r->y, r->x, r->width, INK_DIM, "%s %s, as it is now", v->name,
                    v->value[v->present]);
    else
        draw_format(r->y, r->x, r->width, INK_STRONG, "%s %s %s %s", v->name,
                    v->value[v->present], text_shows("→") ? "→" : "->", v->value[v->at]);
}

static void draw_tile(const struct variations *v, int index, const struct rect *r)
{
    const struct sketch *s = &v->sketch[index];
    const struct snapshot_picture *p = s->picture;
    int middle = r->y + (r->height - 1) / 2, below = r->y + r->height;
    bool now = index == v->present;
    if (p)
        place_other(r, (uint64_t)v->serial * VARIATIONS + (uint64_t)index, p->rgb, p->width,
                    p->height);
    else if (s->problem && s->problem[0])
        draw_text(middle, r->x + 1, r->width - 1, INK_BAD, "no picture");
    else if (!s->problem || s->done < 0.0)
        draw_text(middle, r->x + 1, r->width - 1, INK_DIM, "waits");
    else
        draw_format(middle, r->x + 1, r->width - 1, INK_GOOD, "%.0f %%", 100.0 * s->done);
    int used = now ? 2 : 0;
    if (now)
        draw_mark(below, r->x, INK_ACCENT, "▸", '>');
    draw_name(below, r->x + used, r->width - used, now ? INK_ACCENT : INK_PLAIN, v->value[index]);
    if (index == v->at)
        draw_cursor_line(below, r->x, r->width);
}

static void draw(const struct model *m, const struct rect *area)
{
    const struct variations *v = &m->variations;
    (void)area;
    if (v->count == 0)
        return;
    struct layout_files f = layout_variations(&m->layout, v->count);
    draw_first(m, &f.first);
    for (int i = 0; i < v->count; i++) {
        struct rect r = layout_tile(&f, i);
        draw_tile(v, i, &r);
    }
}

static bool mouse(const struct model *m, const struct rect *area, const struct pointer *at,
                  struct act *out)
{
    const struct variations *v = &m->variations;
    (void)area;
    *out = (struct act){.action = at->wheel < 0 ? ACTION_VARY_LEFT : ACTION_VARY_RIGHT};
    if (at->wheel != 0)
        return true;
    struct layout_files f = layout_variations(&m->layout, v->count > 0 ? v->count : 1);
    for (int i = 0; i < v->count; i++) {
        struct rect r = layout_tile(&f, i);
        r.height++;
        if (!rect_holds(&r, at->y, at->x))
            continue;
        *out = (struct act){.action = ACTION_VARY_TILE, .index = i};
        if (at->clicks == 2 && i == v->at)
            out->action = ACTION_VARY_TAKE;
        return true;
    }
    return false;
}

const struct view_ops view_variations = {.title = title, .draw = draw, .mouse = mouse};
