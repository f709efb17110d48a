/*
 * nn_conv_desc.c: see nn_private.h. Descriptions of one convolution for oneDNN: shapes, and the
 * primitives of both passes by a given algorithm.
 */
#include "engine/nn/nn_private.h"

static const dnnl_dims_t one = {1, 1};

enum status nn_conv_shape_init(struct nn_conv_shape *shape, const dnnl_memory_desc_t *src,
                               int out_channels, int side, struct diag *diag)
{
    enum status status;
    dnnl_dims_t kernel = {out_channels, src->dims[1], side, side}, bias = {out_channels};
    dnnl_dims_t dst = {1, out_channels, src->dims[2], src->dims[3]};
    dnnl_data_type_t type = src->data_type;
    shape->src = *src;
    shape->padding[0] = shape->padding[1] = side / 2;
    TRY_DNNL(dnnl_memory_desc_init_by_tag(&shape->kernel, 4, kernel, type, dnnl_format_tag_any),
             "a kernel");
    TRY_DNNL(dnnl_memory_desc_init_by_tag(&shape->kernel_plain, 4, kernel, dnnl_f32, dnnl_oihw),
             "a kernel");
    TRY_DNNL(dnnl_memory_desc_init_by_tag(&shape->bias, 1, bias, dnnl_f32, dnnl_x), "a bias");
    TRY_DNNL(dnnl_memory_desc_init_by_tag(&shape->dst, 4, dst, type, dnnl_format_tag_any),
             "features");
    return STATUS_OK;
fail:
    return status;
}

enum status nn_conv_forward_desc(dnnl_primitive_desc_t *out, const struct nn *nn,
                                 const struct nn_conv_shape *shape, dnnl_alg_kind_t algorithm,
                                 struct diag *diag)
{
    dnnl_primitive_attr_t attr = NULL;
    dnnl_convolution_desc_t desc;
    enum status status = nn_attributes(&attr, NN_FUSED_RELU, diag);
    if (status != STATUS_OK)
        goto fail;
    TRY_DNNL(dnnl_convolution_forward_desc_init(&desc, dnnl_forward_training, algorithm,
                                                &shape->src, &shape->kernel, &shape->bias,
                                                &shape->dst, one, shape->padding, shape->padding),
             "a convolution");
    TRY_DNNL(dnnl_primitive_desc_create(out, &desc, attr, nn->engine, NULL), "a convolution");
fail:
    dnnl_primitive_attr_destroy(attr);
    return status;
}

enum status nn_conv_backward_desc(dnnl_primitive_desc_t *out, const struct nn *nn,
                                  const struct nn_conv_shape *shape, dnnl_alg_kind_t algorithm,
                                  struct diag *diag)
{
    dnnl_memory_desc_t dsrc = shape->src, kernel = shape->kernel;
    dnnl_primitive_attr_t attr = NULL;
    dnnl_primitive_desc_t hint = NULL;
    dnnl_convolution_desc_t desc;
    enum status status = nn_attributes(&attr, NN_FUSED_NOTHING, diag);
    if (status != STATUS_OK)
        goto fail;
    kernel.data_type = shape->dst.data_type;
    if (nn_is_plain(&dsrc)) /* no fast primitive writes planes */
        TRY_DNNL(dnnl_memory_desc_init_by_tag(&dsrc, 4, shape->src.dims, shape->src.data_type,
                                              dnnl_format_tag_any),
                 "a gradient");
    dnnl_memory_desc_t src = dsrc;
    src.data_type = kernel.data_type;
    TRY_DNNL(dnnl_convolution_forward_desc_init(&desc, dnnl_forward_training, algorithm, &src,
                                                &kernel, NULL, &shape->dst, one, shape->padding,
                                                shape->padding),
             "a convolution's backward data");
    TRY_DNNL(dnnl_primitive_desc_create(&hint, &desc, attr, nn->engine, NULL),
             "a convolution's backward data");
    TRY_DNNL(dnnl_convolution_backward_data_desc_init(&desc, algorithm, &dsrc, &kernel, &shape->dst,
                                                      one, shape->padding, shape->padding),
             "a convolution's backward data");
    TRY_DNNL(dnnl_primitive_desc_create(out, &desc, attr, nn->engine, hint),
             "a convolution's backward data");
fail:
    dnnl_primitive_desc_destroy(hint);
    dnnl_primitive_attr_destroy(attr);
    return status;
}

bool nn_has_bf16(const struct nn *nn)
{
    struct diag diag;
    struct nn_conv_shape shape;
    dnnl_memory_desc_t src;
    dnnl_dims_t dims = {1, 16, 16, 16};
    dnnl_primitive_desc_t desc = NULL;
    bool has =
        dnnl_memory_desc_init_by_tag(&src, 4, dims, dnnl_bf16, dnnl_format_tag_any) ==
            dnnl_success &&
        nn_conv_shape_init(&shape, &src, 16, 3, &diag) == STATUS_OK &&
        nn_conv_backward_desc(&desc, nn, &shape, dnnl_convolution_direct, &diag) == STATUS_OK;
    dnnl_primitive_desc_destroy(desc);
    return has;
}
