/* model_runs.c: the list of runs: what can be gone on with, looked at, looked back at. */
#include <stdio.h>
#include <string.h>

#include "engine/base/file.h"
#include "engine/base/mem.h"
#include "tui/model/model_private.h"

void model_welcome(struct model *m)
{
    model_say(m, MESSAGE_HINT, "{run} paints this demo; {layer_assign} and {content} choose "
                               "pictures, {presets} presets, {search} finds all");
}

void model_offer_runs(struct model *m, bool all)
{
    model_disk(m, DISK_RUNS, PURPOSE_OFFER, "")->number = all;
}

void model_open_runs(struct model *m)
{
    model_disk(m, DISK_RUNS, PURPOSE_RUNS, "");
}

void model_remove_run(struct model *m, const char *path)
{
    model_disk(m, DISK_RUNS, PURPOSE_RUNS, path);
}

/* The newest that waits to be gone on with or goes on alone; -1: none. */
static int first_open(const struct rundir_entry *runs, int count)
{
    for (int i = 0; i < count; i++)
        if (runs[i].state == RUNDIR_RUNNING || runs[i].state == RUNDIR_UNFINISHED)
            return i;
    return -1;
}

static void offer(struct model *m, const struct disk_answer *a)
{
    int open = first_open(a->runs, a->run_count);
    const struct rundir_entry *run = open < 0 ? NULL : &a->runs[open];
    if (run && m->message.kind == MESSAGE_NONE)
        model_say(m, MESSAGE_HINT, "%s %s at %d of %d; {runs} lists the runs",
                  file_name(run->content), run->state == RUNDIR_RUNNING ? "runs" : "was left",
                  run->iteration,
                  run->iterations);
}

/* The run that this desk has is not among them. */
static void adopt(struct model *m, struct disk_answer *a)
{
    const char *own = m->run ? m->run->run_dir : "";
    int kept = 0;
    mem_free(m->runs);
    m->runs = a->runs;
    a->runs = NULL;
    for (int i = 0; i < a->run_count; i++)
        if (strcmp(m->runs[i].path, own) != 0)
            m->runs[kept++] = m->runs[i];
    m->run_count = kept;
    if (m->run_at >= kept)
        m->run_at = kept > 0 ? kept - 1 : 0;
}

void model_take_runs(struct model *m, struct disk_answer *a)
{
    bool offers = a->request.purpose == PURPOSE_OFFER;
    bool open = first_open(a->runs, a->run_count) >= 0;
    if (offers && (!a->request.number || m->started)) {
        offer(m, a);
        return;
    }
    if (offers && !open)
        return;
    if (a->diag.text[0] && !offers)
        model_say(m, MESSAGE_ERROR, "%s", a->diag.text);
    adopt(m, a);
    if (offers && m->overlay != OVERLAY_NONE)
        return;
    m->overlay = OVERLAY_RUNS;
    if (offers)
        model_say(m, MESSAGE_HINT, "{runs_choose} goes on with one of these, {runs_close} leads to "
                                   "the demo");
}

/* Where the list came by itself, what it stood before is told now. */
static void close_list(struct model *m)
{
    m->overlay = OVERLAY_NONE;
    if (m->demo && !m->started)
        model_welcome(m);
}

static bool none_under_way(struct model *m)
{
    if (model_running(m))
        model_say(m, MESSAGE_ERROR, "a run is under way here; end it first, or leave it by D");
    return !model_running(m);
}

bool model_take_up(struct model *m, const char *run_dir)
{
    if (!none_under_way(m))
        return false;
    model_leave_run(m);
    snprintf(m->resume_path, sizeof m->resume_path, "%s", run_dir);
    m->overlay = OVERLAY_NONE;
    m->path[0] = m->painted[0] = m->guard[0] = 0;
    m->solo = m->swap = MODEL_NO_LAYER;
    m->requests |= REQUEST_RESUME;
    return true;
}

/* Its directory goes to the desk, and its job comes with what the worker says first. */
static void go_on(struct model *m, const struct rundir_entry *run)
{
    if (run->state == RUNDIR_DAMAGED) {
        model_say(m, MESSAGE_ERROR, "nothing in this run's directory can be used any more");
        return;
    }
    if (run->state != RUNDIR_RUNNING) {
        model_take_up(m, run->path);
    } else if (none_under_way(m)) {
        snprintf(m->resume_path, sizeof m->resume_path, "%s", run->path);
        m->overlay = OVERLAY_NONE;
        m->requests |= REQUEST_GO_OVER;
    }
}

static void choose(struct model *m)
{
    if (m->run_count > 0)
        go_on(m, &m->runs[m->run_at]);
}

static void want_removed(struct model *m)
{
    if (m->run_count == 0)
        return;
    const struct rundir_entry *run = &m->runs[m->run_at];
    if (run->state == RUNDIR_RUNNING)
        model_say(m, MESSAGE_ERROR, "it runs; process %ld has it", run->pid);
    else
        model_ask(m, QUESTION_REMOVE, run->path, "", 0);
}

void model_runs_line(struct model *m, int line)
{
    if (line < m->run_count)
        m->run_at = line;
}

void model_list_action(struct model *m, enum list_action action)
{
    switch (action) {
    case DO_RUNS_CHOOSE: choose(m); break;
    case DO_RUNS_UP: m->run_at -= m->run_at > 0; break;
    case DO_RUNS_DOWN: m->run_at += m->run_at + 1 < m->run_count; break;
    case DO_RUNS_REMOVE: want_removed(m); break;
    case DO_RUNS_CLOSE: close_list(m); break;
    }
}
