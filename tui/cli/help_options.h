/*
 * help_options.h: the options of a command as people read them, in groups.
 */
#ifndef STRATA_HELP_OPTIONS_H
#define STRATA_HELP_OPTIONS_H

#include "tui/cli/commands.h"

/* An option of a command as people read it. */
struct help_option {
    const struct args_option *option;
    char name[ARGS_MAX_NAME];
    char text[400]; /* what it does, and its default */
};

struct help_group {
    const char *title;
    int first, end; /* in the list */
};
enum { HELP_MOST_OPTIONS = 80, HELP_MOST_GROUPS = 8 };

/* How many groups there are, and the options in their order. */
int help_options(struct help_group groups[HELP_MOST_GROUPS],
                 struct help_option list[HELP_MOST_OPTIONS], const struct command *command);

#endif
