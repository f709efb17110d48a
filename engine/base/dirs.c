/* dirs.c: see dirs.h. */
#include "engine/base/dirs.h"

#include <stdio.h>
#include <stdlib.h>

bool dirs_path(char *out, size_t size, enum dirs_kind kind, const char *name)
{
    static const struct {
        const char *variable, *below_home;
    } folders[] = {
        [DIRS_CACHE] = {"XDG_CACHE_HOME", "/.cache"},
        [DIRS_CONFIG] = {"XDG_CONFIG_HOME", "/.config"},
        [DIRS_DATA] = {"XDG_DATA_HOME", "/.local/share"},
        [DIRS_STATE] = {"XDG_STATE_HOME", "/.local/state"},
    };
    const char *given = getenv(folders[kind].variable), *home = getenv("HOME");
    int n = -1;
    if (given && given[0] == '/')
        n = snprintf(out, size, "%s/strata/%s", given, name);
    else if (home && home[0] == '/')
        n = snprintf(out, size, "%s%s/strata/%s", home, folders[kind].below_home, name);
    return n >= 0 && (size_t)n < size;
}
