/*
 * test_terminal.c: the real program on a terminal of its own: it answers keys, and leaves the
 * terminal as it was on every way out. STRATA names the program.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tui/term/term.h"
#include "tests/lib/folder.h"
#include "tests/lib/pty.h"

static struct pty pty;
static char output[300], iterations[16];

static const char *program(void)
{
    const char *name = getenv("STRATA");
    return name ? name : "build/strata";
}

/* A small job on a small network that would take a while. */
static void start(const char *term, const char *count)
{
    snprintf(output, sizeof output, "%s/out.png", folder);
    snprintf(iterations, sizeof iterations, "%s", count);
    char *const argv[] = {(char *)program(), "--content", "assets/coast.jpg", "--styles",
                          "assets/glass.jpg", "--width", "48", "--network", "random:4",
                          "--threads", "1", "--iterations", iterations, "--output", output, NULL};
    assert_true(pty_open(&pty, term, 24, 80, argv));
}

static void open_desk(const char *count)
{
    start("xterm-256color", count);
    assert_true(pty_shows(&pty, "not started", 20.0));
}

static void open_running(void)
{
    open_desk("1000000");
    pty_type(&pty, " ");
    assert_true(pty_shows(&pty, "/1000000", 20.0)); /* of how many it has done */
    pty_forget(&pty);
}

static bool output_there(void)
{
    bool there = access(output, F_OK) == 0;
    unlink(output);
    return there;
}

static int close_pty(void **state)
{
    (void)state;
    pty_close(&pty);
    unlink(output);
    return 0;
}

static void q_leaves_and_restores(void **state)
{
    (void)state;
    open_desk("10");
    pty_type(&pty, "q");
    assert_true(pty_ends(&pty, 10.0));
    assert_int_equal(pty.status, 0);
    assert_true(pty_restored(&pty));
}

static void quitting_a_run_asks(void **state)
{
    (void)state;
    open_running();
    pty_type(&pty, "q");
    assert_true(pty_shows(&pty, "not saved", 5.0));
    pty_type(&pty, "\033");
    assert_false(pty_ends(&pty, 0.3));
    pty_type(&pty, "\003");
    assert_true(pty_shows(&pty, "Leave?", 5.0));
    pty_type(&pty, "y");
    assert_true(pty_ends(&pty, 20.0));
    assert_int_equal(pty.status, 0);
    assert_true(pty_restored(&pty));
    assert_true(output_there());
}

static void leaving_unsaved_leaves_nothing(void **state)
{
    (void)state;
    open_running();
    pty_type(&pty, "qn");
    assert_true(pty_ends(&pty, 20.0));
    assert_true(pty_restored(&pty));
    assert_false(output_there());
}

static void a_run_left_alone_paints_to_its_end(void **state)
{
    (void)state;
    open_desk("8");
    pty_type(&pty, " ");
    assert_true(pty_shows(&pty, "/8", 20.0));
    pty_type(&pty, "qk");
    assert_true(pty_ends(&pty, 60.0));
    assert_true(pty_restored(&pty));
    assert_true(pty_file_comes(output, 60.0));
    assert_true(output_there());
}

static void ends_on(int signal, bool normally, int code, bool saved)
{
    open_running();
    kill(normally ? pty.pid : pty_host(&pty), signal);
    assert_true(pty_ends(&pty, 20.0));
    if (normally)
        assert_true(WIFEXITED(pty.status) && WEXITSTATUS(pty.status) == code);
    else
        assert_false(WIFEXITED(pty.status) && WEXITSTATUS(pty.status) == 0);
    assert_true(pty_restored(&pty));
    assert_true(output_there() == saved);
}

static void signals_that_ask_to_end_save_and_restore(void **state)
{
    (void)state;
    static const int signals[] = {SIGTERM, SIGINT, SIGXCPU, SIGUSR1, SIGUSR2, SIGALRM};
    for (int i = 0; i < 6; i++) {
        ends_on(signals[i], true, 128 + signals[i], true);
        if (i < 5)
            pty_close(&pty);
    }
}

static void a_crash_restores(void **state)
{
    (void)state;
    static const int crashes[] = {SIGSEGV, SIGABRT, SIGFPE, SIGQUIT};
    for (int i = 0; i < 4; i++) {
        ends_on(crashes[i], false, 0, false);
        if (i < 3)
            pty_close(&pty);
    }
}

static int fall(int depth)
{
    volatile char room[1 << 12];
    room[0] = (char)depth;
    return depth < 0 ? room[0] : fall(depth + 1) + room[0];
}

static void a_stack_that_overflows_restores(void **state)
{
    (void)state;
    pid_t pid = pty_fork(&pty, "xterm-256color", 24, 80);
    if (pid == 0) {
        struct diag diag;
        if (term_open(-1, 0.1, &diag) == STATUS_OK)
            fall(0);
        _exit(1);
    }
    assert_true(pid > 0 && pty_ends(&pty, 20.0));
    assert_true(WIFSIGNALED(pty.status));
    assert_true(pty_restored(&pty));
}

static void a_lost_terminal_does_not_stop_the_run(void **state)
{
    (void)state;
    open_desk("8");
    pty_type(&pty, " ");
    assert_true(pty_shows(&pty, "/8", 20.0));
    close(pty.slave);
    close(pty.fd); /* SIGHUP, and nothing can be written any more */
    pty.fd = pty.slave = -1;
    double end = pty_now() + 60.0;
    while (waitpid(pty.pid, &pty.status, WNOHANG) == 0 && pty_now() < end)
        usleep(20000);
    assert_true(WIFEXITED(pty.status) && WEXITSTATUS(pty.status) == 128 + SIGHUP);
    assert_true(pty_file_comes(output, 60.0));
    assert_true(output_there());
}

/* A shell with job control takes the terminal back when its job stops. */
static void ctrl_z_stops_and_fg_comes_back(void **state)
{
    (void)state;
    const char *state_home = getenv("XDG_STATE_HOME");
    setenv("XDG_STATE_HOME", "/dev/null", 1); /* no run to be offered */
    char *const argv[] = {"/bin/sh", "-c", "set -m; \"$0\"; echo stopped; read x; fg; echo ended",
                          (char *)program(), NULL};
    assert_true(pty_open(&pty, "xterm-256color", 24, 80, argv));
    setenv("XDG_STATE_HOME", state_home ? state_home : "", 1);
    assert_true(pty_shows(&pty, "not started", 20.0));
    pty_type(&pty, "\032");
    assert_true(pty_shows(&pty, "stopped", 10.0));
    assert_true(pty_restored(&pty)); /* icrnl and onlcr too */
    assert_non_null(strstr(pty.output, "\033[?1000l"));
    pty_forget(&pty);
    pty_type(&pty, "\n");
    assert_true(pty_shows(&pty, "\033[?1049h", 10.0));
    assert_true(pty_shows(&pty, "\033[?1000h", 10.0));
    assert_true(pty_shows(&pty, "not started", 10.0));
    assert_false(pty_same_modes(&pty));
    pty_type(&pty, "q");
    assert_true(pty_shows(&pty, "ended", 10.0));
    assert_true(pty_ends(&pty, 20.0));
    assert_true(pty_restored(&pty));
}

/* Stopped from outside, and the modes taken away meanwhile, as a shell does it. */
static void a_stop_that_nobody_announced_gets_its_modes_back(void **state)
{
    (void)state;
    struct termios now;
    open_desk("10");
    pty_answers(&pty, 5.0);
    kill(pty.pid, SIGSTOP);
    assert_int_equal(waitpid(pty.pid, NULL, WUNTRACED), pty.pid);
    tcsetattr(pty.slave, TCSANOW, &pty.before);
    kill(pty.pid, SIGCONT);
    double end = pty_now() + 10.0;
    do {
        pty_read(&pty, 0.05);
        tcgetattr(pty.slave, &now);
    } while (pty_same_modes(&pty) && pty_now() < end);
    assert_true(pty_answers(&pty, 10.0));
    tcgetattr(pty.slave, &now);
    assert_false(now.c_lflag & (ICANON | ECHO | ISIG) || now.c_iflag & ICRNL);
    pty_type(&pty, "q");
    assert_true(pty_ends(&pty, 10.0));
    assert_true(pty_restored(&pty));
}

static void resize(int rows, int columns)
{
    struct winsize size = {.ws_row = (unsigned short)rows, .ws_col = (unsigned short)columns};
    pty_forget(&pty);
    ioctl(pty.fd, TIOCSWINSZ, &size);
    kill(pty.pid, SIGWINCH);
}

static void any_size_is_survived(void **state)
{
    (void)state;
    open_running();
    resize(5, 20);
    assert_true(pty_shows(&pty, "strata needs", 5.0));
    resize(100, 300);
    assert_true(pty_shows(&pty, "learning_rate", 5.0));
    resize(1, 1);
    resize(24, 80);
    assert_true(pty_shows(&pty, "relu5_1", 5.0));
    pty_type(&pty, "qn");
    assert_true(pty_ends(&pty, 20.0));
}

/* Curses would scroll a list of which the beginning goes, and pixels beside it as well. */
static void nothing_scrolls_where_pictures_are_pixels(void **state)
{
    (void)state;
    char name[16][300];
    for (int i = 0; i < 16; i++) {
        snprintf(name[i], sizeof name[i], "%s/%c%d.png", folder, i < 4 ? 'a' : 'b', i);
        fclose(fopen(name[i], "w"));
    }
    char *const argv[] = {(char *)program(), "--graphics", "sixel",        "--content",
                          name[0],           "--styles",   "assets/dots.jpg", NULL};
    assert_true(pty_open(&pty, "xterm-256color", 30, 100, argv));
    assert_true(pty_shows(&pty, "not started", 20.0));
    pty_type(&pty, "c");
    assert_true(pty_shows(&pty, "b15.png", 10.0));
    pty_forget(&pty);
    pty_type(&pty, "b");
    while (pty_read(&pty, 0.5))
        ;
    pty_type(&pty, "\177");
    assert_true(pty_shows(&pty, "type to filter", 10.0));
    for (const char *at = pty.output; (at = strstr(at, "\033["));) {
        at += 2 + strspn(at + 2, "0123456789;");
        if (strchr("STLMr", *at))
            fail_msg("the terminal is told to scroll: %c", *at);
    }
    for (int i = 0; i < 16; i++)
        unlink(name[i]);
}

/* In every context there is: what is open is drawn anew. */
static void ctrl_l_draws_everything_anew(void **state)
{
    (void)state;
    static const char *const ways[] = {"", "c", "1m", "f", "?", ":", "bq"};
    static const char *const shown[] = {"not started", "type to filter", "part", "not started",
                                        "do it", "set", "save"};
    for (int i = 0; i < 7; i++) {
        open_desk("5");
        pty_type(&pty, ways[i]);
        usleep(200000);
        pty_forget(&pty);
        pty_type(&pty, "\014");
        if (!pty_shows(&pty, "\033[2J", 5.0))
            fail_msg("nothing is drawn anew after %s", ways[i]);
        if (!pty_shows(&pty, shown[i], 5.0))
            fail_msg("%s is not there after %s", shown[i], ways[i]);
        if (i < 6)
            pty_close(&pty);
    }
}

static void a_terminal_that_cannot_is_told_in_a_sentence(void **state)
{
    (void)state;
    static const char *const terms[] = {"dumb", "no-such-terminal", ""};
    for (int i = 0; i < 3; i++) {
        start(terms[i], "5");
        assert_true(pty_ends(&pty, 10.0));
        assert_true(WIFEXITED(pty.status) && WEXITSTATUS(pty.status) == 2);
        assert_non_null(strstr(pty.output, "strata run"));
        assert_null(strchr(pty.output, '\033'));
        if (i < 2)
            pty_close(&pty);
    }
}

static void every_common_terminal_is_served(void **state)
{
    (void)state;
    static const char *const terms[] = {"xterm", "linux", "screen", "tmux", "vt100"};
    for (int i = 0; i < 5; i++) {
        start(terms[i], "5");
        if (!pty_shows(&pty, "relu5_1", 10.0))
            fail_msg("TERM=%s", terms[i]);
        pty_type(&pty, "?q");
        pty_type(&pty, "q");
        assert_true(pty_ends(&pty, 20.0));
        if (i < 4)
            pty_close(&pty);
        unlink(output);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_teardown(name, close_pty)
    const struct CMUnitTest tests[] = {
        TEST(q_leaves_and_restores),
        TEST(quitting_a_run_asks),
        TEST(leaving_unsaved_leaves_nothing),
        TEST(a_run_left_alone_paints_to_its_end),
        TEST(signals_that_ask_to_end_save_and_restore),
        TEST(a_crash_restores),
        TEST(a_stack_that_overflows_restores),
        TEST(a_lost_terminal_does_not_stop_the_run),
        TEST(ctrl_z_stops_and_fg_comes_back),
        TEST(a_stop_that_nobody_announced_gets_its_modes_back),
        TEST(any_size_is_survived),
        TEST(nothing_scrolls_where_pictures_are_pixels),
        TEST(ctrl_l_draws_everything_anew),
        TEST(a_terminal_that_cannot_is_told_in_a_sentence),
        TEST(every_common_terminal_is_served),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
