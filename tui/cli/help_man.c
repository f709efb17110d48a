/* help_man.c: see help_man.h. */
#include "tui/cli/help_man.h"

#include <string.h>

#include "engine/job/job.h"
#include "tui/cli/cli.h"
#include "tui/cli/help_options.h"
#include "tui/cli/topics.h"

static void head(FILE *out, const char *title, int section, const char *name, const char *what)
{
    fprintf(out, ".TH %s %d \"\" \"strata %s\" \"strata\"\n.SH NAME\n%s \\- %s\n", title, section,
            STRATA_VERSION, name, what);
}

static void bold(FILE *out, const char *before, const char *text, const char *after)
{
    fprintf(out, "%s\\fB", before);
    for (const char *c = text; *c; c++)
        fputs(*c == '-' ? "\\-" : (char[]){*c, 0}, out);
    fprintf(out, "\\fR%s", after);
}

static void synopsis(FILE *out)
{
    int count;
    const struct command *list = commands(&count);
    fputs(".SH SYNOPSIS\n.nf\n", out);
    for (int i = 0; i < count; i++) {
        bold(out, "", "strata", i > 0 ? " " : "");
        bold(out, "", list[i].name, " ");
        topics_roff_line(out, list[i].usage);
    }
    fputs(".fi\n", out);
}

static void tell_option(FILE *out, const struct help_option *o)
{
    fputs(".TP\n", out);
    if (o->option->letter)
        fprintf(out, "\\fB\\-%c\\fR, ", o->option->letter);
    bold(out, "\\fB\\-\\-", o->name, "");
    if (o->option->value && *o->option->value) {
        fputs(" ", out);
        topics_roff_line(out, o->option->value);
    } else {
        fputs("\n", out);
    }
    topics_roff_line(out, o->text);
}

/* Those with few options have them below their name. */
static void tell_commands(FILE *out)
{
    int count, options;
    const struct command *list = commands(&count);
    fputs(".SH COMMANDS\n", out);
    for (int i = 1; i < count; i++) {
        fputs(".TP\n", out);
        bold(out, "", list[i].name, " ");
        topics_roff_line(out, list[i].usage);
        topics_roff_line(out, list[i].summary);
        options = 0;
        if (list[i].options)
            list[i].options(&options);
        if (options == 0 || options > 20)
            continue;
        struct help_option all[HELP_MOST_OPTIONS];
        struct help_group groups[HELP_MOST_GROUPS];
        help_options(groups, all, &list[i]);
        fputs(".RS\n", out);
        for (int k = groups[0].first; k < groups[0].end; k++)
            tell_option(out, &all[k]);
        fputs(".RE\n", out);
    }
}

/* Of run, eval and the workbench, each once. */
static void tell_options(FILE *out)
{
    static const char *const of[] = {"run", "eval", ""};
    char told[4000] = " ";
    int count;
    const struct command *desk = commands(&count);
    fputs(".SH OPTIONS\nOf run, eval and the workbench; a job file has the same settings. A "
          "beginning of a name that is unique will do, and what is said twice counts as said "
          "last.\n", out);
    for (int c = 0; c < 3; c++) {
        struct help_option list[HELP_MOST_OPTIONS];
        struct help_group groups[HELP_MOST_GROUPS];
        int n = help_options(groups, list, *of[c] ? commands_find(of[c]) : desk);
        for (int g = 0; g < n; g++) {
            bool titled = false;
            for (int i = groups[g].first; i < groups[g].end; i++) {
                char name[ARGS_MAX_NAME + 2];
                snprintf(name, sizeof name, " %s ", list[i].name);
                if (strstr(told, name))
                    continue;
                if (!titled)
                    fprintf(out, ".SS \"%s%s\"\n", groups[g].title, c == 1 ? " (eval)" : "");
                titled = true;
                strncat(told, name + 1, sizeof told - strlen(told) - 1);
                tell_option(out, &list[i]);
            }
        }
    }
}

static void tell_topics(FILE *out, const char *names)
{
    int count;
    const struct topic *list = topics(&count);
    for (int i = 0; i < count; i++) {
        char name[40];
        snprintf(name, sizeof name, " %s ", list[i].name);
        if (strstr(names, name))
            topics_roff(out, &list[i], true);
    }
}

static void man_strata(FILE *out)
{
    head(out, "STRATA", 1, "strata", "layer-wise neural style transfer in the terminal");
    synopsis(out);
    fputs(".SH DESCRIPTION\n", out);
    topics_roff_line(out,
                     "strata paints a picture in the style of others (neural style transfer, Gatys "
                     "2015) on the processor. Each of the five style layers relu1_1 to relu5_1 of "
                     "the network has a style picture of its own: fine texture comes from the "
                     "first, large shapes from the last. Without a command it opens the workbench, "
                     "with the demo if no picture is named.");
    tell_commands(out);
    tell_options(out);
    tell_topics(out, " layers workbench runs memory large terminals speed trouble ");
    fputs(".SH \"EXIT STATUS\"\n", out);
    topics_roff_line(out,
                     "0: done. 1: it could not be done, and one sentence on stderr says why. 2: "
                     "the command line or a file is wrong. 128 and more: ended by that signal.");
    fputs(".SH \"SEE ALSO\"\n\\fBstrata\\-job\\fR(5), \\fBstrata\\-networks\\fR(7)\n", out);
}

static void man_job(FILE *out)
{
    size_t count;
    const struct job_key *keys = job_keys(&count);
    struct job job;
    job_defaults(&job);
    head(out, "STRATA-JOB", 5, "strata-job", "job files of strata");
    topics_roff(out, topics_find("job"), false);
    fputs(".SH \"KEYS OF [JOB]\"\n", out);
    for (size_t i = 0; i < count; i++) {
        char standard[JOB_PATH] = "", text[JOB_PATH + 300];
        job_print_value(standard, sizeof standard, &job, &keys[i]);
        fputs(".TP\n", out);
        bold(out, "", keys[i].name, " ");
        topics_roff_line(out, keys[i].choices);
        snprintf(text, sizeof text, "%s%s%s%s", keys[i].help, *standard ? " (" : "", standard,
                 *standard ? ")" : "");
        topics_roff_line(out, text);
    }
    topics_roff(out, topics_find("sweep"), true);
    fputs(".SH \"SEE ALSO\"\n\\fBstrata\\fR(1), \\fBstrata\\-networks\\fR(7)\n", out);
}

bool help_man(FILE *out, const char *page)
{
    if (strcmp(page, "strata.1") == 0) {
        man_strata(out);
    } else if (strcmp(page, "strata-job.5") == 0) {
        man_job(out);
    } else if (strcmp(page, "strata-networks.7") == 0) {
        head(out, "STRATA-NETWORKS", 7, "strata-networks", "networks that strata paints with");
        topics_roff(out, topics_find("networks"), false);
        fputs(".SH \"SEE ALSO\"\n\\fBstrata\\fR(1), \\fBstrata\\-job\\fR(5)\n", out);
    } else {
        return false;
    }
    return true;
}
