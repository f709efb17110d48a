/* diag.c: see diag.h. */
#include "engine/base/diag.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "engine/base/utf8.h"

/* The length of the character at s if it is safe to show, else 0. */
static unsigned safe_length(const char *s)
{
    int length;
    unsigned code = utf8_read(s, &length);
    bool control = code < 0x20 || (code >= 0x7f && code < 0xa0);
    bool turns = code == 0x61c || (code >= 0x200e && code <= 0x200f) ||
                 (code >= 0x2028 && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
    bool invalid = code == UTF8_INVALID && length == 1;
    return control || turns || invalid ? 0 : (unsigned)length;
}

void diag_clean(char *out, unsigned long size, const char *text)
{
    const char *s = text;
    unsigned long used = 0;
    while (*s) {
        unsigned length = safe_length(s);
        unsigned long need = length ? length : 4;
        if (used + need >= size)
            break;
        if (length)
            memcpy(out + used, s, length);
        else
            snprintf(out + used, size - used, "\\x%02x", (unsigned char)*s);
        used += need;
        s += length ? length : 1;
    }
    if (size)
        out[used] = 0;
}

/* Stores text, cleaned; what does not fit loses its middle, at whole characters. */
static void store(struct diag *diag, const char *text)
{
    enum { HEAD = 200, GAP = 5 };
    char clean[4 * 4096];
    diag_clean(clean, sizeof clean, text);
    size_t length = strlen(clean);
    if (length < DIAG_TEXT) {
        memcpy(diag->text, clean, length + 1);
        return;
    }
    size_t head = HEAD, tail = length - (DIAG_TEXT - 1 - HEAD - GAP);
    while ((clean[head] & 0xc0) == 0x80)
        head--;
    while ((clean[tail] & 0xc0) == 0x80)
        tail++;
    snprintf(diag->text, DIAG_TEXT, "%.*s ... %s", (int)head, clean, clean + tail);
}

enum status diag_set(struct diag *diag, enum status status, const char *format, ...)
{
    if (!diag)
        return status;
    char text[4096];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    diag->status = status;
    store(diag, text);
    return status;
}

enum status diag_prefix(struct diag *diag, enum status status, const char *format, ...)
{
    if (!diag)
        return status;
    char text[4096 + DIAG_TEXT];
    va_list args;
    va_start(args, format);
    int n = vsnprintf(text, 4096, format, args);
    va_end(args);
    size_t used = n < 0 ? 0 : n < 4096 ? (size_t)n : 4095;
    snprintf(text + used, sizeof text - used, ": %s", diag->text);
    store(diag, text);
    return status;
}

int diag_exit_status(enum status status)
{
    static const int codes[] = {
#define X(name, code, meaning) [STATUS_##name] = code,
        STATUS_LIST(X)
#undef X
    };
    return codes[status];
}
