/* test_presets.c: presets are one edit each; the user's own are kept as files. */
#include <stdio.h>
#include <unistd.h>

#include "engine/base/file.h"
#include "tests/lib/folder.h"
#include "tests/lib/model.h"

static const struct channel *channel(int i)
{
    return &m->job.channel[i];
}

static bool say_line(const char *line)
{
    press(":");
    type(line);
    press("Enter");
    bool good = m->message.kind != MESSAGE_ERROR;
    if (m->prompt.kind != PROMPT_NONE)
        press("Esc");
    return good;
}

static void one_key_takes_a_preset_back(void **state)
{
    (void)state;
    struct job before = m->job;
    assert_true(say_line("exp2"));
    assert_int_equal(m->history.count, 2);
    press("u");
    assert_true(job_equal(&m->job, &before));
}

static void the_painting_under_the_cursor_goes_to_all_layers(void **state)
{
    (void)state;
    static const double zoom[] = {0.125, 0.25, 0.5, 1.0, 1.0};
    press("5");
    assert_true(say_line("zoom"));
    for (int i = 0; i < STYLE_LAYER_COUNT; i++) {
        assert_string_equal(channel(i)->style.path, "assets/glass.jpg");
        assert_true(channel(i)->style.crop.size == zoom[i]);
        assert_int_equal(channel(i)->state, CHANNEL_ON);
    }
    assert_true(say_line("control"));
    assert_true(channel(0)->style.crop.size == 1.0);
}

/* A part that was moved to a good place stays there. */
static void a_part_of_the_same_size_stays_in_its_place(void **state)
{
    (void)state;
    press("1");
    assert_true(say_line("crop 1/8@0.3,0.6"));
    assert_true(say_line("exp2"));
    assert_true(channel(0)->style.crop.x == 0.3 && channel(1)->style.crop.x == 0.5);
}

static void the_ladder_blanks_from_the_shallowest_on(void **state)
{
    (void)state;
    char name[] = "exp3a";
    for (int blank = 1; blank <= 4; blank++, name[4]++) {
        assert_true(say_line(name));
        for (int i = 0; i < STYLE_LAYER_COUNT; i++)
            assert_int_equal(channel(i)->state, i < blank ? CHANNEL_BLANK : CHANNEL_ON);
    }
    assert_string_equal(channel(0)->style.path, "assets/night.jpg");
}

/* From the desk: p, two letters, Enter; one further down: p, Down, Enter. */
static void few_keys_walk_the_ladder(void **state)
{
    (void)state;
    press("p");
    type("3a");
    press("Enter p Down Enter");
    assert_int_equal(channel(1)->state, CHANNEL_BLANK);
    assert_int_equal(channel(2)->state, CHANNEL_ON);
}

static void without_a_painting_nothing_changes(void **state)
{
    (void)state;
    for (int i = 0; i < STYLE_LAYER_COUNT; i++)
        m->job.channel[i] = (struct channel){{"", {1.0, 0.5, 0.5}, 1.0}, 1.0, CHANNEL_OFF};
    assert_false(say_line("exp3a"));
    assert_int_equal(channel(0)->state, CHANNEL_OFF);
    assert_non_null(strstr(m->message.text, "painting"));
}

/* ---- the user's own ----------------------------------------------------------------------- */

static void open_folder(void)
{
    model_read_presets(m, PRESETS_OWN, in_folder("presets"));
    answer_disk();
}

static void close_folder(const char *name)
{
    char path[400];
    snprintf(path, sizeof path, "%s/%s.ini", in_folder("presets"), name);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(in_folder("presets")), 0);
}

static void a_preset_of_one_s_own_is_for_any_pictures(void **state)
{
    (void)state;
    open_folder();
    press("2 b 3 z");
    assert_true(say_line("weight 1.7"));
    assert_true(say_line("style_weight 777"));
    assert_true(say_line("preset save mine"));
    free_model(NULL);
    make_model(NULL);
    open_folder();
    strcpy(m->job.content, "other.jpg");
    for (int i = 0; i < STYLE_LAYER_COUNT; i++)
        strcpy(m->job.channel[i].style.path, "other-painting.jpg");
    model_set(m, "tv_weight 5");
    int edits = m->history.count;
    assert_true(say_line("preset mine"));
    assert_int_equal(m->history.count, edits + 1);
    assert_true(m->job.style_weight == 777.0 && m->job.tv_weight == 100.0);
    assert_int_equal(channel(1)->state, CHANNEL_BLANK);
    assert_true(channel(2)->style.crop.size == 0.5 && channel(2)->weight == 1.7);
    assert_string_equal(channel(2)->style.path, "other-painting.jpg");
    assert_string_equal(m->job.content, "other.jpg");
    close_folder("mine");
}

static void with_its_pictures_it_brings_them(void **state)
{
    (void)state;
    open_folder();
    assert_true(say_line("preset save night with pictures"));
    strcpy(m->job.channel[0].style.path, "other.jpg");
    assert_true(say_line("night"));
    assert_non_null(strstr(channel(0)->style.path, "assets/night.jpg"));
    close_folder("night");
}

/* A shipped one is a whole job, of which only what the picture looks like is taken. */
static void a_shipped_preset_leaves_content_size_and_output(void **state)
{
    (void)state;
    model_read_presets(m, PRESETS_SHIPPED, "assets/presets");
    answer_disk();
    assert_int_equal(m->presets[PRESETS_SHIPPED].count, 6);
    strcpy(m->job.content, "own.jpg");
    strcpy(m->job.output, "own.png");
    m->job.width = 333;
    assert_true(say_line("woodcut"));
    assert_true(channel(0)->weight == 4.0);
    assert_true(say_line("night"));
    assert_true(channel(0)->weight == 1.0);
    assert_string_equal(m->job.content, "own.jpg");
    assert_string_equal(m->job.output, "own.png");
    assert_int_equal(m->job.width, 333);
    assert_true(m->job.style_weight == 20000.0 && channel(4)->weight == 300.0);
    assert_non_null(strstr(channel(4)->style.path, "night.jpg"));
    assert_true(say_line("glass"));
    press("u");
    assert_true(channel(4)->weight == 300.0);
    assert_false(say_line("preset delete night"));
    open_folder();
    assert_true(say_line("style_weight 7"));
    assert_true(say_line("preset save night"));
    assert_true(say_line("glass"));
    assert_true(say_line("night"));
    assert_true(m->job.style_weight == 7.0);
    assert_true(say_line("preset delete night"));
    assert_int_equal(rmdir(in_folder("presets")), 0);
}

static void names_are_refused_that_cannot_be(void **state)
{
    (void)state;
    open_folder();
    assert_false(say_line("preset save ../x"));
    assert_false(say_line("preset save exp2"));
    assert_false(say_line("preset save two words"));
    assert_false(say_line("preset delete exp2"));
    assert_false(say_line("preset delete nothing"));
    assert_false(say_line("preset exp9"));
    assert_non_null(strstr(m->message.text, "did you mean exp"));
    assert_true(say_line("preset save mine"));
    assert_false(say_line("preset save mine"));
    assert_true(say_line("preset delete mine"));
    assert_int_equal(m->presets[PRESETS_OWN].count, 0);
    assert_int_equal(rmdir(in_folder("presets")), 0);
}

static void a_file_that_is_no_preset_says_why(void **state)
{
    (void)state;
    open_folder();
    assert_true(say_line("preset save mine"));
    char path[400];
    snprintf(path, sizeof path, "%s/mine.ini", in_folder("presets"));
    assert_int_equal(file_write(path, "[job]\nwidht = 3\n", 16, FILE_OVERWRITE, NULL), STATUS_OK);
    open_folder();
    struct job before = m->job;
    assert_false(say_line("preset mine"));
    assert_non_null(strstr(m->message.text, "mine:2"));
    assert_true(job_equal(&m->job, &before));
    close_folder("mine");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_model, free_model)
    const struct CMUnitTest tests[] = {
        TEST(one_key_takes_a_preset_back),
        TEST(the_painting_under_the_cursor_goes_to_all_layers),
        TEST(a_part_of_the_same_size_stays_in_its_place),
        TEST(the_ladder_blanks_from_the_shallowest_on),
        TEST(few_keys_walk_the_ladder),
        TEST(without_a_painting_nothing_changes),
        TEST(a_preset_of_one_s_own_is_for_any_pictures),
        TEST(with_its_pictures_it_brings_them),
        TEST(a_shipped_preset_leaves_content_size_and_output),
        TEST(names_are_refused_that_cannot_be),
        TEST(a_file_that_is_no_preset_says_why),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
