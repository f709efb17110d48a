/*
 * commands.h: the one table of subcommands and what each takes: from it come the dispatch in
 * main.c, help, the man pages and the completions of shells.
 */
#ifndef STRATA_COMMANDS_H
#define STRATA_COMMANDS_H

#include "engine/base/args.h"

/* What may stand behind a command that is no option; for completions. */
enum command_words {
    COMMAND_NOTHING,
    COMMAND_FILES,
    COMMAND_RUNS,
    COMMAND_NETWORKS,
    COMMAND_TOPICS
};

struct command {
    const char *name; /* "" for the workbench, which has none */
    int (*run)(int argc, char **argv); /* NULL: help, which reads this table */
    const char *usage;   /* what comes behind the name */
    const char *summary; /* begins small, no full stop */
    enum command_words words;
    const struct args_option *(*options)(int *count); /* NULL: none */
    const char *topic;   /* printed behind its help, or NULL; see topics.h */
};

/* All of them, *count; static. The first is the workbench. */
const struct command *commands(int *count);

/* NULL: there is none of that name. */
const struct command *commands_find(const char *name);

#endif
