/* test_memplan.c: things share a place only if their times do not meet, and do so where they can.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "engine/base/mem.h"
#include "engine/nn/memplan.h"

static unsigned long long seed = 1;

static int random_below(int n)
{
    seed = seed * 6364136223846793005ull + 1442695040888963407ull;
    return (int)((seed >> 33) % (unsigned)n);
}

/* The most that is needed at one step: no plan can do with less. */
static size_t busiest(const struct memplan_item *items, int count, int steps)
{
    size_t most = 0;
    for (int t = 0; t < steps; t++) {
        size_t sum = 0;
        for (int i = 0; i < count; i++)
            if (items[i].first <= t && t <= items[i].last)
                sum += (items[i].size + 63) / 64 * 64;
        most = sum > most ? sum : most;
    }
    return most;
}

static void what_is_needed_together_never_overlaps(void **state)
{
    (void)state;
    enum { COUNT = 40, STEPS = 30 };
    for (int trial = 0; trial < 200; trial++) {
        struct memplan_item items[COUNT];
        for (int i = 0; i < COUNT; i++) {
            int first = random_below(STEPS);
            items[i] = (struct memplan_item){(size_t)random_below(5000), first,
                                           first + random_below(STEPS - first), 0};
        }
        size_t size = memplan_pack(items, COUNT);
        assert_true(size >= busiest(items, COUNT, STEPS));
        for (int i = 0; i < COUNT; i++) {
            assert_int_equal(items[i].offset % MEM_ALIGNMENT, 0);
            assert_true(items[i].offset + items[i].size <= size);
            for (int j = 0; j < i; j++) {
                struct memplan_item *a = &items[i], *b = &items[j];
                if (a->first <= b->last && b->first <= a->last && a->size && b->size)
                    assert_true(a->offset + a->size <= b->offset ||
                                b->offset + b->size <= a->offset);
            }
        }
    }
}

static void places_are_used_again(void **state)
{
    (void)state;
    struct memplan_item chain[6];
    for (int i = 0; i < 6; i++) /* each is made from the one before */
        chain[i] = (struct memplan_item){6400, i, i + 1, 0};
    assert_int_equal(memplan_pack(chain, 6), 2 * 6400);
    struct memplan_item there_and_back[3] = {{6400, 0, 9, 0}, {3200, 1, 4, 0}, {3200, 5, 8, 0}};
    assert_int_equal(memplan_pack(there_and_back, 3), 9600);
}

static void nothing_takes_no_place_and_too_much_is_refused(void **state)
{
    (void)state;
    struct memplan_item none[2] = {{0, 0, 5, 0}, {0, 1, 2, 0}};
    assert_int_equal(memplan_pack(none, 2), 0);
    struct memplan_item huge[2] = {{SIZE_MAX / 3, 0, 1, 0}, {SIZE_MAX / 3, 0, 1, 0}};
    assert_true(memplan_pack(huge, 2) == SIZE_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_needed_together_never_overlaps),
        cmocka_unit_test(places_are_used_again),
        cmocka_unit_test(nothing_takes_no_place_and_too_much_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
