/*
 * memplan.h: where in one block of memory things lie that are not all needed at once: two whose
 * times do not meet may have the same place. Plain arithmetic; knows nothing of what they are.
 */
#ifndef STRATA_MEMPLAN_H
#define STRATA_MEMPLAN_H

#include <stddef.h>

enum { MEMPLAN_ALIGNMENT = 64 };

struct memplan_item {
    size_t size;     /* bytes; 0: nothing */
    int first, last; /* the steps during which it is needed, both included */
    size_t offset;   /* set by memplan_pack, a multiple of MEMPLAN_ALIGNMENT */
};

/* Gives each item its place; returns the size of the block. The largest go first, each to the
 * lowest place that is free all through its time. SIZE_MAX: more than can be counted. */
size_t memplan_pack(struct memplan_item *items, int count);

#endif
