/* cli_sweep_queue.c: see cli_sweep.h. The sweep painted by this process, and what is told of it. */
#include <stdio.h>
#include <unistd.h>

#include "engine/base/mem.h"
#include "engine/rundir/autosave.h"
#include "tui/cli/cli.h"
#include "tui/cli/cli_sweep.h"
#include "tui/cli/queue_progress.h"

/* What a run has come to, for sheet and table. */
static void take(void *context, const struct queue_end *end)
{
    struct cli_sweep *s = context;
    struct painted *painted = &s->painted[end->run];
    if (end->diag.status == STATUS_OK)
        *painted = (struct painted){PAINTED_DONE, end->losses, end->seconds};
    else if (end->diag.status != STATUS_STOPPED)
        s->why[end->run] = mem_text(end->diag.text);
}

static enum status paint_all(struct cli_sweep *s, struct queue_progress *p, const int *runs,
                             struct diag *diag)
{
    char keep[JOB_PATH], own[JOB_PATH];
    TRY(cli_sweep_own(keep, s, "runs", diag));
    TRY(cli_sweep_own(own, s, "", diag));
    struct queue_options options = {
        .sweep = s->sweep,
        .runs = runs,
        .count = p->count,
        .cores = s->threads,
        .beside = s->beside,
        .overwrite = s->overwrite,
        .keep = keep,
        .keep_seconds = AUTOSAVE_SECONDS,
    };
    TRY(queue_progress_paint(p, &options, take, s, diag));
    rmdir(keep); /* where nothing is left to go on with */
    rmdir(own);
    return STATUS_OK;
}

static int list_runs(int *runs, const char **names, const struct cli_sweep *s)
{
    int count = 0;
    for (int i = 0; i < sweep_count(s->sweep); i++) {
        names[i] = sweep_name(s->sweep, i);
        if (cli_sweep_wanted(s, i))
            runs[count++] = i;
    }
    return count;
}

int cli_sweep_queue(struct cli_sweep *s)
{
    struct diag diag;
    int others, total = sweep_count(s->sweep), *runs = mem_new((size_t)total * sizeof *runs);
    const char **names = mem_new((size_t)total * sizeof *names);
    struct queue_progress p = {.style = s->progress, .name = names, .runs = total};
    queue_progress_begin(&p);
    enum status status = cli_sweep_folder(s, &diag);
    cli_sweep_look(s);
    others = cli_sweep_tell_others(s);
    p.count = list_runs(runs, names, s);
    if (p.style != PROGRESS_JSON)
        printf("%d runs, %d of them to be painted\n", total, p.count);
    fflush(stdout);
    if (status == STATUS_OK && p.count > 0)
        status = paint_all(s, &p, runs, &diag);
    mem_free(names);
    mem_free(runs);
    if (status == STATUS_OK && !s->only)
        status = cli_sweep_write(s, p.style == PROGRESS_JSON, &diag);
    if (status != STATUS_OK)
        return cli_fail(&diag);
    if (p.failed > 0) {
        diag_set(&diag, STATUS_IO, "%d of %d runs failed; run again, only what is missing is "
                 "painted", p.failed, p.count);
        cli_fail(&diag);
    }
    int code = queue_progress_status(&p);
    return code == 0 ? others > 0 : code;
}
