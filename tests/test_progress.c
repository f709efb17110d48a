/*
 * test_progress.c: what a headless run says, read back from files, pipes and a pseudo-terminal.
 */
#include "tests/lib/progress.h"

#include <locale.h>
#include <math.h>
#include <poll.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <sys/wait.h>

#include <cjson/cJSON.h>

#include "tui/cli/progress_line.h"
#include "tui/term/number.h"

/* Shows the states first to last, finishes, and gives what came out at stdout. */
static void printed(char *text, size_t size, struct progress_options options, int first, int last)
{
    char path[512];
    snprintf(path, sizeof path, "%s", in_folder("stdout"));
    int before = replace(STDOUT_FILENO, open(path, O_RDWR | O_CREAT | O_TRUNC, 0600));
    struct progress *progress = open_progress(options);
    enum status status = STATUS_OK;
    for (int i = first; i <= last && status == STATUS_OK; i++) {
        struct progress_state state = state_at(i);
        status = progress_show(progress, &state, NULL);
    }
    if (status == STATUS_OK)
        status = progress_finish(progress, NULL);
    progress_close(&progress);
    restore(STDOUT_FILENO, before);
    assert_int_equal(status, STATUS_OK);
    read_file(text, size, path);
}

/* A pseudo-terminal as stderr. */
struct terminal {
    int master, before;
    char text[1 << 14]; /* see terminal_read */
};

static struct terminal terminal_open(int columns, const char *term, const char *locale)
{
    struct terminal terminal;
    int slave;
    struct winsize size = {.ws_row = 24, .ws_col = (unsigned short)columns};
    struct termios raw;
    assert_int_equal(openpty(&terminal.master, &slave, NULL, NULL, &size), 0);
    tcgetattr(slave, &raw);
    cfmakeraw(&raw);
    tcsetattr(slave, TCSANOW, &raw);
    fcntl(terminal.master, F_SETFL, O_NONBLOCK);
    terminal.before = replace(STDERR_FILENO, slave);
    setenv("TERM", term, 1);
    unsetenv("NO_COLOR");
    assert_non_null(setlocale(LC_CTYPE, locale));
    return terminal;
}

static void terminal_resize(int columns)
{
    struct winsize size = {.ws_row = 24, .ws_col = (unsigned short)columns};
    assert_int_equal(ioctl(STDERR_FILENO, TIOCSWINSZ, &size), 0);
}

/* What has arrived since the last call; more may be on its way through the kernel. */
static char *terminal_peek(struct terminal *terminal)
{
    ssize_t n = read(terminal->master, terminal->text, sizeof terminal->text - 1);
    terminal->text[n > 0 ? n : 0] = 0;
    return terminal->text;
}

/* All that was written since the last call. */
static char *terminal_read(struct terminal *terminal)
{
    enum { QUIET_MS = 30 };
    struct pollfd fd = {terminal->master, POLLIN, 0};
    size_t used = 0;
    while (poll(&fd, 1, QUIET_MS) > 0 && used + 1 < sizeof terminal->text) {
        ssize_t n = read(terminal->master, terminal->text + used, sizeof terminal->text - 1 - used);
        if (n <= 0)
            break;
        used += (size_t)n;
    }
    terminal->text[used] = 0;
    return terminal->text;
}

static void terminal_close(struct terminal *terminal)
{
    restore(STDERR_FILENO, terminal->before);
    close(terminal->master);
}

/* Cells that a text takes: escape sequences and carriage returns take none. */
static int cells(const char *text)
{
    int n = 0;
    for (; *text; text++) {
        if (*text == '\033')
            text += strcspn(text, "mK");
        else if (*text != '\r' && (*text & 0xc0) != 0x80)
            n++;
    }
    return n;
}

/* ---- words -------------------------------------------------------------------------------- */

static void numbers_are_short_for_people(void **unused)
{
    (void)unused;
    assert_string_equal(number_short(251234).text, "2.51e5");
    assert_string_equal(number_short(9.999e5).text, "1.00e6");
    assert_string_equal(number_short(0.00123).text, "1.23e-3");
    assert_string_equal(number_short(0).text, "0.00e0");
    assert_string_equal(number_short(INFINITY).text, "inf");
    assert_string_equal(number_rate(1 / 21.4).text, "21.4 it/s");
    assert_string_equal(number_rate(1.352).text, "1.35 s/it");
    assert_string_equal(number_rate(1).text, "1.00 it/s");
    assert_string_equal(number_rate(0.001).text, "1000 it/s");
    assert_string_equal(number_rate(NAN).text, "-.-- it/s");
    assert_string_equal(number_duration(7.6).text, "0:08");
    assert_string_equal(number_duration(3599).text, "59:59");
    assert_string_equal(number_duration(3 * 3600 + 7 * 60).text, "3h07");
    assert_string_equal(number_duration(4 * 86400 + 5 * 3600).text, "4d05h");
    assert_string_equal(number_duration(1e300).text, "-:--");
    assert_string_equal(number_duration(-1).text, "-:--");
}

static void exact_numbers_read_back_as_they_were(void **unused)
{
    (void)unused;
    const double values[] = {0, 0.1, 1.0 / 3, 251234.5678901234, 5e-324, 1.7976931348623157e308};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        assert_true(strtod(number_exact(values[i], "").text, NULL) == values[i]);
    assert_string_equal(number_exact(0.1, "").text, "0.1");
    assert_string_equal(number_exact(NAN, "null").text, "null");
}

/* ---- plain and JSON ----------------------------------------------------------------------- */

static void plain_lines_can_be_searched(void **unused)
{
    (void)unused;
    char text[1 << 14];
    printed(text, sizeof text, OPTIONS(PROGRESS_PLAIN, 300, .print_every = 1),
            137, 137);
    assert_string_equal(text, "iteration 137/300  total 2.51e5  content 1.62e5  style 6.10e4  "
                              "tv 2.80e4  20.0 it/s  0:08 left\n");
}

static void plain_gives_about_twenty_lines_with_first_and_last(void **unused)
{
    (void)unused;
    const int lengths[] = {30, 100, 300, 350, 500, 1000, 9999};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        char text[1 << 16], last[64];
        printed(text, sizeof text, OPTIONS(PROGRESS_PLAIN, lengths[i]), 1,
                lengths[i]);
        assert_in_range(count(text, "\n"), 10, 27);
        snprintf(last, sizeof last, "iteration %d/", lengths[i]);
        assert_int_equal(count(text, last), 1);
        assert_int_equal(count(text, " 1/"), 1);
    }
}

static void plain_prints_as_often_as_asked_and_where_it_was_stopped(void **unused)
{
    (void)unused;
    char text[1 << 14];
    printed(text, sizeof text, OPTIONS(PROGRESS_PLAIN, 300, .print_every = 7),
            0, 23);
    assert_int_equal(count(text, "\n"), 5); /* 0 7 14 21 23 */
    assert_int_equal(count(text, "iteration  23/300"), 1);
}

static void json_has_every_iteration_exactly(void **unused)
{
    (void)unused;
    char text[1 << 14];
    printed(text, sizeof text, OPTIONS(PROGRESS_JSON, 9), 1, 9);
    int lines = 0;
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
        struct progress_state state = state_at(++lines);
        cJSON *json = cJSON_Parse(line);
        assert_non_null(json);
        const cJSON *layers = cJSON_GetObjectItem(json, "style_layers");
        assert_int_equal(cJSON_GetObjectItem(json, "iteration")->valueint, lines);
        assert_int_equal(cJSON_GetObjectItem(json, "iterations")->valueint, 9);
        assert_true(cJSON_GetObjectItem(json, "seconds")->valuedouble == state.seconds);
        assert_true(cJSON_GetObjectItem(json, "seconds_per_iteration")->valuedouble == 0.05);
        assert_true(cJSON_GetObjectItem(json, "total")->valuedouble == 2.51e5);
        assert_true(cJSON_GetObjectItem(json, "content")->valuedouble == 1.62e5);
        assert_true(cJSON_GetObjectItem(json, "style")->valuedouble == 6.1e4);
        assert_true(cJSON_GetObjectItem(json, "tv")->valuedouble == 2.8e4);
        assert_true(cJSON_GetObjectItem(layers, "relu1_1")->valuedouble == 1.0 / 3);
        assert_true(cJSON_GetObjectItem(layers, "relu4_1")->valuedouble == 1e-300);
        assert_int_equal(cJSON_GetArraySize(layers), STYLE_LAYER_COUNT);
        cJSON_Delete(json);
    }
    assert_int_equal(lines, 9);
}

static void json_says_null_where_there_is_no_number(void **unused)
{
    (void)unused;
    int ends[2];
    char text[4096];
    assert_int_equal(pipe(ends), 0);
    int before = replace(STDOUT_FILENO, ends[1]);
    struct progress *progress = open_progress(OPTIONS(PROGRESS_JSON, 2));
    struct progress_state state = state_at(1);
    state.losses.total = NAN;
    state.losses.style_layer[2] = -INFINITY;
    progress_show(progress, &state, NULL);
    progress_note(progress, "not for programs");
    text[read(ends[0], text, sizeof text - 1)] = 0; /* at once, not only at the end */
    progress_close(&progress);
    restore(STDOUT_FILENO, before);
    close(ends[0]);
    assert_non_null(strstr(text, "\"total\":null"));
    assert_non_null(strstr(text, "\"relu3_1\":null"));
    assert_null(strstr(text, "nan"));
    assert_null(strstr(text, "not for"));
    assert_int_equal(count(text, "\n"), 1);
}

static void a_reader_that_left_does_not_stop_the_run(void **unused)
{
    (void)unused;
    const enum progress_style styles[] = {PROGRESS_PLAIN, PROGRESS_JSON};
    for (int k = 0; k < 2; k++) {
        int ends[2];
        assert_int_equal(pipe(ends), 0);
        close(ends[0]);
        int before = replace(STDOUT_FILENO, ends[1]);
        struct progress *progress = open_progress(OPTIONS(styles[k], 20));
        enum status status = STATUS_OK;
        for (int i = 0; i <= 20; i++) {
            struct progress_state state = state_at(i);
            status = progress_show(progress, &state, NULL);
        }
        progress_note(progress, "a note");
        enum status finish = progress_finish(progress, NULL);
        progress_close(&progress);
        restore(STDOUT_FILENO, before);
        assert_int_equal(status, STATUS_OK);
        assert_int_equal(finish, STATUS_OK);
    }
}

static void a_full_disk_under_stdout_is_told_at_the_end(void **unused)
{
    (void)unused;
    struct diag diag = {0};
    int before = replace(STDOUT_FILENO, open("/dev/full", O_WRONLY));
    struct progress *progress = open_progress(OPTIONS(PROGRESS_JSON, 2));
    struct progress_state state = state_at(1);
    enum status show = progress_show(progress, &state, &diag);
    enum status finish = progress_finish(progress, &diag);
    progress_close(&progress);
    restore(STDOUT_FILENO, before);
    assert_int_equal(show, STATUS_OK);
    assert_int_equal(finish, STATUS_IO);
    assert_non_null(strstr(diag.text, "standard output"));
}

/* ---- the bar ------------------------------------------------------------------------------ */

static void the_bar_fits_every_width_and_follows_a_resize(void **unused)
{
    (void)unused;
    struct terminal terminal = terminal_open(80, "xterm", "C.UTF-8");
    struct progress *progress = open_progress(OPTIONS(PROGRESS_BAR, 1000));
    int worst = 0;
    for (int columns = 1; columns <= 200; columns++) {
        struct progress_state state = state_at(500);
        state.seconds = columns;
        terminal_resize(columns);
        progress_show(progress, &state, NULL);
        const char *text = terminal_read(&terminal);
        if (*text != '\r' || strchr(text, '\n') || cells(text) >= columns)
            worst = columns;
    }
    progress_close(&progress);
    terminal_close(&terminal);
    assert_int_equal(worst, 0);
}

/* What the bar looks like at iteration 137 of 300. */
static void drawn(char *text, size_t size, int columns, const char *term, const char *locale,
                  const char *no_color)
{
    struct terminal terminal = terminal_open(columns, term, locale);
    setenv("NO_COLOR", no_color, 1);
    struct progress *progress = open_progress(OPTIONS(PROGRESS_BAR, 300));
    struct progress_state state = state_at(137);
    progress_show(progress, &state, NULL);
    snprintf(text, size, "%.*s", (int)size - 1, terminal_read(&terminal));
    progress_close(&progress);
    terminal_close(&terminal);
}

static void the_bar_is_complete_at_80_columns(void **unused)
{
    (void)unused;
    char text[4096];
    drawn(text, sizeof text, 80, "xterm", "C.UTF-8", "");
    assert_string_equal(text, "\r137/300 \033[36m▕████     ▏\033[0m 20.0 it/s 0:07 ETA 0:08 "
                              "2.51e5 content 65% style 24% tv 11%\033[K");
}

static void the_bar_keeps_what_matters_in_a_narrow_terminal(void **unused)
{
    (void)unused;
    char text[4096];
    drawn(text, sizeof text, 40, "xterm", "C.UTF-8", "1");
    assert_string_equal(text, "\r137/300 ▕█████▉       ▏ ETA 0:08 2.51e5\033[K");
    drawn(text, sizeof text, 20, "xterm", "C.UTF-8", "1");
    assert_string_equal(text, "\r137/300 ▕████     ▏\033[K");
}

static void the_bar_is_plain_ascii_where_that_is_wanted(void **unused)
{
    (void)unused;
    char text[4096];
    drawn(text, sizeof text, 40, "xterm", "C", "1");
    assert_string_equal(text, "\r137/300 [#####        ] ETA 0:08 2.51e5\033[K");
    drawn(text, sizeof text, 40, "dumb", "C", "");
    assert_string_equal(text, "\r137/300 [#####        ] ETA 0:08 2.51e5");
}

static void the_bar_is_redrawn_ten_times_a_second_and_at_the_end(void **unused)
{
    (void)unused;
    struct terminal terminal = terminal_open(80, "xterm", "C.UTF-8");
    struct progress *progress = open_progress(OPTIONS(PROGRESS_BAR, 1000));
    char text[4096];
    int redraws = 0;
    for (int i = 0; i < 999; i++) {
        struct progress_state state = state_at(i);
        state.seconds = 0.002 * i;
        progress_show(progress, &state, NULL);
        redraws += count(terminal_peek(&terminal), "\r");
    }
    progress_finish(progress, NULL);
    snprintf(text, sizeof text, "%.4000s", terminal_read(&terminal));
    progress_close(&progress);
    const char *rest = terminal_read(&terminal);
    terminal_close(&terminal);
    assert_in_range(redraws, 18, 21);
    assert_non_null(strstr(text, " 998/1000"));
    assert_true(text[strlen(text) - 1] == '\n');
    assert_string_equal(rest, "");
}

static void a_note_after_the_end_stands_alone(void **unused)
{
    (void)unused;
    struct terminal terminal = terminal_open(80, "xterm", "C.UTF-8");
    struct progress *progress = open_progress(OPTIONS(PROGRESS_BAR, 10));
    struct progress_state state = state_at(10);
    progress_show(progress, &state, NULL);
    progress_finish(progress, NULL);
    terminal_read(&terminal);
    progress_note(progress, "done");
    assert_non_null(strstr(terminal_read(&terminal), "done"));
    assert_null(strstr(terminal.text, "10/10"));
    progress_close(&progress);
    terminal_close(&terminal);
}

static void a_note_stands_above_the_bar_and_is_clean(void **unused)
{
    (void)unused;
    for (int dumb = 0; dumb < 2; dumb++) {
        struct terminal terminal = terminal_open(80, dumb ? "dumb" : "xterm", "C");
        struct progress *progress = open_progress(OPTIONS(PROGRESS_BAR, 10));
        struct progress_state state = state_at(5);
        progress_show(progress, &state, NULL);
        int length = cells(terminal_read(&terminal));
        progress_note(progress, "saved %s", "a\033[2Jb");
        char *text = terminal_read(&terminal), *end = strchr(text, '\n');
        progress_close(&progress);
        terminal_close(&terminal);
        assert_non_null(end);
        *end = 0;
        assert_int_equal(strncmp(text, "\rsaved a\\x1b[2Jb", 16), 0);
        assert_true(dumb ? cells(text) == length : strcmp(text + 16, "\033[K") == 0);
        assert_non_null(strstr(end + 1, " 5/10"));
    }
}

static void a_pipe_gets_lines_though_errors_go_to_a_terminal(void **unused)
{
    (void)unused;
    int ends[2];
    char text[512] = "";
    assert_int_equal(pipe(ends), 0);
    struct terminal terminal = terminal_open(80, "xterm", "C.UTF-8");
    int before = replace(STDOUT_FILENO, ends[1]);
    struct progress *progress = open_progress(OPTIONS(PROGRESS_AUTO, 10));
    struct progress_state state = state_at(0);
    progress_show(progress, &state, NULL);
    progress_close(&progress);
    restore(STDOUT_FILENO, before);
    assert_string_equal(terminal_read(&terminal), "");
    terminal_close(&terminal);
    assert_true(read(ends[0], text, sizeof text - 1) > 0);
    assert_non_null(strstr(text, "0/10"));
    close(ends[0]);
}

/* Shows a state on a controlling terminal, from its foreground or its background. */
static void show_in_session(int slave, int background)
{
    setsid();
    ioctl(slave, TIOCSCTTY, 0);
    dup2(slave, STDERR_FILENO);
    dup2(slave, STDOUT_FILENO);
    pid_t child = fork();
    if (child == 0) {
        if (background)
            setpgid(0, 0);
        struct progress *progress = open_progress(OPTIONS(PROGRESS_AUTO, 10));
        struct progress_state state = state_at(5);
        progress_show(progress, &state, NULL);
        progress_note(progress, "a note");
        progress_finish(progress, NULL);
        progress_close(&progress);
        _exit(0);
    }
    waitpid(child, NULL, 0);
    _exit(0);
}

static void nothing_is_drawn_from_the_background(void **unused)
{
    (void)unused;
    setenv("TERM", "xterm", 1);
    for (int background = 0; background < 2; background++) {
        int master, slave;
        char text[4096];
        assert_int_equal(openpty(&master, &slave, NULL, NULL, NULL), 0);
        fcntl(master, F_SETFL, O_NONBLOCK);
        pid_t child = fork();
        if (child == 0)
            show_in_session(slave, background);
        waitpid(child, NULL, 0);
        ssize_t n = read(master, text, sizeof text);
        close(master);
        close(slave);
        assert_true(background ? n <= 0 : n > 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_short_for_people),
        cmocka_unit_test(exact_numbers_read_back_as_they_were),
        cmocka_unit_test(plain_lines_can_be_searched),
        cmocka_unit_test(plain_gives_about_twenty_lines_with_first_and_last),
        cmocka_unit_test(plain_prints_as_often_as_asked_and_where_it_was_stopped),
        cmocka_unit_test(json_has_every_iteration_exactly),
        cmocka_unit_test(json_says_null_where_there_is_no_number),
        cmocka_unit_test(a_reader_that_left_does_not_stop_the_run),
        cmocka_unit_test(a_full_disk_under_stdout_is_told_at_the_end),
        cmocka_unit_test(the_bar_fits_every_width_and_follows_a_resize),
        cmocka_unit_test(the_bar_is_complete_at_80_columns),
        cmocka_unit_test(the_bar_keeps_what_matters_in_a_narrow_terminal),
        cmocka_unit_test(the_bar_is_plain_ascii_where_that_is_wanted),
        cmocka_unit_test(the_bar_is_redrawn_ten_times_a_second_and_at_the_end),
        cmocka_unit_test(a_pipe_gets_lines_though_errors_go_to_a_terminal),
        cmocka_unit_test(a_note_after_the_end_stands_alone),
        cmocka_unit_test(a_note_stands_above_the_bar_and_is_clean),
        cmocka_unit_test(nothing_is_drawn_from_the_background),
    };
    return cmocka_run_group_tests(tests, prepare_progress, tidy_progress);
}
