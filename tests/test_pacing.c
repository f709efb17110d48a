/* test_pacing.c: how much may be under way, on links that are played. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "tui/pixels/pacing.h"

/* A link that carries rate bytes a second, after which an answer takes round seconds back. */
struct link {
    double rate, round, now, free; /* free: when all that was sent has been carried */
    double arrival[PACING_PIECES];   /* of answers */
    int first, count;
    double longest; /* that a byte had to queue */
    size_t carried;
};

/* Sends pieces of at most `piece` bytes as often as it may, until time end. */
static void play(struct link *l, struct pacing *f, size_t piece, double end)
{
    while (l->now < end) {
        size_t room = pacing_allowed(f);
        if (room > 0) {
            size_t n = room < piece ? room : piece;
            l->free = (l->free > l->now ? l->free : l->now) + (double)n / l->rate;
            if (l->free - l->now > l->longest)
                l->longest = l->free - l->now;
            l->arrival[(l->first + l->count++) % PACING_PIECES] = l->free + l->round;
            l->carried += n;
            pacing_sent(f, n, l->now);
        } else {
            assert_true(l->count > 0);
            l->now = l->arrival[l->first];
            l->first = (l->first + 1) % PACING_PIECES;
            l->count--;
            pacing_answered(f, l->now);
        }
    }
}

static void a_slow_link_gets_small_pieces(void **unused)
{
    (void)unused;
    struct pacing f;
    struct link l = {.rate = 10000, .round = 0.002};
    pacing_init(&f, 0.002, false);
    play(&l, &f, 4096, 2.0);
    l.longest = 0;
    play(&l, &f, 4096, 10.0);
    assert_true(l.longest < 0.09);          /* what a key may have to wait */
    assert_true(l.carried > 10 * 10000 / 2); /* and still the link is used */
    assert_true(f.rate > 5000 && f.rate < 12000);
}

static void a_fast_link_gets_whole_pictures(void **unused)
{
    (void)unused;
    struct pacing f;
    struct link l = {.rate = 2e7, .round = 0.001};
    pacing_init(&f, 0.001, false);
    play(&l, &f, PACING_MOST, 0.2);
    assert_true(f.window > 200000);
}

/* 1 MB/s over a continent: the window must cover what is in the air. */
static void a_long_link_is_filled(void **unused)
{
    (void)unused;
    struct pacing f;
    struct link l = {.rate = 1e6, .round = 0.15};
    pacing_init(&f, 0.15, false);
    play(&l, &f, 16384, 3.0);
    l.carried = 0;
    play(&l, &f, 16384, 6.0);
    assert_true(l.carried > 3 * 0.6e6);
}

static void answers_that_never_come_do_not_stop_pictures(void **unused)
{
    (void)unused;
    struct pacing f;
    pacing_init(&f, 0.01, false);
    double now = 0;
    for (int i = 0; i < 3; i++) {
        pacing_sent(&f, 4096, now);
        double wait = pacing_wait(&f, now);
        assert_true(wait > 1 && wait < 5);
        now += wait + 0.001;
        pacing_expire(&f, now);
        assert_int_equal(f.count, 0);
    }
    assert_true(f.mute); /* from now on by the clock */
    pacing_sent(&f, 4096, now);
    assert_int_equal(pacing_allowed(&f), 0);
    assert_true(pacing_wait(&f, now) < 0.2);
    pacing_answered(&f, now + 0.01);
    assert_false(f.mute);
}

static void a_mute_terminal_is_sent_one_piece_at_a_time(void **unused)
{
    (void)unused;
    struct pacing f;
    pacing_init(&f, 0, true);
    assert_true(pacing_allowed(&f) > 0);
    pacing_sent(&f, 1000, 5.0);
    assert_int_equal(pacing_allowed(&f), 0);
    pacing_expire(&f, 5.2);
    assert_true(pacing_allowed(&f) > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_slow_link_gets_small_pieces),
        cmocka_unit_test(a_fast_link_gets_whole_pictures),
        cmocka_unit_test(a_long_link_is_filled),
        cmocka_unit_test(answers_that_never_come_do_not_stop_pictures),
        cmocka_unit_test(a_mute_terminal_is_sent_one_piece_at_a_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
