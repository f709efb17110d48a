/*
 * run_job.h: a job's settings as the engine's parameters. Arithmetic only but for run_open_nn.
 */
#ifndef STRATA_RUN_JOB_H
#define STRATA_RUN_JOB_H

#include <stdint.h>

#include "engine/job/job.h"
#include "engine/nn/nn.h"
#include "engine/style/objective.h"
#include "engine/style/optimizer.h"
#include "engine/style/precondition.h"

struct objective_weights run_weights(const struct job *job);
enum nn_pooling run_pooling(const struct job *job);

/* metric: of the picture that is optimised, or NULL; lent. n: its values. */
struct optimizer_settings run_optimizer(const struct job *job, size_t n,
                                        struct precondition *metric);

/* How much is kept beside the picture in progress, from the most to the least: L-BFGS's pairs as
 * the job has them, 6, 3; or neither gradient nor the last good picture, and Adam's two means as
 * 16-bit floats, whatever the job asks for. */
enum run_store { RUN_STORE_ALL, RUN_STORE_6, RUN_STORE_3, RUN_STORE_IN_PLACE, RUN_STORES };
void run_store_settings(struct optimizer_settings *settings, enum run_store store);

/* How many floats a state of a picture of n values holds: it, previous, the optimiser's. */
size_t run_work_floats(const struct job *job, size_t n, enum run_store store);

/* Tells jobs apart whose losses differ where they may change under way: FNV-1a. */
uint64_t run_objective_key(const struct job *job);

/* The nn that the job asks for, by itself, for `bench`; nn_close it. precision auto is fp32 with
 * direct convolutions and under the schedule that is to be exactly the original's. */
enum status run_open_nn(struct nn **out, const struct job *job, struct diag *diag);

#endif
