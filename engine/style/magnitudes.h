/*
 * magnitudes.h: how large a network's losses are beside VGG-19's, for which the usual weights are
 * meant, and what would make them so. Pictures of its own making; knows no files.
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

/* Compares drawn pictures with grey ones: the mean squared Gram entry of each style layer and the
 * mean squared difference of features at relu4_2, geometric means over the pictures. Takes some
 * seconds for VGG-19 itself. Other pictures give other figures, by a factor of up to 2 or 3. A loss
 * that is not finite is infinite. */
enum status magnitudes_measure(struct magnitudes *out, const struct network *network,
                               struct diag *diag);

/* Does the total variation still count for what it should, and not for everything or nothing?
 * Style and content loss within a factor of 30 of VGG-19's: one whose features are of another unit,
 * 0 to 1, is off by 1e-4 and worse, and paints a gradient. */
bool magnitudes_usual(const struct magnitudes *magnitudes);

/* "relu1_1 16, relu2_1 28, …, content 0.12 times VGG-19's" */
void magnitudes_print(char *out, size_t size, const struct magnitudes *magnitudes);

/* What to multiply each layer's features by so that all losses are VGG-19's: a loss of Gram
 * matrices grows with the fourth power, the content's with the second. Layers between keep the
 * factor of the one before. False if a layer says nothing, or something infinite: no factor helps.
 */
bool magnitudes_amplitudes(double out[LAYER_COUNT], const struct magnitudes *magnitudes);

#endif
