/*
 * inline.h: a picture among the lines of a terminal, where the cursor is, as `strata show` and
 * `strata doctor` draw it. Knows no curses.
 */
#ifndef STRATA_INLINE_H
#define STRATA_INLINE_H

#include "../engine/diag.h"
#include "graphics.h"

/* rgb is [height][width][3]; it gets at most columns × rows cells, and the cursor ends up at the
 * beginning of the line below. Writes to stdout; does nothing for GRAPHICS_NONE. */
enum status inline_draw(const struct graphics *graphics, enum cells_colours colours,
                        const unsigned char *rgb, int width, int height, int columns, int rows,
                        struct diag *diag);

#endif
