/*
 * coast.h: what the two halves of the coast share: vectors, and the things that stand in it.
 */
#ifndef ASSETS_COAST_H
#define ASSETS_COAST_H

#include <math.h>

#include "assets/draw/paint.h"

struct vec {
    double x, y, z;
};

static inline double vec_dot(struct vec a, struct vec b)
{
    return a.x * b.x + a.y * b.y + a.z * b.z;
}

static inline struct vec vec_at(struct vec from, struct vec way, double t)
{
    return (struct vec){from.x + t * way.x, from.y + t * way.y, from.z + t * way.z};
}

static inline struct vec vec_unit(struct vec a)
{
    return vec_at((struct vec){0, 0, 0}, a, 1 / sqrt(vec_dot(a, a)));
}

static inline struct vec vec_reflect(struct vec way, struct vec normal)
{
    return vec_at(way, normal, -2 * vec_dot(way, normal));
}

/* How far along the ray the first thing is, less than limit, and which; −1 if there is none. */
double things_hit(struct vec from, struct vec way, double limit, int *thing);
struct vec things_normal(struct vec p, int thing);

/* The colour of a thing's surface; *own (0–1) how much of it shines by itself. */
struct colour things_colour(struct vec p, struct vec normal, int thing, double *own);

#endif
