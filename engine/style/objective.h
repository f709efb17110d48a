/*
 * objective.h: the total loss of a picture and its gradient: the network, the content's features
 * and the targets of the style layers together, at one size. Knows nothing of files, and not where
 * targets come from. Same thread rule as nn.h.
 */
#ifndef STRATA_OBJECTIVE_H
#define STRATA_OBJECTIVE_H

#include <stdbool.h>

#include "engine/style/losses.h"
#include "engine/nn/nn.h"
#include "engine/net/vgg.h"

struct objective;

/* What a style layer pulls towards. */
struct target {
    const float *gram; /* [channels][channels]; NULL: the channel is off */
    double constant;   /* Σ_j b_j‖T_j‖²/C² − ‖T‖²/C² for a mean of several styles, else 0 */
};

/* Of the terms, cw, sw, tw …; the content's share at relu4_2, b; and of the style layers, w_l. */
struct objective_weights {
#define X(field, sentence) double field;
    LOSS_LIST(X)
#undef X
    double content_blend;
    double layer[STYLE_LAYER_COUNT]; /* w_l */
};

struct objective_shape {
    int width, height;
    enum nn_pooling pooling;
    enum vgg_recompute recompute;
};

/* Opens the network, no deeper than weights and targets need, and takes the features of the
 * content [3][height*width]. targets are kept, not copied; network, nn and targets must outlive
 * it. */
enum status objective_open(struct objective **out, struct nn *nn, const struct network *network,
                           const struct objective_shape *shape, const float *content,
                           const struct target targets[STYLE_LAYER_COUNT],
                           const struct objective_weights *weights, struct diag *diag);

/* Bytes that it would take at each recompute level; allocates none of them. Of a target only
 * whether it is NULL counts. */
enum status objective_predict(size_t bytes[VGG_RECOMPUTE_COUNT], struct nn *nn,
                              const struct network *network, const struct objective_shape *shape,
                              const struct target targets[STYLE_LAYER_COUNT],
                              const struct objective_weights *weights, struct diag *diag);

void objective_close(struct objective **objective);

/* Other targets and weights from the next evaluation on, as if opened with them. *fits is false,
 * and nothing changed, if that takes another depth or other features of the content: open another
 * one. A channel that comes on without that opens its Gram products; a weight costs nothing. */
enum status objective_change(struct objective *objective,
                             const struct target targets[STYLE_LAYER_COUNT],
                             const struct objective_weights *weights, bool *fits,
                             struct diag *diag);

/* The losses of x [3][height*width], 0–255, and, unless gradient is NULL, d total / d x there.
 * Allocates nothing. STATUS_DIVERGED, with the term's name, if a loss is not finite. */
enum status objective_evaluate(struct objective *objective, struct losses *losses, float *gradient,
                               const float *x, struct diag *diag);

/* How strongly each style layer pulls at x: ‖d style_layer / d x‖₂; 0 for one that is off. gradient
 * is for its use, [3][height*width]. Takes a pass there and back for each layer, no deeper than the
 * layer; allocates nothing. */
enum status objective_pulls(struct objective *objective, double pull[STYLE_LAYER_COUNT],
                            float *gradient, const float *x, struct diag *diag);

/* The network, for `bench`; lent. */
struct vgg *objective_vgg(struct objective *objective);
/* Style layer i's Gram products, or NULL; lent. */
struct nn_op *objective_gram(struct objective *objective, int i);

#endif
