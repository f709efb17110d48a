/*
 * image_rows.c: see image_rows.h. Streams of rows: what all have in common, a picture in memory,
 * and resizing. Knows no file.
 */
#include "engine/image/image_rows.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "engine/base/mem.h"
#include "engine/image/image_codec.h"

enum status image_rows_next(struct image_rows *rows, float *r, float *g, float *b, float *alpha,
                            struct diag *diag)
{
    float *const to[4] = {r, g, b, rows->alpha ? alpha : NULL};
    assert(rows->given < rows->height);
    rows->given++;
    TRY(rows->kind->next(rows, to, diag));
    for (int i = 0; alpha && !rows->alpha && i < rows->width; i++)
        alpha[i] = 255.0f;
    return STATUS_OK;
}

void image_rows_close(struct image_rows **rows)
{
    if (*rows)
        (*rows)->kind->close(*rows);
    *rows = NULL;
}

/* A picture in memory */

struct picture {
    struct image_rows rows;
    struct image image; /* borrowed */
};

static enum status picture_next(struct image_rows *rows, float *const to[4], struct diag *diag)
{
    const struct image *image = &((struct picture *)rows)->image;
    size_t w = (size_t)image->width, n = w * (size_t)image->height,
           at = w * (size_t)(rows->given - 1);
    (void)diag;
    for (size_t c = 0; c < 4; c++)
        if (to[c])
            memcpy(to[c], (c < 3 ? image->rgb + c * n : image->alpha) + at, w * sizeof(float));
    return STATUS_OK;
}

static void picture_close(struct image_rows *rows)
{
    mem_free(rows);
}

static const struct image_rows_kind picture_kind = {picture_next, picture_close};

enum status image_rows_of(struct image_rows **out, const struct image_part *part, int width,
                          int height, struct diag *diag)
{
    struct picture *p = mem_new(sizeof *p);
    struct image_rows *rows = &p->rows;
    struct image_place place = {part->left, part->top, part->width, part->height};
    p->image = part->image;
    p->rows = (struct image_rows){.width = part->image.width, .height = part->image.height,
                                  .alpha = part->image.alpha, .kind = &picture_kind};
    return image_rows_resize(out, &rows, &place, width, height, diag);
}

/* Resizing: each output value is a weighted mean of a run of input values, along rows, then along
 * columns. */

struct taps {
    int longest;    /* weights of one output value, at most */
    int *first;     /* [size] where its run of input values starts */
    int *count;     /* [size] */
    double *weight; /* [size][longest], each run of count sums to 1 */
};

static double cubic(double x)
{
    const double a = -0.5;
    x = fabs(x);
    if (x < 1.0)
        return ((a + 2.0) * x - (a + 3.0)) * x * x + 1.0;
    return x < 2.0 ? (((x - 5.0) * x + 8.0) * x - 4.0) * a : 0.0;
}

static void taps_clear(struct taps *t)
{
    mem_free(t->first);
    mem_free(t->count);
    mem_free(t->weight);
    *t = (struct taps){0};
}

static int longest_run(double from, double stretch)
{
    return (int)fmin(ceil(4.0 * stretch) + 1.0, from);
}

/* Output value i; weights of nothing at its ends are left out, so that a size that stays the same
 * costs little. */
static void taps_set(struct taps *t, int i, int from, double centre, double stretch)
{
    double *weight = t->weight + (size_t)i * (size_t)t->longest, sum = 0.0;
    int first = (int)fmax(centre - 2.0 * stretch + 0.5, 0.0);
    int end = (int)fmin(centre + 2.0 * stretch + 0.5, from);
    while (first < end - 1 && cubic((first - centre + 0.5) / stretch) == 0.0)
        first++;
    while (first < end - 1 && cubic((end - 1 - centre + 0.5) / stretch) == 0.0)
        end--;
    assert(end - first <= t->longest);
    for (int k = first; k < end; k++)
        sum += weight[k - first] = cubic((k - centre + 0.5) / stretch);
    for (int k = first; k < end; k++)
        weight[k - first] /= sum;
    t->first[i] = first;
    t->count[i] = end - first;
}

/* For so much of a side of from, beginning at start. */
static enum status taps_init(struct taps *out, int from, double start, double length, int to,
                             struct diag *diag)
{
    const char *what = "the weights of a resize";
    double scale = length / to, stretch = fmax(scale, 1.0);
    struct taps t = {.longest = longest_run(from, stretch)};
    size_t n = (size_t)to;
    enum status status = mem_big(&t.first, n * sizeof *t.first, what, diag);
    if (status == STATUS_OK)
        status = mem_big(&t.count, n * sizeof *t.count, what, diag);
    if (status == STATUS_OK)
        status = mem_big(&t.weight, mem_product(n, (size_t)t.longest, sizeof *t.weight), what,
                         diag);
    if (status != STATUS_OK) {
        taps_clear(&t);
        return status;
    }
    for (int i = 0; i < to; i++)
        taps_set(&t, i, from, start + (i + 0.5) * scale, stretch);
    *out = t;
    return STATUS_OK;
}

struct resized {
    struct image_rows rows;
    struct image_rows *source;
    struct taps across, down;
    size_t planes;
    float *line;   /* [planes][source->width]: a row of the source */
    float *window; /* [down.longest][planes][width]: its last rows, resized along */
};

static float *window_row(const struct resized *r, int y)
{
    size_t size = r->planes * (size_t)r->rows.width;
    return r->window + (size_t)(y % r->down.longest) * size;
}

static enum status skip_rows(struct resized *r, int until, struct diag *diag)
{
    while (r->source->given < until)
        TRY(image_rows_next(r->source, NULL, NULL, NULL, NULL, diag));
    return STATUS_OK;
}

/* The source's next row into the window, resized along. */
static enum status take_row(struct resized *r, struct diag *diag)
{
    const struct taps *t = &r->across;
    size_t from = (size_t)r->source->width, to = (size_t)r->rows.width,
           longest = (size_t)t->longest;
    float *line[4], *out = window_row(r, r->source->given);
    for (size_t c = 0; c < 4; c++)
        line[c] = c < r->planes ? r->line + c * from : NULL;
    TRY(image_rows_next(r->source, line[0], line[1], line[2], line[3], diag));
    for (size_t c = 0; c < r->planes; c++)
        for (size_t i = 0; i < to; i++) {
            const double *weight = t->weight + i * longest;
            const float *x = r->line + c * from + t->first[i];
            double sum = 0.0;
            for (int k = 0; k < t->count[i]; k++)
                sum += weight[k] * x[k];
            out[c * to + i] = (float)sum;
        }
    return STATUS_OK;
}

/* The next row out of the window. */
static void mix_rows(const struct resized *r, float *const to[4])
{
    enum { BLOCK = 256 };
    const int y = r->rows.given - 1, first = r->down.first[y], count = r->down.count[y];
    const double *weight = r->down.weight + (size_t)y * (size_t)r->down.longest;
    const size_t w = (size_t)r->rows.width;
    for (size_t c = 0; c < r->planes; c++)
        for (size_t at = 0; at < w; at += BLOCK) {
            size_t n = to[c] ? w - at < BLOCK ? w - at : BLOCK : 0;
            double sum[BLOCK] = {0.0};
            for (int k = 0; k < count; k++) {
                const float *x = window_row(r, first + k) + c * w + at;
#pragma omp simd
                for (size_t i = 0; i < n; i++)
                    sum[i] += weight[k] * x[i];
            }
            for (size_t i = 0; i < n; i++)
                to[c][at + i] = image_clamp((float)sum[i]);
        }
}

static enum status resized_next(struct image_rows *rows, float *const to[4], struct diag *diag)
{
    struct resized *r = (struct resized *)rows;
    int y = rows->given - 1, end = r->down.first[y] + r->down.count[y];
    /* A later run may begin before this one, whose first weights were nothing. */
    TRY(skip_rows(r, r->down.first[y] - r->down.longest, diag));
    while (r->source->given < end)
        TRY(take_row(r, diag));
    if (to[0])
        mix_rows(r, to);
    /* Behind the last one, whether what is left of the source is sound. */
    return rows->given < rows->height ? STATUS_OK : skip_rows(r, r->source->height, diag);
}

static void resized_close(struct image_rows *rows)
{
    struct resized *r = (struct resized *)rows;
    image_rows_close(&r->source);
    taps_clear(&r->across);
    taps_clear(&r->down);
    mem_free(r->line);
    mem_free(r->window);
    mem_free(r);
}

static const struct image_rows_kind resized_kind = {resized_next, resized_close};

static enum status resized_init(struct resized *r, const struct image_place *place,
                                struct diag *diag)
{
    const struct image_rows *source = r->source;
    int width = r->rows.width, height = r->rows.height;
    TRY(image_check_size(width > 0 ? (unsigned long)width : 0,
                         height > 0 ? (unsigned long)height : 0, "the picture", diag));
    TRY(taps_init(&r->across, source->width, place->left, place->width, width, diag));
    TRY(taps_init(&r->down, source->height, place->top, place->height, height, diag));
    TRY(mem_big(&r->line, mem_product(r->planes, (size_t)source->width, sizeof(float)), "a resize",
                diag));
    return mem_big(&r->window, mem_times(mem_product(r->planes, (size_t)width, sizeof(float)),
                                         (size_t)r->down.longest), "a resize", diag);
}

enum status image_rows_resize(struct image_rows **out, struct image_rows **source,
                              const struct image_place *place, int width, int height,
                              struct diag *diag)
{
    struct image_place all = {0.0, 0.0, (*source)->width, (*source)->height};
    struct resized *r = mem_new(sizeof *r);
    r->rows = (struct image_rows){.width = width, .height = height, .alpha = (*source)->alpha,
                                  .kind = &resized_kind};
    r->source = *source;
    r->planes = r->rows.alpha ? 4 : 3;
    *source = NULL;
    enum status status = resized_init(r, place ? place : &all, diag);
    if (status == STATUS_OK)
        *out = &r->rows;
    else
        resized_close(&r->rows);
    return status;
}

size_t image_rows_resize_need(size_t planes, size_t w, size_t h, size_t to_w, size_t to_h)
{
    size_t taps = mem_times(4 * (w + h) + 8 * (to_w + to_h), sizeof(double));
    size_t window = (size_t)longest_run((double)h, fmax((double)h / (double)to_h, 1.0)) + 1;
    return mem_plus(taps, mem_times(mem_plus(w, mem_times(window, to_w)), planes * sizeof(float)));
}
