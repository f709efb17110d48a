/*
 * stop.h: signals that ask a program without a screen to end: it is told so, and ends in order.
 */
#ifndef STRATA_STOP_H
#define STRATA_STOP_H

#include <stdatomic.h>

/* From now on the first signal sets what is returned, and says the first line on stderr; the second
 * says the other; the third ends the process. One Ctrl-C may arrive twice, from the terminal and
 * from a parent that passes it on (timeout does): that counts once. What batch systems warn with
 * may come again every second. Lines are static texts with their newline. */
const atomic_int *stop_catch(const char *first, const char *second);

/* The signal that asked us to stop, or 0. */
int stop_signal(void);

#endif
