/*
 * progress.h: what test_progress.c and test_progress_log.c share: a state to show, another
 * file behind stdout or stderr, a folder for scratch.
 */
#ifndef TESTS_LIB_PROGRESS_H
#define TESTS_LIB_PROGRESS_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tui/cli/progress.h"
#include "tests/lib/folder.h"

/* OPTIONS(style, iterations, .log_path = ...) */
#define OPTIONS(how, count, ...)                                                                 \
    ((struct progress_options){.style = (how), .iterations = (count), __VA_ARGS__})

struct progress_state state_at(int iteration);

/* Puts other where fd was; returns what fd was before, for restore. */
int replace(int fd, int other);

void restore(int fd, int before);

void read_file(char *text, size_t size, const char *path);

int count(const char *text, const char *what);

struct progress *open_progress(struct progress_options options);

void assert_refused(struct progress_options options, enum status status,
                    const char *part);

int prepare_progress(void **state);

int tidy_progress(void **state);

#endif
