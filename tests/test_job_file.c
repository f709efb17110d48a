/* test_job_file.c: job files: what is read, and what is refused where. */
#include "tests/lib/job.h"

#include <glob.h>

#include "engine/base/file.h"
#include "engine/image/image.h"
#include "tests/lib/folder.h"

static void refused(const char *text, const char *sentence)
{
    struct job job, before;
    memset(&job, 'x', sizeof job);
    before = job;
    memset(&diag, 0, sizeof diag);
    assert_int_not_equal(job_parse(&job, text, "a.ini", "", &diag), STATUS_OK);
    if (!strstr(diag.text, sentence))
        fail_msg("\"%s\" does not say \"%s\"", diag.text, sentence);
    assert_memory_equal(&job, &before, sizeof job);
}

static void a_job_file_says_what_to_paint(void **state)
{
    (void)state;
    struct job job = parsed("\xEF\xBB\xBF; a comment\r\n"
                            "    [job]\r\n"
                            "    content = tuebingen.jpg          ; relative to the job file\r\n"
                            "    output = out;1.png\r\n"
                            "    width=640\n"
                            "\n"
                            "# another\n"
                            "\tcontent_weight : 4.5\n"
                            "    [channel relu2_1]\n"
                            "    style = /s/night.jpg\n"
                            "    crop = 1/8@0.3,0.6\n"
                            "    weight = 1.5\n"
                            "[channel relu5_1]\n"
                            "style = blank\n"
                            "[job]\n"
                            "seed = 7",
                            "jobs");
    assert_string_equal(job.content, "jobs/tuebingen.jpg");
    assert_string_equal(job.output, "jobs/out;1.png");
    assert_true(job.width == 640 && job.content_weight == 4.5 && job.seed == 7);
    assert_int_equal(job.channel[0].state, CHANNEL_OFF);
    assert_int_equal(job.channel[1].state, CHANNEL_ON);
    assert_string_equal(job.channel[1].style.path, "/s/night.jpg");
    assert_true(job.channel[1].style.crop.size == 0.125 && job.channel[1].style.crop.y == 0.6);
    assert_true(job.channel[1].weight == 1.5);
    assert_int_equal(job.channel[4].state, CHANNEL_BLANK);
    assert_string_equal(job.channel[4].style.path, "");
}

static void nothing_is_the_default_job(void **state)
{
    (void)state;
    struct job job = parsed("", ""), defaults;
    job_defaults(&defaults);
    same_job(&job, &defaults);
}

static void the_schedule_comes_first_wherever_it_stands(void **state)
{
    (void)state;
    struct job job = parsed("[job]\niterations = 7\ninitial = noise\npyramid = 2\n"
                            "[channel relu1_1]\nstyle = a\n[job]\nschedule = classic\n", "");
    assert_true(job.iterations == 7 && job.pyramid == 2 && job.schedule == SCHEDULE_CLASSIC);
    job = parsed("[job]\nlearning_rate = 3\nschedule = classic\n", "");
    assert_true(job.iterations == 1000 && job.learning_rate == 3 && job.pyramid == PYRAMID_OFF);
}

static void lists_of_a_job_file_work_in_any_order(void **state)
{
    (void)state;
    struct job job = parsed("[job]\n"
                            "style_crops = 1/8@0.3,0.6 1/4, 1,1/2@0,0\n"
                            "style_scales = 1\n"
                            "style_blend_weights = 1, 2,5,0\n"
                            "styles = a.png, b c.png ,d%2Ce.png,blank\n", "f");
    assert_int_equal(job.blend_count, 4);
    assert_string_equal(job.blend[1].path, "f/b c.png");
    assert_string_equal(job.blend[2].path, "f/d,e.png");
    assert_string_equal(job.blend[3].path, "");
    assert_true(job.blend[0].crop.x == 0.3 && job.blend[1].crop.size == 0.25);
    assert_true(job.blend_weight[2] == 0.625);
}

static void a_channel_s_section_wins_over_the_lists(void **state)
{
    (void)state;
    struct job job = parsed("[channel relu2_1]\ncrop = 1/2\nweight = 3\n"
                            "[channel relu3_1]\nstyle = own.png\n"
                            "[channel relu4_1]\nstate = off\n"
                            "[job]\nstyles = a.png\nstyle_crops = 1/8\n", "");
    assert_string_equal(job.channel[1].style.path, "a.png");
    assert_true(job.channel[1].style.crop.size == 0.5 && job.channel[1].weight == 3);
    assert_string_equal(job.channel[2].style.path, "own.png");
    assert_true(job.channel[2].style.crop.size == 0.125);
    assert_int_equal(job.channel[3].state, CHANNEL_OFF);
    assert_string_equal(job.channel[3].style.path, "a.png");
}

static void a_state_wins_over_what_the_style_means(void **state)
{
    (void)state;
    struct job job = parsed("[channel relu1_1]\nstate = off\nstyle = a\n"
                            "[channel relu2_1]\nstyle = a\nstate = blank\n"
                            "[channel relu3_1]\nstyle = none\n"
                            "[channel relu4_1]\nstyle = %62lank\n", "");
    assert_int_equal(job.channel[0].state, CHANNEL_OFF);
    assert_string_equal(job.channel[0].style.path, "a");
    assert_int_equal(job.channel[1].state, CHANNEL_BLANK);
    assert_int_equal(job.channel[2].state, CHANNEL_OFF);
    assert_string_equal(job.channel[3].style.path, "./blank");
}

static void refusals_name_the_line(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"[job]\n\nwidht = 3\n", "a.ini:3: widht: there is no such key in [job]"},
        {"[job]\nwidth = 3\n width = 4\n", "a.ini:3: width: the key stands in [job] twice"},
        {"[job]\nwidth = 3px\n", "a.ini:2: width: 3px is not a number"},
        {"[job]\nwidth =\n", "a.ini:2: width: the value is missing"},
        {"[job]\nstyles = ; none\n", "a.ini:2: styles: the value is missing"},
        {"[job]\ntv_weight = nan\n", "a.ini:2: tv_weight: nan is not a number"},
        {"[job]\nbeta2 = 1\n", "a.ini:2: beta2: 1 lies outside"},
        {"[job]\nschedule = slow\n", "a.ini:2: schedule: slow is none of fast|classic"},
        {"[job]\nstyles = a,,b\n", "a.ini:2: styles: a file name is missing"},
        {"[job]\nstyle_crops = 1/8 1/0\n", "a.ini:2: style_crops: 1/0 is not a crop"},
        {"width = 3\n", "a.ini:1: width: section [] is unknown"},
        {"[channel relu3_2]\nweight = 1\n", "a.ini:2: weight: section [channel relu3_2] is"},
        {"[channel relu3_1]\ncolour = 1\n", "a.ini:2: colour: a channel has no such key"},
        {"[channel relu3_1]\nweight = inf\n", "a.ini:2: weight: inf is not a number"},
        {"[channel relu3_1]\nweight = -1\n", "a.ini:2: weight: -1 lies outside"},
        {"[channel relu3_1]\nscale = 0\n", "a.ini:2: scale: 0 lies outside"},
        {"[channel relu3_1]\ncrop = 3\n", "a.ini:2: crop: 3 is not a crop"},
        {"[channel relu3_1]\nstate = on\nstate = on\n",
         "a.ini:3: state: the key stands in [channel relu3_1] twice"},
        {"[channel relu3_1]\nstate = ON\n",
         "a.ini:2: state: ON is none of on, blank, grey, content, off"},
        {"[job]\nwhat is this\nwidht = 3\n", "a.ini:2: the line is neither [section] nor key"},
        {"[job]\nwidht = 3\nwhat is this\n", "a.ini:2: widht: there is no"},
        {"[job\n", "a.ini:1: the line is neither"},
        {"[job]\nstyles = a, b, c\nstyle_scales = 1, 2\n", "a.ini: style_scales: 2 given for 3"},
        {"[job]\nblend = true\n", "a.ini: blend: there are no styles"},
        {"[job]\nblend = maybe\n", "a.ini:2: blend: maybe is neither true nor false"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        refused(cases[i][0], cases[i][1]);
}

static void no_line_is_cut_without_a_word(void **state)
{
    (void)state;
    static const char *const heads[] = {"", "; ", "[", "[job] ; ", "key", "key ; =", "   x = "};
    for (size_t h = 0; h < sizeof heads / sizeof *heads; h++)
        for (int n = 180; n < 210; n++) {
            char text[512];
            struct job job;
            int length = snprintf(text, sizeof text, "[job]\nwidth = 5\n%s", heads[h]);
            memset(text + length, 'w', (size_t)n);
            strcpy(text + length + n, "\nwidth=9\n");
            if (job_parse(&job, text, "a.ini", "", &diag) == STATUS_OK)
                fail_msg("a line of %d bytes after \"%s\" went unseen", n, heads[h]);
            bool comment = strchr(heads[h], ';') && heads[h][0] != 'k';
            assert_non_null(strstr(diag.text, comment ? ":4: width: the key stands" : ":3: "));
        }
}

static void a_comment_behind_a_long_value_is_no_part_of_it(void **state)
{
    (void)state;
    for (int n = 100; n < 300; n++) {
        char text[400], name[320];
        memset(name, 'n', (size_t)n);
        strcpy(name + n, ";1.png");
        snprintf(text, sizeof text, "[job]\ncontent =\t %s \t; the picture\r\n", name);
        struct job job = parsed(text, "");
        assert_string_equal(job.content, name);
    }
}

static void a_name_that_is_too_long_is_refused(void **state)
{
    (void)state;
    char text[2 * JOB_PATH];
    int n = sprintf(text, "[job]\ncontent = ");
    memset(text + n, 'n', JOB_PATH);
    text[n + JOB_PATH] = 0;
    refused(text, "a.ini:2: content: the value is too long");
    text[n + JOB_PATH - 1] = 0;
    assert_int_equal(strlen(parsed(text, "").content), JOB_PATH - 1);
    struct job job;
    assert_int_equal(job_parse(&job, text, "a.ini", "folder", &diag), STATUS_RANGE);
    assert_non_null(strstr(diag.text, "a.ini:2: content: the name folder/nnn"));
}

/* ---- files -------------------------------------------------------------------------------- */

static void a_job_is_read_from_ini_and_png(void **state)
{
    (void)state;
    struct job job, again;
    struct image image = {0};
    random_job(&job, &(struct random){{1, 2, 3, 4}}, folder);
    char *text = job_print(&job, folder);
    must(file_write(in_folder("job.ini"), text, strlen(text), FILE_KEEP, &diag));
    must(image_init(&image, 2, 1, &diag));
    must(image_write(&image, in_folder("out.PNG"), text, FILE_KEEP, &diag));
    image_clear(&image);
    mem_free(text);
    must(job_read(&again, in_folder("job.ini"), &diag));
    same_job(&again, &job);
    must(job_read(&again, in_folder("out.PNG"), &diag));
    assert_string_equal(again.output, in_folder("out.PNG"));
    memcpy(again.output, job.output, sizeof again.output);
    same_job(&again, &job);
    unlink(in_folder("job.ini"));
    unlink(in_folder("out.PNG"));
}

static void a_picture_s_job_does_not_say_where_to_write(void **state)
{
    (void)state;
    static const char text[] = "[job]\ncontent = c.png\noutput = /somebody/else.png\n";
    struct job job;
    struct image image = {0};
    must(image_init(&image, 2, 1, &diag));
    must(image_write(&image, in_folder("gift.png"), text, FILE_KEEP, &diag));
    image_clear(&image);
    must(job_read(&job, in_folder("gift.png"), &diag));
    assert_string_equal(job.output, in_folder("gift.png"));
    unlink(in_folder("gift.png"));
}

static void a_file_elsewhere_is_told_by_its_name(void **state)
{
    (void)state;
    static const char *const inside[][2] = {
        {"a.png", "out.png"},        {"b/a.png", "out.png"},    {"x/a.png", "x/out.png"},
        {"../a.png", "../out.png"},  {"/x/y/a.png", "/x/o.png"}, {"x/..a/b..png", "x/out.png"},
        {"/a.png", "/o.png"},
    }, *const outside[][2] = {
        {"/a.png", "out.png"},       {"../a.png", "out.png"},     {"b/../../a.png", "out.png"},
        {"a.png", "x/out.png"},      {"/xy/a.png", "/x/o.png"},   {"/x/../a.png", "/x/o.png"},
        {"x/..", "x/out.png"},       {"/dev/zero", "/dev.png/o.png"},
    };
    for (size_t i = 0; i < sizeof inside / sizeof *inside; i++)
        if (job_input_outside(inside[i][0], inside[i][1]))
            fail_msg("%s lies outside of %s", inside[i][0], inside[i][1]);
    for (size_t i = 0; i < sizeof outside / sizeof *outside; i++)
        if (!job_input_outside(outside[i][0], outside[i][1]))
            fail_msg("%s lies beside %s", outside[i][0], outside[i][1]);
    char here[JOB_PATH - 16], path[JOB_PATH];
    assert_non_null(getcwd(here, sizeof here));
    snprintf(path, sizeof path, "%s/a.png", here);
    assert_false(job_input_outside(path, "out.png"));
    assert_true(job_input_outside(path, "x/out.png"));
}

static void all_files_that_a_job_reads_are_listed(void **state)
{
    (void)state;
    static const char *const expected[] = {"content c", "initial i", "styles s", "styles 1",
                                           "styles 2"};
    struct job job;
    const struct job_key *key;
    char path[JOB_PATH];
    size_t count = 0;
    job_defaults(&job);
    strcpy(job.content, "c");
    strcpy(job.initial, "i");
    strcpy(job.channel[3].style.path, "s");
    job.blend_count = 2;
    strcpy(job.blend[0].path, "1");
    strcpy(job.blend[1].path, "2");
    for (int i = 0; job_input(path, &job, i, &key); i++) {
        char text[64];
        snprintf(text, sizeof text, "%s %.40s", key->name, path);
        if (!*path)
            continue;
        assert_true(count < 5);
        assert_string_equal(text, expected[count++]);
    }
    assert_int_equal(count, 5);
    strcpy(job.network, "nets/n.safetensors"); /* no word, as strata16 is */
    assert_true(job_input(path, &job, 2, &key));
    assert_string_equal(path, "nets/n.safetensors");
}

static void an_output_s_name_follows_the_content_s(void **state)
{
    (void)state;
    static const char *const names[][2] = {
        {"photo.jpg", "photo-strata.png"}, {"/a.b/photo", "photo-strata.png"},
        {"a.b.png", "a.b-strata.png"},     {"/x/.hidden", ".hidden-strata.png"},
    };
    struct job job;
    job_defaults(&job);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        strcpy(job.content, names[i][0]);
        job_name_output(&job);
        assert_string_equal(job.output, names[i][1]);
    }
}

static void what_is_no_job_file_is_refused(void **state)
{
    (void)state;
    struct job job;
    must(file_write(in_folder("zero.ini"), "[job]\n\0width = 3\n", 17, FILE_KEEP, &diag));
    assert_int_equal(job_read(&job, in_folder("zero.ini"), &diag), STATUS_INPUT);
    assert_non_null(strstr(diag.text, "zero.ini is not a job file: it holds a zero byte"));
    assert_int_equal(job_read(&job, in_folder("none.ini"), &diag), STATUS_INPUT);
    assert_non_null(strstr(diag.text, "none.ini"));
    assert_int_equal(job_read(&job, folder, &diag), STATUS_INPUT);
    unlink(in_folder("zero.ini"));
}

static void the_jobs_that_ship_can_run(void **state)
{
    (void)state;
    glob_t found;
    assert_int_equal(glob("assets/*.ini", 0, NULL, &found), 0);
    assert_int_equal(glob("tests/seed/*.ini", GLOB_APPEND, NULL, &found), 0);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        struct job job;
        if (file_has_ending(found.gl_pathv[i], "-sweep.ini")) { /* none of these */
            assert_int_equal(job_read(&job, found.gl_pathv[i], &diag), STATUS_USAGE);
            assert_non_null(strstr(diag.text, "`strata sweep` paints them"));
            continue;
        }
        must(job_read(&job, found.gl_pathv[i], &diag));
        must(job_validate(&job, &diag));
        comes_back(&job, "");
    }
    globfree(&found);
}

static void a_text_over_a_job_changes_what_it_says(void **state)
{
    (void)state;
    struct job job = parsed("[job]\ncontent = a.png\nwidth = 320\nstyle_weight = 7\n"
                            "[channel relu1_1]\nstyle = n.jpg\ncrop = 1/8\n", "");
    struct job expected = job;
    expected.style_weight = 9.0;
    expected.channel[0].state = CHANNEL_BLANK;
    assert_int_equal(job_parse_over(&job, "[job]\nstyle_weight = 9\n[channel relu1_1]\n"
                                    "state = blank\n", "b.ini", "", &diag), STATUS_OK);
    same_job(&job, &expected);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_elsewhere_is_told_by_its_name),
        cmocka_unit_test(all_files_that_a_job_reads_are_listed),
        cmocka_unit_test(a_job_file_says_what_to_paint),
        cmocka_unit_test(nothing_is_the_default_job),
        cmocka_unit_test(the_schedule_comes_first_wherever_it_stands),
        cmocka_unit_test(lists_of_a_job_file_work_in_any_order),
        cmocka_unit_test(a_channel_s_section_wins_over_the_lists),
        cmocka_unit_test(a_state_wins_over_what_the_style_means),
        cmocka_unit_test(refusals_name_the_line),
        cmocka_unit_test(no_line_is_cut_without_a_word),
        cmocka_unit_test(a_comment_behind_a_long_value_is_no_part_of_it),
        cmocka_unit_test(a_name_that_is_too_long_is_refused),
        cmocka_unit_test(a_job_is_read_from_ini_and_png),
        cmocka_unit_test(a_picture_s_job_does_not_say_where_to_write),
        cmocka_unit_test(an_output_s_name_follows_the_content_s),
        cmocka_unit_test(what_is_no_job_file_is_refused),
        cmocka_unit_test(a_text_over_a_job_changes_what_it_says),
        cmocka_unit_test(the_jobs_that_ship_can_run),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
