/* optimizer.c: see optimizer.h. What all optimisers share, and the table of them. */
#include "engine/style/optimizer_private.h"

#include <string.h>

#include "engine/base/mem.h"

static const struct optimizer_ops *const table[] = {
#define X(NAME, name) [OPTIMIZER_##NAME] = &optimizer_##name,
    OPTIMIZER_LIST(X)
#undef X
};

size_t optimizer_bytes(enum job_optimizer kind, size_t n, const struct optimizer_settings *settings)
{
    return mem_times(table[kind]->floats(n, settings), sizeof(float));
}

bool optimizer_preconditions(enum job_optimizer kind)
{
    return table[kind]->preconditions;
}

double optimizer_coarse_share(enum job_optimizer kind)
{
    return table[kind]->coarse_share;
}

enum status optimizer_open(struct optimizer **out, enum job_optimizer kind, size_t n,
                           const struct optimizer_settings *settings, struct diag *diag)
{
    float *block;
    TRY(mem_big(&block, optimizer_bytes(kind, n, settings), "the optimiser", diag));
    struct optimizer *optimizer = mem_new(sizeof *optimizer);
    *optimizer = (struct optimizer){
        table[kind], n, *settings, {0, table[kind]->floats(n, settings), block}, 0.0};
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

void optimizer_step(struct optimizer *optimizer, float *x, double value, const float *g,
                    double rate)
{
    optimizer->state.t++;
    optimizer->ops->step(optimizer, x, value, g, rate);
}

bool optimizer_has_parts(enum job_optimizer kind)
{
    return table[kind]->part != NULL;
}

void optimizer_begin(struct optimizer *optimizer, double rate)
{
    optimizer->state.t++;
    optimizer->rate = rate;
}

void optimizer_part(struct optimizer *optimizer, float *x, const float *g, size_t first, size_t n)
{
    optimizer->ops->part(optimizer, x, g, first, n);
}

bool optimizer_trying(const struct optimizer *optimizer)
{
    return optimizer->ops->trying && optimizer->ops->trying(optimizer);
}

bool optimizer_end_trial(struct optimizer *optimizer, float *x, double *value)
{
    return optimizer_trying(optimizer) && optimizer->ops->end_trial(optimizer, x, value);
}

const float *optimizer_best(const struct optimizer *optimizer, const float *x)
{
    return optimizer_trying(optimizer) ? optimizer->ops->best(optimizer, x) : x;
}

void optimizer_forget(struct optimizer *optimizer, float *x)
{
    if (optimizer_trying(optimizer))
        optimizer->ops->take_back(optimizer, x);
}

void optimizer_set(struct optimizer *optimizer, double beta1, double beta2, double eps)
{
    optimizer->settings.beta1 = beta1;
    optimizer->settings.beta2 = beta2;
    optimizer->settings.eps = eps;
}

struct optimizer_state *optimizer_state(struct optimizer *optimizer)
{
    return &optimizer->state;
}

size_t optimizer_used(const struct optimizer *optimizer)
{
    struct optimizer_layout layout = optimizer_layout(optimizer);
    return layout.head + optimizer->n * (size_t)layout.floats +
           optimizer->n * (size_t)layout.halves / 2;
}

struct optimizer_layout optimizer_layout(const struct optimizer *optimizer)
{
    size_t n = optimizer->n, count = optimizer->state.count;
    if (optimizer->ops->layout)
        return optimizer->ops->layout(optimizer);
    return (struct optimizer_layout){0, n > 0 ? (int)(count / n) : 0, 0};
}

void optimizer_reset(struct optimizer *optimizer)
{
    optimizer->state.t = 0;
    memset(optimizer->state.values, 0, optimizer->state.count * sizeof(float));
}
