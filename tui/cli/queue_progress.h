/*
 * queue_progress.h: a queue of runs painted while it is told how far it is: a line for each run
 * that has ended, and on a terminal one that moves.
 */
#ifndef STRATA_QUEUE_PROGRESS_H
#define STRATA_QUEUE_PROGRESS_H

#include <stdbool.h>

#include "engine/queue/queue.h"
#include "tui/cli/progress.h"

struct queue_progress {
    enum progress_style style;
    const char *const *name;     /* of each run, for people */
    int runs;                    /* in all, of which */
    int count;                   /* are to be painted; */
    int finished, failed, there; /* were; were not; of those that were, by another process */
    double began;
    bool line_open; /* on a terminal, stderr */
};

/* AUTO becomes what stdout and stderr can show. */
void queue_progress_begin(struct queue_progress *p);

/* A run has ended, well or not. */
void queue_progress_tell(struct queue_progress *p, const struct queue_end *end);

/* Paints all that options name, until a signal ends it; take is called with each end, too. */
enum status queue_progress_paint(struct queue_progress *p, struct queue_options *options,
                                 void (*take)(void *context, const struct queue_end *end),
                                 void *context, struct diag *diag);

/* The program's exit status: 128 + a signal, 1 if a run failed, 0. */
int queue_progress_status(const struct queue_progress *p);

#endif
