/*
 * read.h: files of every kind → tensors. What a file is, its first bytes say, not its name. The
 * readers for whole formats read_*.c each own one library or format; none believes a size before
 * the file is known to be large enough for it.
 */
#ifndef STRATA_READ_H
#define STRATA_READ_H

#include "weights/formats/tensors.h"

/* Recognises the file at path and reads it; *kind: what it is, for people; static. For
 * tensors_clear, also after a failure. STATUS_INPUT: damaged, hostile, or of no known kind. */
enum status read_file(struct tensors *out, const char **kind, const char *path, struct diag *diag);

/* The readers add to out, whose path is set. bytes must stay while they run; those that hand
 * themselves to a library take the path. */
enum status read_torch(struct tensors *out, const unsigned char *bytes, size_t size,
                       struct diag *diag);
enum status read_npz(struct tensors *out, const unsigned char *bytes, size_t size,
                     struct diag *diag);
enum status read_safetensors(struct tensors *out, const unsigned char *bytes, size_t size,
                             struct diag *diag);
enum status read_matlab(struct tensors *out, const char *path, size_t size, struct diag *diag);
enum status read_hdf5(struct tensors *out, const char *path, struct diag *diag);

#endif
