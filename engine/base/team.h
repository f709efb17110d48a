/*
 * team.h: several processes that work on one picture, each on a part of its rows: what they need of
 * each other. Knows nothing of how they talk.
 */
#ifndef STRATA_TEAM_H
#define STRATA_TEAM_H

#include <stddef.h>

struct team {
    /* Replaces each of n values by its sum over all processes, the same in all of them. */
    void (*sum)(void *context, double *values, size_t n);
    void *context;
    int rank, count; /* which of how many this one is, from 0 on */
};

/* The same; nothing to be done for a process that works alone (team is NULL). */
static inline void team_sum(const struct team *team, double *values, size_t n)
{
    if (team)
        team->sum(team->context, values, n);
}

#endif
