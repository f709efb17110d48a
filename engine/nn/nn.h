/*
 * nn.h: the operations of a convolutional network on one picture, forward and backward data.
 * The sole user of oneDNN; knows nothing of VGG's shape or of styles. Everything of one struct nn
 * must be made, run and closed by one thread: oneDNN's rule.
 *
 * Features live in one order, with zeros as padding (a struct nn_layout): element-wise work may run
 * over all of them, blindly.
 *
 * An operation is opened, given scratch memory (nn_op_place or nn_op_allocate), then run as
 * often as one likes. Only the last two take much memory, and running takes none.
 */
#ifndef STRATA_NN_H
#define STRATA_NN_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/base/diag.h"

struct nn;        /* engine and packed kernels, shared by all operations */
struct nn_layout; /* shape and memory order of the features of one picture */
struct nn_op;     /* one operation at one shape, with its primitives */

/* NN_FORWARD makes nothing that only the backward pass needs. */
enum nn_direction { NN_FORWARD, NN_BOTH };
enum nn_pooling { NN_POOL_MAX, NN_POOL_AVG };

/* Which convolution algorithm in float32. AUTO tries out Winograd F(4×4,3×3) and takes what is
 * faster, see tune_cache.h; DIRECT is slower and some digits more exact; WINOGRAD is for tests. */
enum nn_algorithm { NN_AUTO, NN_DIRECT, NN_WINOGRAD };

/* Of features and gradients between the layers; sums are always made in float32. ANY: bfloat16
 * where it makes a network's convolutions faster. Processors that cannot compute with it (AVX2) use
 * float32. What it costs in digits is measured, see engine/README.md. */
enum nn_precision { NN_FP32, NN_BF16, NN_ANY };

/* threads: 0 for as many as are worth it, see cores.h. */
enum status nn_open(struct nn **out, int threads, enum nn_algorithm algorithm,
                    enum nn_precision precision, struct diag *diag);

/* For convolutions opened from now on; returns what held before. */
enum nn_algorithm nn_prefer(struct nn *nn, enum nn_algorithm algorithm);

enum nn_algorithm nn_preference(const struct nn *nn);

/* oneDNN remembers the code of operations that are closed, which for large pictures takes tens
 * of megabytes: it is given back. */
void nn_forget_code(void);

/* Closes after every operation made with it is closed. */
void nn_close(struct nn **nn);

/* Work done with nn ends early, with STATUS_STOPPED, once *stop is not 0; NULL: never. */
void nn_stop_when(struct nn *nn, const atomic_int *stop);

/* STATUS_STOPPED if it is time, else STATUS_OK: to be asked between operations. */
enum status nn_check_stop(const struct nn *nn, struct diag *diag);

/* OpenMP's number of threads is the calling thread's, not nn's: sets it, after another nn was
 * opened. */
void nn_use(const struct nn *nn);

int nn_threads(const struct nn *nn);

/* What was asked for at nn_open and can be had; and what is taken from now on. */
enum nn_precision nn_precision(const struct nn *nn);
void nn_set_precision(struct nn *nn, enum nn_precision precision);

/* "2.6.3", "AVX512_CORE_BF16": static texts. */
const char *nn_version(void);
const char *nn_isa(void);

/* A picture as the first convolution reads it, in nn's precision. */
struct nn_layout *nn_picture_open(const struct nn *nn, int height, int width);
void nn_layout_close(struct nn_layout **layout);

/* The layout of so many rows as this one has; nn_layout_close it. */
struct nn_layout *nn_layout_rows(const struct nn_layout *layout, int rows);

/* picture [nn_layout_bytes] = the planes R, G, B, [height*width] each, − mean. */
void nn_picture_take(const struct nn_layout *layout, void *picture, const float *const plane[3],
                     const float mean[3]);

int nn_layout_channels(const struct nn_layout *layout);
size_t nn_layout_count(const struct nn_layout *layout);  /* channels*height*width */
size_t nn_layout_bytes(const struct nn_layout *layout);  /* with padding: size of a buffer */
size_t nn_layout_values(const struct nn_layout *layout); /* how many numbers these are */
bool nn_layout_is_half(const struct nn_layout *layout); /* its numbers are bfloat16, else float */

/* n numbers from features, from the first-th on, as floats; and the same to add to them. */
void nn_read(float *dst, const struct nn_layout *layout, const void *features, size_t first,
             size_t n);
void nn_add(void *features, const struct nn_layout *layout, const float *src, size_t first,
            size_t n);

/* dst = relu(conv3×3(src, kernel) + bias), zero padding 1, stride 1. kernel [out][in][3][3], bias
 * [out] must stay as long as nn, which may keep packed forms of them, shared between shapes.
 * Its nn_backward goes through the convolution only: call nn_relu_backward before. At a picture it
 * gives plain planes, [3][height*width]. */
enum status nn_conv_open(struct nn_op **out, struct nn *nn, const struct nn_layout *src,
                         int out_channels, const float *kernel, const float *bias,
                         enum nn_direction direction, struct diag *diag);

/* The same in one direction for a band of rows, which has a row more above and one below instead of
 * zeros: forward from src, of h + 2 rows, to h rows; backward from a gradient of h + 2 rows to the
 * one at src, of h rows. */
enum nn_band { NN_BAND_FORWARD, NN_BAND_BACKWARD };
enum status nn_band_open(struct nn_op **out, struct nn *nn, const struct nn_layout *src,
                         int out_channels, const float *kernel, const float *bias,
                         enum nn_band band, struct diag *diag);

/* About how long that convolution takes forward and backward, in seconds, by the faster algorithm,
 * in both precisions, with features in the order in which they lie. *bf16 is infinite where there
 * is none. */
enum status nn_conv_seconds(double *fp32, double *bf16, const struct nn_op *op, struct diag *diag);

/* The measurements by which algorithms were chosen so far, as text (mem_free); and taking those of
 * an earlier process, before anything is opened: the same choices follow from them, and so the same
 * bits. false: they are of another processor or oneDNN. */
char *nn_plan_print(void);
bool nn_plan_adopt(const char *text);

/* 2×2, stride 2, ceil mode: an odd last row or column is pooled alone; the average does not count
 * padding. The maximum remembers where it was found until the next nn_forward, or that it was not
 * above 0: nn_backward goes through the ReLU in front of max pooling as well. */
enum status nn_pool_open(struct nn_op **out, struct nn *nn, const struct nn_layout *src,
                         enum nn_pooling pooling, enum nn_direction direction, struct diag *diag);

/* The products of the Gram matrix, see nn_gram_forward. */
enum status nn_gram_open(struct nn_op **out, struct nn *nn, const struct nn_layout *src,
                         enum nn_direction direction, struct diag *diag);

void nn_op_close(struct nn_op **op);

/* ---- scratch memory -------------------------------------------------------------------- */

/* Are a convolution's kernels packed once and kept with nn, or packed before each use? */
enum nn_kernels { NN_KERNELS_KEPT, NN_KERNELS_MADE };

/* Scratch memory of an operation by when it is needed: during nn_forward, during nn_backward, from
 * one to the other. */
enum nn_scratch { NN_SCRATCH_FORWARD, NN_SCRATCH_BACKWARD, NN_SCRATCH_BETWEEN, NN_SCRATCH_COUNT };

/* Bytes, 0 if none. */
size_t nn_op_scratch(struct nn_op *op, enum nn_kernels kernels, enum nn_scratch kind);

/* Bytes that NN_KERNELS_KEPT would add to what nn keeps. */
size_t nn_op_kernels(const struct nn_op *op);

/* scratch: blocks of nn_op_scratch bytes, aligned to 64, NULL where none is needed. They stay the
 * caller's and must outlive the operation. Packs the kernels that are to be kept; frees other
 * packed forms of them that no operation uses. */
enum status nn_op_place(struct nn_op *op, enum nn_kernels kernels,
                        void *const scratch[NN_SCRATCH_COUNT], struct diag *diag);

/* The same with scratch memory of its own and kernels kept. */
enum status nn_op_allocate(struct nn_op *op, struct diag *diag);

/* Frees packed kernels that no operation uses. */
void nn_drop_kernels(struct nn *nn);

/* ---- running ------------------------------------------------------------------------------ */

/* What an operation reads forward and gives, at its size; lent, as long as it lives. */
const struct nn_layout *nn_op_input(const struct nn_op *op);
const struct nn_layout *nn_op_output(const struct nn_op *op);

/* oneDNN's name of what runs, "jit_wino_4x3:avx512_core"; "" if there is none. Lent. */
const char *nn_op_forward_name(const struct nn_op *op);
const char *nn_op_backward_name(const struct nn_op *op);

/* Buffers: nn_layout_bytes, aligned to 64. */
enum status nn_forward(struct nn_op *op, void *dst, const void *src, struct diag *diag);

/* dsrc = gradient at the operation's input; overwritten, not added to. */
enum status nn_backward(struct nn_op *op, void *dsrc, const void *ddst, struct diag *diag);

/* g[i][j] = factor · Σ over positions of f_i f_j; g is [channels][channels], plain. */
enum status nn_gram_forward(struct nn_op *op, float *g, const void *f, float factor,
                            struct diag *diag);

/* df += F·dg at every position; dg [channels][channels], plain and symmetric. */
enum status nn_gram_backward(struct nn_op *op, void *df, const void *f, const float *dg,
                             struct diag *diag);

/* df = 0 wherever the ReLU's output f is not above 0; both in the order of layout. */
void nn_relu_backward(const struct nn_layout *layout, void *df, const void *f);

/* The same from one bit for each value of f, which is enough where no loss reads f. */
size_t nn_signs_bytes(const struct nn_layout *layout);
void nn_signs_take(const struct nn_layout *layout, uint32_t *signs, const void *f);
void nn_signs_backward(const struct nn_layout *layout, void *df, const uint32_t *signs);

#endif
