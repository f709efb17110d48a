/* browser_list.c: see browser.h: a folder's entries, read from the disk. Any thread. */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "engine/base/file.h"
#include "engine/base/mem.h"
#include "engine/image/image.h"
#include "tui/model/browser.h"

/* As file_has_ending takes them. */
static const char *endings_of(enum browser_kind kind, char out[IMAGE_WORDS])
{
    switch (kind) {
    case BROWSER_PICTURES: return image_endings(out);
    case BROWSER_JOBS: return ".ini .png";
    case BROWSER_NETWORKS: return ".safetensors";
    case BROWSER_KINDS: break;
    }
    return "";
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

static void add_entry(struct browser_listing *b, int *capacity, const char *name, bool folder)
{
    if (b->count == *capacity) {
        *capacity = *capacity ? 2 * *capacity : 64;
        struct browser_entry *larger = mem_new((size_t)*capacity * sizeof *larger);
        if (b->count)
            memcpy(larger, b->entry, (size_t)b->count * sizeof *larger);
        mem_free(b->entry);
        b->entry = larger;
    }
    b->entry[b->count++] = (struct browser_entry){.name = mem_text(name), .folder = folder};
}

static bool is_offered(enum browser_kind kind, int fd, const struct dirent *d, bool *folder)
{
    if (strcmp(d->d_name, ".") == 0 || strcmp(d->d_name, "..") == 0)
        return false;
    char endings[IMAGE_WORDS];
    bool named = file_has_ending(d->d_name, endings_of(kind, endings));
    if (!named && (d->d_type == DT_REG || d->d_type == DT_FIFO || d->d_type == DT_SOCK))
        return false;
    *folder = is_folder(fd, d);
    return *folder || named;
}

/* Where the folder is, whatever the working directory was called. */
static void resolve(char out[JOB_PATH], const char *folder)
{
    char *real = realpath(folder[0] ? folder : ".", NULL);
    snprintf(out, JOB_PATH, "%s", real && strlen(real) < JOB_PATH ? real : folder);
    free(real);
}

void browser_listing_clear(struct browser_listing *listing)
{
    for (int i = 0; i < listing->count; i++)
        mem_free(listing->entry[i].name);
    mem_free(listing->entry);
    *listing = (struct browser_listing){0};
}

void browser_list(struct browser_listing *b, enum browser_kind kind, const char *path)
{
    int capacity = 0;
    *b = (struct browser_listing){0};
    resolve(b->folder, path);
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
        if (is_offered(kind, dirfd(folder), d, &is))
            add_entry(b, &capacity, d->d_name, is);
    }
    closedir(folder);
    if (b->count)
        qsort(b->entry, (size_t)b->count, sizeof *b->entry, compare);
}

void browser_find_details(struct browser_details *out, const char *folder, const char *name)
{
    char path[JOB_PATH];
    struct stat info;
    *out = (struct browser_details){.failed = true};
    if (file_join(path, JOB_PATH, folder, name, NULL) == STATUS_OK && stat(path, &info) == 0)
        *out = (struct browser_details){.bytes = (long long)info.st_size, .time = info.st_mtime};
    char endings[IMAGE_WORDS];
    if (!out->failed && S_ISREG(info.st_mode) && file_has_ending(name, image_endings(endings)) &&
        image_probe(&out->width, &out->height, path, NULL) != STATUS_OK)
        out->width = out->height = 0;
}
