/*
 * progress_line.h: a line of text under construction, and writing it to a descriptor
 * that may not be read. Knows nothing of bars, logs and losses.
 */
#ifndef STRATA_PROGRESS_LINE_H
#define STRATA_PROGRESS_LINE_H

#include <stddef.h>

/* How long a write is waited for, milliseconds. */
enum { PROGRESS_WAIT = 200 };

/* Start it zeroed. What does not fit is cut off. */
struct progress_line {
    size_t used;
    char text[4096];
};

void progress_line_add(struct progress_line *line, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Writes n bytes, but waits no longer than `wait` milliseconds for the next to be taken: what is
 * behind a pipe or a terminal may have stopped reading (EAGAIN). 0 or an errno; *done bytes went
 * out, into a pipe all or none of what it takes at once (PIPE_BUF). Safe in a signal handler. */
int progress_line_write(size_t *done, int fd, const char *text, size_t n, int wait);

#endif
