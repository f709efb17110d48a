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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(jobs_of_equal_settings_are_equal_whatever_stands_behind_their_texts),
        cmocka_unit_test(jobs_differ_by_each_of_their_settings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
