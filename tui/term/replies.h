/*
 * replies.h: parts what a terminal answers from what is typed. Both come in on one stream of bytes,
 * late and in pieces over a slow link, so the parser is incremental and is used for as long as the
 * program reads its terminal. Plain data; knows no file descriptors, no clock, no curses.
 */
#ifndef STRATA_REPLIES_H
#define STRATA_REPLIES_H

#include <stdbool.h>
#include <stddef.h>

enum { REPLIES_HELD = 256, REPLIES_PASTE = 16384 };

/* Buttons that no mouse has: reports of other things. */
enum { REPLIES_PASTED = 301, REPLIES_FOCUS_IN, REPLIES_FOCUS_OUT };

/* What has been answered so far; zeroed is nothing. */
struct answers {
    bool attributes; /* DA1 came: the terminal answers at all */
    bool sixel;      /* attribute 4 stands among them, not as the first, which is a level */
    char da1[64];    /* its parameters as they came: "62;4;22" */
    bool kitty;      /* the query for kitty's protocol was answered OK */
    int cell_width, cell_height; /* pixels, 0: no answer */
    int registers;               /* for colours, 0: no answer */
    bool synchronised;           /* mode 2026 is known */
    bool background;             /* OSC 11 came, and what it says: */
    double light;                /* of the background, 0 black to 1 white */
    char name[64];               /* XTVERSION: "XTerm(379)", "" without an answer */
    unsigned ready;              /* how many times it said that it is ready (DSR 5) */
};

/* Zeroed is ready for use. Only answers is for others to read. */
struct replies {
    struct answers answers;
    bool awaiting; /* set by the owner: an answer is under way, so half of one may wait longer */
    bool reports;  /* set by the owner: mouse, focus and pastes are reported: ESC [ M, ESC [ I and
                    * ESC [ O are no keys */
    bool pasting;             /* what comes in was pasted */
    size_t pasted;            /* bytes of paste so far */
    char paste[REPLIES_PASTE]; /* the last whole paste as text, or the one that comes in; what is
                                * longer is cut */
    int state;
    size_t held, given; /* bytes of a sequence that is not complete; of them given out as keys */
    unsigned char hold[REPLIES_HELD];
    double due; /* when what is held is given up; 0: nothing is */
};

/* Takes n bytes that came at a time (seconds, any origin); keys gets what was typed, without the
 * replies, and needs space for 3 * n + REPLIES_HELD. Returns how many. A sequence of a key comes
 * out whole. A report of the mouse comes out whole or not at all, always as ESC [ < button ; column
 * ; row, then M or, for a release, m. A paste ends as such a report of "button" REPLIES_PASTED, the
 * focus comes and goes as REPLIES_FOCUS_IN, _OUT. */
size_t replies_feed(struct replies *r, unsigned char *keys, const void *bytes, size_t n,
                    double now);

/* Gives out as keys what has been held for too long to be a reply: a lone Escape. Call when r->due
 * has come; the same rules for keys. */
size_t replies_expire(struct replies *r, unsigned char *keys, double now);

#endif
