/*
 * test_run_change.c: a run that changes under way: another job, another state, an end on request.
 */
#include "tests/lib/run.h"

#include "engine/net/network.h"
#include "engine/nn/nn.h"
#include "engine/net/vgg.h"

/* To the bit: picture, optimiser, iteration. */
static void same_state(struct run *a, struct run *b, const char *what)
{
    struct run_state x, y;
    MUST(run_save(a, &x, &diag));
    MUST(run_save(b, &y, &diag));
    assert_int_equal(x.iteration, y.iteration);
    assert_int_equal(x.at, y.at);
    assert_int_equal(x.t, y.t);
    assert_int_equal(x.count, y.count);
    if (memcmp(x.values, y.values, x.count * sizeof *x.values) != 0)
        fail_msg("%s: other pictures", what);
    run_state_clear(&x);
    run_state_clear(&y);
}

/* ---- changes ------------------------------------------------------------------------------ */

static void no_edit(struct job *job) { (void)job; }
static void fader(struct job *job) { job->channel[2].weight = 1.75; }
static void style_weight(struct job *job) { job->style_weight *= 3.0; }
static void content_weight(struct job *job) { job->content_weight = 0.5; }
static void no_content(struct job *job) { job->content_weight = 0.0; }
static void both_contents(struct job *job) { job->content_weight_blend = 0.5; }
static void smoothness(struct job *job) { job->tv_weight = 7.0; }
static void rate(struct job *job) { job->learning_rate = 3.0; }
static void moments(struct job *job) { job->beta1 = 0.5, job->beta2 = 0.9, job->eps = 1e-4; }
static void blank_channel(struct job *job) { job->channel[0].state = CHANNEL_BLANK; }
static void middle_off(struct job *job) { job->channel[1].state = CHANNEL_OFF; }
static void deepest_off(struct job *job) { job->channel[4].state = CHANNEL_OFF; }
static void crop(struct job *job) { job->channel[3].style.crop = (struct crop){0.5, 0.3, 0.6}; }
static void scale(struct job *job) { job->channel[3].style.scale = 0.5; }

static void swap(struct job *job)
{
    struct channel first = job->channel[0];
    job->channel[0] = job->channel[4];
    job->channel[4] = first;
}

static void solo(struct job *job)
{
    for (int i = 0; i < STYLE_LAYER_COUNT; i++)
        if (i != 2)
            job->channel[i].state = CHANNEL_OFF;
}

static const struct {
    const char *name;
    void (*apply)(struct job *job);
} edits[] = {
    {"nothing", no_edit},        {"a fader", fader},          {"style weight", style_weight},
    {"content weight", content_weight}, {"no content", no_content},
    {"relu5_2 as content too", both_contents},                {"tv weight", smoothness},
    {"learning rate", rate},     {"beta and eps", moments},   {"a blank", blank_channel},
    {"relu2_1 off", middle_off}, {"relu5_1 off", deepest_off}, {"a crop", crop},
    {"a scale", scale},          {"two channels swapped", swap}, {"solo", solo},
    {"a blend", blend_two},
};

enum { EDITS = sizeof edits / sizeof *edits };

/* run changes to a job; reference was opened with that job and is brought to the state that run is
 * in: they must go on alike. */
static void changes_exactly(struct run *run, struct run *reference_run, const struct job *to,
                            const char *what)
{
    struct run_state state;
    MUST(run_save(run, &state, &diag));
    MUST(run_change(run, to, &diag));
    MUST(run_restore(reference_run, &state, &diag));
    steps(run, 3);
    steps(reference_run, 3);
    same_state(run, reference_run, what);
    run_state_clear(&state);
}

/* With each optimiser; by then L-BFGS has learnt something and is trying a point. */
static void a_change_gives_the_iterates_of_a_run_restarted_with_it(void **state)
{
    struct job job = tiny_job();
    set(&job, "optimizer", *state);
    struct run *run = open_run(&job), *plain = open_run(&job);
    steps(run, 2);
    for (int i = 0; i < EDITS; i++) {
        struct job edited = job;
        edits[i].apply(&edited);
        struct run *restarted = open_run(&edited);
        changes_exactly(run, restarted, &edited, edits[i].name);
        changes_exactly(run, plain, &job, edits[i].name);
        run_close(&restarted);
    }
    run_close(&run);
    run_close(&plain);
}

static void a_change_has_an_effect(void **state)
{
    (void)state;
    struct job job = tiny_job();
    struct run *run = open_run(&job);
    struct run_state start, plain, changed;
    steps(run, 1);
    MUST(run_save(run, &start, &diag));
    steps(run, 2);
    MUST(run_save(run, &plain, &diag));
    for (int i = 1; i < EDITS; i++) {
        struct job edited = job;
        edits[i].apply(&edited);
        MUST(run_change(run, &edited, &diag));
        MUST(run_restore(run, &start, &diag));
        steps(run, 2);
        MUST(run_save(run, &changed, &diag));
        if (memcmp(plain.values, changed.values, sizeof(float) * 3 * 33 * 21) == 0)
            fail_msg("%s changes nothing", edits[i].name);
        run_state_clear(&changed);
    }
    run_state_clear(&start);
    run_state_clear(&plain);
    run_close(&run);
}

static void a_change_and_back_is_no_change(void **state)
{
    struct job job = tiny_job();
    set(&job, "optimizer", *state);
    struct run *run = open_run(&job), *plain = open_run(&job);
    for (int i = 0; i < EDITS; i++) {
        struct job edited = job;
        edits[i].apply(&edited);
        MUST(run_change(run, &edited, &diag));
        MUST(run_change(run, &job, &diag));
        steps(run, 1);
        steps(plain, 1);
        same_state(run, plain, edits[i].name);
    }
    run_close(&run);
    run_close(&plain);
}

static void what_takes_a_new_start_stays(void **state)
{
    (void)state;
    struct job job = tiny_job(), edited = job;
    struct run *run = open_run(&job);
    edited.width = 20;
    strcpy(edited.network, "absent.safetensors");
    edited.tv_weight = 1.0;
    MUST(run_change(run, &edited, &diag));
    assert_true(run_job(run)->tv_weight == 1.0);
    assert_string_equal(run_job(run)->network, job.network);
    assert_string_equal(job_restart_key(run_job(run), &edited)->name, "network");
    assert_null(job_restart_key(run_job(run), &job));
    run_close(&run);
}

static void missing(struct job *job) { strcpy(job->channel[3].style.path, "absent.png"); }
static void nothing_pulls(struct job *job)
{
    for (int i = 0; i < STYLE_LAYER_COUNT; i++)
        job->channel[i].state = CHANNEL_OFF;
}
static void too_large(struct job *job) { job->channel[0].style.scale = 4000.0; }
static void no_picture(struct job *job) { strcpy(job->channel[1].style.path, "Makefile"); }

static void a_change_that_cannot_work_leaves_the_run_as_it_was(void **state)
{
    (void)state;
    static const struct {
        void (*apply)(struct job *job);
        enum status status;
        const char *word;
    } bad[] = {
        {missing, STATUS_INPUT, "absent.png"},
        {nothing_pulls, STATUS_USAGE, "off"},
        {too_large, STATUS_RANGE, "style0.png"},
        {no_picture, STATUS_INPUT, "Makefile"},
    };
    struct job job = tiny_job();
    struct run *run = open_run(&job), *plain = open_run(&job);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct job edited = job;
        deepest_off(&edited);
        fader(&edited);
        rate(&edited);
        bad[i].apply(&edited);
        assert_int_equal(run_change(run, &edited, &diag), bad[i].status);
        assert_non_null(strstr(diag.text, bad[i].word));
        assert_true(job_equal(run_job(run), &job));
        steps(run, 2);
        steps(plain, 2);
        same_state(run, plain, bad[i].word);
    }
    run_close(&run);
    run_close(&plain);
}

static void only_the_new_picture_is_read(void **state)
{
    (void)state;
    struct job job = tiny_job(), other = job;
    struct run *run = open_run(&job);
    strcpy(other.channel[2].style.path, in_folder("x.png"));
    for (int i = 0; i < STYLE_LAYER_COUNT; i++)
        unlink(job.channel[i].style.path);
    MUST(run_change(run, &other, &diag));
    solo(&other);
    MUST(run_change(run, &other, &diag));
    other = job;
    other.channel[2].style.path[0] = 0;
    other.channel[2].state = CHANNEL_BLANK;
    MUST(run_change(run, &other, &diag));
    steps(run, 1);
    assert_int_equal(run_change(run, &job, &diag), STATUS_INPUT); /* channel 2's was forgotten */
    run_close(&run);
    draw_all();
}

static void more_iterations_go_on_with_the_optimiser_as_it_is(void **state)
{
    (void)state;
    struct job few = tiny_job(), many = few;
    few.iterations = 5;
    many.iterations = 10;
    struct run *run = open_run(&few), *plain = open_run(&many);
    steps(run, 5);
    MUST(run_change(run, &many, &diag));
    steps(run, 5);
    steps(plain, 10);
    same_state(run, plain, "more iterations");
    assert_int_equal(run_iterations(run), 10);
    run_close(&run);
    run_close(&plain);
}

/* ---- states ------------------------------------------------------------------------------- */

static struct job two_sizes(void)
{
    struct job job = tiny_job();
    set(&job, "schedule", "fast");
    set(&job, "pyramid", "2");
    set(&job, "iterations", "20");
    return job;
}

static void a_state_brings_back_its_iterates_from_any_size(void **state)
{
    (void)state;
    struct job job = two_sizes();
    struct run *run = open_run(&job), *plain = open_run(&job), *other = open_run(&job);
    struct run_state coarse, fine;
    steps(run, 8);
    MUST(run_save(run, &coarse, &diag));
    steps(run, 9);
    MUST(run_save(run, &fine, &diag));
    assert_int_equal(coarse.at, 0);
    assert_int_equal(fine.at, 1);
    MUST(run_restore(run, &coarse, &diag));
    MUST(run_restore(other, &fine, &diag));
    assert_int_equal(run_iteration(run), 8);
    assert_int_equal(run_stage_width(run), coarse.width);
    steps(run, 12);
    steps(other, 3);
    steps(plain, 20);
    same_state(run, plain, "back to the coarse picture");
    same_state(other, plain, "on to the fine picture");
    run_state_clear(&coarse);
    run_state_clear(&fine);
    run_close(&run);
    run_close(&plain);
    run_close(&other);
}

static void fewer_iterations_hurry_through_the_sizes(void **state)
{
    (void)state;
    struct job job = two_sizes(), hurry = job;
    struct run *run = open_run(&job);
    steps(run, 8);
    hurry.iterations = 10;
    MUST(run_change(run, &hurry, &diag));
    assert_true(run_remaining(run) > 0.0);
    steps(run, 2);
    assert_int_equal(run_stage_width(run), run_width(run));
    hurry.iterations = 3;
    MUST(run_change(run, &hurry, &diag));
    assert_true(run_iteration(run) > run_iterations(run));
    assert_true(run_remaining(run) == 0.0);
    run_close(&run);
}

static void a_state_of_another_picture_is_refused(void **state)
{
    (void)state;
    struct job job = tiny_job(), small = job;
    small.width = 24;
    struct run *run = open_run(&job), *plain = open_run(&job), *other = open_run(&small);
    struct run_state theirs;
    steps(run, 2);
    steps(plain, 2);
    MUST(run_save(other, &theirs, &diag));
    assert_int_equal(run_restore(run, &theirs, &diag), STATUS_INPUT);
    theirs.at = 9;
    assert_int_equal(run_restore(run, &theirs, &diag), STATUS_INPUT);
    same_state(run, plain, "a refused state");
    run_state_clear(&theirs);
    run_close(&run);
    run_close(&plain);
    run_close(&other);
}

static void a_new_start_is_a_new_run_or_none(void **state)
{
    (void)state;
    struct job job = tiny_job(), small = job, bad = job;
    small.width = 24;
    bad.width = 2;
    struct run *run = open_run(&job), *plain = open_run(&job), *fresh = open_run(&small);
    steps(run, 2);
    assert_int_equal(run_restart(&run, &bad, NULL, &diag), STATUS_RANGE);
    missing(&bad);
    assert_int_equal(run_restart(&run, &bad, NULL, &diag), STATUS_RANGE);
    steps(run, 2);
    steps(plain, 4);
    same_state(run, plain, "a new start that failed");
    MUST(run_restart(&run, &small, NULL, &diag));
    steps(run, 3);
    steps(fresh, 3);
    same_state(run, fresh, "a new start");
    run_close(&run);
    run_close(&plain);
    run_close(&fresh);
}

static void after_divergence_a_lower_rate_goes_on(void **state)
{
    (void)state;
    struct losses losses;
    struct job job = tiny_job(), tame = job;
    job.learning_rate = 1e6;
    job.tv_weight = 1e12;
    struct run *run = open_run(&job);
    enum status status = STATUS_OK;
    struct job wild = job;
    wild.learning_rate = 1e30;
    MUST(run_change(run, &wild, &diag));
    for (int i = 0; status == STATUS_OK && i < 20; i++)
        status = run_step(run, &losses, &diag);
    assert_int_equal(status, STATUS_DIVERGED);
    MUST(run_change(run, &tame, &diag));
    steps(run, 5);
    run_close(&run);
}

/* ---- an end on request -------------------------------------------------------------------- */

struct visitor {
    atomic_int stop;
    int visits, last;
};

static enum status visit(void *context, enum layer layer, void *data, struct diag *d)
{
    struct visitor *v = context;
    (void)layer;
    (void)data;
    (void)d;
    if (++v->visits == v->last)
        atomic_store(&v->stop, 1);
    return STATUS_OK;
}

static void a_pass_ends_between_two_layers(void **state)
{
    (void)state;
    struct nn *nn;
    struct network *network;
    struct vgg *vgg;
    struct vgg_shape shape = {24, 16, LAYER_RELU5_1, NN_POOL_MAX, NN_BOTH, 1,
                              VGG_RECOMPUTE_NONE};
    static float x[3 * 24 * 16], dx[3 * 24 * 16];
    struct visitor v = {0, 0, 4}, back = {0, 0, 3};
    MUST(network_open(&network, "tests/ref/tiny.safetensors", &diag));
    MUST(nn_open(&nn, 1, NN_AUTO, NN_FP32, &diag));
    MUST(vgg_open(&vgg, nn, network, &shape, &diag));
    nn_stop_when(nn, &v.stop);
    struct picture_planes planes = {x, shape.width, shape.height, 0};
    const struct picture_rows picture = {picture_planes_take, &planes};
    assert_int_equal(vgg_forward(vgg, &picture, visit, &v, &diag), STATUS_STOPPED);
    assert_int_equal(v.visits, 4);
    nn_stop_when(nn, &back.stop);
    assert_int_equal(vgg_backward(vgg, dx, visit, &back, &diag), STATUS_STOPPED);
    assert_int_equal(back.visits, 3);
    vgg_close(&vgg);
    assert_int_equal(vgg_open(&vgg, nn, network, &shape, &diag), STATUS_STOPPED);
    nn_close(&nn);
    network_close(&network);
}

static void a_stopped_step_did_nothing(void **state)
{
    (void)state;
    atomic_int stop = 0;
    struct losses losses;
    struct job job = two_sizes();
    struct run *run, *plain = open_run(&job), *none = NULL;
    MUST(run_open(&run, &job, &stop, &diag));
    for (int i = 0; i < 20; i++) {
        atomic_store(&stop, 1);
        assert_int_equal(run_step(run, &losses, &diag), STATUS_STOPPED);
        atomic_store(&stop, 0);
        steps(run, 1);
        steps(plain, 1);
    }
    same_state(run, plain, "stopped steps");
    atomic_store(&stop, 1);
    assert_int_equal(run_open(&none, &job, &stop, &diag), STATUS_STOPPED);
    assert_null(none);
    run_close(&run);
    run_close(&plain);
}

#define WITH(test, optimizer) cmocka_unit_test_prestate(test, (char[]){optimizer})

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH(a_change_gives_the_iterates_of_a_run_restarted_with_it, "adam"),
        WITH(a_change_gives_the_iterates_of_a_run_restarted_with_it, "lbfgs"),
        cmocka_unit_test(a_change_has_an_effect),
        WITH(a_change_and_back_is_no_change, "adam"),
        WITH(a_change_and_back_is_no_change, "lbfgs"),
        cmocka_unit_test(what_takes_a_new_start_stays),
        cmocka_unit_test(a_change_that_cannot_work_leaves_the_run_as_it_was),
        cmocka_unit_test(only_the_new_picture_is_read),
        cmocka_unit_test(more_iterations_go_on_with_the_optimiser_as_it_is),
        cmocka_unit_test(a_state_brings_back_its_iterates_from_any_size),
        cmocka_unit_test(fewer_iterations_hurry_through_the_sizes),
        cmocka_unit_test(a_state_of_another_picture_is_refused),
        cmocka_unit_test(a_new_start_is_a_new_run_or_none),
        cmocka_unit_test(after_divergence_a_lower_rate_goes_on),
        cmocka_unit_test(a_pass_ends_between_two_layers),
        cmocka_unit_test(a_stopped_step_did_nothing),
    };
    return cmocka_run_group_tests(tests, draw, remove_all);
}
