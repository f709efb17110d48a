/*
 * test_worker_state.c: a worker that keeps its run's state on disk, and another that goes on from
 * there; see test_worker.c.
 */
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "engine/base/file.h"
#include "engine/base/mem.h"
#include "engine/rundir/rundir.h"
#include "tests/lib/image.h"
#include "tests/lib/worker.h"

static char run_dir[JOB_PATH];

static struct worker_options kept_options(void)
{
    struct worker_options o = options();
    o.state = WORKER_STATE_NEW;
    o.checkpoint_seconds = 0.001;
    o.paused = true;
    return o;
}

/* Paused, with its directory. */
static void begin(const struct worker_options *o)
{
    start(o);
    until(SNAPSHOT_PAUSED);
    assert_true(seen->run_dir[0]);
    memcpy(run_dir, seen->run_dir, sizeof run_dir);
}

/* As another process would: nothing is left of the first but its directory. */
static void take_up(void)
{
    struct worker_options o = kept_options();
    worker_close(&worker);
    snapshot_free(&seen);
    o.state = WORKER_STATE_RESUMED;
    memcpy(o.run_dir, run_dir, sizeof run_dir);
    memset(&o.job, 0, sizeof o.job);
    start(&o);
    while (!seen || seen->state == SNAPSHOT_OPENING)
        next();
}

static bool log_says(const char *text)
{
    char path[JOB_PATH + 16];
    unsigned char *log;
    size_t size;
    snprintf(path, sizeof path, "%s/log", run_dir);
    if (file_read(&log, &size, path, 1 << 20, &diag) != STATUS_OK)
        return false;
    bool says = strstr((const char *)log, text);
    mem_free(log);
    return says;
}

static void steps(int count)
{
    for (int i = 1; i <= count; i++) {
        send_kind(CMD_STEP, 0);
        until_iteration(i);
    }
}

static void a_run_that_could_not_begin_leaves_no_directory(void **state)
{
    (void)state;
    struct worker_options o = kept_options();
    o.job.style_weight = 666.0;
    start(&o);
    until(SNAPSHOT_FAILED);
    memcpy(run_dir, seen->run_dir, sizeof run_dir);
    assert_int_equal(access(run_dir, F_OK), 0);
    worker_close(&worker);
    assert_int_not_equal(access(run_dir, F_OK), 0);
}

static void the_run_comes_back_with_its_job_its_kept_pictures_and_its_curve(void **state)
{
    (void)state;
    struct worker_options o = kept_options();
    begin(&o);
    steps(3);
    o.job.tv_weight = 3.0;
    send_job(&o.job);
    send_kind(CMD_KEEP, 0);
    send_kind(CMD_STEP, 0);
    until_iteration(4);
    send_kind(CMD_KEEP, 0);
    send_kind(CMD_FREE, 2);
    send_kind(CMD_KEEP, 0);
    take_up();
    assert_int_equal(seen->state, SNAPSHOT_PAUSED);
    assert_int_equal(seen->iteration, 4);
    assert_true(seen->job.tv_weight == 3.0);
    assert_int_equal(seen->kept_count, 2);
    assert_int_equal(seen->kept[0].number, 1);
    assert_int_equal(seen->kept[1].number, 3);
    assert_int_equal(seen->kept[0].iteration, 3);
    assert_int_equal(seen->curve.count, 4);
    assert_true(log_says("iteration 3: tv_weight 100 → 3"));
    send_kind(CMD_RETURN, 1);
    assert_int_equal(seen->iteration, 3);
    send_kind(CMD_KEEP, 0);
    assert_int_equal(seen->kept[2].number, 4);
}

static void a_picture_that_was_saved_is_replaced_by_its_own_run_only(void **state)
{
    (void)state;
    struct worker_options o = kept_options();
    struct command save = command(CMD_SAVE);
    begin(&o);
    steps(2);
    send(&save);
    assert_true(seen->saved);
    take_up();
    assert_true(seen->saved);
    send_kind(CMD_STEP, 0);
    until_iteration(3);
    assert_false(seen->saved);
    send_kind(CMD_SAVE, 0);
    assert_string_equal(seen->file, o.job.output);
    worker_close(&worker);
    assert_int_equal(file_write(o.job.output, "theirs", 6, FILE_OVERWRITE, &diag), STATUS_OK);
    take_up();
    assert_false(seen->saved);
    send_kind(CMD_SAVE, 0);
    assert_string_equal(seen->file, in_folder("out-2.png"));
    unlink(in_folder("out-2.png"));
    unlink(o.job.output);
}

static void a_run_that_was_left_unsaved_is_not_offered_but_there(void **state)
{
    (void)state;
    struct rundir_entry *entry = mem_new(sizeof *entry);
    struct worker_options o = kept_options();
    begin(&o);
    steps(2);
    worker_close(&worker);
    assert_true(rundir_look(entry, run_dir));
    assert_int_equal(entry->state, RUNDIR_FINISHED);
    assert_int_equal(entry->iteration, 2);
    take_up();
    assert_int_equal(seen->iteration, 2);
    mem_free(entry);
}

static void a_run_that_a_signal_ends_is_unfinished_and_one_to_its_end_finished(void **state)
{
    (void)state;
    struct rundir_entry *entry = mem_new(sizeof *entry);
    struct worker_options o = kept_options();
    begin(&o);
    steps(2);
    worker_stop(worker);
    assert_int_equal(finish(), STATUS_OK);
    assert_true(rundir_look(entry, run_dir));
    assert_int_equal(entry->state, RUNDIR_UNFINISHED);
    take_up();
    send_kind(CMD_GO, 0);
    until(SNAPSHOT_DONE);
    assert_int_equal(finish(), STATUS_OK);
    assert_true(rundir_look(entry, run_dir));
    assert_int_equal(entry->state, RUNDIR_FINISHED);
    assert_int_equal(entry->iteration, 10);
    mem_free(entry);
    unlink(o.job.output);
}

static void a_directory_that_cannot_be_made_is_told_and_the_run_goes_on(void **state)
{
    (void)state;
    struct worker_options o = kept_options();
    snprintf(o.run_dir, sizeof o.run_dir, "/dev/null/run");
    start(&o);
    until(SNAPSHOT_PAUSED);
    assert_string_equal(seen->run_dir, "");
    assert_non_null(strstr(told()->diag.text, "the run goes on unsaved: "));
    send_kind(CMD_STEP, 0);
    until_iteration(1);
}

static void a_directory_that_is_damaged_fails_with_the_reason(void **state)
{
    (void)state;
    char path[JOB_PATH + 16];
    struct worker_options o = kept_options();
    begin(&o);
    steps(2);
    worker_close(&worker);
    static const char *const names[] = {"checkpoint", "checkpoint.old"};
    for (int i = 0; i < 2; i++) {
        snprintf(path, sizeof path, "%s/%s", run_dir, names[i]);
        assert_int_equal(file_write(path, "nothing", 7, FILE_OVERWRITE, &diag), STATUS_OK);
    }
    take_up();
    assert_int_equal(seen->state, SNAPSHOT_FAILED);
    assert_non_null(strstr(told()->diag.text, "no checkpoint that can be used"));
}

static int enter(void **state)
{
    if (make_folder(state) != 0)
        return -1;
    setenv("XDG_STATE_HOME", in_folder("state"), 1);
    return 0;
}

static int leave(void **state)
{
    char command[400];
    snprintf(command, sizeof command, "rm -rf '%.200s/state'", folder);
    return system(command) == 0 ? remove_folder(state) : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(a_run_that_could_not_begin_leaves_no_directory),
        EACH(the_run_comes_back_with_its_job_its_kept_pictures_and_its_curve),
        EACH(a_picture_that_was_saved_is_replaced_by_its_own_run_only),
        EACH(a_run_that_was_left_unsaved_is_not_offered_but_there),
        EACH(a_run_that_a_signal_ends_is_unfinished_and_one_to_its_end_finished),
        EACH(a_directory_that_cannot_be_made_is_told_and_the_run_goes_on),
        EACH(a_directory_that_is_damaged_fails_with_the_reason),
    };
    return cmocka_run_group_tests(tests, enter, leave);
}
