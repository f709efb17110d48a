/* model_run.c: what steers the run: start, pause, snapshots, saving, leaving, and questions. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "engine/base/file.h"
#include "engine/image/image.h"
#include "engine/base/mem.h"
#include "tui/desk/model_private.h"

static bool exists(const char *path)
{
    return access(path, F_OK) == 0;
}

/* Names */

void model_free_name(char out[JOB_PATH], const char *path)
{
    char taken[JOB_PATH];
    int number = 2;
    snprintf(taken, sizeof taken, "%s", path);
    do
        file_numbered(out, JOB_PATH, taken, number++);
    while (exists(out) && number < 10000);
}

void model_name_output(struct model *m)
{
    job_name_output(&m->job);
    m->own_output = true;
}

enum file_overwrite model_mode(const struct model *m, const char *path)
{
    const struct snapshot *s = m->run;
    bool own = s && s->handled >= m->anew && s->file[0] && strcmp(path, s->file) == 0;
    bool allowed = m->written[0] && strcmp(path, m->written) == 0;
    return own || allowed ? FILE_OVERWRITE : FILE_KEEP;
}

/* Questions */

void model_ask(struct model *m, enum question question, const char *path, int number)
{
    m->question = question;
    m->question_number = number;
    snprintf(m->question_path, sizeof m->question_path, "%s", path);
}

/* "The run is at 3 of 10 and not saved", "2 snapshots are only here", or both. */
static void losses(const struct model *m, char *out, size_t size)
{
    int kept = model_unsaved_kept(m), used = 0;
    bool run = model_running(m);
    if (run)
        used = snprintf(out, size, "The run is at %d of %d and not saved",
                        m->run ? m->run->iteration : 0, m->run ? m->run->iterations : 0);
    if (kept)
        snprintf(out + used, size - (size_t)used, "%s%d snapshot%s only here", run ? ", " : "",
                 kept, kept == 1 ? " is" : "s are");
}

void model_question(const struct model *m, char text[DIAG_TEXT], char answers[200])
{
    char raw[JOB_PATH + 200], lost[120] = "";
    const char *path = m->question_path;
    const char *can = "";
    raw[0] = 0;
    losses(m, lost, sizeof lost);
    switch (m->question) {
    case QUESTION_QUIT:
        snprintf(raw, sizeof raw, "%s. Leave?", lost);
        can = "y save and leave   n leave unsaved   k leave it painting, unseen   esc stay";
        break;
    case QUESTION_QUIT_KEPT:
        snprintf(raw, sizeof raw, "%s. Leave?", lost);
        can = "y save all and leave   n leave unsaved   esc stay";
        break;
    case QUESTION_QUIT_EDITS:
        snprintf(raw, sizeof raw, "The job was changed and is saved nowhere. Leave?");
        can = "y save it as a file and leave   n leave unsaved   esc stay";
        break;
    case QUESTION_START:
        snprintf(raw, sizeof raw, "%s is there already. Replace it when the run ends?", path);
        can = "y replace it   n keep both, under a new name   esc back";
        break;
    case QUESTION_SAVE:
    case QUESTION_SAVE_JOB:
        snprintf(raw, sizeof raw, "%s is there already. Replace it?", path);
        can = "y replace it   n keep both, under a new name   esc back";
        break;
    case QUESTION_OPEN:
        snprintf(raw, sizeof raw, "%s. Give up for %s?", lost, path);
        can = "y give up   esc back";
        break;
    case QUESTION_NONE: break;
    }
    diag_clean(text, DIAG_TEXT, raw);
    snprintf(answers, 200, "%s", can);
}

/* Running */

static void start(struct model *m)
{
    model_job(m, &m->start_job);
    m->started = true;
    m->history.accepted = m->history.at;
    m->requests |= REQUEST_START;
    m->start_mode = model_mode(m, m->start_job.output);
    m->preview = PREVIEW_RESULT;
    model_forget_answers(m);
}

static void want_start(struct model *m)
{
    struct diag diag;
    static struct job job;
    model_job(m, &job);
    if (job_validate(&job, &diag) != STATUS_OK) {
        model_say(m, MESSAGE_ERROR, "%s", diag.text);
        return;
    }
    if (!m->job.output[0])
        model_name_output(m);
    enum status status = image_check_output(m->job.output, model_mode(m, m->job.output), &diag);
    if (status != STATUS_OK && exists(m->job.output))
        model_ask(m, QUESTION_START, m->job.output, 0);
    else if (status != STATUS_OK)
        model_say(m, MESSAGE_ERROR, "%s", diag.text);
    else
        start(m);
}

static void restart(struct model *m)
{
    if (!m->started) {
        want_start(m);
        return;
    }
    const struct command *c = model_send(m, CMD_RESTART);
    if (!c)
        return;
    model_another_run(m, c->serial);
    m->preview = PREVIEW_RESULT;
    model_say(m, MESSAGE_HINT, "a new run from the start");
}

static void run_or_pause(struct model *m)
{
    char names[200];
    const struct snapshot *s = m->run;
    if (!m->started) {
        want_start(m);
        return;
    }
    enum snapshot_state state = s ? s->state : SNAPSHOT_OPENING;
    bool ended = state == SNAPSHOT_DONE || state == SNAPSHOT_STOPPED || state == SNAPSHOT_FAILED;
    if (state == SNAPSHOT_OPENING || state == SNAPSHOT_RUNNING)
        model_send(m, CMD_PAUSE);
    else if (ended && model_needs_restart(m, names, sizeof names))
        restart(m);
    else if (state == SNAPSHOT_DONE)
        model_say(m, MESSAGE_HINT, "all %d iterations are done: + gives 100 more, R begins anew",
                  s->iterations);
    else
        model_send(m, CMD_GO);
}

static bool needs_run(struct model *m)
{
    if (!m->started)
        model_say(m, MESSAGE_HINT, "nothing is painted yet; space starts the run");
    return m->started;
}

static void change_interval(struct model *m, int step)
{
    static const int steps[] = {0, 1, 2, 5, 10, 20, 50, 100};
    int count = sizeof steps / sizeof *steps, at = 0;
    while (at < count - 1 && steps[at] < m->every)
        at++;
    at += step;
    m->every = steps[at < 0 ? 0 : at >= count ? count - 1 : at];
    if (m->every)
        model_say(m, MESSAGE_HINT, "a preview every %d iteration%s", m->every,
                  m->every == 1 ? "" : "s");
    else
        model_say(m, MESSAGE_HINT, "previews by themselves, as often as the terminal keeps up");
}

/* Saving */

void model_save(struct model *m, const char *path, int number)
{
    struct diag diag;
    enum file_overwrite mode = model_mode(m, path);
    if (image_check_output(path, mode, &diag) != STATUS_OK) {
        if (diag.status == STATUS_OUTPUT && mode == FILE_KEEP && exists(path) &&
            image_check_output(path, FILE_OVERWRITE, NULL) == STATUS_OK)
            model_ask(m, QUESTION_SAVE, path, number);
        else
            model_say(m, MESSAGE_ERROR, "%s", diag.text);
        return;
    }
    model_send_save(m, path, number);
}

void model_save_job(struct model *m, const char *path, enum file_overwrite mode)
{
    struct diag diag;
    char folder[JOB_PATH];
    if (!file_has_ending(path, ".ini")) {
        model_say(m, MESSAGE_ERROR, "a job file's name ends in .ini");
        return;
    }
    if (mode == FILE_KEEP && exists(path)) {
        model_ask(m, QUESTION_SAVE_JOB, path, 0);
        return;
    }
    enum status status = file_folder(folder, sizeof folder, path, &diag);
    char *text = status == STATUS_OK ? job_print(&m->job, folder) : NULL;
    if (text)
        status = file_write(path, text, strlen(text), mode, &diag);
    mem_free(text);
    if (status != STATUS_OK) {
        model_say(m, MESSAGE_ERROR, "%s", diag.text);
        return;
    }
    m->saved_job = m->job;
    snprintf(m->path, sizeof m->path, "%s", path);
    model_say(m, MESSAGE_DONE, "%s saved: the job", path);
}

/* The job's own file, or its output's name with another ending. */
static void job_file_name(const struct model *m, char out[JOB_PATH])
{
    bool own = file_has_ending(m->path, ".ini");
    const char *base = own ? m->path : m->job.output[0] ? m->job.output : "job";
    int stem = file_stem(base);
    snprintf(out, JOB_PATH, "%.*s.ini", stem > JOB_PATH - 8 ? JOB_PATH - 8 : stem, base);
}

/* Leaving */

static bool edited(const struct model *m)
{
    bool nothing = !m->started || (m->run && m->run->state == SNAPSHOT_FAILED &&
                                   m->run->iteration == 0); /* no picture holds the job */
    return nothing && memcmp(&m->job, &m->saved_job, sizeof m->job) != 0;
}

static void want_quit(struct model *m)
{
    if (model_running(m))
        model_ask(m, QUESTION_QUIT, "", 0);
    else if (model_unsaved_kept(m) > 0)
        model_ask(m, QUESTION_QUIT_KEPT, "", 0);
    else if (edited(m) && m->history.count > 1)
        model_ask(m, QUESTION_QUIT_EDITS, "", 0);
    else
        m->requests |= REQUEST_QUIT;
}

static void quit_saving_job(struct model *m)
{
    char path[JOB_PATH];
    job_file_name(m, path);
    if (exists(path) && strcmp(path, m->path) != 0)
        model_free_name(path, path);
    model_save_job(m, path, FILE_OVERWRITE);
    if (m->message.kind == MESSAGE_DONE)
        m->requests |= REQUEST_QUIT;
}

static void answer(struct model *m, int number)
{
    char name[JOB_PATH], path[JOB_PATH];
    enum question question = m->question;
    snprintf(path, sizeof path, "%s", m->question_path);
    if ((number == 3 && question != QUESTION_QUIT) || (number == 2 && question == QUESTION_OPEN))
        return;
    m->question = QUESTION_NONE;
    if (number == 2 && question >= QUESTION_START) {
        model_free_name(name, path);
        snprintf(path, sizeof path, "%s", name);
    }
    switch (question) {
    case QUESTION_QUIT:
        m->requests |= number == 1   ? REQUEST_QUIT_SAVING
                       : number == 2 ? REQUEST_QUIT
                                     : REQUEST_QUIT_ALONE;
        break;
    case QUESTION_QUIT_KEPT: m->requests |= number == 1 ? REQUEST_QUIT_SAVING : REQUEST_QUIT; break;
    case QUESTION_QUIT_EDITS:
        if (number == 1)
            quit_saving_job(m);
        else
            m->requests |= REQUEST_QUIT;
        break;
    case QUESTION_START:
        if (number == 1)
            snprintf(m->written, sizeof m->written, "%s", path);
        else
            snprintf(m->job.output, sizeof m->job.output, "%s", path);
        model_commit(m, 0);
        start(m);
        break;
    case QUESTION_SAVE:
        snprintf(m->written, sizeof m->written, "%s", path);
        model_save(m, path, m->question_number);
        break;
    case QUESTION_SAVE_JOB: model_save_job(m, path, FILE_OVERWRITE); break;
    case QUESTION_OPEN: model_load(m, path); break;
    case QUESTION_NONE: break;
    }
}

static bool kept_action(struct model *m, const struct act *act)
{
    const struct snapshot *s = m->run;
    int count = s ? s->kept_count : 0, number = count ? s->kept[m->kept].number : 0;
    switch (act->action) {
    case ACTION_SNAPSHOT_UP: m->kept -= m->kept > 0; break;
    case ACTION_SNAPSHOT_DOWN: m->kept += m->kept + 1 < count; break;
    case ACTION_KEPT_LINE:
        m->focus = PANE_SNAPSHOTS;
        m->kept = act->index < count ? act->index : m->kept;
        break;
    case ACTION_SNAPSHOT_RETURN:
        m->returning = number ? model_send_number(m, CMD_RETURN, number) : 0;
        model_another_run(m, m->returning);
        m->preview = PREVIEW_RESULT;
        break;
    case ACTION_SNAPSHOT_SAVE:
        if (number) {
            model_prompt_open(m, PROMPT_SAVE_KEPT, "save the snapshot as", m->job.output);
            m->question_number = number;
        }
        break;
    case ACTION_SNAPSHOT_DELETE:
        if (number)
            model_send_number(m, CMD_FREE, number);
        break;
    default: return false;
    }
    if (act->action <= ACTION_SNAPSHOT_DOWN && act->action >= ACTION_SNAPSHOT_UP && count)
        m->preview = PREVIEW_SNAPSHOT;
    return true;
}

bool model_run_action(struct model *m, const struct act *act)
{
    char path[JOB_PATH];
    if (kept_action(m, act))
        return true;
    switch (act->action) {
    case ACTION_RUN: run_or_pause(m); break;
    case ACTION_RESTART: restart(m); break;
    case ACTION_STEP:
        if (needs_run(m))
            model_send(m, CMD_STEP);
        break;
    case ACTION_STOP:
        if (needs_run(m))
            model_send(m, CMD_STOP);
        break;
    case ACTION_SNAPSHOT:
        if (needs_run(m))
            model_send(m, CMD_KEEP);
        break;
    case ACTION_SAVE:
        if (needs_run(m))
            model_send_save(m, "", 0);
        break;
    case ACTION_SAVE_AS:
        if (needs_run(m))
            model_prompt_open(m, PROMPT_SAVE, "save the picture as", m->job.output);
        break;
    case ACTION_SAVE_JOB:
        job_file_name(m, path);
        model_prompt_open(m, PROMPT_SAVE_JOB, "save the job as", path);
        break;
    case ACTION_PREVIEW_OFTENER: change_interval(m, -1); break;
    case ACTION_PREVIEW_RARER: change_interval(m, 1); break;
    case ACTION_QUIT: want_quit(m); break;
    case ACTION_ANSWER_1: answer(m, 1); break;
    case ACTION_ANSWER_2: answer(m, 2); break;
    case ACTION_ANSWER_3: answer(m, 3); break;
    case ACTION_ANSWER_NONE: m->question = QUESTION_NONE; break;
    default: return false;
    }
    return true;
}
