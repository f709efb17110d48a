/* test_bf16.c: bfloat16 is the float that is nearest, by exact arithmetic; hashes are as published.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "engine/base/bf16.h"
#include "engine/base/hash.h"
#include "engine/base/random.h"

static void what_is_widened_comes_back(void **state)
{
    (void)state;
    for (uint32_t n = 0; n <= 0xffff; n++) {
        float value = bf16_widen((uint16_t)n);
        if (value == value)
            assert_int_equal(bf16_narrow(value), n);
        else
            assert_true(bf16_widen(bf16_narrow(value)) != bf16_widen(bf16_narrow(value)));
    }
}

/* The neighbours of a float are those whose bits differ by one; of two as near, the even one. */
static void narrowing_takes_the_nearest(void **state)
{
    (void)state;
    struct random random;
    random_seed(&random, 5);
    for (int i = 0; i < 200000; i++) {
        uint32_t bits = (uint32_t)random_u64(&random);
        float value;
        memcpy(&value, &bits, sizeof value);
        if (!isfinite(value) || fabsf(value) > 3e38f)
            continue;
        uint16_t n = bf16_narrow(value);
        double off = fabs((double)bf16_widen(n) - value);
        for (int step = -1; step <= 1; step += 2) {
            double other = fabs((double)bf16_widen((uint16_t)(n + step)) - value);
            assert_true(!(other < off));
            if (other == off && off > 0.0)
                assert_int_equal(n % 2, 0);
        }
    }
}

static void what_is_no_number_and_what_is_too_large_stay_so(void **state)
{
    (void)state;
    float tiny_payload;
    memcpy(&tiny_payload, &(uint32_t){0x7f800001}, sizeof tiny_payload);
    assert_true(isnan(bf16_widen(bf16_narrow(tiny_payload))));
    assert_true(isnan(bf16_widen(bf16_narrow(NAN))));
    assert_true(isinf(bf16_widen(bf16_narrow(INFINITY))));
    assert_true(isinf(bf16_widen(bf16_narrow(3.4028234e38f)))); /* rounds up */
    assert_true(signbit(bf16_widen(bf16_narrow(-0.0f))));
}

/* Fowler, Noll, Vo: FNV-1a, 64 bits, test vectors. */
static void hashes_are_as_published(void **state)
{
    (void)state;
    assert_true(hash_add(HASH_START, "", 0) == UINT64_C(0xcbf29ce484222325));
    assert_true(hash_add(HASH_START, "a", 1) == UINT64_C(0xaf63dc4c8601ec8c));
    assert_true(hash_add(HASH_START, "foobar", 6) == UINT64_C(0x85944171f73967e8));
    assert_true(hash_add(hash_add(HASH_START, "foo", 3), "bar", 3) ==
                UINT64_C(0x85944171f73967e8));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_widened_comes_back),
        cmocka_unit_test(narrowing_takes_the_nearest),
        cmocka_unit_test(what_is_no_number_and_what_is_too_large_stay_so),
        cmocka_unit_test(hashes_are_as_published),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
