/*
 * test_convert.c: names of tensors, and how tensors become a network: layouts, the picture's
 * channels and mean, conv0. Networks are made here, all of one width unless a test says otherwise.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "weights/import/convert.h"

enum { WIDTH = 2, KERNEL = 9 };

static struct diag diag;

/* ---- names -------------------------------------------------------------------------------- */

static void every_framework_s_names_are_known(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        struct names_place place;
    } cases[] = {
        {"features.0.weight", {NAMES_TORCHVISION, NAMES_KERNEL, 1, 1}},
        {"features.2.bias", {NAMES_TORCHVISION, NAMES_BIAS, 1, 2}},
        {"module.features.28.weight", {NAMES_TORCHVISION, NAMES_KERNEL, 5, 1}},
        {"features.34.bias", {NAMES_TORCHVISION, NAMES_BIAS, 5, 4}},
        {"19.weight", {NAMES_TORCHVISION, NAMES_KERNEL, 4, 1}},
        {"conv1_1.weight", {NAMES_CAFFE, NAMES_KERNEL, 1, 1}},
        {"conv5_4.bias", {NAMES_CAFFE, NAMES_BIAS, 5, 4}},
        {"module.conv3_4.weight", {NAMES_CAFFE, NAMES_KERNEL, 3, 4}},
        {"conv2_2_W", {NAMES_CAFFE, NAMES_KERNEL, 2, 2}},
        {"conv2_2_b", {NAMES_CAFFE, NAMES_BIAS, 2, 2}},
        {"conv4_1/weights", {NAMES_CAFFE, NAMES_KERNEL, 4, 1}},
        {"conv34.weight", {NAMES_CAFFE, NAMES_KERNEL, 3, 4}},
        {"conv0.bias", {NAMES_CAFFE, NAMES_BIAS, 0, 0}},
        {"block1_conv1/block1_conv1_W_1:0", {NAMES_KERAS, NAMES_KERNEL, 1, 1}},
        {"block5_conv2/block5_conv2_b_1:0", {NAMES_KERAS, NAMES_BIAS, 5, 2}},
        {"model_weights/block4_conv3/block4_conv3/kernel:0", {NAMES_KERAS, NAMES_KERNEL, 4, 3}},
        {"vgg19/block1_conv2/bias", {NAMES_KERAS, NAMES_BIAS, 1, 2}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct names_place p;
        if (!names_parse(&p, cases[i].name))
            fail_msg("%s is not known", cases[i].name);
        const struct names_place *want = &cases[i].place;
        if (p.style != want->style || p.part != want->part || p.block != want->block ||
            p.index != want->index)
            fail_msg("%s is taken for conv%d_%d", cases[i].name, p.block, p.index);
    }
}

static void other_names_are_left_out(void **state)
{
    (void)state;
    static const char *const names[] = {
        "",
        "conv",
        "conv1",
        "conv1_1",
        "conv1_1.",
        "conv1_1..weight",
        "conv1_1.weights2x",
        "conv1_3.weight",
        "conv6_1.weight",
        "conv1_10.weight",
        "conv111.weight",
        "conv11_aux.weight",
        "deconv1_1.weight",
        "fc6.weight",
        "classifier.0.weight",
        "features.1.weight",
        "features.36.weight",
        "features.weight",
        "xfeatures.0.weight",
        "features.99999999999.weight",
        "block1_pool/kernel:0",
        "block6_conv1/kernel:0",
        "optimizer_weights/Adam/block1_conv1/kernel/m:0",
        "optimizer_weights/block1_conv1/kernel:0",
    };
    struct names_place p;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (names_parse(&p, names[i]))
            fail_msg("%s is taken for conv%d_%d", names[i], p.block, p.index);
    assert_true(names_foreign("features.1.weight") && names_foreign("features.17.bias"));
    assert_false(names_foreign("features.0.weight") || names_foreign("classifier.0.weight"));
}

/* ---- networks ----------------------------------------------------------------------------- */

static float value(size_t i)
{
    return (float)(i * 37 % 101) / 64.0f - 0.75f;
}

static void add(struct tensors *t, const char *name, int rank, const size_t *shape)
{
    float *values = NULL;
    if (tensors_add(t, &values, name, rank, shape, &diag) != STATUS_OK)
        fail_msg("%s", diag.text);
    for (size_t i = 0; values && i < t->list[t->count - 1].n; i++)
        values[i] = value(i);
}

/* Names as name gives them from block and index, with %s for the part. */
static struct tensors make(enum tensors_layout layout, const char *name, const char *parts[2])
{
    static const int depth[] = {2, 2, 4, 4, 2};
    struct tensors t = {.path = "net", .layout = layout};
    size_t in = 3;
    for (int block = 1; block <= 5; block++)
        for (int index = 1; index <= depth[block - 1]; index++, in = WIDTH) {
            const size_t oihw[4] = {WIDTH, in, 3, 3}, hwio[4] = {3, 3, in, WIDTH}, one = WIDTH;
            char full[2][64];
            for (int p = 0; p < 2; p++)
                snprintf(full[p], sizeof full[p], name, block, index, parts[p]);
            add(&t, full[0], 4, layout == TENSORS_OIHW ? oihw : hwio);
            add(&t, full[1], 1, &one);
        }
    return t;
}

static const char *dotted[2] = {"weight", "bias"};

static struct tensors caffe(void)
{
    return make(TENSORS_OIHW, "conv%d_%d.%s", dotted);
}

static struct converted must_convert(struct tensors *t, const struct convert_options *o)
{
    static const struct convert_options none;
    struct converted c = {0};
    if (convert_tensors(&c, t, o ? o : &none, &diag) != STATUS_OK)
        fail_msg("%s", diag.text);
    tensors_clear(t);
    return c;
}

static void assert_refused(struct tensors *t, const char *said)
{
    static const struct convert_options none;
    struct converted c = {0};
    enum status status = convert_tensors(&c, t, &none, &diag);
    if (status != STATUS_INPUT || !strstr(diag.text, said))
        fail_msg("status %d, \"%s\", not \"%s\"", status, diag.text, said);
    assert_null(c.block);
    tensors_clear(t);
}

static void assert_input(const struct converted *c, bool bgr, double red, double green, double blue)
{
    assert_true(c->bgr == bgr);
    assert_true(c->mean[0] == red && c->mean[1] == green && c->mean[2] == blue);
}

static void kernels_come_out_as_out_in_height_width(void **state)
{
    (void)state;
    struct tensors t = caffe();
    struct converted c = must_convert(&t, NULL);
    assert_int_equal(c.layer_count, LAYER_COUNT);
    for (size_t i = 0; i < WIDTH * 3 * KERNEL; i++)
        assert_true(c.conv[0].kernel[i] == value(i));
    convert_clear(&c);
    t = make(TENSORS_HWIO, "block%d_conv%d/%s", (const char *[]){"kernel:0", "bias:0"});
    c = must_convert(&t, NULL);
    for (size_t o = 0; o < WIDTH; o++)
        for (size_t i = 0; i < 3; i++)
            for (size_t y = 0; y < 3; y++)
                for (size_t x = 0; x < 3; x++)
                    assert_true(c.conv[0].kernel[((o * 3 + i) * 3 + y) * 3 + x] ==
                                value(((y * 3 + x) * 3 + i) * WIDTH + o));
    assert_true(c.conv[13].bias[1] == value(1));
    convert_clear(&c);
}

static void transpose_swaps_height_and_width(void **state)
{
    (void)state;
    struct tensors t = caffe();
    struct converted c = must_convert(&t, &(struct convert_options){.transpose = true});
    assert_true(c.conv[0].kernel[1] == value(3) && c.conv[0].kernel[3] == value(1));
    assert_true(c.conv[0].kernel[9 + 5] == value(9 + 7));
    convert_clear(&c);
}

static void the_input_follows_the_names(void **state)
{
    (void)state;
    struct tensors t = caffe();
    struct converted c = must_convert(&t, NULL);
    assert_input(&c, true, 123.68, 116.779, 103.939);
    assert_true(c.scale[0] == 1.0);
    convert_clear(&c);
    t = caffe();
    t.style = NAMES_TORCHVISION;
    c = must_convert(&t, NULL);
    assert_input(&c, false, 255 * 0.485, 255 * 0.456, 255 * 0.406);
    assert_true(fabs(c.scale[2] * 255 * 0.225 - 1.0) < 1e-12);
    convert_clear(&c);
    t = caffe();
    t.style = NAMES_TORCHVISION;
    c = must_convert(&t, &(struct convert_options){.caffe = true});
    assert_input(&c, true, 123.68, 116.779, 103.939);
    convert_clear(&c);
    t = caffe();
    t.has_mean = true;
    t.mean[0] = 1, t.mean[1] = 2, t.mean[2] = 3;
    c = must_convert(&t, NULL);
    assert_input(&c, false, 1, 2, 3);
    convert_clear(&c);
}

static void what_the_user_says_counts_more(void **state)
{
    (void)state;
    struct tensors t = caffe();
    t.style = NAMES_TORCHVISION;
    struct converted c = must_convert(
        &t, &(struct convert_options){.order = CONVERT_BGR, .has_mean = true, .mean = {1, 2, 3}});
    assert_input(&c, true, 1, 2, 3);
    assert_true(c.scale[0] == 1.0);
    convert_clear(&c);
}

/* ---- conv0 -------------------------------------------------------------------------------- */

static struct tensors with_conv0(const float matrix[9], const float bias[3])
{
    struct tensors t = caffe();
    const size_t shape[4] = {3, 3, 1, 1}, three = 3;
    add(&t, "conv0.weight", 4, shape);
    memcpy(t.list[t.count - 1].values, matrix, 9 * sizeof *matrix);
    add(&t, "conv0.bias", 1, &three);
    memcpy(t.list[t.count - 1].values, bias, 3 * sizeof *bias);
    return t;
}

static void a_conv0_that_only_turns_the_picture_round_is_its_input(void **state)
{
    (void)state;
    static const float matrix[9] = {-0.2f, -0.1f, 254.8f, 0, 255.1f, 0, 255.3f, 0.3f, 0.3f};
    static const float bias[3] = {-104.2f, -116.8f, -123.4f};
    struct tensors t = with_conv0(matrix, bias);
    struct converted c = must_convert(&t, NULL);
    assert_input(&c, true, 123.68, 116.779, 103.939);
    for (size_t i = 0; i < WIDTH * 3 * KERNEL; i++)
        assert_true(c.conv[0].kernel[i] == value(i));
    convert_clear(&c);
}

/* conv1_1 behind conv0 at one pixel with zeros around it, both ways. */
static void any_other_conv0_is_folded(void **state)
{
    (void)state;
    static const float matrix[9] = {100, 20, 30, -10, 150, 5, 7, 40, 300};
    static const float bias[3] = {-60, -70, -130}, pixel[3] = {200, 50, 90};
    struct tensors t = with_conv0(matrix, bias);
    struct converted c = must_convert(&t, NULL);
    for (size_t o = 0; o < WIDTH; o++)
        for (size_t k = 0; k < KERNEL; k++) {
            double want = 0.0, got = 0.0;
            for (size_t j = 0; j < 3; j++) {
                double inner = bias[j];
                for (size_t i = 0; i < 3; i++)
                    inner += matrix[3 * j + i] * (double)pixel[i] / 255.0;
                want += value((o * 3 + j) * KERNEL + k) * inner;
                got += c.conv[0].kernel[(o * 3 + j) * KERNEL + k] * (pixel[j] - c.mean[j]);
            }
            assert_true(fabs(want - got) < 1e-4 * (fabs(want) + 1.0));
        }
    convert_clear(&c);
    static const float singular[9] = {1, 2, 3, 2, 4, 6, 0, 0, 1};
    t = with_conv0(singular, bias);
    assert_refused(&t, "its conv0 does not belong before a VGG-19");
}

/* ---- what is refused ---------------------------------------------------------------------- */

static void what_is_no_vgg19_is_refused_by_name(void **state)
{
    (void)state;
    struct tensors t = {.path = "net", .layout = TENSORS_OIHW};
    const size_t kernel[4] = {WIDTH, 3, 3, 3}, one = WIDTH, five[4] = {WIDTH, WIDTH, 5, 5};
    assert_refused(&t, "net holds none of VGG-19's convolutions");
    t = (struct tensors){.path = "net", .layout = TENSORS_OIHW};
    add(&t, "layer1.weight", 1, &one);
    assert_refused(&t, "holds none of VGG-19's convolutions, only layer1.weight");
    t = (struct tensors){.path = "net", .layout = TENSORS_OIHW};
    add(&t, "features.0.weight", 4, kernel);
    add(&t, "features.1.weight", 1, &one);
    assert_refused(&t, "has a tensor features.1.weight, so it is a VGG of other depth");
    t = (struct tensors){.path = "net", .layout = TENSORS_OIHW};
    add(&t, "conv1_1.weight", 4, kernel);
    assert_refused(&t, "net has no bias of conv1_1");
    t = (struct tensors){.path = "net", .layout = TENSORS_OIHW};
    add(&t, "conv1_1.weight", 4, kernel);
    add(&t, "conv1_1.bias", 1, &one);
    add(&t, "conv1_2.weight", 4, five);
    add(&t, "conv1_2.bias", 1, &one);
    assert_refused(&t,
                   "tensor conv1_2.weight is [2, 2, 5, 5] and should be a 3x3 convolution of 2");
    t = caffe();
    t.place[3][2][NAMES_BIAS]->values[1] = NAN;
    assert_refused(&t, "value 1 of tensor conv3_2.bias is not a finite number");
    t = caffe();
    t.layout = TENSORS_HWIO;
    assert_refused(&t, "has its kernels in Theano's order");
}

static void tensors_that_cannot_be_are_refused_before_they_take_memory(void **state)
{
    (void)state;
    struct tensors t = {.path = "net"};
    float *values = NULL;
    const size_t huge[4] = {32768, 32768, 3, 3}, over[2] = {SIZE_MAX, SIZE_MAX}, one = 1;
    assert_int_equal(tensors_add(&t, &values, "conv1_1.weight", 4, huge, &diag), STATUS_INPUT);
    assert_non_null(strstr(diag.text, "too large for a 3x3 convolution"));
    assert_int_equal(tensors_add(&t, &values, "conv1_1.weight", 2, over, &diag), STATUS_INPUT);
    assert_int_equal(tensors_add(&t, &values, "fc6.weight", 4, huge, &diag), STATUS_OK);
    assert_null(values);
    assert_int_equal(tensors_add(&t, &values, "conv1_1.bias", 1, &one, &diag), STATUS_OK);
    assert_int_equal(tensors_add(&t, &values, "conv11.bias", 1, &one, &diag), STATUS_INPUT);
    assert_non_null(strstr(diag.text, "conv1_1.bias and conv11.bias are both the same layer's"));
    tensors_clear(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_framework_s_names_are_known),
        cmocka_unit_test(other_names_are_left_out),
        cmocka_unit_test(kernels_come_out_as_out_in_height_width),
        cmocka_unit_test(transpose_swaps_height_and_width),
        cmocka_unit_test(the_input_follows_the_names),
        cmocka_unit_test(what_the_user_says_counts_more),
        cmocka_unit_test(a_conv0_that_only_turns_the_picture_round_is_its_input),
        cmocka_unit_test(any_other_conv0_is_folded),
        cmocka_unit_test(what_is_no_vgg19_is_refused_by_name),
        cmocka_unit_test(tensors_that_cannot_be_are_refused_before_they_take_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
