/*
 * spread.h: a run that several processes share, from its job to the picture: the sizes in turn,
 * checkpoints, what rank 0 tells. All processes call all of it.
 */
#ifndef STRATA_SPREAD_H
#define STRATA_SPREAD_H

#include <signal.h>
#include <stdbool.h>

#include "engine/base/file.h"
#include "engine/job/job.h"
#include "mpi/ranks.h"

struct spread_options {
    struct job job;
    char run_dir[JOB_PATH]; /* "": one below the user's own */
    char resume[JOB_PATH];  /* "": a new run, or the unfinished one of this job; else that one */
    bool overwrite, anew, json, stats;
    double checkpoint_seconds;
    int print_iterations;                 /* 0: about twenty lines in all */
    const volatile sig_atomic_t *caught; /* a signal that asks to stop */
};

/* STATUS_STOPPED: by a signal; the checkpoint is written. */
enum status spread_run(const struct spread_options *options, struct ranks *world,
                       struct diag *diag);

#endif
