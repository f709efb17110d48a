/*
 * run_job.c: see run_private.h. A job's settings as the engine's parameters, and nothing else.
 */
#include <string.h>

#include "engine/base/hash.h"
#include "engine/run/run_private.h"

/* L-BFGS: the first step's root mean square, 0–255. */
static const double first_step = 10.0;

/* L-BFGS's pairs: 30 end some per cent lower than 12, and more no lower; of 4 bytes for each value,
 * so a large picture keeps fewer. */
static const int history = 30, least_history = 12;
static const size_t history_bytes = 256 << 20;

struct objective_weights run_weights(const struct job *job)
{
#define X(field, sentence) .field = job->field##_weight,
    struct objective_weights weights = {LOSS_LIST(X).content_blend = job->content_weight_blend};
#undef X
    for (int i = 0; i < STYLE_LAYER_COUNT; i++)
        weights.layer[i] = job->channel[i].weight;
    return weights;
}

/* How many pairs L-BFGS keeps for n values; a job that caps its memory keeps few. */
static int pairs_kept(const struct job *job, size_t n)
{
    if (job->memory > 0)
        return least_history;
    size_t pairs = history_bytes / (n > 0 ? 4 * n : 1);
    return pairs < (size_t)least_history ? least_history
           : pairs > (size_t)history     ? history
                                         : (int)pairs;
}

struct optimizer_settings run_optimizer(const struct job *job, size_t n,
                                        struct precondition *metric)
{
    return (struct optimizer_settings){
        .beta1 = job->beta1,
        .beta2 = job->beta2,
        .eps = job->eps,
        .history = pairs_kept(job, n),
        .first = first_step,
        .precondition = metric ? precondition_apply : NULL,
        .context = metric,
    };
}

void run_store_settings(struct optimizer_settings *settings, enum run_store store)
{
    if (store == RUN_STORE_6 || store == RUN_STORE_3)
        settings->history = store == RUN_STORE_6 ? 6 : 3;
    settings->half = store == RUN_STORE_IN_PLACE;
}

enum nn_pooling run_pooling(const struct job *job)
{
    return job->pooling == POOLING_AVG ? NN_POOL_AVG : NN_POOL_MAX;
}

enum status run_open_nn(struct nn **out, const struct job *job, struct diag *diag)
{
    static const enum nn_precision precision[] = {
        [PRECISION_AUTO] = NN_ANY, [PRECISION_FP32] = NN_FP32, [PRECISION_BF16] = NN_BF16};
    bool exact = job->precision == PRECISION_AUTO && (job->schedule == SCHEDULE_CLASSIC ||
                                                      job->convolution == CONVOLUTION_DIRECT);
    return nn_open(out, job->threads,
                   job->convolution == CONVOLUTION_DIRECT ? NN_DIRECT : NN_AUTO,
                   exact ? NN_FP32 : precision[job->precision], diag);
}

static uint64_t hash_style(uint64_t key, const struct style *style)
{
    key = hash_add(key, style->path, strlen(style->path));
    key = hash_add(key, &style->crop, sizeof style->crop);
    return hash_add(key, &style->scale, sizeof style->scale);
}

uint64_t run_objective_key(const struct job *job)
{
    struct objective_weights weights = run_weights(job);
    uint64_t key = hash_add(HASH_START, &weights, sizeof weights);
    for (int i = 0; i < STYLE_LAYER_COUNT; i++) {
        key = hash_add(key, &job->channel[i].state, sizeof job->channel[i].state);
        key = hash_style(key, &job->channel[i].style);
    }
    for (int i = 0; i < job->blend_count; i++) {
        key = hash_add(key, &job->blend_weight[i], sizeof job->blend_weight[i]);
        key = hash_style(key, &job->blend[i]);
    }
    return key;
}

size_t run_work_floats(const struct job *job, size_t n, enum run_store store)
{
    struct optimizer_settings settings = run_optimizer(job, n, NULL);
    run_store_settings(&settings, store);
    return (store == RUN_STORE_IN_PLACE ? n : 2 * n) +
           optimizer_bytes(job->optimizer, n, &settings) / sizeof(float);
}
