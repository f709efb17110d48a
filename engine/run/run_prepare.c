/* run_prepare.c: see run_private.h. A run that could begin, what it says of itself, its end. */
#include "engine/run/run_private.h"

#include <stdio.h>
#include <string.h>

#include "engine/base/mem.h"
#include "engine/host/cores.h"
#include "engine/net/vgg.h"

/* A picture that only an edit brings is missed at once, not when its turn comes. */
static enum status check_edit(const struct job *before, const struct job *after, struct diag *diag)
{
    struct image_head head;
    TRY(job_validate(after, diag));
    for (int i = 0; i < STYLE_LAYER_COUNT; i++) {
        const char *path = after->channel[i].style.path;
        if (after->channel[i].state == CHANNEL_ON && after->blend_count == 0 &&
            strcmp(path, before->channel[i].style.path) != 0)
            TRY(image_inspect(&head, path, diag));
    }
    for (int i = 0; i < after->blend_count; i++)
        if (after->blend[i].path[0])
            TRY(image_inspect(&head, after->blend[i].path, diag));
    return STATUS_OK;
}

/* Those to come. */
static enum status check_edits(const struct job *job, const char *edits, int iteration,
                               struct diag *diag)
{
    struct job *before = mem_new(sizeof *before), *after = mem_new(sizeof *after);
    enum status status = STATUS_OK;
    *after = *job;
    while (status == STATUS_OK && (iteration = job_edits_next(edits, iteration)) >= 0) {
        *before = *after;
        job_edits_apply(after, edits, iteration - 1, iteration);
        status = check_edit(before, after, diag);
        if (status != STATUS_OK)
            diag_prefix(diag, status, "the edit at iteration %d", iteration);
    }
    mem_free(after);
    mem_free(before);
    return status;
}

static enum status prepare_parts(struct run *run, struct diag *diag)
{
    const struct job *job = &run->job;
    TRY(job_validate(job, diag));
    TRY(check_edits(job, run->start.edits, run->iteration - (run->edits_made == 0), diag));
    TRY(run->shared ? run_shared_network(&run->network, run->shared, job->network, diag)
                    : network_open(&run->network, job->network, diag));
    TRY(run_inspect_content(run, diag));
    TRY(targets_open(&run->targets, job, NULL, diag));
    targets_share(run->targets, run->shared ? run_shared_grams(run->shared) : NULL);
    struct job computing = *job;
    if (!job->threads && run->threads <= cores_usable(""))
        computing.threads = run->threads;
    TRY(run_open_nn(&run->nn, &computing, diag));
    nn_stop_when(run->nn, run->stop);
    TRY(vgg_choose_precision(run->nn, run->network, diag));
    run_stage_plan(run, run_stage_count(run));
    return STATUS_OK;
}

enum status run_prepare(struct run **out, const struct job *job, const struct run_state *state,
                        struct run_shared *shared, int threads, const atomic_int *stop,
                        struct diag *diag)
{
    struct run *run = mem_new(sizeof *run);
    run->job = run->start = *job;
    run->iteration = state ? state->iteration : 0;
    if (state) {
        job_edits_apply(&run->job, job->edits, -1, state->iteration);
        run->edits_made = job_edits_count(job->edits, state->iteration);
    }
    run->job.edits[0] = 0;
    run->job.edits_lost = 0;
    run->shared = shared;
    run->threads = threads;
    run->stop = stop;
    run->peak = mem_peak();
    enum status status = prepare_parts(run, diag);
    if (status != STATUS_OK)
        run_close(&run);
    else
        *out = run;
    return status;
}

/* What a run does to fit into memory, as words behind a comma. */
static void describe_thrift(char *out, size_t size, const struct run *run)
{
    static const char *const store[RUN_STORES] = {
        [RUN_STORE_ALL] = "", [RUN_STORE_6] = ", 6 pairs", [RUN_STORE_3] = ", 3 pairs",
        [RUN_STORE_IN_PLACE] = ", Adam in place"};
    const struct run_stage *last = &run->stage[run->stage_count - 1];
    bool other = run->job.optimizer != run->start.optimizer;
    *out = 0;
    if (run->plan >= OBJECTIVE_BANDS)
        snprintf(out, size, ", in bands%s%s", store[last->store],
                 other ? " (L-BFGS would not fit)" : "");
}

void run_summarise(struct run *run)
{
    bool bf16 = nn_precision(run->nn) == NN_BF16;
    char thrift[80];
    describe_thrift(thrift, sizeof thrift, run);
    snprintf(run->job.painted, sizeof run->job.painted, "in %s by oneDNN %s on %s, %d threads",
             bf16 ? "bfloat16" : "float32", nn_version(), nn_isa(), nn_threads(run->nn));
    snprintf(run->summary, sizeof run->summary,
             "%s%s, %d×%d%s, %d iterations%s%s, %d threads, oneDNN %s on %s",
             run->network->name,
             run->network->random     ? " (random weights: for timing, not for painting)"
             : run->network->off_size ? " (losses of another size than VGG-19's: the usual weights "
                                        "will not paint)"
                                      : "",
             run->content.width, run->content.height,
             run->stage_count == 1   ? ""
             : run->stage_count == 2 ? " in two sizes"
                                     : " in several sizes",
             run->job.iterations, bf16 ? " in bfloat16" : "", thrift, nn_threads(run->nn),
             nn_version(), nn_isa());
}

void run_close(struct run **run)
{
    struct run *s = *run;
    if (!s)
        return;
    objective_close(&s->objective);
    run_work_close(&s->work);
    targets_close(&s->targets);
    nn_close(&s->nn);
    if (s->shared)
        run_shared_release(s->shared, &s->held);
    else
        network_close(&s->network);
    image_clear(&s->content);
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

int run_width(const struct run *run)
{
    return run->content.width;
}

int run_height(const struct run *run)
{
    return run->content.height;
}

int run_stage_width(const struct run *run)
{
    return run->work.x.width;
}

const struct job *run_job(const struct run *run)
{
    return &run->job;
}

void run_record(const struct run *run, struct job *out)
{
    *out = run->start;
    memcpy(out->output, run->job.output, sizeof out->output);
    int used = snprintf(out->painted, sizeof out->painted, "%s", run->job.painted);
    if (run->measured)
        losses_print(out->painted + used, sizeof out->painted - (size_t)used, run->iteration,
                     &run->work.losses);
}

size_t run_memory(const struct run *run)
{
    return run->predicted;
}

const char *run_summary(const struct run *run)
{
    return run->summary;
}
