/*
 * test_checkpoint.c: a run that goes on from its checkpoint in a file paints the same picture, and
 * a file that is damaged anywhere is refused.
 */
#include <errno.h>
#include <sys/stat.h>
#include <zlib.h>

#include "engine/base/file.h"
#include "engine/rundir/checkpoint.h"
#include "tests/lib/run.h"

static const char *file(void)
{
    return in_folder("checkpoint");
}

/* Writes what run is, reads it back, and opens another run from it. */
static struct run *go_on(struct run *run)
{
    struct checkpoint c = {.seconds = 1.25}, back;
    struct run *next;
    MUST(checkpoint_take(&c, run, true, &diag));
    MUST(checkpoint_write(file(), &c, folder, &diag));
    MUST(checkpoint_read(&back, file(), folder, &diag));
    assert_int_equal(unlink(file()), 0);
    assert_int_equal(back.state.iteration, run_iteration(run));
    assert_true(back.seconds == 1.25);
    assert_true(checkpoint_adopt_plan(&back));
    MUST(run_resume(&next, &back.job, &back.state, NULL, &diag));
    checkpoint_clear(&c);
    checkpoint_clear(&back);
    return next;
}

static void assert_same_picture(struct run *a, struct run *b)
{
    struct image one = {0}, other = {0};
    struct losses la, lb;
    MUST(run_measure(a, &la, NULL, &diag));
    MUST(run_measure(b, &lb, NULL, &diag));
    MUST(run_picture(a, &one, &diag));
    MUST(run_picture(b, &other, &diag));
    assert_int_equal(one.width, other.width);
    assert_memory_equal(one.rgb, other.rgb,
                        (size_t)(3 * one.width * one.height) * sizeof(float));
    assert_memory_equal(&la, &lb, sizeof la);
    image_clear(&one);
    image_clear(&other);
}

/* Interrupted after each of its iterations in turn. */
static void stop_and_go_equals_go(const char *optimizer, const char *pyramid, const char *weight)
{
    enum { STEPS = 22 };
    struct job job = tiny_job(), edited;
    char count[8];
    snprintf(count, sizeof count, "%d", STEPS);
    set(&job, "optimizer", optimizer);
    set(&job, "schedule", "fast");
    set(&job, "optimizer", optimizer);
    set(&job, "pyramid", pyramid);
    set(&job, "iterations", count);
    edited = job;
    if (weight)
        set(&edited, "style_weight", weight);
    struct run *plain = open_run(&job), *other = open_run(&job);
    for (int i = 0; i < STEPS; i++) {
        struct run *next = go_on(other);
        run_close(&other);
        other = next;
        if (weight && i == STEPS / 2) {
            MUST(run_change(plain, &edited, &diag));
            MUST(run_change(other, &edited, &diag));
        }
        steps(plain, 1);
        steps(other, 1);
    }
    assert_same_picture(plain, other);
    run_close(&plain);
    run_close(&other);
}

static void stop_and_go_equals_go_with_adam(void **state)
{
    (void)state;
    stop_and_go_equals_go("adam", "off", NULL);
    stop_and_go_equals_go("adam", "2", NULL);
}

static void stop_and_go_equals_go_with_lbfgs(void **state)
{
    (void)state;
    stop_and_go_equals_go("lbfgs", "off", NULL); /* in the middle of trials, too */
    stop_and_go_equals_go("lbfgs", "2", NULL);
}

static void stop_and_go_equals_go_with_an_edit_on_the_way(void **state)
{
    (void)state;
    stop_and_go_equals_go("adam", "off", "7");
    stop_and_go_equals_go("lbfgs", "off", "7");
}

/* A small one, of no run. */
static void make(struct checkpoint *c)
{
    enum { USED = 5, COUNT = 2 * 12 + USED };
    *c = (struct checkpoint){
        .seconds = 3.5, .number = 4, .last_number = 4, .end = CHECKPOINT_GOING};
    c->job = tiny_job();
    c->state = (struct run_state){.iteration = 7, .stage_count = 1, .width = 2, .height = 2,
                                  .threads = 1, .t = 7, .whole = COUNT + 3, .count = COUNT,
                                  .used = USED};
    MUST(run_state_allocate(&c->state, &diag));
    for (int i = 0; i < COUNT; i++)
        c->state.values[i] = 0.5f * (float)i;
    MUST(image_init(&c->finished, 2, 1, &diag));
    c->plan = mem_text("a plan");
    snprintf(c->file.path, sizeof c->file.path, "/a \"name\"\n/é.png");
    c->losses.total = 0.1;
    c->losses.style_layer[4] = 1e-300;
}

static void all_of_it_comes_back(void **state)
{
    (void)state;
    struct checkpoint c, back;
    make(&c);
    MUST(checkpoint_write(file(), &c, folder, &diag));
    MUST(checkpoint_read(&back, file(), folder, &diag));
    assert_memory_equal(back.state.values, c.state.values, c.state.count * sizeof(float));
    assert_int_equal(back.state.iteration, 7);
    assert_int_equal(back.state.whole, c.state.whole);
    assert_int_equal(back.number, 4);
    assert_string_equal(back.plan, "a plan");
    assert_string_equal(back.file.path, c.file.path);
    assert_memory_equal(&back.losses, &c.losses, sizeof c.losses);
    assert_int_equal(back.finished.width, 2);
    strcpy(back.job.network, c.job.network); /* as it reads from elsewhere */
    assert_true(job_equal(&back.job, &c.job));
    checkpoint_clear(&c);
    checkpoint_clear(&back);
    unlink(file());
}

static void assert_refused(const unsigned char *bytes, size_t size)
{
    struct checkpoint back;
    FILE *f = fopen(file(), "w");
    assert_int_equal(fwrite(bytes, 1, size, f), size);
    assert_int_equal(fclose(f), 0);
    if (checkpoint_read(&back, file(), folder, &diag) == STATUS_OK)
        fail_msg("%zu bytes are taken for a checkpoint", size);
    assert_int_equal(diag.status, STATUS_INPUT);
    assert_non_null(strstr(diag.text, size ? "checkpoint" : "empty"));
    if (checkpoint_peek(&back, file(), folder, &diag) == STATUS_OK)
        checkpoint_clear(&back);
}

static unsigned char *whole(size_t *size)
{
    struct checkpoint c;
    unsigned char *bytes;
    make(&c);
    MUST(checkpoint_write(file(), &c, folder, &diag));
    MUST(file_read(&bytes, size, file(), 1 << 20, &diag));
    checkpoint_clear(&c);
    return bytes;
}

static void damage_at_any_byte_is_refused(void **state)
{
    (void)state;
    size_t size;
    unsigned char *bytes = whole(&size);
    for (size_t i = 0; i < size; i++) {
        bytes[i] ^= (unsigned char)(1 << i % 8);
        assert_refused(bytes, size);
        bytes[i] ^= (unsigned char)(1 << i % 8);
    }
    mem_free(bytes);
    unlink(file());
}

static void a_file_cut_short_anywhere_is_refused(void **state)
{
    (void)state;
    size_t size;
    unsigned char *bytes = whole(&size);
    for (size_t i = 0; i < size; i++)
        assert_refused(bytes, i);
    mem_free(bytes);
    unlink(file());
}

/* What is wrong in it, though its checksum is right. */
static void what_makes_no_sense_is_refused_whatever_its_checksum(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"\"strata.width\":\"2\"", "\"strata.width\":\"3\""},
        {"\"strata.used\":\"5\"", "\"strata.used\":\"6\""},
        {"\"strata.used\":\"5\"", "\"strata.used\":\"x\""},
        {"\"strata.iteration\":\"7\"", "\"strata.iteration\":\"-\""},
        {"\"strata.checkpoint\":\"1\"", "\"strata.checkpoint\":\"2\""},
        {"\"strata.end\":\"going\"", "\"strata.end\":\"gone!\""},
        {"\"strata.losses\":\"0", "\"strata.losses\":\"x"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t size, n = strlen(cases[i][0]);
        unsigned char *bytes = whole(&size);
        char *at = strstr((char *)bytes + 8, cases[i][0]);
        assert_non_null(at);
        memcpy(at, cases[i][1], n);
        uint32_t sum = (uint32_t)crc32_z(crc32_z(0, NULL, 0), bytes, size - 4);
        for (int k = 0; k < 4; k++)
            bytes[size - 4 + (size_t)k] = (unsigned char)(sum >> 8 * k);
        assert_refused(bytes, size);
        mem_free(bytes);
    }
    unlink(file());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stop_and_go_equals_go_with_adam),
        cmocka_unit_test(stop_and_go_equals_go_with_lbfgs),
        cmocka_unit_test(stop_and_go_equals_go_with_an_edit_on_the_way),
        cmocka_unit_test(all_of_it_comes_back),
        cmocka_unit_test(damage_at_any_byte_is_refused),
        cmocka_unit_test(a_file_cut_short_anywhere_is_refused),
        cmocka_unit_test(what_makes_no_sense_is_refused_whatever_its_checksum),
    };
    return cmocka_run_group_tests(tests, draw, remove_all);
}
