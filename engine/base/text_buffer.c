/* text_buffer.c: see text_buffer.h. */
#include "engine/base/text_buffer.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "engine/base/mem.h"

void text_buffer_add(struct text_buffer *b, const char *format, ...)
{
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int n = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    size_t needed = b->used + (n > 0 ? (size_t)n : 0) + 1;
    if (needed > b->size) {
        size_t size = 2 * needed;
        char *larger = mem_new(size);
        if (b->text)
            memcpy(larger, b->text, b->used);
        mem_free(b->text);
        b->text = larger;
        b->size = size;
    }
    vsnprintf(b->text + b->used, b->size - b->used, format, again);
    va_end(again);
    b->used = needed - 1;
}

const char *text_buffer_get(const struct text_buffer *b)
{
    return b->text ? b->text : "";
}

void text_buffer_clear(struct text_buffer *b)
{
    mem_free(b->text);
    *b = (struct text_buffer){0};
}
