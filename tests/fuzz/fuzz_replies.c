/*
 * fuzz_replies.c: what a terminal sends. A byte FF begins a new piece, and the byte after it says
 * how much later that comes and what the owner expects; so a text without FF is one piece.
 */
#include <stdbool.h>
#include <string.h>

#include "engine/base/mem.h"
#include "tests/fuzz/fuzz.h"
#include "tui/term/replies.h"

enum { PIECE = 0xff };
enum { LATER = 3, AWAITING = 4, MOUSE = 8, EXPIRES = 16 }; /* bits of the byte after it */

static void claim_sound(const struct replies *r)
{
    CLAIM(r->held <= REPLIES_HELD && r->given <= r->held);
    CLAIM(memchr(r->answers.da1, 0, sizeof r->answers.da1));
    CLAIM(memchr(r->answers.name, 0, sizeof r->answers.name));
}

/* All at once, and byte by byte at the same time: that must make no difference. */
static void feed(struct replies *r, const unsigned char *bytes, size_t n, double now)
{
    size_t space = 3 * n + REPLIES_HELD, single = 0;
    unsigned char *keys = mem_new(space), *ones = mem_new(space), *exact = mem_new(n);
    struct replies alone = *r;
    memcpy(exact, bytes, n); /* so that AddressSanitizer knows its end */
    size_t got = replies_feed(r, keys, exact, n, now);
    CLAIM(got <= space);
    claim_sound(r);
    for (size_t i = 0; i < n; i++) {
        unsigned char *own = mem_new(3 + REPLIES_HELD);
        size_t given = replies_feed(&alone, own, exact + i, 1, now);
        CLAIM(given <= 3 + REPLIES_HELD && single + given <= space);
        memcpy(ones + single, own, given);
        single += given;
        mem_free(own);
    }
    CLAIM(n == 0 || (single == got && memcmp(ones, keys, got) == 0));
    CLAIM(n == 0 || (alone.state == r->state && alone.held == r->held && alone.given == r->given));
    CLAIM(n == 0 || memcmp(&alone.answers, &r->answers, sizeof r->answers) == 0);
    mem_free(keys);
    mem_free(ones);
    mem_free(exact);
}

static void expire(struct replies *r, double now)
{
    unsigned char *keys = mem_new(REPLIES_HELD);
    if (r->due > 0 && now >= r->due)
        CLAIM(replies_expire(r, keys, now) <= REPLIES_HELD);
    claim_sound(r);
    mem_free(keys);
}

void fuzz_replies(const unsigned char *bytes, size_t size)
{
    static const double later[] = {0.0, 0.02, 0.3, 3.0};
    struct replies r;
    memset(&r, 0, sizeof r);
    double now = 1.0;
    while (size > 0) {
        const unsigned char *end = memchr(bytes, PIECE, size);
        size_t n = end ? (size_t)(end - bytes) : size;
        feed(&r, bytes, n, now);
        if (size - n < 2)
            break;
        int how = bytes[n + 1];
        now += later[how & LATER];
        r.awaiting = how & AWAITING;
        r.reports = how & MOUSE;
        if (how & EXPIRES)
            expire(&r, now);
        bytes += n + 2;
        size -= n + 2;
    }
    expire(&r, now + 10.0);
}
