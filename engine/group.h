/*
 * group.h: where the limits of this process's control groups are written down (Linux, versions 1
 * and 2). Knows nothing of what is limited.
 */
#ifndef STRATA_GROUP_H
#define STRATA_GROUP_H

#include <stddef.h>

/* The longest path or line that is looked at here. */
enum { GROUP_PATH = 1024 };

/* folder: of a group, with its files. */
typedef void group_visit(void *context, int version, const char *folder);

/* Visits the group of each kind that this process is in and those around it, whose limits hold as
 * well. controller: "memory", "cpu". root: where /proc and /sys are looked for, "" but in tests. */
void group_walk(const char *root, const char *controller, group_visit *visit, void *context);

/* The first line of folder's file, without its end; "" if there is none. */
void group_read(char out[GROUP_PATH], const char *folder, const char *file);

#endif
