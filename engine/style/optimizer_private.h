/*
 * optimizer_private.h: what an optimiser offers to optimizer.c. A new one is a file optimizer_x.c
 * with its struct optimizer_ops, and a line in OPTIMIZER_LIST of job.h. Private to them.
 */
#ifndef STRATA_OPTIMIZER_PRIVATE_H
#define STRATA_OPTIMIZER_PRIVATE_H

#include "engine/style/optimizer.h"

struct optimizer {
    const struct optimizer_ops *ops;
    size_t n;
    struct optimizer_settings settings;
    struct optimizer_state state; /* values: floats(n), zeroed at first */
    double rate; /* of the step that goes on in parts */
};

struct optimizer_ops {
    double coarse_share;
    bool preconditions;
    /* How many floats its state takes; SIZE_MAX: too many to be counted. */
    size_t (*floats)(size_t n, const struct optimizer_settings *settings);
    /* As optimizer_step; state.t counts this step already. */
    void (*step)(struct optimizer *optimizer, float *x, double value, const float *g, double rate);
    /* The same for some values; NULL: not in parts. */
    void (*part)(struct optimizer *optimizer, float *x, const float *g, size_t first, size_t n);
    /* Of what is in use. NULL: all of it, vectors of floats. */
    struct optimizer_layout (*layout)(const struct optimizer *optimizer);

    /* Of an optimiser that tries points; else NULL. The last three only while it is trying one. */
    bool (*trying)(const struct optimizer *optimizer);
    bool (*end_trial)(struct optimizer *optimizer, float *x, double *value);
    void (*take_back)(struct optimizer *optimizer, float *x);
    const float *(*best)(const struct optimizer *optimizer, const float *x);
};

#define X(NAME, name) extern const struct optimizer_ops optimizer_##name;
OPTIMIZER_LIST(X)
#undef X

#endif
