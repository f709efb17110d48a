/*
 * read_matlab.c: MatConvNet's networks in MATLAB files, see read.h. Sole user of matio. `layers` is
 * a row of cells, each a struct: type 'conv', name 'conv1_1' and weights {kernel, bias} or, in
 * files older still, filters and biases. The mean stands in normalization.averageImage, in newer
 * files in meta.normalization.averageImage: a picture, or one pixel.
 *
 * Kernels are [height, width, in, out], RGB. (anishathalye/neural-style takes the first two the
 * other way round. The values of the published file agree with Keras's in this order.)
 */
#include <matio.h>
#include <stdio.h>
#include <string.h>

#include "engine/base/mem.h"
#include "weights/formats/read.h"

enum { MAX_LAYERS = 256, MAX_NAME = 64, MAX_SIDE = 4096, MAX_PACKING = 1032 / 4 };

struct reader {
    struct tensors *out;
    mat_t *file;
    size_t size; /* of the file, bytes */
    struct diag *diag;
};

#if MATIO_VERSION >= 1528
static void silent(int level, const char *message)
#else
static void silent(int level, char *message)
#endif
{
    (void)level, (void)message;
}

static enum status damaged(const struct reader *r, const char *what)
{
    return diag_set(r->diag, STATUS_INPUT, "%s is no network of MatConvNet's: %s", r->out->path,
                    what);
}

/* The number of values, or 0 for what has none. */
static size_t count(const matvar_t *v)
{
    size_t n = v && v->rank > 0 && v->rank <= WEIGHTS_MAX_RANK ? 1 : 0;
    for (int d = 0; n > 0 && d < v->rank; d++)
        n = mem_times(n, v->dims[d]);
    return n == SIZE_MAX ? 0 : n;
}

/* A field of the first element of a struct, or NULL. In a damaged file names may be missing, for
 * which matio's own search is not prepared. */
static matvar_t *field(matvar_t *v, const char *name)
{
    bool good = v && v->class_type == MAT_C_STRUCT && v->data && count(v) >= 1;
    char *const *names = good ? Mat_VarGetStructFieldnames(v) : NULL;
    for (unsigned i = 0; names && i < Mat_VarGetNumberOfFields(v); i++)
        if (names[i] && strcmp(names[i], name) == 0)
            return Mat_VarGetStructFieldByIndex(v, i, 0);
    return NULL;
}

/* A short text of ASCII; "" for anything else. */
static void text(char out[MAX_NAME], const struct reader *r, matvar_t *v)
{
    size_t n = count(v);
    *out = 0;
    if (n == 0 || n >= MAX_NAME || v->class_type != MAT_C_CHAR || v->isComplex ||
        Mat_VarReadDataAll(r->file, v) != 0 || !v->data || v->nbytes / n == 0)
        return;
    size_t size = v->nbytes / n; /* of a character: 1, 2 or 4 */
    for (size_t i = 0; i < n; i++) {
        unsigned char c = ((const unsigned char *)v->data)[i * size];
        out[i] = c >= ' ' && c < 127 ? (char)c : '?';
    }
    out[n] = 0;
}

/* Reads n numbers of class single or double. */
static enum status numbers(float *out, const struct reader *r, matvar_t *v, size_t n)
{
    bool single = v->class_type == MAT_C_SINGLE;
    if ((!single && v->class_type != MAT_C_DOUBLE) || v->isComplex)
        return damaged(r, "its weights are no real numbers");
    if (Mat_VarReadDataAll(r->file, v) != 0 || !v->data || v->nbytes != n * (single ? 4 : 8))
        return damaged(r, "its weights end too early; is the file cut short?");
    for (size_t i = 0; i < n; i++)
        out[i] = single ? ((const float *)v->data)[i] : (float)((const double *)v->data)[i];
    return STATUS_OK;
}

/* Takes up an array under the name that other formats would give it. */
static enum status add(const struct reader *r, matvar_t *v, const char *layer, const char *part)
{
    char name[2 * MAX_NAME];
    struct names_place place;
    float *values = NULL, *columns = NULL;
    size_t n = count(v);
    snprintf(name, sizeof name, "%s.%s", layer, part);
    if (!names_parse(&place, name))
        return tensors_add(r->out, &values, name, 0, NULL, r->diag);
    if (n == 0)
        return diag_set(r->diag, STATUS_INPUT,
                        "%s: its layer %s is incomplete; is the file cut short?", r->out->path,
                        layer);
    if (n / MAX_PACKING > r->size)
        return damaged(r, "it declares more weights than it holds");
    TRY(tensors_add(r->out, &values, name, v->rank, v->dims, r->diag));
    TRY(mem_big(&columns, mem_times(n, sizeof *columns), name, r->diag));
    enum status status = numbers(columns, r, v, n);
    if (status == STATUS_OK)
        tensors_from_columns(values, columns, v->rank, v->dims);
    mem_free(columns);
    return status;
}

static enum status read_layer(const struct reader *r, matvar_t *layer)
{
    char type[MAX_NAME], name[MAX_NAME];
    text(type, r, field(layer, "type"));
    if (strcmp(type, "conv") != 0)
        return STATUS_OK;
    text(name, r, field(layer, "name"));
    matvar_t *weights = field(layer, "weights");
    matvar_t *kernel = field(layer, "filters"), *bias = field(layer, "biases");
    if (weights && weights->class_type == MAT_C_CELL && weights->data && count(weights) >= 2) {
        kernel = Mat_VarGetCell(weights, 0);
        bias = Mat_VarGetCell(weights, 1);
    }
    TRY(add(r, kernel, name, "weight"));
    return add(r, bias, name, "bias");
}

static enum status read_layers(const struct reader *r)
{
    matvar_t *layers = Mat_VarReadInfo(r->file, "layers");
    enum status status = STATUS_OK;
    if (!layers)
        return damaged(r, "there is no variable layers");
    size_t n = layers->class_type == MAT_C_CELL ? count(layers) : 0;
    if (n == 0 || n > MAX_LAYERS || !layers->data)
        status = damaged(r, "its variable layers is no row of cells");
    for (size_t i = 0; i < n && status == STATUS_OK; i++)
        status = read_layer(r, Mat_VarGetCell(layers, (int)i));
    Mat_VarFree(layers);
    return status;
}

/* The mean of each channel of the average image, whatever holds it. */
static void read_mean(const struct reader *r, matvar_t *image)
{
    float *values = NULL;
    bool good = image && (image->rank == 3 || image->rank == 2) && image->dims[0] <= MAX_SIDE &&
                image->dims[1] <= MAX_SIDE && count(image) >= 3 && count(image) % 3 == 0 &&
                (image->rank == 2 ? count(image) == 3 : image->dims[2] == 3);
    if (!good || mem_big(&values, count(image) * sizeof *values, "the mean", NULL) != STATUS_OK)
        return;
    size_t plane = count(image) / 3;
    struct reader quiet = *r;
    quiet.diag = NULL;
    r->out->has_mean = numbers(values, &quiet, image, 3 * plane) == STATUS_OK;
    for (size_t c = 0; c < 3; c++) {
        double sum = 0.0;
        for (size_t i = 0; i < plane; i++)
            sum += values[c * plane + i];
        r->out->mean[c] = sum / (double)plane;
        r->out->has_mean &= r->out->mean[c] >= 0.0 && r->out->mean[c] <= 255.0;
    }
    mem_free(values);
}

static void read_normalization(const struct reader *r)
{
    matvar_t *old = Mat_VarReadInfo(r->file, "normalization");
    matvar_t *meta = old ? NULL : Mat_VarReadInfo(r->file, "meta");
    read_mean(r, field(old ? old : field(meta, "normalization"), "averageImage"));
    Mat_VarFree(meta);
    Mat_VarFree(old);
}

enum status read_matlab(struct tensors *out, const char *path, size_t size, struct diag *diag)
{
    Mat_LogInitFunc("strata", silent);
    struct reader r = {out, Mat_Open(path, MAT_ACC_RDONLY), size, diag};
    out->layout = TENSORS_HWIO;
    if (!r.file)
        return diag_set(diag, STATUS_INPUT, "%s is a damaged or truncated MATLAB file", path);
    enum status status = read_layers(&r);
    if (status == STATUS_OK)
        read_normalization(&r);
    Mat_Close(r.file);
    return status;
}
