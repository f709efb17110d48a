/*
 * pickle.h: reads the pickles that torch.save makes of a state dict, as data. A pickle is a
 * program for Python's unpickler; this is a machine of our own that knows the few operations such
 * a dict needs, makes nothing but values, and refuses everything else. Nothing is ever executed.
 * Knows PyTorch's names for tensors and storages, not where their bytes lie.
 */
#ifndef STRATA_PICKLE_H
#define STRATA_PICKLE_H

#include <stddef.h>
#include <stdint.h>

#include "engine/base/diag.h"
#include "engine/net/weights.h"

enum pickle_kind {
    PICKLE_NONE,
    PICKLE_BOOL,
    PICKLE_INTEGER,
    PICKLE_REAL,
    PICKLE_TEXT,
    PICKLE_LIST, /* or tuple */
    PICKLE_DICT,
    PICKLE_GLOBAL,
    PICKLE_STORAGE,
    PICKLE_TENSOR,
    PICKLE_MARK
};

struct pickle_value {
    enum pickle_kind kind;
    union {
        int64_t integer; /* BOOL, INTEGER; GLOBAL: which */
        double real;
        struct { /* lent from the pickle's bytes, no zero behind it */
            const char *bytes;
            size_t length;
        } text;
        struct { /* DICT: key, value, key, value */
            struct pickle_value **items;
            size_t count, capacity;
        } list;
        struct {
            const struct pickle_value *key; /* TEXT */
            enum weights_dtype dtype;
            uint64_t n; /* values */
        } storage;
        struct {
            const struct pickle_value *storage;
            uint64_t offset; /* values */
            int rank;
            uint64_t shape[WEIGHTS_MAX_RANK], stride[WEIGHTS_MAX_RANK];
        } tensor;
    } as;
};

struct pickle;

/* Runs the pickle that bytes begin with; they must stay. name is what sentences call the file.
 * STATUS_INPUT: it ends too early, is malformed, too large, or wants something that a state dict
 * does not need, which is named. */
enum status pickle_open(struct pickle **out, const unsigned char *bytes, size_t size,
                        const char *name, struct diag *diag);
void pickle_close(struct pickle **pickle);

/* What it leaves behind; lent. A list or dict may contain itself. */
const struct pickle_value *pickle_root(const struct pickle *pickle);

/* Every storage that it named, in a LIST, or NULL; lent. */
const struct pickle_value *pickle_storages(const struct pickle *pickle);

/* How many bytes it had: another one may follow. */
size_t pickle_length(const struct pickle *pickle);

#endif
