/* test_palette.c: help and palette list all that can be done, find it, and do it. */
#include <stdio.h>

#include "tests/lib/model.h"
#include "tui/term/text.h"

static const struct palette_entry *entry(int i)
{
    assert_true(i < m->palette.match_count);
    return &m->palette.entry[m->palette.match[i]];
}

static void search(const char *query)
{
    press("/");
    type(query);
}

static void help_begins_with_the_keys_of_this_place(void **state)
{
    (void)state;
    press("?");
    assert_string_equal(entry(0)->title, "Layers");
    press("q Tab ?");
    assert_string_equal(entry(0)->title, "Job");
    press("q Shift-Tab f ?");
    assert_string_equal(entry(0)->title, "Preview on the full screen");
    press("q f m F1");
    assert_string_equal(entry(0)->title, "Crop over the picture");
    press("q");
    assert_int_equal(model_context(m), CONTEXT_CROP);
}

static void all_that_can_be_done_is_listed_and_found_by_its_name(void **state)
{
    (void)state;
    size_t keys, settings;
    int listed[PALETTE_KINDS] = {0};
    keys_table(&keys);
    const struct job_key *table = job_keys(&settings);
    press("?");
    for (int i = 0; i < m->palette.entry_count; i++)
        listed[m->palette.entry[i].kind]++;
    assert_int_equal(listed[PALETTE_ACTION], (int)keys);
    assert_int_equal(listed[PALETTE_SETTING], (int)settings);
    assert_true(listed[PALETTE_COMMAND] > 5 && listed[PALETTE_PRESET] > 5 && listed[PALETTE_LAYER]);
    press("q");
    for (size_t i = 0; i < settings; i++) {
        search(table[i].name);
        assert_string_equal(entry(0)->key, table[i].name);
        press("Esc");
    }
}

static void words_keys_and_near_misses_are_found(void **state)
{
    (void)state;
    static const struct {
        const char *typed, *found; /* a part of the first entry's key or text */
    } cases[] = {
        {"crop", "crop"},            {"Z", "a larger part"},       {"stwe", "style_weight"},
        {"balan", "balance"},        {"undo", "take the last"},    {"3d", "exp3d"},
        {"memroy", "memory"},        {"STYLE weight", "style_weight"}, {"whole run", "curves"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        search(cases[i].typed);
        if (!strstr(entry(0)->key, cases[i].found) && !strstr(entry(0)->text, cases[i].found))
            fail_msg("%s finds %s", cases[i].typed, entry(0)->key);
        press("Esc");
    }
    search("xyzxyz");
    assert_int_equal(m->palette.match_count, 0);
    press("Down End Enter");
    assert_int_equal(model_context(m), CONTEXT_SEARCH);
}

static void what_is_found_is_done_where_it_acts(void **state)
{
    (void)state;
    press("2 Tab");
    search("white pulls");
    press("Enter");
    assert_int_equal(m->job.channel[1].state, CHANNEL_BLANK);
    assert_int_equal(model_context(m), CONTEXT_LAYERS);
    search("tv_weight");
    press("Enter");
    assert_string_equal(m->prompt.text, "tv_weight 100");
    type("7");
    press("Enter");
    assert_true(m->job.tv_weight == 7.0);
    search("exp3d");
    press("Enter");
    assert_int_equal(m->job.channel[3].state, CHANNEL_BLANK);
    search(":preset save");
    press("Enter");
    assert_string_equal(m->prompt.text, "preset save ");
    type("x");
    assert_string_equal(m->prompt.text, "preset save x");
}

static void what_cannot_be_done_says_why(void **state)
{
    (void)state;
    static const char *const typed[] = {"forget the snapshot", "erase the character before",
                                        "move the part up", "the second answer"};
    for (size_t i = 0; i < sizeof typed / sizeof *typed; i++) {
        search(typed[i]);
        press("Enter");
        assert_int_equal(m->message.kind, MESSAGE_ERROR);
        assert_null(sent());
        assert_int_equal(m->history.count, 1);
        assert_int_equal(m->overlay, OVERLAY_NONE);
    }
}

static void escape_leads_back_step_by_step(void **state)
{
    (void)state;
    press("f ? /");
    type("crop");
    press("Esc");
    assert_int_equal(model_context(m), CONTEXT_HELP);
    assert_string_equal(m->palette.query, "");
    press("Esc");
    assert_int_equal(model_context(m), CONTEXT_FULL);
    press("/ Backspace");
    assert_int_equal(model_context(m), CONTEXT_FULL);
    search("crop");
    press("Esc Esc");
    assert_int_equal(model_context(m), CONTEXT_LAYERS);
}

/* All of an entry's text, in pieces that fit; the cursor in sight, wherever it goes. */
static void check_lines(void)
{
    const struct palette *p = &m->palette;
    size_t seen[4096] = {0}, blanks[4096] = {0};
    for (int i = 0; i < p->line_count; i++) {
        const struct palette_line *line = &p->line[i];
        char piece[PALETTE_TEXT];
        if (line->kind != PALETTE_FIRST && line->kind != PALETTE_MORE)
            continue;
        const char *text = p->entry[line->entry].text + line->from;
        snprintf(piece, sizeof piece, "%.*s", line->length, text);
        assert_true(2 + line->keys + 2 + text_columns(piece) + p->what_width <= p->column_width);
        seen[line->entry] += strlen(piece);
        blanks[line->entry] += strspn(text + line->length, " ");
    }
    for (int i = 0; i < p->match_count; i++)
        assert_int_equal(seen[p->match[i]] + blanks[p->match[i]],
                         strlen(p->entry[p->match[i]].text));
}

static bool cursor_is_seen(void)
{
    const struct palette *p = &m->palette;
    for (int i = p->first; i < p->first + p->rows * p->columns && i < p->line_count; i++)
        if (p->line[i].kind == PALETTE_FIRST && p->line[i].entry == p->match[p->cursor])
            return true;
    return false;
}

static void no_word_is_lost_at_any_size(void **state)
{
    (void)state;
    static const char *const moves[] = {"Down", "PageDown", "Right", "End", "Up", "PageUp", "Left",
                                        "Home"};
    press("?");
    for (int columns = 40; columns <= 200; columns += 7) {
        model_resize(m, 12 + columns % 30, columns);
        check_lines();
        for (int i = 0; i < 8; i++) {
            press(moves[i]);
            assert_true(cursor_is_seen());
        }
        assert_int_equal(m->palette.cursor, 0);
    }
    press("/");
    type("e");
    check_lines();
}

static void a_click_selects_and_a_second_does_it(void **state)
{
    (void)state;
    search("exp2");
    int second = m->palette.match[m->palette.match_count - 1];
    apply(&(struct act){.action = ACTION_PALETTE_LINE, .index = second});
    assert_int_equal(m->palette.cursor, m->palette.match_count - 1);
    apply(&(struct act){.action = ACTION_PALETTE_DO, .index = m->palette.match[0]});
    assert_true(m->job.channel[0].style.crop.size == 0.125);
    assert_int_equal(m->overlay, OVERLAY_NONE);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_model, free_model)
    const struct CMUnitTest tests[] = {
        TEST(help_begins_with_the_keys_of_this_place),
        TEST(all_that_can_be_done_is_listed_and_found_by_its_name),
        TEST(words_keys_and_near_misses_are_found),
        TEST(what_is_found_is_done_where_it_acts),
        TEST(what_cannot_be_done_says_why),
        TEST(escape_leads_back_step_by_step),
        TEST(no_word_is_lost_at_any_size),
        TEST(a_click_selects_and_a_second_does_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
