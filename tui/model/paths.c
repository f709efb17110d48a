/* paths.c: see paths.h. */
#include "tui/model/paths.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "engine/base/file.h"
#include "engine/base/mem.h"
#include "engine/image/image.h"

bool paths_begins(const char *text)
{
    return text[0] == '/' || text[0] == '~' || strncmp(text, "./", 2) == 0 ||
           (strncmp(text, "..", 2) == 0 && (text[2] == '/' || !text[2]));
}

void paths_expand(char out[JOB_PATH], const char *text, const char *folder)
{
    char whole[JOB_PATH];
    const char *home = getenv("HOME");
    bool at_home = text[0] == '~' && (text[1] == '/' || !text[1]) && home && home[0];
    snprintf(whole, sizeof whole, "%s%s", at_home ? home : "", at_home ? text + 1 : text);
    if (file_join(out, JOB_PATH, folder, whole, NULL) != STATUS_OK)
        snprintf(out, JOB_PATH, "%s", whole);
}

/* ---- what was pasted ---------------------------------------------------------------------- */

static void add(char out[JOB_PATH], size_t *used, char c)
{
    if (*used + 1 < JOB_PATH)
        out[(*used)++] = c;
}

/* Does another path begin here? */
static bool begins_another(const char *s)
{
    return *s == '\'' || *s == '"' || paths_begins(s) || strncasecmp(s, "file://", 7) == 0;
}

/* In quotes; returns what is behind the closing one. */
static const char *take_quoted(const char *s, char out[JOB_PATH], size_t *used)
{
    char quote = *s++;
    for (; *s && *s != '\n' && *s != quote; s++) {
        if (quote == '"' && *s == '\\' && s[1] && strchr("\"\\$`", s[1]))
            s++;
        add(out, used, *s);
    }
    return *s == quote ? s + 1 : s;
}

/* One path, up to the end of the line or to where another begins. */
static const char *take_path(const char *s, char out[JOB_PATH])
{
    size_t used = 0;
    bool quoted = false;
    char endings[IMAGE_WORDS];
    while (*s && *s != '\n') {
        if (*s == ' ' || *s == '\t') {
            const char *next = s + strspn(s, " \t");
            out[used] = 0;
            if (!*next || *next == '\n' || quoted || begins_another(next) ||
                file_has_ending(out, image_endings(endings))) {
                s = next;
                break;
            }
        }
        if ((*s == '\'' || *s == '"') && (quoted || used == 0)) {
            quoted = true;
            s = take_quoted(s, out, &used);
        } else {
            s += *s == '\\' && s[1] && s[1] != '\n';
            add(out, &used, *s++);
        }
    }
    out[used] = 0;
    return s;
}

static int hex(char c)
{
    return isdigit((unsigned char)c) ? c - '0' : tolower((unsigned char)c) - 'a' + 10;
}

/* file://host/a%20b -> /a b. */
static void decode_url(char path[JOB_PATH])
{
    char *out = path;
    if (strncasecmp(path, "file://", 7) != 0)
        return;
    for (const char *s = path + 7 + strcspn(path + 7, "/"); *s; s++) {
        bool coded = *s == '%' && isxdigit((unsigned char)s[1]) && isxdigit((unsigned char)s[2]);
        char c = coded ? (char)(16 * hex(s[1]) + hex(s[2])) : *s;
        s += coded ? 2 : 0;
        if (c)
            *out++ = c;
    }
    *out = 0;
}

int paths_parse(const char *text, char (*out)[JOB_PATH], int most)
{
    char path[JOB_PATH];
    int count = 0;
    while (*(text += strspn(text, " \t\n"))) {
        text = take_path(text, path);
        decode_url(path);
        if (!path[0])
            continue;
        if (count < most)
            memcpy(out[count], path, sizeof path);
        count++;
    }
    return count;
}

/* ---- completion --------------------------------------------------------------------------- */

int paths_complete(char text[JOB_PATH], const char *names)
{
    size_t same = strlen(names), start = (size_t)(file_name(text) - text);
    int count = 0;
    for (const char *name = names; *name; name += strlen(name) + 1, count++) {
        size_t n = 0;
        while (n < same && name[n] == names[n])
            n++;
        same = n;
    }
    while (same > 0 && ((unsigned char)names[same] & 0xc0) == 0x80)
        same--; /* no half of a character */
    if (count > 0 && start + same < JOB_PATH) {
        memcpy(text + start, names, same);
        text[start + same] = 0;
    }
    return count;
}

char *paths_join(const char (*paths)[JOB_PATH], int count)
{
    size_t used = 0;
    char *text = mem_new((size_t)count * JOB_PATH + 1);
    for (int i = 0; i < count; i++)
        if (paths[i][0])
            used += (size_t)snprintf(text + used, JOB_PATH, "%s", paths[i]) + 1;
    return text;
}
