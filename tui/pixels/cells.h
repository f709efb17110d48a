/*
 * cells.h: pictures made of characters in colours, for terminals without graphics. Sole user of
 * libchafa, which chooses characters and colours. Knows neither curses nor escape sequences.
 */
#ifndef STRATA_CELLS_H
#define STRATA_CELLS_H

#include <stdbool.h>
#include <stdint.h>

/* What the terminal's cells can say. */
enum cells_colours { CELLS_MONO, CELLS_8, CELLS_16, CELLS_256, CELLS_TRUE };

/* What a terminal with so many colours can show. */
enum cells_colours cells_colours(int colours);

struct cell {
    uint32_t character; /* Unicode */
    int32_t fore, back; /* a colour's number, or 0xRRGGBB with CELLS_TRUE; −1: the terminal's own */
};

enum { CELL_DEFAULT = -1 };

/* out[rows][columns] shows all of rgb, [height][width][3]. ascii: with no other characters. */
void cells_draw(struct cell *out, int columns, int rows, enum cells_colours colours, bool ascii,
                const unsigned char *rgb, int width, int height);

/* How many bytes a cell takes at most, about, on its way to the terminal. */
int cells_cost(enum cells_colours colours);

#endif
