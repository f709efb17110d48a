/* objective.c: see objective.h and objective_private.h. */
#include "engine/style/objective_private.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "engine/base/mem.h"

static enum layer deepest(const struct objective_weights *weights, const struct target *targets)
{
    enum layer last = LAYER_RELU1_1;
    for (int i = 0; i < STYLE_LAYER_COUNT; i++)
        if (targets[i].gram && layer_style[i] > last)
            last = layer_style[i];
    for (int i = 0; i < CONTENT_LAYER_COUNT; i++)
        if (objective_content_weight(weights, i) > 0.0 && objective_content_layers[i] > last)
            last = objective_content_layers[i];
    return last;
}

/* The layers whose features the backward pass reads. Style layers that are off may come on. */
static unsigned taps(const struct objective_weights *weights, enum layer last)
{
    unsigned taps = 0;
    for (int i = 0; i < STYLE_LAYER_COUNT; i++)
        taps |= layer_style[i] <= last ? 1u << layer_style[i] : 0;
    for (int i = 0; i < CONTENT_LAYER_COUNT; i++)
        if (objective_content_weight(weights, i) > 0.0)
            taps |= 1u << objective_content_layers[i];
    return taps;
}

static bool in_bands(const struct objective_shape *shape)
{
    return shape->plan >= OBJECTIVE_BANDS;
}

/* Of the features as Gram products get them: the picture's, or a band's. */
static const struct nn_layout *layout_of(const struct objective *o, enum layer layer)
{
    return o->bands ? bands_layout(o->bands, layer) : vgg_layout(o->vgg, layer);
}

/* ---- open and close ----------------------------------------------------------------------- */

static enum status keep_content(void *context, enum layer layer, void *features, struct diag *diag)
{
    struct objective *o = context;
    (void)diag;
    for (int i = 0; i < CONTENT_LAYER_COUNT; i++)
        if (o->content[i] && objective_content_layers[i] == layer)
            memcpy(o->content[i], features, nn_layout_bytes(vgg_layout(o->vgg, layer)));
    return STATUS_OK;
}

static size_t gram_scratch(struct nn_op *op)
{
    size_t forward = nn_op_scratch(op, NN_KERNELS_KEPT, NN_SCRATCH_FORWARD);
    size_t backward = nn_op_scratch(op, NN_KERNELS_KEPT, NN_SCRATCH_BACKWARD);
    return forward > backward ? forward : backward;
}

/* Gives all Gram products the same scratch memory, as large as the largest needs. */
static enum status place_grams(struct objective *o, struct diag *diag)
{
    size_t size = 0;
    for (int i = 0; i < STYLE_LAYER_COUNT; i++) {
        size_t own = o->gram[i] ? gram_scratch(o->gram[i]) : 0;
        size = own > size ? own : size;
    }
    if (size > o->scratch_size) {
        void *scratch;
        TRY(mem_big(&scratch, size, "Gram matrices", diag));
        mem_free(o->scratch);
        o->scratch = scratch;
        o->scratch_size = size;
    }
    void *const places[NN_SCRATCH_COUNT] = {o->scratch, o->scratch, NULL};
    for (int i = 0; i < STYLE_LAYER_COUNT; i++)
        if (o->gram[i])
            TRY(nn_op_place(o->gram[i], NN_KERNELS_KEPT, places, diag));
    return STATUS_OK;
}

/* What layers with a target need and do not have yet. */
static enum status open_grams(struct objective *o, const struct target *targets, struct diag *diag)
{
    for (int i = 0; i < STYLE_LAYER_COUNT; i++) {
        size_t n = objective_gram_size(o, i);
        if (!targets[i].gram || o->gram[i])
            continue;
        if (!o->g[i])
            TRY(mem_big(&o->g[i], mem_product(n, 2, sizeof(float)), "Gram matrices", diag));
        if (o->bands && !o->sum[i])
            TRY(mem_big(&o->sum[i], mem_times(n, sizeof(double)), "Gram matrices", diag));
        TRY(nn_gram_open(&o->gram[i], o->nn, layout_of(o, layer_style[i]), NN_BOTH, diag));
    }
    return place_grams(o, diag);
}

static struct vgg_shape vgg_shape(const struct objective_shape *shape,
                                  const struct target *targets,
                                  const struct objective_weights *weights)
{
    enum layer last = deepest(weights, targets);
    enum vgg_recompute recompute =
        in_bands(shape) ? VGG_RECOMPUTE_NONE : (enum vgg_recompute)shape->plan;
    return (struct vgg_shape){shape->width, shape->height, last, shape->pooling, NN_BOTH,
                              taps(weights, last), recompute};
}

static struct bands_shape bands_shape(const struct objective_shape *shape,
                                      const struct vgg_shape *vgg)
{
    return (struct bands_shape){.width = shape->width,
                                .height = shape->height,
                                .first = shape->first,
                                .end = shape->end ? shape->end : shape->height,
                                .rows = in_bands(shape) ? (OBJECTIVE_MOST_ROWS - 2) >>
                                                              (shape->plan - OBJECTIVE_BANDS)
                                                        : 0,
                                .last = vgg->last,
                                .pooling = shape->pooling,
                                .direction = NN_BOTH,
                                .taps = vgg->taps,
                                .kernels = NN_KERNELS_KEPT};
}

static size_t content_bytes(const struct objective *o, int i)
{
    enum layer layer = objective_content_layers[i];
    return o->bands ? objective_bands_content_bytes(o, i)
                    : nn_layout_bytes(vgg_layout(o->vgg, layer));
}

static enum status open_parts(struct objective *o, const struct picture_rows *content,
                              struct diag *diag)
{
    struct vgg_shape shape = vgg_shape(&o->shape, o->targets, &o->weights);
    struct bands_shape bands = bands_shape(&o->shape, &shape);
    o->last = shape.last;
    if (in_bands(&o->shape))
        TRY(bands_open(&o->bands, o->nn, o->network, &bands, o->shape.keep, diag));
    else
        TRY(vgg_open(&o->vgg, o->nn, o->network, &shape, diag));
    TRY(open_grams(o, o->targets, diag));
    if (o->bands)
        TRY(mem_big(&o->above, mem_product(3 * sizeof(float), (size_t)o->shape.width, 1), "a row",
                    diag));
    for (int i = 0; i < CONTENT_LAYER_COUNT; i++)
        if (objective_content_weight(&o->weights, i) > 0.0)
            TRY(mem_big(&o->content[i], content_bytes(o, i), "the content's features", diag));
    return o->bands ? objective_bands_keep_content(o, content, diag)
                    : vgg_forward(o->vgg, content, keep_content, o, diag);
}

enum status objective_open(struct objective **out, struct nn *nn, const struct network *network,
                           const struct objective_shape *shape, const struct picture_rows *content,
                           const struct target targets[STYLE_LAYER_COUNT],
                           const struct objective_weights *weights, struct diag *diag)
{
    struct objective *o = mem_new(sizeof *o);
    o->nn = nn;
    o->network = network;
    o->shape = *shape;
    o->weights = *weights;
    o->targets = targets;
    o->alone = EVERYTHING;
    enum status status = open_parts(o, content, diag);
    if (status != STATUS_OK)
        objective_close(&o);
    else
        *out = o;
    return status;
}

/* What the objective takes besides the network. */
struct needs {
    struct nn *nn;
    const struct target *targets;
    const struct objective_weights *weights;
    int band; /* rows of one; 0: the whole picture */
    size_t bytes, scratch;
    size_t row[CONTENT_LAYER_COUNT]; /* in bands: bytes of a row of the content's features */
};

static enum status add_needs(void *context, enum layer layer, const struct nn_layout *layout,
                             struct diag *diag)
{
    struct needs *needs = context;
    size_t c = (size_t)nn_layout_channels(layout), bytes = nn_layout_bytes(layout);
    int rows = needs->band >> (layer_block(layer) - 1);
    for (int i = 0; i < CONTENT_LAYER_COUNT; i++) {
        if (objective_content_layers[i] != layer ||
            objective_content_weight(needs->weights, i) <= 0.0)
            continue;
        if (needs->band)
            needs->row[i] = bytes / (size_t)rows;
        else
            needs->bytes += bytes;
    }
    for (int i = 0; i < STYLE_LAYER_COUNT; i++) {
        struct nn_op *op;
        if (layer_style[i] != layer || !needs->targets[i].gram)
            continue;
        TRY(nn_gram_open(&op, needs->nn, layout, NN_BOTH, diag));
        size_t scratch = gram_scratch(op);
        nn_op_close(&op);
        needs->scratch = scratch > needs->scratch ? scratch : needs->scratch;
        needs->bytes += c * c * (2 * sizeof(float) + (needs->band ? sizeof(double) : 0));
    }
    return STATUS_OK;
}

static enum status predict_bands(size_t *bytes, size_t *all, struct needs needs,
                                 const struct network *network,
                                 const struct objective_shape *shape, const struct vgg_shape *vgg,
                                 struct diag *diag)
{
    struct bands_shape bands = bands_shape(shape, vgg);
    struct bands_need need;
    needs.band = bands.rows;
    TRY(bands_predict(&need, needs.nn, network, &bands, add_needs, &needs, diag));
    *bytes = need.least + needs.bytes + needs.scratch;
    *all = need.all;
    for (int i = 0; i < CONTENT_LAYER_COUNT; i++) {
        int scale = 1 << (layer_block(objective_content_layers[i]) - 1);
        *bytes += needs.row[i] * (size_t)((need.window + scale - 1) / scale);
    }
    return STATUS_OK;
}

enum status objective_predict(size_t bytes[OBJECTIVE_PLANS], size_t all[OBJECTIVE_PLANS],
                              struct nn *nn,
                              const struct network *network, const struct objective_shape *shape,
                              const struct target targets[STYLE_LAYER_COUNT],
                              const struct objective_weights *weights, struct diag *diag)
{
    struct vgg_shape vgg = vgg_shape(shape, targets, weights);
    struct needs none = {.nn = nn, .targets = targets, .weights = weights}, needs = none;
    TRY(vgg_predict(bytes, nn, network, &vgg, add_needs, &needs, diag));
    memset(all, 0, OBJECTIVE_PLANS * sizeof *all);
    for (int t = 0; t < VGG_RECOMPUTE_COUNT; t++)
        bytes[t] += needs.bytes + needs.scratch;
    struct objective_shape other = *shape;
    for (other.plan = OBJECTIVE_BANDS; other.plan < OBJECTIVE_PLANS; other.plan++)
        TRY(predict_bands(&bytes[other.plan], &all[other.plan], none, network, &other, &vgg,
                          diag));
    return STATUS_OK;
}

int objective_choose(const size_t bytes[OBJECTIVE_PLANS], size_t allowed)
{
    int plan = 0;
    while (plan < OBJECTIVE_PLANS && bytes[plan] > allowed)
        plan++;
    return plan;
}

enum status objective_change(struct objective *o, const struct target targets[STYLE_LAYER_COUNT],
                             const struct objective_weights *weights, bool *fits,
                             struct diag *diag)
{
    *fits = deepest(weights, targets) == o->last;
    for (int i = 0; i < CONTENT_LAYER_COUNT; i++)
        if (objective_content_weight(weights, i) > 0.0 && !o->content[i])
            *fits = false;
    if (!*fits)
        return STATUS_OK;
    TRY(open_grams(o, targets, diag));
    o->targets = targets;
    o->weights = *weights;
    return STATUS_OK;
}

void objective_close(struct objective **objective)
{
    struct objective *o = *objective;
    if (!o)
        return;
    for (int i = 0; i < STYLE_LAYER_COUNT; i++) {
        nn_op_close(&o->gram[i]);
        mem_free(o->g[i]);
        mem_free(o->sum[i]);
    }
    for (int i = 0; i < CONTENT_LAYER_COUNT; i++)
        mem_free(o->content[i]);
    mem_free(o->above);
    mem_free(o->scratch);
    vgg_close(&o->vgg);
    bands_close(&o->bands);
    mem_free(o);
    *objective = NULL;
}

void objective_window(const struct objective *o, int *first, int *end)
{
    *first = 0;
    *end = o->shape.height;
    if (o->bands)
        bands_window(o->bands, first, end);
}

/* ---- losses ------------------------------------------------------------------------------- */

/* Adds the content loss at layer, if it has one, and its gradient to df unless NULL. */
static void add_content(struct objective *o, enum layer layer, void *df)
{
    for (int i = 0; i < CONTENT_LAYER_COUNT; i++) {
        if (objective_content_layers[i] != layer ||
            objective_content_weight(&o->weights, i) <= 0.0)
            continue;
        const struct nn_layout *layout = vgg_layout(o->vgg, layer);
        struct objective_content all = {i, layout, vgg_features(o->vgg, layer), 0,
                                        nn_layout_values(layout), 0,
                                        (double)nn_layout_count(layout)};
        /* of two layers at most: their order does not matter */
        o->losses->content += objective_content_loss(o, &all, df);
    }
}

/* On the way forward: the Gram matrices, the style losses and their dG; without a way back, the
 * content loss too. */
static enum status measure(void *context, enum layer layer, void *features, struct diag *diag)
{
    struct objective *o = context;
    if (!o->want_gradient)
        add_content(o, layer, NULL);
    for (int i = 0; i < STYLE_LAYER_COUNT; i++) {
        if (!objective_counts(o, i, layer))
            continue;
        double normaliser = (double)nn_layout_count(vgg_layout(o->vgg, layer));
        TRY(nn_gram_forward(o->gram[i], o->g[i], features, (float)(1.0 / normaliser), diag));
        objective_style(o, i, normaliser);
    }
    return STATUS_OK;
}

/* On the way back: adds the losses' gradients at layer. */
static enum status pull(void *context, enum layer layer, void *gradient, struct diag *diag)
{
    struct objective *o = context;
    if (o->alone == EVERYTHING)
        add_content(o, layer, gradient);
    for (int i = 0; i < STYLE_LAYER_COUNT; i++)
        if (objective_counts(o, i, layer))
            TRY(nn_gram_backward(o->gram[i], gradient, vgg_features(o->vgg, layer),
                                 o->g[i] + objective_gram_size(o, i), diag));
    return STATUS_OK;
}

static enum status evaluate_whole(struct objective *o, float *gradient, const float *x,
                                  struct diag *diag)
{
    struct picture_planes planes = {x, o->shape.width, o->shape.height, 0};
    const struct picture_rows picture = {picture_planes_take, &planes};
    TRY(vgg_forward(o->vgg, &picture, measure, o, diag));
    if (gradient)
        TRY(vgg_backward(o->vgg, gradient, pull, o, diag));
    if (o->alone == EVERYTHING)
        o->losses->tv =
            losses_tv(gradient, x, 3, o->shape.height, o->shape.width, o->weights.tv);
    return STATUS_OK;
}

static enum status check(struct losses *losses, struct diag *diag)
{
    losses_add_up(losses);
    if (isfinite(losses->total))
        return STATUS_OK;
    char term[LOSSES_WORDS];
    losses_worst(term, losses);
    return diag_set(diag, STATUS_DIVERGED, "the %s is not a finite number", term);
}

static void start(struct objective *o, struct losses *losses, bool want_gradient)
{
    *losses = (struct losses){0};
    o->losses = losses;
    o->want_gradient = want_gradient;
}

/* Puts the rows where they belong among those of the part. */
static void collect_rows(void *context, int row, int count, float *const gradient[3])
{
    const struct picture_planes *part = context;
    size_t width = (size_t)part->width, plane = width * (size_t)part->rows;
    for (size_t c = 0; c < 3; c++)
        memcpy((float *)part->rgb + c * plane + (size_t)(row - part->first) * width, gradient[c],
               (size_t)count * width * sizeof(float));
}

static enum status evaluate(struct objective *o, float *gradient, const float *x,
                            struct diag *diag)
{
    int end = o->shape.end ? o->shape.end : o->shape.height;
    struct picture_planes part = {gradient, o->shape.width, end - o->shape.first, o->shape.first};
    if (!o->bands)
        return evaluate_whole(o, gradient, x, diag);
    return objective_bands_evaluate(o, x, gradient ? collect_rows : NULL, &part, diag);
}

enum status objective_evaluate(struct objective *o, struct losses *losses, float *gradient,
                               const float *x, struct diag *diag)
{
    start(o, losses, gradient != NULL);
    TRY(evaluate(o, gradient, x, diag));
    return check(losses, diag);
}

enum status objective_descend(struct objective *o, struct losses *losses, const float *x,
                              objective_step *step, void *context, struct diag *diag)
{
    assert(o->bands);
    start(o, losses, true);
    TRY(objective_bands_evaluate(o, x, step, context, diag));
    return check(losses, diag);
}

/* ---- pulls -------------------------------------------------------------------------------- */

static double squares(const float *v, size_t n)
{
    double sum = 0.0;
    for (size_t i = 0; i < n; i++)
        sum += (double)v[i] * v[i];
    return sum;
}

static void add_squares(void *context, int row, int count, float *const gradient[3])
{
    const struct objective *o = ((void **)context)[0];
    double *sum = ((void **)context)[1];
    (void)row;
    for (int c = 0; c < 3; c++)
        *sum += squares(gradient[c], (size_t)count * (size_t)o->shape.width);
}

/* Of the layer that is alone. */
static enum status measure_pull(struct objective *o, double *pull_of, float *gradient,
                                const float *x, struct diag *diag)
{
    double sum = 0.0;
    void *context[] = {o, &sum};
    if (o->bands) {
        TRY(objective_bands_evaluate(o, x, add_squares, context, diag));
        team_sum(o->shape.team, &sum, 1);
    } else {
        TRY(evaluate_whole(o, gradient, x, diag));
        sum = squares(gradient, 3 * (size_t)o->shape.width * (size_t)o->shape.height);
    }
    *pull_of = sqrt(sum);
    return STATUS_OK;
}

static void limit(struct objective *o, enum layer last)
{
    if (o->bands)
        bands_limit(o->bands, last);
    else
        vgg_limit(o->vgg, last);
}

enum status objective_pulls(struct objective *o, double pull_of[STYLE_LAYER_COUNT],
                            float *gradient, const float *x, struct diag *diag)
{
    struct losses losses;
    enum status status = STATUS_OK;
    start(o, &losses, true);
    for (int i = 0; i < STYLE_LAYER_COUNT; i++) {
        pull_of[i] = 0.0;
        if (status != STATUS_OK || !o->targets[i].gram || o->weights.layer[i] == 0.0)
            continue;
        o->alone = i;
        limit(o, layer_style[i]);
        status = measure_pull(o, &pull_of[i], gradient, x, diag);
    }
    o->alone = EVERYTHING;
    limit(o, o->last);
    return status;
}

struct vgg *objective_vgg(struct objective *objective)
{
    return objective->vgg;
}

struct nn_op *objective_gram(struct objective *objective, int i)
{
    return objective->gram[i];
}
