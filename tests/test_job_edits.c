/* test_job_edits.c: what a job says of changes on the way: recorded, written, read, made again. */
#include "tests/lib/job.h"

#define HEAD "[job]\ncontent = c.png\nstyles = a.png\n"

static const char *refused(const char *text)
{
    struct job job;
    if (job_parse(&job, text, "a.ini", "", &diag) == STATUS_OK)
        fail_msg("accepted: %s", text);
    return diag.text;
}

/* In force at that iteration. */
static struct job at(const struct job *start, int iteration)
{
    struct job job = *start;
    job_edits_apply(&job, start->edits, -1, iteration);
    return job;
}

static void edits_are_read_and_made_at_their_iterations(void **state)
{
    (void)state;
    struct job job = parsed(HEAD "[edit 0]\ntv_weight = 1\n[edit 12]\nrelu2_1.weight = 0.5\n"
                            "style_weight = 700\n[edit 260]\nrelu2_1.state = blank\n"
                            "relu3_1.style = b.png\nrelu3_1.crop = 1/4\nrelu3_1.scale = 2\n", "f");
    int first, last;
    assert_int_equal(job_edits_lines(job.edits, &first, &last), 7);
    assert_int_equal(first, 0);
    assert_int_equal(last, 260);
    assert_int_equal(job_edits_next(job.edits, 0), 12);
    assert_int_equal(job_edits_next(job.edits, 260), -1);
    assert_true(job.tv_weight == 100.0 && job.style_weight == 5000.0);
    struct job early = at(&job, 11), late = at(&job, 12), end = at(&job, 260);
    assert_true(early.tv_weight == 1.0 && early.style_weight == 5000.0);
    assert_true(late.style_weight == 700.0 && late.channel[1].weight == 0.5);
    assert_int_equal(late.channel[1].state, CHANNEL_ON);
    assert_int_equal(end.channel[1].state, CHANNEL_BLANK);
    assert_string_equal(end.channel[2].style.path, "f/b.png");
    assert_true(end.channel[2].style.crop.size == 0.25 && end.channel[2].style.scale == 2.0);
    comes_back(&job, "f");
    comes_back(&job, "");
}

static void what_cannot_be_an_edit_is_refused_with_its_line(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"[edit -1]\ntv_weight=1\n", "a.ini:5: tv_weight: [edit -1] names no iteration"},
        {"[edit 1e9]\ntv_weight=1\n", "[edit 1e9] names no iteration"},
        {"[edit 1000000000]\ntv_weight=1\n", "names no iteration; they go from 0 to 10000000"},
        {"[edit ]\ntv_weight=1\n", "names no iteration"},
        {"[edit 5]\nwidth=64\n", "width: that takes a new start"},
        {"[edit 5]\ncontent=/etc/passwd\n", "content: that takes a new start"},
        {"[edit 5]\noutput=x.png\n", "output: that belongs to [job]"},
        {"[edit 5]\nstyle_layer_weight_exp=2\n", "that belongs to [job]"},
        {"[edit 5]\nrelu9_1.weight=1\n", "there is no such key in an edit"},
        {"[edit 5]\nrelu1_1.colour=1\n", "there is no such key in an edit"},
        {"[edit 5]\nrelu1_1.weight=-1\n", "-1 lies outside"},
        {"[edit 5]\nrelu1_1.style=blank\n", "relu1_1.state = blank"},
        {"[edit 5]\ntv_weight=1\ntv_weight=2\n", "the key stands in [edit 5] twice"},
        {"[edit 5]\ntv_weight=1\n[edit 4]\ntv_weight=2\n", "[edit 4] stands behind [edit 5]"},
        {"[edit 5]\nstyle_scales=2\n", "a blend has blend = true and its styles"},
        {"[edit 5]\ntv_weight=1\n[edit 6]\nbefore=lost\n", "stands in the first edit"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[400];
        snprintf(text, sizeof text, HEAD "%s", cases[i][0]);
        if (!strstr(refused(text), cases[i][1]) || strncmp(diag.text, "a.ini:", 6) != 0)
            fail_msg("%s: %s", cases[i][0], diag.text);
    }
}

static void more_edits_than_there_is_room_for_are_refused(void **state)
{
    (void)state;
    char *text = mem_new(400000);
    size_t used = (size_t)sprintf(text, HEAD);
    for (int i = 0; i < 10000; i++)
        used += (size_t)sprintf(text + used, "[edit %d]\ntv_weight = %d\n", i, i);
    assert_non_null(strstr(refused(text), "all edits together take more than 16 kB"));
    mem_free(text);
}

static void what_is_recorded_is_made_again(void **state)
{
    (void)state;
    struct random random;
    random_seed(&random, 11);
    for (int round = 0; round < 60; round++) {
        enum { STEPS = 5 };
        static struct job start, now[STEPS];
        random_job(&start, &random, "");
        start.edits[0] = 0;
        start.edits_lost = 0;
        struct job job = start;
        for (int i = 0; i < STEPS; i++) {
            random_job(&now[i], &random, "");
            job_keep_start(&now[i], &start);
            now[i].edits[0] = 0;
            now[i].edits_lost = 0;
            for (int c = 0; c < STYLE_LAYER_COUNT; c++)
                now[i].channel[c].style.path[60] = 0;
            now[i].blend_count = i % 2 ? now[i].blend_count / 8 : 0;
            for (int b = 0; b < now[i].blend_count; b++) {
                now[i].blend[b].path[60] = 0;
                now[i].blend_weight[b] = 1.0 / now[i].blend_count;
            }
            assert_true(job_edits_record(&job, 10 * i, &now[i], false));
        }
        for (int i = 0; i < STEPS; i++) {
            struct job made = at(&job, 10 * i + 9);
            made.edits[0] = 0;
            strcpy(made.output, now[i].output);
            same_job(&made, &now[i]);
        }
        comes_back(&job, "");
    }
}

static void edits_at_one_iteration_are_one_and_what_is_taken_back_is_none(void **state)
{
    (void)state;
    struct job start = parsed(HEAD, ""), now = start;
    now.tv_weight = 7.0;
    assert_true(job_edits_record(&start, 4, &now, false));
    now.tv_weight = 8.0;
    now.channel[4].state = CHANNEL_OFF;
    assert_true(job_edits_record(&start, 4, &now, false));
    assert_string_equal(start.edits, "[edit 4]\ntv_weight = 8\nrelu5_1.state = off\n");
    now.tv_weight = 100.0;
    now.channel[4].state = CHANNEL_ON;
    assert_true(job_edits_record(&start, 4, &now, false));
    assert_string_equal(start.edits, "");
    now.iterations = 4;
    assert_true(job_edits_record(&start, 4, &now, false));
    now.iterations = 140;
    assert_true(job_edits_record(&start, 4, &now, true)); /* it had ended there meanwhile */
    assert_string_equal(start.edits, "[edit 4]\niterations = 4\n[edit 4]\niterations = 140\n");
    assert_int_equal(job_edits_count(start.edits, 4), 2);
    struct job first = start;
    assert_true(job_edits_step(&first, start.edits, 4, 0));
    assert_int_equal(first.iterations, 4);
    assert_true(job_edits_step(&first, start.edits, 4, 1));
    assert_int_equal(first.iterations, 140);
    assert_false(job_edits_step(&first, start.edits, 4, 2));
    comes_back(&start, "");
}

static void what_is_to_come_stays_behind_what_is_recorded(void **state)
{
    (void)state;
    struct job start = parsed(HEAD "[edit 10]\ntv_weight = 1\n[edit 50]\ntv_weight = 2\n", "");
    struct job now = at(&start, 30);
    now.channel[0].weight = 3.0;
    assert_true(job_edits_record(&start, 30, &now, false));
    assert_string_equal(start.edits, "[edit 10]\ntv_weight = 1\n[edit 30]\nrelu1_1.weight = 3\n"
                                     "[edit 50]\ntv_weight = 2\n");
    now.edits[0] = 0; /* what was to come is given up */
    assert_true(job_edits_record(&start, 40, &now, false));
    assert_string_equal(start.edits, "[edit 10]\ntv_weight = 1\n[edit 30]\nrelu1_1.weight = 3\n");
}

static void too_many_begin_anew_and_the_job_says_so(void **state)
{
    (void)state;
    struct job start = parsed(HEAD, ""), now = start;
    int n = 0;
    do
        now.tv_weight = n;
    while (job_edits_record(&start, ++n, &now, false));
    assert_in_range(n, 300, 1000);
    assert_int_equal(start.edits_lost, n);
    assert_true(start.tv_weight == n - 1 && !start.edits[0]);
    now.tv_weight = 5000.0;
    assert_true(job_edits_record(&start, n + 1, &now, false));
    char *text = job_print(&start, "");
    assert_non_null(strstr(text, "\n; what was changed before is not known"));
    mem_free(text);
    comes_back(&start, "");
}

static void files_that_edits_name_are_inputs(void **state)
{
    (void)state;
    const struct job_key *key;
    char path[JOB_PATH], all[400] = "";
    struct job job = parsed(HEAD "[edit 1]\nrelu1_1.style = /etc/x;y.png\nrelu2_1.style=none\n"
                            "[edit 2]\nblend = true\nstyles = b%2C.png, blank, ../c.png\n"
                            "style_scales=1\n", "f");
    for (int i = 0; job_input(path, &job, i, &key); i++)
        if (i >= 8)
            sprintf(all + strlen(all), "%s %.60s|", key->name, path);
    assert_string_equal(all, "styles /etc/x;y.png|styles |styles f/b,.png|styles |"
                             "styles f/../c.png|");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(edits_are_read_and_made_at_their_iterations),
        cmocka_unit_test(what_cannot_be_an_edit_is_refused_with_its_line),
        cmocka_unit_test(more_edits_than_there_is_room_for_are_refused),
        cmocka_unit_test(what_is_recorded_is_made_again),
        cmocka_unit_test(edits_at_one_iteration_are_one_and_what_is_taken_back_is_none),
        cmocka_unit_test(what_is_to_come_stays_behind_what_is_recorded),
        cmocka_unit_test(files_that_edits_name_are_inputs),
        cmocka_unit_test(too_many_begin_anew_and_the_job_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
