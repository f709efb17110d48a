/* stage.c: see stage.h. */
#include "mpi/stage.h"

#include <math.h>
#include <string.h>

#include "engine/base/mem.h"
#include "engine/host/budget.h"
#include "engine/net/bands.h"

/* What code, stacks and the heap grow by besides. */
static const size_t small_things = 16 << 20;

int stage_workers(const struct ranks *world, int height)
{
    int most = height / STAGE_LEAST_ROWS;
    return most < 1 ? 1 : most < world->count ? most : world->count;
}

void stage_parts(struct ranks_rows part[], const struct run *run, const struct ranks *world,
                 int at)
{
    memset(part, 0, (size_t)world->count * sizeof *part);
    int height = run->stage[at].height;
    ranks_share(part, stage_workers(world, height), height, BANDS_STEP);
}

static struct ranks_rows own(const struct stage *s)
{
    return s->part[s->world->rank];
}

static size_t values_of(struct ranks_rows rows, int width)
{
    return 3 * (size_t)(rows.end - rows.first) * (size_t)width;
}

static struct ranks_rows widen(struct ranks_rows rows, int by, int height)
{
    return (struct ranks_rows){rows.first > by ? rows.first - by : 0,
                               rows.end + by < height ? rows.end + by : height};
}

/* ---- the optimiser ------------------------------------------------------------------------ */

/* M v of the whole picture, for the rows of this part. */
static void apply_metric(void *context, float *v)
{
    struct stage *s = context;
    double before = s->ranks.traffic->rows;
    ranks_exchange(&s->ranks, s->wide, s->beside, v, s->part, s->width);
    s->traffic->sent.metric += s->ranks.traffic->rows - before;
    s->traffic->told.metric += s->each.metric;
    precondition_apply(s->metric, s->wide);
    const struct ranks_rows rows = own(s), wide = s->beside[s->ranks.rank];
    size_t plane = (size_t)(rows.end - rows.first) * (size_t)s->width;
    size_t other = (size_t)(wide.end - wide.first) * (size_t)s->width;
    size_t skip = (size_t)(rows.first - wide.first) * (size_t)s->width;
    for (size_t c = 0; c < 3; c++)
        memcpy(v + c * plane, s->wide + c * other + skip, plane * sizeof(float));
}

/* The same pairs as a process alone would keep. */
static struct optimizer_settings settings_of(struct stage *s)
{
    size_t all = 3 * (size_t)s->width * (size_t)s->height;
    struct optimizer_settings settings = run_optimizer(&s->run->job, all, NULL);
    settings.team = &s->ranks.team;
    if (optimizer_preconditions(s->run->job.optimizer)) {
        settings.precondition = apply_metric;
        settings.context = s;
    }
    return settings;
}

static enum status open_work(struct stage *s, struct diag *diag)
{
    struct run_work *work = &s->run->work;
    const struct ranks_rows rows = own(s), beside = s->beside[s->ranks.rank];
    size_t n = values_of(rows, s->width);
    TRY(mem_big(&work->gradient, mem_product(n, 2, sizeof(float)), "the gradient", diag));
    work->previous = work->gradient + n;
    memcpy(work->previous, work->x.rgb, n * sizeof(float));
    work->objective = run_objective_key(&s->run->job);
    size_t window = values_of(s->window[s->ranks.rank], s->width);
    TRY(mem_big(&s->read, mem_times(window, sizeof(float)), "the rows of a part", diag));
    if (optimizer_preconditions(s->run->job.optimizer)) {
        TRY(precondition_open(&s->metric, 3, beside.end - beside.first, s->width, diag));
        TRY(mem_big(&s->wide, mem_times(values_of(beside, s->width), sizeof(float)),
                    "the rows of a part", diag));
    }
    struct optimizer_settings settings = settings_of(s);
    return optimizer_open(&work->optimizer, s->run->job.optimizer, n, &settings, diag);
}

/* What open_work takes. */
static size_t work_bytes(struct stage *s)
{
    const struct ranks_rows rows = own(s), beside = s->beside[s->ranks.rank];
    size_t n = values_of(rows, s->width), wide = values_of(beside, s->width);
    struct optimizer_settings settings = settings_of(s);
    size_t window = values_of(widen(rows, BANDS_MOST_REACH, s->height), s->width);
    size_t bytes = (2 * n + window) * sizeof(float) +
                   optimizer_bytes(s->run->job.optimizer, n, &settings);
    if (settings.precondition)
        bytes += wide * sizeof(float) +
                 precondition_bytes(3, beside.end - beside.first, s->width);
    return bytes;
}

/* ---- the objective ------------------------------------------------------------------------ */

/* What this process may still take: those on one machine share what is there. */
static size_t allowed_bytes(const struct stage *s)
{
    struct budget machine, mine;
    size_t resident = mem_resident();
    budget_find(&machine, 0, "");
    budget_find(&mine, s->run->job.memory, "");
    static const char any[RANKS_WORD];
    int count = ranks_here(&s->ranks, any); /* before one of them takes any */
    size_t share = machine.bytes > resident ? (machine.bytes - resident) / (size_t)count : 0;
    size_t own_share = mine.bytes > resident ? mine.bytes - resident : 0;
    return share < own_share ? share : own_share;
}

/* Rank 0's measurements decide, so that all choose alike. */
static void share_plan(struct stage *s)
{
    char *plan = s->ranks.rank == 0 ? nn_plan_print() : NULL;
    size_t size = plan ? strlen(plan) + 1 : 0;
    ranks_tell(&s->ranks, &size, sizeof size);
    char *text = plan ? plan : mem_new(size);
    ranks_tell(&s->ranks, text, size);
    if (s->ranks.rank > 0)
        nn_plan_adopt(text);
    mem_free(text);
}

static enum status predict(size_t bytes[OBJECTIVE_PLANS], struct stage *s, struct diag *diag)
{
    const struct objective_weights weights = run_weights(&s->run->job);
    size_t all[OBJECTIVE_PLANS];
    return objective_predict(bytes, all, s->run->nn, s->run->network, &s->shape, s->targets,
                             &weights, diag);
}

/* The same plan for all, so that they round alike. */
static enum status choose_plan(struct stage *s, struct diag *diag)
{
    size_t bytes[OBJECTIVE_PLANS] = {0}, allowed = allowed_bytes(s);
    enum status status = STATUS_OK;
    if (s->ranks.rank == 0) /* who measures what is not known yet */
        status = predict(bytes, s, diag);
    TRY(ranks_agree(&s->ranks, status, diag));
    share_plan(s);
    TRY(ranks_agree(&s->ranks, predict(bytes, s, diag), diag));
    size_t taken = work_bytes(s) + small_things +
                   picture_stream_need(s->width, OBJECTIVE_MOST_ROWS);
    allowed = allowed > taken ? allowed - taken : 0;
    for (int i = 0; i < OBJECTIVE_BANDS; i++)
        bytes[i] = SIZE_MAX;
    double worst = objective_choose(bytes, allowed);
    double *plans = mem_new((size_t)s->ranks.count * sizeof *plans);
    ranks_collect(&s->ranks, plans, &worst, sizeof worst);
    for (int k = 0; k < s->ranks.count; k++)
        worst = fmax(worst, plans[k]);
    mem_free(plans);
    s->shape.plan = (int)worst;
    if (s->shape.plan == OBJECTIVE_PLANS) {
        char text[BUDGET_TEXT];
        budget_print_bytes(text, taken + bytes[OBJECTIVE_PLANS - 1]);
        return diag_set(diag, STATUS_RANGE,
                        "%d×%d by %d processes needs %s of memory in each, which one of them does "
                        "not have; more machines or a smaller width need less",
                        s->width, s->height, s->ranks.count, text);
    }
    s->shape.keep = allowed - bytes[s->shape.plan];
    return STATUS_OK;
}

static enum status open_objective(struct stage *s, struct diag *diag)
{
    struct image_rows *rows;
    struct picture_stream stream;
    struct run *run = s->run;
    const struct content_source content = run_content(run);
    const struct objective_weights weights = run_weights(&run->job);
    TRY(content.open(content.context, &rows, s->width, s->height, diag));
    TRY(picture_stream_open(&stream, &rows, OBJECTIVE_MOST_ROWS, diag));
    const struct picture_rows picture = {picture_stream_take, &stream};
    enum status status = objective_open(&run->objective, run->nn, run->network, &s->shape,
                                        &picture, s->targets, &weights, diag);
    picture_stream_close(&stream);
    return status;
}

/* By the sizes of matrices, and by who reads whose rows. */
static struct stage_bytes foretell(const struct stage *s)
{
    struct stage_bytes told = {0};
    const struct ranks_rows rows = own(s);
    double others = s->ranks.count - 1, row = 3.0 * sizeof(float) * s->width;
    for (int i = 0; i < STYLE_LAYER_COUNT; i++) {
        double c = s->run->network->conv[layer_style[i]].out;
        if (s->targets[i].gram)
            told.grams += 2.0 * others / s->ranks.count * 8.0 * c * (c + 1.0) / 2.0;
    }
    for (int k = 0; k < s->ranks.count; k++) { /* what neighbours read of these rows */
        const struct ranks_rows *reads[] = {&s->window[k], &s->beside[k]};
        double *sent[] = {&told.margins, &told.metric};
        for (int i = 0; k != s->ranks.rank && i < 2; i++) {
            int first = reads[i]->first > rows.first ? reads[i]->first : rows.first;
            int end = reads[i]->end < rows.end ? reads[i]->end : rows.end;
            *sent[i] += end > first ? (end - first) * row : 0.0;
        }
    }
    return told;
}

/* ---- a stage ------------------------------------------------------------------------------ */

static enum status open_parts(struct stage *s, struct diag *diag)
{
    const struct ranks_rows rows = own(s);
    struct run *run = s->run;
    for (int k = 0; k < s->ranks.count; k++)
        s->beside[k] = widen(s->part[k], PRECONDITION_REACH, s->height);
    s->shape = (struct objective_shape){.width = s->width,
                                        .height = s->height,
                                        .pooling = run_pooling(&run->job),
                                        .first = rows.first,
                                        .end = rows.end,
                                        .team = &s->ranks.team};
    TRY(choose_plan(s, diag));
    TRY(ranks_agree(&s->ranks, open_objective(s, diag), diag));
    struct ranks_rows window;
    objective_window(run->objective, &window.first, &window.end);
    ranks_collect(&s->ranks, s->window, &window, sizeof window);
    s->each = foretell(s);
    return ranks_agree(&s->ranks, open_work(s, diag), diag);
}

enum status stage_open(struct stage *s, struct run *run, struct ranks *world, int at,
                       const struct target *targets, float **x, struct stage_traffic *traffic,
                       struct diag *diag)
{
    size_t count = (size_t)world->count;
    *s = (struct stage){.run = run, .world = world, .at = at, .targets = targets,
                        .traffic = traffic,
                        .width = run->stage[at].width, .height = run->stage[at].height};
    s->part = mem_new(3 * count * sizeof *s->part);
    s->window = s->part + count;
    s->beside = s->window + count;
    stage_parts(s->part, run, world, at);
    run->at = at;
    run->work.x = (struct image){s->width, own(s).end - own(s).first, *x, NULL};
    *x = NULL;
    bool member = ranks_open(&s->ranks, world, stage_workers(world, s->height));
    enum status status = member ? open_parts(s, diag) : STATUS_OK;
    return ranks_agree(world, status, diag);
}

void stage_close(struct stage *s)
{
    if (!s->run)
        return;
    objective_close(&s->run->objective);
    run_work_close(&s->run->work);
    s->run->work = (struct run_work){0};
    precondition_close(&s->metric);
    mem_free(s->read);
    mem_free(s->wide);
    mem_free(s->part);
    ranks_close(&s->ranks);
    *s = (struct stage){0};
}

/* ---- steps -------------------------------------------------------------------------------- */

/* A failure of one process alone cannot be shared: the others wait for its sums. */
static enum status measure(struct stage *s, struct losses *losses, float *gradient,
                           struct diag *diag)
{
    struct run_work *work = &s->run->work;
    struct stage_traffic *traffic = s->traffic;
    const struct ranks_traffic before = *s->ranks.traffic, *now = s->ranks.traffic;
    ranks_exchange(&s->ranks, s->read, s->window, work->x.rgb, s->part, s->width);
    enum status status = objective_evaluate(s->run->objective, losses, gradient, s->read, diag);
    traffic->sent.margins += now->rows - before.rows;
    traffic->sent.grams += now->sums - before.sums;
    traffic->told.margins += s->each.margins;
    traffic->told.grams += s->each.grams;
    if (status == STATUS_DIVERGED)
        return status;
    if (status != STATUS_OK)
        ranks_abort(diag->text);
    double spoiled = gradient && !run_usable(gradient, run_values(&work->x));
    team_sum(&s->ranks.team, &spoiled, 1);
    if (spoiled == 0.0)
        return STATUS_OK;
    char term[LOSSES_WORDS];
    losses_worst(term, losses);
    return diag_set(diag, STATUS_DIVERGED, "the gradient of the %s is too large", term);
}

/* As run_evaluate. */
static enum status evaluate(struct stage *s, struct losses *losses, double *total, float *gradient,
                            struct diag *diag)
{
    struct run_work *work = &s->run->work;
    struct diag why;
    diag_set(diag, STATUS_OK, "%s", "");
    while (measure(s, losses, gradient, &why) == STATUS_DIVERGED) {
        if (optimizer_trying(work->optimizer)) {
            *losses = work->losses;
            *total = INFINITY;
            return STATUS_OK;
        }
        TRY(run_retreat(s->run, &why, diag));
    }
    *total = losses->total;
    work->losses = *losses;
    return STATUS_OK;
}

enum status stage_step(struct stage *s, struct losses *losses, struct diag *diag)
{
    struct run *run = s->run;
    struct run_work *work = &run->work;
    double total;
    TRY(evaluate(s, losses, &total, work->gradient, diag));
    if (isfinite(total))
        memcpy(work->previous, work->x.rgb, run_values(&work->x) * sizeof(float));
    run->iteration++;
    if (run->iteration == run->stage[run->at].end && optimizer_trying(work->optimizer))
        optimizer_end_trial(work->optimizer, work->x.rgb, &total);
    else
        optimizer_step(work->optimizer, work->x.rgb, total, work->gradient,
                       run_rate(run, run->iteration - 1));
    return STATUS_OK;
}

enum status stage_measure(struct stage *s, struct losses *losses, struct diag *diag)
{
    double total;
    TRY(evaluate(s, losses, &total, NULL, diag));
    if (!optimizer_end_trial(s->run->work.optimizer, s->run->work.x.rgb, &total))
        return STATUS_OK;
    return evaluate(s, losses, &total, NULL, diag);
}
