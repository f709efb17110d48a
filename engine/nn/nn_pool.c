/*
 * nn_pool.c: see nn.h. Pooling by loops of our own: oneDNN's takes several times as long in this
 * order (measured, with AMX), and the ReLU in front of it would be one more pass over all features.
 */
#include <stdint.h>
#include <string.h>

#include "engine/base/bf16.h"
#include "engine/base/mem.h"
#include "engine/base/vector.h"
#include "engine/nn/nn_private.h"

/* Of the four numbers of a window, which was the largest; NOWHERE: none was above 0, so that the
 * ReLU in front lets no gradient through. */
enum { NOWHERE = 4 };

/* Numbers that are written side by side where a pixel has so many: whole lines of the cache. */
enum { WIDE = 64 };

#define INLINE __attribute__((always_inline)) static inline

/* Two rows of features and the row that comes out. An odd last column or row lies beside itself. */
struct window {
    const void *upper, *lower;
    void *upper_gradient, *lower_gradient;
    int width, lanes; /* of the rows of features */
    bool single;      /* the lower row is the upper one */
};

/* Offsets of a window's second column, 0 where there is none. */
static size_t right_of(const struct window *w, size_t column)
{
    return 2 * column + 1 < (size_t)w->width ? (size_t)w->lanes : 0;
}

/* TYPE: an integer of a feature's width. Sign and order of numbers that are not negative are those
 * of their bits, and loops over integers of two widths become vectors. */
#define MAX_ROW(name, TYPE)                                                                        \
    VECTOR_CLONES static void name(TYPE *restrict dst, uint8_t *restrict where,                    \
                                   const struct window *w)                                         \
    {                                                                                              \
        size_t lanes = (size_t)w->lanes;                                                           \
        for (size_t x = 0; 2 * x < (size_t)w->width; x++)                                          \
            for (size_t at = 0; at < lanes; at += NN_LANES) {                                      \
                size_t left = 2 * x * lanes + at, right = left + right_of(w, x);                   \
                const TYPE *upper = w->upper, *lower = w->lower;                                   \
                const TYPE *a = upper + left, *b = upper + right;                                  \
                const TYPE *c = lower + left, *d = lower + right;                                  \
                TYPE *to = dst + x * lanes + at;                                                   \
                uint8_t *place = where + x * lanes + at;                                           \
                _Pragma("omp simd") for (size_t i = 0; i < NN_LANES; i++)                          \
                {                                                                                  \
                    TYPE top = a[i] < b[i] ? b[i] : a[i], low = c[i] < d[i] ? d[i] : c[i];         \
                    TYPE most = top < low ? low : top;                                             \
                    TYPE first = a[i] < b[i], second = c[i] < d[i] ? 3 : 2;                        \
                    TYPE found = top < low ? second : first;                                       \
                    to[i] = most;                                                                  \
                    place[i] = (uint8_t)(most > 0 ? found : NOWHERE);                              \
                }                                                                                  \
            }                                                                                      \
    }

MAX_ROW(max_row, int32_t)
MAX_ROW(max_half_row, int16_t)

/* A gradient goes to where the maximum was, and zeros to the rest. Where a column or row lies
 * beside itself, no maximum is ever found in the second of the two: that one is written first. */
#define MAX_ROW_BACK(name, TYPE)                                                                   \
    INLINE void name##_span(const struct window *w, const TYPE *ddst, const uint8_t *where,        \
                            size_t x, size_t at, size_t span)                                      \
    {                                                                                              \
        size_t lanes = (size_t)w->lanes, left = 2 * x * lanes + at, right = left + right_of(w, x); \
        const TYPE *from = ddst + x * lanes + at;                                                  \
        const uint8_t *place = where + x * lanes + at;                                             \
        TYPE value[4][WIDE];                                                                       \
        _Pragma("omp simd") for (size_t i = 0; i < span; i++)                                      \
        {                                                                                          \
            TYPE found = place[i], g = from[i];                                                    \
            value[0][i] = found == 0 ? g : 0;                                                      \
            value[1][i] = found == 1 ? g : 0;                                                      \
            value[2][i] = found == 2 ? g : 0;                                                      \
            value[3][i] = found == 3 ? g : 0;                                                      \
        }                                                                                          \
        memcpy((TYPE *)w->lower_gradient + right, value[3], span * sizeof(TYPE));                  \
        memcpy((TYPE *)w->lower_gradient + left, value[2], span * sizeof(TYPE));                   \
        memcpy((TYPE *)w->upper_gradient + right, value[1], span * sizeof(TYPE));                  \
        memcpy((TYPE *)w->upper_gradient + left, value[0], span * sizeof(TYPE));                   \
    }                                                                                              \
    VECTOR_CLONES static void name(const struct window *w, const TYPE *ddst, const uint8_t *where) \
    {                                                                                              \
        size_t lanes = (size_t)w->lanes;                                                           \
        for (size_t x = 0; 2 * x < (size_t)w->width; x++) {                                        \
            size_t at = 0;                                                                         \
            for (; at + WIDE <= lanes; at += WIDE)                                                 \
                name##_span(w, ddst, where, x, at, WIDE);                                          \
            for (; at < lanes; at += NN_LANES)                                                     \
                name##_span(w, ddst, where, x, at, NN_LANES);                                      \
        }                                                                                          \
    }

MAX_ROW_BACK(max_row_back, uint32_t)
MAX_ROW_BACK(max_half_row_back, uint16_t)

static float window_count(const struct window *w, size_t column)
{
    return (right_of(w, column) ? 2.0f : 1.0f) * (w->single ? 1.0f : 2.0f);
}

/* WIDEN, NARROW: from what is stored to float and back. */
#define AVG_ROW(name, back, TYPE, WIDEN, NARROW)                                                   \
    VECTOR_CLONES static void name(TYPE *restrict dst, const struct window *w)                     \
    {                                                                                              \
        size_t lanes = (size_t)w->lanes;                                                           \
        for (size_t x = 0; 2 * x < (size_t)w->width; x++)                                          \
            for (size_t at = 0; at < lanes; at += NN_LANES) {                                      \
                size_t left = 2 * x * lanes + at, right = left + right_of(w, x);                   \
                const TYPE *upper = w->upper, *lower = w->lower;                                   \
                const TYPE *a = upper + left, *b = upper + right;                                  \
                const TYPE *c = lower + left, *d = lower + right;                                  \
                TYPE *to = dst + x * lanes + at;                                                   \
                _Pragma("omp simd") for (size_t i = 0; i < NN_LANES; i++) to[i] = NARROW(          \
                    0.25f * ((WIDEN(a[i]) + WIDEN(b[i])) + (WIDEN(c[i]) + WIDEN(d[i]))));          \
            }                                                                                      \
    }                                                                                              \
    VECTOR_CLONES static void back(const struct window *w, const TYPE *ddst)                       \
    {                                                                                              \
        size_t lanes = (size_t)w->lanes;                                                           \
        for (size_t x = 0; 2 * x < (size_t)w->width; x++) {                                        \
            float share = 1.0f / window_count(w, x);                                               \
            for (size_t at = 0; at < lanes; at += NN_LANES) {                                      \
                size_t left = 2 * x * lanes + at, right = left + right_of(w, x);                   \
                const TYPE *from = ddst + x * lanes + at;                                          \
                TYPE value[NN_LANES];                                                              \
                _Pragma("omp simd") for (size_t i = 0; i < NN_LANES; i++) value[i] =               \
                    NARROW(share * WIDEN(from[i]));                                                \
                memcpy((TYPE *)w->lower_gradient + right, value, sizeof value);                    \
                memcpy((TYPE *)w->lower_gradient + left, value, sizeof value);                     \
                memcpy((TYPE *)w->upper_gradient + right, value, sizeof value);                    \
                memcpy((TYPE *)w->upper_gradient + left, value, sizeof value);                     \
            }                                                                                      \
        }                                                                                          \
    }

#define SAME(x) (x)
AVG_ROW(avg_row, avg_row_back, float, SAME, SAME)
AVG_ROW(avg_half_row, avg_half_row_back, uint16_t, bf16_widen, bf16_narrow)

/* The window of the row-th row that comes out. */
static struct window window_at(const struct nn_op *op, const void *src, void *dsrc, int row)
{
    const struct nn_layout *l = &op->src;
    size_t number = l->half ? sizeof(uint16_t) : sizeof(float);
    size_t stride = (size_t)l->width * (size_t)l->lanes * number;
    size_t upper = 2 * (size_t)row * stride;
    bool single = 2 * row + 1 >= l->height;
    size_t lower = single ? upper : upper + stride;
    return (struct window){.upper = src ? (const char *)src + upper : NULL,
                           .lower = src ? (const char *)src + lower : NULL,
                           .upper_gradient = dsrc ? (char *)dsrc + upper : NULL,
                           .lower_gradient = dsrc ? (char *)dsrc + lower : NULL,
                           .width = l->width,
                           .lanes = l->lanes,
                           .single = single};
}

void nn_pool_forward(struct nn_op *op, void *dst, const void *src)
{
    const struct nn_layout *l = &op->dst;
    size_t row = (size_t)l->width * (size_t)l->lanes;
    struct nn_part *forward = &op->way[NN_PASS_FORWARD].staging;
    uint8_t *where = forward->data ? forward->data : op->between.data;
#pragma omp parallel for schedule(static)
    for (int y = 0; y < l->height; y++) {
        struct window w = window_at(op, src, NULL, y);
        size_t at = (size_t)y * row;
        if (op->pooling == NN_POOL_MAX && l->half)
            max_half_row((int16_t *)dst + at, where + at, &w);
        else if (op->pooling == NN_POOL_MAX)
            max_row((int32_t *)dst + at, where + at, &w);
        else if (l->half)
            avg_half_row((uint16_t *)dst + at, &w);
        else
            avg_row((float *)dst + at, &w);
    }
}

void nn_pool_backward(struct nn_op *op, void *dsrc, const void *ddst)
{
    const struct nn_layout *l = &op->dst;
    size_t row = (size_t)l->width * (size_t)l->lanes;
    const uint8_t *where = op->between.data;
#pragma omp parallel for schedule(static)
    for (int y = 0; y < l->height; y++) {
        struct window w = window_at(op, NULL, dsrc, y);
        size_t at = (size_t)y * row;
        if (op->pooling == NN_POOL_MAX && l->half)
            max_half_row_back(&w, (const uint16_t *)ddst + at, where + at);
        else if (op->pooling == NN_POOL_MAX)
            max_row_back(&w, (const uint32_t *)ddst + at, where + at);
        else if (l->half)
            avg_half_row_back(&w, (const uint16_t *)ddst + at);
        else
            avg_row_back(&w, (const float *)ddst + at);
    }
}

enum status nn_pool_open(struct nn_op **out, struct nn *nn, const struct nn_layout *src,
                         enum nn_pooling pooling, enum nn_direction direction, struct diag *diag)
{
    struct nn_op *op = mem_new(sizeof *op);
    struct nn_part *where = direction == NN_BOTH ? &op->between : &op->way[NN_PASS_FORWARD].staging;
    (void)diag; /* other backends may fail */
    op->nn = nn;
    op->kind = NN_OP_POOL;
    op->pooling = pooling;
    op->src = *src;
    nn_layout_set(&op->dst, src->channels, (src->height + 1) / 2, (src->width + 1) / 2, src->half);
    if (pooling == NN_POOL_MAX)
        where->size = nn_layout_values(&op->dst);
    *out = op;
    return STATUS_OK;
}
