/*
 * test_run_reading.c: the memory that a run takes to read its pictures is told before it is taken,
 * and no larger than a picture of the run's size asks for.
 */
#include "tests/lib/run.h"

#include "tests/lib/bomb.h"

static const struct png_kind photo = {8000, 6000, 8, 2, 0}, woven = {11585, 11585, 16, 6, 1},
                             bits = {11585, 11585, 1, 0, 0};

enum { MB = 1 << 20 };

/* A run that is opened in a process of its own, and what it is to say. */
struct opening {
    struct job job;
    size_t memory; /* that it may take beside what is there; 0: no cap */
    enum status status;
    const char *said[4]; /* parts of the sentence */
};

static bool opens(void *context)
{
    struct opening *o = context;
    struct run *run = NULL;
    struct losses losses;
    if (o->memory)
        o->job.memory = mem_resident() + o->memory;
    enum status status = run_open(&run, &o->job, NULL, &diag);
    if (status == STATUS_OK && o->status == STATUS_OK)
        status = run_step(run, &losses, &diag);
    if (status != o->status) {
        fprintf(stderr, "status %d, %s\n", status, status == STATUS_OK ? "" : diag.text);
        return false;
    }
    for (int i = 0; i < 4 && o->said[i]; i++)
        if (!strstr(diag.text, o->said[i])) {
            fprintf(stderr, "%s: not in: %s\n", o->said[i], diag.text);
            return false;
        }
    run_close(&run);
    return true;
}

static struct opening opening(void)
{
    struct opening o = {.job = tiny_job()};
    set(&o.job, "width", "64");
    set(&o.job, "initial", "content");
    return o;
}

static void set_styles(struct job *job, const char *path)
{
    for (int i = 0; i < STYLE_LAYER_COUNT; i++)
        snprintf(job->channel[i].style.path, JOB_PATH, "%s", path);
}

static void a_small_painting_of_a_large_content_takes_little_memory(void **state)
{
    (void)state;
    struct opening o = opening();
    set(&o.job, "content", in_folder("photo.png"));
    assert_in_range(bomb_peak(opens, &o), 1, 300 * MB);
    set(&o.job, "content", in_folder("bits.png"));
    assert_in_range(bomb_peak(opens, &o), 1, 300 * MB);
}

static void a_large_style_is_read_at_the_size_that_it_is_seen_at(void **state)
{
    (void)state;
    struct opening o = opening();
    set_styles(&o.job, in_folder("photo.png"));
    assert_in_range(bomb_peak(opens, &o), 1, 300 * MB);
}

static void a_large_initial_picture_is_read_at_the_run_s_size(void **state)
{
    (void)state;
    struct opening o = opening();
    set(&o.job, "initial", in_folder("photo.png"));
    assert_in_range(bomb_peak(opens, &o), 1, 300 * MB);
}

static void a_picture_that_there_is_no_room_to_read_is_named_and_not_read(void **state)
{
    (void)state;
    struct opening o = opening();
    o.memory = 200 * MB;
    o.status = STATUS_RANGE;
    o.said[0] = "woven.png is 11585×11585, which takes";
    o.said[1] = "the setting memory allows";
    o.said[2] = "use a smaller copy of it";
    set(&o.job, "content", in_folder("woven.png"));
    assert_in_range(bomb_peak(opens, &o), 1, 300 * MB);
    struct opening style = o, initial = o;
    style.job = initial.job = opening().job;
    set_styles(&style.job, in_folder("woven.png"));
    assert_in_range(bomb_peak(opens, &style), 1, 300 * MB);
    set(&initial.job, "initial", in_folder("woven.png"));
    assert_in_range(bomb_peak(opens, &initial), 1, 300 * MB);
}

static int prepare(void **state)
{
    int result = draw(state);
    bomb_png(in_folder("photo.png"), photo, 90, NULL);
    bomb_png(in_folder("woven.png"), woven, 200, NULL);
    bomb_png(in_folder("bits.png"), bits, 0x55, NULL);
    return result;
}

static int tidy(void **state)
{
    static const char *const own[] = {"photo.png", "woven.png", "bits.png"};
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        unlink(in_folder(own[i]));
    return remove_all(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_small_painting_of_a_large_content_takes_little_memory),
        cmocka_unit_test(a_large_style_is_read_at_the_size_that_it_is_seen_at),
        cmocka_unit_test(a_large_initial_picture_is_read_at_the_run_s_size),
        cmocka_unit_test(a_picture_that_there_is_no_room_to_read_is_named_and_not_read),
    };
    return cmocka_run_group_tests(tests, prepare, tidy);
}
