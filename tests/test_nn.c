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

/* Features in the order that a network's first convolution gives them, filled from planes, and the
 * way back to planes. */
struct bridge {
    struct nn_layout *planes, *picture;
    struct nn_op *first;
    struct nn_step pack, unpack;
    float *kernel, *bias, *features;
};

static const struct nn_layout *bridge_layout(const struct bridge *b)
{
    return nn_op_output(b->first);
}

static void bridge_open(struct bridge *b, struct nn *owner, const float *x, int c, int h, int w)
{
    memset(b, 0, sizeof *b);
    b->kernel = block((size_t)(c * 27));
    b->bias = block((size_t)c);
    MUST(nn_planes_open(&b->planes, c, h, w, NN_FP32, &diag));
    MUST(nn_planes_open(&b->picture, 3, h, w, nn_precision(owner), &diag));
    MUST(nn_conv_open(&b->first, owner, b->picture, c, b->kernel, b->bias, NN_FORWARD, &diag));
    MUST(nn_reorder_open(&b->pack, owner, &b->planes->desc, &bridge_layout(b)->desc, &diag));
    MUST(nn_reorder_open(&b->unpack, owner, &bridge_layout(b)->desc, &b->planes->desc, &diag));
    b->features = block(floats(bridge_layout(b)));
    MUST(nn_step_run(&b->pack, owner, (const void *[]){x, b->features}, &diag));
}

/* Features or gradients in the bridge's order -> planes. */
static void bridge_read(struct bridge *b, struct nn *owner, float *planes, const float *features)
{
    MUST(nn_step_run(&b->unpack, owner, (const void *[]){features, planes}, &diag));
}

static void bridge_close(struct bridge *b)
{
    nn_step_close(&b->pack);
    nn_step_close(&b->unpack);
    nn_op_close(&b->first);
    nn_planes_close(&b->planes);
    nn_planes_close(&b->picture);
    mem_free(b->kernel);
    mem_free(b->bias);
    mem_free(b->features);
}

/* Widths and sizes that meet planes, blocks, padding and Winograd's edge tiles. */
static const struct {
    int in, out, h, w;
} shapes[] = {{3, 16, 9, 7}, {3, 5, 8, 8}, {16, 32, 11, 14}, {32, 64, 13, 9}, {24, 40, 7, 10}};

static void check_conv(enum nn_algorithm algorithm, enum nn_precision precision, double tolerance)
{
    for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++) {
        int in = shapes[s].in, out = shapes[s].out, h = shapes[s].h, w = shapes[s].w;
        size_t nx = (size_t)(in * h * w), ny = (size_t)(out * h * w);
        struct nn *own;
        struct bridge source, sink;
        struct nn_op *op;
        MUST(nn_open(&own, 2, algorithm, precision, &diag));
        float *x = random_block(nx), *kernel = random_block((size_t)(in * out * 9));
        float *bias = random_block((size_t)out), *dy = random_block(ny), *result = block(nx + ny);
        double *dx64 = mem_new(sizeof(double) * (nx + ny)), *y64 = dx64 + nx;
        double *x64 = mem_new(sizeof(double) * (nx + ny)), *dy64 = x64 + nx;
        for (size_t i = 0; i < nx; i++)
            x64[i] = x[i];
        for (size_t i = 0; i < ny; i++)
            dy64[i] = dy[i];
        bridge_open(&source, own, x, in, h, w);
        bridge_open(&sink, own, dy, out, h, w);
        MUST(nn_conv_open(&op, own, in == 3 ? source.picture : bridge_layout(&source), out, kernel,
                          bias, NN_BOTH, &diag));
        MUST(nn_op_allocate(op, &diag));
        float *y = block(floats(nn_op_output(op)));
        float *dx = block(floats(bridge_layout(&source)) + nx);

        MUST(nn_forward(op, y, in == 3 ? x : source.features, &diag));
        bridge_read(&sink, own, result, y);
        naive_conv(y64, x64, kernel, bias, in, out, h, w, 1);
        assert_true(distance(result, y64, ny) < tolerance);

        MUST(nn_backward(op, dx, sink.features, &diag));
        if (in == 3)
            memcpy(result, dx, nx * sizeof *dx);
        else
            bridge_read(&source, own, result, dx);
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

/* The convolution that a network would have there; its kernels are zeros. */
static struct nn_op *conv_after(struct bridge *source, struct nn *owner, int out)
{
    struct nn_op *op;
    int in = nn_layout_channels(bridge_layout(source));
    float *kernel = block((size_t)(in * out * 9 + out));
    const struct nn_layout *from = in == 3 ? source->picture : bridge_layout(source);
    MUST(nn_conv_open(&op, owner, from, out, kernel, kernel + in * out * 9, NN_BOTH, &diag));
    return op;
}

static void conv_close(struct nn_op **op)
{
    const float *kernel = (*op)->kernel.origin;
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
    struct bridge source;
    struct nn *own;
    float *x = random_block(64 * 64 * 64);
    MUST(nn_open(&own, 2, NN_WINOGRAD, NN_FP32, &diag));
    bridge_open(&source, own, x, 64, 64, 64);
    struct nn_op *op = conv_after(&source, own, 64);
    bool offered = strstr(nn_op_forward_name(op), "wino") != NULL &&
                   strstr(nn_op_backward_name(op), "wino") != NULL;
    conv_close(&op);
    bridge_close(&source);
    nn_close(&own);
    mem_free(x);
    if (!offered)
        skip();
    check_conv(NN_WINOGRAD, NN_FP32, 1e-5);
}

static void bfloat16_convolution_is_near_its_naive_twin_both_ways(void **state)
{
    (void)state;
    if (!has_bf16())
        skip();
    check_conv(NN_AUTO, NN_BF16, 1e-2);
}

/* What is timed decides what runs, so it must be that. */
static void check_race(enum nn_precision precision)
{
    static const int widths[][2] = {{3, 16}, {16, 16}, {64, 64}, {64, 128}};
    enum { SIDE = 64 };
    for (size_t s = 0; s < sizeof widths / sizeof *widths; s++) {
        int in = widths[s][0];
        char forth[3][64], back[3][64];
        struct bridge source;
        struct nn *own;
        float *x = random_block((size_t)in * SIDE * SIDE);
        MUST(nn_open(&own, 2, NN_AUTO, precision, &diag));
        bridge_open(&source, own, x, in, SIDE, SIDE);
        struct nn_op *op = conv_after(&source, own, widths[s][1]);
        MUST(nn_tune_names(forth, op, NN_PASS_FORWARD, &diag));
        MUST(nn_tune_names(back, op, NN_PASS_BACKWARD, &diag));
        const char *f = nn_op_forward_name(op), *b = nn_op_backward_name(op);
        bool half = precision == NN_BF16;
        if (half && in != 3)
            assert_string_equal(f, forth[2]);
        else
            assert_true(strcmp(f, forth[0]) == 0 || strcmp(f, forth[1]) == 0);
        if (half)
            assert_string_equal(b, back[2]);
        else
            assert_true(strcmp(b, back[0]) == 0 || strcmp(b, back[1]) == 0);
        conv_close(&op);
        bridge_close(&source);
        nn_close(&own);
        mem_free(x);
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

static void check_pool(enum nn_pooling pooling)
{
    static const int sides[][2] = {{6, 8}, {7, 5}, {1, 3}, {9, 12}};
    enum { C = 16 };
    for (size_t s = 0; s < sizeof sides / sizeof *sides; s++) {
        int h = sides[s][0], w = sides[s][1], ph = (h + 1) / 2, pw = (w + 1) / 2;
        size_t nx = (size_t)(C * h * w), ny = (size_t)(C * ph * pw);
        float *x = random_block(nx), *dy = random_block(ny), *result = block(nx);
        double *y64 = mem_new(sizeof(double) * (nx + ny)), *dx64 = y64 + ny;
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
                                       : i == best            ? dy[o]
                                                              : 0.0;
                    }
                }
        struct bridge source, sink;
        struct nn_op *op;
        bridge_open(&source, nn, x, C, h, w);
        bridge_open(&sink, nn, dy, C, ph, pw);
        MUST(nn_pool_open(&op, nn, bridge_layout(&source), pooling, NN_BOTH, &diag));
        MUST(nn_op_allocate(op, &diag));
        float *y = block(floats(nn_op_output(op)));
        float *dx = block(floats(bridge_layout(&source)));
        MUST(nn_forward(op, y, source.features, &diag));
        bridge_read(&sink, nn, result, y);
        assert_true(distance(result, y64, ny) < 1e-6);
        MUST(nn_backward(op, dx, sink.features, &diag));
        bridge_read(&source, nn, result, dx);
        assert_true(distance(result, dx64, nx) < 1e-6);
        nn_op_close(&op);
        bridge_close(&source);
        bridge_close(&sink);
        float *blocks[] = {x, dy, result, y, dx};
        for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++)
            mem_free(blocks[i]);
        mem_free(y64);
    }
}

static void max_pooling_equals_its_naive_twin_both_ways(void **state)
{
    (void)state;
    check_pool(NN_POOL_MAX);
}

static void average_pooling_equals_its_naive_twin_both_ways(void **state)
{
    (void)state;
    check_pool(NN_POOL_AVG);
}

static void gram_matrix_and_its_gradient_equal_their_naive_twins(void **state)
{
    (void)state;
    static const struct {
        int channels, height, width, parts;
    } cases[] = {{16, 17, 9, 1}, {5, 17, 9, 1}, {128, 17, 9, 1}, {96, 170, 161, 2},
                 {128, 127, 123, 4}};
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
        bridge_open(&source, nn, x, c, h, w);
        MUST(nn_gram_open(&op, nn, bridge_layout(&source), NN_BOTH, &diag));
        assert_true(op->parts >= cases[s].parts); /* more where blocks are narrower */
        MUST(nn_op_allocate(op, &diag));
        MUST(nn_gram_forward(op, g, source.features, 0.25f, &diag));
        float *df = block(floats(bridge_layout(&source)));
        memcpy(df, source.features, floats(bridge_layout(&source)) * sizeof *df);
        MUST(nn_gram_backward(op, df, source.features, dg, &diag));
        bridge_read(&source, nn, result, df);
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
    float f[] = {1.0f, 0.0f, 1e-30f, 2.0f}, df[] = {3.0f, 4.0f, 5.0f, -6.0f};
    struct nn_layout *layout;
    MUST(nn_planes_open(&layout, 1, 2, 2, NN_FP32, &diag));
    nn_relu_backward(layout, df, f);
    nn_planes_close(&layout);
    assert_true(df[0] == 3.0f && df[1] == 0.0f && df[2] == 5.0f && df[3] == -6.0f);
}

static void signs_do_what_the_features_themselves_do(void **state)
{
    (void)state;
    static const enum nn_precision precisions[] = {NN_FP32, NN_BF16};
    for (size_t p = 0; p < sizeof precisions / sizeof *precisions; p++) {
        enum { C = 16, H = 37, W = 5 }; /* no whole number of words */
        struct nn *own;
        struct bridge f, df;
        MUST(nn_open(&own, 2, NN_AUTO, precisions[p], &diag));
        float *x = random_block((size_t)(C * H * W)), *y = random_block((size_t)(C * H * W));
        bridge_open(&f, own, x, C, H, W);
        bridge_open(&df, own, y, C, H, W);
        const struct nn_layout *layout = bridge_layout(&f);
        size_t bytes = nn_layout_bytes(layout);
        uint32_t *signs = mem_new(nn_signs_bytes(layout));
        char *before = mem_new(bytes), *expected = mem_new(bytes);
        memcpy(before, df.features, bytes);
        memcpy(expected, df.features, bytes);
        nn_relu_backward(layout, expected, f.features);
        nn_signs_take(layout, signs, f.features);
        nn_signs_backward(layout, df.features, signs);
        assert_memory_equal(df.features, expected, bytes);
        assert_memory_not_equal(df.features, before, bytes);
        bridge_close(&f);
        bridge_close(&df);
        nn_close(&own);
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
        cmocka_unit_test(max_pooling_equals_its_naive_twin_both_ways),
        cmocka_unit_test(average_pooling_equals_its_naive_twin_both_ways),
        cmocka_unit_test(gram_matrix_and_its_gradient_equal_their_naive_twins),
        cmocka_unit_test(relu_backward_passes_only_where_the_output_is_above_zero),
        cmocka_unit_test(signs_do_what_the_features_themselves_do),
    };
    return cmocka_run_group_tests(tests, open_shared, close_shared);
}
