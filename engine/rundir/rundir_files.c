/*
 * rundir_files.c: see rundir.h: what lies in a directory.
 *
 * A checkpoint is written whole under a third name, then checkpoint is named checkpoint.old as well
 * and the new one takes its place: at every moment a sound file is there, and a reader takes the
 * sound one with the highest serial of the three.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "engine/base/file.h"
#include "engine/base/mem.h"
#include "engine/rundir/rundir_private.h"

const char *const rundir_generations[RUNDIR_GENERATIONS] = {"checkpoint.new", "checkpoint",
                                                            "checkpoint.old"};

/* ---- checkpoints -------------------------------------------------------------------------- */

static enum status job_alone(struct checkpoint *out, const struct rundir *d, struct diag *diag)
{
    char path[JOB_PATH];
    struct job *job = mem_new(sizeof *job);
    rundir_join(path, d->path, "job.ini");
    enum status status = job_read(job, path, diag);
    if (status == STATUS_OK) {
        memset(out, 0, sizeof *out);
        out->job = out->record = *job;
        out->job.edits[0] = 0;
        out->plan = mem_text("");
    }
    mem_free(job);
    return status;
}

enum status rundir_read(struct checkpoint *out, struct rundir *d, struct diag *diag)
{
    struct checkpoint *best = mem_new(sizeof *best), *other = mem_new(sizeof *other);
    struct diag trouble = {STATUS_OK, ""}, why;
    bool any = false, there = false;
    for (int i = 0; i < RUNDIR_GENERATIONS; i++) {
        char path[JOB_PATH];
        rundir_join(path, d->path, rundir_generations[i]);
        if (access(path, F_OK) != 0)
            continue;
        there = true;
        if (checkpoint_read(other, path, d->path, &why) != STATUS_OK) {
            trouble = trouble.text[0] ? trouble : why;
            continue;
        }
        if (any && other->serial <= best->serial) {
            checkpoint_clear(other);
            continue;
        }
        checkpoint_clear(best);
        *best = *other;
        memset(other, 0, sizeof *other);
        any = true;
    }
    enum status status = STATUS_OK;
    char parts[JOB_PATH];
    rundir_join(parts, d->path, "parts");
    if (!there && access(parts, F_OK) == 0) {
        status = diag_set(&trouble, STATUS_INPUT, "%s holds a run of several processes; strata-mpi "
                          "goes on with it", d->path);
    } else if (any) {
        *out = *best;
        d->serial = best->serial;
    } else {
        status = there ? STATUS_INPUT : job_alone(out, d, &trouble);
    }
    if (diag) {
        *diag = trouble;
        diag->status = status;
    }
    mem_free(best);
    mem_free(other);
    return status;
}

/* By a second name, so that there is a checkpoint at every moment; where there are no such names,
 * by moving it. */
static bool keep_old(const char *path, const char *old)
{
    unlink(old);
    return link(path, old) == 0 || errno == ENOENT || rename(path, old) == 0 || errno == ENOENT;
}

enum status rundir_write(struct rundir *d, struct checkpoint *checkpoint, struct diag *diag)
{
    char fresh[JOB_PATH], path[JOB_PATH], old[JOB_PATH];
    rundir_join(fresh, d->path, rundir_generations[0]);
    rundir_join(path, d->path, rundir_generations[1]);
    rundir_join(old, d->path, rundir_generations[2]);
    checkpoint->serial = d->serial + 1;
    TRY(checkpoint_write(fresh, checkpoint, d->path, diag));
    d->serial++;
    if (!keep_old(path, old))
        return diag_set(diag, STATUS_IO, "cannot write %s: %s", old, strerror(errno));
    if (rename(fresh, path) != 0)
        return diag_set(diag, STATUS_IO, "cannot write %s: %s", path, strerror(errno));
    TRY(file_sync_folder(d->path, diag));
    if (checkpoint->end == CHECKPOINT_DONE)
        unlink(old);
    return STATUS_OK;
}

/* ---- kept pictures, text ------------------------------------------------------------------ */

static void kept_path(char out[JOB_PATH], const struct rundir *d, int number)
{
    char name[32];
    snprintf(name, sizeof name, "kept-%d", number);
    rundir_join(out, d->path, name);
}

void rundir_kept(int *numbers, int *count, int most, const struct rundir *d)
{
    DIR *folder = opendir(d->path);
    *count = 0;
    for (struct dirent *entry; folder && *count < most && (entry = readdir(folder));) {
        int number, end = 0, at = *count;
        if (sscanf(entry->d_name, "kept-%d%n", &number, &end) != 1 || entry->d_name[end] ||
            number < 1)
            continue;
        for (; at > 0 && numbers[at - 1] > number; at--)
            numbers[at] = numbers[at - 1];
        numbers[at] = number;
        ++*count;
    }
    if (folder)
        closedir(folder);
}

enum status rundir_read_kept(struct checkpoint *out, const struct rundir *d, int number,
                             struct diag *diag)
{
    char path[JOB_PATH];
    kept_path(path, d, number);
    TRY(checkpoint_read(out, path, d->path, diag));
    if (out->number == number && out->finished.rgb && out->state.count > 0)
        return STATUS_OK;
    checkpoint_clear(out);
    return diag_set(diag, STATUS_INPUT, "%s is no kept picture", path);
}

enum status rundir_write_kept(const struct rundir *d, const struct checkpoint *kept,
                              struct diag *diag)
{
    char path[JOB_PATH];
    kept_path(path, d, kept->number);
    return checkpoint_write(path, kept, d->path, diag);
}

void rundir_remove_kept(const struct rundir *d, int number)
{
    char path[JOB_PATH];
    kept_path(path, d, number);
    unlink(path);
}

enum status rundir_append(const struct rundir *d, const char *name, const char *text,
                          struct diag *diag)
{
    char path[JOB_PATH];
    rundir_join(path, d->path, name);
    return *text ? file_append(path, text, strlen(text), diag) : STATUS_OK;
}
