/*
 * bench.h: times one iteration of the objective and the primitives it is made of, on a drawn
 * picture. Speed is measured here and nowhere else; knows nothing of how figures are shown.
 */
#ifndef STRATA_BENCH_H
#define STRATA_BENCH_H

#include <stdbool.h>

#include "engine/job/job.h"
#include "engine/net/network.h"

struct bench_layer {
    const char *name;           /* "conv1_1", or "gram1_1" for the Gram products; static */
    char forward[64], backward[64]; /* oneDNN's names of what ran; "" if nothing did */
    bool bf16; /* else float32 */
    double forward_seconds, backward_seconds;
};

struct bench {
    double seconds_per_iteration; /* median; Adam's step and total variation included */
    double conv_seconds;          /* sum of the convolutions on their own, both ways */
    double gram_seconds;          /* the Gram products, both ways */
    struct bench_layer layers[LAYER_COUNT + STYLE_LAYER_COUNT];
    int layer_count;
    char plan[64];    /* "bfloat16", "float32, 24 of 26 convolutions by Winograd" */
    long peak_rss_mb; /* of the process after its first iteration */
    long predicted_mb; /* the same, told before the memory was asked for */
    int threads;
    const char *onednn_version, *cpu_isa; /* static */
};

/* Called after each round, while nothing of strata runs: for others to take their turn. */
typedef enum status bench_pause(void *context, const struct network *network, struct diag *diag);

/* With the job's network, threads, convolution, precision and memory; all five channels, and
 * relu4_2 as content. iterations: how many rounds of an iteration, the primitives and the pause,
 * which may be NULL; at least 1. */
enum status bench_measure(struct bench *out, const struct job *job, int width, int height,
                          int iterations, bench_pause *pause, void *context, struct diag *diag);

/* Of n ≥ 1 times, which are sorted. */
double bench_median(double *times, int n);

/* "2.6.3"; static. */
const char *bench_onednn(void);

#endif
