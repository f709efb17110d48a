/*
 * term_private.h: what term.c, which owns the terminal, asks of term_keys.c.
 */
#ifndef STRATA_TERM_PRIVATE_H
#define STRATA_TERM_PRIVATE_H

#include "tui/term/term.h"

/* After curses has started: keys can be read, and pastes of tty (NULL for a hidden screen). */
void term_keys_open(const struct tty *tty);

#endif
