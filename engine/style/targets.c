/* targets.c: see targets.h. */
#include "engine/style/targets.h"

#include <math.h>
#include <string.h>

#include "engine/base/hash.h"
#include "engine/base/mem.h"
#include "engine/net/vgg.h"
#include "engine/style/grams.h"
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
    struct gram_cache *grams; /* or NULL */
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
        t->grams = before->grams;
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

void targets_share(struct targets *t, struct gram_cache *grams)
{
    t->grams = grams;
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

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

/* ---- Gram matrices ------------------------------------------------------------------------ */

static bool is_missing(const struct use *use, int l)
{
    return use->share[l] > 0.0 && !use->source->gram[l];
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

/* What a pass over the picture of use is asked for; anew: all that it is used for. */
static struct grams request_of(const struct use *use, bool anew, int width, int height,
                               const struct objective_shape *shape)
{
    struct grams request = {width, height, shape->pooling, shape->plan, {false},
                            shape->team};
    for (int l = 0; l < STYLE_LAYER_COUNT; l++)
        request.layer[l] = anew ? use->share[l] > 0.0 : is_missing(use, l);
    return request;
}

/* Over the whole picture, or in bands over its rows as they are read. */
static enum status pass_over(float *gram[STYLE_LAYER_COUNT], const struct use *use,
                             const struct source_view *view, struct nn *nn,
                             const struct network *network, const struct objective_shape *shape,
                             struct diag *diag)
{
    struct image picture = {0};
    struct picture_stream stream = {0};
    double wide, high;
    bool whole = shape->plan < OBJECTIVE_BANDS;
    source_size(&wide, &high, use->source, view->width, view->height);
    enum status status = whole ? source_prepare(&picture, use->source, view, diag)
                               : source_stream(&stream, use->source, view, GRAMS_ROWS, diag);
    struct picture_planes planes = {picture.rgb, picture.width, picture.height, 0};
    struct picture_rows rows = {picture_planes_take, &planes};
    if (!whole)
        rows = (struct picture_rows){picture_stream_take, &stream};
    if (status == STATUS_OK) {
        struct grams request = request_of(use, false, (int)wide, (int)high, shape);
        status = grams_compute(gram, &request, nn, network, &rows, diag);
    }
    image_clear(&picture);
    picture_stream_close(&stream);
    return status;
}

/* One pass, no deeper than what is lacking. */
static enum status compute_grams(const struct use *use, const struct source_view *view,
                                 struct nn *nn, const struct network *network,
                                 const struct objective_shape *shape, struct diag *diag)
{
    float *gram[STYLE_LAYER_COUNT];
    if (deepest(use, false) < 0)
        return STATUS_OK;
    TRY(pass_over(gram, use, view, nn, network, shape, diag));
    for (int l = 0; l < STYLE_LAYER_COUNT; l++)
        if (gram[l])
            use->source->gram[l] = gram[l];
    return STATUS_OK;
}

/* Tells apart what two passes would give, to the bit, in runs that share their networks. */
static uint64_t pass_key(const struct source *source, const struct nn *nn,
                         const struct network *network, const struct objective_shape *shape)
{
    const struct style *style = &source->style;
    const int ways[] = {(int)source->kind,    shape->width,        shape->height,
                        (int)shape->pooling,  shape->plan, nn_threads(nn),
                        (int)nn_precision(nn), (int)nn_preference(nn)};
    uint64_t key = hash_add(HASH_START, ways, sizeof ways);
    key = hash_add(key, &network, sizeof network);
    if (source->kind != CHANNEL_ON)
        return key;
    key = hash_add(key, &style->crop, sizeof style->crop);
    key = hash_add(key, &style->scale, sizeof style->scale);
    return hash_add(key, style->path, strlen(style->path));
}

/* The same, and other runs have what was computed. The content's own are this run's alone. */
static enum status share_grams(struct targets *t, struct use *use, const struct source_view *view,
                               struct nn *nn, const struct network *network,
                               const struct objective_shape *shape, struct diag *diag)
{
    size_t n[STYLE_LAYER_COUNT];
    unsigned wanted = 0;
    if (!t->grams || use->source->kind == CHANNEL_CONTENT || deepest(use, false) < 0)
        return compute_grams(use, view, nn, network, shape, diag);
    for (int l = 0; l < STYLE_LAYER_COUNT; l++) {
        size_t c = (size_t)network->conv[layer_style[l]].out;
        n[l] = c * c;
        wanted |= is_missing(use, l) ? 1u << l : 0;
    }
    struct gram_entry *entry = gram_cache_take(
        t->grams, pass_key(use->source, nn, network, shape), use->source->gram, n, wanted);
    enum status status = compute_grams(use, view, nn, network, shape, diag);
    gram_cache_give(t->grams, entry, use->source->gram, n);
    return status;
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

/* Of a pass over that picture: with all of it in memory, or its rows. */
static enum status predict_pass(size_t bytes[OBJECTIVE_PLANS], const struct targets *t,
                                const struct use *use, struct nn *nn,
                                const struct network *network, const struct objective_shape *shape,
                                struct diag *diag)
{
    double wide, high;
    source_size(&wide, &high, use->source, shape->width, shape->height);
    if (wide * high > (double)IMAGE_MAX_PIXELS)
        return STATUS_OK; /* which targets_compute will refuse */
    struct grams request = request_of(use, true, (int)wide, (int)high, shape);
    TRY(grams_predict(bytes, &request, nn, network, diag));
    size_t reading = targets_reading(t, shape->width).bytes;
    size_t planes = (size_t)(wide * high) * 3 * sizeof(float);
    for (int i = 0; i < OBJECTIVE_PLANS; i++) {
        if (i < OBJECTIVE_BANDS)
            bytes[i] = larger(bytes[i] + planes, reading);
        else
            bytes[i] += source_stream_need(use->source, shape->width, GRAMS_ROWS);
    }
    return STATUS_OK;
}

/* The pass over the largest picture takes most, or reading one. */
enum status targets_predict(size_t bytes[OBJECTIVE_PLANS], size_t kept[OBJECTIVE_PLANS],
                            const struct targets *t, struct nn *nn, const struct network *network,
                            const struct objective_shape *shape, struct diag *diag)
{
    size_t grams = 0, pictures = 0;
    memset(bytes, 0, OBJECTIVE_PLANS * sizeof *bytes);
    for (int i = 0; i < t->count; i++) {
        size_t pass[OBJECTIVE_PLANS] = {0};
        double wide, high;
        int deep = deepest(&t->use[i], true);
        for (int l = 0; l <= deep; l++) {
            size_t c = (size_t)network->conv[layer_style[l]].out;
            grams += t->use[i].share[l] > 0.0 ? 2 * c * c * sizeof(float) : 0; /* its, the mean */
        }
        if (deep < 0)
            continue;
        source_size(&wide, &high, t->use[i].source, shape->width, shape->height);
        pictures += t->use[i].source->kind == CHANNEL_ON ? kept_bytes(t, wide, high) : 0;
        TRY(predict_pass(pass, t, &t->use[i], nn, network, shape, diag));
        for (int p = 0; p < OBJECTIVE_PLANS; p++)
            bytes[p] = larger(bytes[p], pass[p]);
    }
    /* in bands the largest size is not kept */
    for (int p = 0; p < OBJECTIVE_PLANS; p++)
        kept[p] = grams + (p < OBJECTIVE_BANDS ? pictures : t->sizes > 1 ? pictures / 4 : 0);
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
                            const struct objective_shape *shape,
                            const struct content_source *content, struct diag *diag)
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
        TRY(share_grams(t, &t->use[i], &view, nn, network, shape, diag));
    for (int l = 0; l < STYLE_LAYER_COUNT; l++)
        if (t->job.channel[l].state != CHANNEL_OFF)
            TRY(mix(t, l, (size_t)network->conv[layer_style[l]].out, diag));
    return STATUS_OK;
}

const struct target *targets_list(const struct targets *targets)
{
    return targets->target;
}
