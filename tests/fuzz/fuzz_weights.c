/* fuzz_weights.c: readers of weights files; a file that is read is converted, too. */
#include "engine/base/mem.h"
#include "tests/fuzz/fuzz.h"
#include "weights/formats/pickle.h"
#include "weights/formats/read.h"
#include "weights/import/convert.h"

typedef enum status reader(struct tensors *, const unsigned char *, size_t, struct diag *);

static void read_and_convert(reader *read, const unsigned char *bytes, size_t size)
{
    struct tensors tensors = {.path = "input"};
    struct converted network = {0};
    struct diag diag = {0};
    const struct convert_options options = {0};
    if (fuzz_said(read(&tensors, bytes, size, &diag), &diag) == STATUS_OK &&
        fuzz_said(convert_tensors(&network, &tensors, &options, &diag), &diag) == STATUS_OK)
        convert_clear(&network);
    tensors_clear(&tensors);
}

void fuzz_pickle(const unsigned char *bytes, size_t size)
{
    struct pickle *pickle = NULL; /* alone, too, without the files around it */
    struct diag diag = {0};
    (void)fuzz_said(pickle_open(&pickle, bytes, size, "input", &diag), &diag);
    pickle_close(&pickle);
    read_and_convert(read_torch, bytes, size);
}

void fuzz_npz(const unsigned char *bytes, size_t size)
{
    read_and_convert(read_npz, bytes, size);
}

void fuzz_safetensors(const unsigned char *bytes, size_t size)
{
    read_and_convert(read_safetensors, bytes, size);
}
