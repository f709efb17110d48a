/*
 * budget.h: how much memory this process may still take: what the machine has, what the limits of
 * its control groups and of the process (ulimit -v) leave, what the user allows. Sizes as people
 * write them. Knows nothing of what the memory is for.
 */
#ifndef STRATA_BUDGET_H
#define STRATA_BUDGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum budget_limit { BUDGET_MACHINE, BUDGET_CGROUP, BUDGET_PROCESS, BUDGET_CAP };

struct budget {
    size_t bytes; /* in all, with what the process has now; SIZE_MAX: no limit is known */
    enum budget_limit limit; /* which one that is */
};

/* cap: bytes that the process may have in all; 0: no such limit. root: where /proc and /sys are
 * looked for, "" but in tests. */
void budget_find(struct budget *out, uint64_t cap, const char *root);

/* "3.9 GB are there": what is left, for the middle of a sentence. */
void budget_print(char *out, size_t size, const struct budget *budget);

/* "612 MB", "3.9 GB"; binary units. */
enum { BUDGET_TEXT = 24 };
void budget_print_bytes(char out[BUDGET_TEXT], size_t bytes);

/* "400M", "1.5G", "64k", "1073741824": true if text is such a size. And the shortest such text. */
bool budget_parse_size(uint64_t *out, const char *text);
void budget_print_size(char out[BUDGET_TEXT], uint64_t size);

#endif
