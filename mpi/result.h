/*
 * result.h: the finished picture of a shared run: the processes' rows one after the other into a
 * file, which rank 0 writes.
 */
#ifndef STRATA_RESULT_H
#define STRATA_RESULT_H

#include "mpi/stage.h"

/* As run_picture and run_write together. Those at work at the last stage call this. */
enum status result_write(struct stage *stage, enum file_overwrite mode, struct diag *diag);

#endif
