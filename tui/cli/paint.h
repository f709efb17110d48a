/*
 * paint.h: a job painted without a screen, in a run directory: `strata run` and `strata resume`.
 * Signals end it within a layer of the network, with checkpoint and picture saved.
 */
#ifndef STRATA_PAINT_H
#define STRATA_PAINT_H

#include "tui/cli/options.h"

/* Paints options->job, or goes on with the run in `directory` unless that is "". With options of a
 * run that is unfinished in its directory already, and just this job, that one goes on. The exit
 * status; what went wrong has been said. */
int paint(const struct options *options, const char *directory);

#endif
