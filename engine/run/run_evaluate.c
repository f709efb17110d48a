/* run_evaluate.c: see run_private.h. The losses of the picture in progress, and the way back from
 * one that has none. */
#include "engine/run/run_private.h"

#include <math.h>
#include <string.h>

enum status run_retreat(struct run *run, const struct diag *why, struct diag *diag)
{
    struct run_work *work = &run->work;
    if (!work->previous)
        return diag_set(diag, STATUS_DIVERGED,
                        "iteration %d: %s, and in this memory there is no place for the picture "
                        "before; a lower learning_rate or lower weights keep it in bounds",
                        run->iteration, why->text);
    /* No step has led to this picture: it is the one to start from, or the one gone back to. */
    bool fresh = optimizer_state(work->optimizer)->t == 0;
    memcpy(work->x.rgb, work->previous, run_values(&work->x) * sizeof(float));
    optimizer_reset(work->optimizer);
    if (fresh)
        return diag_set(diag, STATUS_DIVERGED,
                        "iteration %d: %s already before a step; lower weights or another network "
                        "may help, a lower rate does not",
                        run->iteration, why->text);
    if (run->retreats == RUN_RETREATS)
        return diag_set(diag, STATUS_DIVERGED,
                        "iteration %d: %s, after %d times a smaller rate; a lower learning_rate "
                        "or lower weights keep it in bounds",
                        run->iteration, why->text, RUN_RETREATS);
    run->retreats++;
    return diag_set(diag, STATUS_OK, "iteration %d: %s; back to the picture before, with %s",
                    run->iteration, why->text,
                    run->job.optimizer == OPTIMIZER_LBFGS ? "a shorter first step"
                                                          : "a quarter of the rate");
}

/* Nothing but zeros is added up if all are. */
bool run_usable(const float *v, size_t n)
{
    float sum = 0.0f;
#pragma omp parallel for simd reduction(+ : sum) schedule(static)
    for (size_t i = 0; i < n; i++)
        sum += v[i] * v[i] * 0.0f;
    return sum == 0.0f;
}

/* A gradient that cannot be used counts as a loss that is not finite: no step leads on. */
static enum status measure(struct run *run, struct losses *losses, float *gradient,
                           struct diag *diag)
{
    const struct image *x = &run->work.x;
    TRY(objective_evaluate(run->objective, losses, gradient, x->rgb, diag));
    if (!gradient || run_usable(gradient, run_values(x)))
        return STATUS_OK;
    char term[LOSSES_WORDS];
    losses_worst(term, losses);
    return diag_set(diag, STATUS_DIVERGED, "the gradient of the %s is too large", term);
}

enum status run_evaluate(struct run *run, struct losses *losses, double *total, float *gradient,
                         struct diag *diag)
{
    struct run_work *work = &run->work;
    uint64_t key = run_objective_key(&run->job);
    struct diag why;
    enum status status;
    TRY(run_stage_open_objective(run, diag));
    if (key != work->objective)
        optimizer_forget(work->optimizer, work->x.rgb);
    work->objective = key;
    diag_set(diag, STATUS_OK, "%s", "");
    while ((status = measure(run, losses, gradient, &why)) == STATUS_DIVERGED) {
        if (optimizer_trying(work->optimizer)) {
            *losses = work->losses;
            *total = INFINITY;
            return STATUS_OK;
        }
        TRY(run_retreat(run, &why, diag));
    }
    if (status != STATUS_OK)
        return diag_set(diag, status, "%s", why.text);
    *total = losses->total;
    work->losses = *losses;
    return STATUS_OK;
}

/* A step in parts. */
struct descent {
    struct run *run;
    struct run_work *work;
    double rate;
    bool begun, unusable;
};

/* Where the gradient cannot be used the picture stays as it is. */
static void step_rows(void *context, int row, int count, float *const gradient[3])
{
    struct descent *d = context;
    const struct image *x = &d->work->x;
    size_t width = (size_t)x->width, plane = width * (size_t)x->height;
    if (!d->begun) {
        optimizer_begin(d->work->optimizer, d->rate);
        nn_stop_when(d->run->nn, NULL); /* a step is done or not, never half */
    }
    d->begun = true;
    for (size_t c = 0; c < 3; c++) {
        size_t first = c * plane + (size_t)row * width, n = (size_t)count * width;
        if (run_usable(gradient[c], n))
            optimizer_part(d->work->optimizer, x->rgb + first, gradient[c], first, n);
        else
            d->unusable = true;
    }
}

enum status run_descend(struct run *run, struct losses *losses, double rate, struct diag *diag)
{
    struct descent d = {run, &run->work, rate, false, false};
    struct diag why;
    TRY(run_stage_open_objective(run, diag));
    run->work.objective = run_objective_key(&run->job);
    diag_set(diag, STATUS_OK, "%s", "");
    enum status status = objective_descend(run->objective, losses, run->work.x.rgb, step_rows, &d,
                                           &why);
    nn_stop_when(run->nn, run->stop);
    if (status == STATUS_DIVERGED)
        return run_retreat(run, &why, diag);
    if (status != STATUS_OK)
        return diag_set(diag, status, "%s", why.text);
    run->work.losses = *losses;
    if (!d.unusable)
        return STATUS_OK;
    return diag_set(diag, STATUS_DIVERGED,
                    "iteration %d: the gradient is too large; a lower learning_rate or lower "
                    "weights keep it in bounds", run->iteration);
}

enum status run_measure(struct run *run, struct losses *losses, float *gradient, struct diag *diag)
{
    double total;
    run->measured = true;
    TRY(run_evaluate(run, losses, &total, gradient, diag));
    if (!optimizer_end_trial(run->work.optimizer, run->work.x.rgb, &total))
        return STATUS_OK;
    return run_evaluate(run, losses, &total, gradient, diag);
}
