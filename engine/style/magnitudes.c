/* magnitudes.c: see magnitudes.h. */
#include "engine/style/magnitudes.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "engine/base/mem.h"
#include "engine/style/objective.h"
#include "engine/base/random.h"

enum { SIDE = 128, PLANE = SIDE * SIDE, OCTAVES = 6, SEED = 1, PICTURES = 4 };

static const double most_off = 30.0;
static const float tint = 0.35f; /* of the noise's contrast: how much the colours differ */

/* What the pictures are like, and VGG-19's losses on them. relu1_1 to relu3_1: measured by this
 * program with VGG-19 itself. The others: with a slim network distilled from VGG-19, each loss
 * scaled to the one that the original program's log prints for VGG-19. */
static const struct picture {
    float level, contrast; /* of the noise */
    float fade;            /* how much weaker each finer octave is */
    int strokes;
    double style[STYLE_LAYER_COUNT], content;
} pictures[PICTURES] = {
    {120.0f, 40.0f, 0.5f, 60, {171.2, 5.293e4, 3.225e4, 5.837e5, 45.93}, 8.049e5},
    {60.0f, 30.0f, 0.4f, 20, {104.8, 1.627e4, 1.122e4, 2.002e5, 15.46}, 4.675e5},
    {170.0f, 50.0f, 0.7f, 120, {700.4, 2.089e5, 9.618e4, 1.286e6, 58.74}, 1.067e6},
    {130.0f, 60.0f, 0.8f, 0, {161.2, 2.860e4, 9356.0, 1.768e5, 4.297}, 3.548e5},
};

/* ---- the pictures ------------------------------------------------------------------------- */

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
    double light = 255.0 * random_uniform(random);
    for (int p = 0; p < 3; p++)
        colour[p] = (float)(0.75 * light + 0.25 * 255.0 * random_uniform(random));
    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++) {
            double along = (x - x0) * c + (y - y0) * s, across = (y - y0) * c - (x - x0) * s;
            for (int p = 0; p < 3 && fabs(along) < length && fabs(across) < width; p++)
                rgb[p * PLANE + y * SIDE + x] = colour[p];
        }
}

static void draw(float *rgb, const struct picture *picture)
{
    struct random random;
    random_seed(&random, SEED + (uint64_t)(picture - pictures));
    for (int i = 0; i < PLANE; i++)
        rgb[i] = picture->level;
    float strength = picture->contrast;
    for (int o = 0; o < OCTAVES; o++, strength *= picture->fade)
        add_octave(rgb, SIDE / 2 >> o, strength, &random);
    for (int p = 2; p >= 0; p--) {
        float *plane = rgb + p * PLANE;
        memcpy(plane, rgb, PLANE * sizeof *plane);
        add_octave(plane, SIDE / 4, tint * picture->contrast, &random);
    }
    for (int i = 0; i < picture->strokes; i++)
        add_stroke(rgb, &random);
    for (int i = 0; i < 3 * PLANE; i++)
        rgb[i] = fminf(fmaxf(rgb[i], 0.0f), 255.0f);
}

/* ---- the losses --------------------------------------------------------------------------- */

/* Of each picture, to a Gram matrix of nothing and the features of the mean colour. */
static enum status evaluate(struct losses losses[PICTURES], const struct network *network,
                            struct nn *nn, float *rgb, const float *nothing, struct diag *diag)
{
    struct objective *objective;
    struct objective_shape shape = {.width = SIDE, .height = SIDE};
    struct picture_planes planes = {rgb, SIDE, SIDE, 0};
    const struct picture_rows content = {picture_planes_take, &planes};
    struct objective_weights weights = {.content = 1.0, .style = STYLE_LAYER_COUNT,
                                        .content_blend = 1.0, .layer = {1, 1, 1, 1, 1}};
    struct target targets[STYLE_LAYER_COUNT];
    for (int i = 0; i < STYLE_LAYER_COUNT; i++)
        targets[i] = (struct target){nothing, 0.0};
    for (int i = 0; i < 3 * PLANE; i++)
        rgb[i] = network->mean[i / PLANE];
    TRY(objective_open(&objective, nn, network, &shape, &content, targets, &weights, diag));
    enum status status = STATUS_OK;
    for (int k = 0; k < PICTURES && status == STATUS_OK; k++) {
        draw(rgb, &pictures[k]);
        status = objective_evaluate(objective, &losses[k], NULL, rgb, diag);
    }
    objective_close(&objective);
    return status;
}

static void compare(struct magnitudes *out, const struct losses losses[PICTURES])
{
    double content = 0.0, style = 0.0, vgg = 0.0, log_of[STYLE_LAYER_COUNT] = {0};
    for (int k = 0; k < PICTURES; k++) {
        content += log(losses[k].content / pictures[k].content) / PICTURES;
        for (int i = 0; i < STYLE_LAYER_COUNT; i++)
            log_of[i] += log(losses[k].style_layer[i] / pictures[k].style[i]) / PICTURES;
    }
    out->content = exp(content);
    for (int i = 0; i < STYLE_LAYER_COUNT; i++) {
        out->layer[i] = exp(log_of[i]);
        style += out->layer[i] * pictures[0].style[i];
        vgg += pictures[0].style[i];
    }
    out->style = style / vgg;
}

enum status magnitudes_measure(struct magnitudes *out, const struct network *network,
                               struct diag *diag)
{
    struct nn *nn = NULL;
    struct losses losses[PICTURES] = {0};
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
        status = evaluate(losses, network, nn, block, block + rgb, diag);
    }
    if (status == STATUS_DIVERGED) {
        *out = (struct magnitudes){INFINITY, INFINITY, {0}};
        for (int i = 0; i < STYLE_LAYER_COUNT; i++)
            out->layer[i] = INFINITY;
        status = STATUS_OK;
    } else if (status == STATUS_OK) {
        compare(out, losses);
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

void magnitudes_print(char *out, size_t size, const struct magnitudes *magnitudes)
{
    size_t n = 0;
    for (int i = 0; i < STYLE_LAYER_COUNT && n < size; i++)
        n += (size_t)snprintf(out + n, size - n, "%s %.2g, ", layer_name(layer_style[i]),
                              magnitudes->layer[i]);
    if (n < size)
        snprintf(out + n, size - n, "content %.2g times VGG-19's", magnitudes->content);
}

bool magnitudes_amplitudes(double out[LAYER_COUNT], const struct magnitudes *magnitudes)
{
    bool good = true;
    for (int l = 0, i = 0; l < LAYER_COUNT; l++) {
        if (i < STYLE_LAYER_COUNT && l == (int)layer_style[i])
            out[l] = pow(magnitudes->layer[i++], -0.25);
        else if (l == LAYER_RELU4_2)
            out[l] = pow(magnitudes->content, -0.5);
        else
            out[l] = out[l - 1];
        good = good && out[l] > 1e-12 && out[l] < 1e12;
    }
    return good;
}
