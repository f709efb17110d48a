/*
 * test_snapshot.c: sizes that fit, bytes from planes, curves that stay short.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "engine/base/random.h"
#include "engine/worker/snapshot.h"

static void a_preview_fits_keeps_the_aspect_and_is_never_enlarged(void **state)
{
    (void)state;
    static const int cases[][6] = {
        /* picture, room, size */
        {512, 320, 400, 400, 400, 250}, {512, 320, 400, 100, 160, 100},
        {512, 320, 900, 900, 512, 320}, {10000, 1, 100, 100, 100, 1},
        {1, 10000, 100, 100, 1, 100},   {640, 480, 1, 1, 1, 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const int *c = cases[i];
        int width, height;
        snapshot_fit(&width, &height, c[0], c[1], c[2], c[3]);
        assert_int_equal(width, c[4]);
        assert_int_equal(height, c[5]);
    }
}

static void any_size_fits_any_room(void **state)
{
    (void)state;
    struct random random;
    random_seed(&random, 1);
    for (int i = 0; i < 10000; i++) {
        int n[4], width, height;
        for (int k = 0; k < 4; k++)
            n[k] = 1 + (int)(random_u64(&random) % (random_u64(&random) % 2 ? 16384 : 20));
        snapshot_fit(&width, &height, n[0], n[1], n[2], n[3]);
        assert_in_range(width, 1, n[0] < n[2] ? n[0] : n[2]);
        assert_in_range(height, 1, n[1] < n[3] ? n[1] : n[3]);
    }
}

static void any_window_shows_a_part_that_exists(void **state)
{
    (void)state;
    struct random random;
    random_seed(&random, 2);
    for (int i = 0; i < 10000; i++) {
        int n[4];
        for (int k = 0; k < 4; k++)
            n[k] = 1 + (int)(random_u64(&random) % (random_u64(&random) % 2 ? 16384 : 20));
        struct snapshot_window window = {.width = n[2], .height = n[3],
                                         .zoom = (int)(random_u64(&random) % 10),
                                         .x = random_uniform(&random),
                                         .y = random_uniform(&random)};
        struct snapshot_part p = snapshot_find_part(&window, n[0], n[1]);
        assert_in_range(p.width, 1, n[0]);
        assert_in_range(p.height, 1, n[1]);
        assert_in_range(p.left, 0, n[0] - p.width);
        assert_in_range(p.top, 0, n[1] - p.height);
        int least = window.zoom > 0 ? window.zoom : 1; /* one pixel at least */
        assert_in_range(p.to_width * least, 1, n[2] > least ? n[2] : least);
        assert_in_range(p.to_height * least, 1, n[3] > least ? n[3] : least);
    }
}

static void bytes_are_rounded_and_clamped(void **state)
{
    (void)state;
    float rgb[] = {-7.0f, 300.0f, 0.49f, 0.51f, 254.4f, 254.6f}; /* R R G G B B */
    static const unsigned char expected[] = {0, 0, 254, 255, 1, 255};
    struct image image = {2, 1, rgb, NULL};
    struct snapshot_picture picture;
    assert_int_equal(snapshot_picture_set(&picture, &image, 0, NULL), STATUS_OK);
    assert_memory_equal(picture.rgb, expected, sizeof expected);
    snapshot_picture_clear(&picture);
    assert_null(picture.rgb);
}

static void a_curve_keeps_its_shape_in_bounded_room(void **state)
{
    (void)state;
    static struct snapshot_curve curve;
    for (int i = 0; i < 100000; i++) {
        struct losses losses = {.total = i};
        snapshot_curve_add(&curve, i, &losses);
        assert_in_range(curve.count, 1, SNAPSHOT_POINTS);
        assert_true((curve.count - 1) * curve.stride + curve.stride > i);
    }
    assert_in_range(curve.count, SNAPSHOT_POINTS / 2, SNAPSHOT_POINTS);
    for (int i = 0; i < curve.count; i++)
        assert_true(curve.point[i].total == i * curve.stride);
}

static void a_curve_that_was_cut_goes_on(void **state)
{
    (void)state;
    static struct snapshot_curve curve;
    for (int i = 0; i < 3000; i++)
        snapshot_curve_add(&curve, i, &(struct losses){.total = i});
    snapshot_curve_cut(&curve, 1001);
    assert_true((curve.count - 1) * curve.stride <= 1000);
    for (int i = 1001; i < 3000; i++)
        snapshot_curve_add(&curve, i, &(struct losses){.total = -i});
    for (int i = 0; i < curve.count; i++) {
        int at = i * curve.stride;
        assert_true(curve.point[i].total == (at < 1001 ? at : -at));
    }
    snapshot_curve_cut(&curve, 0);
    assert_int_equal(curve.count, 0);
    snapshot_curve_add(&curve, 0, &(struct losses){.total = 5});
    assert_int_equal(curve.count, 1);
    assert_int_equal(curve.stride, 1);
}

static void freeing_frees_what_it_holds_and_nothing_twice(void **state)
{
    (void)state;
    float rgb[3] = {1.0f, 2.0f, 3.0f};
    struct image image = {1, 1, rgb, NULL};
    struct snapshot *snapshot = snapshot_new();
    assert_int_equal(snapshot_picture_set(&snapshot->preview, &image, 2, NULL), STATUS_OK);
    snapshot_free(&snapshot);
    assert_null(snapshot);
    snapshot_free(&snapshot);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_preview_fits_keeps_the_aspect_and_is_never_enlarged),
        cmocka_unit_test(any_size_fits_any_room),
        cmocka_unit_test(any_window_shows_a_part_that_exists),
        cmocka_unit_test(bytes_are_rounded_and_clamped),
        cmocka_unit_test(a_curve_keeps_its_shape_in_bounded_room),
        cmocka_unit_test(a_curve_that_was_cut_goes_on),
        cmocka_unit_test(freeing_frees_what_it_holds_and_nothing_twice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
