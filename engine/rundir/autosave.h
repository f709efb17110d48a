/*
 * autosave.h: saves a run into its directory on a thread of its own, so that neither the run nor
 * the screen waits for a disk: checkpoints, the table of losses, the log, a small picture. What
 * cannot be written is told once and tried again. Owns the intervals; does not know what the run
 * does. All functions from one thread, that of the run.
 */
#ifndef STRATA_AUTOSAVE_H
#define STRATA_AUTOSAVE_H

#include <stdbool.h>

#include "engine/rundir/rundir.h"

struct autosave;

#define AUTOSAVE_SECONDS 30.0

/* Takes dir over and starts the thread. seconds: between two checkpoints. STATUS_LIBRARY if there
 * can be no thread; dir is then the caller's. */
enum status autosave_open(struct autosave **out, struct rundir *dir, double seconds,
                          struct diag *diag);

const struct rundir *autosave_dir(const struct autosave *a);

/* Is it time, and the last checkpoint written? */
bool autosave_due(const struct autosave *a);

/* The run as it is, with what else is in checkpoint, which is emptied, is to be written next,
 * instead of a checkpoint that still waits: a copy or, where there is no memory for one beside
 * `kept` bytes (see run_memory_beside), before this returns. */
void autosave_run(struct autosave *a, const struct run *run, size_t kept,
                  struct checkpoint *checkpoint);

/* One more line of losses.csv: those of the picture after `iteration` steps; and of the log. They
 * are written with the next checkpoint, or when the interval is over. */
void autosave_losses(struct autosave *a, int iteration, double seconds,
                     const struct losses *losses);
void autosave_log(struct autosave *a, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* What to tell people since the last call: that something could not be written, or that it can be
 * again (STATUS_OK). False: nothing. */
bool autosave_news(struct autosave *a, struct diag *diag);

/* Nothing has come of the run: autosave_close removes the directory, if no checkpoint is in it. */
void autosave_forget(struct autosave *a);

/* Waits until all is written, for a few seconds at most, and closes the directory. If the last
 * checkpoint could not be written there, it goes into a new directory below $TMPDIR or /tmp: the
 * status is then STATUS_OK and *diag says where, else its text is "". STATUS_IO: it is nowhere. A
 * run that is over, with its picture saved, needs none: its directory is removed.
 * NULL inside is fine. */
enum status autosave_close(struct autosave **a, struct diag *diag);

/* Cuts losses.csv where a run goes on from `iteration`, and calls take for each line before. */
void autosave_cut_losses(const struct rundir *dir, int iteration,
                         void (*take)(void *context, int iteration, const struct losses *losses),
                         void *context);

#endif
