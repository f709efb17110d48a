/*
 * run_room.c: see run_parts.h. The memory that a run will take, told before it takes any, against
 * what there is: thrift where that is enough, else a refusal that says which width would fit.
 */
#include "run_parts.h"

#include <math.h>
#include <stdio.h>

#include "mem.h"
#include "room.h"

/* What code, stacks and the heap grow by once all of a run has run; measured. */
static const size_t small_things = 4 << 20;

/* A saved picture on its way to a file: floats, bytes, the file. */
enum { OUTPUT_BYTES_PER_PIXEL = 24 };

/* What run_work_open and the picture take. */
static size_t work_bytes(const struct job *job, int width, int height)
{
    size_t n = mem_product(3, (size_t)width, (size_t)height);
    size_t own = mem_product(n, 3, sizeof(float));
    if (job->optimizer == OPTIMIZER_ADAM)
        return own + optimizer_adam_bytes(n);
    return own + optimizer_lbfgs_bytes(n, run_history(job, n)) +
           precondition_bytes(3, height, width);
}

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

/* The most that a run takes whose last stage has this size: when that begins, with what the stage
 * before worked on still there, or when the picture is saved. pass: what a look at its styles
 * takes. */
static enum status predict(size_t bytes[VGG_THRIFT_COUNT], size_t pass[VGG_THRIFT_COUNT],
                           const struct run *run, int width, int height, struct diag *diag)
{
    struct target targets[STYLE_LAYER_COUNT] = {{0}};
    struct objective_weights weights = run_weights(&run->job);
    struct objective_shape shape = {width, height, run_pooling(&run->job), VGG_THRIFT_NONE};
    size_t objective[VGG_THRIFT_COUNT], stay;
    size_t pixels = (size_t)width * (size_t)height;
    size_t content = mem_product(3 * pixels, sizeof(float), 1);
    size_t work = work_bytes(&run->job, width, height);
    size_t before = run->stage_count > 1 ? work_bytes(&run->job, width / 2, height / 2) : 0;
    const float any = 0.0f;
    for (int i = 0; i < STYLE_LAYER_COUNT; i++)
        targets[i].gram = run->job.channel[i].state == CHANNEL_OFF ? NULL : &any;
    TRY(targets_predict(pass, &stay, run->targets, run->nn, run->network, &shape, diag));
    TRY(objective_predict(objective, run->nn, run->network, &shape, targets, &weights, diag));
    for (int t = 0; t < VGG_THRIFT_COUNT; t++)
        bytes[t] = small_things + work + stay +
                   larger(before + larger(pass[t], content + objective[t]),
                          objective[t] + OUTPUT_BYTES_PER_PIXEL * pixels);
    return STATUS_OK;
}

/* The largest width with which the run would fit; 0 if there is none. On the way there no algorithm
 * is tried out: Winograd's takes most. */
static enum status largest_width(int *out, const struct run *run, size_t allowed,
                                 struct diag *diag)
{
    const struct image *content = &run->content;
    enum status status = STATUS_OK;
    int side = content->width < content->height ? content->width : content->height;
    int least = (RUN_MIN_SIDE * content->width + side - 1) / side, fits = least - 1;
    int too_large = content->width;
    bool direct = run->job.convolution == CONVOLUTION_DIRECT;
    enum nn_algorithm before = nn_prefer(run->nn, direct ? NN_DIRECT : NN_WINOGRAD);
    while (status == STATUS_OK && too_large - fits > 1) {
        size_t bytes[VGG_THRIFT_COUNT], pass[VGG_THRIFT_COUNT];
        int width = fits + (too_large - fits) / 2;
        int height = (int)floor((double)content->height / content->width * width);
        status = predict(bytes, pass, run, width, height, diag);
        bool fit = status == STATUS_OK && vgg_choose(bytes, allowed) < VGG_THRIFT_COUNT;
        *(fit ? &fits : &too_large) = width;
    }
    nn_prefer(run->nn, before);
    *out = fits < least ? 0 : fits >= 100 ? fits - fits % 10 : fits;
    return status;
}

static enum status refuse(const struct run *run, const struct room *room, size_t needed,
                          size_t allowed, struct diag *diag)
{
    char there[64], needs[ROOM_TEXT], width[64] = "no --width is small enough";
    int fits = 0;
    enum status status = largest_width(&fits, run, allowed, diag);
    if (status != STATUS_OK && status != STATUS_MEMORY)
        return status;
    if (status != STATUS_OK)
        snprintf(width, sizeof width, "a smaller --width needs less");
    else if (fits)
        snprintf(width, sizeof width, "--width %d is the largest that fits", fits);
    room_print_bytes(needs, needed);
    room_print(there, sizeof there, room);
    return diag_set(diag, STATUS_RANGE, "%s at %d×%d needs %s of memory and %s; %s",
                    run->job.content, run->content.width, run->content.height, needs, there, width);
}

enum status run_room_check(struct run *run, struct diag *diag)
{
    size_t bytes[VGG_THRIFT_COUNT], pass[VGG_THRIFT_COUNT];
    struct room room;
    const struct run_stage *last = &run->stage[run->stage_count - 1];
    TRY(predict(bytes, pass, run, last->width, last->height, diag));
    if (!run->resident)
        run->resident = mem_resident();
    room_find(&room, run->job.memory, "");
    size_t allowed = room.bytes > run->resident ? room.bytes - run->resident : 0;
    enum vgg_thrift thrift = vgg_choose(bytes, allowed);
    if (thrift == VGG_THRIFT_COUNT)
        return refuse(run, &room, run->resident + bytes[thrift - 1], allowed, diag);
    run->predicted = run->resident + bytes[thrift];
    if (mem_peak() > run->peak + small_things) /* algorithms were tried out, once for ever */
        run->predicted = larger(run->predicted, mem_peak());
    run->thrift = thrift;
    run->crowded = bytes[thrift] + pass[thrift] > allowed;
    return STATUS_OK;
}
