/* test_job.c: the keys of a job, their values as text, styles on layers, and what cannot run. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/job/job.h"
#include "engine/base/random.h"

static struct diag diag;

static void must(enum status status)
{
    if (status != STATUS_OK)
        fail_msg("%s", diag.text);
}

static void refused(enum status status, enum status expected, const char *part)
{
    assert_int_equal(status, expected);
    assert_int_equal(diag.status, expected);
    if (!strstr(diag.text, part))
        fail_msg("\"%s\" does not say \"%s\"", diag.text, part);
}

static enum status set(struct job *job, struct job_lists *lists, const char *key, const char *value)
{
    return job_set(job, lists, job_find_key(key), value, "", &diag);
}

/* The job of options given as "key value key value ...". */
static enum status try_job(struct job *job, const char *const *words)
{
    struct job_lists lists = {0};
    job_defaults(job);
    for (; *words; words += 2)
        must(set(job, &lists, words[0], words[1]));
    return job_resolve(job, &lists, &diag);
}

#define TRY_JOB(job, ...) try_job(job, (const char *const[]){__VA_ARGS__, NULL})
#define STYLES_5(a, b, c, d, e) "styles", a, "styles", b, "styles", c, "styles", d, "styles", e

static void near(double a, double b)
{
    if (!(fabs(a - b) <= 1e-12 * fabs(b)))
        fail_msg("%.17g is not %.17g", a, b);
}

/* ---- keys and values ---------------------------------------------------------------------- */

static void every_key_is_found_by_its_name(void **state)
{
    (void)state;
    size_t count;
    const struct job_key *keys = job_keys(&count);
    assert_in_range(count, 1, 64);
    for (size_t i = 0; i < count; i++) {
        assert_ptr_equal(job_find_key(keys[i].name), &keys[i]);
        assert_null(strchr(keys[i].name, '-'));
        assert_true(keys[i].help[0] != 0);
    }
    assert_null(job_find_key("overwrite"));
    assert_null(job_find_key(""));
}

static void the_defaults_are_those_of_the_original_and_of_fast(void **state)
{
    (void)state;
    struct job job;
    job_defaults(&job);
    assert_string_equal(job.network, "strata16");
    assert_true(job.content_weight == 5 && job.content_weight_blend == 1);
    assert_true(job.style_weight == 5000 && job.tv_weight == 100);
    assert_true(job.beta1 == 0.9 && job.beta2 == 0.999 && job.eps == 1e-8);
    assert_true(job.pooling == POOLING_MAX && job.width == 0 && job.threads == 0);
    assert_true(job.seed == 1 && !job.preserve_colors && job.precision == PRECISION_AUTO);
    assert_true(job.schedule == SCHEDULE_FAST && job.iterations == 140);
    assert_true(job.optimizer == OPTIMIZER_LBFGS && job.pyramid == PYRAMID_AUTO);
    assert_string_equal(job.initial, "content");
    assert_true(job.initial_noiseblend < 0);
    for (int i = 0; i < STYLE_LAYER_COUNT; i++) {
        assert_true(job.channel[i].weight == 1 && job.channel[i].state == CHANNEL_OFF);
        assert_true(job.channel[i].style.scale == 1 && job.channel[i].style.crop.size == 1);
    }
}

static void classic_sets_the_original_s_schedule(void **state)
{
    (void)state;
    struct job job;
    struct job_lists lists = {0};
    job_defaults(&job);
    must(set(&job, &lists, "tv_weight", "7"));
    must(set(&job, &lists, "initial_noiseblend", "0.5"));
    must(set(&job, &lists, "schedule", "classic"));
    assert_true(job.schedule == SCHEDULE_CLASSIC && job.iterations == 1000);
    assert_true(job.learning_rate == 10 && job.pyramid == PYRAMID_OFF && job.style_weight == 500);
    assert_string_equal(job.initial, "noise");
    assert_true(job.initial_noiseblend < 0 && job.tv_weight == 7);
}

static void values_come_back_as_text(void **state)
{
    (void)state;
    static const char *const values[][2] = {
        {"content", "a b;%.png"}, {"network", "random:vgg19"}, {"width", "640"},
        {"style_weight", "0.1"}, {"eps", "1e-08"}, {"tv_weight", "123456"},
        {"initial_noiseblend", "0.25"}, {"seed", "18446744073709551615"},
        {"preserve_colors", "true"}, {"preserve_colors", "false"}, {"pooling", "avg"},
        {"precision", "bf16"}, {"optimizer", "lbfgs"}, {"pyramid", "off"}, {"pyramid", "auto"},
        {"pyramid", "3"}, {"schedule", "classic"}, {"initial", "noise"}, {"threads", "8"},
        {"memory", "400M"}, {"memory", "1000001"}, {"memory", "auto"},
    };
    struct job job;
    struct job_lists lists = {0};
    job_defaults(&job);
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        char text[JOB_PATH];
        must(set(&job, &lists, values[i][0], values[i][1]));
        job_print_value(text, sizeof text, &job, job_find_key(values[i][0]));
        assert_string_equal(text, values[i][1]);
    }
}

static void what_is_not_set_has_no_text(void **state)
{
    (void)state;
    static const char *const keys[] = {"content", "initial_noiseblend", "styles", "style_crops",
                                       "style_layer_weight_exp", "blend"};
    struct job job;
    job_defaults(&job);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        char text[JOB_PATH] = "?";
        job_print_value(text, sizeof text, &job, job_find_key(keys[i]));
        assert_string_equal(text, "");
    }
}

static void bad_values_are_refused_and_set_nothing(void **state)
{
    (void)state;
    static const struct {
        const char *key, *value, *part;
        enum status status;
    } cases[] = {
        {"width", "12x", "12x is not a number", STATUS_USAGE},
        {"width", "", "is not a number", STATUS_USAGE},
        {"width", "1.5", "1.5 is not a whole number", STATUS_USAGE},
        {"width", "-1", "-1 lies outside 0 to 65536", STATUS_RANGE},
        {"iterations", "99999999999", "outside", STATUS_RANGE},
        {"style_weight", "nan", "not a number", STATUS_USAGE},
        {"style_weight", "inf", "not a number", STATUS_USAGE},
        {"style_weight", "1e999", "not a number", STATUS_USAGE},
        {"tv_weight", "1,5", "1,5 is not a number", STATUS_USAGE},
        {"beta1", "1", "outside", STATUS_RANGE},
        {"initial_noiseblend", "-1", "outside 0 to 1", STATUS_RANGE},
        {"seed", "-1", "whole number", STATUS_USAGE},
        {"seed", " 1", "whole number", STATUS_USAGE},
        {"seed", "18446744073709551616", "2^64", STATUS_USAGE},
        {"preserve_colors", "yes", "neither true nor false", STATUS_USAGE},
        {"pooling", "m", "m is none of max|avg", STATUS_USAGE},
        {"pooling", "max|avg", "none of", STATUS_USAGE},
        {"pyramid", "1", "outside 2 to 8", STATUS_RANGE},
        {"pyramid", "on", "not a number", STATUS_USAGE},
        {"content", "", "a file name is missing", STATUS_USAGE},
        {"styles", "", "a file name is missing", STATUS_USAGE},
        {"style_scales", "0", "outside", STATUS_RANGE},
        {"style_layer_weight_exp", "0", "outside", STATUS_RANGE},
        {"style_crops", "2", "2 is not a crop", STATUS_USAGE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct job job, before;
        struct job_lists lists = {0}, none = {0};
        job_defaults(&job);
        job_defaults(&before);
        refused(set(&job, &lists, cases[i].key, cases[i].value), cases[i].status, cases[i].part);
        assert_memory_equal(&job, &before, sizeof job);
        assert_memory_equal(&lists, &none, sizeof lists);
    }
}

static void a_path_starts_from_the_folder_a_word_does_not(void **state)
{
    (void)state;
    static const char *const cases[][3] = {
        {"content", "a.png", "jobs/a.png"}, {"content", "/a.png", "/a.png"},
        {"content", "blank", "jobs/blank"}, {"initial", "noise", "noise"},
        {"initial", "./noise", "jobs/noise"}, {"network", "strata16", "strata16"},
        {"network", "random:16", "random:16"}, {"network", "n.safetensors", "jobs/n.safetensors"},
    };
    struct job job;
    struct job_lists lists = {0};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[JOB_PATH];
        const struct job_key *key = job_find_key(cases[i][0]);
        job_defaults(&job);
        must(job_set(&job, &lists, key, cases[i][1], "jobs", &diag));
        job_print_value(text, sizeof text, &job, key);
        assert_string_equal(text, cases[i][2]);
    }
}

static void a_path_fits_up_to_its_last_byte(void **state)
{
    (void)state;
    struct job job;
    struct job_lists lists = {0};
    char path[JOB_PATH + 1];
    memset(path, 'x', JOB_PATH);
    path[JOB_PATH] = 0;
    job_defaults(&job);
    refused(set(&job, &lists, "content", path), STATUS_RANGE, "too long");
    assert_string_equal(job.content, "");
    path[JOB_PATH - 1] = 0;
    must(set(&job, &lists, "content", path));
    assert_string_equal(job.content, path);
}

static void a_number_s_text_is_short_and_exact(void **state)
{
    (void)state;
    static const struct {
        double value;
        const char *text;
    } cases[] = {{0, "0"}, {0.1, "0.1"}, {1.0 / 3, "0.3333333333333333"}, {500, "500"},
                 {1e12, "1000000000000"}, {1e-8, "1e-08"}, {0.1 + 0.2, "0.30000000000000004"}};
    char text[32];
    struct random random;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        job_print_real(text, cases[i].value);
        assert_string_equal(text, cases[i].text);
    }
    random_seed(&random, 1);
    for (int i = 0; i < 20000; i++) {
        uint64_t bits = random_u64(&random);
        double value;
        memcpy(&value, &bits, sizeof value);
        if (!isfinite(value))
            continue;
        job_print_real(text, value);
        assert_true(strtod(text, NULL) == value);
    }
}

static void crops_come_back_as_text(void **state)
{
    (void)state;
    static const char *const texts[][2] = {
        {"1", "1"}, {"1/8", "1/8"}, {"0.125", "1/8"}, {"3/4", "0.75"}, {"1/3", "1/3"},
        {"0.30000000000000004", "0.30000000000000004"}, {"1/8@0.3,0.6", "1/8@0.3,0.6"},
        {"1/2@0.5,0.5", "1/2"}, {"1/7@0,1", "1/7@0,1"},
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct crop crop, again;
        char text[96];
        must(job_parse_crop(&crop, texts[i][0], &diag));
        job_print_crop(text, &crop);
        assert_string_equal(text, texts[i][1]);
        must(job_parse_crop(&again, text, &diag));
        assert_memory_equal(&again, &crop, sizeof crop);
    }
}

static void what_is_no_crop_is_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "", "0", "2", "-1/-8", "-1", "1/0", "1/", "/8", "nan", "1/inf", "inf", "1/8@", "1/8@0.3",
        "1/8@0.3,", "1/8@0.3,2", "1/8@nan,0", "1/8@0.3,0.6x", "1/8 x", "1/8@-1,0", "1/8/2",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct crop crop = {0.7, 0.1, 0.2};
        refused(job_parse_crop(&crop, texts[i], &diag), STATUS_USAGE, "is not a crop such as");
        assert_true(crop.size == 0.7 && crop.x == 0.1 && crop.y == 0.2);
    }
}

/* ---- styles on layers --------------------------------------------------------------------- */

static void one_style_acts_on_all_five_layers(void **state)
{
    (void)state;
    struct job job;
    must(TRY_JOB(&job, "style_crops", "1/2", "styles", "a.png", "style_scales", "0.5"));
    assert_int_equal(job.blend_count, 0);
    for (int i = 0; i < STYLE_LAYER_COUNT; i++) {
        assert_string_equal(job.channel[i].style.path, "a.png");
        assert_int_equal(job.channel[i].state, CHANNEL_ON);
        assert_true(job.channel[i].style.crop.size == 0.5 && job.channel[i].style.scale == 0.5);
        assert_true(job.channel[i].weight == 1);
    }
}

static void five_styles_go_to_a_layer_each(void **state)
{
    (void)state;
    struct job job;
    must(TRY_JOB(&job, STYLES_5("a", "blank", "none", "./blank", "e"), "style_scales", "1",
                 "style_scales", "2", "style_scales", "3", "style_scales", "4", "style_scales",
                 "5"));
    static const enum channel_state states[] = {CHANNEL_ON, CHANNEL_BLANK, CHANNEL_OFF, CHANNEL_ON,
                                                CHANNEL_ON};
    static const char *const paths[] = {"a", "", "", "./blank", "e"};
    assert_int_equal(job.blend_count, 0);
    for (int i = 0; i < STYLE_LAYER_COUNT; i++) {
        assert_int_equal(job.channel[i].state, states[i]);
        assert_string_equal(job.channel[i].style.path, paths[i]);
        assert_true(job.channel[i].style.scale == i + 1);
    }
}

static void words_stand_for_white_grey_and_the_content(void **state)
{
    (void)state;
    struct job job;
    must(TRY_JOB(&job, STYLES_5("grey", "content", "./grey", "blank", "none")));
    static const enum channel_state states[] = {CHANNEL_GREY, CHANNEL_CONTENT, CHANNEL_ON,
                                                CHANNEL_BLANK, CHANNEL_OFF};
    for (int i = 0; i < STYLE_LAYER_COUNT; i++) {
        assert_int_equal(job.channel[i].state, states[i]);
        assert_string_equal(job.channel[i].style.path, i == 2 ? "./grey" : "");
    }
    refused(TRY_JOB(&job, "styles", "a", "styles", "grey"), STATUS_USAGE,
            "styles: grey is for one of five layers; leave it out of a blend");
}

static void any_other_number_of_styles_is_blended(void **state)
{
    (void)state;
    struct job job;
    must(TRY_JOB(&job, "styles", "a", "styles", "blank", "styles", "c", "style_blend_weights", "1",
                 "style_blend_weights", "2", "style_blend_weights", "5", "style_crops", "1/4"));
    assert_int_equal(job.blend_count, 3);
    assert_string_equal(job.blend[0].path, "a");
    assert_string_equal(job.blend[1].path, "");
    near(job.blend_weight[0], 1.0 / 8);
    near(job.blend_weight[2], 5.0 / 8);
    assert_true(job.blend[2].crop.size == 0.25);
    for (int i = 0; i < STYLE_LAYER_COUNT; i++)
        assert_int_equal(job.channel[i].state, CHANNEL_ON);
    must(TRY_JOB(&job, "styles", "a", "styles", "b"));
    assert_int_equal(job.blend_count, 2);
    near(job.blend_weight[1], 0.5);
}

static void blend_makes_five_styles_or_one_a_blend(void **state)
{
    (void)state;
    struct job job;
    must(TRY_JOB(&job, "blend", "true", STYLES_5("a", "b", "c", "d", "e")));
    assert_int_equal(job.blend_count, 5);
    near(job.blend_weight[4], 0.2);
    must(TRY_JOB(&job, "styles", "a", "blend", "true"));
    assert_int_equal(job.blend_count, 1);
    near(job.blend_weight[0], 1);
}

static void five_styles_after_a_blend_end_it(void **state)
{
    (void)state;
    struct job job;
    struct job_lists lists = {0};
    must(TRY_JOB(&job, "styles", "a", "styles", "b"));
    must(set(&job, &lists, "styles", "c"));
    must(job_resolve(&job, &lists, &diag));
    assert_int_equal(job.blend_count, 0);
    assert_string_equal(job.channel[4].style.path, "c");
}

static void weights_move_layers_as_the_original_s_do(void **state)
{
    (void)state;
    struct job job;
    must(TRY_JOB(&job, STYLES_5("a", "b", "c", "d", "e"), "style_blend_weights", "1",
                 "style_blend_weights", "2", "style_blend_weights", "3", "style_blend_weights", "4",
                 "style_blend_weights", "0"));
    for (int i = 0; i < STYLE_LAYER_COUNT; i++)
        near(job.channel[i].weight, i == 4 ? 0.0 : 5.0 * (i + 1) / 10);
    must(TRY_JOB(&job, "styles", "a", "style_layer_weight_exp", "2"));
    for (int i = 0; i < STYLE_LAYER_COUNT; i++)
        near(job.channel[i].weight, 5.0 * pow(2, i) / 31);
    must(TRY_JOB(&job, "styles", "a", "styles", "b", "style_layer_weight_exp", "0.5"));
    for (int i = 0; i < STYLE_LAYER_COUNT; i++)
        near(job.channel[i].weight, 5.0 * pow(0.5, i) / (31.0 / 16));
}

static void lists_change_only_what_they_name(void **state)
{
    (void)state;
    struct job job;
    struct job_lists lists = {0};
    must(TRY_JOB(&job, STYLES_5("a", "b", "c", "none", "e"), "style_crops", "1/2"));
    must(set(&job, &lists, "style_scales", "2"));
    must(job_resolve(&job, &lists, &diag));
    assert_string_equal(job.channel[1].style.path, "b");
    assert_true(job.channel[1].style.crop.size == 0.5 && job.channel[1].style.scale == 2);
    assert_int_equal(job.channel[3].state, CHANNEL_OFF);
}

static void lists_that_do_not_match_are_refused(void **state)
{
    (void)state;
    struct job job;
    struct job_lists lists = {0};
    refused(TRY_JOB(&job, "styles", "a", "styles", "b", "styles", "c", "style_scales", "1",
                    "style_scales", "2"),
            STATUS_USAGE, "style_scales: 2 given for 3 styles");
    refused(TRY_JOB(&job, "styles", "a", "style_crops", "1", "style_crops", "1/2"), STATUS_USAGE,
            "style_crops: 2 given");
    refused(TRY_JOB(&job, "styles", "a", "styles", "b", "style_blend_weights", "1"), STATUS_USAGE,
            "style_blend_weights: 1 given for 2 styles");
    refused(TRY_JOB(&job, STYLES_5("a", "b", "c", "d", "e"), "style_blend_weights", "1"),
            STATUS_USAGE, "style_blend_weights: 1 given for 5");
    must(TRY_JOB(&job, "styles", "a", "style_blend_weights", "3"));
    near(job.channel[2].weight, 1);
    refused(TRY_JOB(&job, "styles", "a", "style_blend_weights", "0"), STATUS_RANGE, "above 0");
    refused(TRY_JOB(&job, "blend", "true"), STATUS_USAGE, "no styles to blend");
    refused(TRY_JOB(&job, "styles", "a", "styles", "none"), STATUS_USAGE, "none");
    for (int i = 0; i < JOB_MAX_STYLES; i++)
        must(set(&job, &lists, "styles", "a"));
    refused(set(&job, &lists, "styles", "a"), STATUS_RANGE, "at most 16");
}

/* ---- what cannot run ---------------------------------------------------------------------- */

static void a_job_that_cannot_run_says_why(void **state)
{
    (void)state;
    struct job job;
    must(TRY_JOB(&job, "content", "c.png", "styles", "a"));
    must(job_validate(&job, &diag));
    must(TRY_JOB(&job, "styles", "a"));
    refused(job_validate(&job, &diag), STATUS_USAGE, "no content");
    must(TRY_JOB(&job, "content", "c.png"));
    refused(job_validate(&job, &diag), STATUS_USAGE, "no style");
    must(TRY_JOB(&job, "content", "c.png", "styles", "blank"));
    must(job_validate(&job, &diag));
    job.channel[2].state = CHANNEL_ON;
    refused(job_validate(&job, &diag), STATUS_USAGE, "channel relu3_1 is on and has no style");
    must(TRY_JOB(&job, "content", "c.png", "styles", "a", "styles", "b"));
    must(job_validate(&job, &diag));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_key_is_found_by_its_name),
        cmocka_unit_test(the_defaults_are_those_of_the_original_and_of_fast),
        cmocka_unit_test(classic_sets_the_original_s_schedule),
        cmocka_unit_test(values_come_back_as_text),
        cmocka_unit_test(what_is_not_set_has_no_text),
        cmocka_unit_test(bad_values_are_refused_and_set_nothing),
        cmocka_unit_test(a_path_starts_from_the_folder_a_word_does_not),
        cmocka_unit_test(a_path_fits_up_to_its_last_byte),
        cmocka_unit_test(a_number_s_text_is_short_and_exact),
        cmocka_unit_test(crops_come_back_as_text),
        cmocka_unit_test(what_is_no_crop_is_refused),
        cmocka_unit_test(one_style_acts_on_all_five_layers),
        cmocka_unit_test(five_styles_go_to_a_layer_each),
        cmocka_unit_test(words_stand_for_white_grey_and_the_content),
        cmocka_unit_test(any_other_number_of_styles_is_blended),
        cmocka_unit_test(blend_makes_five_styles_or_one_a_blend),
        cmocka_unit_test(five_styles_after_a_blend_end_it),
        cmocka_unit_test(weights_move_layers_as_the_original_s_do),
        cmocka_unit_test(lists_change_only_what_they_name),
        cmocka_unit_test(lists_that_do_not_match_are_refused),
        cmocka_unit_test(a_job_that_cannot_run_says_why),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
