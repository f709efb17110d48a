/*
 * test_run_diverges.c: a run whose losses are no longer finite numbers goes back to a smaller rate,
 * says so, and ends when that does not help.
 */
#include "tests/lib/run.h"
#include "tests/lib/image.h"

#include <math.h>

/* A rate with which the first step leaves what a float can hold, however often it is quartered. */
static const double hopeless = 1e30;

/* The same digits on every processor. */
static struct job exact_job(void)
{
    struct job job = tiny_job();
    set(&job, "precision", "fp32");
    return job;
}

/* Steps to the end or a failure; how often the run said something on the way. */
static enum status go(struct run *run, int *told)
{
    struct losses losses;
    enum status status = STATUS_OK;
    for (*told = 0; status == STATUS_OK && run_iteration(run) < run_iterations(run);) {
        status = run_step(run, &losses, &diag);
        if (status == STATUS_OK && diag.text[0])
            ++*told;
        if (status == STATUS_OK)
            assert_true(isfinite(losses.total));
    }
    return status;
}

static void is_finite(const struct run *run)
{
    struct image out = {0};
    struct diag other;
    assert_int_equal(run_picture(run, &out, &other), STATUS_OK);
    for (int i = 0; i < 3 * out.width * out.height; i++)
        assert_true(isfinite(out.rgb[i]));
    image_clear(&out);
}

static void a_hopeless_rate_ends_the_run_after_three_smaller_ones(void **state)
{
    (void)state;
    int told;
    struct job job = exact_job();
    job.iterations = 50;
    job.learning_rate = hopeless;
    struct run *run = open_run(&job);
    assert_int_equal(go(run, &told), STATUS_DIVERGED);
    assert_int_equal(told, RUN_RETREATS);
    assert_non_null(strstr(diag.text, "style loss at relu"));
    assert_non_null(strstr(diag.text, "learning_rate"));
    is_finite(run);
    run_close(&run);
}

static void a_rate_that_is_somewhat_too_high_is_survived(void **state)
{
    (void)state;
    int told;
    struct job job = exact_job();
    job.iterations = 12;
    job.learning_rate = 1e8;
    struct run *run = open_run(&job);
    MUST(go(run, &told));
    assert_in_range(told, 1, RUN_RETREATS);
    assert_int_equal(run_iteration(run), 12);
    is_finite(run);
    run_close(&run);
}

static void a_caller_who_wants_no_sentence_gets_none(void **state)
{
    (void)state;
    struct losses losses;
    struct job job = exact_job();
    enum status status = STATUS_OK;
    job.iterations = 50;
    job.learning_rate = hopeless;
    struct run *run = open_run(&job);
    while (status == STATUS_OK && run_iteration(run) < run_iterations(run))
        status = run_step(run, &losses, NULL);
    assert_int_equal(status, STATUS_DIVERGED);
    run_close(&run);
}

static void a_last_step_too_far_is_taken_back(void **state)
{
    (void)state;
    struct losses losses;
    struct job job = exact_job();
    job.iterations = 1;
    job.learning_rate = hopeless;
    struct run *run = open_run(&job);
    MUST(run_step(run, &losses, &diag));
    assert_string_equal(diag.text, "");
    MUST(run_measure(run, &losses, NULL, &diag));
    assert_non_null(strstr(diag.text, "back to the picture before"));
    assert_true(isfinite(losses.total));
    is_finite(run);
    run_close(&run);
}

static void a_restored_run_keeps_the_smaller_rate(void **state)
{
    (void)state;
    struct run_state kept;
    struct job job = exact_job();
    job.iterations = 40;
    job.learning_rate = hopeless;
    struct run *run = open_run(&job), *other = open_run(&job);
    steps(run, 2); /* the second goes back */
    assert_non_null(strstr(diag.text, "a quarter of the rate"));
    MUST(run_save(run, &kept, &diag));
    assert_int_equal(kept.retreats, 1);
    MUST(run_restore(other, &kept, &diag));
    int told;
    assert_int_equal(go(other, &told), STATUS_DIVERGED);
    assert_int_equal(told, RUN_RETREATS - 1);
    kept.retreats = RUN_RETREATS + 1;
    assert_int_equal(run_restore(other, &kept, &diag), STATUS_INPUT);
    run_state_clear(&kept);
    run_close(&run);
    run_close(&other);
}

static void a_rate_that_is_set_counts_anew(void **state)
{
    (void)state;
    int told;
    struct job job = exact_job();
    job.iterations = 40;
    job.learning_rate = hopeless;
    struct run *run = open_run(&job);
    assert_int_equal(go(run, &told), STATUS_DIVERGED);
    job.learning_rate = hopeless / 2.0;
    MUST(run_change(run, &job, &diag));
    assert_int_equal(go(run, &told), STATUS_DIVERGED);
    assert_int_equal(told, RUN_RETREATS);
    run_close(&run);
}

/* The tiny network with numbers so large that no loss of theirs is a number. */
static void write_wild_network(const char *path)
{
    static char bytes[1 << 20];
    uint64_t head;
    FILE *f = fopen("tests/ref/tiny.safetensors", "rb");
    assert_non_null(f);
    size_t size = fread(bytes, 1, sizeof bytes, f);
    fclose(f);
    memcpy(&head, bytes, sizeof head);
    for (size_t at = sizeof head + head; at + sizeof(float) <= size; at += sizeof(float)) {
        float value;
        memcpy(&value, bytes + at, sizeof value);
        value *= 1e30f;
        memcpy(bytes + at, &value, sizeof value);
    }
    f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, size, f), size);
    assert_int_equal(fclose(f), 0);
}

static void where_no_rate_helps_the_run_ends_at_once(void **state)
{
    (void)state;
    static const char *const optimizers[] = {"adam", "lbfgs"};
    struct losses losses;
    struct job job = exact_job();
    snprintf(job.network, sizeof job.network, "%s", in_folder("wild.safetensors"));
    write_wild_network(job.network);
    for (int i = 0; i < 2; i++) {
        set(&job, "optimizer", optimizers[i]);
        struct run *run = open_run(&job);
        assert_int_equal(run_step(run, &losses, &diag), STATUS_DIVERGED);
        assert_non_null(strstr(diag.text, "is not a finite number already"));
        assert_null(strstr(diag.text, "learning-rate"));
        is_finite(run);
        run_close(&run);
    }
    unlink(job.network);
}

static void lbfgs_goes_on_after_weights_that_were_too_much(void **state)
{
    (void)state;
    struct losses losses;
    struct job job = exact_job(), wild;
    set(&job, "optimizer", "lbfgs");
    struct run *run = open_run(&job);
    steps(run, 5);
    wild = job;
    wild.tv_weight = 1e308;
    MUST(run_change(run, &wild, &diag));
    assert_int_equal(run_step(run, &losses, &diag), STATUS_DIVERGED);
    assert_non_null(strstr(diag.text, "total variation loss"));
    is_finite(run);
    MUST(run_change(run, &job, &diag));
    steps(run, 5);
    run_close(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_hopeless_rate_ends_the_run_after_three_smaller_ones),
        cmocka_unit_test(a_rate_that_is_somewhat_too_high_is_survived),
        cmocka_unit_test(a_caller_who_wants_no_sentence_gets_none),
        cmocka_unit_test(a_last_step_too_far_is_taken_back),
        cmocka_unit_test(a_restored_run_keeps_the_smaller_rate),
        cmocka_unit_test(a_rate_that_is_set_counts_anew),
        cmocka_unit_test(where_no_rate_helps_the_run_ends_at_once),
        cmocka_unit_test(lbfgs_goes_on_after_weights_that_were_too_much),
    };
    return cmocka_run_group_tests(tests, draw, remove_all);
}
