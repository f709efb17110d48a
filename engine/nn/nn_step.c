/*
 * nn_step.c: see nn_private.h. What all operations are made of: primitives bound to their
 * arguments, and changes of memory order.
 */
#include <assert.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "engine/base/mem.h"
#include "engine/nn/nn_private.h"

const char *nn_version(void)
{
    static char text[32];
    const dnnl_version_t *v = dnnl_version();
    snprintf(text, sizeof text, "%d.%d.%d", v->major, v->minor, v->patch);
    return text;
}

enum status nn_refused(struct diag *diag, dnnl_status_t status, const char *what)
{
    if (status == dnnl_out_of_memory)
        return diag_set(diag, STATUS_MEMORY, "not enough memory for %s", what);
    return diag_set(diag, STATUS_LIBRARY, "oneDNN %s refuses %s (status %d)", nn_version(), what,
                    (int)status);
}

bool nn_can_map(size_t bytes)
{
    void *start = mmap(NULL, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (start != MAP_FAILED)
        munmap(start, bytes);
    return start != MAP_FAILED;
}

/* oneDNN crashes where there is no memory for the code that it makes (ulimit -v). */
static enum status check_code_memory(struct diag *diag)
{
    const size_t enough = 8 << 20;
    if (!nn_can_map(enough))
        return diag_set(diag, STATUS_MEMORY,
                        "not enough memory for oneDNN's code (%zu MiB); the "
                        "limit of the process (ulimit -v) is too low",
                        enough >> 20);
    return STATUS_OK;
}

void nn_forget_code(void)
{
    int capacity;
    if (dnnl_get_primitive_cache_capacity(&capacity) != dnnl_success)
        return;
    dnnl_set_primitive_cache_capacity(0);
    dnnl_set_primitive_cache_capacity(capacity);
#ifdef __GLIBC__
    malloc_trim(0);
#endif
}

enum status nn_step_open(struct nn_step *step, struct nn *nn, const_dnnl_primitive_desc_t desc,
                         const int *ids, int count, struct diag *diag)
{
    enum status status;
    const char *name = "";
    assert(count < STEP_MAX_ARGS);
    TRY(check_code_memory(diag));
    TRY_DNNL(dnnl_primitive_create(&step->primitive, desc), "a primitive");
    dnnl_primitive_desc_query(desc, dnnl_query_impl_info_str, 0, &name);
    snprintf(step->name, sizeof step->name, "%s", name);
    for (int i = 0; i < count; i++) {
        nn_const_order arg =
            dnnl_primitive_desc_query_md(desc, dnnl_query_exec_arg_md, ids[i]);
        step->args[i].arg = ids[i];
        TRY_DNNL(dnnl_memory_create(&step->args[i].memory, arg, nn->engine, DNNL_MEMORY_NONE),
                 "a memory");
        step->count++;
    }
    nn_const_order scratch = dnnl_primitive_desc_query_md(desc, dnnl_query_scratchpad_md, 0);
    step->scratch_size = scratch ? dnnl_memory_desc_get_size(scratch) : 0;
    if (step->scratch_size > 0) {
        struct dnnl_memory **memory = &step->args[step->count].memory;
        step->args[step->count].arg = DNNL_ARG_SCRATCHPAD;
        TRY_DNNL(dnnl_memory_create(memory, scratch, nn->engine, DNNL_MEMORY_NONE), "a memory");
        step->scratch = *memory;
        step->count++;
    }
    return STATUS_OK;
fail:
    return status;
}

void nn_step_close(struct nn_step *step)
{
    for (int i = 0; i < step->count; i++)
        dnnl_memory_destroy(step->args[i].memory);
    if (step->primitive)
        dnnl_primitive_destroy(step->primitive);
    memset(step, 0, sizeof *step);
}

enum status nn_step_run(struct nn_step *step, dnnl_stream_t stream, const void *const *data,
                        struct diag *diag)
{
    enum status status;
    assert(!step->scratch || step->scratch_data);
    for (int i = 0; i < step->count; i++) {
        dnnl_memory_t memory = step->args[i].memory;
        void *handle = memory == step->scratch ? step->scratch_data : (void *)(size_t)data[i];
        TRY_DNNL(nn_memory_set(memory, handle, stream), "its own memory");
    }
    TRY_DNNL(dnnl_primitive_execute(step->primitive, stream, step->count, step->args),
             "to run a primitive");
    TRY_DNNL(dnnl_stream_wait(stream), "to end a primitive");
    return STATUS_OK;
fail:
    return status;
}

enum status nn_reorder_open(struct nn_step *step, struct nn *nn, nn_const_order from,
                            nn_const_order to, struct diag *diag)
{
    enum status status;
    dnnl_primitive_desc_t desc = NULL;
    dnnl_primitive_attr_t attr = NULL;
    TRY_DNNL(dnnl_primitive_attr_create(&attr), "attributes");
    TRY_DNNL(dnnl_primitive_attr_set_scratchpad_mode(attr, dnnl_scratchpad_mode_user),
             "attributes");
    TRY_DNNL(dnnl_reorder_primitive_desc_create(&desc, from, nn->engine, to, nn->engine, attr),
             "a change of memory order");
    static const int ids[] = {DNNL_ARG_FROM, DNNL_ARG_TO};
    status = nn_step_open(step, nn, desc, ids, 2, diag);
fail:
    dnnl_primitive_attr_destroy(attr);
    if (desc)
        dnnl_primitive_desc_destroy(desc);
    return status;
}

enum status nn_attributes(dnnl_primitive_attr_t *out, enum nn_fused fused, struct diag *diag)
{
    enum status status = STATUS_OK;
    dnnl_post_ops_t ops = NULL;
    TRY_DNNL(dnnl_primitive_attr_create(out), "attributes");
    TRY_DNNL(dnnl_primitive_attr_set_scratchpad_mode(*out, dnnl_scratchpad_mode_user),
             "attributes");
    TRY_DNNL(dnnl_post_ops_create(&ops), "attributes");
    if (fused == NN_FUSED_RELU)
        TRY_DNNL(nn_append_relu(ops), "a ReLU");
    if (fused == NN_FUSED_SUM)
        TRY_DNNL(nn_append_sum(ops), "a sum");
    TRY_DNNL(dnnl_primitive_attr_set_post_ops(*out, ops), "attributes");
fail:
    dnnl_post_ops_destroy(ops);
    return status;
}
