/* run.c: see run.h. */
#include "engine/run/run_private.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "engine/base/mem.h"

/* The fast schedule's rate: constant through most of a stage, then falling to a part of itself. */
static const double rate_falls_from = 0.7, rate_end = 0.1;

/* What is left of the rate after a retreat. */
static const double retreat_rate = 0.25;

double run_remaining(const struct run *run)
{
    double here = (double)run->work.x.width * run->work.x.height, pixels = 0.0;
    for (int i = run->at; i < run->stage_count; i++) {
        const struct run_stage *stage = &run->stage[i];
        int begin = i == run->at ? run->iteration : run->stage[i - 1].end;
        if (begin < stage->end)
            pixels += (double)(stage->end - begin) * stage->width * stage->height;
    }
    return pixels / here;
}

double run_rate(const struct run *run, int iteration)
{
    double caution = pow(retreat_rate, run->retreats), rate = caution * run->job.learning_rate;
    if (run->job.optimizer == OPTIMIZER_LBFGS)
        return caution;
    if (run->job.schedule == SCHEDULE_CLASSIC)
        return rate;
    int begin = run->at > 0 ? run->stage[run->at - 1].end : 0;
    double progress = (double)(iteration - begin) / (run->stage[run->at].end - begin);
    double fall = fmax(0.0, (progress - rate_falls_from) / (1.0 - rate_falls_from));
    return rate * pow(rate_end, fall);
}

/* Those that are due behind a step. */
static enum status edits_behind(struct run *run, struct diag *diag)
{
    struct diag why;
    enum status status = run_make_edits(run, &why);
    return status == STATUS_OK ? status : diag_set(diag, status, "%s", why.text);
}

static enum status step_in_place(struct run *run, struct losses *losses, struct diag *diag)
{
    TRY(run_descend(run, losses, run_rate(run, run->iteration), diag));
    run->iteration++;
    run->edits_made = 0;
    run->measured = false;
    return edits_behind(run, diag);
}

enum status run_step(struct run *run, struct losses *losses, struct diag *diag)
{
    struct run_work *work = &run->work;
    double total;
    assert(run->iteration < run->job.iterations);
    TRY(run_make_edits(run, diag)); /* that could not be made before */
    if (run->iteration >= run->job.iterations)
        return run_measure(run, losses, NULL, diag);
    TRY(run_stage_next(run, diag));
    if (!work->gradient)
        return step_in_place(run, losses, diag);
    TRY(run_evaluate(run, losses, &total, work->gradient, diag));
    if (isfinite(total))
        memcpy(work->previous, work->x.rgb, run_values(&work->x) * sizeof(float));
    run->iteration++;
    run->edits_made = 0;
    run->measured = false;
    /* The last step of a size is not followed by an evaluation, so it must not end on a trial. */
    if (run->iteration == run->stage[run->at].end && optimizer_trying(work->optimizer))
        optimizer_end_trial(work->optimizer, work->x.rgb, &total);
    else
        optimizer_step(work->optimizer, work->x.rgb, total, work->gradient,
                       run_rate(run, run->iteration - 1));
    return edits_behind(run, diag);
}

enum status run_pulls(struct run *run, double pull[STYLE_LAYER_COUNT], struct diag *diag)
{
    TRY(run_stage_open_objective(run, diag));
    return objective_pulls(run->objective, pull, run->work.gradient,
                           optimizer_best(run->work.optimizer, run->work.x.rgb), diag);
}

/* A part of a picture that may be smaller than the finished one. */
static enum status resize_part(const struct run *run, struct image *out, const struct image *in,
                               const struct run_part *part, int width, int height,
                               struct diag *diag)
{
    double across = (double)in->width / run_width(run), down = (double)in->height / run_height(run);
    struct image_part from = {*in, part->left * across, part->top * down, part->width * across,
                              part->height * down};
    from.image.alpha = NULL;
    bool same = width == in->width && height == in->height && from.width == width &&
                from.height == height;
    if (!same)
        return image_part_resize(out, &from, width, height, diag);
    TRY(image_init(out, width, height, diag));
    for (size_t i = 0; i < run_values(in); i++)
        out->rgb[i] = fminf(fmaxf(in->rgb[i], 0.0f), 255.0f);
    return STATUS_OK;
}

/* A part of the content where that is not in memory, to whole pixels of its file. */
static enum status read_part(const struct run *run, struct image *out, const struct run_part *part,
                             int width, int height, struct diag *diag)
{
    const struct image_head *head = &run->content_head;
    double across = (double)head->width / run_width(run);
    double down = (double)head->height / run_height(run);
    struct image_request request = {(int)(part->left * across), (int)(part->top * down),
                                    (int)ceil(part->width * across),
                                    (int)ceil(part->height * down), width, height};
    struct image_rows *rows;
    request.width = (int)fmin(request.width, head->width - request.left);
    request.height = (int)fmin(request.height, head->height - request.top);
    TRY(image_rows_open(&rows, run->job.content, head, &request, diag));
    return image_rows_gather(out, &rows, diag);
}

/* Clamped, and with the content's colours if they are to be kept. */
static enum status make_part(const struct run *run, struct image *out, const struct run_part *part,
                             int width, int height, struct diag *diag)
{
    struct image picture = {0}, content = {0}, x = run->work.x;
    x.rgb = (float *)optimizer_best(run->work.optimizer, x.rgb); /* only to be read */
    TRY(resize_part(run, &picture, &x, part, width, height, diag));
    enum status status = STATUS_OK;
    if (run->job.preserve_colors && run->content.rgb)
        status = resize_part(run, &content, &run->content, part, width, height, diag);
    else if (run->job.preserve_colors)
        status = read_part(run, &content, part, width, height, diag);
    if (content.rgb)
        image_keep_colours(&picture, &content);
    image_clear(&content);
    if (status == STATUS_OK)
        *out = picture;
    else
        image_clear(&picture);
    return status;
}

/* What is smaller than the picture is made of the picture as it would be saved: what is cut off at
 * black and white, and where colours are kept, is cut off before it is resized. In a coarse stage,
 * whose picture is not saved as it is, and for a picture that is too large for one more of it, that
 * would cost more than it shows. */
enum status run_preview(const struct run *run, struct image *out, const struct run_part *part,
                        int width, int height, struct diag *diag)
{
    const struct run_part all = {0, 0, run_width(run), run_height(run)};
    struct image picture = {0};
    if (!part)
        part = &all;
    if (run->plan >= OBJECTIVE_BANDS || run_stage_width(run) < all.width ||
        width >= part->width || height >= part->height)
        return make_part(run, out, part, width, height, diag);
    TRY(make_part(run, &picture, part, part->width, part->height, diag));
    enum status status = image_resize(out, &picture, width, height, diag);
    image_clear(&picture);
    return status;
}

enum status run_small(const struct run *run, struct image *out, int side, struct diag *diag)
{
    int width = run_width(run), height = run_height(run), longest = width > height ? width : height;
    if (longest > side) {
        width = (int)((double)width * side / longest);
        height = (int)((double)height * side / longest);
    }
    return run_preview(run, out, NULL, width > 0 ? width : 1, height > 0 ? height : 1, diag);
}
