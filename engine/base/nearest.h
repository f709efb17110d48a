/*
 * nearest.h: of the names that there are, the one that was probably meant by a word that is none of
 * them: "width" for "widht". Knows nothing of what is named.
 */
#ifndef STRATA_NEAREST_H
#define STRATA_NEAREST_H

enum { NEAREST_NAME = 64 };

struct nearest {
    const char *word;        /* lent */
    char name[NEAREST_NAME]; /* the nearest so far, "" while none is near */
    int distance;            /* the next must be nearer than this */
};

/* A third of the word's letters may be wrong. */
void nearest_begin(struct nearest *nearest, const char *word);

/* One of the names, of length bytes; of several that are as near the first stays. */
void nearest_offer(struct nearest *nearest, const char *name, int length);

/* All of "a|b|c". */
void nearest_offer_all(struct nearest *nearest, const char *names);

#endif
