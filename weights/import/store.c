/* store.c: see store.h. */
#include "weights/import/store.h"

#include <cjson/cJSON.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "engine/base/mem.h"

/* A mean may have been a float: 116.779 and not 116.778999. */
enum { PREFIX = 8, ALIGNMENT = 8, KERNEL = 9, MEAN_DIGITS = 7, SCALE_DIGITS = 9 };

/* Three numbers in the order of the file's channels. */
static void add_three(cJSON *meta, const char *key, int digits, const double v[3], bool bgr)
{
    char text[96];
    snprintf(text, sizeof text, "%.*g,%.*g,%.*g", digits, v[bgr ? 2 : 0], digits, v[1], digits,
             v[bgr ? 0 : 2]);
    cJSON_AddStringToObject(meta, key, text);
}

static void add_text(cJSON *meta, const char *key, const char *text)
{
    char clean[512]; /* valid UTF-8, whatever a file name holds */
    diag_clean(clean, sizeof clean, text);
    cJSON_AddStringToObject(meta, key, clean);
}

static void add_tensor(cJSON *header, const char *layer, const char *part, const int *shape,
                       int rank, size_t *offset)
{
    char name[32];
    size_t begin = *offset;
    size_t n = sizeof(float);
    for (int d = 0; d < rank; d++)
        n *= (size_t)shape[d];
    *offset += n;
    snprintf(name, sizeof name, "conv%s.%s", layer, part);
    cJSON *tensor = cJSON_AddObjectToObject(header, name);
    cJSON_AddStringToObject(tensor, "dtype", "F32");
    cJSON_AddItemToObject(tensor, "shape", cJSON_CreateIntArray(shape, rank));
    const double offsets[2] = {(double)begin, (double)*offset};
    cJSON_AddItemToObject(tensor, "data_offsets", cJSON_CreateDoubleArray(offsets, 2));
}

/* The header; *size: of all tensors, bytes. For cJSON_Delete. */
static cJSON *make_header(const struct converted *c, const struct store_origin *origin,
                          size_t *size)
{
    cJSON *header = cJSON_CreateObject(), *meta = cJSON_AddObjectToObject(header, "__metadata__");
    cJSON_AddStringToObject(meta, "strata.order", c->bgr ? "bgr" : "rgb");
    add_three(meta, "strata.mean", MEAN_DIGITS, c->mean, c->bgr);
    if (c->scale[0] != 1.0 || c->scale[1] != 1.0 || c->scale[2] != 1.0)
        add_three(meta, "strata.scale", SCALE_DIGITS, c->scale, c->bgr);
    add_text(meta, "strata.source", origin->source);
    add_text(meta, "strata.licence", origin->licence);
    add_text(meta, "strata.sha256", origin->sha256);
    if (origin->losses)
        add_text(meta, "strata.losses", origin->losses);
    if (origin->scaled)
        add_text(meta, "strata.scaled", origin->scaled);
    *size = 0;
    for (int l = 0; l < c->layer_count; l++) {
        const char *layer = layer_name((enum layer)l) + strlen("relu");
        const int shape[4] = {c->conv[l].out, c->conv[l].in, 3, 3};
        add_tensor(header, layer, "weight", shape, 4, size);
        add_tensor(header, layer, "bias", shape, 1, size);
    }
    return header;
}

/* Little endian, as the format has it, on any machine. */
static unsigned char *put_floats(unsigned char *out, const float *values, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        uint32_t bits;
        memcpy(&bits, &values[i], sizeof bits);
        for (int b = 0; b < 4; b++)
            *out++ = (unsigned char)(bits >> 8 * b);
    }
    return out;
}

static unsigned char *put_file(unsigned char *out, const char *header, size_t padded,
                               const struct converted *c)
{
    size_t length = strlen(header);
    for (int b = 0; b < PREFIX; b++)
        *out++ = (unsigned char)((uint64_t)padded >> 8 * b);
    memcpy(out, header, length);
    memset(out + length, ' ', padded - length);
    out += padded;
    for (int l = 0; l < c->layer_count; l++) {
        const struct network_conv *conv = &c->conv[l];
        out = put_floats(out, conv->kernel, (size_t)conv->out * (size_t)conv->in * KERNEL);
        out = put_floats(out, conv->bias, (size_t)conv->out);
    }
    return out;
}

enum status store_bytes(unsigned char **out, size_t *size, const char *path,
                        const struct converted *network, const struct store_origin *origin,
                        struct diag *diag)
{
    size_t data;
    cJSON *header = make_header(network, origin, &data);
    char *text = cJSON_PrintUnformatted(header);
    cJSON_Delete(header);
    if (!text)
        return diag_set(diag, STATUS_MEMORY, "not enough memory for the header of %s", path);
    size_t padded = (strlen(text) + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    enum status status = mem_big(out, PREFIX + padded + data, path, diag);
    if (status == STATUS_OK)
        *size = (size_t)(put_file(*out, text, padded, network) - *out);
    cJSON_free(text);
    return status;
}

enum status store_network(const char *path, const struct converted *network,
                          const struct store_origin *origin, enum file_overwrite mode,
                          struct diag *diag)
{
    unsigned char *bytes;
    size_t size;
    TRY(store_bytes(&bytes, &size, path, network, origin, diag));
    enum status status = file_write(path, bytes, size, mode, diag);
    mem_free(bytes);
    return status;
}
