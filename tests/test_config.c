/* test_config.c: the user's settings: what there is, texts in and out, keys that are given away. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/base/mem.h"
#include "tui/model/config.h"

static struct config config;
static char told[4000];
static int tellings;

static void note(void *context, const char *sentence)
{
    (void)context;
    tellings++;
    strcat(told, sentence);
    strcat(told, "\n");
}

static void parse(const char *text)
{
    told[0] = 0;
    tellings = 0;
    config_parse(&config, text, "config.ini", note, NULL);
}

static void told_is(const char *sentences)
{
    assert_string_equal(told, sentences);
}

static const char *keys_of(const char *action)
{
    struct config_entry e;
    config_entry(&e, config_find(CONFIG_KEYS, action));
    return e.key->keys;
}

static int forget(void **state)
{
    (void)state;
    parse("");
    config_clear(&config);
    return 0;
}

static void every_setting_has_a_meaning_and_a_standard_that_holds(void **state)
{
    (void)state;
    struct config_entry e;
    struct diag diag;
    assert_true(config_count() > 150 && config_count() < CONFIG_MOST);
    for (int i = 0; i < config_count(); i++) {
        config_entry(&e, i);
        assert_true(strlen(e.help) > 3 && e.name[0]);
        assert_int_equal(config_find(e.section, e.name), i);
        assert_int_equal(config_line(config_line_of(i)), i);
        if (!e.standard[0] || e.section == CONFIG_KEYS)
            continue;
        assert_int_equal(config_set(&config, i, e.standard, &diag), STATUS_OK);
        assert_null(config.value[i]);
    }
    assert_int_equal(config_line(0), -1);
    assert_int_equal(config_line(config_line_of(CONFIG_DESK_COUNT) - 2), CONFIG_NO_ENTRY);
    assert_int_equal(config_line(config_lines()), CONFIG_NO_ENTRY);
    assert_int_equal(config_find(CONFIG_DEFAULTS, "content"), -1);
    assert_int_equal(config_find(CONFIG_DEFAULTS, "styles"), -1);
}

/* What is printed without a setting says all, sets nothing and is no problem. */
static void nothing_set_is_printed_with_all_there_is_and_read_as_nothing(void **state)
{
    (void)state;
    struct config_entry e;
    char *text = config_print(&config), line[JOB_PATH];
    for (int i = 0; i < config_count(); i++) {
        config_entry(&e, i);
        snprintf(line, sizeof line, "%s\n#%s = %s\n", e.help, e.name, e.standard);
        assert_non_null(strstr(text, line));
    }
    parse(text);
    told_is("");
    for (int i = 0; i < CONFIG_MOST; i++)
        assert_null(config.value[i]);
    mem_free(text);
}

static void what_is_set_comes_back(void **state)
{
    (void)state;
    static const char text[] = "[desk]\ngraphics = cells\nfolders = ~/pictures, /srv/a b\n"
                               "preview=25\nhistory = 400M\n[defaults]\n  width = 640  \r\n"
                               "schedule = classic\n; a remark\n[keys]\nrun = ctrl-g  F1\n"
                               "help = ?\nstep = none\n";
    struct config again = {0};
    parse(text);
    told_is("");
    assert_string_equal(keys_of("run"), "Ctrl-G F1");
    assert_string_equal(keys_of("step"), "");
    assert_string_equal(keys_of("help"), "?");
    assert_int_equal(keys_action(CONTEXT_LAYERS, 7), ACTION_RUN);
    assert_int_equal(keys_action(CONTEXT_LAYERS, ' '), ACTION_NONE);
    assert_int_equal(config_preview(&config), 25);
    char *printed = config_print(&config);
    config_parse(&again, printed, "again", note, NULL);
    told_is("");
    for (int i = 0; i < CONFIG_MOST; i++)
        assert_true(config_same(&config, &again, i));
    config_clear(&again);
    mem_free(printed);
    char folder[JOB_PATH];
    setenv("HOME", "/home/me", 1);
    assert_true(config_folder(&config, 0, folder));
    assert_string_equal(folder, "/home/me/pictures");
    assert_true(config_folder(&config, 1, folder));
    assert_string_equal(folder, "/srv/a b");
    assert_false(config_folder(&config, 2, folder));
}

static void each_wrong_line_is_told_and_the_rest_counts(void **state)
{
    (void)state;
    parse("stray = 1\n[desk]\nmouse = yes\nmuose = off\nnonsense\n= 3\ntitle =\nmouse = off\n"
          "preview = 0\nfolders = here\nhistory = auto\n"
          "[defaults]\nwidth = 12x\nwidht = 3\n[colours]\nred = 1\n"
          "[keys]\nrum = x\nrun = F77\nfiles_choose = x\nhelp = none\n");
    told_is("config.ini:1: this stands in no section: [desk], [defaults] or [keys]\n"
            "config.ini:3: mouse: yes is none of on|off\n"
            "config.ini:4: muose: there is no such setting; did you mean mouse?\n"
            "config.ini:5: the line is neither [section] nor name = value\n"
            "config.ini:6: the line is neither [section] nor name = value\n"
            "config.ini:7: title: the value is missing\n"
            "config.ini:9: preview: 0 is neither auto nor a number from 1 to 1000\n"
            "config.ini:10: folders: here does not begin with / or ~/\n"
            "config.ini:11: history: auto is neither off nor a size like 400M or 2G\n"
            "config.ini:13: width: 12x is not a number\n"
            "config.ini:14: widht: there is no such setting; did you mean width?\n"
            "config.ini:15: section [colours] is unknown; there are [desk], [defaults] and [keys]\n"
            "config.ini:18: rum: there is no such action; did you mean run?\n"
            "config.ini:19: run: F77 is no key; keys are x, Ctrl-R, Space, Enter, F1\n"
            "config.ini:20: files_choose: x is text where it is typed\n"
            "config.ini:21: help: this cannot be without a key\n");
    assert_true(config_is(&config, CONFIG_MOUSE, "off"));
}

/* Written and read again, any text becomes the same file, and the same is set. */
static void texts_of_any_bytes_are_read_and_settle(void **state)
{
    (void)state;
    static const char *const pieces[] = {
        "[desk]", "[keys]", "[defaults]", "[x y]", "[", "]", "\n", "\n", "\n", "=", " = ", ":", "#",
        ";", "run", "step", "mouse", "width", "none", "Space", ".", "X", "off", "640", "\t", "\r",
        "\033", "\xff", "%", "é", "layer_blank", "graphics = cells\n", "run = x\n", "x = run\n"};
    unsigned random = 1;
    for (int round = 0; round < 400; round++) {
        char text[1000] = "";
        for (int i = 0; i < 60; i++) {
            random = random * 1103515245u + 12345u;
            strcat(text, pieces[(random >> 16) % (sizeof pieces / sizeof *pieces)]);
        }
        config_parse(&config, text, "config.ini", NULL, NULL);
        char *once = config_print(&config);
        config_parse(&config, once, "config.ini", NULL, NULL);
        char *twice = config_print(&config);
        if (strcmp(once, twice) != 0)
            fail_msg("round %d:\n%s\n---\n%s\n---\n%s", round, text, once, twice);
        mem_free(once);
        mem_free(twice);
    }
}

/* A newer strata may have written it. */
static void what_is_not_understood_is_kept(void **state)
{
    (void)state;
    struct diag diag;
    parse("[desk]\ngraphics = holograms\nsound = loud; and # clear\nmouse = off\n"
          "[my colours]\nred = 1\n[keys]\nfly = x\n");
    assert_int_equal(tellings, 4);
    char *once = config_print(&config);
    parse(once);
    assert_int_equal(tellings, 4);
    char *twice = config_print(&config);
    assert_string_equal(once, twice);
    assert_non_null(strstr(once, "\nsound = loud; and # clear\n"));
    assert_non_null(strstr(once, "\ngraphics = holograms\n"));
    assert_non_null(strstr(once, "\nfly = x\n"));
    assert_non_null(strstr(once, "\n[my colours]\nred = 1\n"));
    mem_free(twice);
    config_set(&config, CONFIG_GRAPHICS, "cells", &diag);
    twice = config_print(&config);
    assert_null(strstr(twice, "holograms"));
    mem_free(once);
    mem_free(twice);
}

static void keys_may_change_places(void **state)
{
    (void)state;
    parse("[keys]\nrun = .\nstep = Space\n");
    told_is("");
    assert_int_equal(keys_action(CONTEXT_DESK, '.'), ACTION_RUN);
    assert_int_equal(keys_action(CONTEXT_DESK, ' '), ACTION_STEP);
}

/* Also where a pane hands on to the desk; what the table has so is no clash. */
static void a_key_of_two_actions_is_refused_and_both_are_named(void **state)
{
    (void)state;
    struct diag diag;
    parse("[keys]\nstep = X\nlayer_blank = S\nhelp_up = S\nsnapshot_save = W w\n");
    told_is("config.ini:2: step: X is the key of stop, so this keeps .\n"
            "config.ini:3: layer_blank: S is the key of snapshot, so this keeps b\n"
            "config.ini:5: snapshot_save: w is the key of save, so this keeps W\n");
    assert_string_equal(keys_of("step"), ".");
    assert_string_equal(keys_of("help_up"), "S");
    int undo = config_find(CONFIG_KEYS, "undo");
    assert_int_equal(config_set(&config, undo, "b", &diag), STATUS_USAGE);
    assert_string_equal(diag.text, "b is the key of layer_blank; undo cannot have it as well");
    assert_string_equal(keys_of("undo"), "u");
    assert_int_equal(config_set(&config, undo, "F1", &diag), STATUS_USAGE);
    assert_int_equal(config_set(&config, undo, "Q", &diag), STATUS_OK);
    assert_string_equal(config_set_value(&config, undo), "Q");
    assert_int_equal(config_set(&config, undo, NULL, &diag), STATUS_OK);
    assert_null(config.value[undo]);
}

static void ctrl_c_and_questions_keep_their_keys(void **state)
{
    (void)state;
    struct diag diag;
    parse("[keys]\nquit = Q\nfiles_close = Esc\nanswer_1 = j\nrun = Ctrl-C\n");
    assert_string_equal(keys_of("quit"), "Q Ctrl-C");
    assert_string_equal(keys_of("files_close"), "Esc Ctrl-C");
    assert_int_equal(tellings, 2);
    assert_string_equal(keys_of("answer_1"), "y");
    assert_string_equal(keys_of("run"), "Space");
    assert_int_equal(config_set(&config, config_find(CONFIG_KEYS, "redraw"), "none", &diag),
                     STATUS_OK);
    assert_int_equal(config_set(&config, config_find(CONFIG_KEYS, "config"), "none", &diag),
                     STATUS_USAGE);
}

static void sentences_name_the_keys_that_actions_have(void **state)
{
    (void)state;
    char text[100];
    parse("[keys]\nrun = F1\nhelp = ?\nundo = %\nstep = none\n");
    keys_fill_in(text, sizeof text, "{run} runs, {undo} or {step} %s {no} {");
    assert_string_equal(text, "F1 runs, %% or (no key) %s {no} {");
    keys_fill_in(text, 5, "{run} runs");
    assert_string_equal(text, "F1 r");
}

static void names_of_keys_are_what_the_terminal_sends(void **state)
{
    (void)state;
    char name[16];
    for (int code = 1; code < 0x2000; code++) {
        keys_name(name, code);
        if (name[0] && code != 8 && code != '\n')
            assert_int_equal(keys_code(name), code);
    }
    for (int code = KEYCODE_UP; code <= KEYCODE_F1; code++) {
        keys_name(name, code);
        assert_int_equal(keys_code(name), code);
    }
    assert_int_equal(keys_code("^g"), 7);
    assert_int_equal(keys_code("Ctrl-I"), KEYCODE_TAB);
    assert_int_equal(keys_code("Ctrl-H"), KEYCODE_BACKSPACE);
    assert_int_equal(keys_code("ä"), 0xe4);
    assert_int_equal(keys_code("\xc3"), 0);
}

static void a_new_job_begins_with_what_is_set_and_the_demo_says_more(void **state)
{
    (void)state;
    static struct job job, demo;
    parse("[defaults]\nwidth = 300\niterations = 77\nschedule = classic\ntv_weight = 3\n");
    job_defaults(&job);
    config_job(&config, &job, NULL);
    assert_int_equal(job.width, 300);
    assert_int_equal(job.iterations, 77);
    assert_int_equal(job.optimizer, OPTIMIZER_ADAM);
    job_defaults(&demo);
    demo.width = 512;
    strcpy(demo.content, "coast.jpg");
    job = demo;
    config_job(&config, &job, &demo);
    assert_int_equal(job.width, 512);
    assert_int_equal(job.iterations, 77);
    assert_true(job.tv_weight == 3.0);
    assert_string_equal(job.content, "coast.jpg");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_teardown(name, forget)
    const struct CMUnitTest tests[] = {
        TEST(every_setting_has_a_meaning_and_a_standard_that_holds),
        TEST(nothing_set_is_printed_with_all_there_is_and_read_as_nothing),
        TEST(what_is_set_comes_back),
        TEST(each_wrong_line_is_told_and_the_rest_counts),
        TEST(texts_of_any_bytes_are_read_and_settle),
        TEST(what_is_not_understood_is_kept),
        TEST(keys_may_change_places),
        TEST(a_key_of_two_actions_is_refused_and_both_are_named),
        TEST(ctrl_c_and_questions_keep_their_keys),
        TEST(sentences_name_the_keys_that_actions_have),
        TEST(names_of_keys_are_what_the_terminal_sends),
        TEST(a_new_job_begins_with_what_is_set_and_the_demo_says_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
