/* queue_progress.c: see queue_progress.h. */
#include "tui/cli/queue_progress.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cjson/cJSON.h>

#include "engine/base/clock.h"
#include "engine/rundir/autosave.h"
#include "tui/cli/cli.h"
#include "tui/cli/losses_json.h"
#include "tui/cli/stop.h"
#include "tui/term/number.h"

static void end_line(struct queue_progress *p)
{
    if (p->line_open)
        fputs("\r\033[K", stderr);
    p->line_open = false;
}

/* One line for all that is under way. */
static void show(struct queue_progress *p, struct queue *queue)
{
    double done;
    int running = queue_running(queue, &done);
    double share = (p->finished + p->failed + done) / p->count, gone = clock_now() - p->began;
    if (p->style != PROGRESS_BAR || tcgetpgrp(STDERR_FILENO) != getpgrp())
        return;
    fprintf(stderr, "\r%d of %d painted, %d under way, %.0f%%, %s left\033[K", p->finished,
            p->count, running, 100.0 * share,
            number_duration(share > 0.02 ? gone * (1.0 / share - 1.0) : NAN).text);
    fflush(stderr);
    p->line_open = true;
}

static void tell_json(const struct queue_progress *p, const struct queue_end *end)
{
    cJSON *json = cJSON_CreateObject();
    enum status status = end->diag.status;
    cJSON_AddNumberToObject(json, "run", end->run + 1);
    cJSON_AddNumberToObject(json, "runs", p->runs);
    cJSON_AddStringToObject(json, "name", p->name[end->run]);
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

void queue_progress_begin(struct queue_progress *p)
{
    p->began = clock_now();
    if (p->style == PROGRESS_AUTO)
        p->style = isatty(STDERR_FILENO) && isatty(STDOUT_FILENO) ? PROGRESS_BAR : PROGRESS_PLAIN;
}

void queue_progress_tell(struct queue_progress *p, const struct queue_end *end)
{
    char name[4 * JOB_PATH];
    struct diag diag = end->diag;
    bool good = diag.status == STATUS_OK;
    p->finished += good;
    p->there += good && end->there;
    p->failed += !good && diag.status != STATUS_STOPPED;
    end_line(p);
    diag_clean(name, sizeof name, p->name[end->run]);
    if (p->style == PROGRESS_JSON)
        tell_json(p, end);
    else if (good)
        printf("%d/%d  %s  total %s  %s%s\n", p->finished + p->failed, p->count, name,
               number_short(end->losses.total).text, number_duration(end->seconds).text,
               end->there ? ", is there already" : "");
    fflush(stdout);
    if (diag.text[0] && diag.status != STATUS_STOPPED) {
        if (!strstr(diag.text, name))
            diag_prefix(&diag, diag.status, "%s", name);
        cli_fail(&diag);
    }
}

enum status queue_progress_paint(struct queue_progress *p, struct queue_options *options,
                                 void (*take)(void *context, const struct queue_end *end),
                                 void *context, struct diag *diag)
{
    struct queue *queue;
    struct queue_end end;
    enum queue_news news = QUEUE_NOTHING;
    options->stop = stop_catch("strata: stopping; what is painted stays, long runs are saved\n",
                               "strata: still saving; once more ends it at once\n");
    TRY(queue_open(&queue, options, diag));
    while (news != QUEUE_OVER) {
        news = queue_wait(queue, &end, 0.2);
        if (news == QUEUE_ENDED) {
            queue_progress_tell(p, &end);
            if (take)
                take(context, &end);
        }
        show(p, queue);
    }
    end_line(p);
    queue_close(&queue);
    return STATUS_OK;
}

int queue_progress_status(const struct queue_progress *p)
{
    bool stopped = stop_signal() && p->finished + p->failed < p->count;
    return stopped ? 128 + stop_signal() : p->failed > 0;
}
