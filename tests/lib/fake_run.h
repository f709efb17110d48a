/*
 * fake_run.h: a run without a network, linked in place of engine/run/run*.c: what it is told to do
 * is in `fake`, and its losses show the job in force. Pictures are 8×6, iteration everywhere.
 */
#ifndef TESTS_LIB_FAKE_RUN_H
#define TESTS_LIB_FAKE_RUN_H

#include <stdatomic.h>

enum { FAKE_WIDTH = 8, FAKE_HEIGHT = 6, FAKE_FREE = 1 << 30 };

extern struct fake {
    atomic_int steps;     /* how many more may be taken; a step waits for it, or for the stop */
    atomic_int open_waits; /* opening waits until it is 0, or for the stop */
    atomic_int waiting;    /* something waits */
    atomic_int signals;    /* which of SIGINT, SIGTERM, SIGHUP, SIGSEGV the run's thread blocks */
    atomic_int diverge_at; /* the iteration that fails; -1: none */
    atomic_int retreat_at; /* the iteration that goes back to a smaller rate; -1: none */
    atomic_int gossip;     /* a change that succeeds leaves a sentence, as a library that was asked
                            * for something else may */
    atomic_int no_room;    /* for a state that is kept */
} fake;

void fake_reset(void);

/* A millisecond. */
void fake_sleep(void);

#endif
