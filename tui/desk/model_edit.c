/* model_edit.c: edits of the job, their history, and the actions of the layers and job panes. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "engine/base/file.h"
#include "tui/desk/model_private.h"

/* History */

void model_history_reset(struct model *m)
{
    m->history.count = 1;
    m->history.at = m->history.accepted = m->history.kind = 0;
    m->history.entry[0] = m->job;
}

void model_commit(struct model *m, int kind)
{
    struct history *h = &m->history;
    if (memcmp(&h->entry[h->at], &m->job, sizeof m->job) == 0) {
        h->kind = kind;
        return;
    }
    bool same = kind != 0 && kind == h->last_kind && h->at > 0;
    if (!same && h->at == MODEL_HISTORY) {
        memmove(h->entry, h->entry + 1, (size_t)h->at * sizeof *h->entry);
        h->at--;
        h->accepted -= h->accepted > 0;
    }
    h->at += !same;
    h->entry[h->at] = m->job;
    h->count = h->at + 1;
    h->kind = kind;
    model_send_job(m);
}

static void go(struct model *m, int step)
{
    struct history *h = &m->history;
    int to = h->at + step;
    if (to < 0 || to >= h->count) {
        model_say(m, MESSAGE_HINT, step < 0 ? "nothing left to take back" : "nothing to do again");
        return;
    }
    h->at = to;
    m->job = h->entry[to];
    model_send_job(m);
    model_say(m, MESSAGE_HINT, step < 0 ? "taken back; r does it again" : "done again");
}

void model_refused(struct model *m)
{
    struct history *h = &m->history;
    if (h->at <= h->accepted)
        return;
    h->at = h->accepted;
    h->count = h->at + 1;
    m->job = h->entry[h->at];
    m->history.serial = 0;
}

void model_adopt(struct model *m, const struct job *job)
{
    m->job = *job;
    m->solo = MODEL_NO_LAYER;
    bool started = m->started;
    m->started = false; /* it is in force already */
    model_commit(m, 0);
    m->started = started;
    m->history.accepted = m->history.at;
}

/* Layers */

static struct channel *channel(struct model *m)
{
    return &m->job.channel[m->layer];
}

static const char *name(const struct model *m)
{
    return layer_name(layer_style[m->layer]);
}

/* Undone as one: edits of one thing (by action) at one layer. */
static int kind_of(const struct model *m, enum action action)
{
    return (int)action * STYLE_LAYER_COUNT + m->layer;
}

static void set_weight(struct model *m, double weight)
{
    channel(m)->weight = weight < 0.0 ? 0.0 : weight < 1e12 ? weight : 1e12;
    model_commit(m, kind_of(m, ACTION_LAYER_MORE));
}

/* Steps grow with the weight, and land on round numbers. */
static void step_weight(struct model *m, double step)
{
    double weight = channel(m)->weight, size = weight >= 9.999 ? 10.0 : 1.0;
    set_weight(m, round((weight + step * size) / 0.05 / size) * 0.05 * size);
}

static void toggle_state(struct model *m, enum channel_state state)
{
    struct channel *c = channel(m);
    if (c->state != state)
        c->state = state;
    else if (c->style.path[0] || m->job.blend_count > 0)
        c->state = CHANNEL_ON;
    else
        model_say(m, MESSAGE_HINT, "%s has no picture yet; Enter chooses one", name(m));
    model_commit(m, 0);
}

static void toggle_solo(struct model *m)
{
    if (m->solo == m->layer) {
        m->solo = MODEL_NO_LAYER;
        model_say(m, MESSAGE_HINT, "solo released: all layers as they were");
    } else {
        m->solo = m->layer;
        model_say(m, MESSAGE_HINT, "only %s pulls; s releases it", name(m));
    }
    model_send_job(m);
}

static void step_crop(struct model *m, double factor)
{
    struct crop *crop = &channel(m)->style.crop;
    if (m->job.blend_count > 0 || !channel(m)->style.path[0]) {
        model_say(m, MESSAGE_HINT, "%s has no picture of its own to take a part of", name(m));
        return;
    }
    double size = pow(2.0, round(log2(crop->size))) * factor;
    if (size < 1.0 / 8)
        size = 1.0;
    crop->size = size > 1.0 ? 1.0 / 8 : size;
    if (crop->size == 1.0)
        crop->x = crop->y = 0.5;
    model_commit(m, kind_of(m, ACTION_LAYER_CROP));
}

static double clamp_centre(double v, double size)
{
    double half = size / 2.0;
    v = round(v * 1000.0) / 1000.0;
    return v < half ? half : v > 1.0 - half ? 1.0 - half : v;
}

static void move_crop(struct model *m, double x, double y)
{
    struct crop *crop = &channel(m)->style.crop;
    crop->x = clamp_centre(x, crop->size);
    crop->y = clamp_centre(y, crop->size);
    model_commit(m, kind_of(m, ACTION_CROP_AT));
}

static void open_crop(struct model *m)
{
    struct channel *c = channel(m);
    if (m->job.blend_count > 0 || !c->style.path[0]) {
        model_say(m, MESSAGE_HINT, "%s has no picture of its own to take a part of", name(m));
        return;
    }
    m->overlay = OVERLAY_CROP;
    if (c->style.crop.size == 1.0)
        model_say(m, MESSAGE_HINT, "this is the whole picture; z makes the part smaller");
}

static void swap(struct model *m)
{
    if (m->swap == MODEL_NO_LAYER) {
        m->swap = m->layer;
        model_say(m, MESSAGE_HINT, "swap %s with: go to another layer and press x there", name(m));
        return;
    }
    struct channel *a = &m->job.channel[m->swap], *b = channel(m), kept = *a;
    a->style = b->style;
    a->state = b->state;
    b->style = kept.style;
    b->state = kept.state;
    if (a != b)
        model_say(m, MESSAGE_HINT, "%s and %s have changed pictures",
                  layer_name(layer_style[m->swap]), name(m));
    m->swap = MODEL_NO_LAYER;
    model_commit(m, 0);
}

static void copy_to_all(struct model *m)
{
    const struct channel *from = channel(m);
    for (int i = 0; i < STYLE_LAYER_COUNT; i++) {
        m->job.channel[i].style = from->style;
        m->job.channel[i].state = from->state;
    }
    model_commit(m, 0);
    model_say(m, MESSAGE_HINT, "all layers have the picture of %s; u takes it back", name(m));
}

static void clear_layer(struct model *m)
{
    *channel(m) = (struct channel){{"", {1.0, 0.5, 0.5}, 1.0}, channel(m)->weight, CHANNEL_OFF};
    model_commit(m, 0);
}

void model_set_layer_picture(struct model *m, int layer, const char *path)
{
    struct channel *c = &m->job.channel[layer];
    if (m->job.blend_count > 0) {
        for (int i = 0; i < STYLE_LAYER_COUNT; i++)
            m->job.channel[i].style = m->job.blend[0];
        model_say(m, MESSAGE_HINT, "a picture for each layer now, in place of the blend of %d; u "
                                   "takes it back", m->job.blend_count);
        m->job.blend_count = 0;
        memset(m->job.blend, 0, sizeof m->job.blend);
        memset(m->job.blend_weight, 0, sizeof m->job.blend_weight);
    }
    memset(c->style.path, 0, sizeof c->style.path);
    snprintf(c->style.path, sizeof c->style.path, "%s", path);
    c->style.crop = (struct crop){1.0, 0.5, 0.5};
    c->state = CHANNEL_ON;
    model_commit(m, 0);
}

static void select_layer(struct model *m, int layer)
{
    if (layer < 0 || layer >= STYLE_LAYER_COUNT)
        return;
    m->layer = layer;
    m->focus = PANE_LAYERS;
    if (m->swap != MODEL_NO_LAYER)
        model_say(m, MESSAGE_HINT, "x swaps %s and %s, x on %s leaves it",
                  layer_name(layer_style[m->swap]), name(m), layer_name(layer_style[m->swap]));
}

static bool fader_action(struct model *m, const struct act *act)
{
    char text[32];
    switch (act->action) {
    case ACTION_LAYER_LESS: step_weight(m, -0.05); break;
    case ACTION_LAYER_MORE: step_weight(m, 0.05); break;
    case ACTION_LAYER_MUCH_LESS: step_weight(m, -0.5); break;
    case ACTION_LAYER_MUCH_MORE: step_weight(m, 0.5); break;
    case ACTION_LAYER_ONE: set_weight(m, 1.0); break;
    case ACTION_LAYER_SET:
        select_layer(m, act->index);
        set_weight(m, round(model_fader_weight(act->x) * 20.0) / 20.0);
        break;
    case ACTION_LAYER_STEP:
        select_layer(m, act->index);
        step_weight(m, 0.05 * act->x);
        break;
    case ACTION_LAYER_TYPE:
        job_print_real(text, channel(m)->weight);
        model_prompt_open(m, PROMPT_WEIGHT, "weight", text);
        break;
    default: return false;
    }
    return true;
}

static bool crop_action(struct model *m, const struct act *act)
{
    const struct crop crop = channel(m)->style.crop;
    double step = crop.size / 8.0;
    switch (act->action) {
    case ACTION_LAYER_CROP: case ACTION_CROP_SMALLER: step_crop(m, 0.5); break;
    case ACTION_LAYER_UNCROP: case ACTION_CROP_LARGER: step_crop(m, 2.0); break;
    case ACTION_LAYER_CENTRE: open_crop(m); break;
    case ACTION_CROP_LEFT: move_crop(m, crop.x - step, crop.y); break;
    case ACTION_CROP_RIGHT: move_crop(m, crop.x + step, crop.y); break;
    case ACTION_CROP_UP: move_crop(m, crop.x, crop.y - step); break;
    case ACTION_CROP_DOWN: move_crop(m, crop.x, crop.y + step); break;
    case ACTION_CROP_MIDDLE: move_crop(m, 0.5, 0.5); break;
    case ACTION_CROP_AT: move_crop(m, act->x, act->y); break;
    default: return false;
    }
    return true;
}

bool model_layer_action(struct model *m, const struct act *act)
{
    if (fader_action(m, act) || crop_action(m, act))
        return true;
    switch (act->action) {
    case ACTION_LAYER_UP: select_layer(m, m->layer - 1); break;
    case ACTION_LAYER_DOWN: select_layer(m, m->layer + 1); break;
    case ACTION_LAYER: select_layer(m, act->index); break;
    case ACTION_CHANNEL_1: case ACTION_CHANNEL_2: case ACTION_CHANNEL_3: case ACTION_CHANNEL_4:
    case ACTION_CHANNEL_5: select_layer(m, (int)act->action - ACTION_CHANNEL_1); break;
    case ACTION_LAYER_ASSIGN:
        model_browse(m, BROWSER_PICTURES, CHOICE_LAYER, channel(m)->style.path);
        break;
    case ACTION_LAYER_BLANK: toggle_state(m, CHANNEL_BLANK); break;
    case ACTION_LAYER_OFF: toggle_state(m, CHANNEL_OFF); break;
    case ACTION_LAYER_SOLO: toggle_solo(m); break;
    case ACTION_LAYER_SWAP: swap(m); break;
    case ACTION_LAYER_ALL: copy_to_all(m); break;
    case ACTION_LAYER_CLEAR: clear_layer(m); break;
    case ACTION_CANCEL: m->swap = MODEL_NO_LAYER; break;
    case ACTION_UNDO: go(m, -1); break;
    case ACTION_REDO: go(m, 1); break;
    default: return false;
    }
    return true;
}
