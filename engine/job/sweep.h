/*
 * sweep.h: many variations of one job from one file. A sweep file is a job file with one section
 * more, which names another job to begin with, or adds to what [job] and [channel …] beside it say:
 *
 *     [sweep]
 *     job = exp2.ini               ; what is not varied, besides what stands in this file
 *     mode = grid                  ; or zip: first with first; or random, with count, random_seed
 *     output = exp3                ; a folder, or a pattern: exp3/night-{}.png
 *     content = a.jpg "b c.jpg"    ; any key of [job], values parted by blanks
 *     relu3_1.weight = 0.5..8*2 20 ; a channel's key
 *     blanks = 0..4                ; so many layers, from relu1_1 on, are blank
 *
 * Ranges of numbers: 1..4 goes by ones, 0..1+0.25 by a step, 0.5..8*2 by a factor, and ends at or
 * before its end; in random mode 0..1 is any number between, 0.5..8* any, evenly by factors.
 * In a grid the last line varies fastest. Opens no picture. Any thread, once read.
 */
#ifndef STRATA_SWEEP_H
#define STRATA_SWEEP_H

#include "engine/job/job.h"

enum { SWEEP_MOST = 10000, SWEEP_SETTINGS = 32, SWEEP_NAME = 128 };

enum sweep_mode { SWEEP_GRID, SWEEP_ZIP, SWEEP_RANDOM };

struct sweep;

/* Sentences name file and line. Every run's job has passed job_validate, no two are the same. */
enum status sweep_read(struct sweep **out, const char *path, struct diag *diag);
void sweep_close(struct sweep **sweep);

enum sweep_mode sweep_mode(const struct sweep *sweep);

/* How many runs there are, from 0 on; and how many settings vary, in the order of the file. */
int sweep_count(const struct sweep *sweep);
int sweep_settings(const struct sweep *sweep);

/* "relu3_1.weight"; the values that it has in a grid; that of a run, as written; lent. */
const char *sweep_setting(const struct sweep *sweep, int setting);
int sweep_values(const struct sweep *sweep, int setting);
const char *sweep_value(const struct sweep *sweep, int run, int setting);

/* The same for people: pictures by their names alone. */
void sweep_print_value(char out[SWEEP_NAME], const struct sweep *sweep, int run, int setting);

/* The job of a run, with its output. */
void sweep_job(struct job *out, const struct sweep *sweep, int run);

/* A run's name, "relu3_1.weight=0.5", the same whenever its settings are, and what its output is
 * called; lent. */
const char *sweep_name(const struct sweep *sweep, int run);

/* The folder of the outputs, usable from the working directory; lent. */
const char *sweep_folder(const struct sweep *sweep);

#endif
