/* test_job_print.c: a job that is written comes back, whatever it holds; damage is noticed. */
#include "tests/lib/job.h"

static void the_written_form_is_canonical(void **state)
{
    (void)state;
    struct job job = parsed("[job]\ncontent=c.png\nstyles=a.png\nstyle_crops=0.125\n"
                            "tv_weight=1e2\n[channel relu5_1]\nstate=off\n", "");
    char *text = job_print(&job, "");
    assert_non_null(strstr(text, "[job]\ncontent = c.png\nnetwork = strata16\nwidth = 0\n"));
    assert_non_null(strstr(text, "\ntv_weight = 100\n"));
    assert_null(strstr(text, "styles"));
    assert_non_null(strstr(text, "\n[channel relu5_1]\nstyle = a.png\ncrop = 1/8\nscale = 1\n"
                                 "weight = 1\nstate = off\n"));
    mem_free(text);
}

static void odd_names_come_back(void **state)
{
    (void)state;
    static const char *const names[] = {
        "a;b", "a ;b", ";a", "#a", "%", "%41", "100%25", "%zz", " a", "a ", "\ta\t", "a\nb = c",
        "a\r", "\x01\x7f", "=a", "a=b", ":", "[job]", "a,b", ",", "\xc3\xa4.png", "\xff\xfe",
        "'a'", "\"a\"", "a  b", "\\", "./blank", "./none", "x/blank", "/blank", "..", "./content",
        "strata16", "true", "\xa0", "\x85",
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct job job;
        job_defaults(&job);
        strcpy(job.content, names[i]);
        strcpy(job.channel[1].style.path, names[i]);
        strcpy(job.channel[4].style.path, names[i]);
        job.channel[1].state = CHANNEL_ON;
        comes_back(&job, "");
        job.blend_count = 2;
        job.blend[0] = job.blend[1] = job.channel[1].style;
        job.blend_weight[0] = 1.0 / 3;
        job.blend_weight[1] = 2.0 / 3;
        comes_back(&job, "");
    }
}

static void a_path_that_reads_like_a_word_stays_a_path(void **state)
{
    (void)state;
    struct job job = parsed("[job]\nnetwork = ./random:1\ninitial = ./noise\ncontent = blank\n"
                            "[channel relu1_1]\nstyle = ./blank\n", "f");
    assert_string_equal(job.content, "f/blank");
    assert_string_equal(job.channel[0].style.path, "f/blank");
    assert_int_equal(job.channel[0].state, CHANNEL_ON);
    comes_back(&job, "f");
    strcpy(job.initial, "f/noise");
    strcpy(job.network, "f/random:1");
    char *text = job_print(&job, "f");
    assert_non_null(strstr(text, "\ninitial = ./noise\n"));
    assert_non_null(strstr(text, "\nnetwork = ./random:1\n"));
    assert_non_null(strstr(text, "\ncontent = blank\n"));
    mem_free(text);
}

static void a_path_in_the_job_s_folder_comes_back_though_it_reads_like_a_word(void **state)
{
    (void)state;
    struct job job = parsed("[job]\ninitial = /f/noise\nnetwork = /f/random:1\n"
                            "content = /f/./c.png\n[channel relu1_1]\nstyle = /f/grey\n", "/f");
    comes_back(&job, "/f");
    static const char *const names[] = {"./", "././", ".//", "././/x", "./../x", "./.", ".", ".x"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char text[100];
        snprintf(text, sizeof text, "[job]\ncontent = %s\nstyles = %s\n", names[i], names[i]);
        job = parsed(text, "f");
        comes_back(&job, "f");
    }
}

static void a_style_whose_escaped_name_is_a_word_comes_back(void **state)
{
    (void)state;
    static const char *const folders[] = {"", "f", "/f"};
    for (size_t i = 0; i < 3; i++) {
        struct job job = parsed("[channel relu1_1]\nstyle = %67rey\n", folders[i]);
        assert_int_equal(job.channel[0].state, CHANNEL_ON);
        comes_back(&job, folders[i]);
    }
}

static void paths_are_written_relative_where_they_lie_below(void **state)
{
    (void)state;
    static const char *const cases[][3] = { /* folder, path, as written */
        {"f", "f/a", "a"}, {"f", "f/g/a", "g/a"}, {"f/", "f/a", "a"}, {"/", "/a", "a"},
        {"f", "/a", "/a"}, {"/f", "/f/a", "a"}, {"/f", "/fg/a", "/fg/a"}, {"", "a", "a"},
        {"f", "f//a", NULL}, {"f", "fg", NULL}, {"f", "a", NULL}, {"f", "f", NULL},
    };
    char cwd[JOB_PATH];
    assert_non_null(getcwd(cwd, sizeof cwd));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char line[3 * JOB_PATH];
        struct job job;
        job_defaults(&job);
        strcpy(job.output, cases[i][1]);
        char *text = job_print(&job, cases[i][0]);
        snprintf(line, sizeof line, "\noutput = %s%s%s\n", cases[i][2] ? "" : cwd,
                 cases[i][2] ? "" : "/", cases[i][2] ? cases[i][2] : cases[i][1]);
        if (!strstr(text, line) && !strstr(text, line + 1))
            fail_msg("%s from %s: no%sin %s", cases[i][1], cases[i][0], line, text);
        mem_free(text);
        if (cases[i][2])
            comes_back(&job, cases[i][0]);
    }
}

static void any_job_comes_back(void **state)
{
    (void)state;
    static const char *const folders[] = {"", "f", "/f/g h", "../f;1,2%"};
    struct random random;
    random_seed(&random, 5);
    for (int i = 0; i < 400; i++) {
        struct job job;
        random_job(&job, &random, folders[i % 4]);
        comes_back(&job, folders[i % 4]);
    }
}

static void a_damaged_job_is_read_or_refused(void **state)
{
    (void)state;
    static const char odd[] = "\n\n[]=;,%# \t\r019.-e";
    struct random random;
    int refusals = 0, rounds = 3000;
    random_seed(&random, 6);
    for (int i = 0; i < rounds; i++) {
        struct job job;
        random_job(&job, &random, "");
        char *text = job_print(&job, "");
        size_t length = strlen(text);
        for (uint64_t n = 1 + random_u64(&random) % 8; n > 0; n--) {
            size_t at = random_u64(&random) % length;
            uint64_t r = random_u64(&random);
            if (r % 8 == 0) /* a piece moves to where another was */
                memmove(text + at, text + r / 8 % length,
                        length - (at > r / 8 % length ? at : r / 8 % length));
            else if (r % 8 == 1)
                text[at] = 0;
            else
                text[at] = r % 2 ? odd[r / 8 % (sizeof odd - 1)] : (char)(r / 8);
        }
        memset(&diag, 0, sizeof diag);
        enum status status = job_parse(&job, text, "a.ini", "", &diag);
        mem_free(text);
        refusals += status != STATUS_OK;
        if (status == STATUS_OK)
            comes_back(&job, "");
        else
            assert_true(diag.status == status && strncmp(diag.text, "a.ini:", 6) == 0);
    }
    assert_in_range(refusals, rounds / 4, rounds - 1);
}

static void what_takes_a_new_start_is_found_and_kept(void **state)
{
    (void)state;
    struct random random;
    random_seed(&random, 7);
    for (int i = 0; i < 300; i++) {
        struct job a, b, mixed;
        random_job(&a, &random, "");
        random_job(&b, &random, "");
        mixed = b;
        job_keep_start(&mixed, &a);
        assert_null(job_restart_key(&a, &mixed));
        assert_string_equal(mixed.content, a.content);
        assert_true(mixed.seed == a.seed);
        assert_string_equal(mixed.output, b.output);
        assert_true(mixed.style_weight == b.style_weight);
        same_style(&mixed.channel[2].style, &b.channel[2].style);
        mixed.width = a.width + 1;
        assert_string_equal(job_restart_key(&a, &mixed)->name, "width");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_written_form_is_canonical),
        cmocka_unit_test(odd_names_come_back),
        cmocka_unit_test(a_path_that_reads_like_a_word_stays_a_path),
        cmocka_unit_test(a_path_in_the_job_s_folder_comes_back_though_it_reads_like_a_word),
        cmocka_unit_test(a_style_whose_escaped_name_is_a_word_comes_back),
        cmocka_unit_test(paths_are_written_relative_where_they_lie_below),
        cmocka_unit_test(any_job_comes_back),
        cmocka_unit_test(a_damaged_job_is_read_or_refused),
        cmocka_unit_test(what_takes_a_new_start_is_found_and_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
