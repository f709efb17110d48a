/* run_change.c: see run.h. Another job, by hand or by edits, or another state, under way: all of it
 * or nothing. */
#include "engine/run/run_private.h"

#include <string.h>

#include "engine/base/mem.h"
#include "engine/host/budget.h"

/* Brings the objective to run->job and run->targets, which are other ones than before, or not.
 * Failing, it leaves the objective as it was or closed. */
static enum status change_objective(struct run *run, bool other_targets, struct diag *diag)
{
    struct objective_weights weights = run_weights(&run->job);
    const struct content_source content = run_content(run);
    bool fits = false;
    if (other_targets || !run->objective)
        TRY(run_memory_check(run, diag));
    if (other_targets && run->crowded)
        objective_close(&run->objective);
    if (!run->objective)
        return run_stage_open_objective(run, diag);
    struct objective_shape shape = run_shape(run);
    if (other_targets)
        TRY(targets_compute(run->targets, run->nn, run->network, &shape, &content, diag));
    TRY(objective_change(run->objective, targets_list(run->targets), &weights, &fits, diag));
    if (fits)
        return STATUS_OK;
    TRY(run_memory_check(run, diag));
    objective_close(&run->objective); /* first: there may be no memory for two */
    return run_stage_open_objective(run, diag);
}

static void adopt(struct run *run, const struct job *job, struct targets *targets)
{
    run->job = *job;
    run->job.edits[0] = 0;
    run->job.edits_lost = 0;
    run->targets = targets;
    optimizer_set(run->work.optimizer, job->beta1, job->beta2, job->eps);
    run_stage_plan_ends(run);
    run_summarise(run);
}

/* The job is in force from now on; nothing of it is recorded. */
static enum status take_job(struct run *run, const struct job *job, struct diag *diag)
{
    struct job next = *job, before = run->job;
    struct targets *targets = run->targets, *old = run->targets;
    job_keep_start(&next, &before);
    TRY(job_validate(&next, diag));
    if (!targets_same(old, &next))
        TRY(targets_open(&targets, &next, old, diag));
    adopt(run, &next, targets);
    enum status status = change_objective(run, targets != old, diag);
    if (status != STATUS_OK) {
        adopt(run, &before, old);
        if (targets != old)
            targets_close(&targets);
        return status;
    }
    if (targets != old)
        targets_close(&old);
    if (next.learning_rate != before.learning_rate)
        run->retreats = 0; /* whoever sets a rate means that one */
    return STATUS_OK;
}

enum status run_change(struct run *run, const struct job *job, struct diag *diag)
{
    int lost = run->start.edits_lost;
    TRY(take_job(run, job, diag));
    struct job now = run->job;
    memcpy(now.edits, job->edits, sizeof now.edits);
    job_edits_record(&run->start, run->iteration, &now, run->measured);
    run->edits_made = job_edits_count(run->start.edits, run->iteration);
    run->measured = false;
    if (run->start.edits_lost > 0 && lost == 0)
        diag_set(diag, STATUS_OK,
                 "that is more than the picture's job can tell: painted again from it, the picture "
                 "will be another");
    return STATUS_OK;
}

enum status run_make_edits(struct run *run, struct diag *diag)
{
    while (run->edits_made < job_edits_count(run->start.edits, run->iteration)) {
        struct losses losses;
        struct job next = run->job;
        if (run->edits_made > 0) /* the run had ended between the two */
            TRY(run_measure(run, &losses, NULL, diag));
        job_edits_step(&next, run->start.edits, run->iteration, run->edits_made);
        enum status status = take_job(run, &next, diag);
        if (status == STATUS_STOPPED)
            return status;
        if (status != STATUS_OK)
            return diag_prefix(diag, status, "the edit at iteration %d", run->iteration);
        run->edits_made++;
    }
    return STATUS_OK;
}

/* ---- states ------------------------------------------------------------------------------- */

static enum status check_room(const struct run *run, size_t taken, size_t more, const char *what,
                              struct diag *diag)
{
    char takes[BUDGET_TEXT], there[64];
    struct budget budget;
    budget_find(&budget, run->job.memory, "");
    if (taken <= budget.bytes && more <= budget.bytes - taken)
        return STATUS_OK;
    budget_print_bytes(takes, more);
    budget_print(there, sizeof there, &budget);
    return diag_set(diag, STATUS_RANGE,
                    "%s takes %s beside what the run needs, and %s; forget a snapshot, or allow "
                    "more", what, takes, there);
}

enum status run_memory_beside(const struct run *run, size_t kept, struct diag *diag)
{
    const struct run_work *work = &run->work;
    size_t floats = 2 * run_values(&work->x) + optimizer_used(work->optimizer) +
                    run_values(&run->content);
    return check_room(run, run->predicted + kept, floats * sizeof(float), "a snapshot", diag);
}

void run_lend(const struct run *run, struct run_state *out)
{
    const struct run_work *work = &run->work;
    const struct optimizer_state *optimizer = optimizer_state(work->optimizer);
    size_t n = run_values(&work->x), used = optimizer_used(work->optimizer);
    size_t copies = work->previous ? 2 : 1; /* of the picture */
    *out = (struct run_state){.iteration = run->iteration,
                              .at = run->at,
                              .stage_count = run->stage_count,
                              .retreats = run->retreats,
                              .width = work->x.width,
                              .height = work->x.height,
                              .threads = nn_threads(run->nn),
                              .recompute = run->plan,
                              .t = optimizer->t,
                              .objective = work->objective,
                              .whole = copies * n + optimizer->count,
                              .count = copies * n + used,
                              .used = used,
                              .picture = work->x.rgb,
                              .previous = work->previous ? work->previous : work->x.rgb,
                              .optimizer = optimizer->values};
}

/* 3·H·W */
static size_t state_values(const struct run_state *state)
{
    return mem_product(3, (size_t)state->width, (size_t)state->height);
}

bool run_state_has_previous(const struct run_state *state)
{
    return state->count - state->used > state_values(state);
}

enum status run_state_allocate(struct run_state *state, struct diag *diag)
{
    size_t bytes = mem_times(state->count, sizeof(float));
    TRY(mem_big(&state->values, bytes, "a copy of the run's state", diag));
    state->picture = state->values;
    state->previous = state->values + (run_state_has_previous(state) ? state_values(state) : 0);
    state->optimizer = state->values + state->count - state->used;
    return STATUS_OK;
}

enum status run_save(const struct run *run, struct run_state *out, struct diag *diag)
{
    struct run_state lent, copy;
    run_lend(run, &lent);
    copy = lent;
    TRY(run_state_allocate(&copy, diag));
    size_t n = state_values(&lent);
    memcpy(copy.values, lent.picture, n * sizeof(float));
    if (run_state_has_previous(&lent))
        memcpy(copy.values + n, lent.previous, n * sizeof(float));
    memcpy(copy.values + lent.count - lent.used, lent.optimizer, lent.used * sizeof(float));
    *out = copy;
    return STATUS_OK;
}

void run_state_clear(struct run_state *state)
{
    mem_free(state->values);
    *state = (struct run_state){0};
}

static void copy_state(struct run_work *work, const struct run_state *state)
{
    size_t n = run_values(&work->x);
    struct optimizer_state *optimizer = optimizer_state(work->optimizer);
    memcpy(work->x.rgb, state->picture, n * sizeof(float));
    if (work->previous)
        memcpy(work->previous, state->previous, n * sizeof(float));
    memcpy(optimizer->values, state->optimizer, state->used * sizeof(float));
    optimizer->t = state->t;
    work->objective = state->objective;
}

static bool fits(const struct run_work *work, const struct run_state *state)
{
    size_t n = (work->previous ? 2 : 1) * run_values(&work->x);
    size_t whole = n + optimizer_state(work->optimizer)->count;
    return work->x.width == state->width && work->x.height == state->height &&
           state->whole == whole && state->count == n + state->used && state->count <= whole;
}

/* What the state works on, if it is one of a run of this size. */
static enum status take_state(struct run_work *work, const struct run *run,
                              const struct run_state *state, struct diag *diag)
{
    const struct run_stage *stage = &run->stage[state->at];
    if (stage->width != state->width || stage->height != state->height)
        return diag_set(diag, STATUS_INPUT,
                        "the kept state is %d×%d, and this run has %d×%d in its place; it belongs "
                        "to another picture", state->width, state->height, stage->width,
                        stage->height);
    if (run->work.optimizer)
        TRY(check_room(run, mem_resident(), mem_times(state->whole, sizeof(float)),
                       "going back", diag));
    TRY(image_init(&work->x, state->width, state->height, diag));
    TRY(run_work_open(work, &run->job, stage->store, diag));
    if (!fits(work, state))
        return diag_set(diag, STATUS_INPUT, "the kept state belongs to another optimiser");
    copy_state(work, state);
    return STATUS_OK;
}

/* What the state was saved with, by its size: who began with less goes on with that, even where
 * more would fit now. */
static void take_store(struct run *run, const struct run_state *state)
{
    struct run_stage *stage = &run->stage[state->at], *last = &run->stage[run->stage_count - 1];
    size_t n = state_values(state);
    struct job *job = mem_new(sizeof *job);
    *job = run->job;
    for (int adam = 0; adam < 2; adam++) {
        for (enum run_store store = RUN_STORE_ALL; store < RUN_STORES; store++) {
            bool in_place = store == RUN_STORE_IN_PLACE;
            if ((in_place && !optimizer_has_parts(job->optimizer)) ||
                run_work_floats(job, n, store) != state->whole)
                continue;
            stage->store = store;
            if (job->optimizer != run->job.optimizer) { /* the last stage would not have had it */
                run->job.optimizer = job->optimizer;
                last->store = RUN_STORE_IN_PLACE;
                run_stage_plan_ends(run);
            }
            goto done;
        }
        job->optimizer = OPTIMIZER_ADAM;
    }
done:
    if (last->store == RUN_STORE_IN_PLACE && run->plan < OBJECTIVE_BANDS)
        run->plan = last->plan = OBJECTIVE_BANDS;
    if (stage->store == RUN_STORE_IN_PLACE && stage->plan < OBJECTIVE_BANDS)
        stage->plan = OBJECTIVE_BANDS;
    mem_free(job);
}

static void adopt_counts(struct run *run, const struct run_state *state)
{
    run->iteration = state->iteration;
    run->retreats = state->retreats;
    run->measured = false;
    run->edits_made = job_edits_count(run->start.edits, run->iteration);
}

enum status run_restore(struct run *run, const struct run_state *state, struct diag *diag)
{
    struct run_work work = {0};
    int count = run->stage_count;
    if (state->stage_count < 1 || state->stage_count > RUN_MAX_STAGES || state->at < 0 ||
        state->at >= state->stage_count || state->iteration < 0 || state->retreats < 0 ||
        state->retreats > RUN_RETREATS || state->recompute < 0 ||
        state->recompute >= OBJECTIVE_PLANS)
        return diag_set(diag, STATUS_INPUT, "the kept state has no such stage");
    run_stage_plan(run, state->stage_count);
    if (run->objective && run->at == state->at && fits(&run->work, state)) { /* in its place */
        copy_state(&run->work, state);
        adopt_counts(run, state);
        return STATUS_OK;
    }
    enum status status = run->resident ? STATUS_OK : run_memory_check(run, diag);
    if (status == STATUS_OK && !run->objective)
        take_store(run, state);
    /* the later plans compute a little differently, so it goes on that way, too */
    if (status == STATUS_OK && !run->objective && state->recompute >= VGG_RECOMPUTE_SCRATCH &&
        state->recompute > run->plan)
        run->plan = run->stage[run->stage_count - 1].plan = state->recompute;
    if (status == STATUS_OK)
        status = run_read_content(run, diag);
    if (status == STATUS_OK)
        status = take_state(&work, run, state, diag);
    if (status == STATUS_OK)
        status = run_stage_enter(run, state->at, &work, diag);
    run_work_close(&work);
    if (status != STATUS_OK) {
        run_stage_plan(run, count);
        return status;
    }
    adopt_counts(run, state);
    return STATUS_OK;
}

enum status run_return(struct run *run, const struct job *record, const struct run_state *state,
                       struct diag *diag)
{
    struct job *then = mem_new(sizeof *then), *before = mem_new(sizeof *before);
    *then = *record;
    *before = run->job;
    job_edits_apply(then, record->edits, -1, state->iteration);
    enum status status = take_job(run, then, diag);
    if (status == STATUS_OK) {
        status = run_restore(run, state, diag);
        if (status != STATUS_OK)
            take_job(run, before, NULL);
    }
    if (status == STATUS_OK) {
        run->start = *record;
        run->edits_made = job_edits_count(record->edits, run->iteration);
    }
    mem_free(before);
    mem_free(then);
    return status;
}
