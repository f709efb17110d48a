/*
 * match.h: whether a name or a text answers what somebody types to find it, in any case of letters.
 */
#ifndef STRATA_MATCH_H
#define STRATA_MATCH_H

#include <stdbool.h>
#include <stddef.h>

/* How well a name answers a filter: each of its words, parted by blanks, must have its letters in
 * the name in that order; beginnings of words and letters that are neighbours count more. Below 0:
 * it does not. */
int match_score(const char *name, const char *filter);

/* Has name the n letters of word, in that order? */
bool match_in_order(const char *name, const char *word, size_t n);

/* Where word, of n bytes, stands in text, at the beginning of a word (*begins) if it does so
 * anywhere; -1: nowhere. */
int match_find(const char *text, const char *word, size_t n, bool *begins);

#endif
