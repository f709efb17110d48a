/*
 * watercolour.c: poppies, cornflowers and leaves in washes on white paper. A wash is a shape with a
 * ragged edge; it holds pigment, more of it at its rim where the water dried last, less where a
 * drop fell in, and each pigment takes its share of light from the paper below, so washes add up.
 */
#include <math.h>

#include "assets/draw/draw.h"
#include "engine/base/mem.h"
#include "assets/draw/paint.h"

/* An outline as seen from its middle: reach in each direction. */
struct wash {
    double x, y, length, width, turn;
    enum outline { PETAL, LEAF, BLOT } outline;
    struct colour pigment; /* what it leaves of the light at full strength */
    double strength, wet;  /* wet: how far the edge runs, 0–1 */
    unsigned seed;
};

struct sheet {
    struct image *canvas;
    double unit;
    double *taken; /* [3][height*width], how much light pigment has taken, as −log */
};

/* How deep x, y lies inside, in pixels; negative outside. */
static double depth_in(const struct wash *w, double x, double y)
{
    double c = cos(w->turn), s = sin(w->turn), dx = x - w->x, dy = y - w->y;
    double u = (dx * c + dy * s) / w->length, v = (dy * c - dx * s) / w->width, d;

    switch (w->outline) {
    case PETAL: /* a fan: narrow at its foot, wide and notched at the far end */
        d = fmin(1 - hypot(u - 0.5, v) * (1.9 - 0.5 * u), 1.9 * u + 0.25 - fabs(v) * 0.7);
        d -= 0.06 * sin(7 * v + (double)(w->seed % 7)) * u;
        break;
    case LEAF:
        d = u > 0 && u < 1 ? sin(M_PI * pow(u, 0.75)) - fabs(v) * 1.1 - 0.05 : -fabs(u - 0.5);
        break;
    default:
        d = 1 - hypot(u, v);
    }
    return d * fmin(w->length, w->width) * 0.55;
}

static double pigment_at(const struct wash *w, double x, double y)
{
    double ragged = paint_cloud(x / 38, y / 38, 5, w->seed) * (3 + 15 * w->wet);
    double d = depth_in(w, x, y) + ragged;
    double inside =
        paint_step(-0.5, 0.7 + 5 * w->wet * (0.6 + paint_noise(x / 60, y / 60, w->seed + 9)), d);
    double pool, bloom;

    if (inside <= 0)
        return 0;
    pool = 0.62 + 0.75 * paint_cloud(x / 55, y / 55, 4, w->seed + 20);
    bloom = paint_step(0.1, 0.3, paint_cloud(x / 70 + 3, y / 70, 4, w->seed + 40));
    pool *= 1 - 0.55 * bloom;
    pool += 0.55 * exp(-d * d / 3.5) * (1 - w->wet) + 0.3 * exp(-pow(bloom - 0.4, 2) * 60);
    if (w->outline == LEAF || w->outline == PETAL) {
        double c = cos(w->turn), s = sin(w->turn);
        double u = ((x - w->x) * c + (y - w->y) * s) / w->length;
        double v = ((y - w->y) * c - (x - w->x) * s) / w->width;

        /* Veins, and more colour at the foot. */
        pool += 0.16 * paint_noise(v / (u + 0.35) * 9, u * 1.5, w->seed + 60);
        pool += 0.45 * paint_step(0.55, 0, u);
    }
    return inside * paint_clamp(pool, 0.08, 2) * w->strength;
}

static void lay(const struct sheet *s, const struct wash *w)
{
    size_t plane = (size_t)s->canvas->width * (size_t)s->canvas->height;
    double reach = 1.25 * fmax(w->length, w->width) + 24;
    int left = (int)((w->x - reach) * s->unit), right = (int)((w->x + reach) * s->unit);
    int top = (int)((w->y - reach) * s->unit), bottom = (int)((w->y + reach) * s->unit);

    for (int j = top < 0 ? 0 : top; j < bottom && j < s->canvas->height; j++)
        for (int i = left < 0 ? 0 : left; i < right && i < s->canvas->width; i++) {
            double amount = pigment_at(w, i / s->unit, j / s->unit);
            double *taken = s->taken + (size_t)j * (size_t)s->canvas->width + i;

            taken[0] -= amount * log(w->pigment.r);
            taken[plane] -= amount * log(w->pigment.g);
            taken[2 * plane] -= amount * log(w->pigment.b);
        }
}

static void lay_dot(const struct sheet *s, double x, double y, double size, unsigned colour,
                    double strength, unsigned seed)
{
    struct wash w = {.x = x, .y = y, .length = size, .width = size, .outline = BLOT, .seed = seed};

    w.pigment = paint_rgb(colour);
    w.strength = strength;
    lay(s, &w);
}

static void lay_flower(const struct sheet *s, struct dice *dice, double x, double y, double size,
                       const unsigned *colours)
{
    int petals = 5 + paint_pick(dice, 2);
    double start = paint_between(dice, 0, 6.28), squash = paint_between(dice, 0.72, 1);

    for (int i = 0; i < petals; i++) {
        double turn = start + i * 2 * M_PI / petals + paint_between(dice, -0.15, 0.15);
        double reach = size * (squash + (1 - squash) * fabs(cos(turn)));
        struct wash w = {.x = x, .y = y, .length = reach, .width = 0.74 * size, .turn = turn};

        w.outline = PETAL;
        w.pigment = paint_rgb(colours[paint_pick(dice, 3)]);
        w.strength = paint_between(dice, 0.55, 1);
        w.wet = 0.1;
        w.seed = 100 + (unsigned)paint_pick(dice, 9999);
        lay(s, &w);
    }
    for (int i = 0; i < 26; i++) {
        double turn = paint_between(dice, 0, 6.28), way = size * 0.26 * sqrt(paint_roll(dice));
        double dot = size * paint_between(dice, 0.02, 0.055);
        double u = x + way * cos(turn), v = y + way * sin(turn);

        /* The first is the heart of the flower. */
        if (i == 0)
            lay_dot(s, x, y, dot + 0.1 * size, 0x2b2a4a, 1.5, 20000);
        else
            lay_dot(s, u, v, dot, 0x2b2a4a, 1.5, 20000 + (unsigned)i);
    }
}

/* A pale wash without an edge, behind everything. */
static void lay_ground(const struct sheet *s, struct dice *dice, unsigned colour, unsigned seed)
{
    struct wash w = {.outline = BLOT, .strength = 0.8, .wet = 1, .seed = seed};

    w.pigment = paint_rgb(colour);
    w.length = paint_between(dice, 90, 170);
    w.width = 0.8 * w.length;
    w.x = paint_between(dice, 0, 640);
    w.y = paint_between(dice, 0, 500);
    w.turn = paint_between(dice, 0, 3);
    lay(s, &w);
}

/* A leaf that points away from x, y, where a flower is. */
static void lay_leaf(const struct sheet *s, struct dice *dice, double x, double y, double off,
                     unsigned seed)
{
    static const unsigned green[] = {0x6fae5a, 0x3f9a78, 0x9cc25a, 0x2f8a86};
    struct wash w = {.outline = LEAF, .wet = 0.12, .seed = seed};
    double turn = paint_between(dice, 0, 6.28);

    w.x = x + off * cos(turn);
    w.y = y + off * sin(turn);
    w.turn = turn + paint_between(dice, -0.5, 0.5);
    w.length = paint_between(dice, 60, 125);
    w.width = w.length * paint_between(dice, 0.13, 0.24);
    w.pigment = paint_rgb(green[paint_pick(dice, 4)]);
    w.strength = paint_between(dice, 0.4, 0.9);
    lay(s, &w);
}

static void lay_all(const struct sheet *s)
{
    static const unsigned warm[] = {0xf26a52, 0xf58a4b, 0xe8506a};
    static const unsigned rose[] = {0xf08cb0, 0xe86f9c, 0xf7a9a0};
    static const unsigned blue[] = {0x5f86d8, 0x7a78d0, 0x62a8dc};
    static const unsigned gold[] = {0xfac63f, 0xf9a93a, 0xfbdc6a};
    static const unsigned ground[] = {0xbfe3f0, 0xfbe2b4, 0xf8cfd4, 0xcfe8c4};
    static const unsigned *const kinds[] = {warm, rose, blue, gold};
    static const double flowers[][4] = {
        {170, 165, 112, 0}, {455, 130, 96, 1}, {330, 330, 108, 3}, {540, 330, 92, 0},
        {118, 388, 94, 2},  {318, 62, 62, 2},  {598, 62, 58, 3},   {30, 60, 56, 1},
        {440, 462, 72, 1},  {30, 240, 54, 3},  {246, 470, 62, 0},  {420, 240, 52, 2},
        {610, 455, 62, 2},
    };
    struct dice dice = {77};

    for (int i = 0; i < 12; i++)
        lay_ground(s, &dice, ground[i % 4], 500 + 31 * (unsigned)i);
    for (int i = 0; i < 64; i++) {
        const double *f = flowers[i % 13];

        lay_leaf(s, &dice, f[0], f[1], 0.55 * f[2], 3000 + 17 * (unsigned)i);
    }
    for (size_t i = 0; i < sizeof flowers / sizeof *flowers; i++)
        lay_flower(s, &dice, flowers[i][0], flowers[i][1], flowers[i][2],
                   kinds[(int)flowers[i][3]]);
    for (int i = 0; i < 260; i++) {
        double size = 0.8 + 5.5 * pow(paint_roll(&dice), 4), x = paint_between(&dice, 0, 640);
        double y = paint_between(&dice, 0, 500);

        lay_dot(s, x, y, size, kinds[paint_pick(&dice, 4)][0], 0.9, 9000 + (unsigned)i);
    }
}

void watercolour_draw(struct image *canvas, double unit)
{
    size_t plane = (size_t)canvas->width * (size_t)canvas->height;
    struct sheet s = {canvas, unit, mem_new(3 * plane * sizeof(double))};

    lay_all(&s);
    for (int j = 0; j < canvas->height; j++)
        for (int i = 0; i < canvas->width; i++) {
            double x = i / unit, y = j / unit;
            const double *t = s.taken + (size_t)j * (size_t)canvas->width + i;
            /* Pigment settles in the hollows of the paper. */
            double tooth = paint_cloud(x / 3.4, y / 3.4, 3, 71);
            double grip = 0.86 * (1 + 0.62 * tooth), light = 1 + 0.05 * tooth;
            struct colour c = {exp(-grip * t[0]), exp(-grip * t[plane]), exp(-grip * t[2 * plane])};

            paint_set(canvas, i, j,
                      paint_multiply(c, paint_scale((struct colour){0.992, 0.984, 0.958}, light)));
        }
    mem_free(s.taken);
}
