/*
 * paint.h: what the demo pictures are drawn with: colours, seeded chance, noise, and a canvas that
 * is several times larger than the picture and shrunk at the end. Everything is a function of
 * constants, so that the same program always draws the same pictures.
 */
#ifndef ASSETS_PAINT_H
#define ASSETS_PAINT_H

#include <stdint.h>

#include "engine/image/image.h"

struct colour {
    double r, g, b; /* 0–1, as a screen shows them */
};

/* Generator of a fixed sequence; start it with any number. */
struct dice {
    uint64_t state;
};

static inline double paint_clamp(double value, double low, double high)
{
    return value < low ? low : value > high ? high : value;
}

static inline double paint_lerp(double a, double b, double t)
{
    return a + (b - a) * t;
}

/* 0 below low, 1 above high, smooth between; low > high falls instead. */
static inline double paint_step(double low, double high, double value)
{
    double t = paint_clamp((value - low) / (high - low), 0, 1);

    return t * t * (3 - 2 * t);
}

struct colour paint_rgb(unsigned hex);
struct colour paint_mix(struct colour a, struct colour b, double t);
struct colour paint_scale(struct colour a, double factor);
struct colour paint_multiply(struct colour a, struct colour b);

/* Away from grey (amount > 1) or towards it. */
struct colour paint_saturate(struct colour a, double amount);

/* The colours of ramp, count of them, evenly spread over t = 0…1. */
struct colour paint_ramp(const unsigned *ramp, int count, double t);

/* No two of these in one expression or list of arguments: C leaves open which is rolled first. */
double paint_roll(struct dice *dice); /* 0 ≤ … < 1 */
double paint_between(struct dice *dice, double low, double high);
int paint_pick(struct dice *dice, int count);

/* Chance of a place: the same for the same numbers. */
double paint_chance(int x, int y, unsigned seed); /* 0 ≤ … < 1 */

/* Gradient noise, about −1…1, one feature a unit; and the sum of octaves of it. */
double paint_noise(double x, double y, unsigned seed);
double paint_noise3(double x, double y, double z, unsigned seed);
double paint_cloud(double x, double y, int octaves, unsigned seed);
double paint_cloud3(double x, double y, double z, int octaves, unsigned seed);

/* One pixel of the canvas; outside it nothing happens. paint_over lays colour over what is there.
 */
void paint_set(struct image *canvas, int x, int y, struct colour colour);
void paint_over(struct image *canvas, int x, int y, struct colour colour, double alpha);
void paint_fill(struct image *canvas, struct colour colour);

/* Lights the canvas as if height (one number a pixel, in pixels) stood up from it, from the upper
 * left; shine is the strength of the highlights. */
void paint_relief(struct image *canvas, const float *height, double depth, double shine);

#endif
