/* model_run.c: what steers the run: starting, pausing, snapshots, how often a preview is made. */
#include <stdio.h>
#include <string.h>

#include "tui/model/model_private.h"

void model_name_output(struct model *m)
{
    job_name_output(&m->job);
    m->own_output = true;
}

/* Running */

void model_start(struct model *m)
{
    model_job(m, &m->start_job);
    m->started = true;
    m->followed = -1;
    m->history.accepted = m->history.at;
    m->requests |= REQUEST_START;
    m->start_mode = model_mode(m, m->start_job.output);
    m->preview = PREVIEW_RESULT;
    model_forget_answers(m);
}

void model_leave_run(struct model *m)
{
    if (m->started)
        m->requests |= REQUEST_CLOSE_RUN;
    m->started = false;
    model_forget_answers(m);
    m->written[0] = m->parent[0] = 0;
    m->beside = false;
    m->return_to = 0;
    snapshot_free(&m->run);
    snapshot_picture_clear(&m->result);
    snapshot_look_free(&m->look);
}

void model_resume(struct model *m)
{
    m->started = true;
    m->start_job = m->job;
    m->start_mode = FILE_KEEP;
    m->requests |= REQUEST_START;
    m->resuming = true;
    m->preview = PREVIEW_RESULT;
    model_forget_answers(m);
}

void model_want_start(struct model *m)
{
    char guarded[JOB_PATH];
    struct diag diag;
    static struct job job;
    model_job(m, &job);
    if (job_validate(&job, &diag) != STATUS_OK) {
        model_say(m, MESSAGE_ERROR, "%s", diag.text);
        return;
    }
    if (model_guarded(m, guarded)) {
        model_ask(m, QUESTION_TRUST, "", "", 0);
        return;
    }
    if (!m->job.output[0])
        model_name_output(m);
    model_disk(m, DISK_OUTPUT, PURPOSE_START, m->job.output)->mode =
        model_mode(m, m->job.output);
}

void model_start_checked(struct model *m, const struct disk_answer *a)
{
    if (a->exists && m->beside) {
        memcpy(m->job.output, a->beside, sizeof m->job.output);
        model_commit(m, 0);
    }
    if (a->diag.status == STATUS_OK || (a->exists && m->beside))
        model_start(m);
    else if (a->exists)
        model_ask(m, QUESTION_START, a->request.path, a->beside, 0);
    else
        model_say(m, MESSAGE_ERROR, "%s", a->diag.text);
}

static void restart(struct model *m)
{
    if (!m->started) {
        model_want_start(m);
        return;
    }
    struct command *c = model_send(m, CMD_RESTART);
    if (!c)
        return;
    bool whole = model_began(m, &c->job);
    model_begin_again(m, &c->job);
    model_another_run(m, c->serial);
    m->preview = PREVIEW_RESULT;
    model_say(m, MESSAGE_HINT, whole ? "a new run from the start"
                                     : "a new run from the start, with what the desk shows: the "
                                       "job's edits are left out");
}

static void run_or_pause(struct model *m)
{
    char names[200];
    const struct snapshot *s = m->run;
    if (!m->started) {
        model_want_start(m);
        return;
    }
    enum snapshot_state state = s ? s->state : SNAPSHOT_OPENING;
    bool ended = state == SNAPSHOT_DONE || state == SNAPSHOT_STOPPED || state == SNAPSHOT_FAILED;
    if (state == SNAPSHOT_OPENING || state == SNAPSHOT_RUNNING)
        model_send(m, CMD_PAUSE);
    else if (ended && model_needs_restart(m, names, sizeof names))
        restart(m);
    else if (state == SNAPSHOT_DONE)
        model_say(m, MESSAGE_HINT,
                  "all %d iterations are done: {more_iterations} gives 100 more, {restart} begins "
                  "anew", s->iterations);
    else
        model_send(m, CMD_GO);
}

bool model_needs_run(struct model *m)
{
    if (!m->started)
        model_say(m, MESSAGE_HINT, "nothing is painted yet; {run} starts the run");
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

void model_run_action(struct model *m, enum run_action action)
{
    switch (action) {
    case DO_RUN: run_or_pause(m); break;
    case DO_RESTART: restart(m); break;
    case DO_STEP:
        if (model_needs_run(m))
            model_send(m, CMD_STEP);
        break;
    case DO_STOP:
        if (model_needs_run(m))
            model_send(m, CMD_STOP);
        break;
    case DO_SNAPSHOT:
        if (model_needs_run(m))
            model_send(m, CMD_KEEP);
        break;
    }
}

void model_rate_action(struct model *m, enum rate_action action)
{
    switch (action) {
    case DO_PREVIEW_OFTENER: change_interval(m, -1); break;
    case DO_PREVIEW_RARER: change_interval(m, 1); break;
    }
}

void model_kept_line(struct model *m, int line)
{
    m->focus = PANE_SNAPSHOTS;
    m->kept = line < model_kept_count(m) ? line : m->kept;
}

/* The cursor goes to another snapshot, and the preview shows it. */
static void move_kept(struct model *m, int step)
{
    int to = m->kept + step;
    if (to >= 0 && to < model_kept_count(m))
        m->kept = to;
    if (model_kept_count(m) > 0)
        m->preview = PREVIEW_SNAPSHOT;
}

void model_return_to(struct model *m, int number)
{
    m->returning = number ? model_send_number(m, CMD_RETURN, number) : 0;
    model_another_run(m, m->returning);
    m->preview = PREVIEW_RESULT;
}

void model_kept_action(struct model *m, enum kept_action action)
{
    int number = model_kept_count(m) ? m->run->kept[m->kept].number : 0;
    switch (action) {
    case DO_SNAPSHOT_RETURN: model_return_to(m, number); break;
    case DO_SNAPSHOT_SAVE:
        if (!number)
            break;
        model_prompt_open(m, PROMPT_SAVE_KEPT, "save the snapshot as", m->job.output);
        m->question_number = number;
        break;
    case DO_SNAPSHOT_DELETE:
        if (number)
            model_send_number(m, CMD_FREE, number);
        break;
    case DO_SNAPSHOT_UP: move_kept(m, -1); break;
    case DO_SNAPSHOT_DOWN: move_kept(m, 1); break;
    }
}
