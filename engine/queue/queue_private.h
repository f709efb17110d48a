/*
 * queue_private.h: what the files of the queue share, the lower before the higher:
 *     queue_run.c   one run, from its job to its picture
 *     queue.c       which run comes next, how many at once
 */
#ifndef STRATA_QUEUE_PRIVATE_H
#define STRATA_QUEUE_PRIVATE_H

#include "engine/queue/queue.h"
#include "engine/run/run.h"
#include "engine/run/run_shared.h"

/* What one run is painted with. */
struct queue_task {
    const struct queue_options *options;
    struct run_shared *shared;
    int run, threads;
    atomic_int *iteration, *iterations; /* how far it is, for others to see */
    /* Called, once, when all is computed and its memory given back: the rest waits for the disk. */
    void (*computed)(void *context);
    void *context;
};

/* The job of a run. */
void queue_run_job(struct job *out, const struct queue_options *options, int run);

/* Paints it; end->diag.status is what it returns. STATUS_MEMORY: perhaps after another's end. */
enum status queue_run_paint(const struct queue_task *task, struct queue_end *end);

#endif
