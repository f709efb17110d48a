/*
 * test_image.c: pictures read, resized, cropped and recoloured, against what Pillow makes of the
 * same files and numbers (tests/ref/images, from make_image_reference.py).
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "engine/image/image.h"
#include "engine/base/mem.h"
#include "tests/lib/image.h"

enum { W = 9, H = 7, N = W * H };

static struct diag diag;

#define MUST(call) assert_int_equal((call), STATUS_OK)

static const char *reference(const char *name, const char *ending)
{
    static char text[200];
    snprintf(text, sizeof text, "tests/ref/images/%s%s", name, ending);
    return text;
}

static unsigned char *load(const char *name, const char *ending, size_t expected)
{
    unsigned char *data;
    size_t size;
    MUST(file_read(&data, &size, reference(name, ending), 1 << 20, &diag));
    assert_int_equal(size, expected);
    return data;
}

static struct image from_bytes(const unsigned char *rgb, int width, int height)
{
    struct image image;
    MUST(image_init(&image, width, height, &diag));
    size_t n = (size_t)width * (size_t)height;
    for (size_t i = 0; i < 3 * n; i++)
        image.rgb[i % 3 * n + i / 3] = rgb[i];
    return image;
}

/* The largest difference between image and bytes, step of them a pixel, laid over white. */
static double distance(const struct image *image, const unsigned char *bytes, size_t step)
{
    size_t n = (size_t)image->width * (size_t)image->height;
    double most = 0.0;
    for (size_t i = 0; i < 3 * n; i++) {
        const unsigned char *p = bytes + i % n * step;
        double a = step == 4 ? p[3] / 255.0 : 1.0;
        most = fmax(most, fabs(image->rgb[i] - (a * p[i / n] + (1.0 - a) * 255.0)));
    }
    return most;
}

/* Reading */

static void check_png(const char *file, const char *pixels, double tolerance)
{
    struct image image;
    int width, height;
    unsigned char *expected = load(pixels, ".rgba", 4 * N);
    bool opaque = true;
    MUST(image_read(&image, reference(file, ".png"), &diag));
    MUST(image_probe(&width, &height, reference(file, ".png"), &diag));
    assert_true(width == W && height == H && image.width == W && image.height == H);
    if (distance(&image, expected, 4) > tolerance)
        fail_msg("%s differs by %f", file, distance(&image, expected, 4));
    for (size_t i = 0; i < N; i++)
        opaque = opaque && expected[4 * i + 3] == 255;
    assert_int_equal(image.alpha == NULL, opaque);
    for (size_t i = 0; i < N && !opaque; i++)
        assert_true(image.alpha[i] == expected[4 * i + 3]);
    image_clear(&image);
    mem_free(expected);
}

static void every_kind_of_png_is_read_as_pillow_reads_it(void **state)
{
    (void)state;
    static const char *const names[] = {
        "grey1",    "grey2",    "grey4",    "grey8", "grey16", "palette1",   "palette2",
        "palette4", "palette8", "rgb8",     "rgb16", "rgba8",  "rgba16",     "greyalpha8",
        "greyalpha16",
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char interlaced[40];
        snprintf(interlaced, sizeof interlaced, "%s-adam7", names[i]);
        check_png(names[i], names[i], 1e-3);
        check_png(interlaced, names[i], 1e-3);
    }
    check_png("grey2-trns", "grey2-trns", 1e-3);
    check_png("rgb8-trns", "rgb8-trns", 1e-3);
    check_png("palette2-trns", "palette2-trns", 1e-3);
    check_png("opaque", "opaque", 1e-3);
}

static void a_gamma_chunk_of_the_usual_kind_shifts_no_colour(void **state)
{
    (void)state;
    check_png("gamma8", "gamma8", 1e-3);
    check_png("srgb8", "srgb8", 1e-3);
    check_png("gamma16", "gamma16", 1e-3);
}

static void check_jpeg(const char *file, const char *pixels, int w, int h, double tolerance)
{
    struct image image;
    int width, height;
    unsigned char *expected = load(pixels, ".rgb", (size_t)(3 * w * h));
    MUST(image_read(&image, reference(file, ".jpg"), &diag));
    MUST(image_probe(&width, &height, reference(file, ".jpg"), &diag));
    assert_true(width == w && height == h && image.width == w && image.height == h);
    assert_null(image.alpha);
    if (distance(&image, expected, 3) > tolerance)
        fail_msg("%s differs by %f", file, distance(&image, expected, 3));
    image_clear(&image);
    mem_free(expected);
}

static void every_kind_of_jpeg_is_read_as_pillow_reads_it(void **state)
{
    (void)state;
    static const char *const names[] = {
        "jpeg-grey", "jpeg-444", "jpeg-422", "jpeg-420", "jpeg-progressive", "jpeg-rgb",
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        check_jpeg(names[i], names[i], 19, 13, 1.0); /* another build may round otherwise */
    check_jpeg("jpeg-cmyk", "jpeg-cmyk", 19, 13, 1.5);
    check_jpeg("jpeg-ycck", "jpeg-ycck", 19, 13, 1.5);
    check_jpeg("jpeg-odd", "jpeg-odd", 16, 8, 1.0);
}

static void all_eight_orientations_come_out_upright(void **state)
{
    (void)state;
    for (int i = 1; i <= 8; i++) {
        char name[20];
        snprintf(name, sizeof name, "jpeg-turn%d", i);
        check_jpeg(name, name, i < 5 ? 19 : 13, i < 5 ? 13 : 19, 1.0);
    }
}

static void stray_bytes_between_segments_do_no_harm(void **state)
{
    (void)state;
    check_jpeg("jpeg-stray", "jpeg-444", 19, 13, 1.0);
}

static void check_webp(const char *file, int w, int h, double tolerance)
{
    struct image image;
    int width, height;
    unsigned char *expected = load(file, ".rgba", (size_t)(4 * w * h));
    bool clear = strstr(file, "alpha") != NULL;
    MUST(image_read(&image, reference(file, ".webp"), &diag));
    MUST(image_probe(&width, &height, reference(file, ".webp"), &diag));
    assert_true(width == w && height == h && image.width == w && image.height == h);
    if (distance(&image, expected, 4) > tolerance)
        fail_msg("%s differs by %f", file, distance(&image, expected, 4));
    assert_int_equal(image.alpha != NULL, clear);
    for (int i = 0; i < w * h && clear; i++)
        assert_true(image.alpha[i] == expected[4 * i + 3]);
    image_clear(&image);
    mem_free(expected);
}

static void every_kind_of_webp_is_read_as_pillow_reads_it(void **state)
{
    (void)state;
    check_webp("webp-lossy", 19, 13, 1.0);
    check_webp("webp-lossless", 19, 13, 1e-3);
    check_webp("webp-alpha", 19, 13, 1.0);
    check_webp("webp-alpha-lossless", 19, 13, 1e-3);
    for (int i = 1; i <= 8; i++) {
        char name[20];
        snprintf(name, sizeof name, "webp-turn%d", i);
        check_webp(name, i < 5 ? 19 : 13, i < 5 ? 13 : 19, 1e-3);
    }
}

static void an_animation_is_told_from_a_picture(void **state)
{
    (void)state;
    struct image image;
    assert_int_equal(image_read(&image, reference("webp-animated", ".webp"), &diag), STATUS_INPUT);
    assert_non_null(strstr(diag.text, "is an animation; save one of its pictures"));
}

/* Arithmetic */

static const int sizes[][2] = {{80, 61}, {11, 9}, {37, 9}, {150, 7}, {5, 90}, {1, 1}, {38, 30}};

static void resizing_agrees_with_pillow(void **state)
{
    (void)state;
    enum { FROM = 37 * 29 };
    unsigned char *plane = load("resize-37x29", ".u8", FROM);
    struct image image;
    MUST(image_init(&image, 37, 29, &diag));
    MUST(mem_big(&image.alpha, FROM * sizeof(float), "a test", &diag));
    for (int i = 0; i < FROM; i++) {
        image.rgb[i + FROM] = plane[i];
        image.alpha[i] = plane[i];
    }
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        char name[40];
        int w = sizes[i][0], h = sizes[i][1];
        size_t n = (size_t)(w * h);
        snprintf(name, sizeof name, "resize-%dx%d", w, h);
        unsigned char *bytes = load(name, ".u8", n), *words = load(name, ".f32", 4 * n);
        struct image out;
        MUST(image_resize(&out, &image, w, h, &diag));
        assert_true(out.width == w && out.height == h);
        for (size_t k = 0; k < n; k++) {
            float exact;
            memcpy(&exact, words + 4 * k, 4);
            assert_true(fabs(out.rgb[n + k] - fmin(fmax(exact, 0.0), 255.0)) < 1e-3);
            assert_true(fabs(rint(out.rgb[n + k]) - bytes[k]) <= 1.0);
            assert_true(out.alpha[k] == out.rgb[n + k]);
            assert_true(out.rgb[k] == 0.0f && out.rgb[2 * n + k] == 0.0f);
        }
        image_clear(&out);
        mem_free(bytes);
        mem_free(words);
    }
    image_clear(&image);
    mem_free(plane);
}

static void resizing_to_the_same_size_changes_nothing_but_the_range(void **state)
{
    (void)state;
    struct image image, out;
    MUST(image_init(&image, 31, 17, &diag));
    for (int i = 0; i < 3 * 31 * 17; i++)
        image.rgb[i] = (float)(i * 7919 % 256);
    image.rgb[40] = 300.0f;
    image.rgb[41] = -7.0f;
    MUST(image_resize(&out, &image, 31, 17, &diag));
    image.rgb[40] = 255.0f;
    image.rgb[41] = 0.0f;
    assert_memory_equal(out.rgb, image.rgb, 3 * 31 * 17 * sizeof(float));
    image_clear(&out);
    assert_int_equal(image_resize(&out, &image, 0, 17, &diag), STATUS_RANGE);
    image_clear(&image);
}

static void clearing_leaves_an_empty_picture(void **state)
{
    (void)state;
    struct image image;
    MUST(image_init(&image, 3, 2, &diag));
    image_clear(&image);
    assert_null(image.rgb);
    image_clear(&image);
    image_clear(NULL);
}

/* Y'CbCr of JFIF and back, in double. */
static double kept(const unsigned char *painted, const unsigned char *content, int channel)
{
    double y = 0.299 * painted[0] + 0.587 * painted[1] + 0.114 * painted[2];
    const unsigned char *c = content;
    double cb = -0.168736 * c[0] - 0.331264 * c[1] + 0.5 * c[2];
    double cr = 0.5 * c[0] - 0.418688 * c[1] - 0.081312 * c[2];
    double v = channel == 0   ? y + 1.402 * cr
               : channel == 1 ? y - 0.344136 * cb - 0.714136 * cr
                              : y + 1.772 * cb;
    return fmin(fmax(v, 0.0), 255.0);
}

static void kept_colours_follow_jfif_and_pillow(void **state)
{
    (void)state;
    unsigned char *a = load("painted", ".rgb", 3 * N), *b = load("content", ".rgb", 3 * N);
    unsigned char *expected = load("kept", ".rgb", 3 * N);
    struct image painted = from_bytes(a, W, H), content = from_bytes(b, W, H);
    image_keep_colours(&painted, &content);
    for (int i = 0; i < 3 * N; i++)
        assert_true(fabs(painted.rgb[i] - kept(a + i % N * 3, b + i % N * 3, i / N)) < 1e-2);
    /* Pillow cuts off fractions on the way there and on the way back. */
    assert_true(distance(&painted, expected, 3) <= 3.5);
    image_clear(&painted);
    image_clear(&content);
    mem_free(a);
    mem_free(b);
    mem_free(expected);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_of_png_is_read_as_pillow_reads_it),
        cmocka_unit_test(a_gamma_chunk_of_the_usual_kind_shifts_no_colour),
        cmocka_unit_test(every_kind_of_jpeg_is_read_as_pillow_reads_it),
        cmocka_unit_test(all_eight_orientations_come_out_upright),
        cmocka_unit_test(stray_bytes_between_segments_do_no_harm),
        cmocka_unit_test(every_kind_of_webp_is_read_as_pillow_reads_it),
        cmocka_unit_test(an_animation_is_told_from_a_picture),
        cmocka_unit_test(resizing_agrees_with_pillow),
        cmocka_unit_test(resizing_to_the_same_size_changes_nothing_but_the_range),
        cmocka_unit_test(clearing_leaves_an_empty_picture),
        cmocka_unit_test(kept_colours_follow_jfif_and_pillow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
