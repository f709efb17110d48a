/*
 * cgroup.h: where the limits of this process's control groups are written down (Linux, versions 1
 * and 2). Knows nothing of what is limited:
 * budget.c reads limits of memory with this, cores.c those of processors.
 */
#ifndef STRATA_CGROUP_H
#define STRATA_CGROUP_H

#include <stddef.h>

/* The longest path or line that is looked at here. */
enum { CGROUP_PATH = 1024 };

/* folder: of a group, with its files. */
typedef void cgroup_visit(void *context, int version, const char *folder);

/* Visits the group of each kind that this process is in and those around it, whose limits hold as
 * well. controller: "memory", "cpu". root: where /proc and /sys are looked for, "" but in tests. */
void cgroup_walk(const char *root, const char *controller, cgroup_visit *visit, void *context);

/* The first line of folder's file, without its end; "" if there is none. */
void cgroup_read(char out[CGROUP_PATH], const char *folder, const char *file);

#endif
