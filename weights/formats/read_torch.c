/*
 * read_torch.c: state dicts as torch.save writes them, see read.h. Since PyTorch 1.6 (2020) a ZIP
 * archive, NAME/data.pkl and a file NAME/data/KEY for each storage; before that pickles in a row:
 * a magic number, a protocol, the machine, the dict, the storages' keys; then the storages.
 */
#include <stdio.h>
#include <string.h>

#include "engine/base/mem.h"
#include "weights/formats/pickle.h"
#include "weights/formats/read.h"
#include "weights/formats/zip.h"

enum {
    MAX_PICKLE = 1 << 24,
    MAX_STORAGE = 1 << 30,
    MAX_STORAGES = 4096,
    MAX_NAME = 255,
    MAX_DEPTH = 3,
    MAX_VISITS = 1 << 18,
    HEADS = 3 /* pickles before the dict */
};

/* Where a legacy file has a storage. */
struct place {
    const struct pickle_value *key;
    uint64_t begin, size; /* bytes */
};

struct reader {
    struct tensors *out;
    const unsigned char *bytes;
    size_t size;
    struct zip *zip;      /* or NULL, and then: */
    struct place *places; /* [count] */
    size_t count, visits;
    const struct pickle_value *key; /* of the storage that was read last, or NULL, and */
    struct zip_data storage;        /* its values: tensors may share them */
    char prefix[MAX_NAME + 1]; /* of the files in the archive: "NAME/" */
    struct diag *diag;
};

static bool same_text(const struct pickle_value *a, const struct pickle_value *b)
{
    return a->kind == PICKLE_TEXT && b->kind == PICKLE_TEXT &&
           a->as.text.length == b->as.text.length &&
           memcmp(a->as.text.bytes, b->as.text.bytes, a->as.text.length) == 0;
}

/* The storage's bytes, in r->storage. */
static enum status find_storage(struct reader *r, const struct pickle_value *storage)
{
    const struct pickle_value *key = storage->as.storage.key;
    size_t most = mem_times(storage->as.storage.n, weights_dtype_size(storage->as.storage.dtype));
    char name[2 * MAX_NAME];
    if (r->key && same_text(key, r->key))
        return STATUS_OK;
    for (size_t i = 0; !r->zip && i < r->count; i++)
        if (same_text(key, r->places[i].key)) {
            r->storage =
                (struct zip_data){r->bytes + r->places[i].begin, (size_t)r->places[i].size, NULL};
            return STATUS_OK;
        }
    snprintf(name, sizeof name, "%sdata/%.*s", r->prefix,
             (int)(key->as.text.length < MAX_NAME ? key->as.text.length : 0), key->as.text.bytes);
    size_t file = r->zip ? zip_find(r->zip, name) : 0;
    if (!r->zip || file == zip_count(r->zip))
        return diag_set(r->diag, STATUS_INPUT,
                        "%s lacks the values of a tensor, storage %s; is it damaged?", r->out->path,
                        name + strlen(r->prefix) + strlen("data/"));
    zip_data_clear(&r->storage);
    r->key = NULL;
    TRY(zip_read(&r->storage, r->zip, file, most < MAX_STORAGE ? most : MAX_STORAGE, r->diag));
    r->key = key;
    return STATUS_OK;
}

/* Do all the tensor's values lie in a storage of n values? */
static bool fits(const struct pickle_value *tensor, uint64_t n)
{
    uint64_t last = tensor->as.tensor.offset, step;
    for (int d = 0; d < tensor->as.tensor.rank; d++) {
        if (tensor->as.tensor.shape[d] == 0)
            return true;
        if (__builtin_mul_overflow(tensor->as.tensor.shape[d] - 1, tensor->as.tensor.stride[d],
                                   &step) ||
            __builtin_add_overflow(last, step, &last))
            return false;
    }
    return last < n;
}

static void copy(float *out, const struct tensor *t, const struct pickle_value *tensor,
                 const unsigned char *bytes)
{
    enum weights_dtype dtype = tensor->as.tensor.storage->as.storage.dtype;
    size_t size = weights_dtype_size(dtype), at[WEIGHTS_MAX_RANK] = {0};
    uint64_t index = tensor->as.tensor.offset;
    for (size_t i = 0; i < t->n; i++) {
        weights_convert(out + i, bytes + index * size, 1, dtype);
        for (int d = t->rank; d-- > 0;) {
            index += tensor->as.tensor.stride[d];
            if (++at[d] < t->shape[d])
                break;
            index -= at[d] * tensor->as.tensor.stride[d];
            at[d] = 0;
        }
    }
}

static enum status load(float *out, struct reader *r, const struct tensor *t,
                        const struct pickle_value *tensor)
{
    const struct pickle_value *storage = tensor->as.tensor.storage;
    enum weights_dtype dtype = storage->as.storage.dtype;
    if (dtype > WEIGHTS_F64)
        return diag_set(r->diag, STATUS_INPUT, "%s: tensor %s holds whole numbers, not weights",
                        r->out->path, t->name);
    TRY(find_storage(r, storage));
    bool good = fits(tensor, r->storage.size / weights_dtype_size(dtype));
    if (good)
        copy(out, t, tensor, r->storage.bytes);
    return good ? STATUS_OK
                : diag_set(r->diag, STATUS_INPUT,
                           "%s: tensor %s reaches beyond the end of its storage; is it damaged?",
                           r->out->path, t->name);
}

static enum status add(struct reader *r, const char *name, const struct pickle_value *tensor)
{
    size_t shape[WEIGHTS_MAX_RANK];
    float *values;
    for (int d = 0; d < tensor->as.tensor.rank; d++)
        shape[d] = tensor->as.tensor.shape[d];
    if (!fits(tensor, tensor->as.tensor.storage->as.storage.n) ||
        tensor->as.tensor.storage->as.storage.n > r->size)
        return diag_set(r->diag, STATUS_INPUT, "%s: tensor %s is larger than the file", //
                        r->out->path, name);
    TRY(tensors_add(r->out, &values, name, tensor->as.tensor.rank, shape, r->diag));
    if (!values)
        return STATUS_OK;
    return load(values, r, &r->out->list[r->out->count - 1], tensor);
}

/* Tensors of the dict, and of the dicts in it: a checkpoint holds the network among other things.
 */
static enum status walk(struct reader *r, const struct pickle_value *dict, int depth)
{
    char name[MAX_NAME + 1];
    for (size_t i = 0; i + 1 < dict->as.list.count; i += 2) {
        const struct pickle_value *key = dict->as.list.items[i];
        const struct pickle_value *value = dict->as.list.items[i + 1];
        if (++r->visits > MAX_VISITS)
            return diag_set(r->diag, STATUS_INPUT, "%s holds more than any network needs",
                            r->out->path);
        if (value->kind == PICKLE_DICT && depth < MAX_DEPTH)
            TRY(walk(r, value, depth + 1));
        if (value->kind != PICKLE_TENSOR || key->kind != PICKLE_TEXT ||
            key->as.text.length > MAX_NAME)
            continue;
        memcpy(name, key->as.text.bytes, key->as.text.length);
        name[key->as.text.length] = 0;
        TRY(add(r, name, value));
    }
    return STATUS_OK;
}

static enum status walk_root(struct reader *r, const struct pickle *pickle)
{
    const struct pickle_value *root = pickle_root(pickle);
    if (root->kind != PICKLE_DICT)
        return diag_set(r->diag, STATUS_INPUT,
                        "%s is no state dict: what it holds has no tensors by name", r->out->path);
    r->out->layout = TENSORS_OIHW;
    return walk(r, root, 0);
}

/* ---- archives ----------------------------------------------------------------------------- */

static enum status read_archive(struct reader *r)
{
    static const char main_file[] = "data.pkl";
    struct zip_data data, order;
    struct pickle *pickle = NULL;
    char name[MAX_NAME + 32];
    size_t i = 0, length = 0;
    for (; i < zip_count(r->zip); i++) {
        length = strlen(zip_name(r->zip, i));
        if (length >= strlen(main_file) && length < MAX_NAME &&
            strcmp(zip_name(r->zip, i) + length - strlen(main_file), main_file) == 0)
            break;
    }
    if (i == zip_count(r->zip))
        return diag_set(r->diag, STATUS_INPUT, "%s has no data.pkl", r->out->path);
    snprintf(r->prefix, sizeof r->prefix, "%.*s", (int)(length - strlen(main_file)),
             zip_name(r->zip, i));
    snprintf(name, sizeof name, "%sbyteorder", r->prefix);
    size_t at = zip_find(r->zip, name);
    if (at < zip_count(r->zip)) {
        TRY(zip_read(&order, r->zip, at, MAX_NAME, r->diag));
        bool little = order.size >= 6 && memcmp(order.bytes, "little", 6) == 0;
        zip_data_clear(&order);
        if (!little)
            return diag_set(r->diag, STATUS_INPUT, "%s was written on a big-endian machine",
                            r->out->path);
    }
    TRY(zip_read(&data, r->zip, i, MAX_PICKLE, r->diag));
    enum status status = pickle_open(&pickle, data.bytes, data.size, r->out->path, r->diag);
    if (status == STATUS_OK)
        status = walk_root(r, pickle);
    pickle_close(&pickle);
    zip_data_clear(&data);
    return status;
}

/* ---- legacy files ------------------------------------------------------------------------- */

/* The place of every storage: at offset the number of its values, eight bytes; then they. */
static enum status find_places(struct reader *r, const struct pickle *dict,
                               const struct pickle_value *keys, size_t offset)
{
    const struct pickle_value *storages = pickle_storages(dict);
    for (size_t i = 0; i < keys->as.list.count && storages; i++) {
        size_t k = 0;
        uint64_t n = 0;
        while (k < storages->as.list.count &&
               !same_text(keys->as.list.items[i], storages->as.list.items[k]->as.storage.key))
            k++;
        if (k == storages->as.list.count || r->count == MAX_STORAGES)
            return diag_set(r->diag, STATUS_INPUT, "%s: its list of storages is malformed",
                            r->out->path);
        if (r->size - offset >= 8)
            for (int b = 8; b-- > 0;)
                n = n << 8 | r->bytes[offset + (size_t)b];
        size_t size = weights_dtype_size(storages->as.list.items[k]->as.storage.dtype);
        if (r->size - offset < 8 || n > (r->size - offset - 8) / size)
            return diag_set(r->diag, STATUS_INPUT,
                            "%s ends before the values of its tensors do; is it cut short?",
                            r->out->path);
        r->places[r->count++] = (struct place){keys->as.list.items[i], offset + 8, n * size};
        offset += 8 + (size_t)n * size;
    }
    return STATUS_OK;
}

static enum status read_legacy(struct reader *r)
{
    struct pickle *dict = NULL, *keys = NULL, *head = NULL;
    size_t at = 15; /* the magic number's pickle, which read_torch has seen */
    for (int i = 1; i < HEADS; i++) {
        TRY(pickle_open(&head, r->bytes + at, r->size - at, r->out->path, r->diag));
        at += pickle_length(head);
        pickle_close(&head);
    }
    TRY(pickle_open(&dict, r->bytes + at, r->size - at, r->out->path, r->diag));
    at += pickle_length(dict);
    enum status status = pickle_open(&keys, r->bytes + at, r->size - at, r->out->path, r->diag);
    if (status == STATUS_OK && pickle_root(keys)->kind != PICKLE_LIST)
        status =
            diag_set(r->diag, STATUS_INPUT, "%s: its list of storages is malformed", r->out->path);
    r->places = mem_new(MAX_STORAGES * sizeof *r->places);
    if (status == STATUS_OK)
        status = find_places(r, dict, pickle_root(keys), at + pickle_length(keys));
    if (status == STATUS_OK)
        status = walk_root(r, dict);
    mem_free(r->places);
    pickle_close(&keys);
    pickle_close(&dict);
    return status;
}

enum status read_torch(struct tensors *out, const unsigned char *bytes, size_t size,
                       struct diag *diag)
{
    /* 0x1950a86a20f9469cfc6c, as the first pickle of a legacy file gives it */
    static const unsigned char magic[15] = {0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46,
                                            0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e};
    struct reader r = {.out = out, .bytes = bytes, .size = size, .diag = diag};
    if (size >= sizeof magic && memcmp(bytes, magic, sizeof magic) == 0)
        return read_legacy(&r);
    if (size >= 2 && bytes[0] == 0x80)
        return diag_set(diag, STATUS_INPUT,
                        "%s is a pickle that torch.save did not write; nothing in it was executed",
                        out->path);
    TRY(zip_open(&r.zip, bytes, size, out->path, diag));
    enum status status = read_archive(&r);
    zip_data_clear(&r.storage);
    zip_close(&r.zip);
    return status;
}
