/*
 * queue.h: the runs of a sweep, or any jobs, painted in one process: several side by side, each on
 * a thread of its own, where memory and cores allow it. They share networks and Gram matrices. Owns
 * how many there are at once; knows nothing of screens.
 *
 * Side by side, because a small picture leaves threads waiting for each other: two runs of one
 * thread take three quarters of the time of one after the other on two. As many as there are cores,
 * and as fit into memory; when fewer are left than could run, each gets more threads.
 */
#ifndef STRATA_QUEUE_H
#define STRATA_QUEUE_H

#include <stdatomic.h>

#include "engine/job/sweep.h"
#include "engine/style/losses.h"

struct queue;

struct queue_options {
    const struct sweep *sweep; /* NULL: jobs, */
    const struct job *jobs;
    const char *const *names;  /* which keep their states under these, each another */
    const int *runs; /* of the sweep or the jobs, which are to be painted: count of them */
    int count;
    int cores;       /* to compute with; 0: as many as there are */
    int beside;      /* runs at once; 0: as many as is quick */
    bool overwrite;  /* pictures of other jobs */
    const char *keep; /* the folder in which long runs keep their state; it is made when needed;
                       * "": nowhere */
    double keep_seconds; /* how often */
    const atomic_int *stop; /* once it is not 0 all end, within a layer of the network */
};

/* Starts painting. The options' pointers are kept until queue_close. */
enum status queue_open(struct queue **out, const struct queue_options *options, struct diag *diag);

/* A run that has ended. STATUS_STOPPED: it was to be painted, or was being painted, when all
 * ended. With STATUS_OK *diag may tell what it went on without. */
struct queue_end {
    int run, threads, iterations;
    bool there; /* it had been painted meanwhile, by another process */
    struct losses losses;
    double seconds;
    struct diag diag;
};

enum queue_news { QUEUE_ENDED, QUEUE_NOTHING, QUEUE_OVER };

/* Waits for the next, at most so long. Runs that had not begun when all ended are not told of. */
enum queue_news queue_wait(struct queue *queue, struct queue_end *out, double seconds);

/* How many are being painted now, and how many runs these are worth: two that are half done, 1. */
int queue_running(struct queue *queue, double *done);

/* After QUEUE_OVER, or when *stop was set. NULL inside is fine. */
void queue_close(struct queue **queue);

#endif
