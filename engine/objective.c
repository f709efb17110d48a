/* objective.c: see objective.h. */
#include "objective.h"

#include <math.h>
#include <string.h>

#include "mem.h"
#include "vgg.h"

enum { CONTENT_LAYER_COUNT = 2 };
static const enum layer content_layers[CONTENT_LAYER_COUNT] = {LAYER_RELU4_2, LAYER_RELU5_2};

struct objective {
    struct nn *nn;
    struct vgg *vgg;
    const struct network *network;
    int width, height;
    struct objective_weights weights;
    const struct target *targets;
    enum layer last;
    struct nn_op *gram[STYLE_LAYER_COUNT]; /* NULL where the target was off so far */
    float *g[STYLE_LAYER_COUNT];           /* [C][C], one allocation each with dg behind it */
    void *content[CONTENT_LAYER_COUNT];    /* features of the content; NULL without weight */
    struct losses *losses;                 /* of the evaluation under way */
    bool want_gradient;
};

static double content_weight(const struct objective_weights *weights, int i)
{
    return weights->content * (i == 0 ? weights->content_blend : 1.0 - weights->content_blend);
}

static enum layer deepest(const struct objective_weights *weights, const struct target *targets)
{
    enum layer last = LAYER_RELU1_1;
    for (int i = 0; i < STYLE_LAYER_COUNT; i++)
        if (targets[i].gram && style_layers[i] > last)
            last = style_layers[i];
    for (int i = 0; i < CONTENT_LAYER_COUNT; i++)
        if (content_weight(weights, i) > 0.0 && content_layers[i] > last)
            last = content_layers[i];
    return last;
}

static size_t gram_size(const struct objective *o, int i)
{
    size_t c = (size_t)o->network->conv[style_layers[i]].out;
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

/* What layers with a target need and do not have yet. */
static enum status open_grams(struct objective *o, const struct target *targets, struct diag *diag)
{
    for (int i = 0; i < STYLE_LAYER_COUNT; i++) {
        if (!targets[i].gram || o->gram[i])
            continue;
        if (!o->g[i])
            TRY(mem_big(&o->g[i], mem_product(gram_size(o, i), 2, sizeof(float)), "Gram matrices",
                        diag));
        TRY(nn_gram_open(&o->gram[i], o->nn, vgg_layout(o->vgg, style_layers[i]), NN_BOTH, diag));
    }
    return STATUS_OK;
}

static enum status open_parts(struct objective *o, const struct image *content,
                              enum nn_pooling pooling, struct diag *diag)
{
    struct vgg_shape shape = {content->width, content->height, o->last, pooling, NN_BOTH};
    TRY(vgg_open(&o->vgg, o->nn, o->network, &shape, diag));
    TRY(open_grams(o, o->targets, diag));
    for (int i = 0; i < CONTENT_LAYER_COUNT; i++)
        if (content_weight(&o->weights, i) > 0.0)
            TRY(mem_big(&o->content[i], nn_layout_bytes(vgg_layout(o->vgg, content_layers[i])),
                        "the content's features", diag));
    return vgg_forward(o->vgg, content->rgb, keep_content, o, diag);
}

enum status objective_open(struct objective **out, struct nn *nn, const struct network *network,
                           const struct image *content,
                           const struct target targets[STYLE_LAYER_COUNT],
                           const struct objective_weights *weights, enum nn_pooling pooling,
                           struct diag *diag)
{
    struct objective *o = mem_new(sizeof *o);
    o->nn = nn;
    o->network = network;
    o->width = content->width;
    o->height = content->height;
    o->weights = *weights;
    o->targets = targets;
    o->last = deepest(weights, targets);
    enum status status = open_parts(o, content, pooling, diag);
    if (status != STATUS_OK)
        objective_close(&o);
    else
        *out = o;
    return status;
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
    vgg_close(&o->vgg);
    mem_free(o);
    *objective = NULL;
}

/* Adds the content loss at layer, if it has one, and its gradient to df unless NULL. */
static void add_content(struct objective *o, enum layer layer, void *df)
{
    enum { ROW = 4096 }; /* numbers at a time, to stay in the cache */
    const struct nn_layout *layout = vgg_layout(o->vgg, layer);
    const void *f = vgg_features(o->vgg, layer);
    size_t n = nn_layout_values(layout), count = nn_layout_count(layout);
    float row[ROW], target[ROW], change[ROW];
    for (int i = 0; i < CONTENT_LAYER_COUNT; i++) {
        double weight = content_weight(&o->weights, i);
        if (content_layers[i] != layer || weight <= 0.0)
            continue;
        for (size_t at = 0; at < n; at += ROW) {
            size_t part = n - at < ROW ? n - at : ROW;
            nn_read(row, layout, f, at, part);
            nn_read(target, layout, o->content[i], at, part);
            memset(change, 0, part * sizeof *change);
            o->losses->content +=
                losses_content(df ? change : NULL, row, target, part, count, weight);
            if (df)
                nn_add(df, layout, change, at, part);
        }
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
        if (style_layers[i] != layer || !o->targets[i].gram)
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
    add_content(o, layer, gradient);
    for (int i = 0; i < STYLE_LAYER_COUNT; i++)
        if (style_layers[i] == layer && o->targets[i].gram)
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
    losses->tv = losses_tv(gradient, x, 3, o->height, o->width, o->weights.tv);
    losses->total = losses->content + losses->style + losses->tv;
    if (isfinite(losses->total))
        return STATUS_OK;
    return diag_set(diag, STATUS_DIVERGED,
                    "the %s loss is no longer a finite number; a lower --learning-rate or lower "
                    "weights keep it in bounds",
                    !isfinite(losses->content) ? "content"
                    : !isfinite(losses->style) ? "style"
                                               : "total variation");
}

struct vgg *objective_vgg(struct objective *objective)
{
    return objective->vgg;
}

struct nn_op *objective_gram(struct objective *objective, int i)
{
    return objective->gram[i];
}
