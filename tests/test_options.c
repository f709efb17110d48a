/* test_options.c: the command line of run and eval: what it sets, in what order; refusals. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/base/file.h"
#include "engine/base/random.h"
#include "engine/image/image.h"
#include "tui/cli/options.h"
#include "tests/lib/folder.h"

enum { MAX_WORDS = 64 };

static struct diag diag;
static struct options options;

static enum status parse(enum options_for use, const char *const *words)
{
    char *argv[MAX_WORDS] = {"run"};
    int argc = 1;
    while (*words)
        argv[argc++] = (char *)(uintptr_t)*words++;
    memset(&diag, 0, sizeof diag);
    memset(&options, 'x', sizeof options);
    return options_parse(&options, argc, argv, use, &diag);
}

static void accept(enum options_for use, const char *const *words)
{
    if (parse(use, words) != STATUS_OK)
        fail_msg("%s", diag.text);
}

static void refuse(enum options_for use, const char *sentence, const char *const *words)
{
    assert_int_equal(diag_exit_status(parse(use, words)), 2);
    if (!strstr(diag.text, sentence))
        fail_msg("\"%s\" does not say \"%s\"", diag.text, sentence);
}

#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})
#define RUN(...) accept(OPTIONS_RUN, WORDS("--output", "o.png", __VA_ARGS__))
#define EVAL(...) accept(OPTIONS_EVAL, WORDS("--image", "x.png", __VA_ARGS__))
#define REFUSE(sentence, ...) refuse(OPTIONS_RUN, sentence, WORDS(__VA_ARGS__))

/* A job file in our folder; lent. */
static const char *job_file(const char *text)
{
    static char path[512];
    snprintf(path, sizeof path, "%s/job.ini", folder);
    assert_int_equal(file_write(path, text, strlen(text), FILE_OVERWRITE, &diag), STATUS_OK);
    return path;
}

/* ---- what is set -------------------------------------------------------------------------- */

static void options_are_the_keys_of_a_job_with_dashes(void **state)
{
    (void)state;
    RUN("--content", "c.png", "--style-weight=50", "--tv-weight", "1e1", "--preserve-colors",
        "--pooling", "avg", "--seed", "9", "--initial=noise", "--network", "random:16");
    assert_string_equal(options.job.content, "c.png");
    assert_string_equal(options.job.output, "o.png");
    assert_true(options.job.style_weight == 50 && options.job.tv_weight == 10);
    assert_true(options.job.preserve_colors && options.job.pooling == POOLING_AVG);
    assert_true(options.job.seed == 9 && options.job.iterations == 140);
    assert_string_equal(options.job.initial, "noise");
    assert_string_equal(options.job.network, "random:16");
}

static void what_concerns_this_call_only_is_set_too(void **state)
{
    (void)state;
    RUN("--overwrite", "--checkpoint-output", "c-{}.png", "--checkpoint-iterations", "10",
        "--print-iterations=5", "--progress-write", "--progress-plot", "--progress", "json");
    assert_true(options.overwrite && options.progress_write && options.progress_plot);
    assert_string_equal(options.checkpoint_output, "c-{}.png");
    assert_true(options.checkpoint_iterations == 10 && options.print_iterations == 5);
    assert_int_equal(options.progress, PROGRESS_JSON);
    RUN("--progress", "plain");
    assert_false(options.overwrite);
    assert_int_equal(options.progress, PROGRESS_PLAIN);
    assert_int_equal(options.checkpoint_iterations, 0);
    EVAL("--grad", "g.npy", "--json");
    assert_string_equal(options.image, "x.png");
    assert_string_equal(options.grad, "g.npy");
    assert_true(options.json);
}

static void a_list_ends_at_the_next_option(void **state)
{
    (void)state;
    RUN("--style-crops", "1/2", "--styles", "a", "-b", "--style-blend-weights", "3", "1", "--width",
        "20");
    assert_int_equal(options.job.blend_count, 2);
    assert_string_equal(options.job.blend[1].path, "-b");
    assert_true(options.job.blend[1].crop.size == 0.5 && options.job.blend_weight[0] == 0.75);
    assert_int_equal(options.job.width, 20);
    RUN("--styles", "a", "blank", "none", "d", "e");
    assert_int_equal(options.job.channel[1].state, CHANNEL_BLANK);
    assert_int_equal(options.job.channel[2].state, CHANNEL_OFF);
    RUN("--styles=a", "--blend", "--styles=b c");
    assert_int_equal(options.job.blend_count, 2);
    assert_string_equal(options.job.blend[1].path, "b c");
}

static void the_options_that_are_typed_most_have_a_letter(void **state)
{
    (void)state;
    accept(OPTIONS_RUN, WORDS("--styles", "a", "-b", "-o", "-o.png", "-w", "64", "-i", "7", "-n",
                              "random:4"));
    assert_int_equal(options.job.blend_count, 2);
    assert_string_equal(options.job.output, "-o.png");
    assert_string_equal(options.job.network, "random:4");
    assert_true(options.job.width == 64 && options.job.iterations == 7);
    REFUSE("-w needs a value", "-w");
    REFUSE("--width: x is not a number", "-w", "x");
}

static void threads_that_would_wait_for_each_other_are_not_started(void **state)
{
    (void)state;
    RUN("--threads", "1000");
    assert_in_range(options.job.threads, 1, sysconf(_SC_NPROCESSORS_ONLN));
    RUN("--threads", "1");
    assert_int_equal(options.job.threads, 1);
}

static void the_last_of_two_values_wins(void **state)
{
    (void)state;
    RUN("--width", "10", "--width=20", "--output", "p.png");
    assert_int_equal(options.job.width, 20);
    assert_string_equal(options.job.output, "p.png");
}

static void the_schedule_comes_before_other_options(void **state)
{
    (void)state;
    RUN("--iterations", "7", "--schedule", "classic");
    assert_true(options.job.iterations == 7 && options.job.pyramid == PYRAMID_OFF);
    assert_string_equal(options.job.initial, "noise");
}

static void options_win_over_the_job_file_wherever_it_stands(void **state)
{
    (void)state;
    const char *job = job_file("[job]\ncontent = c.png\noutput = o.png\niterations = 5\nseed = 3\n"
                               "width = 30\nstyles = a.png\n[channel relu2_1]\nweight = 2\n");
    char path[512];
    accept(OPTIONS_RUN, WORDS(job, "--width", "40"));
    assert_true(options.job.width == 40 && options.job.iterations == 5);
    snprintf(path, sizeof path, "%s/c.png", folder);
    assert_string_equal(options.job.content, path);
    accept(OPTIONS_RUN, WORDS("--overwrite", "--width", "40", job, "--output", "here.png"));
    assert_true(options.job.width == 40 && options.job.seed == 3);
    assert_string_equal(options.job.output, "here.png");
    accept(OPTIONS_RUN, WORDS("--schedule=classic", job));
    assert_true(options.job.iterations == 1000 && options.job.seed == 3);
    accept(OPTIONS_RUN, WORDS(job, "--styles", "b.png"));
    assert_string_equal(options.job.channel[1].style.path, "b.png");
    assert_true(options.job.channel[1].weight == 2);
    unlink(job);
}

/* ---- what is refused ---------------------------------------------------------------------- */

static void an_unknown_option_is_answered_with_its_neighbour(void **state)
{
    (void)state;
    REFUSE("no option --widht; did you mean --width?", "--widht", "5");
    REFUSE("no option --style_weight; did you mean --style-weight?", "--style_weight", "5");
    REFUSE("no option --preserve-colours; did you mean --preserve-colors?", "--preserve-colours");
    REFUSE("no option --overwite; did you mean --overwrite?", "--overwite");
    REFUSE("no option --lr; --help lists them", "--lr", "5");
    REFUSE("no option --gpu; --help", "--gpu", "0");
    REFUSE("no option --; ", "--=");
    REFUSE("no option -width; did you mean --width?", "-width=5");
    REFUSE("no option -q; --help lists them", "-q");
    char name[200] = "--";
    memset(name + 2, 'x', 150);
    REFUSE("no option --xxxxxxxx", name);
}

static void a_missing_value_is_missed(void **state)
{
    (void)state;
    REFUSE("--width needs a value", "--width");
    REFUSE("--styles needs a value", "--styles", "--width", "5");
    REFUSE("--output needs a value", "--output=");
    refuse(OPTIONS_EVAL, "--image needs a value", WORDS("--image"));
}

static void a_bad_value_is_named_with_its_option(void **state)
{
    (void)state;
    REFUSE("--width: 5px is not a number", "--width=5px");
    REFUSE("--style-crops: 3 is not a crop", "--style-crops", "1", "3");
    REFUSE("--schedule: slow is none of fast|classic", "--schedule", "slow");
    REFUSE("--progress: fancy is none of auto|bar|plain|json", "--progress", "fancy");
    REFUSE("--checkpoint-iterations: 0 is not", "--checkpoint-iterations", "0");
    REFUSE("--print-iterations: 1x is not", "--print-iterations", "1x");
    REFUSE("--overwrite takes no value", "--overwrite=true");
    REFUSE("--preserve-colors takes no value", "--preserve-colors=false");
    REFUSE("--style-scales: 2 given for 3 styles", "--styles", "a", "b", "c", "--style-scales", "1",
           "2");
}

/* Pictures in the repository, from where the tests are started. */
static const char coast[] = "assets/coast.jpg", night[] = "assets/night.jpg";

static void a_picture_is_the_content_and_more_are_styles(void **state)
{
    (void)state;
    accept(OPTIONS_RUN, WORDS(coast, night));
    assert_string_equal(options.job.content, coast);
    assert_string_equal(options.job.output, "coast-strata.png");
    assert_string_equal(options.job_path, "");
    for (int i = 0; i < STYLE_LAYER_COUNT; i++)
        assert_string_equal(options.job.channel[i].style.path, night);
    accept(OPTIONS_DESK, WORDS("--width", "64", coast, "--output", "o.png"));
    assert_string_equal(options.job.content, coast);
    assert_string_equal(options.job.output, "o.png");
    assert_false(options.made_up);
    accept(OPTIONS_DESK, WORDS(coast, night, "blank", "none", coast, night, "--start"));
    assert_true(options.made_up && options.start);
    assert_int_equal(options.job.channel[1].state, CHANNEL_BLANK);
    assert_int_equal(options.job.channel[2].state, CHANNEL_OFF);
    assert_string_equal(options.job.channel[3].style.path, coast);
    accept(OPTIONS_RUN, WORDS(coast, night, coast));
    assert_int_equal(options.job.blend_count, 2);
}

static void a_word_that_can_be_nothing_is_told_what_to_do(void **state)
{
    (void)state;
    REFUSE("there is no file out.png", coast, night, "out.png");
    REFUSE("is a folder; name a picture in it", "assets");
    REFUSE("out.gif: pictures are read as PNG, JPEG or WebP", "out.gif");
    REFUSE("nowhere.jpg: No such file", "nowhere.jpg");
    REFUSE("nowhere.jpg: No such file", "nowhere.jpg", night);
}

static void all_that_cannot_be_taken_is_named_at_once(void **state)
{
    (void)state;
    REFUSE("3 of these cannot be taken: no.jpg (not there), assets (a folder), out.gif (not there)",
           "no.jpg", "assets", night, "out.gif", "blank");
    REFUSE("2 of these cannot be taken: assets (a folder), Makefile (no picture)", night, "assets",
           "Makefile");
}

static void a_folder_is_for_the_workbench_to_look_into(void **state)
{
    (void)state;
    accept(OPTIONS_DESK, WORDS("assets", "--start"));
    assert_string_equal(options.folder, "assets");
    assert_string_equal(options.job.content, "");
}

static void stray_words_are_refused(void **state)
{
    (void)state;
    REFUSE("a.ini and b.ini stand behind no option", "a.ini", "--overwrite", "b.ini");
    REFUSE("x stand behind no option", "a.ini", "--width", "5", "x");
    REFUSE("are named behind --content and --styles: a.ini --content assets/coast.jpg", "a.ini",
           coast);
    REFUSE("none.ini", "/nowhere/none.ini");
    REFUSE("empty", "");
}

/* Beginnings count among the original's options only; others are there by their whole names. */
static void neural_style_takes_what_the_original_takes(void **state)
{
    (void)state;
    accept(OPTIONS_ORIGINAL,
           WORDS("--content", "c", "--styles", "a", "b", "c", "d", "e", "--out", "o.png", "--iter",
                 "9", "--pre", "--style-blend-weights", "1", "1", "1", "1", "4", "--seed", "3"));
    assert_true(options.original && options.job.preserve_colors && options.job.seed == 3);
    assert_true(options.job.iterations == 9 && options.job.optimizer == OPTIMIZER_ADAM);
    assert_true(options.job.blend_count == 5 && options.job.blend_weight[4] == 0.5);
    refuse(OPTIONS_ORIGINAL, "--style is short for --styles, --style-weight",
           WORDS("--style", "x"));
    refuse(OPTIONS_ORIGINAL, "no option --see; did you mean --seed?", WORDS("--see", "3"));
    refuse(OPTIONS_ORIGINAL, "c.png stands behind no option", WORDS("c.png"));
}

static void run_and_eval_have_options_of_their_own(void **state)
{
    (void)state;
    REFUSE("--grad is not an option of run", "--grad", "g.npy");
    refuse(OPTIONS_EVAL, "--progress is not an option of eval", WORDS("--progress", "bar"));
    refuse(OPTIONS_EVAL, "eval needs --image", WORDS("--content", "c.png"));
    REFUSE("are needed together", "--output", "o.png", "--checkpoint-iterations", "5");
    REFUSE("are needed together", "--output", "o.png", "--checkpoint-output", "c{}.png");
}

/* A PNG in our folder with that job; lent. */
static const char *gift(const char *text)
{
    static char path[512];
    struct image image = {0};
    snprintf(path, sizeof path, "%s/gift.png", folder);
    assert_int_equal(image_init(&image, 2, 1, &diag), STATUS_OK);
    assert_int_equal(image_write(&image, path, text, FILE_OVERWRITE, &diag), STATUS_OK);
    image_clear(&image);
    return path;
}

static void what_only_a_received_picture_names_elsewhere_is_refused(void **state)
{
    (void)state;
    const char *png = gift("[job]\ncontent = /x/c.png\nstyles = ../s.png\ninitial = i.png\n");
    REFUSE("gift.png reads a file outside its folder, /x/c.png, and 5 more; allow it with", png);
    REFUSE("/s.png, and 4 more", png, "--content", "/x/c.png");
    REFUSE("/x/c.png; allow", png, "--styles", "/s.png");
    RUN(png, "--content", "/x/c.png", "--styles", "/s.png");
    RUN(png, "--trust-paths");
    assert_string_equal(options.job.content, "/x/c.png");
    refuse(OPTIONS_EVAL, "/x/c.png, and 5 more", WORDS(png, "--image", "x.png"));
    REFUSE("/x/i.png; allow", gift("[job]\ncontent = c.png\ninitial = /x/i.png\n"));
    EVAL(png = gift("[job]\ncontent = c.png\ninitial = /x/i.png\n"));
    REFUSE("/n; allow", gift("[job]\ncontent = c.png\nnetwork = ../n\n"));
    RUN(gift("[job]\ncontent = c.png\nstyles = a/s.png\nnetwork = vgg19\n"));
    accept(OPTIONS_DESK, WORDS(gift("[job]\ncontent = /x/c.png\n")));
    assert_false(options.trust_paths); /* the workbench asks */
    accept(OPTIONS_DESK, WORDS(png, "--content", "c.png", "--initial", "noise"));
    assert_true(options.trust_paths);
    unlink(png);
    const char *ini = job_file("[job]\ncontent = /x/c.png\n"); /* a text that the user can read */
    RUN(ini);
    unlink(ini);
}

/* ---- checkpoints -------------------------------------------------------------------------- */

static void a_checkpoint_s_name_holds_its_iteration(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"c{}.png", "c42.png"}, {"c%d.png", "c42.png"}, {"%05d", "00042"}, {"%5d", "00042"},
        {"100%/c{}", "100%/c42"}, {"{}%s%n", "42%s%n"}, {"%%d", "%42"}, {"{%d}", "{42}"},
        {"%12d", "000000000042"}, {"c_{:05}.jpg", "c_00042.jpg"}, {"{0}", "42"}, {"{:d}", "42"},
        {"{0:05d}x", "00042x"}, {"%s1", "421"}, {"%i", "42"}, {"{x}{}", "{x}42"},
    };
    char path[JOB_PATH];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        if (options_checkpoint_path(path, sizeof path, cases[i][0], 42, &diag) != STATUS_OK)
            fail_msg("%s", diag.text);
        assert_string_equal(path, cases[i][1]);
    }
}

static void a_pattern_without_one_place_is_refused(void **state)
{
    (void)state;
    static const char *const patterns[] = {
        "c.png", "", "{}{}", "%d%d", "{}-%d", "%d-{}", "%s%s", "%n", "{:05}{}",
        "{:x}", "{1}", "{:05", "{:05dd}", "%x", "%-5d", "%+d", "% d",
        "%*d", "%.5d", "%ld", "%13d", "%100d", "%99999999999999999999d", "{", "%", "{ }", "%5",
    };
    char path[JOB_PATH] = "untouched";
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++) {
        if (options_checkpoint_path(path, sizeof path, patterns[i], 42, &diag) != STATUS_USAGE)
            fail_msg("%s gives %s", patterns[i], path);
        assert_non_null(strstr(diag.text, "must hold one {} or %d for the iteration"));
    }
    REFUSE("--checkpoint-output c.png must hold one", "--output", "o.png", "--checkpoint-output",
           "c.png", "--checkpoint-iterations", "5");
    assert_int_equal(options_checkpoint_path(path, 9, "c{}.png", 4200, &diag), STATUS_RANGE);
    assert_int_equal(options_checkpoint_path(path, 10, "c{}.png", 4200, &diag), STATUS_OK);
}

/* ---- all of them -------------------------------------------------------------------------- */

static void any_words_are_taken_or_refused(void **state)
{
    (void)state;
    static const char *const words[] = {
        "--output", "o.png", "--styles", "a", "b", "blank", "none", "--style-crops", "1/8@0.3,0.6",
        "--style-scales", "2", "--style-blend-weights", "0", "1", "1e9", "nan", "--blend",
        "--image", "--style-layer-weight-exp", "-1", "--schedule", "classic", "--seed",
        "--initial-noiseblend", "--width=5", "--pyramid", "auto", "--", "-", "", "=", "--=",
        "--%s%n", "%s%n", "--styles=", "--checkpoint-output", "{}", "--checkpoint-iterations",
        "--progress", "json", "--overwrite", "\xff\x1b[2J", "--\xff", "--content=x",
    };
    struct random random;
    int taken = 0, rounds = 20000;
    random_seed(&random, 8);
    for (int i = 0; i < rounds; i++) {
        const char *some[MAX_WORDS] = {"--output", "o.png"};
        size_t n = 2 + random_u64(&random) % 8;
        for (size_t k = 2; k < n; k++)
            some[k] = words[random_u64(&random) % (sizeof words / sizeof *words)];
        enum status status = parse(random_u64(&random) % 8 ? OPTIONS_RUN : OPTIONS_EVAL, some);
        taken += status == STATUS_OK;
        assert_true(status == STATUS_OK || (diag.status == status && diag.text[0]));
        for (int l = 0; status == STATUS_OK && l < STYLE_LAYER_COUNT; l++)
            assert_true(isfinite(options.job.channel[l].weight));
    }
    assert_in_range(taken, rounds / 50, rounds / 2);
}

int main(void)
{
    setenv("XDG_CONFIG_HOME", "/dev/null", 1); /* no settings of the user's */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_are_the_keys_of_a_job_with_dashes),
        cmocka_unit_test(what_concerns_this_call_only_is_set_too),
        cmocka_unit_test(a_list_ends_at_the_next_option),
        cmocka_unit_test(the_options_that_are_typed_most_have_a_letter),
        cmocka_unit_test(threads_that_would_wait_for_each_other_are_not_started),
        cmocka_unit_test(the_last_of_two_values_wins),
        cmocka_unit_test(the_schedule_comes_before_other_options),
        cmocka_unit_test(options_win_over_the_job_file_wherever_it_stands),
        cmocka_unit_test(an_unknown_option_is_answered_with_its_neighbour),
        cmocka_unit_test(a_missing_value_is_missed),
        cmocka_unit_test(a_bad_value_is_named_with_its_option),
        cmocka_unit_test(a_picture_is_the_content_and_more_are_styles),
        cmocka_unit_test(a_word_that_can_be_nothing_is_told_what_to_do),
        cmocka_unit_test(all_that_cannot_be_taken_is_named_at_once),
        cmocka_unit_test(a_folder_is_for_the_workbench_to_look_into),
        cmocka_unit_test(what_only_a_received_picture_names_elsewhere_is_refused),
        cmocka_unit_test(stray_words_are_refused),
        cmocka_unit_test(neural_style_takes_what_the_original_takes),
        cmocka_unit_test(run_and_eval_have_options_of_their_own),
        cmocka_unit_test(a_checkpoint_s_name_holds_its_iteration),
        cmocka_unit_test(a_pattern_without_one_place_is_refused),
        cmocka_unit_test(any_words_are_taken_or_refused),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
