/*
 * test_worker_keep.c: what the worker keeps, what it writes, and how it ends; see test_worker.c.
 */
#include "tests/lib/worker.h"
#include "tests/lib/image.h"

/* ---- kept pictures, files ----------------------------------------------------------------- */

static void a_kept_picture_can_be_seen_returned_to_and_forgotten(void **state)
{
    (void)state;
    struct worker_options o = start_paused();
    send_kind(CMD_STEP, 0);
    until_iteration(1);
    send_kind(CMD_KEEP, 0);
    assert_int_equal(seen->kept_count, 1);
    o.job.tv_weight = 3.0;
    send_job(&o.job);
    send_kind(CMD_GO, 0);
    until(SNAPSHOT_DONE);
    send_kind(CMD_KEEP, 0);
    send_kind(CMD_LOOK, 1);
    assert_int_equal(seen->look->number, 1);
    assert_true(seen->look->job.tv_weight == 100.0);
    assert_int_equal(seen->look->picture.width, 4);
    assert_int_equal(seen->look->picture.rgb[0], 1);
    send_kind(CMD_RETURN, 1);
    assert_int_equal(seen->state, SNAPSHOT_PAUSED);
    assert_int_equal(seen->iteration, 1);
    assert_true(seen->job.tv_weight == 100.0);
    assert_int_equal(seen->curve.count, 1);
    assert_int_equal(seen->preview.iteration, 1);
    send_kind(CMD_FREE, 1);
    assert_int_equal(seen->kept_count, 1);
    assert_int_equal(seen->kept[0].number, 2);
    send_kind(CMD_RETURN, 1);
    assert_string_equal(told()->diag.text, "there is no snapshot 1");
    send_kind(CMD_KEEP, 0);
    assert_int_equal(seen->kept[1].number, 3);
}

static void write_something(const char *name)
{
    FILE *f = fopen(in_folder(name), "w");
    fputs("something else", f);
    fclose(f);
}

static void a_picture_is_saved_with_its_job_and_over_nobody_elses(void **state)
{
    (void)state;
    struct worker_options o = options();
    struct image image = {0};
    struct job job;
    o.save_at_end = true;
    write_something("theirs.png");
    start(&o);
    until(SNAPSHOT_DONE);
    assert_true(seen->saved);
    assert_int_equal(job_read(&job, o.job.output, &diag), STATUS_OK);
    assert_int_equal(job.iterations, 10);
    o.job.iterations = 12;
    send_job(&o.job);
    until_iteration(12);
    until(SNAPSHOT_DONE);
    assert_true(seen->saved); /* over its own */
    assert_int_equal(image_read(&image, o.job.output, &diag), STATUS_OK);
    assert_true(image.rgb[0] == 12.0f);
    image_clear(&image);
    struct command c = command(CMD_SAVE);
    snprintf(c.path, sizeof c.path, "%s", in_folder("theirs.png"));
    send(&c);
    assert_int_equal(told()->diag.status, STATUS_OUTPUT);
    c.mode = FILE_OVERWRITE;
    c.serial = ++serial;
    send(&c);
    assert_int_equal(told()->diag.status, STATUS_OK);
    unlink(in_folder("out.png"));
    unlink(in_folder("theirs.png"));
}

static void a_picture_for_which_there_is_no_room_is_not_kept(void **state)
{
    (void)state;
    start_paused();
    until(SNAPSHOT_PAUSED);
    atomic_store(&fake.no_room, 1);
    send_kind(CMD_KEEP, 0);
    assert_int_equal(told()->diag.status, STATUS_RANGE);
    assert_int_equal(seen->kept_count, 0);
}

/* ---- the end ------------------------------------------------------------------------------ */

static void close_stops_within_a_step_and_while_opening(void **state)
{
    (void)state;
    struct worker_options o = options();
    atomic_store(&fake.steps, 3);
    start(&o);
    until_waiting();
    worker_close(&worker);
    assert_null(worker);
    atomic_store(&fake.open_waits, 1);
    atomic_store(&fake.waiting, 0);
    start(&o);
    until_waiting();
    worker_close(&worker);
    worker_close(&worker);
}

static void without_a_screen_the_run_ends_and_saves(void **state)
{
    (void)state;
    struct worker_options o = options();
    o.paused = true;
    write_something("out.png");
    start(&o);
    send_kind(CMD_KEEP, 0);
    assert_int_equal(finish(), STATUS_OK);
    assert_null(worker);
    assert_string_equal(where.picture, in_folder("out-2.png"));
    assert_int_equal(where.count, 1); /* the kept one */
    unlink(where.kept[0]);
    struct image image = {0};
    assert_int_equal(image_read(&image, where.picture, &diag), STATUS_OK);
    assert_true(image.rgb[0] == 10.0f);
    image_clear(&image);
    unlink(where.picture);
    unlink(in_folder("out.png"));
}

static void an_end_on_request_saves_what_there_is(void **state)
{
    (void)state;
    struct worker_options o = options();
    struct image image = {0};
    atomic_store(&fake.steps, 4);
    start(&o);
    until_waiting();
    worker_stop(worker);
    assert_int_equal(finish(), STATUS_OK); /* within the step that waits */
    assert_int_equal(image_read(&image, where.picture, &diag), STATUS_OK);
    assert_true(image.rgb[0] == 4.0f);
    image_clear(&image);
    unlink(where.picture);
}

static void a_run_that_fails_without_a_screen_saves_too(void **state)
{
    (void)state;
    struct worker_options o = options();
    atomic_store(&fake.diverge_at, 5);
    start(&o);
    assert_int_equal(finish(), STATUS_DIVERGED);
    assert_int_equal(unlink(where.picture), 0);
    o.job.style_weight = 666.0;
    start(&o);
    assert_int_equal(finish(), STATUS_INPUT);
    assert_string_equal(where.picture, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(a_kept_picture_can_be_seen_returned_to_and_forgotten),
        EACH(a_picture_is_saved_with_its_job_and_over_nobody_elses),
        EACH(a_picture_for_which_there_is_no_room_is_not_kept),
        EACH(close_stops_within_a_step_and_while_opening),
        EACH(without_a_screen_the_run_ends_and_saves),
        EACH(an_end_on_request_saves_what_there_is),
        EACH(a_run_that_fails_without_a_screen_saves_too),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
