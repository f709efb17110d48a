/*
 * random.h: random numbers that are the same on every machine: xoshiro256** (Blackman, Vigna 2018)
 * seeded by splitmix64.
 */
#ifndef STRATA_RANDOM_H
#define STRATA_RANDOM_H

#include <stdint.h>

struct random {
    uint64_t s[4];
};

void random_seed(struct random *random, uint64_t seed);
uint64_t random_u64(struct random *random);

/* Uniform in [0, 1), 53 bits. */
double random_uniform(struct random *random);

/* Mean 0, standard deviation 1: Marsaglia's polar method; the second number of a pair is dropped,
 * so that one number depends on nothing but the state. */
double random_normal(struct random *random);

#endif
