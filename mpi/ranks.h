/*
 * ranks.h: the processes that work on one picture: sums that are the same in all of them, rows that
 * one has and another needs, and how many bytes that takes. The sole user of MPI but for its
 * beginning and end. What fails in it ends the whole program. Main thread only.
 */
#ifndef STRATA_RANKS_H
#define STRATA_RANKS_H

#include <mpi.h>
#include <stdbool.h>
#include <stddef.h>

#include "engine/base/diag.h"
#include "engine/base/team.h"

/* What this process has sent, and how long it was in MPI. */
struct ranks_traffic {
    double sums, few, rows; /* bytes; few: of sums of a few numbers */
    double seconds;
};

struct ranks {
    MPI_Comm comm;
    int rank, count;
    struct team team; /* their sums */
    double *room;     /* for sums */
    size_t room_size;
    struct ranks_traffic *traffic;
};

/* The first `count` of whole's processes; false in the others, which get none. */
bool ranks_open(struct ranks *out, const struct ranks *whole, int count);
void ranks_close(struct ranks *ranks);

/* All of the program's; comm is its own from here on. */
void ranks_begin(struct ranks *out, struct ranks_traffic *traffic);

/* Rows of a picture, from first to before end. */
struct ranks_rows {
    int first, end;
};

/* Parts of a picture of that height as equal as can be, which begin at multiples of step. */
void ranks_share(struct ranks_rows part[], int count, int height, int step);

/* Who has `have` gets `want`: planes [3][rows][width] each, indexed by rank. What is wanted that
 * nobody has stays as it is. */
void ranks_exchange(struct ranks *ranks, float *to, const struct ranks_rows want[],
                    const float *from, const struct ranks_rows have[], int width);

/* How many of them on this machine say the same as this one; they meet here. */
enum { RANKS_WORD = 256 };
int ranks_here(const struct ranks *ranks, const char word[RANKS_WORD]);

/* From rank 0 to all. Those who wait sleep. */
void ranks_tell(struct ranks *ranks, void *bytes, size_t size);

/* What every rank says, in their order: to[count]. */
void ranks_collect(struct ranks *ranks, void *to, const void *from, size_t size);

/* The first failure of any of them, for all. */
enum status ranks_agree(struct ranks *ranks, enum status status, struct diag *diag);

/* Ends all processes with a sentence. */
void ranks_abort(const char *text) __attribute__((noreturn));

#endif
