/*
 * marbling.c: marbled paper. Drops of ink push each other aside on the bath, then combs and a
 * stylus are drawn through it. Every such step moves the plane by a known map (A. Jaffer,
 * "Mathematical Marbling"), so a pixel's colour is found by undoing the steps from the last to the
 * first.
 */
#include <math.h>

#include "assets/draw/draw.h"
#include "assets/draw/paint.h"

enum { DROPS = 400 };

struct drop {
    double x, y, r;
    int ink;
};

static const unsigned inks[] = {0x17304f, 0xf3e8cf, 0x9c2a2f, 0xe0a63c, 0x2f7f86,
                                0xf6efdf, 0x1b1a26, 0xd9694a, 0x86b3a6};

/* A comb drawn along x or y, its teeth `gap` apart: the bath follows, less so between the teeth. */
static void undo_comb(double *x, double *y, int along_y, double pull, double gap, double sharpness)
{
    double across = along_y ? *x : *y;
    double d = fabs(across / gap - floor(across / gap) - 0.5) * 2;
    double moved = pull * pow(sharpness, 1 - d);

    if (along_y)
        *y -= moved;
    else
        *x -= moved;
}

/* The same, to and fro: one tooth pulls forwards and the next one back. */
static void undo_wave(double *x, double *y, int along_y, double pull, double gap)
{
    double moved = pull * sin((along_y ? *x : *y) * M_PI / gap);

    if (along_y)
        *y -= moved;
    else
        *x -= moved;
}

/* A stylus turned round a place. */
static void undo_swirl(double *x, double *y, double cx, double cy, double turn, double radius)
{
    double dx = *x - cx, dy = *y - cy;
    double angle = -turn * exp(-(dx * dx + dy * dy) / (radius * radius));

    *x = cx + dx * cos(angle) - dy * sin(angle);
    *y = cy + dx * sin(angle) + dy * cos(angle);
}

static void undo_strokes(double *x, double *y)
{
    static const double curls[][4] = {
        {110, 120, 2.9, 64}, {330, 90, -2.6, 56}, {545, 140, 3.0, 66},  {215, 275, -2.9, 62},
        {440, 290, 2.7, 60}, {95, 410, 2.6, 56},  {320, 430, -3.0, 62}, {560, 400, -2.7, 62},
    };

    *x += 5 * paint_cloud(*x / 90, *y / 90, 3, 1);
    *y += 5 * paint_cloud(*x / 90, *y / 90, 3, 5);
    for (size_t i = 0; i < sizeof curls / sizeof *curls; i++)
        undo_swirl(x, y, curls[i][0], curls[i][1], curls[i][2], curls[i][3]);
    undo_comb(x, y, 1, 46, 21, 0.06);
    undo_wave(x, y, 0, 70, 74);
    undo_wave(x, y, 1, 90, 118);
}

static void place_drops(struct drop *drops)
{
    struct dice dice = {20};

    for (int i = 0; i < DROPS; i++) {
        double late = (double)i / DROPS;

        drops[i].x = paint_between(&dice, -180, 820);
        drops[i].y = paint_between(&dice, -180, 680);
        drops[i].r = paint_between(&dice, 11, 35) * (1.3 - 0.75 * late);
        drops[i].ink = paint_pick(&dice, sizeof inks / sizeof *inks);
    }
}

static struct colour bath(const struct drop *drops, double x, double y)
{
    for (int i = DROPS - 1; i >= 0; i--) {
        double dx = x - drops[i].x, dy = y - drops[i].y, d2 = dx * dx + dy * dy;
        double r2 = drops[i].r * drops[i].r, back;

        if (d2 < r2)
            return paint_rgb(inks[drops[i].ink]);
        back = sqrt(1 - r2 / d2);
        x = drops[i].x + dx * back;
        y = drops[i].y + dy * back;
    }
    return paint_rgb(inks[(int)(hypot(x - 320, y - 250) / 42) % 9]);
}

void marbling_draw(struct image *canvas, double unit)
{
    struct drop drops[DROPS];

    place_drops(drops);
    for (int j = 0; j < canvas->height; j++)
        for (int i = 0; i < canvas->width; i++) {
            double x = i / unit, y = j / unit, u = x, v = y;
            double tone = 1 + 0.09 * paint_cloud(x / 60, y / 60, 3, 40);
            double grain = 0.03 * paint_noise(x / 2.3, y / 2.3, 50);

            undo_strokes(&u, &v);
            paint_set(canvas, i, j, paint_scale(bath(drops, u, v), tone + grain));
        }
}
