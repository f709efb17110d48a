/*
 * paint.c: colours, chance, noise and pixels for the demo pictures.
 */
#include "assets/draw/paint.h"

#include <math.h>

struct colour paint_rgb(unsigned hex)
{
    return (struct colour){(hex >> 16 & 255) / 255.0, (hex >> 8 & 255) / 255.0,
                           (hex & 255) / 255.0};
}

struct colour paint_mix(struct colour a, struct colour b, double t)
{
    return (struct colour){paint_lerp(a.r, b.r, t), paint_lerp(a.g, b.g, t),
                           paint_lerp(a.b, b.b, t)};
}

struct colour paint_scale(struct colour a, double factor)
{
    return (struct colour){a.r * factor, a.g * factor, a.b * factor};
}

struct colour paint_multiply(struct colour a, struct colour b)
{
    return (struct colour){a.r * b.r, a.g * b.g, a.b * b.b};
}

struct colour paint_saturate(struct colour a, double amount)
{
    double grey = 0.299 * a.r + 0.587 * a.g + 0.114 * a.b;

    return paint_mix((struct colour){grey, grey, grey}, a, amount);
}

struct colour paint_ramp(const unsigned *ramp, int count, double t)
{
    double place = paint_clamp(t, 0, 1) * (count - 1);
    int i = place >= count - 1 ? count - 2 : (int)place;

    return paint_mix(paint_rgb(ramp[i]), paint_rgb(ramp[i + 1]), place - i);
}

/* splitmix64, by S. Vigna, public domain. */
double paint_roll(struct dice *dice)
{
    uint64_t z = dice->state += 0x9e3779b97f4a7c15u;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return (double)((z ^ z >> 31) >> 11) / 9007199254740992.0;
}

double paint_between(struct dice *dice, double low, double high)
{
    return low + (high - low) * paint_roll(dice);
}

int paint_pick(struct dice *dice, int count)
{
    return (int)(paint_roll(dice) * count);
}

static uint32_t hash(int x, int y, int z, unsigned seed)
{
    uint32_t h = (uint32_t)x * 0x8da6b343u ^ (uint32_t)y * 0xd8163841u ^ (uint32_t)z * 0xcb1ab31fu ^
                 seed * 0x165667b1u;

    h = (h ^ h >> 15) * 0x2c1b3c6du;
    h = (h ^ h >> 12) * 0x297a2d39u;
    return h ^ h >> 15;
}

double paint_chance(int x, int y, unsigned seed)
{
    return hash(x, y, 0, seed) / 4294967296.0;
}

/* The gradient at a corner, one of twelve edges of a cube as in K. Perlin's noise of 2002, times
 * the way from there. */
static double corner(uint32_t h, double x, double y, double z)
{
    unsigned k = h >> 28;
    double u = k < 8 ? x : y, v = k < 4 ? y : k == 12 || k == 14 ? x : z;

    return (k & 1 ? -u : u) + (k & 2 ? -v : v);
}

static double ease(double t)
{
    return t * t * t * (t * (t * 6 - 15) + 10);
}

double paint_noise3(double x, double y, double z, unsigned seed)
{
    double fx = floor(x), fy = floor(y), fz = floor(z);
    int ix = (int)fx, iy = (int)fy, iz = (int)fz;
    double plane[2];

    x -= fx, y -= fy, z -= fz;
    for (int k = 0; k < 2; k++) {
        double a = corner(hash(ix, iy, iz + k, seed), x, y, z - k);
        double b = corner(hash(ix + 1, iy, iz + k, seed), x - 1, y, z - k);
        double c = corner(hash(ix, iy + 1, iz + k, seed), x, y - 1, z - k);
        double d = corner(hash(ix + 1, iy + 1, iz + k, seed), x - 1, y - 1, z - k);

        plane[k] = paint_lerp(paint_lerp(a, b, ease(x)), paint_lerp(c, d, ease(x)), ease(y));
    }
    return paint_lerp(plane[0], plane[1], ease(z));
}

double paint_noise(double x, double y, unsigned seed)
{
    double fx = floor(x), fy = floor(y);
    int ix = (int)fx, iy = (int)fy;
    double value[4];

    x -= fx, y -= fy;
    for (int k = 0; k < 4; k++) {
        uint32_t h = hash(ix + (k & 1), iy + (k >> 1), 7, seed);
        double u = x - (k & 1), v = y - (k >> 1);

        /* Eight directions. */
        if (h >> 31)
            value[k] = (h & 1 ? -u : u) + (h & 2 ? -v : v);
        else
            value[k] = 1.41421356 * (h & 1 ? (h & 2 ? -u : u) : (h & 2 ? -v : v));
    }
    return paint_lerp(paint_lerp(value[0], value[1], ease(x)),
                      paint_lerp(value[2], value[3], ease(x)), ease(y));
}

double paint_cloud(double x, double y, int octaves, unsigned seed)
{
    double sum = 0, part = 0.5;

    /* Each octave is turned, or the grids of all of them would show. */
    for (int i = 0; i < octaves; i++, part /= 2) {
        double turned = 1.6 * x - 1.2 * y;

        sum += part * paint_noise(x, y, seed + (unsigned)i);
        y = 1.2 * x + 1.6 * y;
        x = turned;
    }
    return sum;
}

double paint_cloud3(double x, double y, double z, int octaves, unsigned seed)
{
    double sum = 0, part = 0.5;

    for (int i = 0; i < octaves; i++, part /= 2) {
        double turned = 1.6 * x - 1.2 * z;

        sum += part * paint_noise3(x, y, z, seed + (unsigned)i);
        z = 1.2 * x + 1.6 * z;
        x = turned;
        y *= 2.03;
    }
    return sum;
}

static float *pixel(const struct image *canvas, int x, int y)
{
    if (x < 0 || y < 0 || x >= canvas->width || y >= canvas->height)
        return NULL;
    return canvas->rgb + (size_t)y * (size_t)canvas->width + (size_t)x;
}

void paint_over(struct image *canvas, int x, int y, struct colour colour, double alpha)
{
    size_t plane = (size_t)canvas->width * (size_t)canvas->height;
    float *p = pixel(canvas, x, y);

    if (!p)
        return;
    p[0] = (float)paint_lerp(p[0], 255 * colour.r, alpha);
    p[plane] = (float)paint_lerp(p[plane], 255 * colour.g, alpha);
    p[2 * plane] = (float)paint_lerp(p[2 * plane], 255 * colour.b, alpha);
}

void paint_set(struct image *canvas, int x, int y, struct colour colour)
{
    paint_over(canvas, x, y, colour, 1);
}

static struct colour get(const struct image *canvas, int x, int y)
{
    size_t plane = (size_t)canvas->width * (size_t)canvas->height;
    const float *p = pixel(canvas, x, y);

    if (!p)
        return (struct colour){0, 0, 0};
    return (struct colour){p[0] / 255, p[plane] / 255, p[2 * plane] / 255};
}

void paint_fill(struct image *canvas, struct colour colour)
{
    for (int y = 0; y < canvas->height; y++)
        for (int x = 0; x < canvas->width; x++)
            paint_set(canvas, x, y, colour);
}

void paint_relief(struct image *canvas, const float *height, double depth, double shine)
{
    int width = canvas->width;

    for (int y = 1; y + 1 < canvas->height; y++)
        for (int x = 1; x + 1 < width; x++) {
            const float *h = height + (size_t)y * (size_t)width + x;
            double dx = depth * (h[1] - h[-1]) / 2, dy = depth * (h[width] - h[-width]) / 2;
            double length = sqrt(dx * dx + dy * dy + 1);
            double light = (1 + 0.75 * dx + 0.75 * dy) / length - 1;
            double glint = paint_clamp((0.45 * dx + 0.45 * dy + 0.77) / length, 0, 1);
            struct colour c =
                paint_scale(get(canvas, x, y), 1 + paint_clamp(light, -0.45, 0.45));

            glint = shine * pow(glint, 24);
            paint_set(canvas, x, y, paint_mix(c, (struct colour){1, 1, 0.97}, glint));
        }
}
