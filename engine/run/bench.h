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
    long peak_rss_mb; /* of the process after its first iteration */
    long predicted_mb; /* the same, told before the memory was asked for */
    int threads;
    const char *onednn_version, *cpu_isa; /* static */
};

/* With the job's network, threads, convolution, precision and memory; all five channels, and
 * relu4_2 as content. iterations: how many, alternating with the primitives; at least 1. */
enum status bench_measure(struct bench *out, const struct job *job, int width, int height,
                          int iterations, struct diag *diag);

/* What this processor offers to a run of the default settings. */
struct bench_machine {
    int threads;
    const char *onednn_version, *cpu_isa; /* static */
};
enum status bench_machine(struct bench_machine *out, struct diag *diag);

#endif
