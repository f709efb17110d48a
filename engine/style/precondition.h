/*
 * precondition.h: the metric in which steps over a picture are measured. One step of a gradient
 * method moves fine detail quickly and large shapes hardly at all; seen through this, a picture is
 * a sum of itself at several sizes and all of them move alike (compare Bramble, Pasciak, Xu 1990,
 * "Parallel multilevel preconditioners"). Knows nothing of losses or of who steps.
 */
#ifndef STRATA_PRECONDITION_H
#define STRATA_PRECONDITION_H

#include <stddef.h>

#include "engine/base/diag.h"

struct precondition;

/* A part of a picture whose rows begin and end at multiples of STEP, or at the picture's edges,
 * gets what the whole would have there if so many rows beside it are there as well. */
enum { PRECONDITION_STEP = 16, PRECONDITION_REACH = 64 };

/* For pictures [planes][height][width]. */
enum status precondition_open(struct precondition **out, int planes, int height, int width,
                              struct diag *diag);
void precondition_close(struct precondition **precondition);

/* Bytes that it takes. */
size_t precondition_bytes(int planes, int height, int width);

/* v = M₀v with M_k = I + a·U_k M_k+1 U_kᵀ, U_k from half the size to level k's, bilinear; the
 * smallest M is I. Symmetric and positive definite. context is a struct precondition. */
void precondition_apply(void *context, float *v);

#endif
