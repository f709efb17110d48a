/* terminfo.c: see terminfo.h. */
#include "tui/term/terminfo.h"

#include <ncurses.h>
#include <term.h>
#include <unistd.h>

#include "tui/term/environment.h"

/* Each setupterm becomes the current terminal in place of curses' own, which has to come back. */
static int find_colours(void)
{
    int error, colours = 0;
    TERMINAL *own = cur_term;
    const char *name = environment_get("TERM");
    if (name && setupterm(name, STDOUT_FILENO, &error) == OK)
        colours = tigetnum("colors");
    if (own && cur_term != own)
        del_curterm(set_curterm(own));
    return colours;
}

int terminfo_colours(void)
{
    static int colours = -2;
    static unsigned generation;
    if (colours == -2 || generation != environment_generation())
        colours = find_colours();
    generation = environment_generation();
    return colours > 0 ? colours : 0;
}

const char *terminfo_version(void)
{
    return curses_version();
}
