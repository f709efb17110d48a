/*
 * dots.c: a river bank on a summer's day in dots of pure colour. A plain plan gives the colour a
 * place should have; each dot takes it apart: some are purer, some of a neighbouring hue, some of
 * the complement, and only the eye mixes them.
 */
#include <math.h>

#include "assets/draw/draw.h"
#include "engine/base/mem.h"
#include "assets/draw/paint.h"

struct figure {
    double x, foot, height;
    unsigned dress, shade, parasol;
};

static const struct figure figures[] = {
    {168, 432, 150, 0x6a2f6e, 0x2f2452, 0xe8563c}, {226, 424, 128, 0x26406e, 0x18284a, 0},
    {442, 372, 84, 0xd8506a, 0x8f2f58, 0xf6c46a},  {478, 368, 76, 0x3b6a4e, 0x234a44, 0},
    {342, 345, 58, 0xe8e2cc, 0xa9a0b8, 0x8f6ac0},  {600, 350, 62, 0x9a3f4a, 0x5f2a4c, 0},
};

static double crown(double x, double y, double cx, double cy, double w, double h, unsigned seed)
{
    return 1 - hypot((x - cx) / w, (y - cy) / h) + 0.35 * paint_cloud(x / 42, y / 42, 4, seed);
}

/* Leaves: lit from the upper right. */
static struct colour leaves(double x, double y, double cx, double cy, double w, double h,
                            unsigned seed)
{
    static const unsigned greens[] = {0x16304f, 0x1f5a52, 0x3f8a48, 0x93ba48, 0xeada66};
    double light = 0.42 + 0.26 * (x - cx) / w - 0.34 * (y - cy) / h;

    return paint_ramp(greens, 5, light + 0.85 * paint_cloud(x / 24, y / 20, 3, seed + 5));
}

static int figure_at(struct colour *out, const struct figure *f, double x, double y)
{
    double u = (x - f->x) / f->height, v = (f->foot - y) / f->height; /* v: 0 foot … 1 head */
    double light = 0.5 + 4.0 * u, skirt = 0.215 - 0.30 * v + 0.10 * v * v;
    double px = u - 0.10, py = v - 0.93;

    if (f->parasol && hypot(px, py * 1.7) < 0.31 && py > -0.03 + 0.03 * sin(px * 40)) {
        double rib = sin(asin(paint_clamp(px / 0.32, -1, 1)) * 9);

        *out = paint_mix(paint_rgb(f->parasol), paint_rgb(rib > 0 ? 0xfff2c0 : 0x7a2f5a),
                         0.25 + 0.4 * (px < -0.08));
        return 1;
    }
    if (f->parasol && fabs(u - 0.10) < 0.012 && v > 0.5 && v < 0.95) {
        *out = paint_rgb(0x4a2f2a);
        return 1;
    }
    if (hypot(u, v - 0.90) < 0.062) {
        *out = paint_rgb(v > 0.915 ? f->shade : u > 0 ? 0xf4c8a0 : 0xc98a78);
        return 1;
    }
    if ((v > 0 && v < 0.56 && u > -skirt - 0.05 && u < skirt) ||
        (v >= 0.5 && v < 0.84 && fabs(u) < 0.075 + 0.05 * sin((v - 0.5) / 0.34 * M_PI))) {
        *out = paint_mix(paint_rgb(f->shade), paint_rgb(f->dress),
                         paint_clamp(light + 0.4 * sin(u * 55) * (v < 0.5), 0, 1.2));
        return 1;
    }
    return 0;
}

static struct colour lawn(double x, double y, double bank)
{
    static const unsigned sunny[] = {0x8fbf4a, 0xb9d055, 0xe2de6c, 0xf2e27c};
    static const unsigned shady[] = {0x1f4a5a, 0x2a6a54, 0x3f8050, 0x5a9050};
    double depth = (y - bank) / (500 - bank), grass = 0.5 + paint_cloud(x / 40, y / 9, 3, 60);
    /* Long shadows of trees fall across. */
    double shadow =
        paint_cloud(x / 150 + y / 60, y / 36, 3, 70) + 0.62 * paint_step(0.45, 0.95, depth) - 0.02;
    double patch = paint_step(0.0, 0.13, shadow);
    struct colour c = paint_mix(paint_ramp(sunny, 4, grass), paint_ramp(shady, 4, grass), patch);

    for (size_t i = 0; i < sizeof figures / sizeof *figures; i++) {
        const struct figure *f = &figures[i];
        double u = (f->x - 6 - x) / f->height, v = (y - f->foot) / f->height - 0.22 * u;

        if (u > 0 && u < 1.2 && fabs(v) < 0.055)
            c = paint_ramp(shady, 4, grass * 0.6);
    }
    if (paint_cloud(x / 13, y / 8, 2, 80) > 0.34 && patch < 0.5)
        c = paint_rgb(paint_noise(x / 60, y / 60, 81) > 0 ? 0xe84a3a : 0xf6f0e0);
    return c;
}

static struct colour river(double x, double y, double bank, double far)
{
    static const unsigned blues[] = {0x2f5fae, 0x4f8fd0, 0x86bfe6, 0xcfe6ea, 0xfaf0cc};
    double depth = (y - far) / (bank - far);
    double wave = paint_cloud(x / (20 + 60 * depth), y / (2.5 + 5 * depth), 3, 90);
    double light = 0.55 - 0.28 * depth + 0.8 * wave + 0.45 * exp(-pow((x - 470) / 60, 2));
    double bend = 0.5 * wave + 0.3 * paint_cloud(x / 60, 0, 2, 91);
    double mirror = paint_step(0.30, 0.05, depth + bend); /* the far bank, upside down */

    return paint_mix(paint_ramp(blues, 5, light), paint_rgb(0x3f7a5a), 0.8 * mirror);
}

static struct colour sky(double x, double y)
{
    static const unsigned blues[] = {0x5f95dc, 0x86b8e8, 0xb9d8ea, 0xf4e6c8, 0xf9d3b0};
    struct colour c = paint_ramp(blues, 5, y / 205);
    double cloud = paint_cloud(x / 120, y / 44, 4, 100) - 0.03;
    double under = paint_cloud(x / 120, (y - 9) / 44, 4, 100) - 0.03, light;

    c = paint_mix(c, paint_rgb(0xc9b4d8), 0.75 * paint_step(0, 0.22, cloud));
    light = paint_step(-0.02, 0.16, 1.45 * cloud - under) * paint_step(0, 0.1, cloud);
    return paint_mix(c, paint_rgb(0xfff6e0), light);
}

/* A boat's sail, its hull, and the sail again in the water. */
static int boat_at(struct colour *out, double x, double y, double bx, double by, double size)
{
    double u = (x - bx) / size, v = (by - y) / size, w = v > 0 ? v : -v * 1.25 - 0.12;

    if (v > 0 && v < 0.12 && fabs(u) < 0.48 - 0.12 * (0.12 - v) / 0.12) {
        *out = paint_rgb(0x7a3440);
        return 1;
    }
    if (w < 0.15 || w > 1.2 || (v < 0 && paint_noise(x / 8, y / 2.2, 4) > 0.1))
        return 0;
    if ((u > 0.01 && u < 0.44 * (1.2 - w)) || (u < -0.02 && u > -0.33 * (1.05 - w))) {
        *out = paint_mix(paint_rgb(u > 0 ? 0xfffbe8 : 0xf2c894), paint_rgb(0x8fb0d8),
                         v < 0 ? 0.45 : 0.35 * (u < 0.1));
        return 1;
    }
    return 0;
}

static struct colour plan(double x, double y)
{
    double bank = 318 + 0.05 * x + 5 * sin(x / 50) - 40 * paint_step(380, 640, x);
    double far = 206 + 3 * sin(x / 35);
    double trees = far - 26 - 30 * paint_cloud(x / 58, 0, 3, 110) - 16 * sin(x / 130);
    struct colour c;

    for (size_t i = 0; i < sizeof figures / sizeof *figures; i++)
        if (figure_at(&c, &figures[i], x, y))
            return c;
    if (crown(x, y, 50, 85, 165, 120, 120) > 0.16)
        return leaves(x, y, 50, 85, 165, 120, 120);
    if (crown(x, y, 610, 95, 100, 92, 130) > 0.16)
        return leaves(x, y, 610, 95, 100, 92, 130);
    /* Trunks, with light on their right. */
    if (y > 110 && y < 400 && fabs(x - 52 - 7 * sin(y / 70)) < 12 + paint_step(320, 400, y) * 9)
        return paint_mix(paint_rgb(0x3a2440), paint_rgb(0xd0804a),
                         paint_step(-6, 14, x - 52 + 6 * paint_noise(x / 6, y / 25, 3)));
    if (y > 110 && y < 322 && fabs(x - 604 + 4 * sin(y / 50)) < 8)
        return paint_mix(paint_rgb(0x3a2a4a), paint_rgb(0xc87a50), paint_step(-4, 8, x - 604));
    if (y > bank)
        return lawn(x, y, bank);
    if (boat_at(&c, x, y, 352, 252, 72) || boat_at(&c, x, y, 505, 226, 36) ||
        boat_at(&c, x, y, 262, 222, 30))
        return c;
    if (y > far)
        return river(x, y, bank, far);
    if (y > trees)
        return leaves(x, y, x, (trees + far) / 2 + 4, 60, 34, 140);
    return sky(x, y);
}

static struct colour divide(struct colour c, struct dice *dice)
{
    double kind = paint_roll(dice), light = 0.3 * c.r + 0.6 * c.g + 0.1 * c.b;

    c = paint_saturate(c, paint_between(dice, 1.1, 1.6));
    if (kind < 0.13) {
        /* The complement, as light as the rest: orange among blue, violet among yellow. */
        struct colour other = {2 * light - c.r, 2 * light - c.g, 2 * light - c.b};

        c = paint_mix(c, other, 0.9);
    } else if (kind < 0.27) {
        c = (struct colour){c.g, c.b, c.r};
        c = paint_mix(paint_scale(c, 1), (struct colour){light, light, light}, 0.25);
    } else if (kind < 0.40) {
        c = paint_mix(c, paint_rgb(light > 0.5 ? 0xfff4c4 : 0x2a2a78), 0.5);
    }
    return paint_scale(c, paint_between(dice, 0.88, 1.12));
}

static void dot(struct image *canvas, float *height, double unit, double x, double y, double radius,
                struct colour c, struct dice *dice)
{
    double turn = paint_between(dice, 0, 3.15), stretch = paint_between(dice, 1, 1.35);
    double reach = radius * 1.4 * unit;
    double ct = cos(turn), st = sin(turn), wobble = paint_between(dice, 0, 100);

    for (int j = (int)(y * unit - reach); j <= y * unit + reach; j++)
        for (int i = (int)(x * unit - reach); i <= x * unit + reach; i++) {
            double dx = i / unit - x, dy = j / unit - y;
            double u = (dx * ct + dy * st) / stretch, v = (dy * ct - dx * st) * stretch;
            double r = hypot(u, v) / radius +
                       0.14 * paint_noise(dx / radius * 1.4 + wobble, dy / radius * 1.4, 7);

            if (r > 1 || i < 0 || j < 0 || i >= canvas->width || j >= canvas->height)
                continue;
            paint_over(canvas, i, j, c, 0.97);
            height[(size_t)j * (size_t)canvas->width + (size_t)i] =
                (float)(sqrt(1 - r * r * r * 0.99) * radius);
        }
}

void dots_draw(struct image *canvas, double unit)
{
    static const struct layer {
        double radius, gap;
    } layers[] = {{5.0, 6.4}, {3.9, 5.4}, {2.9, 5.0}};
    float *height = mem_new((size_t)canvas->width * (size_t)canvas->height * sizeof(float));
    struct dice dice = {1884};

    paint_fill(canvas, paint_rgb(0xe9dcb8));
    for (size_t k = 0; k < sizeof layers / sizeof *layers; k++) {
        double gap = layers[k].gap;

        for (int row = -1; row * gap * 0.87 < 510; row++)
            for (int column = -1; column * gap < 650; column++) {
                double x = gap * (column + 0.5 * (row & 1) + paint_between(&dice, -0.36, 0.36));
                double y = gap * (row * 0.87 + paint_between(&dice, -0.36, 0.36));
                double radius = layers[k].radius * paint_between(&dice, 0.75, 1.1);
                struct colour c = divide(plan(x, y), &dice);

                dot(canvas, height, unit, x, y, radius, c, &dice);
            }
    }
    paint_relief(canvas, height, 0.16, 0.05);
    mem_free(height);
}
