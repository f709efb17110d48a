/* model.c: see model.h. Focus, layout, what the worker tells, and the way of an action. */
#include "tui/desk/model.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "engine/base/file.h"
#include "engine/base/mem.h"
#include "tui/desk/model_private.h"

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
    model_shows(m, path);
    model_history_reset(m);
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
    snapshot_free(&m->run);
    snapshot_picture_clear(&m->result);
    snapshot_look_free(&m->look);
    mem_free(m->history.entry);
    mem_free(m);
    *model = NULL;
}

void model_say(struct model *m, int kind, const char *format, ...)
{
    char text[2 * DIAG_TEXT];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    diag_clean(m->message.text, sizeof m->message.text, text);
    m->message.kind = kind;
}

enum context model_context(const struct model *m)
{
    static const enum context panes[] = {CONTEXT_LAYERS, CONTEXT_JOB, CONTEXT_LOSS,
                                         CONTEXT_PREVIEW, CONTEXT_SNAPSHOTS, CONTEXT_DESK};
    static const enum context overlays[] = {CONTEXT_DESK, CONTEXT_FULL, CONTEXT_CROP,
                                            CONTEXT_FILES, CONTEXT_HELP};
    if (m->question != QUESTION_NONE)
        return CONTEXT_QUESTION;
    if (m->layout.too_small) /* nothing is seen: q leaves, whatever is open */
        return CONTEXT_DESK;
    if (m->prompt.kind != PROMPT_NONE)
        return CONTEXT_PROMPT;
    return m->overlay != OVERLAY_NONE ? overlays[m->overlay] : panes[m->focus];
}

static int kept_count(const struct model *m)
{
    return m->run ? m->run->kept_count : 0;
}

void model_settle(struct model *m)
{
    struct layout *l = &m->layout;
    *l = layout_make(l->rows, l->columns, m->focus, model_setting_count(), kept_count(m));
    if (m->kept >= kept_count(m))
        m->kept = kept_count(m) - 1;
    if (m->kept < 0)
        m->kept = 0;
    m->first_setting = layout_scroll(m->first_setting, m->setting, l->pane[PANE_JOB].height,
                                     model_setting_count());
    m->first_kept = layout_scroll(m->first_kept, m->kept, l->pane[PANE_SNAPSHOTS].height,
                                  kept_count(m));
    struct browser *b = &m->browser;
    int rows = l->full.height - 3;
    if (m->overlay == OVERLAY_HELP && m->first_help > keys_help_lines() - rows)
        m->first_help = keys_help_lines() - rows;
    if (m->first_help < 0)
        m->first_help = 0;
    if (m->overlay == OVERLAY_FILES && rows > 0) {
        m->first_file = layout_scroll(m->first_file, b->cursor, rows, b->match_count);
        for (int i = 0; i < rows; i++)
            browser_look(b, m->first_file + i);
    }
}

void model_resize(struct model *m, int rows, int columns)
{
    m->layout.rows = rows;
    m->layout.columns = columns;
    model_settle(m);
}

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

const char *model_still(const struct model *m)
{
    static char path[JOB_PATH];
    bool folder = true;
    const char *style = m->job.channel[m->layer].style.path;
    if (m->overlay == OVERLAY_FILES)
        return browser_path(&m->browser, path, &folder) && !folder &&
                       m->browser.kind != BROWSER_NETWORKS && !file_has_ending(path, ".ini")
                   ? path
                   : NULL;
    if (m->overlay == OVERLAY_CROP)
        return style[0] ? style : NULL;
    if (m->preview == PREVIEW_RESULT && !m->result.rgb && m->painted[0])
        return m->painted;
    if (m->preview == PREVIEW_CONTENT || (m->preview == PREVIEW_RESULT && !m->result.rgb))
        return m->job.content[0] ? m->job.content : NULL;
    return NULL;
}

const struct snapshot_picture *model_picture(const struct model *m)
{
    if (m->preview == PREVIEW_SNAPSHOT)
        return m->look && m->look->picture.rgb ? &m->look->picture : NULL;
    if (m->preview == PREVIEW_RESULT && m->result.rgb)
        return &m->result;
    return m->still;
}

double model_share(const struct model *m, int layer)
{
    const struct snapshot *s = m->run;
    if (!s || s->losses.total <= 0.0 || s->losses.style <= 0.0)
        return -1.0;
    return s->losses.style_layer[layer] / s->losses.style;
}

double model_fader(double weight)
{
    return sqrt(weight) / 2.0;
}

double model_fader_weight(double fraction)
{
    return 4.0 * fraction * fraction;
}

/* The worker */

struct command *model_send(struct model *m, enum command_kind kind)
{
    if (m->outbox_count >= MODEL_OUTBOX + (kind == CMD_JOB)) {
        model_say(m, MESSAGE_ERROR, "the run is busy; try again in a moment");
        return NULL;
    }
    struct command *c = &m->outbox[m->outbox_count++];
    memset(c, 0, sizeof *c);
    c->kind = kind;
    c->serial = ++m->serial;
    model_job(m, &c->job);
    return c;
}

unsigned model_send_number(struct model *m, enum command_kind kind, int number)
{
    struct command *c = model_send(m, kind);
    if (c)
        c->number = number;
    return c ? c->serial : 0;
}

void model_send_save(struct model *m, const char *path, int number)
{
    struct command *c = model_send(m, CMD_SAVE);
    if (!c)
        return;
    c->number = number;
    c->mode = model_mode(m, path);
    snprintf(c->path, sizeof c->path, "%s", path);
    snprintf(m->saving_path, sizeof m->saving_path, "%s", path);
    m->saving = *path ? c->serial : 0;
}

void model_send_job(struct model *m)
{
    if (!m->started)
        return;
    if (m->outbox_count > 0 && m->outbox[m->outbox_count - 1].kind == CMD_JOB)
        m->outbox_count--;
    m->history.serial = model_send(m, CMD_JOB)->serial; /* there is always a place for it */
}

void model_another_run(struct model *m, unsigned serial)
{
    if (serial == 0)
        return;
    m->anew = serial;
    m->written[0] = 0; /* it replaces nothing that the one before wrote */
}

void model_forget_answers(struct model *m)
{
    m->told_seen = m->returning = m->saving = m->anew = m->history.serial = 0;
    m->outbox_count = m->looking = 0;
}

/* One sentence. Errors stay in sight when more was said since the last look. */
static void take_sentence(struct model *m, const struct snapshot_told *told, bool *failed)
{
    bool good = told->diag.status == STATUS_OK;
    if (!good || !*failed)
        model_say(m, good ? MESSAGE_DONE : MESSAGE_ERROR, "%s", told->diag.text);
    *failed |= !good;
    if (told->command == 0)
        return;
    if (!good && told->command == m->history.serial)
        model_refused(m);
    if (!good && told->command == m->returning)
        m->returning = 0;
    if (told->command == m->saving && good && m->saving > m->anew)
        snprintf(m->written, sizeof m->written, "%s", m->saving_path);
}

/* What a snapshot says about commands sent: edits accepted or refused, sentences. */
static void take_answers(struct model *m, const struct snapshot *s)
{
    bool failed = false;
    if (s->told_serial > m->told_seen + SNAPSHOT_TOLD)
        m->told_seen = s->told_serial - SNAPSHOT_TOLD;
    while (m->told_seen < s->told_serial)
        take_sentence(m, &s->told[++m->told_seen % SNAPSHOT_TOLD], &failed);
    if (s->handled >= m->history.serial)
        m->history.accepted = m->history.at;
    if (m->returning && s->handled >= m->returning) {
        model_adopt(m, &s->job);
        m->returning = 0;
    }
}

void model_take(struct model *m, struct snapshot *s)
{
    int kept = kept_count(m);
    if (s->preview.rgb) {
        snapshot_picture_clear(&m->result);
        m->result = s->preview;
        s->preview = (struct snapshot_picture){0};
    }
    if (s->look) {
        snapshot_look_free(&m->look);
        m->look = s->look;
        s->look = NULL;
    }
    snapshot_free(&m->run);
    m->run = s;
    if (s->kept_count > kept)
        m->kept = s->kept_count - 1;
    take_answers(m, s);
    model_settle(m);
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
    for (int i = 0; m->started && i < kept_count(m); i++)
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

/* Actions */

static void move_focus(struct model *m, int step)
{
    m->focus = (enum pane)((m->focus + PANE_RUN + step) % PANE_RUN);
    if (m->focus == PANE_SNAPSHOTS && kept_count(m) == 0)
        model_say(m, MESSAGE_HINT, "S keeps picture and job as a numbered snapshot, here they are "
                                   "listed");
}

static void flip(struct model *m, int step)
{
    do
        m->preview = (enum preview_kind)((m->preview + PREVIEW_KINDS + step) % PREVIEW_KINDS);
    while (m->preview == PREVIEW_SNAPSHOT && kept_count(m) == 0);
}

static bool apply_screen(struct model *m, const struct act *act)
{
    int page = m->layout.full.height - 3;
    switch (act->action) {
    case ACTION_FOCUS_NEXT: move_focus(m, 1); break;
    case ACTION_FOCUS_BACK: move_focus(m, -1); break;
    case ACTION_FOCUS:
        if (act->index < PANE_RUN)
            m->focus = (enum pane)act->index;
        break;
    case ACTION_FLIP: case ACTION_PREVIEW_NEXT: case ACTION_FULL_NEXT: flip(m, 1); break;
    case ACTION_FLIP_BACK: case ACTION_PREVIEW_BACK: case ACTION_FULL_BACK: flip(m, -1); break;
    case ACTION_FULL: case ACTION_PREVIEW_FULL:
        m->overlay = m->overlay == OVERLAY_FULL ? OVERLAY_NONE : OVERLAY_FULL;
        break;
    case ACTION_FULL_CLOSE: case ACTION_CROP_DONE: case ACTION_HELP_CLOSE:
        m->overlay = m->covered;
        m->covered = OVERLAY_NONE;
        break;
    case ACTION_HELP:
        m->first_help = keys_help_find(model_context(m));
        m->covered = m->overlay;
        m->overlay = OVERLAY_HELP;
        break;
    case ACTION_HELP_UP: m->first_help--; break;
    case ACTION_HELP_DOWN: m->first_help++; break;
    case ACTION_HELP_PAGE_UP: m->first_help -= page; break;
    case ACTION_HELP_PAGE_DOWN: m->first_help += page; break;
    case ACTION_LOSS_SCALE: m->recent = !m->recent; break;
    case ACTION_REDRAW: m->requests |= REQUEST_REDRAW; break;
    case ACTION_SUSPEND: m->requests |= REQUEST_SUSPEND; break;
    default: return false;
    }
    return true;
}

/* The preview shows a snapshot: the one under the cursor is asked for. */
static void look_at_kept(struct model *m)
{
    if (m->preview != PREVIEW_SNAPSHOT)
        return;
    if (kept_count(m) == 0) {
        m->preview = PREVIEW_RESULT;
        return;
    }
    int number = m->run->kept[m->kept].number;
    if (m->looking != number && model_send_number(m, CMD_LOOK, number))
        m->looking = number;
}

void model_apply(struct model *m, const struct act *act)
{
    if (m->layout.too_small && act->action != ACTION_QUIT && act->action != ACTION_SUSPEND &&
        act->action != ACTION_REDRAW && m->question == QUESTION_NONE)
        return;
    if (m->message.kind != MESSAGE_NONE && act->action != ACTION_NONE)
        m->message.kind = MESSAGE_NONE;
    int kind = m->history.kind;
    m->history.kind = 0;
    m->history.last_kind = kind;
    if (!apply_screen(m, act) && !model_layer_action(m, act) && !model_job_action(m, act) &&
        !model_run_action(m, act) && !model_files_action(m, act))
        model_prompt_action(m, act);
    model_settle(m);
    look_at_kept(m);
}
