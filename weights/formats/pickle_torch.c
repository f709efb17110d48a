/*
 * pickle_torch.c: what a state dict's pickle may name and call: tensors, their storages, ordered
 * dicts. See pickle_private.h.
 */
#include <stdbool.h>
#include <string.h>

#include "weights/formats/pickle_private.h"

enum { STORAGE_ITEMS = 5, VIEW_ITEM = 5 };

/* X(NAME, module, name, type of a storage's values): all that a pickle may name. */
#define GLOBAL_LIST(X)                                                                             \
    X(ORDERED_DICT, "collections", "OrderedDict", COUNT)                                           \
    X(TENSOR, "torch._utils", "_rebuild_tensor", COUNT)                                            \
    X(TENSOR_V2, "torch._utils", "_rebuild_tensor_v2", COUNT)                                      \
    X(PARAMETER, "torch._utils", "_rebuild_parameter", COUNT)                                      \
    X(SIZE, "torch", "Size", COUNT)                                                                \
    X(FLOAT, "torch", "FloatStorage", F32)                                                         \
    X(HALF, "torch", "HalfStorage", F16)                                                           \
    X(BFLOAT16, "torch", "BFloat16Storage", BF16)                                                  \
    X(DOUBLE, "torch", "DoubleStorage", F64)                                                       \
    X(LONG, "torch", "LongStorage", I64)                                                           \
    X(INT, "torch", "IntStorage", I32)                                                             \
    X(SHORT, "torch", "ShortStorage", I16)                                                         \
    X(CHAR, "torch", "CharStorage", I8)                                                            \
    X(BYTE, "torch", "ByteStorage", U8)                                                            \
    X(BOOL, "torch", "BoolStorage", BOOL)

enum global {
#define X(name, module, text, dtype) GLOBAL_##name,
    GLOBAL_LIST(X)
#undef X
    GLOBAL_COUNT
};

enum { WEIGHTS_COUNT = WEIGHTS_DTYPE_COUNT }; /* no storage */

static const struct {
    const char *module, *name;
    int dtype;
} globals[GLOBAL_COUNT] = {
#define X(name, module, text, dtype) {module, text, WEIGHTS_##dtype},
    GLOBAL_LIST(X)
#undef X
};

/* ---- globals ------------------------------------------------------------------------------ */

struct word {
    const char *bytes;
    size_t length;
};

static bool word_is(struct word word, const char *text)
{
    return strlen(text) == word.length && memcmp(text, word.bytes, word.length) == 0;
}

static enum status push_global(struct pickle *p, struct word module, struct word name)
{
    for (int i = 0; i < GLOBAL_COUNT; i++)
        if (word_is(module, globals[i].module) && word_is(name, globals[i].name))
            return pickle_push_integer(p, PICKLE_GLOBAL, i);
    return diag_set(p->diag, STATUS_INPUT,
                    "%s wants Python to use %.*s.%.*s, which no state dict needs; nothing was "
                    "executed (torch.save(model.state_dict(), ...) makes a file that strata reads)",
                    p->name, (int)(module.length < 80 ? module.length : 80), module.bytes,
                    (int)(name.length < 80 ? name.length : 80), name.bytes);
}

static enum status take_line(struct pickle *p, struct word *out)
{
    const unsigned char *start = p->bytes + p->at;
    const unsigned char *end = memchr(start, '\n', p->size - p->at);
    if (!end)
        return pickle_too_short(p);
    *out = (struct word){(const char *)start, (size_t)(end - start)};
    p->at += out->length + 1;
    return STATUS_OK;
}

enum status pickle_global(struct pickle *p)
{
    struct word module, name;
    TRY(take_line(p, &module));
    TRY(take_line(p, &name));
    return push_global(p, module, name);
}

enum status pickle_stack_global(struct pickle *p)
{
    struct pickle_value *name, *module;
    TRY(pickle_pop(p, &name));
    TRY(pickle_pop(p, &module));
    if (name->kind != PICKLE_TEXT || module->kind != PICKLE_TEXT)
        return pickle_broken(p, "its pickle names something by what is no name");
    return push_global(p, (struct word){module->as.text.bytes, module->as.text.length},
                       (struct word){name->as.text.bytes, name->as.text.length});
}

/* ---- tensors ------------------------------------------------------------------------------ */

/* Item i of the list args is of that kind? */
static bool item_is(const struct pickle_value *args, size_t i, enum pickle_kind kind)
{
    return args->kind == PICKLE_LIST && i < args->as.list.count &&
           args->as.list.items[i]->kind == kind;
}

static bool take_sizes(uint64_t *out, const struct pickle_value *list)
{
    for (size_t i = 0; i < list->as.list.count; i++) {
        if (!item_is(list, i, PICKLE_INTEGER) || list->as.list.items[i]->as.integer < 0)
            return false;
        out[i] = (uint64_t)list->as.list.items[i]->as.integer;
    }
    return true;
}

/* _rebuild_tensor(storage, offset, size, stride, ...) */
static enum status make_tensor(struct pickle *p, const struct pickle_value *args)
{
    struct pickle_value *t = pickle_make(p, PICKLE_TENSOR);
    bool good = item_is(args, 0, PICKLE_STORAGE) && item_is(args, 1, PICKLE_INTEGER) &&
                item_is(args, 2, PICKLE_LIST) && item_is(args, 3, PICKLE_LIST) &&
                args->as.list.items[1]->as.integer >= 0;
    if (!good)
        return pickle_broken(p, "a tensor in it is malformed");
    const struct pickle_value *shape = args->as.list.items[2], *stride = args->as.list.items[3];
    if (shape->as.list.count != stride->as.list.count || shape->as.list.count > WEIGHTS_MAX_RANK ||
        !take_sizes(t->as.tensor.shape, shape) || !take_sizes(t->as.tensor.stride, stride))
        return pickle_broken(p, "a tensor in it has an impossible shape");
    t->as.tensor.storage = args->as.list.items[0];
    t->as.tensor.offset = (uint64_t)args->as.list.items[1]->as.integer;
    t->as.tensor.rank = (int)shape->as.list.count;
    return pickle_push(p, t);
}

/* A tuple ("storage", type, key, location, number of values) on the stack becomes a storage. */
enum status pickle_persistent(struct pickle *p)
{
    struct pickle_value *id;
    TRY(pickle_pop(p, &id));
    bool good = item_is(id, 0, PICKLE_TEXT) && item_is(id, 1, PICKLE_GLOBAL) &&
                item_is(id, 2, PICKLE_TEXT) && item_is(id, 4, PICKLE_INTEGER) &&
                id->as.list.items[4]->as.integer >= 0;
    int dtype = good ? globals[id->as.list.items[1]->as.integer].dtype : WEIGHTS_COUNT;
    if (dtype == WEIGHTS_COUNT)
        return pickle_broken(p, "a storage in it is malformed");
    if (id->as.list.count > STORAGE_ITEMS && !item_is(id, VIEW_ITEM, PICKLE_NONE))
        return pickle_broken(p, "a storage in it is a view of another");
    struct pickle_value *storage = pickle_make(p, PICKLE_STORAGE);
    storage->as.storage.key = id->as.list.items[2];
    storage->as.storage.dtype = (enum weights_dtype)dtype;
    storage->as.storage.n = (uint64_t)id->as.list.items[4]->as.integer;
    if (!p->storages)
        p->storages = pickle_make(p, PICKLE_LIST);
    TRY(pickle_append(p, p->storages, storage));
    return pickle_push(p, storage);
}

/* OrderedDict() or, from Python 2, OrderedDict([[key, value], ...]). */
static enum status make_dict(struct pickle *p, const struct pickle_value *args)
{
    struct pickle_value *dict = pickle_make(p, PICKLE_DICT);
    const struct pickle_value *pairs =
        item_is(args, 0, PICKLE_LIST) ? args->as.list.items[0] : NULL;
    if (args->as.list.count > 0 && !pairs)
        return pickle_broken(p, "a dictionary in it is malformed");
    enum status status = pickle_push(p, dict);
    for (size_t i = 0; status == STATUS_OK && pairs && i < pairs->as.list.count; i++) {
        const struct pickle_value *pair = pairs->as.list.items[i];
        if (!item_is(pairs, i, PICKLE_LIST) || pair->as.list.count != 2)
            return pickle_broken(p, "a dictionary in it is malformed");
        TRY(pickle_append(p, dict, pair->as.list.items[0]));
        TRY(pickle_append(p, dict, pair->as.list.items[1]));
    }
    return status;
}

enum status pickle_reduce(struct pickle *p)
{
    struct pickle_value *args, *callable;
    TRY(pickle_pop(p, &args));
    TRY(pickle_pop(p, &callable));
    if (callable->kind != PICKLE_GLOBAL || args->kind != PICKLE_LIST)
        return pickle_broken(p, "its pickle calls what cannot be called");
    switch (callable->as.integer) {
    case GLOBAL_ORDERED_DICT: return make_dict(p, args);
    case GLOBAL_TENSOR:
    case GLOBAL_TENSOR_V2: return make_tensor(p, args);
    case GLOBAL_PARAMETER:
        if (item_is(args, 0, PICKLE_TENSOR))
            return pickle_push(p, args->as.list.items[0]);
        break;
    case GLOBAL_SIZE:
        if (item_is(args, 0, PICKLE_LIST))
            return pickle_push(p, args->as.list.items[0]);
        break;
    }
    return pickle_broken(p, "its pickle calls something with the wrong arguments");
}
