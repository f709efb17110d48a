/*
 * targets.h: the style pictures of a job and what the network sees in them: reads and crops each
 * picture once, and computes the Gram matrices that the channels pull towards, for any size.
 * Same thread rule as nn.h for targets_compute.
 */
#ifndef STRATA_TARGETS_H
#define STRATA_TARGETS_H

#include <stdbool.h>

#include "job.h"
#include "network.h"
#include "nn.h"
#include "objective.h"

struct targets;

/* Reads the pictures that the channels which are on need, each file and crop once. With before, not
 * NULL, what that has read and computed is shared, also for channels that are off now; before stays
 * valid, but both must be for one size until one of them is closed. */
enum status targets_open(struct targets **out, const struct job *job, struct targets *before,
                         struct diag *diag);
void targets_close(struct targets **targets);

/* Would targets opened with job be the same as these? */
bool targets_serve(const struct targets *targets, const struct job *job);

/* The Gram matrices for a content of this shape: a picture is resized to style.scale · width, a
 * blank is white and as large as the content. One pass over each picture that was not looked at for
 * this size, no deeper than the channels need that use it. */
enum status targets_compute(struct targets *targets, struct nn *nn, const struct network *network,
                            const struct objective_shape *shape, struct diag *diag);

/* Bytes that this would take with each thrift while it works, and those that stay. */
enum status targets_predict(size_t bytes[VGG_THRIFT_COUNT], size_t *stay,
                            const struct targets *targets, struct nn *nn,
                            const struct network *network, const struct objective_shape *shape,
                            struct diag *diag);

/* [STYLE_LAYER_COUNT], valid after targets_compute and until the next one; lent. */
const struct target *targets_list(const struct targets *targets);

#endif
