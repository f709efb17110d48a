/* bytes.c: see bytes.h. */
#include "tui/term/bytes.h"

#include <glib.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "engine/base/mem.h"

static void make_space(struct bytes *bytes, size_t more)
{
    if (bytes->size + more <= bytes->capacity)
        return;
    size_t capacity = 2 * (bytes->size + more);
    char *data = mem_new(capacity);
    if (bytes->size > 0)
        memcpy(data, bytes->data, bytes->size);
    mem_free(bytes->data);
    bytes->data = data;
    bytes->capacity = capacity;
}

void bytes_add(struct bytes *bytes, const void *data, size_t size)
{
    if (size == 0) /* of nothing, perhaps */
        return;
    make_space(bytes, size);
    memcpy(bytes->data + bytes->size, data, size);
    bytes->size += size;
}

void bytes_format(struct bytes *bytes, const char *format, ...)
{
    char text[128];
    va_list arguments;
    va_start(arguments, format);
    int n = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (n > 0 && n < (int)sizeof text)
        bytes_add(bytes, text, (size_t)n);
}

void bytes_base64(struct bytes *bytes, const unsigned char *data, size_t size)
{
    gchar *text = g_base64_encode(data, size);
    bytes_add(bytes, text, strlen(text));
    g_free(text);
}
