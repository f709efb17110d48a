/*
 * run.h: one run of a job, single-threaded: open, step, measure, close. Owns the picture in
 * progress and the plan of sizes; knows nothing of threads or of who is watching. Same thread rule
 * as nn.h.
 */
#ifndef STRATA_RUN_H
#define STRATA_RUN_H

#include <stdatomic.h>

#include "engine/base/file.h"
#include "engine/image/image.h"
#include "engine/job/job.h"
#include "engine/style/losses.h"

struct run;

/* Reads every picture and the network, refuses what cannot work, computes the style targets. job is
 * copied. Nothing is written. Once *stop is not 0, here or later, what is under way ends between
 * two layers of the network with STATUS_STOPPED, and the run is as it was; NULL: never. */
enum status run_open(struct run **out, const struct job *job, const atomic_int *stop,
                     struct diag *diag);
void run_close(struct run **run);

/* Iterations done so far, and the whole run's. */
int run_iteration(const struct run *run);
int run_iterations(const struct run *run);

/* The job in force, without edits; lent. */
const struct job *run_job(const struct run *run);

/* The job that paints this picture again: what the run began with, and what was and is to be
 * changed at which iteration. Of a picture that was measured its losses stand in `painted`. */
void run_record(const struct run *run, struct job *out);

/* How many iterations of the present size would take as long as what is left of the run. */
double run_remaining(const struct run *run);

/* One iteration: the losses of the picture as it was before go to *losses. Allocates nothing but at
 * a change of size or by an edit. If they are not finite, or the gradient is too large, the run
 * goes back to the last picture that had better ones, with an optimiser as if new and a quarter of
 * its rate, and on from there: then *diag (not NULL) says so with STATUS_OK, else it is "". After
 * RUN_RETREATS of these, or where no rate would help, STATUS_DIVERGED leaves that picture and names
 * the term. On any other failure nothing has changed, or the step is done and an edit behind it is
 * not. Only while iterations are left. */
enum { RUN_RETREATS = 3 };
enum status run_step(struct run *run, struct losses *losses, struct diag *diag);

/* The losses of the picture as it is, no step; gradient, unless NULL, gets d total / d pixel,
 * [3][height*width] at run_width × run_height. A picture that L-BFGS only tries, and that turns out
 * worse than the one before, is taken back first, so that what is saved is the best; and a picture
 * whose losses are not finite as in run_step, with the same sentence. */
enum status run_measure(struct run *run, struct losses *losses, float *gradient,
                        struct diag *diag);

/* The losses of the picture as it is saved: cut to 0 to 255 and rounded, with the content's colours
 * if they are to be kept. They can be much larger. For the end of a run at its full size, which has
 * no other picture afterwards. */
enum status run_measure_saved(struct run *run, struct losses *losses, struct diag *diag);

/* How strongly each style layer pulls at the picture, see objective_pulls. The run goes on as if it
 * had not been asked. */
enum status run_pulls(struct run *run, double pull[STYLE_LAYER_COUNT], struct diag *diag);

/* The size of the finished picture. */
int run_width(const struct run *run);
int run_height(const struct run *run);

/* The width of the picture in progress, smaller in a coarse stage. */
int run_stage_width(const struct run *run);

/* The picture as it is, at the finished size, as it would be saved: clamped, with the content's
 * colours if they are to be kept, and its alpha. image_clear it. */
enum status run_picture(const struct run *run, struct image *out, struct diag *diag);

/* The same row by row: [width] each of R, G, B and alpha, which is NULL if there is none. A status
 * other than STATUS_OK ends it and is its result. */
typedef enum status run_row(void *context, int y, const float *const row[4], struct diag *diag);
enum status run_each_row(const struct run *run, run_row *give, void *context, struct diag *diag);

/* Will there be any? */
bool run_has_alpha(const struct run *run);

/* A part of the same, in pixels of the finished picture (NULL: all of it), without alpha and made
 * width × height. */
struct run_part {
    int left, top, width, height;
};
enum status run_preview(const struct run *run, struct image *out, const struct run_part *part,
                        int width, int height, struct diag *diag);

/* All of it, no side larger than so many pixels. */
enum status run_small(const struct run *run, struct image *out, int side, struct diag *diag);

/* ---- under way ---------------------------------------------------------------------------- */

/* What may change under way (see job_restart_key) is in force from the next iteration on, the rest
 * stays as it is: from there on the pictures are those of a run that was opened with the new job
 * and brought to this state. It is recorded as an edit; of job's own edits those of later
 * iterations are made in their turn. Only what a new style asks for is computed; a weight costs
 * nothing. On failure everything is as it was; with STATUS_OK *diag may say that there were too
 * many edits. */
enum status run_change(struct run *run, const struct job *job, struct diag *diag);

/* All that the pictures to come depend on besides the job and nn_plan_print: what a checkpoint
 * holds. */
struct run_state {
    int iteration;
    int at, stage_count;
    int retreats;
    int width, height; /* of the picture in progress */
    int threads;       /* that compute */
    int recompute;     /* the plan of the last stage, see objective.h */
    long t;            /* of the optimiser */
    uint64_t objective; /* tells what the optimiser's losses are of, see run_objective_key */
    size_t whole; /* what count may become as the run goes on */
    size_t count; /* of all three */
    size_t used;  /* of the optimiser's */
    const float *picture, *previous; /* [3][height*width] each; the last one known to be good */
    const float *optimizer;          /* [used] */
    float *values; /* [count]: the block that they lie in; NULL if they are lent */
};

/* May one more state be kept, and its picture, beside `kept` bytes that the run does not know of?
 * STATUS_RANGE if they do not fit beside all that the run will take. */
enum status run_memory_beside(const struct run *run, size_t kept, struct diag *diag);

/* run_state_clear it. */
enum status run_save(const struct run *run, struct run_state *out, struct diag *diag);

/* The same without a copy: what it points to is the run's, until that goes on. */
void run_lend(const struct run *run, struct run_state *out);

/* Is the last good picture another one than the picture? A run without place for it has none. */
bool run_state_has_previous(const struct run_state *state);

/* A block for the values, count of them, of a state that is about to be read from elsewhere. */
enum status run_state_allocate(struct run_state *state, struct diag *diag);
void run_state_clear(struct run_state *state);

/* Back to a state of a run with the same content, width and optimizer; state stays the caller's.
 * STATUS_INPUT if it cannot belong to this run. On failure everything is as it was. */
enum status run_restore(struct run *run, const struct run_state *state, struct diag *diag);

/* Back to a picture of this run, of which run_record said `record`. On failure everything is as it
 * was. */
enum status run_return(struct run *run, const struct job *record, const struct run_state *state,
                       struct diag *diag);

/* A run that was ended goes on from that state, which another process may have saved; job is what
 * run_record said. Opens it with as many threads and the recompute level of then, where they can
 * be had. */
enum status run_resume(struct run **out, const struct job *job, const struct run_state *state,
                       const atomic_int *stop, struct diag *diag);

/* Another run in place of this one, in that state or, if it is NULL, at its beginning. On failure
 * this one stays. */
enum status run_restart(struct run **run, const struct job *job, const struct run_state *state,
                        struct diag *diag);

/* ---- side by side ------------------------------------------------------------------------- */

/* run_open or run_resume beside other runs of this process, each on a thread of its own, which
 * share networks, Gram matrices and memory: STATUS_MEMORY if there is none before another has
 * ended. state: to go on from, or NULL. threads: that compute, where the job leaves that open. */
struct run_shared;
enum status run_open_shared(struct run **out, const struct job *job, const struct run_state *state,
                            struct run_shared *shared, int threads, const atomic_int *stop,
                            struct diag *diag);

/* Bytes that it would take on one thread, with all that makes it quick. */
enum status run_foresee(size_t *bytes, const struct job *job, struct run_shared *shared,
                        const atomic_int *stop, struct diag *diag);

/* ---- output ------------------------------------------------------------------------------- */

/* Would run_write work? See image_check_output; and path must not be a picture that the job paints
 * from, for FILE_OVERWRITE is meant for results. */
enum status run_check_output(const struct job *job, const char *path, enum file_overwrite mode,
                             struct diag *diag);

/* A picture to be written: one that is there, or, if image is NULL, the run's as it is, row by row.
 */
struct run_result {
    const struct image *image;
    const struct run *run;
};

/* With its job inside a PNG. */
enum status run_write(const struct run_result *result, const struct job *job, const char *path,
                      enum file_overwrite mode, struct diag *diag);

/* The same for a picture that was worked for, which is not given up: if path does not take it, the
 * next free name beside it (out-2.png), or its name in the working directory, in
 * $XDG_STATE_HOME/strata (~/.local/state/strata), in $TMPDIR or /tmp. out gets JOB_PATH bytes:
 * where the picture is, or "" if nowhere; the status and *diag are then run_write's. Else the
 * status is STATUS_OK, and *diag (not NULL) says why and where if that is not at path, else "". */
enum status run_write_somewhere(const struct run_result *result, const struct job *job,
                                const char *path, enum file_overwrite mode, char *out,
                                struct diag *diag);

/* ------------------------------------------------------------------------------------------- */

/* The most memory that the process will have resident, as foretold. */
size_t run_memory(const struct run *run);

/* What people should know before it starts, one line; lent. */
const char *run_summary(const struct run *run);

#endif
