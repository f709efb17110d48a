/*
 * saved.h: the state of a shared run on disk. In the run's directory each process writes a file
 * with its rows; when all are there rank 0 writes `parts`, which names them with their checksums,
 * in place of the one before, whose files go then. So at any moment what `parts` names is whole.
 * Any number of processes can go on from it.
 */
#ifndef STRATA_SAVED_H
#define STRATA_SAVED_H

#include "mpi/stage.h"

struct saved_part {
    struct ranks_rows rows;
    size_t bytes;
    unsigned long sum; /* CRC-32 */
};

struct saved {
    long serial;
    int iteration, at, retreats;
    int width, height;
    int optimizer, history; /* enum job_optimizer; pairs that L-BFGS keeps */
    struct optimizer_layout layout;
    long t;
    double seconds; /* computed so far */
    int count;
    struct saved_part *part; /* [count] */
    char *plan;              /* nn_plan_print */
};
void saved_clear(struct saved *saved);

/* Is there one in folder? */
bool saved_there(const char *folder);

/* The text of `parts`, mem_free; and what it says. */
enum status saved_text(char **out, const char *folder, struct diag *diag);
enum status saved_parse(struct saved *out, const char *text, const char *folder,
                        struct diag *diag);

/* One more. Those at work at the stage call this; *saved is the one before, or zeroed. */
enum status saved_write(struct saved *saved, const char *folder, struct stage *stage,
                        double seconds, struct diag *diag);

/* Into the part of this process at the stage it is of: picture and, if `whole`, optimiser. */
enum status saved_fill(struct stage *stage, const struct saved *saved, const char *folder,
                       bool whole, struct diag *diag);

/* Can this run's optimiser go on with that one's state? */
bool saved_fits(const struct saved *saved, const struct run *run);

#endif
