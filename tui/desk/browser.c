/* browser.c: see browser.h. */
#include "tui/desk/browser.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/base/file.h"
#include "engine/base/mem.h"
#include "engine/image/image.h"

/* As file_has_ending takes them. */
static const char *endings_of(enum browser_kind kind, char out[IMAGE_WORDS])
{
    switch (kind) {
    case BROWSER_PICTURES: return image_endings(out);
    case BROWSER_JOBS: return ".ini .png";
    case BROWSER_NETWORKS: return ".safetensors";
    }
    return "";
}

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

/* Folders first, then by name, with numbers by value and without regard to case. */
static int compare_names(const char *a, const char *b)
{
    for (; *a && *b; a++, b++) {
        if (isdigit((unsigned char)*a) && isdigit((unsigned char)*b)) {
            char *end_a, *end_b;
            unsigned long long x = strtoull(a, &end_a, 10), y = strtoull(b, &end_b, 10);
            if (x != y)
                return x < y ? -1 : 1;
            a = end_a - 1;
            b = end_b - 1;
            continue;
        }
        int x = tolower((unsigned char)*a), y = tolower((unsigned char)*b);
        if (x != y)
            return x - y;
    }
    return (unsigned char)*a - (unsigned char)*b;
}

static int compare(const void *a, const void *b)
{
    const struct browser_entry *x = a, *y = b;
    if (x->folder != y->folder)
        return x->folder ? -1 : 1;
    int order = compare_names(x->name, y->name);
    return order ? order : strcmp(x->name, y->name);
}

static bool is_folder(int fd, const struct dirent *d)
{
    struct stat info;
    if (d->d_type != DT_LNK && d->d_type != DT_UNKNOWN)
        return d->d_type == DT_DIR;
    return fstatat(fd, d->d_name, &info, 0) == 0 && S_ISDIR(info.st_mode);
}

static void add_entry(struct browser *b, int *room, const char *name, bool folder)
{
    if (b->entry_count == *room) {
        *room = *room ? 2 * *room : 64;
        struct browser_entry *larger = mem_new((size_t)*room * sizeof *larger);
        if (b->entry_count)
            memcpy(larger, b->entry, (size_t)b->entry_count * sizeof *larger);
        mem_free(b->entry);
        b->entry = larger;
    }
    b->entry[b->entry_count++] = (struct browser_entry){.name = mem_text(name), .folder = folder};
}

static bool wanted(const struct browser *b, int fd, const struct dirent *d, bool *folder)
{
    if (strcmp(d->d_name, ".") == 0 || strcmp(d->d_name, "..") == 0)
        return false;
    char endings[IMAGE_WORDS];
    bool named = file_has_ending(d->d_name, endings_of(b->kind, endings));
    if (!named && (d->d_type == DT_REG || d->d_type == DT_FIFO || d->d_type == DT_SOCK))
        return false;
    *folder = is_folder(fd, d);
    return *folder || named;
}

static void read_folder(struct browser *b)
{
    int room = 0;
    const char *name = b->folder[0] ? b->folder : ".";
    DIR *folder = opendir(name);
    if (!folder) {
        struct diag diag;
        diag_set(&diag, STATUS_INPUT, "%s cannot be read: %s", name, strerror(errno));
        snprintf(b->problem, sizeof b->problem, "%s", diag.text);
        return;
    }
    for (struct dirent *d; (d = readdir(folder));) {
        bool is = false;
        if (wanted(b, dirfd(folder), d, &is))
            add_entry(b, &room, d->d_name, is);
    }
    closedir(folder);
    if (b->entry_count)
        qsort(b->entry, (size_t)b->entry_count, sizeof *b->entry, compare);
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
    for (int i = 0; name && i < b->match_count; i++)
        if (strcmp(b->entry[b->match[i]].name, name) == 0)
            b->cursor = i;
}

/* Where the folder is, whatever the working directory was called. */
static void resolve(char out[JOB_PATH], const char *folder)
{
    char *real = realpath(folder[0] ? folder : ".", NULL);
    if (real && strlen(real) < JOB_PATH)
        strcpy(out, real);
    else if (out != folder)
        snprintf(out, JOB_PATH, "%s", folder);
    free(real);
}

void browser_open(struct browser *b, const char *folder, const char *name)
{
    char wanted_name[JOB_PATH] = "";
    if (name)
        snprintf(wanted_name, sizeof wanted_name, "%s", name);
    browser_close(b);
    b->filter[0] = b->problem[0] = 0;
    resolve(b->folder, folder);
    read_folder(b);
    b->match = mem_new((size_t)(b->entry_count + 1) * sizeof *b->match);
    if (wanted_name[0] == '.')
        b->hidden = true;
    match(b);
    put_cursor(b, wanted_name[0] ? wanted_name : NULL);
}

void browser_add_place(struct browser *b, const char *folder)
{
    char path[JOB_PATH];
    int at = 0;
    resolve(path, folder);
    while (at < b->place_count && strcmp(b->place[at], path) != 0)
        at++;
    if (at == b->place_count && b->place_count < BROWSER_PLACES)
        b->place_count++;
    if (at == BROWSER_PLACES)
        at--;
    memmove(b->place[1], b->place[0], (size_t)at * sizeof *b->place);
    strcpy(b->place[0], path);
}

void browser_read_places(struct browser *b, const char *path)
{
    enum { MOST = 2 * BROWSER_PLACES * JOB_PATH };
    unsigned char *bytes;
    size_t size;
    char *lines[BROWSER_PLACES];
    int count = 0;
    if (file_read(&bytes, &size, path, MOST, NULL) != STATUS_OK)
        return;
    for (char *line = strtok((char *)bytes, "\n"); line && count < BROWSER_PLACES;
         line = strtok(NULL, "\n"))
        if (line[0] == '/' && strlen(line) < JOB_PATH)
            lines[count++] = line;
    while (count > 0)
        browser_add_place(b, lines[--count]);
    mem_free(bytes);
}

void browser_write_places(const struct browser *b, const char *path)
{
    char text[BROWSER_PLACES * (JOB_PATH + 1)] = "";
    size_t used = 0;
    for (int i = 0; i < b->place_count; i++)
        if (!strchr(b->place[i], '\n'))
            used += (size_t)snprintf(text + used, sizeof text - used, "%s\n", b->place[i]);
    file_make_folders(path, 0700, NULL);
    file_write(path, text, used, FILE_OVERWRITE, NULL);
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

void browser_parent(struct browser *b)
{
    char folder[JOB_PATH], from[JOB_PATH];
    char *slash = strrchr(b->folder, '/');
    if (!slash || !slash[1])
        return;
    snprintf(from, sizeof from, "%s", slash + 1);
    snprintf(folder, sizeof folder, "%.*s", slash == b->folder ? 1 : (int)(slash - b->folder),
             b->folder);
    browser_open(b, folder, from);
}

void browser_next_place(struct browser *b)
{
    int at = 0;
    while (at < b->place_count && strcmp(b->place[at], b->folder) != 0)
        at++;
    if (b->place_count > 0)
        browser_open(b, b->place[at < b->place_count ? (at + 1) % b->place_count : 0], NULL);
}

void browser_move(struct browser *b, int lines)
{
    b->cursor += lines;
    if (b->cursor >= b->match_count)
        b->cursor = b->match_count - 1;
    if (b->cursor < 0)
        b->cursor = 0;
}

static bool entry_path(const struct browser *b, char out[JOB_PATH], const char *name)
{
    return file_join(out, JOB_PATH, b->folder, name, NULL) == STATUS_OK;
}

struct browser_entry *browser_look(struct browser *b, int i)
{
    char path[JOB_PATH];
    struct stat info;
    if (i < 0 || i >= b->match_count)
        return NULL;
    struct browser_entry *entry = &b->entry[b->match[i]];
    if (!entry->looked) {
        entry->looked = true;
        entry->failed = !entry_path(b, path, entry->name) || stat(path, &info) != 0;
        if (!entry->failed) {
            entry->bytes = (long long)info.st_size;
            entry->time = info.st_mtime;
        }
    }
    return entry;
}

bool browser_path(const struct browser *b, char out[JOB_PATH], bool *folder)
{
    if (b->cursor >= b->match_count)
        return false;
    const struct browser_entry *entry = &b->entry[b->match[b->cursor]];
    *folder = entry->folder;
    return entry_path(b, out, entry->name);
}
