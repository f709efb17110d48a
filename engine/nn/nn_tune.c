/*
 * nn_tune.c: see nn_private.h. Autotuning: which of direct, Winograd and bfloat16 is the fastest
 * for a convolution. The candidates run in turns on a square of about the picture's size, or a
 * smaller one where that suffices. Features have the memory order of the network's: in an order of
 * its own choice oneDNN may be faster, but the network never has that one.
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

static int tuning_side(const struct nn_conv_shape *shape)
{
    double in = (double)shape->src.dims[1], out = (double)shape->dst.dims[1];
    double pixels = (double)shape->src.dims[2] * (double)shape->src.dims[3];
    double blocks = fmax(in, 16.0) + fmax(out, 16.0); /* oneDNN's features come in such */
    double most = fmin(max_work / (9.0 * in * out), max_bytes / (4.0 * blocks));
    return (int)lround(exp2(round(log2(fmin(pixels, most))) / 2.0));
}

enum candidate_kind { KIND_DIRECT, KIND_WINOGRAD, KIND_BF16, KIND_COUNT };

/* One way to compute the convolution; without a primitive if oneDNN does not offer it. */
struct candidate {
    struct nn_step step;
    double best; /* seconds */
};

/* All candidates and the buffers that they share, whose values do not matter. Starts zeroed. */
struct tuning {
    struct candidate candidate[KIND_COUNT];
    void *buffer[STEP_MAX_ARGS], *scratch;
    size_t size[STEP_MAX_ARGS]; /* bytes of each buffer, the largest of all candidates */
};

static enum status open_candidate(struct tuning *tuning, enum candidate_kind kind, struct nn *nn,
                                  const struct nn_conv_shape *shape, enum nn_pass pass,
                                  struct diag *diag)
{
    static const int forward[] = {DNNL_ARG_DST, DNNL_ARG_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_BIAS};
    static const int backward[] = {DNNL_ARG_DIFF_SRC, DNNL_ARG_DIFF_DST, DNNL_ARG_WEIGHTS};
    bool is_backward = pass == NN_PASS_BACKWARD;
    const int *ids = is_backward ? backward : forward;
    int count = is_backward ? 3 : 4;
    dnnl_alg_kind_t algorithm =
        kind == KIND_WINOGRAD ? dnnl_convolution_winograd : dnnl_convolution_direct;
    dnnl_primitive_desc_t desc = NULL;
    TRY(is_backward ? nn_conv_backward_desc(&desc, nn, shape, algorithm, diag)
                    : nn_conv_forward_desc(&desc, nn, shape, algorithm, diag));
    enum status status = nn_step_open(&tuning->candidate[kind].step, nn, desc, ids, count, diag);
    for (int i = 0; i < count; i++) {
        size_t size = dnnl_memory_desc_get_size(
            dnnl_primitive_desc_query_md(desc, dnnl_query_exec_arg_md, ids[i]));
        tuning->size[i] = size > tuning->size[i] ? size : tuning->size[i];
    }
    dnnl_primitive_desc_destroy(desc);
    return status;
}

/* Fills them with small numbers, in either precision, that are not zero. */
static enum status fill_buffers(struct tuning *tuning, struct diag *diag)
{
    for (int i = 0; i < STEP_MAX_ARGS; i++) {
        unsigned short *number;
        TRY(mem_big(&number, tuning->size[i], "trying out a convolution", diag));
        tuning->buffer[i] = number;
        for (size_t k = 0; k < tuning->size[i] / sizeof *number; k++)
            number[k] = (unsigned short)(0x3c00 + 8 * (k % 7));
    }
    size_t scratch = 0;
    for (int i = 0; i < KIND_COUNT; i++)
        if (tuning->candidate[i].step.scratch_size > scratch)
            scratch = tuning->candidate[i].step.scratch_size;
    TRY(mem_big(&tuning->scratch, scratch, "trying out a convolution", diag));
    for (int i = 0; i < KIND_COUNT; i++)
        tuning->candidate[i].step.scratch_data = tuning->scratch;
    return STATUS_OK;
}

static void tuning_close(struct tuning *tuning)
{
    for (int i = 0; i < STEP_MAX_ARGS; i++)
        mem_free(tuning->buffer[i]);
    mem_free(tuning->scratch);
    for (int i = 0; i < KIND_COUNT; i++)
        nn_step_close(&tuning->candidate[i].step);
}

/* Keeps each candidate's best time. They run in turns, so that a disturbance meets all of them. */
static enum status time_candidates(struct tuning *tuning, struct nn *nn, struct diag *diag)
{
    double start = clock_now(), best = INFINITY;
    for (int round = 0; round < ROUNDS && (round < 2 || clock_now() - start < max_seconds); round++)
        for (int i = 0; i < KIND_COUNT; i++) {
            struct candidate *c = &tuning->candidate[i];
            if (!c->step.primitive || (round > 0 && c->best > hopeless * best))
                continue;
            double begin = clock_now();
            TRY(nn_step_run(&c->step, nn, (const void *const *)tuning->buffer, diag));
            double seconds = clock_now() - begin;
            c->best = round == 0 ? seconds : fmin(c->best, seconds);
            best = fmin(best, c->best);
        }
    return STATUS_OK;
}

/* Features on a square, with the channels and the memory order of `like`. */
static enum status square_desc(dnnl_memory_desc_t *out, const dnnl_memory_desc_t *like, int side,
                               dnnl_data_type_t type, struct diag *diag)
{
    static const dnnl_format_tag_t tags[] = {dnnl_nchw, dnnl_nhwc, dnnl_nChw4c, dnnl_nChw8c,
                                             dnnl_nChw16c};
    enum status status;
    dnnl_format_tag_t tag = dnnl_format_tag_any;
    dnnl_dims_t dims = {1, like->dims[1], side, side};
    for (size_t i = 0; like->format_kind == dnnl_blocked && i < sizeof tags / sizeof *tags; i++) {
        dnnl_memory_desc_t same;
        if (dnnl_memory_desc_init_by_tag(&same, 4, like->dims, like->data_type, tags[i]) ==
                dnnl_success &&
            dnnl_memory_desc_equal(&same, like))
            tag = tags[i];
    }
    TRY_DNNL(dnnl_memory_desc_init_by_tag(out, 4, dims, type, tag), "features");
    return STATUS_OK;
fail:
    return status;
}

/* The shape at the size that is timed, in the memory orders of shape. In the forward pass oneDNN
 * chooses the order of dst, as it does in the network. */
static enum status shrink_shape(struct nn_conv_shape *out, const struct nn_conv_shape *shape,
                                int side, enum nn_pass pass, enum candidate_kind kind,
                                struct diag *diag)
{
    bool picture = nn_is_plain(&shape->src);
    dnnl_data_type_t type = kind == KIND_BF16 ? dnnl_bf16 : dnnl_f32;
    dnnl_memory_desc_t src;
    TRY(square_desc(&src, &shape->src, side, picture ? dnnl_f32 : type, diag));
    TRY(nn_conv_shape_init(out, &src, (int)shape->dst.dims[1], 3, diag));
    if (pass == NN_PASS_BACKWARD)
        return square_desc(&out->dst, &shape->dst, side, type, diag);
    out->dst.data_type = picture ? dnnl_f32 : type; /* a picture's features are made in float32 */
    return STATUS_OK;
}

/* Opens the candidates that oneDNN offers. It always offers direct in float32: else it fails. */
static enum status open_candidates(struct tuning *tuning, struct nn *nn,
                                   const struct nn_conv_shape *shape, int side, enum nn_pass pass,
                                   struct diag *diag)
{
    struct diag refusal;
    for (int i = KIND_DIRECT; i < KIND_COUNT; i++) {
        enum candidate_kind kind = (enum candidate_kind)i;
        struct nn_conv_shape small;
        TRY(shrink_shape(&small, shape, side, pass, kind, diag));
        if (kind == KIND_DIRECT)
            TRY(open_candidate(tuning, kind, nn, &small, pass, diag));
        else
            open_candidate(tuning, kind, nn, &small, pass, &refusal);
    }
    return STATUS_OK;
}

static enum status measure_times(struct tune_timing *times, struct nn *nn,
                                 const struct nn_conv_shape *shape, struct diag *diag)
{
    struct tuning tuning = {0};
    enum nn_pass pass = times->backward ? NN_PASS_BACKWARD : NN_PASS_FORWARD;
    enum status status = open_candidates(&tuning, nn, shape, times->side, pass, diag);
    if (status == STATUS_OK)
        status = fill_buffers(&tuning, diag);
    if (status == STATUS_OK)
        status = time_candidates(&tuning, nn, diag);
    times->direct = tuning.candidate[KIND_DIRECT].best;
    times->winograd = tuning.candidate[KIND_WINOGRAD].best;
    times->bf16 = tuning.candidate[KIND_BF16].best;
    tuning_close(&tuning);
    return status;
}

static enum status find_times(struct tune_timing *times, struct nn *nn,
                              const struct nn_conv_shape *shape, enum nn_pass pass,
                              struct diag *diag)
{
    char machine[96];
    *times = (struct tune_timing){
        .backward = pass == NN_PASS_BACKWARD,
        .in = (int)shape->src.dims[1],
        .out = (int)shape->dst.dims[1],
        .side = tuning_side(shape),
        .threads = nn->threads,
    };
    snprintf(machine, sizeof machine, "oneDNN %s on %s", nn_version(), nn_isa());
    if (tune_cache_find(times, machine))
        return STATUS_OK;
    TRY(measure_times(times, nn, shape, diag));
    tune_cache_add(times);
    return STATUS_OK;
}

enum status nn_tune(bool *winograd, struct nn *nn, const struct nn_conv_shape *shape,
                    enum nn_pass pass, struct diag *diag)
{
    struct tune_timing times;
    *winograd = nn->algorithm == NN_WINOGRAD;
    if (nn->algorithm != NN_AUTO || shape->dst.data_type != dnnl_f32)
        return STATUS_OK;
    TRY(find_times(&times, nn, shape, pass, diag));
    *winograd = times.winograd > 0.0 && times.winograd < times.direct;
    return STATUS_OK;
}

/* The shape with which op was opened. */
static enum status conv_shape_of(struct nn_conv_shape *out, const struct nn_op *op,
                                 struct diag *diag)
{
    TRY(nn_conv_shape_init(out, &op->src.desc, op->dst.channels, 3, diag));
    out->dst = op->dst.desc;
    return STATUS_OK;
}

enum status nn_conv_seconds(double *fp32, double *bf16, const struct nn_op *op, struct diag *diag)
{
    struct nn *nn = op->nn;
    struct nn_conv_shape shape;
    *fp32 = *bf16 = 0.0;
    TRY(conv_shape_of(&shape, op, diag));
    for (enum nn_pass pass = NN_PASS_FORWARD; pass <= NN_PASS_BACKWARD; pass++) {
        struct tune_timing times;
        TRY(find_times(&times, nn, &shape, pass, diag));
        double pixels = (double)op->src.height * op->src.width;
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
    struct nn_conv_shape shape;
    TRY(conv_shape_of(&shape, op, diag));
    enum status status = open_candidates(&tuning, op->nn, &shape, tuning_side(&shape), pass, diag);
    for (int i = 0; i < KIND_COUNT; i++)
        strcpy(names[i], tuning.candidate[i].step.name);
    tuning_close(&tuning);
    return status;
}
