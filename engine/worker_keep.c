/* worker_keep.c: see worker_parts.h. Pictures that are kept, and pictures that go to files. */
#include "worker_parts.h"

#include <stdio.h>
#include <string.h>

#include "mem.h"

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

enum status worker_keep(struct worker *w, struct diag *diag)
{
    struct snapshot *now = &w->now;
    if (!w->run)
        return no_picture(diag);
    if (now->kept_count == SNAPSHOT_KEPT_MAX)
        return diag_set(diag, STATUS_RANGE, "%d snapshots are kept already; free one first",
                        SNAPSHOT_KEPT_MAX);
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
    kept->entry = (struct snapshot_kept){++w->last_number, now->iteration, now->losses.total};
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

static enum status write_picture(struct worker *w, const struct image *picture,
                                 const struct job *job, int iteration, const char *path,
                                 enum file_overwrite mode, struct diag *diag)
{
    TRY(run_write(picture, job, path, wrote(w, path) ? FILE_OVERWRITE : mode, diag));
    remember(w, path);
    w->now.saved = iteration;
    return diag_set(diag, STATUS_OK, "%s saved, iteration %d", path, iteration);
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
    const struct job *job = number ? &w->kept[at]->job : run_job(w->run);
    path = *path ? path : job->output;
    if (!*path)
        return diag_set(diag, STATUS_USAGE, "there is no output; name a file for the picture");
    if (number)
        return write_picture(w, &w->kept[at]->picture, job, w->kept[at]->entry.iteration, path,
                             mode, diag);
    TRY(run_picture(w->run, &picture, diag));
    enum status status = write_picture(w, &picture, job, w->now.iteration, path, mode, diag);
    image_clear(&picture);
    if (status == STATUS_OK) {
        w->saved = w->picture;
        snprintf(w->saved_path, JOB_PATH, "%s", path);
    }
    return status;
}

/* out.png, out-2.png, out-3.png, … */
static void numbered(char out[JOB_PATH], const char *path, int n)
{
    const char *slash = strrchr(path, '/'), *dot = strrchr(path, '.');
    int stem = dot && (!slash || dot > slash + 1) ? (int)(dot - path) : (int)strlen(path);
    if (n == 1)
        snprintf(out, JOB_PATH, "%s", path);
    else
        snprintf(out, JOB_PATH, "%.*s-%d%s", stem, path, n, path + stem);
}

enum status worker_save_somewhere(struct worker *w, enum file_overwrite mode, char *path,
                                  struct diag *diag)
{
    enum { TRIES = 99 };
    const char *names[2] = {run_job(w->run)->output, "painted.png"};
    enum status status = STATUS_OUTPUT;
    for (int i = 0; i < 2 && status != STATUS_OK; i++)
        for (int n = 1; *names[i] && n <= TRIES && status != STATUS_OK; n++) {
            numbered(path, names[i], n);
            status = worker_save(w, 0, path, mode, diag);
        }
    if (status != STATUS_OK)
        *path = 0;
    return status;
}
