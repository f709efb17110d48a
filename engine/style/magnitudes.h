/*
 * magnitudes.h: how large a network's losses are beside VGG-19's, for which the usual weights are
 * meant. Pictures of its own making; knows no files.
 */
#ifndef STRATA_MAGNITUDES_H
#define STRATA_MAGNITUDES_H

#include <stdbool.h>

#include "engine/net/network.h"

/* Times VGG-19's. */
struct magnitudes {
    double style, content;            /* style: the sum over its five layers */
    double layer[STYLE_LAYER_COUNT];
};

/* Compares a drawn picture with a grey one: the mean squared Gram entry of each style layer and the
 * mean squared difference of features at relu4_2. Takes about a second for VGG-19 itself. A loss
 * that is not finite is infinite. */
enum status magnitudes_measure(struct magnitudes *out, const struct network *network,
                               struct diag *diag);

/* Does the total variation still count for what it should, and not for everything or nothing?
 * Style and content loss within a factor of 30 of VGG-19's. Slim networks that paint well are off
 * by up to 10 (a loss is a mean over all pairs of channels, so fewer of them have larger ones); one
 * whose features are of another unit, 0 to 1, is off by 1e-4 and worse, and paints a gradient. */
bool magnitudes_usual(const struct magnitudes *magnitudes);

#endif
