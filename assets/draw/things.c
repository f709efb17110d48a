/*
 * things.c: what stands on the coast: lighthouse, cottage, trees, a boat, as distances to shapes.
 * A ray only meets those whose sphere it crosses.
 */
#include "assets/draw/coast.h"

enum kind { LIGHTHOUSE, COTTAGE, PINE, BUSH, BOAT };

static const struct thing {
    enum kind kind;
    struct vec foot;
    double size, radius; /* of the sphere around it; its middle is `size` above the foot */
} things[] = {
    {LIGHTHOUSE, {44, 13.2, 150}, 15, 18}, {COTTAGE, {61, 13.0, 146}, 4, 12},
    {BOAT, {-11, 0, 78}, 5, 7.5},          {PINE, {74, 13.5, 150}, 5.2, 6.4},
    {PINE, {79, 14.2, 156}, 6.4, 7.6},     {PINE, {84.5, 14.0, 150}, 5.4, 6.6},
    {PINE, {70, 15.2, 163}, 5.6, 6.8},     {PINE, {90, 14.2, 158}, 6.6, 7.8},
    {PINE, {95, 13.6, 151}, 5.6, 6.8},     {PINE, {99, 14.6, 160}, 6.2, 7.4},
    {PINE, {104, 14, 154}, 6.0, 7.2},      {PINE, {54, 14.8, 164}, 4.6, 5.8},
    {PINE, {110, 14, 158}, 6.8, 8.0},      {BUSH, {50, 12.6, 141}, 1.2, 2.4},
    {BUSH, {53, 12.8, 142}, 1.0, 2.0},     {BUSH, {68, 12.6, 141}, 1.3, 2.6},
    {BUSH, {38.5, 12.6, 146}, 0.9, 1.9},   {BUSH, {73, 12.4, 139}, 1.1, 2.3},
    {BUSH, {80, 12.6, 142}, 1.5, 2.9},     {BUSH, {88, 12.4, 141}, 1.3, 2.6},
};
enum { THINGS = sizeof things / sizeof *things };

static double box(double x, double y, double z, double w, double h, double d)
{
    double u = fabs(x) - w, v = fabs(y) - h, s = fabs(z) - d;
    double out = sqrt(pow(fmax(u, 0), 2) + pow(fmax(v, 0), 2) + pow(fmax(s, 0), 2));

    return out + fmin(fmax(u, fmax(v, s)), 0);
}

static double tower(double x, double y, double z)
{
    double r = hypot(x, z), wall = 3.1 - 0.058 * y - 0.25 * (1 - exp(-y / 2));
    double d = fmax((r - wall) * 0.99, y - 21);
    double angle = atan2(z, x), rail;

    d = fmin(d, fmax(r - 2.9, fabs(y - 21.2) - 0.28));                       /* gallery */
    d = fmin(d, fmax(r - 2.3 + 0.9 * (21 - y), fmax(y - 21, 20 - y) * 0.8)); /* its bracket */
    rail = fmax(fabs(r - 2.75) - 0.05, fmax(y - 22.5, 21.2 - y));
    rail = fmax(rail, fmin(fabs(y - 22.4) - 0.07, fabs(sin(angle * 12)) * 0.23 - 0.05));
    d = fmin(d, rail * 0.8);
    d = fmin(d, fmax(r - 1.55, fabs(y - 23) - 1.8));                  /* lantern */
    d = fmin(d, fmax((r - 1.95 + 1.0 * (y - 24.8)) * 0.7, 24.7 - y)); /* roof */
    d = fmin(d, sqrt(r * r + pow(y - 26.8, 2)) - 0.28);
    return fmin(d, fmax(r - 0.06, fabs(y - 27.3) - 1));
}

/* Turned so that its long side is seen a little from the left. */
static struct vec cottage_place(struct vec p)
{
    return (struct vec){0.94 * p.x + 0.34 * p.z, p.y, 0.94 * p.z - 0.34 * p.x};
}

static double cottage(struct vec p)
{
    struct vec q = cottage_place(p);
    double body = box(q.x, q.y - 1, q.z, 5.6, 3.0, 3.2);
    double roof = fmax(fabs(q.x) - 6.0, fmax((q.y - 7.0 + fabs(q.z) * 0.9) * 0.74, 3.5 - q.y));

    roof = fmax(roof, -((q.y - 6.6 + fabs(q.z) * 0.9) * 0.74) - 99 * (fabs(q.x) < 5.6));
    return fmin(fmin(body, roof), box(q.x + 3.2, q.y - 6.6, q.z, 0.55, 1.5, 0.55));
}

static double pine(double x, double y, double z, double size, unsigned seed)
{
    double r = hypot(x, z), top = 2 * size, t = y / top, skirt, rough, tier;

    if (t < 0.1)
        return fmax(r - 0.3, t - 0.12);
    tier = t * 7 - floor(t * 7);
    rough = paint_cloud3(x * 1.1, y * 1.1, z * 1.1, 3, seed);
    skirt =
        0.44 * size * pow(fmax(0, 1 - t), 0.85) * (1.12 - 0.42 * tier) + 0.9 * rough * (1.05 - t);
    return fmin(fmax(r - skirt, y - top) * 0.42, hypot(r, fmax(0, y - 0.9 * top)) * 0.6);
}

static double boat(double x, double y, double z)
{
    double hull = hypot(x / 3.1, z / 0.95) - 1, d;
    double sheer = 0.75 + 0.06 * x * x * (x > 0 ? 1.4 : 0.6);
    double belly = 0.42 * sin(paint_clamp((y - 1) / 8.5, 0, 1) * M_PI), w = y - 1.5;
    double main_sail, jib; /* behind the mast and before it */

    hull = fmax(hull * 0.8, fmax(y - sheer, -0.5 - y));
    d = fmin(hull, fmax(hypot(x - 0.5, z) - 0.07, fmax(y - 10, -y)));
    main_sail = fmax(fmax(-(x + 3.4 - w * 0.30) * 0.9, x - 0.35), fmax(-w, (y - 9.6) * 0.9));
    main_sail = fmax(main_sail, fabs(z - belly) - 0.06);
    jib = fmax(fmax(0.75 - x, (x - 2.9 + (y - 1.2) * 0.28) * 0.95), 1.2 - y);
    jib = fmax(jib, fabs(z - 1.3 * belly) - 0.06);
    return fmin(d, 0.8 * fmin(main_sail, jib));
}

static double distance(struct vec p, int i)
{
    const struct thing *o = &things[i];
    struct vec q = {p.x - o->foot.x, p.y - o->foot.y, p.z - o->foot.z};
    double r;

    switch (o->kind) {
    case LIGHTHOUSE:
        return tower(q.x, q.y, q.z);
    case COTTAGE:
        return cottage(q);
    case PINE:
        return pine(q.x, q.y, q.z, o->size, (unsigned)i);
    case BUSH:
        r = o->size + 0.9 * paint_cloud3(q.x * 1.2, q.y * 1.2, q.z * 1.2 + i, 3, 9);
        return 0.55 * (sqrt(q.x * q.x * 0.6 + q.y * q.y * 1.2 + q.z * q.z) - r);
    default:
        return boat(q.x, q.y, q.z);
    }
}

double things_hit(struct vec from, struct vec way, double limit, int *thing)
{
    double best = -1;

    for (int i = 0; i < THINGS; i++) {
        struct vec middle = vec_at(things[i].foot, (struct vec){0, 1, 0},
                                   things[i].kind == BUSH ? 0 : things[i].size);
        struct vec to = vec_at(middle, from, -1);
        double along = vec_dot(to, way), off = vec_dot(to, to) - along * along;
        double half = things[i].radius * things[i].radius - off, t, end;

        if (half <= 0 || along + sqrt(half) < 0)
            continue;
        half = sqrt(half);
        t = fmax(0, along - half);
        end = fmin(along + half, best < 0 ? limit : best);
        for (int k = 0; k < 160 && t < end; k++) {
            double d = distance(vec_at(from, way, t), i);

            if (d < 0.012) {
                best = t;
                *thing = i;
                break;
            }
            t += d;
        }
    }
    return best;
}

struct vec things_normal(struct vec p, int thing)
{
    static const struct vec axis[] = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}};
    double rise[3];

    for (int i = 0; i < 3; i++)
        rise[i] = distance(vec_at(p, axis[i], 0.03), thing) -
                  distance(vec_at(p, axis[i], -0.03), thing);
    return vec_unit((struct vec){rise[0], rise[1], rise[2]});
}

static struct colour tower_colour(struct vec q, double *own)
{
    double r = hypot(q.x, q.z), turn = atan2(q.z, q.x);
    double stain = paint_cloud(turn * 5, q.y / 7, 4, 5);
    struct colour c;

    if (q.y > 24.7)
        return paint_rgb(0xa8231f);
    if (q.y > 21.5 && r < 2.2) {
        int bar = fabs(sin(turn * 4)) < 0.14 || fabs(q.y - 23.2) < 0.08 || q.y < 21.9 || q.y > 24.5;

        *own = bar ? 0 : 0.85;
        return paint_rgb(bar ? 0x2f2a2a : 0xffe08a);
    }
    if (q.y > 20.9)
        return paint_rgb(0x3a3434);
    c = paint_rgb(((int)(q.y / 4.2) & 1) ? 0xc23a2c : 0xf3ede0);
    /* Windows, one above the other. */
    if (fabs(fmod(q.y + 20, 5.4) - 2.6) < 0.62 && fabs(q.x + 0.5) < 0.34 && q.z < 0)
        return paint_rgb(0x2a2f3c);
    return paint_scale(c, 1 + 0.16 * stain);
}

static struct colour cottage_colour(struct vec p, struct vec normal, double *own)
{
    struct vec q = cottage_place(p);
    double pane = fabs(fmod(q.x + 13.3, 2.7) - 1.35);

    if (q.y > 4.1 && fabs(q.x + 3.2) < 0.6 && fabs(q.z) < 0.6)
        return paint_rgb(0x9a5a48);
    if (normal.y > 0.3 || q.y > 3.95 + 3 * (fabs(q.x) > 5.55))
        return paint_scale(paint_rgb(0xb0533a), 0.9 + 0.35 * paint_noise(q.x * 1.6, q.y * 5, 3));
    if (q.y > 1.0 && q.y < 2.7 && pane < 0.55 && q.z < -3) {
        *own = fabs(pane - 0.0) > 0.06 && fabs(q.y - 1.85) > 0.06 ? 0.8 : 0;
        return paint_rgb(*own > 0 ? 0xf9cf7a : 0xf3ede0);
    }
    return paint_scale(paint_rgb(0xf0e6d2), 1 + 0.1 * paint_cloud(q.x, q.y, 3, 2));
}

struct colour things_colour(struct vec p, struct vec normal, int thing, double *own)
{
    static const unsigned needles[] = {0x1c3a26, 0x2f5a2e, 0x5a7f38, 0x8f9c48};
    const struct thing *o = &things[thing];
    struct vec q = vec_at(p, o->foot, -1);
    double leafy = 0.42 + 0.9 * paint_cloud3(q.x * 1.5, q.y * 1.5, q.z * 1.5, 3, 31);

    switch (o->kind) {
    case LIGHTHOUSE:
        return tower_colour(q, own);
    case COTTAGE:
        return cottage_colour(q, normal, own);
    case BOAT:
        *own = q.y > 1.15 ? 0.35 : 0; /* light falls through a sail */
        if (q.y > 1.15)
            return paint_rgb(q.x > 0.7 ? 0xd8503a : 0xf8efda);
        return paint_rgb(q.y > 0.45 ? 0xe8d8b0 : 0x23466a);
    case BUSH:
        return paint_ramp(needles, 4, leafy + 0.25);
    default:
        if (q.y < 0.22 * o->size && hypot(q.x, q.z) < 0.5)
            return paint_rgb(0x5a4030);
        return paint_ramp(needles, 4, leafy - 0.05);
    }
}
