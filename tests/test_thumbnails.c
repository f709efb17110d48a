/*
 * test_thumbnails.c: pictures for the screen are read beside a run, so that they take little memory
 * or are not read at all.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <poll.h>

#include "tui/desk/thumbnails.h"
#include "tests/lib/bomb.h"
#include "tests/lib/folder.h"

enum { MB = 1 << 20, PATIENCE = 60000 };

static const struct png_kind photo = {8000, 6000, 8, 2, 0}, woven = {11585, 11585, 16, 6, 1};

static char path[400];

static const char *own(const char *name)
{
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static int ends[2];

static void wake(void *context)
{
    (void)context;
    if (write(ends[1], "", 1) != 1)
        abort();
}

/* Asks for the picture and waits until it or a problem has come. */
static bool get(struct thumbnails *g, const struct snapshot_picture **picture, const char **problem)
{
    struct pollfd come = {.fd = ends[0], .events = POLLIN};
    char byte;
    for (int i = 0; i < 3; i++) {
        *picture = thumbnails_get(g, path, 40, 30, problem);
        if (*picture || *problem)
            return true;
        if (poll(&come, 1, PATIENCE) != 1 || read(ends[0], &byte, 1) != 1)
            return false;
    }
    return false;
}

static bool shows(void *said)
{
    struct thumbnails *g;
    const struct snapshot_picture *picture;
    const char *problem;
    if (pipe(ends) != 0 || thumbnails_open(&g, wake, NULL, NULL) != STATUS_OK)
        return false;
    bool right = get(g, &picture, &problem);
    if (said)
        right = right && problem && strcmp(problem, said) == 0;
    else
        right = right && picture && picture->width == 40 && picture->height == 30 &&
                picture->rgb[0] == 90;
    thumbnails_close(&g);
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
