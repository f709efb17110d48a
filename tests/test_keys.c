/* test_keys.c: the table of keys holds together. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tui/model/keys.h"
#include "tui/term/text.h"

static void every_action_has_a_key_and_a_sentence(void **state)
{
    (void)state;
    size_t count;
    const struct key_entry *table = keys_table(&count);
    for (size_t i = 0; i < count; i++) {
        char shown[16];
        assert_true(keys_code(table[i].keys) > 0);
        assert_true(strlen(table[i].help) > 3);
        keys_show(shown, &table[i], false);
        assert_true(shown[0] != 0);
        assert_int_equal(keys_action(table[i].context, keys_code(table[i].keys)), table[i].action);
    }
}

/* The first of two actions would win, and the other could not be reached. */
static void no_key_means_two_things_in_a_context(void **state)
{
    (void)state;
    size_t count;
    const struct key_entry *table = keys_table(&count);
    for (size_t i = 0; i < count; i++)
        for (const char *key = table[i].keys; *key; key += strspn(key, " ")) {
            int code = keys_code(key);
            if (code == 0 || keys_action(table[i].context, code) != table[i].action)
                fail_msg("%s: %.12s", table[i].help, key);
            key += strcspn(key, " ");
        }
}

/* Contexts stand together in the table, in the order of the list, or help would repeat them. */
static void contexts_stand_together(void **state)
{
    (void)state;
    size_t count;
    const struct key_entry *table = keys_table(&count);
    for (size_t i = 1; i < count; i++)
        assert_true(table[i].context >= table[i - 1].context);
}

static void panes_hand_on_and_what_asks_does_not(void **state)
{
    (void)state;
    assert_int_equal(keys_action(CONTEXT_LAYERS, 'u'), ACTION_UNDO);
    assert_int_equal(keys_action(CONTEXT_SNAPSHOTS, ' '), ACTION_RUN);
    assert_int_equal(keys_action(CONTEXT_FULL, ' '), ACTION_RUN);
    assert_int_equal(keys_action(CONTEXT_QUESTION, 'u'), ACTION_NONE);
    assert_int_equal(keys_action(CONTEXT_HELP, 'u'), ACTION_NONE);
    assert_int_equal(keys_action(CONTEXT_FILES, 'u'), ACTION_TYPE);
    assert_int_equal(keys_action(CONTEXT_PROMPT, 'q'), ACTION_TYPE);
    assert_int_equal(keys_action(CONTEXT_PROMPT, 1), ACTION_PROMPT_FIRST);
    assert_int_equal(keys_action(CONTEXT_PROMPT, 2), ACTION_NONE);
}

/* Wherever one is, Ctrl-C leads out. */
static void ctrl_c_leaves_everything(void **state)
{
    (void)state;
    for (int c = 0; c < CONTEXT_COUNT; c++)
        assert_int_not_equal(keys_action((enum context)c, 3), ACTION_NONE);
}

static void names_have_codes(void **state)
{
    (void)state;
    assert_int_equal(keys_code("Ctrl-R"), 18);
    assert_int_equal(keys_code("Enter x"), 13);
    assert_int_equal(keys_code("x"), 'x');
    assert_int_equal(keys_code("Shift-Left"), KEYCODE_SHIFT_LEFT);
    assert_int_equal(keys_code("Nonsense"), 0);
    assert_int_equal(keys_code(""), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_action_has_a_key_and_a_sentence),
        cmocka_unit_test(no_key_means_two_things_in_a_context),
        cmocka_unit_test(contexts_stand_together),
        cmocka_unit_test(panes_hand_on_and_what_asks_does_not),
        cmocka_unit_test(ctrl_c_leaves_everything),
        cmocka_unit_test(names_have_codes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
