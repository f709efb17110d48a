/*
 * utf8.h: UTF-8 (RFC 3629), read from bytes that may be anything, and written.
 */
#ifndef STRATA_UTF8_H
#define STRATA_UTF8_H

enum { UTF8_INVALID = 0xfffd, UTF8_SIZE = 5 };

/* The code point at text, which is not empty, and its length in bytes. A byte that begins no valid
 * sequence (overlong forms and surrogates are none) is UTF8_INVALID and one byte long. */
unsigned utf8_read(const char *text, int *length);

/* The bytes of a code point up to 0x10ffff, with a NUL behind them. */
void utf8_write(char out[UTF8_SIZE], unsigned code);

#endif
