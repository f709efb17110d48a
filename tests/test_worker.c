/*
 * test_worker.c: the run's thread, its commands and its snapshots, with a fake run (fake_run.h) in
 * place of the real one, so that it runs under ThreadSanitizer.
 */
#include "tests/lib/worker.h"

/* ---- a run -------------------------------------------------------------------------------- */

static void a_run_goes_to_its_end_and_tells(void **state)
{
    (void)state;
    struct worker_options o = options();
    start(&o);
    until(SNAPSHOT_DONE);
    assert_int_equal(seen->iteration, 10);
    assert_int_equal(seen->iterations, 10);
    assert_int_equal(seen->curve.count, 11);
    assert_true(seen->curve.point[7].total == 993.0);
    assert_true(seen->losses.total == 990.0);
    assert_string_equal(seen->summary, "a fake");
    assert_int_equal(seen->preview.width, 4); /* 8×6 into 4×4 */
    assert_int_equal(seen->preview.height, 3);
    assert_int_equal(seen->preview.iteration, 10);
    assert_int_equal(seen->preview.rgb[4 * 3 * 3 - 1], 10);
    assert_false(seen->saved);
}

static void signals_are_the_screens_but_faults(void **state)
{
    (void)state;
    struct worker_options o = options();
    start(&o);
    until(SNAPSHOT_DONE);
    assert_int_equal(atomic_load(&fake.signals), 7);
}

static void opening_holds_nobody_up(void **state)
{
    (void)state;
    struct worker_options o = options();
    atomic_store(&fake.open_waits, 1);
    start(&o);
    until_waiting();
    next();
    assert_int_equal(seen->state, SNAPSHOT_OPENING);
    atomic_store(&fake.open_waits, 0);
    until(SNAPSHOT_DONE);
}

static void a_job_that_cannot_be_opened_waits_for_a_better_one(void **state)
{
    (void)state;
    struct worker_options o = options();
    o.job.style_weight = 666.0;
    start(&o);
    until(SNAPSHOT_FAILED);
    assert_int_equal(told()->diag.status, STATUS_INPUT);
    assert_int_equal(seen->told_serial, 1);
    send_kind(CMD_KEEP, 0);
    assert_string_equal(told()->diag.text, "there is no picture yet");
    o.job.style_weight = 5.0;
    send_job(&o.job);
    until(SNAPSHOT_DONE);
}

static void pause_step_and_go(void **state)
{
    (void)state;
    start_paused();
    until(SNAPSHOT_PAUSED);
    assert_int_equal(seen->iteration, 0);
    assert_int_equal(seen->preview.iteration, 0);
    for (int i = 1; i <= 3; i++) {
        send_kind(CMD_STEP, 0);
        until_iteration(i);
        until(SNAPSHOT_PAUSED);
        assert_int_equal(seen->iteration, i);
        assert_int_equal(seen->preview.iteration, i);
    }
    atomic_store(&fake.steps, 2);
    send_kind(CMD_GO, 0);
    until_waiting();
    assert_true(worker_send(worker, &(struct command){.kind = CMD_PAUSE}));
    atomic_store(&fake.steps, 1);
    until(SNAPSHOT_PAUSED);
    assert_int_equal(seen->iteration, 6);
    atomic_store(&fake.steps, FAKE_FREE);
    send_kind(CMD_GO, 0);
    until(SNAPSHOT_DONE);
}

static void no_view_no_preview(void **state)
{
    (void)state;
    struct worker_options o = options();
    o.view = (struct worker_view){0};
    start(&o);
    until(SNAPSHOT_DONE);
    assert_null(seen->preview.rgb);
    struct command c = command(CMD_VIEW);
    c.view = (struct worker_view){.window = {.width = 16, .height = 100}, .every = 5};
    send(&c);
    assert_int_equal(seen->preview.width, 16); /* enlarged */
    assert_int_equal(seen->preview.whole_width, FAKE_WIDTH);
}

static void pulls_are_known_at_rest_where_they_are_wanted(void **state)
{
    (void)state;
    start_paused();
    send_kind(CMD_STEP, 0);
    until_iteration(1);
    assert_true(seen->pull[0] == 0.0);
    struct command c = command(CMD_VIEW);
    c.view = (struct worker_view){.pulls = true};
    send(&c);
    while (seen->pull[0] != 2.0)
        next();
    send_kind(CMD_STEP, 0);
    while (seen->pull[0] != 3.0)
        next();
}

/* ---- changes ------------------------------------------------------------------------------ */

static void a_change_is_in_force_from_the_next_iteration_on(void **state)
{
    (void)state;
    struct worker_options o = start_paused();
    send_kind(CMD_STEP, 0);
    until_iteration(1);
    o.job.tv_weight = 7.0;
    o.job.width = 99;
    send_job(&o.job);
    assert_true(seen->job.tv_weight == 7.0);
    assert_int_equal(seen->job.width, 0);
    assert_string_equal(job_restart_key(&seen->job, &o.job)->name, "width");
    send_kind(CMD_STEP, 0);
    until_iteration(2);
    assert_true(seen->losses.tv == 7.0);
    assert_true(seen->curve.point[0].tv == 100.0 && seen->curve.point[1].tv == 7.0);
}

static void a_change_that_cannot_work_is_told_and_the_run_goes_on(void **state)
{
    (void)state;
    struct worker_options o = start_paused();
    until(SNAPSHOT_PAUSED);
    struct job bad = o.job;
    bad.tv_weight = 666.0;
    bad.content_weight = 1.0;
    send_job(&bad);
    assert_int_equal(told()->diag.status, STATUS_INPUT);
    assert_int_equal(told()->command, serial);
    assert_true(seen->job.content_weight == o.job.content_weight);
    unsigned told = seen->told_serial;
    send_kind(CMD_GO, 0);
    until(SNAPSHOT_DONE);
    assert_int_equal(seen->told_serial, told);
    struct command c = command(CMD_RESTART);
    c.job = bad;
    send(&c);
    assert_int_equal(seen->told_serial, told + 1);
    assert_int_equal(seen->state, SNAPSHOT_DONE);
    assert_int_equal(seen->iteration, 10);
}

static void a_change_that_works_is_no_failure_whatever_was_tried_on_the_way(void **state)
{
    (void)state;
    struct worker_options o = start_paused();
    until(SNAPSHOT_PAUSED);
    atomic_store(&fake.gossip, 1);
    o.job.tv_weight = 7.0;
    send_job(&o.job);
    assert_true(seen->job.tv_weight == 7.0);
    assert_int_equal(seen->told_serial, 0);
}

/* The screen may be held up while several commands are answered. */
static void a_refusal_is_told_though_more_was_said_since(void **state)
{
    (void)state;
    struct worker_options o = start_paused();
    until(SNAPSHOT_PAUSED);
    struct command bad = command(CMD_JOB), keep = command(CMD_KEEP);
    bad.job = o.job;
    bad.job.tv_weight = 666.0;
    assert_true(worker_send(worker, &bad));
    send(&keep);
    assert_string_equal(told()->diag.text, "snapshot 1 kept, iteration 0");
    assert_int_equal(seen->told_serial, 2);
    assert_int_equal(seen->told[1].diag.status, STATUS_INPUT);
    assert_int_equal(seen->told[1].command, bad.serial);
}

static void a_step_after_the_end_does_not_pause_what_comes(void **state)
{
    (void)state;
    struct worker_options o = options();
    start(&o);
    until(SNAPSHOT_DONE);
    send_kind(CMD_STEP, 0);
    o.job.iterations = 20;
    send_job(&o.job);
    until_iteration(11);
    while (seen->state == SNAPSHOT_RUNNING)
        next();
    assert_int_equal(seen->state, SNAPSHOT_DONE);
}

static void fewer_iterations_than_are_done_are_not_told(void **state)
{
    (void)state;
    struct worker_options o = options();
    start(&o);
    until(SNAPSHOT_DONE);
    o.job.iterations = 5;
    send_job(&o.job);
    assert_int_equal(seen->iteration, 10);
    assert_int_equal(seen->iterations, 10);
}

static void more_iterations_go_on_after_the_end(void **state)
{
    (void)state;
    struct worker_options o = options();
    start(&o);
    until(SNAPSHOT_DONE);
    o.job.iterations = 5;
    send_job(&o.job);
    assert_int_equal(seen->state, SNAPSHOT_DONE);
    o.job.iterations = 2000;
    send_job(&o.job);
    until_iteration(2000);
    until(SNAPSHOT_DONE);
    assert_in_range(seen->curve.count, SNAPSHOT_POINTS / 2, SNAPSHOT_POINTS);
    int stride = seen->curve.stride;
    for (int i = 0; i < seen->curve.count; i++)
        assert_true(seen->curve.point[i].total == 1000.0 - i * stride);
}

static void a_new_start_begins_at_zero(void **state)
{
    (void)state;
    struct worker_options o = options();
    start(&o);
    until(SNAPSHOT_DONE);
    struct command c = command(CMD_RESTART);
    c.job = o.job;
    c.job.width = 99;
    c.job.iterations = 3;
    send(&c);
    until(SNAPSHOT_DONE);
    assert_int_equal(seen->iteration, 3);
    assert_int_equal(seen->job.width, 99);
    assert_int_equal(seen->curve.count, 4);
    c.job.iterations = 0;
    c.serial = ++serial;
    send(&c);
    until(SNAPSHOT_DONE);
    assert_int_equal(seen->iteration, 0);
    assert_true(seen->losses.total == 1000.0);
}

static void after_a_failure_the_picture_is_there_and_it_may_go_on(void **state)
{
    (void)state;
    struct worker_options o = options();
    atomic_store(&fake.diverge_at, 5);
    start(&o);
    until(SNAPSHOT_FAILED);
    assert_int_equal(told()->diag.status, STATUS_DIVERGED);
    assert_int_equal(seen->preview.iteration, 5);
    atomic_store(&fake.diverge_at, -1);
    o.job.learning_rate = 1.0;
    send_job(&o.job);
    assert_int_equal(seen->state, SNAPSHOT_FAILED);
    send_kind(CMD_GO, 0);
    until(SNAPSHOT_DONE);
}

static void a_step_back_to_a_smaller_rate_is_told_and_the_run_goes_on(void **state)
{
    (void)state;
    struct worker_options o = options();
    atomic_store(&fake.retreat_at, 5);
    start(&o);
    until(SNAPSHOT_DONE);
    assert_int_equal(seen->told_serial, 1);
    assert_string_equal(told()->diag.text, "the fake went back");
}

/* ---- ring and slot ------------------------------------------------------------------------ */

static void a_full_ring_says_so_and_jobs_supersede(void **state)
{
    (void)state;
    struct worker_options o = options();
    struct command keep = command(CMD_KEEP), job = command(CMD_JOB);
    int sent = 0;
    atomic_store(&fake.steps, 0);
    start(&o);
    until_waiting();
    while (sent < 1000 && worker_send(worker, &keep))
        sent++;
    assert_in_range(sent, 8, 999);
    job.job = o.job;
    assert_false(worker_send(worker, &job));
    atomic_store(&fake.steps, 1);
    while (!seen || seen->kept_count < sent)
        next();
    atomic_store(&fake.waiting, 0);
    until_waiting();
    for (int i = 0; i < 1000; i++) {
        job.job.tv_weight = i;
        assert_true(worker_send(worker, &job));
    }
    atomic_store(&fake.steps, FAKE_FREE);
    until(SNAPSHOT_DONE);
    assert_true(seen->job.tv_weight == 999.0);
}

static void the_newest_snapshot_replaces_and_nothing_new_in_it_is_lost(void **state)
{
    (void)state;
    start_paused();
    until(SNAPSHOT_PAUSED);
    struct command keep = command(CMD_KEEP), look = command(CMD_LOOK), go = command(CMD_GO);
    look.number = 1;
    assert_true(worker_send(worker, &keep));
    assert_true(worker_send(worker, &look));
    atomic_store(&fake.steps, 3);
    assert_true(worker_send(worker, &go));
    atomic_store(&fake.waiting, 0);
    until_waiting();
    assert_true(take());
    assert_int_equal(seen->handled, go.serial);
    assert_int_equal(seen->look->number, 1);
    assert_false(take());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(a_run_goes_to_its_end_and_tells),
        EACH(signals_are_the_screens_but_faults),
        EACH(opening_holds_nobody_up),
        EACH(a_job_that_cannot_be_opened_waits_for_a_better_one),
        EACH(pause_step_and_go),
        EACH(no_view_no_preview),
        EACH(pulls_are_known_at_rest_where_they_are_wanted),
        EACH(a_change_is_in_force_from_the_next_iteration_on),
        EACH(a_change_that_cannot_work_is_told_and_the_run_goes_on),
        EACH(a_change_that_works_is_no_failure_whatever_was_tried_on_the_way),
        EACH(a_refusal_is_told_though_more_was_said_since),
        EACH(a_step_after_the_end_does_not_pause_what_comes),
        EACH(fewer_iterations_than_are_done_are_not_told),
        EACH(more_iterations_go_on_after_the_end),
        EACH(a_new_start_begins_at_zero),
        EACH(after_a_failure_the_picture_is_there_and_it_may_go_on),
        EACH(a_step_back_to_a_smaller_rate_is_told_and_the_run_goes_on),
        EACH(a_full_ring_says_so_and_jobs_supersede),
        EACH(the_newest_snapshot_replaces_and_nothing_new_in_it_is_lost),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
