/* cores.c: see cores.h. Linux's files; without them one core is all that is sure. */
#include "engine/host/cores.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/host/cgroup.h"

enum { MAX_CPUS = 4096 };

/* Marks the numbers of a list such as "0-3,8"; returns the first, -1 if there is none. */
static int read_list(bool *marks, const char *list)
{
    int least = -1;
    for (const char *at = list; *at >= '0' && *at <= '9';) {
        char *end;
        long first = strtol(at, &end, 10), last = first;
        if (*end == '-')
            last = strtol(end + 1, &end, 10);
        least = least < 0 ? (int)first : least;
        for (long i = first; marks && i <= last && i < MAX_CPUS; i++)
            marks[i] = true;
        at = *end == ',' ? end + 1 : end;
    }
    return least;
}

void cores_list(char out[CORES_LIST], const char *root)
{
    static const char key[] = "Cpus_allowed_list:";
    char path[CGROUP_PATH], line[CGROUP_PATH];
    snprintf(path, sizeof path, "%s/proc/self/status", root);
    FILE *f = fopen(path, "re");
    *out = 0;
    while (f && fgets(line, sizeof line, f))
        if (strncmp(line, key, sizeof key - 1) == 0)
            snprintf(out, CORES_LIST, "%.*s", CORES_LIST - 1,
                     line + sizeof key - 1 + strspn(line + sizeof key - 1, " \t"));
    if (f)
        fclose(f);
}

/* Which processors the process may run on. */
static void find_allowed(bool allowed[MAX_CPUS], const char *root)
{
    char list[CORES_LIST];
    cores_list(list, root);
    read_list(allowed, list);
}

/* Each core once, by the first of the processors that it is. */
static int count_cores(const bool allowed[MAX_CPUS], const char *root)
{
    bool counted[MAX_CPUS] = {false};
    int count = 0;
    for (int cpu = 0; cpu < MAX_CPUS; cpu++) {
        char folder[CGROUP_PATH], list[CGROUP_PATH];
        if (!allowed[cpu])
            continue;
        snprintf(folder, sizeof folder, "%s/sys/devices/system/cpu/cpu%d/topology", root, cpu);
        cgroup_read(list, folder, "thread_siblings_list");
        int core = read_list(NULL, list);
        core = core < 0 || core >= MAX_CPUS ? cpu : core;
        count += !counted[core];
        counted[core] = true;
    }
    return count;
}

/* Lowers *context to the share of processors that a group may have. */
static void limit_share(void *context, int version, const char *folder)
{
    double *share = context;
    char quota[CGROUP_PATH], period[CGROUP_PATH], *rest;
    cgroup_read(quota, folder, version == 2 ? "cpu.max" : "cpu.cfs_quota_us");
    cgroup_read(period, folder, "cpu.cfs_period_us");
    double most = strtod(quota, &rest), of = strtod(version == 2 ? rest : period, NULL);
    if (rest > quota && most > 0.0 && of > 0.0)
        *share = fmin(*share, most / of);
}

int cores_usable(const char *root)
{
    bool allowed[MAX_CPUS] = {false};
    double share = MAX_CPUS;
    find_allowed(allowed, root);
    cgroup_walk(root, "cpu", limit_share, &share);
    int cores = count_cores(allowed, root), most = (int)ceil(share);
    cores = cores > most ? most : cores;
    return cores < 1 ? 1 : cores;
}
