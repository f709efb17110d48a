/*
 * test_memory.c: memory is told before it is asked for, and given up for time without a change of
 * the result.
 */
#include "tests/lib/run.h"

#include <malloc.h>
#include <math.h>

#include "engine/style/objective.h"
#include "engine/run/run_private.h"

enum { WIDTH = 150, HEIGHT = 101, N = 3 * WIDTH * HEIGHT };

/* An objective with everything it stands on. */
struct bench {
    struct nn *nn;
    struct network *network;
    struct objective *objective;
    struct target targets[STYLE_LAYER_COUNT];
    float *gram, *x, *gradient;
};

static const struct objective_weights weights = {
    .content = 5, .content_blend = 0.5, .style = 500, .tv = 100, .layer = {1, 1, 1, 1, 1}};

static void prepare(struct bench *b)
{
    *b = (struct bench){0};
    MUST(network_open(&b->network, "random:16", &diag));
    MUST(nn_open(&b->nn, 1, NN_AUTO, NN_FP32, &diag));
    MUST(mem_big(&b->gram, 128 * 128 * sizeof(float), "a test", &diag));
    MUST(mem_big(&b->x, N * sizeof(float), "a test", &diag));
    MUST(mem_big(&b->gradient, N * sizeof(float), "a test", &diag));
    for (int i = 0; i < N; i++)
        b->x[i] = (float)(i * 37 % 251);
    for (int i = 0; i < STYLE_LAYER_COUNT; i++)
        b->targets[i].gram = b->gram;
}

static void clear(struct bench *b)
{
    objective_close(&b->objective);
    nn_close(&b->nn);
    network_close(&b->network);
    mem_free(b->gram);
    mem_free(b->x);
    mem_free(b->gradient);
}

static void open_objective(struct bench *b, enum nn_pooling pooling, int plan)
{
    struct objective_shape shape = {
        .width = WIDTH, .height = HEIGHT, .pooling = pooling, .plan = plan};
    struct picture_planes planes = {b->x, WIDTH, HEIGHT, 0};
    const struct picture_rows content = {picture_planes_take, &planes};
    MUST(objective_open(&b->objective, b->nn, b->network, &shape, &content, b->targets, &weights,
                        &diag));
}

#ifndef __SANITIZE_ADDRESS__ /* its own malloc keeps no such books */
static double in_use(void)
{
    struct mallinfo2 info = mallinfo2();
    return (double)(info.uordblks + info.hblkhd);
}

/* oneDNN's own objects, which run_memory.c counts among the small things. */
static const double objects = 512 << 10;

static void what_opens_takes_what_was_told(void **state)
{
    (void)state;
    for (int t = 0; t < OBJECTIVE_PLANS; t++) {
        struct bench b;
        size_t told[OBJECTIVE_PLANS], all[OBJECTIVE_PLANS];
        struct objective_shape shape = {.width = WIDTH, .height = HEIGHT, .plan = t};
        prepare(&b);
        MUST(objective_predict(told, all, b.nn, b.network, &shape, b.targets, &weights, &diag));
        double before = in_use();
        open_objective(&b, NN_POOL_MAX, t);
        double took = in_use() - before;
        assert_true(fabs(took - (double)told[t]) < 0.1 * (double)told[t] + objects);
        /* bands of each height have algorithms of their own, which may take more than others' */
        assert_true(t == 0 || t >= OBJECTIVE_BANDS || told[t] <= told[t - 1]);
        assert_true(told[VGG_RECOMPUTE_KERNELS] < told[VGG_RECOMPUTE_NONE]);
        clear(&b);
    }
}
#endif

/* Losses and gradient, moved a little so that the features are not the content's. */
static void evaluate(struct bench *b, struct losses *losses)
{
    for (int i = 0; i < N; i += 7)
        b->x[i] += 20.0f;
    MUST(objective_evaluate(b->objective, losses, b->gradient, b->x, &diag));
}

static void a_plan_changes_no_bit_or_no_digit_of_losses_and_gradient(void **state)
{
    (void)state;
    for (enum nn_pooling pooling = NN_POOL_MAX; pooling <= NN_POOL_AVG; pooling++) {
        struct bench plain, saving;
        struct losses losses, other;
        prepare(&plain);
        open_objective(&plain, pooling, VGG_RECOMPUTE_NONE);
        evaluate(&plain, &losses);
        for (int t = 1; t < OBJECTIVE_PLANS; t++) {
            prepare(&saving);
            open_objective(&saving, pooling, t);
            evaluate(&saving, &other);
            double difference = 0.0, sum = 0.0;
            for (int i = 0; i < N; i++) {
                difference += pow(plain.gradient[i] - saving.gradient[i], 2.0);
                sum += pow(plain.gradient[i], 2.0);
            }
            if (t < VGG_RECOMPUTE_SCRATCH) {
                assert_memory_equal(&losses, &other, sizeof losses);
                assert_memory_equal(plain.gradient, saving.gradient, N * sizeof(float));
            } else { /* another algorithm */
                assert_true(fabs(other.total / losses.total - 1.0) < 1e-5);
                assert_true(sqrt(difference / sum) < 1e-3);
            }
            clear(&saving);
        }
        clear(&plain);
    }
}

/* Only what a loss looks at is kept, so that what is not must not be missed: another evaluation
 * finds what the first one found. */
static void an_evaluation_leaves_nothing_behind(void **state)
{
    (void)state;
    struct bench b;
    struct losses first, second;
    float *gradient;
    prepare(&b);
    open_objective(&b, NN_POOL_MAX, VGG_RECOMPUTE_FEATURES);
    MUST(mem_big(&gradient, N * sizeof *gradient, "a test", &diag));
    evaluate(&b, &first);
    memcpy(gradient, b.gradient, N * sizeof *gradient);
    MUST(objective_evaluate(b.objective, &second, NULL, b.x, &diag));
    assert_memory_equal(&first.style_layer, &second.style_layer, sizeof first.style_layer);
    MUST(objective_evaluate(b.objective, &second, b.gradient, b.x, &diag));
    assert_memory_equal(&first, &second, sizeof first);
    assert_memory_equal(gradient, b.gradient, N * sizeof *gradient);
    mem_free(gradient);
    clear(&b);
}

#ifndef __SANITIZE_ADDRESS__ /* which keeps what was freed: the process is larger than told */

/* ---- runs --------------------------------------------------------------------------------- */

static struct job wide_job(void)
{
    struct job job = tiny_job();
    set(&job, "network", "random:16");
    set(&job, "initial", "content");
    set(&job, "width", "224");
    set(&job, "iterations", "3");
    return job;
}

static void a_run_that_does_not_fit_says_which_width_does(void **state)
{
    (void)state;
    struct job job = wide_job();
    struct run *run = NULL;
    set(&job, "width", "448");
    MUST(run_open(&run, &job, NULL, &diag)); /* what the process grows by once, it has grown by */
    run_close(&run);
    job.memory = mem_resident() + (25 << 20);
    assert_int_equal(run_open(&run, &job, NULL, &diag), STATUS_RANGE);
    assert_null(run);
    assert_non_null(strstr(diag.text, "448×"));
    assert_non_null(strstr(diag.text, "the setting memory allows"));
    const char *width = strstr(diag.text, "; width ");
    assert_non_null(width);
    assert_in_range(atoi(width + strlen("; width ")), RUN_MIN_SIDE, 440);
    job.memory = 1 << 20;
    assert_int_equal(run_open(&run, &job, NULL, &diag), STATUS_RANGE);
    assert_non_null(strstr(diag.text, "; even width "));
}

/* Paints the job's iterations; picture and losses of each to come. */
static size_t paint(const struct job *job, float **picture, struct losses losses[3],
                    int *plan)
{
    struct run *run;
    MUST(run_open(&run, job, NULL, &diag));
    for (int i = 0; i < 3; i++)
        MUST(run_step(run, &losses[i], &diag));
    size_t n = run_values(&run->work.x), predicted = run->predicted;
    MUST(mem_big(picture, n * sizeof(float), "a test", &diag));
    memcpy(*picture, run->work.x.rgb, n * sizeof(float));
    *plan = run->plan;
    run_close(&run);
    return predicted;
}

static void a_run_under_a_cap_paints_the_same_picture(void **state)
{
    (void)state;
    struct job job = wide_job();
    struct losses losses[2][3];
    int plan;
    float *warm, *plain, *capped;
    paint(&job, &warm, losses[0], &plan); /* what code takes is there from now on */
    size_t predicted = paint(&job, &plain, losses[0], &plan);
    assert_int_equal(plan, VGG_RECOMPUTE_NONE);
    job.memory = predicted - (1 << 20);
    assert_true(paint(&job, &capped, losses[1], &plan) <= job.memory);
    assert_in_range(plan, VGG_RECOMPUTE_FEATURES, VGG_RECOMPUTE_KERNELS);
    assert_memory_equal(losses[0], losses[1], sizeof losses[0]);
    assert_memory_equal(plain, capped, 3 * 224 * 224 / 2 * sizeof(float));
    mem_free(warm);
    mem_free(plain);
    mem_free(capped);
}

static void a_change_that_does_not_fit_leaves_the_run_as_it_was(void **state)
{
    (void)state;
    struct job job = wide_job(), more;
    struct run *run;
    struct losses losses;
    MUST(run_open(&run, &job, NULL, &diag)); /* what code takes is there from now on */
    run_close(&run);
    MUST(run_open(&run, &job, NULL, &diag));
    job.memory = run->predicted + (2 << 20);
    run_close(&run);
    MUST(run_open(&run, &job, NULL, &diag));
    MUST(run_step(run, &losses, &diag));
    more = job;
    more.channel[0].style.scale = 60.0;
    assert_int_equal(run_change(run, &more, &diag), STATUS_RANGE);
    assert_non_null(strstr(diag.text, "the setting memory allows"));
    MUST(run_step(run, &losses, &diag));
    assert_int_equal(run_iteration(run), 2);
    run_close(&run);
}
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
#ifndef __SANITIZE_ADDRESS__
        cmocka_unit_test(a_run_under_a_cap_paints_the_same_picture),
        cmocka_unit_test(a_run_that_does_not_fit_says_which_width_does),
        cmocka_unit_test(a_change_that_does_not_fit_leaves_the_run_as_it_was),
        cmocka_unit_test(what_opens_takes_what_was_told),
#endif
        cmocka_unit_test(a_plan_changes_no_bit_or_no_digit_of_losses_and_gradient),
        cmocka_unit_test(an_evaluation_leaves_nothing_behind),
    };
    return cmocka_run_group_tests(tests, draw, remove_all);
}
