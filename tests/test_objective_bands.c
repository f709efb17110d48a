/*
 * test_objective_bands.c: an objective in bands of rows against the same one over the whole
 * picture; and by several processes' parts, of which one thread plays all.
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
#include "engine/style/objective.h"
#include "tests/lib/diag.h"

#define MUST(call) assert_int_equal(call, STATUS_OK)

enum { WIDTH = 83, HEIGHT = 207, N = 3 * WIDTH * HEIGHT, WIDEST = 128 };

static struct nn *nn;
static struct network *network;
static float content[N], x[N], gradient[N], other[N];
static float gram[STYLE_LAYER_COUNT][WIDEST * WIDEST];
static struct target targets[STYLE_LAYER_COUNT];
static const struct objective_weights weights = {
    .content = 5, .content_blend = 0.6, .style = 500, .tv = 100, .layer = {1, 2, 0.5, 1, 3}};

static int prepare(void **state)
{
    struct random random;
    (void)state;
    random_seed(&random, 9);
    for (int i = 0; i < N; i++) {
        content[i] = (float)(128.0 + 40.0 * random_normal(&random));
        x[i] = (float)(128.0 + 40.0 * random_normal(&random));
    }
    if (nn_open(&nn, 2, NN_DIRECT, NN_FP32, &diag) != STATUS_OK ||
        network_open(&network, "random:16", &diag) != STATUS_OK)
        return 1;
    for (int i = 0; i < STYLE_LAYER_COUNT; i++) {
        int c = network->conv[layer_style[i]].out;
        for (int j = 0; j < c; j++)
            for (int k = 0; k <= j; k++)
                gram[i][j * c + k] = gram[i][k * c + j] = (float)fabs(random_normal(&random));
    }
    return 0;
}

static int finish(void **state)
{
    (void)state;
    network_close(&network);
    nn_close(&nn);
    return 0;
}

/* Layers whose bit is set in `off` do not pull. */
static struct objective *opened(const struct objective_shape *shape, unsigned off)
{
    struct objective *objective;
    struct picture_planes planes = {content, WIDTH, HEIGHT, 0};
    const struct picture_rows picture = {picture_planes_take, &planes};
    for (int i = 0; i < STYLE_LAYER_COUNT; i++)
        targets[i] = (struct target){off >> i & 1 ? NULL : gram[i], 0.1 * i};
    MUST(objective_open(&objective, nn, network, shape, &picture, targets, &weights, &diag));
    return objective;
}

static struct objective_shape shape_of(enum nn_pooling pooling, int plan, size_t keep)
{
    return (struct objective_shape){
        .width = WIDTH, .height = HEIGHT, .pooling = pooling, .plan = plan, .keep = keep};
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

static void check_losses(const struct losses *a, const struct losses *b)
{
    for (int i = 0; i < LOSSES_SERIES; i++)
        assert_true(fabs(losses_value(a, i) - losses_value(b, i)) <=
                    1e-5 * fabs(losses_value(b, i)));
}

static void an_objective_in_bands_is_the_whole_one(void **state)
{
    static const unsigned off[] = {0, 1, 16, 12, 30};
    static const size_t keep[] = {0, 3 << 20, SIZE_MAX};
    (void)state;
    for (int pooling = NN_POOL_MAX; pooling <= NN_POOL_AVG; pooling++)
        for (size_t i = 0; i < sizeof off / sizeof *off; i++) {
            struct objective_shape whole = shape_of((enum nn_pooling)pooling, 0, 0);
            struct objective *a = opened(&whole, off[i]);
            struct losses losses, in_bands;
            double pull[STYLE_LAYER_COUNT], pull_in_bands[STYLE_LAYER_COUNT];
            MUST(objective_evaluate(a, &losses, gradient, x, &diag));
            struct objective_shape bands = shape_of((enum nn_pooling)pooling,
                                                    OBJECTIVE_BANDS + (int)i % 3, keep[i % 3]);
            struct objective *b = opened(&bands, off[i]);
            MUST(objective_evaluate(b, &in_bands, other, x, &diag));
            check_losses(&in_bands, &losses);
            assert_true(distance(other, gradient, N) < 1e-5);
            MUST(objective_evaluate(b, &in_bands, NULL, x, &diag));
            check_losses(&in_bands, &losses);
            MUST(objective_pulls(a, pull, gradient, x, &diag));
            MUST(objective_pulls(b, pull_in_bands, NULL, x, &diag));
            for (int l = 0; l < STYLE_LAYER_COUNT; l++)
                assert_true(fabs(pull[l] - pull_in_bands[l]) <= 1e-4 * pull[l]);
            objective_close(&a);
            objective_close(&b);
        }
}

/* Takes a step of gradient descent at once, as Adam does for pictures without a place for the
 * gradient. */
static void step(void *context, int row, int count, float *const dx[3])
{
    float *picture = context;
    for (int c = 0; c < 3; c++)
        for (int i = 0; i < count * WIDTH; i++)
            picture[(c * HEIGHT + row) * WIDTH + i] -= 0.01f * dx[c][i];
}

static void rows_may_change_once_their_gradient_is_known(void **state)
{
    struct objective_shape shape = shape_of(NN_POOL_MAX, OBJECTIVE_BANDS + 2, 0);
    struct objective *o = opened(&shape, 0);
    struct losses losses;
    static float moving[N];
    (void)state;
    memcpy(moving, x, sizeof x);
    MUST(objective_evaluate(o, &losses, gradient, x, &diag));
    MUST(objective_descend(o, &losses, moving, step, moving, &diag));
    for (int i = 0; i < N; i++)
        other[i] = x[i] - 0.01f * gradient[i];
    assert_true(distance(moving, other, N) < 1e-7);
    assert_memory_not_equal(moving, x, sizeof x);
    objective_close(&o);
}

/* ---- parts -------------------------------------------------------------------------------- */

enum { PARTS = 3 };

/* Each part's sums are asked for in turn: first all give theirs, in further evaluations they get
 * what was given. The sums of one evaluation depend on those before only through Gram matrices. */
struct sums {
    double value[PARTS][WIDEST * WIDEST * STYLE_LAYER_COUNT];
    size_t count[PARTS];
    int part;
    bool giving;
};

static void add_up(void *context, double *values, size_t n)
{
    struct sums *s = context;
    size_t at = s->count[s->part];
    s->count[s->part] += n;
    for (size_t i = 0; s->giving && i < n; i++)
        s->value[s->part][at + i] = values[i];
    for (size_t i = 0; !s->giving && i < n; i++) {
        values[i] = 0.0;
        for (int p = 0; p < PARTS; p++)
            values[i] += s->value[p][at + i];
    }
}

static void parts_that_share_their_sums_are_the_whole(void **state)
{
    static const int edges[PARTS + 1] = {0, 48, 64, HEIGHT};
    static struct sums sums;
    struct objective_shape whole = shape_of(NN_POOL_MAX, 0, 0);
    struct objective *all = opened(&whole, 0);
    struct losses losses, own;
    (void)state;
    MUST(objective_evaluate(all, &losses, gradient, x, &diag));
    struct team team = {.sum = add_up, .context = &sums};
    for (int round = 0; round < 2; round++)
        for (int p = 0; p < PARTS; p++) {
            struct objective_shape shape = shape_of(NN_POOL_MAX, OBJECTIVE_BANDS + 1, 0);
            static float window[N], dx[N];
            int first, end;
            sums.part = p;
            sums.count[p] = 0;
            sums.giving = round == 0;
            shape.first = edges[p];
            shape.end = edges[p + 1];
            shape.team = &team;
            struct objective *part = opened(&shape, 0);
            first = shape.first > BANDS_MOST_REACH ? shape.first - BANDS_MOST_REACH : 0;
            end = HEIGHT - shape.end > BANDS_MOST_REACH ? shape.end + BANDS_MOST_REACH : HEIGHT;
            for (int c = 0; c < 3; c++)
                memcpy(window + c * (end - first) * WIDTH, x + (c * HEIGHT + first) * WIDTH,
                       (size_t)(end - first) * WIDTH * sizeof *x);
            MUST(objective_evaluate(part, &own, dx, window, &diag));
            int rows = shape.end - shape.first;
            for (int c = 0; round == 1 && c < 3; c++)
                assert_true(distance(dx + c * rows * WIDTH,
                                     gradient + (c * HEIGHT + shape.first) * WIDTH,
                                     (size_t)(rows * WIDTH)) < 1e-5);
            if (round == 1)
                check_losses(&own, &losses);
            objective_close(&part);
        }
    objective_close(&all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_objective_in_bands_is_the_whole_one),
        cmocka_unit_test(rows_may_change_once_their_gradient_is_known),
        cmocka_unit_test(parts_that_share_their_sums_are_the_whole),
    };
    return cmocka_run_group_tests(tests, prepare, finish);
}
