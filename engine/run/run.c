/* run.c: see run.h. */
#include "engine/run/run_private.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "engine/base/mem.h"
#include "engine/host/budget.h"
#include "engine/host/cores.h"
#include "engine/net/vgg.h"

/* The fast schedule's rate: constant through most of a stage, then falling to a part of itself. */
static const double rate_falls_from = 0.7, rate_end = 0.1;

/* What is left of the rate after a retreat. */
static const double retreat_rate = 0.25;

static enum status prepare_parts(struct run *run, struct diag *diag)
{
    const struct job *job = &run->job;
    TRY(job_validate(job, diag));
    TRY(network_open(&run->network, job->network, diag));
    TRY(run_inspect_content(run, diag));
    TRY(targets_open(&run->targets, job, NULL, diag));
    struct job computing = *job;
    if (!job->threads && run->threads <= cores_usable(""))
        computing.threads = run->threads;
    TRY(run_open_nn(&run->nn, &computing, diag));
    nn_stop_when(run->nn, run->stop);
    TRY(vgg_choose_precision(run->nn, run->network, diag));
    run_stage_plan(run, run_stage_count(run));
    return STATUS_OK;
}

enum status run_prepare(struct run **out, const struct job *job, int threads,
                        const atomic_int *stop, struct diag *diag)
{
    struct run *run = mem_new(sizeof *run);
    run->job = *job;
    run->threads = threads;
    run->stop = stop;
    run->peak = mem_peak();
    enum status status = prepare_parts(run, diag);
    if (status != STATUS_OK)
        run_close(&run);
    else
        *out = run;
    return status;
}

enum status run_open(struct run **out, const struct job *job, const atomic_int *stop,
                     struct diag *diag)
{
    struct run *run;
    TRY(run_prepare(&run, job, 0, stop, diag));
    enum status status = run_stage_begin(run, diag);
    run_summarise(run);
    if (status != STATUS_OK)
        run_close(&run);
    else
        *out = run;
    return status;
}

void run_summarise(struct run *run)
{
    char memory[BUDGET_TEXT];
    bool bf16 = nn_precision(run->nn) == NN_BF16;
    budget_print_bytes(memory, run->predicted);
    snprintf(run->job.painted, sizeof run->job.painted, "in %s by oneDNN %s on %s, %d threads",
             bf16 ? "bfloat16" : "float32", nn_version(), nn_isa(), nn_threads(run->nn));
    snprintf(run->summary, sizeof run->summary,
             "%s%s, %d×%d%s, %d iterations%s, %s of memory, %d threads, oneDNN %s on %s",
             run->network->name,
             run->network->random     ? " (random weights: for timing, not for painting)"
             : run->network->off_size ? " (losses of another size than VGG-19's: the usual weights "
                                        "will not paint)"
                                      : "",
             run->content.width, run->content.height,
             run->stage_count == 1   ? ""
             : run->stage_count == 2 ? " in two sizes"
                                     : " in several sizes",
             run->job.iterations, bf16 ? " in bfloat16" : "", memory, nn_threads(run->nn),
             nn_version(), nn_isa());
}

void run_close(struct run **run)
{
    struct run *s = *run;
    if (!s)
        return;
    objective_close(&s->objective);
    run_work_close(&s->work);
    targets_close(&s->targets);
    nn_close(&s->nn);
    network_close(&s->network);
    image_clear(&s->content);
    mem_free(s);
    *run = NULL;
}

int run_iteration(const struct run *run)
{
    return run->iteration;
}

int run_iterations(const struct run *run)
{
    return run->job.iterations;
}

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

int run_width(const struct run *run)
{
    return run->content.width;
}

int run_height(const struct run *run)
{
    return run->content.height;
}

int run_stage_width(const struct run *run)
{
    return run->work.x.width;
}

const struct job *run_job(const struct run *run)
{
    return &run->job;
}

const char *run_summary(const struct run *run)
{
    return run->summary;
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

/* The picture's losses are not finite, for the reason in *why: goes back to the last one whose
 * losses were. STATUS_OK: to go on from there with a smaller rate. */
static enum status retreat(struct run *run, const struct diag *why, struct diag *diag)
{
    struct run_work *work = &run->work;
    /* No step has led to this picture: it is the one to start from, or the one gone back to. */
    bool fresh = optimizer_state(work->optimizer)->t == 0;
    memcpy(work->x.rgb, work->previous, run_values(&work->x) * sizeof(float));
    optimizer_reset(work->optimizer);
    if (fresh)
        return diag_set(diag, STATUS_DIVERGED,
                        "iteration %d: %s already before a step; lower weights or another network "
                        "may help, a lower rate does not",
                        run->iteration, why->text);
    if (run->retreats == RUN_RETREATS)
        return diag_set(diag, STATUS_DIVERGED,
                        "iteration %d: %s, after %d times a smaller rate; a lower --learning-rate "
                        "or lower weights keep it in bounds",
                        run->iteration, why->text, RUN_RETREATS);
    run->retreats++;
    return diag_set(diag, STATUS_OK, "iteration %d: %s; back to the picture before, with %s",
                    run->iteration, why->text,
                    run->job.optimizer == OPTIMIZER_LBFGS ? "a shorter first step"
                                                          : "a quarter of the rate");
}

/* Is the square of each of n values, which the optimisers take, finite? Only then is nothing but
 * zeros added up. */
static bool all_usable(const float *v, size_t n)
{
    float sum = 0.0f;
#pragma omp parallel for simd reduction(+ : sum) schedule(static)
    for (size_t i = 0; i < n; i++)
        sum += v[i] * v[i] * 0.0f;
    return sum == 0.0f;
}

/* A gradient that cannot be used counts as a loss that is not finite: no step leads on. */
static enum status measure(struct run *run, struct losses *losses, float *gradient,
                           struct diag *diag)
{
    const struct image *x = &run->work.x;
    TRY(objective_evaluate(run->objective, losses, gradient, x->rgb, diag));
    if (!gradient || all_usable(gradient, run_values(x)))
        return STATUS_OK;
    char term[LOSSES_WORDS];
    losses_worst(term, losses);
    return diag_set(diag, STATUS_DIVERGED, "the gradient of the %s is too large", term);
}

/* The losses of x and their gradient. A trial that is not finite has an infinite total, and for the
 * eye the losses before it; any other picture that is not is left, or ends the run. */
static enum status evaluate(struct run *run, struct losses *losses, double *total, float *gradient,
                            struct diag *diag)
{
    struct run_work *work = &run->work;
    uint64_t key = run_objective_key(&run->job);
    struct diag why;
    enum status status;
    TRY(run_stage_open_objective(run, diag));
    if (key != work->objective)
        optimizer_forget(work->optimizer, work->x.rgb);
    work->objective = key;
    diag_set(diag, STATUS_OK, "%s", "");
    while ((status = measure(run, losses, gradient, &why)) == STATUS_DIVERGED) {
        if (optimizer_trying(work->optimizer)) {
            *losses = work->losses;
            *total = INFINITY;
            return STATUS_OK;
        }
        TRY(retreat(run, &why, diag));
    }
    if (status != STATUS_OK)
        return diag_set(diag, status, "%s", why.text);
    *total = losses->total;
    work->losses = *losses;
    return STATUS_OK;
}

enum status run_step(struct run *run, struct losses *losses, struct diag *diag)
{
    struct run_work *work = &run->work;
    double total;
    assert(run->iteration < run->job.iterations);
    TRY(run_stage_next(run, diag));
    TRY(evaluate(run, losses, &total, work->gradient, diag));
    if (isfinite(total))
        memcpy(work->previous, work->x.rgb, run_values(&work->x) * sizeof(float));
    run->iteration++;
    /* The last step of a size is not followed by an evaluation, so it must not end on a trial. */
    if (run->iteration == run->stage[run->at].end && optimizer_trying(work->optimizer))
        optimizer_end_trial(work->optimizer, work->x.rgb, &total);
    else
        optimizer_step(work->optimizer, work->x.rgb, total, work->gradient,
                       rate(run, run->iteration - 1));
    return STATUS_OK;
}

enum status run_measure(struct run *run, struct losses *losses, float *gradient, struct diag *diag)
{
    double total;
    TRY(evaluate(run, losses, &total, gradient, diag));
    if (!optimizer_end_trial(run->work.optimizer, run->work.x.rgb, &total))
        return STATUS_OK;
    return evaluate(run, losses, &total, gradient, diag);
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
