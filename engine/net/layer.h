/*
 * layer.h: names and order of VGG-19's layers, as far as strata uses them. Knows no weights.
 */
#ifndef STRATA_LAYER_H
#define STRATA_LAYER_H

/* X(block, index): conv<block>_<index>, followed by a ReLU; pooling between blocks. In order. */
#define LAYER_LIST(X)                                                                            \
    X(1, 1) X(1, 2) X(2, 1) X(2, 2) X(3, 1) X(3, 2) X(3, 3) X(3, 4)                              \
    X(4, 1) X(4, 2) X(4, 3) X(4, 4) X(5, 1) X(5, 2)

enum layer {
#define X(block, index) LAYER_RELU##block##_##index,
    LAYER_LIST(X)
#undef X
    LAYER_COUNT
};

enum { STYLE_LAYER_COUNT = 5 };
extern const enum layer layer_style[STYLE_LAYER_COUNT]; /* relu1_1, 2_1, 3_1, 4_1, 5_1 */

/* "relu4_2"; lent, static. */
const char *layer_name(enum layer layer);

/* 1 to 5. Pooling comes before a layer whose block differs from its predecessor's. */
int layer_block(enum layer layer);

#endif
