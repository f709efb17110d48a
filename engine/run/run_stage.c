/*
 * run_stage.c: see run_private.h. A run goes through one or more stages, each at a size of its own,
 * coarse to fine. At a change of size the picture is enlarged, and objective, Gram matrices and
 * optimiser are made anew.
 */
#include "engine/run/run_private.h"

#include <string.h>

#include "engine/base/mem.h"
#include "engine/base/random.h"

/* The standard deviation of the noise that the original starts from, in network-input units. */
static const double noise_deviation = 0.256;

/* How much of the content's detail an enlarged picture gets back. */
static const double detail_part = 0.7;

double run_noise_share(const struct job *job)
{
    if (job->initial_noiseblend >= 0.0)
        return job->initial_noiseblend;
    return strcmp(job->initial, "noise") == 0 ? 1.0 : 0.0;
}

float run_noisy(float value, double mean, double share, struct random *random)
{
    double noise = noise_deviation * random_normal(random);
    return (float)(mean + (1.0 - share) * (value - mean) + share * noise);
}

double run_detail(const struct job *job)
{
    return job->content_weight > 0.0 ? detail_part : 0.0;
}

static enum status read_content_at(struct image *out, struct run *run, int width, int height,
                                   struct diag *diag)
{
    const struct content_source content = run_content(run);
    struct image_rows *rows;
    TRY(content.open(content.context, &rows, width, height, diag));
    return image_rows_gather(out, &rows, diag);
}

/* The picture to start from at the first stage's size: content or a file, noise, or a mix. */
static enum status start_picture(struct image *x, struct run *run, struct diag *diag)
{
    const struct run_stage *stage = &run->stage[0];
    if (run_starts_from_file(run))
        TRY(run_read_initial(x, run, diag));
    else
        TRY(read_content_at(x, run, stage->width, stage->height, diag));
    mem_free(x->alpha);
    x->alpha = NULL;
    double share = run_noise_share(&run->job);
    if (share <= 0.0)
        return STATUS_OK;
    struct random random;
    random_seed(&random, run->job.seed);
    size_t n = run_values(x), plane = n / 3;
    for (size_t i = 0; i < n; i++)
        x->rgb[i] = run_noisy(x->rgb[i], run->network->mean[i / plane], share, &random);
    return STATUS_OK;
}

enum status run_stage_begin(struct run *run, struct diag *diag)
{
    struct run_work work = {0};
    if (run_starts_from_file(run))
        TRY(image_inspect(&run->initial_head, run->job.initial, diag));
    TRY(run_memory_check(run, diag));
    TRY(run_read_content(run, diag));
    enum status status = start_picture(&work.x, run, diag);
    if (status == STATUS_OK)
        status = run_work_open(&work, &run->job, run->stage[0].store, diag);
    if (status == STATUS_OK)
        status = run_stage_enter(run, 0, &work, diag);
    if (status != STATUS_OK)
        run_work_close(&work);
    return status;
}

static enum status open_rows(struct run_enlarging *e, struct run *run,
                             const struct run_stage *stage, struct diag *diag)
{
    const struct content_source content = run_content(run);
    const struct image *before = &run->work.x;
    struct image_part all = {*before, 0.0, 0.0, before->width, before->height};
    struct image_rows *coarse;
    int width = stage->width, height = stage->height;
    TRY(image_rows_of(&e->x, &all, width, height, diag));
    TRY(content.open(content.context, &e->fine, width, height, diag));
    TRY(content.open(content.context, &coarse, before->width, before->height, diag));
    TRY(image_rows_resize(&e->smooth, &coarse, NULL, width, height, diag));
    return mem_big(&e->row, mem_product(6, (size_t)width, sizeof(float)), "some rows", diag);
}

enum status run_enlarge_row(float *to, size_t plane, size_t width, struct run_enlarging *e,
                            double detail, struct diag *diag)
{
    float *fine = e->row, *smooth = e->row + 3 * width;
    TRY(image_rows_next(e->x, to, to + plane, to + 2 * plane, NULL, diag));
    TRY(image_rows_next(e->fine, fine, fine + width, fine + 2 * width, NULL, diag));
    TRY(image_rows_next(e->smooth, smooth, smooth + width, smooth + 2 * width, NULL, diag));
    for (size_t c = 0; c < 3; c++)
        for (size_t i = 0; i < width; i++)
            to[c * plane + i] +=
                (float)(detail * (fine[c * width + i] - smooth[c * width + i]));
    return STATUS_OK;
}

void run_enlarging_close(struct run_enlarging *e)
{
    image_rows_close(&e->x);
    image_rows_close(&e->fine);
    image_rows_close(&e->smooth);
    mem_free(e->row);
    e->row = NULL;
}

/* x at another size, with the detail that it could not hold where the content has it. */
static enum status enlarge(struct image *out, struct run *run, const struct run_stage *stage,
                           struct diag *diag)
{
    struct run_enlarging e = {0};
    size_t width = (size_t)stage->width, plane = width * (size_t)stage->height;
    struct image x = {0};
    double detail = run_detail(&run->job);
    enum status status = image_init(&x, stage->width, stage->height, diag);
    if (status == STATUS_OK)
        status = open_rows(&e, run, stage, diag);
    for (int y = 0; status == STATUS_OK && y < stage->height; y++)
        status = run_enlarge_row(x.rgb + (size_t)y * width, plane, width, &e, detail, diag);
    run_enlarging_close(&e);
    if (status == STATUS_OK)
        *out = x;
    else
        image_clear(&x);
    return status;
}

enum status run_stage_next(struct run *run, struct diag *diag)
{
    int at = run->at;
    while (at + 1 < run->stage_count && run->iteration >= run->stage[at].end)
        at++;
    if (at == run->at)
        return STATUS_OK;
    struct run_work work = {0};
    const struct run_stage *stage = &run->stage[at];
    enum status status = enlarge(&work.x, run, stage, diag);
    if (status == STATUS_OK)
        status = run_work_open(&work, &run->job, stage->store, diag);
    if (status == STATUS_OK)
        status = run_stage_enter(run, at, &work, diag);
    if (status != STATUS_OK)
        run_work_close(&work);
    return status;
}

enum status run_stage_enter(struct run *run, int at, struct run_work *work, struct diag *diag)
{
    struct run_work before = run->work;
    int before_at = run->at;
    bool other_size = before.x.width != work->x.width || before.x.height != work->x.height;
    run->at = at;
    run->work = *work;
    if (other_size)
        objective_close(&run->objective); /* first: there may be no memory for two */
    enum status status = run_stage_open_objective(run, diag);
    if (status != STATUS_OK) {
        run->at = before_at;
        run->work = before;
        if (other_size)
            objective_close(&run->objective);
        return status;
    }
    run_work_close(&before);
    *work = (struct run_work){0};
    return STATUS_OK;
}

enum status run_work_open(struct run_work *work, const struct job *job, enum run_store store,
                          struct diag *diag)
{
    size_t n = run_values(&work->x);
    if (store != RUN_STORE_IN_PLACE) {
        TRY(mem_big(&work->gradient, mem_product(n, 2, sizeof(float)), "the gradient", diag));
        work->previous = work->gradient + n;
        memcpy(work->previous, work->x.rgb, n * sizeof(float));
    }
    work->objective = run_objective_key(job);
    if (optimizer_preconditions(job->optimizer))
        TRY(precondition_open(&work->precondition, 3, work->x.height, work->x.width, diag));
    struct optimizer_settings settings = run_optimizer(job, n, work->precondition);
    run_store_settings(&settings, store);
    return optimizer_open(&work->optimizer, job->optimizer, n, &settings, diag);
}

void run_work_close(struct run_work *work)
{
    optimizer_close(&work->optimizer);
    precondition_close(&work->precondition);
    mem_free(work->gradient);
    image_clear(&work->x);
    *work = (struct run_work){0};
}

struct objective_shape run_shape(const struct run *run)
{
    const struct run_stage *stage = &run->stage[run->at];
    return (struct objective_shape){.width = stage->width,
                                    .height = stage->height,
                                    .pooling = run_pooling(&run->job),
                                    .plan = stage->plan,
                                    .keep = stage->keep};
}

static enum status open_in_bands(struct run *run, const struct objective_shape *shape,
                                 const struct objective_weights *weights, struct image_rows **rows,
                                 struct diag *diag)
{
    struct picture_stream stream;
    TRY(picture_stream_open(&stream, rows, OBJECTIVE_MOST_ROWS, diag));
    const struct picture_rows picture = {picture_stream_take, &stream};
    enum status status = objective_open(&run->objective, run->nn, run->network, shape, &picture,
                                        targets_list(run->targets), weights, diag);
    picture_stream_close(&stream);
    return status;
}

enum status run_stage_open_objective(struct run *run, struct diag *diag)
{
    if (run->objective)
        return STATUS_OK;
    struct objective_weights weights = run_weights(&run->job);
    struct objective_shape shape = run_shape(run);
    nn_use(run->nn);
    const struct content_source content = run_content(run);
    TRY(targets_compute(run->targets, run->nn, run->network, &shape, &content, diag));
    struct image_rows *rows;
    TRY(content.open(content.context, &rows, shape.width, shape.height, diag));
    if (shape.plan >= OBJECTIVE_BANDS)
        return open_in_bands(run, &shape, &weights, &rows, diag);
    struct image whole;
    TRY(image_rows_gather(&whole, &rows, diag));
    struct picture_planes planes = {whole.rgb, whole.width, whole.height, 0};
    const struct picture_rows picture = {picture_planes_take, &planes};
    enum status status = objective_open(&run->objective, run->nn, run->network, &shape, &picture,
                                        targets_list(run->targets), &weights, diag);
    image_clear(&whole);
    return status;
}
