/*
 * progress_line.h: a line of text in the making, numbers as people and as programs like them, and
 * the line's way out. Knows nothing of bars, logs and losses.
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

/* A short text by value, so that several fit into one call: word(x).text. */
struct progress_word {
    char text[32];
};

void progress_line_add(struct progress_line *line, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Writes n bytes, but waits no longer than `wait` milliseconds for the next to be taken: what is
 * behind a pipe or a terminal may have stopped reading (EAGAIN). 0 or an errno; *done bytes went
 * out, into a pipe all or none of what it takes at once (PIPE_BUF). Safe in a signal handler. */
int progress_line_write(size_t *done, int fd, const char *text, size_t n, int wait);

/* The fewest digits that read back as the same number; `otherwise` for one that is not finite. */
struct progress_word progress_line_exact(double value, const char *otherwise);

/* Three digits: "2.51e5". */
struct progress_word progress_line_short(double value);

/* "21.4 it/s", or "1.35 s/it" when slow. */
struct progress_word progress_line_rate(double seconds_per_iteration);

/* "0:08", "12:06", "3h07", "4d05h"; "-:--" for what is negative or not finite. */
struct progress_word progress_line_duration(double seconds);

#endif
