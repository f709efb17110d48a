/*
 * cli_terminal.h: what `strata show`, `compare` and `doctor` have in common: their options, a look
 * at the terminal that stdout is, and a picture on it.
 */
#ifndef STRATA_CLI_TERMINAL_H
#define STRATA_CLI_TERMINAL_H

#include <stdbool.h>

#include "engine/base/args.h"
#include "engine/image/image.h"
#include "tui/pixels/graphics.h"

struct cli_terminal {
    const char *command; /* argv[0] */
    enum graphics_kind wanted; /* --graphics */
    double timeout;          /* --timeout */
    const char *argument;    /* what is no option; NULL: nothing */
    bool present;           /* stdout is one; asked below */
    double answered;         /* seconds that it took to answer, 0: it did not, or was not asked */
    struct answers answers;
    struct graphics_environment around;
    struct graphics graphics;
};

const struct args_option *cli_terminal_options(int *count);

/* STATUS_USAGE for what is not understood. */
enum status cli_terminal_parse(struct cli_terminal *terminal, int argc, char **argv,
                               struct diag *diag);

/* Asks, and decides. A stdout that is no terminal is taken for one of 80×24. */
void cli_terminal_ask(struct cli_terminal *terminal);

/* The picture at path, made to fit into side × side pixels if it is larger. */
enum status cli_terminal_read(struct image *out, const char *path, int side, struct diag *diag);

/* Asks, and draws the picture at path among the lines of the terminal, as large as fits. */
enum status cli_terminal_show(struct cli_terminal *terminal, const char *path, struct diag *diag);

#endif
