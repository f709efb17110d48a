/*
 * client.h: the process that a terminal belongs to while another one, which has the run, draws on
 * it: lends it, hands signals on, waits for its return. Knows nothing of what is drawn.
 */
#ifndef STRATA_CLIENT_H
#define STRATA_CLIENT_H

#include <stdbool.h>
#include <sys/types.h>

/* Lends this process's terminal over connection, which is closed. child: the process at its other
 * end if that is our own, else 0. The exit status. */
int client_lend(int connection, pid_t child, bool read_only);

/* Waits for the first word of a process that paints without a terminal, and says it. */
int client_await(int connection);

#endif
