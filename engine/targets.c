/* targets.c: see targets.h. */
#include "targets.h"

#include <math.h>
#include <string.h>

#include "image.h"
#include "mem.h"
#include "vgg.h"

enum { MAX_SOURCES = JOB_MAX_STYLES + STYLE_LAYER_COUNT };

/* A style picture and how much of it each layer takes; what the layers take sums to 1. */
struct source {
    const struct style *style; /* NULL: blank */
    struct image picture;      /* cropped, at its own size */
    double share[STYLE_LAYER_COUNT];
};

struct targets {
    struct job job;
    struct source source[MAX_SOURCES];
    int count;
    struct target target[STYLE_LAYER_COUNT];
    float *gram[STYLE_LAYER_COUNT];
    double squares[STYLE_LAYER_COUNT]; /* Σ_j b_j‖T_j‖² */
};

static bool same_style(const struct style *a, const struct style *b)
{
    if (!a || !b)
        return a == b;
    return strcmp(a->path, b->path) == 0 && a->scale == b->scale && a->crop.size == b->crop.size &&
           a->crop.x == b->crop.x && a->crop.y == b->crop.y;
}

/* The source for style, found or added. */
static struct source *source_for(struct targets *t, const struct style *style)
{
    for (int i = 0; i < t->count; i++)
        if (same_style(t->source[i].style, style))
            return &t->source[i];
    t->source[t->count].style = style;
    return &t->source[t->count++];
}

/* A style without a path is a blank among blended ones. */
static const struct style *named(const struct style *style)
{
    return style->path[0] ? style : NULL;
}

/* Who takes what: the channels' own pictures, or the blend on every layer. */
static void plan_sources(struct targets *t)
{
    for (int l = 0; l < STYLE_LAYER_COUNT; l++) {
        const struct channel *channel = &t->job.channel[l];
        if (channel->state == CHANNEL_OFF)
            continue;
        if (channel->state == CHANNEL_BLANK)
            source_for(t, NULL)->share[l] = 1.0;
        else if (t->job.blend_count == 0)
            source_for(t, named(&channel->style))->share[l] = 1.0;
        else
            for (int j = 0; j < t->job.blend_count; j++)
                source_for(t, named(&t->job.blend[j]))->share[l] += t->job.blend_weight[j];
    }
}

/* The first pixel and the number of pixels of a crop along a side. */
static void crop_side(int *first, int *length, int side, double size, double centre)
{
    *length = (int)lround(side * size);
    *length = *length < 1 ? 1 : *length > side ? side : *length;
    *first = (int)lround(centre * side - *length / 2.0);
    *first = *first < 0 ? 0 : *first > side - *length ? side - *length : *first;
}

static enum status read_source(struct source *source, struct diag *diag)
{
    const struct style *style = source->style;
    struct image whole = {0};
    TRY(image_read(&whole, style->path, diag));
    int left, top, width, height;
    crop_side(&left, &width, whole.width, style->crop.size, style->crop.x);
    crop_side(&top, &height, whole.height, style->crop.size, style->crop.y);
    enum status status = image_crop(&source->picture, &whole, left, top, width, height, diag);
    image_clear(&whole);
    return status;
}

enum status targets_open(struct targets **out, const struct job *job, struct diag *diag)
{
    struct targets *t = mem_new(sizeof *t);
    enum status status = STATUS_OK;
    t->job = *job;
    plan_sources(t);
    for (int i = 0; status == STATUS_OK && i < t->count; i++)
        if (t->source[i].style)
            status = read_source(&t->source[i], diag);
    if (status != STATUS_OK)
        targets_close(&t);
    else
        *out = t;
    return status;
}

static void clear_grams(struct targets *t)
{
    for (int l = 0; l < STYLE_LAYER_COUNT; l++) {
        mem_free(t->gram[l]);
        t->gram[l] = NULL;
        t->target[l] = (struct target){NULL, 0.0};
        t->squares[l] = 0.0;
    }
}

void targets_close(struct targets **targets)
{
    struct targets *t = *targets;
    if (!t)
        return;
    clear_grams(t);
    for (int i = 0; i < t->count; i++)
        image_clear(&t->source[i].picture);
    mem_free(t);
    *targets = NULL;
}

/* What a pass over one picture carries along. */
struct pass {
    struct targets *targets;
    const struct source *source;
    struct nn *nn;
    struct vgg *vgg;
};

static double sum_of_squares(const float *a, size_t n)
{
    double sum = 0.0;
    for (size_t i = 0; i < n; i++)
        sum += (double)a[i] * a[i];
    return sum;
}

static enum status add_gram(struct pass *pass, int l, const float *features, struct diag *diag)
{
    struct targets *t = pass->targets;
    const struct nn_layout *layout = vgg_layout(pass->vgg, style_layers[l]);
    size_t c = (size_t)nn_layout_channels(layout);
    double share = pass->source->share[l];
    struct nn_op *op = NULL;
    float *gram = NULL;
    enum status status = mem_big(&gram, mem_product(c, c, sizeof *gram), "a Gram matrix", diag);
    if (status == STATUS_OK)
        status = nn_gram_open(&op, pass->nn, layout, NN_FORWARD, diag);
    if (status == STATUS_OK)
        status = nn_gram_forward(op, gram, features, (float)(1.0 / (double)nn_layout_count(layout)),
                                 diag);
    if (status == STATUS_OK && !t->gram[l])
        status = mem_big(&t->gram[l], mem_product(c, c, sizeof *gram), "a Gram matrix", diag);
    if (status == STATUS_OK) {
        for (size_t i = 0; i < c * c; i++)
            t->gram[l][i] += (float)share * gram[i];
        t->squares[l] += share * sum_of_squares(gram, c * c);
    }
    nn_op_close(&op);
    mem_free(gram);
    return status;
}

static enum status take_grams(void *context, enum layer layer, float *features, struct diag *diag)
{
    struct pass *pass = context;
    for (int l = 0; l < STYLE_LAYER_COUNT; l++)
        if (style_layers[l] == layer && pass->source->share[l] > 0.0)
            return add_gram(pass, l, features, diag);
    return STATUS_OK;
}

/* The picture as the network gets to see it. */
static enum status prepare(struct image *out, const struct source *source, int width, int height,
                           struct diag *diag)
{
    if (!source->style) {
        TRY(image_init(out, width, height, diag));
        for (size_t i = 0; i < (size_t)3 * (size_t)width * (size_t)height; i++)
            out->rgb[i] = 255.0f;
        return STATUS_OK;
    }
    double wide = floor(width * source->style->scale);
    wide = wide < 1.0 ? 1.0 : wide;
    double high = floor(wide * source->picture.height / source->picture.width);
    high = high < 1.0 ? 1.0 : high;
    if (wide * high > (double)IMAGE_MAX_PIXELS)
        return diag_set(diag, STATUS_RANGE,
                        "%s at %.0f×%.0f is too large; a smaller style scale helps",
                        source->style->path, wide, high);
    return image_resize(out, &source->picture, (int)wide, (int)high, diag);
}

enum status targets_compute(struct targets *t, struct nn *nn, const struct network *network,
                            int width, int height, enum nn_pooling pooling, struct diag *diag)
{
    enum status status = STATUS_OK;
    clear_grams(t);
    for (int i = 0; status == STATUS_OK && i < t->count; i++) {
        struct pass pass = {t, &t->source[i], nn, NULL};
        struct image picture = {0};
        enum layer last = LAYER_RELU1_1;
        for (int l = 0; l < STYLE_LAYER_COUNT; l++)
            if (t->source[i].share[l] > 0.0)
                last = style_layers[l];
        status = prepare(&picture, &t->source[i], width, height, diag);
        struct vgg_shape shape = {picture.width, picture.height, last, pooling, NN_FORWARD};
        if (status == STATUS_OK)
            status = vgg_open(&pass.vgg, nn, network, &shape, diag);
        if (status == STATUS_OK)
            status = vgg_forward(pass.vgg, picture.rgb, take_grams, &pass, diag);
        vgg_close(&pass.vgg);
        image_clear(&picture);
    }
    for (int l = 0; status == STATUS_OK && l < STYLE_LAYER_COUNT; l++) {
        if (!t->gram[l])
            continue;
        size_t c = (size_t)network->conv[style_layers[l]].out;
        t->target[l].gram = t->gram[l];
        if (t->job.blend_count > 0 && t->job.channel[l].state == CHANNEL_ON)
            t->target[l].constant =
                (t->squares[l] - sum_of_squares(t->gram[l], c * c)) / (double)(c * c);
    }
    return status;
}

const struct target *targets_list(const struct targets *targets)
{
    return targets->target;
}
