/* desk_finish.c: see desk_private.h: a run that goes on without a screen. */
#include <signal.h>
#include <stdio.h>

#include "engine/base/mem.h"
#include "tui/desk/desk_private.h"

static struct worker **volatile to_stop; /* for the signal handler */
static volatile sig_atomic_t stopped_by; /* the signal that it got, or 0 */

static void stop_now(int number)
{
    stopped_by = number;
    if (to_stop && *to_stop)
        worker_stop(*to_stop); /* NOLINT(bugprone-signal-handler): two atomic stores */
}

static void tell_saved(const char *path)
{
    char name[DIAG_TEXT];
    diag_clean(name, sizeof name, path);
    if (name[0])
        printf("%s saved\n", name);
}

int desk_finish(struct worker **worker, bool stop)
{
    static const int ending[] = {SIGINT, SIGTERM, SIGXCPU, SIGUSR1, SIGUSR2, SIGALRM};
    struct diag diag;
    if (!*worker)
        return 0;
    struct worker_saved *saved = mem_new(sizeof *saved);
    to_stop = worker; /* *worker is NULL before it is freed */
    for (size_t i = 0; i < sizeof ending / sizeof *ending; i++)
        signal(ending[i], stop_now);
    signal(SIGTSTP, SIG_DFL);
    if (stop)
        worker_stop(*worker);
    enum status status = worker_finish(worker, saved, &diag);
    to_stop = NULL;
    if (diag.text[0])
        fprintf(stderr, "strata: %s\n", diag.text);
    tell_saved(saved->picture);
    for (int i = 0; i < saved->count; i++)
        tell_saved(saved->kept[i]);
    mem_free(saved);
    return status != STATUS_OK ? diag_exit_status(status) : stopped_by ? 128 + stopped_by : 0;
}
