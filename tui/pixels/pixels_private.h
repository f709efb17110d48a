/*
 * pixels_private.h: private to pixels.c, which says what is wanted, pixels_cells.c, which draws it
 * in characters, and pixels_send.c, which sends it: what they share.
 */
#ifndef STRATA_PIXELS_PRIVATE_H
#define STRATA_PIXELS_PRIVATE_H

#include "tui/pixels/pacing.h"
#include "tui/pixels/pixels.h"
#include "tui/pixels/pixels_codec.h"

enum { PIXELS_WIPES = 32, PIXELS_NONE = -1 };

struct picture {
    unsigned char *rgb; /* mem_free */
    int width, height;
};

struct slot {
    bool wanted;
    bool fresh;     /* wants differs from what is on the screen */
    bool lost;      /* what was on the screen may be damaged */
    bool on_screen; /* cells hold a picture of pixel_width × pixel_height, or part of it */
    struct rect box, cells;
    int pixel_width, pixel_height;
    double pixels; /* of the picture at its full size; 0: not known yet */
    struct picture wants, shows;
    int quality; /* that it shows */
    struct colours colours;
    struct cell *grid, *coming; /* cells of box: as drawn, and as they will be */
};

struct pixels {
    struct tty *tty;
    struct graphics graphics;
    enum cells_colours cell_colours;
    const struct codec *codec; /* NULL: cells, or nothing */
    struct slot slot[PIXELS_SLOTS];
    struct rect wipe[PIXELS_WIPES];
    int wipes;
    struct pacing flow;
    unsigned answers; /* of the terminal's, counted already */
    double quiet;     /* nothing new goes out before */
    int current;      /* slot under way, or PIXELS_NONE */
    struct frame frame;
    struct bytes out; /* the piece under way */
    size_t out_at;
    double thick; /* bytes that these pictures take, as a part of what qualities guess */
    double began, ended;    /* the last picture */
    double processor, took; /* that it needed, and from begin to end */
    size_t sent;
    int released;       /* rows of the picture in cells under way */
    size_t drawn_bytes; /* that curses has been given to write */
    bool redraw, settled, refining;
    struct pixels_figures figures;
};

/* Ends the picture under way before its time. */
void pixels_abandon(struct pixels *preview);

void pixels_set_picture(struct picture *picture, const unsigned char *rgb, int width, int height);

bool pixels_in_cells(const struct pixels *preview);

/* All of slot's picture as cells of its box: grid[box.height][box.width]. */
void pixels_make_grid(const struct pixels *preview, const struct slot *slot, struct cell *grid);

/* The picture of slot i in cells, begun: false if there is no room; and its next rows. */
bool pixels_cells_begin(struct pixels *preview, int i);
void pixels_cells_piece(struct pixels *preview, size_t room);

/* Wipes, and writes what is left, to a terminal that may have stopped reading. */
void pixels_write_last(struct pixels *preview);

#endif
