/*
 * logout.c: see logout.h. As logind reads its settings (logind.conf(5)): the file, then those of
 * the folders in the order of their names, and what is said last counts; without a word, no.
 */
#include "engine/host/logout.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum { PATH = 600 };

/* What the file at path says, if it does. */
static void read_setting(const char *path, bool *kills)
{
    char line[256], value[32];
    FILE *f = fopen(path, "re");
    while (f && fgets(line, sizeof line, f))
        if (sscanf(line, " KillUserProcesses = %31[a-zA-Z0-9]", value) == 1)
            *kills = strcasecmp(value, "yes") == 0 || strcasecmp(value, "true") == 0 ||
                     strcasecmp(value, "on") == 0 || strcmp(value, "1") == 0;
    if (f)
        fclose(f);
}

static int is_setting(const struct dirent *entry)
{
    const char *dot = strrchr(entry->d_name, '.');
    return dot && strcmp(dot, ".conf") == 0;
}

static void read_folder(const char *folder, bool *kills)
{
    struct dirent **list;
    int count = scandir(folder, &list, is_setting, alphasort);
    for (int i = 0; i < count; i++) {
        char path[2 * PATH];
        snprintf(path, sizeof path, "%s/%s", folder, list[i]->d_name);
        read_setting(path, kills);
        free(list[i]);
    }
    if (count >= 0)
        free(list);
}

enum logout_kind logout_find(const char *root, const char *user)
{
    static const char *const files[] = {"/usr/lib/systemd/logind.conf", "/etc/systemd/logind.conf"};
    static const char *const folders[] = {"/usr/lib/systemd/logind.conf.d",
                                          "/etc/systemd/logind.conf.d",
                                          "/run/systemd/logind.conf.d"};
    char path[PATH];
    bool kills = false;
    snprintf(path, sizeof path, "%s/run/systemd/system", root);
    if (access(path, F_OK) != 0)
        return LOGOUT_STAYS; /* there is no systemd */
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        snprintf(path, sizeof path, "%s%s", root, files[i]);
        read_setting(path, &kills);
    }
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        snprintf(path, sizeof path, "%s%s", root, folders[i]);
        read_folder(path, &kills);
    }
    snprintf(path, sizeof path, "%s/var/lib/systemd/linger/%.200s", root, user);
    bool lingers = access(path, F_OK) == 0;
    return !kills ? LOGOUT_STAYS : lingers ? LOGOUT_LINGER : LOGOUT_ENDS;
}
