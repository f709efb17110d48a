/*
 * sketches.h: small pictures of what jobs would paint, made one after the other on one niced thread
 * of one core, beside a run that may be under way. What was painted is remembered. Knows no screen;
 * writes no file.
 */
#ifndef STRATA_SKETCHES_H
#define STRATA_SKETCHES_H

#include "engine/worker/snapshot.h"

struct sketches;

/* How large they are, and how long each is painted at most. */
enum { SKETCH_SIDE = 192, SKETCH_ITERATIONS = 40, SKETCHES_WANTED = 9 };

/* wake runs on that thread, without a lock, when one is further on or done: it may do no more than
 * write a byte to a pipe. STATUS_LIBRARY if there can be no thread. All that follows is for one
 * thread. */
enum status sketches_open(struct sketches **out, void (*wake)(void *context), void *context,
                          struct diag *diag);

/* Ends what is being painted within a layer of the network. NULL inside is fine. */
void sketches_close(struct sketches **sketches);

/* From here on these are wanted, in this order, and nothing else: count, at most SKETCHES_WANTED;
 * copied. beside: bytes that this process will take without them, 0: what it takes now. */
void sketches_want(struct sketches *sketches, const struct job *jobs, int count, size_t beside);

/* The wanted one of that number. picture is lent until sketches_want, NULL: not there yet, or
 * there will be none, and then problem, lent likewise, says why (else it is ""). done: from 0 to 1;
 * below 0: it has not begun. */
struct sketch {
    const struct snapshot_picture *picture;
    const char *problem;
    double done;
};
struct sketch sketches_get(struct sketches *sketches, int number);

#endif
