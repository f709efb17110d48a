/*
 * bands_private.h: what bands' files share:
 *     bands_plan.c    how far behind each layer is, and the memory that all of it takes
 *     bands_passes.c  the two passes
 *     bands.c         opening and closing
 *
 * Time goes by ticks. At tick t a layer gets R rows, R the band's rows over its scale: forward, the
 * convolution's rows from tR − forward on; backward, the gradient at them from tR − backward on.
 * These lags are the rows that a layer must wait for the one before it. Between the two the
 * features that the way back needs lie in a ring.
 */
#ifndef STRATA_BANDS_PRIVATE_H
#define STRATA_BANDS_PRIVATE_H

#include <stdbool.h>

#include "engine/net/bands.h"
#include "engine/nn/memplan.h"

/* What the block holds for each layer. A body begins with the rows that the layer's next operation
 * reads once more, of which a copy is kept from tick to tick: its halo. */
enum bands_buffer {
    BANDS_SOURCE,        /* body: what the convolution reads */
    BANDS_SOURCE_HALO,
    BANDS_UNPOOLED,      /* body: what the pooling before the layer reads */
    BANDS_UNPOOLED_HALO,
    BANDS_WHERE,         /* where the pooling found the maxima */
    BANDS_FEATURES,      /* of the last layer */
    BANDS_WANTED,        /* a tap's, with zeros in rows that are not wanted */
    BANDS_AGAIN_SOURCE,  /* relu1_1 a second time: the picture, */
    BANDS_AGAIN,         /* and its features */
    BANDS_GRADIENT,      /* body: at the layer's features */
    BANDS_GRADIENT_HALO,
    BANDS_DSOURCE,       /* at the pooled features */
    BANDS_PIXELS,        /* at the picture */
    BANDS_CONV_SCRATCH,
    BANDS_BACK_SCRATCH,
    BANDS_BUFFER_COUNT
};

/* What a ring holds of rows for the way back. */
enum bands_kind { BANDS_NOTHING, BANDS_KEEP_FEATURES, BANDS_KEEP_SIGNS, BANDS_KEEP_WHERE };

/* Rows in chunks as the way back takes them at a tick, from t·rows − lag on; they are made with
 * another lag. The chunks of the last ticks may have a place of their own each: these are kept from
 * one pass to the next. */
struct bands_ring {
    enum bands_kind kind;
    size_t row, chunk; /* bytes */
    int rows;          /* of a chunk */
    int lag, made;
    int turns, kept; /* chunks that take turns; that have a place of their own */
    size_t place;    /* offset in the block of rings */
};

struct bands_level {
    int scale, rows, height;   /* pixels of a side; rows a tick, in the window */
    int forward, pooled;       /* lags of the convolution, and of the pooling before it */
    int carried;               /* rows of the halo of that pooling, 0 or 1 */
    int backward, source;      /* lags of the gradient at the features, and at the source */
    struct nn_op *conv, *back, *pool;
    struct nn_layout *signs;   /* of one row */
    struct bands_ring features, where;
    struct memplan_item item[BANDS_BUFFER_COUNT];
};

struct bands {
    struct nn *nn;
    const struct network *network;
    struct bands_shape shape;
    enum layer last;  /* at which passes end */
    int begin, end;   /* the window */
    int ticks;        /* of a way there and back */
    struct bands_level level[LAYER_COUNT];
    struct nn_layout *picture; /* of a band and its halo */
    char *block, *rings;
    bool keeping; /* the pass under way fills the kept chunks, not the others */
};

/* Fills in lags for passes that end at `last`. */
void bands_plan_lags(struct bands *bands, enum layer last);

/* Rows beside a part that count. */
int bands_plan_reach(enum layer last);

/* Of all buffers; returns the size of the block. The operations must be open. */
size_t bands_plan_block(struct bands *bands);

/* NULL: it is not needed. */
void *bands_buffer_at(const struct bands *bands, enum layer layer, enum bands_buffer buffer);

/* Of all rings. `keep` more bytes than the least at most keep chunks, where they save most: of the
 * deepest layers, since those before need not be computed any further then. */
size_t bands_plan_rings(struct bands *bands, size_t keep);

/* A row's place in the ring, of the window; is it one that is kept? */
char *bands_ring_row(const struct bands *bands, const struct bands_ring *ring, int row);
bool bands_ring_keeps(const struct bands *bands, const struct bands_ring *ring, int row);

#endif
