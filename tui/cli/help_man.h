/*
 * help_man.h: the man pages, out of the tables of commands and options and the texts of docs/.
 */
#ifndef STRATA_HELP_MAN_H
#define STRATA_HELP_MAN_H

#include <stdbool.h>
#include <stdio.h>

/* "strata.1", "strata-job.5" or "strata-networks.7" as roff; false: there is no such page. */
bool help_man(FILE *out, const char *page);

#endif
