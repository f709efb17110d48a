/*
 * layout.h: where the panes of the desk lie on a screen of a given size: arithmetic on cells, for
 * those who draw and for those who ask what a click has hit. Knows nothing of curses and models.
 */
#ifndef STRATA_LAYOUT_H
#define STRATA_LAYOUT_H

#include <stdbool.h>

#include "tui/term/rect.h"

/* X(PANE, CONTEXT, view): where its keys act (keys.h), and view_<view>, which draws it. In the
 * order of Tab; RUN, the last, cannot have the focus. A new pane stands here, gets its place in
 * layout.c and has a file view_x.c. */
#define PANE_LIST(X)                                                                               \
    X(LAYERS, LAYERS, layers)                                                                      \
    X(JOB, JOB, job)                                                                               \
    X(LOSS, LOSS, loss)                                                                            \
    X(PREVIEW, PREVIEW, preview)                                                                   \
    X(SNAPSHOTS, SNAPSHOTS, snapshots)                                                             \
    X(RUN, DESK, run)

enum pane {
#define X(pane, context, view) PANE_##pane,
    PANE_LIST(X)
#undef X
    PANE_COUNT
};

enum { LAYOUT_MIN_ROWS = 12, LAYOUT_MIN_COLUMNS = 40 };

struct layout {
    int rows, columns;
    bool too_small; /* nothing but a sentence has space */
    struct rect header, message, hints;
    struct rect frame[2];         /* left and right column, borders included; height 0: absent */
    struct rect pane[PANE_COUNT]; /* without borders; height 0: has no space */
    struct rect full;             /* between header and message */
    struct rect inside;           /* of full, without its frame */
    int layer_rows;               /* of each layer in PANE_LAYERS: 1 to 4 */
};

/* Edges that can be moved: between the columns, above the loss curves, above the snapshots. */
enum layout_edge { LAYOUT_COLUMNS, LAYOUT_LOSS, LAYOUT_SNAPSHOTS, LAYOUT_EDGES };

/* A pane that has the focus gets more space where there is little. settings and snapshots: how many
 * lines these panes could use. moved[LAYOUT_EDGES]: the left column's width, the heights of loss
 * curves and snapshots, as far as there is space; 0 leaves it to us; NULL: all of them. */
struct layout layout_make(int rows, int columns, enum pane focus, int settings, int snapshots,
                          const int *moved);

/* The edge at a cell, or LAYOUT_EDGES; and what of `moved` brings an edge to a cell, at least 1. */
enum layout_edge layout_edge_at(const struct layout *layout, int y, int x);
int layout_edge_to(const struct layout *layout, enum layout_edge edge, int y, int x);

/* The cells of the small picture beside a layer or, for index LAYOUT_CONTENT, of the content's
 * beside the settings; height 0: there is no space for it. */
enum { LAYOUT_THUMBS = 6, LAYOUT_CONTENT = 5 };
struct rect layout_thumb(const struct layout *layout, int index);

/* The browser: below its first line a list, beside it, where there is room, a picture with a line
 * below it; or a grid of tiles of `tile` cells, a picture and a line each. */
enum { LAYOUT_TILES = 40 };
struct layout_files {
    struct rect first, list, picture; /* picture.height 0: it has no space, or a grid is shown */
    int rows, columns;                /* of tiles; of a list: its lines, and 1 */
    struct rect tile;                 /* the first */
};
struct layout_files layout_files(const struct layout *layout, bool grid);

/* As the browser's, for `count` tiles that are all seen, as large as they can be. */
struct layout_files layout_variations(const struct layout *layout, int count);

/* The cells of the picture of tile `index`; its line is the one below. */
struct rect layout_tile(const struct layout_files *files, int index);

/* Two pictures that are compared: beside each other, or (i is of no account) in one place; a line
 * for their names is above. */
struct rect layout_compared(const struct layout *layout, bool beside, int i);

/* The pane at a cell, or PANE_COUNT. */
enum pane layout_hit(const struct layout *layout, int y, int x);

/* The first of `shown` lines of a list of `count` so that `cursor` is seen; `first` where it can
 * stay. */
int layout_scroll(int first, int cursor, int shown, int count);

#endif
