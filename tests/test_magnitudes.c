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

/* On photographs, too, within a factor of 2; drawn pictures are what it was sized on. */
static void the_built_in_network_has_losses_of_the_size_of_vgg19s(void **state)
{
    (void)state;
    struct network *network = open_network("strata16");
    struct magnitudes m = measure(network);
    for (int i = 0; i < STYLE_LAYER_COUNT; i++)
        assert_true(m.layer[i] > 0.5 && m.layer[i] < 2.0);
    assert_true(m.content > 0.5 && m.content < 2.0);
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

static void multiply(float *values, int n, double factor)
{
    for (int i = 0; i < n; i++)
        values[i] = (float)(values[i] * factor);
}

/* A layer's factor is taken back in the next one's kernel; biases are 0 in random networks. */
static void with_its_amplitudes_a_network_has_losses_of_the_size_of_vgg19s(void **state)
{
    (void)state;
    struct network *network = open_network("random:16");
    struct magnitudes m = measure(network);
    double amplitude[LAYER_COUNT], before = 1.0;
    assert_true(magnitudes_amplitudes(amplitude, &m));
    for (int l = 0; l < network->layer_count; l++) {
        const struct network_conv *conv = &network->conv[l];
        multiply((float *)conv->kernel, 9 * conv->in * conv->out, amplitude[l] / before);
        before = amplitude[l];
    }
    m = measure(network);
    for (int i = 0; i < STYLE_LAYER_COUNT; i++)
        assert_true(fabs(m.layer[i] - 1.0) < 1e-3);
    assert_true(fabs(m.content - 1.0) < 1e-3);
    network_close(&network);
}

static void a_layer_that_says_nothing_has_no_amplitude(void **state)
{
    (void)state;
    struct network *network = open_network("random:4");
    const struct network_conv *conv = &network->conv[LAYER_RELU4_1];
    multiply((float *)conv->kernel, 9 * conv->in * conv->out, 0.0);
    struct magnitudes m = measure(network);
    double amplitude[LAYER_COUNT];
    assert_false(magnitudes_amplitudes(amplitude, &m));
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
    double amplitude[LAYER_COUNT];
    assert_true(isinf(m.style) && !magnitudes_usual(&m));
    assert_false(magnitudes_amplitudes(amplitude, &m));
    network_close(&network);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_built_in_network_has_losses_of_the_size_of_vgg19s),
        cmocka_unit_test(random_weights_are_not_usual),
        cmocka_unit_test(with_its_amplitudes_a_network_has_losses_of_the_size_of_vgg19s),
        cmocka_unit_test(a_layer_that_says_nothing_has_no_amplitude),
        cmocka_unit_test(losses_that_are_not_finite_are_not_usual),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
