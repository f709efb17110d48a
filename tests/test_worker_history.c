/*
 * test_worker_history.c: which of a run's pictures go into the history, and what each comes from;
 * see test_worker.c.
 */
#include <string.h>
#include <sys/stat.h>

#include "tests/lib/worker.h"

static struct history_list list;

static struct worker_options kept_options(void)
{
    char command[400];
    struct worker_options o = options();
    setenv("XDG_STATE_HOME", in_folder("state"), 1);
    snprintf(command, sizeof command, "rm -rf %s", in_folder("state"));
    assert_int_equal(system(command), 0);
    o.state = WORKER_STATE_NEW;
    o.history_limit = 1 << 20;
    o.save_at_end = true;
    o.paused = true;
    return o;
}

static void read_list(int count)
{
    history_list_clear(&list);
    assert_int_equal(history_read(&list, &diag), STATUS_OK);
    assert_int_equal(list.count, count);
}

static void step_to(int iteration)
{
    send_kind(CMD_STEP, 0);
    until_iteration(iteration);
}

static void the_end_and_every_snapshot_are_kept_each_from_what_came_before(void **state)
{
    (void)state;
    struct worker_options o = kept_options();
    start(&o);
    step_to(1);
    send_kind(CMD_KEEP, 0);
    assert_int_equal(seen->nodes, 1);
    o.job.tv_weight = 3.0;
    send_job(&o.job);
    send_kind(CMD_GO, 0);
    until(SNAPSHOT_DONE);
    send_kind(CMD_KEEP, 0); /* of the very picture that is there */
    read_list(2);
    assert_true(list.node[0].snapshot && list.node[0].kept == 1);
    assert_true(!list.node[1].snapshot && list.node[1].kept == 2);
    assert_string_equal(list.node[1].differs, "tv_weight 100 → 3");
    assert_int_equal(list.node[1].iteration, 10);
    assert_string_equal(list.node[1].run_dir, seen->run_dir);
    assert_string_equal(seen->node, list.node[1].id);
    send_kind(CMD_RETURN, 1);
    assert_string_equal(seen->node, list.node[0].id);
    o.job.tv_weight = 7.0;
    send_job(&o.job);
    send_kind(CMD_GO, 0);
    until(SNAPSHOT_DONE);
    read_list(3); /* a branch: what was worked on last goes on with the line */
    assert_int_equal(list.node[1].depth, 1);
    assert_string_equal(list.node[2].differs, "tv_weight 100 → 7");
    unlink(o.job.output);
}

static void a_run_that_is_stopped_is_kept_once_and_nothing_of_one_that_did_nothing(void **state)
{
    (void)state;
    struct worker_options o = kept_options();
    strcpy(o.parent, "20200101-000000-000");
    start(&o);
    until(SNAPSHOT_PAUSED);
    send_kind(CMD_STOP, 0);
    read_list(0);
    step_to(1);
    send_kind(CMD_STOP, 0);
    send_kind(CMD_STOP, 0);
    read_list(1);
    assert_false(list.node[0].snapshot);
    assert_int_equal(finish(), STATUS_OK);
    read_list(1);
}

static void a_run_that_is_taken_up_knows_its_own_pictures(void **state)
{
    (void)state;
    struct worker_options o = kept_options();
    start(&o);
    step_to(1);
    send_kind(CMD_KEEP, 0);
    send_kind(CMD_GO, 0);
    until(SNAPSHOT_DONE);
    o.state = WORKER_STATE_RESUMED;
    memcpy(o.run_dir, seen->run_dir, sizeof o.run_dir);
    worker_close(&worker);
    snapshot_free(&seen);
    start(&o);
    until(SNAPSHOT_DONE);
    read_list(2); /* the end is there already */
    assert_string_equal(seen->node, list.node[1].id);
    send_kind(CMD_RETURN, 1);
    assert_string_equal(seen->node, list.node[0].id);
}

static void a_history_that_cannot_be_written_is_told_once_and_ends_nothing(void **state)
{
    (void)state;
    int told_of_it = 0;
    struct worker_options o = kept_options();
    assert_int_equal(mkdir(in_folder("state"), 0700), 0);
    char path[400];
    snprintf(path, sizeof path, "%s/strata", in_folder("state"));
    mkdir(path, 0700);
    strcat(path, "/history");
    FILE *file = fopen(path, "w"); /* a file is in its place */
    fclose(file);
    start(&o);
    step_to(1);
    send_kind(CMD_KEEP, 0);
    step_to(2);
    send_kind(CMD_KEEP, 0);
    send_kind(CMD_GO, 0);
    until(SNAPSHOT_DONE);
    for (unsigned i = 1; i <= seen->told_serial; i++)
        told_of_it += strstr(seen->told[i].diag.text, "the picture is not in the history") != NULL;
    assert_int_equal(told_of_it, 1);
    assert_int_equal(seen->kept_count, 2);
}

static void a_full_history_loses_its_oldest_and_says_so_once(void **state)
{
    (void)state;
    int told_of_it = 0;
    struct worker_options o = kept_options();
    o.history_limit = 1;
    start(&o);
    for (int i = 1; i <= 3; i++) {
        step_to(i);
        send_kind(CMD_KEEP, 0);
    }
    read_list(1);
    assert_int_equal(list.node[0].iteration, 3);
    for (unsigned i = 1; i <= seen->told_serial; i++)
        told_of_it += strstr(seen->told[i].diag.text, "without a star") != NULL;
    assert_int_equal(told_of_it, 1);
}

static int remove_all(void **state)
{
    char command[400];
    history_list_clear(&list);
    snprintf(command, sizeof command, "rm -rf %s/*", folder);
    return system(command) | remove_folder(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(the_end_and_every_snapshot_are_kept_each_from_what_came_before),
        EACH(a_run_that_is_stopped_is_kept_once_and_nothing_of_one_that_did_nothing),
        EACH(a_run_that_is_taken_up_knows_its_own_pictures),
        EACH(a_history_that_cannot_be_written_is_told_once_and_ends_nothing),
        EACH(a_full_history_loses_its_oldest_and_says_so_once),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_all);
}
