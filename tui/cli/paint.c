/*
 * paint.c: see paint.h. Everything that can be refused is refused before the first iteration; a
 * signal, whenever it comes, ends what is under way within a layer of the network, and checkpoint
 * and picture of the last iteration are saved.
 */
#include "tui/cli/paint.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/base/file.h"
#include "engine/base/clock.h"
#include "engine/base/mem.h"
#include "engine/host/budget.h"
#include "engine/image/image.h"
#include "engine/run/run.h"
#include "engine/rundir/autosave.h"
#include "tui/cli/cli.h"
#include "tui/cli/neural_style.h"
#include "tui/cli/progress.h"
#include "tui/cli/record.h"
#include "tui/cli/stop.h"
#include "tui/term/number.h"

static const atomic_int *stop; /* the run's */

/* What one run carries around. */
struct session {
    struct options options;
    enum file_overwrite mode;
    struct rundir *dir;        /* until it is the autosave's */
    struct autosave *autosave; /* NULL: there is no directory */
    struct checkpoint from;    /* what the run goes on from */
    bool resumed;
    struct run *run;
    int iterations; /* with those that edits give or take */
    struct progress *progress;
    struct progress_state state;
    double began, last, before; /* seconds: before: computed by earlier processes */
    struct checkpoint_file file; /* that this run's picture was written to */
    bool saved;                  /* this very picture is there */
    int width;                   /* of the stage under way */
    bool painted;                /* to its end: a signal came too late to stop it */
    struct diag trouble; /* the first thing that the run went on without */
};

/* out.png -> out.progress.txt, or the original's progress.txt in the same folder. */
static void beside_output(char *out, size_t size, const struct options *o, const char *name)
{
    const char *output = o->job.output;
    if (o->original)
        snprintf(out, size, "%.*s%s", (int)(file_name(output) - output), output, name);
    else
        snprintf(out, size, "%.*s.%s", file_stem(output), output, name);
}

/* What the picture after so many steps is called if it is one on the way; -1: it is none. */
static int checkpoint_number(const struct session *s, int steps)
{
    int every = s->options.checkpoint_iterations;
    if (s->options.original)
        return neural_style_number(steps, s->iterations, every);
    return steps % every == 0 && steps < s->iterations ? steps : -1;
}

/* Every place that will be written to, asked before anything is computed. What a run that goes on
 * has written before is compared when it is written again. */
static enum status check_outputs(const struct session *s, struct diag *diag)
{
    const struct options *o = &s->options;
    enum file_overwrite mode = s->resumed ? FILE_OVERWRITE : s->mode;
    TRY(run_check_output(&o->job, o->job.output, mode, diag));
    if (!o->checkpoint_output[0])
        return STATUS_OK;
    for (int i = 1; i <= s->iterations; i++) {
        char path[JOB_PATH];
        int number = checkpoint_number(s, i);
        if (number < 0)
            continue;
        TRY(options_checkpoint_path(path, sizeof path, o->checkpoint_output, number, diag));
        TRY(run_check_output(&o->job, path, mode, diag));
    }
    return STATUS_OK;
}

static enum status open_progress(struct session *s, struct diag *diag)
{
    char log[JOB_PATH + 16], plot[JOB_PATH + 16];
    const struct options *o = &s->options;
    beside_output(log, sizeof log, o, "progress.txt");
    beside_output(plot, sizeof plot, o, "progress.png");
    struct progress_options options = {
        .style = o->progress,
        .iterations = s->iterations,
        .print_every = o->print_iterations,
        .log_path = o->progress_write ? log : NULL,
        .plot_path = o->progress_plot ? plot : NULL,
        .title = o->job.output,
        .overwrite = o->overwrite || o->original,
        .original = o->original,
        .append = s->resumed,
    };
    return progress_open(&s->progress, &options, diag);
}

static void warn_and_go_on(struct session *s, const struct diag *diag)
{
    char text[DIAG_TEXT + 32];
    snprintf(text, sizeof text, "%s; the run goes on", diag->text);
    progress_warn(s->progress, text);
}

/* A picture on the way or a log that cannot be written is told, and the run goes on. */
static void go_on_without(struct session *s, const struct diag *diag)
{
    if (s->trouble.status != STATUS_OK)
        return;
    s->trouble = *diag;
    warn_and_go_on(s, diag);
}

static enum status write_picture(const struct session *s, const char *path, struct diag *diag)
{
    const struct run_result now = {NULL, s->run};
    struct job *record = mem_new(sizeof *record);
    run_record(s->run, record);
    enum status status = run_write(&now, record, path, s->mode, diag);
    mem_free(record);
    return status;
}

static void save_checkpoint(struct session *s)
{
    const struct options *o = &s->options;
    struct diag diag;
    char path[JOB_PATH];
    int number = o->checkpoint_output[0] ? checkpoint_number(s, run_iteration(s->run)) : -1;
    if (number < 0)
        return;
    enum status status =
        options_checkpoint_path(path, sizeof path, o->checkpoint_output, number, &diag);
    if (status == STATUS_OK)
        status = write_picture(s, path, &diag);
    if (status != STATUS_OK)
        go_on_without(s, &diag);
}

/* The checkpoint of the run as it is, on its way to the disk. */
static void save_state(struct session *s, enum checkpoint_end end)
{
    struct checkpoint c = {.losses = s->state.losses,
                           .seconds = s->before + clock_now() - s->began,
                           .end = end,
                           .saved = s->saved,
                           .file = s->file};
    if (s->autosave)
        autosave_run(s->autosave, s->run, 0, &c);
}

/* What the disk has to say. */
static void take_news(struct session *s)
{
    struct diag diag;
    if (!s->autosave || !autosave_news(s->autosave, &diag))
        return;
    if (diag.status == STATUS_OK)
        progress_note(s->progress, "%s", diag.text);
    else
        warn_and_go_on(s, &diag);
}

/* Tells of the picture after `iteration` steps, whose losses are in s->state. */
static void tell(struct session *s, int iteration)
{
    struct diag diag;
    double time = clock_now(), latest = time - s->last;
    struct progress_state *state = &s->state;
    state->iteration = iteration;
    state->seconds = s->before + time - s->began;
    if (iteration > 0)
        state->seconds_per_iteration = state->seconds_per_iteration > 0.0
                                           ? 0.9 * state->seconds_per_iteration + 0.1 * latest
                                           : latest;
    state->seconds_left = state->seconds_per_iteration * run_remaining(s->run);
    s->last = time;
    if (s->autosave)
        autosave_losses(s->autosave, iteration, state->seconds, &state->losses);
    if (progress_show(s->progress, state, &diag) != STATUS_OK)
        go_on_without(s, &diag);
}

/* Before a new size takes its memory, and when it is time. */
static void keep_state(struct session *s)
{
    bool other_size = run_stage_width(s->run) != s->width;
    s->width = run_stage_width(s->run);
    if (s->autosave && (other_size || autosave_due(s->autosave)))
        save_state(s, CHECKPOINT_GOING);
    take_news(s);
}

/* Ends with STATUS_STOPPED on a signal. */
static enum status paint_all(struct session *s, struct diag *diag)
{
    s->began = s->last = clock_now();
    s->width = 0;
    while (run_iteration(s->run) < run_iterations(s->run)) {
        int iteration = run_iteration(s->run);
        keep_state(s);
        TRY(run_step(s->run, &s->state.losses, diag));
        if (diag->text[0])
            progress_warn(s->progress, diag->text);
        s->saved = false;
        tell(s, iteration);
        save_checkpoint(s);
    }
    TRY(run_measure(s->run, &s->state.losses, NULL, diag));
    if (diag->text[0])
        progress_warn(s->progress, diag->text);
    tell(s, run_iteration(s->run));
    return STATUS_OK;
}

/* To the output, or where it can be; place is where it is, or "". STATUS_IO if elsewhere. */
static enum status save(struct session *s, char place[JOB_PATH], struct diag *diag)
{
    const struct job *job = run_job(s->run);
    const struct run_result now = {NULL, s->run};
    enum file_overwrite mode =
        checkpoint_file_same(&s->file) && file_same(s->file.path, job->output) ? FILE_OVERWRITE
                                                                               : s->mode;
    *place = 0;
    diag->text[0] = 0;
    if (s->saved && checkpoint_file_same(&s->file)) {
        memcpy(place, s->file.path, JOB_PATH);
        return STATUS_OK;
    }
    struct job *record = mem_new(sizeof *record);
    run_record(s->run, record);
    enum status status = run_write_somewhere(&now, record, job->output, mode, place, diag);
    mem_free(record);
    s->saved = status == STATUS_OK;
    s->file = checkpoint_file_now(place);
    if (status != STATUS_OK || diag->text[0])
        diag->status = status = STATUS_IO;
    return status;
}

/* The last checkpoint, the log's last line. */
static void end_autosave(struct session *s, bool painted)
{
    struct diag diag;
    if (!s->autosave)
        return;
    save_state(s, painted ? CHECKPOINT_DONE : CHECKPOINT_GOING);
    autosave_log(s->autosave, "ended at iteration %d of %d%s%s", run_iteration(s->run),
                 run_iterations(s->run), s->saved ? ", picture in " : "",
                 s->saved ? s->file.path : "");
    if (autosave_close(&s->autosave, &diag) != STATUS_OK || diag.text[0]) {
        diag.status = STATUS_IO;
        if (s->trouble.status == STATUS_OK)
            s->trouble = diag;
        else
            progress_warn(s->progress, diag.text);
    }
}

/* The losses told on the way are those of values that were not cut off yet. The run is over. */
static void tell_saved(struct session *s)
{
    struct losses losses;
    struct diag diag;
    char text[200] = "";
    if (s->options.progress == PROGRESS_JSON ||
        run_measure_saved(s->run, &losses, &diag) != STATUS_OK)
        return;
    for (int i = 0; i < LOSSES_PARTS; i++) {
        size_t used = strlen(text);
        snprintf(text + used, sizeof text - used, "  %s %s", losses_name(i),
                 number_short(losses_value(&losses, i)).text);
    }
    progress_note(s->progress, "as saved, cut to 0 to 255:%s", text);
}

/* Saves, first of all, however the painting ended: the state meanwhile, then the picture. */
static enum status end(struct session *s, enum status status, struct diag *diag)
{
    struct diag other, trouble;
    char place[JOB_PATH] = "";
    bool nothing = status == STATUS_DIVERGED && run_iteration(s->run) == 0;
    bool early = run_iteration(s->run) < run_iterations(s->run);
    bool painted = s->painted = status == STATUS_OK;
    if (status == STATUS_STOPPED) {
        save_state(s, CHECKPOINT_GOING);
        status = STATUS_OK;
    }
    enum status saved = nothing ? STATUS_OK : save(s, place, &other);
    if (painted && s->saved && record_picture(s->run, s->file.path, s->autosave, &s->state.losses,
                                              &trouble) != STATUS_OK)
        progress_warn(s->progress, trouble.text);
    end_autosave(s, painted);
    if (saved != STATUS_OK && status != STATUS_OK) {
        progress_warn(s->progress, other.text);
    } else if (saved != STATUS_OK) {
        *diag = other;
        status = saved;
    }
    if (progress_finish(s->progress, &other) != STATUS_OK && s->trouble.status == STATUS_OK)
        s->trouble = other;
    if (place[0])
        progress_note(s->progress, "%s: iteration %d%s", place, run_iteration(s->run),
                      early ? ", stopped early" : "");
    if (painted && place[0])
        tell_saved(s);
    return status;
}

/* ---- the run's directory ------------------------------------------------------------------ */

/* The run that is to go on: the one that was named, that of --run-dir, or one with this very job;
 * "" for a new one. */
static enum status find_run(char path[JOB_PATH], const struct session *s, const char *named,
                            struct diag *diag)
{
    const struct options *o = &s->options;
    struct rundir_entry *entry;
    snprintf(path, JOB_PATH, "%s", named);
    if (named[0] || o->anew)
        return STATUS_OK;
    if (!o->run_dir[0])
        return rundir_find_job(path, &o->job) ? STATUS_OK : (*path = 0, STATUS_OK);
    entry = mem_new(sizeof *entry);
    bool is_run = rundir_look(entry, o->run_dir);
    mem_free(entry);
    if (!is_run)
        return STATUS_OK;
    if (!rundir_is_of(o->run_dir, &o->job))
        return diag_set(diag, STATUS_OUTPUT,
                        "%s holds another run; strata resume %s goes on with that, or name another "
                        "--run-dir", o->run_dir, o->run_dir);
    snprintf(path, JOB_PATH, "%s", o->run_dir);
    return STATUS_OK;
}

/* Only a directory that was asked for by name is needed. */
static enum status make_directory(struct session *s, struct diag *diag)
{
    struct diag trouble;
    int removed;
    size_t left;
    const char *name = s->options.run_dir;
    if (rundir_create(&s->dir, name, &s->options.job, &trouble) == STATUS_OK) {
        rundir_prune(&removed, &left, RUNDIR_LIMIT, NULL);
        return STATUS_OK;
    }
    if (name[0]) {
        *diag = trouble;
        return trouble.status;
    }
    fprintf(stderr, "strata: %s; the run cannot be resumed if it is ended\n", trouble.text);
    return STATUS_OK;
}

static enum status take_up(struct session *s, const char *path, struct diag *diag)
{
    TRY(rundir_open(&s->dir, path, diag));
    TRY(rundir_read(&s->from, s->dir, diag));
    if (diag->text[0])
        fprintf(stderr, "strata: %s; the one before it is taken\n", diag->text);
    s->resumed = true;
    s->mode = s->mode == FILE_KEEP ? FILE_AGAIN : s->mode;
    s->options.job = s->from.job;
    s->before = s->from.seconds;
    s->state.losses = s->from.losses;
    s->file = s->from.file;
    s->saved = s->from.saved;
    if (!checkpoint_adopt_plan(&s->from))
        fprintf(stderr, "strata: the run began on another processor; its picture will be as good, "
                        "but not the same to the bit\n");
    return STATUS_OK;
}

static enum status open_directory(struct session *s, const char *named, struct diag *diag)
{
    char path[JOB_PATH];
    TRY(find_run(path, s, named, diag));
    return path[0] ? take_up(s, path, diag) : make_directory(s, diag);
}

static int count_iterations(const struct job *record)
{
    struct job *last = mem_new(sizeof *last);
    *last = *record;
    job_edits_apply(last, record->edits, -1, JOB_MAX_ITERATIONS);
    int iterations = last->iterations;
    mem_free(last);
    return iterations;
}

/* That the picture will not be painted with what the job says alone. */
static void tell_edits(const struct session *s)
{
    const struct job *record = s->resumed ? &s->from.record : &s->options.job;
    int first = 0, last = 0, count = job_edits_lines(record->edits, &first, &last);
    if (count > 0)
        progress_note(s->progress, "edits on the way: %d, at iterations %d to %d", count, first,
                      last);
}

/* Hands the directory to the thread that writes to it. */
static void open_autosave(struct session *s)
{
    struct diag diag;
    if (!s->dir)
        return;
    if (s->resumed)
        autosave_cut_losses(s->dir, s->from.state.iteration, NULL, NULL);
    if (autosave_open(&s->autosave, s->dir, s->options.checkpoint_seconds, &diag) != STATUS_OK)
        return;
    s->dir = NULL;
    autosave_log(s->autosave, "%s at iteration %d of %d, process %ld: %s",
                 s->resumed ? "goes on" : "begins", run_iteration(s->run), run_iterations(s->run),
                 (long)getpid(), run_summary(s->run));
}

static enum status open_run(struct session *s, struct diag *diag)
{
    if (s->from.state.count > 0)
        return run_resume(&s->run, &s->from.record, &s->from.state, stop, diag);
    return run_open(&s->run, s->resumed ? &s->from.record : &s->options.job, stop, diag);
}

static enum status run_all(struct session *s, const char *directory, struct diag *diag)
{
    char memory[BUDGET_TEXT];
    stop = stop_catch("strata: stopping; the picture as it is now is saved first\n",
                      "strata: still saving; once more ends it without the picture\n");
    TRY(open_directory(s, directory, diag));
    s->iterations = count_iterations(s->resumed ? &s->from.record : &s->options.job);
    TRY(check_outputs(s, diag));
    TRY(open_run(s, diag));
    open_autosave(s);
    run_state_clear(&s->from.state);
    enum status status = open_progress(s, diag);
    if (status != STATUS_OK)
        return status;
    if (s->resumed)
        progress_note(s->progress, "%s goes on from iteration %d of %d",
                      file_name(rundir_path(autosave_dir(s->autosave))), run_iteration(s->run),
                      run_iterations(s->run));
    budget_print_bytes(memory, run_memory(s->run));
    progress_note(s->progress, "%s, %s of memory", run_summary(s->run), memory);
    tell_edits(s);
    status = paint_all(s, diag);
    return end(s, status, diag);
}

/* A directory of a run that never began says nothing. */
static void leave_directory(struct session *s, enum status status)
{
    bool never = !s->run && !s->resumed && status != STATUS_OK && status != STATUS_STOPPED;
    if (s->dir && never)
        rundir_discard(&s->dir);
    rundir_close(&s->dir);
    autosave_close(&s->autosave, NULL);
}

int paint(const struct options *options, const char *directory)
{
    static struct session s;
    struct diag diag;
    s.options = *options;
    s.mode = s.options.overwrite ? FILE_OVERWRITE : FILE_KEEP;
    enum status status = run_all(&s, directory, &diag);
    leave_directory(&s, status);
    progress_close(&s.progress);
    run_close(&s.run);
    checkpoint_clear(&s.from);
    int caught = stop_signal();
    if (status != STATUS_OK && !(status == STATUS_STOPPED && caught))
        return cli_fail(&diag);
    bool incomplete = s.trouble.status != STATUS_OK;
    if (incomplete)
        cli_fail(&s.trouble);
    return caught && !s.painted ? 128 + caught : incomplete;
}
