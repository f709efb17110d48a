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

#include "engine/base/file.h"
#include "engine/base/mem.h"
#include "tests/lib/folder.h"
#include "tests/lib/thumbnail.h"

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

static const struct snapshot_window window = {.width = 40, .height = 30};

static void one_thread_decodes_and_gives_way_to_others(void **state)
{
    struct thumbnails *g = thumbnail_open();
    const struct snapshot_picture *picture;
    const char *problem;
    int nice_before, nice;
    (void)state;
    assert_non_null(g);
    thumbnail_close(&g); /* a sanitizer starts a thread of its own beside the first */
    int before = count_threads(&nice_before);
    g = thumbnail_open();
    assert_non_null(g);
    assert_true(thumbnail_get(g, "assets/coast.jpg", &picture, &problem));
    assert_non_null(picture);
    int threads = count_threads(&nice);
    thumbnail_close(&g);
    assert_int_equal(threads, before + 1);
    assert_int_equal(nice, nice_before + 1);
}

static void pictures_follow_each_other_and_a_missing_one_is_a_problem(void **state)
{
    static const char *const paths[] = {"assets/coast.jpg", "assets/glass.jpg", "assets/night.jpg",
                                        "assets/coast.jpg"};
    struct thumbnails *g = thumbnail_open();
    const struct snapshot_picture *picture;
    const char *problem;
    (void)state;
    assert_non_null(g);
    for (int i = 0; i < 4; i++) {
        assert_true(thumbnail_get(g, paths[i], &picture, &problem));
        assert_non_null(picture);
    }
    assert_true(thumbnail_get(g, "assets/no-such-picture.png", &picture, &problem));
    assert_null(picture);
    assert_non_null(problem);
    thumbnails_begin(g);
    thumbnails_get(g, "assets/dots.jpg", &window, &problem); /* is under way at the end */
    thumbnails_end(g);
    thumbnail_close(&g);
}

static void copy(const char *to, const char *from)
{
    unsigned char *bytes;
    size_t size;
    assert_int_equal(file_read(&bytes, &size, from, 1 << 24, NULL), STATUS_OK);
    assert_int_equal(file_write(to, bytes, size, FILE_OVERWRITE, NULL), STATUS_OK);
    mem_free(bytes);
}

static void a_file_that_has_changed_is_read_anew(void **state)
{
    struct thumbnails *g = thumbnail_open();
    const struct snapshot_picture *picture;
    const char *problem, *path = in_folder("x.jpg");
    unsigned char before[3];
    (void)state;
    copy(path, "assets/glass.jpg");
    assert_true(thumbnail_get(g, path, &picture, &problem));
    memcpy(before, picture->rgb, 3);
    copy(path, "assets/coast.jpg");
    for (int i = 0; i < 600; i++) { /* it is looked at once a second */
        thumbnails_begin(g);
        picture = thumbnails_get(g, path, &window, &problem);
        thumbnails_end(g);
        assert_non_null(picture);
        if (memcmp(picture->rgb, before, 3) != 0)
            break;
        poll(NULL, 0, 100);
    }
    assert_memory_not_equal(picture->rgb, before, 3);
    thumbnail_close(&g);
    unlink(path);
}

static int count_come(struct thumbnails *g, const char *const *paths, int count)
{
    const char *problem;
    int come = 0;
    thumbnails_begin(g);
    for (int i = 0; i < count; i++)
        come += thumbnails_get(g, paths[i], &window, &problem) != NULL;
    thumbnails_end(g);
    return come;
}

static const char *const many[] = {"assets/night.jpg",    "assets/coast.jpg", "assets/glass.jpg",
                                   "assets/marbling.jpg", "assets/dots.jpg",  "assets/woodcut.jpg"};

static void all_that_is_asked_for_in_a_round_comes(void **state)
{
    struct thumbnails *g = thumbnail_open();
    (void)state;
    assert_non_null(g);
    for (int i = 0; i < 600 && count_come(g, many, 6) < 6; i++)
        poll(NULL, 0, 20);
    assert_int_equal(count_come(g, many, 6), 6);
    thumbnail_close(&g);
}

/* Only what was under way when it was forgotten, and whatever this thread was too slow for. */
static void what_is_no_longer_asked_for_is_not_read(void **state)
{
    struct thumbnails *g = thumbnail_open();
    (void)state;
    assert_non_null(g);
    count_come(g, many, 5);
    for (int i = 0; i < 600 && count_come(g, many + 5, 1) < 1; i++)
        poll(NULL, 0, 20);
    poll(NULL, 0, 300);
    assert_int_equal(count_come(g, many + 5, 1), 1);
    assert_in_range(count_come(g, many, 5), 0, 3);
    thumbnail_close(&g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_thread_decodes_and_gives_way_to_others),
        cmocka_unit_test(pictures_follow_each_other_and_a_missing_one_is_a_problem),
        cmocka_unit_test(a_file_that_has_changed_is_read_anew),
        cmocka_unit_test(all_that_is_asked_for_in_a_round_comes),
        cmocka_unit_test(what_is_no_longer_asked_for_is_not_read),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
