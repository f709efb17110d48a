/*
 * progress_help.h: what test_progress.c and test_progress_log.c share: a state to show, another
 * file behind stdout or stderr, a folder for scratch.
 */
#ifndef STRATA_PROGRESS_HELP_H
#define STRATA_PROGRESS_HELP_H

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

static char folder[256];

/* OPTIONS(style, iterations, .log_path = ...) */
#define OPTIONS(how, count, ...)                                                                 \
    ((struct progress_options){.style = (how), .iterations = (count), __VA_ARGS__})

static inline struct progress_state state_at(int iteration)
{
    return (struct progress_state){
        iteration, 0.05 * iteration, iteration ? 0.05 : 0,
        {2.51e5, 1.62e5, 6.1e4, 2.8e4, {1.0 / 3, 2e4, 3e4, 1e-300, 0}}, 0,
    };
}

/* Puts other where fd was; returns what fd was before, for restore. */
static inline int replace(int fd, int other)
{
    int before = dup(fd);
    assert_true(before >= 0 && dup2(other, fd) == fd);
    close(other);
    return before;
}

static inline void restore(int fd, int before)
{
    assert_int_equal(dup2(before, fd), fd);
    close(before);
}

static inline const char *in_folder(const char *name)
{
    static char path[512];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static inline void read_file(char *text, size_t size, const char *path)
{
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    text[fread(text, 1, size - 1, file)] = 0;
    fclose(file);
}

static inline int count(const char *text, const char *what)
{
    int n = 0;
    while ((text = strstr(text, what))) {
        text += strlen(what);
        n++;
    }
    return n;
}

static inline struct progress *opened(struct progress_options options)
{
    struct progress *progress = NULL;
    struct diag diag = {0};
    if (progress_open(&progress, &options, &diag) != STATUS_OK)
        fail_msg("%s", diag.text);
    return progress;
}

static inline void assert_refused(struct progress_options options, enum status status,
                                  const char *part)
{
    struct progress *progress = NULL;
    struct diag diag = {0};
    assert_int_equal(progress_open(&progress, &options, &diag), status);
    assert_null(progress);
    assert_non_null(strstr(diag.text, part));
}

static inline int make_folder(void **unused)
{
    (void)unused;
    const char *base = getenv("TMPDIR");
    snprintf(folder, sizeof folder, "%s/strata-progress-XXXXXX", base && *base ? base : "/tmp");
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
    return mkdtemp(folder) ? 0 : -1;
}

static inline int remove_folder(void **unused)
{
    (void)unused;
    unlink(in_folder("stdout"));
    return rmdir(folder); /* fails if a test left something behind */
}

#endif
