/* spread.c: see spread.h. */
#include "mpi/spread.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "engine/base/clock.h"
#include "engine/base/mem.h"
#include "engine/rundir/rundir.h"
#include "mpi/result.h"
#include "mpi/saved.h"
#include "mpi/tell.h"

struct spread {
    const struct spread_options *options;
    struct ranks *world;
    struct run *run;
    struct stage stage;
    struct rundir *dir;             /* rank 0's, or NULL */
    char folder[JOB_PATH];          /* of the run; "": nothing is kept */
    enum file_overwrite mode;
    struct saved saved; /* the newest checkpoint */
    bool resumed;
    struct tell *tell; /* rank 0's */
    double before;     /* seconds that earlier processes computed */
    double began, last_saved, saving; /* times; how long a checkpoint takes */
    struct losses losses;
    struct stage_traffic traffic;
};

static bool first_of(const struct spread *s)
{
    return s->world->rank == 0;
}

static double seconds_of(const struct spread *s)
{
    return s->before + clock_now() - s->began;
}

/* Text that rank 0 has, for all: mem_free. */
static char *share_text(struct ranks *world, const char *text)
{
    size_t size = text ? strlen(text) + 1 : 0;
    ranks_tell(world, &size, sizeof size);
    char *copy = mem_new(size);
    if (text)
        memcpy(copy, text, size);
    ranks_tell(world, copy, size);
    return copy;
}

/* ---- the run's directory, which rank 0 has ------------------------------------------------- */

/* The run to go on with; "" for a new one. */
static enum status find_run(char path[JOB_PATH], const struct spread_options *o,
                            struct diag *diag)
{
    *path = 0;
    if (o->resume[0])
        return rundir_find(path, o->resume, 1u << RUNDIR_UNFINISHED, diag);
    if (o->anew)
        return STATUS_OK;
    if (!o->run_dir[0]) {
        if (!rundir_find_job(path, &o->job) || !saved_there(path))
            *path = 0; /* one of `strata run` goes on by that alone */
        return STATUS_OK;
    }
    struct rundir_entry *entry = mem_new(sizeof *entry);
    bool is_run = rundir_look(entry, o->run_dir);
    mem_free(entry);
    if (!is_run)
        return STATUS_OK;
    if (!rundir_is_of(o->run_dir, &o->job))
        return diag_set(diag, STATUS_OUTPUT, "%s holds another run; --resume %s goes on with that, "
                        "or name another --run-dir", o->run_dir, o->run_dir);
    snprintf(path, JOB_PATH, "%s", o->run_dir);
    return STATUS_OK;
}

static enum status take_up(struct spread *s, const char *path, char **text, struct diag *diag)
{
    TRY(rundir_open(&s->dir, path, diag));
    snprintf(s->folder, sizeof s->folder, "%s", rundir_path(s->dir));
    if (saved_there(s->folder))
        return saved_text(text, s->folder, diag);
    if (s->options->resume[0])
        return diag_set(diag, STATUS_INPUT, "%s has no checkpoint of strata-mpi", path);
    return STATUS_OK;
}

static enum status make_directory(struct spread *s, struct diag *diag)
{
    const char *name = s->options->run_dir;
    if (rundir_create(&s->dir, name, &s->options->job, diag) == STATUS_OK) {
        snprintf(s->folder, sizeof s->folder, "%s", rundir_path(s->dir));
        return STATUS_OK;
    }
    if (name[0])
        return diag->status;
    tell_note(s->tell, "%s; the run cannot be resumed if it is ended", diag->text);
    return STATUS_OK;
}

static enum status open_directory(struct spread *s, char **text, struct diag *diag)
{
    char path[JOB_PATH];
    TRY(find_run(path, s->options, diag));
    return path[0] ? take_up(s, path, text, diag) : make_directory(s, diag);
}

/* Rank 0 opens it and tells the others where it is and what is in it. */
static enum status share_directory(struct spread *s, struct diag *diag)
{
    char *text = NULL;
    enum status status = first_of(s) ? open_directory(s, &text, diag) : STATUS_OK;
    status = ranks_agree(s->world, status, diag);
    if (status == STATUS_OK) {
        ranks_tell(s->world, s->folder, sizeof s->folder);
        char *all = share_text(s->world, text);
        s->resumed = all[0] != 0;
        if (s->resumed)
            status = saved_parse(&s->saved, all, s->folder, diag);
        mem_free(all);
        status = ranks_agree(s->world, status, diag);
    }
    mem_free(text);
    return status;
}

/* ---- opening ------------------------------------------------------------------------------ */

/* Machines whose processors differ would round differently and choose other algorithms. */
static void check_processors(struct spread *s, struct job *job)
{
    char mine[64] = "", *all = mem_new((size_t)s->world->count * sizeof mine);
    bool same = true;
    snprintf(mine, sizeof mine, "%s %s", nn_version(), nn_isa());
    ranks_collect(s->world, all, mine, sizeof mine);
    for (int k = 1; k < s->world->count; k++)
        same = same && strcmp(all, all + (size_t)k * sizeof mine) == 0;
    mem_free(all);
    if (same)
        return;
    job->precision = PRECISION_FP32;
    job->convolution = CONVOLUTION_DIRECT;
    if (first_of(s))
        tell_note(s->tell, "the processors differ: all compute in float32 and by direct "
                  "convolutions");
}

static void adopt(const char *plan)
{
    if (plan[0])
        nn_plan_adopt(plan);
}

/* Rank 0 first: what it measures and chooses, the others take over. */
static enum status open_run(struct spread *s, struct diag *diag)
{
    struct job job = s->options->job;
    enum status status = STATUS_OK;
    check_processors(s, &job);
    if (first_of(s)) {
        adopt(s->resumed ? s->saved.plan : "");
        status = run_prepare(&s->run, &job, NULL, NULL, 0, NULL, diag);
        if (status == STATUS_OK && run_starts_from_file(s->run))
            status = image_inspect(&s->run->initial_head, job.initial, diag);
        if (status == STATUS_OK)
            status = run_check_output(&job, job.output, s->mode, diag);
    }
    TRY(ranks_agree(s->world, status, diag));
    char *own = first_of(s) ? nn_plan_print() : NULL;
    char *plan = share_text(s->world, own);
    mem_free(own);
    if (!first_of(s)) {
        adopt(plan);
        status = run_prepare(&s->run, &job, NULL, NULL, 0, NULL, diag);
        if (status == STATUS_OK && run_starts_from_file(s->run))
            status = image_inspect(&s->run->initial_head, job.initial, diag);
    }
    mem_free(plan);
    return ranks_agree(s->world, status, diag);
}

static enum status check_saved(struct spread *s, bool *whole, struct diag *diag)
{
    const struct saved *saved = &s->saved;
    struct run *run = s->run;
    *whole = saved_fits(saved, run);
    if (saved->at >= run->stage_count || saved->width != run->stage[saved->at].width ||
        saved->height != run->stage[saved->at].height ||
        saved->iteration > run->stage[saved->at].end)
        return diag_set(diag, STATUS_INPUT, "%s holds a run of other sizes", s->folder);
    if (!*whole && first_of(s))
        tell_note(s->tell, "the optimiser keeps another number of pairs now and begins anew");
    if (first_of(s) && saved->count != stage_workers(s->world, saved->height))
        tell_note(s->tell, "%d processes wrote the checkpoint: sums round differently by %d, so "
                  "the picture will be as good, but not the same to the bit", saved->count,
                  stage_workers(s->world, saved->height));
    run->at = saved->at;
    run->iteration = saved->iteration;
    run->retreats = saved->retreats;
    s->before = saved->seconds;
    return STATUS_OK;
}

/* ---- the targets -------------------------------------------------------------------------- */

/* All look at the styles, each at its part. Who fails cannot tell those that wait for its sums: all
 * end, with the sentence of rank 0 if that has one, too. */
static void compute_targets(struct spread *s, int at)
{
    struct run *run = s->run;
    struct diag diag;
    const struct objective_shape shape = {.width = run->stage[at].width,
                                          .height = run->stage[at].height,
                                          .pooling = run_pooling(&run->job),
                                          .plan = OBJECTIVE_BANDS,
                                          .team = &s->world->team};
    const struct content_source content = run_content(run);
    nn_use(run->nn);
    if (targets_compute(run->targets, run->nn, run->network, &shape, &content, &diag) == STATUS_OK)
        return;
    if (!first_of(s))
        nanosleep(&(struct timespec){1, 0}, NULL);
    ranks_abort(diag.text);
}

/* ---- going through the sizes -------------------------------------------------------------- */

static enum status save(struct spread *s, struct diag *diag)
{
    double begin = clock_now();
    if (!s->folder[0])
        return STATUS_OK;
    enum status status = saved_write(&s->saved, s->folder, &s->stage, seconds_of(s), diag);
    s->last_saved = clock_now();
    s->saving = s->last_saved - begin;
    return status;
}

/* Saving takes a twentieth of the time at most. */
static bool save_due(const struct spread *s)
{
    double since = clock_now() - s->last_saved;
    return s->folder[0] && since >= s->options->checkpoint_seconds && since >= 20.0 * s->saving;
}

/* What one of them is asked for, all do. */
static enum status after_step(struct spread *s, struct diag *diag)
{
    double asked[2] = {*s->options->caught != 0, first_of(s) && save_due(s)};
    struct diag trouble;
    team_sum(&s->stage.ranks.team, asked, 2);
    if (asked[0] + asked[1] == 0.0)
        return STATUS_OK;
    enum status saved = save(s, &trouble);
    if (saved != STATUS_OK && first_of(s))
        tell_note(s->tell, "%s; the checkpoint before it is kept", trouble.text);
    if (asked[0] == 0.0)
        return STATUS_OK;
    if (saved != STATUS_OK)
        return diag_set(diag, STATUS_IO, "%s", trouble.text);
    return diag_set(diag, STATUS_STOPPED, "stopped at iteration %d of %d%s%s", s->run->iteration,
                    s->run->job.iterations, s->folder[0] ? "; the same command goes on, from " : "",
                    s->folder);
}

static enum status go_through(struct spread *s, struct diag *diag)
{
    struct run *run = s->run;
    while (run->iteration < run->stage[run->at].end) {
        int iteration = run->iteration;
        TRY(stage_step(&s->stage, &s->losses, diag));
        if (first_of(s)) {
            if (diag->text[0])
                tell_note(s->tell, "%s", diag->text);
            tell_losses(s->tell, iteration, seconds_of(s), &s->losses);
        }
        TRY(after_step(s, diag));
    }
    return STATUS_OK;
}

/* What those at work have found, for those who waited, too. */
static enum status meet(struct spread *s, enum status status, struct diag *diag)
{
    struct {
        enum status status;
        int iteration, retreats;
        long serial;
        struct diag diag;
    } word = {status, s->run->iteration, s->run->retreats, s->saved.serial, *diag};
    ranks_tell(s->world, &word, sizeof word);
    s->run->iteration = word.iteration;
    s->run->retreats = word.retreats;
    s->saved.serial = word.serial;
    *diag = word.diag;
    return word.status;
}

static void tell_stage(const struct spread *s)
{
    const struct stage *stage = &s->stage;
    if (!first_of(s))
        return;
    tell_note(s->tell, "%d×%d by %d of %d processes, rows each: %d and more", stage->width,
              stage->height, stage->ranks.count, s->world->count,
              stage->height / stage->ranks.count / 16 * 16);
}

static enum status enter(struct spread *s, int at, float **x, struct diag *diag)
{
    compute_targets(s, at);
    enum status status = stage_open(&s->stage, s->run, s->world, at,
                                    targets_list(s->run->targets), x, &s->traffic, diag);
    mem_free(*x);
    *x = NULL;
    if (status == STATUS_OK)
        tell_stage(s);
    return status;
}

/* The picture to start from, or that of the checkpoint. */
static enum status begin(struct spread *s, struct diag *diag)
{
    struct run *run = s->run;
    struct ranks_rows *part = mem_new((size_t)s->world->count * sizeof *part);
    bool whole = false;
    float *x = NULL;
    enum status status = s->resumed ? check_saved(s, &whole, diag) : STATUS_OK;
    stage_parts(part, run, s->world, run->at);
    struct ranks_rows rows = part[s->world->rank];
    mem_free(part);
    size_t bytes = mem_product(3 * (size_t)(rows.end - rows.first),
                               (size_t)run->stage[run->at].width, sizeof(float));
    if (status == STATUS_OK && s->resumed)
        status = mem_big(&x, bytes > 0 ? bytes : 1, "the rows of a part", diag);
    else if (status == STATUS_OK)
        status = stage_start(&x, run, rows, diag);
    status = ranks_agree(s->world, status, diag);
    if (status == STATUS_OK)
        status = enter(s, run->at, &x, diag);
    mem_free(x);
    if (status == STATUS_OK && s->resumed)
        status = ranks_agree(s->world, saved_fill(&s->stage, &s->saved, s->folder, whole, diag),
                             diag);
    return status;
}

static enum status next_size(struct spread *s, struct diag *diag)
{
    float *x = NULL;
    int at = s->run->at + 1;
    enum status status = stage_enlarge(&x, s->run, s->world, at, diag);
    stage_close(&s->stage);
    if (status == STATUS_OK)
        status = enter(s, at, &x, diag);
    mem_free(x);
    return status;
}

/* The last losses, and the picture; if that cannot be written, at least a checkpoint. */
static enum status end(struct spread *s, struct diag *diag)
{
    struct diag other;
    TRY(stage_measure(&s->stage, &s->losses, diag));
    if (first_of(s))
        tell_losses(s->tell, s->run->iteration, seconds_of(s), &s->losses);
    enum status status = result_write(&s->stage, s->mode, diag);
    if (status != STATUS_OK)
        save(s, &other);
    return status;
}

static enum status paint(struct spread *s, struct diag *diag)
{
    enum status status;
    struct run *run = s->run;
    TRY(begin(s, diag));
    for (;;) {
        bool last = run->at == run->stage_count - 1, member = s->stage.ranks.count > 0;
        status = member ? go_through(s, diag) : STATUS_OK;
        if (member && status == STATUS_OK && last)
            status = end(s, diag);
        status = meet(s, status, diag);
        if (status != STATUS_OK || last)
            return status;
        TRY(next_size(s, diag));
    }
}

/* ---- all of it ---------------------------------------------------------------------------- */

static void tell_traffic(struct spread *s)
{
    struct {
        struct ranks_traffic all;
        struct stage_traffic kinds;
    } own = {*s->world->traffic, s->traffic}, *said;
    struct tell_traffic sum = {.processes = s->world->count, .iterations = s->run->iteration};
    said = mem_new((size_t)s->world->count * sizeof *said);
    ranks_collect(s->world, said, &own, sizeof own);
    for (int k = 0; k < s->world->count; k++) {
        const struct stage_traffic *kinds = &said[k].kinds;
        const double values[TELL_KINDS][2] = {{kinds->sent.grams, kinds->told.grams},
                                              {kinds->sent.margins, kinds->told.margins},
                                              {kinds->sent.metric, kinds->told.metric}};
        for (int i = 0; i < TELL_KINDS; i++) {
            sum.sent[i] += values[i][0];
            sum.told[i] += values[i][1];
        }
        double bytes = said[k].all.sums + said[k].all.few + said[k].all.rows;
        sum.few += said[k].all.few;
        sum.all += bytes;
        sum.most = fmax(sum.most, bytes);
        sum.waited += said[k].all.seconds / s->world->count;
    }
    mem_free(said);
    if (first_of(s) && s->options->stats)
        tell_bytes(s->tell, &sum);
}

static enum status run_all(struct spread *s, struct diag *diag)
{
    TRY(share_directory(s, diag));
    s->mode = s->options->overwrite ? FILE_OVERWRITE : s->resumed ? FILE_AGAIN : FILE_KEEP;
    TRY(open_run(s, diag));
    run_summarise(s->run);
    if (first_of(s)) {
        if (s->resumed)
            tell_note(s->tell, "goes on from iteration %d of %d", s->saved.iteration,
                      s->run->job.iterations);
        tell_note(s->tell, "%s each, %d processes", run_summary(s->run), s->world->count);
    }
    enum status status = paint(s, diag);
    if (status == STATUS_OK || status == STATUS_STOPPED)
        tell_traffic(s);
    return status;
}

/* A directory of a run that never began, or that is over, says nothing. */
static void leave_directory(struct spread *s, enum status status)
{
    bool never = status != STATUS_OK && !s->resumed && s->saved.serial == 0;
    if (s->dir && (status == STATUS_OK || never))
        rundir_discard(&s->dir);
    rundir_close(&s->dir);
}

enum status spread_run(const struct spread_options *options, struct ranks *world,
                       struct diag *diag)
{
    static struct spread s;
    s = (struct spread){.options = options, .world = world, .began = clock_now()};
    s.last_saved = s.began;
    if (world->rank == 0)
        s.tell = tell_open(options->job.iterations, options->print_iterations, options->json);
    enum status status = run_all(&s, diag);
    stage_close(&s.stage);
    run_close(&s.run);
    leave_directory(&s, status);
    saved_clear(&s.saved);
    tell_close(&s.tell);
    return status;
}
