/*
 * nn_layout.c: see nn.h and nn_layout.h. Layouts, pictures, and element-wise work on features:
 * reading them as floats, adding to them, the ReLU's backward pass. Knows no oneDNN.
 */
#include "engine/nn/nn_layout.h"

#include <stdint.h>
#include <string.h>

#include "engine/base/bf16.h"
#include "engine/base/vector.h"

int nn_whole_lanes(int channels)
{
    return (channels + NN_LANES - 1) / NN_LANES * NN_LANES;
}

void nn_layout_set(struct nn_layout *layout, int channels, int height, int width, bool half)
{
    *layout = (struct nn_layout){channels, height, width, nn_whole_lanes(channels), half, false};
}

int nn_layout_channels(const struct nn_layout *layout)
{
    return layout->channels;
}

size_t nn_layout_pixels(const struct nn_layout *layout)
{
    return (size_t)layout->height * (size_t)layout->width;
}

size_t nn_layout_count(const struct nn_layout *layout)
{
    return (size_t)layout->channels * nn_layout_pixels(layout);
}

size_t nn_layout_values(const struct nn_layout *layout)
{
    return (size_t)layout->lanes * nn_layout_pixels(layout);
}

size_t nn_layout_bytes(const struct nn_layout *layout)
{
    return nn_layout_values(layout) * (layout->half ? sizeof(uint16_t) : sizeof(float));
}

bool nn_layout_is_half(const struct nn_layout *layout)
{
    return layout->half;
}

/* ---- pictures ----------------------------------------------------------------------------- */

void nn_layout_set_picture(struct nn_layout *layout, int height, int width, bool half)
{
    *layout = (struct nn_layout){3, height, width, half ? 3 * NN_PICTURE_PARTS : 3, half, true};
}

static void take_pixels(float *pixel, const float *const plane[3], const float mean[3], size_t n)
{
    for (size_t i = 0; i < n; i++)
        for (int c = 0; c < 3; c++)
            pixel[3 * i + (size_t)c] = plane[c][i] - mean[c];
}

static void take_half_pixels(uint16_t *pixel, const float *const plane[3], const float mean[3],
                             size_t n)
{
    for (size_t i = 0; i < n; i++, pixel += 3 * NN_PICTURE_PARTS)
        for (int c = 0; c < 3; c++) {
            float value = plane[c][i] - mean[c];
            pixel[c] = pixel[c + 6] = bf16_narrow(value);
            pixel[c + 3] = bf16_narrow(value - bf16_widen(pixel[c]));
        }
}

void nn_picture_take(const struct nn_layout *layout, void *picture, const float *const plane[3],
                     const float mean[3])
{
    size_t pixels = nn_layout_pixels(layout), row = (size_t)layout->width;
#pragma omp parallel for schedule(static)
    for (size_t at = 0; at < pixels; at += row) {
        const float *const from[3] = {plane[0] + at, plane[1] + at, plane[2] + at};
        size_t first = at * (size_t)layout->lanes;
        if (layout->half)
            take_half_pixels((uint16_t *)picture + first, from, mean, row);
        else
            take_pixels((float *)picture + first, from, mean, row);
    }
}

void nn_picture_give(const struct nn_layout *layout, float *planes, const float *gradient,
                     size_t lanes)
{
    size_t pixels = nn_layout_pixels(layout), row = (size_t)layout->width;
#pragma omp parallel for schedule(static)
    for (size_t at = 0; at < pixels; at += row)
        for (size_t i = at; i < at + row; i++)
            for (size_t c = 0; c < 3; c++)
                planes[c * pixels + i] = gradient[lanes * i + c];
}

/* ---- numbers ------------------------------------------------------------------------------ */

VECTOR_CLONES void nn_read(float *dst, const struct nn_layout *layout, const void *features,
                           size_t first, size_t n)
{
    const uint16_t *half = (const uint16_t *)features + first;
    if (!layout->half) {
        memcpy(dst, (const float *)features + first, n * sizeof *dst);
        return;
    }
#pragma omp simd
    for (size_t i = 0; i < n; i++)
        dst[i] = bf16_widen(half[i]);
}

VECTOR_CLONES void nn_add(void *features, const struct nn_layout *layout, const float *src,
                          size_t first, size_t n)
{
    float *restrict full = (float *)features + first;
    uint16_t *restrict half = (uint16_t *)features + first;
    if (!layout->half) {
#pragma omp simd
        for (size_t i = 0; i < n; i++)
            full[i] += src[i];
    } else {
#pragma omp simd
        for (size_t i = 0; i < n; i++)
            half[i] = bf16_narrow(bf16_widen(half[i]) + src[i]);
    }
}

/* Work is dealt out in runs of this many numbers. */
enum { RUN = 1 << 14 };

VECTOR_CLONES static void relu_run(float *restrict d, const float *y, size_t n)
{
#pragma omp simd
    for (size_t i = 0; i < n; i++)
        d[i] = y[i] > 0.0f ? d[i] : 0.0f;
}

/* y: sign and order of a bfloat16 are those of its bits. */
VECTOR_CLONES static void relu_half_run(uint16_t *restrict d, const int16_t *y, size_t n)
{
#pragma omp simd
    for (size_t i = 0; i < n; i++)
        d[i] = y[i] > 0 ? d[i] : 0;
}

void nn_relu_backward(const struct nn_layout *layout, void *df, const void *f)
{
    size_t n = nn_layout_values(layout);
#pragma omp parallel for schedule(static)
    for (size_t at = 0; at < n; at += RUN) {
        size_t count = n - at < RUN ? n - at : RUN;
        if (layout->half)
            relu_half_run((uint16_t *)df + at, (const int16_t *)f + at, count);
        else
            relu_run((float *)df + at, (const float *)f + at, count);
    }
}

/* A word of signs holds what lies LANES apart, so that a loop over words is one over neighbours. */
enum { LANES = 16, BITS = 32, BLOCK = LANES * BITS };

size_t nn_signs_bytes(const struct nn_layout *layout)
{
    return (nn_layout_values(layout) + BLOCK - 1) / BLOCK * LANES * sizeof(uint32_t);
}

/* The signs of n numbers, at most a BLOCK and whole LANES, as bits of LANES words. */
VECTOR_CLONES static void take_block(uint32_t *restrict word, const float *f, size_t n)
{
    uint32_t bits[LANES] = {0};
    for (size_t at = 0; at < n; at += LANES)
#pragma omp simd
        for (size_t i = 0; i < LANES; i++)
            bits[i] |= (uint32_t)(f[at + i] > 0.0f) << at / LANES;
    memcpy(word, bits, sizeof bits);
}

VECTOR_CLONES static void take_half_block(uint32_t *restrict word, const int16_t *f, size_t n)
{
    uint32_t bits[LANES] = {0};
    for (size_t at = 0; at < n; at += LANES)
#pragma omp simd
        for (size_t i = 0; i < LANES; i++)
            bits[i] |= (uint32_t)(f[at + i] > 0) << at / LANES;
    memcpy(word, bits, sizeof bits);
}

VECTOR_CLONES static void apply_block(const uint32_t *restrict word, float *restrict df, size_t n)
{
    for (size_t at = 0; at < n; at += LANES)
#pragma omp simd
        for (size_t i = 0; i < LANES; i++)
            df[at + i] = word[i] >> at / LANES & 1 ? df[at + i] : 0.0f;
}

VECTOR_CLONES static void apply_half_block(const uint32_t *restrict word, uint16_t *restrict df,
                                           size_t n)
{
    for (size_t at = 0; at < n; at += LANES)
#pragma omp simd
        for (size_t i = 0; i < LANES; i++)
            df[at + i] = word[i] >> at / LANES & 1 ? df[at + i] : 0;
}

void nn_signs_take(const struct nn_layout *layout, uint32_t *signs, const void *f)
{
    size_t n = nn_layout_values(layout);
#pragma omp parallel for schedule(static)
    for (size_t at = 0; at < n; at += BLOCK) {
        size_t count = n - at < BLOCK ? n - at : BLOCK;
        if (layout->half)
            take_half_block(signs + at / BITS, (const int16_t *)f + at, count);
        else
            take_block(signs + at / BITS, (const float *)f + at, count);
    }
}

void nn_signs_backward(const struct nn_layout *layout, void *df, const uint32_t *signs)
{
    size_t n = nn_layout_values(layout);
#pragma omp parallel for schedule(static)
    for (size_t at = 0; at < n; at += BLOCK) {
        size_t count = n - at < BLOCK ? n - at : BLOCK;
        if (layout->half)
            apply_half_block(signs + at / BITS, (uint16_t *)df + at, count);
        else
            apply_block(signs + at / BITS, (float *)df + at, count);
    }
}
