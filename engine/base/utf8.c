/* utf8.c: see utf8.h. */
#include "engine/base/utf8.h"

#include <stdbool.h>

unsigned utf8_read(const char *text, int *length)
{
    static const unsigned least[] = {0, 0, 0x80, 0x800, 0x10000};
    const unsigned char *s = (const unsigned char *)text;
    bool lead = s[0] >= 0xc2 && s[0] <= 0xf4;
    int n = s[0] < 0x80 ? 1 : !lead ? 0 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
    *length = 1;
    if (n <= 1)
        return n ? s[0] : UTF8_INVALID;
    unsigned code = s[0] & (0x7fu >> n);
    for (int i = 1; i < n; i++) {
        if ((s[i] & 0xc0) != 0x80)
            return UTF8_INVALID;
        code = code << 6 | (s[i] & 0x3fu);
    }
    if (code < least[n] || code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
        return UTF8_INVALID;
    *length = n;
    return code;
}

void utf8_write(char out[UTF8_SIZE], unsigned code)
{
    int n = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    static const unsigned char first[] = {0, 0, 0xc0, 0xe0, 0xf0};
    for (int i = n - 1; i > 0; i--, code >>= 6)
        out[i] = (char)(0x80 | (code & 0x3f));
    out[0] = (char)(first[n] | code);
    out[n] = 0;
}
