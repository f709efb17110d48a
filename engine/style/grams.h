/*
 * grams.h: the Gram matrices of one picture at the style layers. Knows nothing of jobs or files.
 * Same thread rule as nn.h.
 */
#ifndef STRATA_GRAMS_H
#define STRATA_GRAMS_H

#include "engine/net/network.h"
#include "engine/net/picture.h"
#include "engine/nn/nn.h"
#include "engine/style/objective.h"

struct grams {
    int width, height;
    enum nn_pooling pooling;
    int plan;                     /* as in objective.h */
    bool layer[STYLE_LAYER_COUNT]; /* which are asked for */
    const struct team *team;       /* in bands: each process looks at a part; NULL: one at all */
};

/* Rows of a picture that are read at once, in bands. */
enum { GRAMS_ROWS = 64 + 2 };

/* gram[i], of each layer asked for: [channels][channels] (mem_free), G = FᵀF / (H·W·C). One pass,
 * no deeper than the deepest of them. On failure none is there. */
enum status grams_compute(float *gram[STYLE_LAYER_COUNT], const struct grams *request,
                          struct nn *nn, const struct network *network,
                          const struct picture_rows *picture, struct diag *diag);

/* Bytes that this takes by each plan besides the picture and the matrices. */
enum status grams_predict(size_t bytes[OBJECTIVE_PLANS], const struct grams *request,
                          struct nn *nn, const struct network *network, struct diag *diag);

#endif
