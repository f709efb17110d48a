/*
 * cores.h: how many threads are worth computing with here.
 */
#ifndef STRATA_CORES_H
#define STRATA_CORES_H

/* The processor's cores that this process may run on, threads that share a core counted once, and
 * no more than its control groups leave it the time of; at least 1. root: where /proc and /sys are
 * looked for, "" but in tests. */
int cores_usable(const char *root);

/* Which processors this process may run on, as Linux writes it: "0-3,8"; "" if that cannot be
 * known. Processes that say the same share them. */
enum { CORES_LIST = 256 };
void cores_list(char out[CORES_LIST], const char *root);

#endif
