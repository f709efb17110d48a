/* optimizer.c: see optimizer.h. What both kinds share, and Adam; optimizer_lbfgs.c is the other. */
#include "engine/style/optimizer_private.h"

#include <math.h>
#include <string.h>

#include "engine/base/mem.h"

static enum status open(struct optimizer **out, const struct optimizer *like, size_t floats,
                        struct diag *diag)
{
    float *block;
    TRY(mem_big(&block, mem_product(floats, sizeof *block, 1), "the optimiser", diag));
    struct optimizer *optimizer = mem_new(sizeof *optimizer);
    *optimizer = *like;
    optimizer->state = (struct optimizer_state){0, floats, block};
    *out = optimizer;
    return STATUS_OK;
}

static size_t adam_floats(size_t n)
{
    return mem_product(n, 2, 1); /* m and v */
}

size_t optimizer_adam_bytes(size_t n)
{
    return mem_product(adam_floats(n), sizeof(float), 1);
}

size_t optimizer_lbfgs_bytes(size_t n, int history)
{
    return mem_product(optimizer_lbfgs_floats(n, history), sizeof(float), 1);
}

enum status optimizer_open_adam(struct optimizer **out, size_t n, const struct optimizer_adam *adam,
                                struct diag *diag)
{
    struct optimizer like = {.kind = OPTIMIZER_IS_ADAM, .n = n, .adam = *adam};
    return open(out, &like, adam_floats(n), diag);
}

enum status optimizer_open_lbfgs(struct optimizer **out, size_t n,
                                 const struct optimizer_lbfgs *lbfgs, struct diag *diag)
{
    struct optimizer like = {.kind = OPTIMIZER_IS_LBFGS, .n = n, .lbfgs = *lbfgs};
    return open(out, &like, optimizer_lbfgs_floats(n, lbfgs->history), diag);
}

void optimizer_close(struct optimizer **optimizer)
{
    if (*optimizer)
        mem_free((*optimizer)->state.values);
    mem_free(*optimizer);
    *optimizer = NULL;
}

static void adam_step(struct optimizer *optimizer, float *x, const float *g, double rate)
{
    const struct optimizer_adam *adam = &optimizer->adam;
    double t = (double)optimizer->state.t;
    const float beta1 = (float)adam->beta1, beta2 = (float)adam->beta2, eps = (float)adam->eps;
    const float gain1 = (float)(1.0 - adam->beta1), gain2 = (float)(1.0 - adam->beta2);
    const float step =
        (float)(rate * sqrt(1.0 - pow(adam->beta2, t)) / (1.0 - pow(adam->beta1, t)));
    float *m = optimizer->state.values, *v = m + optimizer->n;
#pragma omp parallel for simd schedule(static)
    for (size_t i = 0; i < optimizer->n; i++) {
        m[i] = beta1 * m[i] + gain1 * g[i];
        v[i] = beta2 * v[i] + gain2 * g[i] * g[i];
        x[i] -= step * m[i] / (sqrtf(v[i]) + eps);
    }
}

void optimizer_step(struct optimizer *optimizer, float *x, double value, const float *g,
                    double rate)
{
    optimizer->state.t++;
    if (optimizer->kind == OPTIMIZER_IS_ADAM)
        adam_step(optimizer, x, g, rate);
    else
        optimizer_lbfgs_step(optimizer, x, value, g);
}

bool optimizer_trying(const struct optimizer *optimizer)
{
    return optimizer->kind == OPTIMIZER_IS_LBFGS && optimizer_lbfgs_trying(optimizer);
}

bool optimizer_end_trial(struct optimizer *optimizer, float *x, double *value)
{
    return optimizer_trying(optimizer) && optimizer_lbfgs_end_trial(optimizer, x, value);
}

const float *optimizer_best(const struct optimizer *optimizer, const float *x)
{
    return optimizer_trying(optimizer) ? optimizer_lbfgs_best(optimizer, x) : x;
}

void optimizer_forget(struct optimizer *optimizer, float *x)
{
    if (optimizer_trying(optimizer))
        optimizer_lbfgs_take_back(optimizer, x);
}

void optimizer_set(struct optimizer *optimizer, const struct optimizer_adam *adam)
{
    optimizer->adam = *adam;
}

struct optimizer_state *optimizer_state(struct optimizer *optimizer)
{
    return &optimizer->state;
}

size_t optimizer_used(const struct optimizer *optimizer)
{
    return optimizer->kind == OPTIMIZER_IS_ADAM ? optimizer->state.count
                                                : optimizer_lbfgs_used(optimizer);
}

void optimizer_reset(struct optimizer *optimizer)
{
    optimizer->state.t = 0;
    memset(optimizer->state.values, 0, optimizer->state.count * sizeof(float));
}
