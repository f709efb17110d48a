/*
 * run_shared.h: what runs on several threads of one process have in common: networks, Gram matrices
 * of style pictures, and the memory that each is going to take. Any thread.
 */
#ifndef STRATA_RUN_SHARED_H
#define STRATA_RUN_SHARED_H

#include "engine/net/network.h"
#include "engine/style/gram_cache.h"

struct run_shared;

struct run_shared *run_shared_open(void);

/* After all runs that were opened with it. NULL inside is fine. */
void run_shared_close(struct run_shared **shared);

/* Lent until run_shared_close. Opened by whoever asks first. */
enum status run_shared_network(struct network **out, struct run_shared *shared, const char *name,
                               struct diag *diag);
struct gram_cache *run_shared_grams(struct run_shared *shared);

/* Bytes that the process had without any of the runs. */
size_t run_shared_resident(struct run_shared *shared);

/* At least so many are taken to be there: another run of this process will take them. */
void run_shared_beside(struct run_shared *shared, size_t bytes);

/* *held, which the caller had reserved before (0: nothing), becomes bytes, of `allowed` for all.
 * STATUS_MEMORY, and *held stays: another run has to end first. */
enum status run_shared_reserve(struct run_shared *shared, size_t *held, size_t bytes,
                               size_t allowed, struct diag *diag);
void run_shared_release(struct run_shared *shared, size_t *held);

#endif
