/*
 * nn.c: see nn.h. What a network's operations share: oneDNN's engine and stream, threads, what is
 * preferred, the request to stop.
 */
#include <malloc.h>
#include <omp.h>
#include <sys/resource.h>

#include "engine/host/cores.h"
#include "engine/base/mem.h"
#include "engine/base/thread.h"
#include "engine/nn/nn_private.h"

/* OpenMP's threads of the calling thread, which stay. */
static _Thread_local int started_before = 1;

/* OpenMP ends the process where a thread cannot be started. Fewer are taken where nobody has said
 * how many. */
static enum status check_count(struct nn *nn, bool wanted, struct diag *diag)
{
    int more = nn->threads - started_before;
    int possible = started_before + (more > 0 ? thread_possible(more) : 0);
    if (nn->threads <= possible)
        return STATUS_OK;
    if (wanted)
        return diag_set(diag, STATUS_RANGE,
                        "%d threads cannot be started: a limit (ulimit -u, or of the control "
                        "group) is too low; with threads %d it fits",
                        nn->threads, possible);
    nn->threads = possible;
    return STATUS_OK;
}

/* So it does where a thread's stack does not fit into the address space. Threads are started here,
 * so that the memory they take counts in every later forecast. */
static enum status start_threads(struct nn *nn, bool wanted, struct diag *diag)
{
    struct rlimit stack, space;
    size_t each = 8 << 20;
    int started = 0;
    if (getrlimit(RLIMIT_AS, &space) == 0 && space.rlim_cur != RLIM_INFINITY)
        mallopt(M_ARENA_MAX, 1); /* else malloc maps 64 MiB for each thread in advance */
    if (getrlimit(RLIMIT_STACK, &stack) == 0 && stack.rlim_cur != RLIM_INFINITY)
        each = (size_t)stack.rlim_cur;
    if (nn->threads > 1 && !nn_can_map(mem_times(each, (size_t)nn->threads - 1)))
        return diag_set(diag, STATUS_MEMORY,
                        "not enough memory for %d threads: the limit of the "
                        "process (ulimit -v) is too low; threads 1 needs least",
                        nn->threads);
    TRY(check_count(nn, wanted, diag));
    nn_use(nn);
#pragma omp parallel
    {
#pragma omp atomic
        started++;
    }
    started_before = started > started_before ? started : started_before;
    return STATUS_OK;
}

enum status nn_open(struct nn **out, int threads, enum nn_algorithm algorithm,
                    enum nn_precision precision, struct diag *diag)
{
    enum status status;
    struct nn *nn = mem_new(sizeof *nn);
    nn->algorithm = algorithm;
    nn->precision = precision;
    nn->threads = threads > 0 ? threads : cores_usable("");
    TRY_OR_FAIL(start_threads(nn, threads > 0, diag));
    TRY_DNNL(dnnl_engine_create(&nn->engine, dnnl_cpu, 0), "a CPU engine");
    nn->stream = mem_new((size_t)nn->threads * sizeof(dnnl_stream_t));
    for (int i = 0; i < nn->threads; i++)
        TRY_DNNL(dnnl_stream_create(&nn->stream[i], nn->engine, dnnl_stream_default_flags),
                 "a stream");
    if (precision == NN_BF16 && !nn_has_bf16(nn))
        nn->precision = NN_FP32;
    *out = nn;
    return STATUS_OK;
fail:
    nn_close(&nn);
    return status;
}

void nn_close(struct nn **nn)
{
    struct nn *s = *nn;
    if (!s)
        return;
    nn_drop_kernels(s);
    for (int i = 0; s->stream && i < s->threads && s->stream[i]; i++)
        dnnl_stream_destroy(s->stream[i]);
    mem_free(s->stream);
    if (s->engine)
        dnnl_engine_destroy(s->engine);
    mem_free(s);
    *nn = NULL;
}

enum nn_algorithm nn_prefer(struct nn *nn, enum nn_algorithm algorithm)
{
    enum nn_algorithm before = nn->algorithm;
    nn->algorithm = algorithm;
    return before;
}

enum nn_algorithm nn_preference(const struct nn *nn)
{
    return nn->algorithm;
}

void nn_use(const struct nn *nn)
{
    omp_set_num_threads(nn->threads);
}

void nn_stop_when(struct nn *nn, const atomic_int *stop)
{
    nn->stop = stop;
}

enum status nn_check_stop(const struct nn *nn, struct diag *diag)
{
    if (!nn->stop || !atomic_load_explicit(nn->stop, memory_order_relaxed))
        return STATUS_OK;
    return diag_set(diag, STATUS_STOPPED, "stopped");
}

int nn_threads(const struct nn *nn)
{
    return nn->threads;
}

enum nn_precision nn_precision(const struct nn *nn)
{
    return nn->precision;
}

void nn_set_precision(struct nn *nn, enum nn_precision precision)
{
    nn->precision = precision;
}

struct nn_layout *nn_picture_open(const struct nn *nn, int height, int width)
{
    struct nn_layout *layout = mem_new(sizeof *layout);
    nn_layout_set_picture(layout, height, width, nn->precision == NN_BF16);
    return layout;
}

struct nn_layout *nn_layout_rows(const struct nn_layout *layout, int rows)
{
    struct nn_layout *part = mem_new(sizeof *part);
    *part = *layout;
    part->height = rows;
    return part;
}

void nn_layout_close(struct nn_layout **layout)
{
    mem_free(*layout);
    *layout = NULL;
}
