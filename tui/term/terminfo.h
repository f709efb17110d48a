/*
 * terminfo.h: what the terminal's description says, without curses on the screen.
 */
#ifndef STRATA_TERMINFO_H
#define STRATA_TERMINFO_H

/* The colours that the terminal named by TERM (see environment.h) has; 0: none, or nothing is
 * known. */
int terminfo_colours(void);

/* "ncurses 6.4.20221231": static. */
const char *terminfo_version(void);

#endif
