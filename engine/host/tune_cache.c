/*
 * tune_cache.c: see tune_cache.h. A file for each machine: a line that says which, then a line for
 * each timing. A line that makes no sense is passed over: at worst a convolution is timed again.
 */
#include "engine/host/tune_cache.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "engine/base/dirs.h"
#include "engine/base/file.h"
#include "engine/base/hash.h"
#include "engine/base/mem.h"

enum { MAX_TIMINGS = 4096, MAX_LINE = 160, MAX_PATH = 4096 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* of all that follows */
static struct tune_timing list[MAX_TIMINGS];
static bool asked[MAX_TIMINGS]; /* somebody has asked for it */
static int count, kept;
static char title[512]; /* the file's first line; "": not loaded yet */
static char path[MAX_PATH];

/* What /proc/cpuinfo says of the first processor, enough to tell kinds apart. */
static void name_processor(char *out, size_t size)
{
    static const char *const fields[] = {"model name", "cpu family", "model", "stepping"};
    char line[256];
    size_t used = 0;
    FILE *f = fopen("/proc/cpuinfo", "re");
    out[0] = '\0';
    while (f && fgets(line, sizeof line, f) && line[0] != '\n') {
        char *value = strchr(line, ':');
        if (!value)
            continue;
        size_t length = (size_t)(value - line);
        while (length > 0 && (line[length - 1] == '\t' || line[length - 1] == ' '))
            length--;
        value[strcspn(value, "\n")] = '\0';
        for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
            if (strlen(fields[i]) == length && memcmp(fields[i], line, length) == 0 && used < size)
                used += (size_t)snprintf(out + used, size - used, "%s", value + 1);
    }
    if (f)
        fclose(f);
}

/* Is it a folder of ours that only this user can write to? */
static bool is_ours(const char *folder)
{
    struct stat link, real;
    return lstat(folder, &link) == 0 && link.st_uid == geteuid() && stat(folder, &real) == 0 &&
           S_ISDIR(real.st_mode) && real.st_uid == geteuid() && !(real.st_mode & 022);
}

/* Makes the folder that file is to lie in. */
static bool make_folder_of(const char *file)
{
    char folder[MAX_PATH];
    file_make_folders(file, 0700, NULL);
    snprintf(folder, sizeof folder, "%.*s", (int)(strrchr(file, '/') - file), file);
    return is_ours(folder);
}

static bool same(const struct tune_timing *a, const struct tune_timing *b)
{
    return a->backward == b->backward && a->in == b->in && a->out == b->out && a->side == b->side &&
           a->threads == b->threads;
}

static const struct tune_timing *find(const struct tune_timing *timing)
{
    for (int i = 0; i < count; i++)
        if (same(&list[i], timing))
            return &list[i];
    return NULL;
}

static void add(const struct tune_timing *timing)
{
    if (count < MAX_TIMINGS && !find(timing))
        list[count++] = *timing;
}

static int print_line(char *out, size_t size, const struct tune_timing *t)
{
    return snprintf(out, size, "%s %d %d %d %d %.4g %.4g %.4g\n",
                    t->backward ? "backward" : "forward", t->in, t->out, t->side, t->threads,
                    t->direct, t->winograd, t->bf16);
}

static bool read_line(struct tune_timing *t, const char *line)
{
    char way[16];
    int read = sscanf(line, "%15s %9d %9d %9d %9d %lf %lf %lf", way, &t->in, &t->out, &t->side,
                      &t->threads, &t->direct, &t->winograd, &t->bf16);
    t->backward = strcmp(way, "backward") == 0;
    return read == 8 && (t->backward || strcmp(way, "forward") == 0) && t->direct > 0.0 &&
           t->direct < 1e6 && t->winograd >= 0.0 && t->winograd < 1e6 && t->bf16 >= 0.0 &&
           t->bf16 < 1e6;
}

/* Adds what the file has and the list has not. */
static void merge_file(void)
{
    struct diag diag;
    unsigned char *text;
    size_t size;
    struct stat info;
    if (!path[0] || lstat(path, &info) != 0 || !S_ISREG(info.st_mode) ||
        file_read(&text, &size, path, (size_t)MAX_TIMINGS * MAX_LINE, &diag) != STATUS_OK)
        return;
    char *rest = NULL, *line = strtok_r((char *)text, "\n", &rest);
    if (line && strcmp(line, title) == 0) {
        struct tune_timing timing;
        while ((line = strtok_r(NULL, "\n", &rest)))
            if (read_line(&timing, line))
                add(&timing);
    }
    mem_free(text);
}

static void load(const char *machine)
{
    char processor[256], name[64];
    name_processor(processor, sizeof processor);
    snprintf(title, sizeof title, "strata convolution times 3:%s; %s", processor, machine);
    uint64_t key = hash_add(HASH_START, title, strlen(title));
    snprintf(name, sizeof name, "convolutions-%016llx", (unsigned long long)key);
    if (!dirs_path(path, sizeof path, DIRS_CACHE, name) || !make_folder_of(path))
        path[0] = 0;
    merge_file();
    kept = count;
}

bool tune_cache_find(struct tune_timing *timing, const char *machine)
{
    pthread_mutex_lock(&lock);
    if (!title[0])
        load(machine);
    const struct tune_timing *known = find(timing);
    if (known) {
        *timing = *known;
        asked[known - list] = true;
    }
    pthread_mutex_unlock(&lock);
    return known != NULL;
}

void tune_cache_add(struct tune_timing *timing)
{
    char line[MAX_LINE];
    print_line(line, sizeof line, timing);
    read_line(timing, line);
    pthread_mutex_lock(&lock);
    add(timing);
    const struct tune_timing *known = find(timing);
    if (known)
        asked[known - list] = true;
    pthread_mutex_unlock(&lock);
}

char *tune_cache_print(void)
{
    pthread_mutex_lock(&lock);
    size_t size = sizeof title + 1 + (size_t)count * MAX_LINE;
    char *text = mem_new(size);
    size_t length = (size_t)snprintf(text, size, "%s\n", title);
    for (int i = 0; i < count; i++)
        if (asked[i])
            length += (size_t)print_line(text + length, size - length, &list[i]);
    pthread_mutex_unlock(&lock);
    return text;
}

bool tune_cache_adopt(const char *text, const char *machine)
{
    char *copy = mem_text(text), *rest = NULL, *line = strtok_r(copy, "\n", &rest);
    pthread_mutex_lock(&lock);
    if (!title[0])
        load(machine);
    bool same_machine = line && strcmp(line, title) == 0;
    while (same_machine && (line = strtok_r(NULL, "\n", &rest))) {
        struct tune_timing timing;
        if (!read_line(&timing, line))
            continue;
        add(&timing);
        const struct tune_timing *known = find(&timing);
        if (known) {
            list[known - list] = timing;
            asked[known - list] = true;
        }
    }
    kept = count;
    pthread_mutex_unlock(&lock);
    mem_free(copy);
    return same_machine;
}

static void write_file(void)
{
    struct diag diag;
    size_t size = sizeof title + 1 + (size_t)count * MAX_LINE, length;
    char *text = mem_new(size);
    length = (size_t)snprintf(text, size, "%s\n", title);
    for (int i = 0; i < count; i++)
        length += (size_t)print_line(text + length, size - length, &list[i]);
    struct stat info;
    if (lstat(path, &info) == 0 && S_ISLNK(info.st_mode))
        unlink(path); /* what it leads to is none of ours */
    file_write(path, text, length, FILE_OVERWRITE, &diag);
    mem_free(text);
}

/* Locks the cache's folder against other processes; a descriptor to be closed, which unlocks it, or
 * -1. Where the file system has no locks, or another process holds the lock for a second (it may
 * be suspended), the file is written without: at worst a timing is lost and measured again. */
static int lock_folder(void)
{
    enum { ATTEMPTS = 200, WAIT_NS = 5000000 };
    char folder[MAX_PATH];
    snprintf(folder, sizeof folder, "%.*s", (int)(strrchr(path, '/') - path), path);
    int descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    for (int i = 0; descriptor >= 0 && i < ATTEMPTS; i++) {
        if (flock(descriptor, LOCK_EX | LOCK_NB) == 0 || (errno != EWOULDBLOCK && errno != EINTR))
            break;
        nanosleep(&(struct timespec){0, WAIT_NS}, NULL);
    }
    return descriptor;
}

void tune_cache_keep(void)
{
    pthread_mutex_lock(&lock);
    if (count > kept && path[0]) {
        int folder = lock_folder();
        merge_file(); /* what other processes have written meanwhile */
        write_file();
        if (folder >= 0)
            close(folder);
    }
    kept = count;
    pthread_mutex_unlock(&lock);
}
