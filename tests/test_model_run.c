/* test_model_run.c: steering a run: commands sent, answers taken in, questions before a loss. */
#include "model_help.h"

#include <unistd.h>

#include "folder_help.h"

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
    assert_true(m->wishes & WISH_START);
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
    run_seen(SNAPSHOT_RUNNING, 1);
    nothing_sent();
    run_seen(SNAPSHOT_DONE, 300);
    assert_int_equal(sent()->kind, CMD_SAVE);
    assert_int_equal(sent()->mode, FILE_OVERWRITE);
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
    struct snapshot *s = seen(SNAPSHOT_RUNNING, 6);
    s->diag_serial = 1;
    s->diag_command = m->serial;
    s->saved = 5;
    diag_set(&s->diag, STATUS_OK, "saved");
    model_take(m, s);
    assert_int_equal(model_mode(m, m->job.output), FILE_OVERWRITE);
    output_in_folder("other.png");
    strcpy(other, m->job.output);
    make_file(other);
    press("w");
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
    struct snapshot *s = seen(SNAPSHOT_RUNNING, 7);
    s->diag_command = m->serial;
    s->diag_serial = 1;
    diag_set(&s->diag, STATUS_INPUT, "no-such-file.png is missing");
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
    struct snapshot *s = seen(SNAPSHOT_RUNNING, 5);
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
        s->kept[i] = (struct snapshot_kept){i + 1, 10 * i, 1.0};
    s->kept_count = count;
}

static void snapshots_are_looked_at_and_returned_to(void **state)
{
    (void)state;
    struct snapshot *s = seen(SNAPSHOT_RUNNING, 30);
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
    s = seen(SNAPSHOT_PAUSED, 0);
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
    assert_int_equal(m->wishes, 0);
    press("Esc q k");
    assert_int_equal(m->wishes, WISH_QUIT_ALONE);
    m->wishes = 0;
    press("q y");
    assert_int_equal(m->wishes, WISH_QUIT_SAVING);
    m->wishes = 0;
    struct snapshot *s = seen(SNAPSHOT_DONE, 300);
    s->saved = 300;
    model_take(m, s);
    press("q");
    assert_int_equal(m->wishes, WISH_QUIT);
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
    assert_int_equal(m->wishes, WISH_QUIT);
    snprintf(path, sizeof path, "%s/d.ini", folder);
    assert_int_equal(job_read(&read, path, NULL), STATUS_OK);
    assert_int_equal(read.channel[0].state, CHANNEL_BLANK);
    unlink(path);
}

static void iterations_can_be_raised_and_previews_made_rarer(void **state)
{
    (void)state;
    run_seen(SNAPSHOT_DONE, 300);
    press("+ +");
    assert_int_equal(m->job.iterations, 500);
    assert_int_equal(sent()->kind, CMD_JOB);
    press("[ [ [");
    assert_int_equal(m->every, 5);
    press("] ] ] ]");
    assert_int_equal(m->every, 0);
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
        TEST(an_edited_job_is_offered_to_be_saved),
        TEST(iterations_can_be_raised_and_previews_made_rarer),
        TEST(a_content_gives_the_output_its_name),
        TEST(a_file_that_is_no_picture_is_not_chosen),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
