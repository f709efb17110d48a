/*
 * rundir_private.h: what the files of rundir share: rundir.c (making, locking, leaving),
 * rundir_files.c (what lies in one), rundir_list.c (which there are). Private to them.
 */
#ifndef STRATA_RUNDIR_PRIVATE_H
#define STRATA_RUNDIR_PRIVATE_H

#include "engine/rundir/rundir.h"

struct rundir {
    char path[JOB_PATH]; /* absolute */
    int lock;
    long serial;         /* of the newest checkpoint */
};

enum { RUNDIR_GENERATIONS = 3 };

/* The names that a checkpoint may have, the newest first. */
extern const char *const rundir_generations[RUNDIR_GENERATIONS];

/* Who has the directory, or had it last. */
struct rundir_owner {
    char host[64]; /* "" if nobody has, or who had it left in order */
    long pid;
    bool held;
};
void rundir_owner_read(struct rundir_owner *out, const char *folder);

void rundir_join(char out[JOB_PATH], const char *folder, const char *name);

/* The job as it was asked for; mem_free. */
char *rundir_job_text(const struct job *job, const char *folder);

#endif
