/* read_safetensors.c: safetensors files with names of any kind, see read.h. */
#include "weights/formats/read.h"

enum status read_safetensors(struct tensors *out, const unsigned char *bytes, size_t size,
                             struct diag *diag)
{
    TRY(weights_open_memory(&out->weights, bytes, size, out->path, diag));
    out->layout = TENSORS_OIHW;
    for (size_t i = 0; i < weights_count(out->weights); i++) {
        const struct weights_tensor *t = weights_at(out->weights, i);
        float *values;
        TRY(tensors_add(out, &values, t->name, t->rank, t->shape, diag));
        if (values)
            TRY(weights_load(out->weights, t->name, values, diag));
    }
    return STATUS_OK;
}
