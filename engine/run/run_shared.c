/* run_shared.c: see run_shared.h. */
#include "engine/run/run_shared.h"

#include <pthread.h>
#include <string.h>

#include "engine/base/mem.h"

struct shared_network {
    struct network *network;
    struct shared_network *next;
};

struct run_shared {
    pthread_mutex_t lock; /* of all that follows but the cache, which has its own */
    struct shared_network *networks;
    size_t resident, reserved; /* bytes: before the runs that are there; that these will take */
    size_t beside;             /* and that are there or come without them */
    struct gram_cache *grams;
};

struct run_shared *run_shared_open(void)
{
    struct run_shared *shared = mem_new(sizeof *shared);
    pthread_mutex_init(&shared->lock, NULL);
    shared->grams = gram_cache_open();
    return shared;
}

void run_shared_close(struct run_shared **shared)
{
    struct run_shared *s = *shared;
    if (!s)
        return;
    while (s->networks) {
        struct shared_network *first = s->networks;
        s->networks = first->next;
        network_close(&first->network);
        mem_free(first);
    }
    gram_cache_close(&s->grams);
    pthread_mutex_destroy(&s->lock);
    mem_free(s);
    *shared = NULL;
}

static enum status find_network(struct network **out, struct run_shared *s, const char *name,
                                struct diag *diag)
{
    for (struct shared_network *n = s->networks; n; n = n->next)
        if (strcmp(n->network->name, name) == 0) {
            *out = n->network;
            return STATUS_OK;
        }
    TRY(network_open(out, name, diag));
    struct shared_network *first = mem_new(sizeof *first);
    *first = (struct shared_network){*out, s->networks};
    s->networks = first;
    return STATUS_OK;
}

enum status run_shared_network(struct network **out, struct run_shared *s, const char *name,
                               struct diag *diag)
{
    pthread_mutex_lock(&s->lock); /* also while it is read: the others want it as well */
    enum status status = find_network(out, s, name, diag);
    pthread_mutex_unlock(&s->lock);
    return status;
}

struct gram_cache *run_shared_grams(struct run_shared *s)
{
    return s->grams;
}

size_t run_shared_resident(struct run_shared *s)
{
    pthread_mutex_lock(&s->lock);
    if (s->reserved == 0)
        s->resident = mem_resident();
    size_t resident = s->resident > s->beside ? s->resident : s->beside;
    pthread_mutex_unlock(&s->lock);
    return resident;
}

void run_shared_beside(struct run_shared *s, size_t bytes)
{
    pthread_mutex_lock(&s->lock);
    s->beside = bytes;
    pthread_mutex_unlock(&s->lock);
}

enum status run_shared_reserve(struct run_shared *s, size_t *held, size_t bytes, size_t allowed,
                               struct diag *diag)
{
    enum status status = STATUS_OK;
    pthread_mutex_lock(&s->lock);
    size_t others = s->reserved - *held;
    if (others > 0 && (bytes > allowed || others > allowed - bytes)) {
        status = diag_set(diag, STATUS_MEMORY, "there is not enough memory beside other runs");
    } else {
        s->reserved = others + bytes;
        *held = bytes;
    }
    pthread_mutex_unlock(&s->lock);
    return status;
}

void run_shared_release(struct run_shared *s, size_t *held)
{
    pthread_mutex_lock(&s->lock);
    s->reserved -= *held;
    *held = 0;
    pthread_mutex_unlock(&s->lock);
}
