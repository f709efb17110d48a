/* network.c: see network.h. */
#include "engine/net/network.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/base/dirs.h"
#include "engine/base/file.h"
#include "engine/base/mem.h"
#include "engine/base/random.h"
#include "engine/net/weights.h"

enum { KERNEL = 9, MAX_CHANNELS = 2048, RANDOM_SEED = 19 };

/* weights/builtin.S */
extern const unsigned char strata16_begin[], strata16_end[];

/* Names of the tensors. */
static const struct {
    const char *kernel, *bias;
} layers[LAYER_COUNT] = {
#define X(block, index)                                                                          \
    {"conv" #block "_" #index ".weight", "conv" #block "_" #index ".bias"},
    LAYER_LIST(X)
#undef X
};

/* VGG-19's input without further word: R, G, B. */
static const double vgg_mean[3] = {123.68, 116.779, 103.939};

static size_t kernel_size(const struct network_conv *conv)
{
    return (size_t)conv->in * (size_t)conv->out * KERNEL;
}

/* One block for all kernels and biases; writable[] gets each layer's kernel, the bias behind it. */
static enum status allocate(struct network *network, float *writable[LAYER_COUNT],
                            struct diag *diag)
{
    size_t n = 0;
    for (int l = 0; l < network->layer_count; l++)
        n += kernel_size(&network->conv[l]) + (size_t)network->conv[l].out;
    TRY(mem_big(&network->block, mem_times(n, sizeof(float)), "the network", diag));
    float *at = network->block;
    for (int l = 0; l < network->layer_count; l++) {
        struct network_conv *conv = &network->conv[l];
        writable[l] = at;
        conv->kernel = at;
        conv->bias = at + kernel_size(conv);
        at += kernel_size(conv) + (size_t)conv->out;
    }
    return STATUS_OK;
}

/* ---- random networks ---------------------------------------------------------------------- */

/* He et al. 2015, eq. 10: deviation √(2/fan-in) keeps the magnitude through ReLUs. */
static enum status make_random(struct network *network, int first, struct diag *diag)
{
    struct random random;
    float *kernel[LAYER_COUNT];
    network->random = true;
    network->layer_count = LAYER_COUNT;
    network->source = mem_text("random weights of a fixed seed");
    for (int l = 0; l < LAYER_COUNT; l++) {
        int block = layer_block((enum layer)l);
        network->conv[l].in = l ? network->conv[l - 1].out : 3;
        network->conv[l].out = first << (block < 4 ? block - 1 : 3);
    }
    for (int c = 0; c < 3; c++)
        network->mean[c] = (float)vgg_mean[c];
    TRY(allocate(network, kernel, diag));
    random_seed(&random, RANDOM_SEED);
    for (int l = 0; l < LAYER_COUNT; l++) {
        double deviation = sqrt(2.0 / (KERNEL * network->conv[l].in));
        for (size_t i = 0; i < kernel_size(&network->conv[l]); i++)
            kernel[l][i] = (float)(deviation * random_normal(&random));
    }
    return STATUS_OK;
}

/* The first width that random:… asks for, or 0. */
static int random_width(const char *name)
{
    char *end;
    if (strcmp(name, "vgg19") == 0)
        return 64;
    long width = strtol(name, &end, 10);
    return *name >= '1' && *name <= '9' && *end == 0 && width >= 4 && width <= 64 ? (int)width : 0;
}

/* ---- networks from files ------------------------------------------------------------------ */

/* How the file's network wants its input: mean and scale in RGB, and whether kernels are BGR. */
struct input {
    bool bgr;
    double mean[3], scale[3];
};

/* Three numbers with commas under a key of the metadata, for channels as the file orders them; out
 * stays as it is where the key is missing. */
static enum status read_three(double out[3], const struct weights *w, const char *key, double low,
                              double high, bool bgr, struct diag *diag)
{
    const char *text = weights_meta(w, key);
    double v[3];
    int n = 0;
    if (!text)
        return STATUS_OK;
    bool good = sscanf(text, "%lf,%lf,%lf%n", &v[0], &v[1], &v[2], &n) == 3 && text[n] == 0;
    for (int c = 0; c < 3 && good; c++)
        good = v[c] >= low && v[c] <= high;
    if (!good)
        return diag_set(diag, STATUS_INPUT,
                        "%s: its metadata %s must be three numbers from %g to %g, with commas",
                        weights_name(w), key, low, high);
    for (int c = 0; c < 3; c++)
        out[c] = v[bgr ? 2 - c : c];
    return STATUS_OK;
}

static enum status read_input(struct input *input, const struct weights *w, struct diag *diag)
{
    const char *order = weights_meta(w, "strata.order");
    if (order && strcmp(order, "rgb") != 0 && strcmp(order, "bgr") != 0)
        return diag_set(diag, STATUS_INPUT, "%s: its metadata strata.order is neither rgb nor bgr",
                        weights_name(w));
    bool bgr = order && order[0] == 'b';
    struct input given = {bgr, {vgg_mean[0], vgg_mean[1], vgg_mean[2]}, {1.0, 1.0, 1.0}};
    TRY(read_three(given.mean, w, "strata.mean", 0.0, 255.0, bgr, diag));
    TRY(read_three(given.scale, w, "strata.scale", 1e-6, 1e6, bgr, diag));
    *input = given;
    return STATUS_OK;
}

/* Checks a layer's tensors and notes its widths. */
static enum status read_shape(struct network *network, int l, const struct weights *w,
                              struct diag *diag)
{
    struct weights_tensor kernel, bias;
    struct network_conv *conv = &network->conv[l];
    size_t in = l ? (size_t)network->conv[l - 1].out : 3;
    TRY(weights_find(w, layers[l].kernel, &kernel, diag));
    TRY(weights_find(w, layers[l].bias, &bias, diag));
    if (kernel.rank != 4 || kernel.shape[1] != in || kernel.shape[2] != 3 || kernel.shape[3] != 3 ||
        kernel.shape[0] < 1 || kernel.shape[0] > MAX_CHANNELS)
        return diag_set(diag, STATUS_INPUT,
                        "%s: tensor %s must be [1 to %d, %zu, 3, 3], a 3x3 convolution of what "
                        "comes before it",
                        weights_name(w), layers[l].kernel, MAX_CHANNELS, in);
    if (bias.rank != 1 || bias.shape[0] != kernel.shape[0])
        return diag_set(diag, STATUS_INPUT, "%s: tensor %s must be [%zu], one value a channel",
                        weights_name(w), layers[l].bias, kernel.shape[0]);
    conv->in = (int)in;
    conv->out = (int)kernel.shape[0];
    return STATUS_OK;
}

/* Makes conv1_1 take RGB without a scale; false if a float cannot hold the result. */
static bool fold_input(float *kernel, int out, const struct input *input)
{
    bool finite = true;
    for (int o = 0; o < out; o++)
        for (int k = 0; k < KERNEL; k++) {
            float *rgb = kernel + (size_t)o * 3 * KERNEL + k, first = rgb[0];
            if (input->bgr) {
                rgb[0] = rgb[2 * KERNEL];
                rgb[2 * KERNEL] = first;
            }
            for (int c = 0; c < 3; c++) {
                rgb[c * KERNEL] *= (float)input->scale[c];
                finite &= isfinite(rgb[c * KERNEL]) != 0;
            }
        }
    return finite;
}

/* What the header tells: all but kernels and biases. */
static enum status read_header(struct network *network, struct input *input,
                               const struct weights *w, struct diag *diag)
{
    char text[512];
    const char *source = weights_meta(w, "strata.source");
    const char *licence = weights_meta(w, "strata.licence");
    snprintf(text, sizeof text, "%s, licence %s", source ? source : "of unknown origin",
             licence ? licence : "unknown");
    network->source = mem_text(text);
    network->off_size = weights_meta(w, "strata.losses") != NULL;
    network->layer_count = weights_has(w, layers[LAYER_RELU5_2].kernel) ? LAYER_COUNT
                                                                        : LAYER_RELU5_1 + 1;
    TRY(read_input(input, w, diag));
    for (int l = 0; l < network->layer_count; l++)
        TRY(read_shape(network, l, w, diag));
    return STATUS_OK;
}

static enum status read_network(struct network *network, const struct weights *w,
                                struct diag *diag)
{
    struct input input = {0};
    float *kernel[LAYER_COUNT];
    TRY(read_header(network, &input, w, diag));
    TRY(allocate(network, kernel, diag));
    for (int l = 0; l < network->layer_count; l++) {
        TRY(weights_load(w, layers[l].kernel, kernel[l], diag));
        TRY(weights_load(w, layers[l].bias, kernel[l] + kernel_size(&network->conv[l]), diag));
    }
    if (!fold_input(kernel[0], network->conv[0].out, &input))
        return diag_set(diag, STATUS_INPUT, "%s: its metadata strata.scale makes %s too large",
                        weights_name(w), layers[0].kernel);
    for (int c = 0; c < 3; c++)
        network->mean[c] = (float)input.mean[c];
    return STATUS_OK;
}

/* ---- names -------------------------------------------------------------------------------- */

bool network_is_name(const char *text)
{
    return *text && !strpbrk(text, "./");
}

enum status network_path(char *out, size_t size, const char *name, struct diag *diag)
{
    char file[NAME_MAX], *home = getenv("HOME"), *data = getenv("XDG_DATA_HOME");
    int n = snprintf(file, sizeof file, "%s.safetensors", name);
    if (n >= 0 && (size_t)n < sizeof file && dirs_path(out, size, DIRS_DATA, file))
        return STATUS_OK;
    if (!(home && home[0] == '/') && !(data && data[0] == '/'))
        return diag_set(diag, STATUS_INPUT,
                        "there is no folder for networks: neither XDG_DATA_HOME nor HOME is set");
    return diag_set(diag, STATUS_RANGE, "the name %s is too long", name);
}

enum status network_weights(struct weights **out, const char *name, struct diag *diag)
{
    static const char foreign[] = ".mat .h5 .hdf5 .keras .pth .pt .npz";
    char path[PATH_MAX];
    if (strcmp(name, "strata16") == 0)
        return weights_open_memory(out, strata16_begin, (size_t)(strata16_end - strata16_begin),
                                   name, diag);
    if (network_is_name(name) && network_path(path, sizeof path, name, NULL) == STATUS_OK &&
        access(path, F_OK) == 0)
        return weights_open(out, path, diag);
    bool missing = access(name, F_OK) != 0 && errno == ENOENT;
    if (missing && network_is_name(name) && strncmp(name, "vgg19", 5) == 0)
        return diag_set(diag, STATUS_INPUT,
                        "the network %s is not here yet; `strata weights fetch %s` brings it", name,
                        name);
    if (missing && file_has_ending(name, foreign))
        return diag_set(diag, STATUS_INPUT,
                        "there is no file %s; where it is, `strata weights import FILE` makes a "
                        "network of it, and `strata weights fetch vgg19` brings VGG-19",
                        name);
    if (missing)
        return diag_set(diag, STATUS_INPUT,
                        "there is no network and no file %s; networks are strata16, random:vgg19, "
                        "random:16, what `strata weights list` shows (`strata weights fetch vgg19` "
                        "brings VGG-19) or a .safetensors file",
                        name);
    if (file_has_ending(name, foreign))
        return diag_set(diag, STATUS_INPUT,
                        "%s is another program's weights file; run `strata weights import %s` "
                        "first, which says how to paint with it",
                        name, name);
    return weights_open(out, name, diag);
}

/* Or closes it, if there was a failure. */
static enum status hand_over(struct network **out, struct network *network, enum status status)
{
    if (status != STATUS_OK)
        network_close(&network);
    else
        *out = network;
    return status;
}

enum status network_read(struct network **out, const char *name, const struct weights *weights,
                         struct diag *diag)
{
    struct network *network = mem_new(sizeof *network);
    network->name = mem_text(name);
    enum status status = read_network(network, weights, diag);
    return hand_over(out, network, status);
}

static enum status refuse_random(const char *name, struct diag *diag)
{
    return diag_set(diag, STATUS_INPUT,
                    "there is no network %s; random networks are random:vgg19 and random:4 to "
                    "random:64",
                    name);
}

enum status network_check(const char *name, struct diag *diag)
{
    struct weights *weights = NULL;
    struct input input;
    if (strncmp(name, "random:", 7) == 0)
        return random_width(name + 7) ? STATUS_OK : refuse_random(name, diag);
    TRY(network_weights(&weights, name, diag));
    struct network *network = mem_new(sizeof *network);
    enum status status = read_header(network, &input, weights, diag);
    network_close(&network);
    weights_close(&weights);
    return status;
}

enum status network_open(struct network **out, const char *name, struct diag *diag)
{
    struct weights *weights = NULL;
    if (strncmp(name, "random:", 7) == 0) {
        struct network *network = mem_new(sizeof *network);
        int width = random_width(name + 7);
        network->name = mem_text(name);
        enum status status = width ? make_random(network, width, diag) : refuse_random(name, diag);
        return hand_over(out, network, status);
    }
    TRY(network_weights(&weights, name, diag));
    enum status status = network_read(out, name, weights, diag);
    weights_close(&weights);
    return status;
}

void network_close(struct network **network)
{
    struct network *n = *network;
    if (!n)
        return;
    mem_free(n->name);
    mem_free(n->source);
    mem_free(n->block);
    mem_free(n);
    *network = NULL;
}
