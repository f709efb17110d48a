/*
 * weights.h: a weights file in the safetensors format: open, check, find a tensor by name.
 * Nothing in the file is believed before it is checked against the file's size. Knows no network
 * shape and no oneDNN.
 */
#ifndef STRATA_WEIGHTS_H
#define STRATA_WEIGHTS_H

#include <stdbool.h>
#include <stddef.h>

#include "diag.h"

#define WEIGHTS_MAX_RANK 8

struct weights; /* read-only once open; may be used from any thread */

struct weights_tensor {
    const char *name; /* lent, as long as the weights are open */
    int rank;
    size_t shape[WEIGHTS_MAX_RANK];
    size_t n; /* product of shape */
};

/* Maps the file at path (STATUS_INPUT: missing, truncated, header too big, overlapping or
 * out-of-range tensors, unknown dtype, no JSON). Meant to be closed soon: while it is open nobody
 * may cut the file short. */
enum status weights_open(struct weights **out, const char *path, struct diag *diag);

/* The same for size bytes in memory, which must stay; name is what sentences call it. */
enum status weights_open_memory(struct weights **out, const void *data, size_t size,
                                const char *name, struct diag *diag);

/* Unmaps and frees, sets *weights to NULL; NULL inside is fine. */
void weights_close(struct weights **weights);

/* How sentences call it: the path. Lent. */
const char *weights_name(const struct weights *weights);

bool weights_has(const struct weights *weights, const char *name);

/* Finds a tensor by name; STATUS_INPUT "X has no tensor conv5_1.weight ..." when there is none. */
enum status weights_find(const struct weights *weights, const char *name,
                         struct weights_tensor *out, struct diag *diag);

/* Converts the named tensor (F32, F16 or BF16) to floats at out, as many as weights_find says; a
 * value that is not finite is STATUS_INPUT and names the tensor. */
enum status weights_load(const struct weights *weights, const char *name, float *out,
                         struct diag *diag);

/* The metadata value of that key, lent, or NULL. */
const char *weights_meta(const struct weights *weights, const char *key);

#endif
