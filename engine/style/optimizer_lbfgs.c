/*
 * optimizer_lbfgs.c: see optimizer.h. By reverse communication: the caller evaluates the function,
 * so a line search is no loop but a state that each step finds and leaves.
 *
 * The state is one block: struct search, base, its gradient, direction, then the pairs. Sums run
 * over fixed parts, so that they do not depend on which thread comes first.
 */
#include "engine/style/optimizer_private.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "engine/base/bf16.h"
#include "engine/base/mem.h"
#include "engine/base/vector.h"

enum { MAX_HISTORY = 32, HEAD_FLOATS = 256, PARTS = 64, MAX_TRIES = 10, MAX_STRETCHES = 5 };

/* A value must fall by armijo of what the slope promises; a slope steeper than wolfe of the one at
 * the base says that the step was short, and stretches it. */
static const double armijo = 1e-4, wolfe = 0.9, stretch = 2.5;

/* Line search from base x₀ along d: x = x₀ + a·d is being tried, and low <= a < high. */
struct search {
    bool trying;          /* x is a trial */
    bool proven;          /* and was found to be better than the base */
    int count, next;      /* pairs there are; where the next one goes */
    int tries;
    double value, slope;  /* at the base: loss, g₀·d */
    double a;
    double low, low_value, low_slope;
    double high;          /* INFINITY: none known */
    double scale;         /* γ: γM stands for the inverse of the curvature */
    double rho[MAX_HISTORY]; /* 1 / s·y */
};

_Static_assert(sizeof(struct search) <= HEAD_FLOATS * sizeof(float), "the head is too small");

static struct search *search_of(const struct optimizer *o)
{
    return (struct search *)(void *)o->state.values;
}

static float *base_of(const struct optimizer *o)
{
    return o->state.values + HEAD_FLOATS;
}

static float *gradient_of(const struct optimizer *o)
{
    return base_of(o) + o->n;
}

static float *direction_of(const struct optimizer *o)
{
    return gradient_of(o) + o->n;
}

/* Pair i's step s, and behind it y, the change of the gradient: [n] bfloat16 each. */
static uint16_t *steps_of(const struct optimizer *o, int i)
{
    uint16_t *pairs = (uint16_t *)(void *)(direction_of(o) + o->n);
    return pairs + (size_t)i * 2 * o->n;
}

static uint16_t *changes_of(const struct optimizer *o, int i)
{
    return steps_of(o, i) + o->n;
}

static size_t lbfgs_floats(size_t n, const struct optimizer_settings *settings)
{
    size_t floats = mem_times(n, 3 + (size_t)settings->history); /* a pair is 2n halves */
    return floats > SIZE_MAX - HEAD_FLOATS ? SIZE_MAX : floats + HEAD_FLOATS;
}

/* The pairs lie in a ring: unless they reach round its end, those from next on are free. */
static struct optimizer_layout lbfgs_layout(const struct optimizer *o)
{
    const struct search *s = search_of(o);
    int pairs = s->count > s->next ? o->settings.history : s->next;
    return (struct optimizer_layout){HEAD_FLOATS, 3, 2 * pairs};
}

static bool lbfgs_trying(const struct optimizer *o)
{
    return search_of(o)->trying;
}

/* ---- long vectors ------------------------------------------------------------------------- */

static size_t part_begin(size_t n, int part)
{
    return n / PARTS * (size_t)part + (n % PARTS) * (size_t)part / PARTS;
}

/* Of all processes' parts of the vector. */
static double sum_parts(const struct optimizer *o, const double parts[PARTS])
{
    double sum = 0.0;
    for (int p = 0; p < PARTS; p++)
        sum += parts[p];
    team_sum(o->settings.team, &sum, 1);
    return sum;
}

/* Products are summed in float over runs of this many, and the runs in double. */
enum { RUN = 512 };

VECTOR_CLONES static double dot_part(const float *a, const float *b, size_t n)
{
    double sum = 0.0;
    for (size_t at = 0; at < n; at += RUN) {
        size_t end = n - at < RUN ? n : at + RUN;
        float run = 0.0f;
#pragma omp simd reduction(+ : run)
        for (size_t i = at; i < end; i++)
            run += a[i] * b[i];
        sum += run;
    }
    return sum;
}

static double dot(const struct optimizer *o, const float *a, const float *b)
{
    double parts[PARTS];
    const size_t n = o->n;
#pragma omp parallel for schedule(static)
    for (int p = 0; p < PARTS; p++) {
        size_t begin = part_begin(n, p);
        parts[p] = dot_part(a + begin, b + begin, part_begin(n, p + 1) - begin);
    }
    return sum_parts(o, parts);
}

static double root_mean_square(const struct optimizer *o, const float *v)
{
    double n = (double)o->n;
    team_sum(o->settings.team, &n, 1);
    return sqrt(dot(o, v, v) / n);
}

VECTOR_CLONES static void add_part(float *restrict v, float factor, const uint16_t *restrict add,
                                   size_t n)
{
#pragma omp simd
    for (size_t i = 0; i < n; i++)
        v[i] += factor * bf16_widen(add[i]);
}

VECTOR_CLONES static double dot_half_part(const float *v, const uint16_t *with, size_t n)
{
    float sum = 0.0f;
#pragma omp simd reduction(+ : sum)
    for (size_t i = 0; i < n; i++)
        sum += v[i] * bf16_widen(with[i]);
    return sum;
}

VECTOR_CLONES static double add_and_dot_part(float *restrict v, float factor,
                                             const uint16_t *restrict add,
                                             const uint16_t *restrict with, size_t n)
{
    float sum = 0.0f;
#pragma omp simd reduction(+ : sum)
    for (size_t i = 0; i < n; i++) {
        v[i] += factor * bf16_widen(add[i]);
        sum += v[i] * bf16_widen(with[i]);
    }
    return sum;
}

/* v += by·add, and then v·with. Either may be NULL. */
static double add_and_dot(const struct optimizer *o, float *v, double by, const uint16_t *add,
                          const uint16_t *with)
{
    const float factor = (float)by;
    const size_t n = o->n;
    double parts[PARTS] = {0};
#pragma omp parallel for schedule(static)
    for (int p = 0; p < PARTS; p++) {
        size_t end = part_begin(n, p + 1);
        for (size_t at = part_begin(n, p); at < end; at += RUN) {
            size_t count = end - at < RUN ? end - at : RUN;
            if (add && with)
                parts[p] += add_and_dot_part(v + at, factor, add + at, with + at, count);
            else if (add)
                add_part(v + at, factor, add + at, count);
            else if (with)
                parts[p] += dot_half_part(v + at, with + at, count);
        }
    }
    return with ? sum_parts(o, parts) : 0.0;
}

/* x = base + a·d */
static void place_trial(const struct optimizer *o, float *x)
{
    const float *base = base_of(o), *d = direction_of(o);
    const float a = (float)search_of(o)->a;
    search_of(o)->proven = false;
#pragma omp parallel for simd schedule(static)
    for (size_t i = 0; i < o->n; i++)
        x[i] = base[i] + a * d[i];
}

static void copy(float *to, const float *from, size_t n)
{
    memcpy(to, from, n * sizeof *to);
}

/* ---- curvature ---------------------------------------------------------------------------- */

static void precondition(const struct optimizer *o, float *v)
{
    if (o->settings.precondition)
        o->settings.precondition(o->settings.context, v);
}

static int pair_before(const struct optimizer *o, int i)
{
    return (i + o->settings.history - 1) % o->settings.history;
}

/* to = a − b, rounded; also as floats unless wide is NULL. */
VECTOR_CLONES static void difference_part(uint16_t *restrict to, float *restrict wide,
                                          const float *a, const float *b, size_t n)
{
#pragma omp simd
    for (size_t i = 0; i < n; i++)
        to[i] = bf16_narrow(a[i] - b[i]);
    if (wide) {
#pragma omp simd
        for (size_t i = 0; i < n; i++)
            wide[i] = bf16_widen(to[i]);
    }
}

/* From the base to x, where the gradient is g: one more pair, unless it shows no curvature.
 * Uses d for the scale. */
static void learn(struct optimizer *o, const float *x, const float *g)
{
    struct search *s = search_of(o);
    const float *base = base_of(o), *before = gradient_of(o);
    float *d = direction_of(o);
    uint16_t *step = steps_of(o, s->next), *change = changes_of(o, s->next);
    const size_t n = o->n;
#pragma omp parallel for schedule(static)
    for (int p = 0; p < PARTS; p++) {
        size_t at = part_begin(n, p), count = part_begin(n, p + 1) - at;
        difference_part(step + at, NULL, x + at, base + at, count);
        difference_part(change + at, d + at, g + at, before + at, count);
    }
    double curvature = add_and_dot(o, d, 0.0, NULL, step), yy = dot(o, d, d);
    if (!(curvature > 1e-12 * yy)) {
        s->count -= s->count == o->settings.history; /* the oldest one was written over */
        return;
    }
    precondition(o, d);
    s->scale = curvature / add_and_dot(o, d, 0.0, NULL, change);
    s->rho[s->next] = 1.0 / curvature;
    s->next = (s->next + 1) % o->settings.history;
    s->count += s->count < o->settings.history;
}

/* d = −H g₀: the two loops of Nocedal, Wright, "Numerical Optimization", algorithm 7.4, each sum
 * taken in the pass that the addition before it makes anyway. */
static void find_direction(struct optimizer *o)
{
    struct search *s = search_of(o);
    float *d = direction_of(o);
    double alpha[MAX_HISTORY] = {0};
    const size_t n = o->n;
    int newest = pair_before(o, s->next), oldest = (s->next - s->count + o->settings.history) %
                                                   o->settings.history;
    copy(d, gradient_of(o), n);
    double sum = s->count > 0 ? add_and_dot(o, d, 0.0, NULL, steps_of(o, newest)) : 0.0;
    for (int k = 0, i = newest; k < s->count; k++, i = pair_before(o, i)) {
        alpha[i] = s->rho[i] * sum;
        const uint16_t *older = i == oldest ? NULL : steps_of(o, pair_before(o, i));
        sum = add_and_dot(o, d, -alpha[i], changes_of(o, i), older);
    }
    precondition(o, d);
    const float scale = s->count > 0 ? (float)s->scale : 1.0f;
#pragma omp parallel for simd schedule(static)
    for (size_t i = 0; i < n; i++)
        d[i] *= -scale;
    sum = s->count > 0 ? add_and_dot(o, d, 0.0, NULL, changes_of(o, oldest)) : 0.0;
    for (int k = 0, i = oldest; k < s->count; k++, i = (i + 1) % o->settings.history) {
        const uint16_t *newer = i == newest ? NULL : changes_of(o, (i + 1) % o->settings.history);
        sum = add_and_dot(o, d, -alpha[i] - s->rho[i] * sum, steps_of(o, i), newer);
    }
}

/* ---- the search --------------------------------------------------------------------------- */

/* A first step from the base. At a point without a slope x stays. */
static void start_search(struct optimizer *o, float *x, double rate)
{
    struct search *s = search_of(o);
    float *d = direction_of(o);
    find_direction(o);
    s->slope = dot(o, gradient_of(o), d);
    if (!(s->slope < 0.0) && s->count > 0) { /* the pairs contradict each other */
        s->count = 0;
        find_direction(o);
        s->slope = dot(o, gradient_of(o), d);
    }
    s->trying = s->slope < 0.0;
    s->a = s->count > 0 ? 1.0 : rate * o->settings.first / root_mean_square(o, d);
    s->low = 0.0;
    s->low_value = s->value;
    s->low_slope = s->slope;
    s->high = INFINITY;
    s->tries = 0;
    if (s->trying)
        place_trial(o, x);
    else
        copy(x, base_of(o), o->n);
}

/* Between low and high: where a parabola through what is known has its least value. */
static void shorten(struct search *s, double value)
{
    double width = s->a - s->low;
    double bottom = -s->low_slope * width * width /
                    (2.0 * (value - s->low_value - s->low_slope * width));
    s->high = s->a;
    if (!isfinite(bottom) || bottom < 0.1 * width)
        bottom = 0.1 * width;
    s->a = s->low + fmin(bottom, 0.5 * width);
}

static void continue_search(struct optimizer *o, float *x, double value, const float *g,
                            double rate)
{
    struct search *s = search_of(o);
    double slope = isfinite(value) ? dot(o, g, direction_of(o)) : 0.0;
    s->tries++;
    if (!(value <= s->value + armijo * s->a * s->slope)) {
        if (s->tries < MAX_TRIES) {
            shorten(s, value);
            place_trial(o, x);
        } else { /* what was learnt misleads */
            s->count = 0;
            start_search(o, x, rate);
        }
    } else if (slope < wolfe * s->slope && isinf(s->high) && s->tries <= MAX_STRETCHES) {
        s->low = s->a;
        s->low_value = value;
        s->low_slope = slope;
        s->a *= stretch;
        place_trial(o, x);
    } else {
        learn(o, x, g);
        copy(base_of(o), x, o->n);
        copy(gradient_of(o), g, o->n);
        s->value = value;
        start_search(o, x, rate);
    }
}

static void lbfgs_step(struct optimizer *o, float *x, double value, const float *g, double rate)
{
    struct search *s = search_of(o);
    if (s->trying) {
        continue_search(o, x, value, g, rate);
        return;
    }
    copy(base_of(o), x, o->n);
    copy(gradient_of(o), g, o->n);
    s->value = value;
    start_search(o, x, rate);
}

static const float *lbfgs_best(const struct optimizer *o, const float *x)
{
    return search_of(o)->proven ? x : base_of(o);
}

static void lbfgs_take_back(struct optimizer *o, float *x)
{
    copy(x, base_of(o), o->n);
    search_of(o)->trying = false;
}

static bool lbfgs_end_trial(struct optimizer *o, float *x, double *value)
{
    search_of(o)->proven = *value < search_of(o)->value;
    if (search_of(o)->proven)
        return false;
    lbfgs_take_back(o, x);
    *value = search_of(o)->value;
    return true;
}

const struct optimizer_ops optimizer_lbfgs = {
    .coarse_share = 0.4,
    .preconditions = true,
    .floats = lbfgs_floats,
    .step = lbfgs_step,
    .layout = lbfgs_layout,
    .trying = lbfgs_trying,
    .end_trial = lbfgs_end_trial,
    .take_back = lbfgs_take_back,
    .best = lbfgs_best,
};
