/*
 * test_random.c: the generator is the published one, and its numbers are distributed as they say.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>

#include "engine/base/random.h"

/* Known answers: splitmix64 of 1234567, xoshiro256** from {1, 2, 3, 4}. */
static void the_sequence_is_the_published_one(void **state)
{
    (void)state;
    static const uint64_t seeded[4] = {
        UINT64_C(6457827717110365317), UINT64_C(3203168211198807973),
        UINT64_C(9817491932198370423), UINT64_C(4593380528125082431)};
    static const uint64_t expected[10] = {
        11520,
        0,
        1509978240,
        UINT64_C(1215971899390074240),
        UINT64_C(1216172134540287360),
        UINT64_C(607988272756665600),
        UINT64_C(16172922978634559625),
        UINT64_C(8476171486693032832),
        UINT64_C(10595114339597558777),
        UINT64_C(2904607092377533576)};
    struct random random;
    random_seed(&random, 1234567);
    assert_memory_equal(random.s, seeded, sizeof seeded);
    random = (struct random){{1, 2, 3, 4}};
    for (int i = 0; i < 10; i++)
        assert_int_equal(random_u64(&random), expected[i]);
}

static void uniform_numbers_fill_zero_to_one(void **state)
{
    (void)state;
    enum { N = 100000, BINS = 10 };
    int count[BINS] = {0};
    struct random random;
    random_seed(&random, 3);
    for (int i = 0; i < N; i++) {
        double u = random_uniform(&random);
        assert_true(u >= 0.0 && u < 1.0);
        count[(int)(BINS * u)]++;
    }
    for (int i = 0; i < BINS; i++) /* five standard deviations */
        assert_in_range(count[i], N / BINS - 475, N / BINS + 475);
}

static void normal_numbers_have_a_normal_s_moments(void **state)
{
    (void)state;
    enum { N = 200000 };
    double sum[5] = {0};
    struct random random;
    random_seed(&random, 4);
    for (int i = 0; i < N; i++) {
        double x = random_normal(&random);
        for (int k = 1; k <= 4; k++)
            sum[k] += pow(x, k) / N;
    }
    static const double expected[5] = {0, 0, 1, 0, 3}, variance[5] = {0, 1, 2, 15, 96};
    for (int k = 1; k <= 4; k++) /* five standard deviations */
        if (fabs(sum[k] - expected[k]) > 5.0 * sqrt(variance[k] / N))
            fail_msg("moment %d is %f, not %f", k, sum[k], expected[k]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_sequence_is_the_published_one),
        cmocka_unit_test(uniform_numbers_fill_zero_to_one),
        cmocka_unit_test(normal_numbers_have_a_normal_s_moments),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
