/*
 * term.h: the terminal: modes, size, keys and mouse, signals, and its restoration on every way out,
 * crashes included. There is one terminal, so there is one of this. Knows nothing of views.
 */
#ifndef STRATA_TERM_H
#define STRATA_TERM_H

#include <stdbool.h>

#include "engine/base/diag.h"
#include "tui/term/pointer.h"
#include "tui/term/tty.h"

/* The next term_open takes a terminal that another process has opened and lends, over the standard
 * descriptors and these: to read and write; to write without blocking, twice. They become its own.
 * Its variables are those of environment.h. */
void term_lend(int in, int out, int restore);

/* Signals come as term_events from here on, although there is no terminal yet. */
void term_catch(int wake_fd);

/* Asks the terminal what it can, for at most `deadline` seconds, then starts curses on it.
 * STATUS_USAGE, with a sentence, if that is no terminal, or one
 * that cannot draw a screen. Signals and resizes write a byte to wake_fd. */
enum status term_open(int wake_fd, double deadline, struct diag *diag);

/* Starts curses with a screen of that size that is not shown, for scripts. */
enum status term_open_hidden(int rows, int columns, struct diag *diag);

/* Ends curses and restores the terminal; at most once, also if never opened. After a signal that
 * ends the program it waits for no terminal; what is printed then may be lost. */
void term_close(void);

/* Did the terminal that was closed last take what makes it as it was before? */
bool term_restored(void);

/* What has happened since the last call: bits. */
enum {
    TERM_RESIZED = 1, /* curses knows the new size already */
    TERM_STOP = 2,    /* SIGTSTP: call term_suspend */
    TERM_QUIT = 4,    /* SIGINT, SIGTERM and their like: term_quit_signal says which */
    TERM_HANGUP = 8,  /* SIGHUP, or the terminal is gone */
    TERM_RESUMED = 16 /* SIGCONT: the screen has to be drawn anew */
};
unsigned term_events(void);
int term_quit_signal(void);

/* What is read through: poll it, and call tty_read before term_key. NULL for a hidden screen. */
struct tty *term_tty(void);

void term_size(int *rows, int *columns);

/* A hidden screen's new size. */
void term_resize_hidden(int rows, int columns);

/* The next key that was typed, a code of keycodes.h; 0 if there is none. *pointer is filled for
 * KEYCODE_MOUSE. */
int term_key(struct pointer *pointer);

/* What was pasted, for KEYCODE_PASTE: UTF-8, of control characters only \n and \t; lent until the
 * next term_key. */
const char *term_pasted(void);

/* Without, the terminal reports no mouse, and its own selection of text works. Holds for terminals
 * that are opened later, too. Not while half of a picture's piece is out. */
void term_use_mouse(bool use);

/* Restores the terminal, stops this process as Ctrl-Z does, and comes back after fg. A terminal
 * that is lent is only restored: draw nothing until TERM_RESUMED. */
void term_suspend(void);

/* While on, a terminal that has not taken what is written to it for a minute, or for two seconds
 * while give_up, which must be async-signal-safe, says so, is let go: TERM_HANGUP. */
void term_watch(bool on, bool (*give_up)(void));

/* The next draw_end writes every cell. */
void term_redraw(void);

/* Gives the terminal up: it is gone, or hangs. It is restored if it takes that at once; nothing
 * that is printed afterwards reaches it. */
void term_abandon(void);

#endif
