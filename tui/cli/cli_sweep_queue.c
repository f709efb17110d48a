/* cli_sweep_queue.c: see cli_sweep.h. The sweep painted by this process, and what is told of it. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cjson/cJSON.h>

#include "engine/base/clock.h"
#include "engine/base/mem.h"
#include "engine/queue/queue.h"
#include "engine/rundir/autosave.h"
#include "tui/cli/cli.h"
#include "tui/cli/cli_sweep.h"
#include "tui/cli/losses_json.h"
#include "tui/cli/stop.h"
#include "tui/term/number.h"

/* What is told while it goes on. */
struct teller {
    const struct cli_sweep *s;
    enum progress_style style;
    int count, finished, failed; /* runs to be painted; that were; that were not */
    double began;
    bool line_open; /* on a terminal, stderr */
};

static void end_line(struct teller *t)
{
    if (t->line_open)
        fputs("\r\033[K", stderr);
    t->line_open = false;
}

/* One line for all that is under way. */
static void show(struct teller *t, struct queue *queue)
{
    double done;
    int running = queue_running(queue, &done);
    double share = (t->finished + t->failed + done) / t->count, gone = clock_now() - t->began;
    if (t->style != PROGRESS_BAR || tcgetpgrp(STDERR_FILENO) != getpgrp())
        return;
    fprintf(stderr, "\r%d of %d painted, %d under way, %.0f%%, %s left\033[K", t->finished,
            t->count, running, 100.0 * share,
            number_duration(share > 0.02 ? gone * (1.0 / share - 1.0) : NAN).text);
    fflush(stderr);
    t->line_open = true;
}

static void tell_json(const struct teller *t, const struct queue_end *end)
{
    cJSON *json = cJSON_CreateObject();
    enum status status = end->diag.status;
    cJSON_AddNumberToObject(json, "run", end->run + 1);
    cJSON_AddNumberToObject(json, "runs", sweep_count(t->s->sweep));
    cJSON_AddStringToObject(json, "name", sweep_name(t->s->sweep, end->run));
    cJSON_AddStringToObject(json, "state", status == STATUS_OK        ? "done"
                                           : status == STATUS_STOPPED ? "stopped"
                                                                      : "failed");
    if (end->diag.text[0])
        cJSON_AddStringToObject(json, "message", end->diag.text);
    if (status == STATUS_OK) {
        cJSON_AddNumberToObject(json, "iterations", end->iterations);
        cJSON_AddNumberToObject(json, "threads", end->threads);
        losses_json_number(json, "seconds", end->seconds);
        losses_json_add(json, &end->losses);
    }
    char *text = cJSON_PrintUnformatted(json);
    if (text)
        puts(text);
    cJSON_free(text);
    cJSON_Delete(json);
}

static void tell(struct teller *t, const struct queue_end *end)
{
    const char *name = sweep_name(t->s->sweep, end->run);
    struct diag diag = end->diag;
    bool good = diag.status == STATUS_OK;
    t->finished += good;
    t->failed += !good && diag.status != STATUS_STOPPED;
    end_line(t);
    if (t->style == PROGRESS_JSON)
        tell_json(t, end);
    else if (good)
        printf("%d/%d  %s  total %s  %s%s\n", t->finished + t->failed, t->count, name,
               number_short(end->losses.total).text, number_duration(end->seconds).text,
               end->there ? ", by another process" : "");
    fflush(stdout);
    if (diag.text[0] && diag.status != STATUS_STOPPED) {
        diag_prefix(&diag, diag.status, "%s", name);
        cli_fail(&diag);
    }
}

/* What a run has come to, for sheet and table. */
static void take(struct cli_sweep *s, const struct queue_end *end)
{
    struct painted *painted = &s->painted[end->run];
    if (end->diag.status == STATUS_OK)
        *painted = (struct painted){PAINTED_DONE, end->losses, end->seconds};
    else if (end->diag.status != STATUS_STOPPED)
        s->why[end->run] = mem_text(end->diag.text);
}

static enum status paint_all(struct cli_sweep *s, struct teller *t, const int *runs,
                             struct diag *diag)
{
    char keep[JOB_PATH], own[JOB_PATH];
    struct queue *queue;
    struct queue_end end;
    enum queue_news news = QUEUE_NOTHING;
    TRY(cli_sweep_own(keep, s, "runs", diag));
    TRY(cli_sweep_own(own, s, "", diag));
    struct queue_options options = {
        .sweep = s->sweep,
        .runs = runs,
        .count = t->count,
        .cores = s->threads,
        .beside = s->beside,
        .overwrite = s->overwrite,
        .keep = keep,
        .keep_seconds = AUTOSAVE_SECONDS,
        .stop = stop_catch("strata: stopping; what is painted stays, long runs are saved\n",
                           "strata: still saving; once more ends it at once\n"),
    };
    TRY(queue_open(&queue, &options, diag));
    while (news != QUEUE_OVER) {
        news = queue_wait(queue, &end, 0.2);
        if (news == QUEUE_ENDED) {
            tell(t, &end);
            take(s, &end);
        }
        show(t, queue);
    }
    end_line(t);
    queue_close(&queue);
    rmdir(keep); /* where nothing is left to go on with */
    rmdir(own);
    return STATUS_OK;
}

static int list_runs(int *runs, const struct cli_sweep *s)
{
    int count = 0;
    for (int i = 0; i < sweep_count(s->sweep); i++)
        if (cli_sweep_wanted(s, i))
            runs[count++] = i;
    return count;
}

int cli_sweep_queue(struct cli_sweep *s)
{
    struct diag diag;
    int others, total = sweep_count(s->sweep), *runs = mem_new((size_t)total * sizeof *runs);
    struct teller t = {.s = s, .style = s->progress, .began = clock_now()};
    if (t.style == PROGRESS_AUTO)
        t.style = isatty(STDERR_FILENO) && isatty(STDOUT_FILENO) ? PROGRESS_BAR : PROGRESS_PLAIN;
    enum status status = cli_sweep_folder(s, &diag);
    cli_sweep_look(s);
    others = cli_sweep_tell_others(s);
    t.count = list_runs(runs, s);
    if (t.style != PROGRESS_JSON)
        printf("%d runs, %d of them to be painted\n", total, t.count);
    fflush(stdout);
    if (status == STATUS_OK && t.count > 0)
        status = paint_all(s, &t, runs, &diag);
    mem_free(runs);
    if (status == STATUS_OK && !s->only)
        status = cli_sweep_write(s, t.style == PROGRESS_JSON, &diag);
    if (status != STATUS_OK)
        return cli_fail(&diag);
    if (t.failed > 0) {
        diag_set(&diag, STATUS_IO, "%d of %d runs failed; run again, only what is missing is "
                 "painted", t.failed, t.count);
        cli_fail(&diag);
    }
    bool stopped = stop_signal() && t.finished + t.failed < t.count;
    return stopped ? 128 + stop_signal() : t.failed > 0 || others > 0;
}
