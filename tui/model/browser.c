/* browser.c: see browser.h. */
#include "tui/model/browser.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "engine/base/file.h"
#include "engine/base/mem.h"

void browser_close(struct browser *b)
{
    for (int i = 0; i < b->entry_count; i++)
        mem_free(b->entry[i].name);
    mem_free(b->entry);
    mem_free(b->match);
    b->entry = NULL;
    b->match = NULL;
    b->entry_count = b->match_count = b->cursor = 0;
}

/* Every part of the filter, parted by blanks, stands somewhere in the name, in any case. */
static bool passes(const char *name, const char *filter)
{
    while (*(filter += strspn(filter, " "))) {
        size_t n = strcspn(filter, " ");
        const char *at = name;
        while (*at && strncasecmp(at, filter, n) != 0)
            at++;
        if (!*at)
            return false;
        filter += n;
    }
    return true;
}

static void match(struct browser *b)
{
    bool dots = b->hidden || b->filter[0] == '.';
    b->match_count = 0;
    for (int i = 0; i < b->entry_count; i++)
        if ((dots || b->entry[i].name[0] != '.') && passes(b->entry[i].name, b->filter))
            b->match[b->match_count++] = i;
    if (b->cursor >= b->match_count)
        b->cursor = b->match_count - 1;
    if (b->cursor < 0)
        b->cursor = 0;
}

static void put_cursor(struct browser *b, const char *name)
{
    for (int i = 0; i < b->match_count; i++)
        if (strcmp(b->entry[b->match[i]].name, name) == 0)
            b->cursor = i;
}

void browser_take(struct browser *b, struct browser_listing *listing, const char *name)
{
    browser_close(b);
    b->filter[0] = 0;
    b->reading = false;
    b->generation++;
    memcpy(b->folder, listing->folder, sizeof b->folder);
    memcpy(b->problem, listing->problem, sizeof b->problem);
    b->entry = listing->entry;
    b->entry_count = listing->count;
    *listing = (struct browser_listing){0};
    b->match = mem_new((size_t)(b->entry_count + 1) * sizeof *b->match);
    if (name[0] == '.')
        b->hidden = true;
    match(b);
    put_cursor(b, name);
}

void browser_take_details(struct browser *b, const char *names,
                          const struct browser_details *details)
{
    for (const char *name = names; *name; name += strlen(name) + 1, details++)
        for (int i = 0; i < b->entry_count; i++)
            if (b->entry[i].asked && strcmp(b->entry[i].name, name) == 0) {
                b->entry[i].known = true;
                b->entry[i].details = *details;
            }
}

/* From the root, without "." and ".."; the disk is not asked. */
static void make_absolute(char out[JOB_PATH], const char *folder)
{
    char whole[2 * JOB_PATH + 2] = "";
    size_t used = 0;
    if (folder[0] != '/' && getcwd(whole, JOB_PATH))
        strcat(whole, "/");
    snprintf(whole + strlen(whole), sizeof whole - strlen(whole), "%s", folder);
    for (const char *part = whole; *part;) {
        part += strspn(part, "/");
        size_t n = strcspn(part, "/");
        if (n == 2 && part[0] == '.' && part[1] == '.') {
            while (used > 0 && out[--used] != '/')
                ;
        } else if (n > 0 && !(n == 1 && part[0] == '.') && used + n + 2 < JOB_PATH) {
            out[used++] = '/';
            memcpy(out + used, part, n);
            used += n;
        }
        part += n;
    }
    if (used == 0)
        out[used++] = '/';
    out[used] = 0;
}

void browser_add_place(struct browser *b, const char *folder)
{
    char path[JOB_PATH];
    int at = 0;
    make_absolute(path, folder);
    while (at < b->place_count && strcmp(b->place[at], path) != 0)
        at++;
    if (at == b->place_count && b->place_count < BROWSER_PLACES)
        b->place_count++;
    if (at == BROWSER_PLACES)
        at--;
    memmove(b->place[1], b->place[0], (size_t)at * sizeof *b->place);
    strcpy(b->place[0], path);
}

void browser_parse_places(struct browser *b, const char *text)
{
    char path[JOB_PATH];
    const char *lines[BROWSER_PLACES];
    int count = 0;
    for (const char *line = text; *line && count < BROWSER_PLACES;) {
        size_t n = strcspn(line, "\n");
        if (line[0] == '/' && n < JOB_PATH)
            lines[count++] = line;
        line += n + (line[n] != 0);
    }
    while (count > 0) {
        const char *line = lines[--count];
        snprintf(path, sizeof path, "%.*s", (int)strcspn(line, "\n"), line);
        browser_add_place(b, path);
    }
}

char *browser_print_places(const struct browser *b)
{
    size_t size = BROWSER_PLACES * (JOB_PATH + 1), used = 0;
    char *text = mem_new(size);
    for (int i = 0; i < b->place_count; i++)
        if (!strchr(b->place[i], '\n'))
            used += (size_t)snprintf(text + used, size - used, "%s\n", b->place[i]);
    return text;
}

void browser_filter(struct browser *b, const char *filter)
{
    snprintf(b->filter, sizeof b->filter, "%s", filter);
    b->cursor = 0;
    match(b);
}

void browser_toggle_hidden(struct browser *b)
{
    char name[JOB_PATH] = "";
    if (b->match_count)
        snprintf(name, sizeof name, "%s", b->entry[b->match[b->cursor]].name);
    b->hidden = !b->hidden;
    match(b);
    put_cursor(b, name);
}

bool browser_parent(const struct browser *b, char folder[JOB_PATH], char name[JOB_PATH])
{
    const char *slash = strrchr(b->folder, '/');
    if (!slash || !slash[1])
        return false;
    snprintf(name, JOB_PATH, "%s", slash + 1);
    snprintf(folder, JOB_PATH, "%.*s", slash == b->folder ? 1 : (int)(slash - b->folder),
             b->folder);
    return true;
}

const char *browser_next_place(const struct browser *b)
{
    int at = 0;
    while (at < b->place_count && strcmp(b->place[at], b->folder) != 0)
        at++;
    if (b->place_count == 0)
        return NULL;
    return b->place[at < b->place_count ? (at + 1) % b->place_count : 0];
}

void browser_move(struct browser *b, int lines)
{
    b->cursor += lines;
    if (b->cursor >= b->match_count)
        b->cursor = b->match_count - 1;
    if (b->cursor < 0)
        b->cursor = 0;
}

struct browser_entry *browser_line(const struct browser *b, int i)
{
    return i < 0 || i >= b->match_count ? NULL : &b->entry[b->match[i]];
}

bool browser_path(const struct browser *b, char out[JOB_PATH], bool *folder)
{
    if (b->cursor >= b->match_count)
        return false;
    const struct browser_entry *entry = &b->entry[b->match[b->cursor]];
    *folder = entry->folder;
    return file_join(out, JOB_PATH, b->folder, entry->name, NULL) == STATUS_OK;
}
