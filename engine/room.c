/* room.c: see room.h. Linux's files; where they are missing there is no limit. */
#include "room.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mem.h"

enum { PATH = 1024, LINE = 1024 };

/* The number after `name` (and blanks) at the start of a line of a file; "" for a file that is one
 * number. SIZE_MAX if there is none ("max" is none). */
static size_t number_in(const char *path, const char *name)
{
    char line[LINE];
    size_t value = SIZE_MAX;
    FILE *f = fopen(path, "re");
    while (f && value == SIZE_MAX && fgets(line, sizeof line, f)) {
        char *end, *at = line + strlen(name);
        if (strncmp(line, name, strlen(name)) != 0 || !(isdigit(*at) || isspace(*at)))
            continue;
        unsigned long long number = strtoull(at, &end, 10);
        if (end > at)
            value = (size_t)number;
    }
    if (f)
        fclose(f);
    return value;
}

static size_t number_of(const char *folder, const char *file, const char *name)
{
    char path[PATH];
    if (snprintf(path, sizeof path, "%s/%s", folder, file) >= (int)sizeof path)
        return SIZE_MAX;
    return number_in(path, name);
}

/* What a control group's files are called. */
struct dialect {
    const char *mount;
    const char *limits[2]; /* the second may be NULL */
    const char *usage;
    const char *cache[2]; /* in memory.stat: files' pages, which go when memory is short */
};

static const struct dialect version2 = {
    "/sys/fs/cgroup", {"memory.max", "memory.high"}, "memory.current",
    {"inactive_file", "active_file"}};
static const struct dialect version1 = {
    "/sys/fs/cgroup/memory", {"memory.limit_in_bytes", NULL},
    "memory.usage_in_bytes", {"total_inactive_file", "total_active_file"}};

/* What the group in folder may still take. */
static size_t left_in(const struct dialect *d, const char *folder)
{
    size_t used = number_of(folder, d->usage, ""), left = SIZE_MAX;
    for (int i = 0; used != SIZE_MAX && i < 2; i++) {
        size_t cache = number_of(folder, "memory.stat", d->cache[i]);
        used -= cache == SIZE_MAX ? 0 : cache < used ? cache : used;
    }
    for (int i = 0; used != SIZE_MAX && i < 2 && d->limits[i]; i++) {
        size_t limit = number_of(folder, d->limits[i], "");
        size_t here = limit == SIZE_MAX ? SIZE_MAX : limit > used ? limit - used : 0;
        left = here < left ? here : left;
    }
    return left;
}

/* The group at path and those it lies in: each has a limit of its own. */
static size_t left_along(const struct dialect *d, const char *root, char *path)
{
    size_t left = SIZE_MAX;
    for (char *slash = path + strlen(path); slash;) {
        char folder[PATH];
        *slash = 0;
        if (snprintf(folder, sizeof folder, "%s%s%s", root, d->mount, path) < (int)sizeof folder) {
            size_t here = left_in(d, folder);
            left = here < left ? here : left;
        }
        slash = strrchr(path, '/');
    }
    return left;
}

/* Does a comma-separated list hold the word? */
static bool lists(const char *list, const char *word)
{
    size_t length = strlen(word);
    for (const char *at = list; at; at = strchr(at, ',')) {
        at += *at == ',';
        if (strncmp(at, word, length) == 0 && (!at[length] || at[length] == ','))
            return true;
    }
    return false;
}

/* /proc/self/cgroup: lines "number:controllers:path"; no controllers: version 2. */
static size_t left_in_groups(const char *root)
{
    char name[PATH], line[LINE];
    size_t left = SIZE_MAX;
    snprintf(name, sizeof name, "%s/proc/self/cgroup", root);
    FILE *f = fopen(name, "re");
    while (f && fgets(line, sizeof line, f)) {
        char *controllers = strchr(line, ':');
        char *path = controllers ? strchr(controllers + 1, ':') : NULL;
        if (!path)
            continue;
        *controllers++ = *path++ = 0;
        path[strcspn(path, "\n")] = 0;
        const struct dialect *d = !*controllers                  ? &version2
                                  : lists(controllers, "memory") ? &version1
                                                                 : NULL;
        size_t here = d ? left_along(d, root, path) : SIZE_MAX;
        left = here < left ? here : left;
    }
    if (f)
        fclose(f);
    return left;
}

void room_find(struct room *out, uint64_t cap, const char *root)
{
    char name[PATH];
    size_t have = mem_resident(), group = left_in_groups(root);
    snprintf(name, sizeof name, "%s/proc/meminfo", root);
    size_t kilobytes = number_in(name, "MemAvailable:");
    size_t left = mem_product(kilobytes, 1024, 1);
    *out = (struct room){left > SIZE_MAX - have ? SIZE_MAX : left + have, ROOM_MACHINE};
    if (group < left)
        *out = (struct room){group + have, ROOM_CGROUP};
    if (cap > 0 && cap < out->bytes)
        *out = (struct room){(size_t)cap, ROOM_CAP};
}

void room_print_bytes(char out[ROOM_TEXT], size_t bytes)
{
    double mb = (double)bytes / (1 << 20);
    if (mb < 1000.0)
        snprintf(out, ROOM_TEXT, "%.0f MB", mb);
    else
        snprintf(out, ROOM_TEXT, "%.1f GB", mb / 1024.0);
}

void room_print(char *out, size_t size, const struct room *room)
{
    char bytes[ROOM_TEXT];
    room_print_bytes(bytes, room->bytes);
    snprintf(out, size,
             room->limit == ROOM_CAP      ? "--memory allows %s"
             : room->limit == ROOM_CGROUP ? "the limit of its control group leaves %s"
                                          : "%s are there",
             bytes);
}

bool room_parse_size(uint64_t *out, const char *text)
{
    static const char units[] = "kMGT";
    char *end, *fraction;
    if (!isdigit(*text))
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

void room_print_size(char out[ROOM_TEXT], uint64_t size)
{
    static const char units[][2] = {"", "k", "M", "G", "T"};
    int i = 0;
    while (i < 4 && size > 0 && size % 1024 == 0) {
        size /= 1024;
        i++;
    }
    snprintf(out, ROOM_TEXT, "%llu%s", (unsigned long long)size, units[i]);
}
