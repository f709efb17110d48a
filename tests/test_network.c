/*
 * test_network.c: networks by name and from files: widths, kernels for RGB whatever order, mean and
 * scale a file has, and files that hold no network.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/net/network.h"

#define MUST(call)                                                                               \
    do {                                                                                         \
        if ((call) != STATUS_OK)                                                                 \
            fail_msg("%s: %s", #call, diag.text);                                                \
    } while (0)

static struct diag diag;
static char path[4096];

static const char *const names[LAYER_COUNT] = {
#define X(block, index) "conv" #block "_" #index,
    LAYER_LIST(X)
#undef X
};

static int make_path(void **state)
{
    (void)state;
    const char *tmp = getenv("TMPDIR");
    snprintf(path, sizeof path, "%s/strata-network-XXXXXX", tmp ? tmp : "/tmp");
    int fd = mkstemp(path);
    return fd < 0 ? -1 : close(fd);
}

static int remove_path(void **state)
{
    (void)state;
    return unlink(path);
}

/* ---- files of our own --------------------------------------------------------------------- */

/* What is special about a file; zeroed, it holds a whole network without metadata. */
struct spec {
    const char *metadata; /* JSON */
    bool short_one;       /* ends with conv5_1 */
    const char *without;  /* this tensor is left out */
    const char *other;    /* this one has another shape, with n values */
    const char *shape;
    size_t n;
    float last; /* what ends conv1_1.weight, unless 0 */
};

static int width(int l)
{
    return 1 + (l + 1) % 3;
}

static float value(int l, size_t i)
{
    return (float)((37 * (size_t)l + i) % 19) - 9.0f;
}

struct writer {
    char header[8192], data[1 << 18];
    size_t text, bytes;
};

static void add(struct writer *w, const struct spec *spec, int l, const char *part,
                const char *shape, size_t n)
{
    char name[32];
    snprintf(name, sizeof name, "%s.%s", names[l], part);
    if (spec->without && strcmp(name, spec->without) == 0)
        return;
    if (spec->other && strcmp(name, spec->other) == 0) {
        shape = spec->shape;
        n = spec->n;
    }
    assert_true(w->bytes + n * sizeof(float) <= sizeof w->data);
    w->text += (size_t)snprintf(
        w->header + w->text, sizeof w->header - w->text,
        "%s\"%s\":{\"dtype\":\"F32\",\"shape\":%s,\"data_offsets\":[%zu,%zu]}",
        w->text > 1 ? "," : "", name, shape, w->bytes, w->bytes + n * sizeof(float));
    for (size_t i = 0; i < n; i++, w->bytes += sizeof(float)) {
        float v = value(l, i + (part[0] == 'b' ? 5 : 0));
        if (spec->last != 0.0f && l == 0 && part[0] == 'w' && i + 1 == n)
            v = spec->last;
        memcpy(w->data + w->bytes, &v, sizeof v);
    }
}

static void write_file(const struct spec *spec)
{
    static struct writer w;
    w.text = w.bytes = 0;
    w.text = (size_t)snprintf(w.header, sizeof w.header, "{%s%s",
                              spec->metadata ? "\"__metadata__\":" : "",
                              spec->metadata ? spec->metadata : "");
    for (int l = 0; l < LAYER_COUNT - spec->short_one; l++) {
        char shape[64];
        int in = l ? width(l - 1) : 3, out = width(l);
        snprintf(shape, sizeof shape, "[%d,%d,3,3]", out, in);
        add(&w, spec, l, "weight", shape, (size_t)(in * out * 9));
        snprintf(shape, sizeof shape, "[%d]", out);
        add(&w, spec, l, "bias", shape, (size_t)out);
    }
    w.header[w.text++] = '}';
    uint64_t length = w.text;
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    fwrite(&length, sizeof length, 1, f);
    fwrite(w.header, 1, w.text, f);
    fwrite(w.data, 1, w.bytes, f);
    assert_int_equal(fclose(f), 0);
}

static struct network *must_open(const struct spec *spec)
{
    struct network *n = NULL;
    write_file(spec);
    MUST(network_open(&n, path, &diag));
    return n;
}

static void assert_refused(const char *name, const char *said)
{
    struct network *n = NULL;
    enum status status = network_open(&n, name, &diag);
    if (status != STATUS_INPUT || !strstr(diag.text, said))
        fail_msg("%s: status %d, \"%s\", not \"%s\"", name, status, diag.text, said);
    assert_null(n);
}

static void assert_file_refused(const struct spec *spec, const char *said)
{
    write_file(spec);
    assert_refused(path, said);
    assert_non_null(strstr(diag.text, path));
}

/* ---- by name ------------------------------------------------------------------------------ */

static void layers_have_names_and_blocks(void **state)
{
    (void)state;
    assert_string_equal(layer_name(LAYER_RELU1_1), "relu1_1");
    assert_string_equal(layer_name(LAYER_RELU4_2), "relu4_2");
    assert_int_equal(layer_block(LAYER_RELU3_4), 3);
    assert_int_equal(layer_block(LAYER_RELU5_2), 5);
    for (int i = 0; i < STYLE_LAYER_COUNT; i++) {
        char name[32];
        snprintf(name, sizeof name, "relu%d_1", i + 1);
        assert_string_equal(layer_name(layer_style[i]), name);
    }
}

/* 3 channels in, and every layer fits the one before. */
static void assert_chain(const struct network *n)
{
    assert_int_equal(n->layer_count, LAYER_COUNT);
    for (int l = 0; l < LAYER_COUNT; l++)
        assert_int_equal(n->conv[l].in, l ? n->conv[l - 1].out : 3);
}

static void assert_widths(const struct network *n, const int widths[5])
{
    for (int l = 0; l < LAYER_COUNT; l++)
        assert_int_equal(n->conv[l].out, widths[layer_block((enum layer)l) - 1]);
}

static void the_built_in_network_is_whole(void **state)
{
    (void)state;
    struct network *n = NULL;
    MUST(network_open(&n, "strata16", &diag));
    assert_chain(n);
    assert_string_equal(n->name, "strata16");
    assert_non_null(strstr(n->source, "licence MIT"));
    assert_false(n->random);
    assert_true(n->mean[0] == 123.68f && n->mean[1] == 116.779f && n->mean[2] == 103.939f);
    network_close(&n);
    assert_null(n);
    network_close(&n);
}

/* The first values, computed by another program (Python) from the method's description. */
static void random_networks_are_he_s_and_the_same_everywhere(void **state)
{
    (void)state;
    static const float first[4] = {0.41888174f, -0.25438262f, 0.35842293f, -0.13705909f};
    struct network *n = NULL;
    MUST(network_open(&n, "random:16", &diag));
    assert_chain(n);
    assert_widths(n, (const int[]){16, 32, 64, 128, 128});
    assert_true(n->random);
    for (int i = 0; i < 4; i++)
        assert_true(fabsf(n->conv[0].kernel[i] - first[i]) < 1e-6f);
    for (int l = 0; l < LAYER_COUNT; l++) {
        const struct network_conv *conv = &n->conv[l];
        size_t count = (size_t)conv->in * (size_t)conv->out * 9;
        double square = 0.0;
        for (size_t i = 0; i < count; i++)
            square += (double)conv->kernel[i] * conv->kernel[i] / (double)count;
        for (int o = 0; o < conv->out; o++)
            assert_true(conv->bias[o] == 0.0f);
        assert_true(fabs(square * 9 * conv->in / 2.0 - 1.0) < 5.0 * sqrt(2.0 / (double)count));
    }
    network_close(&n);
}

static void random_networks_come_in_widths(void **state)
{
    (void)state;
    struct network *n = NULL;
    MUST(network_open(&n, "random:4", &diag));
    assert_chain(n);
    assert_widths(n, (const int[]){4, 8, 16, 32, 32});
    network_close(&n);
    MUST(network_open(&n, "random:vgg19", &diag));
    assert_chain(n);
    assert_widths(n, (const int[]){64, 128, 256, 512, 512});
    network_close(&n);
    static const char *const wrong[] = {
        "random:", "random:3", "random:65", "random:016", "random:16x", "random: 16", "random:-16",
        "random:+16", "random:16.0", "random:99999999999999999999", "random:vgg16"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_refused(wrong[i], "random networks are random:vgg19 and random:4 to random:64");
}

static void an_unknown_name_is_told_what_there_is(void **state)
{
    (void)state;
    static const char *const wrong[] = {"", "Strata16", "no/such/vgg19.safetensors"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_refused(wrong[i], "networks are strata16, random:vgg19, random:16, what `strata "
                                 "weights list` shows (`strata weights fetch vgg19` brings VGG-19) "
                                 "or a .safetensors");
    assert_refused("vgg19", "not here yet; `strata weights fetch vgg19` brings it");
    assert_refused("/dev/null", "/dev/null is a device or a pipe");
    assert_refused("/dev/null/x", "cannot read /dev/null/x: Not a directory");
}

/* ---- from files --------------------------------------------------------------------------- */

static void a_fetched_network_is_found_by_its_name(void **state)
{
    (void)state;
    char data[4200], place[4300];
    struct network *n = NULL;
    snprintf(data, sizeof data, "%s.d", path);
    setenv("XDG_DATA_HOME", data, 1);
    MUST(network_path(place, sizeof place, "mine", &diag));
    assert_non_null(strstr(place, ".d/strata/mine.safetensors"));
    assert_refused("mine", "there is no network and no file mine");
    write_file(&(struct spec){0});
    mkdir(data, 0700);
    snprintf(place, sizeof place, "%s/strata", data);
    mkdir(place, 0700);
    MUST(network_path(place, sizeof place, "mine", &diag));
    assert_int_equal(rename(path, place), 0);
    enum status status = network_open(&n, "mine", &diag);
    assert_int_equal(rename(place, path), 0);
    snprintf(place, sizeof place, "%s/strata", data);
    rmdir(place);
    rmdir(data);
    MUST(status);
    network_close(&n);
    setenv("XDG_DATA_HOME", "relative", 1); /* counts as not set */
    setenv("HOME", "/home/x", 1);
    MUST(network_path(place, sizeof place, "a", &diag));
    assert_string_equal(place, "/home/x/.local/share/strata/a.safetensors");
    unsetenv("HOME");
    assert_int_equal(network_path(place, sizeof place, "a", &diag), STATUS_INPUT);
    assert_true(network_is_name("vgg19") && !network_is_name("./vgg19") && !network_is_name("a.b"));
}

static void a_file_s_kernels_stand_as_they_are(void **state)
{
    (void)state;
    struct network *n = must_open(&(struct spec){0});
    assert_int_equal(n->layer_count, LAYER_COUNT);
    assert_string_equal(n->name, path);
    assert_string_equal(n->source, "of unknown origin, licence unknown");
    assert_false(n->random);
    assert_true(n->mean[0] == 123.68f && n->mean[1] == 116.779f && n->mean[2] == 103.939f);
    for (int l = 0; l < LAYER_COUNT; l++) {
        const struct network_conv *conv = &n->conv[l];
        assert_int_equal(conv->in, l ? width(l - 1) : 3);
        assert_int_equal(conv->out, width(l));
        for (int i = 0; i < 9 * conv->in * conv->out; i++)
            assert_true(conv->kernel[i] == value(l, (size_t)i));
        for (int i = 0; i < conv->out; i++)
            assert_true(conv->bias[i] == value(l, (size_t)i + 5));
    }
    network_close(&n);
}

static void a_network_may_end_with_conv5_1(void **state)
{
    (void)state;
    struct network *n = must_open(&(struct spec){.short_one = true});
    assert_int_equal(n->layer_count, LAYER_RELU5_1 + 1);
    assert_true(n->conv[LAYER_RELU5_1].bias[0] == value(LAYER_RELU5_1, 5));
    network_close(&n);
}

static void order_mean_and_scale_end_up_in_rgb(void **state)
{
    (void)state;
    static const struct {
        const char *metadata;
        int from[3]; /* the channel of the file that stands for R, G, B */
        float mean[3], scale[3];
    } cases[] = {
        {"{\"strata.order\":\"rgb\",\"strata.mean\":\"1,2.5,3\",\"strata.scale\":\"2,4,8\"}",
         {0, 1, 2}, {1.0f, 2.5f, 3.0f}, {2.0f, 4.0f, 8.0f}},
        {"{\"strata.order\":\"bgr\",\"strata.mean\":\"1, 2.5, 3\",\"strata.scale\":\"2,4,8\"}",
         {2, 1, 0}, {3.0f, 2.5f, 1.0f}, {8.0f, 4.0f, 2.0f}},
        {"{\"strata.order\":\"bgr\",\"strata.source\":\"S\",\"strata.licence\":\"L\"}",
         {2, 1, 0}, {123.68f, 116.779f, 103.939f}, {1.0f, 1.0f, 1.0f}},
        {"{\"strata.scale\":\"0.5,1e-2,1\",\"strata.mean\":\"0,255,1e2\"}",
         {0, 1, 2}, {0.0f, 255.0f, 100.0f}, {0.5f, 0.01f, 1.0f}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct network *n = must_open(&(struct spec){.metadata = cases[i].metadata});
        for (int c = 0; c < 3; c++) {
            assert_true(n->mean[c] == cases[i].mean[c]);
            for (int k = 0; k < 9 * width(0); k++) {
                int o = k / 9, at = (o * 3 + c) * 9 + k % 9;
                int from = (o * 3 + cases[i].from[c]) * 9 + k % 9;
                assert_true(n->conv[0].kernel[at] == value(0, (size_t)from) * cases[i].scale[c]);
            }
        }
        assert_true(n->conv[1].kernel[0] == value(1, 0) && n->conv[0].bias[0] == value(0, 5));
        if (i == 2)
            assert_string_equal(n->source, "S, licence L");
        network_close(&n);
    }
}

static void malformed_metadata_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *metadata, *said;
    } cases[] = {
        {"{\"strata.order\":\"RGB\"}", "strata.order is neither rgb nor bgr"},
        {"{\"strata.order\":\"\"}", "strata.order is neither rgb nor bgr"},
        {"{\"strata.order\":true}", "strata.order is no text"},
        {"{\"strata.mean\":\"\"}", "strata.mean must be three numbers from 0 to 255"},
        {"{\"strata.mean\":\"1,2\"}", "strata.mean must be three numbers"},
        {"{\"strata.mean\":\"1,2,3,4\"}", "strata.mean must be three numbers"},
        {"{\"strata.mean\":\"1 2 3\"}", "strata.mean must be three numbers"},
        {"{\"strata.mean\":\"1,2,nan\"}", "strata.mean must be three numbers"},
        {"{\"strata.mean\":\"1,2,inf\"}", "strata.mean must be three numbers"},
        {"{\"strata.mean\":\"1,2,1e300\"}", "strata.mean must be three numbers"},
        {"{\"strata.mean\":\"-1,2,3\"}", "strata.mean must be three numbers"},
        {"{\"strata.mean\":[1,2,3]}", "strata.mean is no text"},
        {"{\"strata.scale\":\"1,0,1\"}", "strata.scale must be three numbers from 1e-06 to"},
        {"{\"strata.scale\":\"1,1,1e999\"}", "strata.scale must be three numbers"},
        {"{\"strata.scale\":\"one\"}", "strata.scale must be three numbers"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_file_refused(&(struct spec){.metadata = cases[i].metadata}, cases[i].said);
    assert_file_refused(&(struct spec){.metadata = "{\"strata.scale\":\"1,1,1e6\"}", .last = 1e38f},
                        "strata.scale makes conv1_1.weight too large");
}

static void every_tensor_that_is_missing_is_named(void **state)
{
    (void)state;
    for (int l = 0; l < LAYER_COUNT; l++)
        for (int part = 0; part < 2; part++) {
            char name[32], said[64];
            bool optional = l == LAYER_RELU5_2 && part == 0;
            snprintf(name, sizeof name, "%s.%s", names[l], part ? "bias" : "weight");
            snprintf(said, sizeof said, "has no tensor %s;", name);
            if (!optional)
                assert_file_refused(&(struct spec){.without = name}, said);
        }
}

static void a_tensor_that_does_not_fit_is_named(void **state)
{
    (void)state;
    static const struct {
        const char *tensor, *shape;
        size_t n;
        const char *said;
    } cases[] = {
        {"conv1_1.weight", "[2,1,3,3]", 18, "conv1_1.weight must be [1 to 2048, 3, 3, 3]"},
        {"conv1_1.weight", "[2,3,3,3,1]", 54, "conv1_1.weight must be"},
        {"conv1_1.weight", "[54]", 54, "conv1_1.weight must be"},
        {"conv1_1.weight", "[0,3,3,3]", 0, "conv1_1.weight must be"},
        {"conv1_1.weight", "[2049,3,3,3]", 2049 * 27, "conv1_1.weight must be"},
        {"conv1_1.weight", "[2,3,1,3]", 18, "conv1_1.weight must be"},
        {"conv1_1.weight", "[2,3,3,1]", 18, "conv1_1.weight must be"},
        {"conv1_1.weight", "[2,3,5,5]", 150, "conv1_1.weight must be"},
        {"conv1_1.weight", "[3,3,3,3]", 81, "conv1_1.bias must be [3]"},
        {"conv1_2.weight", "[3,1,3,3]", 27, "conv1_2.weight must be [1 to 2048, 2, 3, 3]"},
        {"conv1_2.weight", "[1,2,3,3]", 18, "conv1_2.bias must be [1]"},
        {"conv3_3.bias", "[1]", 1, "conv3_3.bias must be [2]"},
        {"conv3_3.bias", "[2,1]", 2, "conv3_3.bias must be [2]"},
        {"conv3_3.bias", "[]", 1, "conv3_3.bias must be [2]"},
        {"conv5_2.weight", "[3,3,3,3]", 81, "conv5_2.weight must be"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_file_refused(&(struct spec){.other = cases[i].tensor, .shape = cases[i].shape,
                                           .n = cases[i].n},
                            cases[i].said);
}

static void a_weight_that_is_not_finite_is_named(void **state)
{
    (void)state;
    assert_file_refused(&(struct spec){.last = NAN},
                        "value 53 of tensor conv1_1.weight is not a finite number");
    assert_file_refused(&(struct spec){.last = -INFINITY}, "value 53 of tensor conv1_1.weight");
}

static void a_check_finds_what_the_header_tells(void **state)
{
    (void)state;
    MUST(network_check("strata16", &diag));
    MUST(network_check("random:16", &diag));
    assert_int_equal(network_check("random:3", &diag), STATUS_INPUT);
    assert_int_equal(network_check("no-such-network", &diag), STATUS_INPUT);
    write_file(&(struct spec){0});
    MUST(network_check(path, &diag));
    write_file(&(struct spec){.without = "conv3_2.bias"});
    assert_int_equal(network_check(path, &diag), STATUS_INPUT);
    assert_non_null(strstr(diag.text, "conv3_2.bias"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(layers_have_names_and_blocks),
        cmocka_unit_test(the_built_in_network_is_whole),
        cmocka_unit_test(random_networks_are_he_s_and_the_same_everywhere),
        cmocka_unit_test(random_networks_come_in_widths),
        cmocka_unit_test(an_unknown_name_is_told_what_there_is),
        cmocka_unit_test(a_fetched_network_is_found_by_its_name),
        cmocka_unit_test(a_file_s_kernels_stand_as_they_are),
        cmocka_unit_test(a_network_may_end_with_conv5_1),
        cmocka_unit_test(order_mean_and_scale_end_up_in_rgb),
        cmocka_unit_test(malformed_metadata_is_refused),
        cmocka_unit_test(every_tensor_that_is_missing_is_named),
        cmocka_unit_test(a_tensor_that_does_not_fit_is_named),
        cmocka_unit_test(a_weight_that_is_not_finite_is_named),
        cmocka_unit_test(a_check_finds_what_the_header_tells),
    };
    return cmocka_run_group_tests(tests, make_path, remove_path);
}
