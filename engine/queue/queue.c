/* queue.c: see queue.h. */
#include "engine/queue/queue_private.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "engine/base/mem.h"
#include "engine/base/thread.h"
#include "engine/host/budget.h"
#include "engine/host/cores.h"

struct lane {
    struct queue *queue;
    pthread_t thread;
    bool started, computing;
    atomic_int iteration, iterations; /* of the run under way; iterations 0: there is none */
};

struct queue {
    struct queue_options options;
    struct run_shared *shared;
    int beside;     /* runs that compute at once */
    int lane_count; /* one more: while it writes its picture another computes */
    struct lane *lane;
    pthread_mutex_t lock; /* of all that follows */
    pthread_cond_t ended; /* a run */
    pthread_cond_t free;  /* a place to compute */
    int next, computed, finished; /* runs that were begun; that need no core any more; that ended */
    int waiting;                  /* lanes, for memory */
    int over;             /* lanes */
    struct queue_end *end; /* [count], of which told are taken */
    int told;
};

static bool stopped(const struct queue *q)
{
    return q->options.stop && atomic_load(q->options.stop) != 0;
}

/* ---- how many ----------------------------------------------------------------------------- */

/* As many as there are cores and runs, and as fit into memory if they are like the first. */
static int count_beside(struct queue *q)
{
    struct queue_options *o = &q->options;
    struct budget budget;
    size_t bytes = 0, resident;
    struct job *job = mem_new(sizeof *job);
    queue_run_job(job, o, o->runs[0]);
    int lanes = o->cores / (job->threads > 0 ? job->threads : 1);
    if (o->beside > 0)
        lanes = o->beside;
    lanes = lanes > o->count ? o->count : lanes;
    if (lanes > 1 && run_foresee(&bytes, job, q->shared, o->stop, NULL) == STATUS_OK && bytes > 0) {
        resident = run_shared_resident(q->shared);
        budget_find(&budget, job->memory, "");
        size_t fit = budget.bytes > resident ? (budget.bytes - resident) / bytes : 0;
        lanes = fit < (size_t)lanes ? (int)fit : lanes;
    }
    mem_free(job);
    return lanes < 1 ? 1 : lanes;
}

/* Under lock: what each of those that compute gets. */
static int threads_each(const struct queue *q)
{
    int left = q->options.count - q->computed, most = q->beside - q->waiting;
    int running = left < most ? left : most;
    int threads = q->options.cores / (running > 0 ? running : 1);
    return threads < 1 ? 1 : threads;
}

/* ---- a lane ------------------------------------------------------------------------------- */

/* Waits until another run has ended since `seen` had; false: none is being painted. */
static bool wait_for_memory(struct queue *q, int seen)
{
    static const struct timespec pause = {0, 20000000};
    bool ended = false;
    pthread_mutex_lock(&q->lock);
    q->waiting++;
    while (!(ended = q->finished != seen) && q->next - q->finished > q->waiting && !stopped(q)) {
        pthread_mutex_unlock(&q->lock);
        nanosleep(&pause, NULL);
        pthread_mutex_lock(&q->lock);
    }
    q->waiting--;
    pthread_mutex_unlock(&q->lock);
    return ended;
}

/* The core is another's from here on. */
static void leave_core(void *context)
{
    struct lane *lane = context;
    struct queue *q = lane->queue;
    if (!lane->computing)
        return;
    lane->computing = false;
    lane->iteration = lane->iterations = 0;
    pthread_mutex_lock(&q->lock);
    q->computed++;
    pthread_cond_signal(&q->free);
    pthread_mutex_unlock(&q->lock);
}

/* The next run and a core for it, or -1: there is none. */
static int take_run(struct lane *lane)
{
    struct queue *q = lane->queue;
    pthread_mutex_lock(&q->lock);
    while (q->next < q->options.count && q->next - q->computed >= q->beside)
        pthread_cond_wait(&q->free, &q->lock);
    int next = q->next < q->options.count && !stopped(q) ? q->next++ : -1;
    if (next < 0) {
        q->over++;
        pthread_cond_broadcast(&q->ended);
        pthread_cond_broadcast(&q->free);
    }
    pthread_mutex_unlock(&q->lock);
    lane->computing = next >= 0;
    return next;
}

static void paint(struct lane *lane, int run)
{
    struct queue *q = lane->queue;
    struct queue_task task = {.options = &q->options,
                              .shared = q->shared,
                              .run = run,
                              .iteration = &lane->iteration,
                              .iterations = &lane->iterations,
                              .computed = leave_core,
                              .context = lane};
    struct queue_end end;
    int seen;
    do {
        pthread_mutex_lock(&q->lock);
        task.threads = threads_each(q);
        seen = q->finished;
        pthread_mutex_unlock(&q->lock);
    } while (queue_run_paint(&task, &end) == STATUS_MEMORY && wait_for_memory(q, seen));
    leave_core(lane);
    pthread_mutex_lock(&q->lock);
    q->end[q->finished++] = end;
    pthread_cond_broadcast(&q->ended);
    pthread_mutex_unlock(&q->lock);
}

static void *work(void *context)
{
    struct lane *lane = context;
    for (int next; (next = take_run(lane)) >= 0;)
        paint(lane, lane->queue->options.runs[next]);
    return NULL;
}

/* ---- outside ------------------------------------------------------------------------------ */

enum status queue_open(struct queue **out, const struct queue_options *options, struct diag *diag)
{
    struct queue *q = mem_new(sizeof *q);
    int started = 0, error = 0;
    q->options = *options;
    if (q->options.cores <= 0)
        q->options.cores = cores_usable("");
    q->shared = run_shared_open();
    q->end = mem_new((size_t)options->count * sizeof *q->end);
    pthread_mutex_init(&q->lock, NULL);
    pthread_cond_init(&q->ended, NULL);
    pthread_cond_init(&q->free, NULL);
    q->beside = count_beside(q);
    q->lane_count = q->beside < options->count ? q->beside + 1 : q->beside;
    q->lane = mem_new((size_t)q->lane_count * sizeof *q->lane);
    pthread_mutex_lock(&q->lock); /* until it is known how many there are */
    for (; started < q->lane_count && !error; started += !error) {
        struct lane *lane = &q->lane[started];
        lane->queue = q;
        error = thread_start(&lane->thread, work, lane);
        lane->started = !error;
    }
    q->lane_count = started;
    pthread_mutex_unlock(&q->lock);
    if (started == 0) {
        queue_close(&q);
        return diag_set(diag, STATUS_LIBRARY, "no thread can be started: %s", strerror(error));
    }
    *out = q;
    return STATUS_OK;
}

enum queue_news queue_wait(struct queue *q, struct queue_end *out, double seconds)
{
    struct timespec until;
    enum queue_news news = QUEUE_NOTHING;
    clock_gettime(CLOCK_REALTIME, &until);
    long long nanoseconds = until.tv_nsec + (long long)(seconds * 1e9);
    until.tv_sec += (time_t)(nanoseconds / 1000000000);
    until.tv_nsec = (long)(nanoseconds % 1000000000);
    pthread_mutex_lock(&q->lock);
    while (q->told == q->finished && q->over < q->lane_count &&
           pthread_cond_timedwait(&q->ended, &q->lock, &until) != ETIMEDOUT)
        ;
    if (q->told < q->finished) {
        *out = q->end[q->told++];
        news = QUEUE_ENDED;
    } else if (q->over == q->lane_count) {
        news = QUEUE_OVER;
    }
    pthread_mutex_unlock(&q->lock);
    return news;
}

int queue_running(struct queue *q, double *done)
{
    int running = 0;
    *done = 0.0;
    for (int i = 0; i < q->lane_count; i++) {
        int iteration = q->lane[i].iteration, iterations = q->lane[i].iterations;
        running += iterations > 0;
        *done += iterations > 0 ? (double)iteration / iterations : 0.0;
    }
    return running;
}

void queue_close(struct queue **queue)
{
    struct queue *q = *queue;
    if (!q)
        return;
    for (int i = 0; i < q->lane_count; i++)
        if (q->lane[i].started)
            pthread_join(q->lane[i].thread, NULL);
    run_shared_close(&q->shared);
    pthread_cond_destroy(&q->free);
    pthread_cond_destroy(&q->ended);
    pthread_mutex_destroy(&q->lock);
    mem_free(q->lane);
    mem_free(q->end);
    mem_free(q);
    *queue = NULL;
}
