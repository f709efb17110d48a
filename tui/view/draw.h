/*
 * draw.h: marks on the screen: text in an ink, frames, faders, bars, curves, pictures made of
 * cells. The only user of curses besides term and script. Everything is clipped to the screen, and
 * has a form for UTF-8 and one for ASCII.
 */
#ifndef STRATA_DRAW_H
#define STRATA_DRAW_H

#include <stdbool.h>

#include "tui/pixels/cells.h"
#include "tui/model/layout.h"

enum ink {
    INK_PLAIN,
    INK_DIM,    /* labels, frames */
    INK_STRONG, /* what matters now */
    INK_ACCENT, /* the focus */
    INK_GOOD,   /* running, on */
    INK_WARN,   /* waits for you */
    INK_BAD,    /* errors */
    INK_LEVEL,  /* faders, bars, curves */
    INK_CURSOR, /* the line under the cursor */
    INK_COUNT
};

/* Chooses attributes for the terminal's colours, or for none, and for a light or a dark background.
 * After curses has started, and again when these change. */
void draw_open(bool colour, bool light);

/* An empty screen to draw on, and its way to the terminal. pixels: there are pictures on it that
 * are not made of cells, so nothing may scroll. */
void draw_begin(void);
void draw_end(bool pixels);

/* Text of at most width columns; what is longer is cut off. Returns the columns used. The _format
 * forms take at most 1000 bytes. */
int draw_text(int y, int x, int width, enum ink ink, const char *text);
int draw_format(int y, int x, int width, enum ink ink, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* The same at the right end of width columns. */
int draw_right(int y, int x, int width, enum ink ink, const char *text);

/* A name or a sentence, cleaned, cut in its middle; a path, cut at its beginning. */
int draw_name(int y, int x, int width, enum ink ink, const char *name);
int draw_path(int y, int x, int width, enum ink ink, const char *path);

/* A sentence in one line, where paths are shortened before words are left out; the same over the
 * lines of a rectangle, whose last is cut. Returns the lines used. */
int draw_sentence(int y, int x, int width, enum ink ink, const char *text);
int draw_wrapped(const struct rect *rect, enum ink ink, const char *text);

/* One mark as UTF-8, and what stands for it without. */
void draw_mark(int y, int x, enum ink ink, const char *utf8, char ascii);


/* Gives cells that are drawn already the look of the cursor's line. */
void draw_cursor_line(int y, int x, int width);

/* A frame around, with a title in its upper edge; a title alone; an edge across the frame. */
void draw_frame(const struct rect *rect, const char *title, bool focused);
void draw_title(const struct rect *frame, int y, const char *title, bool focused);
void draw_edge(const struct rect *frame, int y, const char *title, bool focused);

/* A knob at `fraction` of the way; a line, and a bar, that are filled so far. */
void draw_fader(int y, int x, int width, double fraction, enum ink ink);
void draw_progress(int y, int x, int width, double fraction, enum ink ink);
void draw_bar(int y, int x, int width, double fraction, enum ink ink);

/* values[count] from 0 to 1, NaN: none, over the rect's width: braille, filled below if it is one
 * line high. */
void draw_curve(const struct rect *rect, const float *values, int count, enum ink ink);

/* The colours that cells may have on this terminal. */
enum cells_colours draw_colours(void);

/* A picture's cells, [rect->height][rect->width], over all of rect. */
void draw_cells(const struct rect *rect, const struct cell *cells);

/* Shows where typed text goes, until the next draw_begin. Not by the terminal's cursor: where that
 * passes over a picture, some terminals leave a hole. */
void draw_caret(int y, int x);

#endif
