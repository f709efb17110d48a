/* test_job_compare.c: jobs are equal by their settings, not by their bytes. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "engine/job/job.h"

static struct job two_styles(void)
{
    struct job job;
    job_defaults(&job);
    strcpy(job.content, "c.png");
    strcpy(job.output, "o.png");
    job.blend_count = 2;
    for (int i = 0; i < 2; i++) {
        job.blend[i] = (struct style){"style.png", {1.0, 0.5, 0.5}, 1.0};
        job.blend_weight[i] = 0.5;
    }
    return job;
}

static void jobs_of_equal_settings_are_equal_whatever_stands_behind_their_texts(void **state)
{
    (void)state;
    struct job a, b;
    a = two_styles();
    b = a;
    assert_true(job_equal(&a, &b));
    strcpy(b.output, "a longer name.png");
    assert_false(job_equal(&a, &b));
    strcpy(b.output, "o.png");
    strcpy(b.content + 8, "old text");
    strcpy(b.blend[1].path + 16, "old text");
    strcpy(b.channel[3].style.path + 8, "old text");
    b.blend[2].scale = 3.0;
    assert_true(job_equal(&a, &b));
}

static void jobs_differ_by_each_of_their_settings(void **state)
{
    (void)state;
    struct job a, b;
    a = two_styles();
    size_t count;
    const struct job_key *keys = job_keys(&count);
    for (size_t i = 0; i < count; i++) {
        if (keys[i].in_lists)
            continue;
        b = a;
        *((unsigned char *)&b + keys[i].offset) ^= 1;
        if (job_equal(&a, &b))
            fail_msg("%s does not count", keys[i].name);
    }
#define DIFFERS_BY(change) (b = a, change, assert_false(job_equal(&a, &b)))
    DIFFERS_BY(b.channel[4].weight = 2.0);
    DIFFERS_BY(b.channel[4].state = CHANNEL_BLANK);
    DIFFERS_BY(b.channel[0].style.crop.x = 0.25);
    DIFFERS_BY(b.channel[0].style.scale = 0.25);
    DIFFERS_BY(b.channel[0].style.path[0] = 'x');
    DIFFERS_BY(b.blend_count = 1);
    DIFFERS_BY(b.blend[1].crop.size = 0.25);
    DIFFERS_BY(b.blend_weight[1] = 0.25);
}

static struct job five_layers(void)
{
    struct job job;
    job_defaults(&job);
    strcpy(job.content, "/pictures/c.png");
    for (int i = 0; i < STYLE_LAYER_COUNT; i++)
        job.channel[i] = (struct channel){{"/styles/night.jpg", {1.0, 0.5, 0.5}, 1.0}, 1.0,
                                          CHANNEL_ON};
    return job;
}

static void differences_are_said_as_people_would_say_them(void **state)
{
    (void)state;
    struct job a, b;
    char out[400];
    a = five_layers();
#define SAYS(text, change)                                                                         \
    (b = a, change, job_differences(out, sizeof out, &a, &b), assert_string_equal(out, text))
    SAYS("", b.channel[0].weight = 1.0);
    SAYS("relu2_1 blank", b.channel[1].state = CHANNEL_BLANK);
    SAYS("relu2_1 relu4_1 blank", b.channel[1].state = b.channel[3].state = CHANNEL_BLANK);
    SAYS("relu3_1 crop 1 → 1/4", b.channel[2].style.crop.size = 0.25);
    SAYS("relu3_1 waves.jpg 1/4 weight 1 → 0.5",
         (strcpy(b.channel[2].style.path, "w/waves.jpg"), b.channel[2].style.crop.size = 0.25,
          b.channel[2].weight = 0.5));
    SAYS("style_weight 5000 → 200", b.style_weight = 200.0);
    SAYS("content quay.jpg, relu5_1 off, optimizer lbfgs → adam, output x.png",
         (strcpy(b.output, "/o/x.png"), strcpy(b.content, "quay.jpg"),
          b.optimizer = OPTIMIZER_ADAM, b.channel[4].state = CHANNEL_OFF));
    for (int i = 0; i < STYLE_LAYER_COUNT; i++)
        strcpy(a.channel[i].style.path, "x.jpg");
    b = five_layers();
    job_differences(out, sizeof out, &a, &b);
    assert_string_equal(out, "all layers night.jpg");
    job_differences(out, 9, &a, &b);
    assert_string_equal(out, "all laye");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(jobs_of_equal_settings_are_equal_whatever_stands_behind_their_texts),
        cmocka_unit_test(jobs_differ_by_each_of_their_settings),
        cmocka_unit_test(differences_are_said_as_people_would_say_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
