/*
 * mem.h: memory of two kinds. Allocating a small block (structs, names) never fails: if there is no
 * memory for it, the program ends. Allocating a big block (whose size depends on a picture or a
 * network) may fail, which is a status. Any thread.
 */
#ifndef STRATA_MEM_H
#define STRATA_MEM_H

#include <stddef.h>

#include "engine/base/diag.h"

/* size bytes, zeroed; for mem_free. Without memory: runs the hook of mem_on_death, prints a
 * sentence and ends the process with status 1, while other threads may still run. */
void *mem_new(size_t size);

/* A copy of text on the heap; never fails. mem_free. */
char *mem_text(const char *text);

/* hook runs before mem_new ends the program, for instance to restore the terminal; NULL: none.
 * It is called on whichever thread lacks memory, so it may only do what is safe beside the other
 * threads: no locks, no memory, no curses. */
void mem_on_death(void (*hook)(void));

/* Bytes: a cache line, and what the widest vector instructions want. */
enum { MEM_ALIGNMENT = 64 };

/* *out = size bytes, zeroed, aligned to MEM_ALIGNMENT; for mem_free. out is the address of a
 * pointer of any type. STATUS_MEMORY with a sentence that names what it is for, also for a size of
 * SIZE_MAX, which mem_plus, mem_times and mem_product give on overflow. */
enum status mem_big(void *out, size_t size, const char *what, struct diag *diag);

/* a + b, or SIZE_MAX when that does not fit. */
size_t mem_plus(size_t a, size_t b);

/* a*b, or SIZE_MAX when that does not fit. */
size_t mem_times(size_t a, size_t b);

/* a*b*c, or SIZE_MAX when that does not fit. */
size_t mem_product(size_t a, size_t b, size_t c);

/* Bytes of memory that the process has resident now; 0 if that cannot be read. */
size_t mem_resident(void);

/* The most bytes that it ever had resident. */
size_t mem_peak(void);

/* Frees either kind; NULL is fine. */
void mem_free(void *block);

#endif
