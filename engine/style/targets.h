/*
 * targets.h: the style pictures of a job and what the network sees in them: reads each picture
 * once, at the sizes that will be asked for, and computes the Gram matrices that the channels pull
 * towards.
 * Same thread rule as nn.h for targets_compute.
 */
#ifndef STRATA_TARGETS_H
#define STRATA_TARGETS_H

#include <stdbool.h>

#include "engine/image/image_rows.h"
#include "engine/job/job.h"
#include "engine/net/network.h"
#include "engine/nn/nn.h"
#include "engine/style/gram_cache.h"
#include "engine/style/objective.h"

struct targets;

/* Looks at the heads of the pictures that the channels which are on need. With before, not NULL,
 * what that has read and computed is shared, also for channels that are off now; before stays
 * valid, but both must be for one size until one of them is closed. */
enum status targets_open(struct targets **out, const struct job *job, struct targets *before,
                         struct diag *diag);
void targets_close(struct targets **targets);

/* Gram matrices are taken from grams, where somebody has computed them, and left there for others;
 * lent, as long as targets and those opened with them as `before`. */
void targets_share(struct targets *targets, struct gram_cache *grams);

/* Would targets opened with job be the same as these? */
bool targets_same(const struct targets *targets, const struct job *job);

enum { TARGETS_MOST_SIZES = 8 };

/* The content's widths that targets_compute will be asked for: no picture is read before, and then
 * for all of them at once. */
void targets_plan(struct targets *targets, const int width[], int count);

/* Where the content comes from, at any size: opens its rows (image_rows_close). */
struct content_source {
    enum status (*open)(void *context, struct image_rows **out, int width, int height,
                        struct diag *diag);
    void *context;
};

/* The Gram matrices for a content of this shape: a picture is resized to style.scale · width; what
 * stands for one (white, the network's mean, the content itself) is as large as the content, which
 * may come at any size. Pictures are read one at a time. One pass over each picture that was not
 * looked at for this size, no deeper than the channels need that use it; in bands the team, if
 * there is one, shares it: then all of it computes, and one that fails ends all. */
enum status targets_compute(struct targets *targets, struct nn *nn, const struct network *network,
                            const struct objective_shape *shape,
                            const struct content_source *content, struct diag *diag);

/* Bytes that this would take by each plan while it works; kept: those taken afterwards. */
enum status targets_predict(size_t bytes[OBJECTIVE_PLANS], size_t kept[OBJECTIVE_PLANS],
                            const struct targets *targets, struct nn *nn,
                            const struct network *network, const struct objective_shape *shape,
                            struct diag *diag);

/* The picture that takes most to read of those that are still to be read for a content of this
 * width; bytes 0: there is none. */
struct targets_reading {
    const char *path; /* lent */
    int width, height;
    size_t bytes;
};
struct targets_reading targets_reading(const struct targets *targets, int width);

/* [STYLE_LAYER_COUNT], valid after targets_compute and until the next one; lent. */
const struct target *targets_list(const struct targets *targets);

#endif
