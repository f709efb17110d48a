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

void pacing_init(struct pacing *pacing, double round, bool mute)
{
    *pacing = (struct pacing){.round = round, .mute = mute, .window = FIRST_WINDOW};
}

size_t pacing_allowed(const struct pacing *pacing)
{
    if (pacing->count == PACING_PIECES || (pacing->mute && pacing->count > 0))
        return 0;
    double space = pacing->window - (double)pacing->under_way;
    double worth = fmin(fmax(pacing->window / SHARE, PACING_LEAST), 0.75 * pacing->window);
    return space >= worth ? (size_t)space : 0;
}

void pacing_sent(struct pacing *pacing, size_t bytes, double now)
{
    assert(pacing->count < PACING_PIECES);
    if (pacing->count == 0) {
        pacing->since = now;
        pacing->carried = 0;
    }
    pacing->piece[(pacing->first + pacing->count++) % PACING_PIECES] =
        (struct pacing_piece){bytes, now};
    pacing->under_way += bytes;
}

static struct pacing_piece take_oldest(struct pacing *pacing)
{
    struct pacing_piece piece = pacing->piece[pacing->first];
    pacing->first = (pacing->first + 1) % PACING_PIECES;
    pacing->count--;
    pacing->under_way -= piece.bytes;
    return piece;
}

/* Not below what is carried in half the time that may be queued: where the processor is busy,
 * answers are late although nothing queues. */
static void set_window(struct pacing *pacing, double window)
{
    double least = fmax(PACING_LEAST, pacing->rate * queue / 2);
    pacing->window = fmin(fmax(window, least), PACING_MOST);
}

/* Answers come in bursts, and every link swallows a little at once: only what was carried for some
 * time, or was not little, tells a rate. */
static void measure_rate(struct pacing *pacing, size_t bytes, double now)
{
    double time = fmax(now - pacing->since, 1e-4);
    pacing->carried += bytes;
    bool little = pacing->carried < MEASURED_BYTES && pacing->rate > 0;
    if (time < measured_time && (pacing->count > 0 || little))
        return;
    double rate = (double)pacing->carried / time;
    pacing->rate = pacing->rate > 0 ? 0.7 * pacing->rate + 0.3 * rate : rate;
    pacing->carried = 0;
    pacing->since = now;
}

void pacing_answered(struct pacing *pacing, double now)
{
    if (pacing->count == 0)
        return;
    /* Only a window that was used to the full can have been too small. */
    bool full = (double)pacing->under_way > pacing->window / 2;
    struct pacing_piece piece = take_oldest(pacing);
    double took = fmax(now - piece.sent, 1e-6);
    measure_rate(pacing, piece.bytes, now);
    pacing->missed = 0;
    pacing->mute = false;
    if (pacing->round <= 0 || took < pacing->round)
        pacing->round = took;
    if (piece.sent < pacing->adjusted) /* sent before the last change: says nothing of it */
        return;
    pacing->adjusted = now;
    double queued = took - pacing->round, target = queue + pacing->round / 4; /* which jitters */
    if (queued > target)
        set_window(pacing, pacing->window * fmax(target / queued, 0.5));
    else if (full)
        set_window(pacing, pacing->window * (2.0 - queued / target));
}

static double overdue(const struct pacing *pacing)
{
    if (pacing->mute)
        return pacing->piece[pacing->first].sent + mute_pause;
    return pacing->piece[pacing->first].sent + pacing->round + patience +
           4 * pacing_time(pacing, pacing->under_way);
}

double pacing_wait(const struct pacing *pacing, double now)
{
    return pacing->count == 0 ? -1 : fmax(overdue(pacing) - now, 0);
}

void pacing_expire(struct pacing *pacing, double now)
{
    while (pacing->count > 0 && now >= overdue(pacing)) {
        take_oldest(pacing);
        if (pacing->mute)
            continue;
        set_window(pacing, pacing->window / 2);
        pacing->mute = ++pacing->missed >= MISSES;
    }
}

double pacing_time(const struct pacing *pacing, size_t bytes)
{
    return pacing->rate > 0 ? (double)bytes / pacing->rate : 0;
}
