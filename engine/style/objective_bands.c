/*
 * objective_bands.c: see objective_private.h. Bands meet in sums only: Gram matrices, the content
 * loss, total variation. So one pass adds these up, over all processes that share the picture, and
 * a second one carries what follows from them back to the pixels.
 */
#include <math.h>
#include <string.h>

#include "engine/base/mem.h"
#include "engine/style/objective_private.h"

/* What the passes over a picture carry along. */
struct passage {
    struct objective *o;
    const float *x; /* the window's rows */
    int begin, rows; /* of the window */
    struct losses_tv tv;
    objective_step *step;
    void *context;
    float *above; /* [3][width]: the row above the next ones, as it was */
};

/* The layer's rows in the whole picture, and its numbers. */
static double count_of(const struct objective *o, enum layer layer)
{
    int scale = 1 << (layer_block(layer) - 1);
    return (double)o->network->conv[layer].out * ((o->shape.width + scale - 1) / scale) *
           ((o->shape.height + scale - 1) / scale);
}

/* ---- the content -------------------------------------------------------------------------- */

size_t objective_bands_content_bytes(const struct objective *o, int i)
{
    enum layer layer = objective_content_layers[i];
    const struct nn_layout *layout = bands_layout(o->bands, layer);
    size_t number = nn_layout_bytes(layout) / nn_layout_values(layout);
    return mem_product(bands_row_values(o->bands, layer),
                       (size_t)bands_height(o->bands, layer), number);
}

static enum status keep_rows(void *context, const struct band *band, struct diag *diag)
{
    struct objective *o = context;
    const struct nn_layout *layout = bands_layout(o->bands, band->layer);
    size_t number = nn_layout_bytes(layout) / nn_layout_values(layout);
    size_t row = bands_row_values(o->bands, band->layer) * number;
    (void)diag;
    for (int i = 0; i < CONTENT_LAYER_COUNT; i++)
        if (o->content[i] && objective_content_layers[i] == band->layer)
            memcpy((char *)o->content[i] + (size_t)(band->row + band->from) * row,
                   (const char *)band->rows + (size_t)band->from * row,
                   (size_t)(band->to - band->from) * row);
    return STATUS_OK;
}

enum status objective_bands_keep_content(struct objective *o, const struct picture_rows *content,
                                         struct diag *diag)
{
    return bands_forward(o->bands, content, keep_rows, o, diag);
}

/* Rows first to end of a band; adds the gradient to df unless NULL. */
static double content_of(struct objective *o, const struct band *band, int first, int end, void *df)
{
    double sum = 0.0;
    size_t row = bands_row_values(o->bands, band->layer);
    for (int i = 0; i < CONTENT_LAYER_COUNT; i++) {
        if (objective_content_layers[i] != band->layer || end <= first ||
            objective_content_weight(&o->weights, i) <= 0.0)
            continue;
        struct objective_content part = {i,
                                         bands_layout(o->bands, band->layer),
                                         band->rows,
                                         (size_t)first * row,
                                         (size_t)end * row,
                                         (ptrdiff_t)band->row * (ptrdiff_t)row,
                                         count_of(o, band->layer)};
        sum += objective_content_loss(o, &part, df);
    }
    return sum;
}

/* ---- sums --------------------------------------------------------------------------------- */

static enum status measure(void *context, const struct band *band, struct diag *diag)
{
    struct objective *o = ((struct passage *)context)->o;
    if (o->alone == EVERYTHING)
        o->losses->content += content_of(o, band, band->first, band->end, NULL);
    for (int i = 0; i < STYLE_LAYER_COUNT; i++) {
        size_t n = objective_gram_size(o, i);
        if (!objective_counts(o, i, band->layer) || band->end <= band->first)
            continue;
        TRY(nn_gram_forward(o->gram[i], o->g[i], band->features, 1.0f, diag));
        for (size_t k = 0; k < n; k++)
            o->sum[i][k] += o->g[i][k];
    }
    return STATUS_OK;
}

/* Row `row` of plane c of the picture. */
static const float *row_at(const struct passage *p, size_t c, int row)
{
    size_t width = (size_t)p->o->shape.width;
    return p->x + (c * (size_t)p->rows + (size_t)(row - p->begin)) * width;
}

/* Of the part's rows, each with the one below it. */
static double total_variation(const struct passage *p)
{
    enum { STRIPES = 64 };
    const struct objective_shape *shape = &p->o->shape;
    int end = shape->end ? shape->end : shape->height, rows = end - shape->first;
    double sum[STRIPES];
#pragma omp parallel for schedule(static)
    for (int s = 0; s < STRIPES; s++) {
        sum[s] = 0.0;
        for (long r = 3L * rows * s / STRIPES; r < 3L * rows * (s + 1) / STRIPES; r++) {
            int y = shape->first + (int)(r % rows);
            const float *row = row_at(p, (size_t)(r / rows), y);
            sum[s] += losses_tv_row(NULL, row, row,
                                    y + 1 < shape->height ? row + shape->width : row, &p->tv);
        }
    }
    for (int s = 1; s < STRIPES; s++)
        sum[0] += sum[s];
    return sum[0];
}

/* A symmetric matrix's lower half as a row, to be added up over all processes, and back. */
static void team_sum_half(const struct team *team, double *g, size_t c)
{
    size_t n = 0;
    if (!team)
        return;
    for (size_t i = 0; i < c; i++)
        for (size_t j = 0; j <= i; j++)
            g[n++] = g[i * c + j];
    team_sum(team, g, n);
    for (size_t i = c; i-- > 0;)
        for (size_t j = i + 1; j-- > 0;)
            g[i * c + j] = g[--n];
    for (size_t i = 0; i < c; i++)
        for (size_t j = i + 1; j < c; j++)
            g[i * c + j] = g[j * c + i];
}

/* The losses from the sums. */
static void conclude(struct passage *p)
{
    struct objective *o = p->o;
    double *losses[] = {&o->losses->content, &o->losses->tv};
    if (o->alone == EVERYTHING)
        o->losses->tv = total_variation(p);
    for (int i = 0; i < 2; i++)
        team_sum(o->shape.team, losses[i], 1);
    for (int i = 0; i < STYLE_LAYER_COUNT; i++) {
        double normaliser = count_of(o, layer_style[i]);
        if (!objective_counts(o, i, layer_style[i]))
            continue;
        team_sum_half(o->shape.team, o->sum[i], (size_t)o->network->conv[layer_style[i]].out);
        for (size_t k = 0; k < objective_gram_size(o, i); k++)
            o->g[i][k] = (float)(o->sum[i][k] / normaliser);
        objective_style(o, i, normaliser);
    }
}

/* ---- gradients ---------------------------------------------------------------------------- */

static enum status pull(void *context, const struct band *band, struct diag *diag)
{
    struct objective *o = ((struct passage *)context)->o;
    if (o->alone == EVERYTHING)
        content_of(o, band, band->from, band->to, band->gradient);
    for (int i = 0; i < STYLE_LAYER_COUNT; i++)
        if (objective_counts(o, i, band->layer))
            TRY(nn_gram_backward(o->gram[i], band->gradient, band->features,
                                 o->g[i] + objective_gram_size(o, i), diag));
    return STATUS_OK;
}

/* Adds what total variation pulls to rows of the gradient, and hands them on. */
static enum status give(void *context, int row, int count, float *const gradient[3],
                        struct diag *diag)
{
    struct passage *p = context;
    struct objective *o = p->o;
    size_t width = (size_t)o->shape.width;
    (void)diag;
#pragma omp parallel for schedule(static)
    for (int r = 0; r < 3 * count; r++) {
        size_t c = (size_t)(r / count);
        int y = row + r % count;
        const float *at = row_at(p, c, y);
        const float *above = y == 0 ? at : y == row ? p->above + c * width : at - width;
        const float *below = y + 1 < o->shape.height ? at + width : at;
        if (o->alone == EVERYTHING)
            losses_tv_row(gradient[c] + (size_t)(y - row) * width, above, at, below, &p->tv);
    }
    for (size_t c = 0; c < 3; c++)
        memcpy(p->above + c * width, row_at(p, c, row + count - 1), width * sizeof(float));
    p->step(p->context, row, count, gradient);
    return STATUS_OK;
}

static enum status go_back(struct passage *p, const struct picture_rows *picture,
                           struct diag *diag)
{
    size_t width = (size_t)p->o->shape.width;
    int first = p->o->shape.first;
    p->above = p->o->above;
    for (size_t c = 0; first > 0 && c < 3; c++)
        memcpy(p->above + c * width, row_at(p, c, first - 1), width * sizeof(float));
    return bands_backward(p->o->bands, picture, pull, give, p, diag);
}

enum status objective_bands_evaluate(struct objective *o, const float *x, objective_step *step,
                                     void *context, struct diag *diag)
{
    int begin, end;
    bands_window(o->bands, &begin, &end);
    struct picture_planes planes = {x, o->shape.width, end - begin, begin};
    const struct picture_rows picture = {picture_planes_take, &planes};
    struct passage p = {.o = o,
                        .x = x,
                        .begin = begin,
                        .rows = end - begin,
                        .tv = losses_tv_scale(3, o->shape.height, o->shape.width, o->weights.tv),
                        .step = step,
                        .context = context};
    for (int i = 0; i < STYLE_LAYER_COUNT; i++)
        if (o->sum[i])
            memset(o->sum[i], 0, objective_gram_size(o, i) * sizeof *o->sum[i]);
    TRY(bands_forward(o->bands, &picture, measure, &p, diag));
    conclude(&p);
    losses_add_up(o->losses);
    if (!step || !isfinite(o->losses->total)) /* which the caller will tell */
        return STATUS_OK;
    return go_back(&p, &picture, diag);
}
