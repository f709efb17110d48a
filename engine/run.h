/*
 * run.h: one run of a job, single-threaded: open, step, look, close. Owns the picture in progress
 * and the plan of sizes; knows nothing of threads or of who is watching. Same thread rule as nn.h.
 */
#ifndef STRATA_RUN_H
#define STRATA_RUN_H

#include "image.h"
#include "job.h"
#include "losses.h"

struct run;

/* Reads every picture and the network, refuses what cannot work, computes the style targets. job is
 * copied. Nothing is written. */
enum status run_open(struct run **out, const struct job *job, struct diag *diag);
void run_close(struct run **run);

/* Iterations done so far, and the whole run's. */
int run_iteration(const struct run *run);
int run_iterations(const struct run *run);

/* How many iterations of the present size would take as long as what is left of the run. */
double run_remaining(const struct run *run);

/* One iteration: the losses of the picture as it was before go to *losses. Allocates nothing but at
 * a change of size. STATUS_DIVERGED leaves the last picture whose losses were finite. */
enum status run_step(struct run *run, struct losses *losses, struct diag *diag);

/* The losses of the picture as it is, no step; gradient, unless NULL, gets d total / d pixel,
 * [3][height*width] at run_width × run_height. */
enum status run_measure(struct run *run, struct losses *losses, float *gradient,
                        struct diag *diag);

/* The size of the finished picture. */
int run_width(const struct run *run);
int run_height(const struct run *run);

/* The picture as it is, at the finished size, as it would be saved: clamped, with the content's
 * colours if they are to be kept, and its alpha. image_clear it. */
enum status run_picture(const struct run *run, struct image *out, struct diag *diag);

/* What people should know before it starts, one line; lent. */
const char *run_summary(const struct run *run);

#endif
