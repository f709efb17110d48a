/* nn_onednn.c: see nn_onednn.h. */
#include "engine/nn/nn_onednn.h"

#include <stddef.h>
#include <string.h>

#include "engine/base/mem.h"
#include "engine/nn/nn.h"

static const dnnl_dims_t one = {1, 1};

#if DNNL_VERSION_MAJOR >= 3

static const dnnl_dims_t none = {0, 0}; /* of dilation */

dnnl_status_t nn_order_make(nn_order *out, int n, const dnnl_dims_t dims, dnnl_data_type_t type,
                            dnnl_format_tag_t tag)
{
    *out = NULL;
    return dnnl_memory_desc_create_with_tag(out, n, dims, type, tag);
}

dnnl_status_t nn_order_make_strided(nn_order *out, int n, const dnnl_dims_t dims,
                                    dnnl_data_type_t type, const dnnl_dims_t strides)
{
    *out = NULL;
    return dnnl_memory_desc_create_with_strides(out, n, dims, type, strides);
}

dnnl_status_t nn_order_copy(nn_order *out, nn_const_order from)
{
    *out = NULL;
    return dnnl_memory_desc_clone(out, from);
}

void nn_order_destroy(nn_order *order)
{
    if (*order)
        dnnl_memory_desc_destroy(*order);
    *order = NULL;
}

dnnl_status_t nn_memory_set(dnnl_memory_t memory, void *data, dnnl_stream_t stream)
{
    (void)stream;
    return dnnl_memory_set_data_handle(memory, data);
}

dnnl_status_t nn_append_relu(dnnl_post_ops_t ops)
{
    return dnnl_post_ops_append_eltwise(ops, dnnl_eltwise_relu, 0.0f, 0.0f);
}

dnnl_status_t nn_append_sum(dnnl_post_ops_t ops)
{
    return dnnl_post_ops_append_sum(ops, 1.0f, 0, dnnl_data_type_undef);
}

dnnl_status_t nn_describe_convolution(dnnl_primitive_desc_t *out, dnnl_engine_t engine,
                                      nn_const_order src, nn_const_order kernel,
                                      nn_const_order bias, nn_const_order dst, int padding,
                                      const_dnnl_primitive_attr_t attr)
{
    const dnnl_dims_t pad = {padding, 1};
    return dnnl_convolution_forward_primitive_desc_create(
        out, engine, dnnl_forward_training, dnnl_convolution_direct, src, kernel, bias, dst, one,
        none, pad, pad, attr);
}

dnnl_status_t nn_describe_backward_data(dnnl_primitive_desc_t *out, dnnl_engine_t engine,
                                        nn_const_order dsrc, nn_const_order kernel,
                                        nn_const_order ddst, int padding,
                                        const_dnnl_primitive_desc_t forward,
                                        const_dnnl_primitive_attr_t attr)
{
    const dnnl_dims_t pad = {padding, 1};
    return dnnl_convolution_backward_data_primitive_desc_create(
        out, engine, dnnl_convolution_direct, dsrc, kernel, ddst, one, none, pad, pad, forward,
        attr);
}

/* 3.7.2's jitted one for bfloat16 on AVX-512 without AMX does not: a third of the gradient's size
 * is wrong, at any width, where 2.6.3's is right. */
bool nn_copes_with_part_of_lanes(const_dnnl_primitive_desc_t backward_data)
{
    static const char wrong[] = "jit_bf16";
    const char *name = "";
    dnnl_primitive_desc_query(backward_data, dnnl_query_impl_info_str, 0, &name);
    return strncmp(name, wrong, sizeof wrong - 1) != 0;
}

dnnl_status_t nn_describe_product(dnnl_primitive_desc_t *out, dnnl_engine_t engine,
                                  nn_const_order a, nn_const_order b, nn_const_order dst,
                                  const_dnnl_primitive_attr_t attr)
{
    return dnnl_matmul_primitive_desc_create(out, engine, a, b, NULL, dst, attr);
}

#else

/* Takes over the result of a dnnl_memory_desc_init_*. */
static dnnl_status_t keep_order(nn_order *out, const dnnl_memory_desc_t *desc, dnnl_status_t result)
{
    *out = NULL;
    if (result != dnnl_success)
        return result;
    *out = mem_new(sizeof **out);
    **out = *desc;
    return dnnl_success;
}

dnnl_status_t nn_order_make(nn_order *out, int n, const dnnl_dims_t dims, dnnl_data_type_t type,
                            dnnl_format_tag_t tag)
{
    dnnl_memory_desc_t desc;
    return keep_order(out, &desc, dnnl_memory_desc_init_by_tag(&desc, n, dims, type, tag));
}

dnnl_status_t nn_order_make_strided(nn_order *out, int n, const dnnl_dims_t dims,
                                    dnnl_data_type_t type, const dnnl_dims_t strides)
{
    dnnl_memory_desc_t desc;
    return keep_order(out, &desc, dnnl_memory_desc_init_by_strides(&desc, n, dims, type, strides));
}

dnnl_status_t nn_order_copy(nn_order *out, nn_const_order from)
{
    return keep_order(out, from, dnnl_success);
}

void nn_order_destroy(nn_order *order)
{
    mem_free(*order);
    *order = NULL;
}

dnnl_status_t nn_memory_set(dnnl_memory_t memory, void *data, dnnl_stream_t stream)
{
    return dnnl_memory_set_data_handle_v2(memory, data, stream);
}

dnnl_status_t nn_append_relu(dnnl_post_ops_t ops)
{
    return dnnl_post_ops_append_eltwise(ops, 1.0f, dnnl_eltwise_relu, 0.0f, 0.0f);
}

dnnl_status_t nn_append_sum(dnnl_post_ops_t ops)
{
    return dnnl_post_ops_append_sum(ops, 1.0f);
}

/* The first implementation but for one: 2.6.3's brgemm convolution for AMX reads behind its own
 * table of offsets while it is made, and crashes where no memory lies there (seen under
 * AddressSanitizer). The jitted one for AMX, next in the list, is as fast. */
static dnnl_status_t create_sound(dnnl_primitive_desc_t *out, const dnnl_convolution_desc_t *desc,
                                  const_dnnl_primitive_attr_t attr, dnnl_engine_t engine)
{
    static const char unsound[] = "brgconv:avx512_core_amx";
    dnnl_primitive_desc_iterator_t list = NULL;
    const char *name = "";
    dnnl_status_t result = dnnl_primitive_desc_iterator_create(&list, desc, attr, engine, NULL);
    while (result == dnnl_success) {
        *out = dnnl_primitive_desc_iterator_fetch(list);
        dnnl_primitive_desc_query(*out, dnnl_query_impl_info_str, 0, &name);
        if (strncmp(name, unsound, sizeof unsound - 1) != 0)
            break;
        dnnl_primitive_desc_destroy(*out);
        *out = NULL;
        result = dnnl_primitive_desc_iterator_next(list);
    }
    if (list)
        dnnl_primitive_desc_iterator_destroy(list);
    return result == dnnl_iterator_ends ? dnnl_unimplemented : result;
}

dnnl_status_t nn_describe_convolution(dnnl_primitive_desc_t *out, dnnl_engine_t engine,
                                      nn_const_order src, nn_const_order kernel,
                                      nn_const_order bias, nn_const_order dst, int padding,
                                      const_dnnl_primitive_attr_t attr)
{
    const dnnl_dims_t pad = {padding, 1};
    dnnl_convolution_desc_t desc;
    dnnl_status_t result =
        dnnl_convolution_forward_desc_init(&desc, dnnl_forward_training, dnnl_convolution_direct,
                                           src, kernel, bias, dst, one, pad, pad);
    return result == dnnl_success ? create_sound(out, &desc, attr, engine) : result;
}

dnnl_status_t nn_describe_backward_data(dnnl_primitive_desc_t *out, dnnl_engine_t engine,
                                        nn_const_order dsrc, nn_const_order kernel,
                                        nn_const_order ddst, int padding,
                                        const_dnnl_primitive_desc_t forward,
                                        const_dnnl_primitive_attr_t attr)
{
    const dnnl_dims_t pad = {padding, 1};
    dnnl_convolution_desc_t desc;
    dnnl_status_t result = dnnl_convolution_backward_data_desc_init(
        &desc, dnnl_convolution_direct, dsrc, kernel, ddst, one, pad, pad);
    return result == dnnl_success ? dnnl_primitive_desc_create(out, &desc, attr, engine, forward)
                                  : result;
}

bool nn_copes_with_part_of_lanes(const_dnnl_primitive_desc_t backward_data)
{
    (void)backward_data;
    return true;
}

dnnl_status_t nn_describe_product(dnnl_primitive_desc_t *out, dnnl_engine_t engine,
                                  nn_const_order a, nn_const_order b, nn_const_order dst,
                                  const_dnnl_primitive_attr_t attr)
{
    dnnl_matmul_desc_t desc;
    dnnl_status_t result = dnnl_matmul_desc_init(&desc, a, b, NULL, dst);
    return result == dnnl_success ? dnnl_primitive_desc_create(out, &desc, attr, engine, NULL)
                                  : result;
}

#endif

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
#if DNNL_VERSION_MAJOR >= 3
    case dnnl_cpu_isa_avx2_vnni_2: return "AVX2_VNNI_2";
    case dnnl_cpu_isa_avx512_core_fp16: return "AVX512_CORE_FP16";
    case dnnl_cpu_isa_avx512_core_amx_fp16: return "AVX512_CORE_AMX_FP16";
#endif
    default: return "OTHER";
    }
}
