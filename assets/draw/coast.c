/*
 * coast.c: the content picture: a lighthouse above a bay, traced ray by ray. Land is a height field
 * that is walked over (I. Quilez, "terrain marching"), buildings, trees and the boat are distances
 * to shapes, clouds a fog of noise, and the water mirrors all of it. In metres; y is up.
 */
#include <math.h>

#include "assets/draw/coast.h"
#include "assets/draw/draw.h"
#include "assets/draw/paint.h"

/* Where the lens is and how long it is; the horizon lies below the middle of the picture. */
static const struct vec eye = {0, 7.5, 0};
enum { FAR = 5200 };
static const double focal = 1.27, horizon = 0.135;

/* Towards what lights the land, and towards the sun one sees: a painter's licence. */
static const struct vec light = {-0.766, 0.485, -0.422};
static const struct vec sun = {-0.357, 0.185, 0.9156};

static double headland(double x, double z)
{
    double u = (x - 92) / 84, v = (z - 168) / 50;
    double e = hypot(u, v) + 0.30 * paint_cloud(x / 40, z / 40, 4, 11), rock, height;

    if (e > 1.35)
        return -9;
    rock = fabs(paint_cloud(x / 13, z / 13, 4, 17));
    height = -7 + 17 * paint_step(1.2, 0.84, e) + 9 * paint_step(0.9, 0.2, e);
    height += (3.2 - 9 * rock) * paint_step(1.2, 1.0, e) * paint_step(0.55, 0.85, e);
    return height + 0.9 * paint_cloud(x / 7, z / 7, 3, 23);
}

static double skerries(double x, double z)
{
    static const double rocks[][4] = {
        {-12.6, 36, 4.3, 1.9}, {-8.0, 33, 2.0, 0.9}, {-16.5, 43, 3.4, 1.5}, {6.6, 60, 2.6, 1.0}};
    double crags = 1.5 * (0.2 - fabs(paint_cloud(x / 2.0 + 0.5 * z, z / 1.6, 4, 31))), best = -9;

    crags += 0.8 * (0.2 - fabs(paint_cloud(x / 0.7, z / 0.7, 4, 36)));
    for (int i = 0; i < 4; i++) {
        double e = hypot(x - rocks[i][0], (z - rocks[i][1]) * 1.2) / rocks[i][2];

        if (e < 1.6)
            best = fmax(best, rocks[i][3] * (1.15 - 1.5 * e * e) + crags);
    }
    return best;
}

static double mountains(double x, double z, int octaves)
{
    double ridge = 0, part = 1, u = x / 900 + 3.7, v = z / 900;
    double rise = paint_step(900, 2600, z + 0.25 * fabs(x + 250)) * 0.85 +
                  0.22 * paint_step(620, 900, z + 0.5 * x + 200);

    for (int i = 0; i < octaves; i++, part *= 0.46) {
        double turned = 1.6 * u - 1.2 * v, n = 1 - fabs(paint_noise(u, v, 41 + (unsigned)i)) * 1.5;

        ridge += part * n * (i ? 0.4 + 0.4 * ridge : 1);
        v = 1.2 * u + 1.6 * v;
        u = turned;
    }
    return -25 + 300 * rise * (0.16 + 0.62 * ridge);
}

static double land(double x, double z, int octaves)
{
    if (z > 560)
        return mountains(x, z, octaves);
    return z < 90 ? skerries(x, z) : headland(x, z);
}

/* Walks over the land from a to b along the ray; where it hits, or −1. */
static double hit_land(struct vec from, struct vec way, double a, double b, int octaves)
{
    double t = a, last = a;

    for (int i = 0; i < 420 && t < b; i++) {
        struct vec p = vec_at(from, way, t);
        double above;

        if (way.y > 0 && p.y > (p.z > 560 ? 420 : 26))
            return -1;
        above = p.y - land(p.x, p.z, octaves);
        if (above < 0.0004 * t) {
            for (int k = 0; k < 7; k++) {
                double middle = (last + t) / 2;

                p = vec_at(from, way, middle);
                if (p.y < land(p.x, p.z, octaves))
                    t = middle;
                else
                    last = middle;
            }
            return t;
        }
        last = t;
        t += fmax(above * (p.z > 560 ? 0.4 : 0.5), 0.0006 * t);
    }
    return -1;
}

/* Where a ray meets land or a thing; what it meets is in *thing, −1 for land. */
static double hit(struct vec from, struct vec way, int octaves, int *thing)
{
    double near = fmax(0, (14 - from.z) / way.z), best, t;

    *thing = -1;
    best = -1;
    if (way.z > 0.02) {
        best = hit_land(from, way, near, (70 - from.z) / way.z, octaves);
        if (best < 0)
            best = hit_land(from, way, fmax(0, (95 - from.z) / way.z), (235 - from.z) / way.z,
                            octaves);
    }
    t = things_hit(from, way, best < 0 ? 400 : best, thing);
    if (t >= 0)
        return t;
    *thing = -1;
    if (best < 0 && way.z > 0.02)
        best = hit_land(from, way, fmax(0, (561 - from.z) / way.z), FAR, octaves);
    return best;
}

/* How much of the light reaches p, 0–1. */
static double lit(struct vec p, struct vec normal)
{
    struct vec from = vec_at(p, normal, 0.25);
    double most = 1;
    int thing;

    for (double t = 0.6; t < 60; t *= 1.3) {
        struct vec q = vec_at(from, light, t);

        most = fmin(most, 7 * (q.y - land(q.x, q.z, 4)) / t);
        if (most <= 0)
            return 0;
    }
    return things_hit(from, light, 60, &thing) >= 0 ? 0 : most;
}

static struct colour sky_base(struct vec way)
{
    static const unsigned ramp[] = {0xfbdcae, 0xeecfba, 0xb3c9de, 0x79a7da,
                                    0x4782c8, 0x2f69b4, 0x2558a2};
    double up = paint_clamp(way.y, 0, 1), near = fmax(0, vec_dot(way, sun));
    struct colour c = paint_ramp(ramp, 7, pow(up / 0.62, 0.75));
    double glow = 0.50 * pow(near, 10) + 0.35 * pow(near, 70) + 0.5 * pow(near, 900);

    c = paint_mix(c, paint_rgb(0xffdf9e), paint_clamp(glow, 0, 1));
    return paint_mix(c, paint_rgb(0xfffbe6), paint_step(0.99945, 0.99972, near));
}

static double cloud_density(struct vec p, int octaves)
{
    double height = (p.y - 620) / 420, shape;

    if (height < 0 || height > 1)
        return 0;
    shape = 0.5 * paint_noise3(p.x / 1500 + 4.3, 0, p.z / 1500, 50) +
            1.15 * paint_cloud3(p.x / 520, p.y / 400, p.z / 520, octaves + 1, 51);
    shape = (shape - 0.115 - 0.30 * pow(height, 2)) * 5;
    return paint_clamp(shape * paint_step(0, 0.10, height), 0, 1);
}

static struct colour sky(struct vec way, double jitter, int steps)
{
    struct colour base = sky_base(way), sum = {0, 0, 0};
    double clear = 1, near = fmax(0, vec_dot(way, sun)), begin, step, haze;
    struct vec toward = {-0.62, 0.42, 0.66};

    if (way.y < 0.025)
        return base;
    begin = (620 - 7) / way.y;
    step = 420 / way.y / steps;
    haze = exp(-begin / 9000);
    for (int i = 0; i < steps && clear > 0.03; i++) {
        struct vec p = vec_at((struct vec){0, 7, 0}, way, begin + (i + jitter) * step);
        double d = cloud_density(p, 5), shade, alpha, rim;
        struct colour c;

        if (d <= 0.001)
            continue;
        shade = cloud_density(vec_at(p, toward, 60), 3) +
                1.4 * cloud_density(vec_at(p, toward, 150), 3);
        alpha = 1 - exp(-d * step * 0.035);
        rim = exp(-1.5 * shade);
        c = paint_mix(paint_rgb(0x93a3c2), paint_rgb(0xfff6e4), 0.16 + 0.84 * rim);
        c = paint_mix(c, paint_rgb(0xffd89a), pow(near, 5) * 0.6 * rim);
        c = paint_scale(c, 0.92 + 0.14 * (p.y - 620) / 420);
        sum.r += clear * alpha * c.r, sum.g += clear * alpha * c.g, sum.b += clear * alpha * c.b;
        clear *= 1 - alpha;
    }
    sum.r += clear * base.r, sum.g += clear * base.g, sum.b += clear * base.b;
    return paint_mix(base, sum, haze);
}

static struct colour hazed(struct colour c, struct vec way, double t)
{
    struct colour air =
        paint_mix(paint_rgb(0x9fb4d0), paint_rgb(0xfbd9a8), pow(fmax(0, vec_dot(way, sun)), 14));

    return paint_mix(air, c, exp(-pow(t / 2900, 1.2)));
}

/* Light on a surface: from the sun, from the sky above, thrown back from below. */
static struct colour shaded(struct colour c, struct vec normal, double direct, double open)
{
    double s = fmax(0, vec_dot(normal, light)) * direct, up = 0.5 + 0.5 * normal.y;
    struct colour sum = {1.22 * s + open * (0.34 * up + 0.10), 1.04 * s + open * (0.40 * up + 0.09),
                         0.74 * s + open * (0.52 * up + 0.09)};

    return paint_multiply(c, sum);
}

static struct colour mountain_colour(struct vec p, struct vec normal)
{
    static const unsigned woods[] = {0x1c3a34, 0x35573a, 0x66784a, 0x928660};
    double wood = paint_cloud(p.x / 60, p.z / 60, 4, 71);
    struct colour c;

    wood += 0.5 * paint_cloud(p.x / 14, p.z / 14, 2, 77);
    c = paint_ramp(woods, 4, 0.35 + 1.3 * wood + 0.0024 * (p.y - 70));
    return paint_mix(c, paint_rgb(0x93867c), paint_step(0.86, 0.62, normal.y + 0.2 * wood));
}

static struct colour shore_colour(struct vec p, struct vec normal)
{
    static const unsigned rocks[] = {0x4d443e, 0x7d6c5c, 0xa8937a, 0xd0bb9a};
    static const unsigned greens[] = {0x3e5a24, 0x5f7f2e, 0x8f9c3c, 0xb8ad58};
    double fine = paint_cloud(p.x / 1.3, p.z / 1.3 + p.y, 6, 61);
    double broad = paint_cloud(p.x / 14, p.z / 14, 3, 66);
    double layers = paint_cloud(p.x / 16, p.y / 0.9 + 0.25 * p.x, 3, 69), grass;
    struct colour c;

    c = paint_ramp(rocks, 4, 0.45 + 0.6 * fine + 0.55 * layers);
    grass = paint_step(0.62, 0.80, normal.y + 0.25 * fine) * paint_step(3.5, 6, p.y + 4 * broad);
    c = paint_mix(c, paint_ramp(greens, 4, 0.45 + 0.75 * fine + 0.9 * broad), grass);
    /* Wet at the water. */
    return paint_scale(c, paint_lerp(0.42, 1, paint_step(0.15, 1.1, p.y + 0.5 * fine)));
}

static struct vec land_normal(struct vec p, double t)
{
    double d = fmax(0.05, t * 0.0009);

    return vec_unit((struct vec){land(p.x - d, p.z, 9) - land(p.x + d, p.z, 9), 2 * d,
                                 land(p.x, p.z - d, 9) - land(p.x, p.z + d, 9)});
}

/* What a ray sees that meets no water. */
static struct colour dry(struct vec from, struct vec way, double jitter, int rough)
{
    int thing;
    double t = hit(from, way, rough ? 6 : 8, &thing), open;
    struct vec p, normal;
    struct colour c;

    if (t < 0)
        return sky(way, jitter, rough ? 14 : 48);
    p = vec_at(from, way, t);
    if (thing >= 0) {
        double own = 0;

        normal = things_normal(p, thing);
        c = things_colour(p, normal, thing, &own);
        c = paint_mix(shaded(c, normal, lit(p, normal), 0.9), c, own);
    } else {
        normal = land_normal(p, t);
        if (p.z > 560) {
            c = shaded(mountain_colour(p, normal), normal, 1, 1);
        } else {
            /* Hollows see less of the sky. */
            open = p.y - (land(p.x + 2, p.z, 4) + land(p.x - 2, p.z, 4)) / 2;
            open = paint_clamp(0.72 + 0.42 * open, 0.4, 1.1);
            c = shaded(shore_colour(p, normal), normal, lit(p, normal), open);
        }
    }
    return hazed(c, way, t);
}

static double waves(double x, double z)
{
    double long_swell = paint_noise(x / 5 + 0.3 * z / 9, z / 2.6, 80);

    return 0.11 * long_swell + 0.075 * paint_cloud(x / 2.1, z / 1.3, 4, 81);
}

static struct colour water(struct vec p, struct vec way, double t, double jitter)
{
    double d = fmax(0.02, t * 0.0012), calm = 1 / (1 + t / 120);
    double dx = waves(p.x + d, p.z) - waves(p.x - d, p.z);
    double dz = waves(p.x, p.z + d) - waves(p.x, p.z - d);
    double ground = land(p.x, p.z, 4), shallow = paint_step(-3.2, -0.3, ground), mirror, foam;
    struct vec normal = vec_unit((struct vec){-0.8 * calm * dx, 2 * d, -calm * dz});
    struct vec back = vec_reflect(way, normal);
    struct colour c, deep;

    back.y = fmax(back.y, 0.004);
    mirror = 0.03 + 0.97 * pow(1 - fmax(0, -vec_dot(way, normal)), 5);
    mirror = paint_clamp(0.10 + mirror * (1 - 0.28 * paint_step(0, 60, t)), 0, 1);
    deep = paint_mix(paint_rgb(0x0f4256), paint_rgb(0x3f8a86),
                     0.65 * shallow + 0.25 * paint_noise(p.x / 40, p.z / 80, 85));
    c = paint_mix(deep, dry((struct vec){p.x, 0.02, p.z}, back, jitter, 1), mirror);
    c = paint_mix(c, paint_rgb(0xfff0c4), fmin(1, 1.5 * pow(fmax(0, vec_dot(back, sun)), 220)));
    /* Foam where the water is shallow, in moving lace. */
    foam = shallow * paint_step(0.16, 0.02, fabs(paint_cloud(p.x / 1.6, p.z / 2.6, 4, 87)));
    ground += 0.35 * paint_cloud(p.x, p.z, 3, 88);
    foam = fmax(foam * 0.55, paint_step(-0.55, -0.05, ground));
    c = paint_mix(c, paint_rgb(0xf3f1e6), 0.85 * foam);
    return hazed(c, way, t);
}

static struct colour seen(struct vec way, double jitter)
{
    double wet = way.y < 0 ? -eye.y / way.y : FAR, t;
    int thing;

    if (wet < FAR) {
        t = hit(eye, way, 8, &thing);
        if (t < 0 || t > wet)
            return water(vec_at(eye, way, wet), way, wet, jitter);
    }
    return dry(eye, way, jitter, 0);
}

void coast_draw(struct image *canvas, double unit)
{
    (void)unit;
    for (int j = 0; j < canvas->height; j++)
        for (int i = 0; i < canvas->width; i++) {
            double u = (i + 0.5 - canvas->width / 2.0) / canvas->height;
            double v = 0.5 - (j + 0.5) / canvas->height;
            struct vec way = vec_unit((struct vec){u, v + horizon, focal});
            struct colour c = paint_saturate(seen(way, paint_chance(i, j, 99)), 1.12);

            /* A little darker towards the corners, as a lens draws. */
            paint_set(canvas, i, j, paint_scale(c, 1.03 - 0.16 * (u * u + v * v)));
        }
}
