/*
 * worker_store.c: see worker_private.h. What goes into the run's directory besides its state: the
 * log, and the kept pictures, each written at once, for the user has asked for it.
 */
#include "engine/worker/worker_private.h"

#include <stdio.h>
#include <string.h>

#include "engine/base/mem.h"

/* ---- the log ------------------------------------------------------------------------------ */

void worker_log_change(struct worker *w, const struct job *before, const struct job *after)
{
    char differences[DIAG_TEXT];
    if (!w->autosave)
        return;
    job_differences(differences, sizeof differences, before, after);
    if (differences[0])
        autosave_log(w->autosave, "iteration %d: %s", w->now.iteration, differences);
}

/* ---- kept pictures ------------------------------------------------------------------------ */

void worker_store_kept(struct worker *w, const struct kept *kept)
{
    struct diag diag;
    struct checkpoint c = {.job = kept->job,
                           .record = kept->record,
                           .state = kept->state,
                           .losses = kept->losses,
                           .number = kept->entry.number,
                           .file = checkpoint_file_now(kept->path),
                           .saved = kept->path[0] != 0,
                           .finished = kept->picture};
    if (!w->autosave)
        return;
    if (rundir_write_kept(autosave_dir(w->autosave), &c, &diag) != STATUS_OK) {
        diag_prefix(&diag, diag.status, "the snapshot is only in memory");
        worker_tell(w, &diag, 0);
    }
    autosave_log(w->autosave, "iteration %d: snapshot %d kept", kept->entry.iteration,
                 kept->entry.number);
}

void worker_drop_kept(struct worker *w, int number)
{
    if (w->autosave)
        rundir_remove_kept(autosave_dir(w->autosave), number);
}

void worker_load_kept(struct worker *w, const struct rundir *dir)
{
    int numbers[SNAPSHOT_KEPT_MAX], count;
    rundir_kept(numbers, &count, SNAPSHOT_KEPT_MAX, dir);
    for (int i = 0; i < count; i++) {
        struct diag diag;
        struct checkpoint *c = mem_new(sizeof *c);
        if (rundir_read_kept(c, dir, numbers[i], &diag) != STATUS_OK) {
            worker_tell(w, &diag, 0);
            mem_free(c);
            continue;
        }
        struct kept *kept = mem_new(sizeof *kept);
        bool saved = c->saved && checkpoint_file_same(&c->file);
        kept->job = c->job;
        kept->record = c->record;
        kept->losses = c->losses;
        kept->state = c->state;
        kept->picture = c->finished;
        kept->serial = ++w->last_serial;
        if (saved)
            memcpy(kept->path, c->file.path, sizeof kept->path);
        kept->entry = (struct snapshot_kept){c->number, c->state.iteration, c->losses.total, saved};
        w->now.kept[w->now.kept_count] = kept->entry;
        w->kept[w->now.kept_count++] = kept;
        if (w->last_number < c->number)
            w->last_number = c->number;
        mem_free(c->plan);
        mem_free(c);
    }
}
