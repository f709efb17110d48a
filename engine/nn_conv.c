/*
 * nn_conv.c: see nn.h. Convolution with ReLU. Backward data needs neither input nor output, so
 * nothing is kept for it.
 */
#include <stdbool.h>

#include "mem.h"
#include "nn_parts.h"

/* Winograd's transforms pay off from this many channels summed over; measured on Zen 4. A rule
 * instead of a race keeps runs repeatable to the bit. */
enum { WINOGRAD_MIN_CHANNELS = 32 };

static const dnnl_dims_t one = {1, 1};

enum status nn_conv_shape_init(struct nn_conv_shape *shape, const struct nn_layout *src,
                               int out_channels, int side, struct diag *diag)
{
    enum status status;
    dnnl_dims_t kernel = {out_channels, src->channels, side, side}, bias = {out_channels};
    dnnl_dims_t dst = {1, out_channels, src->height, src->width};
    shape->src = src->desc;
    shape->padding[0] = shape->padding[1] = side / 2;
    TRY_DNNL(dnnl_memory_desc_init_by_tag(&shape->kernel, 4, kernel, dnnl_f32,
                                          dnnl_format_tag_any), "a kernel");
    TRY_DNNL(dnnl_memory_desc_init_by_tag(&shape->kernel_plain, 4, kernel, dnnl_f32, dnnl_oihw),
             "a kernel");
    TRY_DNNL(dnnl_memory_desc_init_by_tag(&shape->bias, 1, bias, dnnl_f32, dnnl_x), "a bias");
    TRY_DNNL(dnnl_memory_desc_init_by_tag(&shape->dst, 4, dst, dnnl_f32, dnnl_format_tag_any),
             "features");
    return STATUS_OK;
fail:
    return status;
}

/* Is Winograd worth asking for, where sums run over this many channels? */
static bool try_winograd(const struct nn *nn, int channels)
{
    return nn->algorithm == NN_AUTO && channels >= WINOGRAD_MIN_CHANNELS;
}

static enum status conv_forward_desc(dnnl_primitive_desc_t *out, const struct nn *nn,
                                     const struct nn_conv_shape *shape, struct diag *diag)
{
    dnnl_primitive_attr_t attr = NULL;
    enum status status = nn_attributes(&attr, NN_FUSED_RELU, diag);
    if (status != STATUS_OK)
        goto fail;
    dnnl_convolution_desc_t desc;
    dnnl_status_t result = dnnl_unimplemented;
    for (int winograd = try_winograd(nn, (int)shape->src.dims[1]); winograd >= 0; winograd--) {
        result = dnnl_convolution_forward_desc_init(
            &desc, dnnl_forward_training,
            winograd ? dnnl_convolution_winograd : dnnl_convolution_direct, &shape->src,
            &shape->kernel, &shape->bias, &shape->dst, one, shape->padding, shape->padding);
        if (result == dnnl_success)
            result = dnnl_primitive_desc_create(out, &desc, attr, nn->engine, NULL);
        if (result == dnnl_success)
            break;
    }
    TRY_DNNL(result, "a convolution");
fail:
    dnnl_primitive_attr_destroy(attr);
    return status;
}

/* Backward data from ddst in dst's order. dsrc gets src's order, or, where src is a picture's
 * planes, which no fast primitive writes, the one oneDNN prefers. */
static enum status conv_backward_desc(dnnl_primitive_desc_t *out, const struct nn *nn,
                                      const struct nn_conv_shape *shape,
                                      const dnnl_memory_desc_t *dst, struct diag *diag)
{
    dnnl_memory_desc_t dsrc = shape->src;
    dnnl_primitive_attr_t attr = NULL;
    enum status status = nn_attributes(&attr, NN_FUSED_NOTHING, diag);
    if (status != STATUS_OK)
        goto fail;
    if (dsrc.format_desc.blocking.inner_nblks == 0)
        TRY_DNNL(dnnl_memory_desc_init_by_tag(&dsrc, 4, shape->src.dims, dnnl_f32,
                                              dnnl_format_tag_any), "a gradient");
    dnnl_status_t result = dnnl_unimplemented;
    for (int winograd = try_winograd(nn, (int)dst->dims[1]); winograd >= 0; winograd--) {
        dnnl_alg_kind_t algorithm = winograd ? dnnl_convolution_winograd : dnnl_convolution_direct;
        dnnl_convolution_desc_t desc;
        dnnl_primitive_desc_t hint = NULL;
        result = dnnl_convolution_forward_desc_init(&desc, dnnl_forward_training, algorithm, &dsrc,
                                                    &shape->kernel, NULL, dst, one, shape->padding,
                                                    shape->padding);
        if (result == dnnl_success)
            result = dnnl_primitive_desc_create(&hint, &desc, attr, nn->engine, NULL);
        if (result != dnnl_success)
            continue;
        result = dnnl_convolution_backward_data_desc_init(&desc, algorithm, &dsrc, &shape->kernel,
                                                          dst, one, shape->padding, shape->padding);
        if (result == dnnl_success)
            result = dnnl_primitive_desc_create(out, &desc, attr, nn->engine, hint);
        dnnl_primitive_desc_destroy(hint);
        if (result == dnnl_success)
            break;
    }
    TRY_DNNL(result, "a convolution's backward data");
fail:
    dnnl_primitive_attr_destroy(attr);
    return status;
}

static enum status conv_backward_open(struct nn_op *op, const struct nn_conv_shape *shape,
                                      const float *kernel, struct diag *diag)
{
    static const int ids[] = {DNNL_ARG_DIFF_SRC, DNNL_ARG_DIFF_DST, DNNL_ARG_WEIGHTS};
    dnnl_primitive_desc_t desc = NULL;
    enum status status;
    TRY_OR_FAIL(conv_backward_desc(&desc, op->nn, shape, &op->dst.desc, diag));
    TRY_OR_FAIL(nn_step_open(&op->backward, op->nn, desc, ids, 3, diag));
    TRY_OR_FAIL(nn_kernel_open(&op->kernel_back, op->nn, kernel, &shape->kernel_plain,
                               dnnl_primitive_desc_query_md(desc, dnnl_query_weights_md, 0), diag));
    const dnnl_memory_desc_t *dsrc = dnnl_primitive_desc_query_md(desc, dnnl_query_diff_src_md, 0);
    if (!dnnl_memory_desc_equal(dsrc, &shape->src)) {
        TRY_OR_FAIL(nn_reorder_open(&op->arrange_back, op->nn, dsrc, &shape->src, diag));
        op->aside_back.size = dnnl_memory_desc_get_size(dsrc);
    }
fail:
    dnnl_primitive_desc_destroy(desc);
    return status;
}

enum status nn_conv_open(struct nn_op **out, struct nn *nn, const struct nn_layout *src,
                         int out_channels, const float *kernel, const float *bias,
                         enum nn_direction direction, struct diag *diag)
{
    static const int ids[] = {DNNL_ARG_DST, DNNL_ARG_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_BIAS};
    struct nn_conv_shape shape;
    struct nn_op *op = mem_new(sizeof *op);
    dnnl_primitive_desc_t desc = NULL;
    enum status status;
    op->nn = nn;
    op->src = *src;
    op->bias = bias;
    TRY_OR_FAIL(nn_conv_shape_init(&shape, src, out_channels, 3, diag));
    TRY_OR_FAIL(conv_forward_desc(&desc, nn, &shape, diag));
    nn_layout_set(&op->dst, dnnl_primitive_desc_query_md(desc, dnnl_query_dst_md, 0));
    TRY_OR_FAIL(nn_step_open(&op->forward, nn, desc, ids, 4, diag));
    TRY_OR_FAIL(nn_kernel_open(&op->kernel, nn, kernel, &shape.kernel_plain,
                               dnnl_primitive_desc_query_md(desc, dnnl_query_weights_md, 0), diag));
    if (direction == NN_BOTH)
        TRY_OR_FAIL(conv_backward_open(op, &shape, kernel, diag));
    dnnl_primitive_desc_destroy(desc);
    *out = op;
    return STATUS_OK;
fail:
    dnnl_primitive_desc_destroy(desc);
    nn_op_close(&op);
    return status;
}
