/*
 * vgg.h: a network run at one picture size: picture → features of every ReLU layer, and gradients
 * at features → gradient at the picture. Owns the layer order and the feature memory; knows nothing
 * of styles or losses. Same thread rule as nn.h.
 */
#ifndef STRATA_VGG_H
#define STRATA_VGG_H

#include "engine/base/diag.h"
#include "engine/net/network.h"
#include "engine/nn/nn.h"

struct vgg;

/* Time given for memory. Each includes those before it. The results are the same to the bit but
 * for the last one's, which are so to float's precision. */
enum vgg_recompute {
    VGG_RECOMPUTE_NONE,
    VGG_RECOMPUTE_FEATURES, /* relu1_1, half of all that is kept, is computed again on the way back
                             */
    VGG_RECOMPUTE_KERNELS,  /* kernels are packed before each use */
    VGG_RECOMPUTE_SCRATCH, /* convolutions that would need more than the largest layer run direct */
    VGG_RECOMPUTE_COUNT
};

struct vgg_shape {
    int width, height;
    enum layer last; /* nothing beyond it is computed */
    enum nn_pooling pooling;
    enum nn_direction direction; /* NN_FORWARD: keeps no features */
    unsigned taps; /* bit 1 << l: layer l's features are kept, for visits on the way back */
    enum vgg_recompute recompute;
};

/* If nn's precision is ANY, decides which, for all that is opened with it from now on, by how fast
 * the network's convolutions are. Pictures of all sizes are painted in the same. */
enum status vgg_choose_precision(struct nn *nn, const struct network *network, struct diag *diag);

/* What somebody wants to know of a layer's features before there are any. */
typedef enum status vgg_inspect(void *context, enum layer layer, const struct nn_layout *layout,
                             struct diag *diag);

/* Bytes that vgg_open would take with each recompute, whatever shape->recompute is: asks for none
 * of them. Shows each layer to look. */
enum status vgg_predict(size_t bytes[VGG_RECOMPUTE_COUNT], struct nn *nn,
                        const struct network *network, const struct vgg_shape *shape,
                        vgg_inspect *look, void *context, struct diag *diag);

/* network and nn must outlive it. STATUS_MEMORY if the features do not fit; STATUS_INPUT if the
 * network does not reach shape->last. */
enum status vgg_open(struct vgg **out, struct nn *nn, const struct network *network,
                     const struct vgg_shape *shape, struct diag *diag);
void vgg_close(struct vgg **vgg);

/* The first recompute with which bytes are at most allowed; VGG_RECOMPUTE_COUNT if there is none.
 */
enum vgg_recompute vgg_choose(const size_t bytes[VGG_RECOMPUTE_COUNT], size_t allowed);

/* Both passes, vgg_open and vgg_predict end between two layers when nn_check_stop says so. */

/* Called for each layer in order: data are its features on the way forward, which last as long as
 * the visit; on the way back the gradient at them, which at a tap may be added to. In the order of
 * vgg_layout(). A status other than STATUS_OK ends the pass and is handed on. */
typedef enum status vgg_visit(void *context, enum layer layer, void *data, struct diag *diag);

/* rgb: [3][height*width], 0–255. */
enum status vgg_forward(struct vgg *vgg, const float *rgb, vgg_visit *visit, void *context,
                        struct diag *diag);

/* From shape->last back to drgb [3][height*width], which is overwritten. Only NN_BOTH, after a
 * vgg_forward. */
enum status vgg_backward(struct vgg *vgg, float *drgb, vgg_visit *visit, void *context,
                         struct diag *diag);

/* Lent, as long as the vgg lives. */
const struct nn_layout *vgg_layout(const struct vgg *vgg, enum layer layer);

/* Only NN_BOTH, and during visits of that layer, a tap, in either direction: its features; lent. */
const void *vgg_features(const struct vgg *vgg, enum layer layer);

/* A layer's convolution, for `bench` to name and time. Lent. */
struct nn_op *vgg_convolution(const struct vgg *vgg, enum layer layer);

#endif
