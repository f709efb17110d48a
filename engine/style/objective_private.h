/*
 * objective_private.h: what objective's files share:
 *     objective_terms.c  the terms of a layer
 *     objective_bands.c  the picture in bands of rows
 *     objective.c        opening, changing, the picture as a whole
 */
#ifndef STRATA_OBJECTIVE_PRIVATE_H
#define STRATA_OBJECTIVE_PRIVATE_H

#include "engine/net/bands.h"
#include "engine/style/objective.h"

enum { CONTENT_LAYER_COUNT = 2, EVERYTHING = -1 };

struct objective {
    struct nn *nn;
    const struct network *network;
    struct objective_shape shape;
    struct objective_weights weights;
    const struct target *targets;
    struct vgg *vgg;     /* the one or */
    struct bands *bands; /* the other */
    enum layer last;
    struct nn_op *gram[STYLE_LAYER_COUNT]; /* NULL where the target was off so far */
    float *g[STYLE_LAYER_COUNT];           /* [C][C], one allocation each with dg behind it */
    double *sum[STYLE_LAYER_COUNT];        /* [C][C], in bands */
    float *above;                          /* [3][width], a row of the picture, in bands */
    void *scratch; /* of the Gram products, which run one after the other */
    size_t scratch_size;
    void *content[CONTENT_LAYER_COUNT]; /* features of the content; NULL without weight */
    struct losses *losses;              /* of the evaluation under way */
    bool want_gradient;
    int alone; /* the only style layer that counts, without the content; EVERYTHING: all do */
};

extern const enum layer objective_content_layers[CONTENT_LAYER_COUNT];

double objective_content_weight(const struct objective_weights *weights, int i);

size_t objective_gram_size(const struct objective *objective, int i); /* C² */

/* Does style layer i, which is that layer, count now? */
bool objective_counts(const struct objective *objective, int i, enum layer layer);

/* Sets style layer i's loss and dG from G, of which `normaliser` numbers are the mean. */
void objective_style(struct objective *objective, int i, double normaliser);

/* Features of the content's layer i beside those of the picture: `values` numbers, of which the
 * content's begin `shift` later; count: of the whole layer, without padding. */
struct objective_content {
    int i;
    const struct nn_layout *layout;
    const void *features;
    size_t first, end;
    ptrdiff_t shift;
    double count;
};

/* Its loss; adds the gradient to df unless NULL. Does not depend on how many threads there are. */
double objective_content_loss(struct objective *objective, const struct objective_content *part,
                              void *df);

/* ---- in bands ----------------------------------------------------------------------------- */

/* Bytes of the content's features at layer i. */
size_t objective_bands_content_bytes(const struct objective *objective, int i);
enum status objective_bands_keep_content(struct objective *objective,
                                         const struct picture_rows *content, struct diag *diag);

/* The losses of x, but for their sum; and, unless step is NULL, its gradient by rows. x may change
 * behind step. */
enum status objective_bands_evaluate(struct objective *objective, const float *x,
                                     objective_step *step, void *context, struct diag *diag);

#endif
