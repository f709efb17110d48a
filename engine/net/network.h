/*
 * network.h: a VGG-19-shaped chain of 3×3 convolutions as data: kernels, biases, mean.
 * Gives every source (built in, random, safetensors file) one form: kernels for RGB input in
 * 0–255 minus mean. Knows nothing of running it.
 */
#ifndef STRATA_NETWORK_H
#define STRATA_NETWORK_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/base/diag.h"
#include "engine/net/layer.h"

struct network_conv {
    int in, out;         /* channels */
    const float *kernel; /* [out][in][3][3] */
    const float *bias;   /* [out] */
};

/* Read-only once open; any thread. */
struct network {
    char *name;      /* as asked for */
    char *source;    /* where it comes from and its licence, for people; may hold anything */
    bool random;     /* random weights: fine for timing, poor for painting */
    bool off_size;   /* imported although its losses are far off VGG-19's, see magnitudes.h */
    int layer_count; /* LAYER_RELU5_1 + 1 or, with conv5_2, LAYER_COUNT */
    float mean[3];   /* R, G, B, 0–255, subtracted from the picture */
    struct network_conv conv[LAYER_COUNT];
    float *block; /* all kernels and biases */
};

/* A name, unlike a path, has no dot and no slash in it; such are strata16 and what was fetched. */
bool network_is_name(const char *text);

/* Where what was fetched or imported under that name lies, whether it is there or not:
 * $XDG_DATA_HOME/strata/NAME.safetensors, below ~/.local/share without that variable. */
enum status network_path(char *out, size_t size, const char *name, struct diag *diag);

struct weights;

/* The weights behind a name or a path; not random:…, which has none. For weights_close. */
enum status network_weights(struct weights **out, const char *name, struct diag *diag);

/* name: strata16 (built in); random:vgg19, or random:N (N, 2N, 4N, 8N, 8N channels, N from 4 to 64;
 * random:16 is strata16's width), both with conv5_2 and He-normal kernels of a fixed seed; one that
 * was fetched, see network_path; or the path of a safetensors file: tensors conv1_1.weight
 * [O,I,3,3], conv1_1.bias [O] … at least to conv5_1; metadata strata.order rgb|bgr, strata.mean (0
 * to 255) and strata.scale (1e-6 to 1e6), three numbers each, with commas, in that order; scale
 * multiplies what is left after the mean. A tensor that is missing, misshapen or not finite is
 * named (STATUS_INPUT). */
enum status network_open(struct network **out, const char *name, struct diag *diag);

/* Would network_open find such a network there, with the tensors that it needs? Reads no more than
 * the file's header: values that are not finite are found by network_open. */
enum status network_check(const char *name, struct diag *diag);

/* A network from a file that is open, or in memory; name is the network's. */
enum status network_read(struct network **out, const char *name, const struct weights *weights,
                         struct diag *diag);

void network_close(struct network **network);

#endif
