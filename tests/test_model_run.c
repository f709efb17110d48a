/* test_model_run.c: steering a run: commands sent, answers taken in, questions before a loss. */
#include "tests/lib/model.h"
#include "tui/model/model_private.h"

#include <math.h>
#include <unistd.h>

#include "tests/lib/folder.h"

/* An output whose folder exists, so that a start is possible. */
static void output_in_folder(const char *name)
{
    snprintf(m->job.output, sizeof m->job.output, "%s/%s", folder, name);
}

static void make_file(const char *path)
{
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fclose(f);
}

static void space_starts_pauses_and_goes_on(void **state)
{
    (void)state;
    output_in_folder("a.png");
    press("Space");
    assert_true(m->requests & REQUEST_START);
    assert_true(m->started);
    assert_int_equal(m->preview, PREVIEW_RESULT);
    run_seen(SNAPSHOT_RUNNING, 3);
    press("Space");
    assert_int_equal(sent()->kind, CMD_PAUSE);
    run_seen(SNAPSHOT_PAUSED, 4);
    press("Space");
    assert_int_equal(sent()->kind, CMD_GO);
    press(".");
    assert_int_equal(sent()->kind, CMD_STEP);
}

static void a_job_that_cannot_start_says_why(void **state)
{
    (void)state;
    press("Space"); /* the output's folder is not there */
    assert_false(m->started);
    assert_int_equal(m->message.kind, MESSAGE_ERROR);
    m->job.content[0] = 0;
    press("Space");
    assert_non_null(strstr(m->message.text, "content"));
    press("S w . X");
    assert_null(sent());
}

static void an_output_that_exists_is_not_replaced_without_asking(void **state)
{
    (void)state;
    char first[JOB_PATH];
    output_in_folder("b.png");
    strcpy(first, m->job.output);
    make_file(first);
    press("Space");
    assert_int_equal(model_context(m), CONTEXT_QUESTION);
    press("Esc");
    assert_false(m->started);
    press("Space n");
    assert_true(m->started);
    assert_non_null(strstr(m->job.output, "b-2.png"));
    assert_int_equal(model_mode(m, first), FILE_KEEP);
    unlink(first);
}

static void replacing_is_possible_when_asked_for(void **state)
{
    (void)state;
    output_in_folder("c.png");
    make_file(m->job.output);
    press("Space y");
    assert_true(m->started);
    assert_int_equal(m->start_mode, FILE_OVERWRITE);
    unlink(m->job.output);
}

/* Having saved elsewhere is no leave to replace a file that the output was pointed at later. */
static void only_what_was_written_here_is_replaced_in_silence(void **state)
{
    (void)state;
    char other[JOB_PATH];
    run_seen(SNAPSHOT_RUNNING, 5);
    output_in_folder("mine.png");
    press("w");
    assert_int_equal(sent()->mode, FILE_KEEP);
    struct snapshot *s = snapshot_of(SNAPSHOT_RUNNING, 6);
    say(s, m->serial, STATUS_OK, "saved");
    strcpy(s->file, m->job.output);
    model_take(m, s);
    assert_int_equal(model_mode(m, m->job.output), FILE_OVERWRITE);
    output_in_folder("other.png");
    strcpy(other, m->job.output);
    make_file(other);
    assert_int_equal(model_mode(m, other), FILE_KEEP);
    press("W Enter");
    assert_int_equal(model_context(m), CONTEXT_QUESTION);
    press("Esc");
    unlink(other);
}

static void an_edit_during_the_run_goes_to_the_worker_as_the_whole_job(void **state)
{
    (void)state;
    run_seen(SNAPSHOT_RUNNING, 5);
    press("Right Right Right");
    assert_int_equal(m->outbox_count, 1);
    assert_int_equal(sent()->kind, CMD_JOB);
    assert_true(sent()->job.channel[0].weight > 1.1);
    press("u");
    assert_true(sent()->job.channel[0].weight == 1.0);
    press("s");
    assert_int_equal(sent()->job.channel[1].state, CHANNEL_OFF);
}

static void an_edit_that_the_run_refuses_is_taken_back(void **state)
{
    (void)state;
    run_seen(SNAPSHOT_RUNNING, 5);
    press("b");
    run_seen(SNAPSHOT_RUNNING, 6);
    model_set(m, "styles no-such-file.png");
    struct snapshot *s = snapshot_of(SNAPSHOT_RUNNING, 7);
    say(s, m->serial, STATUS_INPUT, "no-such-file.png is missing");
    model_take(m, s);
    assert_string_equal(m->job.channel[1].style.path, "assets/night.jpg");
    assert_int_equal(m->job.channel[0].state, CHANNEL_BLANK);
    assert_int_equal(m->message.kind, MESSAGE_ERROR);
    press("u");
    assert_int_equal(m->job.channel[0].state, CHANNEL_ON);
}

static void what_takes_a_new_start_waits_for_it(void **state)
{
    (void)state;
    char names[100];
    struct snapshot *s = snapshot_of(SNAPSHOT_RUNNING, 5);
    model_take(m, s);
    assert_false(model_needs_restart(m, names, sizeof names));
    model_set(m, "width 99");
    model_set(m, "seed 7");
    assert_true(model_needs_restart(m, names, sizeof names));
    assert_string_equal(names, "width, seed");
    press("R");
    assert_int_equal(sent()->kind, CMD_RESTART);
    assert_int_equal(sent()->job.width, 99);
}

static void keep(struct snapshot *s, int count)
{
    for (int i = 0; i < count; i++)
        s->kept[i] = (struct snapshot_kept){i + 1, 10 * i, 1.0, false};
    s->kept_count = count;
}

static void snapshots_are_looked_at_and_returned_to(void **state)
{
    (void)state;
    struct snapshot *s = snapshot_of(SNAPSHOT_RUNNING, 30);
    keep(s, 2);
    model_take(m, s);
    assert_int_equal(m->kept, 1);
    nothing_sent();
    m->focus = PANE_SNAPSHOTS;
    press("Up");
    assert_int_equal(m->preview, PREVIEW_SNAPSHOT);
    assert_int_equal(sent()->kind, CMD_LOOK);
    assert_int_equal(sent()->number, 1);
    press("Enter");
    assert_int_equal(sent()->kind, CMD_RETURN);
    s = snapshot_of(SNAPSHOT_PAUSED, 0);
    keep(s, 2);
    s->job.tv_weight = 7.0;
    model_take(m, s);
    assert_true(m->job.tv_weight == 7.0);
    press("u");
    assert_true(m->job.tv_weight == 100.0);
    press("d");
    assert_int_equal(sent()->kind, CMD_FREE);
}

static void without_snapshots_flipping_skips_them(void **state)
{
    (void)state;
    run_seen(SNAPSHOT_RUNNING, 30);
    m->preview = PREVIEW_RESULT;
    press("v");
    assert_int_equal(m->preview, PREVIEW_CONTENT);
    press("v");
    assert_int_equal(m->preview, PREVIEW_RESULT);
}

static void leaving_a_run_asks_and_a_saved_one_is_left_at_once(void **state)
{
    (void)state;
    run_seen(SNAPSHOT_RUNNING, 30);
    press("q");
    assert_int_equal(m->requests, 0);
    press("Esc q k");
    assert_int_equal(m->requests, REQUEST_DETACH);
    m->requests = 0;
    press("q y");
    assert_int_equal(m->requests, REQUEST_QUIT_SAVING);
    m->requests = 0;
    struct snapshot *s = snapshot_of(SNAPSHOT_DONE, 300);
    s->saved = true;
    model_take(m, s);
    press("q");
    assert_int_equal(m->requests, REQUEST_QUIT);
}

/* Snapshots are kept nowhere else. */
static void leaving_asks_for_snapshots_that_are_in_no_file(void **state)
{
    (void)state;
    char text[DIAG_TEXT], answers[200];
    struct snapshot *s = snapshot_of(SNAPSHOT_DONE, 300);
    s->saved = true;
    keep(s, 3);
    s->kept[0].saved = true;
    model_take(m, s);
    press("q");
    assert_int_equal(m->requests, 0);
    model_question(m, text, answers);
    assert_string_equal(text, "2 snapshots are in no file. Leave?");
    press("Esc q n");
    assert_int_equal(m->requests, REQUEST_QUIT);
    m->requests = 0;
    press("q y");
    assert_int_equal(m->requests, REQUEST_QUIT_SAVING);
    m->requests = 0;
    s = snapshot_of(SNAPSHOT_RUNNING, 301);
    s->iterations = 400;
    keep(s, 1);
    model_take(m, s);
    press("q");
    model_question(m, text, answers);
    assert_string_equal(text, "The run is at 301 of 400 and not saved, 1 snapshot is in no file. "
                              "Leave?");
}

static void another_job_is_not_opened_over_snapshots_without_asking(void **state)
{
    (void)state;
    struct snapshot *s = snapshot_of(SNAPSHOT_DONE, 300);
    s->saved = true;
    keep(s, 1);
    model_take(m, s);
    m->overlay = OVERLAY_FILES;
    m->choice = CHOICE_OPEN;
    struct browser_listing listing;
    browser_list(&listing, BROWSER_JOBS, "assets");
    m->browser.kind = BROWSER_JOBS;
    browser_take(&m->browser, &listing, "demo.ini");
    press("Enter");
    assert_int_equal(m->question, QUESTION_OPEN);
    assert_true(m->started);
}

/* The screen said "done" of the first run; the second one is at the same iteration. */
static void a_second_run_at_the_same_iteration_is_not_left_unasked(void **state)
{
    (void)state;
    struct snapshot *s = snapshot_of(SNAPSHOT_DONE, 300);
    s->saved = true;
    model_take(m, s);
    press("R");
    run_seen(SNAPSHOT_DONE, 300);
    press("q");
    assert_int_equal(m->question, QUESTION_QUIT);
    assert_int_equal(m->requests, 0);
}

static void what_another_run_wrote_is_not_replaced_in_silence(void **state)
{
    (void)state;
    output_in_folder("run.png");
    struct snapshot *s = snapshot_of(SNAPSHOT_DONE, 300);
    strcpy(s->file, m->job.output);
    s->saved = true;
    model_take(m, s);
    assert_int_equal(model_mode(m, m->job.output), FILE_OVERWRITE);
    press("R");
    assert_int_equal(model_mode(m, m->job.output), FILE_KEEP); /* before it has begun, too */
    run_seen(SNAPSHOT_RUNNING, 3);
    assert_int_equal(model_mode(m, m->job.output), FILE_KEEP);
    nothing_sent();
    press("w"); /* the run knows a free name */
    assert_string_equal(sent()->path, "");
    assert_int_equal(sent()->mode, FILE_KEEP);
}

/* A new worker counts its sentences from 1 again. */
static void the_first_sentence_of_a_second_run_is_told(void **state)
{
    (void)state;
    struct snapshot *s = snapshot_of(SNAPSHOT_DONE, 300);
    say(s, 0, STATUS_OK, "out.png saved");
    s->saved = true;
    model_take(m, s);
    m->started = false; /* another job was opened */
    output_in_folder("next.png");
    press("Space");
    s = snapshot_of(SNAPSHOT_FAILED, 0);
    say(s, 0, STATUS_INPUT, "the content is damaged");
    model_take(m, s);
    assert_string_equal(m->message.text, "the content is damaged");
}

static void a_refusal_with_more_said_after_it_is_taken_back_too(void **state)
{
    (void)state;
    run_seen(SNAPSHOT_RUNNING, 5);
    press("b");
    unsigned edit = m->serial;
    press("S");
    struct snapshot *s = snapshot_of(SNAPSHOT_RUNNING, 6);
    say(s, edit, STATUS_INPUT, "it cannot work");
    say(s, m->serial, STATUS_OK, "snapshot 1 kept");
    model_take(m, s);
    assert_int_equal(m->job.channel[0].state, CHANNEL_ON);
    assert_string_equal(m->message.text, "it cannot work");
}

static void what_a_busy_run_cannot_take_is_not_waited_for(void **state)
{
    (void)state;
    struct snapshot *s = snapshot_of(SNAPSHOT_RUNNING, 30);
    keep(s, 1);
    model_take(m, s);
    for (int i = 0; i < MODEL_OUTBOX; i++)
        press("S");
    assert_int_equal(m->message.kind, MESSAGE_NONE);
    m->focus = PANE_SNAPSHOTS;
    press("Enter");
    assert_int_equal(m->message.kind, MESSAGE_ERROR);
    assert_int_equal(m->returning, 0);
    assert_int_equal(m->outbox_count, MODEL_OUTBOX);
    assert_int_equal(sent()->kind, CMD_KEEP);
    press("1 b 2 b"); /* edits are never dropped */
    assert_int_equal(sent()->kind, CMD_JOB);
    assert_int_equal(sent()->job.channel[0].state, CHANNEL_BLANK);
    assert_int_equal(sent()->job.channel[1].state, CHANNEL_BLANK);
    assert_int_equal(sent()->serial, m->history.serial);
}

static void a_start_that_failed_does_not_lose_the_edited_job(void **state)
{
    (void)state;
    press("b");
    run_seen(SNAPSHOT_FAILED, 0);
    press("q");
    assert_int_equal(m->question, QUESTION_QUIT_EDITS);
}

/* The job that a picture came with goes to a file of its own. */
static void the_opened_picture_stays_the_result_when_its_job_is_saved(void **state)
{
    (void)state;
    char path[JOB_PATH];
    struct job job = m->job;
    snprintf(job.output, sizeof job.output, "%s/opened.png", folder);
    model_free(&m);
    m = model_new(&job, job.output);
    assert_string_equal(model_still(m), job.output);
    press("Ctrl-W Enter");
    snprintf(path, sizeof path, "%s/opened.ini", folder);
    assert_int_equal(unlink(path), 0);
    assert_string_equal(model_still(m), job.output);
}

static void an_edited_job_is_offered_to_be_saved(void **state)
{
    (void)state;
    char path[JOB_PATH];
    struct job read;
    output_in_folder("d.png");
    press("b q");
    assert_int_equal(model_context(m), CONTEXT_QUESTION);
    press("y");
    assert_int_equal(m->requests, REQUEST_QUIT);
    snprintf(path, sizeof path, "%s/d.ini", folder);
    assert_int_equal(job_read(&read, path, NULL), STATUS_OK);
    assert_int_equal(read.channel[0].state, CHANNEL_BLANK);
    unlink(path);
}

static void iterations_can_be_raised_and_previews_made_rarer(void **state)
{
    (void)state;
    run_seen(SNAPSHOT_DONE, m->job.iterations);
    int before = m->job.iterations;
    press("+ +");
    assert_int_equal(m->job.iterations, before + 200);
    assert_int_equal(sent()->kind, CMD_JOB);
    press("[ [ [");
    assert_int_equal(m->every, 5);
    press("] ] ] ]");
    assert_int_equal(m->every, 0);
}

/* A weight that moves takes its pull along: what is shown fits the faders. */
static void balance_makes_the_layers_pull_alike_and_original_goes_back(void **state)
{
    (void)state;
    static const double pull[STYLE_LAYER_COUNT] = {3.0, 0.25, 40.0, 500.0, 0.0};
    double squares = 0.0;
    press(":");
    type("balance");
    press("Enter"); /* nothing is known yet */
    for (int i = 0; i < STYLE_LAYER_COUNT; i++)
        assert_true(m->job.channel[i].weight == 1.0 && model_pull(m, i) < 0.0);
    struct snapshot *s = snapshot_of(SNAPSHOT_RUNNING, 3);
    memcpy(s->pull, pull, sizeof pull);
    model_take(m, s);
    press(":");
    type("balance");
    press("Enter");
    for (int i = 0; i < 4; i++) {
        assert_true(fabs(model_pull(m, i) - 0.25) < 0.01);
        squares += pow(pull[i] * m->job.channel[i].weight, 2.0);
    }
    assert_true(fabs(sqrt(squares) / 501.6 - 1.0) < 0.01);
    assert_true(m->job.channel[4].weight == 1.0);
    press("u");
    assert_true(m->job.channel[1].weight == 1.0);
    press("r :");
    type("original");
    press("Enter");
    assert_true(m->job.channel[1].weight == 1.0 && fabs(model_pull(m, 3) - 500 / 543.25) < 0.01);
}

static void a_content_gives_the_output_its_name(void **state)
{
    (void)state;
    m->own_output = true;
    press("c");
    assert_int_equal(model_context(m), CONTEXT_FILES);
    type("glass");
    press("Enter");
    assert_non_null(strstr(m->job.content, "assets/glass.jpg"));
    assert_string_equal(m->job.output, "glass-strata.png");
}

static void a_file_that_is_no_picture_is_not_chosen(void **state)
{
    (void)state;
    char path[JOB_PATH];
    snprintf(path, sizeof path, "%s/empty.png", folder);
    make_file(path);
    strcpy(m->job.channel[0].style.path, path);
    press("Enter");
    assert_int_equal(model_context(m), CONTEXT_FILES);
    press("Enter");
    assert_int_equal(model_context(m), CONTEXT_FILES);
    assert_non_null(strstr(m->message.text, "empty"));
    unlink(path);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_model, free_model)
    const struct CMUnitTest tests[] = {
        TEST(space_starts_pauses_and_goes_on),
        TEST(a_job_that_cannot_start_says_why),
        TEST(an_output_that_exists_is_not_replaced_without_asking),
        TEST(replacing_is_possible_when_asked_for),
        TEST(only_what_was_written_here_is_replaced_in_silence),
        TEST(an_edit_during_the_run_goes_to_the_worker_as_the_whole_job),
        TEST(an_edit_that_the_run_refuses_is_taken_back),
        TEST(what_takes_a_new_start_waits_for_it),
        TEST(snapshots_are_looked_at_and_returned_to),
        TEST(without_snapshots_flipping_skips_them),
        TEST(leaving_a_run_asks_and_a_saved_one_is_left_at_once),
        TEST(leaving_asks_for_snapshots_that_are_in_no_file),
        TEST(another_job_is_not_opened_over_snapshots_without_asking),
        TEST(a_second_run_at_the_same_iteration_is_not_left_unasked),
        TEST(what_another_run_wrote_is_not_replaced_in_silence),
        TEST(the_first_sentence_of_a_second_run_is_told),
        TEST(a_refusal_with_more_said_after_it_is_taken_back_too),
        TEST(what_a_busy_run_cannot_take_is_not_waited_for),
        TEST(a_start_that_failed_does_not_lose_the_edited_job),
        TEST(the_opened_picture_stays_the_result_when_its_job_is_saved),
        TEST(an_edited_job_is_offered_to_be_saved),
        TEST(iterations_can_be_raised_and_previews_made_rarer),
        TEST(balance_makes_the_layers_pull_alike_and_original_goes_back),
        TEST(a_content_gives_the_output_its_name),
        TEST(a_file_that_is_no_picture_is_not_chosen),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
