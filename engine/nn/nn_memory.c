/*
 * nn_memory.c: see nn.h and nn_private.h. Scratch memory of operations, which the caller gives, and
 * kernels in the order that a primitive wants: kept with nn, or packed into scratch memory before
 * each use.
 */
#include <assert.h>
#include <stdbool.h>

#include "engine/base/mem.h"
#include "engine/nn/nn_private.h"

/* ---- packed kernels ----------------------------------------------------------------------- */

enum status nn_kernel_open(struct nn_kernel *kernel, struct nn *nn, const float *origin,
                           const dnnl_memory_desc_t *plain, const_dnnl_primitive_desc_t wants,
                           struct diag *diag)
{
    kernel->origin = origin;
    kernel->plain = *plain;
    kernel->desc = *dnnl_primitive_desc_query_md(wants, dnnl_query_weights_md, 0);
    return nn_reorder_open(&kernel->pack, nn, plain, &kernel->desc, diag);
}

void nn_kernel_close(struct nn_kernel *kernel)
{
    if (kernel->kept)
        kernel->kept->users--;
    nn_step_close(&kernel->pack);
    *kernel = (struct nn_kernel){0};
}

static enum status pack_kernel(struct nn *nn, struct nn_kernel *kernel, void *data,
                               struct diag *diag)
{
    return nn_step_run(&kernel->pack, nn, (const void *[]){kernel->origin, data}, diag);
}

enum status nn_kernel_lend(const void **out, struct nn *nn, struct nn_kernel *kernel,
                           struct diag *diag)
{
    *out = kernel->data;
    return kernel->kept ? STATUS_OK : pack_kernel(nn, kernel, kernel->data, diag);
}

static size_t packed_size(const struct nn_kernel *kernel)
{
    return kernel->origin ? dnnl_memory_desc_get_size(&kernel->desc) : 0;
}

static bool is_packed(const struct nn_packed *p, const struct nn_kernel *kernel)
{
    return p->origin == kernel->origin && dnnl_memory_desc_equal(&p->desc, &kernel->desc);
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
        mem_free(p->data);
        mem_free(p);
    }
}

void nn_drop_kernels(struct nn *nn)
{
    drop_unused(nn, NULL);
}

static enum status keep_packed(struct nn *nn, struct nn_kernel *kernel, struct diag *diag)
{
    if (!kernel->origin || kernel->kept)
        return STATUS_OK;
    struct nn_packed *p = find_packed(nn, kernel);
    if (!p) {
        void *data;
        drop_unused(nn, kernel->origin);
        TRY(mem_big(&data, packed_size(kernel), "a network's kernels", diag));
        enum status status = pack_kernel(nn, kernel, data, diag);
        if (status != STATUS_OK) {
            mem_free(data);
            return status;
        }
        p = mem_new(sizeof *p);
        *p = (struct nn_packed){nn->packed, 0, kernel->origin, kernel->desc, data};
        nn->packed = p;
    }
    p->users++;
    kernel->kept = p;
    kernel->data = p->data;
    return STATUS_OK;
}

size_t nn_op_kernels(const struct nn_op *op)
{
    const struct nn_kernel *forward = &op->kernel, *backward = &op->kernel_backward;
    size_t size = 0;
    if (forward->origin && !find_packed(op->nn, forward))
        size += packed_size(forward);
    if (backward->origin && !find_packed(op->nn, backward) &&
        !dnnl_memory_desc_equal(&forward->desc, &backward->desc))
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
        return put_block(&op->workspace.data, base, 0, op->workspace.size);
    bool backward = kind == NN_SCRATCH_BACKWARD;
    struct nn_step *run = backward ? &op->backward : &op->forward;
    struct nn_step *reorder = backward ? &op->reorder_backward : &op->reorder;
    struct nn_part *staging = backward ? &op->staging_backward : &op->staging;
    struct nn_kernel *kernel = backward ? &op->kernel_backward : &op->kernel;
    size_t scratch =
        larger(run->scratch_size, larger(reorder->scratch_size, kernel->pack.scratch_size));
    size_t used = put_block(&run->scratch_data, base, 0, scratch);
    if (base)
        reorder->scratch_data = kernel->pack.scratch_data = run->scratch_data;
    used = put_block(&staging->data, base, used, staging->size);
    if (!backward)
        used = put_block(&op->plain.data, base, used, op->plain.size);
    if (kernels == NN_KERNELS_MADE)
        used = put_block(&kernel->data, base, used, packed_size(kernel));
    return used;
}

size_t nn_op_scratch(struct nn_op *op, enum nn_kernels kernels, enum nn_scratch kind)
{
    return lay_out(op, kernels, kind, NULL);
}

enum status nn_op_place(struct nn_op *op, enum nn_kernels kernels,
                        void *const scratch[NN_SCRATCH_COUNT], struct diag *diag)
{
    assert(kernels == NN_KERNELS_KEPT || (!op->kernel.kept && !op->kernel_backward.kept));
    for (enum nn_scratch r = 0; r < NN_SCRATCH_COUNT; r++) {
        size_t used = lay_out(op, kernels, r, scratch[r]);
        assert(scratch[r] || used == 0);
        (void)used;
    }
    if (kernels == NN_KERNELS_MADE)
        return STATUS_OK;
    TRY(keep_packed(op->nn, &op->kernel, diag));
    return keep_packed(op->nn, &op->kernel_backward, diag);
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
