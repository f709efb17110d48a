/* test_browser.c: the file browser finds its way, in folders of any size. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include <cmocka.h>

#include "engine/base/mem.h"
#include "tui/model/browser.h"
#include "tui/model/match.h"
#include "tests/lib/folder.h"

static struct browser b;

/* As the disk's thread and the model do it between them. */
static void open_folder(const char *path, const char *name)
{
    struct browser_listing listing;
    browser_list(&listing, b.kind, path);
    browser_take(&b, &listing, name ? name : "");
}

static void put(const char *name)
{
    char path[400];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    int fd = open(path, O_CREAT | O_WRONLY, 0600);
    assert_true(fd >= 0 && write(fd, "12345", 5) == 5);
    close(fd);
}

static void drop(const char *name)
{
    char path[400];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    remove(path);
}

static const char *shown(int i)
{
    struct browser_entry *e = browser_line(&b, i);
    return e ? e->name : "";
}

static int tidy(void **state)
{
    static const char *const names[] = {"a2.png", "a10.png", "B.jpg", "c.ini", "d.txt", ".e.png"};
    (void)state;
    for (int i = 0; i < 6; i++)
        drop(names[i]);
    drop("sub");
    browser_close(&b);
    memset(&b, 0, sizeof b);
    return 0;
}

static void fill(void)
{
    char path[400];
    put("a10.png");
    put("a2.png");
    put("B.jpg");
    put("c.ini");
    put("d.txt");
    put(".e.png");
    snprintf(path, sizeof path, "%s/sub", folder);
    mkdir(path, 0700);
}

static void only_pictures_and_folders_are_listed_in_order(void **state)
{
    (void)state;
    fill();
    open_folder(folder, NULL);
    assert_int_equal(b.match_count, 4);
    assert_string_equal(shown(0), "sub");
    assert_string_equal(shown(1), "a2.png");
    assert_string_equal(shown(2), "a10.png");
    assert_string_equal(shown(3), "B.jpg");
    struct browser_details details;
    browser_find_details(&details, b.folder, shown(1));
    assert_int_equal(details.bytes, 5);
    assert_null(browser_line(&b, 4));
}

static void jobs_are_listed_where_a_job_is_wanted(void **state)
{
    (void)state;
    fill();
    b.kind = BROWSER_JOBS;
    open_folder(folder, "c.ini");
    assert_string_equal(shown(b.cursor), "c.ini");
}

static void the_filter_takes_words_in_any_case(void **state)
{
    (void)state;
    fill();
    open_folder(folder, NULL);
    browser_filter(&b, "PNG 1");
    assert_int_equal(b.match_count, 1);
    assert_string_equal(shown(0), "a10.png");
    browser_filter(&b, "nothing");
    assert_int_equal(b.match_count, 0);
    browser_move(&b, 5);
    bool is_folder;
    char path[JOB_PATH];
    assert_false(browser_path(&b, path, &is_folder));
}

static void the_best_match_comes_first(void **state)
{
    (void)state;
    assert_true(match_score("relu4_1.jpg", "r4") > 0);
    assert_int_equal(match_score("night.jpg", "r4"), -1);
    assert_int_equal(match_score("night.jpg", "thn"), -1); /* in another order */
    assert_true(match_score("starry-night.jpg", "sn") > match_score("stone.jpg", "sn"));
    assert_true(match_score("tub.jpg", "tub") > match_score("turbine.jpg", "tub"));
    assert_true(match_score("the-tub.jpg", "tub") > match_score("motub.jpg", "tub"));
    assert_true(match_score("nightSky.jpg", "sky") > match_score("whisky.jpg", "sky"));
    assert_true(match_score("x", "") >= 0 && match_score("", "x") < 0);
    fill();
    open_folder(folder, NULL);
    browser_filter(&b, "png");
    assert_int_equal(b.match_count, 2);
    browser_filter(&b, "a1p");
    assert_string_equal(shown(b.cursor), "a10.png");
    browser_filter(&b, ""); /* the cursor stays with it */
    assert_string_equal(shown(b.cursor), "a10.png");
    browser_filter(&b, "/a1p"); /* a path */
    assert_int_equal(b.match_count, 4);
}

static void marks_are_numbered_in_their_order(void **state)
{
    char path[3][JOB_PATH];
    bool is_folder;
    (void)state;
    fill();
    open_folder(folder, NULL);
    for (int i = 0; i < 3; i++) {
        browser_line_path(&b, i + 1, path[i], &is_folder);
        assert_true(browser_mark(&b, path[i], 3));
    }
    assert_false(browser_mark(&b, "/elsewhere.jpg", 3));
    assert_true(browser_mark(&b, path[0], 3)); /* and off */
    assert_int_equal(browser_marked(&b, 1), 0);
    assert_int_equal(browser_marked(&b, 3), 2);
    open_folder(folder, NULL); /* they outlive a look elsewhere */
    assert_int_equal(browser_marked(&b, 2), 1);
}

static void hidden_files_show_on_request(void **state)
{
    (void)state;
    fill();
    open_folder(folder, "a10.png");
    browser_toggle_hidden(&b);
    assert_int_equal(b.match_count, 5);
    assert_string_equal(shown(b.cursor), "a10.png");
    browser_toggle_hidden(&b);
    browser_filter(&b, ".e");
    assert_int_equal(b.match_count, 1);
}

static void open_parent(void)
{
    char parent[JOB_PATH], name[JOB_PATH];
    if (browser_parent(&b, parent, name))
        open_folder(parent, name);
}

static void the_parent_has_the_cursor_where_one_came_from(void **state)
{
    (void)state;
    fill();
    char sub[400];
    snprintf(sub, sizeof sub, "%s/sub", folder);
    open_folder(sub, NULL);
    open_parent();
    assert_string_equal(shown(b.cursor), "sub");
    for (int i = 0; i < 20; i++)
        open_parent();
    assert_string_equal(b.folder, "/");
}

static void a_folder_that_cannot_be_read_is_a_sentence(void **state)
{
    (void)state;
    open_folder("/no/such/folder", NULL);
    assert_non_null(strstr(b.problem, "/no/such/folder"));
    assert_int_equal(b.match_count, 0);
}

static void places_are_unique_and_the_newest_comes_first(void **state)
{
    (void)state;
    char name[32];
    for (int i = 0; i < 2 * BROWSER_PLACES; i++) {
        snprintf(name, sizeof name, "/no/place/%d", i % (BROWSER_PLACES + 3));
        browser_add_place(&b, name);
    }
    assert_int_equal(b.place_count, BROWSER_PLACES);
    for (int i = 0; i < b.place_count; i++)
        for (int j = 0; j < i; j++)
            assert_string_not_equal(b.place[i], b.place[j]);
    browser_add_place(&b, "/tmp");
    assert_string_equal(b.place[0], "/tmp");
    assert_string_equal(browser_next_place(&b), "/tmp");
}

static void places_outlive_a_session(void **state)
{
    (void)state;
    static struct browser later;
    browser_parse_places(&b, "");
    assert_int_equal(b.place_count, 0);
    browser_add_place(&b, "/usr");
    browser_add_place(&b, "/tmp");
    char *text = browser_print_places(&b);
    browser_parse_places(&later, text);
    assert_int_equal(later.place_count, 2);
    assert_string_equal(later.place[0], "/tmp");
    assert_string_equal(later.place[1], "/usr");
    mem_free(text);
}

/* "/./a/../b" and "/b" are one place; the disk is not asked. */
static void a_place_has_one_name(void **state)
{
    (void)state;
    browser_add_place(&b, "/./a//../b/");
    browser_add_place(&b, "/b");
    assert_int_equal(b.place_count, 1);
    assert_string_equal(b.place[0], "/b");
    browser_add_place(&b, "/..");
    assert_string_equal(b.place[0], "/");
}

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Times on a busy machine vary; what must not happen is a look at every file. */
static void ten_thousand_files_open_and_filter_without_a_pause(void **state)
{
    (void)state;
    char name[32];
    for (int i = 0; i < 10000; i++) {
        snprintf(name, sizeof name, "p%05d.png", i);
        put(name);
    }
    double begin = seconds();
    open_folder(folder, NULL);
    double opened = seconds();
    browser_filter(&b, "99");
    double filtered = seconds();
    assert_int_equal(b.entry_count, 10000);
    for (int i = 0; i < b.entry_count; i++)
        assert_false(b.entry[i].known);
    assert_true(opened - begin < 0.5 && filtered - opened < 0.1);
    print_message("10,000 files: %.0f ms to open, %.1f ms to show and filter\n",
                  1e3 * (opened - begin), 1e3 * (filtered - opened));
    for (int i = 0; i < 10000; i++) {
        snprintf(name, sizeof name, "p%05d.png", i);
        drop(name);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_teardown(name, tidy)
    const struct CMUnitTest tests[] = {
        TEST(only_pictures_and_folders_are_listed_in_order),
        TEST(jobs_are_listed_where_a_job_is_wanted),
        TEST(the_filter_takes_words_in_any_case),
        TEST(the_best_match_comes_first),
        TEST(marks_are_numbered_in_their_order),
        TEST(hidden_files_show_on_request),
        TEST(the_parent_has_the_cursor_where_one_came_from),
        TEST(a_folder_that_cannot_be_read_is_a_sentence),
        TEST(places_are_unique_and_the_newest_comes_first),
        TEST(places_outlive_a_session),
        TEST(a_place_has_one_name),
        TEST(ten_thousand_files_open_and_filter_without_a_pause),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
