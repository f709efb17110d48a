/*
 * test_thumbnails.c: pictures for the screen are read beside a run, so that they take little memory
 * or are not read at all.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/lib/bomb.h"
#include "tests/lib/folder.h"
#include "tests/lib/thumbnail.h"

enum { MB = 1 << 20 };

static const struct png_kind photo = {8000, 6000, 8, 2, 0}, woven = {11585, 11585, 16, 6, 1};

static char path[400];

static const char *own(const char *name)
{
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static bool shows(void *said)
{
    struct thumbnails *g = thumbnail_open();
    const struct snapshot_picture *picture;
    const char *problem;
    bool right = g && thumbnail_get(g, path, &picture, &problem);
    if (said)
        right = right && problem && strcmp(problem, said) == 0;
    else
        right = right && picture && picture->width == 40 && picture->height == 30 &&
                picture->rgb[0] == 90;
    thumbnail_close(&g);
    return right;
}

static void a_large_picture_is_shown_in_little_memory(void **state)
{
    (void)state;
    bomb_png(own("photo.png"), photo, 90, NULL);
    size_t peak = bomb_peak(shows, NULL);
    unlink(path);
    assert_in_range(peak, 1, 300 * MB);
}

static void a_picture_that_takes_much_is_not_read_but_said_to_be_too_large(void **state)
{
    (void)state;
    bomb_png(own("woven.png"), woven, 200, NULL);
    size_t peak = bomb_peak(shows, "11585×11585, too large to preview");
    unlink(path);
    assert_in_range(peak, 1, 300 * MB);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_large_picture_is_shown_in_little_memory),
        cmocka_unit_test(a_picture_that_takes_much_is_not_read_but_said_to_be_too_large),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
