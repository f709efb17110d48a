/* ranks.c: see ranks.h. */
#include "mpi/ranks.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "engine/base/mem.h"

/* So few numbers are sent by all to all: nothing is quicker. */
enum { FEW = 64, TAG_ROWS = 1 };

void ranks_abort(const char *text)
{
    fprintf(stderr, "strata-mpi: %s\n", text);
    fflush(stderr);
    MPI_Abort(MPI_COMM_WORLD, 1);
    _Exit(1);
}

static void must(int result)
{
    char why[MPI_MAX_ERROR_STRING], text[MPI_MAX_ERROR_STRING + 100];
    int length = 0;
    if (result == MPI_SUCCESS)
        return;
    if (MPI_Error_string(result, why, &length) != MPI_SUCCESS)
        length = 0;
    snprintf(text, sizeof text, "another process cannot be reached (%.*s); all stop, and the last "
             "checkpoint is good", length, why);
    ranks_abort(text);
}

/* ---- sums --------------------------------------------------------------------------------- */

static void need_room(struct ranks *r, size_t n)
{
    struct diag diag;
    if (n <= r->room_size)
        return;
    mem_free(r->room);
    r->room = NULL;
    if (mem_big(&r->room, mem_times(n, sizeof *r->room), "sums", &diag) != STATUS_OK)
        ranks_abort(diag.text);
    r->room_size = n;
}

/* values[i] = Σ of room[rank][i], in the order of ranks. */
static void add_up(double *values, const double *room, int count, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        double sum = 0.0;
        for (int k = 0; k < count; k++)
            sum += room[(size_t)k * n + i];
        values[i] = sum;
    }
}

/* Each rank adds up a slice, in the order of ranks, and tells all: so the same bits come out
 * everywhere and each time, by whatever way MPI sends them. */
static void sum_slices(struct ranks *r, double *values, size_t n)
{
    int *block = mem_new(4 * (size_t)r->count * sizeof *block);
    int *counts = block, *places = block + r->count, *own = places + r->count, *at = own + r->count;
    for (int k = 0; k < r->count; k++) {
        places[k] = (int)(n * (size_t)k / (size_t)r->count);
        counts[k] = (int)(n * (size_t)(k + 1) / (size_t)r->count) - places[k];
    }
    const size_t slice = (size_t)counts[r->rank];
    for (int k = 0; k < r->count; k++) {
        own[k] = (int)slice;
        at[k] = (int)slice * k;
    }
    need_room(r, slice * (size_t)r->count);
    must(MPI_Alltoallv(values, counts, places, MPI_DOUBLE, r->room, own, at, MPI_DOUBLE, r->comm));
    add_up(values + places[r->rank], r->room, r->count, slice);
    must(MPI_Allgatherv(MPI_IN_PLACE, 0, MPI_DATATYPE_NULL, values, counts, places, MPI_DOUBLE,
                        r->comm));
    r->traffic->sums += 8.0 * ((double)(n - slice) + (double)slice * (r->count - 1));
    mem_free(block);
}

static void sum(void *context, double *values, size_t n)
{
    struct ranks *r = context;
    double begin = MPI_Wtime();
    if (r->count == 1 || n == 0)
        return;
    if (n > FEW) {
        sum_slices(r, values, n);
    } else {
        need_room(r, n * (size_t)r->count);
        must(MPI_Allgather(values, (int)n, MPI_DOUBLE, r->room, (int)n, MPI_DOUBLE, r->comm));
        add_up(values, r->room, r->count, n);
        r->traffic->few += 8.0 * (double)n * (r->count - 1);
    }
    r->traffic->seconds += MPI_Wtime() - begin;
}

/* ---- beginning ---------------------------------------------------------------------------- */

static void init(struct ranks *r, MPI_Comm comm, struct ranks_traffic *traffic)
{
    *r = (struct ranks){.comm = comm, .team = {.sum = sum, .context = r}, .traffic = traffic};
    must(MPI_Comm_set_errhandler(comm, MPI_ERRORS_RETURN));
    must(MPI_Comm_rank(comm, &r->rank));
    must(MPI_Comm_size(comm, &r->count));
    r->team.rank = r->rank;
    r->team.count = r->count;
}

void ranks_begin(struct ranks *out, struct ranks_traffic *traffic)
{
    MPI_Comm comm;
    must(MPI_Comm_dup(MPI_COMM_WORLD, &comm));
    init(out, comm, traffic);
}

bool ranks_open(struct ranks *out, const struct ranks *whole, int count)
{
    MPI_Comm comm;
    bool member = whole->rank < count;
    *out = (struct ranks){.comm = MPI_COMM_NULL};
    must(MPI_Comm_split(whole->comm, member ? 0 : MPI_UNDEFINED, whole->rank, &comm));
    if (member)
        init(out, comm, whole->traffic);
    return member;
}

void ranks_close(struct ranks *ranks)
{
    if (ranks->count > 0)
        MPI_Comm_free(&ranks->comm);
    mem_free(ranks->room);
    *ranks = (struct ranks){.comm = MPI_COMM_NULL};
}

int ranks_here(const struct ranks *ranks, const char word[RANKS_WORD])
{
    MPI_Comm here;
    int count, alike = 0;
    must(MPI_Comm_split_type(ranks->comm, MPI_COMM_TYPE_SHARED, ranks->rank, MPI_INFO_NULL,
                             &here));
    must(MPI_Comm_size(here, &count));
    char *all = mem_new((size_t)count * RANKS_WORD);
    must(MPI_Allgather(word, RANKS_WORD, MPI_CHAR, all, RANKS_WORD, MPI_CHAR, here));
    for (int k = 0; k < count; k++)
        alike += strcmp(all + (size_t)k * RANKS_WORD, word) == 0;
    mem_free(all);
    must(MPI_Comm_free(&here));
    return alike;
}

void ranks_share(struct ranks_rows part[], int count, int height, int step)
{
    int steps = (height + step - 1) / step;
    for (int k = 0; k < count; k++) {
        part[k].first = (int)((long)steps * k / count) * step;
        part[k].end = k + 1 < count ? (int)((long)steps * (k + 1) / count) * step : height;
    }
}

/* ---- rows --------------------------------------------------------------------------------- */

static struct ranks_rows both(struct ranks_rows a, struct ranks_rows b)
{
    struct ranks_rows rows = {a.first > b.first ? a.first : b.first, a.end < b.end ? a.end : b.end};
    return rows;
}

/* Plane c's row y of planes that hold `rows`. */
static size_t place(struct ranks_rows rows, size_t c, int y, int width)
{
    return (c * (size_t)(rows.end - rows.first) + (size_t)(y - rows.first)) * (size_t)width;
}

void ranks_exchange(struct ranks *r, float *to, const struct ranks_rows want[], const float *from,
                    const struct ranks_rows have[], int width)
{
    double begin = MPI_Wtime();
    MPI_Request *request = mem_new(6 * (size_t)r->count * sizeof *request);
    int requests = 0;
    const struct ranks_rows in = want[r->rank], out = have[r->rank];
    for (int k = 0; k < r->count; k++) {
        struct ranks_rows give = both(out, want[k]), take = both(in, have[k]);
        size_t given = give.end > give.first ? (size_t)(give.end - give.first) * (size_t)width : 0;
        size_t taken = take.end > take.first ? (size_t)(take.end - take.first) * (size_t)width : 0;
        for (size_t c = 0; c < 3; c++) {
            if (given && k == r->rank)
                memmove(to + place(in, c, give.first, width),
                        from + place(out, c, give.first, width), given * sizeof(float));
            if (taken && k != r->rank)
                must(MPI_Irecv(to + place(in, c, take.first, width), (int)taken, MPI_FLOAT, k,
                               TAG_ROWS, r->comm, &request[requests++]));
            if (given && k != r->rank) {
                must(MPI_Isend(from + place(out, c, give.first, width), (int)given, MPI_FLOAT, k,
                               TAG_ROWS, r->comm, &request[requests++]));
                r->traffic->rows += 4.0 * (double)given;
            }
        }
    }
    must(MPI_Waitall(requests, request, MPI_STATUSES_IGNORE));
    mem_free(request);
    r->traffic->seconds += MPI_Wtime() - begin;
}

/* ---- words -------------------------------------------------------------------------------- */

/* An MPI that waits takes all of a core: those who have nothing to do leave it to the others. */
static void wait_asleep(MPI_Request *request)
{
    struct timespec nap = {0, 50000};
    int done = 0;
    for (must(MPI_Test(request, &done, MPI_STATUS_IGNORE)); !done;
         must(MPI_Test(request, &done, MPI_STATUS_IGNORE))) {
        nanosleep(&nap, NULL);
        if (nap.tv_nsec < 5000000)
            nap.tv_nsec *= 2;
    }
}

void ranks_tell(struct ranks *r, void *bytes, size_t size)
{
    MPI_Request request;
    for (size_t at = 0; at < size; at += INT_MAX / 2) {
        size_t count = size - at < INT_MAX / 2 ? size - at : INT_MAX / 2;
        must(MPI_Ibcast((char *)bytes + at, (int)count, MPI_BYTE, 0, r->comm, &request));
        wait_asleep(&request);
    }
}

void ranks_collect(struct ranks *r, void *to, const void *from, size_t size)
{
    must(MPI_Allgather(from, (int)size, MPI_BYTE, to, (int)size, MPI_BYTE, r->comm));
}

enum status ranks_agree(struct ranks *r, enum status status, struct diag *diag)
{
    MPI_Request request;
    struct diag said = *diag;
    int failed = status == STATUS_OK ? r->count : r->rank, first;
    must(MPI_Iallreduce(&failed, &first, 1, MPI_INT, MPI_MIN, r->comm, &request));
    wait_asleep(&request);
    if (first == r->count)
        return STATUS_OK;
    must(MPI_Bcast(&said, (int)sizeof said, MPI_BYTE, first, r->comm));
    *diag = said;
    return said.status;
}
