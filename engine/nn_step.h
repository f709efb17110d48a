/*
 * nn_step.h: what nn.c (the shared part) lends to nn_ops.c (the operations): primitives bound to
 * their memories, memory orders, packed kernels. Private to these two files.
 */
#ifndef STRATA_NN_STEP_H
#define STRATA_NN_STEP_H

#include <oneapi/dnnl/dnnl.h>

#include "nn.h"

enum { STEP_MAX_ARGS = 5 };

struct nn_layout {
    dnnl_memory_desc_t desc;
    int channels, height, width;
};

/* Kernels or biases in the order that some primitive wants. */
struct nn_packed {
    struct nn_packed *next;
    const float *origin;
    dnnl_memory_desc_t desc;
    float *data;
};

struct nn {
    dnnl_engine_t engine;
    dnnl_stream_t stream;
    struct nn_packed *packed;
    float *scratch;
    size_t scratch_size;
    enum nn_algorithm algorithm;
    int threads;
    const atomic_int *stop; /* NULL: never */
};

struct nn_step {
    dnnl_primitive_t primitive;
    dnnl_exec_arg_t args[STEP_MAX_ARGS];
    int count;
    dnnl_memory_t scratch; /* also among args; NULL if none is needed */
    char name[64];
};


/* The sentence for a refusal by oneDNN. */
enum status nn_refused(struct diag *diag, dnnl_status_t status, const char *what);

#define TRY_DNNL(call, what)                                                                     \
    do {                                                                                         \
        dnnl_status_t dnnl_status = (call);                                                      \
        if (dnnl_status != dnnl_success) {                                                       \
            status = nn_refused(diag, dnnl_status, what);                                        \
            goto fail;                                                                           \
        }                                                                                        \
    } while (0)

#define TRY_OR_FAIL(call)                                                                        \
    do {                                                                                         \
        if ((status = (call)) != STATUS_OK)                                                      \
            goto fail;                                                                           \
    } while (0)

void nn_layout_set(struct nn_layout *layout, const dnnl_memory_desc_t *desc);

/* Makes the primitive of desc in a zeroed step. ids: which arguments it takes, in the order in
 * which nn_step_run will be given their data; their memory orders are asked of desc. nn_step_close
 * copes with a half-made step. */
enum status nn_step_open(struct nn_step *step, struct nn *nn, const_dnnl_primitive_desc_t desc,
                         const int *ids, int count, struct diag *diag);
void nn_step_close(struct nn_step *step);

/* data: one pointer for each of the ids given to nn_step_open. */
enum status nn_step_run(struct nn_step *step, struct nn *nn, const void *const *data,
                        struct diag *diag);

/* A step with arguments from, to. */
enum status nn_reorder_open(struct nn_step *step, struct nn *nn, const dnnl_memory_desc_t *from,
                            const dnnl_memory_desc_t *to, struct diag *diag);

/* Lends origin, whose order is plain, in the order desc: made at the first call, found later. */
enum status nn_pack(float **out, struct nn *nn, const float *origin,
                    const dnnl_memory_desc_t *plain, const dnnl_memory_desc_t *desc,
                    struct diag *diag);

#endif
