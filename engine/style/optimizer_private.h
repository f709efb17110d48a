/* optimizer_private.h: what optimizer.c and optimizer_lbfgs.c share. Private to them. */
#ifndef STRATA_OPTIMIZER_PRIVATE_H
#define STRATA_OPTIMIZER_PRIVATE_H

#include "engine/style/optimizer.h"

enum optimizer_kind { OPTIMIZER_IS_ADAM, OPTIMIZER_IS_LBFGS };

struct optimizer {
    enum optimizer_kind kind;
    size_t n;
    struct optimizer_adam adam;
    struct optimizer_lbfgs lbfgs;
    struct optimizer_state state;
};

/* How many floats L-BFGS needs for its state. SIZE_MAX: too many. */
size_t optimizer_lbfgs_floats(size_t n, int history);

size_t optimizer_lbfgs_used(const struct optimizer *optimizer);

void optimizer_lbfgs_step(struct optimizer *optimizer, float *x, double value, const float *g);
bool optimizer_lbfgs_end_trial(struct optimizer *optimizer, float *x, double *value);
void optimizer_lbfgs_take_back(struct optimizer *optimizer, float *x);

const float *optimizer_lbfgs_best(const struct optimizer *optimizer, const float *x);
bool optimizer_lbfgs_trying(const struct optimizer *optimizer);

#endif
