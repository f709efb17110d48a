/*
 * run_result.c: see run.h. The picture as it would be saved, row by row, so that it need not be
 * there as a whole besides the picture in progress.
 */
#include "engine/run/run_private.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "engine/base/mem.h"

/* What a row is made of. */
struct making {
    struct image_rows *x;       /* the picture in progress at the finished size */
    struct image_rows *content; /* for its colours and its alpha; NULL: neither is wanted */
    float *row;                 /* [3 + 3 + 1][width]: the picture's, the content's, alpha */
};

static enum status open_rows(struct making *m, const struct run *run, struct diag *diag)
{
    int width = run_width(run), height = run_height(run);
    struct image x = run->work.x, content = run->content;
    x.rgb = (float *)optimizer_best(run->work.optimizer, x.rgb); /* only to be read */
    x.alpha = NULL;
    struct image_part all = {x, 0.0, 0.0, x.width, x.height};
    struct image_part whole = {content, 0.0, 0.0, content.width, content.height};
    struct image_request request = run_content_request(width, height);
    TRY(mem_big(&m->row, mem_product(7, (size_t)width, sizeof(float)), "a row", diag));
    TRY(image_rows_of(&m->x, &all, width, height, diag));
    if (!run->job.preserve_colors && !run_has_alpha(run))
        return STATUS_OK;
    if (content.rgb)
        return image_rows_of(&m->content, &whole, width, height, diag);
    return image_rows_open(&m->content, run->job.content, &run->content_head, &request, diag);
}

static enum status make_row(struct making *m, const struct run *run, struct diag *diag)
{
    size_t width = (size_t)run_width(run);
    float *row = m->row, *content = row + 3 * width, *alpha = row + 6 * width;
    TRY(image_rows_next(m->x, row, row + width, row + 2 * width, NULL, diag));
    if (m->content)
        TRY(image_rows_next(m->content, content, content + width, content + 2 * width, alpha,
                            diag));
    for (size_t i = 0; i < 3 * width; i++)
        row[i] = fminf(fmaxf(row[i], 0.0f), 255.0f);
    struct image painted = {(int)width, 1, row, NULL}, like = {(int)width, 1, content, NULL};
    if (run->job.preserve_colors)
        image_keep_colours(&painted, &like);
    return STATUS_OK;
}

/* Is the content transparent anywhere? A file may turn out to be opaque: then alpha is 255. */
bool run_has_alpha(const struct run *run)
{
    return run->content.rgb ? run->content.alpha != NULL : run->content_head.channels == 4;
}

enum status run_each_row(const struct run *run, run_row *give, void *context, struct diag *diag)
{
    struct making m = {0};
    size_t width = (size_t)run_width(run);
    enum status status = open_rows(&m, run, diag);
    for (int y = 0; status == STATUS_OK && y < run_height(run); y++) {
        status = make_row(&m, run, diag);
        const float *const row[4] = {m.row, m.row + width, m.row + 2 * width,
                                     run_has_alpha(run) ? m.row + 6 * width : NULL};
        if (status == STATUS_OK)
            status = give(context, y, row, diag);
    }
    image_rows_close(&m.x);
    image_rows_close(&m.content);
    mem_free(m.row);
    return status;
}

static enum status collect(void *context, int y, const float *const row[4], struct diag *diag)
{
    struct image *out = context;
    size_t width = (size_t)out->width, plane = width * (size_t)out->height;
    (void)diag;
    for (size_t c = 0; c < 3; c++)
        memcpy(out->rgb + c * plane + (size_t)y * width, row[c], width * sizeof(float));
    if (row[3])
        memcpy(out->alpha + (size_t)y * width, row[3], width * sizeof(float));
    return STATUS_OK;
}

enum status run_picture(const struct run *run, struct image *out, struct diag *diag)
{
    struct image picture;
    TRY(image_init(&picture, run_width(run), run_height(run), diag));
    size_t size = mem_product((size_t)picture.width, (size_t)picture.height, sizeof(float));
    enum status status = STATUS_OK;
    if (run_has_alpha(run))
        status = mem_big(&picture.alpha, size, "the picture's alpha", diag);
    if (status == STATUS_OK)
        status = run_each_row(run, collect, &picture, diag);
    if (status == STATUS_OK)
        *out = picture;
    else
        image_clear(&picture);
    return status;
}

static enum status take_row(void *context, int y, const float *const row[4], struct diag *diag)
{
    struct image *x = context;
    size_t width = (size_t)x->width, plane = width * (size_t)x->height;
    (void)diag;
    for (size_t c = 0; c < 3; c++)
        for (size_t i = 0; i < width; i++)
            x->rgb[c * plane + (size_t)y * width + i] = roundf(row[c][i]);
    return STATUS_OK;
}

/* A row is taken when it has been read, so that no second picture is needed. */
enum status run_measure_saved(struct run *run, struct losses *losses, struct diag *diag)
{
    assert(run_stage_width(run) == run_width(run));
    if (!run->measured)
        TRY(run_measure(run, losses, NULL, diag)); /* takes back what is only tried */
    TRY(run_each_row(run, take_row, &run->work.x, diag));
    optimizer_reset(run->work.optimizer); /* else it would take back what is worse */
    return run_measure(run, losses, NULL, diag);
}
