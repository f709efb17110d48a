/* model_variations.c: other values of a fader, a crop, a state or a setting, to choose from. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/mem.h"
#include "tui/model/model_private.h"

static const char *const of_layer[] = {"weight", "crop", "state"};

enum { OF_LAYER = 3 };

/* ---- the values --------------------------------------------------------------------------- */

static void add(struct variations *v, const char *value)
{
    for (int i = 0; i < v->count; i++)
        if (strcmp(v->value[i], value) == 0)
            return;
    if (v->count < VARIATIONS)
        snprintf(v->value[v->count++], sizeof v->value[0], "%s", value);
}

/* The job's own, whatever it is. */
static void add_present(struct variations *v, const char *value)
{
    add(v, value);
    v->present = v->at = v->count - 1;
}

static void add_number(struct variations *v, double value)
{
    char text[32];
    snprintf(text, sizeof text, "%.3g", value);
    job_print_real(text, strtod(text, NULL));
    add(v, text);
}

/* None of it, and in steps of two around what is there; of shares, eighths. */
static void vary_number(struct variations *v, double value, double low, double high)
{
    enum { BELOW = 3, ABOVE = 4 };
    bool share = high <= 1.0, told = false;
    double middle = value > 0.0 ? value : 1.0;
    char present[32];
    job_print_real(present, value);
    for (int i = -BELOW - 1; i <= ABOVE; i++) {
        double next = share ? (i + BELOW + 1) / 8.0 : i < -BELOW ? 0.0 : middle * pow(2.0, i);
        if (!told && next >= value * (1.0 - 1e-9)) {
            told = true;
            add_present(v, present);
            if (next <= value * (1.0 + 1e-9))
                continue;
        }
        if (next >= low && next <= high)
            add_number(v, next);
    }
}

static void vary_choices(struct variations *v, const char *choices, const char *present)
{
    char word[64];
    while (*choices) {
        size_t n = strcspn(choices, "|");
        snprintf(word, sizeof word, "%.*s", (int)n, choices);
        if (strcmp(word, present) == 0)
            add_present(v, word);
        else
            add(v, word);
        choices += n + (choices[n] != 0);
    }
}

static void add_crop(struct variations *v, double size, double x, double y)
{
    char text[96];
    double half = size / 2.0;
    struct crop crop = {size, fmin(fmax(x, half), 1.0 - half), fmin(fmax(y, half), 1.0 - half)};
    job_print_crop(text, &crop);
    add(v, text);
}

/* Smaller and larger around the same centre, then the same size at four others. */
static void vary_crop(struct variations *v, const struct crop *crop)
{
    char text[96];
    double size = crop->size < 1.0 ? crop->size : 0.5;
    job_print_crop(text, crop);
    add_present(v, text);
    for (double other = 1.0; other >= 1.0 / 8; other /= 2.0)
        add_crop(v, other, crop->x, crop->y);
    for (int i = 0; i < 4; i++)
        add_crop(v, size, i % 2 ? 0.75 : 0.25, i / 2 ? 0.75 : 0.25);
}

/* What pulls without a picture, and the picture where there is one. */
static void vary_state(struct variations *v, const struct job *job, const struct channel *c)
{
    for (int state = 0; state < CHANNEL_STATES; state++) {
        const char *name = job_state_name((enum channel_state)state);
        if ((enum channel_state)state == c->state)
            add_present(v, name);
        else if (state != CHANNEL_ON || c->style.path[0] || job->blend_count > 0)
            add(v, name);
    }
}

static void vary_seed(struct variations *v, uint64_t seed)
{
    char text[32];
    for (int i = 0; i < VARIATIONS; i++) {
        snprintf(text, sizeof text, "%llu", (unsigned long long)(seed + (uint64_t)i));
        add(v, text);
    }
}

/* Those of which a small picture tells something. */
static bool vary_setting(struct variations *v, const struct job *job, const struct job_key *key)
{
    static const char *const told[] = {"content_weight", "content_weight_blend", "style_weight",
                                       "tv_weight", "initial_noiseblend", "seed",
                                       "preserve_colors", "pooling"};
    char present[JOB_PATH];
    bool good = false;
    for (size_t i = 0; i < sizeof told / sizeof *told; i++)
        good |= strcmp(key->name, told[i]) == 0;
    if (!good)
        return false;
    job_print_value(present, sizeof present, job, key);
    if (key->kind == JOB_REAL)
        vary_number(v, present[0] ? strtod(present, NULL) : strcmp(job->initial, "noise") == 0,
                    key->low, key->high);
    else if (key->kind == JOB_SEED)
        vary_seed(v, job->seed);
    else
        vary_choices(v, key->kind == JOB_FLAG ? "false|true" : key->choices, present);
    return true;
}

/* ---- opening ------------------------------------------------------------------------------ */

/* false: this has no other values that could be seen. */
static bool fill(struct model *m, struct variations *v, const char *name)
{
    const struct job_key *key = job_find_key(name);
    const struct channel *c = &v->base.channel[m->layer];
    bool own = v->base.blend_count == 0 && c->style.path[0];
    snprintf(v->name, sizeof v->name, "%s", name);
    v->layer = key ? -1 : m->layer;
    v->count = v->present = v->at = 0;
    if (key)
        return vary_setting(v, &v->base, key);
    if (name[0] == 's')
        vary_state(v, &v->base, c);
    else if (c->state == CHANNEL_OFF || (name[0] == 'c' && (!own || c->state != CHANNEL_ON)))
        return false;
    else if (name[0] == 'c')
        vary_crop(v, &c->style.crop);
    else
        vary_number(v, c->weight, 0.0, 1e12);
    return true;
}

static void say_none(struct model *m, const char *name)
{
    if (job_find_key(name))
        model_say(m, MESSAGE_HINT,
                  "small pictures would not tell what %s does; {vary} is for the weights, noise, "
                  "colours, and for layers", name);
    else
        model_say(m, MESSAGE_HINT,
                  "%s is pulled by no picture of its own; {vary} on the desk shows what else it "
                  "could be", layer_name(layer_style[m->layer]));
}

void model_vary(struct model *m, const char *name)
{
    struct variations *v = &m->variations;
    struct diag diag;
    char first[JOB_PATH];
    model_job(m, &v->base);
    v->base.edits[0] = v->base.painted[0] = 0;
    v->base.edits_lost = 0;
    if (model_guarded(m, first)) {
        model_say(m, MESSAGE_HINT,
                  "the job names files outside its picture's folder; {run} asks about them");
    } else if (job_validate(&v->base, &diag) != STATUS_OK) {
        model_say(m, MESSAGE_ERROR, "%s", diag.text);
    } else if (!fill(m, v, name)) {
        say_none(m, name);
    } else {
        m->overlay = OVERLAY_VARIATIONS;
        v->serial++;
        memset(v->sketch, 0, sizeof v->sketch);
    }
}

void model_vary_at_cursor(struct model *m)
{
    bool off = m->job.channel[m->layer].state == CHANNEL_OFF;
    const char *name = off ? "state" : "weight";
    model_vary(m, m->focus == PANE_JOB ? model_setting(m->setting)->name : name);
}

/* The next of a layer's that has variations. */
static void open_other(struct model *m)
{
    const struct variations *v = &m->variations;
    int at = 0;
    if (v->layer < 0) {
        model_say(m, MESSAGE_HINT, "{vary_close}, and {vary} on another setting or layer");
        return;
    }
    while (at < OF_LAYER && strcmp(v->name, of_layer[at]) != 0)
        at++;
    do
        at = (at + 1) % OF_LAYER;
    while (!fill(m, &m->variations, of_layer[at]));
    model_vary(m, of_layer[at]);
}

/* ---- what is done with them --------------------------------------------------------------- */

static void set(struct job *job, int layer, const char *name, const char *value)
{
    const struct job_key *key = job_find_key(name);
    struct channel *c = layer >= 0 ? &job->channel[layer] : NULL;
    struct diag diag;
    if (key) {
        struct job_lists *lists = mem_new(sizeof *lists);
        job_set(job, lists, key, value, "", &diag);
        mem_free(lists);
    } else if (name[0] == 's') {
        job_find_state(&c->state, value);
    } else if (name[0] == 'c') {
        job_parse_crop(&c->style.crop, value, &diag);
    } else {
        c->weight = strtod(value, NULL);
    }
}

void model_variation(const struct model *m, int index, struct job *out)
{
    const struct variations *v = &m->variations;
    *out = v->base;
    if (index != v->present)
        set(out, v->layer, v->name, v->value[index]);
}

/* The job's own value is no edit. */
static void take(struct model *m)
{
    struct variations *v = &m->variations;
    char line[200];
    m->overlay = OVERLAY_NONE;
    if (v->at == v->present)
        return;
    snprintf(line, sizeof line, "%s %s", v->name, v->value[v->at]);
    if (model_set(m, line) && m->message.kind == MESSAGE_NONE)
        model_say(m, MESSAGE_DONE, "%s%s%s %s; {undo} takes it back",
                  v->layer < 0 ? "" : layer_name(layer_style[v->layer]), v->layer < 0 ? "" : " ",
                  v->name, v->value[v->at]);
}

static void move_cursor(struct model *m, int to)
{
    struct variations *v = &m->variations;
    if (to >= 0 && to < v->count)
        v->at = to;
}

void model_vary_tile(struct model *m, int index)
{
    move_cursor(m, index);
}

void model_vary_action(struct model *m, enum vary_action action)
{
    struct variations *v = &m->variations;
    int columns = v->count > 0 ? layout_variations(&m->layout, v->count).columns : 1;
    switch (action) {
    case DO_VARY_TAKE: take(m); break;
    case DO_VARY_OTHER: open_other(m); break;
    case DO_VARY_LEFT: move_cursor(m, v->at - 1); break;
    case DO_VARY_RIGHT: move_cursor(m, v->at + 1); break;
    case DO_VARY_UP: move_cursor(m, v->at - columns); break;
    case DO_VARY_DOWN: move_cursor(m, v->at + columns); break;
    case DO_VARY_FIRST: move_cursor(m, 0); break;
    case DO_VARY_LAST: move_cursor(m, v->count - 1); break;
    case DO_VARY_CLOSE: m->overlay = OVERLAY_NONE; break;
    }
}
