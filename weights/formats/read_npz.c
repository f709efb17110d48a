/*
 * read_npz.c: NumPy's archives, see read.h: a ZIP file of arrays NAME.npy, each a header, which is
 * a literal Python dict of three entries, and the values (NEP 1). The header is searched, not
 * evaluated; arrays of Python objects, which are pickles, are refused.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/mem.h"
#include "weights/formats/read.h"
#include "weights/formats/zip.h"

enum { MAX_ARRAY = 1 << 29, MAX_HEADER = 4096, MAX_NAME = 255 };

struct array {
    enum weights_dtype dtype;
    bool known, big_endian, columns;
    int rank;
    size_t shape[WEIGHTS_MAX_RANK];
    const unsigned char *values;
    size_t size; /* bytes */
};

static enum status malformed(const struct tensors *out, const char *name, struct diag *diag)
{
    return diag_set(diag, STATUS_INPUT, "%s: %s is no array that NumPy would write", out->path,
                    name);
}

/* What stands behind 'key': in the header, or NULL. */
static const char *entry(const char *header, const char *key)
{
    const char *at = strstr(header, key);
    if (!at)
        return NULL;
    at += strlen(key);
    at += strspn(at, " ");
    return *at == ':' ? at + 1 + strspn(at + 1, " ") : NULL;
}

/* '<f4' */
static bool read_descr(struct array *a, const char *text)
{
    static const struct {
        const char *code;
        enum weights_dtype dtype;
    } types[] = {{"f4'", WEIGHTS_F32}, {"f2'", WEIGHTS_F16}, {"f8'", WEIGHTS_F64}};
    if (!text || (*text != '\'' && *text != '"') || !strchr("<>|=", text[1]) || !text[1])
        return false;
    a->big_endian = text[1] == '>';
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (strncmp(text + 2, types[i].code, 2) == 0 && !isalnum((unsigned char)text[4])) {
            a->dtype = types[i].dtype;
            a->known = true;
        }
    return true;
}

/* (64, 3, 3, 3), (64,) or () */
static bool read_shape(struct array *a, const char *text)
{
    if (!text || *text++ != '(')
        return false;
    for (a->rank = 0; a->rank <= WEIGHTS_MAX_RANK; a->rank++) {
        char *end;
        text += strspn(text, " ,");
        if (*text == ')')
            return true;
        if (!isdigit((unsigned char)*text) || a->rank == WEIGHTS_MAX_RANK)
            return false;
        a->shape[a->rank] = strtoul(text, &end, 10);
        text = *end == 'L' ? end + 1 : end; /* Python 2's long */
    }
    return false;
}

static enum status parse(struct array *a, const struct tensors *out, const char *name,
                         const struct zip_data *data, struct diag *diag)
{
    char header[MAX_HEADER + 1] = "";
    const unsigned char *b = data->bytes;
    size_t fields = 10, length = 0;
    if (data->size >= 12 && memcmp(b, "\x93NUMPY", 6) == 0) {
        fields = b[6] == 1 ? 10 : 12;
        length = (size_t)b[8] | (size_t)b[9] << 8;
        if (b[6] != 1)
            length |= (size_t)b[10] << 16 | (size_t)b[11] << 24;
    }
    if (length == 0 || length > MAX_HEADER || length > data->size - fields)
        return malformed(out, name, diag);
    memcpy(header, b + fields, length);
    const char *order = entry(header, "'fortran_order'");
    *a = (struct array){.values = b + fields + length, .size = data->size - fields - length};
    if (!read_descr(a, entry(header, "'descr'")) || !read_shape(a, entry(header, "'shape'")) ||
        !order)
        return malformed(out, name, diag);
    a->columns = strncmp(order, "True", 4) == 0;
    return STATUS_OK;
}

/* Turns big-endian values into little-endian ones, n of them in place. */
static void turn(unsigned char *bytes, size_t n, size_t size)
{
    for (unsigned char *p = bytes; n-- > 0; p += size)
        for (size_t i = 0; i < size / 2; i++) {
            unsigned char first = p[i];
            p[i] = p[size - 1 - i];
            p[size - 1 - i] = first;
        }
}

static enum status load(float *values, const struct array *a, size_t n, const struct tensors *out,
                        struct diag *diag)
{
    size_t size = weights_dtype_size(a->dtype);
    unsigned char *turned = NULL;
    float *columns = NULL;
    enum status status = STATUS_OK;
    if (a->big_endian)
        status = mem_big(&turned, n * size, out->path, diag);
    if (status == STATUS_OK && a->columns)
        status = mem_big(&columns, n * sizeof *columns, out->path, diag);
    if (status == STATUS_OK) {
        if (turned) {
            memcpy(turned, a->values, n * size);
            turn(turned, n, size);
        }
        weights_convert(columns ? columns : values, turned ? turned : a->values, n, a->dtype);
        if (columns)
            tensors_from_columns(values, columns, a->rank, a->shape);
    }
    mem_free(columns);
    mem_free(turned);
    return status;
}

static enum status add(struct tensors *out, const char *name, const struct zip_data *data,
                       struct diag *diag)
{
    struct array a;
    float *values;
    size_t n = 1;
    TRY(parse(&a, out, name, data, diag));
    if (!a.known)
        return diag_set(diag, STATUS_INPUT,
                        "%s: array %s holds no floating-point numbers; strata reads float16, "
                        "float32 and float64",
                        out->path, name);
    for (int d = 0; d < a.rank; d++)
        n = mem_times(n, a.shape[d]);
    if (mem_times(n, weights_dtype_size(a.dtype)) > a.size)
        return diag_set(diag, STATUS_INPUT, "%s: array %s is larger than what the file holds of it",
                        out->path, name);
    TRY(tensors_add(out, &values, name, a.rank, a.shape, diag));
    return values ? load(values, &a, n, out, diag) : STATUS_OK;
}

enum status read_npz(struct tensors *out, const unsigned char *bytes, size_t size,
                     struct diag *diag)
{
    struct zip *zip = NULL;
    enum status status = STATUS_OK;
    TRY(zip_open(&zip, bytes, size, out->path, diag));
    out->layout = TENSORS_UNKNOWN;
    for (size_t i = 0; i < zip_count(zip) && status == STATUS_OK; i++) {
        struct names_place place;
        struct zip_data data;
        float *none;
        char name[MAX_NAME + 1];
        size_t length = strlen(zip_name(zip, i));
        if (length <= 4 || length > MAX_NAME || strcmp(zip_name(zip, i) + length - 4, ".npy") != 0)
            continue;
        snprintf(name, sizeof name, "%.*s", (int)(length - 4), zip_name(zip, i));
        if (!names_parse(&place, name)) {
            status = tensors_add(out, &none, name, 0, NULL, diag);
            continue;
        }
        status = zip_read(&data, zip, i, MAX_ARRAY, diag);
        if (status == STATUS_OK) {
            status = add(out, name, &data, diag);
            zip_data_clear(&data);
        }
    }
    zip_close(&zip);
    return status;
}
