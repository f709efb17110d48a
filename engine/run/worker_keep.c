/* worker_keep.c: see worker_private.h. Pictures that are kept, and pictures that go to files. */
#include "engine/run/worker_private.h"

#include <stdio.h>
#include <string.h>

#include "engine/base/mem.h"

/* ---- kept pictures ------------------------------------------------------------------------ */

static void free_kept(struct kept **kept)
{
    run_state_clear(&(*kept)->state);
    image_clear(&(*kept)->picture);
    mem_free(*kept);
    *kept = NULL;
}

/* Its place, or -1 and a sentence. */
static int find(const struct worker *w, int number, struct diag *diag)
{
    for (int i = 0; i < w->now.kept_count; i++)
        if (w->kept[i]->entry.number == number)
            return i;
    diag_set(diag, STATUS_USAGE, "there is no snapshot %d", number);
    return -1;
}

static enum status no_picture(struct diag *diag)
{
    return diag_set(diag, STATUS_USAGE, "there is no picture yet");
}

static size_t bytes_of(const struct kept *kept)
{
    size_t pixels = (size_t)kept->picture.width * (size_t)kept->picture.height;
    size_t planes = kept->picture.alpha ? 4 : 3;
    return (kept->state.count + planes * pixels) * sizeof(float);
}

size_t worker_kept_bytes(const struct worker *w)
{
    size_t bytes = 0;
    for (int i = 0; i < w->now.kept_count; i++)
        bytes += bytes_of(w->kept[i]);
    return bytes;
}

enum status worker_keep(struct worker *w, struct diag *diag)
{
    struct snapshot *now = &w->now;
    if (!w->run)
        return no_picture(diag);
    if (now->kept_count == SNAPSHOT_KEPT_MAX)
        return diag_set(diag, STATUS_RANGE, "%d snapshots are kept already; free one first",
                        SNAPSHOT_KEPT_MAX);
    size_t bytes = worker_kept_bytes(w);
    TRY(run_memory_beside(w->run, bytes > w->kept_bytes ? bytes - w->kept_bytes : 0, diag));
    struct kept *kept = mem_new(sizeof *kept);
    kept->job = *run_job(w->run);
    kept->losses = now->losses;
    enum status status = run_save(w->run, &kept->state, diag);
    if (status == STATUS_OK)
        status = run_picture(w->run, &kept->picture, diag);
    if (status != STATUS_OK) {
        free_kept(&kept);
        return status;
    }
    kept->painted = w->painted;
    if (w->saved == w->painted)
        strcpy(kept->path, w->saved_path);
    kept->entry = (struct snapshot_kept){++w->last_number, now->iteration, now->losses.total,
                                         kept->path[0] != 0};
    now->kept[now->kept_count] = kept->entry;
    w->kept[now->kept_count++] = kept;
    return diag_set(diag, STATUS_OK, "snapshot %d kept, iteration %d", w->last_number,
                    now->iteration);
}

enum status worker_return(struct worker *w, int number, struct diag *diag)
{
    int at = find(w, number, diag);
    if (at < 0)
        return STATUS_USAGE;
    const struct kept *kept = w->kept[at];
    if (!w->run)
        return no_picture(diag);
    if (job_restart_key(run_job(w->run), &kept->job)) {
        TRY(run_restart(&w->run, &kept->job, &kept->state, diag));
        w->now.curve.count = 0;
    } else {
        struct job before = *run_job(w->run);
        TRY(run_change(w->run, &kept->job, diag));
        enum status status = run_restore(w->run, &kept->state, diag);
        if (status != STATUS_OK) {
            run_change(w->run, &before, NULL);
            return status;
        }
    }
    w->now.losses = kept->losses;
    w->picture++;
    w->painted = kept->painted;
    if (kept->path[0]) {
        w->saved = w->painted;
        strcpy(w->saved_path, kept->path);
    }
    return diag_set(diag, STATUS_OK, "back to snapshot %d, iteration %d", number,
                    kept->entry.iteration);
}

enum status worker_look(struct worker *w, int number, struct diag *diag)
{
    int at = find(w, number, diag), width, height;
    if (at < 0)
        return STATUS_USAGE;
    const struct kept *kept = w->kept[at];
    const struct image *whole = &kept->picture;
    struct image small = {0};
    bool view = w->view.width > 0 && w->view.height > 0;
    snapshot_fit(&width, &height, whole->width, whole->height,
                 view ? w->view.width : whole->width, view ? w->view.height : whole->height);
    TRY(image_resize(&small, whole, width, height, diag));
    struct snapshot_look *look = mem_new(sizeof *look);
    look->number = number;
    look->job = kept->job;
    enum status status = snapshot_picture_set(&look->picture, &small, diag);
    look->picture.iteration = kept->entry.iteration;
    image_clear(&small);
    if (status == STATUS_OK) {
        snapshot_look_free(&w->now.look);
        w->now.look = look;
    } else {
        snapshot_look_free(&look);
    }
    return status;
}

enum status worker_forget(struct worker *w, int number, struct diag *diag)
{
    struct snapshot *now = &w->now;
    int at = find(w, number, diag);
    if (at < 0)
        return STATUS_USAGE;
    free_kept(&w->kept[at]);
    now->kept_count--;
    for (int i = at; i < now->kept_count; i++) {
        w->kept[i] = w->kept[i + 1];
        now->kept[i] = now->kept[i + 1];
    }
    return STATUS_OK;
}

void worker_forget_all(struct worker *w)
{
    while (w->now.kept_count > 0)
        free_kept(&w->kept[--w->now.kept_count]);
}

/* ---- files -------------------------------------------------------------------------------- */

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
}

/* Picture number `painted` is in a file, wherever it is still held. */
static void note_saved(struct worker *w, unsigned painted, const char *path)
{
    remember(w, path);
    if (strcmp(path, w->options.job.output) == 0)
        w->options.mode = FILE_KEEP; /* what was there before the run is replaced now */
    if (painted == w->painted) {
        w->saved = painted;
        snprintf(w->saved_path, JOB_PATH, "%s", path);
    }
    for (int i = 0; i < w->now.kept_count; i++)
        if (w->kept[i]->painted == painted) {
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
static enum status write_near(struct worker *w, const struct image *picture,
                              const struct job *job, int iteration, const char *path, char *where,
                              struct diag *diag)
{
    bool leave = w->options.mode == FILE_OVERWRITE && strcmp(path, w->options.job.output) == 0;
    enum file_overwrite mode = leave || wrote(w, path) ? FILE_OVERWRITE : FILE_KEEP;
    TRY(run_write_somewhere(picture, job, path, mode, where, diag));
    if (same_folder(where, path))
        diag_set(diag, STATUS_OK, "%s saved, iteration %d", where, iteration);
    return STATUS_OK;
}

/* A run that was saved before goes to the same file again. */
static enum status save_output(struct worker *w, struct diag *diag)
{
    struct image picture = {0};
    char where[JOB_PATH];
    const struct job *job = run_job(w->run);
    bool again = w->now.file[0] && strcmp(w->output, job->output) == 0;
    TRY(run_picture(w->run, &picture, diag));
    enum status status = write_near(w, &picture, job, w->now.iteration,
                                    again ? w->now.file : job->output, where, diag);
    image_clear(&picture);
    if (status != STATUS_OK)
        return status;
    note_saved(w, w->painted, where);
    strcpy(w->output, job->output);
    strcpy(w->now.file, where);
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
    if (*path) {
        snprintf(where, JOB_PATH, "%s", path);
        TRY(run_write(&kept->picture, &kept->job, path, wrote(w, path) ? FILE_OVERWRITE : mode,
                      diag));
    } else {
        char near[JOB_PATH];
        kept_name(near, output, kept->entry.number);
        TRY(write_near(w, &kept->picture, &kept->job, kept->entry.iteration, near, where, diag));
    }
    note_saved(w, kept->painted, where);
    return STATUS_OK;
}

enum status worker_save(struct worker *w, int number, const char *path, enum file_overwrite mode,
                        struct diag *diag)
{
    struct image picture = {0};
    int at = number ? find(w, number, diag) : -1;
    if (number && at < 0)
        return STATUS_USAGE;
    if (!number && !w->run)
        return no_picture(diag);
    if (!number && !*path)
        return save_output(w, diag);
    int iteration = number ? w->kept[at]->entry.iteration : w->now.iteration;
    if (number) {
        TRY(save_kept(w, w->kept[at], path, mode, diag));
    } else {
        TRY(run_picture(w->run, &picture, diag));
        enum status status = run_write(&picture, run_job(w->run), path,
                                       wrote(w, path) ? FILE_OVERWRITE : mode, diag);
        image_clear(&picture);
        if (status != STATUS_OK)
            return status;
        note_saved(w, w->painted, path);
    }
    if (!*path)
        return STATUS_OK;
    return diag_set(diag, STATUS_OK, "%s saved, iteration %d", path, iteration);
}
