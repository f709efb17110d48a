/* optimizer_adam.c: see optimizer.h. The state is m, then v: [n] floats each. */
#include <math.h>

#include "engine/base/mem.h"
#include "engine/style/optimizer_private.h"

static size_t adam_floats(size_t n, const struct optimizer_settings *settings)
{
    (void)settings;
    return mem_times(n, 2);
}

static void adam_step(struct optimizer *optimizer, float *x, double value, const float *g,
                      double rate)
{
    (void)value;
    const struct optimizer_settings *adam = &optimizer->settings;
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

const struct optimizer_ops optimizer_adam = {
    .coarse_share = 0.6,
    .floats = adam_floats,
    .step = adam_step,
};
