/*
 * confine.h: takes rights from this process before it reads a file that may have been made to
 * attack a library. Knows no formats.
 */
#ifndef STRATA_CONFINE_H
#define STRATA_CONFINE_H

#include <stdbool.h>

/* From now on, and for good, the calling thread and those that it starts may write and make files
 * in folder ("" is the working directory) and below only, execute none, and open no connection.
 * Reading stays. False: the kernel cannot do that (Linux 5.13 can; connections from 6.7 on). */
bool confine_to(const char *folder);

#endif
