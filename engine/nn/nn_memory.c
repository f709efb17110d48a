/*
 * nn_memory.c: see nn.h and nn_private.h. Scratch memory of operations, which the caller gives, and
 * kernels in the order that a primitive wants: kept with nn, or packed into scratch memory before
 * each use.
 */
#include <assert.h>
#include <stdbool.h>

#include "engine/base/bf16.h"
#include "engine/base/mem.h"
#include "engine/nn/nn_private.h"

/* ---- packed kernels ----------------------------------------------------------------------- */

/* Kernels of so many channels filled up to whole lanes, [out_lanes][lanes][3][3]. Of a picture in
 * bfloat16, see nn_layout.h, the kernels, the same, and what rounding takes away of them. */
static float *fill_up(const struct nn_kernel *kernel, size_t out_lanes, size_t lanes, bool parts)
{
    float *wide = mem_new(mem_product(9 * sizeof *wide, out_lanes, lanes));
    size_t in = (size_t)kernel->in;
    for (size_t o = 0; o < (size_t)kernel->out; o++)
        for (size_t i = 0; i < 9 * in; i++) {
            float value = kernel->origin[o * in * 9 + i];
            float *to = wide + o * lanes * 9 + i;
            to[0] = value;
            if (parts) {
                to[9 * in] = value;
                to[18 * in] = value - bf16_widen(bf16_narrow(value));
            }
        }
    return wide;
}

/* order is kept. */
static enum status open_pack(struct nn_kernel *kernel, struct nn *nn, nn_const_order from,
                             nn_const_order order, struct diag *diag)
{
    enum status status;
    TRY_DNNL(nn_order_copy(&kernel->order, order), "a kernel");
    return nn_reorder_open(&kernel->pack, nn, from, kernel->order, diag);
fail:
    return status;
}

enum status nn_kernel_open(struct nn_kernel *kernel, struct nn *nn, const float *origin, int out,
                           int in, int lanes, bool parts, const_dnnl_primitive_desc_t wants,
                           struct diag *diag)
{
    int out_lanes = nn_whole_lanes(out);
    const dnnl_dims_t dims = {out_lanes, lanes, 3, 3};
    enum status status;
    nn_order plain = NULL;
    kernel->origin = origin;
    kernel->out = out;
    kernel->in = in;
    if (lanes != in || out_lanes != out)
        kernel->wide = fill_up(kernel, (size_t)out_lanes, (size_t)lanes, parts);
    TRY_DNNL(nn_order_make(&plain, 4, dims, dnnl_f32, dnnl_oihw), "a kernel");
    status = open_pack(kernel, nn, plain,
                       dnnl_primitive_desc_query_md(wants, dnnl_query_weights_md, 0), diag);
fail:
    nn_order_destroy(&plain);
    return status;
}

enum status nn_kernel_open_tiles(struct nn_kernel *kernel, struct nn *nn, const float *origin,
                                 int out, int in, bool backward, nn_const_order wants,
                                 struct diag *diag)
{
    int rows = nn_whole_lanes(backward ? out : in), columns = nn_whole_lanes(backward ? in : out);
    const dnnl_dims_t dims = {NN_TILE_VALUES, rows, columns};
    enum status status;
    nn_order plain = NULL;
    kernel->origin = origin;
    kernel->out = out;
    kernel->in = in;
    kernel->form = backward ? NN_FORM_TILES_BACKWARD : NN_FORM_TILES;
    kernel->tiles_size = mem_product(NN_TILE_VALUES * sizeof(float), (size_t)rows, (size_t)columns);
    TRY_DNNL(nn_order_make(&plain, 3, dims, dnnl_f32, dnnl_abc), "a kernel");
    status = open_pack(kernel, nn, plain, wants, diag);
fail:
    nn_order_destroy(&plain);
    return status;
}

void nn_kernel_close(struct nn_kernel *kernel)
{
    if (kernel->kept)
        kernel->kept->users--;
    nn_step_close(&kernel->pack);
    nn_order_destroy(&kernel->order);
    mem_free(kernel->wide);
    *kernel = (struct nn_kernel){0};
}

/* tiles [tiles_size]: in between, if the kernels are transformed. */
static enum status pack_kernel(struct nn *nn, struct nn_kernel *kernel, void *data, void *tiles,
                               struct diag *diag)
{
    const float *from = kernel->wide ? kernel->wide : kernel->origin;
    if (kernel->form != NN_FORM_PLAIN) {
        nn_tiles_kernel(tiles, from, kernel->out, kernel->in,
                        kernel->form == NN_FORM_TILES_BACKWARD);
        from = tiles;
    }
    return nn_step_run(&kernel->pack, nn->stream[0], (const void *[]){from, data}, diag);
}

enum status nn_kernel_lend(const void **out, struct nn *nn, struct nn_kernel *kernel,
                           struct diag *diag)
{
    *out = kernel->data;
    return kernel->kept ? STATUS_OK : pack_kernel(nn, kernel, kernel->data, kernel->tiles, diag);
}

static size_t packed_size(const struct nn_kernel *kernel)
{
    return kernel->origin ? dnnl_memory_desc_get_size(kernel->order) : 0;
}

static bool is_packed(const struct nn_packed *p, const struct nn_kernel *kernel)
{
    return p->origin == kernel->origin && p->form == kernel->form &&
           dnnl_memory_desc_equal(p->order, kernel->order);
}

static struct nn_packed *find_packed(const struct nn *nn, const struct nn_kernel *kernel)
{
    struct nn_packed *p = nn->packed;
    while (p && !is_packed(p, kernel))
        p = p->next;
    return p;
}

/* Frees packed forms without users: of the kernels at origin, or of all if origin is NULL. */
static void drop_unused(struct nn *nn, const float *origin)
{
    for (struct nn_packed **at = &nn->packed; *at;) {
        struct nn_packed *p = *at;
        if (p->users > 0 || (origin && p->origin != origin)) {
            at = &p->next;
            continue;
        }
        *at = p->next;
        nn_order_destroy(&p->order);
        mem_free(p->data);
        mem_free(p);
    }
}

void nn_drop_kernels(struct nn *nn)
{
    drop_unused(nn, NULL);
}

/* Packs the kernels and lists them as kept. */
static enum status pack_anew(struct nn *nn, struct nn_kernel *kernel, struct diag *diag)
{
    void *data = NULL, *tiles = NULL;
    enum status status;
    nn_order order = NULL;
    TRY_OR_FAIL(mem_big(&data, packed_size(kernel), "a network's kernels", diag));
    TRY_OR_FAIL(mem_big(&tiles, kernel->tiles_size, "a network's kernels", diag));
    TRY_OR_FAIL(pack_kernel(nn, kernel, data, tiles, diag));
    TRY_DNNL(nn_order_copy(&order, kernel->order), "a kernel");
    mem_free(tiles);
    struct nn_packed *p = mem_new(sizeof *p);
    *p = (struct nn_packed){nn->packed, 0, kernel->origin, kernel->form, order, data};
    nn->packed = p;
    return STATUS_OK;
fail:
    mem_free(tiles);
    mem_free(data);
    return status;
}

static enum status keep_packed(struct nn *nn, struct nn_kernel *kernel, struct diag *diag)
{
    if (!kernel->origin || kernel->kept)
        return STATUS_OK;
    if (!find_packed(nn, kernel)) {
        drop_unused(nn, kernel->origin);
        TRY(pack_anew(nn, kernel, diag));
    }
    kernel->kept = find_packed(nn, kernel);
    kernel->kept->users++;
    kernel->data = kernel->kept->data;
    return STATUS_OK;
}

size_t nn_op_kernels(const struct nn_op *op)
{
    const struct nn_kernel *forward = &op->way[NN_PASS_FORWARD].kernel;
    const struct nn_kernel *backward = &op->way[NN_PASS_BACKWARD].kernel;
    size_t size = 0;
    if (forward->origin && !find_packed(op->nn, forward))
        size += packed_size(forward);
    if (backward->origin && !find_packed(op->nn, backward) &&
        (forward->form != backward->form ||
         !dnnl_memory_desc_equal(forward->order, backward->order)))
        size += packed_size(backward);
    return size;
}

/* ---- scratch memory ----------------------------------------------------------------------- */

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

/* Sets *at to base + used, for a block of size bytes, unless base is NULL; returns the bytes used
 * including the block. */
static size_t put_block(void **at, char *base, size_t used, size_t size)
{
    if (base)
        *at = size ? base + used : NULL;
    return used + (size + MEM_ALIGNMENT - 1) / MEM_ALIGNMENT * MEM_ALIGNMENT;
}

/* Places one kind of scratch memory at base, or only counts its bytes if base is NULL. */
static size_t lay_out(struct nn_op *op, enum nn_kernels kernels, enum nn_scratch kind, char *base)
{
    if (kind == NN_SCRATCH_BETWEEN)
        return put_block(&op->between.data, base, 0, op->between.size);
    bool backward = kind == NN_SCRATCH_BACKWARD;
    struct nn_way *way = &op->way[backward ? NN_PASS_BACKWARD : NN_PASS_FORWARD];
    struct nn_step *pack = &way->kernel.pack;
    size_t scratch = larger(way->winograd ? nn_winograd_scratch(way->winograd) : 0,
                            larger(way->step.scratch_size, pack->scratch_size));
    scratch = larger(scratch, backward ? op->pack.scratch_size : 0);
    size_t used = put_block(&way->step.scratch_data, base, 0, scratch);
    if (base)
        pack->scratch_data = way->step.scratch_data;
    if (base && backward)
        op->pack.scratch_data = way->step.scratch_data;
    used = put_block(&way->staging.data, base, used, way->staging.size);
    if (backward)
        used = put_block(&op->plain.data, base, used, op->plain.size);
    if (kernels == NN_KERNELS_MADE) {
        used = put_block(&way->kernel.tiles, base, used, way->kernel.tiles_size);
        used = put_block(&way->kernel.data, base, used, packed_size(&way->kernel));
    }
    return used;
}

size_t nn_op_scratch(struct nn_op *op, enum nn_kernels kernels, enum nn_scratch kind)
{
    return lay_out(op, kernels, kind, NULL);
}

enum status nn_op_place(struct nn_op *op, enum nn_kernels kernels,
                        void *const scratch[NN_SCRATCH_COUNT], struct diag *diag)
{
    struct nn_kernel *forward = &op->way[NN_PASS_FORWARD].kernel;
    struct nn_kernel *backward = &op->way[NN_PASS_BACKWARD].kernel;
    assert(kernels == NN_KERNELS_KEPT || (!forward->kept && !backward->kept));
    for (enum nn_scratch r = 0; r < NN_SCRATCH_COUNT; r++) {
        size_t used = lay_out(op, kernels, r, scratch[r]);
        assert(scratch[r] || used == 0);
        (void)used;
    }
    if (kernels == NN_KERNELS_MADE)
        return STATUS_OK;
    TRY(keep_packed(op->nn, forward, diag));
    return keep_packed(op->nn, backward, diag);
}

enum status nn_op_allocate(struct nn_op *op, struct diag *diag)
{
    size_t size = 0;
    char *at = NULL;
    void *scratch[NN_SCRATCH_COUNT];
    for (enum nn_scratch r = 0; r < NN_SCRATCH_COUNT; r++)
        size += nn_op_scratch(op, NN_KERNELS_KEPT, r);
    TRY(mem_big(&at, size, "an operation of the network", diag));
    mem_free(op->own);
    op->own = at;
    for (enum nn_scratch r = 0; r < NN_SCRATCH_COUNT; r++) {
        scratch[r] = at;
        at += nn_op_scratch(op, NN_KERNELS_KEPT, r);
    }
    return nn_op_place(op, NN_KERNELS_KEPT, scratch, diag);
}
