/* help_options.c: see help_options.h. */
#include "tui/cli/help_options.h"

#include <stdio.h>
#include <string.h>

#include "engine/base/mem.h"
#include "engine/job/job.h"

/* Names as in the options' lists, in the order in which they are told. */
static const struct {
    const char *title, *names;
} groups_of[] = {
    {"Pictures", " content styles preset output image grad initial overwrite trust-paths "},
    {"What the picture becomes",
     " width iterations schedule content_weight content_weight_blend style_weight "
     "style_layer_weight_exp style_blend_weights blend style_scales style_crops tv_weight "
     "preserve_colors initial_noiseblend seed "},
    {"How it is computed",
     " network pooling optimizer pyramid learning_rate beta1 beta2 eps precision convolution "
     "threads memory "},
    {"Keeping and telling",
     " checkpoint-output checkpoint-iterations run-dir checkpoint-seconds anew progress "
     "print-iterations progress-write progress-plot json latest "},
    {"The workbench", " start detach script graphics timeout "},
};

enum { GROUPS = sizeof groups_of / sizeof *groups_of };

static bool is_in(const char *names, const char *name)
{
    size_t n = strlen(name);
    for (const char *at = names; (at = strstr(at, name)); at += n)
        if (at[-1] == ' ' && at[n] == ' ')
            return true;
    return false;
}

/* A new job, as that command begins with it. */
static void begin(struct job *job, const struct command *command)
{
    struct job_lists *lists = mem_new(sizeof *lists);
    struct diag diag;
    job_defaults(job);
    if (strcmp(command->name, "neural-style") == 0)
        job_set(job, lists, job_find_key("schedule"), "classic", "", &diag);
    mem_free(lists);
}

static void describe(struct help_option *out, const struct args_option *option,
                     const struct command *command)
{
    const struct job_key *key = job_find_key(option->name);
    struct job job;
    char standard[200] = "";
    out->option = option;
    args_print_name(out->name, option->name);
    if (key && key->help == option->help && key->kind != JOB_FLAG) {
        begin(&job, command);
        job_print_value(standard, sizeof standard, &job, key);
    }
    snprintf(out->text, sizeof out->text, "%s%s%s%s", option->help ? option->help : "",
             *standard ? " (" : "", standard, *standard ? ")" : "");
}

/* The options whose group that is; GROUPS: what is in none. */
static int add_group(struct help_option list[], int used, const struct command *command, int group)
{
    int count;
    const struct args_option *options = command->options(&count);
    for (int i = 0; i < count; i++) {
        bool in = false;
        if (options[i].kind == ARGS_OTHER || options[i].whole)
            continue;
        for (int g = 0; group == GROUPS && g < GROUPS; g++)
            in |= is_in(groups_of[g].names, options[i].name);
        if (group < GROUPS ? is_in(groups_of[group].names, options[i].name) : !in)
            describe(&list[used++], &options[i], command);
    }
    return used;
}

int help_options(struct help_group groups[HELP_MOST_GROUPS],
                 struct help_option list[HELP_MOST_OPTIONS], const struct command *command)
{
    int used = 0, count = 0, all;
    if (!command->options)
        return 0;
    command->options(&all);
    for (int g = 0; g <= GROUPS; g++) {
        int first = used;
        used = add_group(list, used, command, g);
        if (used > first)
            groups[count++] = (struct help_group){g < GROUPS ? groups_of[g].title : "Options",
                                                  first, used};
    }
    if (all < 12 && count > 1) { /* few enough to stand together */
        groups[0] = (struct help_group){"Options", 0, used};
        count = 1;
    }
    return count;
}
