/*
 * nn_features.c: see nn.h. Element-wise work on features in whatever order they lie: reading them
 * as floats, adding to them, the ReLU's backward pass. Knows no oneDNN.
 */
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "engine/base/bf16.h"
#include "engine/nn/nn.h"

void nn_read(float *dst, const struct nn_layout *layout, const void *features, size_t first,
             size_t n)
{
    const uint16_t *half = features;
    if (!nn_layout_is_half(layout)) {
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
    if (!nn_layout_is_half(layout))
        for (size_t i = 0; i < n; i++)
            full[i] += src[i];
    else
        for (size_t i = 0; i < n; i++)
            half[i] = bf16_narrow(bf16_widen(half[i]) + src[i]);
}

void nn_relu_backward(const struct nn_layout *layout, void *df, const void *f)
{
    size_t n = nn_layout_values(layout);
    if (!nn_layout_is_half(layout)) {
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
    bool half = nn_layout_is_half(layout);
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
    bool half = nn_layout_is_half(layout);
#pragma omp parallel for schedule(static)
    for (size_t begin = 0; begin < n; begin += BLOCK)
        for (size_t at = begin; at < n && at < begin + BLOCK; at += LANES)
            apply_row(signs + begin / BITS, df, at, n - at < LANES ? (int)(n - at) : LANES,
                      (int)((at - begin) / LANES), half);
}
