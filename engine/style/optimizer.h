/*
 * optimizer.h: steps downhill over one flat vector. Does not know that the vector is a picture.
 */
#ifndef STRATA_OPTIMIZER_H
#define STRATA_OPTIMIZER_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/base/diag.h"
#include "engine/base/team.h"
#include "engine/job/job.h" /* enum job_optimizer */

struct optimizer;

/* Which one: enum job_optimizer. What one of them does not use it ignores. */
struct optimizer_settings {
    /* Adam: Kingma, Ba 2014, arXiv:1412.6980, in the form at the end of section 2, as TensorFlow 1
     * has it. */
    double beta1, beta2, eps;
    bool half; /* Adam: m and v as 16-bit floats, v rounded at random, as it changes by less than
                * their digits */
    /* L-BFGS: Nocedal 1980, "Updating quasi-Newton matrices with limited storage"; one evaluation
     * of value and gradient a step, searching along a direction for a point that is enough of an
     * improvement (Armijo) and not too near (Wolfe). */
    int history;  /* pairs of steps and changes of the gradient kept, as 16-bit floats */
    double first; /* length of the first step, root mean square over the values */
    /* v = M v, symmetric and positive definite: what is known of the curvature beforehand. NULL:
     * nothing. */
    void (*precondition)(void *context, float *v);
    void *context;
    /* Several processes have a part of the vector each and decide alike; NULL: one has all. */
    const struct team *team;
};

/* For n values, as if no step had been taken. settings are copied; context and team are lent. */
enum status optimizer_open(struct optimizer **out, enum job_optimizer kind, size_t n,
                           const struct optimizer_settings *settings, struct diag *diag);
void optimizer_close(struct optimizer **optimizer);

/* Bytes that it would take. */
size_t optimizer_bytes(enum job_optimizer kind, size_t n,
                       const struct optimizer_settings *settings);

/* Does it make use of settings.precondition? */
bool optimizer_preconditions(enum job_optimizer kind);

/* The part of the iterations that the coarse sizes of a run should share. */
double optimizer_coarse_share(enum job_optimizer kind);

/* From x, where value and gradient g were found, to where to look next. Allocates nothing.
 * Adam: x -= rate·√(1−β2ᵗ)/(1−β1ᵗ) · m/(√v+ε), with m and v updated by g first; value is not used.
 * L-BFGS: x becomes a point to try; a value that is too high, or infinite, takes it back part of
 * the way. A first step, of which nothing is known, is `rate` times as long as the settings say. */
void optimizer_step(struct optimizer *optimizer, float *x, double value, const float *g,
                    double rate);

/* The same in parts, for one that does without value: begin, then each value once, in parts of n
 * from the first-th on, where x and g point to. */
bool optimizer_has_parts(enum job_optimizer kind);
void optimizer_begin(struct optimizer *optimizer, double rate);
void optimizer_part(struct optimizer *optimizer, float *x, const float *g, size_t first, size_t n);

/* Is x a trial point, which the next step may take back? Never so for Adam. */
bool optimizer_trying(const struct optimizer *optimizer);

/* If x, where value was found, is a trial and no better than the point it was tried from, goes
 * back there: true, and *value is that point's. */
bool optimizer_end_trial(struct optimizer *optimizer, float *x, double *value);

/* The best point known: x, or the one it is tried from while x is not known to be better. Lent. */
const float *optimizer_best(const struct optimizer *optimizer, const float *x);

/* The function is another one from here on: a trial is taken back, values found before no longer
 * count; the curvature that was learnt does. */
void optimizer_forget(struct optimizer *optimizer, float *x);

/* Other β₁, β₂ and ε from the next step on; the state stays. */
void optimizer_set(struct optimizer *optimizer, double beta1, double beta2, double eps);

/* All that the next steps depend on besides. */
struct optimizer_state {
    long t;        /* steps taken */
    size_t count;
    float *values; /* [count]; not all of it need be floats */
};

/* Lent: to be copied, or written over with a copy of the same count. */
struct optimizer_state *optimizer_state(struct optimizer *optimizer);

/* How many of the values, from the first on, the next steps depend on. */
size_t optimizer_used(const struct optimizer *optimizer);

/* How those lie: `head`, the same for every part of a vector, then vectors of n floats, then
 * vectors of n 16-bit halves. */
struct optimizer_layout {
    size_t head;
    int floats, halves;
};
struct optimizer_layout optimizer_layout(const struct optimizer *optimizer);

/* As if new. */
void optimizer_reset(struct optimizer *optimizer);

#endif
