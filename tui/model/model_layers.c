/* model_layers.c: edits of the five layers. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tui/model/model_private.h"

/* Layers */

static struct channel *channel(struct model *m)
{
    return &m->job.channel[m->layer];
}

static const char *layer_at_cursor(const struct model *m)
{
    return layer_name(layer_style[m->layer]);
}

/* Undone as one: edits of one thing (by action) at one layer. */
static int edit_kind(const struct model *m, enum action action)
{
    return (int)action * STYLE_LAYER_COUNT + m->layer;
}

static void set_weight(struct model *m, double weight)
{
    channel(m)->weight = weight < 0.0 ? 0.0 : weight < 1e12 ? weight : 1e12;
    model_commit(m, edit_kind(m, ACTION_LAYER_MORE));
}

/* Steps grow with the weight, and land on round numbers. */
static void step_weight(struct model *m, double step)
{
    double weight = channel(m)->weight;
    double size = weight >= 9.999 ? pow(10.0, floor(log10(weight) + 1e-4)) : 1.0;
    set_weight(m, round((weight + step * size) / size * 20.0) * size / 20.0);
}

static void toggle_state(struct model *m, enum channel_state state)
{
    static const char *const pulls[] = {
        [CHANNEL_ON] = "%s: its picture pulls again",
        [CHANNEL_BLANK] = "%s: white pulls instead of its picture; {layer_blank} once more: back",
        [CHANNEL_GREY] = "%s: grey pulls instead of its picture; {layer_grey} once more: back",
        [CHANNEL_CONTENT] = "%s: the content pulls; {layer_content} once more: back",
        [CHANNEL_OFF] = "%s: nothing pulls; {layer_off} once more: back",
    };
    struct channel *c = channel(m);
    bool changes = c->state != state || c->style.path[0] || m->job.blend_count > 0;
    if (c->state != state)
        c->state = state;
    else if (changes)
        c->state = CHANNEL_ON;
    if (changes)
        model_say(m, MESSAGE_HINT, pulls[c->state], layer_at_cursor(m));
    else
        model_say(m, MESSAGE_HINT, "%s has no picture yet; {layer_assign} chooses one",
                  layer_at_cursor(m));
    model_commit(m, 0);
}

static void toggle_solo(struct model *m)
{
    if (m->solo == m->layer) {
        m->solo = MODEL_NO_LAYER;
        model_say(m, MESSAGE_HINT, "solo released: all layers as they were");
    } else {
        m->solo = m->layer;
        model_say(m, MESSAGE_HINT, "only %s pulls; s releases it", layer_at_cursor(m));
    }
    model_send_job(m);
}

static void step_crop(struct model *m, double factor)
{
    struct crop *crop = &channel(m)->style.crop;
    if (m->job.blend_count > 0 || !channel(m)->style.path[0]) {
        model_say(m, MESSAGE_HINT, "%s has no picture of its own to take a part of",
                  layer_at_cursor(m));
        return;
    }
    double size = pow(2.0, round(log2(crop->size))) * factor;
    if (size < 1.0 / 8)
        size = 1.0;
    crop->size = size > 1.0 ? 1.0 / 8 : size;
    if (crop->size == 1.0)
        crop->x = crop->y = 0.5;
    model_commit(m, edit_kind(m, ACTION_LAYER_CROP));
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
    model_commit(m, edit_kind(m, ACTION_CROP_AT));
}

static void open_crop(struct model *m)
{
    struct channel *c = channel(m);
    if (m->job.blend_count > 0 || !c->style.path[0]) {
        model_say(m, MESSAGE_HINT, "%s has no picture of its own to take a part of",
                  layer_at_cursor(m));
        return;
    }
    m->overlay = OVERLAY_CROP;
    if (c->style.crop.size == 1.0)
        model_say(m, MESSAGE_HINT, "this is the whole picture; z makes the part smaller");
}

static void swap_layers(struct model *m)
{
    if (m->swap == MODEL_NO_LAYER) {
        m->swap = m->layer;
        model_say(m, MESSAGE_HINT, "swap %s with: go to another layer and press {layer_swap} there",
                  layer_at_cursor(m));
        return;
    }
    struct channel *a = &m->job.channel[m->swap], *b = channel(m), kept = *a;
    a->style = b->style;
    a->state = b->state;
    b->style = kept.style;
    b->state = kept.state;
    if (a != b)
        model_say(m, MESSAGE_HINT, "%s and %s have changed pictures",
                  layer_name(layer_style[m->swap]), layer_at_cursor(m));
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
    model_say(m, MESSAGE_HINT, "all layers have the picture of %s; {undo} takes it back",
              layer_at_cursor(m));
}

static void clear_layer(struct model *m)
{
    *channel(m) = (struct channel){{"", {1.0, 0.5, 0.5}, 1.0}, channel(m)->weight, CHANNEL_OFF};
    model_commit(m, 0);
}

void model_put_layer_picture(struct model *m, int layer, const char *path)
{
    struct channel *c = &m->job.channel[layer];
    if (m->job.blend_count > 0) {
        for (int i = 0; i < STYLE_LAYER_COUNT; i++)
            m->job.channel[i].style = m->job.blend[0];
        model_say(m, MESSAGE_HINT, "a picture for each layer now, in place of the blend of %d; u "
                                   "takes it back", m->job.blend_count);
        m->job.blend_count = 0;
    }
    snprintf(c->style.path, sizeof c->style.path, "%s", path);
    c->style.crop = (struct crop){1.0, 0.5, 0.5};
    c->state = CHANNEL_ON;
    if (m->demo) /* its weights are for its own pictures */
        c->weight = 1.0;
}

void model_set_layer_picture(struct model *m, int layer, const char *path)
{
    model_put_layer_picture(m, layer, path);
    model_commit(m, 0);
}

void model_select_layer(struct model *m, int layer)
{
    if (layer < 0 || layer >= STYLE_LAYER_COUNT)
        return;
    m->layer = layer;
    m->focus = PANE_LAYERS;
    if (m->swap != MODEL_NO_LAYER)
        model_say(m, MESSAGE_HINT, "{layer_swap} swaps %s and %s, {layer_swap} on %s leaves it",
                  layer_name(layer_style[m->swap]), layer_at_cursor(m),
                  layer_name(layer_style[m->swap]));
}

void model_set_fader(struct model *m, int layer, double fraction)
{
    model_select_layer(m, layer);
    set_weight(m, round(model_fader_weight(fraction) * 20.0) / 20.0);
}

void model_step_fader(struct model *m, int layer, double steps)
{
    model_select_layer(m, layer);
    step_weight(m, 0.05 * steps);
}

void model_centre_crop(struct model *m, double x, double y)
{
    move_crop(m, x, y);
}

void model_balance(struct model *m)
{
    double squares = 0.0;
    int count = 0;
    for (int i = 0; i < STYLE_LAYER_COUNT; i++) {
        double pull = model_pull_now(m, i);
        squares += pull * pull;
        count += pull > 0.0;
    }
    if (count == 0) {
        model_say(m, MESSAGE_HINT, "once it runs it is known how strongly layers pull; {run} does");
        return;
    }
    for (int i = 0; i < STYLE_LAYER_COUNT; i++) {
        double pull = model_pull_now(m, i), *weight = &m->job.channel[i].weight;
        char text[32];
        if (pull <= 0.0)
            continue;
        snprintf(text, sizeof text, "%.3g", *weight * sqrt(squares / count) / pull);
        *weight = fmin(1e12, strtod(text, NULL));
    }
    model_commit(m, 0);
    model_say(m, MESSAGE_HINT,
              "all pull alike as the picture is now; what they pull changes with it, so once more "
              "later; {undo} goes back");
}

void model_original(struct model *m)
{
    for (int i = 0; i < STYLE_LAYER_COUNT; i++)
        m->job.channel[i].weight = 1.0;
    model_commit(m, 0);
    model_say(m, MESSAGE_HINT, "all faders at 1, as in the original");
}

static void type_weight(struct model *m)
{
    char text[32];
    job_print_real(text, channel(m)->weight);
    model_prompt_open(m, PROMPT_WEIGHT, "weight", text);
}

void model_layer_action(struct model *m, enum layer_action action)
{
    switch (action) {
    case DO_LAYER_ASSIGN:
        model_browse(m, BROWSER_PICTURES, CHOICE_LAYER, channel(m)->style.path);
        break;
    case DO_LAYER_LESS: step_weight(m, -0.05); break;
    case DO_LAYER_MORE: step_weight(m, 0.05); break;
    case DO_LAYER_MUCH_LESS: step_weight(m, -0.5); break;
    case DO_LAYER_MUCH_MORE: step_weight(m, 0.5); break;
    case DO_LAYER_TYPE: type_weight(m); break;
    case DO_LAYER_ONE: set_weight(m, 1.0); break;
    case DO_LAYER_BLANK: toggle_state(m, CHANNEL_BLANK); break;
    case DO_LAYER_GREY: toggle_state(m, CHANNEL_GREY); break;
    case DO_LAYER_CONTENT: toggle_state(m, CHANNEL_CONTENT); break;
    case DO_LAYER_OFF: toggle_state(m, CHANNEL_OFF); break;
    case DO_LAYER_SOLO: toggle_solo(m); break;
    case DO_LAYER_CROP: step_crop(m, 0.5); break;
    case DO_LAYER_UNCROP: step_crop(m, 2.0); break;
    case DO_LAYER_CENTRE: open_crop(m); break;
    case DO_LAYER_SWAP: swap_layers(m); break;
    case DO_LAYER_ALL: copy_to_all(m); break;
    case DO_LAYER_CLEAR: clear_layer(m); break;
    case DO_LAYER_UP: model_select_layer(m, m->layer - 1); break;
    case DO_LAYER_DOWN: model_select_layer(m, m->layer + 1); break;
    }
}

void model_channel_action(struct model *m, enum channel_action action)
{
    switch (action) {
    case DO_CHANNEL_1: case DO_CHANNEL_2: case DO_CHANNEL_3: case DO_CHANNEL_4: case DO_CHANNEL_5:
        model_select_layer(m, (int)action - (int)DO_CHANNEL_1);
        break;
    }
}

void model_crop_action(struct model *m, enum crop_action action)
{
    const struct crop crop = channel(m)->style.crop;
    double step = crop.size / 8.0;
    switch (action) {
    case DO_CROP_LEFT: move_crop(m, crop.x - step, crop.y); break;
    case DO_CROP_RIGHT: move_crop(m, crop.x + step, crop.y); break;
    case DO_CROP_UP: move_crop(m, crop.x, crop.y - step); break;
    case DO_CROP_DOWN: move_crop(m, crop.x, crop.y + step); break;
    case DO_CROP_SMALLER: step_crop(m, 0.5); break;
    case DO_CROP_LARGER: step_crop(m, 2.0); break;
    case DO_CROP_MIDDLE: move_crop(m, 0.5, 0.5); break;
    case DO_CROP_DONE: model_close_overlay(m); break;
    }
}
