/*
 * losses.h: the list of loss terms, and each term's value and gradient on plain arrays. Content and
 * style: Gatys, Ecker, Bethge 2015, arXiv:1508.06576, eq. 1–7, as normalised by
 * anishathalye/neural-style. Knows no oneDNN, files or threads.
 */
#ifndef STRATA_LOSSES_H
#define STRATA_LOSSES_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/net/layer.h"

/* The terms whose sum is the total: field and name in tables and files, name in a sentence. */
#define LOSS_LIST(X)                                                                               \
    X(content, "content")                                                                          \
    X(style, "style")                                                                              \
    X(tv, "total variation")

/* The losses of one picture, weighted as they enter the total. */
struct losses {
    double total;
#define X(field, sentence) double field;
    LOSS_LIST(X)
#undef X
    double style_layer[STYLE_LAYER_COUNT]; /* 0 for a channel that is off */
};

/* The losses in a row: the total, its terms, then the style layers. */
enum {
    LOSSES_TOTAL,
#define X(field, sentence) LOSSES_##field,
    LOSS_LIST(X)
#undef X
    LOSSES_PARTS, /* the total and its terms */
    LOSSES_SERIES = LOSSES_PARTS + STYLE_LAYER_COUNT
};

/* "total", "content", …, "relu5_1", and the value; series: 0 … LOSSES_SERIES − 1. */
const char *losses_name(int series);
double losses_value(const struct losses *losses, int series);

/* Appends to a line of words "; 140 iterations, losses total 2.5e5 content …", with digits for
 * float, and reads it back from a text in which it stands; false if there is none, or not all. */
void losses_print(char *out, size_t size, int iteration, const struct losses *losses);
bool losses_parse(struct losses *out, int *iteration, const char *text);

/* Sets the total to the sum of the terms. */
void losses_add_up(struct losses *losses);

/* What a sentence calls the first term that is not finite, or else the largest: "style loss at
 * relu3_1". */
enum { LOSSES_WORDS = 40 };
void losses_worst(char out[LOSSES_WORDS], const struct losses *losses);

/* weight · Σ (f − target)² / count over n values, of which count are real and the rest padding
 * that is zero in both; adds the gradient to df unless df is NULL. */
double losses_content(float *df, const float *f, const float *target, size_t n, size_t count,
                      double weight);

/* weight · (Σ (g − target)² / c² + constant); dg, unless NULL, is set to the gradient's matrix so
 * that dF = F·dg for g = FᵀF / normaliser: dg = 4·weight·(g − target) / (c²·normaliser).
 * g, target, dg: [c][c], symmetric. */
double losses_style(float *dg, const float *g, const float *target, int c, double constant,
                    double weight, double normaliser);

/* weight · (Σ (x[y+1]−x[y])² / n_y + Σ (x[·,x+1]−x[·,x])² / n_x), n the number of differences in
 * all planes; adds the gradient to dx unless NULL. x, dx: [planes][height][width]. */
double losses_tv(float *dx, const float *x, int planes, int height, int width, double weight);

/* The same row by row: the sum over all rows of all planes is losses_tv. Beyond the first and the
 * last row `above` and `below` are the row itself. */
struct losses_tv {
    int width;
    double across, down; /* weight / n_x, weight / n_y */
};
struct losses_tv losses_tv_scale(int planes, int height, int width, double weight);
double losses_tv_row(float *dx, const float *above, const float *row, const float *below,
                     const struct losses_tv *tv);

#endif
