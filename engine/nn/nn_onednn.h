/*
 * nn_onednn.h: what oneDNN 2 (from 2.6 on) and oneDNN 3 say in different words, said once. All else
 * that nn's files call is the same in both. Which one it is, is known when this is compiled;
 * whether the library found at run time offers an algorithm, it is asked for.
 *
 * An order is oneDNN's description of a memory: shape, type of the numbers and how they lie. Orders
 * made here are to be destroyed, also where making them failed; those that oneDNN's own functions
 * give belong to a primitive descriptor.
 */
#ifndef STRATA_NN_ONEDNN_H
#define STRATA_NN_ONEDNN_H

#include <stdbool.h>

#include <oneapi/dnnl/dnnl.h>

#if DNNL_VERSION_MAJOR >= 3
typedef dnnl_memory_desc_t nn_order;
typedef const_dnnl_memory_desc_t nn_const_order;
#else
typedef dnnl_memory_desc_t *nn_order;
typedef const dnnl_memory_desc_t *nn_const_order;
#endif

dnnl_status_t nn_order_make(nn_order *out, int n, const dnnl_dims_t dims, dnnl_data_type_t type,
                            dnnl_format_tag_t tag);

/* strides: in numbers. */
dnnl_status_t nn_order_make_strided(nn_order *out, int n, const dnnl_dims_t dims,
                                    dnnl_data_type_t type, const dnnl_dims_t strides);
dnnl_status_t nn_order_copy(nn_order *out, nn_const_order from);
void nn_order_destroy(nn_order *order); /* NULL it may be, and will be */

dnnl_status_t nn_memory_set(dnnl_memory_t memory, void *data, dnnl_stream_t stream);

dnnl_status_t nn_append_relu(dnnl_post_ops_t ops);
dnnl_status_t nn_append_sum(dnnl_post_ops_t ops);

/* Of a direct convolution of stride 1; padding: rows above and below, one column on each side; bias
 * may be NULL. */
dnnl_status_t nn_describe_convolution(dnnl_primitive_desc_t *out, dnnl_engine_t engine,
                                      nn_const_order src, nn_const_order kernel,
                                      nn_const_order bias, nn_const_order dst, int padding,
                                      const_dnnl_primitive_attr_t attr);
dnnl_status_t nn_describe_backward_data(dnnl_primitive_desc_t *out, dnnl_engine_t engine,
                                        nn_const_order dsrc, nn_const_order kernel,
                                        nn_const_order ddst, int padding,
                                        const_dnnl_primitive_desc_t forward,
                                        const_dnnl_primitive_attr_t attr);

/* Whether backward data comes out right if the input's channels are no multiple of 16. */
bool nn_copes_with_part_of_lanes(const_dnnl_primitive_desc_t backward_data);

/* dst = a·b, for each of a batch if they have three dimensions. */
dnnl_status_t nn_describe_product(dnnl_primitive_desc_t *out, dnnl_engine_t engine,
                                  nn_const_order a, nn_const_order b, nn_const_order dst,
                                  const_dnnl_primitive_attr_t attr);

#endif
