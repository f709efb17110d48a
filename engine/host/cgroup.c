/* cgroup.c: see cgroup.h. */
#include "engine/host/cgroup.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

void cgroup_read(char out[CGROUP_PATH], const char *folder, const char *file)
{
    char path[CGROUP_PATH];
    FILE *f = NULL;
    if (snprintf(path, sizeof path, "%s/%s", folder, file) < (int)sizeof path)
        f = fopen(path, "re");
    if (!f || !fgets(out, CGROUP_PATH, f))
        out[0] = 0;
    out[strcspn(out, "\n")] = 0;
    if (f)
        fclose(f);
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

/* The group at path, which is cut short on the way, and those it lies in. */
static void visit_along(char *path, const char *mount, int version, cgroup_visit *visit,
                        void *context)
{
    for (char *slash = path + strlen(path); slash; slash = strrchr(path, '/')) {
        char folder[2 * CGROUP_PATH];
        *slash = 0;
        snprintf(folder, sizeof folder, "%s%s", mount, path);
        visit(context, version, folder);
    }
}

/* /proc/self/cgroup: lines "number:controllers:path"; no controllers: version 2. */
void cgroup_walk(const char *root, const char *controller, cgroup_visit *visit, void *context)
{
    char name[CGROUP_PATH], line[CGROUP_PATH], mount[CGROUP_PATH];
    snprintf(name, sizeof name, "%s/proc/self/cgroup", root);
    FILE *f = fopen(name, "re");
    while (f && fgets(line, sizeof line, f)) {
        char *controllers = strchr(line, ':');
        char *path = controllers ? strchr(controllers + 1, ':') : NULL;
        if (!path)
            continue;
        *controllers++ = *path++ = 0;
        path[strcspn(path, "\n")] = 0;
        bool unified = !*controllers;
        if (!unified && !lists(controllers, controller))
            continue;
        snprintf(mount, sizeof mount, "%s/sys/fs/cgroup%s%s", root, unified ? "" : "/",
                 unified ? "" : controller);
        visit_along(path, mount, unified ? 2 : 1, visit, context);
    }
    if (f)
        fclose(f);
}
