/* worker.c: see worker.h. The thread's start and end. */
#include "engine/worker/worker_private.h"

#include <string.h>

#include "engine/base/mem.h"
#include "engine/base/thread.h"

enum status worker_open(struct worker **out, const struct worker_options *options,
                        struct diag *diag)
{
    struct worker *w = mem_new(sizeof *w);
    w->options = *options;
    w->view = options->view;
    pthread_mutex_init(&w->mutex, NULL);
    pthread_cond_init(&w->cond, NULL);
    int failed = thread_start(&w->thread, worker_work, w);
    if (failed) {
        pthread_mutex_destroy(&w->mutex);
        pthread_cond_destroy(&w->cond);
        mem_free(w);
        return diag_set(diag, STATUS_LIBRARY, "no thread can be made for the run: %s",
                        strerror(failed));
    }
    *out = w;
    return STATUS_OK;
}

static void signal_and_join(struct worker *w, atomic_int *flag)
{
    pthread_mutex_lock(&w->mutex);
    atomic_store(flag, 1);
    pthread_cond_signal(&w->cond);
    pthread_mutex_unlock(&w->mutex);
    pthread_join(w->thread, NULL);
}

static void free_joined(struct worker **worker)
{
    struct worker *w = *worker;
    *worker = NULL; /* first: a signal handler may look at it */
    snapshot_free(&w->newest);
    snapshot_look_free(&w->now.look);
    pthread_mutex_destroy(&w->mutex);
    pthread_cond_destroy(&w->cond);
    mem_free(w);
}

enum status worker_finish(struct worker **worker, struct worker_saved *saved, struct diag *diag)
{
    struct worker *w = *worker;
    signal_and_join(w, &w->finish);
    if (saved)
        *saved = w->finished_files;
    enum status status = w->finished.status;
    if (diag)
        *diag = w->finished;
    free_joined(worker);
    return status;
}

void worker_stop(struct worker *w)
{
    atomic_store(&w->end, 1);
    atomic_store(&w->halt, 1);
}

void worker_close(struct worker **worker)
{
    if (!*worker)
        return;
    atomic_store(&(*worker)->halt, 1);
    signal_and_join(*worker, &(*worker)->stop);
    free_joined(worker);
}
