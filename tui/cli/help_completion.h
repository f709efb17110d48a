/*
 * help_completion.h: what shells complete, out of the tables of commands and options.
 */
#ifndef STRATA_HELP_COMPLETION_H
#define STRATA_HELP_COMPLETION_H

#include <stdbool.h>
#include <stdio.h>

/* For bash, zsh or fish; false: for no such shell. */
bool help_completion(FILE *out, const char *shell);

#endif
