/*
 * help.h: what `strata help`, --help and --version print.
 */
#ifndef STRATA_HELP_H
#define STRATA_HELP_H

#include "tui/cli/commands.h"

/* `strata help [COMMAND | TOPIC]`; also --man PAGE and --completion SHELL, for the build. */
int help_main(int argc, char **argv);

void help_overview(void);
void help_command(const struct command *command);
void help_version(void);

#endif
