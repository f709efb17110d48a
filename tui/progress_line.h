/*
 * progress_line.h: a line of text in the making, numbers as people and as programs like them, and
 * the line's way out. Knows nothing of bars, logs and losses.
 */
#ifndef STRATA_PROGRESS_LINE_H
#define STRATA_PROGRESS_LINE_H

#include <stddef.h>

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

/* Writes all of it, however often that takes; 0 or an errno. */
int progress_line_write(int fd, const struct progress_line *line);

/* The fewest digits that read back as the same number; `otherwise` for one that is not finite. */
struct progress_word progress_line_exact(double value, const char *otherwise);

/* Three digits: "2.51e5". */
struct progress_word progress_line_short(double value);

/* "21.4 it/s", or "1.35 s/it" when slow. */
struct progress_word progress_line_rate(double seconds_per_iteration);

/* "0:08", "12:06", "3h07", "4d05h"; "-:--" for what is negative or not finite. */
struct progress_word progress_line_duration(double seconds);

#endif
