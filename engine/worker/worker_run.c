/* worker_run.c: see worker_private.h. The life of the run on its thread: open, take commands, step,
 * tell, until the end. */
#include "engine/worker/worker_private.h"

#ifdef __linux__
#include <sys/resource.h>
#endif
#include <string.h>

#include "engine/base/clock.h"
#include "engine/base/mem.h"

/* Snapshots come no oftener than a screen is drawn; previews by time take no more than a small part
 * of the time, and wait until the last one was taken. */
static const double publish_seconds = 1.0 / 30.0, preview_seconds = 0.1, preview_share = 0.02;

/* How much of the time may go into finding out how strongly the layers pull. */
static const double pull_share = 0.04;

/* How much less urgent computing is than keys and screen. */
enum { NICENESS = 5 };

/* ---- telling ------------------------------------------------------------------------------ */

static bool idle(const struct worker *w)
{
    return w->now.state != SNAPSHOT_RUNNING;
}

static bool preview_due(struct worker *w, double time)
{
    const struct worker_view *view = &w->view;
    if (!w->run || view->window.width < 1 || view->window.height < 1)
        return false;
    if (idle(w) || w->new_view)
        return w->new_view || w->previewed != w->version;
    double since = time - w->previewed_at;
    if (view->every > 0)
        return since >= publish_seconds &&
               w->now.iteration / view->every != w->previewed_iteration / view->every;
    double least = view->seconds > 0.0 ? view->seconds : preview_seconds;
    return since >= least && since >= w->preview_cost / preview_share && !worker_preview_waits(w);
}

/* There is always the next one: a preview that fails for want of memory is left out. */
static void make_preview(struct worker *w, struct snapshot_picture *out, double time)
{
    struct image small = {0};
    const struct snapshot_window *window = &w->view.window;
    struct snapshot_part p = snapshot_find_part(window, w->now.width, w->now.height);
    const struct run_part part = {p.left, p.top, p.width, p.height};
    if (run_preview(w->run, &small, window->zoom ? &part : NULL, p.to_width, p.to_height, NULL) ==
        STATUS_OK)
        snapshot_picture_set(out, &small, window->zoom, NULL);
    out->whole_width = w->now.width;
    out->whole_height = w->now.height;
    out->window = *window;
    image_clear(&small);
    out->iteration = w->now.iteration;
    w->new_view = false;
    w->previewed = w->version;
    w->previewed_iteration = w->now.iteration;
    w->previewed_at = time;
    w->preview_cost = clock_now() - time;
}

static void publish(struct worker *w)
{
    double time = clock_now();
    struct snapshot *fresh = snapshot_new();
    w->now.memory = mem_resident();
    w->now.saved = w->serial == w->saved;
    *fresh = w->now;
    w->now.look = NULL;
    if (preview_due(w, time))
        make_preview(w, &fresh->preview, time);
    w->published_at = time;
    worker_give(w, fresh);
}

/* Under way now and then; at rest once, unless there is something else to do. A run that nobody
 * sees is not asked. */
static void find_pulls(struct worker *w)
{
    double pull[STYLE_LAYER_COUNT], time = clock_now();
    if (!w->view.pulls || !w->run || w->now.state == SNAPSHOT_FAILED || w->pulled == w->version ||
        (idle(w) ? worker_has_command(w) : time - w->pulled_at < w->pull_cost / pull_share))
        return;
    if (run_pulls(w->run, pull, NULL) == STATUS_OK)
        memcpy(w->now.pull, pull, sizeof pull);
    w->pulled = w->version;
    w->pulled_at = clock_now();
    w->pull_cost = w->pulled_at - time;
    publish(w);
}

/* ---- the run ------------------------------------------------------------------------------ */

/* The picture is another one. */
static void repaint(struct worker *w)
{
    w->version++;
    w->serial = ++w->last_serial;
}

/* What the run says of itself, after it was opened or changed. */
static void refresh(struct worker *w)
{
    struct snapshot *now = &w->now;
    now->iteration = run_iteration(w->run);
    now->iterations = run_iterations(w->run);
    if (now->iterations < now->iteration) /* fewer are asked for than are done */
        now->iterations = now->iteration;
    now->width = run_width(w->run);
    now->height = run_height(w->run);
    now->stage_width = run_stage_width(w->run);
    now->job = *run_job(w->run);
    run_record(w->run, &now->began);
    now->seconds_left = now->seconds_per_iteration * run_remaining(w->run);
    now->planned = run_memory(w->run);
    strcpy(now->summary, run_summary(w->run));
    w->version++;
}

static bool iterations_left(const struct worker *w)
{
    return w->run && run_iteration(w->run) < run_iterations(w->run);
}

static void save_at_end(struct worker *w)
{
    struct diag diag;
    if (!w->options.save_at_end || !w->run || w->saved == w->serial)
        return;
    worker_save(w, 0, "", FILE_KEEP, &diag);
    worker_tell(w, &diag, 0);
}

static void fail(struct worker *w, const struct diag *diag)
{
    w->now.state = SNAPSHOT_FAILED;
    w->failure = *diag;
    worker_tell(w, diag, 0);
}

/* No iteration is left: the losses of what came out, and the file. */
static void done(struct worker *w)
{
    struct diag diag;
    struct losses losses;
    enum status status = run_measure(w->run, &losses, NULL, &diag);
    if (status == STATUS_STOPPED)
        return;
    w->now.seconds_left = 0.0;
    if (status != STATUS_OK) {
        repaint(w);
        fail(w, &diag);
        return;
    }
    if (diag.text[0])
        worker_tell(w, &diag, 0);
    w->now.state = SNAPSHOT_DONE;
    w->now.losses = losses;
    snapshot_curve_add(&w->now.curve, w->now.iteration, &losses);
    save_at_end(w);
    worker_record(w, NULL);
}

/* Runs, or has nothing left to run. */
static void go_on(struct worker *w)
{
    bool was_done = w->now.state == SNAPSHOT_DONE;
    if (iterations_left(w))
        w->now.state = SNAPSHOT_RUNNING;
    else if (!was_done)
        done(w);
}

/* After w->run was opened: what it says of itself, and its picture is another one, or the one that
 * is in a file already. */
static void opened(struct worker *w, bool saved)
{
    memset(w->now.pull, 0, sizeof w->now.pull);
    w->now.seconds_per_iteration = 0.0;
    refresh(w);
    repaint(w);
    if (w->recorded_iteration > 0 && w->recorded_iteration == w->now.iteration)
        w->recorded = w->serial;
    w->recorded_iteration = 0;
    if (saved) {
        w->saved = w->serial;
        memcpy(w->saved_path, w->file.path, JOB_PATH);
    }
    go_on(w);
}

/* Opens the run of a job; in place of the one there is, if any, which else stays, and whose state
 * is saved first. */
static enum status open_run(struct worker *w, const struct job *job, struct diag *diag)
{
    struct snapshot *now = &w->now;
    enum snapshot_state before = now->state;
    size_t kept = worker_kept_bytes(w);
    if (w->run)
        worker_save_state(w, false);
    now->state = SNAPSHOT_OPENING;
    publish(w);
    enum status status = w->run ? run_restart(&w->run, job, NULL, diag)
                                : run_open(&w->run, job, &w->halt, diag);
    if (status != STATUS_OK) {
        now->state = before;
        return status;
    }
    now->curve.count = 0;
    now->losses = (struct losses){0};
    now->seconds = 0.0;
    worker_new_run(w);
    w->kept_bytes = kept;
    opened(w, false);
    worker_save_state(w, false);
    return STATUS_OK;
}

/* The run has made edits of its own. */
static void take_edits(struct worker *w)
{
    struct job *before = mem_new(sizeof *before);
    *before = w->now.job;
    refresh(w);
    worker_log_change(w, before, &w->now.job);
    mem_free(before);
}

static void step(struct worker *w)
{
    struct snapshot *now = &w->now;
    struct losses losses;
    struct diag diag;
    int width = run_stage_width(w->run);
    double began = clock_now();
    enum status status = run_step(w->run, &losses, &diag);
    double took = clock_now() - began;
    now->seconds += took;
    if (status == STATUS_STOPPED)
        return;
    repaint(w);
    now->iteration = run_iteration(w->run);
    if (!job_equal(&now->job, run_job(w->run)))
        take_edits(w);
    if (status != STATUS_OK) {
        fail(w, &diag);
        return;
    }
    if (diag.text[0])
        worker_tell(w, &diag, 0);
    now->losses = losses;
    snapshot_curve_add(&now->curve, now->iteration - 1, &losses);
    if (w->autosave)
        autosave_losses(w->autosave, now->iteration - 1, now->seconds, &losses);
    now->stage_width = run_stage_width(w->run);
    if (now->stage_width != width)
        now->seconds_per_iteration = 0.0; /* a new size, and its opening is no measure */
    else if (now->seconds_per_iteration > 0.0)
        now->seconds_per_iteration += 0.1 * (took - now->seconds_per_iteration);
    else
        now->seconds_per_iteration = took;
    now->seconds_left = now->seconds_per_iteration * run_remaining(w->run);
    if (!iterations_left(w))
        done(w);
    else if (w->single)
        now->state = SNAPSHOT_PAUSED;
    w->single = false;
}

/* ---- commands ----------------------------------------------------------------------------- */

/* Weights aside, which are known to change a pull in their proportion. */
static bool same_pictures(const struct job *a, const struct job *b)
{
    for (int i = 0; i < STYLE_LAYER_COUNT; i++)
        if (a->channel[i].state != b->channel[i].state ||
            strcmp(a->channel[i].style.path, b->channel[i].style.path) != 0)
            return false;
    for (int i = 0; i < a->blend_count && a->blend_count == b->blend_count; i++)
        if (strcmp(a->blend[i].path, b->blend[i].path) != 0)
            return false;
    return a->blend_count == b->blend_count;
}

static enum status change_job(struct worker *w, const struct job *job, int seen,
                              struct diag *diag)
{
    if (!w->run)
        return open_run(w, job, diag);
    struct job *before = mem_new(sizeof *before), *next = mem_new(sizeof *next);
    *before = w->now.job;
    *next = *job;
    job_edits_apply(next, job->edits, seen, w->now.iteration);
    enum status status = run_change(w->run, next, diag);
    mem_free(next);
    if (status == STATUS_OK) {
        refresh(w);
        worker_log_change(w, before, &w->now.job);
        if (!same_pictures(before, &w->now.job))
            w->pulled_at = 0.0; /* others pull now: found out at once */
    }
    mem_free(before);
    TRY(status);
    if (w->now.state == SNAPSHOT_DONE || w->now.state == SNAPSHOT_RUNNING)
        go_on(w);
    return STATUS_OK;
}

static enum status go_back(struct worker *w, int number, struct diag *diag)
{
    worker_save_state(w, false);
    TRY(worker_return(w, number, diag));
    worker_new_run(w);
    refresh(w);
    snapshot_curve_cut(&w->now.curve, w->now.iteration);
    w->now.state = SNAPSHOT_PAUSED;
    return STATUS_OK;
}

static enum status obey(struct worker *w, const struct command *c, struct diag *diag)
{
    struct snapshot *now = &w->now;
    switch (c->kind) {
    case CMD_PAUSE:
        if (now->state == SNAPSHOT_RUNNING)
            now->state = SNAPSHOT_PAUSED;
        return STATUS_OK;
    case CMD_GO:
    case CMD_STEP:
        if (!w->run)
            TRY(open_run(w, &now->job, diag));
        w->single = c->kind == CMD_STEP && iterations_left(w);
        go_on(w);
        return STATUS_OK;
    case CMD_STOP:
        if (w->run && now->state != SNAPSHOT_DONE) {
            now->state = SNAPSHOT_STOPPED;
            save_at_end(w);
            worker_record(w, NULL);
        }
        return STATUS_OK;
    case CMD_JOB: return change_job(w, &c->job, c->seen, diag);
    case CMD_RESTART: return open_run(w, &c->job, diag);
    case CMD_VIEW:
        w->view = c->view;
        w->new_view = true;
        return STATUS_OK;
    case CMD_KEEP: return worker_keep(w, diag);
    case CMD_RETURN: return go_back(w, c->number, diag);
    case CMD_LOOK: return worker_look(w, c->number, diag);
    case CMD_FREE: return worker_forget(w, c->number, diag);
    case CMD_SAVE: return worker_save(w, c->number, c->path, c->mode, diag);
    }
    return STATUS_OK;
}

static void take_commands(struct worker *w)
{
    struct command command;
    while (find_pulls(w), worker_next_command(w, &command, idle(w))) {
        struct diag diag = {STATUS_OK, ""};
        enum status status = obey(w, &command, &diag);
        /* What was tried on the way to a success may have left its sentence. */
        if (status != STATUS_OK || (diag.status == STATUS_OK && diag.text[0]))
            worker_tell(w, &diag, command.serial);
        w->now.handled = command.serial;
        publish(w);
    }
    if (idle(w))
        worker_keep_state(w);
}

/* ---- the thread --------------------------------------------------------------------------- */

/* The kept pictures that are in no file; a failure is told unless there is another. */
static void save_kept(struct worker *w)
{
    struct worker_saved *files = &w->finished_files;
    for (int i = 0; i < w->now.kept_count; i++) {
        struct diag saving;
        if (w->now.kept[i].saved)
            continue;
        if (worker_save(w, w->now.kept[i].number, "", FILE_KEEP, &saving) == STATUS_OK)
            strcpy(files->kept[files->count++], w->kept[i]->path);
        else if (w->finished.status == STATUS_OK)
            w->finished = saving;
    }
}

static void save_picture(struct worker *w)
{
    struct diag saving = {STATUS_OK, ""};
    bool saved = w->saved == w->serial && w->saved_path[0];
    if (!saved && worker_save(w, 0, "", FILE_KEEP, &saving) == STATUS_OK)
        saved = true;
    if (saved)
        strcpy(w->finished_files.picture, w->saved_path);
    bool told = saved && strncmp(saving.text, w->saved_path, strlen(w->saved_path)) == 0;
    if (w->finished.status == STATUS_OK && !told)
        w->finished = saving;
}

/* The rest of a run whose screen is gone. */
static void finish(struct worker *w)
{
    struct snapshot *now = &w->now;
    take_commands(w);
    if (now->state == SNAPSHOT_FAILED && w->failure.status != STATUS_STOPPED)
        w->finished = w->failure;
    if (!w->run)
        return;
    w->single = false;
    if (!atomic_load(&w->end)) {
        save_kept(w); /* the rest may take long */
        if (now->state == SNAPSHOT_PAUSED)
            go_on(w);
    }
    while (now->state == SNAPSHOT_RUNNING && !atomic_load(&w->end)) {
        worker_keep_state(w);
        step(w);
    }
    if (now->state == SNAPSHOT_FAILED)
        w->finished = w->failure;
    worker_save_state(w, false); /* while the picture is written */
    save_picture(w);
    if (now->state != SNAPSHOT_FAILED)
        worker_record(w, NULL);
    save_kept(w);
    worker_save_state(w, false);
}

/* Opens what the options ask for. */
static void begin(struct worker *w)
{
    struct diag diag;
    w->now.job = w->now.began = w->options.job;
    memcpy(w->now.node, w->options.parent, sizeof w->now.node);
    worker_make_directory(w);
    bool saved = false, resumed = w->options.state == WORKER_STATE_RESUMED;
    enum status status = STATUS_OK;
    if (resumed)
        publish(w);
    status = resumed ? worker_take_up(w, &saved, &diag) : open_run(w, &w->options.job, &diag);
    if (resumed && status == STATUS_OK)
        opened(w, saved);
    if (status != STATUS_OK)
        fail(w, &diag);
    else if (w->options.paused && w->now.state == SNAPSHOT_RUNNING)
        w->now.state = SNAPSHOT_PAUSED;
    publish(w);
}

/* The last of the run's directory. */
static void end(struct worker *w)
{
    struct diag diag = {STATUS_OK, ""};
    if (atomic_load(&w->stop))
        worker_save_state(w, w->now.state != SNAPSHOT_DONE && w->now.state != SNAPSHOT_STOPPED);
    worker_end_state(w, &diag);
    if (diag.text[0] && w->finished.status == STATUS_OK)
        w->finished = diag;
}

void *worker_work(void *context)
{
    struct worker *w = context;
#ifdef __linux__
    setpriority(PRIO_PROCESS, 0, NICENESS); /* there, of this thread and those it starts */
#endif
    begin(w);
    while (!atomic_load(&w->stop) && !atomic_load(&w->finish)) {
        take_commands(w);
        if (atomic_load(&w->end) && !idle(w)) {
            w->now.state = SNAPSHOT_STOPPED;
            publish(w);
        }
        if (idle(w))
            continue;
        worker_keep_state(w);
        step(w);
        if (idle(w) || clock_now() - w->published_at >= publish_seconds)
            publish(w);
    }
    if (!atomic_load(&w->stop))
        finish(w);
    end(w);
    worker_forget_all(w);
    run_close(&w->run);
    return NULL;
}
