/* tell.h: what rank 0 prints of a shared run: plain lines or JSON. Knows nothing of the run. */
#ifndef STRATA_TELL_H
#define STRATA_TELL_H

#include <stdbool.h>

#include "engine/style/losses.h"

struct tell;

/* every: a plain line every so many iterations; 0: about twenty in all. */
struct tell *tell_open(int iterations, int every, bool json);
void tell_close(struct tell **tell);

/* A line for people; nothing in JSON. */
void tell_note(struct tell *tell, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Of the picture after so many iterations. */
void tell_losses(struct tell *tell, int iteration, double seconds, const struct losses *losses);

enum { TELL_KINDS = 3 }; /* Gram matrices, margins, the metric's margins */

/* Bytes that all processes have sent together. */
struct tell_traffic {
    int processes, iterations;
    double sent[TELL_KINDS], told[TELL_KINDS]; /* told: foretold by the sizes */
    double few;    /* sums of a few numbers */
    double all;    /* and what is sent at a change of size, for the result */
    double most;   /* that one process has sent */
    double waited; /* seconds in MPI, the mean of all */
};
void tell_bytes(struct tell *tell, const struct tell_traffic *traffic);

#endif
