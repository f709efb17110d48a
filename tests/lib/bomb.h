/*
 * bomb.h: pictures that are small on disk and large in memory, and what reading them takes at
 * most, measured in a process of its own. Children come before anything that uses threads.
 */
#ifndef TESTS_LIB_BOMB_H
#define TESTS_LIB_BOMB_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zlib.h>

#include "engine/base/mem.h"

struct png_kind {
    int width, height, depth, colour, interlaced; /* as in IHDR */
};

void bomb_put32(unsigned char *at, uint32_t value);

void bomb_chunk(FILE *f, const char *type, const unsigned char *data, size_t size);

void bomb_head(FILE *f, const struct png_kind *kind);

/* Rows of size bytes, all of the same value, or with fill of what that makes of row y. */
void bomb_rows(z_stream *z, FILE *f, size_t size, int rows, unsigned char value,
               void (*fill)(unsigned char *row, int y));

/* A PNG of one colour, or of rows that fill makes (not interlaced). */
void bomb_png(const char *path, struct png_kind kind, unsigned char value,
              void (*fill)(unsigned char *row, int y));

/* By how much the memory of a process that does the work grows at its peak, in bytes; SIZE_MAX if
 * work returns false or the process ends otherwise. */
size_t bomb_peak(bool (*work)(void *context), void *context);

#endif
