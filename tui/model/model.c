/*
 * model.c: see model.h. The model's data and what can be read from it: contexts, layout, pictures,
 * settings, sentences, requests to the disk. Everything else in model_*.c stands on it.
 */
#include "tui/model/model.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "engine/base/file.h"
#include "engine/base/mem.h"
#include "engine/image/image.h"
#include "tui/model/model_private.h"
#include "tui/model/paths.h"
#include "tui/term/text.h"

static const char *const roles[STYLE_LAYER_COUNT] = {"colour, grain", "fine strokes",
                                                     "strokes, curls", "motifs", "large shapes"};

const char *model_layer_role(int layer)
{
    return roles[layer];
}

struct model *model_new(const struct job *job, const char *path)
{
    struct model *m = mem_new(sizeof *m);
    m->history.entry = mem_new((MODEL_HISTORY + 1) * sizeof *m->history.entry);
    m->job = m->saved_job = *job;
    snprintf(m->path, sizeof m->path, "%s", path);
    m->solo = m->swap = MODEL_NO_LAYER;
    m->old_places = mem_text("");
    model_shows(m, path);
    m->followed = -1;
    m->history.count = 1;
    m->history.entry[0] = m->job;
    model_resize(m, 24, 80);
    return m;
}

void model_shows(struct model *m, const char *path)
{
    bool png = file_has_ending(path, ".png");
    snprintf(m->painted, sizeof m->painted, "%s", png ? path : "");
    m->preview = png ? PREVIEW_RESULT : PREVIEW_CONTENT;
}

void model_free(struct model **model)
{
    struct model *m = *model;
    if (!m)
        return;
    browser_close(&m->browser);
    palette_clear(&m->palette);
    mem_free(m->line);
    for (int i = 0; i < PRESETS_FOLDERS; i++)
        presets_clear(&m->presets[i].preset, &m->presets[i].count);
    mem_free(m->old_places);
    while (m->disk_count > 0)
        disk_request_clear(&m->disk[--m->disk_count]);
    snapshot_free(&m->run);
    snapshot_picture_clear(&m->result);
    snapshot_look_free(&m->look);
    for (int i = 0; i < 2; i++)
        snapshot_look_free(&m->compare.side[i].look);
    mem_free(m->history.entry);
    mem_free(m->runs);
    mem_free(m->copied);
    tree_clear(&m->tree);
    config_clear(&m->config);
    config_clear(&m->config_file);
    config_clear(&m->config_written);
    mem_free(m);
    *model = NULL;
}

void model_say(struct model *m, int kind, const char *format, ...)
{
    char text[2 * DIAG_TEXT], with_keys[2 * DIAG_TEXT];
    va_list args;
    keys_fill_in(with_keys, sizeof with_keys, format);
    va_start(args, format);
    vsnprintf(text, sizeof text, with_keys, args);
    va_end(args);
    diag_clean(m->message.text, sizeof m->message.text, text);
    text_plain_arrows(m->message.text);
    m->message.kind = kind;
}

static const enum context pane_contexts[] = {
#define X(pane, context, view) [PANE_##pane] = CONTEXT_##context,
    PANE_LIST(X)
#undef X
};

static const enum context overlay_contexts[] = {
#define X(overlay, context, view) [OVERLAY_##overlay] = CONTEXT_##context,
    OVERLAY_LIST(X)
#undef X
};

enum context model_context(const struct model *m)
{
    if (m->question != QUESTION_NONE)
        return CONTEXT_QUESTION;
    if (m->layout.too_small) /* nothing is seen: q leaves, whatever is open */
        return CONTEXT_DESK;
    if (m->prompt.kind != PROMPT_NONE)
        return CONTEXT_PROMPT;
    if (m->new_key)
        return CONTEXT_NEW_KEY;
    if (m->overlay == OVERLAY_PALETTE && !m->palette.searching)
        return CONTEXT_HELP;
    return m->overlay != OVERLAY_NONE ? overlay_contexts[m->overlay] : pane_contexts[m->focus];
}

int model_kept_count(const struct model *m)
{
    return m->run ? m->run->kept_count : 0;
}

bool model_is_setting(const struct job_key *key)
{
    return !key->in_lists && key->kind != JOB_LIST;
}

int model_setting_count(void)
{
    size_t count;
    int settings = 0;
    const struct job_key *keys = job_keys(&count);
    for (size_t i = 0; i < count; i++)
        settings += model_is_setting(&keys[i]);
    return settings;
}

const struct job_key *model_setting(int index)
{
    size_t count;
    const struct job_key *keys = job_keys(&count);
    for (size_t i = 0; i < count; i++)
        if (model_is_setting(&keys[i]) && index-- == 0)
            return &keys[i];
    return NULL;
}

struct disk_request *model_disk(struct model *m, enum disk_kind kind, enum purpose purpose,
                                const char *path)
{
    if (m->disk_count == MODEL_DISK) { /* the oldest that waits is dropped */
        disk_request_clear(&m->disk[0]);
        memmove(&m->disk[0], &m->disk[1], sizeof m->disk[0] * (size_t)--m->disk_count);
    }
    struct disk_request *r = &m->disk[m->disk_count++];
    memset(r, 0, sizeof *r);
    r->kind = kind;
    r->purpose = (int)purpose;
    r->serial = ++m->disk_serial;
    snprintf(r->path, sizeof r->path, "%s", path);
    m->awaited[purpose] = r->serial;
    return r;
}

/* Asks for sizes and dates of the browser's lines, unless they are known. */
static void ask_details(struct model *m, int first, int count)
{
    struct browser *b = &m->browser;
    struct disk_request *r = NULL;
    size_t used = 0;
    for (int i = first; i < first + count; i++) {
        struct browser_entry *e = browser_line(b, i);
        if (!e || e->known || e->asked)
            continue;
        size_t n = strlen(e->name) + 1;
        if (!r) {
            r = model_disk(m, DISK_DETAILS, PURPOSE_DETAILS, b->folder);
            r->number = (int)b->generation;
            r->text = mem_new(DISK_TEXT);
        }
        if (used + n >= DISK_TEXT)
            break;
        memcpy(r->text + used, e->name, n);
        used += n;
        e->asked = true;
    }
}

static void scroll_config(struct model *m)
{
    enum { FRAME_AND_SENTENCE = 5 };
    int rows = m->layout.full.height - FRAME_AND_SENTENCE, line = config_line_of(m->config_at);
    m->first_config = layout_scroll(m->first_config, line, rows, config_lines());
    if (m->first_config == line && config_line(line - 1) < 0)
        m->first_config--; /* with its title */
}

void model_update_layout(struct model *m)
{
    struct layout *l = &m->layout;
    *l = layout_make(l->rows, l->columns, m->focus, model_setting_count(), model_kept_count(m),
                     m->moved);
    if (m->kept >= model_kept_count(m))
        m->kept = model_kept_count(m) - 1;
    if (m->kept < 0)
        m->kept = 0;
    m->first_setting = layout_scroll(m->first_setting, m->setting, l->pane[PANE_JOB].height,
                                     model_setting_count());
    m->first_kept = layout_scroll(m->first_kept, m->kept, l->pane[PANE_SNAPSHOTS].height,
                                  model_kept_count(m));
    struct browser *b = &m->browser;
    int rows = l->full.height - 3;
    if (m->overlay == OVERLAY_TREE && m->prompt.kind == PROMPT_FILTER)
        tree_filter(&m->tree, m->prompt.text);
    m->tree.first = layout_scroll(m->tree.first, m->tree.at, rows, m->tree.count);
    if (m->overlay == OVERLAY_CONFIG)
        scroll_config(m);
    if (m->overlay == OVERLAY_PALETTE)
        palette_flow(&m->palette, l->full.height - 2 - m->palette.searching, l->full.width - 4);
    if (m->overlay == OVERLAY_FILES && rows > 0) {
        struct layout_files f = layout_files(l, b->grid);
        int all = (b->match_count + f.columns - 1) / f.columns;
        m->first_file = f.columns * layout_scroll(m->first_file / f.columns,
                                                  b->cursor / f.columns, f.rows, all);
        ask_details(m, m->first_file, f.rows * f.columns);
    }
}

void model_resize(struct model *m, int rows, int columns)
{
    m->layout.rows = rows;
    m->layout.columns = columns;
    model_update_layout(m);
}

/* ---- what is to be seen ------------------------------------------------------------------- */

/* What is to be seen */

void model_job(const struct model *m, struct job *out)
{
    *out = m->job;
    for (int i = 0; m->solo != MODEL_NO_LAYER && i < STYLE_LAYER_COUNT; i++)
        if (i != m->solo)
            out->channel[i].state = CHANNEL_OFF;
        else if (out->channel[i].state == CHANNEL_OFF)
            out->channel[i].state = out->channel[i].style.path[0] ? CHANNEL_ON : CHANNEL_BLANK;
}

/* What the user has chosen since is no longer the picture's wish. */
bool model_may_open(const struct model *m, const char *path)
{
    const struct job_key *key;
    char named[JOB_PATH];
    if (!m->guard[0] || !job_input_outside(path, m->guard))
        return true;
    for (int i = 0; job_input(named, &m->saved_job, i, &key); i++)
        if (strcmp(named, path) == 0)
            return false;
    return true;
}

int model_guarded(const struct model *m, char first[JOB_PATH])
{
    const struct job_key *key;
    char path[JOB_PATH];
    int count = 0;
    for (int i = 0; m->guard[0] && job_input(path, &m->job, i, &key); i++)
        if (path[0] && !model_may_open(m, path) && count++ == 0)
            strcpy(first, path);
    return count;
}

void model_guard(struct model *m, const char *path)
{
    char first[JOB_PATH];
    snprintf(m->guard, sizeof m->guard, "%s", file_has_ending(path, ".png") ? path : "");
    if (model_guarded(m, first)) {
        model_say(m, MESSAGE_HINT, "%s names files outside its folder; {run} asks about them",
                  file_name(path));
        return;
    }
    m->guard[0] = 0;
    model_say_edits(m);
}

void model_say_edits(struct model *m)
{
    int first = 0, last = 0, count = job_edits_lines(m->job.edits, &first, &last);
    if (m->job.edits_lost > 0)
        model_say(m, MESSAGE_HINT, "the job does not know what was changed before iteration %d: "
                                   "painted again, the picture will be another",
                  m->job.edits_lost);
    else if (count == 1)
        model_say(m, MESSAGE_HINT, "an edit at iteration %d is made again while it paints; :edits "
                                   "off drops it, :edits last makes it the job's", first);
    else if (count > 1)
        model_say(m, MESSAGE_HINT, "%d edits at iterations %d to %d are made again while it "
                                   "paints; :edits off drops them, :edits last makes them the "
                                   "job's", count, first, last);
}

bool model_shows_picture(const struct model *m, const char *path)
{
    char endings[IMAGE_WORDS];
    return m->browser.kind != BROWSER_NETWORKS && file_has_ending(path, image_endings(endings));
}

double model_share(const struct model *m, int layer)
{
    const struct snapshot *s = m->run;
    if (!s || s->losses.total <= 0.0 || s->losses.style <= 0.0)
        return -1.0;
    return s->losses.style_layer[layer] / s->losses.style;
}

double model_pull_now(const struct model *m, int layer)
{
    const struct snapshot *s = m->run;
    double weight = s ? s->job.channel[layer].weight : 0.0;
    return weight > 0.0 ? s->pull[layer] * m->job.channel[layer].weight / weight : 0.0;
}

double model_pull(const struct model *m, int layer)
{
    double sum = 0.0;
    for (int i = 0; i < STYLE_LAYER_COUNT; i++)
        sum += model_pull_now(m, i);
    return sum > 0.0 ? model_pull_now(m, layer) / sum : -1.0;
}

double model_fader(double weight)
{
    return sqrt(weight) / 2.0;
}

double model_fader_weight(double fraction)
{
    return 4.0 * fraction * fraction;
}

bool model_running(const struct model *m)
{
    const struct snapshot *s = m->run;
    if (!m->started)
        return false;
    if (!s || s->state == SNAPSHOT_OPENING || s->state == SNAPSHOT_RUNNING)
        return true;
    return s->iteration > 0 && !s->saved;
}

int model_unsaved_kept(const struct model *m)
{
    int count = 0;
    for (int i = 0; m->started && i < model_kept_count(m); i++)
        count += !m->run->kept[i].saved;
    return count;
}

bool model_needs_restart(const struct model *m, char *names, size_t size)
{
    size_t count;
    const struct job_key *keys = job_keys(&count);
    bool any = false;
    names[0] = 0;
    if (!m->started || !m->run || m->run->state == SNAPSHOT_OPENING)
        return false;
    for (size_t i = 0; i < count; i++) {
        char now[JOB_PATH], then[JOB_PATH];
        job_print_value(now, sizeof now, &m->job, &keys[i]);
        job_print_value(then, sizeof then, &m->run->job, &keys[i]);
        if (!keys[i].at_start || strcmp(now, then) == 0)
            continue;
        size_t used = strlen(names);
        snprintf(names + used, size - used, "%s%s", any ? ", " : "", keys[i].name);
        any = true;
    }
    return any;
}

/* ---- what is asked ------------------------------------------------------------------------ */

/* Questions */

void model_ask(struct model *m, enum question question, const char *path, const char *beside,
               int number)
{
    m->question = question;
    m->question_number = number;
    m->no_answer[0] = 0;
    snprintf(m->question_path, sizeof m->question_path, "%s", path);
    snprintf(m->question_beside, sizeof m->question_beside, "%s", beside);
}

void model_idle_key(struct model *m, const char *name)
{
    if (m->question != QUESTION_NONE)
        snprintf(m->no_answer, sizeof m->no_answer, "%s", name);
    else if (m->message.kind <= MESSAGE_HINT && !m->layout.too_small)
        model_say(m, MESSAGE_HINT, "%s does nothing here; {help} lists the keys", name);
}

void model_prompt_open(struct model *m, enum prompt_kind kind, const char *label, const char *text)
{
    struct prompt *p = &m->prompt;
    p->kind = kind;
    snprintf(p->label, sizeof p->label, "%s", label);
    snprintf(p->text, sizeof p->text, "%s", text);
    p->at = strlen(p->text);
    /* all of it or, where it begins with a setting's name, the value */
    size_t name = kind == PROMPT_SET ? strcspn(p->text, " ") : 0;
    p->selected = p->at - name - (p->text[name] == ' ');
    p->candidates[0] = 0;
    p->past_at = -1;
}

void model_close_overlay(struct model *m)
{
    m->overlay = m->covered;
    m->covered = OVERLAY_NONE;
}
