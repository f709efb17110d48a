/*
 * nn_ops.c: see nn.h. The operations: convolution with ReLU, pooling, the Gram products.
 *
 * Backward data of a convolution needs neither its input nor its output, so nothing is kept for it.
 * The Gram matrix is a 1×1 convolution's backward-weights pass with the features on both sides, and
 * its way back a 1×1 convolution with dG as the kernel: both read the features in the order in
 * which they lie.
 */
#include <assert.h>
#include <stdbool.h>
#include <string.h>

#include "mem.h"
#include "nn_step.h"

/* Winograd's transforms pay off from this many channels summed over; measured on Zen 4. A rule
 * instead of a race keeps runs repeatable to the bit. */
enum { WINOGRAD_MIN_CHANNELS = 32 };

struct nn_op {
    struct nn *nn;
    struct nn_layout src, dst;
    struct nn_step forward, backward;
    const float *kernel, *kernel_back, *bias; /* conv: packed, lent from nn */
    struct nn_step arrange;      /* conv: dsrc in preferred order → src's; gram: product → plain */
    struct nn_step arrange_back; /* gram: plain dg → a kernel */
    float *aside;                /* conv: dsrc in preferred order; gram: the product */
    float *aside_back;           /* gram: dg as a kernel */
    float *plain;                /* gram: [channels][channels], before the factor */
    void *workspace;             /* max pooling: where the maxima were */
};

static const dnnl_dims_t one = {1, 1}, two = {2, 2}, none = {0, 0};

void nn_op_close(struct nn_op **op)
{
    struct nn_op *s = *op;
    if (!s)
        return;
    nn_step_close(&s->forward);
    nn_step_close(&s->backward);
    nn_step_close(&s->arrange);
    nn_step_close(&s->arrange_back);
    mem_free(s->aside);
    mem_free(s->aside_back);
    mem_free(s->plain);
    mem_free(s->workspace);
    mem_free(s);
    *op = NULL;
}

const struct nn_layout *nn_op_output(const struct nn_op *op)
{
    return &op->dst;
}

const char *nn_op_forward_name(const struct nn_op *op)
{
    return op->forward.name;
}

const char *nn_op_backward_name(const struct nn_op *op)
{
    return op->backward.name;
}

/* Scratch memory from us, and a ReLU or a sum fused behind the primitive. */
enum fused { FUSED_NOTHING, FUSED_RELU, FUSED_SUM };

static enum status attributes(dnnl_primitive_attr_t *out, enum fused fused, struct diag *diag)
{
    enum status status = STATUS_OK;
    dnnl_post_ops_t ops = NULL;
    TRY_DNNL(dnnl_primitive_attr_create(out), "attributes");
    TRY_DNNL(dnnl_primitive_attr_set_scratchpad_mode(*out, dnnl_scratchpad_mode_user),
             "attributes");
    TRY_DNNL(dnnl_post_ops_create(&ops), "attributes");
    if (fused == FUSED_RELU)
        TRY_DNNL(dnnl_post_ops_append_eltwise(ops, 1.0f, dnnl_eltwise_relu, 0.0f, 0.0f), "a ReLU");
    if (fused == FUSED_SUM)
        TRY_DNNL(dnnl_post_ops_append_sum(ops, 1.0f), "a sum");
    TRY_DNNL(dnnl_primitive_attr_set_post_ops(*out, ops), "attributes");
fail:
    dnnl_post_ops_destroy(ops);
    return status;
}

/* ---- convolution -------------------------------------------------------------------------- */

/* The descriptors that the two directions of a convolution share. */
struct conv_shape {
    dnnl_memory_desc_t src, kernel, bias, dst; /* kernel: order left to oneDNN */
    dnnl_memory_desc_t kernel_plain;
    dnnl_dims_t padding;
};

static enum status conv_shape_init(struct conv_shape *shape, const struct nn_layout *src,
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
                                     const struct conv_shape *shape, struct diag *diag)
{
    dnnl_primitive_attr_t attr = NULL;
    enum status status = attributes(&attr, FUSED_RELU, diag);
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
                                      const struct conv_shape *shape, const dnnl_memory_desc_t *dst,
                                      struct diag *diag)
{
    dnnl_memory_desc_t dsrc = shape->src;
    dnnl_primitive_attr_t attr = NULL;
    enum status status = attributes(&attr, FUSED_NOTHING, diag);
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

static enum status conv_backward_open(struct nn_op *op, const struct conv_shape *shape,
                                      const float *kernel, struct diag *diag)
{
    static const int ids[] = {DNNL_ARG_DIFF_SRC, DNNL_ARG_DIFF_DST, DNNL_ARG_WEIGHTS};
    float *packed;
    dnnl_primitive_desc_t desc = NULL;
    enum status status;
    TRY_OR_FAIL(conv_backward_desc(&desc, op->nn, shape, &op->dst.desc, diag));
    TRY_OR_FAIL(nn_step_open(&op->backward, op->nn, desc, ids, 3, diag));
    TRY_OR_FAIL(nn_pack(&packed, op->nn, kernel, &shape->kernel_plain,
                        dnnl_primitive_desc_query_md(desc, dnnl_query_weights_md, 0), diag));
    op->kernel_back = packed;
    const dnnl_memory_desc_t *dsrc = dnnl_primitive_desc_query_md(desc, dnnl_query_diff_src_md, 0);
    if (!dnnl_memory_desc_equal(dsrc, &shape->src)) {
        TRY_OR_FAIL(nn_reorder_open(&op->arrange, op->nn, dsrc, &shape->src, diag));
        TRY_OR_FAIL(mem_big(&op->aside, dnnl_memory_desc_get_size(dsrc), "the gradient", diag));
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
    struct conv_shape shape;
    struct nn_op *op = mem_new(sizeof *op);
    float *packed;
    dnnl_primitive_desc_t desc = NULL;
    enum status status;
    op->nn = nn;
    op->src = *src;
    op->bias = bias;
    TRY_OR_FAIL(conv_shape_init(&shape, src, out_channels, 3, diag));
    TRY_OR_FAIL(conv_forward_desc(&desc, nn, &shape, diag));
    nn_layout_set(&op->dst, dnnl_primitive_desc_query_md(desc, dnnl_query_dst_md, 0));
    TRY_OR_FAIL(nn_step_open(&op->forward, nn, desc, ids, 4, diag));
    TRY_OR_FAIL(nn_pack(&packed, nn, kernel, &shape.kernel_plain,
                        dnnl_primitive_desc_query_md(desc, dnnl_query_weights_md, 0), diag));
    op->kernel = packed;
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

/* ---- pooling ------------------------------------------------------------------------------ */

static enum status pool_backward_open(struct nn_op *op, dnnl_alg_kind_t algorithm,
                                      const dnnl_memory_desc_t *dst, const dnnl_dims_t after,
                                      const_dnnl_primitive_desc_t hint, struct diag *diag)
{
    static const int ids[] = {DNNL_ARG_DIFF_SRC, DNNL_ARG_DIFF_DST, DNNL_ARG_WORKSPACE};
    bool has_workspace = algorithm == dnnl_pooling_max;
    dnnl_pooling_desc_t desc;
    dnnl_primitive_desc_t primitive = NULL;
    dnnl_primitive_attr_t attr = NULL;
    enum status status = attributes(&attr, FUSED_NOTHING, diag);
    if (status != STATUS_OK)
        goto fail;
    TRY_DNNL(dnnl_pooling_backward_desc_init(&desc, algorithm, &op->src.desc, dst, two, two, none,
                                             after), "pooling backward");
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
    TRY_OR_FAIL(attributes(&attr, FUSED_NOTHING, diag));
    TRY_DNNL(dnnl_memory_desc_init_by_tag(&any, 4, dims, dnnl_f32, dnnl_format_tag_any), "pooling");
    TRY_DNNL(dnnl_pooling_forward_desc_init(
                 &desc, direction == NN_BOTH ? dnnl_forward_training : dnnl_forward_inference,
                 algorithm, &src->desc, &any, two, two, none, after), "pooling");
    TRY_DNNL(dnnl_primitive_desc_create(&primitive, &desc, attr, nn->engine, NULL), "pooling");
    const dnnl_memory_desc_t *dst = dnnl_primitive_desc_query_md(primitive, dnnl_query_dst_md, 0);
    nn_layout_set(&op->dst, dst);
    TRY_OR_FAIL(nn_step_open(&op->forward, nn, primitive, ids, has_workspace ? 3 : 2, diag));
    if (has_workspace)
        TRY_OR_FAIL(mem_big(&op->workspace,
                            dnnl_memory_desc_get_size(dnnl_primitive_desc_query_md(
                                primitive, dnnl_query_workspace_md, 0)), "pooling", diag));
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

/* ---- Gram matrix -------------------------------------------------------------------------- */

static enum status gram_product_open(struct nn_op *op, const struct conv_shape *shape,
                                     struct diag *diag)
{
    static const int ids[] = {DNNL_ARG_DIFF_WEIGHTS, DNNL_ARG_SRC, DNNL_ARG_DIFF_DST};
    const dnnl_memory_desc_t *f = &shape->src;
    dnnl_convolution_desc_t desc;
    dnnl_primitive_desc_t hint = NULL, primitive = NULL;
    dnnl_primitive_attr_t attr = NULL;
    enum status status = attributes(&attr, FUSED_NOTHING, diag);
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
    TRY_OR_FAIL(mem_big(&op->aside, dnnl_memory_desc_get_size(g), "a Gram matrix", diag));
    TRY_OR_FAIL(mem_big(&op->plain, dnnl_memory_desc_get_size(&shape->kernel_plain),
                        "a Gram matrix", diag));
fail:
    dnnl_primitive_desc_destroy(hint);
    dnnl_primitive_desc_destroy(primitive);
    dnnl_primitive_attr_destroy(attr);
    return status;
}

static enum status gram_backward_open(struct nn_op *op, const struct conv_shape *shape,
                                      struct diag *diag)
{
    static const int ids[] = {DNNL_ARG_DST, DNNL_ARG_SRC, DNNL_ARG_WEIGHTS};
    const dnnl_memory_desc_t *f = &shape->src;
    dnnl_convolution_desc_t desc;
    dnnl_primitive_desc_t primitive = NULL;
    dnnl_primitive_attr_t attr = NULL;
    enum status status = attributes(&attr, FUSED_SUM, diag);
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
    TRY_OR_FAIL(mem_big(&op->aside_back, dnnl_memory_desc_get_size(dg), "a Gram matrix", diag));
fail:
    dnnl_primitive_desc_destroy(primitive);
    dnnl_primitive_attr_destroy(attr);
    return status;
}

enum status nn_gram_open(struct nn_op **out, struct nn *nn, const struct nn_layout *src,
                         enum nn_direction direction, struct diag *diag)
{
    struct conv_shape shape;
    struct nn_op *op = mem_new(sizeof *op);
    enum status status;
    op->nn = nn;
    op->src = op->dst = *src;
    TRY_OR_FAIL(conv_shape_init(&shape, src, src->channels, 1, diag));
    TRY_OR_FAIL(gram_product_open(op, &shape, diag));
    if (direction == NN_BOTH)
        TRY_OR_FAIL(gram_backward_open(op, &shape, diag));
    *out = op;
    return STATUS_OK;
fail:
    nn_op_close(&op);
    return status;
}

enum status nn_gram_forward(struct nn_op *op, float *g, const float *f, float factor,
                            struct diag *diag)
{
    size_t n = (size_t)op->src.channels * (size_t)op->src.channels;
    TRY(nn_step_run(&op->forward, op->nn, (const void *[]){op->aside, f, f}, diag));
    TRY(nn_step_run(&op->arrange, op->nn, (const void *[]){op->aside, op->plain}, diag));
    for (size_t i = 0; i < n; i++)
        g[i] = factor * op->plain[i];
    return STATUS_OK;
}

enum status nn_gram_backward(struct nn_op *op, float *df, const float *f, const float *dg,
                             struct diag *diag)
{
    TRY(nn_step_run(&op->arrange_back, op->nn, (const void *[]){dg, op->aside_back}, diag));
    return nn_step_run(&op->backward, op->nn, (const void *[]){df, f, op->aside_back}, diag);
}

/* ---- running ------------------------------------------------------------------------------ */

enum status nn_forward(struct nn_op *op, float *dst, const float *src, struct diag *diag)
{
    const void *last = op->kernel ? (const void *)op->kernel : op->workspace;
    return nn_step_run(&op->forward, op->nn, (const void *[]){dst, src, last, op->bias}, diag);
}

enum status nn_backward(struct nn_op *op, float *dsrc, const float *ddst, struct diag *diag)
{
    const void *last = op->kernel_back ? (const void *)op->kernel_back : op->workspace;
    float *target = op->aside ? op->aside : dsrc;
    TRY(nn_step_run(&op->backward, op->nn, (const void *[]){target, ddst, last}, diag));
    if (!op->aside)
        return STATUS_OK;
    return nn_step_run(&op->arrange, op->nn, (const void *[]){op->aside, dsrc}, diag);
}

void nn_relu_backward(float *df, const float *f, size_t n)
{
#pragma omp parallel for simd schedule(static)
    for (size_t i = 0; i < n; i++)
        df[i] = f[i] > 0.0f ? df[i] : 0.0f;
}
