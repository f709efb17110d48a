/*
 * text_buffer.h: text that grows. Zeroed is empty.
 */
#ifndef STRATA_TEXT_BUFFER_H
#define STRATA_TEXT_BUFFER_H

#include <stddef.h>

struct text_buffer {
    char *text; /* NULL while empty */
    size_t used, size;
};

void text_buffer_add(struct text_buffer *buffer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* "" while it is empty; lent. */
const char *text_buffer_get(const struct text_buffer *buffer);

void text_buffer_clear(struct text_buffer *buffer);

#endif
