/*
 * nn_private.h: what nn's files share, the lower before the higher:
 *     nn_layout.c     how features lie, pictures, element-wise work (nn_layout.h)
 *     nn_onednn.c     where oneDNN 2 and 3 differ (nn_onednn.h)
 *     nn_step.c       primitives bound to their arguments
 *     nn_tiles.c      Winograd's transforms
 *     nn_winograd.c   Winograd's algorithm around a batched product
 *     nn_memory.c     scratch memory of operations, packed kernels
 *     nn_pool.c       pooling
 *     nn_ops.c        running and closing operations
 *     nn_gram.c, nn_conv.c    the products of the Gram matrix, convolutions by a given algorithm
 *     nn_tune.c       convolutions by the algorithm that is fastest
 *     nn.c            opening and closing the whole
 * A backend for another library replaces all but nn_layout.c and nn_pool.c.
 */
#ifndef STRATA_NN_PRIVATE_H
#define STRATA_NN_PRIVATE_H

#include <stdbool.h>

#include "engine/nn/nn.h"
#include "engine/nn/nn_layout.h"
#include "engine/nn/nn_onednn.h"

enum { STEP_MAX_ARGS = 5 };

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

struct nn_winograd;

/* What a kernel goes through before oneDNN puts it into the order that a primitive wants. */
enum nn_kernel_form { NN_FORM_PLAIN, NN_FORM_TILES, NN_FORM_TILES_BACKWARD };

/* Kernels in the order that a primitive wants, kept with nn for all operations that want it so. */
struct nn_packed {
    struct nn_packed *next;
    int users;
    const float *origin;
    enum nn_kernel_form form;
    nn_order order;
    void *data;
};

/* A convolution's kernels in one direction. */
struct nn_kernel {
    const float *origin; /* [out][in][3][3]; NULL: not a convolution */
    int in, out;
    enum nn_kernel_form form;
    float *wide;            /* PLAIN: origin filled up to whole lanes, or NULL */
    struct nn_step pack;    /* what has that form → data */
    nn_order order;         /* of data */
    size_t tiles_size;      /* TILES: bytes that have the form; 0 for PLAIN */
    void *tiles;            /* the same, if they are to be packed before each use */
    struct nn_packed *kept; /* NULL: to be packed before each use */
    void *data;
};

struct nn {
    dnnl_engine_t engine;
    dnnl_stream_t *stream; /* one for each thread, the first for all of them together */
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

enum nn_pass { NN_PASS_FORWARD, NN_PASS_BACKWARD, NN_PASS_COUNT };
enum nn_op_kind { NN_OP_CONV, NN_OP_POOL, NN_OP_GRAM };

/* An operation in one direction: by a primitive, or, a convolution, by Winograd's algorithm. */
struct nn_way {
    struct nn_step step;
    struct nn_winograd *winograd; /* NULL: the step */
    struct nn_kernel kernel;      /* conv */
    struct nn_part staging; /* conv backward: gradient of a picture's pixels; gram forward: the
                             * product; backward: dg as the product's kernel; pooling without a way
                             * back: where the maxima were */
    int staging_lanes;      /* conv backward: numbers of a pixel there */
};

struct nn_op {
    struct nn *nn;
    enum nn_op_kind kind;
    enum nn_pooling pooling;
    struct nn_layout src, dst;
    bool band; /* conv: one of the two has a row more above and below */
    struct nn_way way[NN_PASS_COUNT];
    float *bias;             /* conv: [lanes], owned */
    struct nn_step pack;     /* gram backward: plain → staging */
    struct nn_part plain;    /* gram backward: dg filled up to whole lanes; 0 bytes if it is so */
    struct nn_part between;  /* max pooling: where the maxima were */
    void *own;               /* nn_op_allocate's, or NULL */
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

/* ---- steps -------------------------------------------------------------------------------- */

/* Makes the primitive of desc in a zeroed step. ids: which arguments it takes, in the order in
 * which nn_step_run will be given their data; their memory orders are asked of desc. nn_step_close
 * copes with a half-made step. */
enum status nn_step_open(struct nn_step *step, struct nn *nn, const_dnnl_primitive_desc_t desc,
                         const int *ids, int count, struct diag *diag);
void nn_step_close(struct nn_step *step);

/* data: one pointer for each of the ids given to nn_step_open. */
enum status nn_step_run(struct nn_step *step, dnnl_stream_t stream, const void *const *data,
                        struct diag *diag);

/* A step with arguments from, to. */
enum status nn_reorder_open(struct nn_step *step, struct nn *nn, nn_const_order from,
                            nn_const_order to, struct diag *diag);

/* Scratch memory from us, and a ReLU or a sum fused behind the primitive; to be destroyed. */
enum nn_fused { NN_FUSED_NOTHING, NN_FUSED_RELU, NN_FUSED_SUM };
enum status nn_attributes(dnnl_primitive_attr_t *out, enum nn_fused fused, struct diag *diag);

/* ---- kernels ------------------------------------------------------------------------------ */

/* Kernels [out][in][3][3] as the weights of `wants`, in a zeroed struct, for pixels of so many
 * lanes; parts: of a picture in bfloat16. */
enum status nn_kernel_open(struct nn_kernel *kernel, struct nn *nn, const float *origin, int out,
                           int in, int lanes, bool parts, const_dnnl_primitive_desc_t wants,
                           struct diag *diag);

/* The same for Winograd's product; backward: flipped, from out channels to in. */
enum status nn_kernel_open_tiles(struct nn_kernel *kernel, struct nn *nn, const float *origin,
                                 int out, int in, bool backward, nn_const_order wants,
                                 struct diag *diag);
void nn_kernel_close(struct nn_kernel *kernel);

/* Lends the kernels in their order, packed now if they are not kept. Allocates nothing. */
enum status nn_kernel_lend(const void **out, struct nn *nn, struct nn_kernel *kernel,
                           struct diag *diag);

/* ---- convolutions ------------------------------------------------------------------------- */

/* A convolution to be opened. */
struct nn_conv {
    const struct nn_layout *src;
    int out; /* channels */
    const float *kernel, *bias;
    bool band; /* see nn_band_open */
};

/* A convolution of features in NN_BF16 or NN_FP32, as src says, that runs in both passes or one as
 * told, and not otherwise: STATUS_LIBRARY if it is not offered (a fast one: oneDNN's reference code
 * counts only for float32). A band has one way only. */
enum nn_way_kind { NN_WAY_NONE, NN_WAY_DIRECT, NN_WAY_WINOGRAD };
enum status nn_conv_open_as(struct nn_op **out, struct nn *nn, const struct nn_conv *conv,
                            const enum nn_way_kind way[NN_PASS_COUNT], struct diag *diag);

/* Does this processor compute with bfloat16? */
bool nn_has_bf16(struct nn *nn);

/* The names of what is tried out for a convolution: direct, Winograd, bfloat16; "" where there is
 * none. */
enum status nn_tune_names(char (*names)[64], const struct nn_op *op, enum nn_pass pass,
                          struct diag *diag);

/* ---- Winograd's algorithm, F(4×4, 3×3), in float32 ----------------------------------------- */

enum { NN_TILE = 4, NN_TILE_IN = 6, NN_TILE_VALUES = NN_TILE_IN * NN_TILE_IN };

/* From in to out channels, whole lanes, to height × width pixels; band: see nn_band_open. */
enum status nn_winograd_open(struct nn_winograd **out, struct nn *nn, int in_lanes, int out_lanes,
                             int height, int width, bool band, struct diag *diag);
void nn_winograd_close(struct nn_winograd **winograd);
nn_const_order nn_winograd_kernel_order(const struct nn_winograd *winograd);
const char *nn_winograd_name(const struct nn_winograd *winograd);
size_t nn_winograd_scratch(const struct nn_winograd *winograd);

/* dst = relu(conv(src) + bias), or conv(src) if bias is NULL. kernel: in the order above. */
enum status nn_winograd_run(struct nn_winograd *winograd, float *dst, const float *src,
                            const void *kernel, const float *bias, void *scratch,
                            struct diag *diag);

/* The transforms, Lavin and Gray 2016 (arXiv 1509.09308), for points 0, ±1, ±2, ∞; U = G g Gᵀ,
 * V = Bᵀ d B, y = Aᵀ m A. */

/* u [36][in_lanes][out_lanes] from g [out][in][3][3]; backward: [36][out_lanes][in_lanes] from
 * kernels turned round. */
void nn_tiles_kernel(float *u, const float *g, int out, int in, bool backward);

/* A tile's 36 pixels of `lanes` numbers to v, with `plane` numbers from one of 36 to the next. */
void nn_tiles_take(float *v, size_t plane, const float *const pixel[NN_TILE_VALUES], int lanes);

/* Where a tile goes to, at an edge not whole; strides in numbers. */
struct nn_tile_place {
    float *dst;
    size_t row, pixel;
    int height, width, lanes;
};
void nn_tiles_give(const struct nn_tile_place *place, const float *m, size_t plane,
                   const float *bias);

/* ---- running an operation of one kind ------------------------------------------------------ */

void nn_pool_forward(struct nn_op *op, void *dst, const void *src);
void nn_pool_backward(struct nn_op *op, void *dsrc, const void *ddst);

#endif
