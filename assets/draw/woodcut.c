/*
 * woodcut.c: a valley with mountains, pines and an old oak, cut in wood: black ink on cream paper
 * and nothing between. Every form has its own run of lines; how light it is only makes the cuts
 * wider or narrower, and the knife wobbles.
 */
#include <math.h>

#include "assets/draw/draw.h"
#include "assets/draw/paint.h"

enum { SUN_X = 430, SUN_Y = 118 };

/* One cut a unit of phase; light 0: all ink, 1: none. Cuts swell and taper along their way. */
static int cut(double phase, double along, double light, unsigned seed)
{
    double line = floor(phase), place = fabs(phase - line - 0.5) * 2;
    double swell = 0.24 * paint_noise(along / 34, line * 0.71, seed) +
                   0.08 * paint_noise(along / 7, line, seed + 1);

    return place > paint_clamp(light + swell * (light > 0.03 && light < 0.98), 0, 1);
}

static double far_ridge(double x)
{
    return 232 - 112 * exp(-pow((x - 190) / 92, 2)) - 74 * exp(-pow((x - 330) / 60, 2)) -
           88 * exp(-pow((x - 585) / 85, 2)) - 34 * fabs(paint_cloud(x / 46, 0, 4, 3)) - 8;
}

static double hill_ridge(double x, int k)
{
    static const double base[] = {268, 300, 352, 428};

    return base[k] + (13 + 6 * k) * sin(x / (92 + 24 * k) + 1.9 * k) + 9 * sin(x / 41 + k);
}

static int sky_ink(double x, double y)
{
    double dx = x - SUN_X, dy = y - SUN_Y, r = hypot(dx, dy);
    double turn = atan2(dy, dx) / (2 * M_PI) + 0.5;
    double rays, light;

    if (r < 40)
        return 0;
    if (r < 43.5)
        return 1;
    /* Twice as many rays each time the way outwards doubles. */
    rays = r < 92 ? 48 : r < 184 ? 96 : r < 368 ? 192 : 384;
    light = 0.80 - 0.42 * paint_step(50, 420, r) +
            0.10 * sin(turn * 2 * M_PI * 12) * paint_step(300, 60, r);
    light -= 0.30 * paint_step(120, -20, y) * paint_step(80, 300, r);
    return cut(turn * rays + 0.25, r, light, 10);
}

/* Heaped clouds: each puff is shaded by arcs around its own middle. */
static int cloud_ink(int *ink, double x, double y)
{
    static const double puffs[][3] = {
        {60, 112, 30}, {98, 96, 36},  {142, 104, 30}, {178, 116, 22}, {28, 120, 22}, {552, 76, 26},
        {586, 62, 32}, {622, 74, 28}, {262, 52, 18},  {288, 44, 24},  {318, 52, 19},
    };
    double front = -1e9;
    int found = -1;

    for (int i = 0; i < 11; i++) {
        double r = hypot(x - puffs[i][0], (y - puffs[i][1]) * 1.15);
        double base = puffs[i][1] + 0.52 * puffs[i][2];

        if (r < puffs[i][2] + 1.6 * sin(atan2(y - puffs[i][1], x - puffs[i][0]) * 9) &&
            y < base + 3 * sin(x / 9) && puffs[i][1] + 0.01 * i > front)
            front = puffs[i][1] + 0.01 * i, found = i;
    }
    if (found >= 0) {
        double dx = x - puffs[found][0], dy = (y - puffs[found][1]) * 1.15, size = puffs[found][2];
        double depth = 1 - hypot(dx, dy) / size, light = 1.12 - 0.55 * (dy - 0.7 * dx) / size;

        *ink = depth < 0.075 ||
               cut(depth * size / 4.2, atan2(dy, dx) * size, paint_clamp(light, 0.2, 1), 20);
    }
    return found >= 0;
}

static int mountain_ink(double x, double y)
{
    double top = far_ridge(x), depth = y - top, slope = far_ridge(x + 3) - far_ridge(x - 3);
    double crease = paint_cloud(x / 30 + depth / 70, depth / 95, 4, 30);
    double face = slope / 6 + 2.6 * crease;
    double light = paint_step(0.75, -0.75, -face) * 0.9 + 0.08;

    if (depth < 1.6)
        return 1;
    /* Snow on top, darker at the foot of it. */
    light += 0.55 * paint_step(36, 8, depth - 26 * crease) - 0.25 * paint_step(20, 110, depth);
    return face > 0 ? cut((x * 0.86 + depth * 0.5) / 5.4 + 1.1 * crease, depth, light, 31)
                    : cut((x * 0.86 - depth * 0.5) / 5.4 + 1.1 * crease, depth, light, 32);
}

static int hill_ink(double x, double y, int k)
{
    double top = hill_ridge(x, k), depth = y - top, spread = 4.6 + 1.1 * k, light, phase;
    double field =
        floor((x + depth * (k % 2 ? 1.4 : -1.2)) / (84 + 30 * k) + 0.4 * sin(depth / 30) + k);
    double kind = paint_chance((int)field, k, 40), strip = fabs(depth - 26 - 9 * k);

    if (depth < 1.5)
        return 1;
    if (k > 0 && k < 3 && strip < 1.2 + 0.4 * k)
        return 1;
    light =
        0.85 - 0.012 * depth * (1 - 0.15 * k) + 0.10 * sin(x / 60 + k) - (kind < 0.3 ? 0.25 : 0);
    if (kind < 0.4)
        phase = depth / spread + 0.5 * sin(x / 23 + field);
    else if (kind < 0.75)
        phase = (x - 320) * 40 / (depth + 60 + 20 * k) / spread + 0.2 * depth / spread;
    else /* tufts in rows */
        return paint_noise(x / 4.4, depth / 3.4, 44) + 0.25 * sin(depth * 2 * M_PI / 9) >
               0.42 * light;
    return cut(phase, x + y, paint_clamp(light, 0.14, 0.9), 41 + (unsigned)k);
}

/* A pine: black, with cuts of light on its left along the drooping branches. */
static int pine_ink(int *ink, double x, double y, double px, double foot, double size)
{
    double u = (x - px) / size, v = (foot - y) / size, tier, wide;

    if (v < 0 || v > 1 || fabs(u) > 0.3)
        return 0;
    tier = fmod(v * 7.5 + 1.6 * fabs(u), 1);
    wide =
        v < 0.08 ? 0.025 : 0.27 * (1.02 - v) * (1.1 - 0.55 * tier) + 0.012 * paint_noise(y, px, 6);
    if (fabs(u) > wide)
        return 0;
    *ink = !(u < 0.35 * wide && v > 0.1 && tier > 0.30 && tier < 0.62 && fabs(u) < 0.82 * wide &&
             paint_noise(x / 2.4, px, 8) > -0.25 + u);
    return 1;
}

static int pines_ink(int *ink, double x, double y, int k)
{
    for (int i = 0; i < 26; i++) {
        double px = 640 * paint_chance(i, k, 50);
        double size = (26 + 22 * k) * (0.7 + 0.6 * paint_chance(i, k, 51));
        double foot = hill_ridge(px, k) + 8 + (16 + 8 * k) * paint_chance(i, k, 52);

        if (k == 2 && (px < 250 || i > 13))
            continue;
        if (k < 2 && paint_noise(px / 60, k * 3, 53) < -0.12)
            continue;
        if (pine_ink(ink, x, y, px, foot, size))
            return 1;
    }
    return 0;
}

static int river_ink(int *ink, double x, double y)
{
    double depth = (y - 285) / 215;
    double middle = 372 + 96 * sin(depth * 6 + 0.6) * (0.45 + depth) - 60 * depth;
    double wide = 5 + 76 * depth * depth + 16 * depth, off = x - middle, ripple;

    if (depth < 0.03 || fabs(off) > wide)
        return 0;
    ripple = y / (2.9 + 4.5 * depth) + 0.6 * sin(off / (8 + 16 * depth) + y / 9);
    *ink =
        fabs(off) > wide - 1.7 || cut(ripple, x, 0.93 - 0.5 * paint_step(0.2, 1, off / wide), 60);
    return 1;
}

/* The oak at the left: a trunk that forks, bark along it, and heaps of leaves. */
static double limb_in(double x, double y, double x0, double y0, double x1, double y1, double w0,
                      double w1, double *along, double *across)
{
    double dx = x1 - x0, dy = y1 - y0, length = hypot(dx, dy);
    double t = ((x - x0) * dx + (y - y0) * dy) / (length * length), side, wide;

    if (t < -0.02 || t > 1)
        return -1;
    side = ((x - x0) * dy - (y - y0) * dx) / length + 0.06 * length * sin(t * 5.5);
    wide = paint_lerp(w0, w1, t) + 6 * exp(-t * length / 12) * (w0 > 14);
    *along = t * length;
    *across = side / wide;
    return wide - fabs(side);
}

static int trunk_ink(int *ink, double x, double y)
{
    static const double limbs[][6] = {
        {86, 505, 98, 330, 26, 18}, {98, 338, 60, 236, 14, 6}, {98, 340, 136, 232, 15, 6},
        {120, 278, 186, 232, 8, 3}, {72, 268, 20, 218, 7, 3},  {99, 330, 100, 224, 10, 4},
        {106, 380, 172, 318, 7, 3},
    };
    double along, across;

    for (int i = 0; i < 7; i++) {
        const double *l = limbs[i];
        double in = limb_in(x, y, l[0], l[1], l[2], l[3], l[4], l[5], &along, &across);

        if (in < 0)
            continue;
        *ink = in < 1.6 ||
               cut(across * l[4] / 4.6 + 0.7 * paint_noise(along / 22, across, 70 + (unsigned)i),
                   along, 0.55 + 0.45 * across * (l[3] > l[1] ? -1 : 1), 71);
        return 1;
    }
    return 0;
}

static int leaves_ink(int *ink, double x, double y)
{
    static const double heaps[][3] = {
        {30, 150, 44}, {150, 162, 46}, {92, 122, 52},  {14, 212, 38},
        {68, 196, 46}, {132, 218, 42}, {192, 220, 36}, {182, 306, 24},
    };
    int found = -1;
    double u = 0, v = 0;

    for (int i = 0; i < 8; i++) {
        double dx = (x - heaps[i][0]) / heaps[i][2], dy = (y - heaps[i][1]) / heaps[i][2] * 1.12;
        double rim =
            0.97 + 0.26 * paint_noise(x / 17, y / 17, 80) + 0.20 * paint_noise(x / 5, y / 5, 81);

        if (hypot(dx, dy) < rim)
            found = i, u = dx, v = dy;
    }
    if (found >= 0) {
        /* Leaf by leaf: small scoops in rows that bend over the heap, fewer in its shade. */
        double light = 0.62 + 0.60 * (0.75 * u - 0.85 * v), r = hypot(u, v) + 1e-6;
        double size = heaps[found][2], row = r * size / 6.2 + 1.1 * paint_noise(x / 22, y / 22, 83);
        double angle = atan2(v, u + 0.3);
        double shift = 0.5 * floor(row + 0.5) + 0.5 * paint_noise(x / 13, y / 13, 84);
        double column = angle * size / 8.5 + shift;
        double lx = (column - floor(column + 0.5)) * 2, ly = (row - floor(row + 0.5)) * 2;
        double scoop = 0.16 + 0.80 * light + 0.75 * paint_noise(x / 12, y / 12, 82);

        *ink =
            r > 1.02 || hypot(lx, ly * 1.15 + 0.9 * lx * lx - 0.35) > paint_clamp(scoop, 0, 1.05);
    }
    return found >= 0;
}

/* Grass before everything, black blades with cuts between. */
static int grass_ink(int *ink, double x, double y)
{
    double blade =
        paint_noise(x / 5.5 + 0.35 * sin(y / 14), 0.4, 90) * 26 + paint_noise(x / 60, 0, 91) * 16;

    if (y < 470 - blade)
        return 0;
    *ink = cut(x / 4.4 + 1.4 * sin(y / 16 + x / 70), y,
               paint_clamp(0.62 - (y - 452) / 60, 0.05, 0.6), 92);
    return 1;
}

static int ink_at(double x, double y)
{
    int ink = 0;

    if (x < 9 || y < 9 || x > 631 || y > 491)
        return x > 4 && y > 4 && x < 636 && y < 496;
    if (leaves_ink(&ink, x, y) || trunk_ink(&ink, x, y) || grass_ink(&ink, x, y) ||
        river_ink(&ink, x, y))
        return ink;
    for (int k = 3; k >= 0; k--) {
        if (k < 3 && pines_ink(&ink, x, y, k))
            return ink;
        if (y > hill_ridge(x, k))
            return hill_ink(x, y, k);
    }
    if (y > far_ridge(x))
        return mountain_ink(x, y);
    return cloud_ink(&ink, x, y) ? ink : sky_ink(x, y);
}

static double wobble(double x, double y, unsigned seed)
{
    return 0.9 * paint_noise(x / 11, y / 11, seed) + 0.35 * paint_noise(x / 3, y / 3, seed + 1);
}

void woodcut_draw(struct image *canvas, double unit)
{
    for (int j = 0; j < canvas->height; j++)
        for (int i = 0; i < canvas->width; i++) {
            double x = i / unit, y = j / unit;
            double u = x + wobble(x, y, 1), v = y + wobble(x, y, 3);
            double fibre = paint_cloud(x / 30, y / 5, 3, 5);
            double press = paint_cloud(x / 2.2, y / 2.2, 3, 7);
            struct colour paper = paint_scale(paint_rgb(0xf2e8d0), 1 + 0.03 * fibre);
            /* Ink lies thin here and there. */
            struct colour black =
                paint_mix(paint_rgb(0x17141a), paper, 0.05 + 0.5 * paint_step(0.42, 0.6, press));

            paint_set(canvas, i, j, ink_at(u, v) ? black : paper);
        }
}
