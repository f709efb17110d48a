/*
 * test_allocation.c: an iteration allocates nothing. This program's own malloc counts who asks:
 * strata itself must not at all; oneDNN keeps small notes per primitive that it runs, gone when it
 * ends. Where its products have no better kernel than the jitted gemm (AVX2 and older, oneDNN 2),
 * it takes a working block for each, too.
 */
#define _GNU_SOURCE
#include "tests/lib/run.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdatomic.h>

#include "engine/style/objective.h"
#include "engine/style/optimizer.h"
#include "engine/style/precondition.h"

static atomic_int counting;
static atomic_long ours, largest, living;

#ifndef __SANITIZE_ADDRESS__

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *block, size_t size);
void *__libc_memalign(size_t alignment, size_t size);
void __libc_free(void *block);

/* Is caller in this program rather than in a library? */
static int is_ours(void *caller)
{
    static void *base;
    Dl_info info;
    if (!base && dladdr((void *)&counting, &info))
        base = info.dli_fbase;
    return dladdr(caller, &info) && info.dli_fbase == base;
}

static void count(size_t size, void *caller)
{
    static _Thread_local int inside; /* dladdr may allocate */
    if (inside || !atomic_load(&counting))
        return;
    inside = 1;
    if (is_ours(caller))
        atomic_fetch_add(&ours, 1);
    if ((long)size > atomic_load(&largest))
        atomic_store(&largest, (long)size);
    atomic_fetch_add(&living, 1);
    inside = 0;
}

void *malloc(size_t size)
{
    count(size, __builtin_return_address(0));
    return __libc_malloc(size);
}

void *calloc(size_t n, size_t size)
{
    count(n * size, __builtin_return_address(0));
    return __libc_calloc(n, size);
}

void *realloc(void *block, size_t size)
{
    if (!block)
        count(size, __builtin_return_address(0));
    return __libc_realloc(block, size);
}

int posix_memalign(void **out, size_t alignment, size_t size)
{
    count(size, __builtin_return_address(0));
    *out = __libc_memalign(alignment, size);
    return *out ? 0 : ENOMEM;
}

void *aligned_alloc(size_t alignment, size_t size)
{
    count(size, __builtin_return_address(0));
    return __libc_memalign(alignment, size);
}

void free(void *block)
{
    if (block && atomic_load(&counting))
        atomic_fetch_sub(&living, 1);
    __libc_free(block);
}

#endif

static void count_from_here(void)
{
    atomic_store(&ours, 0);
    atomic_store(&largest, 0);
    atomic_store(&living, 0);
    atomic_store(&counting, 1);
}

static void nothing_was_allocated(void)
{
    atomic_store(&counting, 0);
    assert_int_equal(atomic_load(&ours), 0);
    assert_true(atomic_load(&living) <= 0); /* a block from before may be freed now */
    assert_true(atomic_load(&largest) < (strncmp(nn_isa(), "AVX512", 6) == 0 ? 4096 : 1 << 20));
}

#ifndef __SANITIZE_ADDRESS__ /* its own malloc cannot be counted */
static void the_count_sees_an_allocation_of_ours(void **state)
{
    (void)state;
    count_from_here();
    mem_free(mem_new(100));
    atomic_store(&counting, 0);
    assert_int_equal(atomic_load(&ours), 1);
}
#endif

static void an_iteration_allocates_nothing(void **state)
{
    (void)state;
    enum { SIDE = 48, N = 3 * SIDE * SIDE };
    const struct objective_weights weights = {
        .content = 5, .content_blend = 1, .style = 500, .tv = 100, .layer = {1, 1, 1, 1, 1}};
    const struct optimizer_settings adam = {.beta1 = 0.9, .beta2 = 0.999, .eps = 1e-8};
    struct nn *nn;
    struct precondition *metric;
    struct network *network;
    struct image content = {0};
    struct target targets[STYLE_LAYER_COUNT] = {{0}};
    struct objective *objective;
    struct optimizer *optimizer[2];
    struct losses losses;
    float *gradient, *gram;
    MUST(network_open(&network, "tests/ref/tiny.safetensors", &diag));
    MUST(nn_open(&nn, 2, NN_AUTO, NN_FP32, &diag));
    MUST(image_init(&content, SIDE, SIDE, &diag));
    MUST(mem_big(&gram, 64 * 64 * sizeof *gram, "a test", &diag));
    MUST(mem_big(&gradient, N * sizeof *gradient, "a test", &diag));
    for (int i = 0; i < N; i++)
        content.rgb[i] = (float)(i * 37 % 256);
    for (int i = 0; i < STYLE_LAYER_COUNT; i++)
        targets[i].gram = gram;
    const struct objective_shape shape = {.width = SIDE, .height = SIDE};
    struct picture_planes planes = {content.rgb, SIDE, SIDE, 0};
    const struct picture_rows picture = {picture_planes_take, &planes};
    MUST(objective_open(&objective, nn, network, &shape, &picture, targets, &weights, &diag));
    MUST(precondition_open(&metric, 3, SIDE, SIDE, &diag));
    const struct optimizer_settings lbfgs = {
        .history = 2, .first = 10.0, .precondition = precondition_apply, .context = metric};
    MUST(optimizer_open(&optimizer[0], OPTIMIZER_ADAM, N, &adam, &diag));
    MUST(optimizer_open(&optimizer[1], OPTIMIZER_LBFGS, N, &lbfgs, &diag));
    for (int i = 0; i < 10; i++) {
        if (i == 4)
            count_from_here();
        MUST(objective_evaluate(objective, &losses, gradient, content.rgb, &diag));
        optimizer_step(optimizer[i % 2], content.rgb, losses.total, gradient, 10.0);
    }
    nothing_was_allocated();
    objective_close(&objective);
    optimizer_close(&optimizer[0]);
    optimizer_close(&optimizer[1]);
    precondition_close(&metric);
    nn_close(&nn);
    network_close(&network);
    image_clear(&content);
    mem_free(gram);
    mem_free(gradient);
}

static void nor_does_one_behind_a_change_of_weights(void **state)
{
    (void)state;
    struct job job = tiny_job();
    struct run *run;
    struct losses losses;
    MUST(run_open(&run, &job, NULL, &diag));
    for (int i = 0; i < 6; i++) {
        job.channel[i % STYLE_LAYER_COUNT].weight = 0.5;
        job.content_weight = job.tv_weight = 1.0 + i;
        MUST(run_change(run, &job, &diag));
        count_from_here();
        MUST(run_step(run, &losses, &diag));
        if (i >= 2)
            nothing_was_allocated();
    }
    run_close(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#ifndef __SANITIZE_ADDRESS__
        cmocka_unit_test(the_count_sees_an_allocation_of_ours),
#endif
        cmocka_unit_test(an_iteration_allocates_nothing),
        cmocka_unit_test(nor_does_one_behind_a_change_of_weights),
    };
    return cmocka_run_group_tests(tests, draw, remove_all);
}
