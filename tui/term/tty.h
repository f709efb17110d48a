/*
 * tty.h: the controlling terminal as streams of bytes: asks it what it can before curses starts,
 * keeps its answers out of the keys for as long as the program runs, and offers a way out that
 * never blocks, for pictures. Restoring the screen is not its business; knows no curses, no views.
 *
 * What is typed goes through a pipe, which curses reads in place of the terminal:
 *
 *     tty_open(&tty, deadline, &diag);         before newterm: asks, waits at most the deadline
 *     newterm(NULL, stdout, tty_keys(tty));    curses writes to the terminal, reads our pipe
 *     loop: poll tty_fd(tty) for POLLIN, at most tty_wait(tty, now) seconds
 *           tty_read(tty, now);                then wgetch (nodelay) until ERR
 *
 * The pipe blocks at neither end: a key that curses waits for would come from the thread that
 * waits. Reports of the mouse go through it whole, in one form (replies.h).
 *
 * One thread. Times are seconds on clock_now.
 */
#ifndef STRATA_TTY_H
#define STRATA_TTY_H

#include <stdio.h>

#include "engine/base/diag.h"
#include "tui/term/replies.h"

struct tty;

#define TTY_DEADLINE 1.0 /* seconds, unless the user requests otherwise */

/* Which of the questions are asked. A multiplexer makes kitty's query the window's title; the
 * linux console and its like answer nothing of use and print some of it. */
enum tty_questions { TTY_NONE, TTY_NO_KITTY, TTY_ALL };

/* What TERM, TMUX and STY (each may be NULL) leave to be asked. */
enum tty_questions tty_may_ask(const char *term, const char *tmux, const char *sty);

/* Opens the terminal at path, /dev/tty for the controlling one, and asks it: one write, then waits
 * for the last answer, at most deadline seconds. What was typed meanwhile is kept for tty_keys.
 * STATUS_IO without a terminal. */
enum status tty_open(struct tty **out, const char *path, enum tty_questions questions,
                     double deadline, struct diag *diag);

/* The same on a terminal that is open already: in to read and write, out, of its own opening, does
 * not block. Takes both over. */
enum status tty_open_lent(struct tty **out, int in, int out_fd, enum tty_questions questions,
                          double deadline, struct diag *diag);

/* Closes its own descriptors, tty_keys's too: after endwin and delscreen. What the terminal had to
 * say but has not yet is thrown away, so that it does not reach the shell. NULL inside is fine. */
void tty_close(struct tty **tty);

/* Asks again, as tty_open: after SIGCONT another terminal may be attached. */
void tty_ask(struct tty *tty, double deadline);

/* Asks for the size of a cell again, waits for nothing: after SIGWINCH. */
void tty_ask_size(struct tty *tty);

const struct answers *tty_answers(const struct tty *tty); /* lent, changes with tty_read */

/* Seconds that the first answer took, 0 if there was none. */
double tty_round(const struct tty *tty);

int tty_fd(const struct tty *tty);     /* to be polled for input */
int tty_out(const struct tty *tty);    /* the same terminal, non-blocking, for pictures */
FILE *tty_keys(const struct tty *tty); /* what was typed; lent */

/* Moves what has come in to tty_keys, the replies to tty_answers. STATUS_IO: the terminal is gone.
 */
enum status tty_read(struct tty *tty, double now);

/* How long until tty_read should be called although nothing came: a lone Escape is due. Below 0:
 * for ever. */
double tty_wait(const struct tty *tty, double now);

/* An answer that tty_answers counts is under way: a part of it may be slow to follow. */
void tty_await(struct tty *tty, bool awaiting);

/* Reports of the mouse, in their oldest form as well, of focus and pastes are to be expected. */
void tty_expect_reports(struct tty *tty);

/* What was pasted last, once tty_keys has told of it. Lent until the next tty_read. */
const char *tty_pasted(const struct tty *tty);

/* Writes all of it, or as much as the terminal takes within a second; whether it took all.
 * Async-signal-safe. */
bool tty_write(int fd, const char *text, size_t size);


/* Seconds to wait for answers, from 0 to 60: "1.5". */
enum status tty_parse_deadline(double *out, const char *text, struct diag *diag);

#endif
