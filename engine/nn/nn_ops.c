/*
 * nn_ops.c: see nn.h. What all operations have: running and closing them.
 */
#include "engine/base/mem.h"
#include "engine/nn/nn_private.h"

void nn_op_close(struct nn_op **op)
{
    struct nn_op *s = *op;
    if (!s)
        return;
    nn_step_close(&s->forward);
    nn_step_close(&s->backward);
    nn_step_close(&s->reorder);
    nn_step_close(&s->reorder_backward);
    nn_kernel_close(&s->kernel);
    nn_kernel_close(&s->kernel_backward);
    mem_free(s->own);
    mem_free(s);
    *op = NULL;
}

const struct nn_layout *nn_op_output(const struct nn_op *op)
{
    return &op->dst;
}

const char *nn_op_forward_name(const struct nn_op *op)
{
    return op->forward.name;
}

const char *nn_op_backward_name(const struct nn_op *op)
{
    return op->backward.name;
}

/* The operation's third_argument argument: kernels, or where the maxima were. */
static enum status third_argument(const void **out, struct nn_op *op, struct nn_kernel *kernel,
                                  struct diag *diag)
{
    *out = op->workspace.data;
    return kernel->origin ? nn_kernel_lend(out, op->nn, kernel, diag) : STATUS_OK;
}

enum status nn_forward(struct nn_op *op, void *dst, const void *src, struct diag *diag)
{
    const void *data;
    void *staging = op->staging.data, *target = staging ? staging : dst;
    TRY(third_argument(&data, op, &op->kernel, diag));
    TRY(nn_step_run(&op->forward, op->nn, (const void *[]){target, src, data, op->bias}, diag));
    if (!staging)
        return STATUS_OK;
    return nn_step_run(&op->reorder, op->nn, (const void *[]){staging, dst}, diag);
}

enum status nn_backward(struct nn_op *op, void *dsrc, const void *ddst, struct diag *diag)
{
    const void *data;
    void *staging = op->staging_backward.data, *target = staging ? staging : dsrc;
    TRY(third_argument(&data, op, &op->kernel_backward, diag));
    TRY(nn_step_run(&op->backward, op->nn, (const void *[]){target, ddst, data}, diag));
    if (!staging)
        return STATUS_OK;
    return nn_step_run(&op->reorder_backward, op->nn, (const void *[]){staging, dsrc}, diag);
}
