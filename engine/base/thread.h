/*
 * thread.h: starting a thread that leaves signals to the one that has the screen.
 */
#ifndef STRATA_THREAD_H
#define STRATA_THREAD_H

#include <pthread.h>

/* The thread, and those that it starts, block all signals but its own faults, which must reach the
 * handler that restores the terminal. 0, or the errno why there is no thread. */
int thread_start(pthread_t *out, void *(*work)(void *context), void *context);

/* How many of the threads that are wanted can be started, by trying: a limit (ulimit -u, a control
 * group's) counts what else the user runs. They end before it returns. */
int thread_possible(int wanted);

#endif
