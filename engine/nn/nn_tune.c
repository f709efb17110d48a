/*
 * nn_tune.c: see nn.h and nn_private.h. Opens convolutions by what is fastest: which of direct and
 * Winograd, in float32, and how fast bfloat16 is. The candidates are opened as the network would
 * open them and run in turns on a square of about the picture's size, or a smaller one where that
 * suffices.
 * Sides are rounded to powers of √2, so that pictures of similar size share a timing, and with it
 * the algorithm and all bits of the result.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "engine/base/mem.h"
#include "engine/base/clock.h"
#include "engine/nn/nn_private.h"
#include "engine/host/tune_cache.h"

/* Limits of the size that is timed: multiply-adds and bytes of features. The size must not be much
 * smaller: Winograd's algorithm needs some size to be fast. */
static const double max_work = 2.5e9, max_bytes = 32e6;

/* Each candidate is timed ROUNDS times, or at least twice until max_seconds have passed in all. One
 * that is `hopeless` times slower than the best is not timed again. */
enum { ROUNDS = 4 };
static const double max_seconds = 0.06, hopeless = 1.4;

static int tuning_side(const struct nn_conv *shape)
{
    double in = nn_layout_channels(shape->src), out = shape->out;
    double pixels = (double)nn_layout_pixels(shape->src);
    double lanes = fmax(in, NN_LANES) + fmax(out, NN_LANES);
    double most = fmin(max_work / (9.0 * in * out), max_bytes / (4.0 * lanes));
    return (int)lround(exp2(round(log2(fmin(pixels, most))) / 2.0));
}

enum candidate_kind { KIND_DIRECT, KIND_WINOGRAD, KIND_BF16, KIND_COUNT };

/* One way to compute the convolution; without an operation if it is not offered. */
struct candidate {
    struct nn_op *op;
    double best; /* seconds */
};

/* All candidates and the buffers that they share, whose values do not matter. Starts zeroed. */
struct tuning {
    struct candidate candidate[KIND_COUNT];
    void *from, *to;
    size_t size; /* of each */
};

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

static enum status open_candidate(struct tuning *tuning, enum candidate_kind kind, struct nn *nn,
                                  const struct nn_conv *shape, int side, enum nn_pass pass,
                                  struct diag *diag)
{
    struct candidate *c = &tuning->candidate[kind];
    struct nn_layout src;
    enum nn_way_kind way[NN_PASS_COUNT] = {NN_WAY_NONE, NN_WAY_NONE};
    way[pass] = kind == KIND_WINOGRAD ? NN_WAY_WINOGRAD : NN_WAY_DIRECT;
    if (shape->src->is_picture)
        nn_layout_set_picture(&src, side, side, kind == KIND_BF16);
    else
        nn_layout_set(&src, shape->src->channels, side, side, kind == KIND_BF16);
    struct nn_conv square = {&src, shape->out, shape->kernel, shape->bias, false};
    TRY(nn_conv_open_as(&c->op, nn, &square, way, diag));
    size_t from = nn_layout_bytes(&src), to = nn_layout_bytes(nn_op_output(c->op));
    tuning->size = larger(tuning->size, larger(from, to));
    return STATUS_OK;
}

static enum status allocate(struct tuning *tuning, struct diag *diag)
{
    tuning->size = larger(tuning->size, sizeof(unsigned short));
    TRY(mem_big(&tuning->from, tuning->size, "trying out a convolution", diag));
    TRY(mem_big(&tuning->to, tuning->size, "trying out a convolution", diag));
    unsigned short *number = tuning->from; /* small ones, in either precision, but no zeros */
    for (size_t k = 0; k < tuning->size / sizeof *number; k++)
        number[k] = (unsigned short)(0x3c00 + 8 * (k % 7));
    for (int i = 0; i < KIND_COUNT; i++)
        if (tuning->candidate[i].op)
            TRY(nn_op_allocate(tuning->candidate[i].op, diag));
    return STATUS_OK;
}

static void tuning_close(struct tuning *tuning, struct nn *nn)
{
    for (int i = 0; i < KIND_COUNT; i++)
        nn_op_close(&tuning->candidate[i].op);
    nn_drop_kernels(nn);
    mem_free(tuning->from);
    mem_free(tuning->to);
}

/* Keeps each candidate's best time. They run in turns, so that a disturbance meets all of them. */
static enum status time_candidates(struct tuning *tuning, enum nn_pass pass, struct diag *diag)
{
    double start = clock_now(), best = INFINITY;
    for (int round = 0; round < ROUNDS && (round < 2 || clock_now() - start < max_seconds); round++)
        for (int i = 0; i < KIND_COUNT; i++) {
            struct candidate *c = &tuning->candidate[i];
            if (!c->op || (round > 0 && c->best > hopeless * best))
                continue;
            double begin = clock_now();
            TRY(pass == NN_PASS_BACKWARD ? nn_backward(c->op, tuning->to, tuning->from, diag)
                                         : nn_forward(c->op, tuning->to, tuning->from, diag));
            double seconds = clock_now() - begin;
            c->best = round == 0 ? seconds : fmin(c->best, seconds);
            best = fmin(best, c->best);
        }
    return STATUS_OK;
}

/* Opens the candidates that are offered. Direct in float32 always is: else it fails. */
static enum status open_candidates(struct tuning *tuning, struct nn *nn,
                                   const struct nn_conv *shape, int side, enum nn_pass pass,
                                   struct diag *diag)
{
    struct diag refusal;
    open_candidate(tuning, KIND_WINOGRAD, nn, shape, side, pass, &refusal);
    open_candidate(tuning, KIND_BF16, nn, shape, side, pass, &refusal);
    return open_candidate(tuning, KIND_DIRECT, nn, shape, side, pass, diag);
}

static enum status measure_times(struct tune_timing *times, struct nn *nn,
                                 const struct nn_conv *shape, struct diag *diag)
{
    struct tuning tuning = {0};
    enum nn_pass pass = times->backward ? NN_PASS_BACKWARD : NN_PASS_FORWARD;
    enum status status = open_candidates(&tuning, nn, shape, times->side, pass, diag);
    if (status == STATUS_OK)
        status = allocate(&tuning, diag);
    if (status == STATUS_OK)
        status = time_candidates(&tuning, pass, diag);
    times->direct = tuning.candidate[KIND_DIRECT].best;
    times->winograd = tuning.candidate[KIND_WINOGRAD].best;
    times->bf16 = tuning.candidate[KIND_BF16].best;
    tuning_close(&tuning, nn);
    return status;
}

/* What the times depend on besides the processor. */
static const char *machine(char out[96])
{
    snprintf(out, 96, "oneDNN %s on %s", nn_version(), nn_isa());
    return out;
}

char *nn_plan_print(void)
{
    return tune_cache_print();
}

bool nn_plan_adopt(const char *text)
{
    char words[96];
    return tune_cache_adopt(text, machine(words));
}

static enum status find_times(struct tune_timing *times, struct nn *nn,
                              const struct nn_conv *shape, enum nn_pass pass,
                              struct diag *diag)
{
    char words[96];
    *times = (struct tune_timing){
        .backward = pass == NN_PASS_BACKWARD,
        .in = nn_layout_channels(shape->src),
        .out = shape->out,
        .side = tuning_side(shape),
        .threads = nn->threads,
    };
    if (tune_cache_find(times, machine(words)))
        return STATUS_OK;
    TRY(measure_times(times, nn, shape, diag));
    tune_cache_add(times);
    return STATUS_OK;
}

/* Tried out unless it is known. */
static enum status is_winograd_faster(bool *winograd, struct nn *nn,
                                      const struct nn_conv *shape, enum nn_pass pass,
                                      struct diag *diag)
{
    struct tune_timing times;
    bool offered = !shape->src->half && !shape->src->is_picture;
    *winograd = offered && nn->algorithm == NN_WINOGRAD;
    if (nn->algorithm != NN_AUTO || !offered)
        return STATUS_OK;
    TRY(find_times(&times, nn, shape, pass, diag));
    *winograd = times.winograd > 0.0 && times.winograd < times.direct;
    return STATUS_OK;
}

static enum status choose_way(enum nn_way_kind *way, struct nn *nn, const struct nn_conv *conv,
                              enum nn_pass pass, struct diag *diag)
{
    bool winograd;
    TRY(is_winograd_faster(&winograd, nn, conv, pass, diag));
    *way = winograd ? NN_WAY_WINOGRAD : NN_WAY_DIRECT;
    return STATUS_OK;
}

enum status nn_conv_open(struct nn_op **out, struct nn *nn, const struct nn_layout *src,
                         int out_channels, const float *kernel, const float *bias,
                         enum nn_direction direction, struct diag *diag)
{
    const struct nn_conv conv = {src, out_channels, kernel, bias, false};
    enum nn_way_kind way[NN_PASS_COUNT] = {NN_WAY_NONE, NN_WAY_NONE};
    TRY(choose_way(&way[NN_PASS_FORWARD], nn, &conv, NN_PASS_FORWARD, diag));
    if (direction == NN_BOTH)
        TRY(choose_way(&way[NN_PASS_BACKWARD], nn, &conv, NN_PASS_BACKWARD, diag));
    return nn_conv_open_as(out, nn, &conv, way, diag);
}

enum status nn_band_open(struct nn_op **out, struct nn *nn, const struct nn_layout *src,
                         int out_channels, const float *kernel, const float *bias,
                         enum nn_band band, struct diag *diag)
{
    const struct nn_conv conv = {src, out_channels, kernel, bias, true};
    enum nn_way_kind way[NN_PASS_COUNT] = {NN_WAY_NONE, NN_WAY_NONE};
    enum nn_pass pass = band == NN_BAND_FORWARD ? NN_PASS_FORWARD : NN_PASS_BACKWARD;
    TRY(choose_way(&way[pass], nn, &conv, pass, diag));
    return nn_conv_open_as(out, nn, &conv, way, diag);
}

/* The shape with which op was opened. */
static struct nn_conv conv_of(const struct nn_op *op)
{
    const float *kernel = op->way[NN_PASS_FORWARD].kernel.origin;
    return (struct nn_conv){&op->src, op->dst.channels, kernel, op->bias, op->band};
}

enum status nn_conv_seconds(double *fp32, double *bf16, const struct nn_op *op, struct diag *diag)
{
    struct nn *nn = op->nn;
    struct nn_conv shape = conv_of(op);
    *fp32 = *bf16 = 0.0;
    for (enum nn_pass pass = NN_PASS_FORWARD; pass < NN_PASS_COUNT; pass++) {
        struct tune_timing times;
        TRY(find_times(&times, nn, &shape, pass, diag));
        double pixels = (double)nn_layout_pixels(&op->src);
        double copies = pixels / ((double)times.side * times.side);
        bool winograd = nn->algorithm == NN_AUTO && times.winograd > 0.0;
        *fp32 += copies * (winograd ? fmin(times.direct, times.winograd) : times.direct);
        *bf16 += copies * (times.bf16 > 0.0 ? times.bf16 : INFINITY);
    }
    return STATUS_OK;
}

enum status nn_tune_names(char (*names)[64], const struct nn_op *op, enum nn_pass pass,
                          struct diag *diag)
{
    struct tuning tuning = {0};
    struct nn_conv shape = conv_of(op);
    enum status status = open_candidates(&tuning, op->nn, &shape, tuning_side(&shape), pass, diag);
    for (int i = 0; i < KIND_COUNT; i++) {
        const struct nn_op *c = tuning.candidate[i].op;
        const char *name = !c                          ? ""
                           : pass == NN_PASS_BACKWARD ? nn_op_backward_name(c)
                                                      : nn_op_forward_name(c);
        snprintf(names[i], sizeof names[i], "%s", name);
    }
    tuning_close(&tuning, op->nn);
    return status;
}
