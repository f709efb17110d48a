/*
 * place.h: how a picture gets onto the screen: this picture, in these cells. Called while the
 * screen is drawn: what a frame does not place again leaves the screen. Gives the pictures of a
 * frame to pixels.h and its cells to draw.h. Knows nothing of runs and models.
 */
#ifndef STRATA_PLACE_H
#define STRATA_PLACE_H

#include "tui/pixels/pixels.h"

/* Once, after curses has started. tty as pixels_open wants it; wanted as graphics_decide. */
void place_open(struct tty *tty, enum graphics_kind wanted);
void place_close(void);

/* From the next place_reset on, which must follow; what is on the screen is wiped. */
void place_use(enum graphics_kind wanted);

/* Shows rgb [height][width][3] in the middle of `within`, whose cells the frame leaves blank
 * otherwise. */
void place_picture(const struct rect *within, const unsigned char *rgb, int width, int height);

/* The same of one picture among many that may take each other's places: `other` says which one it
 * is, see pixels_show. */
void place_other(const struct rect *within, uint64_t other, const unsigned char *rgb, int width,
                 int height);

/* The cells that place_picture would use. */
struct rect place_cells(const struct rect *within, int width, int height);

/* The pixels that a picture for `within` should have at most. */
void place_size(const struct rect *within, int *width, int *height);

/* Around the drawing of a frame, the second before curses writes it. */
void place_begin(void);
void place_end(void);

/* The terminal has another size, or is another one: its answers count anew. The screen is about to
 * be cleared. */
void place_reset(void);

/* Has the terminal said something else since, late or after a change of its font? */
bool place_outdated(void);

/* Wipes all pictures, as before the screen is given to another program. */
void place_leave(void);

/* Are pictures drawn in pixels, on top of the cells? */
bool place_in_pixels(void);

/* The transport behind all this, for the loop that feeds it; NULL before place_open. */
struct pixels *place_pixels(void);

#endif
