/*
 * hash.h: FNV-1a, 64 bits (Fowler, Noll, Vo; draft-eastlake-fnv): tells values apart. Not for
 * values that somebody may have chosen to collide.
 */
#ifndef STRATA_HASH_H
#define STRATA_HASH_H

#include <stddef.h>
#include <stdint.h>

#define HASH_START UINT64_C(0xcbf29ce484222325)

/* Continues key, HASH_START at first, with size bytes. */
uint64_t hash_add(uint64_t key, const void *bytes, size_t size);

#endif
