/*
 * objective_terms.c: see objective_private.h. The terms of layers, whether their features are the
 * whole picture's or some rows'.
 */
#include <string.h>

#include "engine/style/objective_private.h"

const enum layer objective_content_layers[CONTENT_LAYER_COUNT] = {LAYER_RELU4_2, LAYER_RELU5_2};

double objective_content_weight(const struct objective_weights *weights, int i)
{
    return weights->content * (i == 0 ? weights->content_blend : 1.0 - weights->content_blend);
}

size_t objective_gram_size(const struct objective *o, int i)
{
    size_t c = (size_t)o->network->conv[layer_style[i]].out;
    return c * c;
}

static double content_stripe(struct objective *o, const struct objective_content *part, void *df,
                             size_t first, size_t end)
{
    enum { ROW = 4096 }; /* numbers at a time, to stay in the cache */
    double weight = objective_content_weight(&o->weights, part->i), sum = 0.0;
    float row[ROW], target[ROW], change[ROW];
    for (size_t at = first; at < end; at += ROW) {
        size_t n = end - at < ROW ? end - at : ROW;
        nn_read(row, part->layout, part->features, at, n);
        nn_read(target, part->layout, o->content[part->i], (size_t)((ptrdiff_t)at + part->shift),
                n);
        memset(change, 0, n * sizeof *change);
        sum += losses_content(df ? change : NULL, row, target, n, part->count, weight);
        if (df)
            nn_add(df, part->layout, change, at, n);
    }
    return sum;
}

double objective_content_loss(struct objective *o, const struct objective_content *part, void *df)
{
    enum { STRIPES = 64 };
    double sum[STRIPES];
    size_t n = part->end - part->first;
#pragma omp parallel for schedule(static)
    for (size_t s = 0; s < STRIPES; s++)
        sum[s] = content_stripe(o, part, df, part->first + n * s / STRIPES,
                                part->first + n * (s + 1) / STRIPES);
    for (int s = 1; s < STRIPES; s++)
        sum[0] += sum[s];
    return sum[0];
}

bool objective_counts(const struct objective *o, int i, enum layer layer)
{
    return layer_style[i] == layer && o->targets[i].gram &&
           (o->alone == EVERYTHING || o->alone == i);
}

void objective_style(struct objective *o, int i, double normaliser)
{
    double weight = o->weights.style / STYLE_LAYER_COUNT * o->weights.layer[i];
    o->losses->style_layer[i] =
        losses_style(o->g[i] + objective_gram_size(o, i), o->g[i], o->targets[i].gram,
                     o->network->conv[layer_style[i]].out, o->targets[i].constant, weight,
                     normaliser);
    o->losses->style += o->losses->style_layer[i];
}
