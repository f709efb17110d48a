/*
 * outside.h: what a terminal shows and keeps outside of our cells: its title, a progress bar, the
 * clipboard, the bell and notices on the desktop. There is one terminal, so there is one of this.
 * What is wanted is kept and written by outside_flush alone, so that it never falls into the middle
 * of a picture's escape sequence; terminals that are not known to understand are sent nothing.
 * Knows nothing of runs. One thread, but for outside_restore.
 */
#ifndef STRATA_OUTSIDE_H
#define STRATA_OUTSIDE_H

#include <stdbool.h>

#include "tui/term/replies.h"

/* How a notice is written. */
enum outside_form { OUTSIDE_BELL, OUTSIDE_OSC_9, OUTSIDE_OSC_99, OUTSIDE_OSC_777 };

/* What a terminal understands. */
struct outside_can {
    bool title;    /* OSC 2, and OSC 52 for the clipboard */
    bool progress; /* OSC 9;4, which others take for a notice */
    enum outside_form form;
};

/* By environment.h's variables and the name that it gives itself (XTVERSION), "" if none. */
struct outside_can outside_find(const char *name);

/* fd: written to; answers: the terminal's, lent, may change. */
void outside_open(int fd, const struct answers *answers);
void outside_close(void);

/* Writes to fd what makes title and progress as they were before. The next outside_flush sets them
 * anew. Async-signal-safe. */
void outside_restore(int fd);

/* BEGINS: how far it is is not known. */
enum outside_state { OUTSIDE_IDLE, OUTSIDE_BEGINS, OUTSIDE_RUNS, OUTSIDE_RESTS, OUTSIDE_FAILED };

/* The title, any text, and the progress, while shown; "" leaves the terminal's own title. */
void outside_show(const char *title, enum outside_state state, int percent);

/* Rings the bell or, with a text, tells it on the desktop where the terminal can do that. */
void outside_notify(const char *text);

/* Puts text into the clipboard; at most OUTSIDE_COPY bytes. false: it cannot be. Whether the
 * terminal allows it is not known. */
enum { OUTSIDE_COPY = 32768 };
bool outside_copy(const char *text);

/* Writes what has changed: a title of the same state at most once a second. Between two pictures'
 * pieces, after pixels_finish_piece. */
void outside_flush(double now);

#endif
