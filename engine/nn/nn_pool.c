/* nn_pool.c: see nn.h. Pooling. */
#include <stdbool.h>

#include "engine/base/mem.h"
#include "engine/nn/nn_private.h"

static const dnnl_dims_t two = {2, 2}, none = {0, 0};

static enum status pool_backward_open(struct nn_op *op, dnnl_alg_kind_t algorithm,
                                      const dnnl_memory_desc_t *dst, const dnnl_dims_t after,
                                      const_dnnl_primitive_desc_t hint, struct diag *diag)
{
    static const int ids[] = {DNNL_ARG_DIFF_SRC, DNNL_ARG_DIFF_DST, DNNL_ARG_WORKSPACE};
    bool has_workspace = algorithm == dnnl_pooling_max;
    dnnl_pooling_desc_t desc;
    dnnl_primitive_desc_t primitive = NULL;
    dnnl_primitive_attr_t attr = NULL;
    enum status status = nn_attributes(&attr, NN_FUSED_NOTHING, diag);
    if (status != STATUS_OK)
        goto fail;
    TRY_DNNL(dnnl_pooling_backward_desc_init(&desc, algorithm, &op->src.desc, dst, two, two, none,
                                             after),
             "pooling backward");
    TRY_DNNL(dnnl_primitive_desc_create(&primitive, &desc, attr, op->nn->engine, hint),
             "pooling backward");
    TRY_OR_FAIL(nn_step_open(&op->backward, op->nn, primitive, ids, has_workspace ? 3 : 2, diag));
fail:
    dnnl_primitive_desc_destroy(primitive);
    dnnl_primitive_attr_destroy(attr);
    return status;
}

enum status nn_pool_open(struct nn_op **out, struct nn *nn, const struct nn_layout *src,
                         enum nn_pooling pooling, enum nn_direction direction, struct diag *diag)
{
    static const int ids[] = {DNNL_ARG_DST, DNNL_ARG_SRC, DNNL_ARG_WORKSPACE};
    dnnl_alg_kind_t algorithm =
        pooling == NN_POOL_MAX ? dnnl_pooling_max : dnnl_pooling_avg_exclude_padding;
    dnnl_dims_t dims = {1, src->channels, (src->height + 1) / 2, (src->width + 1) / 2};
    dnnl_dims_t after = {src->height % 2, src->width % 2};
    bool has_workspace = direction == NN_BOTH && pooling == NN_POOL_MAX;
    dnnl_memory_desc_t any;
    dnnl_pooling_desc_t desc;
    dnnl_primitive_desc_t primitive = NULL;
    dnnl_primitive_attr_t attr = NULL;
    struct nn_op *op = mem_new(sizeof *op);
    enum status status;
    op->nn = nn;
    op->src = *src;
    TRY_OR_FAIL(nn_attributes(&attr, NN_FUSED_NOTHING, diag));
    TRY_DNNL(dnnl_memory_desc_init_by_tag(&any, 4, dims, src->desc.data_type, dnnl_format_tag_any),
             "pooling");
    TRY_DNNL(dnnl_pooling_forward_desc_init(
                 &desc, direction == NN_BOTH ? dnnl_forward_training : dnnl_forward_inference,
                 algorithm, &src->desc, &any, two, two, none, after),
             "pooling");
    TRY_DNNL(dnnl_primitive_desc_create(&primitive, &desc, attr, nn->engine, NULL), "pooling");
    const dnnl_memory_desc_t *dst = dnnl_primitive_desc_query_md(primitive, dnnl_query_dst_md, 0);
    nn_layout_set(&op->dst, dst);
    TRY_OR_FAIL(nn_step_open(&op->forward, nn, primitive, ids, has_workspace ? 3 : 2, diag));
    if (has_workspace)
        op->workspace.size = dnnl_memory_desc_get_size(
            dnnl_primitive_desc_query_md(primitive, dnnl_query_workspace_md, 0));
    if (direction == NN_BOTH)
        TRY_OR_FAIL(pool_backward_open(op, algorithm, dst, after, primitive, diag));
    dnnl_primitive_desc_destroy(primitive);
    dnnl_primitive_attr_destroy(attr);
    *out = op;
    return STATUS_OK;
fail:
    dnnl_primitive_desc_destroy(primitive);
    dnnl_primitive_attr_destroy(attr);
    nn_op_close(&op);
    return status;
}
