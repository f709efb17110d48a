/* budget.c: see budget.h. Linux's files; where they are missing there is no limit. */
#include "engine/host/budget.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "engine/host/cgroup.h"
#include "engine/base/mem.h"

/* The number after `name` (and blanks) at the start of a line of folder's file; name "" for a file
 * that is one number. SIZE_MAX if there is none ("max" is none). */
static size_t number_of(const char *folder, const char *file, const char *name)
{
    char path[CGROUP_PATH], line[CGROUP_PATH];
    size_t value = SIZE_MAX;
    if (snprintf(path, sizeof path, "%s/%s", folder, file) >= (int)sizeof path)
        return SIZE_MAX;
    FILE *f = fopen(path, "re");
    while (f && value == SIZE_MAX && fgets(line, sizeof line, f)) {
        char *end, *at = line + strlen(name);
        unsigned char next = (unsigned char)*at;
        if (strncmp(line, name, strlen(name)) != 0 || !(isdigit(next) || isspace(next)))
            continue;
        unsigned long long number = strtoull(at, &end, 10);
        if (end > at)
            value = (size_t)number;
    }
    if (f)
        fclose(f);
    return value;
}

/* What a control group's files are called, by version. */
static const struct dialect {
    const char *limits[2]; /* the second may be NULL */
    const char *usage;
    const char *cache[2]; /* in memory.stat: files' pages, which go when memory is short */
} dialects[] = {
    [1] = {{"memory.limit_in_bytes", NULL}, "memory.usage_in_bytes",
           {"total_inactive_file", "total_active_file"}},
    [2] = {{"memory.max", "memory.high"}, "memory.current", {"inactive_file", "active_file"}},
};

/* Lowers *context, a size_t, to what the group in folder may still take. */
static void see_group(void *context, int version, const char *folder)
{
    const struct dialect *d = &dialects[version];
    size_t used = number_of(folder, d->usage, ""), *left = context;
    for (int i = 0; used != SIZE_MAX && i < 2; i++) {
        size_t cache = number_of(folder, "memory.stat", d->cache[i]);
        used -= cache == SIZE_MAX ? 0 : cache < used ? cache : used;
    }
    for (int i = 0; used != SIZE_MAX && i < 2 && d->limits[i]; i++) {
        size_t limit = number_of(folder, d->limits[i], "");
        size_t here = limit == SIZE_MAX ? SIZE_MAX : limit > used ? limit - used : 0;
        *left = here < *left ? here : *left;
    }
}

/* Address space that is taken beside what is asked for here: what malloc and oneDNN's compiler map
 * in advance. */
static const size_t address_margin = 96 << 20;

/* What the limit on the process's address space (ulimit -v, which batch systems set) leaves. */
static size_t address_left(const char *proc)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
        return SIZE_MAX;
    size_t pages = number_of(proc, "self/statm", ""), page = (size_t)sysconf(_SC_PAGESIZE);
    size_t taken = mem_times(pages == SIZE_MAX ? 0 : pages, page) + address_margin;
    return limit.rlim_cur > taken ? (size_t)limit.rlim_cur - taken : 0;
}

void budget_find(struct budget *out, uint64_t cap, const char *root)
{
    char proc[CGROUP_PATH];
    size_t have = mem_resident(), group = SIZE_MAX;
    cgroup_walk(root, "memory", see_group, &group);
    snprintf(proc, sizeof proc, "%s/proc", root);
    size_t kilobytes = number_of(proc, "meminfo", "MemAvailable:");
    size_t left = mem_times(kilobytes, 1024);
    *out = (struct budget){left > SIZE_MAX - have ? SIZE_MAX : left + have, BUDGET_MACHINE};
    if (group < left)
        *out = (struct budget){group + have, BUDGET_CGROUP};
    size_t address = address_left(proc);
    if (address < left && address < group)
        *out = (struct budget){address + have, BUDGET_PROCESS};
    if (cap > 0 && cap < out->bytes)
        *out = (struct budget){(size_t)cap, BUDGET_CAP};
}

void budget_print_bytes(char out[BUDGET_TEXT], size_t bytes)
{
    double mb = (double)bytes / (1 << 20);
    if (mb < 1000.0)
        snprintf(out, BUDGET_TEXT, "%.0f MB", mb);
    else
        snprintf(out, BUDGET_TEXT, "%.1f GB", mb / 1024.0);
}

void budget_print(char *out, size_t size, const struct budget *budget)
{
    char bytes[BUDGET_TEXT];
    budget_print_bytes(bytes, budget->bytes);
    snprintf(out, size,
             budget->limit == BUDGET_CAP       ? "the setting memory allows %s"
             : budget->limit == BUDGET_CGROUP  ? "the limit of its control group leaves %s"
             : budget->limit == BUDGET_PROCESS ? "the limit of the process (ulimit -v) leaves %s"
                                           : "%s are there",
             bytes);
}

bool budget_parse_size(uint64_t *out, const char *text)
{
    static const char units[] = "kMGT";
    char *end, *fraction;
    if (!isdigit((unsigned char)*text))
        return false;
    unsigned long long whole = strtoull(text, &end, 10); /* exact where there is no fraction */
    double part = *end == '.' ? strtod(end, &fraction) : 0.0;
    end = *end == '.' ? fraction : end;
    const char *unit = *end ? strchr(units, *end == 'K' ? 'k' : *end) : NULL;
    int shift = unit ? 10 * (int)(unit - units + 1) : 0;
    if ((*end && (!unit || end[1])) || whole >> (63 - shift) || part >= 1.0)
        return false;
    *out = ((uint64_t)whole << shift) + (uint64_t)(part * (double)(1ull << shift));
    return true;
}

void budget_print_size(char out[BUDGET_TEXT], uint64_t size)
{
    static const char units[][2] = {"", "k", "M", "G", "T"};
    int i = 0;
    while (i < 4 && size > 0 && size % 1024 == 0) {
        size /= 1024;
        i++;
    }
    snprintf(out, BUDGET_TEXT, "%llu%s", (unsigned long long)size, units[i]);
}
