/*
 * losses.c: see losses.h. Sums run in double and, where threads share them, by stripes whose number
 * does not depend on the threads: nor do the sums.
 */
#include "engine/style/losses.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/vector.h"

enum { STRIPES = 64 };

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

/* Where a series is, to be written to. */
static double *place(struct losses *losses, int series)
{
#define X(field, sentence) &losses->field,
    double *const parts[LOSSES_PARTS] = {&losses->total, LOSS_LIST(X)};
#undef X
    return series < LOSSES_PARTS ? parts[series] : &losses->style_layer[series - LOSSES_PARTS];
}

void losses_print(char *out, size_t size, int iteration, const struct losses *losses)
{
    int used = snprintf(out, size, "; %d iterations, losses", iteration);
    for (int i = 0; i < LOSSES_SERIES && used >= 0 && (size_t)used < size; i++)
        used += snprintf(out + used, size - (size_t)used, " %s %.9g", losses_name(i),
                         losses_value(losses, i));
}

bool losses_parse(struct losses *out, int *iteration, const char *text)
{
    int used = 0;
    const char *at = text;
    while ((at = strstr(at, "; ")) &&
           !(sscanf(at, "; %d iterations, losses%n", iteration, &used) == 1 && used > 0))
        at++;
    if (!at)
        return false;
    at += used;
    for (int i = 0; i < LOSSES_SERIES; i++) {
        const char *name = losses_name(i);
        size_t n = strlen(name);
        char *end;
        if (*at != ' ' || strncmp(at + 1, name, n) != 0)
            return false;
        *place(out, i) = strtod(at + 1 + n, &end);
        if (end == at + 1 + n || !isfinite(*place(out, i)))
            return false;
        at = end;
    }
    return true;
}

void losses_add_up(struct losses *losses)
{
    double total = 0.0;
    for (int i = LOSSES_TOTAL + 1; i < LOSSES_PARTS; i++)
        total += losses_value(losses, i);
    losses->total = total;
}

/* The first series from `first` to before `end` that is not finite, or the largest. */
static int worst(const struct losses *losses, int first, int end)
{
    int worst = first;
    for (int i = first; i < end && isfinite(losses_value(losses, worst)); i++)
        if (!(losses_value(losses, i) <= losses_value(losses, worst)))
            worst = i;
    return worst;
}

void losses_worst(char out[LOSSES_WORDS], const struct losses *losses)
{
#define X(field, sentence) sentence,
    static const char *const sentences[] = {"total", LOSS_LIST(X)};
#undef X
    int term = worst(losses, LOSSES_TOTAL + 1, LOSSES_PARTS);
    if (term == LOSSES_style)
        snprintf(out, LOSSES_WORDS, "style loss at %s",
                 losses_name(worst(losses, LOSSES_PARTS, LOSSES_SERIES)));
    else
        snprintf(out, LOSSES_WORDS, "%s loss", sentences[term]);
}

/* Σ (f − target)² over n values; adds factor · (f − target) to df unless it is NULL. */
VECTOR_CLONES static double squared_difference(float *restrict df, const float *f,
                                               const float *target, size_t n, float factor)
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
    double scale = weight / (double)count;
    return scale * squared_difference(df, f, target, n, (float)(2.0 * scale));
}

double losses_style(float *dg, const float *g, const float *target, int c, double constant,
                    double weight, double normaliser)
{
    size_t n = (size_t)c * (size_t)c;
    double sum[STRIPES], scale = weight / (double)n;
#pragma omp parallel for schedule(static)
    for (size_t s = 0; s < STRIPES; s++) {
        size_t first = n * s / STRIPES, end = n * (s + 1) / STRIPES;
        if (dg)
            memset(dg + first, 0, (end - first) * sizeof *dg);
        sum[s] = squared_difference(dg ? dg + first : NULL, g + first, target + first,
                                    end - first, (float)(4.0 * scale / normaliser));
    }
    for (int s = 1; s < STRIPES; s++)
        sum[0] += sum[s];
    return scale * sum[0] + weight * constant;
}

/* The squares of a row's differences, to the right and to the row below. */
VECTOR_CLONES static void row_variation(double *across, double *down, const float *row,
                                        const float *below, size_t width)
{
    double right = 0.0, under = 0.0;
#pragma omp simd reduction(+ : right)
    for (size_t i = 0; i < width - 1; i++)
        right += (double)(row[i + 1] - row[i]) * (row[i + 1] - row[i]);
#pragma omp simd reduction(+ : under)
    for (size_t i = 0; i < width; i++)
        under += (double)(below[i] - row[i]) * (below[i] - row[i]);
    *across += right;
    *down += under;
}

/* Adds half the gradient of these squares, times a factor for each direction, at a row. */
VECTOR_CLONES static void row_gradient(float *restrict dx, const float *above, const float *row,
                                       const float *below, size_t width, float across, float down)
{
#pragma omp simd
    for (size_t i = 0; i < width; i++)
        dx[i] += down * ((row[i] - above[i]) + (row[i] - below[i]));
    if (width < 2)
        return;
    dx[0] += across * (row[0] - row[1]);
#pragma omp simd
    for (size_t i = 1; i < width - 1; i++)
        dx[i] += across * ((row[i] - row[i - 1]) + (row[i] - row[i + 1]));
    dx[width - 1] += across * (row[width - 1] - row[width - 2]);
}

struct losses_tv losses_tv_scale(int planes, int height, int width, double weight)
{
    double rows = (double)planes * height;
    double across = rows * (width - 1), down = (rows - planes) * width;
    return (struct losses_tv){width, across > 0.0 ? weight / across : 0.0,
                              down > 0.0 ? weight / down : 0.0};
}

/* Beyond an edge lies the row itself: no difference. */
double losses_tv_row(float *dx, const float *above, const float *row, const float *below,
                     const struct losses_tv *tv)
{
    double across = 0.0, down = 0.0;
    size_t width = (size_t)tv->width;
    row_variation(&across, &down, row, below, width);
    if (dx)
        row_gradient(dx, above, row, below, width, (float)(2.0 * tv->across),
                     (float)(2.0 * tv->down));
    return tv->across * across + tv->down * down;
}

double losses_tv(float *dx, const float *x, int planes, int height, int width, double weight)
{
    struct losses_tv tv = losses_tv_scale(planes, height, width, weight);
    size_t w = (size_t)width;
    long rows = (long)planes * height;
    double sum[STRIPES];
#pragma omp parallel for schedule(static)
    for (int s = 0; s < STRIPES; s++) {
        sum[s] = 0.0;
        for (long r = rows * s / STRIPES; r < rows * (s + 1) / STRIPES; r++) {
            const float *row = x + (size_t)r * w;
            const float *above = r % height > 0 ? row - w : row;
            const float *below = r % height < height - 1 ? row + w : row;
            sum[s] += losses_tv_row(dx ? dx + (size_t)r * w : NULL, above, row, below, &tv);
        }
    }
    for (int s = 1; s < STRIPES; s++)
        sum[0] += sum[s];
    return sum[0];
}
