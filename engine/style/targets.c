/* targets.c: see targets.h. */
#include "engine/style/targets.h"

#include <math.h>
#include <string.h>

#include "engine/image/image.h"
#include "engine/base/mem.h"
#include "engine/net/vgg.h"

/* Every style that a job names, and the blank. */
enum { MAX_SOURCES = JOB_MAX_STYLES + STYLE_LAYER_COUNT + 1 };

/* A style picture and what the network sees in it, shared by the targets of several jobs. Looked
 * at, read and computed when first needed. */
struct source {
    int users;
    struct style style; /* path "": blank */
    struct image_head head;
    struct image_request crop;
    struct image picture[TARGETS_MOST_SIZES]; /* cropped, at the sizes planned, or empty */
    int read;                                 /* how many of them there are */
    float *gram[STYLE_LAYER_COUNT]; /* at the size that the targets are for, or NULL */
};

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

static bool is_blank(const struct style *style)
{
    return !style->path[0];
}

static bool same_style(const struct style *a, const struct style *b)
{
    if (is_blank(a) || is_blank(b))
        return is_blank(a) && is_blank(b);
    return strcmp(a->path, b->path) == 0 && a->scale == b->scale && a->crop.size == b->crop.size &&
           a->crop.x == b->crop.x && a->crop.y == b->crop.y;
}

static struct use *find_use(struct targets *t, const struct style *style)
{
    for (int i = 0; i < t->count; i++)
        if (same_style(&t->use[i].source->style, style))
            return &t->use[i];
    return NULL;
}

/* Adds share to what layer l takes of style, whose source is found in t or before, or made. */
static void take_over_use(struct targets *t, struct targets *before, const struct style *style,
                          int l, double share)
{
    struct use *use = find_use(t, style), *old = before ? find_use(before, style) : NULL;
    if (!use && !old && share == 0.0)
        return;
    if (!use) {
        use = &t->use[t->count++];
        use->source = old ? old->source : mem_new(sizeof *use->source);
        use->source->users++;
        use->source->style = *style;
    }
    use->share[l] += share;
}

static const struct style blank = {"", {1.0, 0.5, 0.5}, 1.0};

/* Who takes what: the channels' own pictures, or the blend on every layer. */
static void plan_uses(struct targets *t, struct targets *before)
{
    const struct job *job = &t->job;
    for (int l = 0; l < STYLE_LAYER_COUNT; l++) {
        const struct channel *channel = &job->channel[l];
        if (channel->state == CHANNEL_BLANK)
            take_over_use(t, before, &blank, l, 1.0);
        else if (channel->state == CHANNEL_ON && job->blend_count == 0)
            take_over_use(t, before, &channel->style, l, 1.0);
        for (int j = 0; channel->state == CHANNEL_ON && j < job->blend_count; j++)
            take_over_use(t, before, &job->blend[j], l, job->blend_weight[j]);
    }
    /* What is not used now but was is kept, for channels that come back. Last, so that targets
     * come out the same, to the bit, whatever was before. */
    take_over_use(t, before, &blank, 0, 0.0);
    for (int l = 0; l < STYLE_LAYER_COUNT; l++)
        take_over_use(t, before, &job->channel[l].style, l, 0.0);
    for (int j = 0; j < job->blend_count; j++)
        take_over_use(t, before, &job->blend[j], 0, 0.0);
}

static bool used(const struct use *use)
{
    for (int l = 0; l < STYLE_LAYER_COUNT; l++)
        if (use->share[l] > 0.0)
            return true;
    return false;
}

/* The first pixel and the number of pixels of a crop along a side. */
static void crop_side(int *first, int *length, int side, double size, double centre)
{
    *length = (int)lround(side * size);
    *length = *length < 1 ? 1 : *length > side ? side : *length;
    *first = (int)lround(centre * side - *length / 2.0);
    *first = *first < 0 ? 0 : *first > side - *length ? side - *length : *first;
}

static enum status inspect_source(struct source *source, struct diag *diag)
{
    const struct style *style = &source->style;
    struct image_request *crop = &source->crop;
    struct image_head head;
    TRY(image_inspect(&head, style->path, diag));
    source->head = head;
    crop_side(&crop->left, &crop->width, head.width, style->crop.size, style->crop.x);
    crop_side(&crop->top, &crop->height, head.height, style->crop.size, style->crop.y);
    return STATUS_OK;
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
    for (int i = 0; status == STATUS_OK && i < t->count; i++) {
        struct source *source = t->use[i].source;
        if (used(&t->use[i]) && !is_blank(&source->style) && !source->head.width)
            status = inspect_source(source, diag);
    }
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

static void clear_grams(float *gram[STYLE_LAYER_COUNT])
{
    for (int l = 0; l < STYLE_LAYER_COUNT; l++) {
        mem_free(gram[l]);
        gram[l] = NULL;
    }
}

static void clear_pictures(struct source *source)
{
    while (source->read > 0)
        image_clear(&source->picture[--source->read]);
}

void targets_close(struct targets **targets)
{
    struct targets *t = *targets;
    if (!t)
        return;
    clear_grams(t->gram);
    for (int i = 0; i < t->count; i++) {
        struct source *source = t->use[i].source;
        if (--source->users > 0)
            continue;
        clear_grams(source->gram);
        clear_pictures(source);
        mem_free(source);
    }
    mem_free(t);
    *targets = NULL;
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

/* The size at which the network gets to see a source beside a content of this size. */
static void size_seen(double *wide, double *high, const struct source *source, int width,
                      int height)
{
    *wide = width;
    *high = height;
    if (is_blank(&source->style))
        return;
    *wide = fmax(1.0, floor(width * source->style.scale));
    *high = fmax(1.0, floor(*wide * source->crop.height / source->crop.width));
}

/* What is to be read of a source for contents up to this width. */
static struct image_request request_for(const struct source *source, int width)
{
    struct image_request request = source->crop;
    double wide, high;
    size_seen(&wide, &high, source, width, 0);
    bool possible = wide * high <= (double)IMAGE_MAX_PIXELS; /* else it is refused anyhow */
    request.to_width = possible ? (int)wide : 1;
    request.to_height = possible ? (int)high : 1;
    return request;
}

/* Reads a source and keeps it at the sizes planned: from the file each, so that a size comes out
 * the same whatever other ones there are. */
static enum status read_source(const struct targets *t, struct source *source, struct diag *diag)
{
    struct image_part part;
    struct image_request request;
    int widest = t->width;
    for (int i = 0; i < t->sizes; i++)
        widest = t->plan[i] > widest ? t->plan[i] : widest;
    request = request_for(source, widest);
    TRY(image_read_part(&part, source->style.path, &source->head, &request, diag));
    mem_free(part.image.alpha);
    part.image.alpha = NULL;
    enum status status = STATUS_OK;
    for (int i = 0; i < t->sizes && status == STATUS_OK; i++) {
        struct image_request size = request_for(source, t->plan[i]);
        status = image_part_resize(&source->picture[i], &part, size.to_width, size.to_height, diag);
        source->read += status == STATUS_OK;
    }
    image_clear(&part.image);
    if (status != STATUS_OK)
        clear_pictures(source);
    return status;
}

/* The picture as the network gets to see it. */
static enum status prepare(struct image *out, const struct targets *t, struct source *source,
                           const struct objective_shape *shape, struct diag *diag)
{
    double wide, high;
    size_seen(&wide, &high, source, shape->width, shape->height);
    if (wide * high > (double)IMAGE_MAX_PIXELS)
        return diag_set(diag, STATUS_RANGE,
                        "%s at %.0f×%.0f is too large; a smaller style scale helps",
                        source->style.path, wide, high);
    if (!is_blank(&source->style)) {
        if (!source->read)
            TRY(read_source(t, source, diag));
        const struct image *from = &source->picture[0];
        for (int i = 0; i < source->read; i++)
            if (from->width != (int)wide && source->picture[i].width >= from->width)
                from = &source->picture[i];
        return image_resize(out, from, (int)wide, (int)high, diag);
    }
    TRY(image_init(out, (int)wide, (int)high, diag));
    for (size_t i = 0; i < 3 * (size_t)wide * (size_t)high; i++)
        out->rgb[i] = 255.0f;
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
static enum status compute_grams(const struct targets *t, const struct use *use, struct nn *nn,
                        const struct network *network, const struct objective_shape *shape,
                        struct diag *diag)
{
    struct pass pass = {use, nn, NULL};
    struct image picture = {0};
    int last = deepest(use, false);
    if (last < 0)
        return STATUS_OK;
    TRY(prepare(&picture, t, use->source, shape, diag));
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
        if (!used(&t->use[i]) || is_blank(&source->style) || source->read)
            continue;
        struct image_request request = request_for(source, width);
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
        size_seen(&wide, &high, t->use[i].source, shape->width, shape->height);
        last = deep > last ? deep : last;
        *kept += is_blank(&t->use[i].source->style) ? 0 : kept_bytes(t, wide, high);
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
                            const struct objective_shape *shape, struct diag *diag)
{
    bool other_size = t->width != shape->width || t->height != shape->height;
    clear_grams(t->gram);
    memset(t->target, 0, sizeof t->target);
    for (int i = 0; other_size && i < t->count; i++)
        clear_grams(t->use[i].source->gram);
    t->width = shape->width;
    t->height = shape->height;
    for (int i = 0; i < t->count; i++)
        TRY(compute_grams(t, &t->use[i], nn, network, shape, diag));
    for (int l = 0; l < STYLE_LAYER_COUNT; l++)
        if (t->job.channel[l].state != CHANNEL_OFF)
            TRY(mix(t, l, (size_t)network->conv[layer_style[l]].out, diag));
    return STATUS_OK;
}

const struct target *targets_list(const struct targets *targets)
{
    return targets->target;
}
