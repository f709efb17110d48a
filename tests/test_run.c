/*
 * test_run.c: a whole run, from pictures on disk to losses and gradients, against PyTorch in
 * float64 (tests/ref/make_reference.py), and what a run promises.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../engine/image.h"
#include "../engine/mem.h"
#include "../engine/run.h"

#define MUST(call)                                                                               \
    do {                                                                                         \
        if ((call) != STATUS_OK)                                                                 \
            fail_msg("%s: %s", #call, diag.text);                                                \
    } while (0)

static struct diag diag;
static char folder[] = "/tmp/strata-run-XXXXXX";

static const char *in_folder(const char *name)
{
    static char path[4][sizeof folder + 64];
    static int at;
    at = (at + 1) % 4;
    snprintf(path[at], sizeof path[at], "%s/%s", folder, name);
    return path[at];
}

/* Reads tests/ref/NAME.bin: *shape gets up to four dimensions. */
static double *reference(const char *name, uint32_t shape[4], size_t *n)
{
    char path[128];
    uint32_t head[2];
    snprintf(path, sizeof path, "tests/ref/%s.bin", name);
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    char magic[4];
    assert_int_equal(fread(magic, 1, 4, f), 4);
    assert_memory_equal(magic, "STRB", 4);
    assert_int_equal(fread(head, 4, 2, f), 2);
    assert_int_equal(head[0], 1);
    assert_in_range(head[1], 1, 4);
    assert_int_equal(fread(shape, 4, head[1], f), head[1]);
    *n = 1;
    for (uint32_t i = 0; i < head[1]; i++)
        *n *= shape[i];
    double *a = mem_new(*n * sizeof *a);
    assert_int_equal(fread(a, sizeof *a, *n, f), *n);
    fclose(f);
    return a;
}

/* The reference's picture as a PNG; its values are whole numbers, so nothing is lost. */
static void picture(const char *name)
{
    uint32_t shape[4];
    size_t n;
    char file[32];
    double *a = reference(name, shape, &n);
    struct image image = {0};
    MUST(image_init(&image, (int)shape[2], (int)shape[1], &diag));
    for (size_t i = 0; i < n; i++)
        image.rgb[i] = (float)a[i];
    snprintf(file, sizeof file, "%s.png", name);
    MUST(image_write(&image, in_folder(file), NULL, FILE_KEEP, &diag));
    image_clear(&image);
    mem_free(a);
}

static void set(struct job *job, const char *key, const char *value)
{
    struct job_lists lists = {0};
    MUST(job_set(job, &lists, job_find_key(key), value, "", &diag));
}

/* The job that the reference paints with: tiny network, every picture in our folder. */
static struct job tiny_job(void)
{
    static const char *const styles[] = {"style0.png", "style1.png", "style2.png", "style3.png",
                                         "style4.png"};
    struct job job;
    job_defaults(&job);
    set(&job, "schedule", "classic");
    set(&job, "network", "tests/ref/tiny.safetensors");
    snprintf(job.content, sizeof job.content, "%s", in_folder("content.png"));
    snprintf(job.output, sizeof job.output, "%s", in_folder("out.png"));
    snprintf(job.initial, sizeof job.initial, "%s", in_folder("x.png"));
    for (int i = 0; i < STYLE_LAYER_COUNT; i++) {
        job.channel[i].state = CHANNEL_ON;
        snprintf(job.channel[i].style.path, JOB_PATH, "%s", in_folder(styles[i]));
    }
    return job;
}

/* Sets up one of the cases of make_reference.py. */
static struct job case_job(const char *name)
{
    static const double five[] = {1.0, 2.0, 0.5, 0.0, 1.5}, blend[] = {0.5, 0.3, 0.2};
    struct job job = tiny_job();
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
                    double loss_tolerance, double gradient_tolerance)
{
    char file[64];
    uint32_t shape[4];
    size_t n, losses_n;
    struct run *run;
    struct losses losses, again;
    struct job job = case_job(name);
    set(&job, "pooling", pooling);
    set(&job, "convolution", convolution);
    MUST(run_open(&run, &job, &diag));
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
        compare("max", cases[i], "direct", 1e-5, 1e-5);
        compare("avg", cases[i], "direct", 1e-5, 1e-5);
    }
}

static void losses_and_gradient_equal_float64_with_the_fastest_convolution(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        compare("max", cases[i], "auto", 1e-4, 1e-3);
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
    MUST(run_open(&run, &job, &diag));
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
    MUST(run_open(&run, job, &diag));
    while (run_iteration(run) < run_iterations(run))
        MUST(run_step(run, &losses, &diag));
    MUST(run_picture(run, out, &diag));
    run_close(&run);
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

static void divergence_is_told_and_leaves_a_finite_picture(void **state)
{
    (void)state;
    struct run *run;
    struct losses losses;
    struct image out = {0};
    struct job job = tiny_job();
    enum status status = STATUS_OK;
    job.iterations = 50;
    job.learning_rate = 1e30;
    MUST(run_open(&run, &job, &diag));
    while (status == STATUS_OK && run_iteration(run) < run_iterations(run))
        status = run_step(run, &losses, &diag);
    assert_int_equal(status, STATUS_DIVERGED);
    assert_non_null(strstr(diag.text, "learning-rate"));
    MUST(run_picture(run, &out, &diag));
    for (size_t i = 0; i < 3 * 33 * 21; i++)
        assert_true(isfinite(out.rgb[i]));
    image_clear(&out);
    run_close(&run);
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
    MUST(image_copy(&expected, &plain, &diag));
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
    assert_int_equal(run_open(&run, &job, &diag), STATUS_INPUT);
    assert_null(run);
    assert_non_null(strstr(diag.text, "absent.png"));
}

static const char *const pictures[] = {"content", "x",      "style0", "style1",
                                       "style2",  "style3", "style4"};

static int draw(void **state)
{
    (void)state;
    if (!mkdtemp(folder))
        return 1;
    for (size_t i = 0; i < sizeof pictures / sizeof *pictures; i++)
        picture(pictures[i]);
    return 0;
}

static int remove_all(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof pictures / sizeof *pictures; i++) {
        char file[32];
        snprintf(file, sizeof file, "%s.png", pictures[i]);
        unlink(in_folder(file));
    }
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(losses_and_gradient_equal_float64_with_direct_convolution),
        cmocka_unit_test(losses_and_gradient_equal_float64_with_the_fastest_convolution),
        cmocka_unit_test(twenty_adam_steps_follow_pytorch),
        cmocka_unit_test(the_same_job_twice_gives_the_same_bits),
        cmocka_unit_test(no_iterations_give_the_starting_picture),
        cmocka_unit_test(divergence_is_told_and_leaves_a_finite_picture),
        cmocka_unit_test(preserved_colours_are_the_contents),
        cmocka_unit_test(a_picture_that_is_missing_is_named),
    };
    return cmocka_run_group_tests(tests, draw, remove_all);
}
