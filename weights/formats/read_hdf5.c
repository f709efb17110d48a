/*
 * read_hdf5.c: Keras's HDF5 files, see read.h: a dataset for each tensor, in groups named by layer,
 * kernels as height, width, in, out. Sole user of HDF5. Only objects inside the file are visited:
 * no links to other files, no data kept in them.
 */
#define H5_USE_110_API /* newer ones hand visit() another struct */
#include <hdf5.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/mem.h"
#include "weights/formats/read.h"

enum { MAX_NAME = 255 };

struct visit {
    struct tensors *out;
    struct diag *diag;
    enum status status;
};

static enum status damaged(const struct visit *v, const char *name)
{
    return diag_set(v->diag, STATUS_INPUT, "%s: dataset %s cannot be read; is the file damaged?",
                    v->out->path, name);
}

/* Is all of the dataset stored in this file? A dataset may be declared and never written. */
static bool stored(hid_t set, size_t bytes)
{
    hid_t list = H5Dget_create_plist(set);
    H5D_layout_t layout = list < 0 ? H5D_LAYOUT_ERROR : H5Pget_layout(list);
    bool packed = layout == H5D_CHUNKED && H5Pget_nfilters(list) > 0;
    hsize_t size = H5Dget_storage_size(set);
    bool good = (layout == H5D_COMPACT || layout == H5D_CONTIGUOUS || layout == H5D_CHUNKED) &&
                (layout != H5D_CONTIGUOUS || H5Pget_external_count(list) == 0) &&
                (packed ? size > 0 && bytes / 1032 <= size : size >= bytes);
    if (list >= 0)
        H5Pclose(list);
    return good;
}

static enum status load(const struct visit *v, hid_t set, const char *name)
{
    hsize_t sides[H5S_MAX_RANK] = {0};
    size_t shape[WEIGHTS_MAX_RANK] = {0}, n = 1;
    float *values;
    hid_t space = H5Dget_space(set), type = H5Dget_type(set);
    int rank = space < 0 ? -1 : H5Sget_simple_extent_ndims(space);
    bool real = type >= 0 && H5Tget_class(type) == H5T_FLOAT;
    size_t size = type < 0 ? 0 : H5Tget_size(type);
    if (rank >= 0 && rank <= WEIGHTS_MAX_RANK)
        H5Sget_simple_extent_dims(space, sides, NULL);
    if (space >= 0)
        H5Sclose(space);
    if (type >= 0)
        H5Tclose(type);
    if (rank < 0 || rank > WEIGHTS_MAX_RANK)
        return damaged(v, name);
    for (int d = 0; d < rank; d++)
        n = mem_times(n, shape[d] = (size_t)sides[d]);
    if (!real)
        return diag_set(v->diag, STATUS_INPUT, "%s: dataset %s holds no floating-point numbers",
                        v->out->path, name);
    if (!stored(set, mem_times(n, size)))
        return diag_set(v->diag, STATUS_INPUT,
                        "%s: dataset %s is larger than what the file holds of it", v->out->path,
                        name);
    TRY(tensors_add(v->out, &values, name, rank, shape, v->diag));
    if (n > 0 && H5Dread(set, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) < 0)
        return damaged(v, name);
    return STATUS_OK;
}

/* HDF5 calls this for every object in the file once; another result than 0 ends it. */
static herr_t visit(hid_t file, const char *name, const H5O_info_t *info, void *context)
{
    struct visit *v = context;
    struct names_place place;
    float *none;
    if (info->type != H5O_TYPE_DATASET)
        return 0;
    if (!names_parse(&place, name)) {
        v->status = tensors_add(v->out, &none, name, 0, NULL, v->diag);
        return v->status != STATUS_OK;
    }
    hid_t set = H5Dopen2(file, name, H5P_DEFAULT);
    v->status = set < 0 ? damaged(v, name) : load(v, set, name);
    if (set >= 0)
        H5Dclose(set);
    return v->status != STATUS_OK;
}

enum status read_hdf5(struct tensors *out, const char *path, struct diag *diag)
{
    struct visit v = {out, diag, STATUS_OK};
    setenv("HDF5_USE_FILE_LOCKING", "FALSE", 1); /* read-only places cannot be locked */
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    hid_t file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
    out->layout = TENSORS_HWIO;
    if (file < 0)
        return diag_set(diag, STATUS_INPUT, "%s is a damaged or truncated HDF5 file", path);
    herr_t result = H5Ovisit2(file, H5_INDEX_NAME, H5_ITER_INC, visit, &v, H5O_INFO_BASIC);
    if (result < 0 && v.status == STATUS_OK)
        v.status = diag_set(diag, STATUS_INPUT, "%s is a damaged HDF5 file", path);
    H5Fclose(file);
    H5close();
    return v.status;
}
