/*
 * objective.h: the total loss of a picture and its gradient: the network, the content's features
 * and the targets of the style layers together, at one size. Knows nothing of files, and not where
 * targets come from. Same thread rule as nn.h.
 */
#ifndef STRATA_OBJECTIVE_H
#define STRATA_OBJECTIVE_H

#include <stdbool.h>

#include "engine/base/team.h"
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

/* How features are held. As vgg.h's recompute levels say, those of the whole picture, or in bands
 * of 64, 32 or 16 rows, see bands.h: all of it is computed again on the way back but for the bands
 * that are kept. The gradient is the same to float precision; bands of different numbers of rows
 * round differently. */
enum {
    OBJECTIVE_BANDS = VGG_RECOMPUTE_COUNT, /* the first plan in bands; more rows are slower: a
                                            * band is to lie in the cache */
    OBJECTIVE_PLANS = OBJECTIVE_BANDS + 3,
    OBJECTIVE_MOST_ROWS = 64 + 2 /* of a picture that are read at once, in bands */
};

struct objective_shape {
    int width, height;
    enum nn_pooling pooling;
    int plan; /* enum vgg_recompute, or from OBJECTIVE_BANDS on */
    /* In bands: */
    size_t keep;             /* bytes that bands kept between the passes may take */
    int first, end;          /* rows that are this process's part, see bands.h; 0, 0: all */
    const struct team *team; /* who has the rest; NULL: nobody */
};

/* Opens the network, no deeper than weights and targets need, and takes the features of the
 * content. targets are kept, not copied; network, nn and targets must outlive it. */
enum status objective_open(struct objective **out, struct nn *nn, const struct network *network,
                           const struct objective_shape *shape, const struct picture_rows *content,
                           const struct target targets[STYLE_LAYER_COUNT],
                           const struct objective_weights *weights, struct diag *diag);

/* Bytes that it would take by each plan, nothing kept, and what keeping all bands would take
 * besides; allocates none of them. Of a target only whether it is NULL counts. */
enum status objective_predict(size_t bytes[OBJECTIVE_PLANS], size_t all[OBJECTIVE_PLANS],
                              struct nn *nn,
                              const struct network *network, const struct objective_shape *shape,
                              const struct target targets[STYLE_LAYER_COUNT],
                              const struct objective_weights *weights, struct diag *diag);

/* The first plan whose bytes are at most allowed; OBJECTIVE_PLANS: none. */
int objective_choose(const size_t bytes[OBJECTIVE_PLANS], size_t allowed);

/* In bands: the rows of the picture that evaluations read, those of the part and what is beside
 * them; else all. */
void objective_window(const struct objective *objective, int *first, int *end);

void objective_close(struct objective **objective);

/* Other targets and weights from the next evaluation on, as if opened with them. *fits is false,
 * and nothing changed, if that takes another depth or other features of the content: open another
 * one. A channel that comes on without that opens its Gram products; a weight costs nothing. */
enum status objective_change(struct objective *objective,
                             const struct target targets[STYLE_LAYER_COUNT],
                             const struct objective_weights *weights, bool *fits,
                             struct diag *diag);

/* The losses of x [3][rows*width], 0–255, the rows of the window, and, unless gradient is NULL,
 * d total / d x there, of the part's rows alone. Allocates nothing. STATUS_DIVERGED, with the
 * term's name, if a loss is not finite. */
enum status objective_evaluate(struct objective *objective, struct losses *losses, float *gradient,
                               const float *x, struct diag *diag);

/* In bands: the same without a place for the gradient. Once the losses are known and finite, hands
 * it over by rows, [count][width] a plane, in order; step may change these rows of x and no
 * others. */
typedef void objective_step(void *context, int row, int count, float *const gradient[3]);
enum status objective_descend(struct objective *objective, struct losses *losses, const float *x,
                              objective_step *step, void *context, struct diag *diag);

/* How strongly each style layer pulls at x: ‖d style_layer / d x‖₂; 0 for one that is off. gradient
 * is for its use, as in objective_evaluate; in bands it may be NULL. Takes a pass there and back
 * for each layer, no deeper than the layer; allocates nothing. */
enum status objective_pulls(struct objective *objective, double pull[STYLE_LAYER_COUNT],
                            float *gradient, const float *x, struct diag *diag);

/* The network, for `bench`; lent. NULL in bands. */
struct vgg *objective_vgg(struct objective *objective);
/* Style layer i's Gram products, or NULL; lent. */
struct nn_op *objective_gram(struct objective *objective, int i);

#endif
