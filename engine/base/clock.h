/*
 * clock.h: seconds for measuring. Any thread.
 */
#ifndef STRATA_CLOCK_H
#define STRATA_CLOCK_H

/* Seconds since some time in the past; never goes back. */
double clock_now(void);

/* Processor time of the calling thread, seconds. */
double clock_thread(void);

#endif
