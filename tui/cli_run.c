/*
 * cli_run.c: `strata run`: a job painted without a screen. Everything that can be refused is
 * refused before the first iteration; a signal ends the run after the iteration under way, with
 * its picture saved.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../engine/file.h"
#include "../engine/image.h"
#include "../engine/run.h"
#include "cli.h"
#include "options.h"
#include "progress.h"

static volatile sig_atomic_t caught; /* the signal that asks us to stop, or 0 */
static volatile double caught_at;

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* The first signal ends the run in order, a later one at once. One Ctrl-C may arrive twice, from
 * the terminal and from a parent that passes it on (timeout does): that is one wish. */
static void catch(int number)
{
    if (caught && now() - caught_at > 0.5) {
        signal(number, SIG_DFL);
        raise(number);
    } else if (!caught) {
        caught_at = now();
        caught = number;
    }
}

static void catch_signals(void)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
    struct sigaction action = {0};
    action.sa_handler = catch;
    action.sa_flags = SA_RESTART;
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
};

/* OUTPUT with another ending: out.png -> out.progress.txt. */
static void beside_output(char *out, size_t size, const char *output, const char *ending)
{
    const char *slash = strrchr(output, '/'), *dot = strrchr(output, '.');
    int stem = dot && (!slash || dot > slash + 1) ? (int)(dot - output) : (int)strlen(output);
    snprintf(out, size, "%.*s%s", stem, output, ending);
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

static enum status save(struct session *s, const char *path, struct diag *diag)
{
    struct image picture = {0};
    TRY(run_picture(s->run, &picture, diag));
    enum status status = run_write(&picture, &s->options.job, path, s->mode, diag);
    image_clear(&picture);
    return status;
}

static enum status save_checkpoint(struct session *s, struct diag *diag)
{
    const struct options *o = &s->options;
    char path[JOB_PATH];
    int iteration = run_iteration(s->run);
    if (!o->checkpoint_output[0] || iteration % o->checkpoint_iterations != 0 ||
        iteration == o->job.iterations)
        return STATUS_OK;
    TRY(options_checkpoint_path(path, sizeof path, o->checkpoint_output, iteration, diag));
    return save(s, path, diag);
}

/* Tells of the picture after `iteration` steps, whose losses are in s->state. */
static enum status tell(struct session *s, int iteration, struct diag *diag)
{
    double time = now(), latest = time - s->last;
    struct progress_state *state = &s->state;
    state->iteration = iteration;
    state->seconds = time - s->began;
    if (iteration > 0)
        state->seconds_per_iteration = state->seconds_per_iteration > 0.0
                                           ? 0.9 * state->seconds_per_iteration + 0.1 * latest
                                           : latest;
    state->seconds_left = state->seconds_per_iteration * run_remaining(s->run);
    s->last = time;
    return progress_show(s->progress, state, diag);
}

static enum status paint(struct session *s, struct diag *diag)
{
    s->began = s->last = now();
    while (!caught && run_iteration(s->run) < run_iterations(s->run)) {
        int iteration = run_iteration(s->run);
        TRY(run_step(s->run, &s->state.losses, diag));
        TRY(tell(s, iteration, diag));
        TRY(save_checkpoint(s, diag));
    }
    TRY(run_measure(s->run, &s->state.losses, NULL, diag));
    return tell(s, run_iteration(s->run), diag);
}

/* Paints and saves; a run that diverged or could not save a checkpoint still saves its picture. */
static enum status run_all(struct session *s, struct diag *diag)
{
    TRY(check_outputs(s, diag));
    TRY(run_open(&s->run, &s->options.job, NULL, diag));
    TRY(open_progress(s, diag));
    progress_note(s->progress, "%s", run_summary(s->run));
    catch_signals();
    enum status status = paint(s, diag);
    struct diag saving;
    enum status saved = save(s, s->options.job.output, &saving);
    if (status == STATUS_OK && saved != STATUS_OK) {
        *diag = saving;
        return saved;
    }
    if (status == STATUS_OK)
        status = progress_finish(s->progress, diag);
    char name[DIAG_TEXT];
    diag_clean(name, sizeof name, s->options.job.output);
    if (saved == STATUS_OK)
        progress_note(s->progress, "%s: iteration %d%s", name, run_iteration(s->run),
                      caught ? ", stopped early" : "");
    return status;
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
    return caught ? 128 + caught : 0;
}
