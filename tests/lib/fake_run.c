/* fake_run.c: see fake_run.h. */
#include "tests/lib/fake_run.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "engine/base/mem.h"
#include "engine/run/run.h"

struct fake fake;

struct run {
    struct job job;
    const atomic_int *stop;
    int iteration;
    float shades[6]; /* the first is the picture's */
};

void fake_reset(void)
{
    atomic_store(&fake.steps, FAKE_FREE);
    atomic_store(&fake.open_waits, 0);
    atomic_store(&fake.waiting, 0);
    atomic_store(&fake.diverge_at, -1);
    atomic_store(&fake.retreat_at, -1);
    atomic_store(&fake.gossip, 0);
    atomic_store(&fake.no_room, 0);
}

void fake_sleep(void)
{
    nanosleep(&(struct timespec){0, 1000000}, NULL);
}

static enum status fake_stopped(const struct run *run, struct diag *d)
{
    return atomic_load(run->stop) ? diag_set(d, STATUS_STOPPED, "stopped") : STATUS_OK;
}

/* A job whose tv weight is 666 cannot work, one whose style weight is cannot even be opened. */
static enum status fake_check(const struct job *job, struct diag *d)
{
    if (job->tv_weight == 666.0 || job->style_weight == 666.0)
        return diag_set(d, STATUS_INPUT, "666 cannot work");
    return STATUS_OK;
}

enum status run_open(struct run **out, const struct job *job, const atomic_int *stop,
                     struct diag *d)
{
    struct run *run = mem_new(sizeof *run);
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP, SIGSEGV};
    sigset_t mask;
    int blocked = 0;
    pthread_sigmask(SIG_SETMASK, NULL, &mask);
    for (int i = 0; i < 4; i++)
        blocked |= sigismember(&mask, numbers[i]) << i;
    atomic_store(&fake.signals, blocked);
    run->job = *job;
    run->stop = stop;
    while (atomic_load(&fake.open_waits) && !atomic_load(stop)) {
        atomic_store(&fake.waiting, 1);
        fake_sleep();
    }
    enum status status = fake_stopped(run, d);
    if (status == STATUS_OK)
        status = fake_check(job, d);
    if (status == STATUS_OK)
        *out = run;
    else
        mem_free(run);
    return status;
}

enum status run_open_shared(struct run **out, const struct job *job, const struct run_state *state,
                            struct run_shared *shared, int threads, const atomic_int *stop,
                            struct diag *d)
{
    (void)state, (void)shared, (void)threads;
    return run_open(out, job, stop, d);
}

void run_close(struct run **run)
{
    mem_free(*run);
    *run = NULL;
}

const struct job *run_job(const struct run *run) { return &run->job; }
void run_record(const struct run *run, struct job *out) { *out = run->job; }
int run_iteration(const struct run *run) { return run->iteration; }
int run_iterations(const struct run *run) { return run->job.iterations; }
int run_width(const struct run *run) { return (void)run, FAKE_WIDTH; }
int run_height(const struct run *run) { return (void)run, FAKE_HEIGHT; }
int run_stage_width(const struct run *run) { return (void)run, FAKE_WIDTH; }
const char *run_summary(const struct run *run) { return (void)run, "a fake"; }
size_t run_memory(const struct run *run) { return (void)run, (size_t)1 << 20; }
double run_remaining(const struct run *run) { return run->job.iterations - run->iteration; }

enum status run_measure(struct run *run, struct losses *losses, float *gradient, struct diag *d)
{
    (void)gradient;
    diag_set(d, STATUS_OK, "%s", "");
    *losses = (struct losses){1000.0 - run->iteration, 0.0, 0.0, run->job.tv_weight, {0}};
    return fake_stopped(run, d);
}

enum status run_step(struct run *run, struct losses *losses, struct diag *d)
{
    while (atomic_load(&fake.steps) == 0 && !atomic_load(run->stop)) {
        atomic_store(&fake.waiting, 1);
        fake_sleep();
    }
    if (fake_stopped(run, d) == STATUS_STOPPED)
        return STATUS_STOPPED;
    atomic_fetch_sub(&fake.steps, 1);
    if (run->iteration == atomic_load(&fake.diverge_at))
        return diag_set(d, STATUS_DIVERGED, "the fake diverged");
    run_measure(run, losses, NULL, d);
    if (run->iteration == atomic_load(&fake.retreat_at))
        diag_set(d, STATUS_OK, "the fake went back");
    run->shades[0] = (float)++run->iteration;
    return STATUS_OK;
}

/* relu1_1 pulls as strongly as there were iterations, and one. */
enum status run_pulls(struct run *run, double pull[STYLE_LAYER_COUNT], struct diag *d)
{
    pull[0] = run->iteration + 1;
    for (int i = 1; i < STYLE_LAYER_COUNT; i++)
        pull[i] = 0.0;
    return fake_stopped(run, d);
}

enum status run_preview(const struct run *run, struct image *out, const struct run_part *part,
                        int width, int height, struct diag *d)
{
    (void)part;
    TRY(image_init(out, width, height, d));
    for (int i = 0; i < 3 * width * height; i++)
        out->rgb[i] = run->shades[0];
    return STATUS_OK;
}

enum status run_small(const struct run *run, struct image *out, int side, struct diag *d)
{
    (void)side;
    return run_preview(run, out, NULL, FAKE_WIDTH, FAKE_HEIGHT, d);
}

enum status run_picture(const struct run *run, struct image *out, struct diag *d)
{
    return run_preview(run, out, NULL, FAKE_WIDTH, FAKE_HEIGHT, d);
}

bool run_has_alpha(const struct run *run)
{
    (void)run;
    return false;
}

enum status run_each_row(const struct run *run, run_row *give, void *context, struct diag *d)
{
    float shades[FAKE_WIDTH];
    const float *const row[4] = {shades, shades, shades, NULL};
    for (int i = 0; i < FAKE_WIDTH; i++)
        shades[i] = run->shades[0];
    for (int y = 0; y < FAKE_HEIGHT; y++)
        TRY(give(context, y, row, d));
    return STATUS_OK;
}

bool run_state_has_previous(const struct run_state *state)
{
    return state->count > 0;
}

enum status run_change(struct run *run, const struct job *job, struct diag *d)
{
    struct job next = *job;
    TRY(fake_check(job, d));
    job_keep_start(&next, &run->job);
    run->job = next;
    if (atomic_load(&fake.gossip))
        diag_set(d, STATUS_LIBRARY, "the library refuses something");
    return STATUS_OK;
}

enum status run_memory_beside(const struct run *run, size_t kept, struct diag *d)
{
    (void)run, (void)kept;
    return atomic_load(&fake.no_room) ? diag_set(d, STATUS_RANGE, "no room") : STATUS_OK;
}

void run_lend(const struct run *run, struct run_state *out)
{
    *out = (struct run_state){.iteration = run->iteration, .at = 0, .stage_count = 1, .width = 1,
                              .height = 1, .count = 6, .whole = 6, .picture = run->shades,
                              .previous = run->shades + 3, .optimizer = run->shades};
}

enum status run_state_allocate(struct run_state *state, struct diag *d)
{
    (void)d;
    state->values = mem_new(state->count * sizeof(float));
    state->picture = state->values;
    state->previous = state->values + 3;
    state->optimizer = state->values + 6;
    return STATUS_OK;
}

enum status run_save(const struct run *run, struct run_state *out, struct diag *d)
{
    run_lend(run, out);
    run_state_allocate(out, d);
    memcpy(out->values, run->shades, sizeof run->shades);
    return STATUS_OK;
}

void run_state_clear(struct run_state *state)
{
    mem_free(state->values);
    *state = (struct run_state){0};
}

enum status run_restore(struct run *run, const struct run_state *state, struct diag *d)
{
    (void)d;
    run->iteration = state->iteration;
    memcpy(run->shades, state->picture, sizeof run->shades);
    return STATUS_OK;
}

enum status run_resume(struct run **out, const struct job *job, const struct run_state *state,
                       const atomic_int *stop, struct diag *d)
{
    TRY(run_open(out, job, stop, d));
    return run_restore(*out, state, d);
}

enum status run_restart(struct run **run, const struct job *job, const struct run_state *state,
                        struct diag *d)
{
    struct run *fresh;
    TRY(run_open(&fresh, job, (*run)->stop, d));
    if (state)
        run_restore(fresh, state, d);
    run_close(run);
    *run = fresh;
    return STATUS_OK;
}

enum status run_return(struct run *run, const struct job *record, const struct run_state *state,
                       struct diag *d)
{
    TRY(run_change(run, record, d));
    return run_restore(run, state, d);
}
