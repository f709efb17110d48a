/*
 * paths.h: paths as people write them: typed, with ~ for home, or pasted, as terminals, shells and
 * file managers write the name of a file that was dropped. Text only; the disk is not asked.
 */
#ifndef STRATA_PATHS_H
#define STRATA_PATHS_H

#include <stdbool.h>

#include "engine/job/job.h"

/* Is it the beginning of a path, not of a name? "/", "~", "./", ".." begin one. */
bool paths_begins(const char *text);

/* The path that text means in folder ("": the working directory), with ~ spelled out. */
void paths_expand(char out[JOB_PATH], const char *text, const char *folder);

/* The files that pasted text names, at most `most` of them; returns how many there are. One a line,
 * or parted by blanks, in quotes, with blanks behind backslashes, or as file:// URLs. A blank that
 * is neither behind a picture's ending nor in front of what begins as a path is part of a name. */
int paths_parse(const char *text, char (*out)[JOB_PATH], int most);

/* Puts what the names, one behind the other and then an empty one, have in common in place of the
 * last part of text; returns how many there are. */
int paths_complete(char text[JOB_PATH], const char *names);

/* The paths one behind the other, then an empty one; mem_free. */
char *paths_join(const char (*paths)[JOB_PATH], int count);

#endif
