/*
 * nn_ops.c: see nn.h. What all operations have: running them, closing them, the ReLU's way back.
 */
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "engine/base/mem.h"
#include "engine/base/bf16.h"
#include "engine/nn/nn_private.h"

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
    void *aside = op->aside.data, *target = aside ? aside : dst;
    TRY(third(&data, op, &op->kernel, diag));
    TRY(nn_step_run(&op->forward, op->nn, (const void *[]){target, src, data, op->bias}, diag));
    if (!aside)
        return STATUS_OK;
    return nn_step_run(&op->arrange, op->nn, (const void *[]){aside, dst}, diag);
}

enum status nn_backward(struct nn_op *op, void *dsrc, const void *ddst, struct diag *diag)
{
    const void *data;
    void *aside = op->aside_back.data, *target = aside ? aside : dsrc;
    TRY(third(&data, op, &op->kernel_back, diag));
    TRY(nn_step_run(&op->backward, op->nn, (const void *[]){target, ddst, data}, diag));
    if (!aside)
        return STATUS_OK;
    return nn_step_run(&op->arrange_back, op->nn, (const void *[]){aside, dsrc}, diag);
}

/* ---- numbers ------------------------------------------------------------------------------ */

void nn_read(float *dst, const struct nn_layout *layout, const void *features, size_t first,
             size_t n)
{
    const uint16_t *half = features;
    if (layout->desc.data_type == dnnl_f32) {
        memcpy(dst, (const float *)features + first, n * sizeof *dst);
        return;
    }
    for (size_t i = 0; i < n; i++)
        dst[i] = bf16_widen(half[first + i]);
}

void nn_add(void *features, const struct nn_layout *layout, const float *src, size_t first,
            size_t n)
{
    float *restrict full = (float *)features + first;
    uint16_t *restrict half = (uint16_t *)features + first;
    if (layout->desc.data_type == dnnl_f32)
        for (size_t i = 0; i < n; i++)
            full[i] += src[i];
    else
        for (size_t i = 0; i < n; i++)
            half[i] = bf16_narrow(bf16_widen(half[i]) + src[i]);
}

void nn_relu_backward(const struct nn_layout *layout, void *df, const void *f)
{
    size_t n = nn_layout_values(layout);
    if (layout->desc.data_type == dnnl_f32) {
        float *restrict d = df;
        const float *y = f;
#pragma omp parallel for simd schedule(static)
        for (size_t i = 0; i < n; i++)
            d[i] = y[i] > 0.0f ? d[i] : 0.0f;
    } else {
        uint16_t *restrict d = df;
        const int16_t *y = f; /* sign and order of a bfloat16 are those of its bits */
#pragma omp parallel for simd schedule(static)
        for (size_t i = 0; i < n; i++)
            d[i] = y[i] > 0 ? d[i] : 0;
    }
}

/* A word of signs holds what lies LANES apart, so that a loop over words is one over neighbours. */
enum { LANES = 16, BITS = 32, BLOCK = LANES * BITS };

size_t nn_signs_bytes(const struct nn_layout *layout)
{
    return (nn_layout_values(layout) + BLOCK - 1) / BLOCK * LANES * sizeof(uint32_t);
}

/* The first `count` numbers' signs as bit `bit` of as many words. */
static void take_row(uint32_t *restrict word, const void *f, size_t first, int count, int bit,
                     bool half)
{
    const float *full = (const float *)f + first;
    const int16_t *halves = (const int16_t *)f + first;
    if (half) {
#pragma omp simd
        for (int i = 0; i < count; i++)
            word[i] |= (uint32_t)(halves[i] > 0) << bit;
    } else {
#pragma omp simd
        for (int i = 0; i < count; i++)
            word[i] |= (uint32_t)(full[i] > 0.0f) << bit;
    }
}

static void apply_row(const uint32_t *restrict word, void *df, size_t first, int count, int bit,
                      bool half)
{
    float *restrict full = (float *)df + first;
    uint16_t *restrict halves = (uint16_t *)df + first;
    if (half) {
#pragma omp simd
        for (int i = 0; i < count; i++)
            halves[i] = word[i] >> bit & 1 ? halves[i] : 0;
    } else {
#pragma omp simd
        for (int i = 0; i < count; i++)
            full[i] = word[i] >> bit & 1 ? full[i] : 0.0f;
    }
}

void nn_signs_take(const struct nn_layout *layout, uint32_t *signs, const void *f)
{
    size_t n = nn_layout_values(layout);
    bool half = layout->desc.data_type != dnnl_f32;
#pragma omp parallel for schedule(static)
    for (size_t begin = 0; begin < n; begin += BLOCK) {
        uint32_t *word = signs + begin / BITS;
        memset(word, 0, LANES * sizeof *word);
        for (size_t at = begin; at < n && at < begin + BLOCK; at += LANES)
            take_row(word, f, at, n - at < LANES ? (int)(n - at) : LANES,
                     (int)((at - begin) / LANES), half);
    }
}

void nn_signs_backward(const struct nn_layout *layout, void *df, const uint32_t *signs)
{
    size_t n = nn_layout_values(layout);
    bool half = layout->desc.data_type != dnnl_f32;
#pragma omp parallel for schedule(static)
    for (size_t begin = 0; begin < n; begin += BLOCK)
        for (size_t at = begin; at < n && at < begin + BLOCK; at += LANES)
            apply_row(signs + begin / BITS, df, at, n - at < LANES ? (int)(n - at) : LANES,
                      (int)((at - begin) / LANES), half);
}
