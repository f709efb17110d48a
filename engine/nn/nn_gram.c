/*
 * nn_gram.c: see nn.h. Features are a matrix F [pixels][channels]: the Gram matrix is the product
 * FᵀF, and its gradient F·dG.
 */
#include <string.h>

#include "engine/base/mem.h"
#include "engine/nn/nn_private.h"

static enum status gram_forward_open(struct nn_op *op, struct diag *diag)
{
    static const int ids[] = {DNNL_ARG_DST, DNNL_ARG_SRC, DNNL_ARG_WEIGHTS};
    dnnl_dim_t c = op->src.lanes, n = (dnnl_dim_t)nn_layout_pixels(&op->src);
    const dnnl_dims_t across = {c, n}, down = {n, c}, square = {c, c};
    const dnnl_dims_t turned = {1, c}, rows = {c, 1};
    dnnl_data_type_t type = op->src.half ? dnnl_bf16 : dnnl_f32;
    nn_order left = NULL, right = NULL, product = NULL;
    dnnl_primitive_attr_t attr = NULL;
    dnnl_primitive_desc_t desc = NULL;
    enum status status;
    TRY_OR_FAIL(nn_attributes(&attr, NN_FUSED_NOTHING, diag));
    TRY_DNNL(nn_order_make_strided(&left, 2, across, type, turned), "a Gram matrix");
    TRY_DNNL(nn_order_make_strided(&right, 2, down, type, rows), "a Gram matrix");
    TRY_DNNL(nn_order_make(&product, 2, square, dnnl_f32, dnnl_ab), "a Gram matrix");
    TRY_DNNL(nn_describe_product(&desc, op->nn->engine, left, right, product, attr),
             "a Gram matrix");
    TRY_OR_FAIL(nn_step_open(&op->way[NN_PASS_FORWARD].step, op->nn, desc, ids, 3, diag));
    op->way[NN_PASS_FORWARD].staging.size = (size_t)(c * c) * sizeof(float);
fail:
    nn_order_destroy(&left);
    nn_order_destroy(&right);
    nn_order_destroy(&product);
    if (desc)
        dnnl_primitive_desc_destroy(desc);
    dnnl_primitive_attr_destroy(attr);
    return status;
}

static enum status gram_backward_open(struct nn_op *op, struct diag *diag)
{
    static const int ids[] = {DNNL_ARG_DST, DNNL_ARG_SRC, DNNL_ARG_WEIGHTS};
    dnnl_dim_t c = op->src.lanes, n = (dnnl_dim_t)nn_layout_pixels(&op->src);
    const dnnl_dims_t down = {n, c}, square = {c, c}, rows = {c, 1};
    dnnl_data_type_t type = op->src.half ? dnnl_bf16 : dnnl_f32;
    nn_order features = NULL, any = NULL, plain = NULL;
    dnnl_primitive_attr_t attr = NULL;
    dnnl_primitive_desc_t desc = NULL;
    struct nn_way *way = &op->way[NN_PASS_BACKWARD];
    enum status status;
    TRY_OR_FAIL(nn_attributes(&attr, NN_FUSED_SUM, diag));
    TRY_DNNL(nn_order_make_strided(&features, 2, down, type, rows), "a Gram matrix's gradient");
    TRY_DNNL(nn_order_make(&any, 2, square, type, dnnl_format_tag_any), "a Gram matrix's gradient");
    TRY_DNNL(nn_order_make(&plain, 2, square, dnnl_f32, dnnl_ab), "a Gram matrix's gradient");
    TRY_DNNL(nn_describe_product(&desc, op->nn->engine, features, any, features, attr),
             "a Gram matrix's gradient");
    TRY_OR_FAIL(nn_step_open(&way->step, op->nn, desc, ids, 3, diag));
    nn_const_order packed = dnnl_primitive_desc_query_md(desc, dnnl_query_weights_md, 0);
    TRY_OR_FAIL(nn_reorder_open(&op->pack, op->nn, plain, packed, diag));
    way->staging.size = dnnl_memory_desc_get_size(packed);
    if (op->src.lanes != op->src.channels)
        op->plain.size = (size_t)(c * c) * sizeof(float);
fail:
    nn_order_destroy(&features);
    nn_order_destroy(&any);
    nn_order_destroy(&plain);
    if (desc)
        dnnl_primitive_desc_destroy(desc);
    dnnl_primitive_attr_destroy(attr);
    return status;
}

enum status nn_gram_open(struct nn_op **out, struct nn *nn, const struct nn_layout *src,
                         enum nn_direction direction, struct diag *diag)
{
    struct nn_op *op = mem_new(sizeof *op);
    op->nn = nn;
    op->kind = NN_OP_GRAM;
    op->src = op->dst = *src;
    enum status status = gram_forward_open(op, diag);
    if (status == STATUS_OK && direction == NN_BOTH)
        status = gram_backward_open(op, diag);
    if (status != STATUS_OK)
        nn_op_close(&op);
    else
        *out = op;
    return status;
}

enum status nn_gram_forward(struct nn_op *op, float *g, const void *f, float factor,
                            struct diag *diag)
{
    struct nn_way *way = &op->way[NN_PASS_FORWARD];
    size_t c = (size_t)op->src.channels, lanes = (size_t)op->src.lanes;
    const float *product = way->staging.data;
    TRY(nn_step_run(&way->step, op->nn->stream[0], (const void *[]){product, f, f}, diag));
    for (size_t i = 0; i < c; i++)
        for (size_t j = 0; j < c; j++)
            g[i * c + j] = factor * product[i * lanes + j];
    return STATUS_OK;
}

enum status nn_gram_backward(struct nn_op *op, void *df, const void *f, const float *dg,
                             struct diag *diag)
{
    struct nn_way *way = &op->way[NN_PASS_BACKWARD];
    size_t c = (size_t)op->src.channels, lanes = (size_t)op->src.lanes;
    dnnl_stream_t stream = op->nn->stream[0];
    float *plain = op->plain.data;
    void *kernel = way->staging.data;
    if (plain) {
        memset(plain, 0, op->plain.size);
        for (size_t i = 0; i < c; i++)
            memcpy(plain + i * lanes, dg + i * c, c * sizeof *plain);
    }
    TRY(nn_step_run(&op->pack, stream, (const void *[]){plain ? plain : dg, kernel}, diag));
    return nn_step_run(&way->step, stream, (const void *[]){df, f, kernel}, diag);
}
