/* optimizer.c: see optimizer.h. */
#include "optimizer.h"

#include <math.h>
#include <string.h>

#include "mem.h"

struct optimizer {
    struct optimizer_adam adam;
    size_t n;
    struct optimizer_state state; /* values: m, v, [n] each */
};

enum status optimizer_open(struct optimizer **out, size_t n, const struct optimizer_adam *adam,
                           struct diag *diag)
{
    float *block;
    TRY(mem_big(&block, mem_product(n, 2, sizeof *block), "the optimiser", diag));
    struct optimizer *optimizer = mem_new(sizeof *optimizer);
    *optimizer = (struct optimizer){*adam, n, {0, 2 * n, block}};
    *out = optimizer;
    return STATUS_OK;
}

void optimizer_close(struct optimizer **optimizer)
{
    if (*optimizer)
        mem_free((*optimizer)->state.values);
    mem_free(*optimizer);
    *optimizer = NULL;
}

void optimizer_step(struct optimizer *optimizer, float *x, const float *g, double rate)
{
    const struct optimizer_adam *adam = &optimizer->adam;
    double t = (double)++optimizer->state.t;
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

void optimizer_set(struct optimizer *optimizer, const struct optimizer_adam *adam)
{
    optimizer->adam = *adam;
}

struct optimizer_state *optimizer_state(struct optimizer *optimizer)
{
    return &optimizer->state;
}

void optimizer_reset(struct optimizer *optimizer)
{
    optimizer->state.t = 0;
    memset(optimizer->state.values, 0, optimizer->state.count * sizeof(float));
}
