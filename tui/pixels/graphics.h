/*
 * graphics.h: decides how pictures are drawn on a terminal, from what it answered, from its
 * surroundings and from what the user requests, and says why. Asks nothing, draws nothing.
 */
#ifndef STRATA_GRAPHICS_H
#define STRATA_GRAPHICS_H

#include <stdbool.h>

#include "engine/base/diag.h"
#include "tui/pixels/cells.h"
#include "tui/term/replies.h"

/* X(NAME, word): from the last resort to the best. */
#define GRAPHICS_LIST(X)                                                                           \
    X(NONE, "none")                                                                                \
    X(ASCII, "ascii")                                                                              \
    X(CELLS, "cells")                                                                              \
    X(KITTY, "kitty")                                                                              \
    X(SIXEL, "sixel")

enum graphics_kind {
#define X(name, word) GRAPHICS_##name,
    GRAPHICS_LIST(X)
#undef X
        GRAPHICS_AUTO,
};

/* What else is known of the terminal; strings may be NULL. */
struct graphics_environment {
    const char *term, *tmux, *sty; /* the environment */
    bool utf8;                     /* the locale's */
    enum cells_colours colours;    /* terminfo's, COLORTERM's; none with NO_COLOR */
    int rows, columns;             /* TIOCGWINSZ; 0: unknown */
    int pixel_width, pixel_height; /* of the whole window, TIOCGWINSZ; often 0 or invented */
};

struct graphics {
    enum graphics_kind kind;
    int cell_width, cell_height; /* pixels, always positive */
    int rows, columns;           /* of the screen; 0: unknown */
    int registers;               /* colours of a picture in sixel */
    bool synchronised;           /* mode 2026 is understood */
    bool answers;                /* it answers questions, so DSR paces pictures */
    char why[160];               /* why this kind: "it reports attribute 4 (62;4;22)" */
    char why_cell[80];           /* where the cell's size comes from */
};

/* Reads the environment, the locale (setlocale has been called) and the terminal at fd. */
struct graphics_environment graphics_environment_read(int fd);

/* wanted GRAPHICS_AUTO: the best there is. Any other is obeyed, except that pictures made of
 * characters beyond ASCII need UTF-8. */
struct graphics graphics_decide(enum graphics_kind wanted, const struct answers *answers,
                                const struct graphics_environment *around);

/* "sixel" -> GRAPHICS_SIXEL. STATUS_USAGE with the words there are. */
enum status graphics_parse(enum graphics_kind *out, const char *word, struct diag *diag);
const char *graphics_word(enum graphics_kind kind);

#endif
