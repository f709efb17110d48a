/* magnitudes.c: see magnitudes.h. */
#include "engine/style/magnitudes.h"

#include <math.h>
#include <string.h>

#include "engine/base/mem.h"
#include "engine/style/objective.h"
#include "engine/base/random.h"

enum { SIDE = 128, PLANE = SIDE * SIDE, OCTAVES = 6, STROKES = 60, SEED = 1 };

static const double most_off = 30.0;

/* VGG-19's on the same picture: measured by this program (factors of 1 here) with a distilled
 * network whose style losses and content loss were scaled to those that the original program's log
 * prints for VGG-19, each layer by itself. */
static const double vgg_style[STYLE_LAYER_COUNT] = {849.8, 97820.0, 25590.0, 1.654e6,
                                                        47.20};
static const double vgg_content = 1.729e6;

/* ---- the picture -------------------------------------------------------------------------- */

static float blend(float a, float b, float t)
{
    return a + (b - a) * t;
}

/* Noise of every size, the coarser the stronger, as photographs have it: adds one octave, bilinear
 * between random values `step` pixels apart. */
static void add_octave(float *plane, int step, float strength, struct random *random)
{
    enum { MOST = SIDE + 1 };
    float grid[2][MOST];
    int columns = SIDE / step + 1;
    for (int i = 0; i < columns; i++)
        grid[1][i] = (float)random_normal(random);
    for (int y = 0; y < SIDE; y++) {
        if (y % step == 0) {
            memcpy(grid[0], grid[1], sizeof grid[0]);
            for (int i = 0; i < columns; i++)
                grid[1][i] = (float)random_normal(random);
        }
        float v = (float)(y % step) / (float)step;
        for (int x = 0; x < SIDE; x++) {
            int i = x / step;
            float u = (float)(x % step) / (float)step;
            plane[y * SIDE + x] +=
                strength * blend(blend(grid[0][i], grid[0][i + 1], u),
                                 blend(grid[1][i], grid[1][i + 1], u), v);
        }
    }
}

/* A bar of one colour with hard edges. */
static void add_stroke(float *rgb, struct random *random)
{
    double x0 = SIDE * random_uniform(random), y0 = SIDE * random_uniform(random);
    double angle = 3.14159265 * random_uniform(random), c = cos(angle), s = sin(angle);
    double length = 8.0 + 24.0 * random_uniform(random), width = 1.0 + 4.0 * random_uniform(random);
    float colour[3];
    for (int p = 0; p < 3; p++)
        colour[p] = (float)(255.0 * random_uniform(random));
    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++) {
            double along = (x - x0) * c + (y - y0) * s, across = (y - y0) * c - (x - x0) * s;
            for (int p = 0; p < 3 && fabs(along) < length && fabs(across) < width; p++)
                rgb[p * PLANE + y * SIDE + x] = colour[p];
        }
}

static void draw(float *rgb)
{
    struct random random;
    random_seed(&random, SEED);
    for (int p = 0; p < 3; p++) {
        float *plane = rgb + p * PLANE;
        for (int i = 0; i < PLANE; i++)
            plane[i] = 120.0f;
        for (int o = 0; o < OCTAVES; o++)
            add_octave(plane, SIDE / 2 >> o, 40.0f / (float)(1 << o), &random);
    }
    for (int i = 0; i < STROKES; i++)
        add_stroke(rgb, &random);
    for (int i = 0; i < 3 * PLANE; i++)
        rgb[i] = fminf(fmaxf(rgb[i], 0.0f), 255.0f);
}

/* ---- the losses --------------------------------------------------------------------------- */

/* To a Gram matrix of nothing and the features of the mean colour. */
static enum status evaluate(struct losses *losses, const struct network *network, struct nn *nn,
                            float *rgb, const float *nothing, struct diag *diag)
{
    struct objective *objective;
    struct objective_shape shape = {SIDE, SIDE, NN_POOL_MAX, VGG_RECOMPUTE_NONE};
    struct objective_weights weights = {.content = 1.0, .style = STYLE_LAYER_COUNT,
                                        .content_blend = 1.0, .layer = {1, 1, 1, 1, 1}};
    struct target targets[STYLE_LAYER_COUNT];
    for (int i = 0; i < STYLE_LAYER_COUNT; i++)
        targets[i] = (struct target){nothing, 0.0};
    for (int i = 0; i < 3 * PLANE; i++)
        rgb[i] = network->mean[i / PLANE];
    TRY(objective_open(&objective, nn, network, &shape, rgb, targets, &weights, diag));
    draw(rgb);
    enum status status = objective_evaluate(objective, losses, NULL, rgb, diag);
    objective_close(&objective);
    return status;
}

static void compare(struct magnitudes *out, const struct losses *losses)
{
    double all = 0.0;
    for (int i = 0; i < STYLE_LAYER_COUNT; i++) {
        all += vgg_style[i];
        out->layer[i] = losses->style_layer[i] / vgg_style[i];
    }
    out->style = losses->style / all;
    out->content = losses->content / vgg_content;
}

enum status magnitudes_measure(struct magnitudes *out, const struct network *network,
                               struct diag *diag)
{
    struct nn *nn = NULL;
    struct losses losses = {0};
    float *block = NULL;
    size_t widest = 0, rgb = 3 * PLANE;
    for (int i = 0; i < STYLE_LAYER_COUNT; i++) {
        size_t c = (size_t)network->conv[layer_style[i]].out;
        widest = c > widest ? c : widest;
    }
    TRY(nn_open(&nn, 0, NN_DIRECT, NN_FP32, diag));
    enum status status = mem_big(&block, mem_times(rgb + widest * widest, sizeof *block),
                                 "a look at the network's losses", diag);
    if (status == STATUS_OK) {
        memset(block + rgb, 0, widest * widest * sizeof *block);
        status = evaluate(&losses, network, nn, block, block + rgb, diag);
    }
    if (status == STATUS_DIVERGED) {
        *out = (struct magnitudes){INFINITY, INFINITY, {0}};
        status = STATUS_OK;
    } else if (status == STATUS_OK) {
        compare(out, &losses);
    }
    mem_free(block);
    nn_close(&nn);
    return status;
}

static bool near(double factor)
{
    return factor >= 1.0 / most_off && factor <= most_off;
}

bool magnitudes_usual(const struct magnitudes *magnitudes)
{
    return near(magnitudes->style) && near(magnitudes->content);
}
