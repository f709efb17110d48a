/*
 * waiting.h: how OpenMP's threads wait for each other. For a program's first lines.
 */
#ifndef STRATA_WAITING_H
#define STRATA_WAITING_H

/* Sets it, and starts the program once more if it was another; argv: main's. */
void waiting_choose(char **argv);

#endif
