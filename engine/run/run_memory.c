/*
 * run_memory.c: see run_private.h. The memory that a run will take, told before it takes any,
 * against the memory budget: a recompute level where that is enough, else a refusal that says which
 * width would fit.
 */
#include "engine/run/run_private.h"

#include <math.h>
#include <stdio.h>

#include "engine/base/mem.h"
#include "engine/host/budget.h"

/* What code, stacks and the heap grow by once all of a run has run; measured. */
static const size_t small_things = 4 << 20;

/* A saved picture on its way to a file: floats, bytes, the file. */
enum { OUTPUT_BYTES_PER_PIXEL = 24 };

/* What run_work_open and the picture take, with that optimiser. */
static size_t work_bytes(const struct run *run, enum job_optimizer optimizer, enum run_store store,
                         int width, int height)
{
    struct job *job = mem_new(sizeof *job);
    *job = run->job;
    job->optimizer = optimizer;
    size_t n = mem_product(3, (size_t)width, (size_t)height);
    size_t gradient = store == RUN_STORE_IN_PLACE ? 0 : n; /* as is x, or previous in its place */
    size_t floats = run_work_floats(job, n, store) + gradient;
    mem_free(job);
    return mem_times(floats, sizeof(float)) +
           (optimizer_preconditions(optimizer) ? precondition_bytes(3, height, width) : 0);
}

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

static size_t content_bytes(const struct run *run, int width, int height)
{
    size_t planes = (size_t)run->content_head.channels;
    return mem_product(planes * sizeof(float), (size_t)width, (size_t)height);
}

/* Content and initial picture, which are read before anything else is there: what takes most. */
static struct targets_reading first_reading(const struct run *run, int width, int height)
{
    const struct image_head *head = &run->content_head;
    struct image_request request = run_content_request(width, height);
    struct targets_reading most = {run->job.content, head->width, head->height,
                                   image_need(head, &request)};
    head = &run->initial_head;
    request = run_initial_request(run, width, height);
    size_t initial =
        head->width ? content_bytes(run, width, height) + image_need(head, &request) : 0;
    if (initial > most.bytes)
        most = (struct targets_reading){run->job.initial, head->width, head->height, initial};
    return most;
}

/* What a run takes by each plan, and what computing the Gram matrices of its styles takes; and what
 * is chosen of it. In bands bytes are without what the store says. */
struct forecast {
    size_t bytes[OBJECTIVE_PLANS], pass[OBJECTIVE_PLANS];
    size_t all[OBJECTIVE_PLANS]; /* of bands kept */
    size_t code; /* of oneDNN, for that size; predict_width's */
    int plan;
    enum run_store store;
    enum job_optimizer optimizer;
    size_t chosen; /* bytes of all of it, or of the least */
};

/* Reading the content and the picture to start from by rows. */
static size_t rows_bytes(const struct run *run, int width, int height)
{
    struct image_request request = run_content_request(width, height);
    size_t bytes = image_rows_need(&run->content_head, &request);
    request = run_initial_request(run, width, height);
    size_t initial =
        run->initial_head.width ? image_rows_need(&run->initial_head, &request) : 0;
    return larger(2 * bytes, initial) + picture_stream_need(width, OBJECTIVE_MOST_ROWS);
}

/* The most that a run takes whose last stage has this size. The whole picture at once: when a
 * picture is read, when that stage begins, with what the stage before worked on still there, or
 * when the picture is saved. In bands neither content nor result are ever there as a whole. */
static enum status predict(struct forecast *out, const struct run *run, int width, int height,
                           struct diag *diag)
{
    struct target targets[STYLE_LAYER_COUNT] = {{0}};
    struct objective_weights weights = run_weights(&run->job);
    struct objective_shape shape = {
        .width = width, .height = height, .pooling = run_pooling(&run->job)};
    size_t objective[OBJECTIVE_PLANS], kept[OBJECTIVE_PLANS], *pass = out->pass;
    size_t pixels = (size_t)width * (size_t)height;
    size_t content = mem_times(3 * pixels, sizeof(float));
    size_t work = work_bytes(run, run->job.optimizer, RUN_STORE_ALL, width, height);
    size_t before = run->stage_count == 1 ? 0
                                          : work_bytes(run, run->job.optimizer, RUN_STORE_ALL,
                                                       width / 2, height / 2);
    const float any = 0.0f;
    for (int i = 0; i < STYLE_LAYER_COUNT; i++)
        targets[i].gram = run->job.channel[i].state == CHANNEL_OFF ? NULL : &any;
    TRY(targets_predict(pass, kept, run->targets, run->nn, run->network, &shape, diag));
    TRY(objective_predict(objective, out->all, run->nn, run->network, &shape, targets, &weights,
                          diag));
    for (int t = 0; t < OBJECTIVE_BANDS; t++)
        out->bytes[t] = small_things +
                        larger(first_reading(run, width, height).bytes,
                               content_bytes(run, width, height) + work + kept[t] +
                                   larger(before + larger(pass[t], content + objective[t]),
                                          objective[t] + OUTPUT_BYTES_PER_PIXEL * pixels));
    size_t rows = rows_bytes(run, width, height);
    for (int t = OBJECTIVE_BANDS; t < OBJECTIVE_PLANS; t++)
        out->bytes[t] =
            small_things + kept[t] + larger(pass[t], objective[t] + rows);
    return STATUS_OK;
}

/* The first plan in bands that fits with that store. */
static bool choose_bands(struct forecast *f, const struct run *run, int width, int height,
                         enum job_optimizer optimizer, enum run_store store, size_t allowed)
{
    size_t work = work_bytes(run, optimizer, store, width, height);
    if (run->stage_count > 1)
        work += work_bytes(run, optimizer, store, width / 2, height / 2);
    for (f->plan = OBJECTIVE_BANDS; f->plan < OBJECTIVE_PLANS; f->plan++) {
        f->chosen = f->bytes[f->plan] + work;
        if (f->chosen <= allowed) {
            f->store = store;
            f->optimizer = optimizer;
            return true;
        }
    }
    return false;
}

/* The first that fits: of the plans for the whole picture, else in bands with what leaves more to
 * the optimiser; Adam in place of it comes last. f->plan is OBJECTIVE_PLANS if nothing does. What a
 * stage has begun with stays. */
static void choose(struct forecast *f, const struct run *run, int width, int height, size_t allowed)
{
    const struct run_work *work = &run->work;
    enum run_store stays = run->stage[run->at].store;
    bool begun = work->optimizer != NULL, in_place = begun && !work->gradient;
    f->store = RUN_STORE_ALL;
    f->optimizer = run->job.optimizer;
    f->plan = in_place ? OBJECTIVE_PLANS : objective_choose(f->bytes, allowed);
    f->chosen = f->plan < OBJECTIVE_PLANS ? f->bytes[f->plan] : 0;
    if (f->plan < OBJECTIVE_BANDS)
        return;
    for (enum run_store store = RUN_STORE_ALL; store < RUN_STORES; store++) {
        bool last = store == RUN_STORE_IN_PLACE;
        bool pairs = store == RUN_STORE_6 || store == RUN_STORE_3;
        if ((begun && store != stays) || (pairs && run->job.optimizer != OPTIMIZER_LBFGS))
            continue;
        if (choose_bands(f, run, width, height, last ? OPTIMIZER_ADAM : run->job.optimizer, store,
                         allowed))
            return;
    }
}

static int height_at(const struct run *run, int width)
{
    return (int)floor((double)run->content.height / run->content.width * width);
}

/* As predict, for another width. No algorithm is tried out for it: Winograd's takes most. */
static enum status predict_width(struct forecast *out, const struct run *run, int width,
                                 struct diag *diag)
{
    int height = height_at(run, width);
    bool direct = run->job.convolution == CONVOLUTION_DIRECT;
    enum nn_algorithm before = nn_prefer(run->nn, direct ? NN_DIRECT : NN_WINOGRAD);
    nn_forget_code();
    size_t resident = mem_resident();
    enum status status = predict(out, run, width, height, diag);
    size_t with_code = mem_resident();
    nn_prefer(run->nn, before);
    out->code = with_code > resident ? with_code - resident : 0;
    return status;
}

static size_t without(size_t allowed, size_t code)
{
    return allowed > code ? allowed - code : 0;
}

static int least_width(const struct run *run)
{
    int width = run->content.width, height = run->content.height;
    int side = width < height ? width : height;
    return (RUN_MIN_SIDE * width + side - 1) / side;
}

/* The largest width with which the run would fit; 0 if there is none. */
static enum status largest_width(int *out, const struct run *run, size_t allowed,
                                 struct diag *diag)
{
    int least = least_width(run), fits = least - 1, too_large = run->content.width;
    while (too_large - fits > 1) {
        struct forecast forecast;
        int width = fits + (too_large - fits) / 2;
        TRY(predict_width(&forecast, run, width, diag));
        choose(&forecast, run, width, height_at(run, width), without(allowed, forecast.code));
        *(forecast.plan < OBJECTIVE_PLANS ? &fits : &too_large) = width;
    }
    *out = fits < least ? 0 : fits >= 100 ? fits - fits % 10 : fits;
    return STATUS_OK;
}

/* The picture that does not fit into memory even for the smallest run, if reading it takes most;
 * else bytes is 0. */
static enum status find_culprit(struct targets_reading *out, const struct run *run, size_t allowed,
                                struct diag *diag)
{
    int width = least_width(run);
    struct forecast forecast;
    struct targets_reading first = first_reading(run, width, RUN_MIN_SIDE);
    struct targets_reading style = targets_reading(run->targets, width);
    struct targets_reading most = style.bytes > first.bytes ? style : first;
    TRY(predict_width(&forecast, run, width, diag));
    bool guilty = most.bytes + small_things > allowed &&
                  most.bytes > forecast.bytes[OBJECTIVE_PLANS - 1] / 3; /* in bands twice */
    *out = guilty ? most : (struct targets_reading){0};
    return STATUS_OK;
}

/* Nothing fits: how much the smallest picture would take. */
static enum status describe_least(char *out, size_t size, const struct run *run, size_t allowed,
                                  struct diag *diag)
{
    struct forecast f;
    char needs[BUDGET_TEXT];
    int width = least_width(run);
    TRY(predict_width(&f, run, width, diag));
    choose(&f, run, width, height_at(run, width), without(allowed, f.code));
    budget_print_bytes(needs, run->resident + f.code + f.chosen);
    snprintf(out, size, "even width %d needs %s", width, needs);
    return STATUS_OK;
}

static enum status refuse(const struct run *run, const struct budget *budget, size_t needed,
                          size_t allowed, struct diag *diag)
{
    char there[64], needs[BUDGET_TEXT], width[64];
    struct targets_reading picture;
    int fits = 0;
    TRY(find_culprit(&picture, run, allowed, diag));
    budget_print(there, sizeof there, budget);
    if (picture.bytes) {
        budget_print_bytes(needs, run->resident + small_things + picture.bytes);
        return diag_set(diag, STATUS_RANGE,
                        "%s is %d×%d, which takes %s of memory to read, and %s; use a smaller copy "
                        "of it", picture.path, picture.width, picture.height, needs, there);
    }
    enum status status = largest_width(&fits, run, allowed, diag);
    if (status != STATUS_OK && status != STATUS_MEMORY)
        return status;
    if (status != STATUS_OK)
        snprintf(width, sizeof width, "a smaller width needs less");
    else if (fits)
        snprintf(width, sizeof width, "width %d is the largest that fits", fits);
    else
        TRY(describe_least(width, sizeof width, run, allowed, diag));
    budget_print_bytes(needs, needed);
    return diag_set(diag, STATUS_RANGE, "%s at %d×%d needs %s of memory and %s; %s",
                    run->job.content, run->content.width, run->content.height, needs, there, width);
}

/* The plan of an earlier stage of a run that ends in bands: the fastest that fits. */
static enum status plan_earlier(struct run *run, struct run_stage *stage, size_t allowed,
                                struct diag *diag)
{
    struct forecast f;
    TRY(predict(&f, run, stage->width, stage->height, diag));
    choose(&f, run, stage->width, stage->height, allowed);
    if (f.plan == OBJECTIVE_PLANS) /* never: it is smaller than the last */
        return STATUS_OK;
    stage->plan = f.plan;
    stage->store = f.store;
    stage->keep = allowed - f.chosen;
    return STATUS_OK;
}

static enum status plan_stages(struct run *run, const struct forecast *f, size_t allowed,
                               struct diag *diag)
{
    struct run_stage *last = &run->stage[run->stage_count - 1];
    int widths[RUN_MAX_STAGES], whole = 0;
    for (struct run_stage *stage = run->stage; stage <= last; stage++) {
        stage->plan = f->plan;
        stage->store = f->store;
        stage->keep = allowed - f->chosen;
        if (f->plan >= OBJECTIVE_BANDS && stage != last)
            TRY(plan_earlier(run, stage, allowed, diag));
        if (stage->plan < OBJECTIVE_BANDS)
            widths[whole++] = stage->width;
    }
    targets_plan(run->targets, widths, whole);
    return STATUS_OK;
}

/* Adam instead of what the job asks for. */
static void take_optimizer(struct run *run, enum job_optimizer optimizer)
{
    run->job.optimizer = optimizer;
    run_stage_plan_ends(run);
}

enum status run_memory_foresee(size_t *bytes, const struct run *run, struct diag *diag)
{
    struct forecast f;
    const struct run_stage *last = &run->stage[run->stage_count - 1];
    TRY(predict(&f, run, last->width, last->height, diag));
    *bytes = f.bytes[VGG_RECOMPUTE_NONE];
    return STATUS_OK;
}

enum status run_memory_check(struct run *run, struct diag *diag)
{
    struct forecast f;
    struct budget budget;
    const struct run_stage *last = &run->stage[run->stage_count - 1];
    TRY(predict(&f, run, last->width, last->height, diag));
    bool first = !run->resident;
    if (first)
        run->resident = run->shared ? run_shared_resident(run->shared) : mem_resident();
    budget_find(&budget, run->job.memory, "");
    size_t allowed = without(budget.bytes, run->resident);
    choose(&f, run, last->width, last->height, allowed);
    if (f.plan == OBJECTIVE_PLANS) {
        size_t needed = run->resident + f.chosen;
        if (first && !run->shared) { /* the code for this size is no part of what a smaller needs */
            nn_forget_code();
            run->resident = mem_resident();
        }
        return refuse(run, &budget, needed, without(budget.bytes, run->resident), diag);
    }
    if (f.optimizer != run->job.optimizer)
        take_optimizer(run, f.optimizer);
    size_t kept = allowed - f.chosen < f.all[f.plan] ? allowed - f.chosen : f.all[f.plan];
    if (run->shared)
        TRY(run_shared_reserve(run->shared, &run->held, f.chosen + kept, allowed, diag));
    run->predicted = run->resident + f.chosen + kept;
    if (mem_peak() > run->peak + small_things) /* algorithms were tried out, once for ever */
        run->predicted = larger(run->predicted, mem_peak());
    run->plan = f.plan;
    run->crowded = f.chosen + f.pass[f.plan] > allowed;
    return plan_stages(run, &f, allowed, diag);
}
