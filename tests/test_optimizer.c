/*
 * test_optimizer.c: Adam against its formula in double, step by step; L-BFGS on functions whose
 * bottom is known, and what a trial, a change of the function and a copy of the state mean.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "engine/base/mem.h"
#include "engine/style/optimizer.h"

enum { N = 7, STEPS = 60 };

static const struct optimizer_settings adam = {.beta1 = 0.9, .beta2 = 0.999, .eps = 1e-8};
static const struct optimizer_settings plain = {.history = 8, .first = 1.0};

/* A badly scaled bowl, its bottom at x_i = i: the gradient of Σ s_i (x_i − i)². */
static double slope(int i, double x)
{
    return 2.0 * pow(10.0, i - 3) * (x - i);
}

static double bowl(float *g, const float *x)
{
    double value = 0.0;
    for (int i = 0; i < N; i++) {
        g[i] = (float)slope(i, x[i]);
        value += slope(i, x[i]) * (x[i] - i) / 2.0;
    }
    return value;
}

/* Rosenbrock's valley over pairs, its bottom at 1, 1. */
static double valley(float *g, const float *x)
{
    double value = 0.0;
    g[N - 1] = 0.0f;
    for (int i = 0; i + 1 < N; i += 2) {
        double a = x[i], b = x[i + 1];
        value += 100.0 * (b - a * a) * (b - a * a) + (1.0 - a) * (1.0 - a);
        g[i] = (float)(-400.0 * a * (b - a * a) - 2.0 * (1.0 - a));
        g[i + 1] = (float)(200.0 * (b - a * a));
    }
    return value;
}

static struct optimizer *open_lbfgs(const struct optimizer_settings *lbfgs)
{
    struct optimizer *optimizer;
    assert_int_equal(optimizer_open(&optimizer, OPTIMIZER_LBFGS, N, lbfgs, NULL), STATUS_OK);
    return optimizer;
}

/* `steps` evaluations; the value at the last point. */
static double descend(struct optimizer *optimizer, float *x, double (*f)(float *, const float *),
                      int steps)
{
    float g[N];
    while (steps-- > 0) {
        double value = f(g, x);
        optimizer_step(optimizer, x, value, g, 1.0);
    }
    double value = f(g, x);
    optimizer_end_trial(optimizer, x, &value);
    return value;
}

static void adam_follows_the_formula_of_tensorflow_1(void **state)
{
    (void)state;
    struct optimizer *optimizer;
    struct diag diag;
    float x[N] = {0}, g[N];
    double y[N] = {0}, m[N] = {0}, v[N] = {0};
    assert_int_equal(optimizer_open(&optimizer, OPTIMIZER_ADAM, N, &adam, &diag), STATUS_OK);
    for (int t = 1; t <= STEPS; t++) {
        double rate = t < 30 ? 0.5 : 0.1;
        for (int i = 0; i < N; i++) {
            g[i] = (float)slope(i, y[i]);
            m[i] = 0.9 * m[i] + 0.1 * slope(i, y[i]);
            v[i] = 0.999 * v[i] + 0.001 * slope(i, y[i]) * slope(i, y[i]);
            y[i] -= rate * sqrt(1.0 - pow(0.999, t)) / (1.0 - pow(0.9, t)) * m[i] /
                    (sqrt(v[i]) + 1e-8);
        }
        optimizer_step(optimizer, x, 0.0, g, rate);
        for (int i = 0; i < N; i++)
            assert_true(fabs(x[i] - y[i]) < 1e-4 * (1.0 + fabs(y[i])));
    }
    assert_false(optimizer_trying(optimizer));
    optimizer_close(&optimizer);
    assert_null(optimizer);
}

static void a_zero_gradient_moves_nothing(void **state)
{
    (void)state;
    struct optimizer *each[2] = {NULL, open_lbfgs(&plain)};
    assert_int_equal(optimizer_open(&each[0], OPTIMIZER_ADAM, N, &adam, NULL), STATUS_OK);
    for (int k = 0; k < 2; k++) {
        float x[N] = {1, 2, 3, 4, 5, 6, 7}, g[N] = {0};
        optimizer_step(each[k], x, 3.0, g, 10.0);
        optimizer_step(each[k], x, 3.0, g, 10.0);
        for (int i = 0; i < N; i++)
            assert_true(x[i] == (float)(i + 1));
        optimizer_close(&each[k]);
    }
}

static void lbfgs_finds_the_bottom_of_a_bowl_and_of_a_valley(void **state)
{
    (void)state;
    struct optimizer *optimizer = open_lbfgs(&plain);
    float x[N] = {0};
    assert_true(descend(optimizer, x, bowl, 60) < 1e-6);
    for (int i = 3; i < N; i++)
        assert_true(fabs(x[i] - i) < 1e-3);
    optimizer_reset(optimizer);
    float y[N] = {-1.2f, 1, -1.2f, 1, -1.2f, 1, 0};
    assert_true(descend(optimizer, y, valley, 120) < 1e-6);
    for (int i = 0; i + 1 < N; i++)
        assert_true(fabs(y[i] - 1) < 1e-2);
    optimizer_close(&optimizer);
}

/* Exactly the inverse of the bowl's curvature. */
static void know_the_bowl(void *context, float *v)
{
    ++*(int *)context;
    for (int i = 0; i < N; i++)
        v[i] /= (float)slope(i, i + 1.0);
}

static void a_metric_that_fits_the_curvature_needs_few_steps(void **state)
{
    (void)state;
    int calls = 0;
    const struct optimizer_settings metric = {
        .history = 8, .first = 1.0, .precondition = know_the_bowl, .context = &calls};
    struct optimizer *optimizer = open_lbfgs(&metric);
    float x[N] = {0};
    assert_true(descend(optimizer, x, bowl, 6) < 1e-8);
    assert_true(calls > 0);
    optimizer_close(&optimizer);
}

static void a_trial_that_is_no_better_is_taken_back(void **state)
{
    (void)state;
    struct optimizer *optimizer = open_lbfgs(&plain);
    float x[N] = {0}, g[N], first[N];
    double value = bowl(g, x), worse = value + 1.0, better = value - 1e-3;
    optimizer_step(optimizer, x, value, g, 1.0);
    assert_true(optimizer_trying(optimizer));
    memcpy(first, x, sizeof x);
    for (int i = 0; i < N; i++)
        assert_true(optimizer_best(optimizer, x)[i] == 0.0f);
    assert_false(optimizer_end_trial(optimizer, x, &better));
    assert_memory_equal(x, first, sizeof x);
    assert_ptr_equal(optimizer_best(optimizer, x), x);
    optimizer_step(optimizer, x, INFINITY, g, 1.0); /* half way back and more */
    for (int i = 0; i < N; i++)
        assert_true(fabs(x[i]) <= 0.5 * fabs(first[i]));
    assert_true(optimizer_end_trial(optimizer, x, &worse));
    assert_true(worse == value && !optimizer_trying(optimizer));
    for (int i = 0; i < N; i++)
        assert_true(x[i] == 0.0f);
    optimizer_close(&optimizer);
}

static void another_function_is_not_compared_with_the_one_before(void **state)
{
    (void)state;
    struct optimizer *optimizer = open_lbfgs(&plain);
    float x[N] = {0}, g[N], before[N];
    descend(optimizer, x, bowl, 5);
    double value = bowl(g, x);
    memcpy(before, x, sizeof x);
    optimizer_step(optimizer, x, value, g, 1.0);
    optimizer_forget(optimizer, x);
    assert_memory_equal(x, before, sizeof x);
    bowl(g, x);
    optimizer_step(optimizer, x, 1e6 + value, g, 1.0); /* the same, but for a constant */
    assert_true(bowl(g, x) < value);                   /* onwards from there, not back */
    optimizer_close(&optimizer);
}

static void adams_copied_state_brings_back_the_steps(void **state)
{
    (void)state;
    const struct optimizer_settings other = {.beta1 = 0.5, .beta2 = 0.9, .eps = 1e-3};
    struct optimizer *a, *b;
    float x[N] = {0}, y[N], g[N] = {1, 2, 3, 4, 5, 6, 7};
    assert_int_equal(optimizer_open(&a, OPTIMIZER_ADAM, N, &other, NULL), STATUS_OK);
    assert_int_equal(optimizer_open(&b, OPTIMIZER_ADAM, N, &adam, NULL), STATUS_OK);
    for (int i = 0; i < 3; i++)
        optimizer_step(a, x, 0.0, g, 1.0);
    struct optimizer_state *from = optimizer_state(a), *to = optimizer_state(b);
    assert_int_equal(from->t, 3);
    assert_int_equal(from->count, to->count);
    memcpy(to->values, from->values, from->count * sizeof *from->values);
    to->t = from->t;
    optimizer_set(a, adam.beta1, adam.beta2, adam.eps);
    memcpy(y, x, sizeof y);
    optimizer_step(a, x, 0.0, g, 1.0);
    optimizer_step(b, y, 0.0, g, 1.0);
    assert_memory_equal(x, y, sizeof x);
    optimizer_reset(a);
    optimizer_close(&b);
    assert_int_equal(optimizer_open(&b, OPTIMIZER_ADAM, N, &adam, NULL), STATUS_OK);
    optimizer_step(a, x, 0.0, g, 1.0);
    optimizer_step(b, y, 0.0, g, 1.0);
    assert_memory_equal(x, y, sizeof x);
    optimizer_close(&a);
    optimizer_close(&b);
}

static void lbfgs_copied_state_goes_on_alike(void **state)
{
    (void)state;
    struct optimizer *one = open_lbfgs(&plain), *other = open_lbfgs(&plain);
    float x[N] = {-1.2f, 1, -1.2f, 1, -1.2f, 1, 0}, y[N];
    descend(one, x, valley, 23);
    struct optimizer_state *from = optimizer_state(one), *to = optimizer_state(other);
    assert_int_equal(from->count, to->count);
    memcpy(to->values, from->values, from->count * sizeof(float));
    memcpy(y, x, sizeof x);
    descend(one, x, valley, 9);
    descend(other, y, valley, 9);
    assert_memory_equal(x, y, sizeof x);
    optimizer_close(&one);
    optimizer_close(&other);
}

static void too_long_a_vector_is_a_sentence(void **state)
{
    (void)state;
    struct optimizer *optimizer = NULL;
    struct diag diag;
    assert_int_equal(optimizer_open(&optimizer, OPTIMIZER_LBFGS, SIZE_MAX / 4, &plain, &diag),
                     STATUS_MEMORY);
    assert_null(optimizer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(adam_follows_the_formula_of_tensorflow_1),
        cmocka_unit_test(a_zero_gradient_moves_nothing),
        cmocka_unit_test(lbfgs_finds_the_bottom_of_a_bowl_and_of_a_valley),
        cmocka_unit_test(a_metric_that_fits_the_curvature_needs_few_steps),
        cmocka_unit_test(a_trial_that_is_no_better_is_taken_back),
        cmocka_unit_test(another_function_is_not_compared_with_the_one_before),
        cmocka_unit_test(adams_copied_state_brings_back_the_steps),
        cmocka_unit_test(lbfgs_copied_state_goes_on_alike),
        cmocka_unit_test(too_long_a_vector_is_a_sentence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
