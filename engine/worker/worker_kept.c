/*
 * worker_kept.c: see worker_private.h. The pictures that the user keeps under numbers, in memory:
 * keeping, going back, showing, forgetting.
 */
#include "engine/worker/worker_private.h"

#include <stdio.h>
#include <string.h>

#include "engine/base/mem.h"

static void free_kept(struct kept **kept)
{
    run_state_clear(&(*kept)->state);
    image_clear(&(*kept)->picture);
    mem_free(*kept);
    *kept = NULL;
}

int worker_kept_index(const struct worker *w, int number, struct diag *diag)
{
    for (int i = 0; i < w->now.kept_count; i++)
        if (w->kept[i]->entry.number == number)
            return i;
    diag_set(diag, STATUS_USAGE, "there is no snapshot %d", number);
    return -1;
}

enum status worker_no_picture(struct diag *diag)
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
        return worker_no_picture(diag);
    if (now->kept_count == SNAPSHOT_KEPT_MAX)
        return diag_set(diag, STATUS_RANGE, "%d snapshots are kept already; free one first",
                        SNAPSHOT_KEPT_MAX);
    size_t bytes = worker_kept_bytes(w);
    TRY(run_memory_beside(w->run, bytes > w->kept_bytes ? bytes - w->kept_bytes : 0, diag));
    struct kept *kept = mem_new(sizeof *kept);
    kept->job = *run_job(w->run);
    run_record(w->run, &kept->record);
    kept->losses = now->losses;
    enum status status = run_save(w->run, &kept->state, diag);
    if (status == STATUS_OK)
        status = run_picture(w->run, &kept->picture, diag);
    if (status != STATUS_OK) {
        free_kept(&kept);
        return status;
    }
    kept->serial = w->serial;
    if (w->saved == w->serial)
        strcpy(kept->path, w->saved_path);
    kept->entry = (struct snapshot_kept){++w->last_number, now->iteration, now->losses.total,
                                         kept->path[0] != 0};
    now->kept[now->kept_count] = kept->entry;
    w->kept[now->kept_count++] = kept;
    worker_store_kept(w, kept);
    worker_record(w, kept);
    return diag_set(diag, STATUS_OK, "snapshot %d kept, iteration %d", w->last_number,
                    now->iteration);
}

enum status worker_return(struct worker *w, int number, struct diag *diag)
{
    int at = worker_kept_index(w, number, diag);
    if (at < 0)
        return STATUS_USAGE;
    const struct kept *kept = w->kept[at];
    if (!w->run)
        return worker_no_picture(diag);
    if (job_restart_key(run_job(w->run), &kept->job)) {
        TRY(run_restart(&w->run, &kept->record, &kept->state, diag));
        w->now.curve.count = 0;
    } else {
        TRY(run_return(w->run, &kept->record, &kept->state, diag));
    }
    w->now.losses = kept->losses;
    w->version++;
    w->serial = kept->serial;
    if (kept->path[0]) {
        w->saved = w->serial;
        strcpy(w->saved_path, kept->path);
    }
    worker_record_return(w, kept);
    return diag_set(diag, STATUS_OK, "back to snapshot %d, iteration %d", number,
                    kept->entry.iteration);
}

enum status worker_look(struct worker *w, int number, struct diag *diag)
{
    int at = worker_kept_index(w, number, diag);
    if (at < 0)
        return STATUS_USAGE;
    const struct kept *kept = w->kept[at];
    const struct image *whole = &kept->picture;
    struct snapshot_window window = w->view.window;
    struct image small = {0};
    if (window.width < 1 || window.height < 1)
        window = (struct snapshot_window){.width = whole->width, .height = whole->height};
    struct snapshot_part p = snapshot_find_part(&window, whole->width, whole->height);
    const struct image_part part = {*whole, p.left, p.top, p.width, p.height};
    TRY(image_part_resize(&small, &part, p.to_width, p.to_height, diag));
    struct snapshot_look *look = mem_new(sizeof *look);
    look->number = number;
    look->job = kept->job;
    enum status status = snapshot_picture_set(&look->picture, &small, window.zoom, diag);
    look->picture.iteration = kept->entry.iteration;
    look->picture.window = window;
    look->picture.whole_width = whole->width;
    look->picture.whole_height = whole->height;
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
    int at = worker_kept_index(w, number, diag);
    if (at < 0)
        return STATUS_USAGE;
    free_kept(&w->kept[at]);
    worker_drop_kept(w, number);
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
