/*
 * pixels.h: the pictures on the screen: what is to be seen where, in the way the terminal can
 * (sixel, kitty's protocol, cells, ASCII), without ever holding up a key. Pixels bypass curses, so
 * this module and curses take turns; cells are lent to whoever draws through curses.
 *
 * Once per frame, in this order:
 *
 *     pixels_show / pixels_hide     what is to be seen now, while views draw;
 *         they leave the cells of a picture's box blank, or draw pixels_cells there
 *     pixels_finish_piece(p)                               before curses writes: ends the piece
 * under way, wipes what was hidden or moved doupdate() pixels_pump(p, now, &diag) sends what may be
 * sent
 *
 * In between, whenever tty_read has returned, or pixels_wait is over, or the terminal can be
 * written to again (pixels_wants_write): pixels_pump. If pixels_redraw says so afterwards, a
 * frame is due: more of a picture in cells is there to be drawn.
 *
 * At most one picture is under way; a newer one replaces one that waits, so nothing queues. One
 * thread. Knows no curses, no runs. Pixels are bytes, [height][width][3], RGB.
 */
#ifndef STRATA_PIXELS_H
#define STRATA_PIXELS_H

#include <stdbool.h>

#include "engine/base/diag.h"
#include "tui/pixels/cells.h"
#include "tui/pixels/graphics.h"
#include "tui/term/rect.h"
#include "tui/term/tty.h"

enum { PIXELS_SLOTS = 48 }; /* pictures at once; whose is which is the caller's business */

struct pixels;

/* Takes note of the terminal (lent until pixels_close) and how it draws; colours are what cells
 * may use. Nothing is written yet. tty NULL: cells that are drawn at once. */
struct pixels *pixels_open(struct tty *tty, const struct graphics *graphics,
                             enum cells_colours colours);

/* Wipes the pictures from the screen, also after a failure. NULL inside is fine. */
void pixels_close(struct pixels **pixels);

/* Another size of a cell, another terminal: everything is shown anew, as after pixels_lost. */
void pixels_set_graphics(struct pixels *pixels, const struct graphics *graphics, double until);
const struct graphics *pixels_graphics(const struct pixels *pixels);

/* The pixels that a box of cells offers: what a picture should be made for. In cells that is what
 * the cells can tell apart, and some more for a mean. */
void pixels_size(const struct pixels *pixels, const struct rect *box, int *width, int *height);

/* The cells that a picture of that size covers in box, at least in part. */
struct rect pixels_part(const struct pixels *pixels, const struct rect *box, int width,
                         int height);

/* Slot's picture lies in the middle of box, as large as its aspect allows, but not
 * enlarged. The pixels are copied. The same box with another picture replaces it in place,
 * when the terminal can take it. subject: any number; what has another one is not the next picture
 * of something that changes, which may wait until it is due: it comes at once. */
void pixels_show(struct pixels *pixels, int slot, const struct rect *box, uint64_t subject,
                 const unsigned char *rgb, int width, int height);
void pixels_hide(struct pixels *pixels, int slot);

/* The screen was or is about to be cleared: everything is shown again, but not before a time, since
 * a window that is being dragged changes its size many times. */
void pixels_lost(struct pixels *pixels, double until);

/* Seconds that should lie between two pictures of something that changes, from what the last one
 * took to make and to send: what `auto` asks the worker for. */
double pixels_interval(const struct pixels *pixels);

/* Is a picture on its way? */
bool pixels_under_way(const struct pixels *pixels);

/* Seconds that should lie between two frames that no key asked for, so that text does not fill the
 * link either; 0 if it is fast, or not known. */
double pixels_frame_interval(const struct pixels *pixels);

/* What the cells of slot's picture show, [box->height][box->width], rows that have not been
 * released yet as before; NULL: nothing, or pixels that need no help. Lent until the next call. */
const struct cell *pixels_cells(const struct pixels *pixels, int slot, const struct rect *box);

void pixels_finish_piece(struct pixels *pixels);
enum status pixels_pump(struct pixels *pixels, double now, struct diag *diag);
bool pixels_redraw(struct pixels *pixels); /* once after each time it is due */
bool pixels_wants_write(const struct pixels *pixels);
double pixels_wait(const struct pixels *pixels, double now); /* seconds; below 0: for ever */

#endif
