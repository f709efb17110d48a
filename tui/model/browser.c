/* browser.c: see browser.h. */
#include "tui/model/browser.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/base/file.h"
#include "engine/base/mem.h"
#include "tui/model/match.h"
#include "tui/model/paths.h"

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

struct scored {
    int score, index;
};

static int compare_scores(const void *a, const void *b)
{
    const struct scored *x = a, *y = b;
    return x->score != y->score ? y->score - x->score : x->index - y->index;
}

/* Equals keep the folder's order. */
static void match_best(struct browser *b, bool dots)
{
    struct scored *found = mem_new((size_t)(b->entry_count + 1) * sizeof *found);
    int count = 0;
    for (int i = 0; i < b->entry_count; i++) {
        const char *name = b->entry[i].name;
        int score = dots || name[0] != '.' ? match_score(name, b->filter) : -1;
        if (score >= 0)
            found[count++] = (struct scored){score, i};
    }
    qsort(found, (size_t)count, sizeof *found, compare_scores);
    for (int i = 0; i < count; i++)
        b->match[i] = found[i].index;
    b->match_count = count;
    mem_free(found);
}

static void match(struct browser *b)
{
    bool path = paths_begins(b->filter), dots = b->hidden || (b->filter[0] == '.' && !path);
    b->match_count = 0;
    if (b->filter[0] && !path)
        match_best(b, dots);
    else
        for (int i = 0; i < b->entry_count; i++)
            if (dots || b->entry[i].name[0] != '.')
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
    struct browser_entry *at = filter[0] ? NULL : browser_line(b, b->cursor);
    snprintf(b->filter, sizeof b->filter, "%s", filter);
    b->cursor = 0;
    match(b);
    if (at)
        put_cursor(b, at->name);
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

bool browser_line_path(const struct browser *b, int i, char out[JOB_PATH], bool *folder)
{
    const struct browser_entry *entry = browser_line(b, i);
    if (!entry)
        return false;
    *folder = entry->folder;
    return file_join(out, JOB_PATH, b->folder, entry->name, NULL) == STATUS_OK;
}

bool browser_path(const struct browser *b, char out[JOB_PATH], bool *folder)
{
    return browser_line_path(b, b->cursor, out, folder);
}

static int mark_of(const struct browser *b, const char *path)
{
    int i = 0;
    while (i < b->mark_count && strcmp(b->mark[i], path) != 0)
        i++;
    return i;
}

bool browser_mark(struct browser *b, const char *path, int most)
{
    int at = mark_of(b, path);
    if (at < b->mark_count) {
        memmove(b->mark[at], b->mark[at + 1], (size_t)(--b->mark_count - at) * sizeof *b->mark);
        return true;
    }
    if (b->mark_count >= most || b->mark_count == BROWSER_MARKS)
        return false;
    snprintf(b->mark[b->mark_count++], sizeof *b->mark, "%s", path);
    return true;
}

int browser_marked(const struct browser *b, int i)
{
    char path[JOB_PATH];
    bool folder;
    if (b->mark_count == 0 || !browser_line_path(b, i, path, &folder))
        return 0;
    int at = mark_of(b, path);
    return at < b->mark_count ? at + 1 : 0;
}
