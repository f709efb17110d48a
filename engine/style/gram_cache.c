/* gram_cache.c: see gram_cache.h. Few entries, of which the one that nobody asked for longest makes
 * room: a sweep over many crops would fill the memory otherwise. */
#include "engine/style/gram_cache.h"

#include <pthread.h>
#include <stdbool.h>
#include <string.h>

#include "engine/base/mem.h"

enum { ENTRIES = 64 };

struct gram_entry {
    uint64_t key;
    bool used, taken;
    long asked; /* when, by the cache's count */
    float *gram[STYLE_LAYER_COUNT];
};

struct gram_cache {
    pthread_mutex_t lock; /* of all that follows, but what a taken entry holds */
    pthread_cond_t given;
    long clock;
    struct gram_entry entry[ENTRIES];
};

struct gram_cache *gram_cache_open(void)
{
    struct gram_cache *cache = mem_new(sizeof *cache);
    pthread_mutex_init(&cache->lock, NULL);
    pthread_cond_init(&cache->given, NULL);
    return cache;
}

static void clear(struct gram_entry *entry)
{
    for (int l = 0; l < STYLE_LAYER_COUNT; l++)
        mem_free(entry->gram[l]);
    memset(entry, 0, sizeof *entry);
}

void gram_cache_close(struct gram_cache **cache)
{
    if (!*cache)
        return;
    for (int i = 0; i < ENTRIES; i++)
        clear(&(*cache)->entry[i]);
    pthread_cond_destroy(&(*cache)->given);
    pthread_mutex_destroy(&(*cache)->lock);
    mem_free(*cache);
    *cache = NULL;
}

/* The entry of that key; else the place for a new one, NULL if all are taken. */
static struct gram_entry *find(struct gram_cache *cache, uint64_t key)
{
    struct gram_entry *oldest = NULL;
    for (int i = 0; i < ENTRIES; i++) {
        struct gram_entry *entry = &cache->entry[i];
        if (entry->used && entry->key == key)
            return entry;
        if (!entry->taken && (!oldest || entry->asked < oldest->asked))
            oldest = entry;
    }
    if (oldest)
        clear(oldest);
    return oldest;
}

static float *copy(const float *gram, size_t n)
{
    float *out = NULL;
    if (gram && mem_big(&out, mem_times(n, sizeof *out), "a Gram matrix", NULL) == STATUS_OK)
        memcpy(out, gram, n * sizeof *out);
    return out;
}

struct gram_entry *gram_cache_take(struct gram_cache *cache, uint64_t key,
                                   float *gram[STYLE_LAYER_COUNT],
                                   const size_t n[STYLE_LAYER_COUNT], unsigned wanted)
{
    struct gram_entry *entry;
    pthread_mutex_lock(&cache->lock);
    while (!(entry = find(cache, key)) || entry->taken)
        pthread_cond_wait(&cache->given, &cache->lock);
    entry->key = key;
    entry->used = entry->taken = true;
    entry->asked = ++cache->clock;
    pthread_mutex_unlock(&cache->lock);
    for (int l = 0; l < STYLE_LAYER_COUNT; l++)
        if (wanted & 1u << l && !gram[l])
            gram[l] = copy(entry->gram[l], n[l]);
    return entry;
}

void gram_cache_give(struct gram_cache *cache, struct gram_entry *entry,
                     float *const gram[STYLE_LAYER_COUNT], const size_t n[STYLE_LAYER_COUNT])
{
    for (int l = 0; l < STYLE_LAYER_COUNT; l++)
        if (!entry->gram[l])
            entry->gram[l] = copy(gram[l], n[l]);
    pthread_mutex_lock(&cache->lock);
    entry->taken = false;
    pthread_cond_broadcast(&cache->given);
    pthread_mutex_unlock(&cache->lock);
}
