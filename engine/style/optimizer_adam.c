/*
 * optimizer_adam.c: see optimizer.h. The state is m, then v: [n] floats each, or 16-bit floats.
 */
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "engine/base/bf16.h"
#include "engine/base/mem.h"
#include "engine/base/vector.h"
#include "engine/style/optimizer_private.h"

static size_t adam_floats(size_t n, const struct optimizer_settings *settings)
{
    return settings && settings->half ? n : mem_times(n, 2);
}

/* The numbers of a step. */
struct constants {
    float beta1, beta2, eps, gain1, gain2, step;
    uint32_t seed; /* of rounding */
};

static struct constants constants_of(const struct optimizer *o)
{
    const struct optimizer_settings *adam = &o->settings;
    double t = (double)o->state.t;
    return (struct constants){
        .beta1 = (float)adam->beta1,
        .beta2 = (float)adam->beta2,
        .eps = (float)adam->eps,
        .gain1 = (float)(1.0 - adam->beta1),
        .gain2 = (float)(1.0 - adam->beta2),
        .step = (float)(o->rate * sqrt(1.0 - pow(adam->beta2, t)) / (1.0 - pow(adam->beta1, t))),
        .seed = (uint32_t)o->state.t * 0x9e3779b9u,
    };
}

/* To 16 bits, up or down with a chance that makes the mean right. v is not negative; at: which of
 * all values it is. */
static inline uint16_t round_by_chance(float v, uint32_t at, uint32_t seed)
{
    uint32_t bits, chance = (at ^ seed) * 0x85ebca6bu;
    chance = (chance ^ chance >> 13) * 0xc2b2ae35u;
    memcpy(&bits, &v, sizeof bits);
    return (uint16_t)((bits + (chance >> 16)) >> 16);
}

VECTOR_CLONES static void step_run(float *restrict x, float *restrict m, float *restrict v,
                                   const float *restrict g, size_t n, const struct constants *c)
{
    const struct constants k = *c;
#pragma omp simd
    for (size_t i = 0; i < n; i++) {
        m[i] = k.beta1 * m[i] + k.gain1 * g[i];
        v[i] = k.beta2 * v[i] + k.gain2 * g[i] * g[i];
        x[i] -= k.step * m[i] / (sqrtf(v[i]) + k.eps);
    }
}

VECTOR_CLONES static void step_half_run(float *restrict x, uint16_t *restrict m,
                                        uint16_t *restrict v, const float *restrict g,
                                        uint32_t first, size_t n, const struct constants *c)
{
    const struct constants k = *c;
#pragma omp simd
    for (size_t i = 0; i < n; i++) {
        float mean = k.beta1 * bf16_widen(m[i]) + k.gain1 * g[i];
        float square = k.beta2 * bf16_widen(v[i]) + k.gain2 * g[i] * g[i];
        m[i] = bf16_narrow(mean);
        v[i] = round_by_chance(square, first + (uint32_t)i, k.seed);
        x[i] -= k.step * mean / (sqrtf(square) + k.eps);
    }
}

static void adam_part(struct optimizer *o, float *x, const float *g, size_t first, size_t n)
{
    enum { RUN = 1 << 14 };
    const struct constants c = constants_of(o);
    float *m = o->state.values + first, *v = m + o->n;
    uint16_t *half_m = (uint16_t *)(void *)o->state.values + first, *half_v = half_m + o->n;
#pragma omp parallel for schedule(static)
    for (size_t at = 0; at < n; at += RUN) {
        size_t count = n - at < RUN ? n - at : RUN;
        if (o->settings.half)
            step_half_run(x + at, half_m + at, half_v + at, g + at, (uint32_t)(first + at), count,
                          &c);
        else
            step_run(x + at, m + at, v + at, g + at, count, &c);
    }
}

static void adam_step(struct optimizer *o, float *x, double value, const float *g, double rate)
{
    (void)value;
    o->rate = rate;
    adam_part(o, x, g, 0, o->n);
}

const struct optimizer_ops optimizer_adam = {
    .coarse_share = 0.6,
    .floats = adam_floats,
    .step = adam_step,
    .part = adam_part,
};
