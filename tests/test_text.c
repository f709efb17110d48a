/* test_text.c: text is measured, cut and cleaned as the cells need it. */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tui/term/text.h"

static void wide_characters_take_two_columns(void **state)
{
    (void)state;
    assert_int_equal(text_columns("abc"), 3);
    assert_int_equal(text_columns("星月夜"), 6);
    assert_int_equal(text_columns("e\xcc\x81"), 1);
}

static void what_is_too_long_loses_its_middle(void **state)
{
    (void)state;
    char out[64];
    text_fit(out, sizeof out, "starry-night-over-the-rhone.jpg", 15);
    assert_string_equal(out, "starry-…one.jpg");
    text_fit(out, sizeof out, "short.jpg", 15);
    assert_string_equal(out, "short.jpg");
    text_fit_end(out, sizeof out, "/home/someone/pictures/a.png", 12);
    assert_string_equal(out, "…tures/a.png");
}

static void no_cut_is_wider_than_asked_for(void **state)
{
    (void)state;
    char out[256];
    for (int columns = 0; columns < 40; columns++) {
        text_fit(out, sizeof out, "星月夜星月夜ab星月夜星月夜星月夜.jpg", columns);
        assert_true(text_columns(out) <= columns);
        text_fit_end(out, sizeof out, "星月夜星月夜ab星月夜星月夜星月夜.jpg", columns);
        assert_true(text_columns(out) <= columns);
    }
}

static void a_hostile_name_cannot_command_the_terminal(void **state)
{
    (void)state;
    char out[256];
    text_fit(out, sizeof out, "a\033[2J\007\x9b" "31m\n.jpg", 60);
    for (const char *c = out; *c; c++)
        assert_true((unsigned char)*c >= 0x20 && (unsigned char)*c < 0x7f);
    text_fit(out, sizeof out, "a\xe2\x80\xae" "gpj.b", 60); /* right-to-left override */
    assert_null(strstr(out, "\xe2\x80\xae"));
}

static void characters_are_inserted_as_utf8(void **state)
{
    (void)state;
    char text[16] = "ab";
    assert_int_equal(text_insert(text, sizeof text, 1, 0xe4), 2);
    assert_int_equal(text_insert(text, sizeof text, 3, 0x661f), 3);
    assert_string_equal(text, "a\xc3\xa4\xe6\x98\x9f" "b");
    assert_int_equal(text_insert(text, 8, 0, 0x1f600), 0);
}

static void xterm_by_its_own_name_keeps_to_lines(void **state)
{
    (void)state;
    unsetenv("XTERM_VERSION");
    unsetenv("STRATA_MARKS");
    setenv("TERM", "xterm-256color", 1);
    text_know_terminal("WezTerm 20250101");
    assert_true(text_shows("⏎") && text_shows("─"));
    text_know_terminal("XTerm(379)");
    assert_true(!text_shows("⏎") && text_shows("─"));
    text_know_terminal("");
}

static void sizes_are_short(void **state)
{
    (void)state;
    char out[16];
    text_size(out, 812);
    assert_string_equal(out, "812 B");
    text_size(out, 3400);
    assert_string_equal(out, "3.4 kB");
    text_size(out, 999600);
    assert_string_equal(out, "1.0 MB");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wide_characters_take_two_columns),
        cmocka_unit_test(what_is_too_long_loses_its_middle),
        cmocka_unit_test(no_cut_is_wider_than_asked_for),
        cmocka_unit_test(a_hostile_name_cannot_command_the_terminal),
        cmocka_unit_test(characters_are_inserted_as_utf8),
        cmocka_unit_test(xterm_by_its_own_name_keeps_to_lines),
        cmocka_unit_test(sizes_are_short),
    };
    setlocale(LC_CTYPE, "C.UTF-8");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
