/*
 * test_frozen.c: the real program on a terminal that does not read what is written to it, as a
 * connection that hangs: signals end it, keys are answered again when it reads. STRATA names the
 * program.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/lib/folder.h"
#include "tests/lib/pty.h"

static struct pty pty;
static char output[300];

/* A run under way, and a terminal with no room for a byte. */
static void open_frozen(const char *iterations)
{
    snprintf(output, sizeof output, "%s/out.png", folder);
    assert_true(pty_open_run(&pty, iterations, output));
    assert_true(pty_shows(&pty, iterations, 20.0));
    struct pollfd room = {.fd = pty.slave, .events = POLLOUT};
    double end = pty_now() + 30.0;
    for (int full = 0; full < 20; usleep(10000)) { /* for a while: nobody reads */
        full = poll(&room, 1, 0) == 0 ? full + 1 : 0;
        if (write(pty.fd, "\014", 1) < 0) /* it draws, as long as it can */
            errno = 0;
        assert_true(pty_now() < end);
    }
}

/* Without a byte being read. */
static bool ends_unread(double seconds)
{
    double end = pty_now() + seconds;
    while (waitpid(pty.pid, &pty.status, WNOHANG) != pty.pid) {
        if (pty_now() > end)
            return false;
        usleep(20000);
    }
    return true;
}

static int close_pty(void **state)
{
    (void)state;
    pty_close(&pty);
    unlink(output);
    return 0;
}

static void one_signal_ends_it_and_saves(void **state)
{
    (void)state;
    static const int signals[] = {SIGTERM, SIGINT, SIGXCPU};
    for (int i = 0; i < 3; i++) {
        open_frozen("1000000");
        kill(pty.pid, signals[i]);
        if (!ends_unread(20.0))
            fail_msg("signal %d has no effect", signals[i]);
        assert_true(WIFEXITED(pty.status));
        assert_int_equal(WEXITSTATUS(pty.status), 128 + signals[i]);
        assert_true(pty_same_modes(&pty));
        assert_int_equal(access(output, F_OK), 0);
        unlink(output);
        if (i < 2)
            pty_close(&pty);
    }
}

static void a_hangup_lets_the_run_paint_to_its_end(void **state)
{
    (void)state;
    open_frozen("200");
    kill(pty.pid, SIGHUP);
    assert_true(ends_unread(10.0));
    assert_true(WIFEXITED(pty.status));
    assert_int_equal(WEXITSTATUS(pty.status), 128 + SIGHUP);
    assert_true(pty_file_comes(output, 60.0));
}

static void a_crash_does_not_wait_for_it(void **state)
{
    (void)state;
    open_frozen("1000000");
    kill(pty_host(&pty), SIGSEGV);
    assert_true(ends_unread(20.0));
    assert_true(WIFEXITED(pty.status) && WEXITSTATUS(pty.status) == 128 + SIGSEGV);
    assert_true(pty_same_modes(&pty));
}

static void keys_are_answered_again_when_it_reads(void **state)
{
    (void)state;
    open_frozen("300");
    usleep(500000);
    assert_true(pty_answers(&pty, 10.0));
    assert_true(pty_shows(&pty, "saved", 60.0)); /* the run went on */
    pty_type(&pty, "?");
    assert_true(pty_shows(&pty, "do it", 10.0));
    pty_type(&pty, "qq");
    assert_true(pty_ends(&pty, 10.0));
    assert_true(pty_restored(&pty));
}

/* Reads for so long, and answers what is asked as a terminal with sixel does. The longest time
 * between two reads. */
static double be_a_terminal(double seconds)
{
    enum { QUESTION = 4 };
    double last = 0, longest = 0;
    size_t seen = pty.used = 0;
    for (double end = pty_now() + seconds; pty_now() < end;) {
        if (seen > sizeof pty.output / 4) { /* the beginning of a question stays */
            memmove(pty.output, pty.output + pty.used - QUESTION, QUESTION);
            seen = pty.used = QUESTION;
        }
        if (!pty_read(&pty, 0.02))
            continue;
        longest = last > 0 && pty_now() - last > longest ? pty_now() - last : longest;
        last = pty_now();
        for (; seen + QUESTION <= pty.used; seen++)
            if (memcmp(pty.output + seen, "\033[5n", QUESTION) == 0)
                pty_type(&pty, "\033[0n");
            else if (memcmp(pty.output + seen, "\033[16", QUESTION) == 0)
                pty_type(&pty, "\033[6;15;9t\033[?62;4c");
    }
    return longest;
}

/* Also where that filled up in the turn of the loop that drew the frame. */
static void a_picture_goes_on_as_soon_as_it_reads(void **state)
{
    (void)state;
    const char *name = getenv("STRATA");
    char *const argv[] = {(char *)(name ? name : "build/strata"), "--graphics", "sixel",
                          "assets/demo.ini", NULL};
    assert_true(pty_open(&pty, "xterm-256color", 60, 200, argv));
    be_a_terminal(2.0);
    for (int i = 0; i < 4; i++) {
        pty_type(&pty, "f");
        usleep(50000);
        double longest = be_a_terminal(2.5);
        if (longest > 1.5)
            fail_msg("nothing came for %.2f s", longest);
    }
    pty_type(&pty, "q");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_teardown(name, close_pty)
    const struct CMUnitTest tests[] = {
        TEST(one_signal_ends_it_and_saves),
        TEST(a_hangup_lets_the_run_paint_to_its_end),
        TEST(a_crash_does_not_wait_for_it),
        TEST(keys_are_answered_again_when_it_reads),
        TEST(a_picture_goes_on_as_soon_as_it_reads),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
