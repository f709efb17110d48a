/*
 * weights.c: see weights.h.
 *
 * The format: 8 bytes, the length of a JSON header, little endian; the header, {name: {dtype,
 * shape, data_offsets}}; the tensors' bytes. cJSON reads a copy of the header; everything in it is
 * checked before a tensor's bytes are touched. A file is mapped, and only while a network is being
 * opened, a fraction of a second: who cuts it short in that time ends us by SIGBUS.
 */
#include "engine/net/weights.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "engine/base/file.h"
#include "engine/base/mem.h"

/* The format's own limit for a header; and ours, long before its JSON takes gigabytes as a tree or
 * comparing all names takes minutes. */
enum {
    PREFIX = 8,
    MAX_HEADER = 100000000,
    MAX_VALUES = 1 << 18,
    MAX_TENSORS = 4096,
    MAX_NAME = 255
};

static const struct {
    const char *name;
    size_t size;
    bool loadable;
} dtypes[WEIGHTS_DTYPE_COUNT] = {
#define X(name, size, load) {#name, size, load},
    WEIGHTS_DTYPE_LIST(X)
#undef X
};

struct entry {
    struct weights_tensor tensor;
    enum weights_dtype dtype;
    size_t begin, end; /* in the data part */
};

struct weights {
    char *name;
    struct file_map map; /* zeroed for memory that is not ours */
    const unsigned char *bytes;
    size_t size;
    const unsigned char *data; /* behind the header */
    size_t data_size;
    cJSON *header;
    const cJSON *metadata; /* NULL if there is none */
    struct entry *entries; /* [count], in the order of the header */
    size_t count;
};

static enum status broken(struct diag *diag, const struct weights *w, const char *what)
{
    return diag_set(diag, STATUS_INPUT, "%s is not a usable safetensors file: %s", w->name, what);
}

static enum status broken_tensor(struct diag *diag, const struct weights *w, const char *tensor,
                                 const char *what)
{
    return diag_set(diag, STATUS_INPUT, "%s is not a usable safetensors file: tensor %.100s %s",
                    w->name, tensor, what);
}

/* A JSON number that is a whole number from 0 to 2^53. */
static bool whole(size_t *out, const cJSON *item)
{
    double value = cJSON_IsNumber(item) ? item->valuedouble : -1.0;
    if (!(value >= 0.0) || value > 0x1p53 || value != floor(value))
        return false;
    *out = (size_t)value;
    return true;
}

static bool read_shape(struct weights_tensor *tensor, const cJSON *shape)
{
    const cJSON *item;
    tensor->rank = 0;
    tensor->n = 1;
    if (!cJSON_IsArray(shape))
        return false;
    cJSON_ArrayForEach(item, shape)
    {
        size_t side;
        if (tensor->rank == WEIGHTS_MAX_RANK || !whole(&side, item))
            return false;
        tensor->shape[tensor->rank++] = side;
        tensor->n = mem_times(tensor->n, side);
    }
    return tensor->n != SIZE_MAX;
}

static enum status read_entry(struct entry *entry, const struct weights *w, const cJSON *item,
                              struct diag *diag)
{
    const char *name = item->string;
    const cJSON *dtype = cJSON_GetObjectItemCaseSensitive(item, "dtype");
    const cJSON *offsets = cJSON_GetObjectItemCaseSensitive(item, "data_offsets");
    int type = 0;
    entry->tensor.name = name;
    if (strlen(name) > MAX_NAME)
        return broken_tensor(diag, w, name, "has far too long a name");
    if (!cJSON_IsObject(item) || !cJSON_IsString(dtype))
        return broken_tensor(diag, w, name, "has no dtype");
    while (type < WEIGHTS_DTYPE_COUNT && strcmp(dtypes[type].name, dtype->valuestring) != 0)
        type++;
    if (type == WEIGHTS_DTYPE_COUNT)
        return broken_tensor(diag, w, name, "has an unknown dtype");
    entry->dtype = (enum weights_dtype)type;
    if (!read_shape(&entry->tensor, cJSON_GetObjectItemCaseSensitive(item, "shape")))
        return broken_tensor(diag, w, name, "has an impossible shape");
    if (!cJSON_IsArray(offsets) || cJSON_GetArraySize(offsets) != 2 ||
        !whole(&entry->begin, cJSON_GetArrayItem(offsets, 0)) ||
        !whole(&entry->end, cJSON_GetArrayItem(offsets, 1)) || entry->begin > entry->end)
        return broken_tensor(diag, w, name, "has impossible data_offsets");
    if (entry->end > w->data_size)
        return broken_tensor(diag, w, name, "reaches beyond the end of the file; is it cut short?");
    if (mem_times(entry->tensor.n, dtypes[type].size) != entry->end - entry->begin)
        return broken_tensor(diag, w, name, "has a shape that its data_offsets do not fit");
    return STATUS_OK;
}

/* Names must be unique, and no two tensors may share bytes. */
static enum status check_entries(const struct weights *w, struct diag *diag)
{
    if (w->count == 0)
        return broken(diag, w, "it holds no tensor");
    for (size_t i = 0; i < w->count; i++)
        for (size_t j = 0; j < i; j++) {
            const struct entry *a = &w->entries[i], *b = &w->entries[j];
            if (strcmp(a->tensor.name, b->tensor.name) == 0)
                return broken_tensor(diag, w, a->tensor.name, "stands in it twice");
            if (a->begin < b->end && b->begin < a->end)
                return broken_tensor(diag, w, a->tensor.name, "overlaps another");
        }
    return STATUS_OK;
}

static enum status read_metadata(struct weights *w, const cJSON *metadata, struct diag *diag)
{
    const cJSON *item;
    if (!cJSON_IsObject(metadata))
        return broken(diag, w, "its __metadata__ is not a JSON object");
    if (w->metadata)
        return broken(diag, w, "its __metadata__ stands in it twice");
    cJSON_ArrayForEach(item, metadata)
    {
        if (!cJSON_IsString(item))
            return diag_set(diag, STATUS_INPUT,
                            "%s is not a usable safetensors file: its metadata %.100s is no text",
                            w->name, item->string);
    }
    w->metadata = metadata;
    return STATUS_OK;
}

/* cJSON wants a zero byte behind what it reads: without one, up to 1.7.17, it reads too far. */
static enum status parse_header(struct weights *w, const unsigned char *text, size_t length,
                                struct diag *diag)
{
    size_t values = 0;
    char *copy;
    for (size_t i = 0; i < length; i++)
        values += text[i] == ',' || text[i] == '[' || text[i] == '{';
    if (values > MAX_VALUES)
        return broken(diag, w, "its header holds more than any network needs");
    TRY(mem_big(&copy, length + 1, w->name, diag));
    memcpy(copy, text, length);
    if (strlen(copy) == length)
        w->header = cJSON_ParseWithLengthOpts(copy, length + 1, NULL, true);
    mem_free(copy);
    return cJSON_IsObject(w->header) ? STATUS_OK
                                     : broken(diag, w, "its header is not a JSON object");
}

static enum status read_header(struct weights *w, struct diag *diag)
{
    uint64_t length = 0;
    if (w->size < PREFIX)
        return broken(diag, w, w->size ? "it is too short" : "it is empty");
    for (int i = PREFIX; i-- > 0;)
        length = length << 8 | w->bytes[i];
    if (length > w->size - PREFIX)
        return broken(diag, w,
                      "its header is longer than the file; is it cut short or of another kind?");
    if (length > MAX_HEADER)
        return broken(diag, w, "its header is longer than the format allows");
    TRY(parse_header(w, w->bytes + PREFIX, (size_t)length, diag));
    w->data = w->bytes + PREFIX + length;
    w->data_size = w->size - PREFIX - (size_t)length;
    int items = cJSON_GetArraySize(w->header);
    if (items > MAX_TENSORS)
        return broken(diag, w, "it holds more tensors than any network needs");
    w->entries = mem_new(sizeof *w->entries * (size_t)items);
    for (const cJSON *item = w->header->child; item; item = item->next)
        if (strcmp(item->string, "__metadata__") == 0)
            TRY(read_metadata(w, item, diag));
        else
            TRY(read_entry(&w->entries[w->count++], w, item, diag));
    return check_entries(w, diag);
}

enum status weights_open_memory(struct weights **out, const void *data, size_t size,
                                const char *name, struct diag *diag)
{
    struct weights *w = mem_new(sizeof *w);
    w->name = mem_text(name);
    w->bytes = data;
    w->size = size;
    enum status status = read_header(w, diag);
    if (status != STATUS_OK)
        weights_close(&w);
    else
        *out = w;
    return status;
}

enum status weights_open(struct weights **out, const char *path, struct diag *diag)
{
    struct file_map map;
    TRY(file_map(&map, path, diag));
    enum status status = weights_open_memory(out, map.bytes, map.size, path, diag);
    if (status != STATUS_OK)
        file_unmap(&map);
    else
        (*out)->map = map;
    return status;
}

void weights_close(struct weights **weights)
{
    struct weights *w = *weights;
    if (!w)
        return;
    cJSON_Delete(w->header);
    file_unmap(&w->map);
    mem_free(w->entries);
    mem_free(w->name);
    mem_free(w);
    *weights = NULL;
}

const char *weights_name(const struct weights *weights)
{
    return weights->name;
}

static const struct entry *find(const struct weights *weights, const char *name)
{
    for (size_t i = 0; i < weights->count; i++)
        if (strcmp(weights->entries[i].tensor.name, name) == 0)
            return &weights->entries[i];
    return NULL;
}

size_t weights_size(const struct weights *weights)
{
    return weights->size;
}

size_t weights_count(const struct weights *weights)
{
    return weights->count;
}

const struct weights_tensor *weights_at(const struct weights *weights, size_t i)
{
    return &weights->entries[i].tensor;
}

bool weights_has(const struct weights *weights, const char *name)
{
    return find(weights, name) != NULL;
}

enum status weights_find(const struct weights *weights, const char *name,
                         struct weights_tensor *out, struct diag *diag)
{
    const struct entry *entry = find(weights, name);
    if (!entry)
        return diag_set(diag, STATUS_INPUT, "%s has no tensor %s; is it a VGG-19 for strata?",
                        weights->name, name);
    *out = entry->tensor;
    return STATUS_OK;
}

/* IEEE half precision; subnormals and infinities included. */
static float from_half(unsigned half)
{
    int exponent = (int)(half >> 10 & 31);
    float sign = half >> 15 ? -1.0f : 1.0f, fraction = (float)(half & 1023) / 1024.0f;
    if (exponent == 31)
        return fraction > 0.0f ? NAN : sign * INFINITY;
    return sign * (exponent == 0 ? ldexpf(fraction, -14) : ldexpf(1.0f + fraction, exponent - 15));
}

static float value_at(const unsigned char *p, enum weights_dtype dtype)
{
    double wide;
    float value;
    uint64_t bits = 0;
    for (size_t i = dtypes[dtype].size; i-- > 0;)
        bits = bits << 8 | p[i];
    uint32_t low = (uint32_t)(dtype == WEIGHTS_BF16 ? bits << 16 : bits);
    if (dtype == WEIGHTS_F16)
        return from_half(low);
    if (dtype == WEIGHTS_F64) {
        memcpy(&wide, &bits, sizeof wide);
        return (float)wide;
    }
    memcpy(&value, &low, sizeof value);
    return value;
}

size_t weights_dtype_size(enum weights_dtype dtype)
{
    return dtypes[dtype].size;
}

void weights_convert(float *out, const unsigned char *in, size_t n, enum weights_dtype dtype)
{
    for (size_t i = 0; i < n; i++)
        out[i] = value_at(in + i * dtypes[dtype].size, dtype);
}

enum status weights_load(const struct weights *weights, const char *name, float *out,
                         struct diag *diag)
{
    struct weights_tensor tensor;
    TRY(weights_find(weights, name, &tensor, diag));
    const struct entry *entry = find(weights, name);
    if (!dtypes[entry->dtype].loadable)
        return diag_set(diag, STATUS_INPUT,
                        "%s: tensor %s is %s; strata reads F32, F16 and BF16", weights->name, name,
                        dtypes[entry->dtype].name);
    weights_convert(out, weights->data + entry->begin, tensor.n, entry->dtype);
    for (size_t i = 0; i < tensor.n; i++)
        if (!isfinite(out[i]))
            return diag_set(diag, STATUS_INPUT, "%s: value %zu of tensor %s is not a finite number",
                            weights->name, i, name);
    return STATUS_OK;
}

const void *weights_data(const struct weights *weights, const char *name, size_t *size)
{
    const struct entry *entry = find(weights, name);
    *size = entry ? entry->end - entry->begin : 0;
    return entry ? weights->data + entry->begin : NULL;
}

const char *weights_meta(const struct weights *weights, const char *key)
{
    return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(weights->metadata, key));
}
