/*
 * vgg.c: see vgg.h.
 *
 * One block holds all buffers, planned by the steps during which each is needed (memplan.h). The
 * backward pass needs the features of taps. Of other layers it needs only where the ReLU's output
 * was above 0, one bit for each value. Where max pooling follows, it knows.
 */
#include "engine/net/vgg.h"

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "engine/nn/memplan.h"
#include "engine/base/mem.h"
#include "engine/host/tune_cache.h"

/* What the block may hold for each layer. */
enum buffer {
    SOURCE, /* the convolution's input where it is not features: pooled ones, or picture − mean */
    FEATURES,
    RECOMPUTED, /* the features, computed a second time in the backward pass */
    SIGNS,      /* of the features: one bit each */
    GRADIENT,   /* at the features */
    DSOURCE,    /* gradient at the pooled features */
    /* scratch memory, each three in the order of enum nn_scratch */
    CONV_FORWARD,
    CONV_BACKWARD,
    CONV_BETWEEN,
    POOL_FORWARD,
    POOL_BACKWARD,
    POOL_BETWEEN,
    BUFFER_COUNT
};

struct vgg {
    const struct nn *nn;
    const struct network *network;
    struct vgg_shape shape;
    enum layer last; /* at which passes end */
    struct nn_layout *picture;
    struct nn_op *conv[LAYER_COUNT], *pool[LAYER_COUNT]; /* pool: before that layer, or NULL */
    struct memplan_item item[LAYER_COUNT][BUFFER_COUNT];
    char *block;
    const void *features[LAYER_COUNT]; /* of taps, where they are at present */
};

static const struct nn_layout *input_layout(const struct vgg *vgg, enum layer layer)
{
    if (vgg->pool[layer])
        return nn_op_output(vgg->pool[layer]);
    return layer == 0 ? vgg->picture : nn_op_output(vgg->conv[layer - 1]);
}

/* ---- the plan ----------------------------------------------------------------------------- */

/* Steps of a forward and a backward pass, by which lifetimes are counted. Two for each layer: its
 * pooling, then its convolution with the visit; in the backward pass the reverse. */
static int forward_step(enum layer layer)
{
    return 2 * (int)layer + 1;
}

static int backward_step(const struct vgg *vgg, enum layer layer)
{
    return 4 * (int)vgg->shape.last - 2 * (int)layer + 2;
}

static bool is_tap(const struct vgg *vgg, enum layer layer)
{
    return vgg->shape.taps >> layer & 1;
}

/* Does the layer's ReLU run backward with the max pooling behind it? */
static bool relu_pooled(const struct vgg *vgg, enum layer layer)
{
    return vgg->shape.pooling == NN_POOL_MAX && layer < vgg->shape.last && vgg->pool[layer + 1];
}

/* Is the layer computed a second time rather than kept? Only relu1_1, a tap as large as any layer.
 */
static bool recomputed(const struct vgg *vgg, enum layer layer)
{
    return layer == 0 && is_tap(vgg, layer) && vgg->shape.direction == NN_BOTH &&
           vgg->shape.recompute >= VGG_RECOMPUTE_FEATURES;
}

static enum nn_kernels kernels(const struct vgg *vgg)
{
    return vgg->shape.recompute >= VGG_RECOMPUTE_KERNELS ? NN_KERNELS_MADE : NN_KERNELS_KEPT;
}

static void plan_buffer(struct vgg *vgg, enum layer layer, enum buffer buffer, size_t size,
                        int first, int last)
{
    vgg->item[layer][buffer] = (struct memplan_item){size, first, last, 0};
}

static void plan_scratch(struct vgg *vgg, enum layer layer, enum buffer buffer, struct nn_op *op,
                         enum nn_scratch kind, int first, int last)
{
    plan_buffer(vgg, layer, buffer, nn_op_scratch(op, kernels(vgg), kind), first, last);
}

static void plan_forward(struct vgg *vgg, enum layer l)
{
    bool again = recomputed(vgg, l);
    size_t out = nn_layout_bytes(vgg_layout(vgg, l));
    int forward = forward_step(l), backward = backward_step(vgg, l);
    int next = l == vgg->shape.last ? forward : vgg->pool[l + 1] ? forward + 1 : forward + 2;
    bool keep = vgg->shape.direction == NN_BOTH && is_tap(vgg, l) && !again;
    if (l == 0 || vgg->pool[l])
        plan_buffer(vgg, l, SOURCE, nn_layout_bytes(input_layout(vgg, l)), forward - 1,
                    again ? backward : forward);
    plan_buffer(vgg, l, FEATURES, out, forward, keep ? backward : next);
    plan_scratch(vgg, l, CONV_FORWARD, vgg->conv[l], NN_SCRATCH_FORWARD, forward,
                 again ? backward : forward);
    if (vgg->pool[l])
        plan_scratch(vgg, l, POOL_FORWARD, vgg->pool[l], NN_SCRATCH_FORWARD, forward - 1,
                     forward - 1);
    if (again)
        plan_buffer(vgg, l, RECOMPUTED, out, backward, backward);
}

static void plan_backward(struct vgg *vgg, enum layer l)
{
    int forward = forward_step(l), backward = backward_step(vgg, l);
    int before = l == vgg->shape.last ? backward : vgg->pool[l + 1] ? backward - 1 : backward - 2;
    if (!is_tap(vgg, l) && !relu_pooled(vgg, l))
        plan_buffer(vgg, l, SIGNS, nn_signs_bytes(vgg_layout(vgg, l)), forward, backward);
    plan_buffer(vgg, l, GRADIENT, nn_layout_bytes(vgg_layout(vgg, l)), before, backward);
    plan_scratch(vgg, l, CONV_BACKWARD, vgg->conv[l], NN_SCRATCH_BACKWARD, backward, backward);
    plan_scratch(vgg, l, CONV_BETWEEN, vgg->conv[l], NN_SCRATCH_BETWEEN, forward, backward);
    if (!vgg->pool[l])
        return;
    plan_buffer(vgg, l, DSOURCE, nn_layout_bytes(input_layout(vgg, l)), backward, backward + 1);
    plan_scratch(vgg, l, POOL_BACKWARD, vgg->pool[l], NN_SCRATCH_BACKWARD, backward + 1,
                 backward + 1);
    plan_scratch(vgg, l, POOL_BETWEEN, vgg->pool[l], NN_SCRATCH_BETWEEN, forward - 1, backward + 1);
}

/* Plans all buffers for shape.recompute; returns the size of the block. */
static size_t plan_block(struct vgg *vgg)
{
    memset(vgg->item, 0, sizeof vgg->item);
    for (enum layer l = 0; l <= vgg->shape.last; l++) {
        plan_forward(vgg, l);
        if (vgg->shape.direction == NN_BOTH)
            plan_backward(vgg, l);
    }
    return memplan_pack(&vgg->item[0][0], LAYER_COUNT * BUFFER_COUNT);
}

static void *buffer_at(const struct vgg *vgg, enum layer layer, enum buffer buffer)
{
    const struct memplan_item *item = &vgg->item[layer][buffer];
    return item->size ? vgg->block + item->offset : NULL;
}

static enum status place_scratch(struct vgg *vgg, struct nn_op *op, enum layer layer,
                                 enum buffer first, struct diag *diag)
{
    void *scratch[NN_SCRATCH_COUNT];
    for (enum nn_scratch r = 0; r < NN_SCRATCH_COUNT; r++)
        scratch[r] = buffer_at(vgg, layer, first + r);
    return nn_op_place(op, kernels(vgg), scratch, diag);
}

/* ---- open and close ----------------------------------------------------------------------- */

/* Bytes of input and output of the layer with the most, in float32. */
static size_t largest_bytes(const struct vgg *vgg)
{
    size_t largest = 0, w = (size_t)vgg->shape.width, h = (size_t)vgg->shape.height;
    for (enum layer l = 0; l <= vgg->shape.last; l++) {
        const struct network_conv *conv = &vgg->network->conv[l];
        size_t scale = (size_t)1 << (layer_block(l) - 1);
        size_t bytes = (w + scale - 1) / scale * ((h + scale - 1) / scale) *
                       (size_t)(conv->in + conv->out) * sizeof(float);
        largest = bytes > largest ? bytes : largest;
    }
    return largest;
}

/* Bytes of a convolution's input, output and scratch memory. */
static size_t working_bytes(const struct vgg *vgg, enum layer layer)
{
    struct nn_op *op = vgg->conv[layer];
    size_t forward = nn_op_scratch(op, NN_KERNELS_KEPT, NN_SCRATCH_FORWARD);
    size_t backward = nn_op_scratch(op, NN_KERNELS_KEPT, NN_SCRATCH_BACKWARD);
    return nn_layout_bytes(input_layout(vgg, layer)) + nn_layout_bytes(nn_op_output(op)) +
           (forward > backward ? forward : backward);
}

static enum status open_layer(struct vgg *vgg, struct nn *nn, enum layer layer, struct diag *diag)
{
    const struct network_conv *conv = &vgg->network->conv[layer];
    const struct vgg_shape *shape = &vgg->shape;
    TRY(nn_check_stop(nn, diag));
    if (layer > 0 && layer_block(layer) != layer_block(layer - 1))
        TRY(nn_pool_open(&vgg->pool[layer], nn, nn_op_output(vgg->conv[layer - 1]), shape->pooling,
                         shape->direction, diag));
    TRY(nn_conv_open(&vgg->conv[layer], nn, input_layout(vgg, layer), conv->out, conv->kernel,
                     conv->bias, shape->direction, diag));
    if (shape->recompute < VGG_RECOMPUTE_SCRATCH || working_bytes(vgg, layer) <= largest_bytes(vgg))
        return STATUS_OK;
    nn_op_close(&vgg->conv[layer]);
    enum nn_algorithm before = nn_prefer(nn, NN_DIRECT);
    enum status status = nn_conv_open(&vgg->conv[layer], nn, input_layout(vgg, layer), conv->out,
                                      conv->kernel, conv->bias, shape->direction, diag);
    nn_prefer(nn, before);
    return status;
}

/* Opens all operations; their memory is not allocated yet. */
static enum status open_operations(struct vgg **out, struct nn *nn, const struct network *network,
                                   const struct vgg_shape *shape, struct diag *diag)
{
    if ((int)shape->last >= network->layer_count)
        return diag_set(diag, STATUS_INPUT, "network %s has no layer %s, which is asked for",
                        network->name, layer_name(shape->last));
    struct vgg *vgg = mem_new(sizeof *vgg);
    vgg->nn = nn;
    vgg->network = network;
    vgg->shape = *shape;
    vgg->last = shape->last;
    vgg->picture = nn_picture_open(nn, shape->height, shape->width);
    enum status status = STATUS_OK;
    for (enum layer l = 0; status == STATUS_OK && l <= shape->last; l++)
        status = open_layer(vgg, nn, l, diag);
    tune_cache_keep();
    if (status != STATUS_OK)
        vgg_close(&vgg);
    else
        *out = vgg;
    return status;
}

enum status vgg_choose_precision(struct nn *nn, const struct network *network, struct diag *diag)
{
    enum { SIDE = 512 };
    struct vgg_shape shape = {.width = SIDE,
                              .height = SIDE,
                              .pooling = NN_POOL_MAX,
                              .direction = NN_BOTH,
                              .last = LAYER_RELU5_1};
    struct vgg *vgg = NULL;
    double fp32 = 0.0, bf16 = 0.0;
    if (nn_precision(nn) != NN_ANY)
        return STATUS_OK;
    if ((int)shape.last >= network->layer_count)
        shape.last = (enum layer)(network->layer_count - 1);
    TRY(open_operations(&vgg, nn, network, &shape, diag));
    enum status status = STATUS_OK;
    for (enum layer l = 0; status == STATUS_OK && l <= shape.last; l++) {
        double full, half;
        status = nn_check_stop(nn, diag);
        if (status == STATUS_OK)
            status = nn_conv_seconds(&full, &half, vgg->conv[l], diag);
        if (status == STATUS_OK) {
            fp32 += full;
            bf16 += half;
        }
    }
    vgg_close(&vgg);
    tune_cache_keep();
    if (status == STATUS_OK)
        nn_set_precision(nn, bf16 < fp32 ? NN_BF16 : NN_FP32);
    return status;
}

static enum status place_all(struct vgg *vgg, struct diag *diag)
{
    TRY(mem_big(&vgg->block, plan_block(vgg), "the network's features", diag));
    for (enum layer l = 0; l <= vgg->last; l++) {
        TRY(nn_check_stop(vgg->nn, diag));
        TRY(place_scratch(vgg, vgg->conv[l], l, CONV_FORWARD, diag));
        if (vgg->pool[l])
            TRY(place_scratch(vgg, vgg->pool[l], l, POOL_FORWARD, diag));
    }
    return STATUS_OK;
}

enum status vgg_open(struct vgg **out, struct nn *nn, const struct network *network,
                     const struct vgg_shape *shape, struct diag *diag)
{
    struct vgg *vgg;
    TRY(open_operations(&vgg, nn, network, shape, diag));
    if (kernels(vgg) == NN_KERNELS_MADE)
        nn_drop_kernels(nn);
    enum status status = place_all(vgg, diag);
    if (status != STATUS_OK)
        vgg_close(&vgg);
    else
        *out = vgg;
    return status;
}

enum status vgg_predict(size_t bytes[VGG_RECOMPUTE_COUNT], struct nn *nn,
                        const struct network *network, const struct vgg_shape *shape,
                        vgg_inspect *inspect, void *context, struct diag *diag)
{
    struct vgg_shape other = *shape;
    struct vgg *vgg = NULL;
    enum status status = STATUS_OK;
    for (enum vgg_recompute t = 0; t < VGG_RECOMPUTE_COUNT; t++) {
        other.recompute = t;
        /* the levels between have the same operations as the one before them */
        if (t == VGG_RECOMPUTE_NONE || t == VGG_RECOMPUTE_SCRATCH) {
            vgg_close(&vgg);
            TRY(open_operations(&vgg, nn, network, &other, diag));
        }
        vgg->shape.recompute = t;
        bytes[t] = plan_block(vgg);
        for (enum layer l = 0; kernels(vgg) == NN_KERNELS_KEPT && l <= shape->last; l++)
            bytes[t] += nn_op_kernels(vgg->conv[l]);
    }
    for (enum layer l = 0; status == STATUS_OK && l <= shape->last; l++)
        status = inspect(context, l, vgg_layout(vgg, l), diag);
    vgg_close(&vgg);
    return status;
}

void vgg_close(struct vgg **vgg)
{
    struct vgg *s = *vgg;
    if (!s)
        return;
    for (enum layer l = 0; l < LAYER_COUNT; l++) {
        nn_op_close(&s->conv[l]);
        nn_op_close(&s->pool[l]);
    }
    nn_layout_close(&s->picture);
    mem_free(s->block);
    mem_free(s);
    *vgg = NULL;
}

/* ---- the two passes ----------------------------------------------------------------------- */

void vgg_limit(struct vgg *vgg, enum layer last)
{
    assert(last <= vgg->shape.last);
    vgg->last = last;
}

enum status vgg_forward(struct vgg *vgg, const struct picture_rows *picture, vgg_visit *visit,
                        void *context, struct diag *diag)
{
    const void *from = buffer_at(vgg, 0, SOURCE);
    const float *plane[3];
    TRY(picture->take(picture->context, plane, 0, vgg->shape.height, diag));
    nn_picture_take(vgg->picture, buffer_at(vgg, 0, SOURCE), plane, vgg->network->mean);
    for (enum layer l = 0; l <= vgg->shape.last; l++) {
        TRY(nn_check_stop(vgg->nn, diag));
        void *source = buffer_at(vgg, l, SOURCE), *features = buffer_at(vgg, l, FEATURES);
        void *signs = buffer_at(vgg, l, SIGNS);
        if (vgg->pool[l]) {
            TRY(nn_forward(vgg->pool[l], source, from, diag));
            from = source;
        }
        TRY(nn_forward(vgg->conv[l], features, from, diag));
        vgg->features[l] = features;
        if (signs)
            nn_signs_take(vgg_layout(vgg, l), signs, features);
        TRY(visit(context, l, features, diag));
        from = features;
    }
    return STATUS_OK;
}

/* From the gradient at the layer's features, which is complete, to the one at the features (or the
 * picture) before it. */
static enum status layer_backward(struct vgg *vgg, enum layer l, float *drgb, struct diag *diag)
{
    void *gradient = buffer_at(vgg, l, GRADIENT), *dsource = buffer_at(vgg, l, DSOURCE);
    void *below = l == 0 ? drgb : buffer_at(vgg, l - 1, GRADIENT);
    const void *signs = buffer_at(vgg, l, SIGNS);
    if (is_tap(vgg, l))
        nn_relu_backward(vgg_layout(vgg, l), gradient, vgg->features[l]);
    else if (signs)
        nn_signs_backward(vgg_layout(vgg, l), gradient, signs);
    TRY(nn_backward(vgg->conv[l], dsource ? dsource : below, gradient, diag));
    if (!vgg->pool[l])
        return STATUS_OK;
    return nn_backward(vgg->pool[l], below, dsource, diag);
}

enum status vgg_backward(struct vgg *vgg, float *drgb, vgg_visit *visit, void *context,
                         struct diag *diag)
{
    assert(vgg->shape.direction == NN_BOTH);
    enum layer last = vgg->last;
    memset(buffer_at(vgg, last, GRADIENT), 0, nn_layout_bytes(vgg_layout(vgg, last)));
    for (enum layer l = last + 1; l-- > 0;) {
        TRY(nn_check_stop(vgg->nn, diag));
        if (recomputed(vgg, l)) {
            void *again = buffer_at(vgg, l, RECOMPUTED);
            TRY(nn_forward(vgg->conv[l], again, buffer_at(vgg, l, SOURCE), diag));
            vgg->features[l] = again;
        }
        TRY(visit(context, l, buffer_at(vgg, l, GRADIENT), diag));
        TRY(layer_backward(vgg, l, drgb, diag));
    }
    return STATUS_OK;
}

const struct nn_layout *vgg_layout(const struct vgg *vgg, enum layer layer)
{
    return nn_op_output(vgg->conv[layer]);
}

const void *vgg_features(const struct vgg *vgg, enum layer layer)
{
    assert(vgg->shape.direction == NN_BOTH && is_tap(vgg, layer));
    return vgg->features[layer];
}

struct nn_op *vgg_convolution(const struct vgg *vgg, enum layer layer)
{
    return vgg->conv[layer];
}
