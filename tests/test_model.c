/* test_model.c: what actions do to the job, and what is undone. */
#include "tests/lib/model.h"

#include <math.h>

static struct channel *channel(int i)
{
    return &m->job.channel[i];
}

static void faders_move_in_round_steps_and_stop_at_zero(void **state)
{
    (void)state;
    press("Right Right");
    assert_true(fabs(channel(0)->weight - 1.1) < 1e-9);
    press("Shift-Left Shift-Left Shift-Left Left");
    assert_true(channel(0)->weight == 0.0);
    press("0");
    assert_true(channel(0)->weight == 1.0);
    press("=");
    type("2.75");
    press("Ctrl-U");
    type("2.75");
    press("Enter");
    assert_true(channel(0)->weight == 2.75);
}

static void a_fader_that_was_moved_in_many_steps_is_undone_at_once(void **state)
{
    (void)state;
    press("Right Right Right Down Right u");
    assert_true(channel(1)->weight == 1.0);
    assert_true(channel(0)->weight == 1.15); /* as a job file would say it */
    press("u");
    assert_true(channel(0)->weight == 1.0);
    press("r r");
    assert_true(fabs(channel(1)->weight - 1.05) < 1e-9);
    press("u u u");
    assert_int_equal(m->message.kind, MESSAGE_HINT);
}

static void an_edit_after_undo_forgets_what_was_undone(void **state)
{
    (void)state;
    press("b Down o u");
    assert_int_equal(channel(1)->state, CHANNEL_ON);
    press("s b r");
    assert_int_equal(channel(1)->state, CHANNEL_BLANK);
    press("u u");
    assert_int_equal(channel(0)->state, CHANNEL_ON);
}

static void blank_and_off_go_back_to_the_picture(void **state)
{
    (void)state;
    press("b");
    assert_int_equal(channel(0)->state, CHANNEL_BLANK);
    press("o");
    assert_int_equal(channel(0)->state, CHANNEL_OFF);
    press("o");
    assert_int_equal(channel(0)->state, CHANNEL_ON);
    press("g n");
    assert_int_equal(channel(0)->state, CHANNEL_CONTENT);
    press("g");
    assert_int_equal(channel(0)->state, CHANNEL_GREY);
    press("g");
    assert_int_equal(channel(0)->state, CHANNEL_ON);
    press("d o");
    assert_int_equal(channel(0)->state, CHANNEL_OFF);
    assert_string_equal(channel(0)->style.path, "");
}

static void solo_silences_the_others_and_is_no_edit(void **state)
{
    (void)state;
    struct job job;
    press("3 s");
    model_job(m, &job);
    for (int i = 0; i < STYLE_LAYER_COUNT; i++)
        assert_int_equal(job.channel[i].state, i == 2 ? CHANNEL_ON : CHANNEL_OFF);
    assert_int_equal(channel(0)->state, CHANNEL_ON);
    assert_int_equal(m->history.count, 1);
    press("s");
    model_job(m, &job);
    assert_memory_equal(&job, &m->job, sizeof job);
}

static void crops_shrink_grow_and_stay_inside(void **state)
{
    (void)state;
    const double sizes[] = {0.5, 0.25, 0.125, 1.0};
    for (int i = 0; i < 4; i++) {
        press("z");
        assert_true(channel(0)->style.crop.size == sizes[i]);
    }
    press("z z m Left Left Left Left Left Left Left Up");
    assert_int_equal(model_context(m), CONTEXT_CROP);
    press("Left Left Left Left Left Left Left Left Left Left Left Left Left Left Left");
    assert_true(channel(0)->style.crop.x == 0.125);
    press("Enter Z");
    assert_int_equal(model_context(m), CONTEXT_LAYERS);
    assert_true(channel(0)->style.crop.size == 0.5);
}

static void swapping_exchanges_pictures_not_faders(void **state)
{
    (void)state;
    press("Right b x 5 x");
    assert_int_equal(channel(4)->state, CHANNEL_BLANK);
    assert_string_equal(channel(0)->style.path, "assets/glass.jpg");
    assert_true(channel(4)->weight == 1.0);
    press("u");
    assert_string_equal(channel(0)->style.path, "assets/night.jpg");
    press("x x");
    assert_int_equal(m->swap, MODEL_NO_LAYER);
}

static void a_picture_goes_to_all_layers(void **state)
{
    (void)state;
    press("5 z a");
    for (int i = 0; i < STYLE_LAYER_COUNT; i++) {
        assert_string_equal(channel(i)->style.path, "assets/glass.jpg");
        assert_true(channel(i)->style.crop.size == 0.5);
    }
}

static void any_setting_is_set_by_name(void **state)
{
    (void)state;
    press(":");
    type("style_w");
    press("Tab");
    assert_string_equal(m->prompt.text, "style_weight ");
    type("250");
    press("Enter");
    assert_true(m->job.style_weight == 250.0);
    assert_true(model_set(m, "crop 1/4@0.3,0.6"));
    assert_true(channel(0)->style.crop.x == 0.3);
    assert_true(model_set(m, "style_layer_weight_exp 2"));
    assert_true(channel(4)->weight > channel(0)->weight);
    assert_true(model_set(m, "styles assets/dots.jpg"));
    assert_string_equal(channel(3)->style.path, "assets/dots.jpg");
}

static void files_are_completed(void **state)
{
    (void)state;
    press(":");
    type("content assets/woodc");
    press("Tab");
    assert_non_null(strstr(m->prompt.text, "content assets/woodcut."));
    press("Ctrl-U");
    type("content ass");
    press("Tab");
    assert_string_equal(m->prompt.text, "content assets/");
}

static void a_line_that_is_refused_stays_to_be_mended(void **state)
{
    (void)state;
    press(":");
    type("tv_weight abc");
    press("Enter");
    assert_int_equal(model_context(m), CONTEXT_PROMPT);
    assert_int_equal(m->message.kind, MESSAGE_ERROR);
    assert_non_null(strstr(m->message.text, "abc"));
    press("Esc");
    assert_int_equal(model_context(m), CONTEXT_LAYERS);
    assert_false(model_set(m, "nonsense 5"));
    assert_false(model_set(m, "crop 7"));
    assert_false(model_set(m, "weight -1"));
    assert_false(model_set(m, "width"));
    assert_int_equal(m->history.count, 1);
}

static void settings_step_through_their_values(void **state)
{
    (void)state;
    for (m->setting = 0; m->setting < model_setting_count(); m->setting++) {
        const struct job_key *key = model_setting(m->setting);
        char before[JOB_PATH], after[JOB_PATH];
        m->focus = PANE_JOB;
        if (key->kind == JOB_FILE || key->kind == JOB_NAME)
            continue;
        job_print_value(before, sizeof before, &m->job, key);
        press("Right");
        job_print_value(after, sizeof after, &m->job, key);
        if (strcmp(before, after) == 0) /* it was at its end */
            press("Left");
        job_print_value(after, sizeof after, &m->job, key);
        if (strcmp(before, after) == 0)
            fail_msg("%s stays %s", key->name, before);
    }
}

static void a_setting_goes_back_to_its_default(void **state)
{
    (void)state;
    model_set(m, "content_weight 77");
    m->focus = PANE_JOB;
    while (strcmp(model_setting(m->setting)->name, "content_weight") != 0)
        press("Down");
    press("d");
    assert_true(m->job.content_weight == 5.0);
}

static void history_forgets_only_the_oldest(void **state)
{
    (void)state;
    for (int i = 0; i < MODEL_HISTORY + 50; i++)
        press(i % 2 ? "o" : "b");
    assert_int_equal(m->history.count, MODEL_HISTORY + 1);
    for (int i = 0; i < MODEL_HISTORY + 50; i++)
        press("u");
    assert_int_equal(m->history.at, 0);
    press("r");
    assert_int_equal(m->history.at, 1);
}

static void clicks_reach_faders_and_panes(void **state)
{
    (void)state;
    apply(&(struct act){.action = ACTION_LAYER_SET, .index = 3, .x = 0.5});
    assert_int_equal(m->layer, 3);
    assert_true(channel(3)->weight == 1.0);
    apply(&(struct act){.action = ACTION_LAYER_SET, .index = 3, .x = 1.0});
    assert_true(channel(3)->weight == 4.0);
    apply(&(struct act){.action = ACTION_FOCUS, .index = PANE_JOB});
    assert_int_equal(model_context(m), CONTEXT_JOB);
}

/* Too small a screen shows a sentence; keys that could not be seen to act do nothing. */
static void a_tiny_screen_takes_no_edits(void **state)
{
    (void)state;
    model_resize(m, 5, 20);
    press("b Right");
    assert_int_equal(m->history.count, 1);
    press("q");
    assert_true(m->requests & REQUEST_QUIT);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_model, free_model)
    const struct CMUnitTest tests[] = {
        TEST(faders_move_in_round_steps_and_stop_at_zero),
        TEST(a_fader_that_was_moved_in_many_steps_is_undone_at_once),
        TEST(an_edit_after_undo_forgets_what_was_undone),
        TEST(blank_and_off_go_back_to_the_picture),
        TEST(solo_silences_the_others_and_is_no_edit),
        TEST(crops_shrink_grow_and_stay_inside),
        TEST(swapping_exchanges_pictures_not_faders),
        TEST(a_picture_goes_to_all_layers),
        TEST(any_setting_is_set_by_name),
        TEST(files_are_completed),
        TEST(a_line_that_is_refused_stays_to_be_mended),
        TEST(settings_step_through_their_values),
        TEST(a_setting_goes_back_to_its_default),
        TEST(history_forgets_only_the_oldest),
        TEST(clicks_reach_faders_and_panes),
        TEST(a_tiny_screen_takes_no_edits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
