/*
 * folder_help.h: a folder of its own for a test group, made before it and removed, empty, after.
 */
#ifndef STRATA_FOLDER_HELP_H
#define STRATA_FOLDER_HELP_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char folder[256];

static inline int make_folder(void **state)
{
    (void)state;
    const char *base = getenv("TMPDIR");
    snprintf(folder, sizeof folder, "%s/strata-test-XXXXXX", base && *base ? base : "/tmp");
    return mkdtemp(folder) ? 0 : -1;
}

static inline int remove_folder(void **state)
{
    (void)state;
    return rmdir(folder); /* fails if a test left something behind */
}

#endif
