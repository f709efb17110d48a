/* test_paths.c: paths as people type and paste them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/base/mem.h"
#include "tui/model/paths.h"

enum { MOST = 6 };

static char paths[MOST][JOB_PATH];

static void parses(const char *text, int count, const char *first, const char *second)
{
    memset(paths, 0, sizeof paths);
    assert_int_equal(paths_parse(text, paths, MOST), count);
    assert_string_equal(paths[0], first);
    assert_string_equal(paths[1], second);
}

static void a_path_is_told_from_a_name(void **state)
{
    (void)state;
    assert_true(paths_begins("/") && paths_begins("~") && paths_begins("~/x"));
    assert_true(paths_begins("..") && paths_begins("../w") && paths_begins("./w"));
    assert_false(paths_begins("") || paths_begins(".hidden") || paths_begins("..more"));
    assert_false(paths_begins("night.jpg"));
}

static void a_tilde_is_the_home_and_the_rest_lies_in_the_folder(void **state)
{
    char out[JOB_PATH];
    (void)state;
    setenv("HOME", "/home/me", 1);
    paths_expand(out, "~/x.jpg", "/w");
    assert_string_equal(out, "/home/me/x.jpg");
    paths_expand(out, "../x.jpg", "/w");
    assert_string_equal(out, "/w/../x.jpg");
    paths_expand(out, "/x.jpg", "/w");
    assert_string_equal(out, "/x.jpg");
    paths_expand(out, "~x.jpg", "/w");
    assert_string_equal(out, "/w/~x.jpg");
}

static void what_terminals_and_file_managers_paste_is_a_path(void **state)
{
    (void)state;
    parses("/a/b.jpg\n", 1, "/a/b.jpg", "");
    parses("  '/a/b c.jpg' ", 1, "/a/b c.jpg", "");
    parses("\"/a/b \\\"c\\\".jpg\"", 1, "/a/b \"c\".jpg", "");
    parses("/a/it\\'s\\ mine.jpg ", 1, "/a/it's mine.jpg", "");
    parses("'/a/it'\\''s.jpg'", 1, "/a/it's.jpg", "");
    parses("file:///a/b%20c%C3%A9.jpg", 1, "/a/b cé.jpg", "");
    parses("file://host/a/100%.jpg", 1, "/a/100%.jpg", "");
    parses("/a/my photo.jpg", 1, "/a/my photo.jpg", "");
    parses("/a/it's.jpg", 1, "/a/it's.jpg", "");
}

static void several_are_parted_by_lines_and_blanks(void **state)
{
    (void)state;
    parses("/a.jpg\n/b.jpg\n", 2, "/a.jpg", "/b.jpg");
    parses("/a b.jpg /c.jpg", 2, "/a b.jpg", "/c.jpg");
    parses("a.jpg b.jpg", 2, "a.jpg", "b.jpg");
    parses("'/a.ini' '/b c.jpg'", 2, "/a.ini", "/b c.jpg");
    parses("file:///a.jpg\n\nfile:///b.jpg", 2, "/a.jpg", "/b.jpg");
    parses("1.jpg 2.jpg 3.jpg 4.jpg 5.jpg 6.jpg 7.jpg", 7, "1.jpg", "2.jpg");
    parses(" \n\t", 0, "", "");
    parses("'", 0, "", "");
}

/* Of any length. */
static void a_paste_without_an_end_fits(void **state)
{
    char *text = mem_new(9000);
    (void)state;
    memset(text, 'x', 8999);
    assert_int_equal(paths_parse(text, paths, MOST), 1);
    assert_int_equal(strlen(paths[0]), JOB_PATH - 1);
    mem_free(text);
}

static void what_names_have_in_common_completes_the_last_part(void **state)
{
    char text[JOB_PATH] = "/a/pi";
    (void)state;
    assert_int_equal(paths_complete(text, "pic-1.jpg\0pic-2.jpg\0"), 2);
    assert_string_equal(text, "/a/pic-");
    assert_int_equal(paths_complete(text, "pic-1.jpg\0"), 1);
    assert_string_equal(text, "/a/pic-1.jpg");
    assert_int_equal(paths_complete(text, ""), 0);
    assert_string_equal(text, "/a/pic-1.jpg");
    strcpy(text, "x");
    assert_int_equal(paths_complete(text, "xé\0xè\0"), 2); /* no half of a character */
    assert_string_equal(text, "x");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_path_is_told_from_a_name),
        cmocka_unit_test(a_tilde_is_the_home_and_the_rest_lies_in_the_folder),
        cmocka_unit_test(what_terminals_and_file_managers_paste_is_a_path),
        cmocka_unit_test(several_are_parted_by_lines_and_blanks),
        cmocka_unit_test(a_paste_without_an_end_fits),
        cmocka_unit_test(what_names_have_in_common_completes_the_last_part),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
