/*
 * server.h: the run's process as the host of whoever lends it a terminal: one at a time, the last
 * who came. Owns the socket in the run's directory and the standard descriptors; does not draw.
 * One thread.
 */
#ifndef STRATA_SERVER_H
#define STRATA_SERVER_H

#include <poll.h>
#include <stdbool.h>

#include "tui/attach/wire.h"

struct server;

/* first: a connection that will lend a terminal; -1: nobody does yet. The standard descriptors lead
 * nowhere until one is taken. */
struct server *server_open(int first);

/* Gives the terminal back, if one is there, with the exit status of the process; stops listening.
 * NULL inside is fine. */
void server_close(struct server **server, int status);

/* From here on people may attach to the run in that directory; "" or the same as before: nothing
 * changes, but that a socket that somebody has deleted is made anew. */
enum status server_listen(struct server *server, const char *folder, struct diag *diag);

/* Fills in what to poll for: at most SERVER_FDS. */
enum { SERVER_FDS = 2 };
int server_polls(const struct server *server, struct pollfd fds[SERVER_FDS]);

enum server_event {
    SERVER_NOTHING,
    SERVER_GONE, /* who lent the terminal is gone */
    SERVER_GUEST /* somebody else wants to lend one: server_welcome or server_refuse */
};

/* What has happened; waits for nothing but a moment for one who has connected. */
enum server_event server_take(struct server *server);

/* The guest's terminal is the one from here on. lent: its WIRE_IN and what follows, the caller's to
 * close. */
void server_welcome(struct server *server, int lent[WIRE_LENT], bool *read_only);
bool server_wants_to_look(const struct server *server); /* and only that */
void server_refuse(struct server *server, const char *why);

/* Gives it back: the run goes on; text tells its owner, who ends with that status, and has to make
 * the screen what it was unless it is restored. */
void server_release(struct server *server, bool restored, int status, const char *text);

/* Its owner is to stop, as Ctrl-Z does; or to lend it to the run in that directory. */
void server_suspend(struct server *server);
void server_send_on(struct server *server, const char *folder);

/* Is somebody waiting to attach? Async-signal-safe. */
bool server_has_guest(void);

#endif
