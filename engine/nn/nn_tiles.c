/*
 * nn_tiles.c: see nn_private.h. Winograd's transforms. Loops go over NN_LANES channels at a time,
 * which is one or two vectors, so that a tile stays in registers and the first-level cache.
 */
#include <string.h>

#include "engine/base/vector.h"
#include "engine/nn/nn_private.h"

enum { LANES = NN_LANES, IN = NN_TILE_IN, OUT = NN_TILE };

VECTOR_CLONES void nn_tiles_take(float *restrict v, size_t plane,
                                 const float *const pixel[NN_TILE_VALUES], int lanes)
{
    for (size_t at = 0; at < (size_t)lanes; at += LANES) {
        float t[IN][IN][LANES];
        for (int x = 0; x < IN; x++) {
            const float *p0 = pixel[x] + at, *p1 = pixel[IN + x] + at, *p2 = pixel[2 * IN + x] + at;
            const float *p3 = pixel[3 * IN + x] + at, *p4 = pixel[4 * IN + x] + at;
            const float *p5 = pixel[5 * IN + x] + at;
#pragma omp simd
            for (int i = 0; i < LANES; i++) {
                float d0 = p0[i], d1 = p1[i], d2 = p2[i], d3 = p3[i], d4 = p4[i], d5 = p5[i];
                float a = d4 - 4.0f * d2, b = d3 - 4.0f * d1, c = d4 - d2, d = 2.0f * (d3 - d1);
                t[0][x][i] = 4.0f * d0 - 5.0f * d2 + d4;
                t[1][x][i] = a + b;
                t[2][x][i] = a - b;
                t[3][x][i] = c + d;
                t[4][x][i] = c - d;
                t[5][x][i] = 4.0f * d1 - 5.0f * d3 + d5;
            }
        }
        for (int y = 0; y < IN; y++) {
            float *to = v + (size_t)(y * IN) * plane + at;
#pragma omp simd
            for (int i = 0; i < LANES; i++) {
                float d0 = t[y][0][i], d1 = t[y][1][i], d2 = t[y][2][i];
                float d3 = t[y][3][i], d4 = t[y][4][i], d5 = t[y][5][i];
                float a = d4 - 4.0f * d2, b = d3 - 4.0f * d1, c = d4 - d2, d = 2.0f * (d3 - d1);
                to[i] = 4.0f * d0 - 5.0f * d2 + d4;
                to[plane + (size_t)i] = a + b;
                to[2 * plane + (size_t)i] = a - b;
                to[3 * plane + (size_t)i] = c + d;
                to[4 * plane + (size_t)i] = c - d;
                to[5 * plane + (size_t)i] = 4.0f * d1 - 5.0f * d3 + d5;
            }
        }
    }
}

VECTOR_CLONES void nn_tiles_give(const struct nn_tile_place *place, const float *m, size_t plane,
                                 const float *bias)
{
    for (size_t at = 0; at < (size_t)place->lanes; at += LANES) {
        float t[OUT][IN][LANES], y[OUT][LANES], b[LANES], least[LANES];
        for (int i = 0; i < LANES; i++) {
            b[i] = bias ? bias[at + (size_t)i] : 0.0f;
            least[i] = bias ? 0.0f : -3.4e38f;
        }
        for (int x = 0; x < IN; x++) {
            const float *from = m + (size_t)x * plane + at;
            const size_t row = IN * plane;
#pragma omp simd
            for (int i = 0; i < LANES; i++) {
                float m0 = from[i], m1 = from[row + (size_t)i], m2 = from[2 * row + (size_t)i];
                float m3 = from[3 * row + (size_t)i], m4 = from[4 * row + (size_t)i];
                float s = m1 + m2, d = m1 - m2, u = m3 + m4, v = m3 - m4;
                t[0][x][i] = m0 + s + u;
                t[1][x][i] = d + 2.0f * v;
                t[2][x][i] = s + 4.0f * u;
                t[3][x][i] = d + 8.0f * v + from[5 * row + (size_t)i];
            }
        }
        for (int r = 0; r < place->height; r++) {
#pragma omp simd
            for (int i = 0; i < LANES; i++) {
                float s = t[r][1][i] + t[r][2][i], d = t[r][1][i] - t[r][2][i];
                float u = t[r][3][i] + t[r][4][i], v = t[r][3][i] - t[r][4][i];
                float y0 = t[r][0][i] + s + u + b[i], y1 = d + 2.0f * v + b[i];
                float y2 = s + 4.0f * u + b[i], y3 = d + 8.0f * v + t[r][5][i] + b[i];
                y[0][i] = y0 < least[i] ? least[i] : y0;
                y[1][i] = y1 < least[i] ? least[i] : y1;
                y[2][i] = y2 < least[i] ? least[i] : y2;
                y[3][i] = y3 < least[i] ? least[i] : y3;
            }
            float *to = place->dst + (size_t)r * place->row + at;
            for (int x = 0; x < place->width; x++)
                memcpy(to + (size_t)x * place->pixel, y[x], sizeof y[x]);
        }
    }
}

/* G of u = G g Gᵀ. */
static const float g_matrix[IN][3] = {{1.0f / 4, 0.0f, 0.0f},
                                      {-1.0f / 6, -1.0f / 6, -1.0f / 6},
                                      {-1.0f / 6, 1.0f / 6, -1.0f / 6},
                                      {1.0f / 24, 1.0f / 12, 1.0f / 6},
                                      {1.0f / 24, -1.0f / 12, 1.0f / 6},
                                      {0.0f, 0.0f, 1.0f}};

/* The kernels of LANES columns, [k][column], to u: row and column as in nn_tiles_kernel. */
VECTOR_CLONES static void transform_kernels(float *restrict u, size_t plane,
                                            const float (*restrict g)[LANES])
{
    float half[IN][3][LANES];
    for (int y = 0; y < IN; y++)
        for (int x = 0; x < 3; x++)
#pragma omp simd
            for (int i = 0; i < LANES; i++)
                half[y][x][i] = g_matrix[y][0] * g[x][i] + g_matrix[y][1] * g[3 + x][i] +
                                g_matrix[y][2] * g[6 + x][i];
    for (int y = 0; y < IN; y++)
        for (int x = 0; x < IN; x++) {
            float *to = u + (size_t)(y * IN + x) * plane;
#pragma omp simd
            for (int i = 0; i < LANES; i++)
                to[i] = g_matrix[x][0] * half[y][0][i] + g_matrix[x][1] * half[y][1][i] +
                        g_matrix[x][2] * half[y][2][i];
        }
}

/* Of LANES columns from the first-th on; what is beyond the channels is zero. */
static void gather_kernels(float (*to)[LANES], const float *g, int row, int first, int out, int in,
                           bool backward)
{
    int rows = backward ? out : in, columns = backward ? in : out;
    memset(to, 0, 9 * sizeof *to);
    for (int i = 0; i < LANES && first + i < columns && row < rows; i++) {
        size_t o = (size_t)(backward ? row : first + i), c = (size_t)(backward ? first + i : row);
        const float *from = g + (o * (size_t)in + c) * 9;
        for (int k = 0; k < 9; k++)
            to[k][i] = from[backward ? 8 - k : k];
    }
}

void nn_tiles_kernel(float *u, const float *g, int out, int in, bool backward)
{
    int rows = nn_whole_lanes(backward ? out : in), columns = nn_whole_lanes(backward ? in : out);
    size_t wide = (size_t)columns, plane = (size_t)rows * wide;
#pragma omp parallel for schedule(static)
    for (int row = 0; row < rows; row++)
        for (int first = 0; first < columns; first += LANES) {
            float kernels[9][LANES];
            gather_kernels(kernels, g, row, first, out, in, backward);
            transform_kernels(u + (size_t)row * wide + (size_t)first, plane, kernels);
        }
}
