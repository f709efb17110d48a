/*
 * test_worker.c: the run's thread, with a fake run (fake_run.h) in place of the real one, so that it
 * runs under ThreadSanitizer.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>

#include "../engine/worker.h"
#include "fake_run.h"
#include "folder_help.h"

static struct diag diag;
static int pipe_ends[2];
static struct worker *worker;
static struct snapshot *seen; /* the last one taken, with the last preview and look */
static unsigned serial;

static const char *in_folder(const char *name)
{
    static char path[JOB_PATH];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static void wake(void *context)
{
    ssize_t n = write(*(int *)context, "w", 1);
    (void)n; /* full: told already */
}

/* Takes what there is; seen keeps preview and look until there are new ones. */
static bool take(void)
{
    struct snapshot *fresh = worker_take(worker);
    if (!fresh)
        return false;
    if (seen && !fresh->preview.rgb) {
        fresh->preview = seen->preview;
        seen->preview.rgb = NULL;
    }
    if (seen && !fresh->look) {
        fresh->look = seen->look;
        seen->look = NULL;
    }
    snapshot_free(&seen);
    seen = fresh;
    return true;
}

/* Sleeps until the worker wakes us, as the screen does. */
static void next(void)
{
    struct pollfd p = {pipe_ends[0], POLLIN, 0};
    char bytes[64];
    if (poll(&p, 1, 10000) != 1)
        fail_msg("no wake in 10 seconds; state %d, iteration %d", seen ? (int)seen->state : -1,
                 seen ? seen->iteration : -1);
    while (read(pipe_ends[0], bytes, sizeof bytes) > 0)
        ;
    take();
}

static void until(enum snapshot_state state)
{
    while (!seen || seen->state != state)
        next();
}

static void until_iteration(int iteration)
{
    while (!seen || seen->iteration < iteration)
        next();
}

static struct worker_options options(void)
{
    struct worker_options o = {.view = {4, 4, 0, 0.0}, .wake = wake, .context = &pipe_ends[1]};
    job_defaults(&o.job);
    o.job.iterations = 10;
    snprintf(o.job.output, JOB_PATH, "%s", in_folder("out.png"));
    return o;
}

static void start(const struct worker_options *o)
{
    assert_int_equal(worker_open(&worker, o, &diag), STATUS_OK);
}

static struct command command(enum command_kind kind)
{
    return (struct command){.kind = kind, .serial = ++serial};
}

/* Sends and waits until it was carried out or refused. */
static void send(const struct command *c)
{
    while (!worker_send(worker, c))
        next();
    while (!seen || seen->handled != c->serial)
        next();
}

static void send_kind(enum command_kind kind, int number)
{
    struct command c = command(kind);
    c.number = number;
    send(&c);
}

static void send_job(const struct job *job)
{
    struct command c = command(CMD_JOB);
    c.job = *job;
    send(&c);
}

static void until_waiting(void)
{
    while (!atomic_load(&fake.waiting))
        fake_sleep();
}

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
    assert_int_equal(seen->saved, -1);
    assert_int_equal(atomic_load(&fake.signals), 3);
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
    assert_int_equal(seen->diag.status, STATUS_INPUT);
    assert_int_equal(seen->diag_serial, 1);
    send_kind(CMD_KEEP, 0);
    assert_string_equal(seen->diag.text, "there is no picture yet");
    o.job.style_weight = 5.0;
    send_job(&o.job);
    until(SNAPSHOT_DONE);
}

static void pause_step_and_go(void **state)
{
    (void)state;
    struct worker_options o = options();
    o.paused = true;
    start(&o);
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
    c.view = (struct worker_view){100, 100, 5, 0.0};
    send(&c);
    assert_int_equal(seen->preview.width, FAKE_WIDTH); /* never enlarged */
}

/* ---- changes ------------------------------------------------------------------------------ */

static void a_change_is_in_force_from_the_next_iteration_on(void **state)
{
    (void)state;
    struct worker_options o = options();
    o.paused = true;
    start(&o);
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
    struct worker_options o = options();
    o.paused = true;
    start(&o);
    until(SNAPSHOT_PAUSED);
    struct job bad = o.job;
    bad.tv_weight = 666.0;
    bad.content_weight = 1.0;
    send_job(&bad);
    assert_int_equal(seen->diag.status, STATUS_INPUT);
    assert_int_equal(seen->diag_command, serial);
    assert_true(seen->job.content_weight == o.job.content_weight);
    unsigned told = seen->diag_serial;
    send_kind(CMD_GO, 0);
    until(SNAPSHOT_DONE);
    assert_int_equal(seen->diag_serial, told);
    struct command c = command(CMD_RESTART);
    c.job = bad;
    send(&c);
    assert_int_equal(seen->diag_serial, told + 1);
    assert_int_equal(seen->state, SNAPSHOT_DONE);
    assert_int_equal(seen->iteration, 10);
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
}

static void after_a_failure_the_picture_is_there_and_it_may_go_on(void **state)
{
    (void)state;
    struct worker_options o = options();
    atomic_store(&fake.diverge_at, 5);
    start(&o);
    until(SNAPSHOT_FAILED);
    assert_int_equal(seen->diag.status, STATUS_DIVERGED);
    assert_int_equal(seen->preview.iteration, 5);
    atomic_store(&fake.diverge_at, -1);
    o.job.learning_rate = 1.0;
    send_job(&o.job);
    assert_int_equal(seen->state, SNAPSHOT_FAILED);
    send_kind(CMD_GO, 0);
    until(SNAPSHOT_DONE);
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
    struct worker_options o = options();
    o.paused = true;
    start(&o);
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

/* ---- kept pictures, files ----------------------------------------------------------------- */

static void a_kept_picture_can_be_seen_returned_to_and_forgotten(void **state)
{
    (void)state;
    struct worker_options o = options();
    o.paused = true;
    start(&o);
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
    assert_string_equal(seen->diag.text, "there is no snapshot 1");
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
    while (seen->saved != 10)
        next();
    assert_int_equal(job_read(&job, o.job.output, &diag), STATUS_OK);
    assert_int_equal(job.iterations, 10);
    o.job.iterations = 12;
    send_job(&o.job);
    until_iteration(12);
    until(SNAPSHOT_DONE);
    assert_int_equal(seen->saved, 12); /* over its own */
    assert_int_equal(image_read(&image, o.job.output, &diag), STATUS_OK);
    assert_true(image.rgb[0] == 12.0f);
    image_clear(&image);
    struct command c = command(CMD_SAVE);
    snprintf(c.path, sizeof c.path, "%s", in_folder("theirs.png"));
    send(&c);
    assert_int_equal(seen->diag.status, STATUS_OUTPUT);
    c.mode = FILE_OVERWRITE;
    c.serial = ++serial;
    send(&c);
    assert_int_equal(seen->diag.status, STATUS_OK);
    unlink(in_folder("out.png"));
    unlink(in_folder("theirs.png"));
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
    char path[JOB_PATH];
    struct worker_options o = options();
    o.paused = true;
    write_something("out.png");
    start(&o);
    send_kind(CMD_KEEP, 0);
    assert_int_equal(worker_finish(&worker, FILE_KEEP, path, &diag), STATUS_OK);
    assert_null(worker);
    assert_string_equal(path, in_folder("out-2.png"));
    struct image image = {0};
    assert_int_equal(image_read(&image, path, &diag), STATUS_OK);
    assert_true(image.rgb[0] == 10.0f);
    image_clear(&image);
    unlink(path);
    unlink(in_folder("out.png"));
}

static void an_end_on_request_saves_what_there_is(void **state)
{
    (void)state;
    char path[JOB_PATH];
    struct worker_options o = options();
    struct image image = {0};
    atomic_store(&fake.steps, 4);
    start(&o);
    until_waiting();
    worker_stop(worker);
    atomic_store(&fake.steps, 1);
    assert_int_equal(worker_finish(&worker, FILE_KEEP, path, &diag), STATUS_OK);
    assert_int_equal(image_read(&image, path, &diag), STATUS_OK);
    assert_true(image.rgb[0] == 5.0f);
    image_clear(&image);
    unlink(path);
}

static void a_run_that_fails_without_a_screen_saves_too(void **state)
{
    (void)state;
    char path[JOB_PATH];
    struct worker_options o = options();
    atomic_store(&fake.diverge_at, 5);
    start(&o);
    assert_int_equal(worker_finish(&worker, FILE_KEEP, path, &diag), STATUS_DIVERGED);
    assert_int_equal(unlink(path), 0);
    o.job.style_weight = 666.0;
    start(&o);
    assert_int_equal(worker_finish(&worker, FILE_KEEP, path, &diag), STATUS_INPUT);
    assert_string_equal(path, "");
}

static int before_each(void **state)
{
    (void)state;
    fake_reset();
    if (pipe(pipe_ends) != 0)
        return -1;
    for (int i = 0; i < 2; i++)
        fcntl(pipe_ends[i], F_SETFL, O_NONBLOCK);
    return 0;
}

static int after_each(void **state)
{
    (void)state;
    worker_close(&worker);
    snapshot_free(&seen);
    close(pipe_ends[0]);
    close(pipe_ends[1]);
    return 0;
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, before_each, after_each)

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(a_run_goes_to_its_end_and_tells),
        EACH(opening_holds_nobody_up),
        EACH(a_job_that_cannot_be_opened_waits_for_a_better_one),
        EACH(pause_step_and_go),
        EACH(no_view_no_preview),
        EACH(a_change_is_in_force_from_the_next_iteration_on),
        EACH(a_change_that_cannot_work_is_told_and_the_run_goes_on),
        EACH(more_iterations_go_on_after_the_end),
        EACH(a_new_start_begins_at_zero),
        EACH(after_a_failure_the_picture_is_there_and_it_may_go_on),
        EACH(a_full_ring_says_so_and_jobs_supersede),
        EACH(the_newest_snapshot_replaces_and_nothing_new_in_it_is_lost),
        EACH(a_kept_picture_can_be_seen_returned_to_and_forgotten),
        EACH(a_picture_is_saved_with_its_job_and_over_nobody_elses),
        EACH(close_stops_within_a_step_and_while_opening),
        EACH(without_a_screen_the_run_ends_and_saves),
        EACH(an_end_on_request_saves_what_there_is),
        EACH(a_run_that_fails_without_a_screen_saves_too),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
