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
    for (enum nn_pass p = NN_PASS_FORWARD; p < NN_PASS_COUNT; p++) {
        nn_step_close(&s->way[p].step);
        nn_winograd_close(&s->way[p].winograd);
        nn_kernel_close(&s->way[p].kernel);
    }
    nn_step_close(&s->pack);
    mem_free(s->bias);
    mem_free(s->own);
    mem_free(s);
    *op = NULL;
}

const struct nn_layout *nn_op_input(const struct nn_op *op)
{
    return &op->src;
}

const struct nn_layout *nn_op_output(const struct nn_op *op)
{
    return &op->dst;
}

static const char *way_name(const struct nn_way *way)
{
    return way->winograd ? nn_winograd_name(way->winograd) : way->step.name;
}

const char *nn_op_forward_name(const struct nn_op *op)
{
    return way_name(&op->way[NN_PASS_FORWARD]);
}

const char *nn_op_backward_name(const struct nn_op *op)
{
    return way_name(&op->way[NN_PASS_BACKWARD]);
}

/* bias: NULL in the backward pass. */
static enum status run_convolution(struct nn_op *op, struct nn_way *way, void *dst,
                                   const void *src, const float *bias, struct diag *diag)
{
    const void *kernel;
    TRY(nn_kernel_lend(&kernel, op->nn, &way->kernel, diag));
    if (way->winograd)
        return nn_winograd_run(way->winograd, dst, src, kernel, bias, way->step.scratch_data,
                               diag);
    return nn_step_run(&way->step, op->nn->stream[0], (const void *[]){dst, src, kernel, bias},
                       diag);
}

enum status nn_forward(struct nn_op *op, void *dst, const void *src, struct diag *diag)
{
    if (op->kind == NN_OP_CONV)
        return run_convolution(op, &op->way[NN_PASS_FORWARD], dst, src, op->bias, diag);
    nn_pool_forward(op, dst, src);
    return STATUS_OK;
}

enum status nn_backward(struct nn_op *op, void *dsrc, const void *ddst, struct diag *diag)
{
    struct nn_way *way = &op->way[NN_PASS_BACKWARD];
    void *staging = way->staging.data;
    if (op->kind == NN_OP_POOL) {
        nn_pool_backward(op, dsrc, ddst);
        return STATUS_OK;
    }
    TRY(run_convolution(op, way, staging ? staging : dsrc, ddst, NULL, diag));
    if (staging)
        nn_picture_give(&op->src, dsrc, staging, (size_t)way->staging_lanes);
    return STATUS_OK;
}
