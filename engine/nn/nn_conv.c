/*
 * nn_conv.c: see nn.h. Convolution with ReLU. Backward data needs neither input nor output, so
 * nothing is kept for it.
 *
 * In bfloat16 the first convolution, whose input is a picture, still runs forward in float32, for
 * pixels have more digits than bfloat16; its features are rounded afterwards.
 */
#include "engine/base/mem.h"
#include "engine/nn/nn_private.h"

/* The faster algorithm, or direct where oneDNN refuses the other at this very shape. */
static enum status conv_desc(dnnl_primitive_desc_t *out, struct nn *nn,
                             const struct nn_conv_shape *shape, enum nn_pass pass,
                             struct diag *diag)
{
    enum status (*make)(dnnl_primitive_desc_t *, const struct nn *, const struct nn_conv_shape *,
                        dnnl_alg_kind_t, struct diag *) =
        pass == NN_PASS_BACKWARD ? nn_conv_backward_desc : nn_conv_forward_desc;
    bool winograd;
    TRY(nn_tune(&winograd, nn, shape, pass, diag));
    if (winograd && make(out, nn, shape, dnnl_convolution_winograd, diag) == STATUS_OK)
        return STATUS_OK;
    return make(out, nn, shape, dnnl_convolution_direct, diag);
}

static enum status conv_forward_open(struct nn_op *op, struct nn_conv_shape *shape,
                                     const float *kernel, enum nn_precision precision,
                                     struct diag *diag)
{
    static const int ids[] = {DNNL_ARG_DST, DNNL_ARG_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_BIAS};
    dnnl_primitive_desc_t desc = NULL;
    enum status status;
    TRY_OR_FAIL(conv_desc(&desc, op->nn, shape, NN_PASS_FORWARD, diag));
    TRY_OR_FAIL(nn_step_open(&op->forward, op->nn, desc, ids, 4, diag));
    TRY_OR_FAIL(nn_kernel_open(&op->kernel, op->nn, kernel, &shape->kernel_plain, desc, diag));
    shape->dst = *dnnl_primitive_desc_query_md(desc, dnnl_query_dst_md, 0);
    if (precision == NN_BF16 && shape->dst.data_type == dnnl_f32) {
        dnnl_memory_desc_t full = shape->dst;
        shape->dst.data_type = dnnl_bf16;
        TRY_OR_FAIL(nn_reorder_open(&op->reorder, op->nn, &full, &shape->dst, diag));
        op->staging.size = dnnl_memory_desc_get_size(&full);
    }
    nn_layout_set(&op->dst, &shape->dst);
fail:
    dnnl_primitive_desc_destroy(desc);
    return status;
}

static enum status conv_backward_open(struct nn_op *op, const struct nn_conv_shape *shape,
                                      const float *kernel, struct diag *diag)
{
    static const int ids[] = {DNNL_ARG_DIFF_SRC, DNNL_ARG_DIFF_DST, DNNL_ARG_WEIGHTS};
    dnnl_primitive_desc_t desc = NULL;
    enum status status;
    TRY_OR_FAIL(conv_desc(&desc, op->nn, shape, NN_PASS_BACKWARD, diag));
    TRY_OR_FAIL(nn_step_open(&op->backward, op->nn, desc, ids, 3, diag));
    TRY_OR_FAIL(
        nn_kernel_open(&op->kernel_backward, op->nn, kernel, &shape->kernel_plain, desc, diag));
    const dnnl_memory_desc_t *dsrc = dnnl_primitive_desc_query_md(desc, dnnl_query_diff_src_md, 0);
    if (!dnnl_memory_desc_equal(dsrc, &shape->src)) {
        TRY_OR_FAIL(nn_reorder_open(&op->reorder_backward, op->nn, dsrc, &shape->src, diag));
        op->staging_backward.size = dnnl_memory_desc_get_size(dsrc);
    }
fail:
    dnnl_primitive_desc_destroy(desc);
    return status;
}

enum status nn_conv_open(struct nn_op **out, struct nn *nn, const struct nn_layout *src,
                         int out_channels, const float *kernel, const float *bias,
                         enum nn_direction direction, struct diag *diag)
{
    struct nn_conv_shape shape;
    struct nn_op *op = mem_new(sizeof *op);
    enum status status;
    op->nn = nn;
    op->src = *src;
    op->bias = bias;
    status = nn_conv_shape_init(&shape, &src->desc, out_channels, 3, diag);
    if (status == STATUS_OK)
        status = conv_forward_open(op, &shape, kernel, src->precision, diag);
    op->dst.precision = src->precision;
    if (status == STATUS_OK && direction == NN_BOTH)
        status = conv_backward_open(op, &shape, kernel, diag);
    if (status != STATUS_OK)
        nn_op_close(&op);
    else
        *out = op;
    return status;
}
