/*
 * rundir.h: a run's directory: job.ini (as it was asked for), checkpoint and checkpoint.old,
 * losses.csv, latest.png, log, kept-N (pictures that the user keeps), attach (a socket, while the
 * run can be attached to) and lock; of a run that several processes share parts and part-N-I (see
 * mpi/saved.h) in place of the checkpoints. Owns their names, who may write to them, and which
 * directories there are. Whoever holds a struct rundir has it locked: on this machine, and on
 * others that see the same file system with locks. Other users may not read a directory.
 */
#ifndef STRATA_RUNDIR_H
#define STRATA_RUNDIR_H

#include <time.h>

#include "engine/rundir/checkpoint.h"

struct rundir;

/* A new directory for job, below the user's own (see rundir_root) or, unless path is "", at path,
 * where nothing or an empty folder may be. Nothing of the run need exist yet. */
enum status rundir_create(struct rundir **out, const char *path, const struct job *job,
                          struct diag *diag);

/* One that is there. STATUS_USAGE if it is being run: the sentence says where. What a process that
 * was killed has left half-written is removed, here and beside the job's output. */
enum status rundir_open(struct rundir **out, const char *path, struct diag *diag);

/* Unlocks. NULL inside is fine. */
void rundir_close(struct rundir **dir);

/* The same, and removes the directory. */
void rundir_discard(struct rundir **dir);

const char *rundir_path(const struct rundir *dir);

/* The path of a file in it. */
void rundir_file(char out[JOB_PATH], const struct rundir *dir, const char *name);

/* ---- its files ---------------------------------------------------------------------------- */

/* The newest checkpoint that is sound. *diag tells of one that was not, else its text is "". A run
 * that has none yet gives its job, with state.count 0. */
enum status rundir_read(struct checkpoint *out, struct rundir *dir, struct diag *diag);

/* One more checkpoint; the one before it is kept until the next. Sets serial. */
enum status rundir_write(struct rundir *dir, struct checkpoint *checkpoint, struct diag *diag);

/* The pictures that are kept, as checkpoints of their own: their numbers, rising; *count of at most
 * `most`. */
void rundir_kept(int *numbers, int *count, int most, const struct rundir *dir);
enum status rundir_read_kept(struct checkpoint *out, const struct rundir *dir, int number,
                             struct diag *diag);
enum status rundir_write_kept(const struct rundir *dir, const struct checkpoint *kept,
                              struct diag *diag);
void rundir_remove_kept(const struct rundir *dir, int number);

/* Text to the end of losses.csv or log. */
enum status rundir_append(const struct rundir *dir, const char *name, const char *text,
                          struct diag *diag);

/* ---- all of them -------------------------------------------------------------------------- */

enum rundir_state {
    RUNDIR_RUNNING,    /* a process has it */
    RUNDIR_UNFINISHED, /* it can go on, and nobody said that it should not */
    RUNDIR_FINISHED,
    RUNDIR_DAMAGED     /* no checkpoint in it can be used, nor its job */
};

struct rundir_entry {
    char path[JOB_PATH];
    enum rundir_state state;
    char host[64]; /* of the process that has it or had it last, "" if it left in order */
    long pid;
    int iteration, iterations;
    time_t changed;
    size_t bytes;
    char content[JOB_PATH], output[JOB_PATH]; /* where it was saved, or is to be */
};

/* The user's own folder of run directories: $XDG_STATE_HOME/strata/runs or
 * ~/.local/state/strata/runs. STATUS_OUTPUT if there can be none. */
enum status rundir_root(char out[JOB_PATH], struct diag *diag);

/* What is in the user's own folder, newest first: *count of them; mem_free. */
enum status rundir_list(struct rundir_entry **out, int *count, struct diag *diag);

/* About the directory at path; false if it is none of a run, or another user's. */
bool rundir_look(struct rundir_entry *out, const char *path);

/* The directory that word means: its path, its name, the beginning of one name only, or, for "",
 * the newest that has one of the states (bits 1 << enum rundir_state). */
enum status rundir_find(char out[JOB_PATH], const char *word, unsigned states, struct diag *diag);

/* Was the run in that directory asked for with just this job? */
bool rundir_is_of(const char *path, const struct job *job);

/* The newest unfinished run that was asked for with just this job; false: there is none. */
bool rundir_find_job(char out[JOB_PATH], const struct job *job);

/* Bytes that run directories may take together before old ones go by themselves. */
#define RUNDIR_LIMIT ((size_t)4 << 30)

/* Removes the oldest finished ones until all together take at most so many bytes. *removed of them;
 * *left bytes. */
enum status rundir_prune(int *removed, size_t *left, size_t limit, struct diag *diag);

#endif
