/*
 * pacing.h: how much may be sent to the terminal, so that a key never waits behind a picture. Every
 * piece of a picture is followed by a question (DSR 5); the answers tell how long pieces queue, and
 * the number of bytes under way is kept to what the link carries in a blink. Plain data and
 * arithmetic: sends nothing, has no clock. Times are seconds of any origin.
 */
#ifndef STRATA_PACING_H
#define STRATA_PACING_H

#include <stdbool.h>
#include <stddef.h>

enum { PACING_PIECES = 64, PACING_LEAST = 512, PACING_MOST = 1 << 18 };

struct pacing {
    bool mute;        /* the terminal does not answer: paced by the clock alone */
    double window;    /* bytes that may be under way */
    double round;     /* the shortest time to an answer; 0: not known yet */
    double rate;      /* bytes per second that were carried; 0: not known yet */
    size_t under_way; /* bytes */
    int first, count; /* ring */
    struct pacing_piece {
        size_t bytes;
        double sent;
    } piece[PACING_PIECES];
    double since;    /* when carrying of `carried` bytes began, of which rate will take account */
    size_t carried;
    double adjusted; /* when the window last changed */
    int missed;      /* answers in a row that did not come in time */
};

/* round: the time to an answer that a first question took, 0 if not known. mute: it had none. */
void pacing_init(struct pacing *pacing, double round, bool mute);

/* Bytes that may be sent now, a good part of the window; 0: wait for an answer, or pacing_wait. One
 * piece may be larger. */
size_t pacing_allowed(const struct pacing *pacing);

/* A piece of so many bytes, with its question, has been handed to the terminal. */
void pacing_sent(struct pacing *pacing, size_t bytes, double now);

/* The oldest piece has arrived. */
void pacing_answered(struct pacing *pacing, double now);

/* Seconds until pacing_expire has something to do; below 0: nothing is under way. */
double pacing_wait(const struct pacing *pacing, double now);

/* Gives up the answers that are overdue. */
void pacing_expire(struct pacing *pacing, double now);

/* Seconds that so many bytes take at the rate measured; 0 if that is not known. */
double pacing_time(const struct pacing *pacing, size_t bytes);

#endif
