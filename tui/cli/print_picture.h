/*
 * print_picture.h: a picture among the lines of a terminal, where the cursor is, as `strata show`
 * and `strata doctor` draw it. Knows no curses.
 */
#ifndef STRATA_PRINT_PICTURE_H
#define STRATA_PRINT_PICTURE_H

#include "engine/base/diag.h"
#include "tui/pixels/graphics.h"

/* rgb is [height][width][3]; it gets at most columns × rows cells, and the cursor ends up at the
 * beginning of the line below. Writes to stdout; does nothing for GRAPHICS_NONE. */
enum status print_picture(const struct graphics *graphics, enum cells_colours colours,
                        const unsigned char *rgb, int width, int height, int columns, int rows,
                        struct diag *diag);

#endif
