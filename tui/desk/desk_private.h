/* desk_private.h: what desk.c and desk_finish.c share. Private to them. */
#ifndef STRATA_DESK_PRIVATE_H
#define STRATA_DESK_PRIVATE_H

#include <stdbool.h>

#include "engine/worker/worker.h"

/* The run without a screen, to its end or, if stop, only to its saving; says on the terminal where
 * its pictures are. The exit status. *worker NULL: there is no run. */
int desk_finish(struct worker **worker, bool stop);

#endif
