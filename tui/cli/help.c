/* help.c: see help.h. */
#include "tui/cli/help.h"

#include <ctype.h>
#include <string.h>

#include "engine/run/bench.h"
#include "tui/cli/cli.h"
#include "tui/cli/help_completion.h"
#include "tui/cli/help_man.h"
#include "tui/cli/help_options.h"
#include "tui/cli/topics.h"

enum { LEFT = 30, LEFT_OF_NAMES = 18, COLUMNS = 80 };

#ifdef __clang__
#define STRATA_COMPILER "clang"
#else
#define STRATA_COMPILER "gcc"
#endif

/* ---- printing ----------------------------------------------------------------------------- */

/* text from column `left` on, or below if `used` columns leave no place before it. */
static void print_right(const char *text, int used, int left)
{
    int column = used;
    if (used > left - 2) {
        putchar('\n');
        column = 0;
    }
    printf("%*s", left - column, "");
    column = left;
    for (const char *word = text; *word;) {
        int n = (int)strcspn(word, " "), width = 0;
        for (int i = 0; i < n; i++)
            width += ((unsigned char)word[i] & 0xc0) != 0x80;
        if (column > left && column + 1 + width > COLUMNS) {
            printf("\n%*s", left, "");
            column = left;
        }
        column += printf("%s%.*s", column > left ? " " : "", n, word) - (n - width);
        word += n;
        word += strspn(word, " ");
    }
    putchar('\n');
}

static void print_option(const struct help_option *o)
{
    int used = 0;
    if (o->option->letter)
        used = printf("  -%c, ", o->option->letter);
    else
        used = printf("      ");
    used += printf("--%s", o->name);
    if (o->option->value && *o->option->value)
        used += printf(" %s", o->option->value);
    print_right(o->text, used, LEFT);
}

void help_command(const struct command *command)
{
    struct help_option list[HELP_MOST_OPTIONS];
    struct help_group groups[HELP_MOST_GROUPS];
    int count = help_options(groups, list, command);
    printf("usage: strata%s%s %s\n\n%c%s.\n", *command->name ? " " : "", command->name,
           command->usage, toupper((unsigned char)*command->summary), command->summary + 1);
    for (int g = 0; g < count; g++) {
        printf("\n%s:\n", groups[g].title);
        for (int i = groups[g].first; i < groups[g].end; i++)
            print_option(&list[i]);
    }
    const char *about = command->topic ? command->topic : command->name;
    const struct topic *topic = topics_find(about);
    if (topic && *command->name) {
        putchar('\n');
        topics_print(stdout, topic);
    }
}

static void print_names(void)
{
    int count;
    const struct command *list = commands(&count);
    for (int i = 0; i < count; i++) {
        int used = printf("  strata%s%s", i > 0 ? " " : "", list[i].name);
        print_right(list[i].summary, used, LEFT_OF_NAMES);
    }
}

static void print_topics(void)
{
    int count;
    const struct topic *list = topics(&count);
    for (int i = 0; i < count; i++)
        print_right(list[i].summary, printf("  %s", list[i].name), LEFT_OF_NAMES);
}

void help_overview(void)
{
    printf("strata paints a picture in the style of up to five others, one for each layer\n"
           "relu1_1 ... relu5_1 of the network: fine texture from the first, large shapes\n"
           "from the last.\n\n"
           "  strata photo.jpg painting.jpg         open both in the workbench\n"
           "  strata run photo.jpg painting.jpg     paint, without a screen\n"
           "  strata run photo.jpg a.jpg b.jpg c.jpg d.jpg e.jpg\n"
           "                                        a style for each layer\n\n"
           "Commands:\n");
    print_names();
    printf("\nstrata help COMMAND lists the options of a command, strata help options those of\n"
           "the workbench, and strata help TOPIC tells of:\n");
    print_topics();
}

void help_version(void)
{
    printf("strata %s%s%s\noneDNN %s, compiled by %s %s\n", STRATA_VERSION,
           *STRATA_COMMIT ? ", commit " : "", STRATA_COMMIT, bench_onednn(), STRATA_COMPILER,
           __VERSION__);
}

/* ---- strata help -------------------------------------------------------------------------- */

static int no_such_topic(const char *word)
{
    struct diag diag;
    char names[300] = "";
    int count;
    const struct topic *list = topics(&count);
    for (int i = 0; i < count; i++) {
        size_t used = strlen(names);
        snprintf(names + used, sizeof names - used, "%s%s",
                 i == 0 ? "" : i == count - 1 ? " and " : ", ", list[i].name);
    }
    diag_set(&diag, STATUS_USAGE, "there is no help on %s; the topics are %s, and each command has "
             "its own", word, names);
    return cli_fail(&diag);
}

/* Anything else: an option of strata run, or a word in the topics. */
static int search(const char *word)
{
    struct help_option list[HELP_MOST_OPTIONS];
    struct help_group groups[HELP_MOST_GROUPS];
    int count = help_options(groups, list, commands_find("run"));
    bool found = false;
    for (int i = 0; i < groups[count - 1].end; i++)
        if (strcmp(list[i].name, word + (strncmp(word, "--", 2) == 0 ? 2 : 0)) == 0) {
            print_option(&list[i]);
            found = true;
        }
    if (strlen(word) >= 3)
        found = topics_search(stdout, word) > 0 || found;
    return found ? 0 : no_such_topic(word);
}

int help_main(int argc, char **argv)
{
    const char *word = argc > 1 ? argv[1] : "";
    const struct command *command = commands_find(word);
    const struct topic *topic = topics_find(word);
    int count;
    if (argc == 3 && strcmp(word, "--man") == 0 && help_man(stdout, argv[2]))
        return 0;
    if (argc == 3 && strcmp(word, "--completion") == 0 && help_completion(stdout, argv[2]))
        return 0;
    if (!*word || args_want_help(argc, argv))
        help_overview();
    else if (strcmp(word, "options") == 0)
        help_command(commands(&count));
    else if (command && command->options)
        help_command(command);
    else if (command && strcmp(word, "weights") == 0)
        return cli_weights(2, (char *[]){argv[1], "help", NULL});
    else if (command)
        help_overview();
    else if (topic)
        topics_print(stdout, topic);
    else
        return search(word);
    return 0;
}
