/* test_worker_sketches.c: small pictures on their thread, with a fake run, whose picture is the
 * number of its iterations. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "engine/worker/sketches.h"
#include "tests/lib/fake_run.h"

static struct sketches *s;
static atomic_int wakes;
static struct job jobs[SKETCHES_WANTED];

static void wake(void *context)
{
    (void)context;
    atomic_fetch_add(&wakes, 1);
}

static int open_sketches(void **state)
{
    struct diag diag;
    (void)state;
    fake_reset();
    atomic_store(&wakes, 0);
    for (int i = 0; i < SKETCHES_WANTED; i++) {
        job_defaults(&jobs[i]);
        strcpy(jobs[i].content, "assets/coast.jpg");
        jobs[i].iterations = 1 + i;
    }
    return sketches_open(&s, wake, NULL, &diag) != STATUS_OK;
}

static int close_sketches(void **state)
{
    (void)state;
    sketches_close(&s);
    assert_null(s);
    return 0;
}

/* Until it is there, or there will be none. */
static struct sketch wait_for(int number)
{
    struct sketch sketch;
    for (int i = 0; i < 10000; i++) {
        sketch = sketches_get(s, number);
        if (sketch.done >= 1.0)
            return sketch;
        fake_sleep();
    }
    fail_msg("%d is not painted", number);
    return sketch;
}

static void wait_until_painting(void)
{
    for (int i = 0; i < 10000 && !atomic_load(&fake.waiting); i++)
        fake_sleep();
    assert_true(atomic_load(&fake.waiting));
}

static void each_is_the_picture_of_its_job(void **state)
{
    (void)state;
    sketches_want(s, jobs, SKETCHES_WANTED, 0);
    for (int i = 0; i < SKETCHES_WANTED; i++) {
        struct sketch sketch = wait_for(i);
        assert_non_null(sketch.picture);
        assert_int_equal(sketch.picture->width, FAKE_WIDTH);
        assert_int_equal(sketch.picture->rgb[0], 1 + i);
        assert_string_equal(sketch.problem, "");
    }
    assert_true(atomic_load(&wakes) >= SKETCHES_WANTED);
}

static void long_jobs_are_painted_for_a_short_while(void **state)
{
    (void)state;
    jobs[0].iterations = 100000;
    sketches_want(s, jobs, 1, 0);
    assert_int_equal(wait_for(0).picture->rgb[0], SKETCH_ITERATIONS);
}

static void what_was_painted_is_remembered(void **state)
{
    (void)state;
    sketches_want(s, jobs, 2, 0);
    wait_for(1);
    sketches_want(s, jobs, 0, 0);
    atomic_store(&fake.steps, 0); /* no other can be painted */
    sketches_want(s, jobs + 1, 2, 0);
    assert_int_equal(sketches_get(s, 0).picture->rgb[0], 2);
    wait_until_painting();
    assert_null(sketches_get(s, 1).picture);
}

static void what_is_not_wanted_any_more_ends_and_makes_way(void **state)
{
    (void)state;
    atomic_store(&fake.steps, 0);
    sketches_want(s, jobs, 1, 0);
    wait_until_painting();
    atomic_store(&fake.waiting, 0);
    sketches_want(s, jobs + 4, 1, 0);
    wait_until_painting(); /* the other one */
    atomic_store(&fake.steps, FAKE_FREE);
    assert_int_equal(wait_for(0).picture->rgb[0], 5);
    sketches_want(s, jobs, 1, 0); /* what was ended is no result */
    assert_int_equal(wait_for(0).picture->rgb[0], 1);
}

static void a_job_that_cannot_work_says_why_and_the_next_is_painted(void **state)
{
    (void)state;
    jobs[0].style_weight = 666.0;
    strcpy(jobs[1].content, "no/such.jpg");
    sketches_want(s, jobs, 3, 0);
    assert_string_equal(wait_for(0).problem, "666 cannot work");
    assert_non_null(strstr(wait_for(1).problem, "no/such.jpg"));
    assert_null(wait_for(1).picture);
    assert_non_null(wait_for(2).picture);
}

static void closing_ends_what_is_being_painted(void **state)
{
    (void)state;
    atomic_store(&fake.steps, 0);
    sketches_want(s, jobs, SKETCHES_WANTED, 0);
    wait_until_painting();
    sketches_close(&s);
    assert_null(s);
    sketches_close(&s);
}

static void many_are_wanted_in_a_hurry(void **state)
{
    (void)state;
    for (int i = 0; i < 300; i++) {
        for (int k = 0; k < SKETCHES_WANTED; k++)
            jobs[k].tv_weight = 1000.0 + i / 2 * 9 + k;
        sketches_want(s, jobs, i % 3 ? SKETCHES_WANTED : 0, 0);
        sketches_get(s, i % SKETCHES_WANTED);
        if (i % 5 == 0)
            fake_sleep();
    }
    sketches_want(s, jobs, SKETCHES_WANTED, 0);
    assert_int_equal(wait_for(8).picture->rgb[0], 9);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_sketches, close_sketches)
    const struct CMUnitTest tests[] = {
        TEST(each_is_the_picture_of_its_job),
        TEST(long_jobs_are_painted_for_a_short_while),
        TEST(what_was_painted_is_remembered),
        TEST(what_is_not_wanted_any_more_ends_and_makes_way),
        TEST(a_job_that_cannot_work_says_why_and_the_next_is_painted),
        TEST(closing_ends_what_is_being_painted),
        TEST(many_are_wanted_in_a_hurry),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
