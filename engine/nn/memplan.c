/* memplan.c: see memplan.h. */
#include "engine/nn/memplan.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include "engine/base/mem.h"

static bool overlap_in_time(const struct memplan_item *a, const struct memplan_item *b)
{
    return a->first <= b->last && b->first <= a->last;
}

static size_t padded(size_t size)
{
    return (size + MEM_ALIGNMENT - 1) / MEM_ALIGNMENT * MEM_ALIGNMENT;
}

/* The lowest offset at which item overlaps no placed one that is needed at the same time. placed is
 * in order of offset. */
static size_t lowest_offset(const struct memplan_item *item, struct memplan_item *const *placed,
                            int count)
{
    size_t offset = 0;
    for (int i = 0; i < count; i++) {
        const struct memplan_item *other = placed[i];
        if (!overlap_in_time(item, other))
            continue;
        if (offset + item->size <= other->offset)
            break;
        if (other->offset + padded(other->size) > offset)
            offset = other->offset + padded(other->size);
    }
    return offset;
}

static int larger_first(const void *a, const void *b)
{
    const struct memplan_item *x = *(struct memplan_item *const *)a;
    const struct memplan_item *y = *(struct memplan_item *const *)b;
    if (x->size != y->size)
        return x->size < y->size ? 1 : -1;
    return x < y ? -1 : 1; /* the same plan everywhere */
}

size_t memplan_pack(struct memplan_item *items, int count)
{
    struct memplan_item **order = mem_new((size_t)count * sizeof(struct memplan_item *));
    struct memplan_item **placed = mem_new((size_t)count * sizeof(struct memplan_item *));
    size_t sum = 0, end = 0;
    int placed_count = 0;
    for (int i = 0; i < count; i++) {
        order[i] = &items[i];
        items[i].offset = 0;
        if (items[i].size > SIZE_MAX / 2 - sum)
            end = SIZE_MAX;
        else
            sum += padded(items[i].size);
    }
    qsort(order, (size_t)count, sizeof *order, larger_first);
    for (int i = 0; end != SIZE_MAX && i < count && order[i]->size > 0; i++) {
        struct memplan_item *item = order[i];
        item->offset = lowest_offset(item, placed, placed_count);
        if (item->offset + padded(item->size) > end)
            end = item->offset + padded(item->size);
        int at = placed_count++;
        for (; at > 0 && placed[at - 1]->offset > item->offset; at--)
            placed[at] = placed[at - 1];
        placed[at] = item;
    }
    mem_free(order);
    mem_free(placed);
    return end;
}
