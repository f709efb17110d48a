/*
 * model_presets.c: presets, applied as one edit: the experiments that strata grew from, what sets
 * all faders, and those in files (presets.h): shipped ones, and the user's own, which are kept and
 * removed by the disk.
 */
#include <stdio.h>
#include <string.h>

#include "engine/base/file.h"
#include "tui/model/model_private.h"

/* What is built in: parts of one painting, from relu1_1 on (0: each layer keeps its own), how many
 * layers are blank, or a function of its own. */
static const struct {
    const char *name, *line;
    double part[STYLE_LAYER_COUNT];
    int blank;
    void (*set)(struct model *m);
} built_in[] = {
    {"control", "one painting, the whole of it, on all layers: the original", {1, 1, 1, 1, 1}, 0,
     NULL},
    {"exp2", "one painting: 1/8, 1/4, then three times the whole",
     {1.0 / 8, 1.0 / 4, 1, 1, 1}, 0, NULL},
    {"exp3a", "relu1_1 blank, the others on", {0}, 1, NULL},
    {"exp3b", "relu1_1 and relu2_1 blank, the others on", {0}, 2, NULL},
    {"exp3c", "relu1_1 to relu3_1 blank, the others on", {0}, 3, NULL},
    {"exp3d", "relu1_1 to relu4_1 blank, relu5_1 on", {0}, 4, NULL},
    {"zoom",
     "one painting: 1/8, 1/4, 1/2, then twice the whole; grain comes from a detail, enlarged, "
     "shapes from all of it",
     {1.0 / 8, 1.0 / 4, 1.0 / 2, 1, 1}, 0, NULL},
    {"balance", "faders so that all layers pull alike, once it runs", {0}, 0, model_balance},
    {"original", "all faders at 1, as in the original", {0}, 0, model_original},
};

enum { BUILT_IN = sizeof built_in / sizeof *built_in };

/* Numbers go on from those built in to the shipped ones and the user's own. *of: which of them. */
static const struct preset *in_file(const struct model *m, int index, enum presets_of *of)
{
    index -= BUILT_IN;
    for (*of = PRESETS_SHIPPED; index >= m->presets[*of].count; (*of)++)
        index -= m->presets[*of].count;
    return &m->presets[*of].preset[index];
}

int model_preset_count(const struct model *m)
{
    return BUILT_IN + m->presets[PRESETS_SHIPPED].count + m->presets[PRESETS_OWN].count;
}

const char *model_preset_name(const struct model *m, int index)
{
    enum presets_of of;
    return index < BUILT_IN ? built_in[index].name : in_file(m, index, &of)->name;
}

const char *model_preset_group(const struct model *m, int index)
{
    enum presets_of of;
    if (index < BUILT_IN)
        return "Presets";
    in_file(m, index, &of);
    return of == PRESETS_SHIPPED ? "Presets with pictures of their own" : "Your presets";
}

const char *model_preset_line(const struct model *m, int index)
{
    enum presets_of of;
    return index < BUILT_IN ? built_in[index].line : in_file(m, index, &of)->line;
}

/* The user's own before a shipped one of the same name. */
int model_find_preset(const struct model *m, const char *name)
{
    for (int i = model_preset_count(m) - 1; i >= 0; i--)
        if (strcmp(model_preset_name(m, i), name) == 0)
            return i;
    return -1;
}

/* ---- applying ----------------------------------------------------------------------------- */

const struct style *model_painting(const struct model *m)
{
    if (m->job.blend_count > 0)
        return m->job.blend[0].path[0] ? &m->job.blend[0] : NULL;
    for (int i = 0; i < STYLE_LAYER_COUNT; i++) {
        const struct style *style = &m->job.channel[(m->layer + i) % STYLE_LAYER_COUNT].style;
        if (style->path[0])
            return style;
    }
    return NULL;
}

/* A part of that size, where there was one of it already; else the middle. */
static void give(struct channel *c, const struct style *style, double size)
{
    struct crop before = c->style.crop;
    bool stays = strcmp(c->style.path, style->path) == 0 && before.size == size;
    c->style = *style;
    c->style.crop = stays ? before : (struct crop){size, 0.5, 0.5};
    c->state = CHANNEL_ON;
}

/* No layer stays on without a picture. */
static void fill_layers(struct job *job, const struct style *style)
{
    for (int i = 0; i < STYLE_LAYER_COUNT && job->blend_count == 0; i++) {
        struct channel *c = &job->channel[i];
        if (c->state != CHANNEL_ON || c->style.path[0])
            continue;
        struct crop crop = c->style.crop;
        if (style)
            c->style = *style;
        else
            c->state = CHANNEL_OFF;
        c->style.crop = crop;
    }
}

static void set_layers(struct job *job, const struct style *from, int index)
{
    const struct style style = *from;
    bool parts = built_in[index].part[0] > 0.0;
    if (parts)
        job->blend_count = 0;
    for (int i = 0; i < STYLE_LAYER_COUNT; i++)
        if (parts)
            give(&job->channel[i], &style, built_in[index].part[i]);
        else
            job->channel[i].state = i < built_in[index].blank ? CHANNEL_BLANK : CHANNEL_ON;
    fill_layers(job, &style);
}

static bool set_from_file(struct model *m, const struct preset *preset, enum presets_of of)
{
    struct diag diag;
    static struct style style;
    static struct job job;
    const struct style *from = model_painting(m);
    if (of == PRESETS_SHIPPED) /* a whole job */
        job_defaults(&job);
    else
        job = m->job;
    if (from)
        style = *from;
    const char *folder = m->presets[of].folder;
    if (job_parse_over(&job, preset->text, preset->name, folder, &diag) != STATUS_OK) {
        model_say(m, MESSAGE_ERROR, "preset %s", diag.text);
        return false;
    }
    fill_layers(&job, from ? &style : NULL);
    if (of == PRESETS_SHIPPED)
        presets_leave(&job, &m->job);
    m->job = job;
    return true;
}

bool model_apply_preset(struct model *m, int index)
{
    const char *name = model_preset_name(m, index);
    snprintf(m->last_preset, sizeof m->last_preset, "%s", name);
    if (index < BUILT_IN && built_in[index].set) {
        built_in[index].set(m);
        return true;
    }
    if (index >= BUILT_IN) {
        enum presets_of of;
        const struct preset *preset = in_file(m, index, &of);
        if (!set_from_file(m, preset, of))
            return false;
    } else if (model_painting(m)) {
        set_layers(&m->job, model_painting(m), index);
    } else {
        model_say(m, MESSAGE_ERROR, "%s needs a painting; {layer_assign} on a layer chooses one",
                  name);
        return false;
    }
    m->solo = MODEL_NO_LAYER;
    model_commit(m, 0);
    const char *line = model_preset_line(m, index);
    int end = (int)strcspn(line, ";");
    end -= end > 0 && line[end - 1] == '.';
    model_say(m, MESSAGE_DONE, "%s: %.*s; {undo} takes it back", name, end, line);
    return true;
}

/* ---- the user's own ----------------------------------------------------------------------- */

static void ask_presets(struct model *m, enum presets_of of, const char *without)
{
    struct disk_request *r = model_disk(m, DISK_PRESETS, PURPOSE_PRESETS, m->presets[of].folder);
    r->number = of;
    snprintf(r->name, sizeof r->name, "%s", without);
}

void model_read_presets(struct model *m, enum presets_of of, const char *folder)
{
    snprintf(m->presets[of].folder, sizeof m->presets[of].folder, "%s", folder);
    if (folder[0])
        ask_presets(m, of, "");
}

bool model_save_preset(struct model *m, const char *name, bool pictures)
{
    struct diag diag;
    char path[JOB_PATH];
    const char *folder = m->presets[PRESETS_OWN].folder;
    int taken = model_find_preset(m, name);
    if (!folder[0])
        model_say(m, MESSAGE_ERROR, "there is no place for presets: HOME is not set");
    else if (!presets_can_be(name))
        model_say(m, MESSAGE_ERROR, "a preset's name is of letters, digits, - and _; %s is not",
                  name);
    else if (taken >= 0 && taken < BUILT_IN)
        model_say(m, MESSAGE_ERROR, "%s is built in; choose another name", name);
    else if (presets_path(path, folder, name, &diag) != STATUS_OK)
        model_say(m, MESSAGE_ERROR, "%s", diag.text);
    else {
        struct disk_request *r = model_disk(m, DISK_WRITE, PURPOSE_PRESET_SAVED, path);
        r->text = presets_print(&m->job, folder, pictures);
        r->size = strlen(r->text);
        r->folders = true;
        snprintf(r->name, sizeof r->name, "%s", name);
        return true;
    }
    return false;
}

bool model_delete_preset(struct model *m, const char *name)
{
    enum presets_of of = PRESETS_SHIPPED;
    int index = model_find_preset(m, name);
    if (index >= BUILT_IN)
        in_file(m, index, &of);
    if (of == PRESETS_OWN) {
        ask_presets(m, of, name);
        return true;
    }
    model_say(m, MESSAGE_ERROR, index >= 0 ? "%s comes with strata and stays"
                                           : "there is no preset %s; {presets} lists them", name);
    return false;
}

void model_preset_saved(struct model *m, const struct disk_answer *a)
{
    const char *name = a->request.name;
    if (a->exists)
        model_say(m, MESSAGE_ERROR, "there is a preset %s; :preset delete %s removes it first",
                  name, name);
    else if (a->diag.status != STATUS_OK)
        model_say(m, MESSAGE_ERROR, "%s", a->diag.text);
    else {
        model_say(m, MESSAGE_DONE, "preset %s is kept; {presets} lists it, :preset %s sets it",
                  name, name);
        ask_presets(m, PRESETS_OWN, "");
    }
}

void model_take_presets(struct model *m, struct disk_answer *a)
{
    struct preset_list *list = &m->presets[a->request.number];
    presets_clear(&list->preset, &list->count);
    list->preset = a->presets;
    list->count = a->preset_count;
    a->presets = NULL;
    a->preset_count = 0;
    if (a->diag.status != STATUS_OK)
        model_say(m, MESSAGE_ERROR, "%s", a->diag.text);
    else if (a->request.name[0])
        model_say(m, MESSAGE_DONE, "preset %s is gone", a->request.name);
}
