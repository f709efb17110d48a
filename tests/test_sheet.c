/* test_sheet.c: contact sheets: where pictures and words stand, which words there are. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "engine/base/mem.h"
#include "engine/image/sheet.h"
#include "tests/lib/diag.h"
#include "tests/lib/folder.h"

static struct image read_back(struct sheet *sheet)
{
    struct image image = {0};
    assert_int_equal(sheet_write(sheet, in_folder("s.png"), &diag), STATUS_OK);
    assert_int_equal(sheet_read(&image, in_folder("s.png"), 100000, 100000, &diag), STATUS_OK);
    unlink(in_folder("s.png"));
    return image;
}

/* How many pixels there are of that red, green and blue; *left, *top: of the first. */
static int count(const struct image *image, float r, float g, float b, int *left, int *top)
{
    int found = 0;
    size_t plane = (size_t)image->width * (size_t)image->height;
    for (size_t i = 0; i < plane; i++) {
        if (image->rgb[i] != r || image->rgb[plane + i] != g || image->rgb[2 * plane + i] != b)
            continue;
        if (found++ == 0) {
            *left = (int)(i % (size_t)image->width);
            *top = (int)(i / (size_t)image->width);
        }
    }
    return found;
}

static struct image plain(int width, int height, float r, float g, float b)
{
    struct image image = {0};
    const float value[] = {r, g, b};
    assert_int_equal(image_init(&image, width, height, &diag), STATUS_OK);
    size_t plane = (size_t)width * (size_t)height;
    for (size_t i = 0; i < 3 * plane; i++)
        image.rgb[i] = value[i / plane];
    return image;
}

static void pictures_stand_in_the_middle_of_their_boxes(void **state)
{
    (void)state;
    static const char *const columns[] = {"a", "b"}, *const rows[] = {"c", "d"};
    struct sheet *sheet;
    struct sheet_spec spec = {.columns = 2, .count = 4, .width = 60, .height = 40,
                              .column = columns, .row = rows, .title = "title"};
    struct image red = plain(60, 40, 255, 0, 0), green = plain(30, 20, 0, 255, 0);
    int left[2], top[2];
    assert_int_equal(sheet_open(&sheet, &spec, &diag), STATUS_OK);
    sheet_put(sheet, 0, &red, "", "");
    sheet_put(sheet, 3, &green, "", "");
    sheet_put(sheet, 1, NULL, "", "");
    struct image all = read_back(sheet);
    assert_int_equal(count(&all, 255, 0, 0, &left[0], &top[0]), 60 * 40);
    assert_int_equal(count(&all, 0, 255, 0, &left[1], &top[1]), 30 * 20);
    assert_true(left[1] - left[0] > 60 + 15 && top[1] - top[0] > 40 + 10);
    assert_int_equal(count(&all, 208, 208, 208, &left[1], &top[1]), 60 * 40);
    assert_true(left[1] > left[0] + 60 && top[1] == top[0]);
    image_clear(&all);
    image_clear(&red);
    image_clear(&green);
    sheet_close(&sheet);
}

/* The pixels of a sheet with one caption and nothing else. */
static struct image with_caption(const char *caption)
{
    struct sheet *sheet;
    struct sheet_spec spec = {.columns = 1, .count = 1, .width = 120, .height = 8, .lines = 3};
    assert_int_equal(sheet_open(&sheet, &spec, &diag), STATUS_OK);
    sheet_put(sheet, 0, NULL, caption, "");
    struct image image = read_back(sheet);
    sheet_close(&sheet);
    return image;
}

static bool same(const char *a, const char *b)
{
    struct image x = with_caption(a), y = with_caption(b);
    size_t n = 3 * (size_t)x.width * (size_t)x.height;
    bool equal = memcmp(x.rgb, y.rgb, n * sizeof(float)) == 0;
    image_clear(&x);
    image_clear(&y);
    return equal;
}

static void every_letter_has_a_form_of_its_own(void **state)
{
    (void)state;
    enum { LETTERS = '~' - ' ' + 1 };
    struct image all[LETTERS];
    for (int i = 0; i < LETTERS; i++)
        all[i] = with_caption((char[]){(char)(' ' + i), 0});
    size_t size = 3 * (size_t)all[0].width * (size_t)all[0].height * sizeof(float);
    for (int i = 0; i < LETTERS; i++)
        for (int k = 0; k < i; k++)
            if (memcmp(all[i].rgb, all[k].rgb, size) == 0)
                fail_msg("%c looks like %c", ' ' + i, ' ' + k);
    for (int i = 0; i < LETTERS; i++)
        image_clear(&all[i]);
    assert_true(same("na\xc3\xafve", "na?ve"));
    assert_true(same("\xff", "?"));
}

static void long_captions_are_broken(void **state)
{
    (void)state;
    assert_int_equal(sheet_lines("", 120), 0);
    assert_int_equal(sheet_lines("0123456789", 120), 1);
    assert_int_equal(sheet_lines("01234567890", 120), 2);
    assert_int_equal(sheet_lines("weight 0.5, a style", 120), 3);
    assert_int_equal(sheet_lines("relu3_1.weight 0.5", 120), 2);
    struct image all = with_caption("a caption that is much too long for its three lines of ten");
    int left, top, letters = count(&all, 0, 0, 0, &left, &top);
    assert_true(letters > 300 && letters < 3 * 10 * 45 * 4);
    image_clear(&all);
}

static void what_is_too_large_is_refused(void **state)
{
    (void)state;
    struct sheet *sheet = NULL;
    struct sheet_spec spec = {.columns = 100, .count = 10000, .width = 256, .height = 256};
    assert_int_equal(sheet_open(&sheet, &spec, &diag), STATUS_RANGE);
    assert_null(sheet);
}

static void pictures_are_made_to_fit_and_never_enlarged(void **state)
{
    (void)state;
    struct image wide = plain(400, 100, 9, 9, 9), small = {0};
    assert_int_equal(image_write(&wide, in_folder("w.png"), NULL, FILE_KEEP, &diag), STATUS_OK);
    assert_int_equal(sheet_read(&small, in_folder("w.png"), 200, 200, &diag), STATUS_OK);
    assert_true(small.width == 200 && small.height == 50);
    image_clear(&small);
    assert_int_equal(sheet_read(&small, in_folder("w.png"), 900, 900, &diag), STATUS_OK);
    assert_true(small.width == 400 && small.height == 100);
    image_clear(&small);
    image_clear(&wide);
    unlink(in_folder("w.png"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pictures_stand_in_the_middle_of_their_boxes),
        cmocka_unit_test(every_letter_has_a_form_of_its_own),
        cmocka_unit_test(long_captions_are_broken),
        cmocka_unit_test(what_is_too_large_is_refused),
        cmocka_unit_test(pictures_are_made_to_fit_and_never_enlarged),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
