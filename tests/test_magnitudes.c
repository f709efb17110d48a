/* test_magnitudes.c: how large a network's losses are beside VGG-19's. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/style/magnitudes.h"

static struct diag diag;

static struct magnitudes measure(const struct network *network)
{
    struct magnitudes m = {0};
    if (magnitudes_measure(&m, network, &diag) != STATUS_OK)
        fail_msg("%s", diag.text);
    return m;
}

static struct network *open_network(const char *name)
{
    struct network *network = NULL;
    if (network_open(&network, name, &diag) != STATUS_OK)
        fail_msg("%s", diag.text);
    return network;
}

/* What another program measured on photographs: content 0.18, the styles together about 4. */
static void the_built_in_network_is_within_what_is_usual(void **state)
{
    (void)state;
    struct network *network = open_network("strata16");
    struct magnitudes m = measure(network);
    assert_true(m.style > 2.0 && m.style < 8.0);
    assert_true(m.content > 0.09 && m.content < 0.36);
    assert_true(magnitudes_usual(&m));
    network_close(&network);
}

static void random_weights_are_not_usual(void **state)
{
    (void)state;
    struct network *network = open_network("random:16");
    struct magnitudes m = measure(network), again = measure(network);
    assert_memory_equal(&m, &again, sizeof m);
    assert_false(magnitudes_usual(&m));
    network_close(&network);
}

/* Each layer's kernel ten times as large: beyond what a float can square. */
static void losses_that_are_not_finite_are_not_usual(void **state)
{
    (void)state;
    struct network *network = open_network("random:4");
    for (int l = 0; l < 8; l++) {
        float *kernel = (float *)network->conv[l].kernel; /* of network->block, which is ours */
        for (int i = 0; i < 9 * network->conv[l].in * network->conv[l].out; i++)
            kernel[i] *= 1e5f;
    }
    struct magnitudes m = measure(network);
    assert_true(isinf(m.style) && !magnitudes_usual(&m));
    network_close(&network);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_built_in_network_is_within_what_is_usual),
        cmocka_unit_test(random_weights_are_not_usual),
        cmocka_unit_test(losses_that_are_not_finite_are_not_usual),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
