/*
 * screen.h: a screen of pixels that is fed what a terminal gets: cursor movements, text, which
 * wipes the cells it falls on, sixel, kitty's protocol. Written from the protocols' descriptions,
 * independent of what encodes. What breaks a rule of ours is a problem.
 */
#ifndef TESTS_LIB_SCREEN_H
#define TESTS_LIB_SCREEN_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/image/image.h"
#include "tests/lib/image.h"

enum { SCREEN_IDS = 16, SCREEN_BACKGROUND = 7 };

struct screen {
    int columns, rows, cell_width, cell_height, width, height; /* the last two in pixels */
    int y, x, saved_y, saved_x;
    unsigned char *rgb;    /* [height][width][3], SCREEN_BACKGROUND where nothing is */
    int pictures, deleted; /* sixel envelopes or kitty's pictures; kitty's deletions */
    size_t longest;        /* bytes of an envelope or chunk */
    int most_colours;      /* defined in one sixel envelope */
    bool synchronised;     /* between 2026h and 2026l */
    char problem[200];
    struct {
        int id, y, x, width, height; /* pixels */
    } kitty[SCREEN_IDS];
    char payload[1 << 22]; /* kitty: base64 so far */
    size_t payload_size;
    char control[256]; /* of the first chunk */
};

struct screen *screen_new(int columns, int rows, int cell_width, int cell_height);

void screen_free(struct screen *s);

#define SCREEN_PROBLEM(s, ...)                                                                     \
    do {                                                                                           \
        if (!(s)->problem[0])                                                                      \
            snprintf((s)->problem, sizeof(s)->problem, __VA_ARGS__);                               \
    } while (0)

unsigned char *screen_at(struct screen *s, int y, int x);

void screen_fill(struct screen *s, int y, int x, int height, int width);

int screen_number(const char **at);

/* A sixel picture being read. */
struct screen_sixel {
    unsigned char colour[256][3];
    bool defined[256];
    int colours;             /* defined so far */
    int register_;           /* in use; -1: none yet */
    int left, top;           /* pixels */
    int width, height, x, y; /* the next column of six, inside */
    bool *painted;           /* [height][width] */
};

/* The raster attributes, and whether the picture they announce fits. */
const char *screen_sixel_raster(struct screen *s, struct screen_sixel *p,
                                const char *at);

/* Chooses a colour register, or defines it: what comes after #. */
const char *screen_sixel_register(struct screen *s, struct screen_sixel *p,
                                  const char *at);

/* Paints one column of six pixels, whose lowest bit is the topmost. */
void screen_sixel_column(struct screen *s, struct screen_sixel *p, int bits);

void screen_sixel_paint(struct screen *s, struct screen_sixel *p, const char *at,
                        const char *end);

/* The body of a sixel envelope, after the q. */
void screen_sixel(struct screen *s, const char *at, const char *end);

int screen_key(const char *control, const char *key, int standard);

void screen_remove(struct screen *s, int id);

size_t screen_unbase64(unsigned char *out, const char *in, size_t n);

/* Shows what has been transmitted at the cursor. */
void screen_place(struct screen *s);

void screen_kitty(struct screen *s, const char *at, const char *end);

const char *screen_control(struct screen *s, const char *at, const char *end);

/* The end of a string that begins at at: behind its ESC \. NULL: it is not whole. */
const char *screen_string(const char *at, const char *end);

/* Everything that was written, from its beginning. */
void screen_feed(struct screen *s, const char *at, size_t size);

#endif
