/*
 * pickle_machine.c: see pickle_private.h. The pickle machine's stack and the making of values,
 * within limits that a hostile file cannot exceed.
 */
#include <string.h>

#include "engine/base/mem.h"
#include "weights/formats/pickle_private.h"

enum status pickle_broken(struct pickle *p, const char *what)
{
    return diag_set(p->diag, STATUS_INPUT, "%s is no state dict that strata can read: %s", p->name,
                    what);
}

struct pickle_value *pickle_make(struct pickle *p, enum pickle_kind kind)
{
    if (p->made % PICKLE_CHUNK == 0) {
        struct pickle_chunk *chunk = mem_new(sizeof *chunk);
        chunk->next = p->chunks;
        p->chunks = chunk;
    }
    struct pickle_value *value = &p->chunks->values[p->made++ % PICKLE_CHUNK];
    value->kind = kind;
    return value;
}


void pickle_grow(struct pickle_value ***items, size_t *capacity, size_t count)
{
    if (count < *capacity)
        return;
    size_t more = count < 4 ? 4 : 2 * count;
    struct pickle_value **moved = mem_new(more * sizeof *moved);
    if (*items)
        memcpy(moved, *items, *capacity * sizeof *moved);
    mem_free(*items);
    *items = moved;
    *capacity = more;
}

enum status pickle_push(struct pickle *p, struct pickle_value *value)
{
    if (p->depth >= PICKLE_MAX_VALUES || p->made >= PICKLE_MAX_VALUES)
        return pickle_broken(p, "it holds more than any network needs");
    pickle_grow(&p->stack, &p->stack_capacity, p->depth);
    p->stack[p->depth++] = value;
    return STATUS_OK;
}

/* A list that is named again and again may be copied each time: that has an end. */
enum status pickle_append(struct pickle *p, struct pickle_value *list, struct pickle_value *item)
{
    if (++p->appended > 4 * PICKLE_MAX_VALUES)
        return pickle_broken(p, "it holds more than any network needs");
    pickle_grow(&list->as.list.items, &list->as.list.capacity, list->as.list.count);
    list->as.list.items[list->as.list.count++] = item;
    return STATUS_OK;
}

enum status pickle_too_short(struct pickle *p)
{
    return pickle_broken(p, "its pickle ends too early; is the file cut short?");
}

enum status pickle_pop(struct pickle *p, struct pickle_value **out)
{
    if (p->depth == 0 || p->stack[p->depth - 1]->kind == PICKLE_MARK)
        return pickle_broken(p, "its pickle takes more than it gave");
    *out = p->stack[--p->depth];
    return STATUS_OK;
}

enum status pickle_push_integer(struct pickle *p, enum pickle_kind kind, int64_t integer)
{
    struct pickle_value *value = pickle_make(p, kind);
    value->as.integer = integer;
    return pickle_push(p, value);
}
