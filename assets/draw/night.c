/*
 * night.c: a night in thick oil paint: whirls of air, moon and stars over hills, a river and
 * cypresses. A field of directions and a plan of colours come first; then some ten thousand strokes
 * follow the one and take their paint from the other, broad ones first. Bristles leave ridges,
 * which are lit at the end.
 */
#include <math.h>

#include "assets/draw/draw.h"
#include "engine/base/mem.h"
#include "assets/draw/paint.h"

/* Places on this picture run from 0 to 1.28 and from 0 to 1. */
static const struct whirl {
    double x, y, radius, spin;
} whirls[] = {
    {0.735, 0.335, 0.225, 1},
    {1.075, 0.475, 0.115, -1},
    {0.475, 0.49, 0.085, 1},
    {0.43, 0.115, 0.085, -1},
};

static const struct star {
    double x, y, core, halo;
} stars[] = {
    {0.185, 0.185, 0.066, 0.165}, {0.62, 0.085, 0.014, 0.052},  {0.90, 0.11, 0.016, 0.060},
    {1.20, 0.255, 0.018, 0.068},  {0.415, 0.285, 0.015, 0.056}, {0.20, 0.44, 0.017, 0.066},
    {0.945, 0.585, 0.012, 0.046}, {0.055, 0.36, 0.011, 0.040},  {0.625, 0.60, 0.010, 0.036},
    {0.315, 0.05, 0.010, 0.036},
};

static const unsigned air[] = {0x0f1d4d, 0x1b3480, 0x2a56ae, 0x4f86cf, 0x8fbbe3, 0xf0ecd0};
static const unsigned halo[] = {0x3c6cb4, 0x6fa6b8, 0xa8c795, 0xe9da76, 0xf8e6a0};
static const unsigned moon[] = {0xf0a820, 0xf6c030, 0xf9cf50, 0xe8881c};
static const unsigned spark[] = {0xfdf3c4, 0xfdf3c4, 0xf8cf47};
static const unsigned hill[] = {0x10204e, 0x1f3f78, 0x2f5f96, 0x4b86a8, 0x7fae9f};
static const unsigned field[] = {0x121f38, 0x1c3c48, 0x34604f, 0x6f8a55, 0xb9b070};
static const unsigned tree[] = {0x0b1512, 0x16291a, 0x2b4526, 0x54592a, 0x7a5a2c};
static const unsigned water[] = {0x0d1b4a, 0x1a3a86, 0x2f62b4, 0x5f97cf};

struct brush {
    double width, length; /* in pixels of the picture */
    int count;
};

struct oil {
    struct image *canvas;
    double unit;
    float *height; /* of the paint, one a pixel of the canvas */
};

enum part { AIR, HILL, FIELD, WATER, TREE };

static double hill_top(double x, int k)
{
    double far = 0.69 - 0.13 * paint_cloud(x * 2.2, 0.3, 3, 11) - 0.06 * sin(x * 3.4 + 0.4);
    double near = 0.755 - 0.07 * paint_cloud(x * 3.1 + 7, 0.3, 3, 12);

    return k ? fmax(near, far + 0.025) : far;
}

/* Flames of cypress rising from the lower right; > 0 inside. */
static double tree_in(double x, double y)
{
    static const double spire[][3] = {
        {1.095, 0.20, 0.060}, {1.155, 0.40, 0.052}, {1.04, 0.52, 0.040}};
    double best = -1;

    for (int i = 0; i < 3; i++) {
        double t = (y - spire[i][1]) / (1.02 - spire[i][1]);
        double middle = spire[i][0] + 0.013 * sin(y * 17 + i * 2), wide;

        if (t <= 0)
            continue;
        wide = spire[i][2] * pow(t, 0.62) * (1 + 0.22 * sin(y * 38 + i * 2.1));
        best = fmax(best, wide * (1 + 0.3 * paint_noise(x * 40, y * 22, 5)) - fabs(x - middle));
    }
    return best;
}

static double shore(double x)
{
    return 0.815 + 0.03 * sin(x * 2.6 + 1.1) + 0.012 * paint_noise(x * 9, 0, 3);
}

static enum part part_at(double x, double y)
{
    if (tree_in(x, y) > 0)
        return TREE;
    if (y < hill_top(x, 0))
        return AIR;
    if (y < hill_top(x, 1))
        return HILL;
    if (y < shore(x))
        return FIELD;
    return y < 0.955 - 0.1 * (x - 0.5) * (x - 0.5) + 0.06 * sin(x * 4) ? WATER : FIELD;
}

/* Which way the brush goes. */
static double direction(double x, double y)
{
    enum part part = part_at(x, y);
    double dx = 1.0, dy = 0.30 * sin(x * 4.6 + 0.8) + 0.5 * paint_noise(x * 3, y * 3, 21);

    if (part == TREE)
        return -M_PI / 2 + 0.5 * sin(y * 38 + x * 25) + 0.4 * paint_noise(x * 22, y * 9, 4);
    if (part == WATER)
        return 0.06 * sin(x * 14) + 0.1 * paint_noise(x * 8, y * 20, 9);
    if (part == HILL)
        return (hill_top(x + 0.02, 0) - hill_top(x - 0.02, 0)) * 25 +
               0.5 * paint_noise(x * 9, y * 9, 8);
    if (part == FIELD)
        return 0.5 * paint_noise(x * 5, y * 9, 15) + (y > 0.9 ? -0.9 : -0.15);
    for (size_t i = 0; i < sizeof whirls / sizeof *whirls; i++) {
        const struct whirl *w = &whirls[i];
        double u = x - w->x, v = y - w->y, r = hypot(u, v) + 1e-6;
        double pull = 7 * exp(-pow(r / w->radius, 4) * 0.55);

        /* Around, and a little inwards. */
        dx += pull * (w->spin * -v - 0.22 * u) / r;
        dy += pull * (w->spin * u - 0.22 * v) / r;
    }
    for (size_t i = 0; i < sizeof stars / sizeof *stars; i++) {
        double u = x - stars[i].x, v = y - stars[i].y, r = hypot(u, v) + 1e-6;
        double pull = 12 * exp(-pow(r / stars[i].halo, 4));

        dx += pull * -v / r;
        dy += pull * u / r;
    }
    return atan2(dy, dx);
}

/* Light and dark bands of the air, 0–1: along the arms of the whirls, elsewhere along the flow.
 */
static double air_tone(double x, double y)
{
    double tone = 0.30 + 0.55 * paint_cloud(x * 2.2, y * 8 + 0.6 * sin(x * 4.6 + 0.8), 3, 31);

    tone += 0.20 * paint_step(0.35, 0.68, y);
    for (size_t i = 0; i < sizeof whirls / sizeof *whirls; i++) {
        const struct whirl *w = &whirls[i];
        double u = x - w->x, v = y - w->y, r = hypot(u, v) / w->radius;
        double share = exp(-pow(r, 4) * 0.5);
        double arm = 0.5 + 0.5 * sin(2 * atan2(v, u) * w->spin - 7.5 * log(r + 0.12) + 1);

        tone = paint_lerp(tone, 0.08 + 0.98 * arm - 0.22 * r, share);
    }
    return tone;
}

static struct colour air_colour(double x, double y, struct dice *dice)
{
    double tone = air_tone(x, y) + paint_between(dice, -0.17, 0.17);
    struct colour c = paint_ramp(air, 6, tone);

    if (paint_roll(dice) < 0.10)
        c = paint_mix(c, paint_rgb(paint_pick(dice, 2) ? 0x6fae9e : 0x7a78b8), 0.6);
    /* A pale stream through the sky, as of mist above the hills. */
    tone = exp(-pow((y - 0.60 + 0.05 * sin(x * 4.6) - 0.10 * (x - 0.6)) / 0.035, 2));
    tone *= 0.85 * paint_step(-0.25, 0.3, paint_cloud(x * 4, y * 14, 3, 44));
    if (paint_roll(dice) < tone)
        c = paint_rgb(paint_pick(dice, 2) ? 0xdfe3c4 : 0xa9c9d8);
    for (size_t i = 0; i < sizeof stars / sizeof *stars; i++) {
        const struct star *s = &stars[i];
        double r = hypot(x - s->x, y - s->y), glow = 1 - (r - s->core) / (s->halo - s->core);
        /* Rings in the halo. */
        double rings = glow + 0.16 * sin(glow * 15) + paint_between(dice, -0.12, 0.12);

        if (r > s->halo)
            continue;
        c = paint_mix(c, paint_ramp(halo, 5, rings), paint_step(0, 0.35, glow));
        if (r < s->core)
            c = paint_rgb(i == 0 ? moon[paint_pick(dice, 4)] : spark[paint_pick(dice, 3)]);
        /* The moon is a crescent. */
        if (i == 0 && hypot(x - s->x + 0.030, y - s->y + 0.018) < 0.046)
            c = paint_rgb(paint_pick(dice, 3) ? 0xf4eaa4 : 0xdfe6b4);
    }
    return c;
}

static struct colour water_colour(double x, double y, struct dice *dice)
{
    static const double lamp[] = {0.09, 0.19, 0.27, 0.40, 0.52, 0.66, 0.78, 0.90, 1.0};
    struct colour c =
        paint_ramp(water, 4, paint_roll(dice) * 0.9 + 0.15 * paint_noise(x * 5, y * 30, 2));
    double depth = (y - shore(x)) / 0.13;

    for (size_t i = 0; i < sizeof lamp / sizeof *lamp; i++) {
        double reach = 0.006 + 0.013 * depth + (i == 1 ? 0.012 : 0);

        if (fabs(x - lamp[i]) < reach && paint_roll(dice) < 0.85 - 0.5 * depth)
            c = paint_rgb(paint_pick(dice, 2) ? 0xf4c645 : 0xe79a3a);
    }
    return c;
}

static struct colour colour_at(double x, double y, struct dice *dice)
{
    double chance = paint_between(dice, -0.2, 0.2), tone;

    switch (part_at(x, y)) {
    case TREE:
        tone = 0.3 + 0.45 * sin(x * 130 + 3 * sin(y * 38)) + 1.3 * chance;
        return paint_ramp(tree, 5, tone * 0.8 + 0.1);
    case WATER:
        return water_colour(x, y, dice);
    case HILL:
        tone = 0.75 - (y - hill_top(x, 0)) * 8 + 0.5 * paint_cloud(x * 9, y * 12, 3, 6);
        return paint_ramp(hill, 5, tone + chance);
    case FIELD:
        tone = 0.36 + 0.9 * paint_cloud(x * 7, y * 22, 3, 16) + chance;
        /* Lamps of a village on the far bank. */
        if (y > shore(x) - 0.016 && y < shore(x) && paint_cloud(x * 30, 0, 2, 19) > 0.08)
            return paint_rgb(paint_pick(dice, 2) ? 0xf9d765 : 0xf0a63c);
        return paint_ramp(field, 5, tone);
    default:
        return air_colour(x, y, dice);
    }
}

/* One place of a stroke: a row of bristles across it. t runs from 0 to 1 along the stroke. */
static void press(const struct oil *oil, double x, double y, double angle, double width, double t,
                  struct colour c, unsigned seed)
{
    double nx = -sin(angle), ny = cos(angle), half = width / 2 * oil->unit;
    double load = paint_step(0, 0.08, t) * (1 - 0.5 * t);
    int w = oil->canvas->width;

    for (double s = -half; s <= half; s += 0.6) {
        double across = s / half, bristle = paint_noise(s / oil->unit * 1.1, t * 1.5, seed);
        double fine = paint_noise(s / oil->unit * 2.6, t * 3, seed + 1);
        double edge = sqrt(1 - across * across * 0.999);
        int px = (int)(x * oil->unit + nx * s), py = (int)(y * oil->unit + ny * s);
        float *h;

        /* Bristles run dry towards the end, and the stroke begins and ends round. */
        if (t > 0.62 && bristle < (t - 0.62) * 2.6 - 0.75)
            continue;
        if (px < 0 || py < 0 || px >= w || py >= oil->canvas->height)
            continue;
        h = &oil->height[(size_t)py * (size_t)w + (size_t)px];
        *h = (float)(0.35 * *h +
                     load * edge * (1.5 + 0.9 * bristle + 0.4 * fine + 0.5 * across * across));
        paint_set(oil->canvas, px, py, paint_scale(c, 1 + 0.16 * bristle + 0.08 * fine));
    }
}

static void stroke(const struct oil *oil, const struct brush *brush, struct dice *dice)
{
    double x = paint_between(dice, -20, 1300), y = paint_between(dice, -20, 1020);
    double length = brush->length * paint_between(dice, 0.6, 1.3);
    double width = brush->width * paint_between(dice, 0.7, 1.2);
    enum part part = part_at(x / 1000, y / 1000);
    struct colour c = colour_at(x / 1000, y / 1000, dice);
    unsigned seed = (unsigned)paint_pick(dice, 1 << 30);
    double angle = direction(x / 1000, y / 1000), step = 0.6 / oil->unit;

    c = paint_scale(c, paint_between(dice, 0.9, 1.1));
    c = paint_saturate(c, paint_between(dice, 0.8, 1.12));
    if (part != AIR)
        length *= 0.62, width *= 0.8;
    for (double way = 0; way < length; way += step) {
        double round = paint_step(0, width * 0.6, way) * paint_step(0, width * 0.5, length - way);

        if (part_at(x / 1000, y / 1000) != part)
            return;
        press(oil, x, y, angle, width * (0.35 + 0.65 * round), way / length, c, seed);
        /* The field is followed every few steps only: it is smooth, and costs more than the paint.
         */
        if ((int)(way / step) % 6 == 0)
            angle = direction(x / 1000, y / 1000);
        x += cos(angle) * step;
        y += sin(angle) * step;
    }
}

void night_draw(struct image *canvas, double unit)
{
    static const struct brush brushes[] = {
        {34, 130, 2600}, {17, 95, 7500}, {10, 62, 15000}, {6, 36, 9000}};
    struct oil oil = {canvas, unit,
                      mem_new((size_t)canvas->width * (size_t)canvas->height * sizeof(float))};
    struct dice dice = {1889};

    paint_fill(canvas, paint_rgb(0x1a2a55));
    for (size_t i = 0; i < sizeof brushes / sizeof *brushes; i++)
        for (int k = 0; k < brushes[i].count; k++)
            stroke(&oil, &brushes[i], &dice);
    paint_relief(canvas, oil.height, 0.42, 0.16);
    mem_free(oil.height);
}
