/*
 * test_attach.c: a run that goes on without its terminal, and comes back on others. STRATA names
 * the program.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/lib/folder.h"
#include "tests/lib/pty.h"

static struct pty first, second;
static char output[300];
static pid_t host; /* of the run */

static const char *program(void)
{
    const char *name = getenv("STRATA");
    return name ? name : "build/strata";
}

static void start(const char *iterations)
{
    snprintf(output, sizeof output, "%s/out.png", folder);
    assert_true(pty_open_run(&first, iterations, output));
    assert_true(pty_shows(&first, iterations, 60.0));
    assert_true(pty_shows(&first, "runs", 60.0));
    host = pty_host(&first);
    assert_int_not_equal(host, first.pid);
}

static void attach(struct pty *p, const char *option, int rows, int columns)
{
    char *const argv[] = {(char *)program(), "attach", (char *)option, NULL};
    assert_true(pty_open(p, "xterm-256color", rows, columns, argv));
}

/* Its directory is there and can be attached to. What the screen says is read meanwhile, or the
 * program waits for a terminal that takes nothing. */
static void until_reachable(void)
{
    char command[400];
    snprintf(command, sizeof command, "test -S '%.200s'/state/strata/runs/*/attach", folder);
    double end = pty_now() + 30.0;
    while (system(command) != 0 && pty_now() < end)
        pty_read(&first, 0.02);
    assert_true(pty_now() < end);
}

static bool ends_with(struct pty *p, int status, const char *said)
{
    return pty_ends(p, 20.0) && WIFEXITED(p->status) && WEXITSTATUS(p->status) == status &&
           strstr(p->output, said) && pty_restored(p);
}

/* Leaves the run by the keys of somebody who has seen enough. */
static void end_run(struct pty *p)
{
    pty_type(p, "q");
    assert_true(pty_shows(p, "Leave?", 10.0));
    pty_type(p, "y");
    assert_true(ends_with(p, 0, "out.png saved"));
    assert_int_equal(access(output, F_OK), 0);
}

static void d_gives_the_terminal_back_and_another_one_has_the_whole_desk(void **state)
{
    (void)state;
    start("1000000");
    until_reachable();
    pty_type(&first, "D");
    assert_true(ends_with(&first, 0, "the run goes on; strata attach"));
    assert_int_equal(kill(host, 0), 0);
    attach(&second, NULL, 40, 132);
    assert_true(pty_shows(&second, "/1000000", 20.0));
    pty_type(&second, "\t\t");
    pty_forget(&second);
    pty_type(&second, "S");
    assert_true(pty_shows(&second, "snapshot 1", 20.0));
    pty_type(&second, "."); /* or out.png may be the snapshot */
    assert_true(pty_shows(&second, "paused", 20.0));
    end_run(&second);
    assert_int_equal(access(in_folder("out-snapshot-1.png"), F_OK), 0);
}

static void a_closed_window_does_not_end_it(void **state)
{
    (void)state;
    start("1000000");
    until_reachable();
    close(first.slave);
    close(first.fd);
    first.fd = first.slave = -1;
    double end = pty_now() + 20.0;
    while (waitpid(first.pid, &first.status, WNOHANG) == 0 && pty_now() < end)
        usleep(20000);
    assert_int_equal(kill(host, 0), 0);
    attach(&second, NULL, 24, 80);
    assert_true(pty_shows(&second, "/1000000", 20.0));
    end_run(&second);
}

static void the_last_who_comes_has_it(void **state)
{
    (void)state;
    start("1000000");
    until_reachable();
    attach(&second, NULL, 24, 80);
    assert_true(pty_shows(&second, "/1000000", 20.0));
    assert_true(ends_with(&first, 0, "another terminal has taken the run over"));
    end_run(&second);
}

static void who_only_looks_neither_takes_nor_changes_it(void **state)
{
    (void)state;
    start("1000000");
    until_reachable();
    attach(&second, "--read-only", 24, 80);
    for (double end = pty_now() + 20.0; pty_now() < end && !pty_ends(&second, 0.05);)
        pty_read(&first, 0.05); /* a terminal that does not read is let go for a guest */
    assert_int_equal(WEXITSTATUS(second.status), 1);
    assert_non_null(strstr(second.output, "somebody is at work on the run"));
    pty_close(&second);
    pty_type(&first, "D");
    assert_true(ends_with(&first, 0, "the run goes on"));
    attach(&second, "--read-only", 24, 80);
    assert_true(pty_shows(&second, "/1000000", 20.0));
    pty_type(&second, " ");
    assert_true(pty_shows(&second, "this terminal only looks", 10.0));
    pty_type(&second, "q");
    assert_true(ends_with(&second, 0, "the run goes on"));
    assert_int_equal(kill(host, SIGTERM), 0);
    assert_true(pty_file_comes(output, 20.0));
}

/* Nobody reads what is written to it. */
static void a_terminal_that_hangs_is_let_go_for_one_that_works(void **state)
{
    (void)state;
    start("1000000");
    until_reachable();
    struct pollfd room = {.fd = first.slave, .events = POLLOUT};
    double end = pty_now() + 30.0;
    for (int full = 0; full < 20 && pty_now() < end; usleep(10000)) {
        full = poll(&room, 1, 0) == 0 ? full + 1 : 0;
        if (write(first.fd, "\014", 1) < 0)
            errno = 0;
    }
    attach(&second, NULL, 24, 80);
    assert_true(pty_shows(&second, "/1000000", 20.0));
    end_run(&second);
}

static void a_run_that_was_killed_is_taken_up_from_the_disk(void **state)
{
    (void)state;
    start("1000000");
    until_reachable();
    pty_type(&first, "S");
    assert_true(pty_shows(&first, "snapshot 1", 20.0));
    kill(host, SIGKILL);
    assert_true(ends_with(&first, 128 + SIGKILL, "strata resume goes on from its last"));
    attach(&second, NULL, 24, 80);
    assert_true(pty_shows(&second, "taken up at iteration", 30.0));
    pty_forget(&second);
    pty_type(&second, " ");
    assert_true(pty_shows(&second, "runs", 20.0));
    pty_type(&second, "q");
    assert_true(pty_shows(&second, "1 snapshot is in no file", 10.0));
    pty_type(&second, "y");
    assert_true(ends_with(&second, 0, "out-snapshot-1.png saved"));
}

static void a_run_can_begin_without_a_terminal(void **state)
{
    (void)state;
    char command[1200], line[300] = "";
    snprintf(output, sizeof output, "%s/out.png", folder);
    snprintf(command, sizeof command,
             "%s --detach assets/coast.jpg assets/glass.jpg --network random:4 --width 48 "
             "--threads 1 --iterations 1000000 --output %s 2>&1",
             program(), output);
    FILE *said = popen(command, "r");
    assert_non_null(fgets(line, sizeof line, said));
    assert_int_equal(pclose(said), 0);
    assert_non_null(strstr(line, "the run goes on; strata attach "));
    attach(&second, NULL, 24, 80);
    assert_true(pty_shows(&second, "/1000000", 20.0));
    end_run(&second);
    said = popen(command, "r"); /* the picture is in the way now */
    assert_non_null(fgets(line, sizeof line, said));
    assert_int_equal(WEXITSTATUS(pclose(said)), 2);
    assert_non_null(strstr(line, "out.png exists already"));
}

static void without_a_run_there_is_a_sentence(void **state)
{
    (void)state;
    attach(&second, NULL, 24, 80);
    assert_true(pty_ends(&second, 20.0));
    assert_int_equal(WEXITSTATUS(second.status), 2);
    assert_non_null(strstr(second.output, "there is no unfinished run"));
}

static int before(void **state)
{
    (void)state;
    first = second = (struct pty){.pid = 0, .fd = -1, .slave = -1};
    host = 0;
    setenv("XDG_STATE_HOME", in_folder("state"), 1);
    return 0;
}

static int after(void **state)
{
    (void)state;
    char command[400];
    if (host > 0)
        kill(host, SIGKILL);
    if (first.pid > 0)
        pty_close(&first);
    if (second.pid > 0)
        pty_close(&second);
    snprintf(command, sizeof command, "sleep 0.1; rm -rf '%.200s'/*", folder);
    return system(command);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, before, after)
    const struct CMUnitTest tests[] = {
        TEST(d_gives_the_terminal_back_and_another_one_has_the_whole_desk),
        TEST(a_closed_window_does_not_end_it),
        TEST(the_last_who_comes_has_it),
        TEST(who_only_looks_neither_takes_nor_changes_it),
        TEST(a_terminal_that_hangs_is_let_go_for_one_that_works),
        TEST(a_run_that_was_killed_is_taken_up_from_the_disk),
        TEST(a_run_can_begin_without_a_terminal),
        TEST(without_a_run_there_is_a_sentence),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
