/* bands.c: see bands.h and bands_private.h. Opening and closing. */
#include "engine/net/bands.h"

#include <assert.h>

#include "engine/base/mem.h"
#include "engine/host/tune_cache.h"
#include "engine/net/bands_private.h"

/* ---- open and close ----------------------------------------------------------------------- */

/* The layer's operations for a band; `in` has its rows and the halo. */
static enum status open_level(struct bands *b, enum layer l, const struct nn_layout *in,
                              struct diag *diag)
{
    const struct network_conv *conv = &b->network->conv[l];
    struct bands_level *at = &b->level[l];
    int rows = b->shape.rows >> (layer_block(l) - 1);
    TRY(nn_check_stop(b->nn, diag));
    TRY(nn_band_open(&at->conv, b->nn, in, conv->out, conv->kernel, conv->bias, NN_BAND_FORWARD,
                     diag));
    at->signs = nn_layout_rows(nn_op_output(at->conv), 1);
    if (b->shape.direction == NN_FORWARD)
        return STATUS_OK;
    struct nn_layout *source = nn_layout_rows(in, rows);
    enum status status = nn_band_open(&at->back, b->nn, source, conv->out, conv->kernel,
                                      conv->bias, NN_BAND_BACKWARD, diag);
    nn_layout_close(&source);
    return status;
}

static enum status open_levels(struct bands *b, struct diag *diag)
{
    enum status status = STATUS_OK;
    for (enum layer l = 0; status == STATUS_OK && l <= b->shape.last; l++) {
        struct bands_level *at = &b->level[l];
        int rows = b->shape.rows >> (layer_block(l) - 1);
        const struct nn_layout *from = l == 0 ? b->picture : nn_op_output(at[-1].conv);
        if (l > 0 && layer_block(l) != layer_block(l - 1)) {
            status = nn_pool_open(&at->pool, b->nn, from, b->shape.pooling, NN_BOTH, diag);
            from = status == STATUS_OK ? nn_op_output(at->pool) : from;
        }
        struct nn_layout *in = nn_layout_rows(from, rows + 2);
        if (status == STATUS_OK)
            status = open_level(b, l, in, diag);
        nn_layout_close(&in);
    }
    tune_cache_keep();
    return status;
}

static enum status open_operations(struct bands **out, struct nn *nn, const struct network *network,
                                   const struct bands_shape *shape, struct diag *diag)
{
    if ((int)shape->last >= network->layer_count)
        return diag_set(diag, STATUS_INPUT, "network %s has no layer %s, which is asked for",
                        network->name, layer_name(shape->last));
    struct bands *b = mem_new(sizeof *b);
    int reach = bands_plan_reach(shape->last);
    b->nn = nn;
    b->network = network;
    b->shape = *shape;
    b->begin = shape->first > reach ? shape->first - reach : 0;
    b->end = shape->height - shape->end > reach ? shape->end + reach : shape->height;
    b->picture = nn_picture_open(nn, shape->rows + 2, shape->width);
    enum status status = open_levels(b, diag);
    if (status != STATUS_OK) {
        bands_close(&b);
        return status;
    }
    bands_plan_lags(b, shape->last);
    *out = b;
    return STATUS_OK;
}

static enum status place(struct bands *b, struct diag *diag)
{
    for (enum layer l = 0; l <= b->shape.last; l++) {
        struct bands_level *at = &b->level[l];
        void *forward[NN_SCRATCH_COUNT] = {bands_buffer_at(b, l, BANDS_CONV_SCRATCH), NULL, NULL};
        void *backward[NN_SCRATCH_COUNT] = {NULL, bands_buffer_at(b, l, BANDS_BACK_SCRATCH), NULL};
        TRY(nn_op_place(at->conv, b->shape.kernels, forward, diag));
        if (at->back)
            TRY(nn_op_place(at->back, b->shape.kernels, backward, diag));
    }
    return STATUS_OK;
}

enum status bands_open(struct bands **out, struct nn *nn, const struct network *network,
                       const struct bands_shape *shape, size_t keep, struct diag *diag)
{
    struct bands *b;
    TRY(open_operations(&b, nn, network, shape, diag));
    if (shape->kernels == NN_KERNELS_MADE)
        nn_drop_kernels(nn);
    enum status status = mem_big(&b->block, bands_plan_block(b), "the network's bands", diag);
    if (status == STATUS_OK)
        status = mem_big(&b->rings, bands_plan_rings(b, keep), "the network's bands", diag);
    if (status == STATUS_OK)
        status = place(b, diag);
    if (status != STATUS_OK)
        bands_close(&b);
    else
        *out = b;
    return status;
}

enum status bands_predict(struct bands_need *out, struct nn *nn, const struct network *network,
                          const struct bands_shape *shape, bands_inspect *inspect, void *context,
                          struct diag *diag)
{
    struct bands *b;
    enum status status = STATUS_OK;
    TRY(open_operations(&b, nn, network, shape, diag));
    out->window = b->end - b->begin;
    size_t rings = bands_plan_rings(b, 0), all = bands_plan_rings(b, SIZE_MAX);
    out->least = bands_plan_block(b) + rings;
    out->all = all > rings ? all - rings : 0;
    for (enum layer l = 0; shape->kernels == NN_KERNELS_KEPT && l <= shape->last; l++) {
        out->least += nn_op_kernels(b->level[l].conv);
        out->least += b->level[l].back ? nn_op_kernels(b->level[l].back) : 0;
    }
    for (enum layer l = 0; status == STATUS_OK && l <= shape->last; l++)
        status = inspect(context, l, bands_layout(b, l), diag);
    bands_close(&b);
    return status;
}

void bands_close(struct bands **bands)
{
    struct bands *b = *bands;
    if (!b)
        return;
    for (enum layer l = 0; l < LAYER_COUNT; l++) {
        nn_op_close(&b->level[l].conv);
        nn_op_close(&b->level[l].back);
        nn_op_close(&b->level[l].pool);
        nn_layout_close(&b->level[l].signs);
    }
    nn_layout_close(&b->picture);
    mem_free(b->block);
    mem_free(b->rings);
    mem_free(b);
    *bands = NULL;
}

/* ------------------------------------------------------------------------------------------- */

void bands_window(const struct bands *b, int *first, int *end)
{
    *first = b->begin;
    *end = b->end;
}

void bands_limit(struct bands *b, enum layer last)
{
    assert(last <= b->shape.last);
    bands_plan_lags(b, last);
}

const struct nn_layout *bands_layout(const struct bands *b, enum layer layer)
{
    return nn_op_output(b->level[layer].conv);
}

int bands_height(const struct bands *b, enum layer layer)
{
    return b->level[layer].height;
}

size_t bands_row_values(const struct bands *b, enum layer layer)
{
    return nn_layout_values(bands_layout(b, layer)) / (size_t)b->level[layer].rows;
}
