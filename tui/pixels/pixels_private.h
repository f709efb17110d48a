/*
 * pixels_private.h: what the files of pixels share, the lower before the higher:
 *     pixels_frame.c  one picture made ready for the terminal, in pieces (pixels_codec.h)
 *     pixels_slot.c   what a slot wants and shows
 *     pixels_cells.c  pictures in characters
 *     pixels_send.c   which picture goes out next, how good, in which pieces
 *     pixels.c        what is to be seen
 */
#ifndef STRATA_PIXELS_PRIVATE_H
#define STRATA_PIXELS_PRIVATE_H

#include "tui/pixels/pacing.h"
#include "tui/pixels/pixels.h"
#include "tui/pixels/pixels_codec.h"

enum { PIXELS_WIPES = 2 * PIXELS_SLOTS, PIXELS_NONE = -1 };

enum { PIXELS_IN_CELL = 4 }; /* across, of a picture in characters */

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
    uint64_t subject;
    int pixel_width, pixel_height;
    double pixels; /* of the picture at its full size; 0: not known yet */
    struct picture wants, shows;
    int quality; /* that it shows */
    struct colours colours;
    struct cell *grid, *next_grid; /* cells of box: as drawn, and as they will be */
};

/* What was sent, for tests: bytes of the last picture, colours of a sixel. */
struct pixels_figures {
    size_t bytes;
    int colours, shrink;  /* of a sixel; its sides, and kitty's, were divided by that */
    unsigned pictures;    /* drawn in all */
};

struct pixels {
    struct tty *tty;
    struct graphics graphics;
    enum cells_colours cell_colours;
    const struct codec *codec; /* NULL: cells, or nothing */
    struct slot slot[PIXELS_SLOTS];
    struct rect wipe[PIXELS_WIPES];
    int wipes;
    struct pacing pacing;
    unsigned answers; /* of the terminal's, counted already */
    double not_before;     /* nothing new goes out before */
    int current;      /* slot under way, or PIXELS_NONE */
    struct frame frame;
    struct bytes out; /* the piece under way */
    size_t out_at;
    double size_factor; /* bytes that these pictures take, as a part of what qualities guess */
    double began, ended;    /* the last picture */
    double processor, took; /* that it needed, and from begin to end */
    size_t sent;
    int released;       /* rows of the picture in cells under way */
    size_t drawn_bytes; /* that curses has been given to write */
    bool redraw, piece_ended, refining;
    struct pixels_figures figures;
};

/* Breaks off the picture under way, which may be nothing. */
void pixels_abandon(struct pixels *pixels);

/* What slot i showed, or has under way, is not wanted any more: the next one does not wait, and
 * covers it where it is. */
void pixels_hurry(struct pixels *pixels, int i);

/* Slot i's picture leaves the screen: what it covers is to be wiped. The slot still wants it. */
void pixels_take_off(struct pixels *pixels, int i);
void pixels_clear_slot(struct slot *slot);

void pixels_set_picture(struct picture *picture, const unsigned char *rgb, int width, int height);

bool pixels_in_cells(const struct pixels *pixels);

/* The cells of a picture of that size: what it was made for, or all that keep its aspect. */
struct rect pixels_cells_part(const struct pixels *pixels, const struct rect *box, int width,
                              int height);

/* All of slot's picture as cells of its box: grid[box.height][box.width]. */
void pixels_make_grid(const struct pixels *pixels, const struct slot *slot, struct cell *grid);

/* The picture of slot i in cells, begun: false if there is no space; and its next rows. */
bool pixels_cells_begin(struct pixels *pixels, int i);
void pixels_cells_piece(struct pixels *pixels, size_t space);

/* Wipes, and writes what is left, to a terminal that may have stopped reading. */
void pixels_write_last(struct pixels *pixels);

#endif
