/*
 * run.h: what the tests of runs share: the reference's pictures in a folder of their own, and
 * a job that paints with them.
 */
#ifndef TESTS_LIB_RUN_H
#define TESTS_LIB_RUN_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/image/image.h"
#include "engine/base/mem.h"
#include "engine/run/run.h"
#include "tests/lib/diag.h"
#include "tests/lib/folder.h"

#define MUST(call)                                                                               \
    do {                                                                                         \
        if ((call) != STATUS_OK)                                                                 \
            fail_msg("%s: %s", #call, diag.text);                                                \
    } while (0)

/* Reads tests/ref/NAME.bin: *shape gets up to four dimensions. */
double *reference(const char *name, uint32_t shape[4], size_t *n);

/* The reference's picture as a PNG; its values are whole numbers, so nothing is lost. */
void picture(const char *name);

void set(struct job *job, const char *key, const char *value);

/* The job that the reference paints with: tiny network, every picture in our folder. One thread: on
 * pictures so small a second one mostly waits, and long where the machine is busy. */
struct job tiny_job(void);

/* An edit: relu2_1's and relu3_1's pictures on all layers. */
void blend_two(struct job *job);

struct run *open_run(const struct job *job);

void steps(struct run *run, int count);

static const char *const pictures[] = {"content", "x",      "style0", "style1",
                                       "style2",  "style3", "style4"};

void draw_all(void);

int draw(void **state);

int remove_all(void **state);

#endif
