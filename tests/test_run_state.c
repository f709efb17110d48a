/*
 * test_run_state.c: what a kept state of a run takes, and whether there is room for it.
 */
#include "tests/lib/run.h"

static void a_kept_state_holds_the_pairs_that_there_are(void **state)
{
    (void)state;
    struct job job = tiny_job();
    set(&job, "optimizer", "lbfgs");
    set(&job, "iterations", "20");
    struct run *run = open_run(&job), *plain = open_run(&job);
    struct run_state early;
    struct image gone_back = {0}, straight = {0};
    size_t n = 3 * (size_t)run_width(run) * (size_t)run_height(run);
    steps(run, 4);
    MUST(run_save(run, &early, &diag));
    assert_true(early.count < 10 * n);
    assert_true(early.count < early.whole);
    steps(run, 9);
    MUST(run_restore(run, &early, &diag));
    steps(run, 6);
    steps(plain, 10);
    MUST(run_picture(run, &gone_back, &diag));
    MUST(run_picture(plain, &straight, &diag));
    assert_memory_equal(gone_back.rgb, straight.rgb, n * sizeof(float));
    image_clear(&gone_back);
    image_clear(&straight);
    run_state_clear(&early);
    run_close(&run);
    run_close(&plain);
}

static void a_state_is_kept_only_where_there_is_room(void **state)
{
    (void)state;
    struct job job = tiny_job();
    set(&job, "memory", "4G");
    struct run *run = open_run(&job);
    MUST(run_memory_beside(run, 0, &diag));
    assert_int_equal(run_memory_beside(run, (size_t)5 << 30, &diag), STATUS_RANGE);
    assert_non_null(strstr(diag.text, "a snapshot takes"));
    run_close(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_kept_state_holds_the_pairs_that_there_are),
        cmocka_unit_test(a_state_is_kept_only_where_there_is_room),
    };
    return cmocka_run_group_tests(tests, draw, remove_all);
}
