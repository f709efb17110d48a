/* targets.c: see targets.h. */
#include "engine/style/targets.h"

#include <math.h>
#include <string.h>

#include "engine/base/mem.h"
#include "engine/net/vgg.h"
#include "engine/style/source.h"

/* Every style that a job names, and what stands for one. */
enum { MAX_SOURCES = JOB_MAX_STYLES + STYLE_LAYER_COUNT + CHANNEL_STATES };

/* How much of a source each layer takes; what a layer takes sums to 1. */
struct use {
    struct source *source;
    double share[STYLE_LAYER_COUNT];
};

struct targets {
    struct job job;
    struct use use[MAX_SOURCES];
    int count;
    int plan[TARGETS_MOST_SIZES], sizes; /* the content's widths to come */
    int width, height; /* that the Gram matrices are for */
    struct target target[STYLE_LAYER_COUNT];
    float *gram[STYLE_LAYER_COUNT];
};

static struct use *find_use(struct targets *t, enum channel_state kind, const struct style *style)
{
    for (int i = 0; i < t->count; i++)
        if (source_is(t->use[i].source, kind, style))
            return &t->use[i];
    return NULL;
}

/* Adds share to what layer l takes of a source, which is found in t or before, or made. */
static void take_over_use(struct targets *t, struct targets *before, enum channel_state state,
                          const struct style *style, int l, double share)
{
    enum channel_state kind = source_kind(state, style);
    struct use *use = find_use(t, kind, style);
    struct use *old = before ? find_use(before, kind, style) : NULL;
    if (!use && !old && share == 0.0)
        return;
    if (!use) {
        use = &t->use[t->count++];
        use->source = old ? old->source : mem_new(sizeof *use->source);
        use->source->users++;
        use->source->kind = kind;
        use->source->style = *style;
    }
    use->share[l] += share;
}

/* Who takes what: the channels' own pictures, or the blend on every layer. */
static void plan_uses(struct targets *t, struct targets *before)
{
    const struct job *job = &t->job;
    for (int l = 0; l < STYLE_LAYER_COUNT; l++) {
        const struct channel *channel = &job->channel[l];
        if (channel->state != CHANNEL_OFF && (channel->state != CHANNEL_ON || !job->blend_count))
            take_over_use(t, before, channel->state, &channel->style, l, 1.0);
        for (int j = 0; channel->state == CHANNEL_ON && j < job->blend_count; j++)
            take_over_use(t, before, CHANNEL_ON, &job->blend[j], l, job->blend_weight[j]);
    }
    /* What is not used now but was is kept, for channels that come back. Last, so that targets
     * come out the same, to the bit, whatever was before. */
    for (int state = CHANNEL_ON + 1; state < CHANNEL_OFF; state++)
        take_over_use(t, before, (enum channel_state)state, &job->channel[0].style, 0, 0.0);
    for (int l = 0; l < STYLE_LAYER_COUNT; l++)
        take_over_use(t, before, CHANNEL_ON, &job->channel[l].style, l, 0.0);
    for (int j = 0; j < job->blend_count; j++)
        take_over_use(t, before, CHANNEL_ON, &job->blend[j], 0, 0.0);
}

static bool used(const struct use *use)
{
    for (int l = 0; l < STYLE_LAYER_COUNT; l++)
        if (use->share[l] > 0.0)
            return true;
    return false;
}

enum status targets_open(struct targets **out, const struct job *job, struct targets *before,
                         struct diag *diag)
{
    struct targets *t = mem_new(sizeof *t);
    enum status status = STATUS_OK;
    t->job = *job;
    if (before) {
        t->width = before->width;
        t->height = before->height;
        targets_plan(t, before->plan, before->sizes);
    }
    plan_uses(t, before);
    for (int i = 0; status == STATUS_OK && i < t->count; i++)
        if (used(&t->use[i]))
            status = source_inspect(t->use[i].source, diag);
    if (status != STATUS_OK)
        targets_close(&t);
    else
        *out = t;
    return status;
}

void targets_plan(struct targets *t, const int width[], int count)
{
    memcpy(t->plan, width, (size_t)count * sizeof *width);
    t->sizes = count;
}

static void clear_targets(struct targets *t)
{
    for (int l = 0; l < STYLE_LAYER_COUNT; l++) {
        mem_free(t->gram[l]);
        t->gram[l] = NULL;
    }
    memset(t->target, 0, sizeof t->target);
}

void targets_close(struct targets **targets)
{
    struct targets *t = *targets;
    if (!t)
        return;
    clear_targets(t);
    for (int i = 0; i < t->count; i++)
        if (--t->use[i].source->users == 0)
            source_close(t->use[i].source);
    mem_free(t);
    *targets = NULL;
}

static bool same_style(const struct style *a, const struct style *b)
{
    const struct source source = {.kind = source_kind(CHANNEL_ON, a), .style = *a};
    return source_is(&source, source_kind(CHANNEL_ON, b), b);
}

bool targets_same(const struct targets *t, const struct job *job)
{
    const struct job *own = &t->job;
    bool same = own->blend_count == job->blend_count;
    for (int l = 0; same && l < STYLE_LAYER_COUNT; l++)
        same = own->channel[l].state == job->channel[l].state &&
               same_style(&own->channel[l].style, &job->channel[l].style);
    for (int j = 0; same && j < job->blend_count; j++)
        same = own->blend_weight[j] == job->blend_weight[j] &&
               same_style(&own->blend[j], &job->blend[j]);
    return same;
}

/* ---- Gram matrices ------------------------------------------------------------------------ */

/* What a pass over one picture carries along. */
struct pass {
    const struct use *use;
    struct nn *nn;
    struct vgg *vgg;
};

static bool is_missing(const struct use *use, int l)
{
    return use->share[l] > 0.0 && !use->source->gram[l];
}

static enum status compute_gram(struct pass *pass, int l, const void *features, struct diag *diag)
{
    const struct nn_layout *layout = vgg_layout(pass->vgg, layer_style[l]);
    size_t c = (size_t)nn_layout_channels(layout);
    float *gram;
    struct nn_op *op = NULL;
    TRY(mem_big(&gram, mem_product(c, c, sizeof(float)), "a Gram matrix", diag));
    enum status status = nn_gram_open(&op, pass->nn, layout, NN_FORWARD, diag);
    if (status == STATUS_OK)
        status = nn_op_allocate(op, diag);
    if (status == STATUS_OK)
        status = nn_gram_forward(op, gram, features, (float)(1.0 / (double)nn_layout_count(layout)),
                                 diag);
    nn_op_close(&op);
    if (status == STATUS_OK)
        pass->use->source->gram[l] = gram;
    else
        mem_free(gram);
    return status;
}

static enum status visit_layer(void *context, enum layer layer, void *features, struct diag *diag)
{
    struct pass *pass = context;
    for (int l = 0; l < STYLE_LAYER_COUNT; l++)
        if (layer_style[l] == layer && is_missing(pass->use, l))
            return compute_gram(pass, l, features, diag);
    return STATUS_OK;
}

/* The deepest layer for which a Gram matrix is to be found, as an index of layer_style; -1: none.
 * anew: those that are there do not count. */
static int deepest(const struct use *use, bool anew)
{
    int last = -1;
    for (int l = 0; l < STYLE_LAYER_COUNT; l++)
        if (anew ? use->share[l] > 0.0 : is_missing(use, l))
            last = l;
    return last;
}

static struct vgg_shape pass_shape(int last, int width, int height,
                                   const struct objective_shape *shape)
{
    return (struct vgg_shape){width, height, layer_style[last], shape->pooling, NN_FORWARD, 0,
                              shape->recompute};
}

/* One pass, no deeper than what is lacking. */
static enum status compute_grams(const struct use *use, const struct source_view *view,
                                 struct nn *nn, const struct network *network,
                                 const struct objective_shape *shape, struct diag *diag)
{
    struct pass pass = {use, nn, NULL};
    struct image picture = {0};
    int last = deepest(use, false);
    if (last < 0)
        return STATUS_OK;
    TRY(source_prepare(&picture, use->source, view, diag));
    struct vgg_shape vgg = pass_shape(last, picture.width, picture.height, shape);
    enum status status = vgg_open(&pass.vgg, nn, network, &vgg, diag);
    if (status == STATUS_OK)
        status = vgg_forward(pass.vgg, picture.rgb, visit_layer, &pass, diag);
    vgg_close(&pass.vgg);
    image_clear(&picture);
    return status;
}

/* The most scratch memory that one of a pass's Gram products needs. */
struct scratch_need {
    struct nn *nn;
    size_t scratch;
};

static enum status add_scratch(void *context, enum layer layer, const struct nn_layout *layout,
                               struct diag *diag)
{
    struct scratch_need *need = context;
    for (int l = 0; l < STYLE_LAYER_COUNT; l++) {
        struct nn_op *op;
        if (layer_style[l] != layer)
            continue;
        TRY(nn_gram_open(&op, need->nn, layout, NN_FORWARD, diag));
        size_t scratch = nn_op_scratch(op, NN_KERNELS_KEPT, NN_SCRATCH_FORWARD);
        nn_op_close(&op);
        need->scratch = scratch > need->scratch ? scratch : need->scratch;
    }
    return STATUS_OK;
}

/* Of a picture at all sizes planned, which are halves of each other. */
static size_t kept_bytes(const struct targets *t, double wide, double high)
{
    return (size_t)(wide * high * (t->sizes > 1 ? 4.0 / 3.0 : 1.0)) * 3 * sizeof(float);
}

struct targets_reading targets_reading(const struct targets *t, int width)
{
    struct targets_reading most = {0};
    for (int i = 0; i < t->count; i++) {
        const struct source *source = t->use[i].source;
        if (!used(&t->use[i]) || source->kind != CHANNEL_ON || source->read)
            continue;
        struct image_request request = source_request(source, width);
        size_t bytes = image_need(&source->head, &request);
        if (bytes > most.bytes)
            most = (struct targets_reading){source->style.path, source->head.width,
                                            source->head.height, bytes};
    }
    return most;
}

/* The pass over the largest picture takes most, or reading one. */
enum status targets_predict(size_t bytes[VGG_RECOMPUTE_COUNT], size_t *kept,
                            const struct targets *t, struct nn *nn, const struct network *network,
                            const struct objective_shape *shape, struct diag *diag)
{
    double width = 0.0, height = 0.0;
    int last = -1;
    memset(bytes, 0, VGG_RECOMPUTE_COUNT * sizeof *bytes);
    *kept = 0;
    for (int i = 0; i < t->count; i++) {
        double wide, high;
        int deep = deepest(&t->use[i], true);
        for (int l = 0; l <= deep; l++) {
            size_t c = (size_t)network->conv[layer_style[l]].out;
            *kept += t->use[i].share[l] > 0.0 ? 2 * c * c * sizeof(float) : 0; /* its, the mean */
        }
        if (deep < 0)
            continue;
        source_size(&wide, &high, t->use[i].source, shape->width, shape->height);
        last = deep > last ? deep : last;
        *kept += t->use[i].source->kind == CHANNEL_ON ? kept_bytes(t, wide, high) : 0;
        if (wide * high > width * height) {
            width = wide;
            height = high;
        }
    }
    if (last < 0 || width * height > (double)IMAGE_MAX_PIXELS)
        return STATUS_OK; /* which targets_compute will refuse */
    struct vgg_shape vgg = pass_shape(last, (int)width, (int)height, shape);
    struct scratch_need need = {nn, 0};
    TRY(vgg_predict(bytes, nn, network, &vgg, add_scratch, &need, diag));
    size_t reading = targets_reading(t, shape->width).bytes;
    for (int i = 0; i < VGG_RECOMPUTE_COUNT; i++) {
        bytes[i] += (size_t)(width * height) * 3 * sizeof(float) + need.scratch;
        bytes[i] = reading > bytes[i] ? reading : bytes[i];
    }
    return STATUS_OK;
}

static double sum_of_squares(const float *a, size_t n)
{
    double sum = 0.0;
    for (size_t i = 0; i < n; i++)
        sum += (double)a[i] * a[i];
    return sum;
}

/* Layer l's target: the mean of what it takes, c × c. */
static enum status mix(struct targets *t, int l, size_t c, struct diag *diag)
{
    size_t n = c * c;
    double squares = 0.0; /* Σ_j b_j‖T_j‖² */
    float *mean;
    TRY(mem_big(&mean, mem_times(n, sizeof(float)), "a Gram matrix", diag));
    for (int j = 0; j < t->count; j++) {
        const float *gram = t->use[j].source->gram[l];
        double share = t->use[j].share[l];
        if (share <= 0.0)
            continue;
        for (size_t i = 0; i < n; i++)
            mean[i] += (float)share * gram[i];
        squares += share * sum_of_squares(gram, n);
    }
    t->gram[l] = mean;
    t->target[l].gram = mean;
    if (t->job.blend_count > 0 && t->job.channel[l].state == CHANNEL_ON)
        t->target[l].constant = (squares - sum_of_squares(mean, n)) / (double)n;
    return STATUS_OK;
}

enum status targets_compute(struct targets *t, struct nn *nn, const struct network *network,
                            const struct objective_shape *shape, const struct image *content,
                            struct diag *diag)
{
    bool other_size = t->width != shape->width || t->height != shape->height;
    struct source_view view = {shape->width, shape->height, content, network->mean, t->plan,
                               t->sizes};
    clear_targets(t);
    for (int i = 0; other_size && i < t->count; i++)
        source_clear_grams(t->use[i].source);
    t->width = shape->width;
    t->height = shape->height;
    for (int i = 0; i < t->count; i++)
        TRY(compute_grams(&t->use[i], &view, nn, network, shape, diag));
    for (int l = 0; l < STYLE_LAYER_COUNT; l++)
        if (t->job.channel[l].state != CHANNEL_OFF)
            TRY(mix(t, l, (size_t)network->conv[layer_style[l]].out, diag));
    return STATUS_OK;
}

const struct target *targets_list(const struct targets *targets)
{
    return targets->target;
}
