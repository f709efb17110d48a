/* hash.c: see hash.h. */
#include "engine/base/hash.h"

uint64_t hash_add(uint64_t key, const void *bytes, size_t size)
{
    const unsigned char *byte = bytes;
    for (size_t i = 0; i < size; i++)
        key = (key ^ byte[i]) * UINT64_C(0x100000001b3);
    return key;
}
