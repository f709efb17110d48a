/*
 * args.h: words of a command line as options, their values and what is left, by GNU's habits:
 * --name value, --name=value, --unique-beginning, -l value; -- ends the options. An option that is
 * a list takes the words up to the next option that there is. Knows nothing of what options mean.
 */
#ifndef STRATA_ARGS_H
#define STRATA_ARGS_H

#include <stdbool.h>

#include "engine/base/diag.h"

enum args_kind {
    ARGS_FLAG,  /* takes no value */
    ARGS_VALUE, /* one */
    ARGS_LIST,  /* one or more */
    ARGS_OTHER  /* an option of other subcommands: known, and refused */
};

struct args_option {
    const char *name; /* without dashes in front; _ stands for - */
    char letter;      /* 0: none */
    enum args_kind kind;
    const char *value, *help; /* for people: "FILE", "" for a flag; begins small. NULL: unsaid */
    bool whole;       /* only by its whole name */
};

struct args {
    const char *command; /* for sentences: "bench" */
    char **words;        /* words[0] is left out */
    int count;
    const struct args_option *options;
    int option_count;
    int at;    /* zeroed at first */
    bool ended;
    int list;  /* the option whose values go on, counted from 1 */
};

enum { ARGS_MAX_NAME = 64, ARGS_WORD = -1 };

/* What becomes of one of them: option is its place in options and value its value, "" for a flag; a
 * list's comes again with each value. A word that belongs to no option is ARGS_WORD. */
typedef enum status args_take(void *context, int option, const char *value, struct diag *diag);

/* Gives all of them to take, in order, until it fails. STATUS_USAGE, with a sentence: an option
 * that does not exist, is short for several, is another subcommand's, lacks its value or takes
 * none. */
enum status args_read(struct args *args, args_take *take, void *context, struct diag *diag);

/* Is --help or -h among the words before --? */
bool args_want_help(int count, char **words);

/* name with - for _. */
void args_print_name(char out[ARGS_MAX_NAME], const char *name);

#endif
