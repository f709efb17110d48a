/*
 * glass.c: a stained-glass window: sun, hills, a river and tulips. A list of shapes says which part
 * of the picture a place belongs to, every part is cut into panes of its own, and lead lies along
 * all edges between panes.
 */
#include <math.h>

#include "assets/draw/draw.h"
#include "engine/base/mem.h"
#include "assets/draw/paint.h"

enum { WIDTH = 640, HEIGHT = 500, RIM = 24, SUN_X = 452, SUN_Y = 132 };

/* A pane: a number that its neighbours do not have, and its colour. */
struct pane {
    unsigned id;
    struct colour colour;
};

struct flower {
    double x, y, size, lean;
    const unsigned *colours;
};

static const unsigned ruby[] = {0xc8102e, 0x9b0d24, 0xe83a3f, 0xb3122b};
static const unsigned amber[] = {0xffb81f, 0xf58a12, 0xffd45a, 0xf9a01b};
static const unsigned violet[] = {0x7a2fa0, 0xa04fc4, 0x5b2380, 0x8f3cae};
static const unsigned sky[] = {0x2a62c9, 0x3f8fe0, 0x66b7ee, 0x2f4fb5, 0x8fd0f2, 0x4a7be0};
static const unsigned dusk[] = {0xf7b55a, 0xf58f6c, 0xd86a9a, 0xffd98a};
static const unsigned far_hill[] = {0x4a4fb0, 0x6b5bc0, 0x3a6fb4, 0x5a3f98};
static const unsigned near_hill[] = {0x2f9a4a, 0x5dbb46, 0x1f7a50, 0x93cc3f, 0x2a8d6a};
static const unsigned meadow[] = {0x0f6b3c, 0x1d8a3f, 0x0b5540, 0x3fa03a, 0x16784a};
static const unsigned river[] = {0x12a3b4, 0x5fd3d8, 0x0b7fa6, 0xbdf0ea, 0x2bbcc4};
static const unsigned leaf[] = {0x2fa84f, 0x0f7a3c, 0x6cc24a};

static const struct flower flowers[] = {
    {120, 335, 62, -0.18, ruby},  {232, 385, 48, 0.10, amber}, {52, 410, 40, -0.32, violet},
    {560, 372, 58, 0.16, violet}, {478, 412, 42, -0.12, ruby},
};

static unsigned number(unsigned part, int i, int j)
{
    return (unsigned)(paint_chance(i, j, part * 977 + 5) * 4294967296.0);
}

/* A pane of part: place i, j in it, colour by chance out of count. */
static struct pane cut(unsigned part, int i, int j, const unsigned *colours, int count)
{
    struct pane p = {number(part, i, j),
                     paint_rgb(colours[(int)(paint_chance(i, j, part) * count)])};

    p.colour = paint_scale(p.colour, 0.82 + 0.34 * paint_chance(i, j, part + 1));
    return p;
}

/* Panes around jittered points of a grid, the nearest one has the place. */
static struct pane shards(unsigned part, double u, double v, const unsigned *colours, int count)
{
    int bi = 0, bj = 0;
    double best = 1e9;

    for (int j = (int)floor(v) - 1; j <= floor(v) + 1; j++)
        for (int i = (int)floor(u) - 1; i <= floor(u) + 1; i++) {
            double x = i + 0.12 + 0.76 * paint_chance(i, j, part + 2) - u;
            double y = j + 0.12 + 0.76 * paint_chance(i, j, part + 3) - v;

            if (x * x + y * y < best)
                best = x * x + y * y, bi = i, bj = j;
        }
    return cut(part, bi, bj, colours, count);
}

static int in_leaf(double x, double y, double length, double width)
{
    double t = y / length;

    return t > 0 && t < 1 && fabs(x) < width * sin(M_PI * pow(t, 0.8));
}

/* A tulip: three petals seen from the front, two behind, a stem and two leaves. */
static int flower_at(struct pane *out, const struct flower *f, unsigned part, double x, double y)
{
    double c = cos(f->lean), s = sin(f->lean), bend = 14 * sin((y - f->y) / 60);
    double u = ((x - f->x) * c + (y - f->y) * s) / f->size;
    double v = ((y - f->y) * c - (x - f->x) * s) / f->size;
    double stem = f->x - s * f->size * 0.6 + bend - 14 * sin(0.6 * f->size / 60);

    for (int side = -1; side <= 1; side += 2)
        if (in_leaf(0.87 * u * side + 0.5 * (v - 0.62), 0.62 - v + 0.3 * side * u, 1.45, 0.27)) {
            int half = 0.87 * u * side + 0.5 * (v - 0.62) > 0;

            if (fabs(u) < 0.62 && v > -0.75 && v < 0.6) {
                *out = cut(part, side, half, f->colours, 4);
                return 1;
            }
        }
    if (in_leaf(u, 0.64 - v, 1.3, 0.36)) {
        *out = cut(part + 1, v > 0.15 ? 2 : u > 0, 0, f->colours, 4);
        return 1;
    }
    if (y < f->y + 0.5 * f->size)
        return 0;
    for (int side = -1; side <= 1; side += 2) {
        double lx = (x - stem) * side, ly = 505 - y;

        if (in_leaf(lx * 0.86 - ly * 0.42 + 6, ly * 0.86 + lx * 0.42, 1.9 * f->size,
                    0.26 * f->size)) {
            *out = cut(part + 2, side, (int)((ly + lx) / (0.62 * f->size)), leaf, 3);
            return 1;
        }
    }
    if (fabs(x - stem) < 5) {
        *out = cut(part + 3, 0, (int)(y / 55), leaf, 3);
        return 1;
    }
    return 0;
}

static struct pane rim_at(double x, double y)
{
    static const unsigned colours[] = {0x1c3f9a, 0x9b0d24, 0x2657b8, 0xe0a51f};
    int along_x = y < RIM || y >= HEIGHT - RIM;
    double place = along_x ? x / WIDTH * 14 : y / HEIGHT * 11;
    int corner = (x < RIM || x >= WIDTH - RIM) && along_x;
    int k = corner ? 3 : (int)place % 2;

    return (struct pane){number(900 + (unsigned)along_x, (int)place + 100 * corner, x > y),
                         paint_rgb(colours[k])};
}

static struct pane sky_at(double x, double y)
{
    double dx = x - SUN_X, dy = y - SUN_Y, r = hypot(dx, dy);
    double turn = atan2(dy, dx) / (2 * M_PI) + 0.5;
    int ray = (int)(turn * 20), ring, rays;
    double in_ray = fabs(turn * 20 - ray - 0.5) * 2;

    if (r < 26)
        return cut(100, (int)(turn * 3), 0, amber + 2, 1);
    if (r < 50)
        return cut(101, (int)(turn * 10), 1, amber, 4);
    if (r < 50 + (ray % 2 ? 62 : 34) * (1 - in_ray))
        return cut(102, ray, 2, ray % 2 ? amber : dusk, ray % 2 ? 4 : 2);
    /* Panes between rays, in rings that grow outwards and bend like clouds. */
    r += 20 * sin(turn * 2 * M_PI * 5) + 10 * paint_noise(x / 50, y / 50, 12);
    ring = (int)(pow(paint_clamp((r - 40) / 46, 0, 99), 0.86));
    turn += 0.012 * sin(r / 37);
    rays = ring < 2 ? 20 : ring < 5 ? 26 : 34;
    ray = ((int)floor(turn * rays + 0.37 * ring) + rays) % rays;
    if (ring < 2)
        return cut(103, ray, ring, dusk, 4);
    return cut(104, ray, ring, ring < 4 ? sky + 1 : sky, ring < 4 ? 4 : 6);
}

static double ridge(double x, double base, double high, unsigned seed)
{
    return base - high * (0.5 + paint_cloud(x / 170, 0.5, 2, seed));
}

static struct pane pane_at(double x, double y)
{
    struct pane found;
    double far_top = ridge(x, 258, 74, 61);
    double near_top = 292 - 34 * sin(x / 118 + 0.6) - 8 * sin(x / 47);
    double front_top = 405 + 26 * sin(x / 105 + 2.2);
    double depth = (y - 268) / 240, bank = 330 + 120 * sin(depth * 5.2) * (0.4 + depth);

    if (x < RIM || y < RIM || x >= WIDTH - RIM || y >= HEIGHT - RIM)
        return rim_at(x, y);
    for (size_t i = 0; i < sizeof flowers / sizeof *flowers; i++)
        if (flower_at(&found, &flowers[i], 200 + 10 * (unsigned)i, x, y))
            return found;
    if (y > near_top && depth > 0 && fabs(x - bank) < 8 + 74 * depth) {
        double wave = y + 7 * sin(x / 26 + y / 60);

        return shards(300, (x - bank) / (26 + 60 * depth), wave / (9 + 12 * depth), river, 5);
    }
    if (y > front_top)
        return shards(310, x / 46 + y / 90, (y - front_top) / 27, meadow, 5);
    if (y > near_top)
        return shards(320, x / 52, (y - near_top) / 23 + 0.2 * sin(x / 60), near_hill, 5);
    if (y > far_top)
        return shards(330, x / 40 + (y - far_top) / 70, (y - far_top) / 30, far_hill, 4);
    return sky_at(x, y);
}

/* How far each pixel is from the nearest edge between panes, in pixels: two passes over the
 * neighbours (G. Borgefors' 5-7-11 distance). */
static void measure(float *distance, const unsigned *id, int w, int h)
{
    static const int step[][3] = {{-1, 0, 5},   {0, -1, 5},  {-1, -1, 7},  {1, -1, 7},
                                  {-1, -2, 11}, {1, -2, 11}, {-2, -1, 11}, {2, -1, 11}};

    for (int i = 0; i < w * h; i++)
        distance[i] = (i % w && id[i] != id[i - 1]) || (i >= w && id[i] != id[i - w]) ? 0 : 9999;
    for (int pass = 0; pass < 2; pass++)
        for (int i = 0; i < w * h; i++)
            for (size_t k = 0; k < sizeof step / sizeof *step; k++) {
                int x = pass ? w - 1 - i % w : i % w, y = pass ? h - 1 - i / w : i / w;
                int sign = pass ? -1 : 1;
                int nx = x + sign * step[k][0], ny = y + sign * step[k][1];
                float way;

                if (nx < 0 || ny < 0 || nx >= w || ny >= h)
                    continue;
                way = distance[ny * w + nx] + (float)step[k][2] / 5;
                if (way < distance[y * w + x])
                    distance[y * w + x] = way;
            }
}

static struct colour glass(struct pane p, double x, double y, double edge)
{
    double glow = 1.0 + 0.4 * exp(-(pow(x - SUN_X, 2) + pow(y - SUN_Y, 2)) / 42000);
    double turn = 6.283 * paint_chance((int)(p.id & 65535), 3, 8);
    double u = x * cos(turn) + y * sin(turn), v = y * cos(turn) - x * sin(turn);
    double streak = paint_cloud(u / 46, v / 9, 3, p.id & 255);
    double hammered = paint_noise(x / 3.1, y / 3.1, 33) + 0.7 * paint_noise(x / 1.6, y / 1.6, 34);
    double tone =
        glow * (1 + 0.26 * streak + 0.07 * hammered) * (0.8 + 0.2 * paint_step(2, 12, edge));
    struct colour c = paint_scale(p.colour, tone);
    double white = paint_clamp(0.22 * streak + 0.02 * hammered, 0, 0.3) + 0.2 * (glow - 1);

    return paint_mix(c, (struct colour){1, 0.97, 0.86}, paint_clamp(white, 0, 0.5));
}

static struct colour lead(double x, double y, double across)
{
    double round = sqrt(paint_clamp(1 - across * across, 0, 1));
    double worn = 0.04 * paint_cloud(x / 5, y / 5, 3, 21);

    return paint_scale((struct colour){0.86, 0.9, 1.0},
                       0.045 + worn * round + 0.17 * pow(round, 5));
}

void glass_draw(struct image *canvas, double unit)
{
    size_t count = (size_t)canvas->width * (size_t)canvas->height;
    float *distance = mem_new(count * sizeof *distance);
    unsigned *id = mem_new(count * sizeof *id);

    for (int j = 0; j < canvas->height; j++)
        for (int i = 0; i < canvas->width; i++)
            id[j * canvas->width + i] = pane_at(i / unit, j / unit).id;
    measure(distance, id, canvas->width, canvas->height);
    for (int j = 0; j < canvas->height; j++)
        for (int i = 0; i < canvas->width; i++) {
            double x = i / unit, y = j / unit, edge = distance[j * canvas->width + i] / unit;
            double came = 2.1 + 0.35 * paint_noise(x / 14, y / 14, 9);
            struct colour c = lead(x, y, edge / came);

            if (edge > came)
                c = glass(pane_at(x, y), x, y, edge);
            paint_set(canvas, i, j, c);
        }
    mem_free(distance);
    mem_free(id);
}
