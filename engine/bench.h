/*
 * bench.h: times one iteration of the objective and the primitives it is made of, on a drawn
 * picture. Speed is measured here and nowhere else; knows nothing of how figures are shown.
 */
#ifndef STRATA_BENCH_H
#define STRATA_BENCH_H

#include "job.h"
#include "network.h"

struct bench_layer {
    const char *name;           /* "conv1_1", or "gram1_1" for the Gram products; static */
    char forward[64], backward[64]; /* oneDNN's names of what ran; "" if nothing did */
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

struct bench_settings {
    const char *network;
    int width, height;
    int iterations; /* how many of them, alternating with the primitives; at least 1 */
    int threads;
    enum job_convolution convolution;
    uint64_t memory; /* as in struct job */
};

/* All five channels and relu4_2 as content. */
enum status bench_measure(struct bench *out, const struct bench_settings *settings,
                          struct diag *diag);

/* What this processor offers to a run of the default settings. */
struct bench_machine {
    int threads;
    const char *onednn_version, *cpu_isa; /* static */
};
enum status bench_machine(struct bench_machine *out, struct diag *diag);

#endif
