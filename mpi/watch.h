/*
 * watch.h: notices that a process of the run has died. An MPI may wait for it for ever; so each
 * process has a TCP connection to rank 0, on which nothing is said, and a thread that looks at it:
 * where one ends, its process has, and all others end with a sentence and status 1.
 */
#ifndef STRATA_WATCH_H
#define STRATA_WATCH_H

#include "mpi/ranks.h"

/* All processes call both. False in all of them: there can be no such connections. */
bool watch_begin(struct ranks *world);
void watch_end(struct ranks *world);

#endif
