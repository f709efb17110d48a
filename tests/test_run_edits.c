/*
 * test_run_edits.c: a picture that was changed while it was painted is painted again from the job
 * inside it, bit for bit; with the real engine on a tiny network.
 */
#include "tests/lib/run.h"

#include "engine/rundir/checkpoint.h"
#include "tests/lib/image.h"

struct edit {
    int iteration;
    void (*make)(struct job *job);
};

static void fader(struct job *job) { job->channel[2].weight = 1.75; }
static void blank(struct job *job) { job->channel[0].state = CHANNEL_BLANK; }
static void content(struct job *job) { job->channel[3].state = CHANNEL_CONTENT; }
static void strong(struct job *job) { job->style_weight *= 3.0; }
static void more(struct job *job) { job->iterations += 12; }
static void rate(struct job *job) { job->learning_rate = 4.0; }
static void colours(struct job *job) { job->preserve_colors = true; }
static void crop(struct job *job) { job->channel[4].style.crop = (struct crop){0.5, 0.3, 0.6}; }

static void other_style(struct job *job)
{
    strcpy(job->channel[1].style.path, in_folder("style4.png"));
    job->channel[1].style.scale = 0.5;
}

static void no_blend(struct job *job) { job->blend_count = 0; }

/* In a coarse stage, at its end, in the last one, at the last iteration. */
static const struct edit edits[] = {
    {0, rate},  {2, fader},        {3, blank}, {5, other_style}, {5, crop},      {7, more},
    {9, blend_two}, {12, no_blend},    {15, strong}, {18, content},  {32, colours},
};

enum { EDITS = sizeof edits / sizeof *edits };

static struct job painted_job(const char *schedule, const char *pyramid)
{
    struct job job = tiny_job();
    set(&job, "schedule", schedule);
    set(&job, "pyramid", pyramid);
    set(&job, "iterations", "20");
    return job;
}

static void make_due(struct run *run)
{
    for (int i = 0; i < EDITS; i++)
        if (edits[i].iteration == run_iteration(run)) {
            struct job job = *run_job(run);
            edits[i].make(&job);
            MUST(run_change(run, &job, &diag));
        }
}

static void finish(struct run *run, struct image *out)
{
    struct losses losses;
    MUST(run_measure(run, &losses, NULL, &diag));
    MUST(run_picture(run, out, &diag));
}

/* As by hand. */
static void paint_with_edits(const struct job *job, const char *path)
{
    struct run *run = open_run(job);
    struct image picture = {0};
    struct job record;
    for (make_due(run); run_iteration(run) < run_iterations(run); make_due(run))
        steps(run, 1);
    finish(run, &picture);
    run_record(run, &record);
    MUST(run_write(&(struct run_result){&picture, NULL}, &record, path, FILE_OVERWRITE, &diag));
    image_clear(&picture);
    run_close(&run);
}

static void paint(const struct job *job, struct image *out)
{
    struct run *run = open_run(job);
    while (run_iteration(run) < run_iterations(run))
        steps(run, 1);
    finish(run, out);
    run_close(&run);
}

static bool same_pixels(const struct image *a, const char *path)
{
    struct image b = {0}, written = {0};
    MUST(image_write(a, in_folder("again.png"), NULL, FILE_OVERWRITE, &diag));
    MUST(image_read(&written, in_folder("again.png"), &diag));
    MUST(image_read(&b, path, &diag));
    assert_true(written.width == b.width && written.height == b.height);
    bool same = memcmp(written.rgb, b.rgb, sizeof(float) * 3 * 33 * 21) == 0;
    image_clear(&written);
    image_clear(&b);
    unlink(in_folder("again.png"));
    return same;
}

static void a_picture_is_painted_again_with_its_edits(void **state)
{
    const char *const *how = *state;
    struct job job = painted_job(how[0], how[1]), read;
    struct image again = {0};
    char path[JOB_PATH];
    strcpy(path, in_folder("out.png"));
    paint_with_edits(&job, path);
    MUST(job_read(&read, path, &diag));
    assert_int_equal(read.iterations, 20);
    assert_true(read.channel[2].weight == 1.0);
    paint(&read, &again);
    assert_true(same_pixels(&again, path));
    image_clear(&again);
    read.edits[0] = 0;
    paint(&read, &again);
    assert_false(same_pixels(&again, path));
    image_clear(&again);
    unlink(path);
}

/* Another process goes on at any iteration, before an edit and right behind it. */
static void edits_are_made_by_a_run_that_goes_on(void **state)
{
    (void)state;
    struct job job = painted_job("fast", "2"), read;
    char path[JOB_PATH], file[JOB_PATH];
    strcpy(path, in_folder("out.png"));
    strcpy(file, in_folder("checkpoint"));
    paint_with_edits(&job, path);
    MUST(job_read(&read, path, &diag));
    struct run *run = open_run(&read);
    while (run_iteration(run) < run_iterations(run)) {
        struct checkpoint c = {.seconds = 1.0}, back;
        MUST(checkpoint_take(&c, run, false, &diag));
        MUST(checkpoint_write(file, &c, folder, &diag));
        mem_free(c.plan);
        MUST(checkpoint_read(&back, file, folder, &diag));
        assert_true(job_equal(&back.record, &read));
        assert_true(back.job.style_weight == run_job(run)->style_weight);
        run_close(&run);
        MUST(run_resume(&run, &back.record, &back.state, NULL, &diag));
        checkpoint_clear(&back);
        steps(run, 1);
    }
    struct image again = {0};
    finish(run, &again);
    assert_true(same_pixels(&again, path));
    image_clear(&again);
    run_close(&run);
    unlink(path);
    unlink(file);
}

/* It ended, its picture was looked at, and it was given more. */
static void an_end_on_the_way_is_made_again(void **state)
{
    (void)state;
    struct job job = painted_job("fast", "2"), edited = job, record;
    struct image first = {0}, again = {0};
    struct losses losses;
    struct run *run = open_run(&job);
    steps(run, 6);
    edited.iterations = 4;
    edited.channel[2].weight = 0.3;
    MUST(run_change(run, &edited, &diag));
    MUST(run_measure(run, &losses, NULL, &diag));
    edited.iterations = 24;
    MUST(run_change(run, &edited, &diag));
    steps(run, 18);
    finish(run, &first);
    run_record(run, &record);
    assert_int_equal(job_edits_count(record.edits, 6), 2);
    run_close(&run);
    paint(&record, &again);
    assert_memory_equal(first.rgb, again.rgb, sizeof(float) * 3 * 33 * 21);
    image_clear(&first);
    image_clear(&again);
}

static void going_back_forgets_what_came_after(void **state)
{
    (void)state;
    struct job job = painted_job("classic", "off"), record, after, now;
    struct run_state kept;
    struct run *run = open_run(&job);
    steps(run, 2);
    now = *run_job(run);
    blank(&now);
    MUST(run_change(run, &now, &diag));
    MUST(run_save(run, &kept, &diag));
    run_record(run, &record);
    steps(run, 2);
    strong(&now);
    MUST(run_change(run, &now, &diag));
    run_record(run, &after);
    assert_int_equal(job_edits_next(after.edits, 2), 4);
    MUST(run_return(run, &record, &kept, &diag));
    assert_int_equal(run_iteration(run), 2);
    run_record(run, &after);
    assert_int_equal(job_edits_next(after.edits, -1), 2);
    assert_int_equal(job_edits_next(after.edits, 2), -1);
    assert_true(run_job(run)->style_weight == job.style_weight);
    run_state_clear(&kept);
    run_close(&run);
}

static void an_edit_that_cannot_be_made_is_refused_at_the_start(void **state)
{
    (void)state;
    struct job job = painted_job("classic", "off"), now = job;
    struct run *run = NULL;
    strcpy(now.channel[1].style.path, in_folder("missing.png"));
    assert_true(job_edits_record(&job, 15, &now, false));
    assert_int_equal(run_open(&run, &job, NULL, &diag), STATUS_INPUT);
    assert_non_null(strstr(diag.text, "the edit at iteration 15: "));
    assert_non_null(strstr(diag.text, "missing.png"));
    for (int i = 0; i < STYLE_LAYER_COUNT; i++)
        now.channel[i].state = CHANNEL_OFF;
    job.edits[0] = 0;
    assert_true(job_edits_record(&job, 15, &now, false));
    assert_int_equal(run_open(&run, &job, NULL, &diag), STATUS_USAGE);
    assert_non_null(strstr(diag.text, "the edit at iteration 15: "));
}

static void an_edit_that_fails_on_the_way_fails_the_run_until_it_is_replaced(void **state)
{
    (void)state;
    struct job job = painted_job("classic", "off"), now = job;
    struct losses losses;
    picture("style4");
    strcpy(now.channel[1].style.path, in_folder("gone.png"));
    assert_int_equal(rename(in_folder("style4.png"), now.channel[1].style.path), 0);
    picture("style4");
    assert_true(job_edits_record(&job, 3, &now, false));
    struct run *run = open_run(&job);
    assert_int_equal(unlink(now.channel[1].style.path), 0);
    steps(run, 2);
    assert_int_equal(run_step(run, &losses, &diag), STATUS_INPUT);
    assert_int_equal(run_iteration(run), 3);
    assert_int_equal(run_step(run, &losses, &diag), STATUS_INPUT);
    assert_int_equal(run_iteration(run), 3);
    now = *run_job(run);
    MUST(run_change(run, &now, &diag));
    steps(run, 2);
    assert_int_equal(run_iteration(run), 5);
    run_close(&run);
}

/* Names that are as long as they may be, of a channel that is off and reads none. */
static void more_edits_than_a_job_holds_are_told_once(void **state)
{
    (void)state;
    struct job job = painted_job("classic", "off"), now, record;
    struct losses losses;
    int told = 0;
    job.channel[4].state = CHANNEL_OFF;
    struct run *run = open_run(&job);
    for (int i = 0; i < 15; i++) {
        now = *run_job(run);
        memset(now.channel[4].style.path, 'a' + i, JOB_PATH - 1);
        strcpy(diag.text, "");
        MUST(run_change(run, &now, &diag));
        told += strstr(diag.text, "painted again from it, the picture will be another") != NULL;
        MUST(run_step(run, &losses, &diag));
    }
    assert_int_equal(told, 1);
    run_record(run, &record);
    assert_in_range(record.edits_lost, 9, 14);
    assert_int_equal(record.channel[4].style.path[0], 'a' + record.edits_lost);
    job_edits_apply(&record, record.edits, -1, 14);
    assert_string_equal(record.channel[4].style.path, now.channel[4].style.path);
    run_close(&run);
}

#define HOW(test, schedule, pyramid)                                                               \
    {#test " " schedule, test, NULL, NULL, (void *)(const char *const[]){schedule, pyramid}}

int main(void)
{
    const struct CMUnitTest tests[] = {
        HOW(a_picture_is_painted_again_with_its_edits, "fast", "2"),
        HOW(a_picture_is_painted_again_with_its_edits, "fast", "off"),
        HOW(a_picture_is_painted_again_with_its_edits, "classic", "2"),
        cmocka_unit_test(edits_are_made_by_a_run_that_goes_on),
        cmocka_unit_test(an_end_on_the_way_is_made_again),
        cmocka_unit_test(more_edits_than_a_job_holds_are_told_once),
        cmocka_unit_test(going_back_forgets_what_came_after),
        cmocka_unit_test(an_edit_that_cannot_be_made_is_refused_at_the_start),
        cmocka_unit_test(an_edit_that_fails_on_the_way_fails_the_run_until_it_is_replaced),
    };
    return cmocka_run_group_tests(tests, draw, remove_all);
}
