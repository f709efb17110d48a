/*
 * variations.h: other values of one thing in a job, each with a small picture of what it would
 * paint. Plain data.
 */
#ifndef STRATA_VARIATIONS_H
#define STRATA_VARIATIONS_H

#include "engine/job/job.h"
#include "engine/worker/sketches.h"

enum { VARIATIONS = SKETCHES_WANTED };

struct variations {
    struct job base;  /* of which they are variations */
    int layer;        /* whose weight, crop or state it is; -1: it is a setting of the job */
    char name[64];    /* "weight", "tv_weight": as model_set takes it */
    char value[VARIATIONS][96];
    int count, at;    /* the cursor */
    int present;      /* the value that the job has */
    unsigned serial;  /* another one for other variations */
    struct sketch sketch[VARIATIONS]; /* lent by the desk */
};

#endif
