/* test_prompt.c: what is typed behind a colon: commands, what was meant, files that are looked at
 * first; what is filled in already. */
#include "tests/lib/folder.h"
#include "tests/lib/model.h"

static void enter(const char *line)
{
    press(":");
    type(line);
    press("Enter");
}

static void says(const char *line, const char *sentence)
{
    enter(line);
    if (m->message.kind != MESSAGE_ERROR || !strstr(m->message.text, sentence))
        fail_msg("%s: \"%s\" does not say \"%s\"", line, m->message.text, sentence);
    assert_int_equal(model_context(m), CONTEXT_PROMPT); /* to be mended */
    press("Esc");
}

static void the_words_of_other_programs_are_known(void **state)
{
    (void)state;
    enter("q");
    assert_int_equal(m->requests, REQUEST_QUIT);
    m->requests = 0;
    enter("set tv_weight 7");
    assert_true(m->job.tv_weight == 7.0);
    enter("help crop");
    assert_int_equal(model_context(m), CONTEXT_SEARCH);
    press("Esc");
    enter("e assets/demo.ini");
    assert_string_equal(m->path, "assets/demo.ini");
    enter("w");
    assert_int_equal(m->message.kind, MESSAGE_HINT); /* nothing is painted yet */
    run_seen(SNAPSHOT_RUNNING, 5);
    enter("q");
    assert_int_equal(m->question, QUESTION_QUIT);
    press("Esc");
    enter("w");
    assert_int_equal(sent()->kind, CMD_SAVE);
    enter("wq");
    assert_int_equal(m->requests, REQUEST_QUIT_SAVING);
    m->requests = 0;
    enter("q!");
    assert_int_equal(m->requests, REQUEST_QUIT);
}

static void what_was_meant_is_said(void **state)
{
    (void)state;
    says("widht 400", "there is no setting widht; did you mean width?");
    says("foo", "there is no setting or command foo");
    says("exp2b", "did you mean exp2?");
    says("hlep", "did you mean help?");
    says("schedule fats", "did you mean fast?");
    says("state blnak", "did you mean blank?");
    says("set", "set needs NAME VALUE");
    says("style_weight", "the value is missing; it is 5000 now");
    says("weight", "the value is missing; it is 1 now");
    says("style_crops", "the value is missing; it has none now");
    assert_int_equal(m->history.count, 1);
}

static void files_are_looked_at_before_anything_changes(void **state)
{
    (void)state;
    struct job before = m->job;
    run_seen(SNAPSHOT_RUNNING, 5);
    says("content no-such.jpg", "no-such.jpg");
    says("content assets/demo.ini", "demo.ini");
    says("initial no-such.png", "no-such.png");
    says("network no-such", "there is no network");
    says("network random:3", "random:3");
    says("styles assets/night.jpg no-such.jpg", "no-such.jpg");
    assert_true(job_equal(&m->job, &before));
    enter("initial noise");
    enter("network random:16");
    enter("styles blank assets/dots.jpg grey none assets/night.jpg");
    assert_string_equal(m->job.channel[1].style.path, "assets/dots.jpg");
    assert_int_equal(m->job.channel[3].state, CHANNEL_OFF);
    assert_string_equal(m->job.initial, "noise");
    assert_string_equal(m->job.network, "random:16");
}

static void a_slow_disk_takes_no_key_away(void **state)
{
    (void)state;
    press(":");
    type("content no-such.jpg");
    model_apply(m, &(struct act){.action = ACTION_PROMPT_DONE});
    assert_string_equal(m->job.content, "assets/coast.jpg");
    model_apply(m, &(struct act){.action = ACTION_LAYER_BLANK});
    answer_disk(); /* too late to open the prompt again */
    assert_int_equal(m->message.kind, MESSAGE_ERROR);
    assert_int_equal(model_context(m), CONTEXT_LAYERS);
    assert_int_equal(m->job.channel[0].state, CHANNEL_BLANK);
}

static void what_is_filled_in_gives_way_to_what_is_typed(void **state)
{
    (void)state;
    press("=");
    type("99");
    press("Enter");
    assert_true(m->job.channel[0].weight == 99.0);
    press("= Backspace"); /* edits it */
    type("5");
    press("Enter");
    assert_true(m->job.channel[0].weight == 95.0);
    press("= Home");
    type("1");
    press("Enter");
    assert_true(m->job.channel[0].weight == 195.0);
    press("= Enter");
    assert_true(m->job.channel[0].weight == 195.0);
    press("Ctrl-W");
    type("mine.ini");
    assert_string_equal(m->prompt.text, "mine.ini");
}

/* What options cannot say goes to a file, once; the line on the screen is what is copied. */
static void a_line_for_the_shell_is_shown_and_copied(void **state)
{
    (void)state;
    press("y");
    assert_int_equal(model_context(m), CONTEXT_COMMAND);
    assert_int_equal(m->requests, REQUEST_COPY);
    assert_non_null(strstr(m->line, "strata run --content assets/coast.jpg"));
    assert_string_equal(m->copied, m->line);
    press("q Right");
    strcpy(m->job.output, in_folder("out.png"));
    press("y");
    assert_non_null(strstr(m->line, "out.ini"));
    press("q y");
    assert_string_equal(m->line_file, in_folder("out.ini"));
    press("q Right y");
    assert_string_equal(m->line_file, in_folder("out-2.ini"));
    assert_int_equal(unlink(in_folder("out.ini")) | unlink(in_folder("out-2.ini")), 0);
}

static void names_commands_and_presets_are_completed(void **state)
{
    (void)state;
    static const struct {
        const char *typed, *completed;
    } cases[] = {{"set style_w", "set style_weight "}, {"hel", "help "}, {"exp", "exp"},
                 {"preset sa", "preset save"},         {"state gr", "state grey"},
                 {"balan", "balance "},                {"e assets/dem", "e assets/demo.ini"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        press(":");
        type(cases[i].typed);
        press("Tab");
        if (strcmp(m->prompt.text, cases[i].completed) != 0)
            fail_msg("%s becomes %s", cases[i].typed, m->prompt.text);
        press("Esc");
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_model, free_model)
    const struct CMUnitTest tests[] = {
        TEST(the_words_of_other_programs_are_known),
        TEST(what_was_meant_is_said),
        TEST(files_are_looked_at_before_anything_changes),
        TEST(a_slow_disk_takes_no_key_away),
        TEST(what_is_filled_in_gives_way_to_what_is_typed),
        TEST(a_line_for_the_shell_is_shown_and_copied),
        TEST(names_commands_and_presets_are_completed),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
