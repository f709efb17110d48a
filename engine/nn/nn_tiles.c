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

static void transform_kernel(float u[NN_TILE_VALUES], const float *g, bool turned)
{
    float half[IN][3];
    for (int y = 0; y < IN; y++)
        for (int x = 0; x < 3; x++) {
            half[y][x] = 0.0f;
            for (int k = 0; k < 3; k++)
                half[y][x] += g_matrix[y][k] * g[turned ? 8 - (3 * k + x) : 3 * k + x];
        }
    for (int y = 0; y < IN; y++)
        for (int x = 0; x < IN; x++) {
            u[y * IN + x] = 0.0f;
            for (int k = 0; k < 3; k++)
                u[y * IN + x] += half[y][k] * g_matrix[x][k];
        }
}

void nn_tiles_kernel(float *u, const float *g, int out, int in, bool backward)
{
    int rows = backward ? out : in, columns = backward ? in : out;
    size_t high = (size_t)(rows + LANES - 1) / LANES * LANES;
    size_t wide = (size_t)(columns + LANES - 1) / LANES * LANES;
    if (rows % LANES || columns % LANES)
        memset(u, 0, NN_TILE_VALUES * high * wide * sizeof *u);
#pragma omp parallel for schedule(static)
    for (int r = 0; r < rows; r++)
        for (int c = 0; c < columns; c++) {
            float tile[NN_TILE_VALUES];
            size_t o = (size_t)(backward ? r : c), i = (size_t)(backward ? c : r);
            transform_kernel(tile, g + (o * (size_t)in + i) * 9, backward);
            for (size_t k = 0; k < NN_TILE_VALUES; k++)
                u[(k * high + (size_t)r) * wide + (size_t)c] = tile[k];
        }
}
