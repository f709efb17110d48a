/* losses.c: see losses.h. Sums run in double, by rows, so that they do not depend on threads. */
#include "engine/style/losses.h"

#include <assert.h>
#include <math.h>

const char *losses_name(int series)
{
#define X(field, sentence) #field,
    static const char *const parts[LOSSES_PARTS] = {"total", LOSS_LIST(X)};
#undef X
    assert(series >= 0 && series < LOSSES_SERIES);
    return series < LOSSES_PARTS ? parts[series] : layer_name(layer_style[series - LOSSES_PARTS]);
}

double losses_value(const struct losses *losses, int series)
{
#define X(field, sentence) losses->field,
    const double parts[LOSSES_PARTS] = {losses->total, LOSS_LIST(X)};
#undef X
    assert(series >= 0 && series < LOSSES_SERIES);
    return series < LOSSES_PARTS ? parts[series] : losses->style_layer[series - LOSSES_PARTS];
}

void losses_add_up(struct losses *losses)
{
    double total = 0.0;
    for (int i = LOSSES_TOTAL + 1; i < LOSSES_PARTS; i++)
        total += losses_value(losses, i);
    losses->total = total;
}

const char *losses_not_finite(const struct losses *losses)
{
#define X(field, sentence) sentence,
    static const char *const sentences[] = {"total", LOSS_LIST(X)};
#undef X
    int i = LOSSES_TOTAL + 1;
    while (i < LOSSES_PARTS - 1 && isfinite(losses_value(losses, i)))
        i++;
    return sentences[i];
}

/* Features are gone through in rows of this many, so that value and gradient share the cache. */
enum { ROW = 4096 };

static double squared_difference(float *restrict df, const float *f, const float *target, size_t n,
                                 float factor)
{
    double sum = 0.0;
#pragma omp simd reduction(+ : sum)
    for (size_t i = 0; i < n; i++)
        sum += (double)(f[i] - target[i]) * (f[i] - target[i]);
    if (df) {
#pragma omp simd
        for (size_t i = 0; i < n; i++)
            df[i] += factor * (f[i] - target[i]);
    }
    return sum;
}

double losses_content(float *df, const float *f, const float *target, size_t n, size_t count,
                      double weight)
{
    double sum = 0.0, scale = weight / (double)count;
    for (size_t i = 0; i < n; i += ROW) {
        size_t row = n - i < ROW ? n - i : ROW;
        sum += squared_difference(df ? df + i : NULL, f + i, target + i, row, (float)(2.0 * scale));
    }
    return scale * sum;
}

double losses_style(float *dg, const float *g, const float *target, int c, double constant,
                    double weight, double normaliser)
{
    size_t n = (size_t)c * (size_t)c;
    double sum = 0.0, scale = weight / (double)n;
    float factor = (float)(4.0 * scale / normaliser);
    for (size_t i = 0; i < n; i++) {
        float difference = g[i] - target[i];
        sum += (double)difference * difference;
        if (dg)
            dg[i] = factor * difference;
    }
    return scale * sum + weight * constant;
}

/* One direction of the total variation over one plane: pairs (i, i + step) for i in rows of `row`
 * values that begin every `stride`, `rows` of them. Returns the sum of squares. */
static double variation(float *dx, const float *x, size_t rows, size_t row, size_t stride,
                        size_t step, float factor)
{
    double sum = 0.0;
    for (size_t r = 0; r < rows; r++) {
        const float *a = x + r * stride;
        float *restrict da = dx ? dx + r * stride : NULL;
        double line = 0.0;
#pragma omp simd reduction(+ : line)
        for (size_t i = 0; i < row; i++)
            line += (double)(a[i + step] - a[i]) * (a[i + step] - a[i]);
        sum += line;
        if (!da)
            continue;
#pragma omp simd
        for (size_t i = 0; i < row; i++)
            da[i] -= factor * (a[i + step] - a[i]);
#pragma omp simd
        for (size_t i = 0; i < row; i++)
            da[i + step] += factor * (a[i + step] - a[i]);
    }
    return sum;
}

double losses_tv(float *dx, const float *x, int planes, int height, int width, double weight)
{
    size_t p = (size_t)planes, h = (size_t)height, w = (size_t)width;
    double loss = 0.0;
    for (int vertical = 0; vertical < 2; vertical++) {
        size_t rows = vertical ? h - 1 : h, row = vertical ? w : w - 1;
        size_t step = vertical ? w : 1;
        if (rows * row == 0)
            continue;
        double scale = weight / (double)(p * rows * row), sum = 0.0;
        for (size_t i = 0; i < p; i++)
            sum += variation(dx ? dx + i * h * w : NULL, x + i * h * w, rows, row, w, step,
                             (float)(2.0 * scale));
        loss += scale * sum;
    }
    return loss;
}
