/* environment.c: see environment.h. */
#include "tui/term/environment.h"

#include <langinfo.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The last is no variable: what the owner's locale says. */
static const char *const names[] = {"TERM",         "COLORTERM",    "NO_COLOR", "TMUX", "STY",
                                    "STRATA_MARKS", "XTERM_VERSION", "WT_SESSION", "ConEmuANSI",
                                    "STRATA_UTF8"};

enum { COUNT = sizeof names / sizeof *names, UTF8 = COUNT - 1, VALUE = 256 };

static struct {
    bool set;
    char value[VALUE];
} taken[COUNT];

static bool lent;
static unsigned generation;

static bool own_utf8(void)
{
    return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

const char *environment_get(const char *name)
{
    if (!lent)
        return getenv(name);
    for (int i = 0; i < COUNT; i++)
        if (strcmp(names[i], name) == 0)
            return taken[i].set ? taken[i].value : NULL;
    return NULL;
}

bool environment_utf8(void)
{
    return own_utf8() && (!lent || taken[UTF8].set);
}

size_t environment_print(char *out, size_t size)
{
    size_t used = 0;
    for (int i = 0; i < COUNT; i++) {
        const char *value = i == UTF8 ? (own_utf8() ? "1" : NULL) : getenv(names[i]);
        size_t needed = strlen(names[i]) + 1 + (value ? strlen(value) : 0) + 1;
        if (!value || strlen(value) >= VALUE || used + needed > size)
            continue;
        used += (size_t)snprintf(out + used, size - used, "%s=%s", names[i], value) + 1;
    }
    return used;
}

void environment_take(const char *text, size_t size)
{
    memset(taken, 0, sizeof taken);
    lent = true;
    generation++;
    for (size_t at = 0; at < size;) {
        size_t length = strnlen(text + at, size - at);
        const char *line = text + at, *equals = memchr(line, '=', length);
        at += length + 1;
        for (int i = 0; i < COUNT && equals; i++) {
            size_t n = strlen(names[i]), rest = length - n - 1;
            if ((size_t)(equals - line) != n || memcmp(line, names[i], n) != 0 || rest >= VALUE)
                continue;
            memcpy(taken[i].value, equals + 1, rest);
            taken[i].value[rest] = 0;
            taken[i].set = true;
        }
    }
}

unsigned environment_generation(void)
{
    return generation;
}
