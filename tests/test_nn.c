/*
 * test_nn.c: oneDNN's operations against naive twins, and their ways back against finite
 * differences of the naive twins. Odd sizes and channel counts, so that padding shows.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "engine/base/bf16.h"
#include "engine/base/mem.h"
#include "engine/nn/nn_private.h"

static struct nn *nn;
static struct diag diag;

#define MUST(call) assert_int_equal((call), STATUS_OK)

static unsigned long long seed = 1;

/* Uniform in -1…1. */
static float noise(void)
{
    seed = seed * 6364136223846793005ull + 1442695040888963407ull;
    return (float)((double)(seed >> 33) / (1u << 30) - 1.0);
}

static float *block(size_t n)
{
    float *a;
    MUST(mem_big(&a, n * sizeof *a, "a test", &diag));
    return a;
}

static size_t floats(const struct nn_layout *layout)
{
    return nn_layout_bytes(layout) / sizeof(float);
}

static float *random_block(size_t n)
{
    float *a = block(n);
    for (size_t i = 0; i < n; i++)
        a[i] = noise();
    return a;
}

/* |a-b| / |b| over n values. */
static double distance(const float *a, const double *b, size_t n)
{
    double d = 0.0, s = 0.0;
    for (size_t i = 0; i < n; i++) {
        d += (a[i] - b[i]) * (a[i] - b[i]);
        s += b[i] * b[i];
    }
    return sqrt(d / (s > 0.0 ? s : 1.0));
}

/* conv3×3 with zero padding, and ReLU if asked for. x [in][h][w] -> y [out][h][w]. */
static void naive_conv(double *y, const double *x, const float *kernel, const float *bias, int in,
                       int out, int h, int w, int relu)
{
    for (int o = 0; o < out; o++)
        for (int r = 0; r < h; r++)
            for (int c = 0; c < w; c++) {
                double sum = bias[o];
                for (int i = 0; i < in; i++)
                    for (int k = 0; k < 9; k++) {
                        int rr = r + k / 3 - 1, cc = c + k % 3 - 1;
                        if (rr >= 0 && rr < h && cc >= 0 && cc < w)
                            sum += x[(i * h + rr) * w + cc] * kernel[(o * in + i) * 9 + k];
                    }
                y[(o * h + r) * w + c] = relu && sum < 0.0 ? 0.0 : sum;
            }
}

/* d(Σ dy·conv(x)) / dx. */
static void naive_conv_back(double *dx, const double *dy, const float *kernel, int in, int out,
                            int h, int w)
{
    memset(dx, 0, sizeof *dx * (size_t)(in * h * w));
    for (int o = 0; o < out; o++)
        for (int r = 0; r < h; r++)
            for (int c = 0; c < w; c++)
                for (int i = 0; i < in; i++)
                    for (int k = 0; k < 9; k++) {
                        int rr = r + k / 3 - 1, cc = c + k % 3 - 1;
                        if (rr >= 0 && rr < h && cc >= 0 && cc < w)
                            dx[(i * h + rr) * w + cc] +=
                                dy[(o * h + r) * w + c] * kernel[(o * in + i) * 9 + k];
                    }
}

/* Features as the network has them, filled from planes, or a picture. */
struct bridge {
    struct nn_layout layout;
    void *features;
};

static void bridge_picture(struct bridge *b, bool half, const float *x, int h, int w)
{
    static const float mean[3] = {0.0f, 0.0f, 0.0f};
    nn_layout_set_picture(&b->layout, h, w, half);
    MUST(mem_big(&b->features, nn_layout_bytes(&b->layout), "a test", &diag));
    size_t n = (size_t)h * (size_t)w;
    const float *const plane[3] = {x, x + n, x + 2 * n};
    nn_picture_take(&b->layout, b->features, plane, mean);
}

static void bridge_open(struct bridge *b, bool half, const float *x, int c, int h, int w)
{
    nn_layout_set(&b->layout, c, h, w, half);
    MUST(mem_big(&b->features, nn_layout_bytes(&b->layout), "a test", &diag));
    for (int i = 0; i < c * h * w; i++) {
        int at = i % (h * w) * b->layout.lanes + i / (h * w);
        if (half)
            ((uint16_t *)b->features)[at] = bf16_narrow(x[i]);
        else
            ((float *)b->features)[at] = x[i];
    }
}

/* Features or gradients in the bridge's order -> planes. */
static void bridge_read(const struct bridge *b, float *planes, const void *features)
{
    const struct nn_layout *l = &b->layout;
    for (int i = 0; i < l->channels * l->height * l->width; i++) {
        int at = i % (l->height * l->width) * l->lanes + i / (l->height * l->width);
        planes[i] = l->half ? bf16_widen(((const uint16_t *)features)[at])
                            : ((const float *)features)[at];
    }
}

static void bridge_close(struct bridge *b)
{
    mem_free(b->features);
}

/* Widths and sizes that meet pictures, lanes, padding and Winograd's edge tiles. */
static const struct {
    int in, out, h, w;
    bool picture;
} shapes[] = {{3, 16, 9, 7, true},     {3, 5, 8, 8, true},       {16, 32, 11, 14, false},
              {32, 64, 13, 9, false},  {24, 40, 7, 10, false},   {5, 17, 1, 2, false},
              {16, 16, 67, 66, false}, {3, 4, 6, 9, false}};

static void check_conv(enum nn_algorithm algorithm, enum nn_precision precision, double tolerance)
{
    for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++) {
        int in = shapes[s].in, out = shapes[s].out, h = shapes[s].h, w = shapes[s].w;
        size_t nx = (size_t)(in * h * w), ny = (size_t)(out * h * w);
        struct nn *own;
        struct bridge source, sink;
        struct nn_op *op;
        MUST(nn_open(&own, 1 + (int)s % 3, algorithm, precision, &diag));
        float *x = random_block(nx), *kernel = random_block((size_t)(in * out * 9));
        float *bias = random_block((size_t)out), *dy = random_block(ny), *result = block(nx + ny);
        double *dx64 = mem_new(sizeof(double) * (nx + ny)), *y64 = dx64 + nx;
        double *x64 = mem_new(sizeof(double) * (nx + ny)), *dy64 = x64 + nx;
        for (size_t i = 0; i < nx; i++)
            x64[i] = x[i];
        for (size_t i = 0; i < ny; i++)
            dy64[i] = dy[i];
        bool half = nn_precision(own) == NN_BF16;
        if (shapes[s].picture)
            bridge_picture(&source, half, x, h, w);
        else
            bridge_open(&source, half, x, in, h, w);
        bridge_open(&sink, half, dy, out, h, w);
        MUST(nn_conv_open(&op, own, &source.layout, out, kernel, bias, NN_BOTH, &diag));
        MUST(nn_op_allocate(op, &diag));
        float *y = block(floats(nn_op_output(op)));
        float *dx = block(floats(&source.layout) + nx);

        MUST(nn_forward(op, y, source.features, &diag));
        bridge_read(&sink, result, y);
        naive_conv(y64, x64, kernel, bias, in, out, h, w, 1);
        assert_true(distance(result, y64, ny) < tolerance);

        MUST(nn_backward(op, dx, sink.features, &diag));
        if (shapes[s].picture)
            memcpy(result, dx, nx * sizeof *dx);
        else
            bridge_read(&source, result, dx);
        naive_conv_back(dx64, dy64, kernel, in, out, h, w);
        assert_true(distance(result, dx64, nx) < tolerance);

        nn_op_close(&op);
        bridge_close(&source);
        bridge_close(&sink);
        nn_close(&own);
        float *blocks[] = {x, kernel, bias, dy, result, y, dx};
        for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++)
            mem_free(blocks[i]);
        mem_free(dx64);
        mem_free(x64);
    }
}

/* A convolution whose kernels are zeros. */
static struct nn_op *conv_after(struct nn *owner, int in, int out, int side)
{
    struct nn_op *op;
    struct nn_layout from;
    float *kernel = block((size_t)(in * out * 9 + out));
    bool half = nn_precision(owner) == NN_BF16;
    if (in == 3)
        nn_layout_set_picture(&from, side, side, half);
    else
        nn_layout_set(&from, in, side, side, half);
    MUST(nn_conv_open(&op, owner, &from, out, kernel, kernel + in * out * 9, NN_BOTH, &diag));
    return op;
}

static void conv_close(struct nn_op **op)
{
    const float *kernel = (*op)->way[NN_PASS_FORWARD].kernel.origin;
    nn_op_close(op);
    mem_free((void *)(size_t)kernel);
}

static bool has_bf16(void)
{
    struct nn *own;
    MUST(nn_open(&own, 2, NN_AUTO, NN_BF16, &diag));
    bool has = nn_precision(own) == NN_BF16;
    nn_close(&own);
    return has;
}

static void direct_convolution_equals_its_naive_twin_both_ways(void **state)
{
    (void)state;
    check_conv(NN_DIRECT, NN_FP32, 2e-6);
}

static void winograd_convolution_equals_its_naive_twin_both_ways(void **state)
{
    (void)state;
    struct nn *own;
    MUST(nn_open(&own, 2, NN_WINOGRAD, NN_FP32, &diag));
    struct nn_op *op = conv_after(own, 24, 40, 9);
    assert_non_null(strstr(nn_op_forward_name(op), "winograd"));
    assert_non_null(strstr(nn_op_backward_name(op), "winograd"));
    conv_close(&op);
    nn_close(&own);
    check_conv(NN_WINOGRAD, NN_FP32, 4e-6);
}

static void bfloat16_convolution_is_near_its_naive_twin_both_ways(void **state)
{
    (void)state;
    if (!has_bf16())
        skip();
    check_conv(NN_AUTO, NN_BF16, 1e-2);
}

static void onednn_2s_brgemm_convolution_for_amx_is_passed_over(void **state)
{
    (void)state;
    struct nn *own;
    if (!has_bf16())
        skip();
    MUST(nn_open(&own, 2, NN_AUTO, NN_BF16, &diag));
    struct nn_op *op = conv_after(own, 16, 32, 90);
    assert_null(strstr(nn_op_forward_name(op), "brgconv:avx512_core_amx"));
    conv_close(&op);
    nn_close(&own);
}

/* What is timed decides what runs, so it must be that. */
static void check_race(enum nn_precision precision)
{
    static const int widths[][2] = {{3, 16}, {16, 16}, {64, 64}, {64, 128}};
    enum { SIDE = 64 };
    for (size_t s = 0; s < sizeof widths / sizeof *widths; s++) {
        int in = widths[s][0];
        char forth[3][64], back[3][64];
        struct nn *own;
        MUST(nn_open(&own, 2, NN_AUTO, precision, &diag));
        struct nn_op *op = conv_after(own, in, widths[s][1], SIDE);
        MUST(nn_tune_names(forth, op, NN_PASS_FORWARD, &diag));
        MUST(nn_tune_names(back, op, NN_PASS_BACKWARD, &diag));
        const char *f = nn_op_forward_name(op), *b = nn_op_backward_name(op);
        bool half = precision == NN_BF16;
        assert_true(half ? strcmp(f, forth[2]) == 0
                         : strcmp(f, forth[0]) == 0 || strcmp(f, forth[1]) == 0);
        assert_true(half ? strcmp(b, back[2]) == 0
                         : strcmp(b, back[0]) == 0 || strcmp(b, back[1]) == 0);
        conv_close(&op);
        nn_close(&own);
    }
}

static void what_is_tried_out_in_float32_is_what_the_network_runs(void **state)
{
    (void)state;
    check_race(NN_FP32);
}

static void what_is_tried_out_in_bfloat16_is_what_the_network_runs(void **state)
{
    (void)state;
    if (!has_bf16())
        skip();
    check_race(NN_BF16);
}

static void check_pool(enum nn_pooling pooling, bool half)
{
    static const int sides[][2] = {{6, 8}, {7, 5}, {1, 3}, {9, 12}};
    enum { C = 16 };
    for (size_t s = 0; s < sizeof sides / sizeof *sides; s++) {
        int h = sides[s][0], w = sides[s][1], ph = (h + 1) / 2, pw = (w + 1) / 2;
        size_t nx = (size_t)(C * h * w), ny = (size_t)(C * ph * pw);
        float *x = random_block(nx), *dy = random_block(ny), *result = block(nx);
        double *y64 = mem_new(sizeof(double) * (nx + ny)), *dx64 = y64 + ny;
        for (size_t i = 0; i < nx; i++) /* as a ReLU leaves it */
            x[i] = x[i] > 0.0f ? bf16_widen(bf16_narrow(x[i])) : 0.0f;
        for (int c = 0; c < C; c++)
            for (int r = 0; r < ph; r++)
                for (int q = 0; q < pw; q++) {
                    size_t o = (size_t)((c * ph + r) * pw + q), best = 0;
                    int count = 0;
                    double sum = 0.0;
                    for (int k = 0; k < 4; k++) {
                        int rr = 2 * r + k / 2, cc = 2 * q + k % 2;
                        if (rr >= h || cc >= w)
                            continue;
                        size_t i = (size_t)((c * h + rr) * w + cc);
                        best = count == 0 || x[i] > x[best] ? i : best;
                        sum += x[i];
                        count++;
                    }
                    y64[o] = pooling == NN_POOL_MAX ? x[best] : sum / count;
                    for (int k = 0; k < 4; k++) {
                        int rr = 2 * r + k / 2, cc = 2 * q + k % 2;
                        size_t i = (size_t)((c * h + rr) * w + cc);
                        if (rr < h && cc < w)
                            dx64[i] += pooling == NN_POOL_AVG ? dy[o] / count
                                       : i == best && x[i] > 0.0f ? dy[o]
                                                              : 0.0;
                    }
                }
        struct bridge source, sink;
        struct nn_op *op;
        bridge_open(&source, half, x, C, h, w);
        bridge_open(&sink, half, dy, C, ph, pw);
        MUST(nn_pool_open(&op, nn, &source.layout, pooling, NN_BOTH, &diag));
        MUST(nn_op_allocate(op, &diag));
        float *y = block(floats(nn_op_output(op)) + 1), *dx = block(floats(&source.layout) + 1);
        MUST(nn_forward(op, y, source.features, &diag));
        bridge_read(&sink, result, y);
        assert_true(distance(result, y64, ny) < (half ? 4e-3 : 1e-6));
        MUST(nn_backward(op, dx, sink.features, &diag));
        bridge_read(&source, result, dx);
        assert_true(distance(result, dx64, nx) < (half ? 4e-3 : 1e-6));
        nn_op_close(&op);
        bridge_close(&source);
        bridge_close(&sink);
        float *blocks[] = {x, dy, result, y, dx};
        for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++)
            mem_free(blocks[i]);
        mem_free(y64);
    }
}

static void max_pooling_and_the_relu_before_it_equal_their_naive_twins(void **state)
{
    (void)state;
    check_pool(NN_POOL_MAX, false);
    check_pool(NN_POOL_MAX, true);
}

static void average_pooling_equals_its_naive_twin_both_ways(void **state)
{
    (void)state;
    check_pool(NN_POOL_AVG, false);
    check_pool(NN_POOL_AVG, true);
}

static void gram_matrix_and_its_gradient_equal_their_naive_twins(void **state)
{
    (void)state;
    static const struct {
        int channels, height, width;
    } cases[] = {{16, 17, 9}, {5, 17, 9}, {128, 17, 9}, {96, 170, 161}};
    for (size_t s = 0; s < sizeof cases / sizeof *cases; s++) {
        int c = cases[s].channels, h = cases[s].height, w = cases[s].width, n = h * w;
        size_t nx = (size_t)(c * n), ng = (size_t)(c * c);
        float *x = random_block(nx), *dg = random_block(ng), *g = block(ng), *result = block(nx);
        double *g64 = mem_new(sizeof(double) * (ng + nx)), *dx64 = g64 + ng;
        for (int i = 0; i < c; i++)
            for (int j = 0; j < i; j++)
                dg[i * c + j] = dg[j * c + i];
        struct bridge source;
        struct nn_op *op;
        bridge_open(&source, false, x, c, h, w);
        MUST(nn_gram_open(&op, nn, &source.layout, NN_BOTH, &diag));
        MUST(nn_op_allocate(op, &diag));
        MUST(nn_gram_forward(op, g, source.features, 0.25f, &diag));
        float *df = block(floats(&source.layout));
        memcpy(df, source.features, floats(&source.layout) * sizeof *df);
        MUST(nn_gram_backward(op, df, source.features, dg, &diag));
        bridge_read(&source, result, df);
        for (int i = 0; i < c; i++)
            for (int j = 0; j < c; j++)
                for (int p = 0; p < n; p++) {
                    g64[i * c + j] += 0.25 * x[i * n + p] * x[j * n + p];
                    dx64[i * n + p] += (double)dg[i * c + j] * x[j * n + p];
                }
        for (size_t i = 0; i < nx; i++)
            dx64[i] += x[i]; /* what df held before */
        /* a kernel may add up all positions in one go, in float32 */
        assert_true(distance(g, g64, ng) < (n > 1000 ? 2e-5 : 2e-6));
        assert_true(distance(result, dx64, nx) < 2e-6);
        nn_op_close(&op);
        bridge_close(&source);
        float *blocks[] = {x, dg, g, result, df};
        for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++)
            mem_free(blocks[i]);
        mem_free(g64);
    }
}

static void relu_backward_passes_only_where_the_output_is_above_zero(void **state)
{
    (void)state;
    float f[NN_LANES] = {1.0f, 0.0f, 1e-30f, 2.0f}, df[NN_LANES] = {3.0f, 4.0f, 5.0f, -6.0f};
    struct nn_layout layout;
    nn_layout_set(&layout, 4, 1, 1, false);
    nn_relu_backward(&layout, df, f);
    assert_true(df[0] == 3.0f && df[1] == 0.0f && df[2] == 5.0f && df[3] == -6.0f);
}

static void signs_do_what_the_features_themselves_do(void **state)
{
    (void)state;
    for (int half = 0; half < 2; half++) {
        enum { C = 16, H = 37, W = 5 }; /* no whole number of words */
        struct bridge f, df;
        float *x = random_block((size_t)(C * H * W)), *y = random_block((size_t)(C * H * W));
        bridge_open(&f, half, x, C, H, W);
        bridge_open(&df, half, y, C, H, W);
        size_t bytes = nn_layout_bytes(&f.layout);
        uint32_t *signs = mem_new(nn_signs_bytes(&f.layout));
        char *before = mem_new(bytes), *expected = mem_new(bytes);
        memcpy(before, df.features, bytes);
        memcpy(expected, df.features, bytes);
        nn_relu_backward(&f.layout, expected, f.features);
        nn_signs_take(&f.layout, signs, f.features);
        nn_signs_backward(&f.layout, df.features, signs);
        assert_memory_equal(df.features, expected, bytes);
        assert_memory_not_equal(df.features, before, bytes);
        bridge_close(&f);
        bridge_close(&df);
        mem_free(x);
        mem_free(y);
        mem_free(signs);
        mem_free(before);
        mem_free(expected);
    }
}

static int open_shared(void **state)
{
    (void)state;
    return nn_open(&nn, 2, NN_AUTO, NN_FP32, &diag) != STATUS_OK;
}

static int close_shared(void **state)
{
    (void)state;
    nn_close(&nn);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(direct_convolution_equals_its_naive_twin_both_ways),
        cmocka_unit_test(winograd_convolution_equals_its_naive_twin_both_ways),
        cmocka_unit_test(what_is_tried_out_in_float32_is_what_the_network_runs),
        cmocka_unit_test(what_is_tried_out_in_bfloat16_is_what_the_network_runs),
        cmocka_unit_test(bfloat16_convolution_is_near_its_naive_twin_both_ways),
        cmocka_unit_test(onednn_2s_brgemm_convolution_for_amx_is_passed_over),
        cmocka_unit_test(max_pooling_and_the_relu_before_it_equal_their_naive_twins),
        cmocka_unit_test(average_pooling_equals_its_naive_twin_both_ways),
        cmocka_unit_test(gram_matrix_and_its_gradient_equal_their_naive_twins),
        cmocka_unit_test(relu_backward_passes_only_where_the_output_is_above_zero),
        cmocka_unit_test(signs_do_what_the_features_themselves_do),
    };
    return cmocka_run_group_tests(tests, open_shared, close_shared);
}
