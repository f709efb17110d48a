/*
 * progress_log.h: the losses of a run as a table beside its output. It is written line by line
 * under its final name, so that it can be watched while it grows. Knows nothing of terminals.
 */
#ifndef STRATA_PROGRESS_LOG_H
#define STRATA_PROGRESS_LOG_H

#include <stdbool.h>

#include "engine/base/file.h"
#include "engine/style/losses.h"

struct progress_log;

/* Makes the file at path and writes the table's head (STATUS_OUTPUT). append: goes on in one that
 * is there. original: the table is as neural_style.py's, for NumPy's loadtxt. */
enum status progress_log_open(struct progress_log **out, const char *path,
                              enum file_overwrite mode, bool append, bool original,
                              struct diag *diag);

/* A line of the table: iteration, seconds since the run began, the losses in their order. STATUS_IO
 * if it cannot be written. */
enum status progress_log_add(struct progress_log *log, int iteration, double seconds,
                             const struct losses *losses, struct diag *diag);

/* Closes the file (STATUS_IO); nothing can be added after that. */
enum status progress_log_end(struct progress_log *log, struct diag *diag);

/* NULL inside is fine. Without progress_log_end before, the file is whole, but unchecked. */
void progress_log_close(struct progress_log **log);

#endif
