/*
 * palette.h: help and command palette: entries in sections, those that answer what is typed, and
 * how they flow into columns. Text and numbers only; what the entries are is said by who makes
 * them (model_palette.c), and nothing is known of what they do.
 */
#ifndef STRATA_PALETTE_H
#define STRATA_PALETTE_H

#include <stdbool.h>

enum palette_kind { PALETTE_ACTION, PALETTE_COMMAND, PALETTE_PRESET, PALETTE_SETTING,
                    PALETTE_LAYER, PALETTE_KINDS };

enum { PALETTE_KEY = 64, PALETTE_TEXT = 400, PALETTE_QUERY = 64 };

struct palette_entry {
    enum palette_kind kind;
    int index;               /* in its own table */
    const char *title;       /* of its section, static; those of a section stand together */
    char key[PALETTE_KEY];   /* its keys, or its name */
    const char *hint;        /* another word for it, static; "" if none */
    char text[PALETTE_TEXT]; /* what it does, and its present value */
};

/* A line as it is shown. */
struct palette_line {
    enum { PALETTE_EMPTY, PALETTE_TITLE, PALETTE_FIRST, PALETTE_MORE } kind;
    int entry;        /* TITLE: one of its section */
    int from, length; /* FIRST, MORE: the bytes of the entry's text */
    int keys;         /* columns of the keys beside it */
};

struct palette {
    char query[PALETTE_QUERY];
    bool searching; /* what is typed goes to the query */
    bool direct;    /* it was opened for a search: leaving that closes it */

    struct palette_entry *entry; /* [entry_count]; owned */
    int entry_count;
    int *match; /* [match_count] of those shown, in order; owned */
    int match_count, cursor;

    struct palette_line *line; /* [line_count]; owned; NULL: palette_flow is still to come */
    int line_count;
    int columns, column_width, rows, width; /* as the lines flow */
    int what_width;                  /* for the title beside an entry, while searching; 0: none */
    int first;                       /* line at the top of the first column */
};

void palette_clear(struct palette *palette);

/* One more entry at the end, to be filled in. */
struct palette_entry *palette_add(struct palette *palette);

/* Those that answer the query, the best first; without a query all of them. The cursor goes to the
 * first. */
void palette_search(struct palette *palette);

/* Into columns of so many rows on a width, unless they lie so already; the cursor is in sight. */
void palette_flow(struct palette *palette, int rows, int width);

/* The cursor, by entries; by columns or, where there is one, to its ends. */
void palette_move(struct palette *palette, int entries);
void palette_move_column(struct palette *palette, int columns);
/* By as many lines as are shown at once. */
void palette_move_page(struct palette *palette, int pages);

/* The entry under the cursor, or NULL. */
const struct palette_entry *palette_at_cursor(const struct palette *palette);

#endif
