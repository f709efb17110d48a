/* digest.c: see digest.h. */
#include "weights/import/digest.h"

#include <nettle/md5.h>
#include <nettle/sha2.h>
#include <stdint.h>
#include <stdio.h>

#include "engine/base/file.h"

static void print(char *out, const uint8_t *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        snprintf(out + 2 * i, 3, "%02x", bytes[i]);
}

enum status digest_file(struct digest *out, const char *path, struct diag *diag)
{
    struct file_map map;
    struct sha256_ctx sha256;
    struct md5_ctx md5;
    uint8_t bytes[SHA256_DIGEST_SIZE];
    TRY(file_map(&map, path, diag));
    sha256_init(&sha256);
    sha256_update(&sha256, map.size, map.bytes);
    sha256_digest(&sha256, SHA256_DIGEST_SIZE, bytes);
    print(out->sha256, bytes, SHA256_DIGEST_SIZE);
    md5_init(&md5);
    md5_update(&md5, map.size, map.bytes);
    md5_digest(&md5, MD5_DIGEST_SIZE, bytes);
    print(out->md5, bytes, MD5_DIGEST_SIZE);
    out->size = map.size;
    file_unmap(&map);
    return STATUS_OK;
}
