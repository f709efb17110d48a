/*
 * test_objective.c: the total loss and its gradient, by finite differences, and what a change of
 * targets and weights under way is worth: as much as opening anew.
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
#include "engine/style/objective.h"
#include "tests/lib/diag.h"

#define MUST(call) assert_int_equal(call, STATUS_OK)

enum { SIDES = 2, LARGEST = 3 * 101 * 70, WIDEST = 32 };

static const int widths[SIDES] = {33, 101}, heights[SIDES] = {21, 70};

static struct nn *nn;
static struct network *network;
static float content[LARGEST], x[LARGEST], gradient[LARGEST], other[LARGEST];
static float gram[STYLE_LAYER_COUNT][WIDEST * WIDEST];
static struct target targets[STYLE_LAYER_COUNT];
static const struct objective_weights weights = {
    .content = 5, .content_blend = 0.5, .style = 500, .tv = 100, .layer = {1, 2, 0.5, 1, 3}};

static int prepare(void **state)
{
    struct random random;
    (void)state;
    random_seed(&random, 3);
    for (int i = 0; i < LARGEST; i++) {
        content[i] = (float)(128.0 + 40.0 * random_normal(&random));
        x[i] = (float)(128.0 + 40.0 * random_normal(&random));
    }
    if (nn_open(&nn, 0, NN_DIRECT, NN_FP32, &diag) != STATUS_OK ||
        network_open(&network, "random:4", &diag) != STATUS_OK)
        return 1;
    for (int i = 0; i < STYLE_LAYER_COUNT; i++) {
        int c = network->conv[layer_style[i]].out;
        assert_true(c <= WIDEST);
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

/* All layers but `off` (-1: none) pull. */
static void set_targets(int off)
{
    for (int i = 0; i < STYLE_LAYER_COUNT; i++)
        targets[i] = (struct target){i == off ? NULL : gram[i], 0.0};
}

static struct objective *opened(int side, const struct objective_weights *w)
{
    struct objective *objective;
    struct objective_shape shape = {
        .width = widths[side], .height = heights[side], .pooling = NN_POOL_AVG};
    struct picture_planes planes = {content, shape.width, shape.height, 0};
    const struct picture_rows picture = {picture_planes_take, &planes};
    MUST(objective_open(&objective, nn, network, &shape, &picture, targets, w, &diag));
    return objective;
}

static double total(struct objective *objective, const float *at)
{
    struct losses losses;
    MUST(objective_evaluate(objective, &losses, NULL, at, &diag));
    return losses.total;
}

/* Along the gradient itself, where rounding matters least; average pooling has no kinks. */
static void the_gradient_is_that_of_finite_differences(void **state)
{
    (void)state;
    set_targets(-1);
    for (int side = 0; side < SIDES; side++) {
        int n = 3 * widths[side] * heights[side];
        struct objective *objective = opened(side, &weights);
        struct losses losses;
        MUST(objective_evaluate(objective, &losses, gradient, x, &diag));
        double square = 0.0;
        for (int i = 0; i < n; i++)
            square += (double)gradient[i] * gradient[i];
        double step = 0.02 * sqrt(n / square);
        double ends[2];
        for (int sign = 0; sign < 2; sign++) {
            for (int i = 0; i < n; i++)
                other[i] = x[i] + (float)((sign ? 1 : -1) * step * gradient[i]);
            ends[sign] = total(objective, other);
        }
        double slope = (ends[1] - ends[0]) / (2.0 * step);
        assert_true(fabs(slope / square - 1.0) < 0.01);
        objective_close(&objective);
    }
}

static void a_change_is_worth_as_much_as_opening_anew(void **state)
{
    (void)state;
    struct objective_weights heavy = weights;
    struct losses changed, fresh;
    bool fits;
    heavy.tv = 7.0;
    heavy.layer[1] = 0.25;
    set_targets(2);
    struct objective *objective = opened(0, &weights);
    total(objective, x);
    set_targets(1);
    MUST(objective_change(objective, targets, &heavy, &fits, &diag));
    assert_true(fits);
    MUST(objective_evaluate(objective, &changed, gradient, x, &diag));
    objective_close(&objective);
    objective = opened(0, &heavy);
    MUST(objective_evaluate(objective, &fresh, other, x, &diag));
    objective_close(&objective);
    assert_memory_equal(&changed, &fresh, sizeof fresh);
    assert_memory_equal(gradient, other, sizeof(float) * 3 * 33 * 21);
}

/* Asked of an objective that has nothing but that layer; what comes after is not disturbed. */
static void a_pull_is_the_norm_of_a_layers_own_gradient(void **state)
{
    (void)state;
    int n = 3 * widths[0] * heights[0];
    double pull[STYLE_LAYER_COUNT];
    struct losses before, after;
    set_targets(1);
    struct objective *objective = opened(0, &weights);
    MUST(objective_evaluate(objective, &before, other, x, &diag));
    MUST(objective_pulls(objective, pull, gradient, x, &diag));
    MUST(objective_evaluate(objective, &after, gradient, x, &diag));
    objective_close(&objective);
    assert_memory_equal(&before, &after, sizeof before);
    assert_memory_equal(gradient, other, sizeof(float) * (size_t)n);
    assert_true(pull[1] == 0.0);
    for (int i = 0; i < STYLE_LAYER_COUNT; i++) {
        struct objective_weights alone = {.style = weights.style};
        if (i == 1)
            continue;
        alone.layer[i] = weights.layer[i];
        objective = opened(0, &alone);
        MUST(objective_evaluate(objective, &after, gradient, x, &diag));
        objective_close(&objective);
        double square = 0.0;
        for (int k = 0; k < n; k++)
            square += (double)gradient[k] * gradient[k];
        assert_true(square > 0.0 && fabs(pull[i] / sqrt(square) - 1.0) < 1e-6);
    }
}

static void a_layer_without_a_target_has_no_loss(void **state)
{
    (void)state;
    for (int off = 0; off < STYLE_LAYER_COUNT; off++) {
        struct losses losses;
        double sum = 0.0;
        set_targets(off);
        struct objective *objective = opened(0, &weights);
        MUST(objective_evaluate(objective, &losses, NULL, x, &diag));
        objective_close(&objective);
        assert_true(losses.style_layer[off] == 0.0);
        for (int i = 0; i < STYLE_LAYER_COUNT; i++)
            sum += losses.style_layer[i];
        assert_true(fabs(sum / losses.style - 1.0) < 1e-12);
        assert_true(fabs((losses.content + losses.style + losses.tv) / losses.total - 1.0) < 1e-12);
    }
}

static void the_content_at_rest_has_no_content_loss(void **state)
{
    (void)state;
    struct losses losses;
    set_targets(-1);
    struct objective *objective = opened(0, &weights);
    MUST(objective_evaluate(objective, &losses, NULL, content, &diag));
    assert_true(losses.content == 0.0 && losses.style > 0.0 && losses.tv > 0.0);
    objective_close(&objective);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_gradient_is_that_of_finite_differences),
        cmocka_unit_test(a_change_is_worth_as_much_as_opening_anew),
        cmocka_unit_test(a_pull_is_the_norm_of_a_layers_own_gradient),
        cmocka_unit_test(a_layer_without_a_target_has_no_loss),
        cmocka_unit_test(the_content_at_rest_has_no_content_loss),
    };
    return cmocka_run_group_tests(tests, prepare, finish);
}
