/* test_queue.c: runs side by side give the pictures of runs alone; what is painted is known. */
#include "tests/lib/run.h"

#include <sys/stat.h>

#include "engine/base/text_buffer.h"
#include "engine/queue/painted.h"
#include "engine/queue/queue.h"
#include "engine/run/run_shared.h"

static struct job job;

/* A sweep of the tiny job: four weights, two styles of the second layer. */
static struct sweep *make_sweep(int iterations)
{
    struct sweep *sweep;
    struct text_buffer text = {0};
    job = tiny_job();
    job.iterations = iterations;
    char *base = job_print(&job, folder);
    text_buffer_add(&text, "%s\n[sweep]\nstyle_weight = 10..80*2\n"
                    "relu2_1.style = style0.png style1.png\n", base);
    MUST(file_write(in_folder("sweep.ini"), text.text, text.used, FILE_OVERWRITE, &diag));
    MUST(sweep_read(&sweep, in_folder("sweep.ini"), &diag));
    mem_free(base);
    text_buffer_clear(&text);
    return sweep;
}

static void remove_pictures(const struct sweep *sweep)
{
    for (int i = 0; i < sweep_count(sweep); i++) {
        sweep_job(&job, sweep, i);
        unlink(job.output);
    }
    rmdir(sweep_folder(sweep));
    unlink(in_folder("sweep.ini"));
}

static struct losses measured[8];

static int paint_all(const struct sweep *sweep, int beside, bool overwrite, const atomic_int *stop)
{
    static const int runs[8] = {0, 1, 2, 3, 4, 5, 6, 7};
    struct queue *queue;
    struct queue_end end;
    enum queue_news news;
    int good = 0;
    struct queue_options options = {.sweep = sweep, .runs = runs, .count = 8, .cores = beside,
                                    .beside = beside, .overwrite = overwrite, .stop = stop,
                                    .keep = in_folder("keep"), .keep_seconds = 30.0};
    mkdir(sweep_folder(sweep), 0700);
    MUST(queue_open(&queue, &options, &diag));
    while ((news = queue_wait(queue, &end, 10.0)) == QUEUE_ENDED) {
        good += end.diag.status == STATUS_OK;
        measured[end.run] = end.losses;
        diag = end.diag;
    }
    assert_int_equal(news, QUEUE_OVER);
    queue_close(&queue);
    return good;
}

static void side_by_side_paints_the_pictures_of_runs_alone(void **state)
{
    (void)state;
    struct sweep *sweep = make_sweep(6);
    assert_int_equal(paint_all(sweep, 3, false, NULL), 8);
    for (int i = 0; i < 8; i++) {
        struct run *run;
        struct losses losses;
        struct image alone = {0}, file = {0};
        struct image_head head;
        struct image_part part;
        struct image_request all = {0};
        sweep_job(&job, sweep, i);
        MUST(run_open(&run, &job, NULL, &diag));
        steps(run, 6);
        MUST(run_measure(run, &losses, NULL, &diag));
        assert_memory_equal(&losses, &measured[i], sizeof losses);
        MUST(run_picture(run, &alone, &diag));
        MUST(image_write(&alone, in_folder("alone.png"), NULL, FILE_OVERWRITE, &diag));
        image_clear(&alone);
        MUST(image_inspect(&head, in_folder("alone.png"), &diag));
        MUST(image_read_part(&part, in_folder("alone.png"), &head, &all, &diag));
        alone = part.image;
        MUST(image_inspect(&head, job.output, &diag));
        MUST(image_read_part(&part, job.output, &head, &all, &diag));
        file = part.image;
        assert_memory_equal(alone.rgb, file.rgb,
                            3 * (size_t)file.width * (size_t)file.height * sizeof(float));
        image_clear(&alone);
        image_clear(&file);
        run_close(&run);
    }
    unlink(in_folder("alone.png"));
    remove_pictures(sweep);
    sweep_close(&sweep);
}

static void a_picture_says_what_it_is_of(void **state)
{
    (void)state;
    struct painted painted;
    struct sweep *sweep = make_sweep(6);
    sweep_job(&job, sweep, 0);
    painted_look(&painted, &job);
    assert_int_equal(painted.state, PAINTED_MISSING);
    paint_all(sweep, 2, false, NULL);
    for (int i = 0; i < 8; i++) {
        sweep_job(&job, sweep, i);
        painted_look(&painted, &job);
        assert_int_equal(painted.state, PAINTED_DONE);
        for (int k = 0; k < LOSSES_SERIES; k++) {
            double wrote = losses_value(&measured[i], k), read = losses_value(&painted.losses, k);
            assert_true(wrote == read || (read / wrote > 1.0 - 1e-8 && read / wrote < 1.0 + 1e-8));
        }
    }
    snprintf(job.content, sizeof job.content, "%s/../%s/content.png", folder,
             strrchr(folder, '/') + 1);
    painted_look(&painted, &job);
    assert_int_equal(painted.state, PAINTED_DONE); /* the same file by another path */
    job.iterations = 7;
    painted_look(&painted, &job);
    assert_int_equal(painted.state, PAINTED_OTHER);
    job.iterations = 6;
    snprintf(job.output, sizeof job.output, "%s", in_folder("content.png"));
    painted_look(&painted, &job);
    assert_int_equal(painted.state, PAINTED_OTHER);
    remove_pictures(sweep);
    sweep_close(&sweep);
}

static void other_pictures_stay_unless_told(void **state)
{
    (void)state;
    struct painted painted;
    struct sweep *sweep = make_sweep(6);
    sweep_job(&job, sweep, 5);
    mkdir(sweep_folder(sweep), 0700);
    MUST(file_write(job.output, "mine", 4, FILE_KEEP, &diag));
    assert_int_equal(paint_all(sweep, 2, false, NULL), 7);
    painted_look(&painted, &job);
    sweep_job(&job, sweep, 5);
    painted_look(&painted, &job);
    assert_int_equal(painted.state, PAINTED_OTHER);
    assert_int_equal(paint_all(sweep, 2, true, NULL), 8);
    painted_look(&painted, &job);
    assert_int_equal(painted.state, PAINTED_DONE);
    remove_pictures(sweep);
    sweep_close(&sweep);
}

static void a_request_to_stop_leaves_nothing_half_done(void **state)
{
    (void)state;
    static atomic_int stop = 1;
    struct sweep *sweep = make_sweep(6);
    assert_int_equal(paint_all(sweep, 2, false, &stop), 0);
    for (int i = 0; i < 8; i++) {
        sweep_job(&job, sweep, i);
        assert_int_not_equal(access(job.output, F_OK), 0);
    }
    remove_pictures(sweep);
    sweep_close(&sweep);
}

/* The pixels of a PNG; mem_free. */
static float *pixels(const char *path, size_t *bytes)
{
    struct image_head head;
    struct image_part part;
    struct image_request all = {0};
    MUST(image_inspect(&head, path, &diag));
    MUST(image_read_part(&part, path, &head, &all, &diag));
    *bytes = 3 * (size_t)part.image.width * (size_t)part.image.height * sizeof(float);
    return part.image.rgb;
}

/* Paints by these options until all is over or, if stop is not NULL, an iteration is done. */
static struct queue_end run_queue(const struct queue_options *options, atomic_int *stop)
{
    struct queue *queue;
    struct queue_end end = {.run = -1};
    double done;
    MUST(queue_open(&queue, options, &diag));
    for (enum queue_news news = QUEUE_NOTHING; news != QUEUE_OVER;) {
        news = queue_wait(queue, &end, 0.001);
        queue_running(queue, &done);
        if (stop && done > 0.0)
            *stop = 1;
    }
    queue_close(&queue);
    return end;
}

static void a_long_run_goes_on_where_it_was(void **state)
{
    (void)state;
    static const int runs[] = {2};
    struct sweep *sweep = make_sweep(3000);
    atomic_int stop = 0;
    size_t bytes;
    struct queue_options options = {.sweep = sweep, .runs = runs, .count = 1, .cores = 1,
                                    .stop = &stop, .keep = in_folder("keep"), .keep_seconds = 30.0};
    mkdir(sweep_folder(sweep), 0700);
    sweep_job(&job, sweep, 2);
    assert_int_equal(run_queue(&options, NULL).diag.status, STATUS_OK);
    float *whole = pixels(job.output, &bytes);
    unlink(job.output);
    options.keep_seconds = 0.0;
    assert_int_equal(run_queue(&options, &stop).diag.status, STATUS_STOPPED);
    assert_int_not_equal(access(job.output, F_OK), 0);
    assert_int_equal(access(in_folder("keep/style_weight=20,relu2_1.style=style0"), F_OK), 0);
    stop = 0;
    options.keep_seconds = 30.0;
    assert_int_equal(run_queue(&options, NULL).diag.status, STATUS_OK);
    float *again = pixels(job.output, &bytes);
    assert_memory_equal(whole, again, bytes);
    assert_int_equal(rmdir(in_folder("keep")), 0); /* nothing is left in it */
    mem_free(whole);
    mem_free(again);
    remove_pictures(sweep);
    sweep_close(&sweep);
}

static void memory_is_reserved_beside_others(void **state)
{
    (void)state;
    struct run_shared *shared = run_shared_open();
    size_t one = 0, two = 0;
    assert_int_equal(run_shared_reserve(shared, &one, 60, 100, &diag), STATUS_OK);
    assert_int_equal(run_shared_reserve(shared, &two, 60, 100, &diag), STATUS_MEMORY);
    assert_int_equal(two, 0);
    assert_int_equal(run_shared_reserve(shared, &one, 30, 100, &diag), STATUS_OK);
    assert_int_equal(run_shared_reserve(shared, &two, 70, 100, &diag), STATUS_OK);
    run_shared_release(shared, &one);
    run_shared_release(shared, &two);
    assert_int_equal(run_shared_reserve(shared, &two, 600, 100, &diag), STATUS_OK); /* alone */
    run_shared_release(shared, &two);
    run_shared_close(&shared);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(side_by_side_paints_the_pictures_of_runs_alone),
        cmocka_unit_test(a_picture_says_what_it_is_of),
        cmocka_unit_test(other_pictures_stay_unless_told),
        cmocka_unit_test(a_request_to_stop_leaves_nothing_half_done),
        cmocka_unit_test(a_long_run_goes_on_where_it_was),
        cmocka_unit_test(memory_is_reserved_beside_others),
    };
    return cmocka_run_group_tests(tests, draw, remove_all);
}
