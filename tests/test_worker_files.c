/*
 * test_worker_files.c: no picture is lost: what the worker says of what is saved, under which names
 * it saves, and what it saves at the end; see test_worker.c.
 */
#include "tests/lib/worker.h"
#include "tests/lib/image.h"

static bool there(const char *name)
{
    return access(in_folder(name), F_OK) == 0;
}

static void remove_file(const char *name)
{
    assert_int_equal(unlink(in_folder(name)), 0);
}

/* The shade, which is the iteration, of the picture in a file. */
static int shade(const char *path)
{
    struct image image = {0};
    assert_int_equal(image_read(&image, path, &diag), STATUS_OK);
    int value = (int)image.rgb[0];
    image_clear(&image);
    return value;
}

/* A run to the end that saves by itself. */
static struct worker_options saving(void)
{
    struct worker_options o = options();
    o.save_at_end = true;
    return o;
}

static void restart(const struct job *job)
{
    struct command c = command(CMD_RESTART);
    c.job = *job;
    send(&c);
}

/* ---- saved or not ------------------------------------------------------------------------- */

static void another_run_to_the_same_iteration_is_saved_too(void **state)
{
    (void)state;
    struct worker_options o = saving();
    start(&o);
    until(SNAPSHOT_DONE);
    assert_true(there("out.png"));
    o.job.tv_weight = 5.0;
    restart(&o.job);
    until(SNAPSHOT_DONE);
    assert_true(there("out-2.png"));
    assert_true(seen->saved);
    remove_file("out.png");
    remove_file("out-2.png");
}

static void a_new_run_is_not_saved_before_it_ends(void **state)
{
    (void)state;
    struct worker_options o = saving();
    o.job.iterations = 4;
    start(&o);
    until(SNAPSHOT_DONE);
    assert_true(seen->saved);
    atomic_store(&fake.steps, 0);
    restart(&o.job);
    assert_false(seen->saved);
    remove_file("out.png");
}

static void a_second_run_is_saved_when_the_screen_is_gone(void **state)
{
    (void)state;
    struct worker_options o = options();
    start(&o);
    until(SNAPSHOT_DONE);
    struct command save = command(CMD_SAVE);
    send(&save);
    restart(&o.job);
    until(SNAPSHOT_DONE);
    assert_int_equal(finish(), STATUS_OK);
    assert_string_equal(where.picture, in_folder("out-2.png"));
    assert_true(there("out-2.png"));
    remove_file("out.png");
    remove_file("out-2.png");
}

static void going_on_from_a_kept_picture_replaces_no_finished_one(void **state)
{
    (void)state;
    struct worker_options o = saving();
    atomic_store(&fake.steps, 5);
    start(&o);
    until_waiting();
    struct command keep = command(CMD_KEEP);
    assert_true(worker_send(worker, &keep));
    atomic_store(&fake.steps, FAKE_FREE);
    until(SNAPSHOT_DONE);
    send_kind(CMD_RETURN, 1);
    assert_false(seen->saved);
    send_kind(CMD_GO, 0);
    until(SNAPSHOT_DONE);
    assert_true(seen->saved);
    assert_int_equal(shade(in_folder("out.png")), 10);
    assert_int_equal(shade(in_folder("out-2.png")), 10);
    remove_file("out.png");
    remove_file("out-2.png");
}

static void a_kept_picture_that_was_saved_is_saved_when_gone_back_to(void **state)
{
    (void)state;
    start_paused();
    send_kind(CMD_STEP, 0);
    until_iteration(1);
    send_kind(CMD_KEEP, 0);
    assert_false(seen->kept[0].saved);
    send_kind(CMD_SAVE, 1);
    assert_true(seen->kept[0].saved);
    assert_true(seen->saved); /* it is the present one */
    assert_true(there("out-snapshot-1.png"));
    send_kind(CMD_STEP, 0);
    until_iteration(2);
    assert_false(seen->saved);
    send_kind(CMD_RETURN, 1);
    assert_true(seen->saved);
    remove_file("out-snapshot-1.png");
}

/* ---- names -------------------------------------------------------------------------------- */

static void the_same_run_replaces_its_own_file_and_another_counts_on(void **state)
{
    (void)state;
    struct worker_options o = saving();
    start(&o);
    until(SNAPSHOT_DONE);
    restart(&o.job);
    until(SNAPSHOT_DONE);
    assert_string_equal(seen->file, in_folder("out-2.png"));
    assert_non_null(strstr(told()->diag.text, "out-2.png saved, iteration 10"));
    o.job.iterations = 13;
    send_job(&o.job);
    until_iteration(13);
    until(SNAPSHOT_DONE);
    assert_int_equal(shade(in_folder("out.png")), 10);
    assert_int_equal(shade(in_folder("out-2.png")), 13);
    assert_false(there("out-3.png"));
    struct command save = command(CMD_SAVE);
    send(&save);
    assert_false(there("out-3.png"));
    save = command(CMD_SAVE);
    snprintf(save.path, sizeof save.path, "%s", in_folder("out.png"));
    send(&save);
    assert_int_equal(told()->diag.status, STATUS_OUTPUT);
    remove_file("out.png");
    remove_file("out-2.png");
}

static void leave_to_replace_is_for_the_first_picture_only(void **state)
{
    (void)state;
    struct worker_options o = saving();
    o.mode = FILE_OVERWRITE;
    fclose(fopen(in_folder("out.png"), "w"));
    start(&o);
    until(SNAPSHOT_DONE);
    assert_int_equal(shade(in_folder("out.png")), 10);
    o.job.iterations = 3;
    restart(&o.job);
    until(SNAPSHOT_DONE);
    assert_int_equal(shade(in_folder("out.png")), 10);
    assert_int_equal(shade(in_folder("out-2.png")), 3);
    remove_file("out.png");
    remove_file("out-2.png");
}

static void a_save_that_fails_is_told_and_the_picture_stays_unsaved(void **state)
{
    (void)state;
    struct worker_options o = options();
    start(&o);
    until(SNAPSHOT_DONE);
    struct command save = command(CMD_SAVE);
    snprintf(save.path, sizeof save.path, "%s", in_folder("no-such-folder/out.png"));
    send(&save);
    assert_int_not_equal(told()->diag.status, STATUS_OK);
    assert_false(seen->saved);
}

static void a_folder_that_is_gone_loses_no_finished_picture(void **state)
{
    (void)state;
    struct worker_options o = saving();
    snprintf(o.job.output, JOB_PATH, "%s", in_folder("no-such-folder/gone.png"));
    setenv("XDG_STATE_HOME", folder, 1);
    assert_int_equal(chdir("/proc/self"), 0); /* takes no files either */
    start(&o);
    until(SNAPSHOT_DONE);
    assert_true(seen->saved);
    assert_int_equal(shade(in_folder("strata/gone.png")), 10);
    assert_non_null(strstr(told()->diag.text, "strata/gone.png"));
    remove_file("strata/gone.png");
    assert_int_equal(rmdir(in_folder("strata")), 0);
    unsetenv("XDG_STATE_HOME");
}

/* ---- the end ------------------------------------------------------------------------------ */

static void a_picture_that_is_saved_is_not_saved_again_as_a_kept_one(void **state)
{
    (void)state;
    start_paused();
    send_kind(CMD_STEP, 0);
    until_iteration(1);
    send_kind(CMD_KEEP, 0);
    worker_stop(worker);
    assert_int_equal(finish(), STATUS_OK);
    assert_int_equal(shade(where.picture), 1);
    assert_int_equal(where.count, 0);
    remove_file("out.png");
}

static void without_a_screen_kept_pictures_are_saved_under_free_names(void **state)
{
    (void)state;
    start_paused();
    fclose(fopen(in_folder("out-snapshot-2.png"), "w"));
    for (int i = 1; i <= 2; i++) {
        send_kind(CMD_STEP, 0);
        until_iteration(i);
        send_kind(CMD_KEEP, 0);
    }
    send_kind(CMD_STEP, 0);
    until_iteration(3);
    send_kind(CMD_SAVE, 0);
    worker_stop(worker);
    assert_int_equal(finish(), STATUS_OK);
    assert_string_equal(where.picture, in_folder("out.png"));
    assert_int_equal(where.count, 2);
    assert_int_equal(shade(where.kept[0]), 1);
    assert_string_equal(where.kept[1], in_folder("out-snapshot-2-2.png"));
    assert_int_equal(shade(where.kept[1]), 2);
    remove_file("out.png");
    remove_file("out-snapshot-1.png");
    remove_file("out-snapshot-2.png");
    remove_file("out-snapshot-2-2.png");
}

static void a_finished_run_is_saved_though_nobody_looks(void **state)
{
    (void)state;
    struct worker_options o = saving();
    start(&o);
    for (int i = 0; i < 10000 && !there("out.png"); i++)
        fake_sleep();
    assert_true(there("out.png"));
    worker_close(&worker);
    remove_file("out.png");
}

static void an_end_before_there_is_a_picture_is_no_failure(void **state)
{
    (void)state;
    struct worker_options o = options();
    atomic_store(&fake.open_waits, 1);
    start(&o);
    until_waiting();
    struct command keep = command(CMD_KEEP); /* refused: there is no picture yet */
    assert_true(worker_send(worker, &keep));
    worker_stop(worker);
    assert_int_equal(finish(), STATUS_OK);
    assert_string_equal(where.picture, "");
}

static void an_end_on_request_ends_within_a_step(void **state)
{
    (void)state;
    struct worker_options o = options();
    atomic_store(&fake.steps, 4);
    start(&o);
    until_waiting(); /* the fifth step takes for ever */
    worker_stop(worker);
    assert_int_equal(finish(), STATUS_OK);
    assert_int_equal(shade(where.picture), 4);
    remove_file("out.png");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(another_run_to_the_same_iteration_is_saved_too),
        EACH(a_new_run_is_not_saved_before_it_ends),
        EACH(a_second_run_is_saved_when_the_screen_is_gone),
        EACH(going_on_from_a_kept_picture_replaces_no_finished_one),
        EACH(a_kept_picture_that_was_saved_is_saved_when_gone_back_to),
        EACH(the_same_run_replaces_its_own_file_and_another_counts_on),
        EACH(leave_to_replace_is_for_the_first_picture_only),
        EACH(a_save_that_fails_is_told_and_the_picture_stays_unsaved),
        EACH(a_folder_that_is_gone_loses_no_finished_picture),
        EACH(a_picture_that_is_saved_is_not_saved_again_as_a_kept_one),
        EACH(without_a_screen_kept_pictures_are_saved_under_free_names),
        EACH(a_finished_run_is_saved_though_nobody_looks),
        EACH(an_end_before_there_is_a_picture_is_no_failure),
        EACH(an_end_on_request_ends_within_a_step),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
