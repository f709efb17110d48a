/* layer.c: see layer.h. */
#include "engine/net/layer.h"

static const struct {
    const char *name;
    int block;
} layers[LAYER_COUNT] = {
#define X(block, index) {"relu" #block "_" #index, block},
    LAYER_LIST(X)
#undef X
};

const enum layer layer_style[STYLE_LAYER_COUNT] = {LAYER_RELU1_1, LAYER_RELU2_1, LAYER_RELU3_1,
                                                   LAYER_RELU4_1, LAYER_RELU5_1};

const char *layer_name(enum layer layer)
{
    return layers[layer].name;
}

int layer_block(enum layer layer)
{
    return layers[layer].block;
}
