/*
 * cores.h: how many threads are worth computing with here.
 */
#ifndef STRATA_CORES_H
#define STRATA_CORES_H

/* The processor's cores that this process may run on, threads that share a core counted once, and
 * no more than its control groups leave it the time of; at least 1. root: where /proc and /sys are
 * looked for, "" but in tests. */
int cores_usable(const char *root);

#endif
