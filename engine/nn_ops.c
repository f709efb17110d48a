/*
 * nn_ops.c: see nn.h. What all operations have: running them, closing them, the ReLU's way back.
 */
#include <string.h>

#include "mem.h"
#include "nn_parts.h"

void nn_op_close(struct nn_op **op)
{
    struct nn_op *s = *op;
    if (!s)
        return;
    nn_step_close(&s->forward);
    nn_step_close(&s->backward);
    nn_step_close(&s->arrange);
    nn_step_close(&s->arrange_back);
    nn_kernel_close(&s->kernel);
    nn_kernel_close(&s->kernel_back);
    mem_free(s->own);
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

enum status nn_attributes(dnnl_primitive_attr_t *out, enum nn_fused fused, struct diag *diag)
{
    enum status status = STATUS_OK;
    dnnl_post_ops_t ops = NULL;
    TRY_DNNL(dnnl_primitive_attr_create(out), "attributes");
    TRY_DNNL(dnnl_primitive_attr_set_scratchpad_mode(*out, dnnl_scratchpad_mode_user),
             "attributes");
    TRY_DNNL(dnnl_post_ops_create(&ops), "attributes");
    if (fused == NN_FUSED_RELU)
        TRY_DNNL(dnnl_post_ops_append_eltwise(ops, 1.0f, dnnl_eltwise_relu, 0.0f, 0.0f), "a ReLU");
    if (fused == NN_FUSED_SUM)
        TRY_DNNL(dnnl_post_ops_append_sum(ops, 1.0f), "a sum");
    TRY_DNNL(dnnl_primitive_attr_set_post_ops(*out, ops), "attributes");
fail:
    dnnl_post_ops_destroy(ops);
    return status;
}

/* The operation's third argument: kernels, or where the maxima were. */
static enum status third(const void **out, struct nn_op *op, struct nn_kernel *kernel,
                         struct diag *diag)
{
    *out = op->workspace.data;
    return kernel->origin ? nn_kernel_lend(out, op->nn, kernel, diag) : STATUS_OK;
}

enum status nn_forward(struct nn_op *op, void *dst, const void *src, struct diag *diag)
{
    const void *data;
    TRY(third(&data, op, &op->kernel, diag));
    return nn_step_run(&op->forward, op->nn, (const void *[]){dst, src, data, op->bias}, diag);
}

enum status nn_backward(struct nn_op *op, void *dsrc, const void *ddst, struct diag *diag)
{
    const void *data;
    void *aside = op->aside_back.data;
    TRY(third(&data, op, &op->kernel_back, diag));
    TRY(nn_step_run(&op->backward, op->nn, (const void *[]){aside ? aside : dsrc, ddst, data},
                    diag));
    if (!aside)
        return STATUS_OK;
    return nn_step_run(&op->arrange_back, op->nn, (const void *[]){aside, dsrc}, diag);
}

/* ---- the ReLU's way back ------------------------------------------------------------------ */

void nn_relu_backward(const struct nn_layout *layout, void *df, const void *f)
{
    size_t n = nn_layout_bytes(layout) / sizeof(float);
    float *restrict d = df;
    const float *y = f;
#pragma omp parallel for simd schedule(static)
    for (size_t i = 0; i < n; i++)
        d[i] = y[i] > 0.0f ? d[i] : 0.0f;
}

/* A word of signs holds what lies LANES apart, so that a loop over words is one over neighbours. */
enum { LANES = 16, BITS = 32, BLOCK = LANES * BITS };

size_t nn_signs_bytes(const struct nn_layout *layout)
{
    size_t n = nn_layout_bytes(layout) / sizeof(float);
    return (n + BLOCK - 1) / BLOCK * LANES * sizeof(uint32_t);
}

void nn_signs_take(const struct nn_layout *layout, uint32_t *signs, const void *f)
{
    size_t n = nn_layout_bytes(layout) / sizeof(float);
#pragma omp parallel for schedule(static)
    for (size_t begin = 0; begin < n; begin += BLOCK) {
        const float *y = (const float *)f + begin;
        uint32_t word[LANES] = {0};
        int rows = n - begin < BLOCK ? (int)((n - begin) / LANES) : BITS;
        for (int j = 0; j < rows; j++)
            for (int i = 0; i < LANES; i++)
                word[i] |= (uint32_t)(y[j * LANES + i] > 0.0f) << j;
        for (size_t k = (size_t)rows * LANES; rows < BITS && begin + k < n; k++)
            word[k % LANES] |= (uint32_t)(y[k] > 0.0f) << rows;
        memcpy(signs + begin / BITS, word, sizeof word);
    }
}

void nn_signs_backward(const struct nn_layout *layout, void *df, const uint32_t *signs)
{
    size_t n = nn_layout_bytes(layout) / sizeof(float);
#pragma omp parallel for schedule(static)
    for (size_t begin = 0; begin < n; begin += BLOCK) {
        float *d = (float *)df + begin;
        const uint32_t *word = signs + begin / BITS;
        int rows = n - begin < BLOCK ? (int)((n - begin) / LANES) : BITS;
        for (int j = 0; j < rows; j++)
            for (int i = 0; i < LANES; i++)
                d[j * LANES + i] = word[i] >> j & 1 ? d[j * LANES + i] : 0.0f;
        for (size_t k = (size_t)rows * LANES; rows < BITS && begin + k < n; k++)
            d[k] = word[k % LANES] >> rows & 1 ? d[k] : 0.0f;
    }
}
