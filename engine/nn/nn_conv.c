/*
 * nn_conv.c: see nn.h. Convolution with ReLU. Backward data needs neither input nor output, so
 * nothing is kept for it.
 */
#include <string.h>

#include "engine/base/mem.h"
#include "engine/nn/nn_private.h"

/* A direct convolution's memory orders: how features and gradients lie is given, kernels are as
 * oneDNN likes them. */
struct orders {
    nn_order src, kernel, bias, dst;
};

static void destroy_orders(struct orders *o)
{
    nn_order_destroy(&o->src);
    nn_order_destroy(&o->kernel);
    nn_order_destroy(&o->bias);
    nn_order_destroy(&o->dst);
}

/* in, out: numbers of a pixel; src_type: a picture's gradient is in float32. */
static enum status make_orders(struct orders *o, const struct nn_op *op, int in,
                               dnnl_data_type_t src_type, struct diag *diag)
{
    int out = op->dst.lanes, w = op->src.width;
    dnnl_data_type_t type = op->src.half ? dnnl_bf16 : dnnl_f32;
    const dnnl_dims_t src = {1, in, op->src.height, w}, dst = {1, out, op->dst.height, w};
    const dnnl_dims_t kernel = {out, in, 3, 3};
    const dnnl_dims_t bias = {out};
    enum status status = STATUS_OK;
    TRY_DNNL(nn_order_make(&o->src, 4, src, src_type, dnnl_nhwc), "features");
    TRY_DNNL(nn_order_make(&o->kernel, 4, kernel, type, dnnl_format_tag_any), "a kernel");
    TRY_DNNL(nn_order_make(&o->bias, 1, bias, dnnl_f32, dnnl_x), "a bias");
    TRY_DNNL(nn_order_make(&o->dst, 4, dst, type, dnnl_nhwc), "features");
fail:
    return status;
}

static enum status describe_forward(dnnl_primitive_desc_t *out, const struct nn_op *op,
                                    struct diag *diag)
{
    struct orders o = {0};
    dnnl_primitive_attr_t attr = NULL;
    enum status status;
    TRY_OR_FAIL(nn_attributes(&attr, NN_FUSED_RELU, diag));
    TRY_OR_FAIL(make_orders(&o, op, op->src.lanes, op->src.half ? dnnl_bf16 : dnnl_f32, diag));
    TRY_DNNL(nn_describe_convolution(out, op->nn->engine, o.src, o.kernel, o.bias, o.dst,
                                     op->band ? 0 : 1, attr),
             "a convolution");
fail:
    destroy_orders(&o);
    dnnl_primitive_attr_destroy(attr);
    return status;
}

/* in: numbers of a pixel of the gradient. */
static enum status describe_gradient(dnnl_primitive_desc_t *out, const struct nn_op *op, int in,
                                     struct diag *diag)
{
    struct orders o = {0}, hinted = {0};
    dnnl_primitive_attr_t attr = NULL;
    dnnl_primitive_desc_t hint = NULL;
    enum status status;
    int above = op->band ? 2 : 1;
    dnnl_data_type_t type = op->src.half ? dnnl_bf16 : dnnl_f32;
    TRY_OR_FAIL(nn_attributes(&attr, NN_FUSED_NOTHING, diag));
    TRY_OR_FAIL(make_orders(&hinted, op, in, type, diag));
    TRY_OR_FAIL(make_orders(&o, op, in, op->src.is_picture ? dnnl_f32 : type, diag));
    TRY_DNNL(nn_describe_convolution(&hint, op->nn->engine, hinted.src, hinted.kernel, NULL,
                                     hinted.dst, above, attr),
             "a convolution's backward data");
    TRY_DNNL(nn_describe_backward_data(out, op->nn->engine, o.src, o.kernel, o.dst, above, hint,
                                       attr),
             "a convolution's backward data");
fail:
    destroy_orders(&o);
    destroy_orders(&hinted);
    if (hint)
        dnnl_primitive_desc_destroy(hint);
    dnnl_primitive_attr_destroy(attr);
    return status;
}

/* *lanes: numbers of a pixel of the gradient. A picture's has no parts, and has whole lanes only
 * where its three channels would come out wrong. */
static enum status describe_backward(dnnl_primitive_desc_t *out, int *lanes,
                                     const struct nn_op *op, struct diag *diag)
{
    *lanes = op->src.is_picture ? op->src.channels : op->src.lanes;
    TRY(describe_gradient(out, op, *lanes, diag));
    if (*lanes == nn_whole_lanes(*lanes) || nn_copes_with_part_of_lanes(*out))
        return STATUS_OK;
    dnnl_primitive_desc_destroy(*out);
    *out = NULL;
    *lanes = nn_whole_lanes(*lanes);
    return describe_gradient(out, op, *lanes, diag);
}

/* oneDNN's reference code is many times slower than float32 in kernels of its own. */
static enum status refuse_reference(const struct nn_op *op, const struct nn_step *step,
                                    struct diag *diag)
{
    if (op->src.half && strncmp(step->name, "ref", 3) == 0)
        return nn_refused(diag, dnnl_unimplemented, "a convolution in bfloat16");
    return STATUS_OK;
}

static enum status open_direct(struct nn_op *op, enum nn_pass pass, const float *kernel,
                               struct diag *diag)
{
    static const int forward[] = {DNNL_ARG_DST, DNNL_ARG_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_BIAS};
    static const int backward[] = {DNNL_ARG_DIFF_SRC, DNNL_ARG_DIFF_DST, DNNL_ARG_WEIGHTS};
    bool back = pass == NN_PASS_BACKWARD, parts = op->src.is_picture && op->src.half && !back;
    struct nn_way *way = &op->way[pass];
    dnnl_primitive_desc_t desc = NULL;
    int lanes = op->src.lanes;
    enum status status = back ? describe_backward(&desc, &lanes, op, diag)
                              : describe_forward(&desc, op, diag);
    if (status == STATUS_OK)
        status = nn_step_open(&way->step, op->nn, desc, back ? backward : forward, back ? 3 : 4,
                              diag);
    if (status == STATUS_OK)
        status = refuse_reference(op, &way->step, diag);
    if (status == STATUS_OK)
        status = nn_kernel_open(&way->kernel, op->nn, kernel, op->dst.channels, op->src.channels,
                                lanes, parts, desc, diag);
    if (back && op->src.is_picture) {
        way->staging_lanes = lanes;
        way->staging.size = nn_layout_pixels(&op->src) * (size_t)lanes * sizeof(float);
    }
    if (desc)
        dnnl_primitive_desc_destroy(desc);
    return status;
}

static enum status open_winograd(struct nn_op *op, enum nn_pass pass, const float *kernel,
                                 struct diag *diag)
{
    bool back = pass == NN_PASS_BACKWARD;
    int from = back ? op->dst.lanes : op->src.lanes, to = back ? op->src.lanes : op->dst.lanes;
    struct nn_way *way = &op->way[pass];
    if (op->src.half || op->src.is_picture)
        return nn_refused(diag, dnnl_unimplemented, "Winograd's algorithm");
    TRY(nn_winograd_open(&way->winograd, op->nn, from, to,
                         back ? op->src.height : op->dst.height, op->src.width, op->band, diag));
    return nn_kernel_open_tiles(&way->kernel, op->nn, kernel, op->dst.channels, op->src.channels,
                                back, nn_winograd_kernel_order(way->winograd), diag);
}

enum status nn_conv_open_as(struct nn_op **out, struct nn *nn, const struct nn_conv *conv,
                            const enum nn_way_kind way[NN_PASS_COUNT], struct diag *diag)
{
    struct nn_op *op = mem_new(sizeof *op);
    int more = !conv->band ? 0 : way[NN_PASS_FORWARD] == NN_WAY_NONE ? 2 : -2;
    enum status status = STATUS_OK;
    op->nn = nn;
    op->kind = NN_OP_CONV;
    op->src = *conv->src;
    op->band = conv->band;
    nn_layout_set(&op->dst, conv->out, op->src.height + more, op->src.width, op->src.half);
    op->bias = mem_new((size_t)op->dst.lanes * sizeof *op->bias);
    memcpy(op->bias, conv->bias, (size_t)conv->out * sizeof *op->bias);
    for (enum nn_pass p = NN_PASS_FORWARD; status == STATUS_OK && p < NN_PASS_COUNT; p++) {
        if (way[p] == NN_WAY_DIRECT)
            status = open_direct(op, p, conv->kernel, diag);
        else if (way[p] == NN_WAY_WINOGRAD)
            status = open_winograd(op, p, conv->kernel, diag);
    }
    if (status != STATUS_OK)
        nn_op_close(&op);
    else
        *out = op;
    return status;
}

bool nn_has_bf16(struct nn *nn)
{
    static const float kernel[16 * 16 * 9], bias[16];
    static const enum nn_way_kind direct[NN_PASS_COUNT] = {NN_WAY_DIRECT, NN_WAY_DIRECT};
    struct diag diag;
    struct nn_layout src;
    struct nn_op *op = NULL;
    nn_layout_set(&src, 16, 16, 16, true);
    const struct nn_conv conv = {&src, 16, kernel, bias, false};
    bool has = nn_conv_open_as(&op, nn, &conv, direct, &diag) == STATUS_OK;
    nn_op_close(&op);
    return has;
}
