/*
 * weights.h: a weights file in the safetensors format: open, check, find a tensor by name.
 * Nothing in the file is believed before it is checked against the file's size. Knows no network
 * shape and no oneDNN.
 */
#ifndef STRATA_WEIGHTS_H
#define STRATA_WEIGHTS_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/base/diag.h"

#define WEIGHTS_MAX_RANK 8

/* X(name in the file, bytes of a value, does weights_load take it?) */
#define WEIGHTS_DTYPE_LIST(X)                                                                    \
    X(F32, 4, 1) X(F16, 2, 1) X(BF16, 2, 1) X(F64, 8, 0) X(I64, 8, 0) X(U64, 8, 0) X(I32, 4, 0) \
    X(U32, 4, 0) X(I16, 2, 0) X(U16, 2, 0) X(I8, 1, 0) X(U8, 1, 0) X(BOOL, 1, 0)               \
    X(F8_E5M2, 1, 0) X(F8_E4M3, 1, 0)

enum weights_dtype {
#define X(name, size, load) WEIGHTS_##name,
    WEIGHTS_DTYPE_LIST(X)
#undef X
    WEIGHTS_DTYPE_COUNT
};

/* Bytes of a value. */
size_t weights_dtype_size(enum weights_dtype dtype);

/* out[n] from n values of that type, F32, F16, BF16 or F64, little endian at any address. */
void weights_convert(float *out, const unsigned char *in, size_t n, enum weights_dtype dtype);

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

/* Bytes of the whole file. */
size_t weights_size(const struct weights *weights);

/* The tensors of the file, in the order of its header; lent. */
size_t weights_count(const struct weights *weights);
const struct weights_tensor *weights_at(const struct weights *weights, size_t i);

bool weights_has(const struct weights *weights, const char *name);

/* Finds a tensor by name; STATUS_INPUT "X has no tensor conv5_1.weight ..." when there is none. */
enum status weights_find(const struct weights *weights, const char *name,
                         struct weights_tensor *out, struct diag *diag);

/* Converts the named tensor (F32, F16 or BF16) to floats at out, as many as weights_find says; a
 * value that is not finite is STATUS_INPUT and names the tensor. */
enum status weights_load(const struct weights *weights, const char *name, float *out,
                         struct diag *diag);

/* The named tensor's bytes as they lie in the file, *size of them, lent; NULL if there is none. */
const void *weights_data(const struct weights *weights, const char *name, size_t *size);

/* The metadata value of that key, lent, or NULL. */
const char *weights_meta(const struct weights *weights, const char *key);

#endif
