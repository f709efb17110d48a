/*
 * environment.h: the variables that say what a terminal is (TERM, COLORTERM, NO_COLOR, TMUX, …).
 * They are those of the process that the terminal belongs to: this one or, where another process
 * lends it, that one. One thread.
 */
#ifndef STRATA_ENVIRONMENT_H
#define STRATA_ENVIRONMENT_H

#include <stdbool.h>
#include <stddef.h>

/* The value, lent, or NULL. */
const char *environment_get(const char *name);

/* Does the terminal's owner write UTF-8? */
bool environment_utf8(void);

/* What environment_take takes in another process: NAME=value, each with its zero byte; the bytes
 * that it needs, at most size. */
size_t environment_print(char *out, size_t size);

/* From here on these count, until the next call; what is no such variable is passed over. */
void environment_take(const char *text, size_t size);

/* Grows with each environment_take: what was derived from the variables is to be found anew. */
unsigned environment_generation(void);

#endif
