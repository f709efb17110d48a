/* terminfo.c: see terminfo.h. */
#include "tui/term/terminfo.h"

#include <ncurses.h>
#include <term.h>
#include <unistd.h>

/* Each setupterm keeps its memory and becomes the current terminal in place of curses' own, so
 * there is only one. */
int terminfo_colours(void)
{
    static int colours = -2;
    int error;
    if (colours == -2)
        colours = setupterm(NULL, STDOUT_FILENO, &error) == OK ? tigetnum("colors") : 0;
    return colours > 0 ? colours : 0;
}

const char *terminfo_version(void)
{
    return curses_version();
}
