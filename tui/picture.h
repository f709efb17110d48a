/*
 * picture.h: how a picture gets onto the screen: this picture, in these cells. Called while the
 * screen is drawn: what a frame does not place again leaves the screen. Gives the pictures of a
 * frame to preview.h and its cells to draw.h. Knows nothing of runs and models.
 */
#ifndef STRATA_PICTURE_H
#define STRATA_PICTURE_H

#include "preview.h"

/* Once, after curses has started. tty as preview_open wants it; wish as graphics_decide. */
void picture_open(struct tty *tty, enum graphics_kind wish);
void picture_close(void);

/* Shows rgb [height][width][3] in the middle of `within`, whose cells the frame leaves blank
 * otherwise. */
void picture_place(const struct rect *within, const unsigned char *rgb, int width, int height);

/* The cells that picture_place would use. */
struct rect picture_part(const struct rect *within, int width, int height);

/* The pixels that a picture for `within` should have at most. */
void picture_size(const struct rect *within, int *width, int *height);

/* Around the drawing of a frame, the second before curses writes it. */
void picture_begin(void);
void picture_settle(void);

/* The terminal has another size, or is another one: its answers count anew. The screen is about to
 * be cleared. */
void picture_reset(void);

/* Has the terminal said something else since, late or after a change of its font? */
bool picture_outdated(void);

/* Wipes all pictures, as before the screen is given to another program. */
void picture_leave(void);

/* Are pictures drawn in pixels, on top of the cells? */
bool picture_in_pixels(void);

/* The preview behind all this, for the loop that feeds it; NULL before picture_open. */
struct preview *picture_preview(void);

#endif
