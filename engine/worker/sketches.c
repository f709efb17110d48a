/*
 * sketches.c: see sketches.h. Memory is reserved beside the run under way, as those of a queue do
 * beside each other. No algorithm is tried out: that would take as long as a sketch, and what is
 * timed beside a run would be wrong for later ones.
 */
#include "engine/worker/sketches.h"

#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "engine/base/mem.h"
#include "engine/base/thread.h"
#include "engine/run/run.h"
#include "engine/run/run_shared.h"

/* As many are remembered; how much the thread gives way to all others. */
enum { ENTRIES = 72, NICENESS = 15 };

struct entry {
    struct job job; /* as it was wanted */
    enum { WAITS, PAINTED_NOW, ENDED } state;
    struct snapshot_picture picture; /* ENDED; rgb NULL: there is none */
    char problem[DIAG_TEXT];         /* then why */
    double done;
    unsigned used; /* the last time that it was wanted */
};

struct sketches {
    void (*wake)(void *context); /* set before start */
    void *context;
    pthread_t thread;
    pthread_mutex_t lock; /* of all that follows but stop */
    pthread_cond_t more;
    bool over;
    struct entry *entry[ENTRIES]; /* what is ENDED stays as it is while it is wanted */
    int count;
    struct entry *wanted[SKETCHES_WANTED];
    int wanted_count;
    size_t beside;
    unsigned round;
    atomic_int stop; /* what is being painted */
};

/* ---- the thread --------------------------------------------------------------------------- */

/* The first that waits; with the lock. */
static struct entry *next_entry(const struct sketches *s)
{
    for (int i = 0; i < s->wanted_count; i++)
        if (s->wanted[i]->state == WAITS)
            return s->wanted[i];
    return NULL;
}

/* Small and quick, as schedule fast would have it. */
static enum status make_small(struct job *job, struct diag *diag)
{
    struct image_head head;
    TRY(image_inspect(&head, job->content, diag));
    int width = head.width >= head.height ? SKETCH_SIDE : SKETCH_SIDE * head.width / head.height;
    int own = job->width > 0 ? job->width : head.width;
    job->width = width < 1 ? 1 : width < own ? width : own;
    if (job->iterations > SKETCH_ITERATIONS)
        job->iterations = SKETCH_ITERATIONS;
    job->optimizer = OPTIMIZER_LBFGS;
    job->pyramid = PYRAMID_AUTO;
    job->threads = 1;
    job->precision = PRECISION_FP32;
    job->convolution = CONVOLUTION_DIRECT;
    job->edits[0] = 0;
    job->edits_lost = 0;
    return STATUS_OK;
}

/* Told in tenths, so that nobody is woken for nothing; not to the end, which the picture is. */
static void tell_progress(struct sketches *s, struct entry *e, double done)
{
    done = fmin(done, 0.99);
    pthread_mutex_lock(&s->lock);
    bool further = (int)(10 * done) > (int)(10 * e->done);
    e->done = further ? done : e->done;
    pthread_mutex_unlock(&s->lock);
    if (further)
        s->wake(s->context);
}

static enum status paint_run(struct sketches *s, struct entry *e, struct run *run,
                             struct snapshot_picture *out, struct diag *diag)
{
    struct losses losses;
    struct image small = {0};
    int iterations = run_iterations(run);
    while (run_iteration(run) < iterations) {
        TRY(run_step(run, &losses, diag));
        tell_progress(s, e, (double)run_iteration(run) / iterations);
    }
    TRY(run_measure(run, &losses, NULL, diag)); /* the best that L-BFGS has tried */
    enum status status = run_preview(run, &small, NULL, run_width(run), run_height(run), diag);
    if (status == STATUS_OK)
        status = snapshot_picture_set(out, &small, 0, diag);
    image_clear(&small);
    return status;
}

/* job: the entry's, by now the small one. */
static enum status paint(struct sketches *s, struct entry *e, struct job *job,
                         struct run_shared *shared, struct snapshot_picture *out,
                         struct diag *diag)
{
    struct run *run;
    TRY(make_small(job, diag));
    TRY(run_open_shared(&run, job, NULL, shared, 1, &s->stop, diag));
    enum status status = paint_run(s, e, run, out, diag);
    run_close(&run);
    return status;
}

/* With the lock, which is let go meanwhile. */
static void paint_entry(struct sketches *s, struct entry *e, struct run_shared *shared,
                        struct job *job)
{
    struct snapshot_picture picture = {0};
    struct diag diag = {0};
    e->state = PAINTED_NOW;
    e->done = 0.0;
    *job = e->job;
    run_shared_beside(shared, s->beside);
    atomic_store(&s->stop, s->over);
    pthread_mutex_unlock(&s->lock);
    s->wake(s->context);
    enum status status = paint(s, e, job, shared, &picture, &diag);
    pthread_mutex_lock(&s->lock);
    e->state = status == STATUS_STOPPED ? WAITS : ENDED;
    e->done = status == STATUS_STOPPED ? -1.0 : 1.0;
    e->picture = picture;
    snprintf(e->problem, sizeof e->problem, "%s", status == STATUS_OK ? "" : diag.text);
}

/* Networks and Gram matrices are kept only as long as something waits. */
static void *work(void *context)
{
    struct sketches *s = context;
    struct run_shared *shared = NULL;
    struct job *job = mem_new(sizeof *job);
    struct entry *e;
#ifdef __linux__
    setpriority(PRIO_PROCESS, 0, NICENESS); /* there, of this thread */
#endif
    pthread_mutex_lock(&s->lock);
    while (!s->over) {
        if ((e = next_entry(s)) != NULL) {
            shared = shared ? shared : run_shared_open();
            paint_entry(s, e, shared, job);
            pthread_mutex_unlock(&s->lock);
            s->wake(s->context);
            pthread_mutex_lock(&s->lock);
        } else if (shared) {
            pthread_mutex_unlock(&s->lock);
            run_shared_close(&shared);
            pthread_mutex_lock(&s->lock);
        } else {
            pthread_cond_wait(&s->more, &s->lock);
        }
    }
    pthread_mutex_unlock(&s->lock);
    run_shared_close(&shared);
    mem_free(job);
    return NULL;
}

/* ---- outside ------------------------------------------------------------------------------ */

enum status sketches_open(struct sketches **out, void (*wake)(void *context), void *context,
                          struct diag *diag)
{
    struct sketches *s = mem_new(sizeof *s);
    s->wake = wake;
    s->context = context;
    pthread_mutex_init(&s->lock, NULL);
    pthread_cond_init(&s->more, NULL);
    int error = thread_start(&s->thread, work, s);
    if (error) {
        pthread_cond_destroy(&s->more);
        pthread_mutex_destroy(&s->lock);
        mem_free(s);
        return diag_set(diag, STATUS_LIBRARY, "no thread can be made for small pictures: %s",
                        strerror(error));
    }
    *out = s;
    return STATUS_OK;
}

static void free_entry(struct entry *e)
{
    snapshot_picture_clear(&e->picture);
    mem_free(e);
}

void sketches_close(struct sketches **sketches)
{
    struct sketches *s = *sketches;
    if (!s)
        return;
    pthread_mutex_lock(&s->lock);
    s->over = true;
    atomic_store(&s->stop, 1);
    pthread_cond_signal(&s->more);
    pthread_mutex_unlock(&s->lock);
    pthread_join(s->thread, NULL);
    pthread_cond_destroy(&s->more);
    pthread_mutex_destroy(&s->lock);
    for (int i = 0; i < s->count; i++)
        free_entry(s->entry[i]);
    mem_free(s);
    *sketches = NULL;
}

/* With the lock: the one that was not wanted longest makes room. */
static void make_room(struct sketches *s)
{
    int oldest = -1;
    for (int i = 0; i < s->count; i++)
        if (s->entry[i]->state != PAINTED_NOW &&
            (oldest < 0 || s->entry[i]->used < s->entry[oldest]->used))
            oldest = i;
    free_entry(s->entry[oldest]);
    s->entry[oldest] = s->entry[--s->count];
}

/* With the lock. What could not be painted is tried again. */
static struct entry *find_entry(struct sketches *s, const struct job *job)
{
    struct entry *e = NULL;
    for (int i = 0; i < s->count && !e; i++)
        if (job_equal(&s->entry[i]->job, job))
            e = s->entry[i];
    if (!e) {
        if (s->count == ENTRIES)
            make_room(s);
        e = s->entry[s->count++] = mem_new(sizeof *e);
        e->job = *job;
    }
    if (e->state == WAITS || (e->state == ENDED && !e->picture.rgb && e->used + 1 < s->round)) {
        e->state = WAITS;
        e->done = -1.0;
    }
    e->used = s->round;
    return e;
}

void sketches_want(struct sketches *s, const struct job *jobs, int count, size_t beside)
{
    bool busy = false, wanted = false;
    pthread_mutex_lock(&s->lock);
    s->round++;
    s->beside = beside;
    s->wanted_count = count;
    for (int i = 0; i < count; i++)
        s->wanted[i] = find_entry(s, &jobs[i]);
    for (int i = 0; i < s->count; i++)
        if (s->entry[i]->state == PAINTED_NOW) {
            busy = true;
            wanted = s->entry[i]->used == s->round;
        }
    if (busy && !wanted)
        atomic_store(&s->stop, 1);
    pthread_cond_signal(&s->more);
    pthread_mutex_unlock(&s->lock);
}

struct sketch sketches_get(struct sketches *s, int number)
{
    struct sketch sketch = {NULL, "", -1.0};
    pthread_mutex_lock(&s->lock);
    if (number < s->wanted_count) {
        const struct entry *e = s->wanted[number];
        sketch.done = e->done;
        if (e->state == ENDED) {
            sketch.picture = e->picture.rgb ? &e->picture : NULL;
            sketch.problem = e->problem;
        }
    }
    pthread_mutex_unlock(&s->lock);
    return sketch;
}
