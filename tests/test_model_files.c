/* test_model_files.c: pictures that are marked, typed as a path or pasted come to their places. */
#include <stdlib.h>
#include <unistd.h>

#include "engine/image/image.h"
#include "tests/lib/folder.h"
#include "tests/lib/model.h"

/* The last part of the path. */
static const char *name(const char *path)
{
    return file_name(path);
}

static void layers_are(const char *first, const char *second, const char *last)
{
    assert_string_equal(name(m->job.channel[0].style.path), first);
    assert_string_equal(name(m->job.channel[1].style.path), second);
    assert_string_equal(name(m->job.channel[4].style.path), last);
}

static void paste(const char *text)
{
    struct act act = {.action = ACTION_PASTE, .text = text};
    apply(&act);
}

/* The cursor goes to a picture of assets by its name. */
static void mark(const char *picture)
{
    type(picture);
    press("Insert Ctrl-U");
}

static void five_marked_pictures_are_one_for_each_layer_in_one_edit(void **state)
{
    (void)state;
    int before = m->history.at;
    press("3 Enter");
    mark("dots");
    mark("glass");
    mark("coast");
    mark("night");
    mark("night"); /* and off again */
    mark("marbling");
    mark("woodcut");
    press("Enter");
    assert_int_equal(m->overlay, OVERLAY_NONE);
    layers_are("dots.jpg", "glass.jpg", "woodcut.jpg");
    assert_int_equal(m->history.at, before + 1);
    press("u");
    layers_are("night.jpg", "night.jpg", "glass.jpg");
}

static void fewer_go_to_the_layers_from_the_cursor_on(void **state)
{
    char said[400];
    (void)state;
    press("5 Enter");
    mark("dots");
    mark("coast");
    model_files_sentence(m, said, sizeof said);
    assert_string_equal(said, "enter: 2 pictures for relu4_1 to relu5_1");
    press("Enter");
    layers_are("night.jpg", "night.jpg", "coast.jpg");
    assert_string_equal(name(m->job.channel[3].style.path), "dots.jpg");
}

static void for_the_content_the_first_mark_is_it_and_the_others_are_layers(void **state)
{
    (void)state;
    press("c");
    mark("woodcut");
    mark("dots");
    press("Enter");
    assert_string_equal(name(m->job.content), "woodcut.jpg");
    layers_are("dots.jpg", "dots.jpg", "dots.jpg");
    press("u");
    assert_string_equal(name(m->job.content), "coast.jpg");
    layers_are("night.jpg", "night.jpg", "glass.jpg");
}

static void no_more_are_marked_than_there_are_layers(void **state)
{
    static const char *const pictures[] = {"dots",  "glass",   "coast",
                                           "night", "woodcut", "marbling"};
    (void)state;
    press("Enter");
    for (int i = 0; i < 6; i++)
        mark(pictures[i]);
    assert_int_equal(m->browser.mark_count, 5);
}

static void all_that_are_listed_are_marked_at_once(void **state)
{
    (void)state;
    press("Enter");
    type("gl dot");
    press("Ctrl-A");
    assert_int_equal(m->browser.mark_count, 0);
    press("Ctrl-U");
    mark("night");
    press("Ctrl-A Enter");
    layers_are("night.jpg", "coast.jpg", "marbling.jpg");
}

static void a_blank_belongs_to_a_filter_and_marks_without_one(void **state)
{
    (void)state;
    press("Enter");
    type("dots jpg");
    assert_string_equal(m->browser.filter, "dots jpg");
    press("Ctrl-U Space");
    assert_int_equal(m->browser.mark_count, 1);
}

static void a_path_is_opened_where_a_filter_stands(void **state)
{
    (void)state;
    press("Enter");
    type("../assets/dots.jpg");
    press("Enter");
    assert_int_equal(m->overlay, OVERLAY_NONE);
    assert_string_equal(name(m->job.channel[0].style.path), "dots.jpg");
    press("Enter");
    type("../assets/dr");
    press("Tab Enter");
    assert_string_equal(name(m->browser.folder), "draw");
    assert_string_equal(m->browser.filter, "");
    type("/nowhere.jpg");
    press("Enter");
    assert_int_equal(m->message.kind, MESSAGE_ERROR);
    assert_int_equal(m->overlay, OVERLAY_FILES);
}

static void home_is_found_in_the_prompt(void **state)
{
    char home[JOB_PATH - 20], full[JOB_PATH];
    (void)state;
    assert_non_null(getcwd(home, sizeof home));
    setenv("HOME", home, 1);
    press(":");
    type("content ~/assets/gl");
    press("Tab");
    assert_string_equal(m->prompt.text, "content ~/assets/glass.jpg");
    press("Enter");
    snprintf(full, sizeof full, "%s/assets/glass.jpg", home);
    assert_string_equal(m->job.content, full);
}

static void a_pasted_picture_is_asked_about(void **state)
{
    (void)state;
    paste("'assets/dots.jpg'\n");
    assert_int_equal(m->question, QUESTION_PASTED);
    press("j n y"); /* no answers to this */
    paste("assets/glass.jpg");
    assert_int_equal(m->question, QUESTION_PASTED);
    press("4");
    assert_string_equal(name(m->job.channel[3].style.path), "dots.jpg");
    paste("assets/dots.jpg");
    press("c");
    assert_string_equal(name(m->job.content), "dots.jpg");
    paste("assets/woodcut.jpg");
    press("a");
    layers_are("woodcut.jpg", "woodcut.jpg", "woodcut.jpg");
}

static void five_pasted_pictures_and_six_have_their_places(void **state)
{
    (void)state;
    paste("assets/dots.jpg assets/glass.jpg\nassets/coast.jpg assets/night.jpg assets/woodcut.jpg");
    press("y");
    layers_are("dots.jpg", "glass.jpg", "woodcut.jpg");
    paste("assets/marbling.jpg assets/glass.jpg assets/coast.jpg assets/night.jpg "
          "assets/dots.jpg assets/dots.jpg");
    assert_int_equal(m->question, QUESTION_PASTED_SIX);
    press("y");
    assert_string_equal(name(m->job.content), "marbling.jpg");
    layers_are("glass.jpg", "coast.jpg", "dots.jpg");
}

static void pasted_jobs_and_folders_open_and_text_does_nothing(void **state)
{
    (void)state;
    struct job before = m->job;
    paste("rm -rf /nowhere\nq");
    assert_int_equal(m->message.kind, MESSAGE_ERROR);
    assert_int_equal(m->question, QUESTION_NONE);
    assert_true(job_equal(&before, &m->job));
    paste("assets");
    assert_int_equal(m->overlay, OVERLAY_FILES);
    assert_string_equal(name(m->browser.folder), "assets");
    press("Esc");
    paste("assets/demo.ini");
    press("y");
    assert_string_equal(name(m->path), "demo.ini");
}

/* A picture, and the job that painted it. */
static void a_painted_picture_also_offers_its_job(void **state)
{
    static struct job job;
    struct image image = {0};
    char *text;
    (void)state;
    job_defaults(&job);
    strcpy(job.content, "other.jpg");
    assert_int_equal(image_init(&image, 16, 16, NULL), STATUS_OK);
    text = job_print(&job, "");
    assert_int_equal(image_write(&image, in_folder("painted.png"), text, FILE_KEEP, NULL),
                     STATUS_OK);
    paste(in_folder("painted.png"));
    assert_int_equal(m->question, QUESTION_PASTED_PAINTED);
    press("j");
    assert_string_equal(name(m->path), "painted.png");
    assert_string_equal(name(m->job.content), "other.jpg");
    mem_free(text);
    image_clear(&image);
    unlink(in_folder("painted.png"));
}

static void a_click_moves_and_a_double_click_opens(void **state)
{
    struct act act = {.action = ACTION_FILES_LINE, .index = 2};
    (void)state;
    press("Enter");
    apply(&act);
    apply(&act);
    assert_int_equal(m->overlay, OVERLAY_FILES);
    assert_int_equal(m->browser.cursor, 2);
    act.action = ACTION_FILES_OPEN;
    apply(&act);
    assert_int_equal(m->overlay, OVERLAY_NONE);
}

/* The demo's pictures are nobody's choice. */
static void with_the_demo_the_browser_opens_where_the_user_is(void **state)
{
    char here[JOB_PATH];
    (void)state;
    assert_non_null(getcwd(here, sizeof here));
    m->demo = true;
    press("c");
    assert_string_equal(m->browser.folder, here);
    press("Esc");
    paste("assets/dots.jpg");
    press("c c");
    assert_string_equal(name(m->browser.folder), "assets");
}

static void a_content_without_styles_is_followed_by_their_choice(void **state)
{
    (void)state;
    for (int i = 0; i < STYLE_LAYER_COUNT; i++)
        m->job.channel[i] = (struct channel){.state = CHANNEL_OFF, .weight = 1.0};
    press("c");
    type("dots");
    press("Enter");
    assert_int_equal(m->choice, CHOICE_LAYERS);
    assert_int_equal(m->overlay, OVERLAY_FILES);
    type("glass");
    press("Enter");
    layers_are("glass.jpg", "glass.jpg", "glass.jpg");
    assert_int_equal(m->job.channel[4].state, CHANNEL_ON);
}

static void a_grid_has_two_dimensions(void **state)
{
    (void)state;
    press("Enter Ctrl-G Home");
    int columns = layout_files(&m->layout, true).columns;
    assert_true(columns > 2);
    press("Right Right Down");
    assert_int_equal(m->browser.cursor, 2 + columns < m->browser.match_count
                                            ? 2 + columns
                                            : m->browser.match_count - 1);
    press("Up");
    assert_int_equal(m->browser.cursor / columns, 0);
    press("Ctrl-G");
    assert_false(m->browser.grid);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_model, free_model)
    const struct CMUnitTest tests[] = {
        TEST(five_marked_pictures_are_one_for_each_layer_in_one_edit),
        TEST(fewer_go_to_the_layers_from_the_cursor_on),
        TEST(for_the_content_the_first_mark_is_it_and_the_others_are_layers),
        TEST(no_more_are_marked_than_there_are_layers),
        TEST(all_that_are_listed_are_marked_at_once),
        TEST(a_blank_belongs_to_a_filter_and_marks_without_one),
        TEST(a_path_is_opened_where_a_filter_stands),
        TEST(home_is_found_in_the_prompt),
        TEST(a_pasted_picture_is_asked_about),
        TEST(five_pasted_pictures_and_six_have_their_places),
        TEST(pasted_jobs_and_folders_open_and_text_does_nothing),
        TEST(a_painted_picture_also_offers_its_job),
        TEST(a_click_moves_and_a_double_click_opens),
        TEST(with_the_demo_the_browser_opens_where_the_user_is),
        TEST(a_content_without_styles_is_followed_by_their_choice),
        TEST(a_grid_has_two_dimensions),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
