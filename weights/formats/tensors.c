/* tensors.c: see tensors.h. */
#include "weights/formats/tensors.h"

#include <stdlib.h>
#include <string.h>

#include "engine/base/mem.h"

enum { MAX_TENSORS = 4096, MAX_NAME = 255, MAX_WIDTH = 2048, KERNEL = 9, KERNEL_RANK = 4 };

static size_t product(int rank, const size_t *shape)
{
    size_t n = 1;
    for (int i = 0; i < rank; i++)
        n = mem_times(n, shape[i]);
    return n;
}

enum status tensors_add(struct tensors *tensors, float **values, const char *name, int rank,
                        const size_t *shape, struct diag *diag)
{
    struct names_place place = {0};
    size_t n = product(rank, shape);
    bool needed = names_parse(&place, name);
    float *space = NULL;
    if (strlen(name) > MAX_NAME || tensors->count == MAX_TENSORS || rank > WEIGHTS_MAX_RANK)
        return diag_set(diag, STATUS_INPUT, "%s holds more than any network needs: tensor %.100s",
                        tensors->path, name);
    if (needed && (rank > KERNEL_RANK || n > (size_t)MAX_WIDTH * MAX_WIDTH * KERNEL))
        return diag_set(diag, STATUS_INPUT,
                        "%s: tensor %s is too large for a 3x3 convolution of at most %d channels",
                        tensors->path, name, MAX_WIDTH);
    struct tensor **taken = needed ? &tensors->place[place.block][place.index][place.part] : NULL;
    if (taken && *taken)
        return diag_set(diag, STATUS_INPUT, "%s: %s and %s are both the same layer's %s",
                        tensors->path, (*taken)->name, name,
                        place.part == NAMES_KERNEL ? "kernel" : "bias");
    if (needed)
        TRY(mem_big(&space, mem_times(n, sizeof *space), name, diag));
    if (!tensors->list)
        tensors->list = mem_new(MAX_TENSORS * sizeof *tensors->list);
    struct tensor *t = &tensors->list[tensors->count++];
    *t = (struct tensor){.name = mem_text(name), .rank = rank, .n = n, .values = space};
    if (rank > 0)
        memcpy(t->shape, shape, (size_t)rank * sizeof *shape);
    if (taken) {
        *taken = t;
        tensors->style = place.style;
    }
    *values = space;
    return STATUS_OK;
}

void tensors_from_columns(float *out, const float *in, int rank, const size_t *shape)
{
    size_t n = product(rank, shape), at[WEIGHTS_MAX_RANK] = {0};
    for (size_t i = 0; i < n; i++) {
        size_t index = 0;
        for (int d = 0; d < rank; d++)
            index = index * shape[d] + at[d];
        out[index] = in[i];
        for (int d = 0; d < rank && ++at[d] == shape[d]; d++)
            at[d] = 0;
    }
}

void tensors_clear(struct tensors *tensors)
{
    for (size_t i = 0; i < tensors->count; i++) {
        mem_free(tensors->list[i].name);
        mem_free(tensors->list[i].values);
    }
    mem_free(tensors->list);
    weights_close(&tensors->weights);
    memset(tensors, 0, sizeof *tensors);
}
