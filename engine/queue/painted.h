/*
 * painted.h: what lies where a job's picture is to go: nothing, the finished picture of just this
 * job, with the losses that it ended at, or something else. Goes by what is written in the PNG.
 */
#ifndef STRATA_PAINTED_H
#define STRATA_PAINTED_H

#include <stdbool.h>

#include "engine/job/job.h"
#include "engine/style/losses.h"

enum painted_state {
    PAINTED_MISSING,
    PAINTED_EARLY, /* of this job, but its run was ended before its last iteration */
    PAINTED_DONE,
    PAINTED_OTHER /* of another job, or no picture of ours */
};

struct painted {
    enum painted_state state;
    struct losses losses; /* DONE */
    double seconds;       /* that it took, NAN where that is not known */
};

/* Looks at job->output. Paths are the same job's if they lead to the same files. */
void painted_look(struct painted *out, const struct job *job);

/* Puts into the record of a run how long it took. */
void painted_note_seconds(struct job *record, double seconds);

#endif
