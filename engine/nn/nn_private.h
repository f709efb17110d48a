/*
 * nn_private.h: what nn's files share, the lower before the higher:
 *     nn_step.c       memory orders, primitives bound to their arguments
 *     nn_memory.c     scratch memory of operations, packed kernels
 *     nn_conv_desc.c  descriptions of a convolution for oneDNN
 *     nn_tune.c       which algorithm for a convolution, by timing
 *     nn_ops.c        running and closing operations
 *     nn_conv.c, nn_pool.c, nn_gram.c    one kind of operation each
 *     nn.c            opening and closing the whole
 * nn_features.c needs nothing of this: it knows no oneDNN. A backend for another library replaces
 * all the others.
 */
#ifndef STRATA_NN_PRIVATE_H
#define STRATA_NN_PRIVATE_H

#include <oneapi/dnnl/dnnl.h>
#include <stdbool.h>

#include "engine/nn/nn.h"

enum { STEP_MAX_ARGS = 5 };

struct nn_layout {
    dnnl_memory_desc_t desc;
    int channels, height, width;
    enum nn_precision precision; /* of these features, or of those computed from a picture */
};

/* A primitive with its memories; their data handles are set at each run. */
struct nn_step {
    dnnl_primitive_t primitive;
    dnnl_exec_arg_t args[STEP_MAX_ARGS];
    int count;
    dnnl_memory_t scratch; /* also among args; NULL if none is needed */
    size_t scratch_size;
    void *scratch_data; /* [scratch_size], to be set before a run */
    char name[64];
};

/* Kernels in the order that a primitive wants, kept with nn for all operations that want it so. */
struct nn_packed {
    struct nn_packed *next;
    int users;
    const float *origin;
    dnnl_memory_desc_t desc;
    void *data;
};

/* A convolution's kernels in one direction. */
struct nn_kernel {
    const float *origin; /* [out][in][3][3]; NULL: not a convolution */
    dnnl_memory_desc_t plain, desc;
    struct nn_step pack;    /* origin → data */
    struct nn_packed *kept; /* NULL: to be packed before each use */
    void *data;
};

struct nn {
    dnnl_engine_t engine;
    dnnl_stream_t stream;
    struct nn_packed *packed;
    enum nn_algorithm algorithm;
    enum nn_precision precision;
    int threads;
    const atomic_int *stop; /* NULL: never */
};

/* Memory besides an operation's buffers; data is set by nn_op_place. */
struct nn_part {
    void *data;
    size_t size;
};

/* What ends in _backward works in nn_backward, the rest in nn_forward. */
struct nn_op {
    struct nn *nn;
    struct nn_layout src, dst;
    struct nn_step forward, backward;
    struct nn_kernel kernel, kernel_backward; /* conv */
    const float *bias;                        /* conv */
    struct nn_step reorder; /* conv: float32 → bfloat16 features; gram: product → plain */
    struct nn_step
        reorder_backward;   /* conv: dsrc in preferred order → src's; gram: dg → a kernel */
    struct nn_part staging; /* conv: features in float32; gram: the product */
    struct nn_part plain;   /* gram: one part [channels/parts][channels/parts] of G */
    int parts;              /* gram: of the channels */
    struct nn_part staging_backward; /* conv: dsrc in preferred order; gram: dg as a kernel */
    struct nn_part workspace;        /* max pooling: where the maxima were */
    void *own;                       /* nn_op_allocate's, or NULL */
};

/* The sentence for a refusal by oneDNN. */
enum status nn_refused(struct diag *diag, dnnl_status_t status, const char *what);

#define TRY_DNNL(call, what)                                                                       \
    do {                                                                                           \
        dnnl_status_t dnnl_status = (call);                                                        \
        if (dnnl_status != dnnl_success) {                                                         \
            status = nn_refused(diag, dnnl_status, what);                                          \
            goto fail;                                                                             \
        }                                                                                          \
    } while (0)

#define TRY_OR_FAIL(call)                                                                          \
    do {                                                                                           \
        if ((status = (call)) != STATUS_OK)                                                        \
            goto fail;                                                                             \
    } while (0)

/* Is there that much address space left (ulimit -v)? */
bool nn_can_map(size_t bytes);

/* Is it a picture's planes? */
bool nn_is_plain(const dnnl_memory_desc_t *desc);

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

/* Kernels from plain to the order that a primitive wants, in a zeroed struct. */
enum status nn_kernel_open(struct nn_kernel *kernel, struct nn *nn, const float *origin,
                           const dnnl_memory_desc_t *plain, const_dnnl_primitive_desc_t wants,
                           struct diag *diag);
void nn_kernel_close(struct nn_kernel *kernel);

/* Lends the kernels in their order, packed now if they are not kept. Allocates nothing. */
enum status nn_kernel_lend(const void **out, struct nn *nn, struct nn_kernel *kernel,
                           struct diag *diag);

/* Scratch memory from us, and a ReLU or a sum fused behind the primitive; to be destroyed. */
enum nn_fused { NN_FUSED_NOTHING, NN_FUSED_RELU, NN_FUSED_SUM };
enum status nn_attributes(dnnl_primitive_attr_t *out, enum nn_fused fused, struct diag *diag);

/* A square convolution of stride 1 that keeps the size: what its directions share. */
struct nn_conv_shape {
    dnnl_memory_desc_t src, kernel, bias, dst; /* kernel, dst: order left to oneDNN */
    dnnl_memory_desc_t kernel_plain;
    dnnl_dims_t padding;
};
enum status nn_conv_shape_init(struct nn_conv_shape *shape, const dnnl_memory_desc_t *src,
                               int out_channels, int side, struct diag *diag);

/* The ways through a convolution 3×3. Back: dsrc gets src's order, or, where that is a picture's
 * planes, which no fast primitive writes, the one that oneDNN prefers; dst's type is the kernels'.
 * *out is to be destroyed; STATUS_LIBRARY if oneDNN does not offer the algorithm. */
enum nn_pass { NN_PASS_FORWARD, NN_PASS_BACKWARD };
enum status nn_conv_forward_desc(dnnl_primitive_desc_t *out, const struct nn *nn,
                                 const struct nn_conv_shape *shape, dnnl_alg_kind_t algorithm,
                                 struct diag *diag);
enum status nn_conv_backward_desc(dnnl_primitive_desc_t *out, const struct nn *nn,
                                  const struct nn_conv_shape *shape, dnnl_alg_kind_t algorithm,
                                  struct diag *diag);

/* Does this processor compute with bfloat16? */
bool nn_has_bf16(const struct nn *nn);

/* Is Winograd's algorithm the faster? Tried out unless it is known. */
enum status nn_tune(bool *winograd, struct nn *nn, const struct nn_conv_shape *shape,
                    enum nn_pass pass, struct diag *diag);

/* What oneDNN calls the primitives that are tried out for a convolution: direct, Winograd,
 * bfloat16; "" where there is none. */
enum status nn_tune_names(char (*names)[64], const struct nn_op *op, enum nn_pass pass,
                          struct diag *diag);

#endif
