/*
 * pickle_private.h: the machine of pickle.h, for pickle_machine.c (the stack, making values),
 * pickle_torch.c (what PyTorch names and calls) and pickle.c (reading operations, the memo), each
 * using those before it.
 */
#ifndef STRATA_PICKLE_PRIVATE_H
#define STRATA_PICKLE_PRIVATE_H

#include "weights/formats/pickle.h"

/* A state dict of VGG-19 makes some hundred values; optimisers' states some thousand. */
enum { PICKLE_MAX_VALUES = 1 << 18, PICKLE_CHUNK = 1024 };

/* Values come from chunks, which never move. */
struct pickle_chunk {
    struct pickle_chunk *next;
    struct pickle_value values[PICKLE_CHUNK];
};

struct pickle {
    char *name;
    const unsigned char *bytes;
    size_t size, at;
    struct pickle_chunk *chunks;
    size_t made, appended;         /* values; places in lists and dicts */
    struct pickle_value *storages; /* LIST */
    struct pickle_value **stack, **memo;
    size_t depth, stack_capacity, memo_capacity, memoized;
    struct diag *diag;
};

/* "… is no state dict that strata can read: WHAT" */
enum status pickle_broken(struct pickle *p, const char *what);
enum status pickle_too_short(struct pickle *p);

struct pickle_value *pickle_make(struct pickle *p, enum pickle_kind kind);
enum status pickle_push(struct pickle *p, struct pickle_value *value);
enum status pickle_push_integer(struct pickle *p, enum pickle_kind kind, int64_t integer);
enum status pickle_pop(struct pickle *p, struct pickle_value **out);
/* Makes place for one more of count items in an array of that capacity. */
void pickle_grow(struct pickle_value ***items, size_t *capacity, size_t count);
enum status pickle_append(struct pickle *p, struct pickle_value *list, struct pickle_value *item);

/* The operations GLOBAL, STACK_GLOBAL, BINPERSID and REDUCE. */
enum status pickle_global(struct pickle *p);
enum status pickle_stack_global(struct pickle *p);
enum status pickle_persistent(struct pickle *p);
enum status pickle_reduce(struct pickle *p);

#endif
