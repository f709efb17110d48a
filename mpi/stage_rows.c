/* stage_rows.c: see stage.h. The rows of a part: of the picture to start from, and of an enlarged
 * one, each process its own. */
#include <math.h>
#include <string.h>

#include "engine/base/mem.h"
#include "engine/image/image_rows.h"
#include "mpi/stage.h"

static enum status skip_to(struct image_rows *rows, int first, struct diag *diag)
{
    while (rows->given < first)
        TRY(image_rows_next(rows, NULL, NULL, NULL, NULL, diag));
    return STATUS_OK;
}

static size_t plane_of(struct ranks_rows rows, int width)
{
    return (size_t)(rows.end - rows.first) * (size_t)width;
}

/* ---- the beginning ------------------------------------------------------------------------ */

static enum status open_start(struct image_rows **out, struct run *run, struct diag *diag)
{
    const struct run_stage *stage = &run->stage[0];
    const struct content_source content = run_content(run);
    struct image_request request = run_content_request(stage->width, stage->height);
    if (!run_starts_from_file(run))
        return content.open(content.context, out, stage->width, stage->height, diag);
    return image_rows_open(out, run->job.initial, &run->initial_head, &request, diag);
}

/* The noise is one sequence over the whole picture, whoever has which part of it. */
static void add_noise(float *x, const struct run *run, struct ranks_rows rows)
{
    const struct run_stage *stage = &run->stage[0];
    double share = run_noise_share(&run->job);
    size_t width = (size_t)stage->width, plane = plane_of(rows, stage->width);
    struct random random;
    if (share <= 0.0)
        return;
    random_seed(&random, run->job.seed);
    for (size_t c = 0; c < 3; c++)
        for (int y = 0; y < stage->height; y++)
            for (size_t i = 0; i < width; i++) {
                size_t at = c * plane + (size_t)(y - rows.first) * width + i;
                if (y >= rows.first && y < rows.end)
                    x[at] = run_noisy(x[at], run->network->mean[c], share, &random);
                else
                    random_normal(&random);
            }
}

enum status stage_start(float **x, struct run *run, struct ranks_rows rows, struct diag *diag)
{
    struct image_rows *source;
    size_t width = (size_t)run->stage[0].width, plane = plane_of(rows, run->stage[0].width);
    *x = NULL;
    if (plane == 0)
        return STATUS_OK;
    TRY(mem_big(x, mem_product(3, plane, sizeof(float)), "the rows of a part", diag));
    enum status status = open_start(&source, run, diag);
    if (status != STATUS_OK)
        return status;
    status = skip_to(source, rows.first, diag);
    for (int y = rows.first; status == STATUS_OK && y < rows.end; y++) {
        float *row = *x + (size_t)(y - rows.first) * width;
        status = image_rows_next(source, row, row + plane, row + 2 * plane, NULL, diag);
    }
    image_rows_close(&source);
    if (status == STATUS_OK)
        add_noise(*x, run, rows);
    return status;
}

/* ---- a larger size ------------------------------------------------------------------------ */

/* Coarse rows beside those that a part covers which count for it: two, by a cubic's support, and
 * what is lost in rounding. */
enum { SUPPORT = 4 };

static struct ranks_rows covered(struct ranks_rows rows, double scale, int height)
{
    int first = (int)floor(rows.first * scale) - SUPPORT;
    int end = (int)ceil(rows.end * scale) + SUPPORT;
    if (rows.end <= rows.first)
        return (struct ranks_rows){0, 0};
    return (struct ranks_rows){first > 0 ? first : 0, end < height ? end : height};
}

static enum status open_rows(struct run_enlarging *e, struct run *run, int at,
                             const struct image *coarse, struct ranks_rows held,
                             struct ranks_rows rows, struct diag *diag)
{
    const struct content_source content = run_content(run);
    const struct run_stage *to = &run->stage[at], *from = &run->stage[at - 1];
    double scale = (double)from->height / to->height;
    struct image_part part = {*coarse, 0.0, rows.first * scale - held.first, from->width,
                              (rows.end - rows.first) * scale};
    struct image_rows *small;
    TRY(image_rows_of(&e->x, &part, to->width, rows.end - rows.first, diag));
    TRY(content.open(content.context, &e->fine, to->width, to->height, diag));
    TRY(content.open(content.context, &small, from->width, from->height, diag));
    TRY(image_rows_resize(&e->smooth, &small, NULL, to->width, to->height, diag));
    TRY(skip_to(e->fine, rows.first, diag));
    TRY(skip_to(e->smooth, rows.first, diag));
    return mem_big(&e->row, mem_product(6, (size_t)to->width, sizeof(float)), "some rows", diag);
}

static enum status enlarge_part(float **x, struct run *run, int at, float *coarse,
                                struct ranks_rows held, struct ranks_rows rows, struct diag *diag)
{
    struct run_enlarging e = {0};
    size_t width = (size_t)run->stage[at].width, plane = plane_of(rows, run->stage[at].width);
    const struct image image = {run->stage[at - 1].width, held.end - held.first, coarse, NULL};
    double detail = run_detail(&run->job);
    TRY(mem_big(x, mem_product(3, plane, sizeof(float)), "the rows of a part", diag));
    enum status status = open_rows(&e, run, at, &image, held, rows, diag);
    for (int y = 0; status == STATUS_OK && y < rows.end - rows.first; y++)
        status = run_enlarge_row(*x + (size_t)y * width, plane, width, &e, detail, diag);
    run_enlarging_close(&e);
    return status;
}

enum status stage_enlarge(float **x, struct run *run, struct ranks *world, int at,
                          struct diag *diag)
{
    size_t count = (size_t)world->count;
    const struct run_stage *to = &run->stage[at], *from = &run->stage[at - 1];
    struct ranks_rows *have = mem_new(3 * count * sizeof *have);
    struct ranks_rows *rows = have + count, *want = rows + count;
    float *coarse = NULL;
    *x = NULL;
    stage_parts(have, run, world, at - 1);
    stage_parts(rows, run, world, at);
    for (size_t k = 0; k < count; k++)
        want[k] = covered(rows[k], (double)from->height / to->height, from->height);
    struct ranks_rows mine = rows[world->rank], held = want[world->rank];
    size_t bytes = mem_product(3, plane_of(held, from->width), sizeof(float));
    enum status status = mem_big(&coarse, bytes > 0 ? bytes : 1, "the rows of a part", diag);
    status = ranks_agree(world, status, diag);
    if (status == STATUS_OK) {
        ranks_exchange(world, coarse, want, run->work.x.rgb, have, from->width);
        if (mine.end > mine.first)
            status = enlarge_part(x, run, at, coarse, held, mine, diag);
        status = ranks_agree(world, status, diag);
    }
    mem_free(coarse);
    mem_free(have);
    return status;
}
