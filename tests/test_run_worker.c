/*
 * test_run_worker.c: a real run on the worker's thread paints what it paints without one.
 */
#include "tests/lib/run.h"

#include <poll.h>

#include "engine/worker/worker.h"
#include "tests/lib/image.h"

static struct worker *worker;
static struct snapshot *seen;

/* Looks again and again: the pipe of the screen is tested elsewhere. */
static void until_handled(unsigned serial, enum snapshot_state state)
{
    do {
        struct snapshot *fresh = worker_take(worker);
        if (fresh) {
            snapshot_free(&seen);
            seen = fresh;
        } else {
            poll(NULL, 0, 1);
        }
    } while (!seen || seen->handled != serial || seen->state != state);
}

static void send(enum command_kind kind, const struct job *job, unsigned serial)
{
    struct command c = {.kind = kind, .serial = serial, .number = 1};
    if (job)
        c.job = *job;
    assert_true(worker_send(worker, &c));
}

static struct job short_job(void)
{
    struct job job = tiny_job();
    set(&job, "schedule", "fast");
    set(&job, "pyramid", "2");
    set(&job, "iterations", "20");
    return job;
}

static void paint(const struct job *job, const char *path)
{
    struct run *run = open_run(job);
    struct losses losses;
    struct image picture = {0};
    while (run_iteration(run) < run_iterations(run))
        MUST(run_step(run, &losses, &diag));
    MUST(run_picture(run, &picture, &diag));
    MUST(run_write(&(struct run_result){&picture, NULL}, job, path, FILE_KEEP, &diag));
    image_clear(&picture);
    run_close(&run);
}

static void the_worker_paints_what_the_run_paints(void **state)
{
    (void)state;
    struct job job = short_job(), edited = job;
    struct worker_options options = {.job = job, .paused = true};
    struct run *run;
    struct losses losses;
    struct image expected = {0}, painted = {0};
    edited.channel[1].weight = 0.25;
    edited.channel[4].state = CHANNEL_OFF;
    MUST(run_open(&run, &job, NULL, &diag));
    for (int i = 0; i < 20; i++) {
        if (i == 2)
            MUST(run_change(run, &edited, &diag));
        MUST(run_step(run, &losses, &diag));
    }
    MUST(run_picture(run, &expected, &diag));
    run_close(&run);
    const struct run_result result = {&expected, NULL};
    MUST(run_write(&result, &edited, in_folder("expected.png"), FILE_KEEP, &diag));

    MUST(worker_open(&worker, &options, &diag));
    until_handled(0, SNAPSHOT_PAUSED);
    send(CMD_STEP, NULL, 1);
    until_handled(1, SNAPSHOT_PAUSED);
    assert_int_equal(seen->iteration, 1);
    send(CMD_KEEP, NULL, 2);
    send(CMD_STEP, NULL, 3);
    until_handled(3, SNAPSHOT_PAUSED);
    send(CMD_RETURN, NULL, 4);
    send(CMD_STEP, NULL, 5);
    until_handled(5, SNAPSHOT_PAUSED);
    send(CMD_JOB, &edited, 6);
    send(CMD_GO, NULL, 7);
    until_handled(7, SNAPSHOT_DONE);
    assert_int_equal(seen->iteration, 20);
    assert_true(seen->job.channel[1].weight == 0.25);
    MUST(worker_finish(&worker, NULL, &diag));

    image_clear(&expected);
    MUST(image_read(&painted, in_folder("out.png"), &diag));
    MUST(image_read(&expected, in_folder("expected.png"), &diag));
    assert_memory_equal(painted.rgb, expected.rgb, sizeof(float) * 3 * 33 * 21);
    image_clear(&painted);

    MUST(job_read(&edited, in_folder("out.png"), &diag));
    assert_string_equal(edited.edits, "[edit 2]\nrelu2_1.weight = 0.25\nrelu5_1.state = off\n");
    assert_true(edited.channel[1].weight == 1.0);
    unlink(in_folder("expected.png"));
    paint(&edited, in_folder("expected.png"));
    MUST(image_read(&painted, in_folder("expected.png"), &diag));
    assert_memory_equal(painted.rgb, expected.rgb, sizeof(float) * 3 * 33 * 21);
    image_clear(&painted);
    image_clear(&expected);
    unlink(in_folder("out.png"));
    unlink(in_folder("expected.png"));
    unlink(in_folder("out-snapshot-1.png"));
    snapshot_free(&seen);
}

/* The desk has not heard of an edit yet when its own is on the way. */
static void edits_and_changes_that_cross_are_both_in_force(void **state)
{
    (void)state;
    struct job job = short_job(), edited = job;
    edited.channel[1].weight = 0.25;
    assert_true(job_edits_record(&job, 2, &edited, false));
    edited.channel[1].weight = 4.0;
    assert_true(job_edits_record(&job, 8, &edited, false));
    struct worker_options options = {.job = job, .paused = true};
    MUST(worker_open(&worker, &options, &diag));
    until_handled(0, SNAPSHOT_PAUSED);
    for (unsigned i = 1; i <= 3; i++) {
        send(CMD_STEP, NULL, i);
        until_handled(i, SNAPSHOT_PAUSED);
    }
    assert_true(seen->job.channel[1].weight == 0.25);
    assert_true(seen->began.channel[1].weight == 1.0);
    edited = job;
    edited.channel[0].weight = 3.0;
    send(CMD_JOB, &edited, 4);
    until_handled(4, SNAPSHOT_PAUSED);
    assert_true(seen->job.channel[1].weight == 0.25 && seen->job.channel[0].weight == 3.0);
    assert_int_equal(job_edits_next(seen->began.edits, 3), 8);
    edited.edits[0] = 0; /* what is to come is given up */
    send(CMD_JOB, &edited, 5);
    until_handled(5, SNAPSHOT_PAUSED);
    assert_int_equal(job_edits_next(seen->began.edits, 3), -1);
    worker_close(&worker);
    snapshot_free(&seen);
}

static void close_leaves_at_any_moment(void **state)
{
    (void)state;
    struct job job = short_job();
    struct worker_options options = {.job = job,
                                     .view = {{.width = 20, .height = 20}, 1, 0.0, false}};
    for (int i = 0; i < 12; i++) {
        MUST(worker_open(&worker, &options, &diag));
        poll(NULL, 0, 5 * i);
        worker_close(&worker);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_worker_paints_what_the_run_paints),
        cmocka_unit_test(edits_and_changes_that_cross_are_both_in_force),
        cmocka_unit_test(close_leaves_at_any_moment),
    };
    return cmocka_run_group_tests(tests, draw, remove_all);
}
