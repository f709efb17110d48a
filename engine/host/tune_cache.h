/*
 * tune_cache.h: how long convolutions took on this machine: measured once, remembered by the
 * process and, in $XDG_CACHE_HOME/strata (below ~/.cache without that variable), for the next one.
 * Knows no oneDNN and measures nothing itself. May be used from any thread.
 */
#ifndef STRATA_TUNE_CACHE_H
#define STRATA_TUNE_CACHE_H

#include <stdbool.h>

/* One convolution 3×3 on a square picture, one way: direct and by Winograd's algorithm in float32,
 * and direct in bfloat16. */
struct tune_timing {
    bool backward;
    int in, out, side, threads;
    double direct, winograd, bf16; /* seconds; 0: not offered */
};

/* Fills in the seconds of what timing describes, if they are known. machine: what they depend on
 * besides the processor, in words; the same at every call. */
bool tune_cache_find(struct tune_timing *timing, const char *machine);

/* Rounds its seconds to the digits that are written down, so that what is decided by them is
 * decided alike in the next process. */
void tune_cache_add(struct tune_timing *timing);

/* What was found or added so far, as text for tune_cache_adopt: the measurements that this
 * process's choices rest on. On the heap (mem_free). */
char *tune_cache_print(void);

/* Takes the measurements in text before any others, from here on, without writing them down.
 * false, and nothing is taken, if they are of another machine, or text is none. */
bool tune_cache_adopt(const char *text, const char *machine);

/* Writes down what was added since. A file that cannot be read or written is done without, and so
 * is a folder that belongs to or is open to others. A symbolic link in the file's place is
 * replaced, not followed. */
void tune_cache_keep(void);

#endif
