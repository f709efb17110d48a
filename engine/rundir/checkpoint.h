/*
 * checkpoint.h: the state of a run as a file, from which another process goes on. Owns the format;
 * does not know when to save or where.
 *
 * The file is safetensors, so anybody can read it: tensors picture and previous [3][H][W], RGB from
 * 0 to 255, optimizer (its own numbers, as bits), of a kept picture also finished [3 or 4][H][W],
 * and last a tensor checksum, the CRC-32 of all bytes before it. Metadata: strata.checkpoint, the
 * version of the format, strata.job, the job file that it was
 * painted by (run_record), and the rest of struct checkpoint.
 */
#ifndef STRATA_CHECKPOINT_H
#define STRATA_CHECKPOINT_H

#include "engine/base/diag.h"
#include "engine/image/image.h"
#include "engine/job/job.h"
#include "engine/run/run.h"
#include "engine/style/losses.h"

/* X(NAME, name): what became of the run: it goes on, or is to; all iterations are done; the user
 * stopped it; the user left it and does not want the rest. */
#define CHECKPOINT_END_LIST(X) X(GOING, going) X(DONE, done) X(STOPPED, stopped) X(LEFT, left)

enum checkpoint_end {
#define X(NAME, name) CHECKPOINT_##NAME,
    CHECKPOINT_END_LIST(X)
#undef X
    CHECKPOINT_ENDS
};

/* A file that a run wrote, to be told from one that somebody put in its place since. */
struct checkpoint_file {
    char path[JOB_PATH]; /* absolute; "" if none */
    long long size, time; /* bytes; nanoseconds since 1970 of its last change */
};

struct checkpoint {
    struct job job;         /* in force; without edits */
    struct job record;      /* run_record; zeroed: the same, without edits */
    struct run_state state; /* count 0: the run has not begun */
    char *plan;             /* nn_plan_print; owned, never NULL once read */
    struct losses losses;   /* of the newest picture that was measured */
    double seconds;         /* that it has computed for */
    enum checkpoint_end end;
    bool saved;             /* this very picture is in file */
    struct checkpoint_file file;
    int number, last_number; /* of a kept picture, or 0; the last that was given */
    struct image finished;   /* of a kept picture: as it would be saved; else empty */
    long serial;             /* of the file: a later one has a higher */
    struct file_map map;     /* what a large state is lent from; bytes NULL: nothing */
};

void checkpoint_clear(struct checkpoint *checkpoint);

/* Fills in jobs, state and plan. copy: the state is the checkpoint's own, else it is lent. */
enum status checkpoint_take(struct checkpoint *out, const struct run *run, bool copy,
                            struct diag *diag);

/* Takes the measurements that its run's choices rest on, before the run is opened. False: they are
 * of another processor, and the run's pictures will not be the same to the bit. */
bool checkpoint_adopt_plan(const struct checkpoint *checkpoint);

/* Writes all of it, synced, in place of what is there; see file_write. folder: see job_print. */
enum status checkpoint_write(const char *path, const struct checkpoint *checkpoint,
                             const char *folder, struct diag *diag);

/* STATUS_INPUT, with the reason, for a file that is damaged, of another version, or none. */
enum status checkpoint_read(struct checkpoint *out, const char *path, const char *folder,
                            struct diag *diag);

/* The same without the pictures and without looking at the checksum, for lists. */
enum status checkpoint_peek(struct checkpoint *out, const char *path, const char *folder,
                            struct diag *diag);

/* What is at path now. */
struct checkpoint_file checkpoint_file_now(const char *path);
bool checkpoint_file_same(const struct checkpoint_file *file);

#endif
