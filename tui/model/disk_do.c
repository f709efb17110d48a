/* disk_do.c: see disk.h: one request carried out. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/base/mem.h"
#include "engine/image/image.h"
#include "engine/net/network.h"
#include "tui/model/disk.h"

void disk_request_clear(struct disk_request *request)
{
    mem_free(request->text);
    request->text = NULL;
}

void disk_answer_clear(struct disk_answer *answer)
{
    disk_request_clear(&answer->request);
    browser_listing_clear(&answer->listing);
    mem_free(answer->job);
    mem_free(answer->names);
    mem_free(answer->details);
    mem_free(answer->found);
    mem_free(answer->runs);
    history_list_clear(&answer->history);
    presets_clear(&answer->presets, &answer->preset_count);
    *answer = (struct disk_answer){0};
}

static bool exists(const char *path)
{
    return access(path, F_OK) == 0;
}

/* path with a number before its ending, so that it is free. */
static void find_free_name(char out[JOB_PATH], const char *path)
{
    int number = 2;
    do
        file_numbered(out, JOB_PATH, path, number++);
    while (exists(out) && number < 10000);
}

static void check_picture(struct disk_answer *a)
{
    int width, height;
    if (image_probe(&width, &height, a->request.path, &a->diag) == STATUS_OK)
        a->diag.status = STATUS_OK;
}

static void check_network(struct disk_answer *a)
{
    if (network_check(a->request.path, &a->diag) == STATUS_OK)
        a->diag.status = STATUS_OK;
}

static void check_output(struct disk_answer *a)
{
    const char *path = a->request.path;
    if (image_check_output(path, a->request.mode, &a->diag) == STATUS_OK) {
        a->diag.status = STATUS_OK;
        return;
    }
    a->exists = a->request.mode == FILE_KEEP && exists(path) &&
                image_check_output(path, FILE_OVERWRITE, NULL) == STATUS_OK;
    if (a->exists)
        find_free_name(a->beside, path);
}

static void read_job(struct disk_answer *a)
{
    a->job = mem_new(sizeof *a->job);
    if (job_read(a->job, a->request.path, &a->diag) == STATUS_OK)
        a->diag.status = STATUS_OK;
}

static void write_text(struct disk_answer *a)
{
    struct disk_request *r = &a->request;
    char free_name[JOB_PATH];
    if (r->folders)
        file_make_folders(r->path, 0700, NULL);
    if (r->mode == FILE_KEEP && exists(r->path)) {
        find_free_name(free_name, r->path);
        if (!r->beside) {
            a->exists = true;
            memcpy(a->beside, free_name, sizeof a->beside);
            return;
        }
        memcpy(r->path, free_name, sizeof r->path);
    }
    if (file_write(r->path, r->text, r->size, r->mode, &a->diag) == STATUS_OK)
        a->diag.status = STATUS_OK;
}

static void write_png(struct disk_answer *a)
{
    struct disk_request *r = &a->request;
    unsigned char *png;
    size_t size;
    if (image_png_bytes(&png, &size, (unsigned char *)r->text, r->width, r->height, &a->diag) !=
        STATUS_OK)
        return;
    if (file_write(r->path, png, size, FILE_OVERWRITE, &a->diag) == STATUS_OK)
        a->diag.status = STATUS_OK;
    mem_free(png);
}

/* Takes over the names that are asked about; how many there are. */
static size_t take_names(struct disk_answer *a)
{
    size_t count = 0;
    a->names = a->request.text;
    a->request.text = NULL;
    for (const char *name = a->names; *name; name += strlen(name) + 1)
        count++;
    return count;
}

static void find_path(struct disk_found *found, const char *path, struct diag *diag)
{
    struct stat info;
    char endings[IMAGE_WORDS], *text;
    int width, height;
    bool picture = file_has_ending(path, image_endings(endings));
    *found = (struct disk_found){.what = DISK_IS_OTHER};
    if (stat(path, &info) != 0) {
        found->what = DISK_IS_NOTHING;
        diag_set(diag, STATUS_INPUT, "%s: %s", path, strerror(errno));
    } else if (S_ISDIR(info.st_mode)) {
        found->what = DISK_IS_FOLDER;
    } else if (file_has_ending(path, ".ini")) {
        found->what = DISK_IS_JOB;
    } else if (image_probe(&width, &height, path, diag) == STATUS_OK) {
        found->what = DISK_IS_PICTURE;
        found->job = picture && image_read_job(&text, path, NULL) == STATUS_OK;
        if (found->job)
            mem_free(text);
    }
}

static void find_paths(struct disk_answer *a)
{
    struct diag diag;
    size_t count = take_names(a);
    a->found = mem_new((count + 1) * sizeof *a->found);
    a->diag.status = STATUS_OK;
    count = 0;
    for (const char *path = a->names; *path; path += strlen(path) + 1, count++) {
        find_path(&a->found[count], path, &diag);
        enum disk_what what = a->found[count].what;
        bool good = what != DISK_IS_NOTHING && what != DISK_IS_OTHER;
        if (!good && a->diag.status == STATUS_OK)
            a->diag = diag;
    }
}

static void find_details(struct disk_answer *a)
{
    size_t count = take_names(a);
    a->details = mem_new((count + 1) * sizeof *a->details);
    count = 0;
    for (const char *name = a->names; *name; name += strlen(name) + 1)
        browser_find_details(&a->details[count++], a->request.path, name);
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* In order, in place of names as the disk has them. */
static char *sort_names(char *names, size_t count)
{
    char **list = mem_new((count + 1) * sizeof *list), *sorted = mem_new(DISK_TEXT);
    size_t used = 0, n = 0;
    for (char *name = names; *name; name += strlen(name) + 1)
        list[n++] = name;
    qsort(list, n, sizeof *list, compare_names);
    for (size_t i = 0; i < n; i++)
        used += (size_t)snprintf(sorted + used, DISK_TEXT - used, "%s", list[i]) + 1;
    mem_free(list);
    mem_free(names);
    return sorted;
}

/* A folder's name gets a slash. */
static void find_names(struct disk_answer *a)
{
    const char *last = file_name(a->request.path);
    char folder[JOB_PATH], name[JOB_PATH + 1];
    size_t used = 0, count = 0, length = strlen(last);
    a->names = mem_new(DISK_TEXT);
    snprintf(folder, sizeof folder, "%.*s", (int)(last - a->request.path), a->request.path);
    DIR *open = opendir(folder[0] ? folder : ".");
    for (struct dirent *d; open && (d = readdir(open));) {
        struct stat info;
        if ((d->d_name[0] == '.' && last[0] != '.') || strncmp(d->d_name, last, length) != 0)
            continue;
        bool is_folder = fstatat(dirfd(open), d->d_name, &info, 0) == 0 && S_ISDIR(info.st_mode);
        int n = snprintf(name, sizeof name, "%s%s", d->d_name, is_folder ? "/" : "");
        if (used + (size_t)n + 2 > DISK_TEXT)
            break;
        memcpy(a->names + used, name, (size_t)n + 1);
        used += (size_t)n + 1;
        count++;
    }
    if (open)
        closedir(open);
    a->names = sort_names(a->names, count);
}

static void list_runs(struct disk_answer *a)
{
    struct rundir *dir;
    const char *path = a->request.path;
    if (path[0] && rundir_open(&dir, path, &a->diag) == STATUS_OK)
        rundir_discard(&dir);
    if (a->diag.text[0])
        rundir_list(&a->runs, &a->run_count, NULL);
    else
        rundir_list(&a->runs, &a->run_count, &a->diag);
}

static void list_presets(struct disk_answer *a)
{
    char path[JOB_PATH];
    const char *folder = a->request.path, *gone = a->request.name;
    if (gone[0] && presets_path(path, folder, gone, &a->diag) == STATUS_OK && unlink(path) != 0)
        diag_set(&a->diag, STATUS_IO, "%s cannot be removed: %s", path, strerror(errno));
    presets_read(&a->presets, &a->preset_count, folder);
}

static void change_history(struct disk_answer *a)
{
    const char *id = a->request.path;
    enum status status = STATUS_OK;
    switch (a->request.change) {
    case DISK_CHANGE_NONE: break;
    case DISK_CHANGE_NAME: status = history_rename(id, a->request.name, &a->diag); break;
    case DISK_CHANGE_STAR: status = history_star(id, true, &a->diag); break;
    case DISK_CHANGE_UNSTAR: status = history_star(id, false, &a->diag); break;
    case DISK_CHANGE_REMOVE: status = history_remove(id, &a->diag); break;
    }
    if (history_read(&a->history, status == STATUS_OK ? &a->diag : NULL) == STATUS_OK &&
        status == STATUS_OK)
        a->diag = (struct diag){STATUS_OK, ""};
}

void disk_do(struct disk_answer *a, struct disk_request *request)
{
    *a = (struct disk_answer){.request = *request};
    request->text = NULL;
    switch (a->request.kind) {
    case DISK_PICTURE: check_picture(a); break;
    case DISK_OUTPUT: check_output(a); break;
    case DISK_READ_JOB: read_job(a); break;
    case DISK_WRITE: write_text(a); break;
    case DISK_PNG: write_png(a); break;
    case DISK_LIST: browser_list(&a->listing, a->request.list, a->request.path); break;
    case DISK_DETAILS: find_details(a); break;
    case DISK_PATHS: find_paths(a); break;
    case DISK_NETWORK: check_network(a); break;
    case DISK_PRESETS: list_presets(a); break;
    case DISK_NAMES: find_names(a); break;
    case DISK_RUNS: list_runs(a); break;
    case DISK_HISTORY: change_history(a); break;
    }
    disk_request_clear(&a->request);
}
