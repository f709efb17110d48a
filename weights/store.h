/* store.h: a converted network → a safetensors file, with its origin in the metadata. */
#ifndef STRATA_STORE_H
#define STRATA_STORE_H

#include "../engine/file.h"
#include "convert.h"

struct store_origin {
    const char *source, *licence, *sha256; /* of the file that it was made from */
};

/* All or nothing, see file_write. */
enum status store_network(const char *path, const struct converted *network,
                          const struct store_origin *origin, enum file_overwrite mode,
                          struct diag *diag);

#endif
