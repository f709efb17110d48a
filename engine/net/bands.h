/*
 * bands.h: a network run over a picture in bands of rows, for pictures whose features do not fit
 * into memory: the same features and gradients as vgg.h gives, to rounding. All layers advance
 * together from top to bottom, each as many rows behind the one before it as its kernels reach, so
 * nothing is computed twice within a pass. On the way back the same, some 150 rows behind. Knows
 * nothing of styles or losses. Same thread rule as nn.h.
 *
 * The rows that are wanted may be a part of the picture, which several processes share among
 * themselves: then the rows beside that part, as far as the network sees, are read as well.
 */
#ifndef STRATA_BANDS_H
#define STRATA_BANDS_H

#include "engine/base/diag.h"
#include "engine/net/network.h"
#include "engine/net/picture.h"
#include "engine/nn/nn.h"

struct bands;

enum {
    BANDS_STEP = 16,        /* parts begin at multiples of this: where a pixel of relu5_1 begins */
    BANDS_MOST_REACH = 176, /* rows beside a part that count for its gradient */
};

struct bands_shape {
    int width, height; /* of the whole picture */
    int first, end;    /* the rows wanted: from a multiple of BANDS_STEP to before another or the
                        * picture's end */
    int rows;          /* of a band: a power of two, 16 at least */
    enum layer last;
    enum nn_pooling pooling;
    enum nn_direction direction; /* NN_FORWARD: there is no bands_backward */
    unsigned taps;               /* as in vgg.h */
    enum nn_kernels kernels;
};

/* What it takes: bytes of the least, and of what can be kept between the passes besides; the rows
 * that passes would read. Allocates none of it. Calls inspect once for each layer, with the layout
 * of a band. */
struct bands_need {
    size_t least, all;
    int window;
};
typedef enum status bands_inspect(void *context, enum layer layer, const struct nn_layout *layout,
                                  struct diag *diag);
enum status bands_predict(struct bands_need *out, struct nn *nn, const struct network *network,
                          const struct bands_shape *shape, bands_inspect *inspect, void *context,
                          struct diag *diag);

/* keep: so many bytes may be taken for what need then not be computed a second time, the deepest
 * layers first. network and nn must outlive it. */
enum status bands_open(struct bands **out, struct nn *nn, const struct network *network,
                       const struct bands_shape *shape, size_t keep, struct diag *diag);
void bands_close(struct bands **bands);

/* The rows of the picture that passes read: those wanted and what is beside them. */
void bands_window(const struct bands *bands, int *first, int *end);

/* Some rows of a tap, nn_layout_bytes of bands_layout. */
struct band {
    enum layer layer;
    int row;              /* of the first, counted from the window's first */
    int first, end;       /* which of them are wanted, from 0 */
    const void *features; /* zeros in those that are not */
    int from, to;         /* which are the window's, */
    const void *rows;     /* and these */
    void *gradient;       /* backward: at the features, to be added to; else NULL */
};
typedef enum status bands_visit(void *context, const struct band *band, struct diag *diag);

/* Some rows of the gradient at the picture, [count][width] a plane, to be changed as one likes. */
typedef enum status bands_give(void *context, int row, int count, float *const plane[3],
                               struct diag *diag);

/* Each pass reads the picture's rows in their order; what bands_give is told of has been read. */

/* Visits the taps. */
enum status bands_forward(struct bands *bands, const struct picture_rows *picture,
                          bands_visit *visit, void *context, struct diag *diag);

/* After bands_forward of the same picture. visit adds to the gradients at taps, give gets the
 * picture's, in order; both in bands of rows. */
enum status bands_backward(struct bands *bands, const struct picture_rows *picture,
                           bands_visit *visit, bands_give *give, void *context,
                           struct diag *diag);

/* From now on passes end and begin at that layer, the last or one before it. */
void bands_limit(struct bands *bands, enum layer last);

/* Of a tap's rows in a visit; rows of a layer in the window. Lent. */
const struct nn_layout *bands_layout(const struct bands *bands, enum layer layer);
int bands_height(const struct bands *bands, enum layer layer);

/* Numbers of one such row, with padding. */
size_t bands_row_values(const struct bands *bands, enum layer layer);

#endif
