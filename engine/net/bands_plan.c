/* bands_plan.c: see bands_private.h. */
#include <string.h>

#include "engine/base/mem.h"

#include "engine/net/bands_private.h"

static int up(int a, int b)
{
    return (a + b - 1) / b;
}

/* relu5_1 sees 70 pixels up and 85 down, relu4_2 38 and 45: there and back twice as many, in whole
 * steps, for pooling to begin where it does in the whole picture. */
int bands_plan_reach(enum layer last)
{
    return layer_block(last) > 4 ? BANDS_MOST_REACH : 96;
}

/* A convolution waits for one row below its own, forward and backward; a pooling for whole pairs of
 * rows. */
void bands_plan_lags(struct bands *b, enum layer last)
{
    int rows = b->end - b->begin;
    b->last = last;
    for (enum layer l = 0; l <= last; l++) {
        struct bands_level *at = &b->level[l], *before = l > 0 ? at - 1 : NULL;
        at->scale = 1 << (layer_block(l) - 1);
        at->rows = b->shape.rows / at->scale;
        at->height = up(rows, at->scale);
        at->carried = at->pool ? before->forward & 1 : 0;
        at->pooled = at->pool ? (before->forward + at->carried) / 2 : 0;
        at->forward = at->pool ? at->pooled + 1 : before ? before->forward + 1 : 0;
    }
    for (enum layer l = last + 1; l-- > 0;) {
        struct bands_level *at = &b->level[l], *next = at + 1;
        at->backward = l == last ? at->forward : next->pool ? 2 * next->source : next->source;
        at->source = at->backward + 1;
        at->features.lag = at->backward;
        at->where.lag = at->source;
    }
    b->ticks = up(rows + b->level[0].source, b->shape.rows);
}

/* ---- buffers ------------------------------------------------------------------------------ */

/* Steps of a tick, as in vgg.c: a layer's pooling, then its convolution with the visit; on the way
 * back the reverse. */
static int forward_step(enum layer layer)
{
    return 2 * (int)layer + 1;
}

static int backward_step(const struct bands *b, enum layer layer)
{
    return 4 * (int)b->shape.last - 2 * (int)layer + 2;
}

static size_t row_bytes(const struct nn_layout *layout, int rows)
{
    return nn_layout_bytes(layout) / (size_t)rows;
}

static void plan(struct bands_level *at, enum bands_buffer buffer, size_t size, int first, int last)
{
    at->item[buffer] = (struct memplan_item){size, first, last, 0};
}

static size_t conv_scratch(const struct bands *b, struct nn_op *op, enum nn_scratch kind)
{
    return nn_op_scratch(op, b->shape.kernels, kind);
}

static void plan_forward(struct bands *b, enum layer l, int end)
{
    struct bands_level *at = &b->level[l];
    int step = forward_step(l);
    bool own_source = l == 0 || at->pool, both = b->shape.direction == NN_BOTH;
    const struct nn_layout *in = nn_op_input(at->conv), *out = nn_op_output(at->conv);
    plan(at, BANDS_SOURCE, nn_layout_bytes(in), own_source ? step - 1 : step - 2, step);
    plan(at, BANDS_CONV_SCRATCH, conv_scratch(b, at->conv, NN_SCRATCH_FORWARD), step,
         l == 0 && both ? backward_step(b, 0) : step);
    if (l > 0)
        plan(at, BANDS_SOURCE_HALO, 2 * row_bytes(in, at->rows + 2), 0, end);
    if (at->pool) {
        const struct nn_layout *wide = nn_op_input(at->pool);
        size_t row = row_bytes(wide, 2 * at->rows);
        plan(at, BANDS_UNPOOLED, nn_layout_bytes(wide) + (size_t)at->carried * row, step - 2,
             step - 1);
        plan(at, BANDS_UNPOOLED_HALO, (size_t)at->carried * row, 0, end);
        plan(at, BANDS_WHERE, nn_op_scratch(at->pool, b->shape.kernels, NN_SCRATCH_BETWEEN),
             step - 1, step - 1);
    }
    if (l == b->shape.last)
        plan(at, BANDS_FEATURES, nn_layout_bytes(out), step, step);
    if ((b->shape.taps >> l & 1) && b->shape.end - b->shape.first != b->end - b->begin)
        plan(at, BANDS_WANTED, nn_layout_bytes(out), step, step);
}

static void plan_backward(struct bands *b, enum layer l, int end)
{
    struct bands_level *at = &b->level[l];
    int step = backward_step(b, l);
    int before = l == b->shape.last ? step : b->level[l + 1].pool ? step - 1 : step - 2;
    const struct nn_layout *out = nn_op_output(at->back), *in = nn_op_input(at->back);
    plan(at, BANDS_GRADIENT, nn_layout_bytes(out), before, step);
    plan(at, BANDS_GRADIENT_HALO, 2 * row_bytes(out, at->rows + 2), 0, end);
    plan(at, BANDS_BACK_SCRATCH, conv_scratch(b, at->back, NN_SCRATCH_BACKWARD), step, step);
    if (at->pool)
        plan(at, BANDS_DSOURCE, nn_layout_bytes(in), step, step + 1);
    if (l > 0)
        return;
    plan(at, BANDS_PIXELS, nn_layout_count(in) * sizeof(float), step, step);
    plan(at, BANDS_AGAIN_SOURCE, nn_layout_bytes(nn_op_input(at->conv)), step, step);
    plan(at, BANDS_AGAIN, nn_layout_bytes(nn_op_output(at->conv)), step, step);
}

size_t bands_plan_block(struct bands *b)
{
    struct memplan_item items[LAYER_COUNT * BANDS_BUFFER_COUNT];
    int end = backward_step(b, 0) + 1, count = 0;
    for (enum layer l = 0; l <= b->shape.last; l++) {
        memset(b->level[l].item, 0, sizeof b->level[l].item);
        plan_forward(b, l, end);
        if (b->shape.direction == NN_BOTH)
            plan_backward(b, l, end);
        memcpy(items + count, b->level[l].item, sizeof b->level[l].item);
        count += BANDS_BUFFER_COUNT;
    }
    size_t size = memplan_pack(items, count);
    for (enum layer l = 0; l <= b->shape.last; l++)
        memcpy(b->level[l].item, items + l * BANDS_BUFFER_COUNT, sizeof b->level[l].item);
    return size;
}

void *bands_buffer_at(const struct bands *b, enum layer l, enum bands_buffer which)
{
    const struct memplan_item *item = &b->level[l].item[which];
    return item->size ? b->block + item->offset : NULL;
}

/* ---- rings -------------------------------------------------------------------------------- */

static enum bands_kind kind_of(const struct bands *b, enum layer l)
{
    bool pooled = l < b->shape.last && b->level[l + 1].pool;
    if (l == 0)
        return BANDS_NOTHING; /* computed a second time */
    if (b->shape.taps >> l & 1)
        return BANDS_KEEP_FEATURES;
    return pooled && b->shape.pooling == NN_POOL_MAX ? BANDS_NOTHING : BANDS_KEEP_SIGNS;
}

static struct bands_ring ring_of(enum bands_kind kind, size_t row, int rows, int lag, int made)
{
    size_t chunk = mem_times(row, (size_t)rows);
    chunk = (chunk + MEM_ALIGNMENT - 1) / MEM_ALIGNMENT * MEM_ALIGNMENT;
    return (struct bands_ring){.kind = kind,
                               .row = row,
                               .chunk = kind == BANDS_NOTHING ? 0 : chunk,
                               .rows = rows,
                               .lag = lag,
                               .made = made,
                               .turns = up(lag - made, rows) + 1};
}

static void plan_rings(struct bands *b, enum layer l)
{
    struct bands_level *at = &b->level[l];
    enum bands_kind kind = kind_of(b, l);
    const struct nn_layout *out = nn_op_output(at->conv);
    size_t row = kind == BANDS_KEEP_SIGNS ? nn_signs_bytes(at->signs) : row_bytes(out, at->rows);
    at->features = ring_of(kind, row, at->rows, at->backward, at->forward);
    kind = at->pool && b->shape.pooling == NN_POOL_MAX ? BANDS_KEEP_WHERE : BANDS_NOTHING;
    row = at->pool ? nn_layout_values(nn_op_output(at->pool)) / (size_t)at->rows : 0;
    at->where = ring_of(kind, row, at->rows, at->source, at->pooled);
}

/* Bytes of all chunks besides those that take turns. */
static size_t rest_of(const struct bands *b, const struct bands_ring *ring)
{
    return b->ticks > ring->turns ? mem_times(ring->chunk, (size_t)(b->ticks - ring->turns)) : 0;
}

/* Work that keeping saves for each byte is most from l down to the layer returned: to one whose
 * features are needed, on to before the next such or further, where those between need few bytes
 * for much work. */
static enum layer best_end(const struct bands *b, enum layer l)
{
    double work = 0.0, bytes = 0.0, best = 0.0;
    enum layer end = l;
    for (enum layer m = l + 1; m-- > 0;) {
        const struct bands_level *at = &b->level[m];
        const struct network_conv *conv = &b->network->conv[m];
        work += (double)conv->in * conv->out / ((double)at->scale * at->scale);
        bytes += (double)(at->features.chunk + at->where.chunk);
        if (work >= best * bytes) {
            best = work / bytes;
            end = m;
        }
    }
    return end;
}

static void keep_chunks(struct bands *b, size_t keep)
{
    for (enum layer l = b->shape.last + 1, end; l-- > 0; l = end) {
        size_t all = 0, chunks = 0;
        end = best_end(b, l);
        for (enum layer m = end; m <= l; m++) {
            all += rest_of(b, &b->level[m].features) + rest_of(b, &b->level[m].where);
            chunks += b->level[m].features.chunk + b->level[m].where.chunk;
        }
        for (enum layer m = end; m <= l; m++) {
            struct bands_ring *rings[] = {&b->level[m].features, &b->level[m].where};
            for (int i = 0; i < 2; i++) {
                rings[i]->kept = keep >= all ? b->ticks : (int)(keep / chunks);
                rings[i]->turns = keep >= all ? 0 : rings[i]->turns;
            }
        }
        keep = keep >= all ? keep - all : 0;
    }
}

size_t bands_plan_rings(struct bands *b, size_t keep)
{
    size_t size = 0;
    if (b->shape.direction == NN_FORWARD)
        return 0;
    for (enum layer l = 0; l <= b->shape.last; l++)
        plan_rings(b, l);
    keep_chunks(b, keep);
    for (enum layer l = 0; l <= b->shape.last; l++) {
        struct bands_ring *rings[] = {&b->level[l].features, &b->level[l].where};
        for (int i = 0; i < 2; i++) {
            rings[i]->place = size;
            size += mem_times(rings[i]->chunk, (size_t)(rings[i]->turns + rings[i]->kept));
        }
    }
    return size;
}

bool bands_ring_keeps(const struct bands *b, const struct bands_ring *ring, int row)
{
    return (row + ring->lag) / ring->rows >= b->ticks - ring->kept;
}

char *bands_ring_row(const struct bands *b, const struct bands_ring *ring, int row)
{
    int chunk = (row + ring->lag) / ring->rows, first = b->ticks - ring->kept;
    int slot = chunk < first ? chunk % ring->turns : ring->turns + chunk - first;
    return b->rings + ring->place + (size_t)slot * ring->chunk +
           (size_t)((row + ring->lag) % ring->rows) * ring->row;
}
