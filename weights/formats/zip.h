/*
 * zip.h: the files in a ZIP archive in memory, as PyTorch and NumPy write them: stored or
 * deflated, ZIP64 too. Nothing in it is believed before it is checked. Sole user of inflate.
 */
#ifndef STRATA_ZIP_H
#define STRATA_ZIP_H

#include <stddef.h>

#include "engine/base/diag.h"

struct zip;

/* bytes must stay; name is what sentences call the archive. */
enum status zip_open(struct zip **out, const unsigned char *bytes, size_t size, const char *name,
                     struct diag *diag);
void zip_close(struct zip **zip);

size_t zip_count(const struct zip *zip);

/* The name of file i, printable or not, without zero bytes; lent. */
const char *zip_name(const struct zip *zip, size_t i);

/* The file of that name, or zip_count. */
size_t zip_find(const struct zip *zip, const char *name);

struct zip_data {
    const unsigned char *bytes;
    size_t size;
    unsigned char *owned; /* bytes, where they had to be unpacked; else NULL */
};

/* The contents of file i, its checksum verified; at most limit bytes. zip_data_clear. */
enum status zip_read(struct zip_data *out, const struct zip *zip, size_t i, size_t limit,
                     struct diag *diag);
void zip_data_clear(struct zip_data *data);

#endif
