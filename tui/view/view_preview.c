/* view_preview.c: the picture: in its pane, on the full screen, and with a layer's part of it. */
#include <stdio.h>
#include <string.h>

#include "engine/base/hash.h"
#include "engine/base/mem.h"
#include "tui/view/draw.h"
#include "tui/view/place.h"
#include "tui/term/text.h"
#include "tui/view/view.h"

static void title(const struct model *m, char *out, size_t size)
{
    const char *dot = text_shows("·") ? "·" : "-";
    if (m->preview == PREVIEW_SNAPSHOT && m->look)
        snprintf(out, size, "Snapshot %d %s iteration %d", m->look->number, dot,
                 m->look->picture.iteration);
    else if (m->preview == PREVIEW_SNAPSHOT)
        snprintf(out, size, "Snapshot");
    else if (m->preview == PREVIEW_CONTENT)
        snprintf(out, size, "Content");
    else if (m->result.rgb)
        snprintf(out, size, "Result %s iteration %d", dot, m->result.iteration);
    else
        snprintf(out, size, "Result");
}

/* A sentence in the middle of an area. */
static void draw_middle(const struct rect *r, enum ink ink, const char *text)
{
    int columns = text_columns(text), rows = r->width > 0 ? columns / r->width + 1 : 1;
    if (r->height < 1)
        return;
    if (columns > r->width)
        columns = r->width;
    rows = rows < r->height ? rows : r->height;
    struct rect lines = {r->y + (r->height - rows + 1) / 2, r->x + (r->width - columns) / 2,
                         rows < r->height ? rows + (rows > 1) : rows, columns};
    draw_wrapped(&lines, ink, text);
}

/* Why there is no picture yet. */
static void draw_nothing(const struct model *m, const struct rect *r)
{
    char hint[80];
    keys_fill_in(hint, sizeof hint, "{content} chooses the picture to paint");
    if (m->still_problem[0] && model_still(m))
        draw_middle(r, INK_BAD, m->still_problem);
    else if (!m->job.content[0])
        draw_middle(r, INK_DIM, hint);
    else
        draw_middle(r, INK_DIM, text_shows("…") ? "…" : "...");
}

uint64_t view_subject(int which, const struct snapshot_picture *p)
{
    const struct snapshot_window *w = &p->window;
    const int size[] = {which, w->width, w->height, w->zoom};
    const double place[] = {w->x, w->y};
    uint64_t key = hash_add(HASH_START, size, sizeof size);
    return w->zoom ? hash_add(key, place, sizeof place) : key;
}

static void draw(const struct model *m, const struct rect *r)
{
    const struct snapshot_picture *p = model_picture(m);
    int number = m->preview == PREVIEW_SNAPSHOT && m->look ? m->look->number : 0;
    if (p)
        place_other(r, view_subject((int)m->preview + PREVIEW_KINDS * number, p), p->rgb, p->width,
                    p->height);
    else
        draw_nothing(m, r);
}

/* The part of the picture that a crop takes: x, y, width, height in pixels. */
static void crop_pixels(int out[4], const struct crop *crop, int width, int height)
{
    const int sides[2] = {width, height};
    const double centres[2] = {crop->x, crop->y};
    for (int i = 0; i < 2; i++) {
        double size = crop->size * sides[i], at = centres[i] * sides[i] - size / 2.0;
        at = at < 0.0 ? 0.0 : at > sides[i] - size ? sides[i] - size : at;
        out[i] = (int)(at + 0.5);
        out[2 + i] = size < 1.0 ? 1 : (int)(size + 0.5);
    }
}

static void crop_title(const struct model *m, char *out, size_t size)
{
    char crop[96];
    const struct channel *c = &m->job.channel[m->layer];
    job_print_crop(crop, &c->style.crop);
    snprintf(out, size, "%s: part %s", layer_name(layer_style[m->layer]), crop);
}

/* The picture with what lies outside its part in half the light. */
static void draw_crop(const struct model *m, const struct rect *r)
{
    const struct snapshot_picture *p = m->still;
    const struct crop *crop = &m->job.channel[m->layer].style.crop;
    int part[4];
    if (!p) {
        draw_nothing(m, r);
        return;
    }
    size_t n = (size_t)p->width * (size_t)p->height;
    unsigned char *rgb;
    if (mem_big(&rgb, 3 * n, "a picture", NULL) != STATUS_OK)
        return;
    crop_pixels(part, crop, p->width, p->height);
    for (size_t i = 0; i < n; i++) {
        int x = (int)(i % (size_t)p->width), y = (int)(i / (size_t)p->width);
        bool in = x >= part[0] && x < part[0] + part[2] && y >= part[1] && y < part[1] + part[3];
        for (size_t c = 0; c < 3; c++)
            rgb[3 * i + c] = (unsigned char)(in ? p->rgb[3 * i + c] : p->rgb[3 * i + c] / 3);
    }
    place_picture(r, rgb, p->width, p->height);
    mem_free(rgb);
}

static bool crop_mouse(const struct model *m, const struct rect *area, const struct pointer *at,
                       struct act *out)
{
    const struct snapshot_picture *p = m->still;
    *out = (struct act){.action = at->wheel < 0 ? ACTION_CROP_SMALLER : ACTION_CROP_LARGER};
    if (at->wheel != 0 || !p)
        return at->wheel != 0;
    struct rect r = place_cells(area, p->width, p->height);
    *out = (struct act){.action = ACTION_CROP_AT, .x = (at->x - r.x + 0.5) / r.width,
                        .y = (at->y - r.y + 0.5) / r.height};
    return at->kind != POINTER_RELEASE && rect_holds(&r, at->from_y, at->from_x);
}

/* "1:1 at 256,192 of 512×384": how closely, and the picture's pixel in the middle. */
void view_zoom(const struct model *m, const struct snapshot_picture *p, char *out, size_t size)
{
    double seen[4];
    out[0] = 0;
    if (m->zoom.scale == 0 || !p)
        return;
    model_seen(m, p, seen);
    snprintf(out, size, "  %d:1 at %.0f,%.0f of %d×%d", m->zoom.scale,
             (seen[0] + seen[2] / 2.0) * p->whole_width,
             (seen[1] + seen[3] / 2.0) * p->whole_height, p->whole_width, p->whole_height);
}

static void full_title(const struct model *m, char *out, size_t size)
{
    title(m, out, size);
    size_t used = strlen(out);
    view_zoom(m, model_picture(m), out + used, size - used);
}

bool view_zoom_mouse(const struct model *m, const struct rect *area,
                     const struct snapshot_picture *p, const struct pointer *at, struct act *out)
{
    double seen[4];
    if (!p)
        return false;
    struct rect r = place_cells(area, p->width, p->height);
    if (r.width < 1 || r.height < 1)
        return false;
    model_seen(m, p, seen);
    *out = (struct act){.action = ACTION_ZOOM_AT, .index = at->wheel < 0 ? 1 : -1,
                        .x = seen[0] + (at->x - r.x + 0.5) / r.width * seen[2],
                        .y = seen[1] + (at->y - r.y + 0.5) / r.height * seen[3]};
    switch (at->kind) {
    case POINTER_WHEEL: return true;
    case POINTER_PRESS:
        out->index = 0;
        if (at->clicks != 2)
            out->action = ACTION_GRAB;
        return true;
    case POINTER_DRAG:
        out->action = ACTION_PAN;
        out->x = (double)(at->from_x - at->x) / r.width * seen[2];
        out->y = (double)(at->from_y - at->y) / r.height * seen[3];
        return m->zoom.scale > 0;
    case POINTER_RELEASE: break;
    }
    return false;
}

static bool full_mouse(const struct model *m, const struct rect *area, const struct pointer *at,
                       struct act *out)
{
    return view_zoom_mouse(m, area, model_picture(m), at, out);
}

/* A click gives the focus, the next flips; two open the full screen. */
static bool mouse(const struct model *m, const struct rect *area, const struct pointer *at,
                  struct act *out)
{
    (void)area;
    *out = (struct act){.action = at->clicks == 2 ? ACTION_FULL : ACTION_FLIP};
    return at->wheel == 0 && (m->focus == PANE_PREVIEW || at->clicks == 2);
}

const struct view_ops view_preview = {.title = title, .draw = draw, .mouse = mouse};
const struct view_ops view_full = {.title = full_title, .draw = draw, .mouse = full_mouse,
                                   .drags = true};
const struct view_ops view_crop = {.title = crop_title, .draw = draw_crop, .mouse = crop_mouse,
                                    .drags = true};
