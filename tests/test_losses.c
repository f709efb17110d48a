/*
 * test_losses.c: every loss against its formula written out, every gradient against central
 * finite differences of the loss.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>

#include "engine/style/losses.h"

static float noise(void)
{
    static unsigned long long seed = 3;
    seed = seed * 6364136223846793005ull + 1442695040888963407ull;
    return (float)((double)(seed >> 33) / (1u << 30) - 1.0);
}

static void fill(float *a, size_t n)
{
    for (size_t i = 0; i < n; i++)
        a[i] = noise();
}

static void near(double a, double b, double tolerance)
{
    if (fabs(a - b) > tolerance * (fabs(b) + 1e-3))
        fail_msg("%.9g is not %.9g", a, b);
}

static void content_loss_is_the_weighted_mean_square_without_padding(void **state)
{
    (void)state;
    enum { REAL = 5000, PADDED = 5008 };
    float f[PADDED] = {0}, target[PADDED] = {0}, df[PADDED];
    fill(f, REAL);
    fill(target, REAL);
    fill(df, PADDED);
    double sum = 0.0, before = df[17];
    for (int i = 0; i < REAL; i++)
        sum += ((double)f[i] - target[i]) * ((double)f[i] - target[i]);
    near(losses_content(df, f, target, PADDED, REAL, 5.0), 5.0 * sum / REAL, 1e-9);
    near(df[17] - before, 2.0 * 5.0 / REAL * ((double)f[17] - target[17]), 1e-3);
}

static void content_gradient_matches_finite_differences(void **state)
{
    (void)state;
    enum { N = 40 };
    float f[N], target[N], df[N] = {0};
    fill(f, N);
    fill(target, N);
    losses_content(df, f, target, N, N, 3.0);
    for (int i = 0; i < N; i++) {
        float keep = f[i], h = 0.01f;
        f[i] = keep + h;
        double up = losses_content(NULL, f, target, N, N, 3.0);
        f[i] = keep - h;
        near(df[i], (up - losses_content(NULL, f, target, N, N, 3.0)) / (2.0 * h), 1e-4);
        f[i] = keep;
    }
}

enum { C = 6, POSITIONS = 11 };

static double style_of(const float *f, const float *target, float *dg)
{
    float g[C * C];
    for (int i = 0; i < C; i++)
        for (int j = 0; j < C; j++) {
            double sum = 0.0;
            for (int p = 0; p < POSITIONS; p++)
                sum += (double)f[i * POSITIONS + p] * f[j * POSITIONS + p];
            g[i * C + j] = (float)(sum / (C * POSITIONS));
        }
    return losses_style(dg, g, target, C, 0.25, 7.0, C * POSITIONS);
}

static void gram_gradient_matches_finite_differences(void **state)
{
    (void)state;
    float f[C * POSITIONS], target[C * C], dg[C * C];
    fill(f, C * POSITIONS);
    fill(target, C * C);
    for (int i = 0; i < C; i++)
        for (int j = 0; j < i; j++)
            target[i * C + j] = target[j * C + i];
    style_of(f, target, dg);
    for (int i = 0; i < C * POSITIONS; i++) {
        float keep = f[i], h = 0.01f;
        double expected = 0.0;
        for (int j = 0; j < C; j++)
            expected += (double)dg[(i / POSITIONS) * C + j] * f[j * POSITIONS + i % POSITIONS];
        f[i] = keep + h;
        double up = style_of(f, target, NULL);
        f[i] = keep - h;
        near(expected, (up - style_of(f, target, NULL)) / (2.0 * h), 1e-3);
        f[i] = keep;
    }
}

static void style_loss_keeps_the_constant_of_blended_targets(void **state)
{
    (void)state;
    float g[4] = {1, 2, 2, 5}, a[4] = {0, 1, 1, 2}, b[4] = {3, -1, -1, 4}, mean[4];
    double separate = 0.3 * losses_style(NULL, g, a, 2, 0.0, 2.0, 1.0) +
                      0.7 * losses_style(NULL, g, b, 2, 0.0, 2.0, 1.0);
    double constant = 0.0;
    for (int i = 0; i < 4; i++) {
        double t = 0.3 * a[i] + 0.7 * b[i];
        mean[i] = (float)t;
        constant += (0.3 * a[i] * a[i] + 0.7 * b[i] * b[i] - t * t) / 4.0;
    }
    near(losses_style(NULL, g, mean, 2, constant, 2.0, 1.0), separate, 1e-6);
}

static void total_variation_divides_each_direction_by_its_own_count(void **state)
{
    (void)state;
    const float x[] = {0, 1, 3, 0, 0, 0}; /* two rows of three */
    near(losses_tv(NULL, x, 1, 2, 3, 10.0), 10.0 * ((1.0 + 9.0) / 3.0 + (1.0 + 4.0) / 4.0), 1e-9);
}

static void total_variation_gradient_matches_finite_differences(void **state)
{
    (void)state;
    enum { P = 3, H = 4, W = 5, N = P * H * W };
    float x[N], dx[N] = {0};
    fill(x, N);
    losses_tv(dx, x, P, H, W, 6.0);
    for (int i = 0; i < N; i++) {
        float keep = x[i], h = 0.01f;
        x[i] = keep + h;
        double up = losses_tv(NULL, x, P, H, W, 6.0);
        x[i] = keep - h;
        near(dx[i], (up - losses_tv(NULL, x, P, H, W, 6.0)) / (2.0 * h), 1e-3);
        x[i] = keep;
    }
}

static void total_variation_of_a_single_line_has_no_vertical_part(void **state)
{
    (void)state;
    const float x[] = {1, 2, 4};
    near(losses_tv(NULL, x, 1, 1, 3, 1.0), 5.0 / 2.0, 1e-9);
    near(losses_tv(NULL, x, 1, 3, 1, 1.0), 5.0 / 2.0, 1e-9);
    assert_true(losses_tv(NULL, x, 1, 1, 1, 1.0) == 0.0);
}

static void the_term_that_blew_up_is_named(void **state)
{
    (void)state;
    char name[LOSSES_WORDS];
    struct losses losses = {9.0, 1.0, 5.0, 3.0, {0.0, 0.0, 4.0, 1.0, 0.0}};
    losses_worst(name, &losses);
    assert_string_equal(name, "style loss at relu3_1");
    losses.style_layer[3] = losses.style = NAN;
    losses_worst(name, &losses);
    assert_string_equal(name, "style loss at relu4_1");
    losses.tv = INFINITY;
    losses_worst(name, &losses);
    assert_string_equal(name, "style loss at relu4_1");
    losses.style = 5.0;
    losses_worst(name, &losses);
    assert_string_equal(name, "total variation loss");
    losses.content = INFINITY;
    losses_worst(name, &losses);
    assert_string_equal(name, "content loss");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_term_that_blew_up_is_named),
        cmocka_unit_test(content_loss_is_the_weighted_mean_square_without_padding),
        cmocka_unit_test(content_gradient_matches_finite_differences),
        cmocka_unit_test(gram_gradient_matches_finite_differences),
        cmocka_unit_test(style_loss_keeps_the_constant_of_blended_targets),
        cmocka_unit_test(total_variation_divides_each_direction_by_its_own_count),
        cmocka_unit_test(total_variation_gradient_matches_finite_differences),
        cmocka_unit_test(total_variation_of_a_single_line_has_no_vertical_part),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
