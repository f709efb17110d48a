/*
 * run_private.h: what the run's files share, the lower before the higher:
 *     run_shared.c    what runs of one process have in common
 *     run_job.c       a job's settings as the engine's parameters
 *     run_pictures.c  the content and the picture to start from
 *     run_plan.c      the sizes that a run goes through
 *     run_memory.c    the memory that a run will take, and the recompute level
 *     run_stage.c     what is made for one of these sizes
 *     run_prepare.c   a run that could begin, what it says of itself, its end
 *     run_evaluate.c  the losses of the picture in progress
 *     run_change.c    another job or another state under way, edits
 *     run_open.c      opening
 *     run.c           stepping, small pictures
 *     run_result.c    the picture as it is saved
 * run_output.c, which writes pictures, needs nothing of this. mpi/, where several processes share a
 * run, uses it as well.
 */
#ifndef STRATA_RUN_PRIVATE_H
#define STRATA_RUN_PRIVATE_H

#include "engine/base/random.h"
#include "engine/net/network.h"
#include "engine/nn/nn.h"
#include "engine/style/objective.h"
#include "engine/style/optimizer.h"
#include "engine/style/precondition.h"
#include "engine/run/run.h"
#include "engine/run/run_job.h"
#include "engine/run/run_shared.h"
#include "engine/style/targets.h"

enum { RUN_MAX_STAGES = 8, RUN_MIN_SIDE = 8 };

struct run_stage {
    int width, height;
    int end; /* the iteration at which the next stage begins */
    int plan;    /* as in objective.h, */
    size_t keep; /* and this too */
    enum run_store store;
};

/* What a stage works on. Zeroed is none. */
struct run_work {
    struct image x;  /* the picture in progress; no alpha */
    float *gradient; /* [3][H*W], and behind it: */
    float *previous; /* the last x whose losses were finite; both NULL: in place */
    struct precondition *precondition; /* for L-BFGS; else NULL */
    struct optimizer *optimizer;
    struct losses losses; /* the last finite ones */
    uint64_t objective;   /* run_objective_key of the last step */
};

struct run {
    struct job job;   /* in force; without edits; optimizer is Adam if another did not fit */
    struct job start; /* what the run began with, and its edits: made, and to come */
    int edits_made;   /* sections of this iteration that are in force */
    bool measured;    /* since the last step or change */
    int threads; /* instead of the job's, where that leaves it open; 0: none */
    const atomic_int *stop;
    struct run_shared *shared; /* or NULL */
    size_t held;               /* bytes reserved there */
    struct nn *nn;
    struct network *network;
    struct targets *targets;
    struct objective *objective; /* NULL: to be opened before the next evaluation */
    struct image_head content_head, initial_head; /* zeroed: not looked at, or no file */
    struct image content; /* at the finished size; its planes come when the run is known to fit */
    struct run_work work;
    struct run_stage stage[RUN_MAX_STAGES];
    int stage_count, at;
    int iteration;
    int retreats; /* how often the run went back to a smaller rate */
    size_t resident, predicted; /* bytes of the process before the first stage, at its peak */
    size_t peak;                /* that there was before the run */
    int plan; /* of the last stage; see objective.h */
    bool crowded; /* Gram matrices of a new style do not fit beside the objective */
    char summary[320];
};

/* 3·H·W */
size_t run_values(const struct image *image);

/* The stages' sizes; how many the job asks for, or as many as there are bits of picture left. */
int run_stage_count(const struct run *run);
void run_stage_plan(struct run *run, int count);

/* When each stage ends. */
void run_stage_plan_ends(struct run *run);

/* The picture to start from, at the first stage's size, and what goes with it. */
enum status run_stage_begin(struct run *run, struct diag *diag);

/* To the stage that the iteration belongs to, if that is another. */
enum status run_stage_next(struct run *run, struct diag *diag);

/* The rows that an enlarged picture is made of, to be read side by side. Zeroed is none. */
struct run_enlarging {
    struct image_rows *x;      /* the coarser picture, enlarged */
    struct image_rows *fine;   /* the content */
    struct image_rows *smooth; /* the content without what the coarser size cannot hold */
    float *row;                /* [2][3][width], of fine and of smooth; owned */
};

/* The next row into to, [3] planes of so many floats: x + detail * (fine - smooth). */
enum status run_enlarge_row(float *to, size_t plane, size_t width, struct run_enlarging *from,
                            double detail, struct diag *diag);
void run_enlarging_close(struct run_enlarging *from);

/* To stage `at` with what it works on, which is taken over. On failure everything is as it was and
 * work stays the caller's. */
enum status run_stage_enter(struct run *run, int at, struct run_work *work, struct diag *diag);

/* Gradient, previous (= x) and a new optimiser, the job's, for work->x. */
enum status run_work_open(struct run_work *work, const struct job *job, enum run_store store,
                          struct diag *diag);

void run_work_close(struct run_work *work);

/* Targets and objective for the stage and the job in force, unless they are there. */
enum status run_stage_open_objective(struct run *run, struct diag *diag);

/* Of the stage under way. */
struct objective_shape run_shape(const struct run *run);

/* The size at which the content will be painted, from its file's head, goes to run->content. */
enum status run_inspect_content(struct run *run, struct diag *diag);

/* Reads the content, unless it is there or the picture is painted in bands: then it is read again
 * where it is needed, by rows. */
enum status run_read_content(struct run *run, struct diag *diag);

/* The content's rows at any size. */
struct content_source run_content(struct run *run);

/* Does it start from a picture file, neither from the content nor from noise? And that picture at
 * the size of the first stage; image_clear it. */
bool run_starts_from_file(const struct run *run);
enum status run_read_initial(struct image *x, const struct run *run, struct diag *diag);

/* What reading content and initial picture is to give, for a run of this size. */
struct image_request run_content_request(int width, int height);
struct image_request run_initial_request(const struct run *run, int width, int height);

/* Before the pictures are read and the first stage takes its memory, and when the job changes what
 * is taken: finds the recompute level with which the run fits into the memory budget. STATUS_RANGE
 * if none will do. */
enum status run_memory_check(struct run *run, struct diag *diag);

/* Bytes that it will take, at the level that takes no time for it. */
enum status run_memory_foresee(size_t *bytes, const struct run *run, struct diag *diag);

/* All that may be refused before memory is asked for. shared: NULL for a run by itself. The job in
 * force is that of state's iteration, or the one to begin with if there is none. */
enum status run_prepare(struct run **out, const struct job *job, const struct run_state *state,
                        struct run_shared *shared, int threads, const atomic_int *stop,
                        struct diag *diag);

/* The losses of x and their gradient. A trial that is not finite has an infinite total, and for the
 * eye the losses before it; any other picture that is not is left, or ends the run. */
enum status run_evaluate(struct run *run, struct losses *losses, double *total, float *gradient,
                         struct diag *diag);

/* The losses of x and a step downhill, where there is no place for the gradient. */
enum status run_descend(struct run *run, struct losses *losses, double rate, struct diag *diag);

/* The picture's losses are not finite, for the reason in *why: goes back to the last one whose
 * losses were. STATUS_OK: to go on from there with a smaller rate. */
enum status run_retreat(struct run *run, const struct diag *why, struct diag *diag);

/* Is the square of each of n values, which the optimisers take, finite? */
bool run_usable(const float *v, size_t n);

/* classic: constant; fast: falling geometrically towards the end of each stage. L-BFGS: of the
 * length of a first step. */
double run_rate(const struct run *run, int iteration);

/* How much noise there is in the picture to start from, and a value of that with it; how much of
 * the content's detail an enlarged picture gets back. */
double run_noise_share(const struct job *job);
float run_noisy(float value, double mean, double share, struct random *random);
double run_detail(const struct job *job);

/* Makes the edits that are due before the next iteration. On failure those made stay made. */
enum status run_make_edits(struct run *run, struct diag *diag);

/* After a change of the job. */
void run_summarise(struct run *run);

#endif
