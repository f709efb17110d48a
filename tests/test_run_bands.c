/*
 * test_run_bands.c: a run whose memory is too small for the whole picture's features, or even for
 * its optimiser, paints what a run with plenty of it paints, and goes on after a stop.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "engine/base/mem.h"
#include "engine/run/run_private.h"
#include "engine/run/run_shared.h"
#include "tests/lib/diag.h"
#include "tests/lib/folder.h"
#include "tests/lib/run.h"

enum { WIDTH = 64, HEIGHT = 1600 };

static void draw_tall(void)
{
    struct image image;
    MUST(image_init(&image, WIDTH, HEIGHT, &diag));
    for (size_t i = 0; i < run_values(&image); i++) {
        double x = (double)(i % WIDTH), y = (double)(i / WIDTH % HEIGHT);
        image.rgb[i] = (float)(128.0 + 60.0 * sin(0.3 * x + 0.01 * y) + 50.0 * sin(0.07 * y));
    }
    MUST(image_write(&image, in_folder("tall.png"), NULL, FILE_OVERWRITE, &diag));
    image_clear(&image);
}

static struct job tall_job(enum job_optimizer optimizer)
{
    struct job job = tiny_job();
    draw_tall();
    set(&job, "network", "random:16");
    set(&job, "initial", "content");
    snprintf(job.content, sizeof job.content, "%s", in_folder("tall.png"));
    job.width = WIDTH;
    job.pyramid = 1;
    job.iterations = 16;
    job.optimizer = optimizer;
    job.convolution = CONVOLUTION_DIRECT;
    return job;
}

/* What the process itself is said to take, so that what fits depends on the job alone. */
enum { RESIDENT = 1 << 30 };

static struct run_shared *shared;

/* The job, from state on or from its beginning (NULL), with less and less memory, down to the first
 * with which it is painted so. */
static struct run *opened_from(struct job *job, const struct run_state *state,
                               const atomic_int *stop, bool (*is_so)(const struct run *run))
{
    struct run *run;
    job->memory = 0;
    MUST(run_open_shared(&run, job, state, shared, 0, stop, &diag));
    size_t most = run->predicted - run->resident;
    run_close(&run);
    for (size_t beside = most; beside > most / 100; beside -= most / 100) {
        job->memory = RESIDENT + beside;
        if (run_open_shared(&run, job, state, shared, 0, stop, &diag) != STATUS_OK)
            break;
        if (is_so(run))
            return run;
        run_close(&run);
    }
    fail_msg("no memory makes it so: %s", diag.text);
    return NULL;
}

static struct run *opened_with(struct job *job, bool (*is_so)(const struct run *run))
{
    return opened_from(job, NULL, NULL, is_so);
}

static bool in_bands(const struct run *run)
{
    return run->plan >= OBJECTIVE_BANDS && run->work.gradient;
}

static bool in_place(const struct run *run)
{
    return run->plan >= OBJECTIVE_BANDS && !run->work.gradient;
}

static int plan_then;

static bool as_then(const struct run *run)
{
    return in_place(run) && run->plan == plan_then;
}

static double distance(const struct run *a, const struct run *b)
{
    double d = 0.0, s = 0.0;
    for (size_t i = 0; i < run_values(&a->work.x); i++) {
        double x = a->work.x.rgb[i], y = b->work.x.rgb[i];
        d += (x - y) * (x - y);
        s += y * y;
    }
    return sqrt(d / s);
}

static void paint(struct run *run, int iterations, struct losses *losses)
{
    for (int i = 0; i < iterations; i++)
        MUST(run_step(run, losses, &diag));
}

static void a_run_in_bands_paints_what_the_whole_one_paints(void **state)
{
    (void)state;
    for (int optimizer = OPTIMIZER_ADAM; optimizer <= OPTIMIZER_LBFGS; optimizer++) {
        struct job job = tall_job((enum job_optimizer)optimizer);
        struct losses losses, whole_losses;
        struct run *run = opened_with(&job, in_bands), *whole;
        job.memory = 0;
        MUST(run_open(&whole, &job, NULL, &diag));
        assert_true(whole->plan < OBJECTIVE_BANDS);
        paint(run, 2, &losses);
        paint(whole, 2, &whole_losses);
        /* Adam's first steps go by a gradient's sign, which rounding turns where it is near 0 */
        assert_true(distance(run, whole) < (optimizer == OPTIMIZER_ADAM ? 5e-3 : 1e-4));
        paint(run, job.iterations - 2, &losses);
        paint(whole, job.iterations - 2, &whole_losses);
        MUST(run_measure(run, &losses, NULL, &diag));
        MUST(run_measure(whole, &whole_losses, NULL, &diag));
        if (optimizer == OPTIMIZER_ADAM)
            assert_true(fabs(losses.total / whole_losses.total - 1.0) < 1e-3);
        else /* fewer pairs, other trials: not the same way down */
            assert_true(losses.total < 1.1 * whole_losses.total);
        run_close(&run);
        run_close(&whole);
    }
}

static void where_l_bfgs_does_not_fit_adam_steps_in_place(void **state)
{
    struct job job = tall_job(OPTIMIZER_LBFGS), adam = tall_job(OPTIMIZER_ADAM);
    struct losses losses, plain;
    struct run *run = opened_with(&job, in_place), *whole;
    (void)state;
    assert_int_equal(run_job(run)->optimizer, OPTIMIZER_ADAM);
    assert_non_null(strstr(run_summary(run), "would not fit"));
    MUST(run_open(&whole, &adam, NULL, &diag));
    paint(run, job.iterations, &losses);
    paint(whole, job.iterations, &plain);
    MUST(run_measure(run, &losses, NULL, &diag));
    MUST(run_measure(whole, &plain, NULL, &diag));
    assert_true(fabs(losses.total / plain.total - 1.0) < 0.02); /* 16-bit means */
    run_close(&run);
    run_close(&whole);
}

static void a_run_in_place_goes_on_to_the_same_picture(void **state)
{
    struct job job = tall_job(OPTIMIZER_LBFGS);
    struct losses losses;
    struct run_state saved;
    struct run *run = opened_with(&job, in_place);
    (void)state;
    paint(run, 3, &losses);
    MUST(run_save(run, &saved, &diag));
    assert_false(run_state_has_previous(&saved));
    paint(run, 3, &losses);
    size_t bytes = run_values(&run->work.x) * sizeof(float);
    float *straight = mem_new(bytes);
    memcpy(straight, run->work.x.rgb, bytes);
    plan_then = run->plan;
    run_close(&run);
    run = opened_from(&job, &saved, NULL, as_then);
    paint(run, 3, &losses);
    assert_memory_equal(run->work.x.rgb, straight, bytes);
    run_close(&run);
    job.memory = 0; /* it stays what it began as */
    MUST(run_resume(&run, &job, &saved, NULL, &diag));
    assert_true(in_place(run));
    run_close(&run);
    mem_free(straight);
    run_state_clear(&saved);
}

static void a_step_in_place_is_done_or_not(void **state)
{
    struct job job = tall_job(OPTIMIZER_ADAM);
    struct losses losses;
    atomic_int stop = 0;
    struct run *run = opened_from(&job, NULL, &stop, in_place);
    size_t bytes = run_values(&run->work.x) * sizeof(float);
    float *before = mem_new(bytes);
    (void)state;
    memcpy(before, run->work.x.rgb, bytes);
    atomic_store(&stop, 1);
    assert_int_equal(run_step(run, &losses, &diag), STATUS_STOPPED);
    assert_memory_equal(before, run->work.x.rgb, bytes);
    assert_int_equal(run_iteration(run), 0);
    atomic_store(&stop, 0);
    paint(run, 1, &losses);
    assert_memory_not_equal(before, run->work.x.rgb, bytes);
    mem_free(before);
    run_close(&run);
}

static bool by_rows(const struct run *run)
{
    return run->plan >= OBJECTIVE_BANDS;
}

static void the_result_comes_by_rows_as_it_would_at_once(void **state)
{
    struct job job = tall_job(OPTIMIZER_ADAM);
    struct image picture, again;
    struct losses losses;
    int width, height;
    (void)state;
    job.preserve_colors = true;
    struct run *run = opened_with(&job, by_rows);
    paint(run, 2, &losses);
    MUST(run_picture(run, &picture, &diag));
    const struct run_result now = {NULL, run};
    MUST(run_write(&now, &job, in_folder("rows.png"), FILE_OVERWRITE, &diag));
    MUST(image_probe(&width, &height, in_folder("rows.png"), &diag));
    assert_int_equal(width, WIDTH);
    assert_int_equal(height, HEIGHT);
    MUST(run_preview(run, &again, NULL, WIDTH, HEIGHT, &diag));
    for (size_t i = 0; i < run_values(&picture); i++)
        assert_true(fabsf(picture.rgb[i] - again.rgb[i]) < 0.01f);
    image_clear(&again);
    image_clear(&picture);
    run_close(&run);
}

static int open_own(void **state)
{
    shared = run_shared_open();
    run_shared_beside(shared, RESIDENT);
    return draw(state);
}

static int remove_own(void **state)
{
    run_shared_close(&shared);
    unlink(in_folder("tall.png"));
    unlink(in_folder("rows.png"));
    return remove_all(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_run_in_bands_paints_what_the_whole_one_paints),
        cmocka_unit_test(where_l_bfgs_does_not_fit_adam_steps_in_place),
        cmocka_unit_test(a_run_in_place_goes_on_to_the_same_picture),
        cmocka_unit_test(a_step_in_place_is_done_or_not),
        cmocka_unit_test(the_result_comes_by_rows_as_it_would_at_once),
    };
    return cmocka_run_group_tests(tests, open_own, remove_own);
}
