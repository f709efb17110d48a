/*
 * worker_state.c: see worker_private.h. When the run's state is saved, and going on from it.
 */
#include "engine/worker/worker_private.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "engine/base/mem.h"

static void tell_news(struct worker *w)
{
    struct diag diag;
    if (!autosave_news(w->autosave, &diag))
        return;
    if (diag.status != STATUS_OK)
        diag_prefix(&diag, diag.status, "the run goes on unsaved");
    worker_tell(w, &diag, 0);
}

static enum checkpoint_end end_of(const struct worker *w)
{
    switch (w->now.state) {
    case SNAPSHOT_DONE: return CHECKPOINT_DONE;
    case SNAPSHOT_STOPPED: return atomic_load(&w->end) ? CHECKPOINT_GOING : CHECKPOINT_STOPPED;
    default: return CHECKPOINT_GOING;
    }
}

void worker_save_state(struct worker *w, bool left)
{
    struct checkpoint c = {.losses = w->now.losses,
                           .seconds = w->now.seconds,
                           .end = left ? CHECKPOINT_LEFT : end_of(w),
                           .saved = w->saved == w->serial &&
                                    strcmp(w->saved_path, w->now.file) == 0,
                           .file = w->file,
                           .last_number = w->last_number};
    if (!w->autosave || !w->run)
        return;
    size_t kept = worker_kept_bytes(w);
    autosave_run(w->autosave, w->run, kept > w->kept_bytes ? kept - w->kept_bytes : 0, &c);
    w->stored = w->version;
    w->stored_width = run_stage_width(w->run);
    tell_news(w);
}

void worker_keep_state(struct worker *w)
{
    if (!w->autosave || !w->run)
        return;
    bool rests = w->now.state != SNAPSHOT_RUNNING && w->stored != w->version;
    if (rests || run_stage_width(w->run) != w->stored_width || autosave_due(w->autosave))
        worker_save_state(w, false);
    else
        tell_news(w);
}

/* ---- the directory ------------------------------------------------------------------------ */

/* Hands dir over to the thread that writes to it; NULL: there is none. */
static void begin_autosave(struct worker *w, struct rundir *dir)
{
    struct diag diag;
    if (!dir)
        return;
    snprintf(w->now.run_dir, JOB_PATH, "%s", rundir_path(dir));
    double seconds = w->options.checkpoint_seconds;
    if (autosave_open(&w->autosave, dir, seconds > 0 ? seconds : AUTOSAVE_SECONDS, &diag) ==
        STATUS_OK)
        return;
    worker_tell(w, &diag, 0);
    rundir_close(&dir);
    w->now.run_dir[0] = 0;
}

void worker_make_directory(struct worker *w)
{
    struct diag diag;
    struct rundir *dir = NULL;
    int removed;
    size_t left;
    if (w->options.state != WORKER_STATE_NEW)
        return;
    if (rundir_create(&dir, w->options.run_dir, &w->options.job, &diag) == STATUS_OK) {
        rundir_prune(&removed, &left, RUNDIR_LIMIT, NULL);
    } else {
        diag_prefix(&diag, diag.status, "the run goes on unsaved");
        worker_tell(w, &diag, 0);
    }
    begin_autosave(w, dir);
    if (w->autosave)
        autosave_log(w->autosave, "begins in the workbench, process %ld", (long)getpid());
}

static void take_losses(void *context, int iteration, const struct losses *losses)
{
    struct worker *w = context;
    snapshot_curve_cut(&w->now.curve, iteration);
    snapshot_curve_add(&w->now.curve, iteration, losses);
}

/* What is known of the run besides the state that its run goes on from. */
static void take_checkpoint(struct worker *w, const struct checkpoint *c)
{
    struct snapshot *now = &w->now;
    now->losses = c->losses;
    now->seconds = c->seconds;
    now->job = c->job;
    now->began = c->record;
    w->options.job = c->record;
    w->last_number = c->last_number;
    if (checkpoint_file_same(&c->file))
        worker_adopt_file(w, &c->file);
}

enum status worker_take_up(struct worker *w, bool *saved, struct diag *diag)
{
    struct rundir *dir;
    struct diag trouble;
    struct checkpoint *c = mem_new(sizeof *c);
    enum status status = rundir_open(&dir, w->options.run_dir, diag);
    if (status != STATUS_OK) {
        mem_free(c);
        return status;
    }
    status = rundir_read(c, dir, &trouble);
    if (status != STATUS_OK) {
        *diag = trouble;
        rundir_close(&dir);
        mem_free(c);
        return status;
    }
    if (trouble.text[0]) {
        trouble.status = STATUS_INPUT;
        worker_tell(w, &trouble, 0);
    }
    checkpoint_adopt_plan(c);
    take_checkpoint(w, c);
    autosave_cut_losses(dir, c->state.iteration, take_losses, w);
    w->again = true;
    worker_load_kept(w, dir);
    begin_autosave(w, dir);
    worker_find_nodes(w);
    status = c->state.count > 0 ? run_resume(&w->run, &c->record, &c->state, &w->halt, diag)
                                : run_open(&w->run, &c->record, &w->halt, diag);
    *saved = c->saved && w->file.path[0];
    if (status == STATUS_OK && w->autosave)
        autosave_log(w->autosave, "goes on in the workbench at iteration %d, process %ld",
                     c->state.iteration, (long)getpid());
    checkpoint_clear(c);
    mem_free(c);
    return status;
}

void worker_end_state(struct worker *w, struct diag *diag)
{
    if (!w->autosave)
        return;
    autosave_log(w->autosave, "ended at iteration %d of %d", w->now.iteration, w->now.iterations);
    if (!w->run && w->now.state == SNAPSHOT_FAILED) /* it could not even begin */
        autosave_forget(w->autosave);
    enum status status = autosave_close(&w->autosave, diag);
    diag->status = status;
}
