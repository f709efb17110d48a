/*
 * nn_conv.c: see nn.h. Convolution with ReLU. Backward data needs neither input nor output, so
 * nothing is kept for it.
 *
 * In bfloat16 the first convolution, whose input is a picture, still runs forward in float32, for
 * pixels have more digits than bfloat16; its features are rounded afterwards.
 */
#include "engine/base/mem.h"
#include "engine/nn/nn_private.h"

static const dnnl_dims_t one = {1, 1};

enum status nn_conv_shape_init(struct nn_conv_shape *shape, const dnnl_memory_desc_t *src,
                               int out_channels, int side, struct diag *diag)
{
    enum status status;
    dnnl_dims_t kernel = {out_channels, src->dims[1], side, side}, bias = {out_channels};
    dnnl_dims_t dst = {1, out_channels, src->dims[2], src->dims[3]};
    dnnl_data_type_t type = src->data_type;
    shape->src = *src;
    shape->padding[0] = shape->padding[1] = side / 2;
    TRY_DNNL(dnnl_memory_desc_init_by_tag(&shape->kernel, 4, kernel, type, dnnl_format_tag_any),
             "a kernel");
    TRY_DNNL(dnnl_memory_desc_init_by_tag(&shape->kernel_plain, 4, kernel, dnnl_f32, dnnl_oihw),
             "a kernel");
    TRY_DNNL(dnnl_memory_desc_init_by_tag(&shape->bias, 1, bias, dnnl_f32, dnnl_x), "a bias");
    TRY_DNNL(dnnl_memory_desc_init_by_tag(&shape->dst, 4, dst, type, dnnl_format_tag_any),
             "features");
    return STATUS_OK;
fail:
    return status;
}

enum status nn_conv_forward_desc(dnnl_primitive_desc_t *out, const struct nn *nn,
                                 const struct nn_conv_shape *shape, dnnl_alg_kind_t algorithm,
                                 struct diag *diag)
{
    dnnl_primitive_attr_t attr = NULL;
    dnnl_convolution_desc_t desc;
    enum status status = nn_attributes(&attr, NN_FUSED_RELU, diag);
    if (status != STATUS_OK)
        goto fail;
    TRY_DNNL(dnnl_convolution_forward_desc_init(&desc, dnnl_forward_training, algorithm,
                                                &shape->src, &shape->kernel, &shape->bias,
                                                &shape->dst, one, shape->padding, shape->padding),
             "a convolution");
    TRY_DNNL(dnnl_primitive_desc_create(out, &desc, attr, nn->engine, NULL), "a convolution");
fail:
    dnnl_primitive_attr_destroy(attr);
    return status;
}

enum status nn_conv_backward_desc(dnnl_primitive_desc_t *out, const struct nn *nn,
                                  const struct nn_conv_shape *shape, dnnl_alg_kind_t algorithm,
                                  struct diag *diag)
{
    dnnl_memory_desc_t dsrc = shape->src, kernel = shape->kernel;
    dnnl_primitive_attr_t attr = NULL;
    dnnl_primitive_desc_t hint = NULL;
    dnnl_convolution_desc_t desc;
    enum status status = nn_attributes(&attr, NN_FUSED_NOTHING, diag);
    if (status != STATUS_OK)
        goto fail;
    kernel.data_type = shape->dst.data_type;
    if (nn_is_plain(&dsrc)) /* no fast primitive writes planes */
        TRY_DNNL(dnnl_memory_desc_init_by_tag(&dsrc, 4, shape->src.dims, shape->src.data_type,
                                              dnnl_format_tag_any), "a gradient");
    dnnl_memory_desc_t src = dsrc;
    src.data_type = kernel.data_type;
    TRY_DNNL(dnnl_convolution_forward_desc_init(&desc, dnnl_forward_training, algorithm, &src,
                                                &kernel, NULL, &shape->dst, one, shape->padding,
                                                shape->padding), "a convolution's backward data");
    TRY_DNNL(dnnl_primitive_desc_create(&hint, &desc, attr, nn->engine, NULL),
             "a convolution's backward data");
    TRY_DNNL(dnnl_convolution_backward_data_desc_init(&desc, algorithm, &dsrc, &kernel,
                                                      &shape->dst, one, shape->padding,
                                                      shape->padding),
             "a convolution's backward data");
    TRY_DNNL(dnnl_primitive_desc_create(out, &desc, attr, nn->engine, hint),
             "a convolution's backward data");
fail:
    dnnl_primitive_desc_destroy(hint);
    dnnl_primitive_attr_destroy(attr);
    return status;
}

bool nn_has_bf16(const struct nn *nn)
{
    struct diag diag;
    struct nn_conv_shape shape;
    dnnl_memory_desc_t src;
    dnnl_dims_t dims = {1, 16, 16, 16};
    dnnl_primitive_desc_t desc = NULL;
    bool has = dnnl_memory_desc_init_by_tag(&src, 4, dims, dnnl_bf16, dnnl_format_tag_any) ==
                   dnnl_success &&
               nn_conv_shape_init(&shape, &src, 16, 3, &diag) == STATUS_OK &&
               nn_conv_backward_desc(&desc, nn, &shape, dnnl_convolution_direct, &diag) ==
                   STATUS_OK;
    dnnl_primitive_desc_destroy(desc);
    return has;
}

/* The faster algorithm, or direct where oneDNN refuses the other at this very shape. */
static enum status conv_desc(dnnl_primitive_desc_t *out, struct nn *nn,
                             const struct nn_conv_shape *shape, enum nn_pass way, struct diag *diag)
{
    enum status (*make)(dnnl_primitive_desc_t *, const struct nn *, const struct nn_conv_shape *,
                        dnnl_alg_kind_t, struct diag *) =
        way == NN_PASS_BACKWARD ? nn_conv_backward_desc : nn_conv_forward_desc;
    bool winograd;
    TRY(nn_tune(&winograd, nn, shape, way, diag));
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
        TRY_OR_FAIL(nn_reorder_open(&op->arrange, op->nn, &full, &shape->dst, diag));
        op->aside.size = dnnl_memory_desc_get_size(&full);
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
    TRY_OR_FAIL(nn_kernel_open(&op->kernel_back, op->nn, kernel, &shape->kernel_plain, desc,
                               diag));
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
