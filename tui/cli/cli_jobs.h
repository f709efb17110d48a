/*
 * cli_jobs.h: `strata run a.ini b.ini ...`: several jobs, painted in one process, which share what
 * they have in common.
 */
#ifndef STRATA_CLI_JOBS_H
#define STRATA_CLI_JOBS_H

#include <stdbool.h>

/* Are the words behind no option several jobs: job files, or PNGs with jobs among job files? */
bool cli_jobs_named(int argc, char **argv);

/* Paints them all, with the options that stand beside them; one that fails does not keep the others
 * from it. The exit status: 0, or 1 if one failed. */
int cli_jobs(int argc, char **argv);

#endif
