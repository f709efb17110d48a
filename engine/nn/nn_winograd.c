/*
 * nn_winograd.c: see nn_private.h. Winograd's algorithm F(4×4, 3×3): tiles of 6×6 pixels, each
 * overlapping the next by two, are transformed; for each of the 36 numbers of a tile a product of
 * matrices [tiles][in]·[in][out] takes the place of nine; transforming back gives 4×4 pixels. A
 * quarter of the multiplications of a direct convolution.
 *
 * Each thread takes tiles in blocks, so that what lies between the transforms stays in its cache,
 * and runs oneDNN's product on its block alone: the primitive is made for one thread.
 */
#include <omp.h>
#include <stdatomic.h>
#include <stdio.h>

#include "engine/base/mem.h"
#include "engine/nn/nn_private.h"

struct nn_winograd {
    struct nn *nn;
    int in, out, height, width; /* height: of what comes out */
    int above;            /* rows of padding: 1, or 0 for a band, that brings a row on each side */
    int across, tiles;    /* tiles in a row, in all */
    int block, blocks;    /* tiles in a block; how many blocks */
    int threads;
    struct nn_step *product; /* [threads] */
    nn_order kernel;
    float *nothing; /* [in] zeros, beyond the edges */
    char name[64];
};

/* The most tiles in a block: larger ones read the kernels less often, smaller ones lie in the
 * second-level cache. Measured at 64 to 512 channels. */
static int largest_block(int in, int out)
{
    return in + out > 256 ? 128 : 64;
}

/* Whole rounds of blocks, so that no thread waits for another. */
static void deal_out(struct nn_winograd *w)
{
    int most = largest_block(w->in, w->out) * w->threads;
    int rounds = (w->tiles + most - 1) / most;
    w->blocks = rounds * w->threads < w->tiles ? rounds * w->threads : w->tiles;
    w->block = (w->tiles + w->blocks - 1) / w->blocks;
    w->blocks = (w->tiles + w->block - 1) / w->block;
}

static enum status describe(dnnl_primitive_desc_t *out, const struct nn_winograd *w,
                            struct diag *diag)
{
    enum status status;
    const dnnl_dims_t src = {NN_TILE_VALUES, w->block, w->in};
    const dnnl_dims_t kernel = {NN_TILE_VALUES, w->in, w->out};
    const dnnl_dims_t dst = {NN_TILE_VALUES, w->block, w->out};
    nn_order a = NULL, b = NULL, c = NULL;
    dnnl_primitive_attr_t attr = NULL;
    TRY_OR_FAIL(nn_attributes(&attr, NN_FUSED_NOTHING, diag));
    TRY_DNNL(nn_order_make(&a, 3, src, dnnl_f32, dnnl_abc), "a convolution's tiles");
    TRY_DNNL(nn_order_make(&b, 3, kernel, dnnl_f32, dnnl_format_tag_any), "a convolution's tiles");
    TRY_DNNL(nn_order_make(&c, 3, dst, dnnl_f32, dnnl_abc), "a convolution's tiles");
    TRY_DNNL(nn_describe_product(out, w->nn->engine, a, b, c, attr), "a convolution's tiles");
fail:
    nn_order_destroy(&a);
    nn_order_destroy(&b);
    nn_order_destroy(&c);
    dnnl_primitive_attr_destroy(attr);
    return status;
}

static enum status open_products(struct nn_winograd *w, struct diag *diag)
{
    static const int ids[] = {DNNL_ARG_DST, DNNL_ARG_SRC, DNNL_ARG_WEIGHTS};
    enum status status;
    dnnl_primitive_desc_t desc = NULL;
    TRY_OR_FAIL(describe(&desc, w, diag));
    nn_const_order kernel = dnnl_primitive_desc_query_md(desc, dnnl_query_weights_md, 0);
    TRY_DNNL(nn_order_copy(&w->kernel, kernel), "a convolution's tiles");
    for (int i = 0; i < w->threads; i++)
        TRY_OR_FAIL(nn_step_open(&w->product[i], w->nn, desc, ids, 3, diag));
    snprintf(w->name, sizeof w->name, "winograd_4x4+%.40s", w->product[0].name);
fail:
    if (desc)
        dnnl_primitive_desc_destroy(desc);
    return status;
}

enum status nn_winograd_open(struct nn_winograd **out, struct nn *nn, int in_lanes, int out_lanes,
                             int height, int width, bool band, struct diag *diag)
{
    struct nn_winograd *w = mem_new(sizeof *w);
    int down = (height + NN_TILE - 1) / NN_TILE;
    *w = (struct nn_winograd){.nn = nn,
                              .in = in_lanes,
                              .out = out_lanes,
                              .height = height,
                              .width = width,
                              .above = band ? 0 : 1,
                              .across = (width + NN_TILE - 1) / NN_TILE,
                              .threads = nn->threads};
    w->tiles = w->across * down;
    deal_out(w);
    w->product = mem_new((size_t)w->threads * sizeof *w->product);
    w->nothing = mem_new((size_t)in_lanes * sizeof *w->nothing);
    omp_set_num_threads(1); /* what oneDNN plans for */
    enum status status = open_products(w, diag);
    omp_set_num_threads(nn->threads);
    if (status != STATUS_OK)
        nn_winograd_close(&w);
    else
        *out = w;
    return status;
}

void nn_winograd_close(struct nn_winograd **winograd)
{
    struct nn_winograd *w = *winograd;
    if (!w)
        return;
    for (int i = 0; i < w->threads; i++)
        nn_step_close(&w->product[i]);
    nn_order_destroy(&w->kernel);
    mem_free(w->product);
    mem_free(w->nothing);
    mem_free(w);
    *winograd = NULL;
}

nn_const_order nn_winograd_kernel_order(const struct nn_winograd *w)
{
    return w->kernel;
}

const char *nn_winograd_name(const struct nn_winograd *w)
{
    return w->name;
}

/* ---- running ------------------------------------------------------------------------------ */

static size_t padded(size_t bytes)
{
    return (bytes + MEM_ALIGNMENT - 1) / MEM_ALIGNMENT * MEM_ALIGNMENT;
}

/* Bytes of a block's numbers for so many channels. */
static size_t block_bytes(const struct nn_winograd *w, int lanes)
{
    return padded(mem_product(NN_TILE_VALUES * sizeof(float), (size_t)w->block, (size_t)lanes));
}

static size_t thread_scratch(const struct nn_winograd *w)
{
    return block_bytes(w, w->in) + block_bytes(w, w->out) + padded(w->product[0].scratch_size);
}

size_t nn_winograd_scratch(const struct nn_winograd *w)
{
    return mem_times(thread_scratch(w), (size_t)w->threads);
}

/* Transforms tile `tile`, whose first pixel is up and left of the 4×4 that it stands for. */
static void take_tile(const struct nn_winograd *w, float *v, const float *src, int tile)
{
    const float *pixel[NN_TILE_VALUES];
    int top = tile / w->across * NN_TILE - w->above, left = tile % w->across * NN_TILE - 1;
    int rows = w->height + 2 * (1 - w->above);
    for (int y = 0; y < NN_TILE_IN; y++) {
        bool inside = top + y >= 0 && top + y < rows;
        size_t first = inside ? (size_t)(top + y) * (size_t)w->width : 0;
        const float *row = src + first * (size_t)w->in;
        for (int x = 0; x < NN_TILE_IN; x++)
            pixel[y * NN_TILE_IN + x] = inside && left + x >= 0 && left + x < w->width
                                            ? row + (size_t)(left + x) * (size_t)w->in
                                            : w->nothing;
    }
    nn_tiles_take(v, (size_t)w->block * (size_t)w->in, pixel, w->in);
}

static void give_tile(const struct nn_winograd *w, float *dst, const float *m, const float *bias,
                      int tile)
{
    int top = tile / w->across * NN_TILE, left = tile % w->across * NN_TILE;
    size_t first = (size_t)top * (size_t)w->width + (size_t)left;
    struct nn_tile_place place = {
        .dst = dst + first * (size_t)w->out,
        .row = (size_t)w->width * (size_t)w->out,
        .pixel = (size_t)w->out,
        .height = w->height - top < NN_TILE ? w->height - top : NN_TILE,
        .width = w->width - left < NN_TILE ? w->width - left : NN_TILE,
        .lanes = w->out,
    };
    nn_tiles_give(&place, m, (size_t)w->block * (size_t)w->out, bias);
}

struct arguments {
    float *dst;
    const float *src;
    const void *kernel;
    const float *bias;
    char *scratch;
};

static enum status run_block(struct nn_winograd *w, const struct arguments *a, int block,
                             int thread, struct diag *diag)
{
    struct nn_step *product = &w->product[thread];
    char *at = a->scratch + (size_t)thread * thread_scratch(w);
    float *v = (float *)(void *)at, *m = (float *)(void *)(at + block_bytes(w, w->in));
    int first = block * w->block, count = w->tiles - first;
    count = count < w->block ? count : w->block;
    product->scratch_data = (char *)m + block_bytes(w, w->out);
    for (int i = 0; i < count; i++)
        take_tile(w, v + (size_t)i * (size_t)w->in, a->src, first + i);
    TRY(nn_step_run(product, w->nn->stream[thread], (const void *[]){m, v, a->kernel}, diag));
    for (int i = 0; i < count; i++)
        give_tile(w, a->dst, m + (size_t)i * (size_t)w->out, a->bias, first + i);
    return STATUS_OK;
}

enum status nn_winograd_run(struct nn_winograd *w, float *dst, const float *src,
                            const void *kernel, const float *bias, void *scratch,
                            struct diag *diag)
{
    const struct arguments a = {dst, src, kernel, bias, scratch};
    enum status result = STATUS_OK;
#pragma omp parallel num_threads(w->threads)
    {
        struct diag own;
        enum status status = STATUS_OK;
#pragma omp for schedule(static) nowait
        for (int b = 0; b < w->blocks; b++)
            if (status == STATUS_OK)
                status = run_block(w, &a, b, omp_get_thread_num(), &own);
        if (status != STATUS_OK) {
#pragma omp critical(nn_winograd_failed)
            {
                result = status;
                if (diag)
                    *diag = own;
            }
        }
    }
    return result;
}
