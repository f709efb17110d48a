/*
 * test_demo.c: the real workbench where nothing to paint is named: the demo, whatever the options,
 * and runs that were left come before it. STRATA names the program.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/lib/folder.h"
#include "tests/lib/pty.h"

static struct pty pty;
static const char demo[] = "paints this demo", runs[] = "leads to the demo";

static const char *program(void)
{
    const char *name = getenv("STRATA");
    return name ? name : "build/strata";
}

static void open_with(const char *const *words)
{
    char *argv[16] = {(char *)(uintptr_t)program()};
    for (int i = 0; words[i]; i++)
        argv[i + 1] = (char *)(uintptr_t)words[i];
    assert_true(pty_open(&pty, "xterm-256color", 30, 120, argv));
}

#define OPEN(...) open_with((const char *const[]){__VA_ARGS__, NULL})

static int close_pty(void **state)
{
    (void)state;
    pty_close(&pty);
    return 0;
}

static void options_do_not_keep_the_demo_away(void **state)
{
    (void)state;
    OPEN("--graphics", "cells", "--latest", "now.png");
    assert_true(pty_shows(&pty, demo, 20.0));
    assert_non_null(strstr(pty.output, "coast.jpg"));
}

static void the_demo_is_painted_as_options_say(void **state)
{
    (void)state;
    const char *out = in_folder("mine.png");
    OPEN("--width", "32", "--network", "random:4", "--iterations", "2", "--start", "--output", out);
    assert_true(pty_file_comes(out, 60.0));
    unlink(out);
}

static void a_content_is_no_demo(void **state)
{
    (void)state;
    OPEN("--content", "assets/night.jpg");
    assert_true(pty_shows(&pty, "night.jpg", 20.0));
    assert_null(strstr(pty.output, demo));
}

/* A run that was ended on the way, in a store of its own. */
static void leave_a_run(void)
{
    char line[2000];
    snprintf(line, sizeof line,
             "export XDG_STATE_HOME=%s\n"
             "%s run assets/coast.jpg assets/glass.jpg --width 32 --network random:4 "
             "--iterations 1000000 --checkpoint-seconds 0.01 --output %s >%s.log 2>&1 & run=$!\n"
             "until ls %s/strata/runs/*/checkpoint; do sleep 0.05; done >/dev/null 2>&1\n"
             "kill -TERM $run; wait $run; rm %s %s.log",
             folder, program(), in_folder("o.png"), folder, folder, in_folder("o.png"), folder);
    assert_int_equal(system(line), 0);
}

static void runs_that_were_left_come_first_and_then_the_demo(void **state)
{
    (void)state;
    char line[600], before[400];
    snprintf(before, sizeof before, "%s", getenv("XDG_STATE_HOME") ? getenv("XDG_STATE_HOME") : "");
    leave_a_run();
    setenv("XDG_STATE_HOME", folder, 1);
    OPEN("--graphics", "ascii");
    setenv("XDG_STATE_HOME", before, 1);
    assert_true(pty_shows(&pty, runs, 20.0));
    pty_forget(&pty);
    pty_type(&pty, "q");
    assert_true(pty_shows(&pty, demo, 20.0));
    pty_type(&pty, "q");
    assert_true(pty_ends(&pty, 20.0));
    snprintf(line, sizeof line, "rm -r %s/strata", folder);
    assert_int_equal(system(line), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_teardown(name, close_pty)
    const struct CMUnitTest tests[] = {
        TEST(options_do_not_keep_the_demo_away),
        TEST(the_demo_is_painted_as_options_say),
        TEST(a_content_is_no_demo),
        TEST(runs_that_were_left_come_first_and_then_the_demo),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
