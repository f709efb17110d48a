/*
 * palette.h: pictures in few colours: a palette chosen for a picture, and an ordered dither to it
 * whose pattern stays where it is from one picture to the next. Pixels are bytes
 * [height][width][3], RGB. Knows no terminals.
 */
#ifndef STRATA_PALETTE_H
#define STRATA_PALETTE_H

#include <stddef.h>
#include <stdint.h>

enum { PALETTE_MOST = 256, PALETTE_CELLS = 1 << 15 };

/* Open, but only palette_make writes it. Every colour is one that sixel's percentages can say, and
 * no two share the upper five bits of all three components. */
struct palette {
    int count;
    unsigned char rgb[PALETTE_MOST][3];
    double spread; /* the dither's amplitude in levels */
    uint16_t
        nearest[PALETTE_CELLS]; /* by the upper five bits of R, G, B: colour + 1; 0: not sought */
};

/* At most most colours (2 … PALETTE_MOST) for these pixels. */
void palette_make(struct palette *palette, int most, const unsigned char *rgb, int width,
                  int height);

/* out = rgb in the palette's colours, dithered. out may be rgb. */
void palette_apply(unsigned char *out, struct palette *palette, const unsigned char *rgb, int width,
                   int height);

/* The mean distance, in levels of a component, between the pixels and the nearest colours; looks at
 * some of them only. */
double palette_error(struct palette *palette, const unsigned char *rgb, int width, int height);

#endif
