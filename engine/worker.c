/* worker.c: see worker.h. */
#include "worker.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>

#include "mem.h"
#include "run.h"

enum { RING = 16 };

struct worker {
    struct worker_options options; /* set before start */
    pthread_t thread;
    atomic_int stop;
    pthread_mutex_t mutex;
    pthread_cond_t cond;
    struct command ring[RING]; /* lock */
    int first, count;          /* lock */
    struct snapshot *newest;   /* lock */
    struct snapshot state;     /* worker only: what is published */
    struct run *run;           /* worker only */
};

static void publish(struct worker *w)
{
    struct snapshot *fresh = snapshot_new();
    *fresh = w->state;
    fresh->preview = (struct snapshot_picture){0};
    if (w->run && w->options.view.width > 0) {
        struct image picture = {0}, small = {0};
        int width, height;
        snapshot_fit(&width, &height, run_width(w->run), run_height(w->run),
                     w->options.view.width, w->options.view.height);
        if (run_picture(w->run, &picture, NULL) == STATUS_OK &&
            image_resize(&small, &picture, width, height, NULL) == STATUS_OK)
            snapshot_picture_set(&fresh->preview, &small, NULL);
        fresh->preview.iteration = w->state.iteration;
        image_clear(&picture);
        image_clear(&small);
    }
    pthread_mutex_lock(&w->mutex);
    snapshot_free(&w->newest);
    w->newest = fresh;
    pthread_mutex_unlock(&w->mutex);
    if (w->options.wake)
        w->options.wake(w->options.context);
}

static void *work(void *context)
{
    struct worker *w = context;
    struct snapshot *s = &w->state;
    s->job = w->options.job;
    s->saved = -1;
    publish(w);
    if (run_open(&w->run, &s->job, &w->stop, &s->diag) != STATUS_OK) {
        s->state = SNAPSHOT_FAILED;
        s->diag_serial++;
        publish(w);
        return NULL;
    }
    s->state = SNAPSHOT_RUNNING;
    s->width = run_width(w->run);
    s->height = run_height(w->run);
    s->iterations = run_iterations(w->run);
    strcpy(s->summary, run_summary(w->run));
    while (!atomic_load(&w->stop) && run_iteration(w->run) < run_iterations(w->run)) {
        if (run_step(w->run, &s->losses, &s->diag) != STATUS_OK)
            break;
        snapshot_curve_add(&s->curve, run_iteration(w->run) - 1, &s->losses);
        s->iteration = run_iteration(w->run);
        publish(w);
    }
    s->state = SNAPSHOT_DONE;
    publish(w);
    run_close(&w->run);
    return NULL;
}

enum status worker_open(struct worker **out, const struct worker_options *options,
                        struct diag *diag)
{
    struct worker *w = mem_new(sizeof *w);
    sigset_t all, before;
    w->options = *options;
    pthread_mutex_init(&w->mutex, NULL);
    pthread_cond_init(&w->cond, NULL);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int failed = pthread_create(&w->thread, NULL, work, w);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (failed) {
        mem_free(w);
        return diag_set(diag, STATUS_LIBRARY, "no thread can be made for the run");
    }
    *out = w;
    return STATUS_OK;
}

bool worker_send(struct worker *w, const struct command *command)
{
    pthread_mutex_lock(&w->mutex);
    bool room = w->count < RING;
    if (room)
        w->ring[(w->first + w->count++) % RING] = *command;
    pthread_cond_signal(&w->cond);
    pthread_mutex_unlock(&w->mutex);
    return room;
}

struct snapshot *worker_take(struct worker *w)
{
    pthread_mutex_lock(&w->mutex);
    struct snapshot *newest = w->newest;
    w->newest = NULL;
    pthread_mutex_unlock(&w->mutex);
    return newest;
}

enum status worker_finish(struct worker **worker, enum file_overwrite mode, char *path,
                          struct diag *diag)
{
    (void)mode;
    (void)diag;
    if (path)
        *path = 0;
    worker_close(worker);
    return STATUS_OK;
}

void worker_stop(struct worker *w)
{
    atomic_store(&w->stop, 1);
}

void worker_close(struct worker **worker)
{
    struct worker *w = *worker;
    if (!w)
        return;
    worker_stop(w);
    pthread_join(w->thread, NULL);
    snapshot_free(&w->newest);
    pthread_mutex_destroy(&w->mutex);
    pthread_cond_destroy(&w->cond);
    mem_free(w);
    *worker = NULL;
}
