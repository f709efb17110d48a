/*
 * nn_tune.c: see nn_private.h. Which of direct, Winograd and bfloat16 is fastest, found out by
 * running them in turns on a square of about the picture's size, or smaller where that will do, in
 * the memory order that the network's features have: what oneDNN would do in an order of its own
 * choice, the network never gets.
 * Sides are rounded to powers of √2, so that pictures of about the same size share what is known,
 * and run alike to the bit.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "engine/base/mem.h"
#include "engine/base/clock.h"
#include "engine/nn/nn_private.h"
#include "engine/host/tune_cache.h"

/* No course is longer than these allow: multiply-adds and bytes of features. Winograd needs some
 * room to show what it can do. */
static const double most_work = 2.5e9, most_bytes = 32e6;

/* Rounds go on until there are so many, or for so many seconds; who is so many times slower than
 * the best has lost. */
enum { ROUNDS = 4 };
static const double long_enough = 0.06, clearly = 1.4;

static int race_side(const struct nn_conv_shape *shape)
{
    double in = (double)shape->src.dims[1], out = (double)shape->dst.dims[1];
    double pixels = (double)shape->src.dims[2] * (double)shape->src.dims[3];
    double blocks = fmax(in, 16.0) + fmax(out, 16.0); /* oneDNN's features come in such */
    double most = fmin(most_work / (9.0 * in * out), most_bytes / (4.0 * blocks));
    return (int)lround(exp2(round(log2(fmin(pixels, most))) / 2.0));
}

enum runner_kind { KIND_DIRECT, KIND_WINOGRAD, KIND_BF16, KIND_COUNT };

/* One that takes part. Without a primitive it does not. */
struct runner {
    struct nn_step step;
    double best; /* seconds */
};

/* All of them, and the memory that they share: what is computed does not matter. Zeroed is none. */
struct race {
    struct runner runner[KIND_COUNT];
    void *buffer[STEP_MAX_ARGS], *scratch;
    size_t size[STEP_MAX_ARGS];
};

static enum status enter(struct race *race, enum runner_kind kind, struct nn *nn,
                         const struct nn_conv_shape *shape, enum nn_pass way, struct diag *diag)
{
    static const int forth[] = {DNNL_ARG_DST, DNNL_ARG_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_BIAS};
    static const int back[] = {DNNL_ARG_DIFF_SRC, DNNL_ARG_DIFF_DST, DNNL_ARG_WEIGHTS};
    bool is_back = way == NN_PASS_BACKWARD;
    const int *ids = is_back ? back : forth;
    int count = is_back ? 3 : 4;
    dnnl_alg_kind_t algorithm =
        kind == KIND_WINOGRAD ? dnnl_convolution_winograd : dnnl_convolution_direct;
    dnnl_primitive_desc_t desc = NULL;
    TRY(is_back ? nn_conv_backward_desc(&desc, nn, shape, algorithm, diag)
                : nn_conv_forward_desc(&desc, nn, shape, algorithm, diag));
    enum status status = nn_step_open(&race->runner[kind].step, nn, desc, ids, count, diag);
    for (int i = 0; i < count; i++) {
        size_t size = dnnl_memory_desc_get_size(
            dnnl_primitive_desc_query_md(desc, dnnl_query_exec_arg_md, ids[i]));
        race->size[i] = size > race->size[i] ? size : race->size[i];
    }
    dnnl_primitive_desc_destroy(desc);
    return status;
}

/* Small numbers in either precision, but no zeros. */
static enum status fill(struct race *race, struct diag *diag)
{
    for (int i = 0; i < STEP_MAX_ARGS; i++) {
        unsigned short *number;
        TRY(mem_big(&number, race->size[i], "trying out a convolution", diag));
        race->buffer[i] = number;
        for (size_t k = 0; k < race->size[i] / sizeof *number; k++)
            number[k] = (unsigned short)(0x3c00 + 8 * (k % 7));
    }
    size_t scratch = 0;
    for (int i = 0; i < KIND_COUNT; i++)
        if (race->runner[i].step.scratch_size > scratch)
            scratch = race->runner[i].step.scratch_size;
    TRY(mem_big(&race->scratch, scratch, "trying out a convolution", diag));
    for (int i = 0; i < KIND_COUNT; i++)
        race->runner[i].step.room = race->scratch;
    return STATUS_OK;
}

static void race_close(struct race *race)
{
    for (int i = 0; i < STEP_MAX_ARGS; i++)
        mem_free(race->buffer[i]);
    mem_free(race->scratch);
    for (int i = 0; i < KIND_COUNT; i++)
        nn_step_close(&race->runner[i].step);
}

/* In turns, so that what disturbs one disturbs the others. */
static enum status run(struct race *race, struct nn *nn, struct diag *diag)
{
    double start = clock_now(), best = INFINITY;
    for (int round = 0; round < ROUNDS && (round < 2 || clock_now() - start < long_enough); round++)
        for (int i = 0; i < KIND_COUNT; i++) {
            struct runner *r = &race->runner[i];
            if (!r->step.primitive || (round > 0 && r->best > clearly * best))
                continue;
            double begin = clock_now();
            TRY(nn_step_run(&r->step, nn, (const void *const *)race->buffer, diag));
            double seconds = clock_now() - begin;
            r->best = round == 0 ? seconds : fmin(r->best, seconds);
            best = fmin(best, r->best);
        }
    return STATUS_OK;
}

/* Features of that many channels and type on a square, in the order in which `like` lies. */
static enum status square(dnnl_memory_desc_t *out, const dnnl_memory_desc_t *like, int side,
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
                dnnl_success && dnnl_memory_desc_equal(&same, like))
            tag = tags[i];
    }
    TRY_DNNL(dnnl_memory_desc_init_by_tag(out, 4, dims, type, tag), "features");
    return STATUS_OK;
fail:
    return status;
}

/* shape at the size of the race, in its orders. Forward, that of dst is left to oneDNN, as in the
 * network. */
static enum status shrink(struct nn_conv_shape *out, const struct nn_conv_shape *shape, int side,
                          enum nn_pass way, enum runner_kind kind, struct diag *diag)
{
    bool picture = nn_is_plain(&shape->src);
    dnnl_data_type_t type = kind == KIND_BF16 ? dnnl_bf16 : dnnl_f32;
    dnnl_memory_desc_t src;
    TRY(square(&src, &shape->src, side, picture ? dnnl_f32 : type, diag));
    TRY(nn_conv_shape_init(out, &src, (int)shape->dst.dims[1], 3, diag));
    if (way == NN_PASS_BACKWARD)
        return square(&out->dst, &shape->dst, side, type, diag);
    out->dst.data_type = picture ? dnnl_f32 : type; /* a picture's features are made in float32 */
    return STATUS_OK;
}

/* All that oneDNN offers; without direct in float32 there is none. */
static enum status enter_all(struct race *race, struct nn *nn, const struct nn_conv_shape *shape,
                             int side, enum nn_pass way, struct diag *diag)
{
    struct diag refusal;
    for (int i = KIND_DIRECT; i < KIND_COUNT; i++) {
        enum runner_kind kind = (enum runner_kind)i;
        struct nn_conv_shape small;
        TRY(shrink(&small, shape, side, way, kind, diag));
        if (kind == KIND_DIRECT)
            TRY(enter(race, kind, nn, &small, way, diag));
        else
            enter(race, kind, nn, &small, way, &refusal);
    }
    return STATUS_OK;
}

static enum status time_all(struct tune_timing *timing, struct nn *nn,
                            const struct nn_conv_shape *shape, struct diag *diag)
{
    struct race race = {0};
    enum nn_pass way = timing->backward ? NN_PASS_BACKWARD : NN_PASS_FORWARD;
    enum status status = enter_all(&race, nn, shape, timing->side, way, diag);
    if (status == STATUS_OK)
        status = fill(&race, diag);
    if (status == STATUS_OK)
        status = run(&race, nn, diag);
    timing->direct = race.runner[KIND_DIRECT].best;
    timing->winograd = race.runner[KIND_WINOGRAD].best;
    timing->bf16 = race.runner[KIND_BF16].best;
    race_close(&race);
    return status;
}

static enum status find(struct tune_timing *timing, struct nn *nn,
                        const struct nn_conv_shape *shape, enum nn_pass way, struct diag *diag)
{
    char machine[96];
    *timing = (struct tune_timing){
        .backward = way == NN_PASS_BACKWARD,
        .in = (int)shape->src.dims[1],
        .out = (int)shape->dst.dims[1],
        .side = race_side(shape),
        .threads = nn->threads,
    };
    snprintf(machine, sizeof machine, "oneDNN %s on %s", nn_version(), nn_isa());
    if (tune_cache_find(timing, machine))
        return STATUS_OK;
    TRY(time_all(timing, nn, shape, diag));
    tune_cache_add(timing);
    return STATUS_OK;
}

enum status nn_tune(bool *winograd, struct nn *nn, const struct nn_conv_shape *shape,
                    enum nn_pass way, struct diag *diag)
{
    struct tune_timing timing;
    *winograd = nn->algorithm == NN_WINOGRAD;
    if (nn->algorithm != NN_AUTO || shape->dst.data_type != dnnl_f32)
        return STATUS_OK;
    TRY(find(&timing, nn, shape, way, diag));
    *winograd = timing.winograd > 0.0 && timing.winograd < timing.direct;
    return STATUS_OK;
}

/* The shape that op was opened with. */
static enum status shape_of(struct nn_conv_shape *out, const struct nn_op *op, struct diag *diag)
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
    TRY(shape_of(&shape, op, diag));
    for (enum nn_pass way = NN_PASS_FORWARD; way <= NN_PASS_BACKWARD; way++) {
        struct tune_timing timing;
        TRY(find(&timing, nn, &shape, way, diag));
        double pixels = (double)op->src.height * op->src.width;
        double times = pixels / ((double)timing.side * timing.side);
        bool winograd = nn->algorithm == NN_AUTO && timing.winograd > 0.0;
        *fp32 += times * (winograd ? fmin(timing.direct, timing.winograd) : timing.direct);
        *bf16 += times * (timing.bf16 > 0.0 ? timing.bf16 : INFINITY);
    }
    return STATUS_OK;
}

enum status nn_tune_names(char (*names)[64], const struct nn_op *op, enum nn_pass way,
                          struct diag *diag)
{
    struct race race = {0};
    struct nn_conv_shape shape;
    TRY(shape_of(&shape, op, diag));
    enum status status = enter_all(&race, op->nn, &shape, race_side(&shape), way, diag);
    for (int i = 0; i < KIND_COUNT; i++)
        strcpy(names[i], race.runner[i].step.name);
    race_close(&race);
    return status;
}
