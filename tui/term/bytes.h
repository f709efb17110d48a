/*
 * bytes.h: bytes on their way to a terminal, collected before they are written.
 */
#ifndef STRATA_BYTES_H
#define STRATA_BYTES_H

#include <stddef.h>

/* Grows as needed. Zeroed is empty; mem_free(data). */
struct bytes {
    char *data; /* [capacity], of which size are used */
    size_t size, capacity;
};

void bytes_add(struct bytes *bytes, const void *data, size_t size);

/* At most 127 bytes at once. */
void bytes_format(struct bytes *bytes, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Adds data in base64, padded (RFC 4648). */
void bytes_base64(struct bytes *bytes, const unsigned char *data, size_t size);

#endif
