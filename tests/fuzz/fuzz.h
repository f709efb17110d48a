/*
 * fuzz.h: the kinds of input that are fuzzed, see run.sh. Each is a function that gives any bytes
 * to a reader of ours and claims what must hold for what comes out. A new kind: its function here
 * and in a file fuzz_<what>.c, a line in the table of fuzz.c, its seeds in seeds.sh.
 */
#ifndef STRATA_FUZZ_H
#define STRATA_FUZZ_H

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include "engine/base/diag.h"

void fuzz_pickle(const unsigned char *bytes, size_t size);
void fuzz_npz(const unsigned char *bytes, size_t size);
void fuzz_safetensors(const unsigned char *bytes, size_t size);
void fuzz_jpeg(const unsigned char *bytes, size_t size);
void fuzz_png(const unsigned char *bytes, size_t size);
void fuzz_webp(const unsigned char *bytes, size_t size);
void fuzz_itxt(const unsigned char *bytes, size_t size);
void fuzz_job(const unsigned char *bytes, size_t size);
void fuzz_replies(const unsigned char *bytes, size_t size);
void fuzz_checkpoint(const unsigned char *bytes, size_t size);
void fuzz_attach(const unsigned char *bytes, size_t size);

/* Ends the program, which the fuzzer reports with the input that did it. */
#define CLAIM(holds)                                                                               \
    do {                                                                                           \
        if (!(holds)) {                                                                            \
            fprintf(stderr, "%s:%d: this does not hold: %s\n", __FILE__, __LINE__, #holds);        \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

/* Gives status back; a refusal must say why, in a sentence that a terminal may be shown. */
enum status fuzz_said(enum status status, const struct diag *diag);

/* The bytes as a file of that name in the working directory, for readers that want one. */
void fuzz_write(const char *name, const unsigned char *bytes, size_t size);

/* A text of a job file: what is accepted comes back equal after it was printed (fuzz_job.c). */
void fuzz_job_text(const char *text);

#endif
