/* digest.h: checksums of whole files. Sole user of nettle. */
#ifndef STRATA_DIGEST_H
#define STRATA_DIGEST_H

#include <stddef.h>

#include "engine/base/diag.h"

struct digest {
    size_t size;              /* bytes of the file */
    char sha256[65], md5[33]; /* hexadecimal, small letters */
};

enum status digest_file(struct digest *out, const char *path, struct diag *diag);

#endif
