/*
 * test_desk_end.c: the real workbench on a terminal of its own loses no picture, however it ends.
 * STRATA names the program.
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

static bool there(const char *name)
{
    char path[400];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return access(path, F_OK) == 0;
}

static bool removed(const char *name)
{
    char path[400];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return unlink(path) == 0;
}

/* A small job on a small network, started at once. */
static void start(const char *count)
{
    snprintf(output, sizeof output, "%s/out.png", folder);
    assert_true(pty_open_run(&pty, count, output));
}

/* A long run, paused an iteration after its first snapshot: another picture. */
static void start_and_keep(void)
{
    start("1000000");
    assert_true(pty_shows(&pty, "/1000000", 60.0));
    pty_type(&pty, "S");
    assert_true(pty_shows(&pty, "snapshot 1", 20.0));
    pty_type(&pty, ".");
    assert_true(pty_shows(&pty, "paused", 20.0));
}

static int close_pty(void **state)
{
    (void)state;
    static const char *const names[] = {"out.png", "out-2.png", "out-snapshot-1.png"};
    pty_close(&pty);
    for (int i = 0; i < 3; i++)
        removed(names[i]); /* a failure leaves them */
    return 0;
}

static void a_finished_run_is_saved_though_the_terminal_is_not_read(void **state)
{
    (void)state;
    start("300");
    double end = pty_now() + 60.0;
    while (!there("out.png") && pty_now() < end)
        usleep(20000);
    assert_true(removed("out.png"));
}

static void a_second_run_is_saved_beside_the_first(void **state)
{
    (void)state;
    start("8");
    assert_true(pty_shows(&pty, "out.png saved", 60.0));
    pty_type(&pty, ":style_weight 5\rR");
    assert_true(pty_shows(&pty, "out-2.png saved", 60.0));
    pty_type(&pty, "q");
    assert_true(pty_ends(&pty, 20.0));
    assert_true(removed("out.png"));
    assert_true(removed("out-2.png"));
}

static void on_sigterm_snapshots_are_saved_too(void **state)
{
    (void)state;
    start_and_keep();
    kill(pty.pid, SIGTERM);
    assert_true(pty_ends(&pty, 20.0));
    assert_true(WIFEXITED(pty.status) && WEXITSTATUS(pty.status) == 143);
    assert_non_null(strstr(pty.output, "out-snapshot-1.png saved"));
    assert_true(removed("out.png"));
    assert_true(removed("out-snapshot-1.png"));
}

static void a_run_whose_terminal_is_gone_ends_on_a_batch_system_s_signal(void **state)
{
    (void)state;
    start("1000000");
    assert_true(pty_shows(&pty, "/1000000", 60.0));
    pid_t host = pty_host(&pty);
    kill(pty.pid, SIGHUP);
    assert_true(pty_ends(&pty, 10.0));
    assert_int_equal(kill(host, 0), 0);
    assert_int_equal(kill(host, SIGUSR1), 0);
    assert_true(pty_file_comes(output, 20.0));
    assert_true(removed("out.png"));
}

static void leaving_a_finished_run_asks_for_its_snapshots(void **state)
{
    (void)state;
    start_and_keep();
    pty_type(&pty, "X");
    assert_true(pty_shows(&pty, "out.png saved", 20.0));
    pty_type(&pty, "q");
    assert_true(pty_shows(&pty, "in no file", 5.0));
    pty_type(&pty, "y");
    assert_true(pty_ends(&pty, 20.0));
    assert_int_equal(pty.status, 0);
    assert_true(removed("out.png"));
    assert_true(removed("out-snapshot-1.png"));
}

/* The run starts anew from there with the job of that moment, not with what was edited since. */
static void a_snapshot_that_is_gone_back_to_brings_its_job(void **state)
{
    (void)state;
    start_and_keep();
    pty_type(&pty, "2b");
    assert_true(pty_shows(&pty, "blank (glass.jpg)", 20.0));
    pty_type(&pty, "t");
    assert_true(pty_shows(&pty, "coast.jpg with glass.jpg", 20.0));
    pty_type(&pty, "\r");
    assert_true(pty_shows(&pty, "back to snapshot 1", 20.0));
    pty_forget(&pty);
    pty_type(&pty, "\014");
    assert_true(pty_shows(&pty, "quit", 20.0)); /* the last line is drawn */
    assert_null(strstr(pty.output, "blank (glass.jpg)"));
    pty_type(&pty, "qn");
    assert_true(pty_ends(&pty, 20.0));
}

static int make_state(void **state)
{
    int failed = make_folder(state);
    setenv("XDG_STATE_HOME", in_folder("state"), 1);
    return failed;
}

static int remove_state(void **state)
{
    char command[400];
    snprintf(command, sizeof command, "rm -rf %s", in_folder("state"));
    return system(command) | remove_folder(state);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_teardown(name, close_pty)
    const struct CMUnitTest tests[] = {
        TEST(a_finished_run_is_saved_though_the_terminal_is_not_read),
        TEST(a_second_run_is_saved_beside_the_first),
        TEST(on_sigterm_snapshots_are_saved_too),
        TEST(a_run_whose_terminal_is_gone_ends_on_a_batch_system_s_signal),
        TEST(leaving_a_finished_run_asks_for_its_snapshots),
        TEST(a_snapshot_that_is_gone_back_to_brings_its_job),
    };
    return cmocka_run_group_tests(tests, make_state, remove_state);
}
