/*
 * vgg.h: a network run at one picture size: picture → features of every ReLU layer, and gradients
 * at features → gradient at the picture. Owns the layer order and the feature memory; knows nothing
 * of styles or losses. Same thread rule as nn.h.
 */
#ifndef STRATA_VGG_H
#define STRATA_VGG_H

#include "engine/base/diag.h"
#include "engine/net/network.h"
#include "engine/net/picture.h"
#include "engine/nn/nn.h"

struct vgg;

/* Recompute level: time spent to save memory. Each level includes those before it. The results are
 * equal to the bit, except for VGG_RECOMPUTE_SCRATCH, whose results are equal to float precision.
 */
enum vgg_recompute {
    VGG_RECOMPUTE_NONE,
    VGG_RECOMPUTE_FEATURES, /* relu1_1, half of all kept features, is recomputed when needed */
    VGG_RECOMPUTE_KERNELS,  /* kernels are packed before each use */
    VGG_RECOMPUTE_SCRATCH,  /* convolutions that need more memory than the largest layer has in
                             * features run direct, without Winograd's scratch memory */
    VGG_RECOMPUTE_COUNT
};

struct vgg_shape {
    int width, height;
    enum layer last; /* the last layer that is computed */
    enum nn_pooling pooling;
    enum nn_direction direction; /* NN_FORWARD: keeps no features */
    unsigned taps; /* bit 1 << l: losses read layer l's features, which the backward pass therefore
                    * shows to visits as well */
    enum vgg_recompute recompute;
};

/* If nn's precision is ANY, replaces it, for all operations opened from now on: BF16 if the
 * network's convolutions at 512 × 512 are faster in it (nn_conv_seconds), else FP32. The decision
 * does not depend on a picture's size, so that all sizes are painted in one precision. */
enum status vgg_choose_precision(struct nn *nn, const struct network *network, struct diag *diag);

/* Told the layout of a layer's features before there are any; a caller may sum up from it what it
 * will need itself. */
typedef enum status vgg_inspect(void *context, enum layer layer, const struct nn_layout *layout,
                                struct diag *diag);

/* Bytes that vgg_open would allocate at each recompute level, whatever shape->recompute is;
 * allocates none of them. Calls inspect once for each layer. */
enum status vgg_predict(size_t bytes[VGG_RECOMPUTE_COUNT], struct nn *nn,
                        const struct network *network, const struct vgg_shape *shape,
                        vgg_inspect *inspect, void *context, struct diag *diag);

/* network and nn must outlive it. STATUS_MEMORY if the features do not fit; STATUS_INPUT if the
 * network does not reach shape->last. */
enum status vgg_open(struct vgg **out, struct nn *nn, const struct network *network,
                     const struct vgg_shape *shape, struct diag *diag);
void vgg_close(struct vgg **vgg);

/* Both passes, vgg_open and vgg_predict end between two layers where nn_check_stop fails. */

/* From now on passes end and begin at that layer, shape->last or one before it. */
void vgg_limit(struct vgg *vgg, enum layer last);

/* Called for each layer, in the order of the pass. Forward, data are the layer's features, valid
 * during the visit. Backward, data are the gradient at them; a visit may add to it, at taps only.
 * Memory order: vgg_layout(). A status other than STATUS_OK ends the pass and is its result. */
typedef enum status vgg_visit(void *context, enum layer layer, void *data, struct diag *diag);

/* picture: asked for all rows at once. */
enum status vgg_forward(struct vgg *vgg, const struct picture_rows *picture, vgg_visit *visit,
                        void *context, struct diag *diag);

/* From the layer that vgg_forward ended at to drgb [3][height*width], the gradient at the picture,
 * which is overwritten. Requires NN_BOTH and a vgg_forward before. */
enum status vgg_backward(struct vgg *vgg, float *drgb, vgg_visit *visit, void *context,
                         struct diag *diag);

/* Lent, as long as the vgg lives. */
const struct nn_layout *vgg_layout(const struct vgg *vgg, enum layer layer);

/* A tap's features, in either pass, valid during a visit of that layer. Requires NN_BOTH. Lent. */
const void *vgg_features(const struct vgg *vgg, enum layer layer);

/* A layer's convolution, for `bench` to name and time. Lent. */
struct nn_op *vgg_convolution(const struct vgg *vgg, enum layer layer);

#endif
