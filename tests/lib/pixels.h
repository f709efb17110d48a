/*
 * pixels.h: a preview on a scripted terminal, the loop that feeds it, paintings to show, and
 * what the terminal's screen must look like.
 */
#ifndef TESTS_LIB_PIXELS_H
#define TESTS_LIB_PIXELS_H

#include "engine/base/clock.h"
#include "tests/lib/terminal.h"

#include <math.h>

#include "tui/pixels/pixels_private.h"
#include "tui/pixels/scale.h"
#include "tests/lib/screen.h"

/* Links. */
#define FAST ((struct script){XTERM, .ready = "\033[0n"})
#define SLOW ((struct script){XTERM, .ready = "\033[0n", .rate = 10000})
/* Answers that come late make small pieces. */
#define SLOW_PIECES ((struct script){XTERM, .ready = "\033[0n", .rate = 1000000})

struct stage {
    struct terminal *terminal;
    struct tty *tty;
    struct pixels *preview;
    struct screen *screen;
    size_t fed; /* bytes that the screen has seen */
};

struct picture_of {
    int width, height;
    unsigned char *rgb;
};

/* Something smooth with edges in it, in many colours; seed makes another one. */
struct picture_of painting(int width, int height, unsigned seed);

struct stage *stage_open_cells(enum graphics_kind kind, struct script script,
                               int cell_width, int cell_height);

struct stage *stage_open(enum graphics_kind kind, struct script script);

void stage_close(struct stage *st);

/* One turn of the desk's loop, without its curses. */
void stage_step(struct stage *st);

void stage_turn(struct stage *st, double seconds);

/* Until so many pictures have arrived. */
void stage_run(struct stage *st, unsigned pictures);

/* Until nothing is under way and nothing is left to be improved. */
void stage_rest(struct stage *st);

/* Shows the screen all that has been written. */
void stage_look(struct stage *st);

/* Nothing but the picture is on the screen, in the middle of box, within a mean distance. */
void assert_shown(struct stage *st, const struct rect *box,
                  const struct picture_of *p, int step, double within);

void assert_blank(struct stage *st);

#endif
