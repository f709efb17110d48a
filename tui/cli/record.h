/*
 * record.h: the finished picture of a run without a workbench, on its way into the history that the
 * workbench shows. Knows nothing of how the run went.
 */
#ifndef STRATA_RECORD_H
#define STRATA_RECORD_H

#include "engine/rundir/autosave.h"

/* file: what the picture was saved as; autosave: that of the run, or NULL. Nothing where no history
 * is kept. */
enum status record_picture(const struct run *run, const char *file,
                           const struct autosave *autosave, const struct losses *losses,
                           struct diag *diag);

#endif
