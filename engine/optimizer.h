/*
 * optimizer.h: steps downhill over one flat vector. Does not know that the vector is a picture.
 */
#ifndef STRATA_OPTIMIZER_H
#define STRATA_OPTIMIZER_H

#include <stddef.h>

#include "diag.h"

struct optimizer;

/* Adam: Kingma, Ba 2014, in the form of section 2, last paragraph, as TensorFlow 1 has it. */
struct optimizer_adam {
    double beta1, beta2, eps;
};

/* Zeroed for n values. */
enum status optimizer_open(struct optimizer **out, size_t n, const struct optimizer_adam *adam,
                           struct diag *diag);
void optimizer_close(struct optimizer **optimizer);

/* x -= rate·√(1−β2ᵗ)/(1−β1ᵗ) · m/(√v+ε), with m and v updated by the gradient g first. */
void optimizer_step(struct optimizer *optimizer, float *x, const float *g, double rate);

/* Other constants from the next step on; the state stays. */
void optimizer_set(struct optimizer *optimizer, const struct optimizer_adam *adam);

/* All that the next steps depend on besides. */
struct optimizer_state {
    long t;        /* steps taken */
    size_t count;
    float *values; /* [count] */
};

/* Lent: to be copied, or written over with a copy of the same count. */
struct optimizer_state *optimizer_state(struct optimizer *optimizer);

/* As if new. */
void optimizer_reset(struct optimizer *optimizer);

#endif
