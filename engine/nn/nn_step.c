/*
 * nn_step.c: see nn_private.h. What all operations are made of: memory orders (layouts), primitives
 * bound to their arguments (steps), changes of memory order. Written for the C API of oneDNN 2.
 */
#include <assert.h>
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

const char *nn_isa(void)
{
    switch (dnnl_get_effective_cpu_isa()) {
    case dnnl_cpu_isa_sse41: return "SSE41";
    case dnnl_cpu_isa_avx: return "AVX";
    case dnnl_cpu_isa_avx2: return "AVX2";
    case dnnl_cpu_isa_avx2_vnni: return "AVX2_VNNI";
    case dnnl_cpu_isa_avx512_core: return "AVX512_CORE";
    case dnnl_cpu_isa_avx512_core_vnni: return "AVX512_CORE_VNNI";
    case dnnl_cpu_isa_avx512_core_bf16: return "AVX512_CORE_BF16";
    case dnnl_cpu_isa_avx512_core_amx: return "AVX512_CORE_AMX";
    default: return "OTHER";
    }
}

enum status nn_refused(struct diag *diag, dnnl_status_t status, const char *what)
{
    if (status == dnnl_out_of_memory)
        return diag_set(diag, STATUS_MEMORY, "not enough memory for %s", what);
    return diag_set(diag, STATUS_LIBRARY, "oneDNN %s refuses %s (status %d)", nn_version(), what,
                    (int)status);
}

/* ---- layouts ------------------------------------------------------------------------------ */

void nn_layout_set(struct nn_layout *layout, const dnnl_memory_desc_t *desc)
{
    layout->desc = *desc;
    layout->channels = (int)desc->dims[1];
    layout->height = (int)desc->dims[2];
    layout->width = (int)desc->dims[3];
    layout->precision = desc->data_type == dnnl_bf16 ? NN_BF16 : NN_FP32;
}

bool nn_is_plain(const dnnl_memory_desc_t *desc)
{
    return desc->format_kind == dnnl_blocked && desc->format_desc.blocking.inner_nblks == 0;
}

enum status nn_planes_open(struct nn_layout **out, int channels, int height, int width,
                           enum nn_precision precision, struct diag *diag)
{
    dnnl_memory_desc_t desc;
    dnnl_dims_t dims = {1, channels, height, width};
    dnnl_status_t result = dnnl_memory_desc_init_by_tag(&desc, 4, dims, dnnl_f32, dnnl_nchw);
    if (result != dnnl_success)
        return nn_refused(diag, result, "the picture's planes");
    struct nn_layout *layout = mem_new(sizeof *layout);
    nn_layout_set(layout, &desc);
    layout->precision = precision;
    *out = layout;
    return STATUS_OK;
}

void nn_planes_close(struct nn_layout **layout)
{
    mem_free(*layout);
    *layout = NULL;
}

int nn_layout_channels(const struct nn_layout *layout)
{
    return layout->channels;
}

size_t nn_layout_count(const struct nn_layout *layout)
{
    return (size_t)layout->channels * (size_t)layout->height * (size_t)layout->width;
}

size_t nn_layout_bytes(const struct nn_layout *layout)
{
    return dnnl_memory_desc_get_size(&layout->desc);
}

size_t nn_layout_values(const struct nn_layout *layout)
{
    return nn_layout_bytes(layout) / dnnl_data_type_size(layout->desc.data_type);
}

bool nn_layout_is_half(const struct nn_layout *layout)
{
    return layout->desc.data_type == dnnl_bf16;
}

enum nn_precision nn_layout_precision(const struct nn_layout *layout)
{
    return layout->precision;
}

/* ---- steps -------------------------------------------------------------------------------- */

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
        const dnnl_memory_desc_t *arg =
            dnnl_primitive_desc_query_md(desc, dnnl_query_exec_arg_md, ids[i]);
        step->args[i].arg = ids[i];
        TRY_DNNL(dnnl_memory_create(&step->args[i].memory, arg, nn->engine, DNNL_MEMORY_NONE),
                 "a memory");
        step->count++;
    }
    const dnnl_memory_desc_t *scratch =
        dnnl_primitive_desc_query_md(desc, dnnl_query_scratchpad_md, 0);
    step->scratch_size = dnnl_memory_desc_get_size(scratch);
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

enum status nn_step_run(struct nn_step *step, struct nn *nn, const void *const *data,
                        struct diag *diag)
{
    enum status status;
    assert(!step->scratch || step->scratch_data);
    for (int i = 0; i < step->count; i++) {
        dnnl_memory_t memory = step->args[i].memory;
        void *handle = memory == step->scratch ? step->scratch_data : (void *)(size_t)data[i];
        TRY_DNNL(dnnl_memory_set_data_handle_v2(memory, handle, nn->stream), "its own memory");
    }
    TRY_DNNL(dnnl_primitive_execute(step->primitive, nn->stream, step->count, step->args),
             "to run a primitive");
    TRY_DNNL(dnnl_stream_wait(nn->stream), "to end a primitive");
    return STATUS_OK;
fail:
    return status;
}

enum status nn_reorder_open(struct nn_step *step, struct nn *nn, const dnnl_memory_desc_t *from,
                            const dnnl_memory_desc_t *to, struct diag *diag)
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
        TRY_DNNL(dnnl_post_ops_append_eltwise(ops, 1.0f, dnnl_eltwise_relu, 0.0f, 0.0f), "a ReLU");
    if (fused == NN_FUSED_SUM)
        TRY_DNNL(dnnl_post_ops_append_sum(ops, 1.0f), "a sum");
    TRY_DNNL(dnnl_primitive_attr_set_post_ops(*out, ops), "attributes");
fail:
    dnnl_post_ops_destroy(ops);
    return status;
}
