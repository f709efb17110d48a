/*
 * tensors.h: what a reader found in a file: tensors by the names they have there, those that a
 * VGG-19's convolutions need with their values. Knows no file format.
 */
#ifndef STRATA_TENSORS_H
#define STRATA_TENSORS_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/base/diag.h"
#include "engine/net/weights.h"
#include "weights/formats/names.h"

/* The order of a convolution kernel's dimensions, outermost first: out, in, height, width. */
enum tensors_layout { TENSORS_OIHW, TENSORS_HWIO, TENSORS_UNKNOWN };

struct tensor {
    char *name;
    int rank;
    size_t shape[WEIGHTS_MAX_RANK];
    size_t n;      /* product of shape */
    float *values; /* [n], the last dimension fastest; NULL: nothing that is needed */
};

struct tensors {
    const char *path; /* how sentences call the file; lent */
    enum tensors_layout layout;
    struct tensor *list; /* [count] */
    size_t count;
    bool has_mean;
    double mean[3];          /* R, G, B, 0–255, if the file tells */
    struct weights *weights; /* a safetensors file, only for its metadata; owned */
    struct tensor *place[NAMES_BLOCKS + 1][NAMES_DEPTH + 1][NAMES_PARTS]; /* by names_place */
    enum names_style style;                                               /* of the last in place */
};

/* Notes a tensor; *values is where its values belong, or NULL if they are not needed. To be called
 * only once the file is known to be large enough for them. STATUS_INPUT: it has a name like a
 * convolution's and is larger than any, or another has its place. */
enum status tensors_add(struct tensors *tensors, float **values, const char *name, int rank,
                        const size_t *shape, struct diag *diag);

/* Puts n values in column-major order (Fortran, MATLAB) into row-major order; out is not in. */
void tensors_from_columns(float *out, const float *in, int rank, const size_t *shape);

void tensors_clear(struct tensors *tensors);

#endif
