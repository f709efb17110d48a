/*
 * cli_run.c: `strata run`: a job painted without a screen. Everything that can be refused is
 * refused before the first iteration; a signal ends the run within a layer of the network, with the
 * picture of the last iteration saved.
 */
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/file.h"
#include "engine/base/clock.h"
#include "engine/image/image.h"
#include "engine/run/run.h"
#include "tui/cli/cli.h"
#include "tui/cli/options.h"
#include "tui/cli/progress.h"

static volatile sig_atomic_t caught; /* the signal that asked us to stop, or 0 */
static volatile double caught_at;
static atomic_int stop; /* the run's */

/* The first signal ends the run in order, the third at once. One Ctrl-C may arrive twice, from the
 * terminal and from a parent that passes it on (timeout does): that counts once. What batch systems
 * warn with may come again every second. */
static void catch(int number)
{
    static volatile sig_atomic_t requests;
    int error = errno;
    double time = clock_now();
    if (caught && (time - caught_at <= 0.5 || number == SIGXCPU || number == SIGUSR1))
        return;
    caught_at = time;
    requests++;
    if (requests == 1) {
        caught = number;
        stop = 1;
        progress_interrupt("strata: stopping; the picture as it is now is saved first\n");
    } else if (requests == 2) {
        progress_interrupt("strata: still saving; once more ends it without the picture\n");
    } else {
        signal(number, SIG_DFL);
        raise(number);
    }
    errno = error;
}

/* Without SA_RESTART: a write that hangs after all ends. */
static void catch_signals(void)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGXCPU, SIGUSR1};
    struct sigaction action = {0};
    action.sa_handler = catch;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        sigaddset(&action.sa_mask, numbers[i]);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        struct sigaction before;
        sigaction(numbers[i], NULL, &before);
        if (before.sa_handler != SIG_IGN) /* nohup */
            sigaction(numbers[i], &action, NULL);
    }
}

/* What one run carries around. */
struct session {
    struct options options;
    enum file_overwrite mode;
    struct run *run;
    struct progress *progress;
    struct progress_state state;
    double began, last;
    struct diag trouble; /* the first thing that the run went on without */
};

/* OUTPUT with another ending: out.png -> out.progress.txt. */
static void beside_output(char *out, size_t size, const char *output, const char *ending)
{
    snprintf(out, size, "%.*s%s", file_stem(output), output, ending);
}

/* Every place that will be written to, asked before anything is computed. */
static enum status check_outputs(const struct session *s, struct diag *diag)
{
    const struct options *o = &s->options;
    TRY(run_check_output(&o->job, o->job.output, s->mode, diag));
    if (!o->checkpoint_output[0])
        return STATUS_OK;
    for (int i = o->checkpoint_iterations; i < o->job.iterations; i += o->checkpoint_iterations) {
        char path[JOB_PATH];
        TRY(options_checkpoint_path(path, sizeof path, o->checkpoint_output, i, diag));
        TRY(run_check_output(&o->job, path, s->mode, diag));
    }
    return STATUS_OK;
}

static enum status open_progress(struct session *s, struct diag *diag)
{
    char log[JOB_PATH + 16], plot[JOB_PATH + 16];
    const struct options *o = &s->options;
    beside_output(log, sizeof log, o->job.output, ".progress.txt");
    beside_output(plot, sizeof plot, o->job.output, ".progress.png");
    struct progress_options options = {
        .style = o->progress,
        .iterations = o->job.iterations,
        .print_every = o->print_iterations,
        .log_path = o->progress_write ? log : NULL,
        .plot_path = o->progress_plot ? plot : NULL,
        .title = o->job.output,
        .overwrite = o->overwrite,
    };
    return progress_open(&s->progress, &options, diag);
}

/* A checkpoint or a log that cannot be written is told, and the run goes on. */
static void go_on_without(struct session *s, const struct diag *diag)
{
    char text[DIAG_TEXT + 32];
    if (s->trouble.status != STATUS_OK)
        return;
    s->trouble = *diag;
    snprintf(text, sizeof text, "%s; the run goes on", diag->text);
    progress_warn(s->progress, text);
}

static void save_checkpoint(struct session *s)
{
    const struct options *o = &s->options;
    struct image picture = {0};
    struct diag diag;
    char path[JOB_PATH];
    int iteration = run_iteration(s->run);
    if (!o->checkpoint_output[0] || iteration % o->checkpoint_iterations != 0 ||
        iteration == o->job.iterations)
        return;
    enum status status =
        options_checkpoint_path(path, sizeof path, o->checkpoint_output, iteration, &diag);
    if (status == STATUS_OK)
        status = run_picture(s->run, &picture, &diag);
    if (status == STATUS_OK)
        status = run_write(&picture, run_job(s->run), path, s->mode, &diag);
    image_clear(&picture);
    if (status != STATUS_OK)
        go_on_without(s, &diag);
}

/* Tells of the picture after `iteration` steps, whose losses are in s->state. */
static void tell(struct session *s, int iteration)
{
    struct diag diag;
    double time = clock_now(), latest = time - s->last;
    struct progress_state *state = &s->state;
    state->iteration = iteration;
    state->seconds = time - s->began;
    if (iteration > 0)
        state->seconds_per_iteration = state->seconds_per_iteration > 0.0
                                           ? 0.9 * state->seconds_per_iteration + 0.1 * latest
                                           : latest;
    state->seconds_left = state->seconds_per_iteration * run_remaining(s->run);
    s->last = time;
    if (progress_show(s->progress, state, &diag) != STATUS_OK)
        go_on_without(s, &diag);
}

/* Ends with STATUS_STOPPED on a signal. */
static enum status paint(struct session *s, struct diag *diag)
{
    s->began = s->last = clock_now();
    while (run_iteration(s->run) < run_iterations(s->run)) {
        int iteration = run_iteration(s->run);
        TRY(run_step(s->run, &s->state.losses, diag));
        tell(s, iteration);
        save_checkpoint(s);
    }
    TRY(run_measure(s->run, &s->state.losses, NULL, diag));
    tell(s, run_iteration(s->run));
    return STATUS_OK;
}

/* To the output, or where it can be; place is where it is, or "". STATUS_IO if elsewhere. */
static enum status save(struct session *s, char place[JOB_PATH], struct diag *diag)
{
    const struct job *job = run_job(s->run);
    struct image picture = {0};
    *place = 0;
    TRY(run_picture(s->run, &picture, diag));
    enum status status = run_write_somewhere(&picture, job, job->output, s->mode, place, diag);
    image_clear(&picture);
    if (status != STATUS_OK || diag->text[0])
        diag->status = status = STATUS_IO;
    return status;
}

/* Saves, first of all, however the painting ended. */
static enum status end(struct session *s, enum status status, struct diag *diag)
{
    struct diag other;
    char place[JOB_PATH];
    bool early = run_iteration(s->run) < run_iterations(s->run);
    enum status saved = save(s, place, &other);
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
    return status;
}

static enum status run_all(struct session *s, struct diag *diag)
{
    TRY(check_outputs(s, diag));
    TRY(run_open(&s->run, &s->options.job, &stop, diag));
    TRY(open_progress(s, diag));
    progress_note(s->progress, "%s", run_summary(s->run));
    catch_signals();
    enum status status = paint(s, diag);
    return end(s, status == STATUS_STOPPED ? STATUS_OK : status, diag);
}

int cli_run(int argc, char **argv)
{
    static struct session s;
    struct diag diag;
    enum status status = options_parse(&s.options, argc, argv, OPTIONS_RUN, &diag);
    if (status == STATUS_OK && s.options.help) {
        options_help(stdout);
        return 0;
    }
    s.mode = s.options.overwrite ? FILE_OVERWRITE : FILE_KEEP;
    if (status == STATUS_OK)
        status = job_validate(&s.options.job, &diag);
    if (status == STATUS_OK)
        status = run_all(&s, &diag);
    progress_close(&s.progress);
    run_close(&s.run);
    if (status != STATUS_OK)
        return cli_fail(&diag);
    bool incomplete = s.trouble.status != STATUS_OK;
    if (incomplete)
        cli_fail(&s.trouble);
    return caught ? 128 + caught : incomplete;
}
