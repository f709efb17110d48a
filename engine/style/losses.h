/*
 * losses.h: content, style and total variation loss: value and gradient on plain arrays.
 * Formulas: DESIGN section 2, after Gatys, Ecker, Bethge 2015 (eq. 1–7) as normalised by
 * anishathalye/neural-style. Knows no oneDNN, files or threads.
 */
#ifndef STRATA_LOSSES_H
#define STRATA_LOSSES_H

#include <stddef.h>

#include "engine/net/layer.h"

/* The losses of one picture, weighted as they enter the total. */
struct losses {
    double total, content, style, tv;
    double style_layer[STYLE_LAYER_COUNT]; /* 0 for a channel that is off */
};

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

#endif
