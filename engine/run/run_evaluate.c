/* run_evaluate.c: see run_private.h. The losses of the picture in progress, and the way back from
 * one that has none. */
#include "engine/run/run_private.h"

#include <math.h>
#include <string.h>

/* The picture's losses are not finite, for the reason in *why: goes back to the last one whose
 * losses were. STATUS_OK: to go on from there with a smaller rate. */
static enum status retreat(struct run *run, const struct diag *why, struct diag *diag)
{
    struct run_work *work = &run->work;
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

/* Is the square of each of n values, which the optimisers take, finite? Only then is nothing but
 * zeros added up. */
static bool all_usable(const float *v, size_t n)
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
    if (!gradient || all_usable(gradient, run_values(x)))
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
        TRY(retreat(run, &why, diag));
    }
    if (status != STATUS_OK)
        return diag_set(diag, status, "%s", why.text);
    *total = losses->total;
    work->losses = *losses;
    return STATUS_OK;
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
