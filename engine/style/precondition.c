/* precondition.c: see precondition.h. */
#include "engine/style/precondition.h"

#include <stddef.h>

#include "engine/base/mem.h"
#include "engine/base/vector.h"

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

/* U: sample i of the finer side lies between two of the coarser one, near, which weighs 3/4, and
 * far, 1/4; the coarse side is continued by its ends. All of it by half, along both sides. */
static const float near_weight = 0.75f, far_weight = 0.25f, half = 0.5f;

static int near_of(int i)
{
    return i / 2;
}

static int far_of(int i, int coarse)
{
    int far = i % 2 ? i / 2 + 1 : i / 2 - 1;
    return far < 0 ? 0 : far >= coarse ? coarse - 1 : far;
}

/* to = Σ weight_k · row_k, for four rows. */
struct mix {
    const float *row[4];
    float weight[4];
};

VECTOR_CLONES static void mix_rows(float *restrict to, const struct mix *mix, size_t first,
                                   size_t n)
{
    const float *a = mix->row[0] + first, *b = mix->row[1] + first, *c = mix->row[2] + first;
    const float *d = mix->row[3] + first;
    const float wa = mix->weight[0], wb = mix->weight[1], wc = mix->weight[2], wd = mix->weight[3];
#pragma omp simd
    for (size_t i = 0; i < n; i++)
        to[i] = (wa * a[i] + wb * b[i]) + (wc * c[i] + wd * d[i]);
}

/* Coarse columns at a time; the fine ones of a strip, and one more on each side, fit on the stack.
 */
enum { STRIP = 256 };

/* Coarse column x from the fine ones, which begin with column `left`; at any place. */
static float collect(const float *fine, int left, int x, int coarse_width, int fine_width)
{
    float sum = 0.0f;
    for (int i = 2 * x - 1; i <= 2 * x + 2; i++)
        if (i >= 0 && i < fine_width)
            sum += fine[i - left] * ((near_of(i) == x ? near_weight : 0.0f) +
                                     (far_of(i, coarse_width) == x ? far_weight : 0.0f));
    return sum;
}

/* n coarse columns away from the edges; fine: the four of the first. */
VECTOR_CLONES static void collect_run(float *restrict coarse, const float *restrict fine, int n)
{
#pragma omp simd
    for (int i = 0; i < n; i++)
        coarse[i] = far_weight * (fine[2 * i] + fine[2 * i + 3]) +
                    near_weight * (fine[2 * i + 1] + fine[2 * i + 2]);
}

/* The two fine columns of each of n coarse ones away from the edges; coarse: the one before. */
VECTOR_CLONES static void spread_run(float *restrict fine, const float *restrict coarse, int n)
{
#pragma omp simd
    for (int i = 0; i < n; i++) {
        float middle = near_weight * coarse[i + 1];
        fine[2 * i] += middle + far_weight * coarse[i];
        fine[2 * i + 1] += middle + far_weight * coarse[i + 2];
    }
}

/* What reaches row y of the coarser level by Uᵀ: two rows of near, one each side of far; at an edge
 * the edge's own row once more. */
static struct mix rows_to(const float *fine, const struct level *from, const struct level *to,
                          int y)
{
    struct mix mix = {{fine, fine, fine, fine}, {0}};
    int count = 0;
    for (int i = 2 * y - 1; i <= 2 * y + 2; i++) {
        if (i < 0 || i >= from->height)
            continue;
        mix.row[count] = fine + (size_t)i * (size_t)from->width;
        mix.weight[count++] = half * ((near_of(i) == y ? near_weight : 0.0f) +
                                      (far_of(i, to->height) == y ? far_weight : 0.0f));
    }
    return mix;
}

/* Row y of coarse = Uᵀ fine. */
static void down_row(float *coarse, const struct level *to, const float *fine,
                     const struct level *from, int y)
{
    struct mix mix = rows_to(fine, from, to, y);
    float *row = coarse + (size_t)y * (size_t)to->width, strip[2 * STRIP + 2];
    for (int first = 0; first < to->width; first += STRIP) {
        int end = to->width - first < STRIP ? to->width : first + STRIP;
        int left = first > 0 ? 2 * first - 1 : 0;
        int right = 2 * end + 1 < from->width ? 2 * end + 1 : from->width;
        mix_rows(strip, &mix, (size_t)left, (size_t)(right - left));
        int inner = first > 0 ? first : 1;
        int outer = end < to->width ? end : to->width - 1;
        for (int x = first; x < end; x++)
            if (x < inner || x >= outer)
                row[x] = collect(strip, left, x, to->width, from->width);
        if (inner < outer)
            collect_run(row + inner, strip + (2 * inner - 1 - left), outer - inner);
    }
}

/* Row y of fine += gain · U coarse. */
static void up_row(float *fine, const struct level *to, const float *coarse,
                   const struct level *from, int y)
{
    const float *near = coarse + (size_t)near_of(y) * (size_t)from->width;
    const float *far = coarse + (size_t)far_of(y, from->height) * (size_t)from->width;
    const struct mix mix = {{near, far, near, far},
                            {gain * half * near_weight, gain * half * far_weight, 0.0f, 0.0f}};
    float *row = fine + (size_t)y * (size_t)to->width, strip[STRIP + 2];
    for (int first = 0; first < from->width; first += STRIP) {
        int end = from->width - first < STRIP ? from->width : first + STRIP;
        int left = first > 0 ? first - 1 : 0, right = end < from->width ? end + 1 : end;
        int last = 2 * end < to->width ? 2 * end : to->width;
        mix_rows(strip, &mix, (size_t)left, (size_t)(right - left));
        int inner = first > 0 ? first : 1, outer = end < from->width ? end : from->width - 1;
        for (int x = 2 * first; x < last; x++)
            if (near_of(x) < inner || near_of(x) >= outer)
                row[x] += near_weight * strip[near_of(x) - left] +
                          far_weight * strip[far_of(x, from->width) - left];
        if (inner < outer)
            spread_run(row + 2 * inner, strip + (inner - 1 - left), outer - inner);
    }
}

void precondition_apply(void *context, float *v)
{
    struct precondition *p = context;
    p->level[0].v = v;
    for (int k = 1; k < p->count; k++) {
        const struct level *from = &p->level[k - 1], *to = &p->level[k];
#pragma omp parallel for schedule(static)
        for (int i = 0; i < p->planes * to->height; i++) {
            size_t c = (size_t)(i / to->height);
            down_row(to->v + c * plane_size(to), to, from->v + c * plane_size(from), from,
                     i % to->height);
        }
    }
    for (int k = p->count - 1; k > 0; k--) {
        const struct level *from = &p->level[k], *to = &p->level[k - 1];
#pragma omp parallel for schedule(static)
        for (int i = 0; i < p->planes * to->height; i++) {
            size_t c = (size_t)(i / to->height);
            up_row(to->v + c * plane_size(to), to, from->v + c * plane_size(from), from,
                   i % to->height);
        }
    }
}
