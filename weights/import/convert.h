/*
 * convert.h: tensors as a file had them → the network that strata paints with: conv1_1 to conv5_1
 * or conv5_2, kernels out, in, height, width, and how the picture has to be prepared. Says what it
 * took for what. Knows no file format.
 */
#ifndef STRATA_CONVERT_H
#define STRATA_CONVERT_H

#include "engine/net/network.h"
#include "weights/formats/tensors.h"

/* What the user knows better than the file. */
struct convert_options {
    enum convert_order { CONVERT_AS_FOUND, CONVERT_RGB, CONVERT_BGR } order;
    bool has_mean;  /* then the network takes 0–255 minus mean, unscaled */
    double mean[3]; /* R, G, B */
    bool transpose; /* swap height and width of the kernels */
    bool caffe;     /* torchvision's names, but Caffe's weights */
};

struct converted {
    int layer_count; /* LAYER_RELU5_1 + 1 or LAYER_COUNT */
    struct network_conv conv[LAYER_COUNT];
    float *block; /* what conv points to; owned */
    bool bgr;
    double mean[3], scale[3]; /* R, G, B; the network takes (picture − mean) · scale */
    char input[120];          /* why: "torchvision's names: RGB 0-1, normalised" */
};

/* STATUS_INPUT: a layer is missing, misshapen or not finite, or the file is no VGG-19's. */
enum status convert_tensors(struct converted *out, const struct tensors *tensors,
                            const struct convert_options *options, struct diag *diag);

/* Multiplies each layer's features by a factor > 0, which a chain of ReLUs allows: what one layer
 * takes off or adds is put right in the next. */
void convert_amplify(struct converted *network, const double factor[LAYER_COUNT]);

void convert_clear(struct converted *converted);

#endif
