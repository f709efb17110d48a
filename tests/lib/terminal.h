/*
 * terminal.h: a scripted terminal: the far end of a pseudo-terminal, played by a thread that
 * answers what it is asked, at once or late, in pieces, wrongly or never, reads as slowly as a bad
 * link, and keeps all that was written to it.
 */
#ifndef TESTS_LIB_TERMINAL_H
#define TESTS_LIB_TERMINAL_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <pty.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "engine/base/clock.h"
#include "tui/term/tty.h"

/* What it answers; NULL: nothing. */
struct script {
    const char *attributes, *kitty, *cell, *registers, *synchronised, *name, *ready;
    double delay; /* seconds before an answer */
    bool split;   /* every byte of it alone */
    double rate;  /* bytes per second that it reads; 0: as fast as it can */
    bool forget;  /* keeps no copy of what was written */
    unsigned short rows, columns, width, height; /* 0 rows: 24×80; pixels of the window */
};

struct terminal {
    struct script script;
    int master, slave;
    char path[64];
    pthread_t thread;
    atomic_bool stop;
    atomic_size_t size;    /* of what was written to it */
    atomic_uint asked;     /* DSR 5 */
    atomic_uint marks;     /* TERMINAL_MARK */
    double marked;         /* when the last of them arrived; read after marks */
    char *text;            /* that; read it after terminal_end, or up to size */
    size_t room, seen;     /* seen: searched for questions */
    char pending[1 << 16]; /* answers to be given */
    size_t pending_size;
    double due;
};

/* Does nothing on a screen; tells when it has arrived. */
#define TERMINAL_MARK "\033[77m"

#define XTERM .attributes = "\033[?64;1;2;4;22c"

void terminal_answer(struct terminal *t, const char *text, double now);

/* Answers the questions that have come whole. */
void terminal_look(struct terminal *t, double now);

void terminal_reply(struct terminal *t, double now);

void *terminal_play(void *context);

struct terminal *terminal_begin(struct script script);

/* Stops it; t->text is then all that was written. */
void terminal_end(struct terminal *t);

void terminal_free(struct terminal *t);

void terminal_type(struct terminal *t, const char *keys);

/* Asked as at the program's start. */
struct tty *terminal_tty(struct terminal *t, double deadline);

/* The keys that have come through so far. */
const char *terminal_keys(struct tty *tty);

/* Reads the terminal as the desk's loop does. */
void terminal_wait(struct tty *tty, double seconds);

#endif
