/* test_args.c: options by GNU's habits, for every subcommand the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "engine/base/args.h"

static const struct args_option options[] = {
    {"iterations", 0, ARGS_VALUE}, {"initial", 0, ARGS_VALUE}, {"tv_weight", 0, ARGS_VALUE},
    {"styles", 0, ARGS_LIST},      {"overwrite", 0, ARGS_FLAG}, {"output", 'o', ARGS_VALUE},
    {"latest", 0, ARGS_OTHER},
};

static struct diag diag;

static char seen[400];

static enum status note(void *context, int option, const char *value, struct diag *d)
{
    size_t used = strlen(seen);
    (void)context, (void)d;
    snprintf(seen + used, sizeof seen - used, "%s%s%s%s", used ? " " : "",
             option == ARGS_WORD ? "" : options[option].name, option == ARGS_WORD ? "/" : "=",
             value);
    return STATUS_OK;
}

/* "iterations=5 /word" of all that is read, or the sentence. */
static const char *all(const char *line)
{
    static char copy[400];
    char *words[20] = {"strata"};
    int count = 1;
    snprintf(copy, sizeof copy, "%s", line);
    for (char *word = strtok(copy, " "); word; word = strtok(NULL, " "))
        words[count++] = strcmp(word, "''") == 0 ? "" : word;
    struct args args = {.command = "run", .words = words, .count = count, .options = options,
                        .option_count = sizeof options / sizeof *options};
    seen[0] = 0;
    return args_read(&args, note, NULL, &diag) == STATUS_OK ? seen : diag.text;
}

#define READ(line, what) assert_string_equal(all(line), what)

static void a_value_stands_behind_a_blank_or_an_equals_sign(void **state)
{
    (void)state;
    READ("--iterations 5 --iterations=6", "iterations=5 iterations=6");
    READ("--tv-weight -1 --tv-weight=--2", "tv_weight=-1 tv_weight=--2");
    READ("-o out.png a", "output=out.png /a");
    READ("--iterations", "--iterations needs a value");
    READ("--iterations --overwrite", "--iterations needs a value");
    READ("--iterations=", "--iterations needs a value");
    READ("--iterations ''", "--iterations needs a value");
    READ("-o", "-o needs a value");
    READ("--overwrite=yes", "--overwrite takes no value");
}

static void a_beginning_will_do_if_it_is_unique(void **state)
{
    (void)state;
    READ("--it 5 --ov --st=a", "iterations=5 overwrite= styles=a");
    READ("--i 5", "--i is short for --iterations and --initial");
    READ("--o 5", "--o is short for --overwrite and --output");
    READ("--l 5", "run knows no option --l; it has --iterations, --initial, --tv-weight, "
                  "--styles, --overwrite and --output");
    READ("--latest 5", "--latest is not an option of run");
}

static void a_list_goes_on_to_the_next_option(void **state)
{
    (void)state;
    READ("--styles a b c --overwrite d", "styles=a styles=b styles=c overwrite= /d");
    READ("--styles=a b", "styles=a /b");
    READ("--styles a -- b", "styles=a /b");
    READ("--styles a xo o -o b", "styles=a styles=xo styles=o output=b");
}

static void two_dashes_end_the_options(void **state)
{
    (void)state;
    READ("a -- --overwrite -o -- b", "/a /--overwrite /-o /-- /b");
    READ("-", "/-");
    READ("--", "");
}

static void what_does_not_exist_is_a_sentence(void **state)
{
    (void)state;
    READ("--=5", "run knows no option --=5; it has --iterations, --initial, --tv-weight, "
                 "--styles, --overwrite and --output");
    READ("-x", "run knows no option -x; it has --iterations, --initial, --tv-weight, "
               "--styles, --overwrite and --output");
}

static void help_is_asked_for_before_the_dashes(void **state)
{
    (void)state;
    assert_true(args_want_help(2, (char *[]){"a", "--help"}));
    assert_true(args_want_help(1, (char *[]){"-h"}));
    assert_false(args_want_help(2, (char *[]){"--", "--help"}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_value_stands_behind_a_blank_or_an_equals_sign),
        cmocka_unit_test(a_beginning_will_do_if_it_is_unique),
        cmocka_unit_test(a_list_goes_on_to_the_next_option),
        cmocka_unit_test(two_dashes_end_the_options),
        cmocka_unit_test(what_does_not_exist_is_a_sentence),
        cmocka_unit_test(help_is_asked_for_before_the_dashes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
