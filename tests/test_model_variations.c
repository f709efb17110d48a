/* test_model_variations.c: other values of a fader, a crop, a state, a setting: which there are,
 * which jobs they are of, and that Enter takes just the one. */
#include "tests/lib/model.h"

static const char *at_cursor(void)
{
    return m->variations.value[m->variations.at];
}

static void a_faders_variations_lie_around_it_and_enter_takes_one(void **state)
{
    (void)state;
    struct job before = m->job, expected = m->job, small;
    press("3 V");
    assert_int_equal(m->overlay, OVERLAY_VARIATIONS);
    assert_string_equal(m->variations.name, "weight");
    assert_int_equal(m->variations.count, 9);
    assert_string_equal(at_cursor(), "1");
    assert_string_equal(m->variations.value[0], "0");
    assert_true(job_equal(&m->job, &before));
    press("Right");
    assert_string_equal(at_cursor(), "2");
    expected.channel[2].weight = 2.0;
    model_variation(m, m->variations.at, &small);
    assert_true(job_equal(&small, &expected));
    press("Enter");
    assert_int_equal(m->overlay, OVERLAY_NONE);
    assert_true(job_equal(&m->job, &expected));
    press("u");
    assert_true(job_equal(&m->job, &before));
}

static void escape_leaves_the_job_as_it_was(void **state)
{
    (void)state;
    struct job before = m->job;
    press("V Right Down Esc");
    assert_int_equal(m->overlay, OVERLAY_NONE);
    assert_true(job_equal(&m->job, &before));
    press("V Enter"); /* what it is now is no edit */
    assert_true(job_equal(&m->job, &before));
    assert_int_equal(m->history.at, 0);
}

static void a_run_under_way_is_told(void **state)
{
    (void)state;
    run_seen(SNAPSHOT_RUNNING, 5);
    press("V Left");
    nothing_sent();
    press("Enter");
    assert_int_equal(sent()->kind, CMD_JOB);
    assert_true(sent()->job.channel[0].weight == 0.5);
}

static void every_value_of_every_kind_is_what_its_job_has(void **state)
{
    (void)state;
    struct job small;
    press("2 z z V Tab");
    assert_string_equal(m->variations.name, "crop");
    assert_string_equal(at_cursor(), "1/4");
    for (int i = 0; i < m->variations.count; i++) {
        struct crop crop;
        struct diag diag;
        model_variation(m, i, &small);
        assert_int_equal(job_parse_crop(&crop, m->variations.value[i], &diag), STATUS_OK);
        assert_memory_equal(&crop, &small.channel[1].style.crop, sizeof crop);
    }
    press("Tab");
    assert_string_equal(m->variations.name, "state");
    for (int i = 0; i < m->variations.count; i++) {
        model_variation(m, i, &small);
        assert_string_equal(job_state_name(small.channel[1].state), m->variations.value[i]);
    }
    press("Tab");
    assert_string_equal(m->variations.name, "weight");
}

static void a_layer_that_is_off_has_states_only(void **state)
{
    (void)state;
    press("o V");
    assert_string_equal(m->variations.name, "state");
    assert_string_equal(at_cursor(), "off");
    press("Tab");
    assert_string_equal(m->variations.name, "state");
}

/* Brings the job pane's cursor to a setting. */
static void go_to_setting(const char *name)
{
    m->focus = PANE_JOB;
    for (m->setting = 0; strcmp(model_setting(m->setting)->name, name) != 0; m->setting++)
        ;
}

static void settings_vary_where_a_small_picture_tells(void **state)
{
    (void)state;
    struct job small;
    go_to_setting("width");
    press("V");
    assert_int_equal(m->overlay, OVERLAY_NONE);
    assert_non_null(strstr(m->message.text, "width"));
    go_to_setting("style_weight");
    press("V");
    assert_string_equal(at_cursor(), "5000");
    press("End");
    model_variation(m, m->variations.at, &small);
    assert_true(small.style_weight == 80000.0);
    press("Enter");
    assert_true(m->job.style_weight == 80000.0);
    go_to_setting("content_weight_blend");
    press("V");
    assert_string_equal(at_cursor(), "1"); /* a share is no more than all */
    assert_int_equal(m->variations.count, 9);
    press("Esc");
    go_to_setting("pooling");
    press("V Right Enter");
    assert_int_equal(m->job.pooling, POOLING_AVG);
}

static void odd_weights_have_variations_too(void **state)
{
    (void)state;
    static const double weights[] = {0.0, 1e-9, 0.333, 7.77, 1e12};
    for (size_t i = 0; i < sizeof weights / sizeof *weights; i++) {
        struct job small;
        m->job.channel[0].weight = weights[i];
        press("1 V");
        assert_true(m->variations.count > 3);
        model_variation(m, m->variations.present, &small);
        assert_true(small.channel[0].weight == weights[i]);
        press("Esc");
    }
}

static void nothing_is_painted_of_a_job_that_cannot_be(void **state)
{
    (void)state;
    m->job.content[0] = 0;
    press("V");
    assert_int_equal(m->overlay, OVERLAY_NONE);
    assert_int_equal(m->message.kind, MESSAGE_ERROR);
}

static void the_cursor_stays_on_the_grid(void **state)
{
    (void)state;
    press("V");
    const char *const keys[] = {"Up", "Left", "Down", "Right", "Home", "Up", "End", "Down"};
    for (int i = 0; i < 400; i++) {
        press(keys[i % 50 / 7]);
        if (i % 20 == 0)
            model_resize(m, 12 + i / 10, 40 + i);
        assert_in_range(m->variations.at, 0, m->variations.count - 1);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_model, free_model)
    const struct CMUnitTest tests[] = {
        TEST(a_faders_variations_lie_around_it_and_enter_takes_one),
        TEST(escape_leaves_the_job_as_it_was),
        TEST(a_run_under_way_is_told),
        TEST(every_value_of_every_kind_is_what_its_job_has),
        TEST(a_layer_that_is_off_has_states_only),
        TEST(settings_vary_where_a_small_picture_tells),
        TEST(odd_weights_have_variations_too),
        TEST(nothing_is_painted_of_a_job_that_cannot_be),
        TEST(the_cursor_stays_on_the_grid),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
