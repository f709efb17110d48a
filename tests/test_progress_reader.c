/* test_progress_reader.c: readers of the progress that are slow, asleep or stopped. */
#include "tests/lib/progress.h"

#include <pty.h>
#include <termios.h>

enum { MANY = 20000 }; /* states: more than pipes and terminals hold */

/* What hangs ends the program. */
static int begin(void **unused)
{
    alarm(120);
    setenv("TERM", "xterm", 1);
    return prepare_progress(unused);
}

static void show(struct progress *progress, int first, int last)
{
    for (int i = first; i <= last; i++) {
        struct progress_state state = state_at(i);
        assert_int_equal(progress_show(progress, &state, NULL), STATUS_OK);
    }
}

/* All that is there to be read, at most size - 1 bytes. */
static size_t drain(int fd, char *text, size_t size)
{
    size_t used = 0;
    ssize_t n = 1;
    fcntl(fd, F_SETFL, O_NONBLOCK);
    while (n > 0 && used + 1 < size) {
        n = read(fd, text + used, size - 1 - used);
        used += n > 0 ? (size_t)n : 0;
    }
    text[used] = 0;
    return used;
}

/* stderr becomes a file, whose text is what is told beside. */
static void read_beside(char *text, size_t size, int before)
{
    restore(STDERR_FILENO, before);
    read_file(text, size, in_folder("stdout"));
}

static int file_beside(void)
{
    return replace(STDERR_FILENO, open(in_folder("stdout"), O_RDWR | O_CREAT | O_TRUNC, 0600));
}

static void a_reader_that_sleeps_misses_whole_lines_and_holds_nothing_up(void **unused)
{
    (void)unused;
    static char text[1 << 20];
    char beside[1024];
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    int before = replace(STDOUT_FILENO, ends[1]), before_beside = file_beside();
    struct progress *progress = open_progress(OPTIONS(PROGRESS_JSON, MANY));
    show(progress, 0, MANY);
    assert_int_equal(progress_finish(progress, NULL), STATUS_OK);
    progress_close(&progress);
    assert_int_equal(fcntl(STDOUT_FILENO, F_GETFL) & O_NONBLOCK, 0);
    restore(STDOUT_FILENO, before);
    read_beside(beside, sizeof beside, before_beside);
    size_t used = drain(ends[0], text, sizeof text);
    close(ends[0]);
    assert_non_null(strstr(beside, "strata: standard output was not read"));
    assert_true(used > 4096 && text[used - 1] == '\n');
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
        assert_true(line[0] == '{' && strcmp(line + strlen(line) - 2, "}}") == 0);
}

static void a_reader_that_wakes_up_gets_the_last_line(void **unused)
{
    (void)unused;
    static char text[1 << 20];
    char beside[1024], last[64];
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    int before = replace(STDOUT_FILENO, ends[1]), before_beside = file_beside();
    struct progress *progress = open_progress(OPTIONS(PROGRESS_JSON, MANY));
    show(progress, 0, MANY);
    drain(ends[0], text, sizeof text);
    assert_int_equal(progress_finish(progress, NULL), STATUS_OK);
    progress_close(&progress);
    restore(STDOUT_FILENO, before);
    read_beside(beside, sizeof beside, before_beside);
    drain(ends[0], text, sizeof text);
    close(ends[0]);
    snprintf(last, sizeof last, "{\"iteration\":%d,", MANY);
    assert_int_equal(strncmp(text, last, strlen(last)), 0);
    assert_int_equal(count(text, "\n"), 1);
}

static void nobody_is_told_of_missing_lines_when_none_are(void **unused)
{
    (void)unused;
    static char text[1 << 16];
    char beside[1024];
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    int before = replace(STDOUT_FILENO, ends[1]), before_beside = file_beside();
    struct progress *progress = open_progress(OPTIONS(PROGRESS_JSON, 50));
    show(progress, 0, 50);
    assert_int_equal(progress_finish(progress, NULL), STATUS_OK);
    progress_close(&progress);
    restore(STDOUT_FILENO, before);
    read_beside(beside, sizeof beside, before_beside);
    drain(ends[0], text, sizeof text);
    close(ends[0]);
    assert_string_equal(beside, "");
    assert_int_equal(count(text, "\n"), 51);
}

/* A terminal as stdout and stderr, whose window does not read, or that was stopped. */
static void show_in_terminal(enum progress_style style, bool stopped)
{
    int master, slave;
    assert_int_equal(openpty(&master, &slave, NULL, NULL, NULL), 0);
    int out = replace(STDOUT_FILENO, dup(slave)), errors = replace(STDERR_FILENO, dup(slave));
    if (stopped)
        tcflow(slave, TCOOFF);
    struct progress_options options = OPTIONS(style, MANY, .print_every = 1);
    struct progress *progress = open_progress(options);
    show(progress, 0, MANY);
    progress_interrupt("stopping\n");
    progress_note(progress, "painted");
    enum status status = progress_finish(progress, NULL);
    progress_close(&progress);
    restore(STDOUT_FILENO, out);
    restore(STDERR_FILENO, errors);
    close(master);
    close(slave);
    assert_int_equal(status, STATUS_OK);
}

static void a_terminal_that_does_not_read_holds_nothing_up(void **unused)
{
    (void)unused;
    show_in_terminal(PROGRESS_BAR, false);
    show_in_terminal(PROGRESS_PLAIN, false);
}

static void a_terminal_that_was_stopped_holds_nothing_up(void **unused)
{
    (void)unused;
    show_in_terminal(PROGRESS_BAR, true);
    show_in_terminal(PROGRESS_PLAIN, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_reader_that_sleeps_misses_whole_lines_and_holds_nothing_up),
        cmocka_unit_test(a_reader_that_wakes_up_gets_the_last_line),
        cmocka_unit_test(nobody_is_told_of_missing_lines_when_none_are),
        cmocka_unit_test(a_terminal_that_does_not_read_holds_nothing_up),
        cmocka_unit_test(a_terminal_that_was_stopped_holds_nothing_up),
    };
    return cmocka_run_group_tests(tests, begin, tidy_progress);
}
