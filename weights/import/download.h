/*
 * download.h: one file over HTTP to a place on disk, going on where an earlier attempt ended. Sole
 * user of libcurl. Knows nothing of what the file should be.
 */
#ifndef STRATA_DOWNLOAD_H
#define STRATA_DOWNLOAD_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/base/diag.h"

struct download {
    const char *url, *path; /* path: the part that is there already is kept and continued */
    size_t size;            /* bytes expected; 0: not known */
    int patience;           /* seconds to bear a server that is slower than 1 kB/s */
    bool resumed;           /* out: something was there before */
};

/* STATUS_NETWORK: no answer, an error of the server's, a connection that broke (what came is kept);
 * STATUS_INPUT: more than was expected; STATUS_IO: path cannot be written, or another process is
 * at it. Shows progress on stderr if that is a terminal. */
enum status download_file(struct download *download, struct diag *diag);

#endif
