/* objective.c: see objective.h. */
#include "engine/style/objective.h"

#include <math.h>
#include <string.h>

#include "engine/base/mem.h"

enum { CONTENT_LAYER_COUNT = 2 };
static const enum layer content_layers[CONTENT_LAYER_COUNT] = {LAYER_RELU4_2, LAYER_RELU5_2};

struct objective {
    struct nn *nn;
    struct vgg *vgg;
    const struct network *network;
    struct objective_shape shape;
    struct objective_weights weights;
    const struct target *targets;
    enum layer last;
    struct nn_op *gram[STYLE_LAYER_COUNT]; /* NULL where the target was off so far */
    float *g[STYLE_LAYER_COUNT];           /* [C][C], one allocation each with dg behind it */
    void *scratch; /* of the Gram products, which run one after the other */
    size_t scratch_size;
    void *content[CONTENT_LAYER_COUNT];    /* features of the content; NULL without weight */
    struct losses *losses;                 /* of the evaluation under way */
    bool want_gradient;
    int alone; /* the only style layer that counts, without the content; EVERYTHING: all do */
};

enum { EVERYTHING = -1 };

static double content_weight(const struct objective_weights *weights, int i)
{
    return weights->content * (i == 0 ? weights->content_blend : 1.0 - weights->content_blend);
}

static enum layer deepest(const struct objective_weights *weights, const struct target *targets)
{
    enum layer last = LAYER_RELU1_1;
    for (int i = 0; i < STYLE_LAYER_COUNT; i++)
        if (targets[i].gram && layer_style[i] > last)
            last = layer_style[i];
    for (int i = 0; i < CONTENT_LAYER_COUNT; i++)
        if (content_weight(weights, i) > 0.0 && content_layers[i] > last)
            last = content_layers[i];
    return last;
}

/* The layers whose features the backward pass reads. Style layers that are off may come on. */
static unsigned taps(const struct objective_weights *weights, enum layer last)
{
    unsigned taps = 0;
    for (int i = 0; i < STYLE_LAYER_COUNT; i++)
        taps |= layer_style[i] <= last ? 1u << layer_style[i] : 0;
    for (int i = 0; i < CONTENT_LAYER_COUNT; i++)
        taps |= content_weight(weights, i) > 0.0 ? 1u << content_layers[i] : 0;
    return taps;
}

static size_t gram_size(const struct objective *o, int i)
{
    size_t c = (size_t)o->network->conv[layer_style[i]].out;
    return c * c;
}

static enum status keep_content(void *context, enum layer layer, void *features, struct diag *diag)
{
    struct objective *o = context;
    (void)diag;
    for (int i = 0; i < CONTENT_LAYER_COUNT; i++)
        if (o->content[i] && content_layers[i] == layer)
            memcpy(o->content[i], features,
                   nn_layout_bytes(vgg_layout(o->vgg, layer)));
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
        if (!targets[i].gram || o->gram[i])
            continue;
        if (!o->g[i])
            TRY(mem_big(&o->g[i], mem_product(gram_size(o, i), 2, sizeof(float)), "Gram matrices",
                        diag));
        TRY(nn_gram_open(&o->gram[i], o->nn, vgg_layout(o->vgg, layer_style[i]), NN_BOTH, diag));
    }
    return place_grams(o, diag);
}

static struct vgg_shape vgg_shape(const struct objective_shape *shape,
                                  const struct target *targets,
                                  const struct objective_weights *weights)
{
    enum layer last = deepest(weights, targets);
    return (struct vgg_shape){shape->width, shape->height, last, shape->pooling, NN_BOTH,
                              taps(weights, last), shape->recompute};
}

static enum status open_parts(struct objective *o, const float *content, struct diag *diag)
{
    struct vgg_shape shape = vgg_shape(&o->shape, o->targets, &o->weights);
    o->last = shape.last;
    TRY(vgg_open(&o->vgg, o->nn, o->network, &shape, diag));
    TRY(open_grams(o, o->targets, diag));
    for (int i = 0; i < CONTENT_LAYER_COUNT; i++)
        if (content_weight(&o->weights, i) > 0.0)
            TRY(mem_big(&o->content[i], nn_layout_bytes(vgg_layout(o->vgg, content_layers[i])),
                        "the content's features", diag));
    return vgg_forward(o->vgg, content, keep_content, o, diag);
}

enum status objective_open(struct objective **out, struct nn *nn, const struct network *network,
                           const struct objective_shape *shape, const float *content,
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
    size_t bytes, scratch;
};

static enum status add_needs(void *context, enum layer layer, const struct nn_layout *layout,
                             struct diag *diag)
{
    struct needs *needs = context;
    size_t c = (size_t)nn_layout_channels(layout);
    for (int i = 0; i < CONTENT_LAYER_COUNT; i++)
        if (content_layers[i] == layer && content_weight(needs->weights, i) > 0.0)
            needs->bytes += nn_layout_bytes(layout);
    for (int i = 0; i < STYLE_LAYER_COUNT; i++) {
        struct nn_op *op;
        if (layer_style[i] != layer || !needs->targets[i].gram)
            continue;
        TRY(nn_gram_open(&op, needs->nn, layout, NN_BOTH, diag));
        size_t scratch = gram_scratch(op);
        nn_op_close(&op);
        needs->scratch = scratch > needs->scratch ? scratch : needs->scratch;
        needs->bytes += 2 * c * c * sizeof(float);
    }
    return STATUS_OK;
}

enum status objective_predict(size_t bytes[VGG_RECOMPUTE_COUNT], struct nn *nn,
                              const struct network *network, const struct objective_shape *shape,
                              const struct target targets[STYLE_LAYER_COUNT],
                              const struct objective_weights *weights, struct diag *diag)
{
    struct vgg_shape vgg = vgg_shape(shape, targets, weights);
    struct needs needs = {nn, targets, weights, 0, 0};
    TRY(vgg_predict(bytes, nn, network, &vgg, add_needs, &needs, diag));
    for (int t = 0; t < VGG_RECOMPUTE_COUNT; t++)
        bytes[t] += needs.bytes + needs.scratch;
    return STATUS_OK;
}

enum status objective_change(struct objective *o, const struct target targets[STYLE_LAYER_COUNT],
                             const struct objective_weights *weights, bool *fits,
                             struct diag *diag)
{
    *fits = deepest(weights, targets) == o->last;
    for (int i = 0; i < CONTENT_LAYER_COUNT; i++)
        if (content_weight(weights, i) > 0.0 && !o->content[i])
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
    }
    for (int i = 0; i < CONTENT_LAYER_COUNT; i++)
        mem_free(o->content[i]);
    mem_free(o->scratch);
    vgg_close(&o->vgg);
    mem_free(o);
    *objective = NULL;
}

/* Adds the gradient of one layer's content loss to df unless NULL; returns Σ, see losses_content.
 * From the first number to before the end-th. */
static double content_stripe(struct objective *o, int i, void *df, size_t first, size_t end)
{
    enum { ROW = 4096 }; /* numbers at a time, to stay in the cache */
    const struct nn_layout *layout = vgg_layout(o->vgg, content_layers[i]);
    const void *features = vgg_features(o->vgg, content_layers[i]);
    double weight = content_weight(&o->weights, i), sum = 0.0;
    size_t count = nn_layout_count(layout);
    float row[ROW], target[ROW], change[ROW];
    for (size_t at = first; at < end; at += ROW) {
        size_t part = end - at < ROW ? end - at : ROW;
        nn_read(row, layout, features, at, part);
        nn_read(target, layout, o->content[i], at, part);
        memset(change, 0, part * sizeof *change);
        sum += losses_content(df ? change : NULL, row, target, part, count, weight);
        if (df)
            nn_add(df, layout, change, at, part);
    }
    return sum;
}

/* Adds the content loss at layer, if it has one, and its gradient to df unless NULL. The sum does
 * not depend on how many threads there are. */
static void add_content(struct objective *o, enum layer layer, void *df)
{
    enum { STRIPES = 64 };
    size_t n = nn_layout_values(vgg_layout(o->vgg, layer));
    for (int i = 0; i < CONTENT_LAYER_COUNT; i++) {
        double sum[STRIPES];
        if (content_layers[i] != layer || content_weight(&o->weights, i) <= 0.0)
            continue;
#pragma omp parallel for schedule(static)
        for (size_t s = 0; s < STRIPES; s++)
            sum[s] = content_stripe(o, i, df, n * s / STRIPES, n * (s + 1) / STRIPES);
        for (int s = 1; s < STRIPES; s++)
            sum[0] += sum[s];
        o->losses->content += sum[0]; /* of two layers at most: their order does not matter */
    }
}

static bool counts(const struct objective *o, int i, enum layer layer)
{
    return layer_style[i] == layer && o->targets[i].gram &&
           (o->alone == EVERYTHING || o->alone == i);
}

/* On the way forward: the Gram matrices, the style losses and their dG; without a way back, the
 * content loss too. */
static enum status measure(void *context, enum layer layer, void *features, struct diag *diag)
{
    struct objective *o = context;
    if (!o->want_gradient)
        add_content(o, layer, NULL);
    for (int i = 0; i < STYLE_LAYER_COUNT; i++) {
        if (!counts(o, i, layer))
            continue;
        double normaliser = (double)nn_layout_count(vgg_layout(o->vgg, layer));
        TRY(nn_gram_forward(o->gram[i], o->g[i], features, (float)(1.0 / normaliser), diag));
        o->losses->style_layer[i] =
            losses_style(o->g[i] + gram_size(o, i), o->g[i], o->targets[i].gram,
                         o->network->conv[layer].out, o->targets[i].constant,
                         o->weights.style / STYLE_LAYER_COUNT * o->weights.layer[i], normaliser);
        o->losses->style += o->losses->style_layer[i];
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
        if (counts(o, i, layer))
            TRY(nn_gram_backward(o->gram[i], gradient, vgg_features(o->vgg, layer),
                                 o->g[i] + gram_size(o, i), diag));
    return STATUS_OK;
}

enum status objective_evaluate(struct objective *o, struct losses *losses, float *gradient,
                               const float *x, struct diag *diag)
{
    *losses = (struct losses){0};
    o->losses = losses;
    o->want_gradient = gradient != NULL;
    TRY(vgg_forward(o->vgg, x, measure, o, diag));
    if (gradient)
        TRY(vgg_backward(o->vgg, gradient, pull, o, diag));
    losses->tv = losses_tv(gradient, x, 3, o->shape.height, o->shape.width, o->weights.tv);
    losses_add_up(losses);
    if (isfinite(losses->total))
        return STATUS_OK;
    char term[LOSSES_WORDS];
    losses_worst(term, losses);
    return diag_set(diag, STATUS_DIVERGED, "the %s is not a finite number", term);
}

static double norm(const float *v, size_t n)
{
    double sum = 0.0;
    for (size_t i = 0; i < n; i++)
        sum += (double)v[i] * v[i];
    return sqrt(sum);
}

enum status objective_pulls(struct objective *o, double pull_of[STYLE_LAYER_COUNT],
                            float *gradient, const float *x, struct diag *diag)
{
    struct losses losses = {0};
    enum status status = STATUS_OK;
    o->losses = &losses;
    o->want_gradient = true;
    for (int i = 0; i < STYLE_LAYER_COUNT; i++) {
        pull_of[i] = 0.0;
        if (status != STATUS_OK || !o->targets[i].gram || o->weights.layer[i] == 0.0)
            continue;
        o->alone = i;
        vgg_limit(o->vgg, layer_style[i]);
        status = vgg_forward(o->vgg, x, measure, o, diag);
        if (status == STATUS_OK)
            status = vgg_backward(o->vgg, gradient, pull, o, diag);
        if (status == STATUS_OK)
            pull_of[i] = norm(gradient, 3 * (size_t)o->shape.width * (size_t)o->shape.height);
    }
    o->alone = EVERYTHING;
    vgg_limit(o->vgg, o->last);
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
