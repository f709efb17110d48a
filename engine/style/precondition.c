/* precondition.c: see precondition.h. */
#include "engine/style/precondition.h"

#include <stddef.h>

#include "engine/base/mem.h"

enum { MAX_LEVELS = 5, MIN_SIDE = 8 };

/* What a level weighs over the next finer one, tried on real pictures: 1 to 2 are alike. */
static const float gain = 1.8f;

struct level {
    int width, height;
    float *v; /* [planes][height][width]; level 0 is the caller's */
};

struct precondition {
    int planes, count;
    struct level level[MAX_LEVELS];
    float *block;
};

static size_t plane_size(const struct level *level)
{
    return (size_t)level->width * (size_t)level->height;
}

/* The levels' sizes; returns how many floats those below the first have in all. */
static size_t plan(struct precondition *p, int planes, int height, int width)
{
    size_t floats = 0;
    p->planes = planes;
    p->level[0] = (struct level){width, height, NULL};
    for (p->count = 1; p->count < MAX_LEVELS; p->count++) {
        const struct level *finer = &p->level[p->count - 1];
        if (finer->width < MIN_SIDE || finer->height < MIN_SIDE)
            break;
        p->level[p->count] = (struct level){(finer->width + 1) / 2, (finer->height + 1) / 2, NULL};
        floats += plane_size(&p->level[p->count]) * (size_t)planes;
    }
    return floats;
}

size_t precondition_bytes(int planes, int height, int width)
{
    struct precondition p = {0};
    return mem_times(plan(&p, planes, height, width), sizeof(float));
}

enum status precondition_open(struct precondition **out, int planes, int height, int width,
                              struct diag *diag)
{
    struct precondition *p = mem_new(sizeof *p);
    size_t floats = plan(p, planes, height, width);
    enum status status = mem_big(&p->block, mem_times(floats, sizeof(float)),
                                 "the preconditioner", diag);
    if (status != STATUS_OK) {
        precondition_close(&p);
        return status;
    }
    float *at = p->block;
    for (int k = 1; k < p->count; k++) {
        p->level[k].v = at;
        at += plane_size(&p->level[k]) * (size_t)planes;
    }
    *out = p;
    return STATUS_OK;
}

void precondition_close(struct precondition **precondition)
{
    if (*precondition)
        mem_free((*precondition)->block);
    mem_free(*precondition);
    *precondition = NULL;
}

/* Sample x of the finer row lies between two of the coarser one: near, 3/4, and far, 1/4. The
 * coarse row is continued by its ends. */
static void neighbours(int x, int coarse, int *near, int *far)
{
    int other = x % 2 ? x / 2 + 1 : x / 2 - 1;
    *near = x / 2;
    *far = other < 0 ? 0 : other >= coarse ? coarse - 1 : other;
}

/* One row of coarse values to fine ones, weight times, added. */
static void spread(float *fine, int width, const float *coarse, int coarse_width, float weight)
{
    for (int x = 0; x < width; x++) {
        int near, far;
        neighbours(x, coarse_width, &near, &far);
        fine[x] += weight * (0.75f * coarse[near] + 0.25f * coarse[far]);
    }
}

/* The same the other way, its transpose. */
static void collect(float *coarse, int coarse_width, const float *fine, int width, float weight)
{
    for (int x = 0; x < width; x++) {
        int near, far;
        neighbours(x, coarse_width, &near, &far);
        coarse[near] += weight * 0.75f * fine[x];
        coarse[far] += weight * 0.25f * fine[x];
    }
}

enum { ROWS = 2 };

/* coarse = Uᵀ fine, for one plane. */
static void down(float *coarse, const struct level *to, const float *fine,
                 const struct level *from)
{
    for (size_t i = 0; i < plane_size(to); i++)
        coarse[i] = 0.0f;
    for (int y = 0; y < from->height; y++) {
        int row[ROWS];
        neighbours(y, to->height, &row[0], &row[1]);
        for (int i = 0; i < ROWS; i++)
            collect(coarse + (size_t)row[i] * (size_t)to->width, to->width,
                    fine + (size_t)y * (size_t)from->width, from->width, i ? 0.125f : 0.375f);
    }
}

/* fine += gain · U coarse, for one plane. */
static void up(float *fine, const struct level *to, const float *coarse, const struct level *from)
{
    for (int y = 0; y < to->height; y++) {
        int row[ROWS];
        neighbours(y, from->height, &row[0], &row[1]);
        for (int i = 0; i < ROWS; i++)
            spread(fine + (size_t)y * (size_t)to->width, to->width,
                   coarse + (size_t)row[i] * (size_t)from->width, from->width,
                   gain * (i ? 0.125f : 0.375f));
    }
}

void precondition_apply(void *context, float *v)
{
    struct precondition *p = context;
    p->level[0].v = v;
#pragma omp parallel for schedule(static)
    for (int c = 0; c < p->planes; c++) {
        float *plane[MAX_LEVELS];
        for (int k = 0; k < p->count; k++)
            plane[k] = p->level[k].v + (size_t)c * plane_size(&p->level[k]);
        for (int k = 1; k < p->count; k++)
            down(plane[k], &p->level[k], plane[k - 1], &p->level[k - 1]);
        for (int k = p->count - 1; k > 0; k--)
            up(plane[k - 1], &p->level[k - 1], plane[k], &p->level[k]);
    }
}
