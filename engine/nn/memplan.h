/*
 * memplan.h: offsets of buffers within one block of memory. Buffers that are never needed at the
 * same time may overlap. Arithmetic only; does not know what the buffers are for.
 */
#ifndef STRATA_MEMPLAN_H
#define STRATA_MEMPLAN_H

#include <stddef.h>

struct memplan_item {
    size_t size;     /* bytes; 0: nothing */
    int first, last; /* the steps during which it is needed, both included */
    size_t offset;   /* set by memplan_pack, a multiple of MEM_ALIGNMENT */
};

/* Sets the offsets; returns the size of the block, SIZE_MAX if it overflows. Greedy by size: the
 * largest buffer first, each at the lowest offset that is free during all its steps. */
size_t memplan_pack(struct memplan_item *items, int count);

#endif
