/*
 * pacing.c: see pacing.h. The window follows the queueing delay, as LEDBAT (RFC 6817) does: what a
 * piece took beyond the shortest round trip is time that it waited behind others.
 */
#include "tui/pixels/pacing.h"

#include <assert.h>
#include <math.h>

static const double queue = 0.04;   /* seconds that may be queued */
static const double patience = 2.0; /* seconds beyond what an answer should take */
static const double measured_time = 0.05;
static const double mute_pause = 0.1; /* between pieces to a terminal that never answers */

/* SHARE: a piece is worth its envelope if it is that part of the window, and not too small. */
enum { FIRST_WINDOW = 4096, MISSES = 3, SHARE = 8, MEASURED_BYTES = 1024 };

void pacing_init(struct pacing *flow, double round, bool mute)
{
    *flow = (struct pacing){.round = round, .mute = mute, .window = FIRST_WINDOW};
}

size_t pacing_room(const struct pacing *flow)
{
    if (flow->count == PACING_PIECES || (flow->mute && flow->count > 0))
        return 0;
    double room = flow->window - (double)flow->under_way;
    double worth = fmin(fmax(flow->window / SHARE, PACING_LEAST), 0.75 * flow->window);
    return room >= worth ? (size_t)room : 0;
}

void pacing_sent(struct pacing *flow, size_t bytes, double now)
{
    assert(flow->count < PACING_PIECES);
    if (flow->count == 0) {
        flow->since = now;
        flow->carried = 0;
    }
    flow->piece[(flow->first + flow->count++) % PACING_PIECES] = (struct pacing_piece){bytes, now};
    flow->under_way += bytes;
}

static struct pacing_piece take_oldest(struct pacing *flow)
{
    struct pacing_piece piece = flow->piece[flow->first];
    flow->first = (flow->first + 1) % PACING_PIECES;
    flow->count--;
    flow->under_way -= piece.bytes;
    return piece;
}

/* Not below what is carried in half the time that may be queued: where the processor is busy,
 * answers are late although nothing queues. */
static void set_window(struct pacing *flow, double window)
{
    double least = fmax(PACING_LEAST, flow->rate * queue / 2);
    flow->window = fmin(fmax(window, least), PACING_MOST);
}

/* Answers come in bursts, and every link swallows a little at once: only what was carried for some
 * time, or was not little, tells a rate. */
static void measure_rate(struct pacing *flow, size_t bytes, double now)
{
    double time = fmax(now - flow->since, 1e-4);
    flow->carried += bytes;
    bool little = flow->carried < MEASURED_BYTES && flow->rate > 0;
    if (time < measured_time && (flow->count > 0 || little))
        return;
    double rate = (double)flow->carried / time;
    flow->rate = flow->rate > 0 ? 0.7 * flow->rate + 0.3 * rate : rate;
    flow->carried = 0;
    flow->since = now;
}

void pacing_answered(struct pacing *flow, double now)
{
    if (flow->count == 0)
        return;
    /* Only a window that was used to the full can have been too small. */
    bool full = (double)flow->under_way > flow->window / 2;
    struct pacing_piece piece = take_oldest(flow);
    double took = fmax(now - piece.sent, 1e-6);
    measure_rate(flow, piece.bytes, now);
    flow->missed = 0;
    flow->mute = false;
    if (flow->round <= 0 || took < flow->round)
        flow->round = took;
    if (piece.sent < flow->adjusted) /* sent before the last change: says nothing of it */
        return;
    flow->adjusted = now;
    double queued = took - flow->round, target = queue + flow->round / 4; /* which jitters */
    if (queued > target)
        set_window(flow, flow->window * fmax(target / queued, 0.5));
    else if (full)
        set_window(flow, flow->window * (2.0 - queued / target));
}

static double overdue(const struct pacing *flow)
{
    if (flow->mute)
        return flow->piece[flow->first].sent + mute_pause;
    return flow->piece[flow->first].sent + flow->round + patience +
           4 * pacing_time(flow, flow->under_way);
}

double pacing_wait(const struct pacing *flow, double now)
{
    return flow->count == 0 ? -1 : fmax(overdue(flow) - now, 0);
}

void pacing_expire(struct pacing *flow, double now)
{
    while (flow->count > 0 && now >= overdue(flow)) {
        take_oldest(flow);
        if (flow->mute)
            continue;
        set_window(flow, flow->window / 2);
        flow->mute = ++flow->missed >= MISSES;
    }
}

double pacing_time(const struct pacing *flow, size_t bytes)
{
    return flow->rate > 0 ? (double)bytes / flow->rate : 0;
}
