/*
 * stage.h: one size of a run that several processes share: who has which rows, what each needs of
 * the others, one step. The rows of this process lie in run->work, whose x is as high as they are.
 * Knows nothing of files but the content.
 */
#ifndef STRATA_STAGE_H
#define STRATA_STAGE_H

#include "engine/run/run_private.h"
#include "mpi/ranks.h"

/* Fewer rows than that are no work for a process of its own; its neighbours' margins are 176. */
enum { STAGE_LEAST_ROWS = 192 };

/* Bytes that this process has sent so far, and what they were to be by the sizes alone: what
 * evaluations take, and each time that the metric is applied. */
struct stage_bytes {
    double grams, margins, metric;
};
struct stage_traffic {
    struct stage_bytes sent, told;
};

struct stage {
    struct run *run;     /* the job, the network and this process's part */
    struct ranks *world; /* all processes, */
    struct ranks ranks;  /* and those that have work at this size */
    int at, width, height;
    struct ranks_rows *part, *window, *beside; /* of each; beside: what its metric reads */
    float *read;         /* x in the window */
    float *wide;         /* a vector with the rows beside it */
    struct precondition *metric;
    const struct target *targets; /* lent */
    struct objective_shape shape;
    struct stage_traffic *traffic; /* lent; goes on from size to size */
    struct stage_bytes each;       /* told of one evaluation, of one time */
};

/* How many processes work at that height. */
int stage_workers(const struct ranks *world, int height);

/* All processes call this. x is taken over, also on failure: the rows of this one's part. */
enum status stage_open(struct stage *stage, struct run *run, struct ranks *world, int at,
                       const struct target *targets, float **x, struct stage_traffic *traffic,
                       struct diag *diag);
void stage_close(struct stage *stage);

/* The parts at a stage of the run; zeroed for those who have no work. part[world->count]. */
void stage_parts(struct ranks_rows part[], const struct run *run, const struct ranks *world,
                 int at);

/* Of those at work: as run_step and run_measure, for a part. */
enum status stage_step(struct stage *stage, struct losses *losses, struct diag *diag);
enum status stage_measure(struct stage *stage, struct losses *losses, struct diag *diag);

/* The rows of the picture to start from, and those at stage `at` of what the run has at the stage
 * before; *x: mem_free. All processes call the second. */
enum status stage_start(float **x, struct run *run, struct ranks_rows rows, struct diag *diag);
enum status stage_enlarge(float **x, struct run *run, struct ranks *world, int at,
                          struct diag *diag);

#endif
