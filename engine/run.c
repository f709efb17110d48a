/*
 * run.c: see run.h.
 *
 * A run goes through one or more stages, each at a size of its own, coarse to fine. At a change of
 * size the picture is enlarged, and objective, targets and optimiser are made anew.
 */
#include "run.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "mem.h"
#include "network.h"
#include "nn.h"
#include "objective.h"
#include "optimizer.h"
#include "random.h"
#include "targets.h"

enum { MAX_STAGES = 8, SMALLEST_SIDE = 160, AUTO_STAGES = 3, MIN_SIDE = 8, STAGE_MIN_STEPS = 8 };

/* The standard deviation of the noise that the original starts from, in network-input units. */
static const double noise_deviation = 0.256;

/* The fast schedule's rate: constant through most of a stage, then falling to a part of itself. */
static const double rate_falls_from = 0.7, rate_end = 0.1;

struct stage {
    int width, height;
    int end; /* the iteration at which the next stage begins */
};

struct run {
    struct job job;
    struct nn *nn;
    struct network *network;
    struct targets *targets;
    struct objective *objective;
    struct optimizer *optimizer;
    struct image content; /* at the finished size */
    struct image x;       /* the picture in progress, at the stage's size; no alpha */
    float *gradient;      /* [3][H*W] of the stage, and behind it: */
    float *previous;      /* the last x whose losses were finite */
    struct stage stage[MAX_STAGES];
    int stage_count, at;
    int iteration;
    char summary[256];
};

static size_t values(const struct image *image)
{
    return (size_t)3 * (size_t)image->width * (size_t)image->height;
}

/* Sizes by halves, the last one whole; coarse stages share 60 % of the iterations. */
static void plan_stages(struct run *run)
{
    int width = run->content.width, height = run->content.height, count = run->job.pyramid;
    if (count == PYRAMID_AUTO) {
        int side = width > height ? width : height;
        for (count = 1; count < AUTO_STAGES && side >> count >= SMALLEST_SIDE; count++)
            ;
    }
    while (count > 1 && ((width < height ? width : height) >> (count - 1) < MIN_SIDE ||
                         run->job.iterations < count * STAGE_MIN_STEPS))
        count--;
    run->stage_count = count;
    for (int i = 0; i < count; i++) {
        int halvings = count - 1 - i;
        int w = width >> halvings;
        run->stage[i].width = w;
        run->stage[i].height = halvings ? (int)((double)height / width * w) : height;
        run->stage[i].end = (int)(run->job.iterations * (i + 1) * 0.6 / (count - 1 + (count == 1)));
    }
    run->stage[count - 1].end = run->job.iterations;
}

static enum status read_content(struct run *run, struct diag *diag)
{
    struct image whole = {0};
    TRY(image_read(&whole, run->job.content, diag));
    int width = run->job.width ? run->job.width : whole.width;
    double height = floor((double)whole.height / whole.width * width);
    enum status status;
    if (width < MIN_SIDE || height < MIN_SIDE)
        status = diag_set(diag, STATUS_RANGE,
                          "%s would be painted at %d×%.0f, and each side needs at least %d pixels; "
                          "use a larger --width or another picture",
                          run->job.content, width, height, MIN_SIDE);
    else if (width * height > (double)IMAGE_MAX_PIXELS)
        status = diag_set(diag, STATUS_RANGE, "%s at %d×%.0f is too large; use a smaller --width",
                          run->job.content, width, height);
    else
        status = image_resize(&run->content, &whole, width, (int)height, diag);
    image_clear(&whole);
    return status;
}

/* The picture to start from at the first stage's size: content or a file, noise, or a mix. */
static enum status start_picture(struct run *run, struct diag *diag)
{
    const struct stage *stage = &run->stage[0];
    const char *initial = run->job.initial;
    struct image file = {0};
    const struct image *from = &run->content;
    if (strcmp(initial, "content") != 0 && strcmp(initial, "noise") != 0) {
        TRY(image_read(&file, initial, diag));
        from = &file;
    }
    enum status status = image_resize(&run->x, from, stage->width, stage->height, diag);
    image_clear(&file);
    if (status != STATUS_OK)
        return status;
    mem_free(run->x.alpha);
    run->x.alpha = NULL;
    double share = run->job.initial_noiseblend;
    if (share < 0.0)
        share = strcmp(initial, "noise") == 0 ? 1.0 : 0.0;
    if (share <= 0.0)
        return STATUS_OK;
    struct random random;
    random_seed(&random, run->job.seed);
    size_t n = values(&run->x), plane = n / 3;
    for (size_t i = 0; i < n; i++) {
        double mean = run->network->mean[i / plane];
        double noise = noise_deviation * random_normal(&random);
        run->x.rgb[i] = (float)(mean + (1.0 - share) * (run->x.rgb[i] - mean) + share * noise);
    }
    return STATUS_OK;
}

static void close_stage(struct run *run)
{
    objective_close(&run->objective);
    optimizer_close(&run->optimizer);
    mem_free(run->gradient);
    run->gradient = run->previous = NULL;
}

/* Everything of the stage but the picture. */
static enum status open_stage(struct run *run, struct diag *diag)
{
    const struct job *job = &run->job;
    const struct stage *stage = &run->stage[run->at];
    enum nn_pooling pooling = job->pooling == POOLING_AVG ? NN_POOL_AVG : NN_POOL_MAX;
    struct optimizer_adam adam = {job->beta1, job->beta2, job->eps};
    struct objective_weights weights = {job->content_weight, job->content_weight_blend,
                                        job->style_weight, job->tv_weight, {0}};
    for (int i = 0; i < STYLE_LAYER_COUNT; i++)
        weights.layer[i] = job->channel[i].weight;
    close_stage(run);
    TRY(targets_compute(run->targets, run->nn, run->network, stage->width, stage->height, pooling,
                        diag));
    struct image content = {0};
    TRY(image_resize(&content, &run->content, stage->width, stage->height, diag));
    enum status status =
        objective_open(&run->objective, run->nn, run->network, &content,
                       targets_list(run->targets), &weights, pooling, diag);
    image_clear(&content);
    if (status != STATUS_OK)
        return status;
    size_t n = values(&run->x);
    TRY(mem_big(&run->gradient, mem_product(n, 2, sizeof(float)), "the gradient", diag));
    run->previous = run->gradient + n;
    memcpy(run->previous, run->x.rgb, n * sizeof(float));
    return optimizer_open(&run->optimizer, n, &adam, diag);
}

static enum status next_stage(struct run *run, struct diag *diag)
{
    struct image larger = {0};
    const struct stage *stage = &run->stage[run->at + 1];
    TRY(image_resize(&larger, &run->x, stage->width, stage->height, diag));
    image_clear(&run->x);
    run->x = larger;
    run->at++;
    return open_stage(run, diag);
}

static enum status open_parts(struct run *run, struct diag *diag)
{
    const struct job *job = &run->job;
    TRY(job_validate(job, diag));
    TRY(network_open(&run->network, job->network, diag));
    TRY(read_content(run, diag));
    TRY(targets_open(&run->targets, job, diag));
    TRY(nn_open(&run->nn, job->threads,
                job->convolution == CONVOLUTION_DIRECT ? NN_DIRECT : NN_AUTO, diag));
    plan_stages(run);
    TRY(start_picture(run, diag));
    TRY(open_stage(run, diag));
    snprintf(run->summary, sizeof run->summary,
             "%s%s, %d×%d%s, %d iterations, %d threads, oneDNN %s on %s", run->network->name,
             run->network->random ? " (random weights: for timing, not for painting)" : "",
             run->content.width, run->content.height,
             run->stage_count == 1   ? ""
             : run->stage_count == 2 ? " in two sizes"
                                     : " in several sizes",
             job->iterations, nn_threads(run->nn), nn_version(), nn_isa());
    return STATUS_OK;
}

enum status run_open(struct run **out, const struct job *job, struct diag *diag)
{
    struct run *run = mem_new(sizeof *run);
    run->job = *job;
    enum status status = open_parts(run, diag);
    if (status != STATUS_OK)
        run_close(&run);
    else
        *out = run;
    return status;
}

void run_close(struct run **run)
{
    struct run *s = *run;
    if (!s)
        return;
    close_stage(s);
    targets_close(&s->targets);
    nn_close(&s->nn);
    network_close(&s->network);
    image_clear(&s->content);
    image_clear(&s->x);
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
    double here = (double)run->x.width * run->x.height, pixels = 0.0;
    for (int i = run->at; i < run->stage_count; i++) {
        const struct stage *stage = &run->stage[i];
        int begin = i == run->at ? run->iteration : run->stage[i - 1].end;
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

const char *run_summary(const struct run *run)
{
    return run->summary;
}

/* classic: constant; fast: falling geometrically towards the end of each stage. */
static double rate(const struct run *run)
{
    if (run->job.schedule == SCHEDULE_CLASSIC)
        return run->job.learning_rate;
    int begin = run->at > 0 ? run->stage[run->at - 1].end : 0;
    double progress = (double)(run->iteration - begin) / (run->stage[run->at].end - begin);
    double fall = fmax(0.0, (progress - rate_falls_from) / (1.0 - rate_falls_from));
    return run->job.learning_rate * pow(rate_end, fall);
}

enum status run_step(struct run *run, struct losses *losses, struct diag *diag)
{
    assert(run->iteration < run->job.iterations);
    if (run->iteration == run->stage[run->at].end)
        TRY(next_stage(run, diag));
    TRY(run_measure(run, losses, run->gradient, diag));
    memcpy(run->previous, run->x.rgb, values(&run->x) * sizeof(float));
    optimizer_step(run->optimizer, run->x.rgb, run->gradient, rate(run));
    run->iteration++;
    return STATUS_OK;
}

enum status run_measure(struct run *run, struct losses *losses, float *gradient, struct diag *diag)
{
    enum status status =
        objective_evaluate(run->objective, losses, gradient, run->x.rgb, diag);
    if (status != STATUS_DIVERGED)
        return status;
    memcpy(run->x.rgb, run->previous, values(&run->x) * sizeof(float));
    return diag_prefix(diag, "iteration %d", run->iteration);
}

enum status run_picture(const struct run *run, struct image *out, struct diag *diag)
{
    struct image picture = {0};
    const struct image *content = &run->content;
    TRY(image_resize(&picture, &run->x, content->width, content->height, diag));
    for (size_t i = 0; i < values(&picture); i++)
        picture.rgb[i] = fminf(fmaxf(picture.rgb[i], 0.0f), 255.0f);
    if (run->job.preserve_colors)
        image_keep_colours(&picture, content);
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
