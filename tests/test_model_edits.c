/*
 * test_model_edits.c: a job that changes while it is painted, on the desk: what is said of it, that
 * the desk follows the run, and what undo and a new start make of that.
 */
#include "tests/lib/model.h"
#include "tui/model/model_private.h"

#include <locale.h>

#include "tests/lib/folder.h"

static void has_edits(void)
{
    strcpy(m->job.edits, "[edit 12]\nrelu2_1.weight = 0.5\n[edit 40]\nrelu3_1.state = blank\n"
                         "tv_weight = 3\n");
    snprintf(m->job.output, sizeof m->job.output, "%s/out.png", folder);
    m->saved_job = m->job;
    model_history_reset(m);
}

/* Painting, and seen at that iteration. */
static void painting(int iteration)
{
    if (!m->started)
        press("Space");
    assert_true(m->started);
    run_seen(SNAPSHOT_RUNNING, iteration);
}

static bool says(const char *text)
{
    return strstr(m->message.text, text);
}

static void a_job_with_edits_says_so_when_it_is_opened(void **state)
{
    (void)state;
    has_edits();
    model_guard(m, "assets/job.ini");
    assert_string_equal(m->message.text, "3 edits at iterations 12 to 40 are made again while it "
                                         "paints; :edits off drops them, :edits last makes them "
                                         "the job's");
    m->job.edits_lost = 9;
    model_guard(m, "assets/job.ini");
    assert_true(says("does not know what was changed before iteration 9"));
}

static void the_desk_follows_the_run_and_undo_keeps_to_what_the_user_did(void **state)
{
    (void)state;
    has_edits();
    painting(11);
    assert_true(m->job.channel[1].weight == 1.0);
    model_set(m, "style_weight 700");
    assert_int_equal(sent()->kind, CMD_JOB);
    assert_int_equal(sent()->seen, 11);
    painting(12);
    assert_true(m->job.channel[1].weight == 0.5 && m->job.style_weight == 700.0);
    assert_int_equal(m->job.channel[2].state, CHANNEL_ON);
    painting(60);
    assert_int_equal(m->job.channel[2].state, CHANNEL_BLANK);
    assert_true(m->job.tv_weight == 3.0);
    press("u");
    assert_true(m->job.style_weight == 5000.0 && m->job.tv_weight == 3.0);
    assert_true(m->job.channel[1].weight == 0.5);
    assert_string_equal(m->message.text, "style_weight 5000 → 700 taken back; r does it again");
    assert_true(sent()->job.tv_weight == 3.0);
    press("u");
    assert_true(says("nothing left"));
}

static void what_a_hand_sets_is_not_set_anew_by_edits_to_come(void **state)
{
    (void)state;
    has_edits();
    painting(11);
    model_set(m, "tv_weight 8");
    assert_true(says("your value stays: 1 recorded edit of it is left out"));
    assert_string_equal(sent()->job.edits,
                        "[edit 12]\nrelu2_1.weight = 0.5\n[edit 40]\nrelu3_1.state = blank\n");
    painting(60);
    assert_true(m->job.tv_weight == 8.0 && m->job.channel[1].weight == 0.5);
    assert_int_equal(m->job.channel[2].state, CHANNEL_BLANK);
    press("u"); /* the edit is there again, and was due at 40 */
    assert_true(m->job.tv_weight == 3.0);
}

static void a_new_start_makes_the_edits_again_if_nothing_else_was_changed(void **state)
{
    (void)state;
    has_edits();
    painting(200);
    press("R");
    assert_int_equal(sent()->kind, CMD_RESTART);
    assert_true(sent()->job.channel[1].weight == 1.0 && sent()->job.edits[0]);
    assert_true(m->job.channel[1].weight == 1.0);
    painting(200); /* the new one is as far */
    assert_true(m->job.channel[1].weight == 0.5);
    model_set(m, "style_weight 700");
    press("R");
    assert_true(sent()->job.channel[1].weight == 0.5 && sent()->job.style_weight == 700.0);
    assert_string_equal(sent()->job.edits, "");
    assert_true(says("the job's edits are left out"));
    assert_string_equal(m->job.edits, "");
    press("R");
    assert_string_equal(m->message.text, "a new run from the start");
}

static void what_the_run_before_said_last_is_not_followed(void **state)
{
    (void)state;
    has_edits();
    painting(20);
    struct snapshot *late = snapshot_of(SNAPSHOT_RUNNING, 90);
    press("R");
    model_take(m, late);
    assert_int_equal(m->followed, -1);
    assert_true(m->job.channel[1].weight == 1.0 && m->job.tv_weight == 100.0);
}

static void edits_are_dropped_or_made_at_once(void **state)
{
    (void)state;
    has_edits();
    assert_true(model_carry_out(m, "edits off"));
    assert_string_equal(m->job.edits, "");
    assert_true(m->job.tv_weight == 100.0);
    press("u");
    assert_true(m->job.edits[0]);
    assert_true(says("the edits taken back"));
    assert_true(model_carry_out(m, "edits last"));
    assert_string_equal(m->job.edits, "");
    assert_true(m->job.tv_weight == 3.0 && m->job.channel[1].weight == 0.5);
    assert_true(model_carry_out(m, "edits"));
    assert_true(says("has no edits"));
    assert_false(model_carry_out(m, "edits on"));
    press("u");
    painting(20);
    model_carry_out(m, "edits off");
    assert_string_equal(sent()->job.edits, "");
    painting(60);
    assert_true(m->job.tv_weight == 100.0);
}

/* Options cannot say edits, so they go to a file. */
static void the_line_for_the_shell_paints_what_a_new_start_would(void **state)
{
    (void)state;
    has_edits();
    painting(60);
    model_show_command(m);
    assert_true(m->line_job.channel[1].weight == 1.0 && m->line_job.tv_weight == 100.0);
    assert_non_null(strstr(m->line_job.edits, "[edit 40]"));
    model_set(m, "style_weight 700");
    model_show_command(m);
    assert_true(m->line_job.tv_weight == 3.0 && m->line_job.style_weight == 700.0);
    assert_string_equal(m->line_job.edits, "");
}

static void going_back_and_taking_up_keep_what_is_to_come(void **state)
{
    (void)state;
    has_edits();
    painting(60);
    struct snapshot *s = snapshot_of(SNAPSHOT_PAUSED, 30);
    struct job record = m->start_job;
    s->job = record;
    job_edits_apply(&s->job, record.edits, -1, 30);
    model_adopt(m, &s->job, record.edits, 30);
    assert_true(m->job.tv_weight == 100.0 && m->job.channel[1].weight == 0.5);
    assert_int_equal(job_edits_next(m->job.edits, -1), 40);
    snapshot_free(&s);
    painting(45);
    assert_true(m->job.tv_weight == 3.0);
    press("R");
    assert_true(sent()->job.tv_weight == 100.0 && sent()->job.edits[0]);
}

static void fewer_iterations_than_are_done_are_said_to_end_the_run(void **state)
{
    (void)state;
    run_seen(SNAPSHOT_RUNNING, 137);
    press("-");
    assert_int_equal(sent()->job.iterations, 40);
    assert_string_equal(m->message.text, "137 iterations are done already, so the run ends here; "
                                         "R begins anew with 40");
    run_seen(SNAPSHOT_DONE, 137);
    assert_true(model_set(m, "iterations 20"));
    assert_string_equal(m->message.text, "137 iterations are done already; R begins anew with 20");
    press("+ +");
    assert_string_equal(m->message.text, "220 iterations");
}

#define EACH_MODEL(test) cmocka_unit_test_setup_teardown(test, make_model, free_model)

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH_MODEL(a_job_with_edits_says_so_when_it_is_opened),
        EACH_MODEL(the_desk_follows_the_run_and_undo_keeps_to_what_the_user_did),
        EACH_MODEL(what_a_hand_sets_is_not_set_anew_by_edits_to_come),
        EACH_MODEL(a_new_start_makes_the_edits_again_if_nothing_else_was_changed),
        EACH_MODEL(what_the_run_before_said_last_is_not_followed),
        EACH_MODEL(edits_are_dropped_or_made_at_once),
        EACH_MODEL(fewer_iterations_than_are_done_are_said_to_end_the_run),
        EACH_MODEL(the_line_for_the_shell_paints_what_a_new_start_would),
        EACH_MODEL(going_back_and_taking_up_keep_what_is_to_come),
    };
    setlocale(LC_CTYPE, "C.UTF-8");
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
