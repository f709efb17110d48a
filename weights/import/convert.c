/* convert.c: see convert.h. */
#include "weights/import/convert.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "engine/base/mem.h"

enum { KERNEL = 9, SIDE = 3, MAX_CHANNELS = 2048 };

static const struct {
    int block, index;
} layers[LAYER_COUNT] = {
#define X(block, index) {block, index},
    LAYER_LIST(X)
#undef X
};

/* The training sets' means, R, G, B: VGG's own, and torchvision's with its deviations. */
static const double caffe_mean[3] = {123.68, 116.779, 103.939};
static const double torchvision_mean[3] = {255 * 0.485, 255 * 0.456, 255 * 0.406};
static const double torchvision_scale[3] = {1 / (255 * 0.229), 1 / (255 * 0.224),
                                            1 / (255 * 0.225)};

/* Which dimension is which, outermost first. */
static const struct {
    int out, in, height, width;
} axes[] = {[TENSORS_OIHW] = {0, 1, 2, 3}, [TENSORS_HWIO] = {3, 2, 0, 1}};

static const struct tensor *find(const struct tensors *t, int layer, enum names_part part)
{
    return t->place[layers[layer].block][layers[layer].index][part];
}

/* ---- shapes ------------------------------------------------------------------------------- */

static bool fits(const struct tensor *kernel, enum tensors_layout layout, size_t in)
{
    return kernel->rank == 4 && kernel->shape[axes[layout].in] == in &&
           kernel->shape[axes[layout].height] == SIDE &&
           kernel->shape[axes[layout].width] == SIDE && kernel->shape[axes[layout].out] >= 1 &&
           kernel->shape[axes[layout].out] <= MAX_CHANNELS;
}

/* Do all the kernels that are there make a chain in that layout? */
static bool chain_fits(const struct tensors *t, enum tensors_layout layout)
{
    size_t in = 3;
    for (int l = 0; l < LAYER_COUNT; l++) {
        const struct tensor *kernel = find(t, l, NAMES_KERNEL);
        if (!kernel || !fits(kernel, layout, in))
            return kernel == NULL && l > LAYER_RELU5_1;
        in = kernel->shape[axes[layout].out];
    }
    return true;
}

static enum status misshapen(const struct tensors *t, const struct tensor *tensor, const char *what,
                             size_t number, struct diag *diag)
{
    char shape[WEIGHTS_MAX_RANK * 24] = "";
    for (int d = 0; d < tensor->rank; d++)
        snprintf(shape + strlen(shape), sizeof shape - strlen(shape), "%s%zu", d ? ", " : "",
                 tensor->shape[d]);
    return diag_set(diag, STATUS_INPUT, "%s: tensor %s is [%s] and should be %s %zu channels",
                    t->path, tensor->name, shape, what, number);
}

static enum status missing(const struct tensors *t, int layer, const char *what, struct diag *diag)
{
    size_t found = 0;
    char others[160] = "";
    for (size_t i = 0; i < t->count; i++) {
        const char *name = t->list[i].name;
        if (names_foreign(name))
            return diag_set(diag, STATUS_INPUT,
                            "%s is no VGG-19: it has a tensor %s, so it is a VGG of other depth or "
                            "one with batch normalisation",
                            t->path, name);
        found += t->list[i].values != NULL;
        if (i < 4)
            snprintf(others + strlen(others), sizeof others - strlen(others), "%s%.36s",
                     i ? ", " : "", name);
    }
    if (found > 0)
        return diag_set(diag, STATUS_INPUT, "%s has no %s of conv%d_%d; is it a VGG-19?", t->path,
                        what, layers[layer].block, layers[layer].index);
    return diag_set(diag, STATUS_INPUT, "%s holds none of VGG-19's convolutions%s%s%s", t->path,
                    t->count ? ", only " : "", others, t->count > 4 ? " and others" : "");
}

/* ---- kernels ------------------------------------------------------------------------------ */

static enum status check_finite(const struct tensors *t, const struct tensor *tensor,
                                struct diag *diag)
{
    for (size_t i = 0; i < tensor->n; i++)
        if (!isfinite(tensor->values[i]))
            return diag_set(diag, STATUS_INPUT, "%s: value %zu of tensor %s is not a finite number",
                            t->path, i, tensor->name);
    return STATUS_OK;
}

static void copy_kernel(float *out, const struct tensor *kernel, enum tensors_layout layout,
                        bool transpose)
{
    const int axis[4] = {axes[layout].out, axes[layout].in,
                         transpose ? axes[layout].width : axes[layout].height,
                         transpose ? axes[layout].height : axes[layout].width};
    size_t stride[4], step = 1, side[4];
    for (int d = 4; d-- > 0; step *= kernel->shape[d])
        for (int k = 0; k < 4; k++)
            if (axis[k] == d) {
                stride[k] = step;
                side[k] = kernel->shape[d];
            }
    for (size_t o = 0; o < side[0]; o++)
        for (size_t i = 0; i < side[1]; i++)
            for (size_t y = 0; y < SIDE; y++)
                for (size_t x = 0; x < SIDE; x++)
                    *out++ =
                        kernel
                            ->values[o * stride[0] + i * stride[1] + y * stride[2] + x * stride[3]];
}

/* Checks a layer, notes its widths and adds to *floats what it needs. */
static enum status check_layer(struct converted *c, const struct tensors *t, int l,
                               enum tensors_layout layout, size_t *floats, struct diag *diag)
{
    const struct tensor *kernel = find(t, l, NAMES_KERNEL), *bias = find(t, l, NAMES_BIAS);
    size_t in = l ? (size_t)c->conv[l - 1].out : 3;
    if (!kernel)
        return missing(t, l, "kernel", diag);
    if (!fits(kernel, layout, in))
        return misshapen(t, kernel, "a 3x3 convolution of", in, diag);
    if (!bias)
        return missing(t, l, "bias", diag);
    c->conv[l].in = (int)in;
    c->conv[l].out = (int)kernel->shape[axes[layout].out];
    if (bias->n != (size_t)c->conv[l].out)
        return misshapen(t, bias, "one value for each of", (size_t)c->conv[l].out, diag);
    TRY(check_finite(t, kernel, diag));
    TRY(check_finite(t, bias, diag));
    *floats += kernel->n + bias->n;
    return STATUS_OK;
}

static enum status convert_layers(struct converted *c, const struct tensors *t, bool transpose,
                                  struct diag *diag)
{
    enum tensors_layout layout = t->layout;
    size_t floats = 0;
    if (layout == TENSORS_UNKNOWN)
        layout = chain_fits(t, TENSORS_OIHW) ? TENSORS_OIHW : TENSORS_HWIO;
    if (layout == TENSORS_HWIO && !chain_fits(t, layout) && chain_fits(t, TENSORS_OIHW))
        return diag_set(diag, STATUS_INPUT,
                        "%s has its kernels in Theano's order; bring the file for TensorFlow",
                        t->path);
    c->layer_count = find(t, LAYER_RELU5_2, NAMES_KERNEL) ? LAYER_COUNT : LAYER_RELU5_1 + 1;
    for (int l = 0; l < c->layer_count; l++)
        TRY(check_layer(c, t, l, layout, &floats, diag));
    TRY(mem_big(&c->block, mem_times(floats, sizeof(float)), "the network", diag));
    float *at = c->block;
    for (int l = 0; l < c->layer_count; l++) {
        const struct tensor *kernel = find(t, l, NAMES_KERNEL), *bias = find(t, l, NAMES_BIAS);
        copy_kernel(at, kernel, layout, transpose);
        memcpy(at + kernel->n, bias->values, bias->n * sizeof *at);
        c->conv[l].kernel = at;
        c->conv[l].bias = at + kernel->n;
        at += kernel->n + bias->n;
    }
    return STATUS_OK;
}

/* ---- the input ---------------------------------------------------------------------------- */

static void set_input(struct converted *c, bool bgr, const double mean[3], const double *scale,
                      const char *why)
{
    c->bgr = bgr;
    for (int i = 0; i < 3; i++) {
        c->mean[i] = mean[i];
        c->scale[i] = scale ? scale[i] : 1.0;
    }
    snprintf(c->input, sizeof c->input, "%s", why);
}

/* Is conv0 a change from RGB 0–1 to channels of 0–255 minus VGG's mean, to within a percent? */
static bool is_plain(const float *matrix, const float *bias, bool bgr)
{
    for (int o = 0; o < 3; o++) {
        int source = bgr ? 2 - o : o;
        for (int i = 0; i < 3; i++)
            if (fabs(matrix[3 * o + i] / 255.0 - (i == source)) > 0.01)
                return false;
        if (fabs(bias[o] + caffe_mean[source]) > 2.55)
            return false;
    }
    return true;
}

/* Solves matrix · x = right, both overwritten; Gauss with pivots. False if it is singular. */
static bool solve(double matrix[3][3], double right[3])
{
    for (int k = 0; k < 3; k++) {
        int pivot = k;
        for (int r = k + 1; r < 3; r++)
            if (fabs(matrix[r][k]) > fabs(matrix[pivot][k]))
                pivot = r;
        if (fabs(matrix[pivot][k]) < 1e-9)
            return false;
        for (int i = 0; i < 3; i++) {
            double other = matrix[k][i];
            matrix[k][i] = matrix[pivot][i];
            matrix[pivot][i] = other;
        }
        double other = right[k];
        right[k] = right[pivot];
        right[pivot] = other;
        for (int r = 0; r < 3; r++) {
            double f = r == k ? 0.0 : matrix[r][k] / matrix[k][k];
            for (int i = 0; i < 3; i++)
                matrix[r][i] -= f * matrix[k][i];
            right[r] -= f * right[k];
        }
    }
    for (int k = 0; k < 3; k++)
        right[k] /= matrix[k][k];
    return true;
}

/* A general conv0, A·x/255 + b, is A/255·(x − m) with m = −255·A⁻¹·b: its matrix goes into conv1_1
 * and m is the mean. Outside the picture both give zero. */
static enum status fold_matrix(struct converted *c, const struct tensors *t, const float *matrix,
                               const float *bias, struct diag *diag)
{
    double a[3][3], mean[3];
    for (int o = 0; o < 3; o++) {
        mean[o] = -255.0 * bias[o];
        for (int i = 0; i < 3; i++)
            a[o][i] = matrix[3 * o + i];
    }
    bool good = solve(a, mean);
    for (int i = 0; i < 3; i++)
        good = good && mean[i] >= 0.0 && mean[i] <= 255.0;
    if (!good)
        return diag_set(diag, STATUS_INPUT, "%s: its conv0 does not belong before a VGG-19",
                        t->path);
    float *kernel = c->block;
    for (int o = 0; o < c->conv[0].out; o++)
        for (int k = 0; k < KERNEL; k++) {
            float *first = kernel + (size_t)o * 3 * KERNEL + k;
            double sum[3] = {0};
            for (int i = 0; i < 3; i++)
                for (int j = 0; j < 3; j++)
                    sum[i] += (double)first[j * KERNEL] * matrix[3 * j + i] / 255.0;
            for (int i = 0; i < 3; i++)
                first[i * KERNEL] = (float)sum[i];
        }
    set_input(c, false, mean, NULL, "its conv0, folded into conv1_1: RGB minus mean");
    return STATUS_OK;
}

static enum status fold_conv0(struct converted *c, const struct tensors *t, struct diag *diag)
{
    const struct tensor *kernel = t->place[0][0][NAMES_KERNEL], *bias = t->place[0][0][NAMES_BIAS];
    if (!kernel || !bias || kernel->n != 9 || bias->n != 3)
        return diag_set(diag, STATUS_INPUT, "%s: its conv0 is no 1x1 convolution of 3 channels",
                        t->path);
    TRY(check_finite(t, kernel, diag));
    TRY(check_finite(t, bias, diag));
    for (int bgr = 0; bgr < 2; bgr++)
        if (is_plain(kernel->values, bias->values, bgr)) {
            set_input(c, bgr, caffe_mean, NULL,
                      bgr ? "its conv0, to within 1 %: BGR minus VGG's mean"
                          : "its conv0, to within 1 %: RGB minus VGG's mean");
            return STATUS_OK;
        }
    return fold_matrix(c, t, kernel->values, bias->values, diag);
}

/* Three numbers of a safetensors file's own metadata, turned to R, G, B. */
static bool read_own(double out[3], const struct weights *w, const char *key, bool bgr)
{
    const char *text = weights_meta(w, key);
    double v[3];
    if (!text)
        return true;
    if (sscanf(text, "%lf,%lf,%lf", &v[0], &v[1], &v[2]) != 3)
        return false;
    for (int i = 0; i < 3; i++)
        out[i] = v[bgr ? 2 - i : i];
    return true;
}

static enum status own_input(struct converted *c, const struct tensors *t, struct diag *diag)
{
    const char *order = weights_meta(t->weights, "strata.order");
    set_input(c, strcmp(order, "bgr") == 0, caffe_mean, NULL, "its own metadata");
    if (!read_own(c->mean, t->weights, "strata.mean", c->bgr) ||
        !read_own(c->scale, t->weights, "strata.scale", c->bgr))
        return diag_set(diag, STATUS_INPUT,
                        "%s: its metadata strata.mean or strata.scale is not "
                        "three numbers",
                        t->path);
    return STATUS_OK;
}

static enum status find_input(struct converted *c, const struct tensors *t,
                              const struct convert_options *o, struct diag *diag)
{
    if (t->place[0][0][NAMES_KERNEL])
        TRY(fold_conv0(c, t, diag));
    else if (t->weights && weights_meta(t->weights, "strata.order"))
        TRY(own_input(c, t, diag));
    else if (t->has_mean)
        set_input(c, false, t->mean, NULL, "MatConvNet's way, with the file's mean: RGB");
    else if (t->layout == TENSORS_HWIO && t->style == NAMES_CAFFE)
        set_input(c, false, caffe_mean, NULL, "MatConvNet's way, with VGG's mean: RGB");
    else if (t->style == NAMES_TORCHVISION && !o->caffe)
        set_input(c, false, torchvision_mean, torchvision_scale,
                  "torchvision's names: RGB, normalised by mean and deviation");
    else
        set_input(c, true, caffe_mean, NULL,
                  t->style == NAMES_KERAS ? "Keras's names: BGR minus VGG's mean"
                                          : "Caffe's weights: BGR minus VGG's mean");
    if (o->has_mean)
        set_input(c, c->bgr, o->mean, NULL, "--mean");
    if (o->order != CONVERT_AS_FOUND)
        c->bgr = o->order == CONVERT_BGR;
    return STATUS_OK;
}

enum status convert_tensors(struct converted *out, const struct tensors *tensors,
                            const struct convert_options *options, struct diag *diag)
{
    struct converted c = {0};
    enum status status = convert_layers(&c, tensors, options->transpose, diag);
    if (status == STATUS_OK)
        status = find_input(&c, tensors, options, diag);
    if (status != STATUS_OK)
        convert_clear(&c);
    else
        *out = c;
    return status;
}

void convert_amplify(struct converted *network, const double factor[LAYER_COUNT])
{
    double before = 1.0;
    for (int l = 0; l < network->layer_count; l++) {
        const struct network_conv *conv = &network->conv[l];
        float *kernel = network->block + (conv->kernel - network->block);
        float *bias = network->block + (conv->bias - network->block);
        size_t n = KERNEL * (size_t)conv->in * (size_t)conv->out;
        for (size_t i = 0; i < n; i++)
            kernel[i] = (float)(kernel[i] * (factor[l] / before));
        for (int i = 0; i < conv->out; i++)
            bias[i] = (float)(bias[i] * factor[l]);
        before = factor[l];
    }
}

void convert_clear(struct converted *converted)
{
    mem_free(converted->block);
    memset(converted, 0, sizeof *converted);
}
