/*
 * palette_score.h: how well an entry of the palette answers what is typed.
 */
#ifndef STRATA_PALETTE_SCORE_H
#define STRATA_PALETTE_SCORE_H

#include "tui/model/palette.h"

/* The higher the better; below 0: not at all. Each word of the query, parted by blanks, must be
 * found in any case: as the key or the name, in it, in what the entry does, in its section's title,
 * with letters left out, or with a letter that is wrong. */
int palette_score(const struct palette_entry *entry, const char *query);

#endif
