/* store.h: a converted network → a safetensors file, with its origin in the metadata. */
#ifndef STRATA_STORE_H
#define STRATA_STORE_H

#include "engine/base/file.h"
#include "weights/import/convert.h"

struct store_origin {
    const char *source, *licence, *sha256; /* of the file that it was made from */
    const char *losses; /* how far off VGG-19's they are; NULL: not far */
    const char *scaled; /* how far off they were, before they were scaled; NULL: they were not */
};

/* The file's bytes, *out on the heap (mem_free); path is what sentences call it. */
enum status store_bytes(unsigned char **out, size_t *size, const char *path,
                        const struct converted *network, const struct store_origin *origin,
                        struct diag *diag);

/* All or nothing, see file_write. */
enum status store_network(const char *path, const struct converted *network,
                          const struct store_origin *origin, enum file_overwrite mode,
                          struct diag *diag);

#endif
