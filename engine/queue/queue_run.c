/*
 * queue_run.c: see queue_private.h. A run that takes long keeps its state in a run directory and
 * goes on from there; a short one begins again, which costs less than a directory.
 */
#include "engine/queue/queue_private.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "engine/base/clock.h"
#include "engine/base/mem.h"
#include "engine/queue/painted.h"
#include "engine/rundir/rundir.h"

/* A run that is ended keeps what took longer than this. */
static const double worth_keeping = 5.0;

void queue_run_job(struct job *out, const struct queue_options *options, int run)
{
    if (options->sweep)
        sweep_job(out, options->sweep, run);
    else
        *out = options->jobs[run];
}

struct painting {
    const struct queue_task *task;
    struct queue_end *end;
    struct job job;
    char path[JOB_PATH]; /* of its directory, "": none */
    struct rundir *dir;  /* NULL: not needed yet */
    struct checkpoint from;
    struct run *run;
    double began, saved; /* by the clock */
    double before;       /* seconds that earlier processes computed */
    struct diag trouble;         /* the first thing that it went on without */
};

static double seconds(const struct painting *p)
{
    return p->before + clock_now() - p->began;
}

static void go_on_without(struct painting *p, const struct diag *diag)
{
    if (!p->trouble.text[0])
        p->trouble = *diag;
}

/* The state of a run of this very job, if there is one; another's is of no use. */
static void take_up(struct painting *p)
{
    struct diag diag;
    if (!p->path[0] || access(p->path, F_OK) != 0 ||
        rundir_open(&p->dir, p->path, &diag) != STATUS_OK)
        return;
    if (!rundir_is_of(p->path, &p->job)) {
        rundir_discard(&p->dir);
    } else if (rundir_read(&p->from, p->dir, &diag) == STATUS_OK && p->from.state.count > 0) {
        checkpoint_adopt_plan(&p->from);
        p->before = p->from.seconds;
        p->end->losses = p->from.losses;
    }
}

static enum status open_run(struct painting *p, struct diag *diag)
{
    const struct queue_task *task = p->task;
    bool resumed = p->from.state.count > 0;
    enum status status =
        run_open_shared(&p->run, resumed ? &p->from.record : &p->job,
                        resumed ? &p->from.state : NULL, task->shared, task->threads,
                        task->options->stop, diag);
    checkpoint_clear(&p->from);
    return status;
}

static void keep(struct painting *p)
{
    struct diag diag;
    p->saved = clock_now();
    if (!p->path[0])
        return;
    if (!p->dir && rundir_create(&p->dir, p->path, &p->job, &diag) != STATUS_OK) {
        go_on_without(p, &diag);
        return;
    }
    struct checkpoint checkpoint = {.losses = p->end->losses, .seconds = seconds(p)};
    enum status status = checkpoint_take(&checkpoint, p->run, false, &diag);
    if (status == STATUS_OK)
        status = rundir_write(p->dir, &checkpoint, &diag);
    checkpoint_clear(&checkpoint);
    if (status != STATUS_OK)
        go_on_without(p, &diag);
}

static enum status iterate(struct painting *p, struct diag *diag)
{
    const struct queue_task *task = p->task;
    *task->iterations = run_iterations(p->run);
    while (run_iteration(p->run) < run_iterations(p->run)) {
        TRY(run_step(p->run, &p->end->losses, diag));
        if (diag->text[0])
            go_on_without(p, diag);
        *task->iteration = run_iteration(p->run);
        if (clock_now() - p->saved > task->options->keep_seconds)
            keep(p);
    }
    TRY(run_measure(p->run, &p->end->losses, NULL, diag));
    if (diag->text[0])
        go_on_without(p, diag);
    return STATUS_OK;
}

/* Small pictures are copied, so that their run's memory is free for the next one while they are
 * encoded; a large one is written from the run. */
static enum status take_picture(struct image *copy, struct painting *p, struct diag *diag)
{
    enum { SMALL = 1 << 24 }; /* pixels */
    if ((size_t)run_width(p->run) * (size_t)run_height(p->run) > SMALL)
        return STATUS_OK;
    TRY(run_picture(p->run, copy, diag));
    run_close(&p->run);
    p->task->computed(p->task->context);
    return STATUS_OK;
}

/* A picture that was there before it began is this job's own, or may be replaced. */
static enum status write_picture(struct painting *p, enum file_overwrite mode, struct diag *diag)
{
    struct image copy = {0};
    struct job *record = mem_new(sizeof *record);
    run_record(p->run, record);
    p->end->seconds = seconds(p);
    painted_note_seconds(record, p->end->seconds);
    enum status status = take_picture(&copy, p, diag);
    const struct run_result picture = {copy.rgb ? &copy : NULL, p->run};
    if (status == STATUS_OK)
        status = run_write(&picture, record, p->job.output, mode, diag);
    image_clear(&copy);
    mem_free(record);
    return status;
}

/* Has it been painted, perhaps by another process? */
static bool is_there(struct painting *p, enum painted_state *state)
{
    struct painted painted;
    painted_look(&painted, &p->job);
    *state = painted.state;
    if (painted.state != PAINTED_DONE)
        return false;
    p->end->there = true;
    p->end->losses = painted.losses;
    p->end->seconds = painted.seconds;
    return true;
}

static enum status paint(struct painting *p, struct diag *diag)
{
    enum painted_state state;
    bool overwrite = p->task->options->overwrite;
    p->began = p->saved = clock_now();
    if (is_there(p, &state))
        return STATUS_OK;
    if (state == PAINTED_OTHER && !overwrite)
        return diag_set(diag, STATUS_OUTPUT, "%s exists and is not this job's picture",
                        p->job.output);
    enum file_overwrite mode = state == PAINTED_MISSING ? FILE_KEEP : FILE_OVERWRITE;
    TRY(run_check_output(&p->job, p->job.output, mode, diag));
    take_up(p);
    TRY(open_run(p, diag));
    enum status status = iterate(p, diag);
    if (status == STATUS_STOPPED && clock_now() - p->saved > worth_keeping)
        keep(p);
    TRY(status);
    status = write_picture(p, mode, diag);
    if (status != STATUS_OK && is_there(p, &state)) /* another process was quicker */
        status = STATUS_OK;
    if (status == STATUS_OK && p->dir)
        rundir_discard(&p->dir);
    return status;
}

enum status queue_run_paint(const struct queue_task *task, struct queue_end *end)
{
    struct painting *p = mem_new(sizeof *p);
    struct diag *diag = &end->diag;
    const struct queue_options *o = task->options;
    enum status status = STATUS_OK;
    *end = (struct queue_end){.run = task->run, .threads = task->threads};
    p->task = task;
    p->end = end;
    queue_run_job(&p->job, o, task->run);
    end->iterations = p->job.iterations;
    if (o->keep[0])
        status = file_join(p->path, JOB_PATH - 40, o->keep,
                           o->sweep ? sweep_name(o->sweep, task->run) : o->names[task->run], diag);
    if (status == STATUS_OK)
        status = paint(p, diag);
    if (status == STATUS_OK)
        *diag = p->trouble;
    diag->status = status;
    run_close(&p->run);
    checkpoint_clear(&p->from);
    rundir_close(&p->dir);
    mem_free(p);
    return status;
}
