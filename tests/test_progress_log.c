/*
 * test_progress_log.c: the table and the plot of the losses beside the output. Plots are skipped
 * where there is no gnuplot.
 */
#include "tests/lib/progress.h"

#include <math.h>
#include <sys/resource.h>
#include <sys/stat.h>

/* ---- the log ------------------------------------------------------------------------------ */

static void the_log_is_a_table_that_grows(void **unused)
{
    (void)unused;
    char path[512], text[1 << 14];
    snprintf(path, sizeof path, "%s", in_folder("losses.tsv"));
    int before = replace(STDOUT_FILENO, open("/dev/null", O_WRONLY));
    struct progress *progress = open_progress(OPTIONS(PROGRESS_JSON, 50, .log_path = path));
    for (int i = 0; i < 3; i++) {
        struct progress_state state = state_at(i);
        progress_show(progress, &state, NULL);
    }
    read_file(text, sizeof text, path);
    progress_close(&progress);
    restore(STDOUT_FILENO, before);
    assert_int_equal(count(text, "\n"), 4);
    const char *head = "iteration\tseconds\ttotal\tcontent\tstyle\ttv\t"
                       "relu1_1\trelu2_1\trelu3_1\trelu4_1\trelu5_1\n";
    assert_int_equal(strncmp(text, head, strlen(head)), 0);
    assert_non_null(strstr(text, "\n2\t0.100\t251000\t162000\t61000\t28000\t0.333333333333333"));

    struct progress_options again = OPTIONS(PROGRESS_JSON, 50, .log_path = path);
    assert_refused(again, STATUS_OUTPUT, path);
    again.overwrite = true;
    progress = open_progress(again);
    progress_close(&progress);
    read_file(text, sizeof text, path);
    assert_string_equal(text, head);
    unlink(path);
}

static void a_log_that_cannot_be_written_is_refused(void **unused)
{
    (void)unused;
    char path[512];
    struct progress_options options = OPTIONS(PROGRESS_JSON, 5, .log_path = path,
                                              .overwrite = true);
    snprintf(path, sizeof path, "%s", in_folder("no/such.tsv"));
    assert_refused(options, STATUS_OUTPUT, path);
    snprintf(path, sizeof path, "%s", in_folder("pipe"));
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_refused(options, STATUS_OUTPUT, path);
    unlink(path);
    snprintf(path, sizeof path, "%s", folder);
    assert_refused(options, STATUS_OUTPUT, path);
}

static void a_full_disk_under_the_log_is_an_error(void **unused)
{
    (void)unused;
    char path[512];
    struct diag diag = {0};
    struct rlimit old;
    snprintf(path, sizeof path, "%s", in_folder("losses.tsv"));
    int before = replace(STDOUT_FILENO, open("/dev/null", O_WRONLY));
    struct progress *progress = open_progress(OPTIONS(PROGRESS_JSON, 50, .log_path = path));
    getrlimit(RLIMIT_FSIZE, &old);
    setrlimit(RLIMIT_FSIZE, &(struct rlimit){100, old.rlim_max});
    struct progress_state state = state_at(1);
    enum status status = progress_show(progress, &state, &diag);
    setrlimit(RLIMIT_FSIZE, &old);
    progress_close(&progress);
    restore(STDOUT_FILENO, before);
    unlink(path);
    assert_int_equal(status, STATUS_IO);
    assert_non_null(strstr(diag.text, path));
}

/* ---- the plot ----------------------------------------------------------------------------- */

/* Runs with a plot; *size is that of the file, 0 if there is none. */
static enum status plot(unsigned char head[24], long *size, int iterations, double scale,
                        const char *title)
{
    char path[512];
    struct diag diag = {0};
    struct stat info;
    snprintf(path, sizeof path, "%s", in_folder("losses.png"));
    int before = replace(STDOUT_FILENO, open("/dev/null", O_WRONLY));
    struct progress *progress = open_progress(
        OPTIONS(PROGRESS_PLAIN, iterations, .plot_path = path, .title = title));
    for (int i = 0; i <= iterations; i++) {
        struct progress_state state = state_at(i);
        double *value = &state.losses.total;
        for (size_t k = 0; k < sizeof state.losses / sizeof *value; k++)
            value[k] *= scale;
        progress_show(progress, &state, NULL);
    }
    enum status status = progress_finish(progress, &diag);
    progress_close(&progress);
    restore(STDOUT_FILENO, before);
    *size = 0;
    if (stat(path, &info) == 0) {
        FILE *file = fopen(path, "r");
        assert_int_equal(fread(head, 1, 24, file), 24);
        fclose(file);
        *size = (long)info.st_size;
        unlink(path);
    }
    if (status != STATUS_OK)
        print_message("%s\n", diag.text);
    return status;
}

static void needs_gnuplot(void)
{
    if (system("command -v gnuplot >/dev/null") == 0)
        return;
    print_message("there is no gnuplot to draw a plot\n");
    skip();
}

static void the_plot_is_a_png_of_1200_by_800(void **unused)
{
    (void)unused;
    needs_gnuplot();
    const int lengths[] = {0, 1, 300, 20000};
    for (int i = 0; i < 4; i++) {
        unsigned char head[24];
        long size;
        assert_int_equal(plot(head, &size, lengths[i], 1, "out.png"), STATUS_OK);
        assert_true(size > 1000);
        assert_memory_equal(head, "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x04\xb0\0\0\x03\x20", 24);
    }
}

static void the_plots_title_is_only_text(void **unused)
{
    (void)unused;
    needs_gnuplot();
    char title[2048], proof[300];
    unsigned char head[24];
    long size;
    snprintf(proof, sizeof proof, "%s/proof", folder);
    snprintf(title, sizeof title, "'; `touch %s`; system('touch %s') \" @x {_^}\n!touch %s\n'%%s\\",
             proof, proof, proof);
    assert_int_equal(plot(head, &size, 5, 1, title), STATUS_OK);
    assert_true(size > 1000);
    assert_int_equal(access(proof, F_OK), -1);
}

static void losses_without_a_logarithm_are_left_out_of_the_plot(void **unused)
{
    (void)unused;
    needs_gnuplot();
    const double scales[] = {0, NAN, INFINITY, -1};
    for (int i = 0; i < 4; i++) {
        unsigned char head[24];
        long size;
        assert_int_equal(plot(head, &size, 5, scales[i], "out.png"), STATUS_OK);
        assert_int_equal(size, 0);
    }
}

static void a_plot_that_cannot_be_drawn_is_refused_before_the_run(void **unused)
{
    (void)unused;
    char log[512], picture[512];
    snprintf(log, sizeof log, "%s", in_folder("losses.tsv"));
    snprintf(picture, sizeof picture, "%s", in_folder("losses.png"));
    struct progress_options options = OPTIONS(PROGRESS_PLAIN, 5, .log_path = log,
                                              .plot_path = log);
    assert_refused(options, STATUS_OUTPUT, "both");
    options.plot_path = picture;
    char *old = strdup(getenv("PATH"));
    setenv("PATH", folder, 1);
    assert_refused(options, STATUS_USAGE, "gnuplot-nox");
    setenv("PATH", old, 1);
    free(old);
    assert_int_equal(access(log, F_OK), -1); /* no empty log was left behind */
    fclose(fopen(picture, "w"));
    assert_refused(options, STATUS_OUTPUT, picture);
    unlink(picture);
    assert_int_equal(access(log, F_OK), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_log_is_a_table_that_grows),
        cmocka_unit_test(a_log_that_cannot_be_written_is_refused),
        cmocka_unit_test(a_full_disk_under_the_log_is_an_error),
        cmocka_unit_test(the_plot_is_a_png_of_1200_by_800),
        cmocka_unit_test(the_plots_title_is_only_text),
        cmocka_unit_test(losses_without_a_logarithm_are_left_out_of_the_plot),
        cmocka_unit_test(a_plot_that_cannot_be_drawn_is_refused_before_the_run),
    };
    return cmocka_run_group_tests(tests, prepare_progress, tidy_progress);
}
