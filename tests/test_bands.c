/*
 * test_bands.c: a network run in bands of rows gives the features and gradients of the network run
 * over the whole picture: for odd sizes, both poolings, all or none of the bands kept, a part of
 * the picture, fewer layers.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "engine/base/mem.h"
#include "engine/base/random.h"
#include "engine/net/bands.h"
#include "engine/net/vgg.h"
#include "tests/lib/diag.h"

#define MUST(call) assert_int_equal(call, STATUS_OK)

enum { MOST = 3 * 61 * 420 };

static struct nn *nn;
static struct network *network;
static float x[MOST], whole[MOST], part[MOST];
static const unsigned taps = 1u << LAYER_RELU1_1 | 1u << LAYER_RELU2_1 | 1u << LAYER_RELU3_1 |
                             1u << LAYER_RELU4_1 | 1u << LAYER_RELU4_2 | 1u << LAYER_RELU5_1 |
                             1u << LAYER_RELU5_2;

static int prepare(void **state)
{
    struct random random;
    (void)state;
    random_seed(&random, 5);
    for (int i = 0; i < MOST; i++)
        x[i] = (float)(128.0 + 60.0 * random_normal(&random));
    return nn_open(&nn, 2, NN_DIRECT, NN_FP32, &diag) != STATUS_OK ||
           network_open(&network, "random:8", &diag) != STATUS_OK;
}

static int finish(void **state)
{
    (void)state;
    network_close(&network);
    nn_close(&nn);
    return 0;
}

/* What a pass over the whole picture and one in bands have in common: per layer, a sum of features
 * by position, so that every place counts. On the way back the gradient gets the features times a
 * number that depends on the layer. */
struct record {
    const struct vgg *vgg;
    const struct bands *bands;
    double sum[LAYER_COUNT];
    int first, end; /* rows of the picture that count */
    float *drgb;
    int width, height, rows;
};

static double weight_at(size_t number)
{
    return 1.0 + 0.3 * sin(0.37 * (double)number);
}

static void add_up(struct record *r, enum layer layer, const struct nn_layout *layout,
                   const void *features, size_t rows, size_t from, size_t end, size_t row)
{
    size_t n = nn_layout_values(layout) / rows;
    for (size_t i = from * n; i < end * n; i++) {
        float value;
        nn_read(&value, layout, features, i, 1);
        r->sum[layer] += value * weight_at(row * n + i);
    }
}

static enum status whole_forward(void *context, enum layer layer, void *data, struct diag *d)
{
    struct record *r = context;
    const struct nn_layout *layout = vgg_layout(r->vgg, layer);
    int scale = 1 << (layer_block(layer) - 1);
    int first = r->first / scale, end = (r->end + scale - 1) / scale;
    (void)d;
    if (taps >> layer & 1)
        add_up(r, layer, layout, data, (size_t)((r->height + scale - 1) / scale), (size_t)first,
               (size_t)end, 0);
    return STATUS_OK;
}

static void add_features(void *gradient, const struct nn_layout *layout, const void *features,
                         enum layer layer, size_t first, size_t end)
{
    for (size_t i = first; i < end; i++) {
        float value;
        nn_read(&value, layout, features, i, 1);
        value *= 0.1f * (float)(1 + layer);
        nn_add(gradient, layout, &value, i, 1);
    }
}

static enum status whole_backward(void *context, enum layer layer, void *data, struct diag *d)
{
    struct record *r = context;
    const struct nn_layout *layout = vgg_layout(r->vgg, layer);
    (void)d;
    if (taps >> layer & 1)
        add_features(data, layout, vgg_features(r->vgg, layer), layer, 0,
                     nn_layout_values(layout));
    return STATUS_OK;
}

static enum status band_forward(void *context, const struct band *band, struct diag *d)
{
    struct record *r = context;
    int scale = 1 << (layer_block(band->layer) - 1), begin, end;
    const struct nn_layout *layout = bands_layout(r->bands, band->layer);
    size_t rows = (size_t)(r->rows / scale);
    (void)d;
    bands_window(r->bands, &begin, &end);
    add_up(r, band->layer, layout, band->features, rows, (size_t)band->first, (size_t)band->end,
           (size_t)(begin / scale + band->row));
    for (size_t i = 0; i < rows; i++) /* rows that do not count are zeros */
        if ((int)i < band->first || (int)i >= band->end) {
            struct record other = {.bands = r->bands};
            add_up(&other, band->layer, layout, band->features, rows, i, i + 1, 0);
            assert_true(other.sum[band->layer] == 0.0);
        }
    return STATUS_OK;
}

static enum status band_backward(void *context, const struct band *band, struct diag *d)
{
    struct record *r = context;
    const struct nn_layout *layout = bands_layout(r->bands, band->layer);
    int scale = 1 << (layer_block(band->layer) - 1);
    size_t row = nn_layout_values(layout) / (size_t)(r->rows / scale);
    (void)d;
    add_features(band->gradient, layout, band->features, band->layer, (size_t)band->first * row,
                 (size_t)band->end * row);
    return STATUS_OK;
}

static enum status take_gradient(void *context, int row, int count, float *const plane[3],
                                 struct diag *d)
{
    struct record *r = context;
    size_t w = (size_t)r->width, size = w * (size_t)r->height;
    (void)d;
    assert_true(row >= r->first && row + count <= r->end);
    for (size_t c = 0; c < 3; c++)
        memcpy(r->drgb + c * size + (size_t)row * w, plane[c],
               w * (size_t)count * sizeof(float));
    return STATUS_OK;
}

static double distance(const float *a, const float *b, size_t n)
{
    double d = 0.0, s = 0.0;
    for (size_t i = 0; i < n; i++) {
        d += ((double)a[i] - b[i]) * ((double)a[i] - b[i]);
        s += (double)b[i] * b[i];
    }
    return sqrt(d / s);
}

static enum status inspect(void *context, enum layer layer, const struct nn_layout *layout,
                           struct diag *d)
{
    (void)context;
    (void)layer;
    (void)layout;
    (void)d;
    return STATUS_OK;
}

static void check(const struct bands_shape *shape, int kept, enum layer limit)
{
    struct vgg_shape own = {shape->width, shape->height, shape->last, shape->pooling, NN_BOTH,
                            taps, VGG_RECOMPUTE_NONE};
    struct record a = {.first = shape->first, .end = shape->end, .drgb = whole,
                       .width = shape->width, .height = shape->height, .rows = shape->rows};
    struct record b = a;
    struct vgg *vgg;
    struct bands *bands;
    int begin, end;
    size_t w = (size_t)shape->width, n = w * (size_t)shape->height;
    MUST(vgg_open(&vgg, nn, network, &own, &diag));
    struct bands_need need;
    MUST(bands_predict(&need, nn, network, shape, inspect, NULL, &diag));
    MUST(bands_open(&bands, nn, network, shape, need.all / 13 * (size_t)kept, &diag));
    a.vgg = vgg;
    b.bands = bands;
    b.drgb = part;
    vgg_limit(vgg, limit);
    bands_limit(bands, limit);
    struct picture_planes planes = {x, shape->width, shape->height, 0};
    struct picture_rows rows = {picture_planes_take, &planes};
    MUST(vgg_forward(vgg, &rows, whole_forward, &a, &diag));
    MUST(vgg_backward(vgg, whole, whole_backward, &a, &diag));
    bands_window(bands, &begin, &end);
    memset(part, 0, sizeof part);
    for (int time = 0; time < 2; time++) { /* nothing is left over from the first */
        memset(b.sum, 0, sizeof b.sum);
        MUST(bands_forward(bands, &rows, band_forward, &b, &diag));
        MUST(bands_backward(bands, &rows, band_backward, take_gradient, &b, &diag));
    }
    for (enum layer l = 0; l <= limit; l++)
        if (!(fabs(a.sum[l] - b.sum[l]) <= 1e-5 * fabs(a.sum[l])))
            fail_msg("%s: %g instead of %g (%d×%d, rows %d, %d–%d, kept %d)", layer_name(l),
                     b.sum[l], a.sum[l], shape->width, shape->height, shape->rows, shape->first,
                     shape->end, kept);
    for (size_t c = 0; c < 3; c++) {
        size_t at = c * n + (size_t)shape->first * w;
        double far = distance(part + at, whole + at, w * (size_t)(shape->end - shape->first));
        if (!(far < 1e-6))
            fail_msg("gradient off by %g (%d×%d, rows %d, %d–%d, kept %d, pooling %d, to %s)", far,
                     shape->width, shape->height, shape->rows, shape->first, shape->end, kept,
                     shape->pooling, layer_name(limit));
    }
    bands_close(&bands);
    vgg_close(&vgg);
}

static struct bands_shape shape_of(int width, int height, int rows, enum nn_pooling pooling)
{
    return (struct bands_shape){width, height, 0, height, rows, LAYER_RELU5_2, pooling, NN_BOTH,
                                taps, NN_KERNELS_KEPT};
}

static void bands_equal_the_whole_at_any_size_and_pooling(void **state)
{
    static const int sizes[][2] = {{33, 21}, {48, 160}, {61, 131}, {17, 301}, {40, 9}};
    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        for (int rows = 16; rows <= 64; rows *= 2)
            for (int pooling = NN_POOL_MAX; pooling <= NN_POOL_AVG; pooling++) {
                struct bands_shape shape =
                    shape_of(sizes[i][0], sizes[i][1], rows, (enum nn_pooling)pooling);
                check(&shape, 0, LAYER_RELU5_2);
            }
}

static void kept_bands_change_nothing(void **state)
{
    (void)state;
    for (int kept = 1; kept < 30; kept += 4) {
        struct bands_shape shape = shape_of(31, 203, 16, kept % 3 ? NN_POOL_MAX : NN_POOL_AVG);
        check(&shape, kept, LAYER_RELU5_2);
    }
}

static void a_part_gets_what_the_whole_has_there(void **state)
{
    static const int parts[][2] = {{0, 16}, {16, 48}, {192, 208}, {176, 413}, {400, 413}};
    (void)state;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        struct bands_shape shape = shape_of(19, 413, 32, i % 2 ? NN_POOL_MAX : NN_POOL_AVG);
        shape.first = parts[i][0];
        shape.end = parts[i][1];
        check(&shape, (int)i, LAYER_RELU5_2);
    }
}

static void passes_may_end_at_an_earlier_layer(void **state)
{
    (void)state;
    for (enum layer limit = LAYER_RELU1_1; limit <= LAYER_RELU5_2; limit++) {
        struct bands_shape shape = shape_of(29, 150, 16, NN_POOL_MAX);
        if (taps >> limit & 1)
            check(&shape, 3, limit);
    }
    for (int last = LAYER_RELU1_1; last < LAYER_RELU5_2; last++) {
        struct bands_shape shape = shape_of(29, 150, 16, NN_POOL_AVG);
        shape.last = (enum layer)last;
        check(&shape, last, shape.last);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bands_equal_the_whole_at_any_size_and_pooling),
        cmocka_unit_test(kept_bands_change_nothing),
        cmocka_unit_test(a_part_gets_what_the_whole_has_there),
        cmocka_unit_test(passes_may_end_at_an_earlier_layer),
    };
    return cmocka_run_group_tests(tests, prepare, finish);
}
