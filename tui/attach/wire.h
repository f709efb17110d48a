/*
 * wire.h: messages between the process that has a run and the one that lends it a terminal, over a
 * Unix socket that keeps them apart (SOCK_SEQPACKET). Owns their form; nothing in them is believed
 * before it is checked.
 */
#ifndef STRATA_WIRE_H
#define STRATA_WIRE_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/base/diag.h"

/* Of the form; another one is refused with a sentence. */
enum { WIRE_VERSION = 1 };

enum wire_kind {
    WIRE_HELLO = 1, /* lends a terminal: its descriptors, environment_print in text; flags */
    WIRE_WELCOME,   /* it is taken; number: the process that now draws on it */
    WIRE_SUSPEND,   /* stop, as Ctrl-Z does; the terminal is as it was before */
    WIRE_GO,        /* lend it to the run in the directory text instead */
    WIRE_AWAY,      /* the terminal is given back, and the run goes on; text says so */
    WIRE_DROPPED,   /* the same, but as it did not read it could not be left as it was */
    WIRE_END,       /* it is given back, and the process ends: exit status number, as text, or "" */
    WIRE_KINDS
};

/* What a HELLO lends: the three standard descriptors, then the terminal as it was opened by its
 * owner: to read and write, to write without waiting, and once more so. */
enum { WIRE_STDIN, WIRE_STDOUT, WIRE_STDERR, WIRE_IN, WIRE_OUT, WIRE_RESTORE, WIRE_LENT };

/* Flags of a HELLO. */
enum { WIRE_READ_ONLY = 1 };

enum { WIRE_TEXT = 4096 };

struct wire_message {
    enum wire_kind kind;
    int number; /* flags, a process, an exit status */
    size_t size;
    char text[WIRE_TEXT + 1]; /* [size], and a zero byte behind them */
    int lent[WIRE_LENT];      /* descriptors, the receiver's to close; -1: none */
};

/* A pair of connected sockets. */
enum status wire_pair(int out[2], struct diag *diag);

/* Sends; does not wait for a reader that does not read (STATUS_IO). lent: [WIRE_LENT], or NULL. */
enum status wire_send(int fd, enum wire_kind kind, int number, const char *text, size_t size,
                      const int *lent, struct diag *diag);

/* The next message. STATUS_STOPPED: the other side is gone; STATUS_INPUT: it speaks another
 * version, or nonsense. With those two no descriptors are left open. */
enum status wire_receive(struct wire_message *out, int fd, struct diag *diag);

/* Closes those that a message brought. */
void wire_drop(struct wire_message *message);

/* Is the process at the other end of the same user? *process is its number. */
bool wire_same_user(int fd, long *process);

/* Listening at, and connecting to, the name `attach` in a folder. */
enum status wire_listen(int *out, const char *folder, struct diag *diag);
enum status wire_connect(int *out, const char *folder, struct diag *diag);

#endif
