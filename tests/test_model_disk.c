/* test_model_disk.c: the model opens no file itself; what the disk says may come late. */
#include "tests/lib/model.h"

/* Keys, of which the disk's answers are still to come. */
static void press_unanswered(const char *names)
{
    while (*(names += strspn(names, " "))) {
        int code = keys_code(names);
        struct act act = {.action = keys_action(model_context(m), code), .typed = (unsigned)code};
        model_apply(m, &act);
        names += strcspn(names, " ");
    }
}

/* The browser on assets, with the cursor on a picture. */
static void browse(const char *keys, const char *picture)
{
    struct browser_listing listing;
    press(keys);
    assert_int_equal(model_context(m), CONTEXT_FILES);
    browser_list(&listing, BROWSER_PICTURES, "assets");
    browser_take(&m->browser, &listing, picture);
}

static void a_picture_is_chosen_when_the_disk_has_read_it(void **state)
{
    (void)state;
    browse("Enter", "glass.jpg");
    press_unanswered("Enter");
    assert_non_null(strstr(m->job.channel[0].style.path, "night.jpg"));
    answer_disk();
    assert_non_null(strstr(m->job.channel[0].style.path, "glass.jpg"));
    assert_int_equal(model_context(m), CONTEXT_LAYERS);
}

static void keys_are_obeyed_while_the_disk_is_slow(void **state)
{
    (void)state;
    browse("Enter", "glass.jpg");
    press_unanswered("Enter Down");
    assert_true(m->browser.cursor > 0);
    press_unanswered("Esc b");
    assert_int_equal(m->job.channel[0].state, CHANNEL_BLANK);
    answer_disk(); /* the browser was left: the choice is not wanted any more */
    assert_non_null(strstr(m->job.channel[0].style.path, "night.jpg"));
    assert_int_equal(m->job.channel[0].state, CHANNEL_BLANK);
}

static void of_two_choices_the_last_one_counts(void **state)
{
    (void)state;
    browse("Enter", "glass.jpg");
    press_unanswered("Enter");
    struct disk_request first = m->disk[m->disk_count - 1];
    m->disk_count--;
    browse("", "dots.jpg");
    press_unanswered("Enter");
    answer_disk();
    struct disk_answer late;
    disk_do(&late, &first);
    model_take_answer(m, &late);
    assert_non_null(strstr(m->job.channel[0].style.path, "dots.jpg"));
}

/* The choice was left, and a run begun: it must not be given up when the disk answers at last. */
static void a_job_that_comes_too_late_ends_no_run(void **state)
{
    (void)state;
    struct browser_listing listing;
    press("e");
    browser_list(&listing, BROWSER_JOBS, "assets");
    browser_take(&m->browser, &listing, "demo.ini");
    press_unanswered("Enter Esc");
    run_seen(SNAPSHOT_RUNNING, 5);
    answer_disk();
    assert_true(m->started);
    assert_string_equal(m->path, "");
    assert_int_equal(m->requests & REQUEST_CLOSE_RUN, 0);
}

static void what_is_no_picture_is_a_sentence_and_no_choice(void **state)
{
    (void)state;
    browse("Enter", "glass.jpg");
    strcpy(m->browser.entry[m->browser.match[m->browser.cursor]].name, "x.jpg");
    press("Enter");
    assert_int_equal(m->message.kind, MESSAGE_ERROR);
    assert_non_null(strstr(m->message.text, "x.jpg"));
    assert_int_equal(model_context(m), CONTEXT_FILES);
}

static void a_run_starts_when_its_output_is_known_to_be_free(void **state)
{
    (void)state;
    strcpy(m->job.output, "no-such-picture.png");
    press_unanswered("Space Right");
    assert_false(m->started);
    assert_true(m->job.channel[0].weight > 1.0);
    answer_disk();
    assert_true(m->started);
    assert_true(m->start_job.channel[0].weight > 1.0);
}

static void sizes_are_asked_for_only_of_what_is_shown(void **state)
{
    (void)state;
    browse("Enter", "coast.jpg");
    press_unanswered("Down");
    int asked = 0, shown = m->layout.full.height - 3;
    for (int i = 0; i < m->browser.entry_count; i++)
        asked += m->browser.entry[i].asked;
    assert_true(asked > 0 && asked <= shown);
    answer_disk();
    for (int i = 0; i < m->browser.match_count && i < shown; i++)
        assert_true(browser_line(&m->browser, i)->known);
}

/* An edit that is undone by typing leaves bytes of the longer text behind the NUL. */
static void a_job_is_not_changed_by_what_lies_behind_its_texts(void **state)
{
    (void)state;
    char name[JOB_PATH];
    strcpy(name, m->job.output);
    press(":");
    type("output some-much-longer-name-than-the-one-before.png");
    press("Enter :");
    type("output ");
    type(name);
    press("Enter");
    assert_string_equal(m->job.output, name);
    assert_int_equal(m->history.count > 1, 1);
    press("q");
    assert_int_equal(m->question, QUESTION_NONE);
    assert_int_equal(m->requests & REQUEST_QUIT, REQUEST_QUIT);
}

/* A job out of a picture: night.jpg and glass.jpg are elsewhere. */
static void receive(void)
{
    strcpy(m->job.content, "gifts/photo.jpg");
    m->saved_job = m->job;
    strcpy(m->path, "gifts/out.png");
    model_guard(m, m->path);
}

static void files_that_a_picture_names_elsewhere_are_not_opened_before_a_yes(void **state)
{
    (void)state;
    char text[DIAG_TEXT], answers[200];
    receive();
    assert_true(model_may_open(m, "gifts/photo.jpg"));
    assert_false(model_may_open(m, "assets/night.jpg"));
    m->overlay = OVERLAY_CROP;
    assert_null(model_still(m));
    m->overlay = OVERLAY_NONE;
    press_unanswered("Space");
    assert_int_equal(m->question, QUESTION_TRUST);
    assert_int_equal(m->disk_count, 0);
    model_question(m, text, answers);
    assert_non_null(strstr(text, "out.png reads assets/night.jpg and 4 more"));
    press_unanswered("Esc Space n k");
    assert_int_equal(m->question, QUESTION_TRUST);
    press_unanswered("y");
    assert_int_equal(m->question, QUESTION_NONE);
    assert_int_equal(m->disk_count, 1); /* may the output be written? */
    assert_true(model_may_open(m, "assets/night.jpg"));
}

static void what_the_user_chooses_himself_is_opened(void **state)
{
    (void)state;
    receive();
    assert_true(model_may_open(m, "elsewhere/mine.jpg"));
    for (int i = 0; i < STYLE_LAYER_COUNT; i++)
        strcpy(m->job.channel[i].style.path, "elsewhere/mine.jpg");
    press_unanswered("Space");
    assert_int_equal(m->question, QUESTION_NONE);
}

static void a_job_file_is_not_asked_about(void **state)
{
    (void)state;
    strcpy(m->path, "gifts/job.ini");
    model_guard(m, m->path);
    assert_true(model_may_open(m, "assets/night.jpg"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_model, free_model)
    const struct CMUnitTest tests[] = {
        TEST(a_picture_is_chosen_when_the_disk_has_read_it),
        TEST(keys_are_obeyed_while_the_disk_is_slow),
        TEST(of_two_choices_the_last_one_counts),
        TEST(a_job_that_comes_too_late_ends_no_run),
        TEST(what_is_no_picture_is_a_sentence_and_no_choice),
        TEST(a_run_starts_when_its_output_is_known_to_be_free),
        TEST(sizes_are_asked_for_only_of_what_is_shown),
        TEST(a_job_is_not_changed_by_what_lies_behind_its_texts),
        TEST(files_that_a_picture_names_elsewhere_are_not_opened_before_a_yes),
        TEST(what_the_user_chooses_himself_is_opened),
        TEST(a_job_file_is_not_asked_about),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
