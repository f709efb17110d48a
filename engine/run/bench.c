/* bench.c: see bench.h. */
#include "engine/run/bench.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "engine/base/clock.h"
#include "engine/image/image.h"
#include "engine/base/mem.h"
#include "engine/nn/nn.h"
#include "engine/style/objective.h"
#include "engine/style/optimizer.h"
#include "engine/host/budget.h"
#include "engine/run/run_job.h"
#include "engine/net/vgg.h"

static const char *const conv_names[LAYER_COUNT] = {
#define X(block, index) "conv" #block "_" #index,
    LAYER_LIST(X)
#undef X
};

static const char *const gram_names[STYLE_LAYER_COUNT] = {"gram1_1", "gram2_1", "gram3_1",
                                                          "gram4_1", "gram5_1"};

/* Everything that is alive during a measurement. */
struct setup {
    struct nn *nn;
    struct network *network;
    struct image content;
    struct target targets[STYLE_LAYER_COUNT];
    struct objective *objective;
    struct optimizer *optimizer;
    float *gradient;
    float *from, *to, *gram; /* for the primitives on their own */
    double *times;           /* [1 + 2 * primitives][iterations] */
    long predicted_mb;
    long peak_rss_mb;        /* before the primitives' own buffers */
};

static int compare_doubles(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

double bench_median(double *times, int n)
{
    qsort(times, (size_t)n, sizeof *times, compare_doubles);
    return n % 2 ? times[n / 2] : 0.5 * (times[n / 2 - 1] + times[n / 2]);
}

/* Soft waves of every length, so that no layer is silent. */
static void draw(struct image *image)
{
    size_t plane = (size_t)image->width * (size_t)image->height;
    for (size_t i = 0; i < 3 * plane; i++) {
        double x = (double)(i % plane % (size_t)image->width);
        double y = (double)(i % plane / (size_t)image->width);
        double wave = sin(0.9 * x + (double)(i / plane)) + sin(0.11 * (x + 2.0 * y)) +
                      sin(0.013 * x * y / (1.0 + 0.01 * (x + y)));
        image->rgb[i] = (float)(128.0 + 40.0 * wave);
    }
}

static enum status iterate(struct setup *s, struct diag *diag)
{
    struct losses losses;
    TRY(objective_evaluate(s->objective, &losses, s->gradient, s->content.rgb, diag));
    optimizer_step(s->optimizer, s->content.rgb, losses.total, s->gradient, 1.0);
    return STATUS_OK;
}

/* Finds the recompute level with which the rest fits into the memory budget. */
static enum status find_recompute(struct setup *s, struct objective_shape *shape,
                               const struct objective_weights *weights, size_t n, uint64_t cap,
                               struct diag *diag)
{
    size_t bytes[OBJECTIVE_PLANS], all[OBJECTIVE_PLANS];
    struct budget budget;
    TRY(objective_predict(bytes, all, s->nn, s->network, shape, s->targets, weights, diag));
    size_t now_there = mem_resident() + optimizer_bytes(OPTIMIZER_ADAM, n, NULL) +
                       mem_times(n, sizeof(float));
    for (int t = 0; t < OBJECTIVE_PLANS; t++)
        bytes[t] += now_there;
    budget_find(&budget, cap, "");
    int plan = objective_choose(bytes, budget.bytes);
    if (plan == OBJECTIVE_PLANS) {
        char there[64], needs[BUDGET_TEXT];
        budget_print(there, sizeof there, &budget);
        budget_print_bytes(needs, bytes[OBJECTIVE_PLANS - 1]);
        return diag_set(diag, STATUS_RANGE, "%s at %dx%d needs %s of memory and %s; a smaller "
                        "--size needs less", s->network->name, shape->width, shape->height, needs,
                        there);
    }
    shape->plan = plan;
    shape->keep = budget.bytes - bytes[plan];
    bytes[plan] += shape->keep < all[plan] ? shape->keep : all[plan];
    size_t peak = mem_peak(); /* trying out algorithms takes some, too */
    s->predicted_mb = (long)((bytes[plan] > peak ? bytes[plan] : peak) >> 20);
    return STATUS_OK;
}

static enum status set_up(struct setup *s, const struct job *job, int width, int height,
                          struct diag *diag)
{
    const struct objective_weights weights = run_weights(job);
    struct objective_shape shape = {.width = width, .height = height};
    size_t n = mem_product(3, (size_t)width, (size_t)height), largest = n, widest = 1;
    const struct optimizer_settings adam = run_optimizer(job, n, NULL);
    TRY(network_open(&s->network, job->network, diag));
    TRY(image_init(&s->content, width, height, diag));
    draw(&s->content);
    struct picture_planes planes = {s->content.rgb, width, height, 0};
    const struct picture_rows content = {picture_planes_take, &planes};
    for (int i = 0; i < STYLE_LAYER_COUNT; i++) {
        size_t c = (size_t)s->network->conv[layer_style[i]].out;
        float *gram;
        TRY(mem_big(&gram, mem_product(c, c, sizeof *gram), "a Gram matrix", diag));
        s->targets[i].gram = gram;
        widest = c > widest ? c : widest;
    }
    TRY(run_open_nn(&s->nn, job, diag));
    TRY(vgg_choose_precision(s->nn, s->network, diag));
    TRY(find_recompute(s, &shape, &weights, n, job->memory, diag));
    TRY(objective_open(&s->objective, s->nn, s->network, &shape, &content, s->targets, &weights,
                       diag));
    TRY(optimizer_open(&s->optimizer, OPTIMIZER_ADAM, n, &adam, diag));
    TRY(mem_big(&s->gradient, mem_times(n, sizeof(float)), "the gradient", diag));
    TRY(iterate(s, diag));
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    s->peak_rss_mb = usage.ru_maxrss / 1024;
    if (!objective_vgg(s->objective)) /* in bands there are no primitives for the whole */
        return STATUS_OK;
    for (enum layer l = 0; l <= LAYER_RELU5_1; l++) {
        size_t bytes = nn_layout_bytes(vgg_layout(objective_vgg(s->objective), l));
        size_t floats = bytes / sizeof(float);
        largest = floats > largest ? floats : largest;
    }
    TRY(mem_big(&s->from, mem_times(largest, sizeof(float)), "features", diag));
    TRY(mem_big(&s->to, mem_times(largest, sizeof(float)), "features", diag));
    for (size_t i = 0; i < largest; i++)
        s->from[i] = s->to[i] = 1.0f + (float)(i % 7);
    return mem_big(&s->gram, mem_product(widest, widest, sizeof(float)), "a Gram matrix", diag);
}

static void tear_down(struct setup *s)
{
    objective_close(&s->objective);
    optimizer_close(&s->optimizer);
    nn_close(&s->nn);
    network_close(&s->network);
    image_clear(&s->content);
    for (int i = 0; i < STYLE_LAYER_COUNT; i++)
        mem_free((void *)s->targets[i].gram);
    mem_free(s->gradient);
    mem_free(s->from);
    mem_free(s->to);
    mem_free(s->gram);
    mem_free(s->times);
}

/* The i-th primitive: the convolutions, then the Gram products. */
static struct nn_op *primitive(struct setup *s, int i)
{
    if (i <= LAYER_RELU5_1)
        return vgg_convolution(objective_vgg(s->objective), (enum layer)i);
    return objective_gram(s->objective, i - LAYER_RELU5_1 - 1);
}

static enum status run_primitive(struct setup *s, int i, int backward, struct diag *diag)
{
    struct nn_op *op = primitive(s, i);
    if (i <= LAYER_RELU5_1)
        return backward ? nn_backward(op, s->to, s->from, diag)
                        : nn_forward(op, s->to, s->from, diag);
    return backward ? nn_gram_backward(op, s->to, s->from, s->gram, diag)
                    : nn_gram_forward(op, s->gram, s->from, 1e-9f, diag);
}

enum { PRIMITIVES = LAYER_RELU5_1 + 1 + STYLE_LAYER_COUNT };

/* One warm-up round, then rounds of an iteration followed by every primitive on its own. */
static enum status time_all(struct setup *s, int rounds, bench_pause *pause, void *context,
                            struct diag *diag)
{
    for (int r = -1; r < rounds; r++) {
        double *slot = s->times + (r < 0 ? 0 : r);
        if (pause) /* after which the caches hold what others left there */
            TRY(iterate(s, diag));
        double begin = clock_now();
        TRY(iterate(s, diag));
        *slot = clock_now() - begin;
        for (int i = 0; s->from && i < 2 * PRIMITIVES; i++) {
            slot += rounds;
            begin = clock_now();
            TRY(run_primitive(s, i / 2, i % 2, diag));
            *slot = clock_now() - begin;
        }
        if (pause && r >= 0)
            TRY(pause(context, s->network, diag));
    }
    return STATUS_OK;
}

static void describe_plan(struct bench *out, bool bf16)
{
    int winograd = 0;
    if (out->layer_count == 0) {
        snprintf(out->plan, sizeof out->plan, "%s, in bands", bf16 ? "bfloat16" : "float32");
        return;
    }
    for (int i = 0; i <= LAYER_RELU5_1; i++)
        winograd += (strncmp(out->layers[i].forward, "winograd", 8) == 0) +
                    (strncmp(out->layers[i].backward, "winograd", 8) == 0);
    if (out->layers[0].bf16)
        snprintf(out->plan, sizeof out->plan, "bfloat16");
    else
        snprintf(out->plan, sizeof out->plan, "float32, %d of %d convolutions by Winograd",
                 winograd, 2 * (LAYER_RELU5_1 + 1));
}

static void summarise(struct bench *out, struct setup *s, int rounds)
{
    out->seconds_per_iteration = bench_median(s->times, rounds);
    for (int i = 0; s->from && i < PRIMITIVES; i++) {
        struct bench_layer *layer = &out->layers[i];
        bool conv = i <= LAYER_RELU5_1;
        layer->name = conv ? conv_names[i] : gram_names[i - LAYER_RELU5_1 - 1];
        snprintf(layer->forward, sizeof layer->forward, "%s", nn_op_forward_name(primitive(s, i)));
        snprintf(layer->backward, sizeof layer->backward, "%s",
                 nn_op_backward_name(primitive(s, i)));
        layer->bf16 = nn_layout_is_half(nn_op_output(primitive(s, i)));
        double *times = s->times + (size_t)(1 + 2 * i) * (size_t)rounds;
        layer->forward_seconds = bench_median(times, rounds);
        layer->backward_seconds = bench_median(times + rounds, rounds);
        *(conv ? &out->conv_seconds : &out->gram_seconds) +=
            layer->forward_seconds + layer->backward_seconds;
    }
    out->layer_count = s->from ? PRIMITIVES : 0;
    describe_plan(out, nn_precision(s->nn) == NN_BF16);
    out->peak_rss_mb = s->peak_rss_mb;
    out->predicted_mb = s->predicted_mb;
    out->threads = nn_threads(s->nn);
    out->onednn_version = nn_version();
    out->cpu_isa = nn_isa();
}

enum status bench_measure(struct bench *out, const struct job *job, int width, int height,
                          int iterations, bench_pause *pause, void *context, struct diag *diag)
{
    struct setup s = {0};
    *out = (struct bench){0};
    enum status status = set_up(&s, job, width, height, diag);
    if (status == STATUS_OK)
        status = mem_big(&s.times,
                         mem_product((size_t)iterations, 1 + 2 * PRIMITIVES, sizeof(double)),
                         "the timings", diag);
    if (status == STATUS_OK)
        status = time_all(&s, iterations, pause, context, diag);
    if (status == STATUS_OK)
        summarise(out, &s, iterations);
    tear_down(&s);
    return status;
}

const char *bench_onednn(void)
{
    return nn_version();
}
