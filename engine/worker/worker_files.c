/*
 * worker_files.c: see worker_private.h. Pictures on their way to files: under which name, and what
 * a run may replace.
 */
#include <stdio.h>
#include <string.h>

#include "engine/base/mem.h"
#include "engine/worker/worker_private.h"

static bool wrote(const struct worker *w, const char *path)
{
    for (int i = 0; i < w->written_count; i++)
        if (strcmp(w->written[i], path) == 0)
            return true;
    return false;
}

static void remember(struct worker *w, const char *path)
{
    if (wrote(w, path))
        return;
    if (w->written_count == WORKER_WRITTEN)
        memmove(w->written[0], w->written[1], sizeof w->written[0] * (size_t)--w->written_count);
    snprintf(w->written[w->written_count++], JOB_PATH, "%s", path);
}

void worker_new_run(struct worker *w)
{
    w->written_count = 0;
    w->now.file[0] = 0;
    w->file.path[0] = 0;
    w->again = false;
}

void worker_adopt_file(struct worker *w, const struct checkpoint_file *file)
{
    w->file = *file;
    memcpy(w->now.file, file->path, JOB_PATH);
    memcpy(w->output, w->now.job.output, JOB_PATH);
    remember(w, file->path);
}

/* The picture with this serial is in a file, wherever it is still held. */
static void note_saved(struct worker *w, unsigned serial, const char *path)
{
    remember(w, path);
    if (strcmp(path, w->options.job.output) == 0)
        w->options.mode = FILE_KEEP; /* what was there before the run is replaced now */
    if (serial == w->serial) {
        w->saved = serial;
        snprintf(w->saved_path, JOB_PATH, "%s", path);
    }
    for (int i = 0; i < w->now.kept_count; i++)
        if (w->kept[i]->serial == serial) {
            w->now.kept[i].saved = w->kept[i]->entry.saved = true;
            snprintf(w->kept[i]->path, JOB_PATH, "%s", path);
        }
}

static bool same_folder(const char *a, const char *b)
{
    const char *end_a = strrchr(a, '/'), *end_b = strrchr(b, '/');
    size_t n = end_a ? (size_t)(end_a - a) : 0;
    return !end_a == !end_b && (!end_b || (size_t)(end_b - b) == n) && strncmp(a, b, n) == 0;
}

/* To the job's output or near it: *where gets JOB_PATH bytes. */
static enum status write_near(struct worker *w, const struct run_result *picture,
                              const struct job *job, int iteration, const char *path, char *where,
                              struct diag *diag)
{
    bool leave = w->options.mode == FILE_OVERWRITE && strcmp(path, w->options.job.output) == 0;
    enum file_overwrite mode = leave || wrote(w, path) ? FILE_OVERWRITE
                               : w->again             ? FILE_AGAIN
                                                      : FILE_KEEP;
    w->again = false;
    TRY(run_write_somewhere(picture, job, path, mode, where, diag));
    if (same_folder(where, path))
        diag_set(diag, STATUS_OK, "%s saved, iteration %d", where, iteration);
    return STATUS_OK;
}

/* A run that was saved before goes to the same file again. */
static enum status save_output(struct worker *w, struct diag *diag)
{
    const struct run_result picture = {NULL, w->run};
    char where[JOB_PATH];
    const struct job *job = run_job(w->run);
    bool again = w->now.file[0] && strcmp(w->output, job->output) == 0;
    struct job *record = mem_new(sizeof *record);
    run_record(w->run, record);
    enum status status = write_near(w, &picture, record, w->now.iteration,
                                    again ? w->now.file : job->output, where, diag);
    mem_free(record);
    if (status != STATUS_OK)
        return status;
    note_saved(w, w->serial, where);
    strcpy(w->output, job->output);
    strcpy(w->now.file, where);
    w->file = checkpoint_file_now(where);
    return STATUS_OK;
}

/* out.png, 3 -> out-snapshot-3.png */
static void kept_name(char out[JOB_PATH], const char *output, int number)
{
    int stem = file_stem(output);
    if (snprintf(out, JOB_PATH, "%.*s-snapshot-%d%s", stem, output, number, output + stem) >=
        JOB_PATH)
        snprintf(out, JOB_PATH, "painted-snapshot-%d.png", number);
}

static enum status save_kept(struct worker *w, const struct kept *kept, const char *path,
                             enum file_overwrite mode, struct diag *diag)
{
    char where[JOB_PATH];
    const char *output = kept->job.output[0] ? kept->job.output : "painted.png";
    const struct run_result picture = {&kept->picture, NULL};
    if (*path) {
        snprintf(where, JOB_PATH, "%s", path);
        TRY(run_write(&picture, &kept->record, path, wrote(w, path) ? FILE_OVERWRITE : mode,
                      diag));
    } else {
        char near[JOB_PATH];
        kept_name(near, output, kept->entry.number);
        TRY(write_near(w, &picture, &kept->record, kept->entry.iteration, near, where, diag));
    }
    note_saved(w, kept->serial, where);
    return STATUS_OK;
}

enum status worker_save(struct worker *w, int number, const char *path, enum file_overwrite mode,
                        struct diag *diag)
{
    const struct run_result picture = {NULL, w->run};
    int at = number ? worker_kept_index(w, number, diag) : -1;
    if (number && at < 0)
        return STATUS_USAGE;
    if (!number && !w->run)
        return worker_no_picture(diag);
    if (!number && !*path)
        return save_output(w, diag);
    int iteration = number ? w->kept[at]->entry.iteration : w->now.iteration;
    if (number) {
        TRY(save_kept(w, w->kept[at], path, mode, diag));
    } else {
        struct job *record = mem_new(sizeof *record);
        run_record(w->run, record);
        enum status status = run_write(&picture, record, path,
                                       wrote(w, path) ? FILE_OVERWRITE : mode, diag);
        mem_free(record);
        if (status != STATUS_OK)
            return status;
        note_saved(w, w->serial, path);
    }
    if (!*path)
        return STATUS_OK;
    return diag_set(diag, STATUS_OK, "%s saved, iteration %d", path, iteration);
}
