/* test_optimizer.c: Adam against its formula in double, step by step. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "../engine/optimizer.h"

enum { N = 7, STEPS = 60 };

/* A badly scaled bowl: the gradient of Σ s_i (x_i − i)². */
static double slope(int i, double x)
{
    return 2.0 * pow(10.0, i - 3) * (x - i);
}

static void adam_follows_the_formula_of_tensorflow_1(void **state)
{
    (void)state;
    const struct optimizer_adam adam = {0.9, 0.999, 1e-8};
    struct optimizer *optimizer;
    struct diag diag;
    float x[N] = {0}, g[N];
    double y[N] = {0}, m[N] = {0}, v[N] = {0};
    assert_int_equal(optimizer_open(&optimizer, N, &adam, &diag), STATUS_OK);
    for (int t = 1; t <= STEPS; t++) {
        double rate = t < 30 ? 0.5 : 0.1;
        for (int i = 0; i < N; i++) {
            g[i] = (float)slope(i, y[i]);
            m[i] = 0.9 * m[i] + 0.1 * slope(i, y[i]);
            v[i] = 0.999 * v[i] + 0.001 * slope(i, y[i]) * slope(i, y[i]);
            y[i] -= rate * sqrt(1.0 - pow(0.999, t)) / (1.0 - pow(0.9, t)) * m[i] /
                    (sqrt(v[i]) + 1e-8);
        }
        optimizer_step(optimizer, x, g, rate);
        for (int i = 0; i < N; i++)
            assert_true(fabs(x[i] - y[i]) < 1e-4 * (1.0 + fabs(y[i])));
    }
    optimizer_close(&optimizer);
    assert_null(optimizer);
}

static void a_zero_gradient_moves_nothing(void **state)
{
    (void)state;
    const struct optimizer_adam adam = {0.9, 0.999, 1e-8};
    struct optimizer *optimizer;
    float x[N] = {1, 2, 3, 4, 5, 6, 7}, g[N] = {0};
    assert_int_equal(optimizer_open(&optimizer, N, &adam, NULL), STATUS_OK);
    optimizer_step(optimizer, x, g, 10.0);
    for (int i = 0; i < N; i++)
        assert_true(x[i] == (float)(i + 1));
    optimizer_close(&optimizer);
}

static void a_copied_state_brings_back_the_steps(void **state)
{
    (void)state;
    const struct optimizer_adam other = {0.5, 0.9, 1e-3}, adam = {0.9, 0.999, 1e-8};
    struct optimizer *a, *b;
    float x[N] = {0}, y[N], g[N] = {1, 2, 3, 4, 5, 6, 7};
    assert_int_equal(optimizer_open(&a, N, &other, NULL), STATUS_OK);
    assert_int_equal(optimizer_open(&b, N, &adam, NULL), STATUS_OK);
    for (int i = 0; i < 3; i++)
        optimizer_step(a, x, g, 1.0);
    struct optimizer_state *from = optimizer_state(a), *to = optimizer_state(b);
    assert_int_equal(from->t, 3);
    assert_int_equal(from->count, to->count);
    memcpy(to->values, from->values, from->count * sizeof *from->values);
    to->t = from->t;
    optimizer_set(a, &adam);
    memcpy(y, x, sizeof y);
    optimizer_step(a, x, g, 1.0);
    optimizer_step(b, y, g, 1.0);
    assert_memory_equal(x, y, sizeof x);
    optimizer_reset(a);
    optimizer_close(&b);
    assert_int_equal(optimizer_open(&b, N, &adam, NULL), STATUS_OK);
    optimizer_step(a, x, g, 1.0);
    optimizer_step(b, y, g, 1.0);
    assert_memory_equal(x, y, sizeof x);
    optimizer_close(&a);
    optimizer_close(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(adam_follows_the_formula_of_tensorflow_1),
        cmocka_unit_test(a_zero_gradient_moves_nothing),
        cmocka_unit_test(a_copied_state_brings_back_the_steps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
