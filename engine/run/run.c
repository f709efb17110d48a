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

/* classic: constant; fast: falling geometrically towards the end of each stage. L-BFGS: of the
 * length of a first step. */
static double rate(const struct run *run, int iteration)
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

enum status run_step(struct run *run, struct losses *losses, struct diag *diag)
{
    struct run_work *work = &run->work;
    double total;
    assert(run->iteration < run->job.iterations);
    TRY(run_make_edits(run, diag)); /* that could not be made before */
    if (run->iteration >= run->job.iterations)
        return run_measure(run, losses, NULL, diag);
    TRY(run_stage_next(run, diag));
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
                       rate(run, run->iteration - 1));
    struct diag why;
    enum status status = run_make_edits(run, &why);
    return status == STATUS_OK ? status : diag_set(diag, status, "%s", why.text);
}

enum status run_pulls(struct run *run, double pull[STYLE_LAYER_COUNT], struct diag *diag)
{
    TRY(run_stage_open_objective(run, diag));
    return objective_pulls(run->objective, pull, run->work.gradient,
                           optimizer_best(run->work.optimizer, run->work.x.rgb), diag);
}

/* A picture's part, of a picture that may be smaller than the finished one. */
static struct image_part part_of(const struct run *run, const struct image *image,
                                 const struct run_part *part)
{
    double across = (double)image->width / run_width(run);
    double down = (double)image->height / run_height(run);
    if (!part)
        return (struct image_part){*image, 0.0, 0.0, image->width, image->height};
    return (struct image_part){*image, part->left * across, part->top * down,
                               part->width * across, part->height * down};
}

enum status run_preview(const struct run *run, struct image *out, const struct run_part *part,
                        int width, int height, struct diag *diag)
{
    struct image picture = {0}, content = {0}, x = run->work.x;
    x.rgb = (float *)optimizer_best(run->work.optimizer, x.rgb); /* only to be read */
    struct image_part from = part_of(run, &x, part);
    TRY(image_part_resize(&picture, &from, width, height, diag));
    for (size_t i = 0; i < run_values(&picture); i++)
        picture.rgb[i] = fminf(fmaxf(picture.rgb[i], 0.0f), 255.0f);
    enum status status = STATUS_OK;
    from = part_of(run, &run->content, part);
    from.image.alpha = NULL;
    if (run->job.preserve_colors)
        status = image_part_resize(&content, &from, width, height, diag);
    if (content.rgb)
        image_keep_colours(&picture, &content);
    image_clear(&content);
    if (status == STATUS_OK)
        *out = picture;
    else
        image_clear(&picture);
    return status;
}

enum status run_picture(const struct run *run, struct image *out, struct diag *diag)
{
    struct image picture = {0};
    const struct image *content = &run->content;
    TRY(run_preview(run, &picture, NULL, content->width, content->height, diag));
    if (content->alpha) {
        size_t size = mem_product((size_t)content->width, (size_t)content->height, sizeof(float));
        enum status status = mem_big(&picture.alpha, size, "the picture's alpha", diag);
        if (status != STATUS_OK) {
            image_clear(&picture);
            return status;
        }
        memcpy(picture.alpha, content->alpha, size);
    }
    *out = picture;
    return STATUS_OK;
}
