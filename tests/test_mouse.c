/*
 * test_mouse.c: the real program on a terminal with a mouse, in the form of xterm and in that of
 * tmux: what a hand does with it, and that keys are answered after it. STRATA names the program.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tui/model/layout.h"
#include "tests/lib/folder.h"
#include "tests/lib/pty.h"

static struct pty pty;
static bool sgr;

static void open_desk(const char *term, int rows, int columns)
{
    const char *name = getenv("STRATA");
    char output[300];
    snprintf(output, sizeof output, "%s/out.png", folder);
    char *const argv[] = {(char *)(name ? name : "build/strata"), "--content", "assets/coast.jpg",
                          "--styles", "assets/glass.jpg", "--width", "48", "--network", "random:4",
                          "--threads", "1", "--timeout", "0.1", "--output", output, NULL};
    sgr = strcmp(term, "tmux") != 0;
    assert_true(pty_open(&pty, term, rows, columns, argv));
    assert_true(pty_shows(&pty, "not started", 20.0));
}

static void leave(void)
{
    pty_type(&pty, "\033");
    usleep(400000); /* the key, not the beginning of another */
    pty_type(&pty, "q");
    if (!pty_ends(&pty, 1.0)) { /* a weight was changed: is it to be kept? */
        pty_type(&pty, "n");
        assert_true(pty_ends(&pty, 10.0));
    }
    assert_true(pty_restored(&pty));
    pty_close(&pty);
}

static int close_pty(void **state)
{
    (void)state;
    if (pty.status == -1)
        pty_close(&pty);
    return 0;
}

static void in_every_pane(const char *term, int rows, int columns)
{
    open_desk(term, rows, columns);
    for (int i = 0; i < PANE_COUNT; i++) {
        struct layout layout = layout_make(rows, columns, PANE_LAYERS, 20, 0, NULL);
        const struct rect *r = &layout.pane[i];
        if (r->height == 0)
            continue;
        for (int k = 0; k < 2; k++) {
            pty_click(&pty, sgr, 0, r->y + k * (r->height - 1), r->x + r->width / 2);
            if (!pty_answers(&pty, 5.0))
                fail_msg("%s, %d×%d: no key is answered after a click in pane %d", term, columns,
                         rows, i);
        }
    }
    leave();
}

static void a_click_is_pressed_and_released_in_every_pane_of_80x24(void **state)
{
    (void)state;
    in_every_pane("xterm-256color", 24, 80);
    in_every_pane("tmux", 24, 80);
}

static void a_click_is_pressed_and_released_in_every_pane_of_120x36(void **state)
{
    (void)state;
    in_every_pane("xterm-256color", 36, 120);
    in_every_pane("tmux", 36, 120);
}

static void a_click_is_pressed_and_released_in_browser_crop_help_and_question(void **state)
{
    (void)state;
    static const char *const ways[] = {"c", "1m", "?", "f", ":", "bq"};
    for (int i = 0; i < 6; i++) {
        open_desk("xterm-256color", 24, 80);
        pty_type(&pty, ways[i]);
        usleep(300000);
        for (int k = 0; k < 3; k++) {
            pty_click(&pty, sgr, 0, 4 + 4 * k, 20 + 15 * k);
            if (!pty_answers(&pty, 5.0))
                fail_msg("no key is answered after %s and a click", ways[i]);
        }
        pty_close(&pty);
    }
}

/* The hints of a pane tell that a click has given it the focus. */
static void a_click_acts_once_and_only_when_pressed(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        open_desk(i ? "tmux" : "xterm-256color", 24, 80);
        struct layout layout = layout_make(24, 80, PANE_LAYERS, 20, 0, NULL);
        const struct rect *job = &layout.pane[PANE_JOB];
        pty_forget(&pty);
        pty_mouse(&pty, sgr, 0, true, job->y, job->x + 5);
        assert_false(pty_shows(&pty, "default", 0.5));
        pty_click(&pty, sgr, 0, job->y, job->x + 5);
        assert_true(pty_shows(&pty, "default", 5.0));
        leave();
    }
}

static void any_button_wheel_and_movement_leave_keys_answered(void **state)
{
    (void)state;
    static const int buttons[] = {1, 2, 3, 4, 8, 16, 32, 34, 35, 64, 65, 66, 67, 80, 96, 128, 129};
    for (int i = 0; i < 2; i++) {
        open_desk(i ? "tmux" : "xterm-256color", 24, 80);
        for (size_t k = 0; k < sizeof buttons / sizeof *buttons; k++)
            pty_click(&pty, sgr, buttons[k], 3 + (int)k, 4 * (int)k);
        for (int k = 0; k < 3; k++) /* twice and three times, fast */
            pty_type(&pty, sgr ? "\033[<0;9;5M\033[<0;9;5m" : "\033[M )%\033[M#)%");
        for (int k = 0; k < 30; k++) /* dragged */
            pty_mouse(&pty, sgr, 32, false, 3 + k / 3, 10 + k);
        assert_true(pty_answers(&pty, 5.0));
        leave();
    }
}

static void a_fader_follows_the_hand_and_is_one_edit(void **state)
{
    (void)state;
    open_desk("xterm-256color", 24, 80);
    struct layout layout = layout_make(24, 80, PANE_LAYERS, 20, 0, NULL);
    int y = layout.pane[PANE_LAYERS].y + 3, x = layout.pane[PANE_LAYERS].x + 28;
    pty_forget(&pty);
    pty_mouse(&pty, sgr, 0, false, y, x);
    for (int k = 1; k <= 60; k++)
        pty_mouse(&pty, sgr, 32, false, y - k % 3, x + k % 10);
    pty_mouse(&pty, sgr, 32, false, y, x + 20);
    pty_type(&pty, "\f"); /* all of the screen anew */
    assert_true(pty_shows(&pty, "4.00", 5.0));
    pty_mouse(&pty, sgr, 0, true, y, x + 20);
    pty_type(&pty, "u");
    usleep(200000);
    pty_read(&pty, 0.2);
    pty_forget(&pty);
    pty_type(&pty, "\f");
    assert_true(pty_shows(&pty, "1.00", 5.0));
    assert_false(pty_shows(&pty, "4.00", 0.3));
    leave();
}

/* b blanks a layer, q quits: as keys. */
static void what_is_pasted_is_no_command(void **state)
{
    (void)state;
    open_desk("xterm-256color", 24, 80);
    pty_forget(&pty);
    pty_type(&pty, "\033[200~bq\033[201~");
    assert_false(pty_shows(&pty, "blank (", 0.5));
    pty_type(&pty, ":\033[200~iterations\033[201~ 123\r\f");
    assert_true(pty_shows(&pty, "123", 5.0));
    leave();
}

static void a_report_in_two_halves_is_one(void **state)
{
    (void)state;
    static const char *const halves[][2] = {{"\033[<", "0;9;%dM"}, {"\033[<0;9", ";%dM"}};
    struct layout layout = layout_make(24, 80, PANE_LAYERS, 20, 0, NULL);
    for (int i = 0; i < 2; i++) {
        open_desk("xterm-256color", 24, 80);
        char rest[32];
        snprintf(rest, sizeof rest, halves[i][1], layout.pane[PANE_JOB].y + 1);
        pty_forget(&pty);
        pty_type(&pty, halves[i][0]);
        usleep(400000);
        pty_type(&pty, rest);
        assert_true(pty_shows(&pty, "default", 5.0));
        pty_type(&pty, "\033[<0;1"); /* and one that never ends is no key */
        usleep(1500000);
        assert_true(pty_answers(&pty, 5.0));
        leave();
    }
}

static void more_keys_than_the_pipe_holds_do_not_hang(void **state)
{
    (void)state;
    open_desk("xterm-256color", 24, 80);
    for (int i = 0; i < 20000; i++)
        pty_type(&pty, i % 7 ? "\033[A" : "\033[<0;9;5M\033[<0;9;5m");
    usleep(300000);
    assert_true(pty_answers(&pty, 20.0));
    leave();
}

int main(void)
{
#define TEST(name) cmocka_unit_test_teardown(name, close_pty)
    const struct CMUnitTest tests[] = {
        TEST(a_click_is_pressed_and_released_in_every_pane_of_80x24),
        TEST(a_click_is_pressed_and_released_in_every_pane_of_120x36),
        TEST(a_click_is_pressed_and_released_in_browser_crop_help_and_question),
        TEST(a_click_acts_once_and_only_when_pressed),
        TEST(any_button_wheel_and_movement_leave_keys_answered),
        TEST(a_fader_follows_the_hand_and_is_one_edit),
        TEST(what_is_pasted_is_no_command),
        TEST(a_report_in_two_halves_is_one),
        TEST(more_keys_than_the_pipe_holds_do_not_hang),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
