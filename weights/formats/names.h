/*
 * names.h: which of VGG-19's convolutions a tensor belongs to, by the names that frameworks and
 * converters give: features.N.weight (torchvision), conv1_1.weight, conv1_1_W, conv11.weight
 * (Caffe's, and what descends from them), block1_conv1/kernel:0 (Keras). Knows no file format.
 */
#ifndef STRATA_NAMES_H
#define STRATA_NAMES_H

#include <stdbool.h>

enum names_style { NAMES_CAFFE, NAMES_KERAS, NAMES_TORCHVISION };
enum { NAMES_BLOCKS = 5, NAMES_DEPTH = 4 }; /* blocks of VGG-19; convolutions in the deepest */
enum names_part { NAMES_KERNEL, NAMES_BIAS, NAMES_PARTS };

struct names_place {
    enum names_style style;
    enum names_part part;
    int block, index; /* conv<block>_<index>; 0, 0: the 1x1 convolution conv0 before it */
};

/* False for what is none of a VGG-19's convolutions: fully connected layers, helpers. */
bool names_parse(struct names_place *out, const char *name);

/* features.N.… of a network that has other layers than VGG-19: VGG-16, batch normalisation. */
bool names_foreign(const char *name);

#endif
