/* test_thumbnails_thread.c: the thread that decodes pictures for the screen, with real ones. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "tui/desk/thumbnails.h"

enum { PATIENCE = 60000 };

static const char *path;

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

/* The threads of this process, and how many of them give way to others. */
static int count_threads(int *nice)
{
    DIR *tasks = opendir("/proc/self/task");
    int count = 0;
    *nice = 0;
    assert_non_null(tasks);
    for (struct dirent *d; (d = readdir(tasks));)
        if (d->d_name[0] != '.') {
            count++;
            *nice += getpriority(PRIO_PROCESS, (id_t)atoi(d->d_name)) > 0;
        }
    closedir(tasks);
    return count;
}

static void one_thread_decodes_and_gives_way_to_others(void **state)
{
    struct thumbnails *g = NULL;
    const struct snapshot_picture *picture;
    const char *problem;
    int nice_before, nice;
    (void)state;
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(thumbnails_open(&g, wake, NULL, NULL), STATUS_OK);
    thumbnails_close(&g); /* a sanitizer starts a thread of its own beside the first */
    int before = count_threads(&nice_before);
    assert_int_equal(thumbnails_open(&g, wake, NULL, NULL), STATUS_OK);
    path = "assets/coast.jpg";
    assert_true(get(g, &picture, &problem));
    assert_non_null(picture);
    int threads = count_threads(&nice);
    thumbnails_close(&g);
    assert_int_equal(threads, before + 1);
    assert_int_equal(nice, nice_before + 1);
}

static void pictures_follow_each_other_and_a_missing_one_is_a_problem(void **state)
{
    static const char *const paths[] = {"assets/coast.jpg", "assets/glass.jpg", "assets/night.jpg",
                                        "assets/coast.jpg"};
    struct thumbnails *g = NULL;
    const struct snapshot_picture *picture;
    const char *problem;
    (void)state;
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(thumbnails_open(&g, wake, NULL, NULL), STATUS_OK);
    for (int i = 0; i < 4; i++) {
        path = paths[i];
        assert_true(get(g, &picture, &problem));
        assert_non_null(picture);
    }
    path = "assets/no-such-picture.png";
    assert_true(get(g, &picture, &problem));
    assert_null(picture);
    assert_non_null(problem);
    thumbnails_get(g, "assets/dots.jpg", 40, 30, &problem); /* is under way at the end */
    thumbnails_close(&g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_thread_decodes_and_gives_way_to_others),
        cmocka_unit_test(pictures_follow_each_other_and_a_missing_one_is_a_problem),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
