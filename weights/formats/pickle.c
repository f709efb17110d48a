/*
 * pickle.c: see pickle.h. The operations are those of Python's pickletools: a stack of values, a
 * memo of values to come back to, marks that group what is above them. torch.save uses protocol 2;
 * a few of protocol 4 are known, too.
 */
#include <stdbool.h>
#include <string.h>

#include "engine/base/mem.h"
#include "weights/formats/pickle_private.h"

enum { INTEGER_BYTES = 8 };

/* ---- reading ------------------------------------------------------------------------------ */

static enum status take(struct pickle *p, const unsigned char **out, uint64_t n)
{
    if (n > p->size - p->at)
        return pickle_too_short(p);
    *out = p->bytes + p->at;
    p->at += (size_t)n;
    return STATUS_OK;
}

/* A little-endian number of that many bytes. */
static enum status take_number(struct pickle *p, uint64_t *out, int bytes)
{
    const unsigned char *b = NULL;
    TRY(take(p, &b, (uint64_t)bytes));
    *out = 0;
    while (bytes-- > 0)
        *out = *out << 8 | b[bytes];
    return STATUS_OK;
}

static enum status peek(struct pickle *p, struct pickle_value **out, enum pickle_kind kind)
{
    if (p->depth == 0 || p->stack[p->depth - 1]->kind != kind)
        return pickle_broken(p, "its pickle puts together what does not fit");
    *out = p->stack[p->depth - 1];
    return STATUS_OK;
}

/* ---- literals ----------------------------------------------------------------------------- */

/* bytes: of the number; is_signed: its top bit is its sign. */
static enum status literal_integer(struct pickle *p, int bytes, bool is_signed)
{
    uint64_t raw;
    TRY(take_number(p, &raw, bytes));
    if (is_signed && bytes > 0 && bytes < INTEGER_BYTES && raw >> (8 * bytes - 1))
        raw |= UINT64_MAX << 8 * bytes;
    return pickle_push_integer(p, PICKLE_INTEGER, (int64_t)raw);
}

static enum status literal_long(struct pickle *p)
{
    uint64_t bytes;
    TRY(take_number(p, &bytes, 1));
    if (bytes > INTEGER_BYTES)
        return pickle_broken(p, "it holds a number that is too large");
    return literal_integer(p, (int)bytes, true);
}

static enum status literal_real(struct pickle *p)
{
    const unsigned char *b = NULL;
    uint64_t bits = 0;
    TRY(take(p, &b, 8));
    for (int i = 0; i < 8; i++)
        bits = bits << 8 | b[i];
    struct pickle_value *value = pickle_make(p, PICKLE_REAL);
    memcpy(&value->as.real, &bits, sizeof value->as.real);
    return pickle_push(p, value);
}

static enum status literal_text(struct pickle *p, int length_bytes)
{
    uint64_t length = 0;
    const unsigned char *bytes = NULL;
    TRY(take_number(p, &length, length_bytes));
    TRY(take(p, &bytes, length));
    struct pickle_value *value = pickle_make(p, PICKLE_TEXT);
    value->as.text.bytes = (const char *)bytes;
    value->as.text.length = (size_t)length;
    return pickle_push(p, value);
}

/* ---- containers --------------------------------------------------------------------------- */

/* The last n values, or those above the last mark with n < 0, become items of out. */
static enum status gather(struct pickle *p, struct pickle_value *out, int n)
{
    size_t from = p->depth;
    while (from > 0 && p->stack[from - 1]->kind != PICKLE_MARK &&
           (n < 0 || p->depth - from < (size_t)n))
        from--;
    if (n < 0 ? from == 0 : p->depth - from < (size_t)n)
        return pickle_broken(p, "its pickle takes more than it gave");
    for (size_t i = from; i < p->depth; i++)
        TRY(pickle_append(p, out, p->stack[i]));
    p->depth = n < 0 ? from - 1 : from; /* without the mark */
    return STATUS_OK;
}

static enum status do_tuple(struct pickle *p, int n)
{
    struct pickle_value *tuple = pickle_make(p, PICKLE_LIST);
    TRY(gather(p, tuple, n));
    return pickle_push(p, tuple);
}

/* Adds the last n values, or those above the mark, to the list or dict below them. */
static enum status do_extend(struct pickle *p, enum pickle_kind kind, int n)
{
    struct pickle_value *items = pickle_make(p, PICKLE_LIST), *target = NULL;
    TRY(gather(p, items, n));
    TRY(peek(p, &target, kind));
    if (kind == PICKLE_DICT && items->as.list.count % 2 != 0)
        return pickle_broken(p, "a dictionary in it is malformed");
    for (size_t i = 0; i < items->as.list.count; i++)
        TRY(pickle_append(p, target, items->as.list.items[i]));
    return STATUS_OK;
}

/* The attributes of an OrderedDict, of which a state dict has _metadata: not needed. */
static enum status do_build(struct pickle *p)
{
    struct pickle_value *state, *target;
    TRY(pickle_pop(p, &state));
    TRY(peek(p, &target, PICKLE_DICT));
    return state->kind == PICKLE_DICT ? STATUS_OK
                                      : pickle_broken(p, "its pickle sets what it should not");
}

/* ---- the memo ----------------------------------------------------------------------------- */

static enum status memo_put(struct pickle *p, uint64_t index)
{
    if (p->depth == 0)
        return pickle_broken(p, "its pickle takes more than it gave");
    if (index >= PICKLE_MAX_VALUES)
        return pickle_broken(p, "it holds more than any network needs");
    while (p->memo_capacity <= index)
        pickle_grow(&p->memo, &p->memo_capacity, p->memo_capacity);
    p->memo[index] = p->stack[p->depth - 1];
    p->memoized++;
    return STATUS_OK;
}

static enum status do_put(struct pickle *p, int bytes)
{
    uint64_t index;
    TRY(take_number(p, &index, bytes));
    return memo_put(p, index);
}

static enum status do_get(struct pickle *p, int bytes)
{
    uint64_t index;
    TRY(take_number(p, &index, bytes));
    if (index >= p->memo_capacity || !p->memo[index] || p->memo[index]->kind == PICKLE_MARK)
        return pickle_broken(p, "its pickle comes back to what was never there");
    return pickle_push(p, p->memo[index]);
}

/* ---- the machine -------------------------------------------------------------------------- */

static enum status do_protocol(struct pickle *p)
{
    uint64_t protocol;
    TRY(take_number(p, &protocol, 1));
    return protocol >= 2 && protocol <= 5
               ? STATUS_OK
               : pickle_broken(p, "its pickle is of an unknown protocol");
}

static enum status unknown(struct pickle *p, unsigned op)
{
    return diag_set(p->diag, STATUS_INPUT,
                    "%s is no state dict that strata can read: its pickle holds operation 0x%02x, "
                    "which no state dict needs",
                    p->name, op);
}

static enum status step(struct pickle *p, unsigned op)
{
    uint64_t ignored;
    switch (op) {
    case 0x80: return do_protocol(p);
    case 0x95: return take_number(p, &ignored, 8); /* FRAME: a hint for readers of streams */
    case '(': return pickle_push(p, pickle_make(p, PICKLE_MARK));
    case 'N': return pickle_push(p, pickle_make(p, PICKLE_NONE));
    case 0x88: return pickle_push_integer(p, PICKLE_BOOL, 1);
    case 0x89: return pickle_push_integer(p, PICKLE_BOOL, 0);
    case 'K': return literal_integer(p, 1, false);
    case 'M': return literal_integer(p, 2, false);
    case 'J': return literal_integer(p, 4, true);
    case 0x8a: return literal_long(p);
    case 'G': return literal_real(p);
    case 'X':
    case 'T': return literal_text(p, 4); /* T, U: Python 2's text */
    case 0x8c:
    case 'U': return literal_text(p, 1);
    case 'c': return pickle_global(p);
    case 0x93: return pickle_stack_global(p);
    case 'R': return pickle_reduce(p);
    case 'Q': return pickle_persistent(p);
    case 'b': return do_build(p);
    case ')': return do_tuple(p, 0);
    case 0x85: return do_tuple(p, 1);
    case 0x86: return do_tuple(p, 2);
    case 0x87: return do_tuple(p, 3);
    case 't': return do_tuple(p, -1);
    case ']': return pickle_push(p, pickle_make(p, PICKLE_LIST));
    case 'a': return do_extend(p, PICKLE_LIST, 1);
    case 'e': return do_extend(p, PICKLE_LIST, -1);
    case '}': return pickle_push(p, pickle_make(p, PICKLE_DICT));
    case 's': return do_extend(p, PICKLE_DICT, 2);
    case 'u': return do_extend(p, PICKLE_DICT, -1);
    case 'q': return do_put(p, 1);
    case 'r': return do_put(p, 4);
    case 0x94: return memo_put(p, p->memoized);
    case 'h': return do_get(p, 1);
    case 'j': return do_get(p, 4);
    }
    return unknown(p, op);
}

static enum status run(struct pickle *p)
{
    struct pickle_value *root;
    const unsigned char *op = NULL;
    do {
        TRY(take(p, &op, 1));
        if (*op != '.')
            TRY(step(p, *op));
    } while (*op != '.');
    TRY(pickle_pop(p, &root));
    p->stack[0] = root; /* there was at least one */
    return STATUS_OK;
}

enum status pickle_open(struct pickle **out, const unsigned char *bytes, size_t size,
                        const char *name, struct diag *diag)
{
    struct pickle *p = mem_new(sizeof *p);
    p->name = mem_text(name);
    p->bytes = bytes;
    p->size = size;
    p->diag = diag;
    enum status status = run(p);
    p->diag = NULL;
    if (status != STATUS_OK)
        pickle_close(&p);
    else
        *out = p;
    return status;
}

void pickle_close(struct pickle **pickle)
{
    struct pickle *p = *pickle;
    if (!p)
        return;
    for (size_t i = p->made; p->chunks;) {
        struct pickle_chunk *chunk = p->chunks;
        size_t used = i % PICKLE_CHUNK ? i % PICKLE_CHUNK : PICKLE_CHUNK;
        for (size_t k = 0; k < used; k++)
            if (chunk->values[k].kind == PICKLE_LIST || chunk->values[k].kind == PICKLE_DICT)
                mem_free(chunk->values[k].as.list.items);
        i -= used;
        p->chunks = chunk->next;
        mem_free(chunk);
    }
    mem_free(p->stack);
    mem_free(p->memo);
    mem_free(p->name);
    mem_free(p);
    *pickle = NULL;
}

const struct pickle_value *pickle_root(const struct pickle *pickle)
{
    return pickle->stack[0];
}

const struct pickle_value *pickle_storages(const struct pickle *pickle)
{
    return pickle->storages;
}

size_t pickle_length(const struct pickle *pickle)
{
    return pickle->at;
}
