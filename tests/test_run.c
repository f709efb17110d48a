/*
 * test_run.c: a whole run, from pictures on disk to losses and gradients, against PyTorch in
 * float64 (tests/ref/make_reference.py), and what a run promises.
 */
#include "tests/lib/run.h"
#include "tests/lib/image.h"

#include <math.h>

/* Sets up one of the cases of make_reference.py. */
static struct job case_job(const char *name)
{
    static const double five[] = {1.0, 2.0, 0.5, 0.0, 1.5}, blend[] = {0.5, 0.3, 0.2};
    struct job job = tiny_job();
    job.threads = 0;
    for (int i = 0; i < STYLE_LAYER_COUNT; i++) {
        struct channel *channel = &job.channel[i];
        if (strcmp(name, "one") == 0)
            channel->style = job.channel[0].style;
        if (strcmp(name, "five") == 0)
            channel->weight = five[i];
        if (strcmp(name, "states") == 0)
            channel->state = i == 1 ? CHANNEL_ON : i % 3 == 0 ? CHANNEL_BLANK : CHANNEL_OFF;
    }
    if (strcmp(name, "five") == 0)
        job.style_weight = 100.0;
    if (strcmp(name, "blend") == 0) {
        job.content_weight_blend = 0.5;
        job.blend_count = 3;
        for (int i = 0; i < 3; i++) {
            job.blend[i] = job.channel[i].style;
            job.blend_weight[i] = blend[i];
        }
    }
    return job;
}

static double distance(const float *a, const double *b, size_t n)
{
    double d = 0.0, s = 0.0;
    for (size_t i = 0; i < n; i++) {
        d += (a[i] - b[i]) * (a[i] - b[i]);
        s += b[i] * b[i];
    }
    return sqrt(d / s);
}

static void compare(const char *pooling, const char *name, const char *convolution,
                    const char *precision, double loss_tolerance, double gradient_tolerance)
{
    char file[64];
    uint32_t shape[4];
    size_t n, losses_n;
    struct run *run;
    struct losses losses, again;
    struct job job = case_job(name);
    set(&job, "pooling", pooling);
    set(&job, "convolution", convolution);
    set(&job, "precision", precision);
    MUST(run_open(&run, &job, NULL, &diag));
    snprintf(file, sizeof file, "%s-%s-losses", pooling, name);
    double *expected = reference(file, shape, &losses_n);
    snprintf(file, sizeof file, "%s-%s-gradient", pooling, name);
    double *gradient64 = reference(file, shape, &n);
    float *gradient = mem_new(n * sizeof *gradient);

    MUST(run_measure(run, &losses, gradient, &diag));
    const double got[] = {losses.total, losses.content, losses.style, losses.tv,
                          losses.style_layer[0], losses.style_layer[1], losses.style_layer[2],
                          losses.style_layer[3], losses.style_layer[4]};
    assert_int_equal(losses_n, sizeof got / sizeof *got);
    for (size_t i = 0; i < losses_n; i++)
        if (fabs(got[i] - expected[i]) > loss_tolerance * fabs(expected[i]))
            fail_msg("%s %s: loss %zu is %.9g, not %.9g", pooling, name, i, got[i], expected[i]);
    double d = distance(gradient, gradient64, n);
    if (d > gradient_tolerance)
        fail_msg("%s %s: gradient is off by %.3g", pooling, name, d);

    MUST(run_measure(run, &again, NULL, &diag));
    assert_memory_equal(&again, &losses, sizeof again);
    run_close(&run);
    mem_free(expected);
    mem_free(gradient64);
    mem_free(gradient);
}

static const char *const cases[] = {"one", "five", "states", "blend"};

static void losses_and_gradient_equal_float64_with_direct_convolution(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        compare("max", cases[i], "direct", "fp32", 1e-5, 1e-5);
        compare("avg", cases[i], "direct", "fp32", 1e-5, 1e-5);
    }
}

static void losses_and_gradient_equal_float64_with_the_fastest_convolution(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        compare("max", cases[i], "auto", "fp32", 1e-4, 1e-3);
}

/* Does this processor paint in bfloat16 if that is asked for? */
static bool has_bf16(void)
{
    struct run *run;
    struct job job = case_job("one");
    set(&job, "precision", "bf16");
    MUST(run_open(&run, &job, NULL, &diag));
    bool has = strstr(run_summary(run), "bfloat16") != NULL;
    run_close(&run);
    return has;
}

static void losses_and_gradient_in_bfloat16_are_near_float64(void **state)
{
    (void)state;
    /* Measured with AVX512_CORE_BF16: the largest relative error of a loss, and the gradient's
     * relative distance. With few digits another feature is a window's maximum and takes the
     * gradient, so that max pooling is less exact than the average. */
    static const struct {
        const char *pooling, *name;
        double loss, gradient;
    } measured[] = {
        {"max", "one", 0.056, 0.115},     {"avg", "one", 0.026, 0.0031},
        {"max", "five", 0.011, 0.011},    {"avg", "five", 0.019, 0.0007},
        {"max", "states", 0.017, 0.018},  {"avg", "states", 0.019, 0.0030},
        {"max", "blend", 0.013, 0.062},   {"avg", "blend", 0.023, 0.0027},
    };
    if (!has_bf16())
        skip();
    for (size_t i = 0; i < sizeof measured / sizeof *measured; i++)
        compare(measured[i].pooling, measured[i].name, "auto", "bf16", 2.0 * measured[i].loss,
                2.0 * measured[i].gradient);
}

static void direct_convolution_is_in_float32_unless_told_otherwise(void **state)
{
    (void)state;
    struct run *run;
    struct job job = case_job("one");
    set(&job, "convolution", "direct");
    MUST(run_open(&run, &job, NULL, &diag));
    assert_null(strstr(run_summary(run), "bfloat16"));
    run_close(&run);
}

static void twenty_adam_steps_follow_pytorch(void **state)
{
    (void)state;
    uint32_t shape[4];
    size_t n;
    struct run *run;
    struct losses losses;
    struct job job = tiny_job();
    set(&job, "initial", "content");
    set(&job, "iterations", "20");
    double *totals = reference("adam-totals", shape, &n);
    MUST(run_open(&run, &job, NULL, &diag));
    for (size_t i = 0; i < n; i++) {
        MUST(run_step(run, &losses, &diag));
        if (fabs(losses.total - totals[i]) > 1e-3 * totals[i])
            fail_msg("step %zu: %.9g, not %.9g", i, losses.total, totals[i]);
    }
    assert_int_equal(run_iteration(run), 20);
    run_close(&run);
    mem_free(totals);
}

/* Runs to the end; the picture goes to *out. */
static void paint(const struct job *job, struct image *out)
{
    struct run *run;
    struct losses losses;
    MUST(run_open(&run, job, NULL, &diag));
    while (run_iteration(run) < run_iterations(run))
        MUST(run_step(run, &losses, &diag));
    MUST(run_picture(run, out, &diag));
    run_close(&run);
}

/* What is seen is what is saved: a part in its own pixels, and all of it smaller. */
static void previews_agree_with_the_picture(void **state)
{
    (void)state;
    for (int keep = 0; keep < 2; keep++) {
        struct job job = tiny_job();
        struct image whole = {0}, part = {0}, small = {0}, expected = {0};
        set(&job, "preserve_colors", keep ? "true" : "false");
        struct run *run = open_run(&job);
        steps(run, 8);
        MUST(run_picture(run, &whole, &diag));
        const struct run_part corner = {5, 3, 12, 10};
        MUST(run_preview(run, &part, &corner, 12, 10, &diag));
        for (int c = 0; c < 3; c++)
            for (int y = 0; y < 10; y++)
                assert_memory_equal(part.rgb + (c * 10 + y) * 12,
                                    whole.rgb + (c * whole.height + 3 + y) * whole.width + 5,
                                    12 * sizeof(float));
        MUST(run_preview(run, &small, NULL, 16, 10, &diag));
        MUST(image_resize(&expected, &whole, 16, 10, &diag));
        assert_memory_equal(small.rgb, expected.rgb, sizeof(float) * 3 * 16 * 10);
        image_clear(&whole);
        image_clear(&part);
        image_clear(&small);
        image_clear(&expected);
        run_close(&run);
    }
}

static void the_same_job_twice_gives_the_same_bits(void **state)
{
    (void)state;
    struct image a = {0}, b = {0};
    struct job job = tiny_job();
    set(&job, "schedule", "fast");
    set(&job, "iterations", "30");
    set(&job, "initial", "noise");
    set(&job, "pyramid", "2");
    paint(&job, &a);
    paint(&job, &b);
    assert_int_equal(a.width, 33);
    assert_int_equal(a.height, 21);
    assert_memory_equal(a.rgb, b.rgb, sizeof(float) * 3 * 33 * 21);
    job.seed++;
    image_clear(&b);
    paint(&job, &b);
    assert_memory_not_equal(a.rgb, b.rgb, sizeof(float) * 3 * 33 * 21);
    image_clear(&a);
    image_clear(&b);
}

/* The total of what a run of `iterations` ends at. */
static double ends_at(const struct job *job, int iterations)
{
    struct job shorter = *job;
    struct run *run;
    struct losses losses;
    shorter.iterations = iterations;
    MUST(run_open(&run, &shorter, NULL, &diag));
    while (run_iteration(run) < iterations)
        MUST(run_step(run, &losses, &diag));
    MUST(run_measure(run, &losses, NULL, &diag));
    run_close(&run);
    return losses.total;
}

static void lbfgs_is_ahead_of_adam(void **state)
{
    (void)state;
    struct job adam = tiny_job(), lbfgs = adam;
    set(&lbfgs, "optimizer", "lbfgs");
    assert_true(ends_at(&lbfgs, 40) < ends_at(&adam, 60));
}

static void a_run_of_lbfgs_never_ends_worse_than_a_shorter_one(void **state)
{
    (void)state;
    struct job job = tiny_job();
    set(&job, "optimizer", "lbfgs");
    double before = INFINITY;
    for (int iterations = 1; iterations < 12; iterations++) {
        double total = ends_at(&job, iterations);
        assert_true(total <= before);
        before = total;
    }
}

static void no_iterations_give_the_starting_picture(void **state)
{
    (void)state;
    uint32_t shape[4];
    size_t n;
    struct image out = {0};
    struct job job = tiny_job();
    double *x = reference("x", shape, &n);
    job.iterations = 0;
    paint(&job, &out);
    for (size_t i = 0; i < n; i++)
        assert_true(fabs(out.rgb[i] - x[i]) < 1e-3);
    image_clear(&out);
    mem_free(x);
}

static void preserved_colours_are_the_contents(void **state)
{
    (void)state;
    struct image plain = {0}, kept = {0};
    struct job job = tiny_job();
    job.iterations = 0;
    paint(&job, &plain);
    job.preserve_colors = true;
    paint(&job, &kept);
    struct image expected = {0}, content = {0};
    MUST(image_read(&content, job.content, &diag));
    MUST(image_crop(&expected, &plain, 0, 0, plain.width, plain.height, &diag));
    image_keep_colours(&expected, &content);
    assert_memory_equal(kept.rgb, expected.rgb, sizeof(float) * 3 * 33 * 21);
    assert_memory_not_equal(kept.rgb, plain.rgb, sizeof(float) * 3 * 33 * 21);
    image_clear(&plain);
    image_clear(&kept);
    image_clear(&expected);
    image_clear(&content);
}

static void a_picture_that_is_missing_is_named(void **state)
{
    (void)state;
    struct run *run = NULL;
    struct job job = tiny_job();
    snprintf(job.content, sizeof job.content, "%s", in_folder("absent.png"));
    assert_int_equal(run_open(&run, &job, NULL, &diag), STATUS_INPUT);
    assert_null(run);
    assert_non_null(strstr(diag.text, "absent.png"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(losses_and_gradient_equal_float64_with_direct_convolution),
        cmocka_unit_test(losses_and_gradient_equal_float64_with_the_fastest_convolution),
        cmocka_unit_test(losses_and_gradient_in_bfloat16_are_near_float64),
        cmocka_unit_test(direct_convolution_is_in_float32_unless_told_otherwise),
        cmocka_unit_test(twenty_adam_steps_follow_pytorch),
        cmocka_unit_test(previews_agree_with_the_picture),
        cmocka_unit_test(the_same_job_twice_gives_the_same_bits),
        cmocka_unit_test(lbfgs_is_ahead_of_adam),
        cmocka_unit_test(a_run_of_lbfgs_never_ends_worse_than_a_shorter_one),
        cmocka_unit_test(no_iterations_give_the_starting_picture),
        cmocka_unit_test(preserved_colours_are_the_contents),
        cmocka_unit_test(a_picture_that_is_missing_is_named),
    };
    return cmocka_run_group_tests(tests, draw, remove_all);
}
