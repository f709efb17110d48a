/* test_sweep.c: sweep files: which runs they make, what these are called, what is refused where. */
#include <math.h>

#include "engine/base/file.h"
#include "engine/job/sweep.h"
#include "tests/lib/folder.h"
#include "tests/lib/job.h"

#define BASE "[job]\ncontent = coast.jpg\nstyles = night.jpg\n[sweep]\n" /* four lines */

static struct sweep *sweep;

static enum status read_text(const char *text)
{
    sweep_close(&sweep);
    assert_int_equal(file_write(in_folder("s.ini"), text, strlen(text), FILE_OVERWRITE, &diag),
                     STATUS_OK);
    enum status status = sweep_read(&sweep, in_folder("s.ini"), &diag);
    unlink(in_folder("s.ini"));
    return status;
}

static void reads(const char *text)
{
    if (read_text(text) != STATUS_OK)
        fail_msg("%s", diag.text);
}

static void refused(const char *text, const char *sentence)
{
    memset(&diag, 0, sizeof diag);
    assert_int_not_equal(read_text(text), STATUS_OK);
    assert_null(sweep);
    if (!strstr(diag.text, sentence))
        fail_msg("\"%s\" does not say \"%s\"", diag.text, sentence);
}

static struct job job_of(int run)
{
    static struct job job;
    sweep_job(&job, sweep, run);
    return job;
}

static void values(const char *expected)
{
    char all[1000] = "";
    for (int i = 0; i < sweep_count(sweep); i++)
        snprintf(all + strlen(all), sizeof all - strlen(all), "%s%s", i ? " " : "",
                 sweep_value(sweep, i, 0));
    assert_string_equal(all, expected);
}

static void the_last_line_of_a_grid_varies_fastest(void **state)
{
    (void)state;
    reads(BASE "relu3_1.weight = 0.5 1\nwidth = 64 128 256 ; pixels\n");
    assert_int_equal(sweep_count(sweep), 6);
    for (int i = 0; i < 6; i++) {
        static const int widths[] = {64, 128, 256};
        struct job job = job_of(i);
        assert_true(job.channel[2].weight == (i < 3 ? 0.5 : 1.0) && job.width == widths[i % 3]);
        assert_true(job.channel[1].weight == 1.0);
    }
    assert_string_equal(sweep_name(sweep, 4), "relu3_1.weight=1,width=128");
    assert_string_equal(strrchr(job_of(4).output, '/'), "/relu3_1.weight=1,width=128.png");
}

static void zip_takes_the_first_with_the_first(void **state)
{
    (void)state;
    reads(BASE "mode = zip\ncontent = a/x.jpg b/y.jpg\ntv_weight = 0 10\n");
    assert_int_equal(sweep_count(sweep), 2);
    assert_string_equal(sweep_name(sweep, 1), "content=y,tv_weight=10");
    assert_string_equal(file_name(job_of(1).content), "y.jpg");
    refused(BASE "mode = zip\nwidth = 64 128\ntv_weight = 0 10 20\n", "s.ini:7: tv_weight has 3");
}

static void ranges_go_by_ones_by_steps_and_by_factors(void **state)
{
    (void)state;
    reads(BASE "relu3_1.weight = 1..4\n");
    values("1 2 3 4");
    reads(BASE "tv_weight = 0..1+0.1\n");
    values("0 0.1 0.2 0.3 0.4 0.5 0.6 0.7 0.8 0.9 1");
    reads(BASE "style_weight = 0.5..8*2 100\n");
    values("0.5 1 2 4 8 100");
    reads(BASE "seed = 1..3\n");
    values("1 2 3");
    reads(BASE "content_weight = 1..2+0.4\n");
    values("1 1.4 1.8");
    reads(BASE "content = ../1..3/a.jpg b.jpg\n"); /* of a path nothing is a range */
    assert_int_equal(sweep_count(sweep), 2);
    refused(BASE "tv_weight = 0.5..2\n", "s.ini:5: tv_weight: 0.5..2 goes by ones");
    refused(BASE "tv_weight = 2..1\n", "to a larger one");
    refused(BASE "tv_weight = 1..8*1\n", "a factor is above 1");
    refused(BASE "tv_weight = 1..8*\n", "needs a factor");
    refused(BASE "tv_weight = 0..1+0.00001\n", "more than 10000");
    refused(BASE "tv_weight = 1..99999999999\n", "more than 10000");
}

static void random_is_the_same_for_the_same_seed(void **state)
{
    (void)state;
    static const char text[] =
        BASE "mode = random\ncount = 40\nrandom_seed = %d\nrelu3_1.weight = 0..2\n"
             "style_weight = 1..100*\nseed = 1..3\n";
    char copy[300], first[40][SWEEP_NAME];
    double low = 0.0;
    snprintf(copy, sizeof copy, text, 7);
    reads(copy);
    for (int i = 0; i < 40; i++) {
        struct job job = job_of(i);
        strcpy(first[i], sweep_name(sweep, i));
        assert_true(job.channel[2].weight >= 0.0 && job.channel[2].weight <= 2.0);
        assert_true(job.style_weight >= 1.0 && job.style_weight <= 100.0);
        assert_true(job.seed >= 1 && job.seed <= 3);
        low += job.style_weight < 10.0;
    }
    assert_true(low > 10 && low < 30); /* by factors half of them lie below 10 */
    reads(copy);
    for (int i = 0; i < 40; i++)
        assert_string_equal(first[i], sweep_name(sweep, i));
    snprintf(copy, sizeof copy, text, 8);
    reads(copy);
    assert_string_not_equal(first[0], sweep_name(sweep, 0));
    reads(BASE "mode = random\ncount = 4\npooling = max avg\nblanks = 1..2\n"); /* all of them */
    refused(BASE "mode = random\ncount = 5\npooling = max avg\nblanks = 1 2\n", "only 4 different");
    refused(BASE "mode = random\nwidth = 64\n", "needs count");
    refused(BASE "count = 3\nwidth = 64\n", "count is for mode = random");
}

static void styles_are_pictures_and_words(void **state)
{
    (void)state;
    reads(BASE "relu1_1.style = a.jpg blank none \"b ; c.jpg\"\n");
    assert_string_equal(file_name(job_of(0).channel[0].style.path), "a.jpg");
    assert_int_equal(job_of(1).channel[0].state, CHANNEL_BLANK);
    assert_int_equal(job_of(2).channel[0].state, CHANNEL_OFF);
    assert_string_equal(file_name(job_of(3).channel[0].style.path), "b ; c.jpg");
    assert_string_equal(sweep_name(sweep, 3), "relu1_1.style=b__3B_c");
    reads(BASE "styles = a.jpg a.jpg,b.jpg,c.jpg,d.jpg,e.jpg a.jpg,b.jpg\n");
    assert_string_equal(file_name(job_of(1).channel[4].style.path), "e.jpg");
    assert_int_equal(job_of(2).blend_count, 2);
}

static void the_seeds_third_experiment_is_a_sweep_of_four(void **state)
{
    (void)state;
    sweep_close(&sweep);
    assert_int_equal(sweep_read(&sweep, "assets/exp3-sweep.ini", &diag), STATUS_OK);
    assert_int_equal(sweep_count(sweep), 4);
    for (int i = 0; i < 4; i++) {
        char path[40];
        struct job job = job_of(i), shipped;
        snprintf(path, sizeof path, "assets/exp3%c.ini", 'a' + i);
        assert_int_equal(job_read(&shipped, path, &diag), STATUS_OK);
        strcpy(shipped.output, job.output);
        assert_true(job_equal(&job, &shipped));
    }
    assert_string_equal(job_of(3).output, "assets/exp3/blanks=4.png");
}

static void names_are_short_and_no_two_alike(void **state)
{
    (void)state;
    reads(BASE "content = a/x.jpg b/x.jpg\n");
    assert_string_not_equal(sweep_name(sweep, 0), sweep_name(sweep, 1));
    assert_memory_equal(sweep_name(sweep, 0), "content=x-", 10);
    char first[SWEEP_NAME];
    strcpy(first, sweep_name(sweep, 1));
    reads(BASE "content = c/y.jpg a/x.jpg b/x.jpg\n"); /* one more value renames nothing */
    assert_string_equal(first, sweep_name(sweep, 2));
    char text[1000] = BASE "content = ";
    memset(text + strlen(text), 'x', 300);
    strcat(text, ".jpg a.jpg\n");
    reads(text);
    assert_true(strlen(sweep_name(sweep, 0)) < SWEEP_NAME - 1);
    refused(BASE "width = 64 128 64\n", "runs 1 and 3 would be the same");
}

static void the_output_is_a_folder_or_a_pattern(void **state)
{
    (void)state;
    reads(BASE "width = 64\n");
    assert_string_equal(sweep_folder(sweep), in_folder("s"));
    reads(BASE "output = out/a-{}.png\nwidth = 64\n");
    assert_string_equal(sweep_folder(sweep), in_folder("out"));
    assert_string_equal(job_of(0).output, in_folder("out/a-width=64.png"));
    refused(BASE "output = {}/a.png\nwidth = 64\n", "neither a folder nor a name");
    refused(BASE "output = a-{}.jpg\nwidth = 64\n", "neither a folder nor a name");
}

static void mistakes_are_told_with_their_line(void **state)
{
    (void)state;
    refused("[job]\ncontent = a.jpg\n", "has no section [sweep]");
    refused(BASE, "s.ini:4: [sweep] varies nothing");
    refused(BASE "relu3_1.weigth = 1 2\n", "s.ini:5: relu3_1.weigth: there is no such key in "
            "[sweep]; did you mean relu3_1.weight?");
    refused(BASE "style_wieght = 1 2\n", "did you mean style_weight?");
    refused(BASE "\nrelu3_1.weight = 1 x2\n", "s.ini:6: weight: x2 is not a number");
    refused(BASE "pooling = max awg\n", "did you mean avg?");
    refused(BASE "blanks = 6\n", "s.ini:5: blanks: 6 is not a whole number from 0 to 5");
    refused(BASE "width = 64\nwidth = 65\n", "twice");
    refused(BASE "width =\n", "the value is missing");
    refused(BASE "content = \"a.jpg\n", "a quote is not closed");
    refused(BASE "mode = cube\nwidth = 64\n", "none of grid, zip, random");
    refused(BASE "job = missing.ini\nwidth = 64\n", "missing.ini");
    refused(BASE "width = 1..200\nheight = 1\n", "there is no such key");
    refused(BASE "seed = 1..200\nwidth = 100..199\n", "s.ini:6: these are more than 10000 runs");
    refused(BASE "blanks = 1 2\nrelu1_1.state = on off\n", "state: the key stands in");
    refused("[sweep]\ncontent = a.jpg\n", "run 1 (content=a): ");
    refused("[jub]\nwidth = 64\n" BASE "width = 64\n", "s.ini:2: width: section [jub]");
    refused(BASE "nonsense\n", "s.ini:5: the line is neither");
}

static int clear(void **state)
{
    sweep_close(&sweep);
    return remove_folder(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_last_line_of_a_grid_varies_fastest),
        cmocka_unit_test(zip_takes_the_first_with_the_first),
        cmocka_unit_test(ranges_go_by_ones_by_steps_and_by_factors),
        cmocka_unit_test(random_is_the_same_for_the_same_seed),
        cmocka_unit_test(styles_are_pictures_and_words),
        cmocka_unit_test(the_seeds_third_experiment_is_a_sweep_of_four),
        cmocka_unit_test(names_are_short_and_no_two_alike),
        cmocka_unit_test(the_output_is_a_folder_or_a_pattern),
        cmocka_unit_test(mistakes_are_told_with_their_line),
    };
    return cmocka_run_group_tests(tests, make_folder, clear);
}
