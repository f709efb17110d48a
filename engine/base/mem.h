/*
 * mem.h: memory in two kinds. Small blocks (structs, names) never fail: without them the program
 * ends. Big blocks (anything whose size a picture or a network decides) may fail and say so.
 */
#ifndef STRATA_MEM_H
#define STRATA_MEM_H

#include <stddef.h>

#include "engine/base/diag.h"

/* size bytes, zeroed. Ends the program when there is none, after the hook has run. mem_free. */
void *mem_new(size_t size);

/* A copy of text on the heap; never fails. mem_free. */
char *mem_text(const char *text);

/* Runs before mem_new ends the program; restores a terminal, for instance. */
void mem_on_death(void (*hook)(void));

/* Bytes: a cache line, and what the widest vector instructions want. */
enum { MEM_ALIGNMENT = 64 };

/* *out = size bytes, zeroed, aligned to MEM_ALIGNMENT; STATUS_MEMORY with a sentence naming what it
 * was for. A size of SIZE_MAX, which mem_product gives on overflow, is refused. mem_free. */
enum status mem_big(void *out, size_t size, const char *what, struct diag *diag);

/* a*b*c, or SIZE_MAX when that does not fit. */
size_t mem_product(size_t a, size_t b, size_t c);

/* Bytes of memory that the process has in use now; 0 if that cannot be known. */
size_t mem_resident(void);

/* The most that it ever had. */
size_t mem_peak(void);

/* Frees either kind; NULL is fine. */
void mem_free(void *block);

#endif
