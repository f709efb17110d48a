/* grams.c: see grams.h. */
#include "engine/style/grams.h"

#include <string.h>

#include "engine/base/mem.h"
#include "engine/net/bands.h"

/* What a pass over one picture carries along. */
struct pass {
    const struct grams *request;
    struct nn *nn;
    const struct vgg *vgg;     /* the one or */
    const struct bands *bands; /* the other */
    struct nn_op *op[STYLE_LAYER_COUNT];
    float *band[STYLE_LAYER_COUNT]; /* [C][C], of one band */
    float **gram;
};

static enum layer deepest(const struct grams *request)
{
    enum layer last = LAYER_RELU1_1;
    for (int i = 0; i < STYLE_LAYER_COUNT; i++)
        if (request->layer[i])
            last = layer_style[i];
    return last;
}

static size_t side(const struct network *network, int i)
{
    return (size_t)network->conv[layer_style[i]].out;
}

static double count_of(const struct grams *request, const struct network *network, int i)
{
    int scale = 1 << (layer_block(layer_style[i]) - 1);
    return (double)side(network, i) * ((request->width + scale - 1) / scale) *
           ((request->height + scale - 1) / scale);
}

/* The whole picture's product, for which the operation is only there as long as it is used. */
static enum status visit_layer(void *context, enum layer layer, void *features, struct diag *diag)
{
    struct pass *pass = context;
    for (int i = 0; i < STYLE_LAYER_COUNT; i++) {
        if (layer_style[i] != layer || !pass->request->layer[i])
            continue;
        const struct nn_layout *layout = vgg_layout(pass->vgg, layer);
        TRY(nn_gram_open(&pass->op[i], pass->nn, layout, NN_FORWARD, diag));
        TRY(nn_op_allocate(pass->op[i], diag));
        TRY(nn_gram_forward(pass->op[i], pass->gram[i], features,
                            (float)(1.0 / (double)nn_layout_count(layout)), diag));
        nn_op_close(&pass->op[i]);
    }
    return STATUS_OK;
}

static enum status compute_whole(struct pass *pass, const struct network *network,
                                 const struct picture_rows *picture, struct diag *diag)
{
    const struct grams *request = pass->request;
    struct vgg_shape shape = {request->width, request->height, deepest(request), request->pooling,
                              NN_FORWARD, 0, (enum vgg_recompute)request->plan};
    struct vgg *vgg;
    TRY(vgg_open(&vgg, pass->nn, network, &shape, diag));
    pass->vgg = vgg;
    enum status status = vgg_forward(vgg, picture, visit_layer, pass, diag);
    vgg_close(&vgg);
    return status;
}

/* ---- in bands ----------------------------------------------------------------------------- */

static struct bands_shape bands_shape(const struct grams *request)
{
    unsigned taps = 0;
    for (int i = 0; i < STYLE_LAYER_COUNT; i++)
        taps |= request->layer[i] ? 1u << layer_style[i] : 0;
    return (struct bands_shape){.width = request->width,
                                .height = request->height,
                                .end = request->height,
                                .rows = GRAMS_ROWS - 2,
                                .last = deepest(request),
                                .pooling = request->pooling,
                                .direction = NN_FORWARD,
                                .taps = taps,
                                .kernels = NN_KERNELS_KEPT};
}

static enum status visit_band(void *context, const struct band *band, struct diag *diag)
{
    struct pass *pass = context;
    for (int i = 0; i < STYLE_LAYER_COUNT; i++) {
        if (layer_style[i] != band->layer || !pass->request->layer[i])
            continue;
        size_t c = (size_t)nn_layout_channels(bands_layout(pass->bands, band->layer));
        TRY(nn_gram_forward(pass->op[i], pass->band[i], band->features, 1.0f, diag));
        for (size_t k = 0; k < c * c; k++)
            pass->gram[i][k] += pass->band[i][k];
    }
    return STATUS_OK;
}

static enum status open_products(struct pass *pass, const struct network *network,
                                 struct diag *diag)
{
    for (int i = 0; i < STYLE_LAYER_COUNT; i++) {
        size_t c = side(network, i);
        if (!pass->request->layer[i])
            continue;
        TRY(mem_big(&pass->band[i], mem_product(c, c, sizeof(float)), "a Gram matrix", diag));
        TRY(nn_gram_open(&pass->op[i], pass->nn, bands_layout(pass->bands, layer_style[i]),
                         NN_FORWARD, diag));
        TRY(nn_op_allocate(pass->op[i], diag));
    }
    return STATUS_OK;
}

/* The rows that this process looks at; none if there is not enough for all. */
static void take_part(struct bands_shape *shape, const struct team *team)
{
    int steps = (shape->height + BANDS_STEP - 1) / BANDS_STEP;
    int most = shape->height / BANDS_MOST_REACH, count = team ? team->count : 1;
    count = most < 1 ? 1 : most < count ? most : count;
    int rank = team ? team->rank : 0;
    shape->first = rank < count ? (int)((long)steps * rank / count) * BANDS_STEP : 0;
    shape->end = rank >= count       ? 0
                 : rank + 1 == count ? shape->height
                                     : (int)((long)steps * (rank + 1) / count) * BANDS_STEP;
}

/* Of all processes, divided by the numbers that are summed over. */
static enum status conclude(struct pass *pass, const struct network *network, struct diag *diag)
{
    const struct team *team = pass->request->team;
    for (int i = 0; i < STYLE_LAYER_COUNT; i++) {
        size_t n = side(network, i) * side(network, i);
        double *sum;
        if (!pass->gram[i])
            continue;
        TRY(mem_big(&sum, mem_times(n, sizeof *sum), "a Gram matrix", diag));
        for (size_t k = 0; k < n; k++)
            sum[k] = pass->gram[i][k];
        team_sum(team, sum, n);
        for (size_t k = 0; k < n; k++)
            pass->gram[i][k] = (float)(sum[k] / count_of(pass->request, network, i));
        mem_free(sum);
    }
    return STATUS_OK;
}

static enum status compute_bands(struct pass *pass, const struct network *network,
                                 const struct picture_rows *picture, struct diag *diag)
{
    struct bands_shape shape = bands_shape(pass->request);
    struct bands *bands;
    take_part(&shape, pass->request->team);
    if (shape.end == shape.first)
        return conclude(pass, network, diag);
    TRY(bands_open(&bands, pass->nn, network, &shape, 0, diag));
    pass->bands = bands;
    enum status status = open_products(pass, network, diag);
    if (status == STATUS_OK)
        status = bands_forward(bands, picture, visit_band, pass, diag);
    bands_close(&bands);
    return status == STATUS_OK ? conclude(pass, network, diag) : status;
}

/* ------------------------------------------------------------------------------------------- */

enum status grams_compute(float *gram[STYLE_LAYER_COUNT], const struct grams *request,
                          struct nn *nn, const struct network *network,
                          const struct picture_rows *picture, struct diag *diag)
{
    struct pass pass = {.request = request, .nn = nn, .gram = gram};
    enum status status = STATUS_OK;
    memset(gram, 0, STYLE_LAYER_COUNT * sizeof *gram);
    for (int i = 0; status == STATUS_OK && i < STYLE_LAYER_COUNT; i++)
        if (request->layer[i])
            status = mem_big(&gram[i],
                             mem_product(side(network, i), side(network, i), sizeof(float)),
                             "a Gram matrix", diag);
    if (status == STATUS_OK)
        status = request->plan < OBJECTIVE_BANDS ? compute_whole(&pass, network, picture, diag)
                                                 : compute_bands(&pass, network, picture, diag);
    for (int i = 0; i < STYLE_LAYER_COUNT; i++) {
        nn_op_close(&pass.op[i]);
        mem_free(pass.band[i]);
        if (status == STATUS_OK)
            continue;
        mem_free(gram[i]);
        gram[i] = NULL;
    }
    return status;
}

/* The scratch memory of products: the most that one takes, and all of it. */
struct scratch_need {
    const struct grams *request;
    struct nn *nn;
    size_t most, sum;
};

static enum status add_scratch(void *context, enum layer layer, const struct nn_layout *layout,
                               struct diag *diag)
{
    struct scratch_need *need = context;
    size_t c = (size_t)nn_layout_channels(layout);
    for (int i = 0; i < STYLE_LAYER_COUNT; i++) {
        struct nn_op *op;
        if (layer_style[i] != layer || !need->request->layer[i])
            continue;
        TRY(nn_gram_open(&op, need->nn, layout, NN_FORWARD, diag));
        size_t scratch = nn_op_scratch(op, NN_KERNELS_KEPT, NN_SCRATCH_FORWARD);
        nn_op_close(&op);
        need->most = scratch > need->most ? scratch : need->most;
        need->sum += scratch + c * c * sizeof(float);
    }
    return STATUS_OK;
}

enum status grams_predict(size_t bytes[OBJECTIVE_PLANS], const struct grams *request,
                          struct nn *nn, const struct network *network, struct diag *diag)
{
    struct vgg_shape vgg = {request->width, request->height, deepest(request), request->pooling,
                            NN_FORWARD, 0, VGG_RECOMPUTE_NONE};
    struct bands_shape shape = bands_shape(request);
    struct bands_need need;
    struct scratch_need whole = {request, nn, 0, 0}, band = whole;
    TRY(vgg_predict(bytes, nn, network, &vgg, add_scratch, &whole, diag));
    for (int t = 0; t < OBJECTIVE_BANDS; t++)
        bytes[t] += whole.most;
    TRY(bands_predict(&need, nn, network, &shape, add_scratch, &band, diag));
    for (int t = OBJECTIVE_BANDS; t < OBJECTIVE_PLANS; t++)
        bytes[t] = need.least + band.sum;
    return STATUS_OK;
}
