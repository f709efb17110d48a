/*
 * nn_gram.c: see nn.h. The Gram matrix is a 1×1 convolution's backward-weights pass with the
 * features on both sides, and its backward pass a 1×1 convolution with dG as the kernel: both read
 * the features in the order in which they lie.
 *
 * G is symmetric. Where channels lie in blocks of 8 or 16, each with all its positions, a range of
 * channels is contiguous memory. G is then divided into 2 × 2 or 4 × 4 parts, and only those on and
 * above the diagonal are computed.
 */
#include <stdbool.h>

#include "engine/base/mem.h"
#include "engine/nn/nn_private.h"

static const dnnl_dims_t one = {1, 1}, none = {0, 0};

/* A product of fewer multiply-adds is computed in one part: more calls would cost more than the
 * symmetry saves. */
static const double min_part_work = 0.25e9;

/* Into how many equal parts the channels are divided: 4, 2 or 1. */
static int part_count(const dnnl_memory_desc_t *f)
{
    double work = (double)f->dims[1] * (double)f->dims[1] * (double)(f->dims[2] * f->dims[3]);
    const dnnl_blocking_desc_t *order = &f->format_desc.blocking;
    bool blocked = order->inner_nblks == 1 && order->inner_idxs[0] == 1 &&
                   (order->inner_blks[0] == 16 || order->inner_blks[0] == 8) &&
                   order->strides[1] == order->inner_blks[0] * f->dims[2] * f->dims[3];
    for (int parts = 4; parts > 1 && blocked && work >= min_part_work; parts /= 2)
        if (f->dims[1] % (parts * order->inner_blks[0]) == 0)
            return parts;
    return 1;
}

static enum status gram_forward_open(struct nn_op *op, struct diag *diag)
{
    static const int ids[] = {DNNL_ARG_DIFF_WEIGHTS, DNNL_ARG_SRC, DNNL_ARG_DIFF_DST};
    struct nn_conv_shape shape;
    dnnl_memory_desc_t f, kernel;
    dnnl_convolution_desc_t desc;
    dnnl_primitive_desc_t hint = NULL, primitive = NULL;
    dnnl_primitive_attr_t attr = NULL;
    const dnnl_memory_desc_t *whole = &op->src.desc;
    enum status status = nn_attributes(&attr, NN_FUSED_NOTHING, diag);
    if (status != STATUS_OK)
        goto fail;
    op->parts = part_count(whole);
    f = *whole;
    if (op->parts > 1) {
        dnnl_dims_t dims = {1, f.dims[1] / op->parts, f.dims[2], f.dims[3]};
        bool wide = f.format_desc.blocking.inner_blks[0] == 16;
        TRY_DNNL(dnnl_memory_desc_init_by_tag(&f, 4, dims, f.data_type,
                                              wide ? dnnl_nChw16c : dnnl_nChw8c),
                 "a Gram matrix");
    }
    TRY_OR_FAIL(nn_conv_shape_init(&shape, &f, (int)f.dims[1], 1, diag));
    TRY_DNNL(dnnl_convolution_forward_desc_init(&desc, dnnl_forward_training,
                                                dnnl_convolution_direct, &f, &shape.kernel, NULL,
                                                &f, one, none, none),
             "a Gram matrix");
    TRY_DNNL(dnnl_primitive_desc_create(&hint, &desc, attr, op->nn->engine, NULL), "a Gram matrix");
    kernel = shape.kernel;
    kernel.data_type = dnnl_f32;
    TRY_DNNL(dnnl_convolution_backward_weights_desc_init(&desc, dnnl_convolution_direct, &f,
                                                         &kernel, NULL, &f, one, none, none),
             "a Gram matrix");
    TRY_DNNL(dnnl_primitive_desc_create(&primitive, &desc, attr, op->nn->engine, hint),
             "a Gram matrix");
    TRY_OR_FAIL(nn_step_open(&op->forward, op->nn, primitive, ids, 3, diag));
    const dnnl_memory_desc_t *g =
        dnnl_primitive_desc_query_md(primitive, dnnl_query_diff_weights_md, 0);
    TRY_OR_FAIL(nn_reorder_open(&op->reorder, op->nn, g, &shape.kernel_plain, diag));
    op->staging.size = dnnl_memory_desc_get_size(g);
    op->plain.size = dnnl_memory_desc_get_size(&shape.kernel_plain);
fail:
    dnnl_primitive_desc_destroy(hint);
    dnnl_primitive_desc_destroy(primitive);
    dnnl_primitive_attr_destroy(attr);
    return status;
}

static enum status gram_backward_open(struct nn_op *op, struct diag *diag)
{
    static const int ids[] = {DNNL_ARG_DST, DNNL_ARG_SRC, DNNL_ARG_WEIGHTS};
    struct nn_conv_shape shape;
    const dnnl_memory_desc_t *f = &op->src.desc;
    dnnl_convolution_desc_t desc;
    dnnl_primitive_desc_t primitive = NULL;
    dnnl_primitive_attr_t attr = NULL;
    enum status status = nn_attributes(&attr, NN_FUSED_SUM, diag);
    if (status != STATUS_OK)
        goto fail;
    TRY_OR_FAIL(nn_conv_shape_init(&shape, f, op->src.channels, 1, diag));
    TRY_DNNL(dnnl_convolution_forward_desc_init(&desc, dnnl_forward_inference,
                                                dnnl_convolution_direct, f, &shape.kernel, NULL, f,
                                                one, none, none),
             "a Gram matrix's gradient");
    TRY_DNNL(dnnl_primitive_desc_create(&primitive, &desc, attr, op->nn->engine, NULL),
             "a Gram matrix's gradient");
    TRY_OR_FAIL(nn_step_open(&op->backward, op->nn, primitive, ids, 3, diag));
    const dnnl_memory_desc_t *dg =
        dnnl_primitive_desc_query_md(primitive, dnnl_query_weights_md, 0);
    TRY_OR_FAIL(nn_reorder_open(&op->reorder_backward, op->nn, &shape.kernel_plain, dg, diag));
    op->staging_backward.size = dnnl_memory_desc_get_size(dg);
fail:
    dnnl_primitive_desc_destroy(primitive);
    dnnl_primitive_attr_destroy(attr);
    return status;
}

enum status nn_gram_open(struct nn_op **out, struct nn *nn, const struct nn_layout *src,
                         enum nn_direction direction, struct diag *diag)
{
    struct nn_op *op = mem_new(sizeof *op);
    op->nn = nn;
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

/* Part (a, b) of G and its mirror image, from the product [part][part]. */
static void place_part(float *g, const struct nn_op *op, int a, int b, float factor)
{
    size_t c = (size_t)op->src.channels, part = c / (size_t)op->parts;
    size_t row = (size_t)a * part, column = (size_t)b * part;
    const float *plain = op->plain.data;
    for (size_t i = 0; i < part; i++)
        for (size_t j = 0; j < part; j++) {
            float value = factor * plain[i * part + j];
            g[(row + i) * c + column + j] = value;
            g[(column + j) * c + row + i] = value;
        }
}

enum status nn_gram_forward(struct nn_op *op, float *g, const void *f, float factor,
                            struct diag *diag)
{
    const char *features = f;
    size_t part = nn_layout_bytes(&op->src) / (size_t)op->parts;
    for (int a = 0; a < op->parts; a++)
        for (int b = a; b < op->parts; b++) {
            /* The product's rows are the second's channels. */
            const void *rows = features + (size_t)a * part, *columns = features + (size_t)b * part;
            void *product = op->staging.data;
            TRY(nn_step_run(&op->forward, op->nn, (const void *[]){product, columns, rows}, diag));
            TRY(nn_step_run(&op->reorder, op->nn, (const void *[]){product, op->plain.data}, diag));
            place_part(g, op, a, b, factor);
        }
    return STATUS_OK;
}

enum status nn_gram_backward(struct nn_op *op, void *df, const void *f, const float *dg,
                             struct diag *diag)
{
    void *kernel = op->staging_backward.data;
    TRY(nn_step_run(&op->reorder_backward, op->nn, (const void *[]){dg, kernel}, diag));
    return nn_step_run(&op->backward, op->nn, (const void *[]){df, f, kernel}, diag);
}
