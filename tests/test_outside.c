/* test_outside.c: what goes to a terminal outside of the screen: to which, and byte for byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tui/term/outside.h"

static int ends[2];
static struct answers answers;
static char got[1 << 17];
static double now;

static int open_terminal(void **state)
{
    (void)state;
    static const char *const names[] = {"TMUX", "STY", "WT_SESSION", "ConEmuANSI"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        unsetenv(names[i]);
    setenv("TERM", "xterm-256color", 1);
    memset(&answers, 0, sizeof answers);
    assert_int_equal(pipe(ends), 0);
    outside_open(ends[1], &answers);
    return 0;
}

static int close_terminal(void **state)
{
    (void)state;
    outside_close();
    close(ends[0]);
    close(ends[1]);
    return 0;
}

static void name_is(const char *name)
{
    snprintf(answers.name, sizeof answers.name, "%s", name);
}

/* What is written at a time; "" if nothing. */
static const char *flushed(double seconds)
{
    now += seconds;
    outside_flush(now);
    outside_notify(""); /* a mark, so that the reading ends */
    outside_flush(now);
    size_t used = 0;
    do
        used += (size_t)read(ends[0], got + used, sizeof got - used);
    while (got[used - 1] != '\a');
    got[used - 1] = 0;
    return got;
}

static void a_title_is_kept_set_and_given_back(void **state)
{
    (void)state;
    outside_show("strata 1 %", OUTSIDE_RUNS, 1);
    assert_string_equal(flushed(9), "\033[22;2t\033]2;strata 1 %\033\\");
    outside_show("strata 2 %", OUTSIDE_RUNS, 2);
    assert_string_equal(flushed(9), "\033]2;strata 2 %\033\\");
    assert_string_equal(flushed(9), "");
    outside_show("", OUTSIDE_IDLE, 0);
    assert_string_equal(flushed(0.1), "\033]2;\033\\\033[23;2t");
    assert_string_equal(flushed(9), "");
}

static void a_title_changes_once_a_second_and_at_once_with_the_state(void **state)
{
    (void)state;
    outside_show("1", OUTSIDE_RUNS, 1);
    flushed(9);
    outside_show("2", OUTSIDE_RUNS, 2);
    assert_string_equal(flushed(0.5), "");
    assert_string_equal(flushed(0.6), "\033]2;2\033\\");
    outside_show("3", OUTSIDE_RESTS, 2);
    assert_string_equal(flushed(0.1), "\033]2;3\033\\");
}

static void a_title_of_any_bytes_ends_no_sequence(void **state)
{
    (void)state;
    char text[3000];
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = (char)(1 + i % 255);
    text[sizeof text - 1] = 0;
    for (int i = 0; i < 40; i++) {
        outside_show(text + 67 * i, OUTSIDE_RUNS, i);
        char *title = strstr(flushed(9), "\033]2;");
        assert_non_null(title);
        size_t n = strlen(title);
        assert_true(n < 400);
        for (size_t k = 4; k < n - 2; k++)
            assert_true((unsigned char)title[k] >= ' ' && title[k] != 127);
        assert_string_equal(title + n - 2, "\033\\");
    }
}

static void progress_goes_to_those_that_know_it(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        bool progress;
    } table[] = {
        {"", false},           {"XTerm(379)", false},     {"kitty(0.31.0)", false},
        {"foot(1.16.2)", false}, {"ghostty 1.1.3", false}, {"ghostty 1.2.0", true},
        {"ghostty 1.10.0", true}, {"iTerm2 3.5.14", false}, {"iTerm2 3.6.5", false},
        {"iTerm2 3.6.6", true}, {"iTerm2 3.10.0", true},  {"VTE(7602)", false},
        {"VTE(7900)", true},   {"WezTerm 20240203-110809-5046fc22", false},
        {"WezTerm 20250909-120000-abcdef01", true},       {"tmux 3.4", false},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (outside_find(table[i].name).progress != table[i].progress)
            fail_msg("%s", table[i].name);
    setenv("WT_SESSION", "5c", 1);
    assert_true(outside_find("").progress);
    setenv("TMUX", "/tmp/tmux,1,0", 1);
    assert_false(outside_find("").progress);
}

static void progress_follows_the_run_and_is_cleared(void **state)
{
    (void)state;
    name_is("ghostty 1.2.3");
    outside_show("s", OUTSIDE_BEGINS, 0);
    assert_non_null(strstr(flushed(9), "\033]9;4;3;0\033\\"));
    outside_show("s", OUTSIDE_RUNS, 140);
    assert_string_equal(flushed(9), "\033]9;4;1;100\033\\");
    outside_show("s", OUTSIDE_RESTS, 40);
    assert_string_equal(flushed(0.1), "\033]9;4;4;40\033\\");
    outside_show("s", OUTSIDE_IDLE, 100);
    assert_string_equal(flushed(0.1), "\033]9;4;0\033\\");
}

/* On every way out, and set anew if it was no way out. */
static void what_was_set_is_restored_and_nothing_else(void **state)
{
    (void)state;
    outside_restore(ends[1]);
    assert_string_equal(flushed(9), "");
    name_is("ghostty 1.2.3");
    outside_show("s", OUTSIDE_RUNS, 7);
    flushed(9);
    outside_restore(ends[1]);
    assert_int_equal(read(ends[0], got, sizeof got), 13 + 9);
    assert_memory_equal(got, "\033]2;\033\\\033[23;2t\033]9;4;0\033\\", 22);
    outside_restore(ends[1]);
    assert_string_equal(flushed(0), "\033[22;2t\033]2;s\033\\\033]9;4;1;7\033\\");
}

static void a_terminal_that_was_asked_nothing_gets_nothing(void **state)
{
    (void)state;
    static const char *const terms[] = {"dumb", "linux", "unknown", "vt52", "vt100", "ansi"};
    for (size_t i = 0; i < sizeof terms / sizeof *terms; i++) {
        setenv("TERM", terms[i], 1);
        outside_show(terms[i], OUTSIDE_RUNS, 7);
        assert_false(outside_copy("text"));
        assert_string_equal(flushed(9), "");
    }
    setenv("TERM", "screen", 1);
    setenv("STY", "1.pts", 1);
    assert_string_equal(flushed(9), "");
}

static void the_clipboard_takes_text_of_a_bounded_length(void **state)
{
    (void)state;
    static char text[OUTSIDE_COPY + 2];
    assert_true(outside_copy("strata run a.jpg\n"));
    assert_string_equal(flushed(0), "\033]52;c;c3RyYXRhIHJ1biBhLmpwZwo=\033\\");
    assert_string_equal(flushed(0), "");
    memset(text, 'x', OUTSIDE_COPY);
    assert_true(outside_copy(text));
    assert_int_equal(strlen(flushed(0)), 7 + (OUTSIDE_COPY + 2) / 3 * 4 + 2);
    text[OUTSIDE_COPY] = 'x';
    assert_false(outside_copy(text));
}

static void a_notice_is_written_as_the_terminal_reads_it(void **state)
{
    (void)state;
    static const struct {
        const char *term, *name, *bytes;
    } table[] = {
        {"xterm", "XTerm(379)", "\a"},
        {"xterm-kitty", "kitty(0.38.0)", "\033]99;;a, b\033\\"},
        {"xterm-ghostty", "ghostty 1.0.0", "\033]9;a, b\033\\"},
        {"foot", "foot(1.16.2)", "\033]777;notify;strata;a, b\033\\"},
        {"rxvt-unicode-256color", "", "\033]777;notify;strata;a, b\033\\"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        setenv("TERM", table[i].term, 1);
        name_is(table[i].name);
        outside_notify("a; b");
        outside_flush(++now);
        ssize_t n = read(ends[0], got, sizeof got - 1);
        got[n > 0 ? n : 0] = 0;
        assert_string_equal(got, table[i].bytes);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_terminal, close_terminal)
    const struct CMUnitTest tests[] = {
        TEST(a_title_is_kept_set_and_given_back),
        TEST(a_title_changes_once_a_second_and_at_once_with_the_state),
        TEST(a_title_of_any_bytes_ends_no_sequence),
        TEST(progress_goes_to_those_that_know_it),
        TEST(progress_follows_the_run_and_is_cleared),
        TEST(what_was_set_is_restored_and_nothing_else),
        TEST(a_terminal_that_was_asked_nothing_gets_nothing),
        TEST(the_clipboard_takes_text_of_a_bounded_length),
        TEST(a_notice_is_written_as_the_terminal_reads_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
