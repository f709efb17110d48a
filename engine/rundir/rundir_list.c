/* rundir_list.c: see rundir.h: which directories there are; finding and removing them. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/base/file.h"
#include "engine/base/mem.h"
#include "engine/rundir/rundir_private.h"

/* What the files of a directory take, and the newest change of one. */
static void measure(struct rundir_entry *out)
{
    DIR *folder = opendir(out->path);
    for (struct dirent *d; folder && (d = readdir(folder));) {
        struct stat info;
        if (fstatat(dirfd(folder), d->d_name, &info, AT_SYMLINK_NOFOLLOW) != 0 ||
            !S_ISREG(info.st_mode))
            continue;
        out->bytes += (size_t)info.st_size;
        if (strncmp(d->d_name, "checkpoint", 10) == 0 && info.st_mtime > out->changed)
            out->changed = info.st_mtime;
        if (strcmp(d->d_name, "job.ini") == 0 && out->changed == 0)
            out->changed = info.st_mtime;
    }
    if (folder)
        closedir(folder);
}

/* The head of the newest checkpoint; false if none can be read. */
static bool peek(struct rundir_entry *out, bool *there)
{
    struct checkpoint *c = mem_new(sizeof *c);
    bool read = false;
    for (int i = 0; i < RUNDIR_GENERATIONS && !read; i++) {
        char path[JOB_PATH];
        rundir_join(path, out->path, rundir_generations[i]);
        if (access(path, F_OK) != 0)
            continue;
        *there = true;
        read = checkpoint_peek(c, path, out->path, NULL) == STATUS_OK;
    }
    if (read) {
        memcpy(out->content, c->job.content, JOB_PATH);
        memcpy(out->output, c->file.path[0] ? c->file.path : c->job.output, JOB_PATH);
        out->iteration = c->state.iteration;
        out->iterations = c->job.iterations;
        out->state = c->end == CHECKPOINT_GOING ? RUNDIR_UNFINISHED : RUNDIR_FINISHED;
        checkpoint_clear(c);
    }
    mem_free(c);
    return read;
}

static bool is_ours(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && info.st_uid == geteuid();
}

bool rundir_look(struct rundir_entry *out, const char *path)
{
    char job[JOB_PATH];
    struct rundir_owner owner;
    bool there = false;
    memset(out, 0, sizeof *out);
    if (file_join(out->path, JOB_PATH - 40, "", path, NULL) != STATUS_OK)
        return false;
    rundir_join(job, path, "job.ini");
    if (access(job, F_OK) != 0 || !is_ours(path))
        return false;
    if (!peek(out, &there)) {
        struct job *asked = mem_new(sizeof *asked);
        bool good = job_read(asked, job, NULL) == STATUS_OK;
        out->iterations = asked->iterations;
        memcpy(out->content, asked->content, JOB_PATH);
        memcpy(out->output, asked->output, JOB_PATH);
        out->state = good && !there ? RUNDIR_UNFINISHED : RUNDIR_DAMAGED;
        mem_free(asked);
    }
    measure(out);
    rundir_owner_read(&owner, path);
    memcpy(out->host, owner.host, sizeof out->host);
    out->pid = owner.pid;
    if (owner.held)
        out->state = RUNDIR_RUNNING;
    return true;
}

static int newer_first(const void *a, const void *b)
{
    const struct rundir_entry *one = a, *other = b;
    if (one->changed != other->changed)
        return one->changed < other->changed ? 1 : -1;
    return -strcmp(one->path, other->path);
}

enum status rundir_list(struct rundir_entry **out, int *count, struct diag *diag)
{
    char root[JOB_PATH], path[JOB_PATH];
    int room = 0;
    struct rundir_entry *list = NULL;
    *out = NULL;
    *count = 0;
    TRY(rundir_root(root, diag));
    DIR *folder = opendir(root);
    for (struct dirent *d; folder && (d = readdir(folder));) {
        if (d->d_name[0] == '.')
            continue;
        if (*count == room) {
            room = room ? 2 * room : 16;
            struct rundir_entry *larger = mem_new((size_t)room * sizeof *larger);
            if (list)
                memcpy(larger, list, (size_t)*count * sizeof *larger);
            mem_free(list);
            list = larger;
        }
        rundir_join(path, root, d->d_name);
        if (rundir_look(&list[*count], path))
            ++*count;
    }
    if (folder)
        closedir(folder);
    if (*count > 0)
        qsort(list, (size_t)*count, sizeof *list, newer_first);
    *out = list;
    return STATUS_OK;
}

/* ---- finding ------------------------------------------------------------------------------ */

static enum status none(const char *word, unsigned states, struct diag *diag)
{
    if (!word[0])
        return diag_set(diag, STATUS_USAGE, "there is no %s run; strata runs lists what there is",
                        states == 1u << RUNDIR_RUNNING ? "running" : "unfinished");
    return diag_set(diag, STATUS_USAGE,
                    "there is no run whose name begins with %s; strata runs lists what there is",
                    word);
}

enum status rundir_find(char out[JOB_PATH], const char *word, unsigned states, struct diag *diag)
{
    struct rundir_entry *list;
    int count, found = -1;
    if (strchr(word, '/')) {
        struct rundir_entry *entry = mem_new(sizeof *entry);
        bool is_one = rundir_look(entry, word);
        mem_free(entry);
        if (!is_one)
            return diag_set(diag, STATUS_USAGE, "%s is no run's folder, or another user's", word);
        return file_join(out, JOB_PATH, "", word, diag);
    }
    TRY(rundir_list(&list, &count, diag));
    enum status status = STATUS_OK;
    for (int i = 0; i < count && status == STATUS_OK; i++) {
        const char *name = file_name(list[i].path);
        if (!word[0] ? !(states >> list[i].state & 1) || found >= 0
                     : strncmp(name, word, strlen(word)) != 0)
            continue;
        if (word[0] && found >= 0 && strcmp(file_name(list[found].path), word) == 0)
            continue;
        if (word[0] && found >= 0 && strcmp(name, word) != 0)
            status = diag_set(diag, STATUS_USAGE, "%s and %s both begin with %s; say more of one",
                              name, file_name(list[found].path), word);
        found = i;
    }
    if (status == STATUS_OK && found < 0)
        status = none(word, states, diag);
    if (status == STATUS_OK)
        memcpy(out, list[found].path, JOB_PATH);
    mem_free(list);
    return status;
}

bool rundir_is_of(const char *path, const struct job *job)
{
    char file[JOB_PATH];
    unsigned char *text;
    size_t size;
    rundir_join(file, path, "job.ini");
    if (file_read(&text, &size, file, 1 << 20, NULL) != STATUS_OK)
        return false;
    char *own = rundir_job_text(job, path);
    bool same = strcmp((const char *)text, own) == 0;
    mem_free(own);
    mem_free(text);
    return same;
}

bool rundir_find_job(char out[JOB_PATH], const struct job *job)
{
    struct rundir_entry *list;
    int count;
    bool found = false;
    if (rundir_list(&list, &count, NULL) != STATUS_OK)
        return false;
    for (int i = 0; i < count && !found; i++) {
        found = list[i].state == RUNDIR_UNFINISHED && rundir_is_of(list[i].path, job);
        if (found)
            memcpy(out, list[i].path, JOB_PATH);
    }
    mem_free(list);
    return found;
}

/* ---- removing ----------------------------------------------------------------------------- */

enum status rundir_prune(int *removed, size_t *left, size_t limit, struct diag *diag)
{
    struct rundir_entry *list;
    int count;
    size_t bytes = 0;
    *removed = 0;
    TRY(rundir_list(&list, &count, diag));
    for (int i = 0; i < count; i++)
        bytes += list[i].bytes;
    for (int i = count - 1; i >= 0 && bytes > limit; i--) {
        struct rundir *held;
        if (list[i].state != RUNDIR_FINISHED || rundir_open(&held, list[i].path, NULL) != STATUS_OK)
            continue;
        rundir_discard(&held);
        bytes -= list[i].bytes;
        ++*removed;
    }
    *left = bytes;
    mem_free(list);
    return STATUS_OK;
}
