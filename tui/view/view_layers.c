/* view_layers.c: the five channels: picture, part, fader, state, share of the style loss. */
#include <stdio.h>
#include <string.h>

#include "engine/base/file.h"
#include "tui/view/draw.h"
#include "tui/view/place.h"
#include "tui/term/number.h"
#include "tui/term/text.h"
#include "tui/view/view.h"

enum { INDENT = 2, WEIGHT = 6, SHARE = 5, ROLE = 14 /* columns of the longest */ };

static void title(const struct model *m, char *out, size_t size)
{
    if (m->solo != MODEL_NO_LAYER)
        snprintf(out, size, "Layers %s only %s", text_shows("·") ? "·" : "-",
                 layer_name(layer_style[m->solo]));
    else
        snprintf(out, size, model_pull(m, m->layer) < 0.0      ? "Layers"
                            : m->layout.layer_rows == 1 ? "Layers, pull"
                                                        : "Layers, loss and pull");
}

/* Where a layer's fader is, relative to its first line: for drawing and for clicks. */
static struct rect fader(const struct model *m, const struct rect *area, int layer)
{
    int rows = m->layout.layer_rows, y = area->y + layer * rows, w = area->width;
    int width = rows >= 3 ? w - INDENT - WEIGHT : w >= 56 ? 16 : rows == 2 ? 10 : 8;
    int right = rows == 1 ? 5 : 0; /* the share stands behind */
    int x = area->x + w - right - WEIGHT - width;
    return (struct rect){y + (rows >= 3 ? 2 : rows - 1), x, 1, width};
}

/* What the layer's picture is called, and how that is written. */
static enum ink picture_name(const struct model *m, int layer, char out[JOB_PATH])
{
    const struct channel *c = &m->job.channel[layer];
    bool named = c->style.path[0] && m->layout.layer_rows > 1;
    const char *path = file_name(named ? c->style.path : "");
    if (c->state != CHANNEL_ON) {
        static const char *const marks[CHANNEL_STATES][2] = {
            [CHANNEL_BLANK] = {"□", "[]"}, [CHANNEL_GREY] = {"▒", "::"},
            [CHANNEL_CONTENT] = {"=", "="}, [CHANNEL_OFF] = {"–", "-"}};
        const char *mark = marks[c->state][!text_shows(marks[c->state][0])];
        snprintf(out, JOB_PATH, named ? "%s %s (%.900s)" : "%s %s", mark, job_state_name(c->state),
                 path);
        return c->state == CHANNEL_OFF ? INK_DIM : INK_PLAIN;
    }
    if (m->job.blend_count > 0) {
        snprintf(out, JOB_PATH, "blend of %d pictures", m->job.blend_count);
        return INK_PLAIN;
    }
    if (!c->style.path[0]) {
        snprintf(out, JOB_PATH, "no picture yet");
        return INK_WARN;
    }
    snprintf(out, JOB_PATH, "%s", file_name(c->style.path));
    return INK_PLAIN;
}

/* Ends at `end`; returns the columns used, 0 for the whole picture. */
static int draw_crop(const struct channel *c, int y, int end, int most)
{
    char text[96];
    if (c->state != CHANNEL_ON || !c->style.path[0] || c->style.crop.size >= 1.0)
        return 0;
    job_print_crop(text, &c->style.crop);
    char *at = strchr(text, '@');
    if (at && text_columns(text) > most)
        *at = 0; /* the size alone */
    int used = text_columns(text);
    draw_text(y, end - used, used, INK_DIM, text);
    return used;
}

static void draw_percent(int y, int x, enum ink ink, double share)
{
    if (share > 0.0)
        draw_right(y, x, SHARE, ink, number_share(share).text);
}

/* The layer's share of the pull on the picture at the right end, before it a bar of that length,
 * and before that its share of the style loss. */
static void draw_share(const struct model *m, int layer, int y, int right, const struct rect *bar)
{
    if (m->job.channel[layer].state == CHANNEL_OFF)
        return;
    double pull = model_pull(m, layer);
    draw_percent(y, right - SHARE, INK_PLAIN, pull);
    if (!bar)
        return;
    draw_percent(y, bar->x - SHARE - 1, INK_DIM, model_share(m, layer));
    if (pull > 0.0)
        draw_bar(y, bar->x, bar->width, pull, INK_LEVEL);
}

static void draw_level(const struct model *m, const struct rect *area, int layer, bool muted)
{
    struct rect f = fader(m, area, layer);
    double weight = m->job.channel[layer].weight;
    char text[32];
    snprintf(text, sizeof text, weight < 100.0 ? "%.2f" : "%.3g", weight);
    draw_fader(f.y, f.x, f.width, model_fader(weight), muted ? INK_DIM : INK_LEVEL);
    draw_right(f.y, f.x + f.width, WEIGHT, muted ? INK_DIM : INK_PLAIN, text);
}

/* Name, picture, crop, fader, share in one line; used: columns that are taken already. */
static void draw_short(const struct model *m, const struct rect *area, int layer, int used,
                       enum ink ink, const char *picture)
{
    struct rect f = fader(m, area, layer);
    int space = f.x - area->x - used - 1;
    draw_share(m, layer, f.y, area->x + area->width, NULL);
    if (space >= 20)
        space -= draw_crop(&m->job.channel[layer], f.y, f.x - 1, 6) + 1;
    draw_name(f.y, area->x + used, space, ink, picture);
}

/* What the layer does, or what is being done with it, and the share; below them picture, crop and,
 * there or in a line of its own, the fader. */
static void draw_long(const struct model *m, const struct rect *area, int layer, int used,
                      enum ink ink, const char *picture)
{
    int rows = m->layout.layer_rows, y = area->y + layer * rows, right = area->x + area->width;
    struct rect f = fader(m, area, layer);
    int left = area->width - used - ROLE - SHARE - WEIGHT - 2; /* of the line, for the bar */
    struct rect bar = {.width = rows >= 3 ? 16 : left < 4 ? 4 : left < f.width ? left : f.width};
    const char *tag = m->solo == layer ? "solo" : m->swap == layer ? "swap with ..." : NULL;
    bar.x = right - WEIGHT - bar.width;
    draw_text(y, area->x + used, bar.x - area->x - used - SHARE - 2, tag ? INK_WARN : INK_DIM,
              tag ? tag : model_layer_role(layer));
    draw_share(m, layer, y, right, &bar);
    int end = rows >= 3 ? right : f.x - 1, space = end - area->x;
    space -= draw_crop(&m->job.channel[layer], y + 1, end, space >= 46 ? 18 : 5) + 1;
    draw_name(y + 1, area->x + INDENT, space - INDENT, ink, picture);
}

static void draw_layer(const struct model *m, const struct rect *area, int layer)
{
    int y = area->y + layer * m->layout.layer_rows, x = area->x;
    bool here = m->layer == layer, muted = m->job.channel[layer].state == CHANNEL_OFF ||
                                           (m->solo != MODEL_NO_LAYER && m->solo != layer);
    char picture[JOB_PATH];
    enum ink ink = picture_name(m, layer, picture), head = INK_PLAIN;
    if (muted)
        ink = INK_DIM;
    if (here) {
        head = m->focus == PANE_LAYERS ? INK_ACCENT : INK_STRONG;
        draw_mark(y, x, head, "▸", '>');
    }
    int used = INDENT + draw_text(y, x + INDENT, 8, head, layer_name(layer_style[layer])) + 1;
    if (m->layout.layer_rows == 1)
        draw_short(m, area, layer, used, ink, picture);
    else
        draw_long(m, area, layer, used, ink, picture);
    draw_level(m, area, layer, muted);
}

/* What the small pictures leave of the pane. */
static struct rect beside_thumbs(const struct model *m, const struct rect *area)
{
    struct rect thumb = layout_thumb(&m->layout, 0), r = *area;
    if (thumb.height > 0) {
        r.x += thumb.width + 1;
        r.width -= thumb.width + 1;
    }
    return r;
}

static void draw(const struct model *m, const struct rect *area)
{
    struct rect text = beside_thumbs(m, area);
    for (int i = 0; i < STYLE_LAYER_COUNT; i++) {
        struct rect r = layout_thumb(&m->layout, i);
        const struct snapshot_picture *p = m->thumb[i];
        if (r.height > 0 && p)
            place_picture(&r, p->rgb, p->width, p->height);
        draw_layer(m, &text, i);
    }
}

static bool mouse(const struct model *m, const struct rect *area, const struct pointer *at,
                  struct act *out)
{
    int layer = (at->from_y - area->y) / m->layout.layer_rows;
    struct rect text = beside_thumbs(m, area);
    if (layer >= STYLE_LAYER_COUNT)
        return false;
    struct rect f = fader(m, &text, layer);
    bool on_fader = at->from_y == f.y && at->from_x >= f.x - 1 && at->from_x <= f.x + f.width;
    if (at->kind == POINTER_RELEASE || (at->kind == POINTER_DRAG && !on_fader))
        return false;
    *out = (struct act){.action = ACTION_LAYER, .index = layer};
    if (at->wheel != 0) {
        out->action = ACTION_LAYER_STEP;
        out->x = -at->wheel;
    } else if (on_fader) {
        out->action = ACTION_LAYER_SET;
        out->x = (double)(at->x - f.x) / (f.width - 1);
        out->x = out->x < 0.0 ? 0.0 : out->x > 1.0 ? 1.0 : out->x;
    } else if (at->clicks == 2) {
        out->action = ACTION_LAYER_ASSIGN;
    }
    return true;
}

const struct view_ops view_layers = {.title = title, .draw = draw, .mouse = mouse, .drags = true};
