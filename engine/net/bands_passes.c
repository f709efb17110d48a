/* bands_passes.c: see bands.h and bands_private.h. The two passes, tick by tick. */
#include <assert.h>
#include <string.h>

#include "engine/net/bands_private.h"

/* ---- rows --------------------------------------------------------------------------------- */

static size_t row_of(const struct nn_layout *layout, int rows)
{
    return nn_layout_bytes(layout) / (size_t)rows;
}

/* memcpy and memset by all threads: what one does alone while the others wait counts for all. */
enum { PIECE = 1 << 16 };

static void copy(char *to, const char *from, size_t n)
{
#pragma omp parallel for schedule(static) if (n > 2 * PIECE)
    for (size_t i = 0; i < n; i += PIECE)
        memcpy(to + i, from + i, n - i < PIECE ? n - i : PIECE);
}

static void clear(char *data, size_t n)
{
#pragma omp parallel for schedule(static) if (n > 2 * PIECE)
    for (size_t i = 0; i < n; i += PIECE)
        memset(data + i, 0, n - i < PIECE ? n - i : PIECE);
}

/* Rows of a body: after `halo` rows, brought over from the tick before, the new ones. */
struct body {
    char *data, *kept;
    size_t row;
    int halo, rows;
};

static struct body body_of(const struct bands *b, enum layer l, enum bands_buffer which,
                           const struct nn_layout *layout, int halo, int rows)
{
    return (struct body){bands_buffer_at(b, l, which), bands_buffer_at(b, l, which + 1),
                         row_of(layout, rows + (which == BANDS_UNPOOLED ? 0 : halo)), halo, rows};
}

/* Brings the halo over; where the new rows go. */
static char *body_begin(const struct body *body)
{
    size_t halo = (size_t)body->halo * body->row;
    if (halo > 0)
        copy(body->data, body->kept, halo);
    return body->data + halo;
}

static void body_end(const struct body *body)
{
    if (body->halo > 0)
        copy(body->kept, body->data + (size_t)body->rows * body->row,
             (size_t)body->halo * body->row);
}

/* Of `rows` rows from `row` on, those that are from first to before end. */
struct span {
    int first, end;
};

static struct span inside(int row, int rows, int first, int end)
{
    struct span span = {first > row ? first - row : 0, end - row < rows ? end - row : rows};
    if (span.end < span.first)
        span = (struct span){0, 0};
    return span;
}

/* Zeros in all rows but those. */
static void clear_outside(char *data, size_t row, int rows, struct span span)
{
    clear(data, (size_t)span.first * row);
    clear(data + (size_t)span.end * row, (size_t)(rows - span.end) * row);
}

/* ---- forward ------------------------------------------------------------------------------ */

/* Puts rows by for the way back: those that are kept, or the others. */
static void keep_rows(struct bands *b, const struct bands_level *at, const struct bands_ring *ring,
                      const char *data, int row, struct span span)
{
    if (ring->kind == BANDS_NOTHING)
        return;
    size_t from = ring->kind == BANDS_KEEP_SIGNS ? row_of(at->signs, 1) : ring->row;
#pragma omp parallel for schedule(static) if (ring->kind != BANDS_KEEP_SIGNS)
    for (int i = span.first; i < span.end; i++) {
        if (bands_ring_keeps(b, ring, row + i) != b->keeping)
            continue;
        char *to = bands_ring_row(b, ring, row + i);
        if (ring->kind == BANDS_KEEP_SIGNS)
            nn_signs_take(at->signs, (uint32_t *)(void *)to, data + (size_t)i * from);
        else
            memcpy(to, data + (size_t)i * from, from);
    }
}

/* An average over a pair of rows of which the second is not the picture's: twice that. */
static void mend_last_average(const struct bands *b, enum layer l, const struct nn_layout *layout,
                              char *data, int row, int rows)
{
    enum { PART = 4096 };
    const struct bands_level *at = &b->level[l];
    size_t n = nn_layout_values(at->signs) ? nn_layout_values(layout) / (size_t)rows : 0;
    int last = at->height - 1 - row;
    if (b->shape.pooling != NN_POOL_AVG || at[-1].height % 2 == 0 || last < 0 || last >= rows)
        return;
    float part[PART];
    for (size_t i = 0; i < n; i += PART) {
        size_t count = n - i < PART ? n - i : PART;
        nn_read(part, layout, data, (size_t)last * n + i, count);
        nn_add(data, layout, part, (size_t)last * n + i, count);
    }
}

static enum status take_pixels(struct bands *b, char *to, int row, int rows,
                               const struct picture_rows *picture, struct diag *diag)
{
    struct span span = inside(row, rows, 0, b->level[0].height);
    const float *plane[3];
    size_t size = row_of(b->picture, b->shape.rows + 2);
    int count = span.end - span.first;
    clear_outside(to, size, rows, span);
    if (count == 0)
        return STATUS_OK;
    struct nn_layout *part = nn_layout_rows(b->picture, count);
    enum status status =
        picture->take(picture->context, plane, b->begin + row + span.first, count, diag);
    if (status == STATUS_OK)
        nn_picture_take(part, to + (size_t)span.first * size, plane, b->network->mean);
    nn_layout_close(&part);
    return status;
}

static enum status pool_forward(struct bands *b, enum layer l, int tick, struct diag *diag)
{
    struct bands_level *at = &b->level[l];
    int row = tick * at->rows - at->pooled;
    struct span span = inside(row, at->rows, 0, at->height);
    struct body body = body_of(b, l, BANDS_SOURCE, nn_op_input(at->conv), 2, at->rows);
    char *to = body_begin(&body), *where = bands_buffer_at(b, l, BANDS_WHERE);
    void *scratch[NN_SCRATCH_COUNT] = {NULL, NULL, where};
    if (span.end > span.first) {
        TRY(nn_op_place(at->pool, b->shape.kernels, scratch, diag));
        TRY(nn_forward(at->pool, to, bands_buffer_at(b, l, BANDS_UNPOOLED), diag));
        mend_last_average(b, l, nn_op_output(at->pool), to, row, at->rows);
    }
    clear_outside(to, body.row, at->rows, span);
    keep_rows(b, at, &at->where, where, row, span);
    body_end(&body);
    return STATUS_OK;
}

/* The body that the layer's features are part of. */
static struct body body_behind(const struct bands *b, enum layer l)
{
    const struct bands_level *next = &b->level[l + 1];
    if (l == b->last) {
        char *data = l == b->shape.last ? bands_buffer_at(b, l, BANDS_FEATURES)
                     : next->pool       ? bands_buffer_at(b, l + 1, BANDS_UNPOOLED)
                                        : bands_buffer_at(b, l + 1, BANDS_SOURCE);
        size_t row = row_of(nn_op_output(b->level[l].conv), b->level[l].rows);
        return (struct body){data, NULL, row, 0, b->level[l].rows};
    }
    if (next->pool)
        return body_of(b, l + 1, BANDS_UNPOOLED, nn_op_input(next->pool), next->carried,
                       b->level[l].rows);
    return body_of(b, l + 1, BANDS_SOURCE, nn_op_input(next->conv), 2, next->rows);
}

/* A tap's rows, and the same with zeros in those that are not wanted. */
static enum status show(struct bands *b, enum layer l, char *data, int row, bands_visit *visit,
                        void *context, struct diag *diag)
{
    struct bands_level *at = &b->level[l];
    int first = (b->shape.first - b->begin) / at->scale;
    int end = first + (b->shape.end - b->shape.first + at->scale - 1) / at->scale;
    struct span all = inside(row, at->rows, 0, at->height);
    struct span span = inside(row, at->rows, first, end);
    size_t size = row_of(nn_op_output(at->conv), at->rows);
    char *wanted = bands_buffer_at(b, l, BANDS_WANTED);
    if (all.end == all.first)
        return STATUS_OK;
    if (wanted) {
        copy(wanted, data, size * (size_t)at->rows);
        clear_outside(wanted, size, at->rows, span);
    }
    const struct band band = {.layer = l,
                              .row = row,
                              .first = span.first,
                              .end = span.end,
                              .features = wanted ? wanted : data,
                              .from = all.first,
                              .to = all.end,
                              .rows = data};
    return visit(context, &band, diag);
}

static enum status conv_forward(struct bands *b, enum layer l, int tick, bands_visit *visit,
                                void *context, struct diag *diag)
{
    struct bands_level *at = &b->level[l];
    struct body body = body_behind(b, l);
    int row = tick * at->rows - at->forward;
    struct span span = inside(row, at->rows, 0, at->height);
    char *to = body_begin(&body);
    if (span.end > span.first)
        TRY(nn_forward(at->conv, to, bands_buffer_at(b, l, BANDS_SOURCE), diag));
    clear_outside(to, body.row, at->rows, span);
    body_end(&body);
    if (b->shape.direction == NN_BOTH)
        keep_rows(b, at, &at->features, to, row, span);
    if (!visit || !(b->shape.taps >> l & 1))
        return STATUS_OK;
    return show(b, l, to, row, visit, context, diag);
}

/* What a tick does: 2·layer is the pooling before a layer, one more its convolution. */
static int last_part(enum layer layer)
{
    return 2 * (int)layer + 1;
}

static bool is_missing(const struct bands *b, const struct bands_ring *ring, int tick)
{
    int row = tick * ring->rows - ring->made;
    return ring->kind != BANDS_NOTHING && !bands_ring_keeps(b, ring, row);
}

/* The last part of a tick that makes something for the way back that was not kept; -1: none. */
static int missing_part(const struct bands *b, int tick)
{
    for (enum layer l = b->last + 1; l-- > 0;) {
        if (is_missing(b, &b->level[l].features, tick))
            return last_part(l);
        if (is_missing(b, &b->level[l].where, tick))
            return last_part(l) - 1;
    }
    return -1;
}

static enum status forward_tick(struct bands *b, int tick, int part,
                                const struct picture_rows *picture, bands_visit *visit,
                                void *context, struct diag *diag)
{
    if (part < 0)
        return STATUS_OK;
    const struct bands_level *first = &b->level[0];
    TRY(take_pixels(b, bands_buffer_at(b, 0, BANDS_SOURCE), tick * first->rows - 1,
                    first->rows + 2, picture, diag));
    for (enum layer l = 0; last_part(l) - 1 <= part; l++) {
        TRY(nn_check_stop(b->nn, diag));
        if (b->level[l].pool)
            TRY(pool_forward(b, l, tick, diag));
        if (last_part(l) <= part)
            TRY(conv_forward(b, l, tick, visit, context, diag));
    }
    return STATUS_OK;
}

/* Nothing lies above the first row. */
static void clear_halos(struct bands *b)
{
    static const enum bands_buffer halos[] = {BANDS_SOURCE_HALO, BANDS_UNPOOLED_HALO,
                                              BANDS_GRADIENT_HALO};
    for (enum layer l = 0; l <= b->shape.last; l++)
        for (size_t i = 0; i < sizeof halos / sizeof *halos; i++)
            if (bands_buffer_at(b, l, halos[i]))
                memset(bands_buffer_at(b, l, halos[i]), 0, b->level[l].item[halos[i]].size);
}

enum status bands_forward(struct bands *b, const struct picture_rows *picture, bands_visit *visit,
                          void *context, struct diag *diag)
{
    clear_halos(b);
    b->keeping = true;
    for (int tick = 0;; tick++) {
        bool rest = false;
        for (enum layer l = 0; l <= b->last; l++)
            rest = rest || tick * b->level[l].rows - b->level[l].forward < b->level[l].height;
        if (!rest)
            return STATUS_OK;
        TRY(forward_tick(b, tick, last_part(b->last), picture, visit, context, diag));
    }
}

/* ---- backward ----------------------------------------------------------------------------- */

/* The layer's features for the way back, or NULL where their signs are enough. */
static enum status features_again(const char **out, struct bands *b, enum layer l, int tick,
                                  const struct picture_rows *picture, struct diag *diag)
{
    struct bands_level *at = &b->level[l];
    int row = tick * at->rows - at->backward;
    *out = NULL;
    if (at->features.kind == BANDS_KEEP_FEATURES)
        *out = bands_ring_row(b, &at->features, row);
    if (l > 0)
        return STATUS_OK;
    char *source = bands_buffer_at(b, 0, BANDS_AGAIN_SOURCE);
    char *again = bands_buffer_at(b, 0, BANDS_AGAIN);
    TRY(take_pixels(b, source, row - 1, at->rows + 2, picture, diag));
    *out = again;
    return nn_forward(at->conv, again, source, diag);
}

/* The gradient at the layer's features, but for what lies behind: the visit, the ReLU. */
static enum status pull(struct bands *b, enum layer l, char *gradient, int tick,
                        const struct picture_rows *picture, bands_visit *visit, void *context,
                        struct diag *diag)
{
    struct bands_level *at = &b->level[l];
    const struct nn_layout *layout = nn_op_output(at->conv);
    int row = tick * at->rows - at->backward;
    struct span span = inside(row, at->rows, 0, at->height);
    size_t size = row_of(layout, at->rows);
    const char *features;
    if (span.end == span.first) {
        clear(gradient, nn_layout_bytes(layout));
        return STATUS_OK;
    }
    TRY(features_again(&features, b, l, tick, picture, diag));
    const struct band band = {l, row, span.first, span.end, features, span.first, span.end,
                              features, gradient};
    if (b->shape.taps >> l & 1)
        TRY(visit(context, &band, diag));
    if (features)
        nn_relu_backward(layout, gradient, features);
    for (int i = span.first; at->features.kind == BANDS_KEEP_SIGNS && i < span.end; i++)
        nn_signs_backward(at->signs, gradient + (size_t)i * size,
                          (const uint32_t *)(const void *)bands_ring_row(b, &at->features,
                                                                         row + i));
    clear_outside(gradient, size, at->rows, span);
    return STATUS_OK;
}

static struct body gradient_body(const struct bands *b, enum layer l)
{
    const struct bands_level *at = &b->level[l];
    return body_of(b, l, BANDS_GRADIENT, nn_op_output(at->back), 2, at->rows);
}

static enum status pool_backward(struct bands *b, enum layer l, char *to, int row,
                                 struct diag *diag)
{
    struct bands_level *at = &b->level[l];
    char *pooled = bands_buffer_at(b, l, BANDS_DSOURCE);
    void *where = at->where.kind == BANDS_NOTHING ? NULL : bands_ring_row(b, &at->where, row);
    void *scratch[NN_SCRATCH_COUNT] = {NULL, NULL, where};
    mend_last_average(b, l, nn_op_output(at->pool), pooled, row, at->rows);
    TRY(nn_op_place(at->pool, b->shape.kernels, scratch, diag));
    return nn_backward(at->pool, to, pooled, diag);
}

static enum status give_pixels(struct bands *b, int row, bands_give *give, void *context,
                               struct diag *diag)
{
    int first = b->shape.first - b->begin, end = b->shape.end - b->begin;
    struct span span = inside(row, b->shape.rows, first, end);
    size_t width = (size_t)b->shape.width, plane = width * (size_t)b->shape.rows;
    float *pixels = bands_buffer_at(b, 0, BANDS_PIXELS), *planes[3];
    if (span.end == span.first)
        return STATUS_OK;
    for (size_t c = 0; c < 3; c++)
        planes[c] = pixels + c * plane + (size_t)span.first * width;
    return give(context, b->begin + row + span.first, span.end - span.first, planes, diag);
}

/* From the gradient at the layer's features to the one below. */
static enum status layer_backward(struct bands *b, enum layer l, int tick, bands_give *give,
                                  void *context, struct diag *diag)
{
    struct bands_level *at = &b->level[l];
    int row = tick * at->rows - at->source;
    struct span span = inside(row, at->rows, 0, at->height);
    struct body below = l > 0 ? gradient_body(b, l - 1) : (struct body){0};
    void *dsource = l == 0     ? bands_buffer_at(b, l, BANDS_PIXELS)
                    : at->pool ? bands_buffer_at(b, l, BANDS_DSOURCE)
                               : body_begin(&below);
    if (span.end > span.first)
        TRY(nn_backward(at->back, dsource, bands_buffer_at(b, l, BANDS_GRADIENT), diag));
    if (l == 0)
        return give_pixels(b, row, give, context, diag);
    char *to = at->pool ? body_begin(&below) : dsource; /* not before: its place may be in use */
    if (span.end == span.first)
        clear(to, (size_t)below.rows * below.row);
    else if (at->pool)
        TRY(pool_backward(b, l, to, row, diag));
    return STATUS_OK;
}

static enum status backward_tick(struct bands *b, int tick, const struct picture_rows *picture,
                                 bands_visit *visit, bands_give *give, void *context,
                                 struct diag *diag)
{
    struct body body = gradient_body(b, b->last);
    clear(body_begin(&body), (size_t)body.rows * body.row);
    for (enum layer l = b->last + 1; l-- > 0;) {
        TRY(nn_check_stop(b->nn, diag));
        body = gradient_body(b, l);
        TRY(pull(b, l, body.data + (size_t)body.halo * body.row, tick, picture, visit, context,
                 diag));
        body_end(&body);
        TRY(layer_backward(b, l, tick, give, context, diag));
    }
    return STATUS_OK;
}

enum status bands_backward(struct bands *b, const struct picture_rows *picture, bands_visit *visit,
                           bands_give *give, void *context, struct diag *diag)
{
    assert(b->shape.direction == NN_BOTH);
    clear_halos(b);
    b->keeping = false;
    for (int tick = 0; tick < b->ticks; tick++) {
        TRY(forward_tick(b, tick, missing_part(b, tick), picture, NULL, NULL, diag));
        TRY(backward_tick(b, tick, picture, visit, give, context, diag));
    }
    return STATUS_OK;
}
