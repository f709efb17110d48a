/*
 * nn_gram.c: see nn.h. The Gram matrix is a 1×1 convolution's backward-weights pass with the
 * features on both sides, and its way back a 1×1 convolution with dG as the kernel: both read the
 * features in the order in which they lie.
 */
#include "mem.h"
#include "nn_parts.h"

static const dnnl_dims_t one = {1, 1}, none = {0, 0};

static enum status gram_product_open(struct nn_op *op, const struct nn_conv_shape *shape,
                                     struct diag *diag)
{
    static const int ids[] = {DNNL_ARG_DIFF_WEIGHTS, DNNL_ARG_SRC, DNNL_ARG_DIFF_DST};
    const dnnl_memory_desc_t *f = &shape->src;
    dnnl_convolution_desc_t desc;
    dnnl_primitive_desc_t hint = NULL, primitive = NULL;
    dnnl_primitive_attr_t attr = NULL;
    enum status status = nn_attributes(&attr, NN_FUSED_NOTHING, diag);
    if (status != STATUS_OK)
        goto fail;
    TRY_DNNL(dnnl_convolution_forward_desc_init(&desc, dnnl_forward_training,
                                                dnnl_convolution_direct, f, &shape->kernel, NULL, f,
                                                one, none, none), "a Gram matrix");
    TRY_DNNL(dnnl_primitive_desc_create(&hint, &desc, attr, op->nn->engine, NULL),
             "a Gram matrix");
    TRY_DNNL(dnnl_convolution_backward_weights_desc_init(&desc, dnnl_convolution_direct, f,
                                                         &shape->kernel, NULL, f, one, none, none),
             "a Gram matrix");
    TRY_DNNL(dnnl_primitive_desc_create(&primitive, &desc, attr, op->nn->engine, hint),
             "a Gram matrix");
    TRY_OR_FAIL(nn_step_open(&op->forward, op->nn, primitive, ids, 3, diag));
    const dnnl_memory_desc_t *g =
        dnnl_primitive_desc_query_md(primitive, dnnl_query_diff_weights_md, 0);
    TRY_OR_FAIL(nn_reorder_open(&op->arrange, op->nn, g, &shape->kernel_plain, diag));
    op->aside.size = dnnl_memory_desc_get_size(g);
    op->plain.size = dnnl_memory_desc_get_size(&shape->kernel_plain);
fail:
    dnnl_primitive_desc_destroy(hint);
    dnnl_primitive_desc_destroy(primitive);
    dnnl_primitive_attr_destroy(attr);
    return status;
}

static enum status gram_backward_open(struct nn_op *op, const struct nn_conv_shape *shape,
                                      struct diag *diag)
{
    static const int ids[] = {DNNL_ARG_DST, DNNL_ARG_SRC, DNNL_ARG_WEIGHTS};
    const dnnl_memory_desc_t *f = &shape->src;
    dnnl_convolution_desc_t desc;
    dnnl_primitive_desc_t primitive = NULL;
    dnnl_primitive_attr_t attr = NULL;
    enum status status = nn_attributes(&attr, NN_FUSED_SUM, diag);
    if (status != STATUS_OK)
        goto fail;
    TRY_DNNL(dnnl_convolution_forward_desc_init(&desc, dnnl_forward_inference,
                                                dnnl_convolution_direct, f, &shape->kernel, NULL, f,
                                                one, none, none), "a Gram matrix's gradient");
    TRY_DNNL(dnnl_primitive_desc_create(&primitive, &desc, attr, op->nn->engine, NULL),
             "a Gram matrix's gradient");
    TRY_OR_FAIL(nn_step_open(&op->backward, op->nn, primitive, ids, 3, diag));
    const dnnl_memory_desc_t *dg =
        dnnl_primitive_desc_query_md(primitive, dnnl_query_weights_md, 0);
    TRY_OR_FAIL(nn_reorder_open(&op->arrange_back, op->nn, &shape->kernel_plain, dg, diag));
    op->aside_back.size = dnnl_memory_desc_get_size(dg);
fail:
    dnnl_primitive_desc_destroy(primitive);
    dnnl_primitive_attr_destroy(attr);
    return status;
}

enum status nn_gram_open(struct nn_op **out, struct nn *nn, const struct nn_layout *src,
                         enum nn_direction direction, struct diag *diag)
{
    struct nn_conv_shape shape;
    struct nn_op *op = mem_new(sizeof *op);
    enum status status;
    op->nn = nn;
    op->src = op->dst = *src;
    TRY_OR_FAIL(nn_conv_shape_init(&shape, src, src->channels, 1, diag));
    TRY_OR_FAIL(gram_product_open(op, &shape, diag));
    if (direction == NN_BOTH)
        TRY_OR_FAIL(gram_backward_open(op, &shape, diag));
    *out = op;
    return STATUS_OK;
fail:
    nn_op_close(&op);
    return status;
}

enum status nn_gram_forward(struct nn_op *op, float *g, const void *f, float factor,
                            struct diag *diag)
{
    size_t n = (size_t)op->src.channels * (size_t)op->src.channels;
    const float *plain = op->plain.data;
    TRY(nn_step_run(&op->forward, op->nn, (const void *[]){op->aside.data, f, f}, diag));
    TRY(nn_step_run(&op->arrange, op->nn, (const void *[]){op->aside.data, plain}, diag));
    for (size_t i = 0; i < n; i++)
        g[i] = factor * plain[i];
    return STATUS_OK;
}

enum status nn_gram_backward(struct nn_op *op, void *df, const void *f, const float *dg,
                             struct diag *diag)
{
    void *kernel = op->aside_back.data;
    TRY(nn_step_run(&op->arrange_back, op->nn, (const void *[]){dg, kernel}, diag));
    return nn_step_run(&op->backward, op->nn, (const void *[]){df, f, kernel}, diag);
}
