/*
 * vgg.c: see vgg.h.
 *
 * One block holds everything: the mean-free picture, the features of every layer (NN_BOTH) and two
 * buffers between which pooled features go forward and gradients go back. The ReLU's backward step
 * needs nothing but the features, and a convolution's not even those.
 */
#include "vgg.h"

#include <assert.h>
#include <string.h>

#include "mem.h"

enum { ALIGNMENT = 64 };

struct vgg {
    const struct nn *nn;
    const struct network *network;
    struct vgg_shape shape;
    struct nn_layout *planes;
    struct nn_op *conv[LAYER_COUNT], *pool[LAYER_COUNT]; /* pool: before that layer, or NULL */
    char *block;
    float *input;                /* [3][height*width], minus mean */
    void *features[LAYER_COUNT]; /* NN_BOTH */
    void *buffer[2];
};

static const struct nn_layout *input_layout(const struct vgg *vgg, enum layer layer)
{
    if (vgg->pool[layer])
        return nn_op_output(vgg->pool[layer]);
    return layer == 0 ? vgg->planes : nn_op_output(vgg->conv[layer - 1]);
}

static enum status open_layer(struct vgg *vgg, struct nn *nn, enum layer layer, struct diag *diag)
{
    const struct network_conv *conv = &vgg->network->conv[layer];
    const struct vgg_shape *shape = &vgg->shape;
    TRY(nn_check_stop(nn, diag));
    if (layer > 0 && layer_block(layer) != layer_block(layer - 1))
        TRY(nn_pool_open(&vgg->pool[layer], nn, nn_op_output(vgg->conv[layer - 1]), shape->pooling,
                         shape->direction, diag));
    return nn_conv_open(&vgg->conv[layer], nn, input_layout(vgg, layer), conv->out, conv->kernel,
                        conv->bias, shape->direction, diag);
}

/* How many times faster bfloat16 must make a network to be worth its fewer digits. */
static const double worth_it = 4.0 / 3.0;

/* The precision for the network's convolutions, as far as shape->last. */
static enum status find_precision(enum nn_precision *out, const struct vgg *vgg, struct nn *nn,
                                  struct diag *diag)
{
    double fp32 = 0.0, bf16 = 0.0;
    int height = vgg->shape.height, width = vgg->shape.width, in = 3;
    *out = nn_precision(nn);
    if (*out != NN_ANY)
        return STATUS_OK;
    for (enum layer l = 0; l <= vgg->shape.last; l++) {
        int channels = vgg->network->conv[l].out;
        double full, half;
        if (l > 0 && layer_block(l) != layer_block(l - 1)) {
            height = (height + 1) / 2;
            width = (width + 1) / 2;
        }
        TRY(nn_conv_seconds(&full, &half, nn, in, channels, height, width, diag));
        fp32 += full;
        bf16 += half;
        in = channels;
    }
    *out = worth_it * bf16 < fp32 ? NN_BF16 : NN_FP32;
    return STATUS_OK;
}

static size_t padded(const struct nn_layout *layout)
{
    return (nn_layout_bytes(layout) + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

/* Carves the block's buffers, or only adds up their size when block is NULL. */
static size_t plan(struct vgg *vgg, char *block)
{
    size_t used = 0, largest = 0;
    vgg->input = (float *)block;
    used += padded(vgg->planes);
    for (enum layer l = 0; l <= vgg->shape.last; l++) {
        size_t out = padded(nn_op_output(vgg->conv[l]));
        size_t in = padded(input_layout(vgg, l));
        largest = out > largest ? out : largest;
        largest = in > largest ? in : largest;
        if (vgg->shape.direction == NN_BOTH) {
            vgg->features[l] = block ? block + used : NULL;
            used += out;
        }
    }
    for (int i = 0; i < 2; i++) {
        vgg->buffer[i] = block ? block + used : NULL;
        used += largest;
    }
    return used;
}

enum status vgg_open(struct vgg **out, struct nn *nn, const struct network *network,
                     const struct vgg_shape *shape, struct diag *diag)
{
    if ((int)shape->last >= network->layer_count)
        return diag_set(diag, STATUS_INPUT, "network %s has no layer %s, which is asked for",
                        network->name, layer_name(shape->last));
    enum status status;
    struct vgg *vgg = mem_new(sizeof *vgg);
    vgg->nn = nn;
    vgg->network = network;
    vgg->shape = *shape;
    enum nn_precision precision;
    status = find_precision(&precision, vgg, nn, diag);
    if (status == STATUS_OK)
        status = nn_planes_open(&vgg->planes, 3, shape->height, shape->width, precision, diag);
    for (enum layer l = 0; status == STATUS_OK && l <= shape->last; l++)
        status = open_layer(vgg, nn, l, diag);
    if (status == STATUS_OK)
        status = mem_big(&vgg->block, plan(vgg, NULL), "the network's features", diag);
    if (status != STATUS_OK) {
        vgg_close(&vgg);
        return status;
    }
    nn_keep_timings();
    plan(vgg, vgg->block);
    *out = vgg;
    return STATUS_OK;
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
    nn_planes_close(&s->planes);
    mem_free(s->block);
    mem_free(s);
    *vgg = NULL;
}

enum status vgg_forward(struct vgg *vgg, const float *rgb, vgg_visit *visit, void *context,
                        struct diag *diag)
{
    size_t pixels = (size_t)vgg->shape.width * (size_t)vgg->shape.height;
    for (size_t c = 0; c < 3; c++) {
        const float mean = vgg->network->mean[c];
        for (size_t i = c * pixels; i < (c + 1) * pixels; i++)
            vgg->input[i] = rgb[i] - mean;
    }
    void *from = vgg->input;
    for (enum layer l = 0; l <= vgg->shape.last; l++) {
        TRY(nn_check_stop(vgg->nn, diag));
        int other = from == vgg->buffer[0];
        if (vgg->pool[l]) {
            TRY(nn_forward(vgg->pool[l], vgg->buffer[other], from, diag));
            from = vgg->buffer[other];
            other = !other;
        }
        void *to = vgg->features[l] ? vgg->features[l] : vgg->buffer[other];
        TRY(nn_forward(vgg->conv[l], to, from, diag));
        TRY(visit(context, l, to, diag));
        from = to;
    }
    return STATUS_OK;
}

enum status vgg_backward(struct vgg *vgg, float *drgb, vgg_visit *visit, void *context,
                         struct diag *diag)
{
    assert(vgg->shape.direction == NN_BOTH);
    enum layer last = vgg->shape.last;
    void *gradient = vgg->buffer[0], *next = vgg->buffer[1];
    memset(gradient, 0, nn_layout_bytes(vgg_layout(vgg, last)));
    for (enum layer l = last + 1; l-- > 0;) {
        TRY(nn_check_stop(vgg->nn, diag));
        TRY(visit(context, l, gradient, diag));
        nn_relu_backward(vgg_layout(vgg, l), gradient, vgg->features[l]);
        TRY(nn_backward(vgg->conv[l], l == 0 ? drgb : next, gradient, diag));
        if (vgg->pool[l])
            TRY(nn_backward(vgg->pool[l], gradient, next, diag));
        else {
            void *swap = gradient;
            gradient = next;
            next = swap;
        }
    }
    return STATUS_OK;
}

const struct nn_layout *vgg_layout(const struct vgg *vgg, enum layer layer)
{
    return nn_op_output(vgg->conv[layer]);
}

const void *vgg_features(const struct vgg *vgg, enum layer layer)
{
    assert(vgg->shape.direction == NN_BOTH);
    return vgg->features[layer];
}

struct nn_op *vgg_convolution(const struct vgg *vgg, enum layer layer)
{
    return vgg->conv[layer];
}

struct nn_op *vgg_pooling(const struct vgg *vgg, enum layer layer)
{
    return vgg->pool[layer];
}
