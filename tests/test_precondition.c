/* test_precondition.c: the metric against its formula with dense matrices, and what it must be. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/style/precondition.h"
#include "engine/base/random.h"

static void fill(float *v, int n, uint64_t seed)
{
    struct random random;
    random_seed(&random, seed);
    for (int i = 0; i < n; i++)
        v[i] = (float)random_normal(&random);
}

static double dot(const float *a, const float *b, int n)
{
    double sum = 0.0;
    for (int i = 0; i < n; i++)
        sum += (double)a[i] * b[i];
    return sum;
}

/* The weight of coarse sample i in fine sample x, bilinear between centres, ends continued. */
static double weight(int x, int i, int coarse)
{
    double at = (x + 0.5) / 2.0 - 0.5;
    at = at < 0.0 ? 0.0 : at > coarse - 1 ? coarse - 1 : at;
    double far = fabs(at - i);
    return far < 1.0 ? 1.0 - far : 0.0;
}

/* v = M v in double by the definition. */
static void naive(double *v, int height, int width, int levels)
{
    int h = (height + 1) / 2, w = (width + 1) / 2;
    if (levels == 0 || width < 8 || height < 8)
        return;
    double *coarse = calloc((size_t)h * (size_t)w, sizeof *coarse);
    assert_non_null(coarse);
    for (int pass = 0; pass < 2; pass++) {
        for (int y = 0; y < height; y++)
            for (int x = 0; x < width; x++)
                for (int j = 0; j < h; j++)
                    for (int i = 0; i < w; i++) {
                        double u = 0.5 * weight(y, j, h) * weight(x, i, w);
                        if (pass == 0)
                            coarse[j * w + i] += u * v[y * width + x];
                        else
                            v[y * width + x] += 1.8 * u * coarse[j * w + i];
                    }
        if (pass == 0)
            naive(coarse, h, w, levels - 1);
    }
    free(coarse);
}

static void it_is_the_sum_over_sizes_of_its_formula(void **state)
{
    (void)state;
    enum { H = 21, W = 18, PLANES = 2, SIZE = H * W };
    struct precondition *p;
    float v[PLANES * SIZE];
    double want[PLANES * SIZE];
    fill(v, PLANES * SIZE, 5);
    for (int i = 0; i < PLANES * SIZE; i++)
        want[i] = v[i];
    for (int c = 0; c < PLANES; c++)
        naive(want + c * SIZE, H, W, 4);
    assert_int_equal(precondition_open(&p, PLANES, H, W, NULL), STATUS_OK);
    precondition_apply(p, v);
    for (int i = 0; i < PLANES * SIZE; i++)
        assert_true(fabs(v[i] - want[i]) < 1e-4);
    precondition_close(&p);
    assert_null(p);
}

static void it_is_symmetric_and_positive_at_any_size(void **state)
{
    (void)state;
    static const int sizes[][2] = {{1, 1}, {7, 9}, {8, 8}, {33, 64}, {65, 31}};
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
        int n = 3 * sizes[k][0] * sizes[k][1];
        float *u = malloc(4 * (size_t)n * sizeof *u), *v = u + n, *mu = v + n, *mv = mu + n;
        struct precondition *p;
        assert_non_null(u);
        fill(u, n, 1);
        fill(v, n, 2);
        memcpy(mu, u, 2 * (size_t)n * sizeof *u);
        assert_int_equal(precondition_open(&p, 3, sizes[k][0], sizes[k][1], NULL), STATUS_OK);
        precondition_apply(p, mu);
        precondition_apply(p, mv);
        assert_true(fabs(dot(mu, v, n) - dot(u, mv, n)) < 1e-3 * sqrt(dot(mu, mu, n) * n));
        assert_true(dot(mu, u, n) >= 0.999 * dot(u, u, n));
        precondition_close(&p);
        free(u);
    }
}

/* As it is computed by processes that share a picture. */
static void a_part_with_rows_beside_it_is_as_in_the_whole(void **state)
{
    enum { WIDTH = 70, HEIGHT = 527, PLANES = 2 };
    static float whole[PLANES * HEIGHT * WIDTH], v[PLANES * HEIGHT * WIDTH];
    static float part[PLANES * HEIGHT * WIDTH];
    static const int edges[] = {0, 16, 176, 256, 480, HEIGHT};
    struct precondition *p;
    (void)state;
    fill(v, PLANES * HEIGHT * WIDTH, 3);
    memcpy(whole, v, sizeof v);
    assert_int_equal(precondition_open(&p, PLANES, HEIGHT, WIDTH, NULL), STATUS_OK);
    precondition_apply(p, whole);
    precondition_close(&p);
    for (int i = 0; i + 1 < (int)(sizeof edges / sizeof *edges); i++) {
        int first = edges[i] - PRECONDITION_REACH, end = edges[i + 1] + PRECONDITION_REACH;
        first = first < 0 ? 0 : first;
        end = end > HEIGHT ? HEIGHT : end;
        size_t rows = (size_t)(end - first), own = (size_t)(edges[i + 1] - edges[i]);
        for (size_t c = 0; c < PLANES; c++)
            memcpy(part + c * rows * WIDTH, v + (c * HEIGHT + (size_t)first) * WIDTH,
                   rows * WIDTH * sizeof *v);
        assert_int_equal(precondition_open(&p, PLANES, (int)rows, WIDTH, NULL), STATUS_OK);
        precondition_apply(p, part);
        precondition_close(&p);
        for (size_t c = 0; c < PLANES; c++)
            assert_memory_equal(part + (c * rows + (size_t)(edges[i] - first)) * WIDTH,
                                whole + (c * HEIGHT + (size_t)edges[i]) * WIDTH,
                                own * WIDTH * sizeof *v);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_the_sum_over_sizes_of_its_formula),
        cmocka_unit_test(it_is_symmetric_and_positive_at_any_size),
        cmocka_unit_test(a_part_with_rows_beside_it_is_as_in_the_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
