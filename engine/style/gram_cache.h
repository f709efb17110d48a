/*
 * gram_cache.h: the Gram matrices of style pictures, kept for the other runs of a process that want
 * the same ones: whoever needs one first computes it, the others wait for it. Knows neither
 * pictures nor networks; a key tells them apart. Any thread.
 */
#ifndef STRATA_GRAM_CACHE_H
#define STRATA_GRAM_CACHE_H

#include <stddef.h>
#include <stdint.h>

#include "engine/net/layer.h"

struct gram_cache;
struct gram_entry;

struct gram_cache *gram_cache_open(void);
void gram_cache_close(struct gram_cache **cache);

/* What is there under a key, for the calling thread alone until it gives it back: copies go to
 * those of gram, [n[l]] numbers each, for which wanted has a bit and that are NULL; mem_free. */
struct gram_entry *gram_cache_take(struct gram_cache *cache, uint64_t key,
                                   float *gram[STYLE_LAYER_COUNT],
                                   const size_t n[STYLE_LAYER_COUNT], unsigned wanted);

/* The same back, with what was computed meanwhile. Where there is no memory for a copy, none is
 * kept. */
void gram_cache_give(struct gram_cache *cache, struct gram_entry *entry,
                     float *const gram[STYLE_LAYER_COUNT], const size_t n[STYLE_LAYER_COUNT]);

#endif
