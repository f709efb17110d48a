/* read.c: see read.h: tells the kinds apart. */
#include "weights/formats/read.h"

#include <stdint.h>
#include <string.h>

#include "engine/base/file.h"
#include "weights/formats/zip.h"

enum kind { KIND_PICKLE, KIND_ZIP, KIND_HDF5, KIND_MATLAB, KIND_SAFETENSORS, KIND_NONE };

static bool begins(const struct file_map *map, size_t at, const char *with, size_t length)
{
    return map->size >= at + length && memcmp(map->bytes + at, with, length) == 0;
}

/* The first eight bytes are the length of a header in JSON. */
static bool is_safetensors(const struct file_map *map)
{
    uint64_t length = 0;
    for (size_t i = 8; i-- > 0 && map->size > 8;)
        length = length << 8 | map->bytes[i];
    return map->size > 8 && map->bytes[8] == '{' && length > 0;
}

static enum kind find_kind(const struct file_map *map)
{
    static const char hdf5[] = "\x89HDF\r\n\x1a\n";
    if (begins(map, 0, "MATLAB", 6))
        return KIND_MATLAB;
    if (begins(map, 0, hdf5, 8))
        return KIND_HDF5;
    if (begins(map, 0, "PK\3\4", 4))
        return KIND_ZIP;
    if (is_safetensors(map))
        return KIND_SAFETENSORS;
    return begins(map, 0, "\x80", 1) ? KIND_PICKLE : KIND_NONE;
}

/* PyTorch's and NumPy's archives differ by what is in them. */
static enum status read_zip(struct tensors *out, const char **kind, const struct file_map *map,
                            struct diag *diag)
{
    struct zip *zip = NULL;
    bool torch = false;
    TRY(zip_open(&zip, map->bytes, map->size, out->path, diag));
    for (size_t i = 0; i < zip_count(zip); i++)
        torch |= file_has_ending(zip_name(zip, i), "data.pkl");
    zip_close(&zip);
    *kind = torch ? "PyTorch" : "NumPy";
    return torch ? read_torch(out, map->bytes, map->size, diag)
                 : read_npz(out, map->bytes, map->size, diag);
}

enum status read_file(struct tensors *out, const char **kind, const char *path, struct diag *diag)
{
    struct file_map map;
    enum status status = STATUS_OK;
    memset(out, 0, sizeof *out);
    out->path = path;
    TRY(file_map(&map, path, diag));
    switch (find_kind(&map)) {
    case KIND_PICKLE:
        *kind = "PyTorch, before 1.6";
        status = read_torch(out, map.bytes, map.size, diag);
        break;
    case KIND_ZIP: status = read_zip(out, kind, &map, diag); break;
    case KIND_SAFETENSORS:
        *kind = "safetensors";
        status = read_safetensors(out, map.bytes, map.size, diag);
        break;
    case KIND_HDF5:
        *kind = "Keras";
        status = read_hdf5(out, path, diag);
        break;
    case KIND_MATLAB:
        *kind = "MatConvNet";
        status = read_matlab(out, path, map.size, diag);
        break;
    case KIND_NONE:
        status = diag_set(diag, STATUS_INPUT,
                          map.size ? "%s is none of the files that strata imports: MatConvNet's "
                                     ".mat, Keras's .h5, PyTorch's .pth, NumPy's .npz, .safetensors"
                                   : "%s is empty",
                          path);
        break;
    }
    file_unmap(&map);
    return status;
}
