/*
 * test_config_terminal.c: the real program on a terminal with settings of the user's: what they
 * make it write, the file that it writes, and that a title is given back. STRATA names the program.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <sys/stat.h>

#include "tests/lib/folder.h"
#include "tests/lib/pty.h"

#define PUSH "\033[22;2t"
#define POP "\033]2;\033\\\033[23;2t"

static struct pty pty;

static void remove_settings(void)
{
    unlink(in_folder("strata/config.ini"));
    rmdir(in_folder("strata"));
}

static int set_up(void **state)
{
    setenv("XDG_STATE_HOME", "/dev/null", 1); /* no run to be offered */
    if (make_folder(state) != 0)
        return -1;
    setenv("XDG_CONFIG_HOME", folder, 1);
    return 0;
}

static int clean_up(void **state)
{
    (void)state;
    if (pty.status == -1)
        pty_close(&pty);
    unlink(in_folder("out.png"));
    remove_settings();
    return 0;
}

static void settings_are(const char *text)
{
    mkdir(in_folder("strata"), 0700);
    FILE *file = fopen(in_folder("strata/config.ini"), "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void open_desk(void)
{
    char *const argv[] = {getenv("STRATA") ? getenv("STRATA") : (char *)"build/strata",
                          "assets/coast.jpg", "assets/glass.jpg", "--timeout", "0.1", "--output",
                          (char *)in_folder("out.png"), NULL};
    assert_true(pty_open(&pty, "xterm-256color", 24, 80, argv));
    assert_true(pty_shows(&pty, "not started", 20.0));
}

static void leave(void)
{
    pty_type(&pty, "q");
    assert_true(pty_ends(&pty, 10.0));
    assert_true(pty_restored(&pty));
    pty_close(&pty);
}

static bool written(const char *bytes)
{
    return strstr(pty.output, bytes) != NULL;
}

static void without_the_mouse_none_is_asked_for_until_it_is_wanted(void **state)
{
    (void)state;
    settings_are("[desk]\nmouse = off\n");
    open_desk();
    assert_false(written("\033[?1000h"));
    assert_true(written("\033[?2004h"));
    pty_type(&pty, "M");
    assert_true(pty_shows(&pty, "\033[?1000h", 5.0));
    pty_forget(&pty);
    pty_type(&pty, "M");
    assert_true(pty_shows(&pty, "\033[?1000l", 5.0));
    leave();
}

static void a_new_job_begins_as_the_settings_say_and_keys_are_theirs(void **state)
{
    (void)state;
    settings_are("[defaults]\nwidth = 123\n[keys]\nhelp = G\n");
    open_desk();
    assert_true(pty_shows(&pty, "123", 5.0));
    pty_type(&pty, "G");
    assert_true(pty_shows(&pty, "weight down by 0.05", 5.0));
    pty_type(&pty, "\003");
    leave();
}

static void a_wrong_line_is_shown_and_the_desk_opens(void **state)
{
    (void)state;
    settings_are("[desk]\nmuose = off\nmouse = off\n");
    open_desk();
    assert_true(pty_shows(&pty, "did you mean mouse?", 5.0));
    assert_false(written("\033[?1000h"));
    leave();
}

static void settings_are_saved_when_told_to_and_hold_the_next_time(void **state)
{
    (void)state;
    struct stat info;
    open_desk();
    pty_type(&pty, ",jjj\r");
    assert_true(pty_shows(&pty, "\033[?1000l", 5.0));
    assert_int_not_equal(stat(in_folder("strata/config.ini"), &info), 0);
    pty_forget(&pty);
    pty_type(&pty, "w");
    assert_true(pty_shows(&pty, "saved: the settings", 5.0));
    assert_int_equal(stat(in_folder("strata"), &info), 0);
    assert_int_equal(info.st_mode & 0777, 0700);
    pty_type(&pty, "q");
    leave();
    open_desk();
    assert_false(written("\033[?1000h"));
    leave();
}

/* A run, and a title that tells of it. */
static void open_run(void)
{
    assert_true(pty_open_run(&pty, "100000", in_folder("out.png")));
    assert_true(pty_shows(&pty, PUSH "\033]2;strata ", 20.0));
    assert_true(pty_shows(&pty, "% · coast.jpg\033\\", 20.0));
}

/* A run that goes on would save where there is no folder any more. */
static void end(pid_t host)
{
    double last = pty_now() + 20.0;
    kill(host, SIGTERM);
    while (kill(host, 0) == 0 && pty_now() < last)
        pty_read(&pty, 0.05);
    pty_close(&pty);
    unlink(in_folder("out.png"));
}

static void the_title_is_given_back_at_the_end(void **state)
{
    (void)state;
    static const int signals[] = {SIGTERM, SIGINT, SIGHUP, SIGSEGV};
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
        open_run();
        pid_t host = pty_host(&pty);
        pty_forget(&pty);
        kill(host, signals[i]);
        assert_true(pty_shows(&pty, POP, 20.0));
        end(host);
    }
}

static void the_title_is_given_back_to_the_shell_and_taken_again(void **state)
{
    (void)state;
    open_run();
    pty_forget(&pty);
    pty_type(&pty, "\032");
    assert_true(pty_shows(&pty, POP, 10.0));
    pty_forget(&pty);
    kill(pty.pid, SIGCONT);
    assert_true(pty_shows(&pty, PUSH "\033]2;strata ", 20.0));
    end(pty_host(&pty));
}

/* Only who looks elsewhere is told. */
static void the_end_of_a_run_is_told_where_nobody_looks(void **state)
{
    (void)state;
    settings_are("[desk]\nnotify = bell\n");
    for (int i = 0; i < 2; i++) {
        assert_true(pty_open_run(&pty, "60", in_folder("out.png")));
        assert_true(pty_shows(&pty, "\033[?1004h", 20.0));
        pty_type(&pty, i ? "\033[O" : "\033[O\033[I");
        assert_true(pty_shows(&pty, "\033]2;strata done", 60.0));
        usleep(300000);
        pty_read(&pty, 0.1);
        assert_int_equal(pty_shows(&pty, "\a", i ? 5.0 : 0.5), i);
        end(pty_host(&pty));
    }
}

static void a_title_that_is_not_wanted_is_not_written(void **state)
{
    (void)state;
    settings_are("[desk]\ntitle = off\n");
    assert_true(pty_open_run(&pty, "100000", in_folder("out.png")));
    assert_true(pty_shows(&pty, "runs ", 20.0));
    pty_answers(&pty, 5.0);
    usleep(1500000);
    assert_false(written("\033]2;"));
    end(pty_host(&pty));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_teardown(name, clean_up)
    const struct CMUnitTest tests[] = {
        TEST(without_the_mouse_none_is_asked_for_until_it_is_wanted),
        TEST(a_new_job_begins_as_the_settings_say_and_keys_are_theirs),
        TEST(a_wrong_line_is_shown_and_the_desk_opens),
        TEST(settings_are_saved_when_told_to_and_hold_the_next_time),
        TEST(the_title_is_given_back_at_the_end),
        TEST(the_title_is_given_back_to_the_shell_and_taken_again),
        TEST(the_end_of_a_run_is_told_where_nobody_looks),
        TEST(a_title_that_is_not_wanted_is_not_written),
    };
    return cmocka_run_group_tests(tests, set_up, remove_folder);
}
