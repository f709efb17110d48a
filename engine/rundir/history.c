/* history.c: see history.h: one node: making, reading, changing it. */
#include "engine/rundir/history.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "engine/base/dirs.h"
#include "engine/base/file.h"
#include "engine/base/mem.h"
#include "engine/base/text_buffer.h"
#include "engine/host/budget.h"
#include "engine/rundir/history_private.h"

const char history_passing[] = ".passing-";

enum status history_root(char out[JOB_PATH], struct diag *diag)
{
    if (!dirs_path(out, JOB_PATH - 200, DIRS_STATE, "history"))
        return diag_set(diag, STATUS_OUTPUT, "there is no folder for the history, since HOME is "
                                             "not set");
    return STATUS_OK;
}

long long history_limit(const char *setting)
{
    uint64_t size = (uint64_t)1 << 30;
    const char *asked = getenv("STRATA_HISTORY");
    char root[JOB_PATH];
    if (!asked)
        asked = setting;
    if (strcmp(asked, "off") == 0 || history_root(root, NULL) != STATUS_OK)
        return 0;
    budget_parse_size(&size, asked);
    return (long long)size;
}

enum status history_file(char out[JOB_PATH], const char *id, const char *name, struct diag *diag)
{
    char folder[JOB_PATH];
    TRY(history_root(folder, diag));
    TRY(file_join(out, JOB_PATH, folder, id, diag));
    memcpy(folder, out, sizeof folder);
    return file_join(out, JOB_PATH, folder, name, diag);
}

/* ---- node.ini: lines "name = value" --------------------------------------------------------- */

enum kind { TEXT, INT, LONG, REAL, FLAG };

#define FIELD(name, kind) {#name, kind, offsetof(struct history_node, name),                       \
                           sizeof((struct history_node *)0)->name}
static const struct field {
    const char *name;
    enum kind kind;
    size_t offset, size;
} fields[] = {
    FIELD(parent, TEXT), FIELD(snapshot, FLAG), FIELD(iteration, INT), FIELD(total, REAL),
    FIELD(time, LONG),   FIELD(width, INT),     FIELD(height, INT),    FIELD(picture, TEXT),
    FIELD(bytes, LONG),  FIELD(title, TEXT),    FIELD(differs, TEXT),  FIELD(starred, FLAG),
    FIELD(name, TEXT),   FIELD(run_dir, TEXT),  FIELD(kept, INT),
};
enum { FIELDS = sizeof fields / sizeof *fields };

static void print_field(struct text_buffer *out, const struct field *f, const void *at)
{
    text_buffer_add(out, "%s = ", f->name);
    switch (f->kind) {
    case TEXT: /* one line, whatever a file is called */
        for (const char *c = at; *c; c++)
            text_buffer_add(out, "%c", *c == '\n' ? ' ' : *c);
        text_buffer_add(out, "\n");
        break;
    case INT: text_buffer_add(out, "%d\n", *(const int *)at); break;
    case LONG: text_buffer_add(out, "%lld\n", *(const long long *)at); break;
    case REAL: text_buffer_add(out, "%.9g\n", *(const double *)at); break;
    case FLAG: text_buffer_add(out, "%d\n", *(const bool *)at); break;
    }
}

static void parse_field(const struct field *f, void *at, const char *value)
{
    switch (f->kind) {
    case TEXT: snprintf(at, f->size, "%s", value); break;
    case INT: *(int *)at = (int)strtol(value, NULL, 10); break;
    case LONG: *(long long *)at = strtoll(value, NULL, 10); break;
    case REAL: *(double *)at = strtod(value, NULL); break;
    case FLAG: *(bool *)at = value[0] == '1'; break;
    }
}

static void parse_line(struct history_node *out, char *line)
{
    char *value = strstr(line, " = ");
    if (!value)
        return;
    *value = 0;
    for (int i = 0; i < FIELDS; i++)
        if (strcmp(fields[i].name, line) == 0)
            parse_field(&fields[i], (char *)out + fields[i].offset, value + 3);
}

bool history_read_node(struct history_node *out, int root, const char *id)
{
    char path[HISTORY_ID + 16], text[8192];
    memset(out, 0, sizeof *out);
    if (id[0] == '.' || strlen(id) >= HISTORY_ID)
        return false;
    snprintf(path, sizeof path, "%s/node.ini", id);
    int fd = openat(root, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
    if (fd >= 0)
        close(fd);
    if (n <= 0 || memchr(text, 0, (size_t)n))
        return false;
    text[n] = 0;
    for (char *line = text, *end; *line; line = end) {
        end = line + strcspn(line, "\n");
        if (*end)
            *end++ = 0;
        parse_line(out, line);
    }
    strcpy(out->id, id);
    return strncmp(out->picture, "picture.", 8) == 0 && !strchr(out->picture, '/') &&
           out->bytes >= 0 && out->time > 0;
}

enum status history_find(struct history_node *out, const char *id, struct diag *diag)
{
    char root[JOB_PATH];
    TRY(history_root(root, diag));
    int fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool read = fd >= 0 && history_read_node(out, fd, id);
    if (fd >= 0)
        close(fd);
    if (read)
        return STATUS_OK;
    return diag_set(diag, STATUS_INPUT, "this picture is no longer in the history");
}

/* Without a wait for the disk: a node that a power cut takes is no great loss. */
static enum status put(const char *folder, const char *name, const void *data, size_t size,
                       struct diag *diag)
{
    char path[JOB_PATH];
    TRY(file_join(path, sizeof path, folder, name, diag));
    FILE *file = fopen(path, "wbe");
    bool written = file && fwrite(data, 1, size, file) == size;
    written &= file && fclose(file) == 0;
    if (written)
        return STATUS_OK;
    return diag_set(diag, STATUS_IO, "cannot write %s: %s", path, strerror(errno));
}

static enum status put_node(const char *folder, const char *name, const struct history_node *node,
                            struct diag *diag)
{
    struct text_buffer text = {0};
    for (int i = 0; i < FIELDS; i++)
        print_field(&text, &fields[i], (const char *)node + fields[i].offset);
    enum status status = put(folder, name, text_buffer_get(&text), text.used, diag);
    text_buffer_clear(&text);
    return status;
}

enum status history_write_node(const struct history_node *node, struct diag *diag)
{
    char folder[JOB_PATH], path[JOB_PATH], fresh[JOB_PATH], name[64];
    snprintf(name, sizeof name, "node.ini.%ld", (long)getpid());
    TRY(history_file(path, node->id, "node.ini", diag));
    TRY(history_file(fresh, node->id, name, diag));
    TRY(file_folder(folder, sizeof folder, path, diag));
    enum status status = put_node(folder, name, node, diag);
    if (status == STATUS_OK && rename(fresh, path) != 0)
        status = diag_set(diag, STATUS_IO, "cannot write %s: %s", path, strerror(errno));
    if (status != STATUS_OK)
        unlink(fresh);
    return status;
}

/* ---- making one --------------------------------------------------------------------------- */

void history_remove_folder(const char *path)
{
    DIR *folder = opendir(path);
    for (struct dirent *d; folder && (d = readdir(folder));)
        unlinkat(dirfd(folder), d->d_name, 0);
    if (folder)
        closedir(folder);
    rmdir(path);
}

/* A folder of our own below the root, which is made, too. */
static enum status make_folder(char out[JOB_PATH], const char *root, struct diag *diag)
{
    enum { ATTEMPTS = 100 };
    char below[JOB_PATH], name[64];
    snprintf(below, sizeof below, "%.*s/", JOB_PATH - 2, root);
    TRY(file_make_folders(below, 0700, diag));
    for (int i = 0; i < ATTEMPTS; i++) {
        snprintf(name, sizeof name, "%s%ld-%d", history_passing, (long)getpid(), i);
        TRY(file_join(out, JOB_PATH, root, name, diag));
        if (mkdir(out, 0700) == 0)
            return STATUS_OK;
        if (errno != EEXIST)
            break;
    }
    return diag_set(diag, STATUS_OUTPUT, "cannot create the folder %s: %s", out, strerror(errno));
}

/* The job with all paths from the root. */
static enum status make_absolute(struct job *out, const struct job *job, struct diag *diag)
{
    char here[JOB_PATH];
    if (!getcwd(here, sizeof here))
        here[0] = 0;
    char *text = job_print(job, "");
    enum status status = job_parse(out, text, "the job", here, diag);
    mem_free(text);
    return status;
}

static enum status copy_file(const char *folder, const char *name, const char *file,
                             struct diag *diag)
{
    unsigned char *bytes;
    size_t size;
    TRY(file_read(&bytes, &size, file, (size_t)1 << 30, diag));
    enum status status = put(folder, name, bytes, size, diag);
    mem_free(bytes);
    return status;
}

static enum status put_png(const char *folder, const char *name, const struct image *image,
                           const char *job, struct diag *diag)
{
    unsigned char *png;
    size_t size;
    TRY(image_png_quick(&png, &size, image, job, diag));
    enum status status = put(folder, name, png, size, diag);
    mem_free(png);
    return status;
}

/* The file that it was saved as under another name, or its bytes, or the picture's own. */
static enum status put_picture(struct history_node *node, const char *folder, const char *job,
                               const struct history_picture *picture, struct diag *diag)
{
    char path[JOB_PATH];
    const char *file = picture->file;
    snprintf(node->picture, sizeof node->picture, "picture%.8s",
             file ? file + file_stem(file) : ".png");
    if (!file)
        return put_png(folder, node->picture, picture->whole, job, diag);
    TRY(file_join(path, sizeof path, folder, node->picture, diag));
    return link(file, path) == 0 ? STATUS_OK : copy_file(folder, node->picture, file, diag);
}

static long long bytes_in(const char *path)
{
    long long bytes = 0;
    DIR *folder = opendir(path);
    for (struct dirent *d; folder && (d = readdir(folder));) {
        struct stat info;
        if (fstatat(dirfd(folder), d->d_name, &info, AT_SYMLINK_NOFOLLOW) == 0 &&
            S_ISREG(info.st_mode))
            bytes += info.st_size;
    }
    if (folder)
        closedir(folder);
    return bytes;
}

/* The job in force when a picture was as it is. */
static void apply_edits(struct job *job, int iteration)
{
    job_edits_apply(job, job->edits, -1, iteration);
}

static bool read_job(struct job *out, const char *id)
{
    char path[JOB_PATH];
    return history_file(path, id, "job.ini", NULL) == STATUS_OK &&
           job_read(out, path, NULL) == STATUS_OK;
}

/* Where a picture goes, and what it may cost, makes no other picture. */
static void compare_with(struct history_node *node, const struct job *job)
{
    struct history_node parent;
    struct job *before = mem_new(sizeof *before), *after = mem_new(sizeof *after);
    *after = *job;
    apply_edits(after, node->iteration);
    job_title(node->title, sizeof node->title, after);
    node->differs[0] = 0;
    if (node->parent[0] && history_find(&parent, node->parent, NULL) == STATUS_OK &&
        read_job(before, node->parent)) {
        apply_edits(before, parent.iteration);
        memcpy(before->output, after->output, sizeof before->output);
        before->threads = after->threads;
        before->memory = after->memory;
        job_differences(node->differs, sizeof node->differs, before, after);
        if (!node->differs[0] && !node->snapshot && strcmp(before->edits, after->edits) != 0)
            snprintf(node->differs, sizeof node->differs, "%s",
                     after->edits[0] ? "edited on the way" : "so from the first iteration on");
    }
    mem_free(before);
    mem_free(after);
}

void history_compare(struct history_node *node)
{
    struct job *job = mem_new(sizeof *job);
    if (read_job(job, node->id))
        compare_with(node, job);
    mem_free(job);
}

/* All that belongs into folder. */
static enum status fill(struct history_node *node, const struct job *job, const char *folder,
                        const struct history_picture *picture, struct diag *diag)
{
    char *text = job_print(job, "");
    enum status status = put(folder, "job.ini", text, strlen(text), diag);
    if (status == STATUS_OK)
        status = put_picture(node, folder, text, picture, diag);
    mem_free(text);
    TRY(status);
    TRY(put_png(folder, "thumbnail.png", picture->small, NULL, diag));
    node->bytes = bytes_in(folder);
    compare_with(node, job);
    return put_node(folder, "node.ini", node, diag);
}

/* The moment as a name that nobody has. */
static enum status name_it(struct history_node *node, const char *folder, const char *root,
                           struct diag *diag)
{
    enum { ATTEMPTS = 10000 };
    char path[JOB_PATH], date[20];
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    long part = now.tv_nsec / 1000000;
    for (int i = 0; i < ATTEMPTS; i++, part++) {
        struct tm when;
        time_t seconds = now.tv_sec + part / 1000;
        strftime(date, sizeof date, "%Y%m%d-%H%M%S", gmtime_r(&seconds, &when));
        snprintf(node->id, sizeof node->id, "%s-%03ld", date, part % 1000);
        TRY(file_join(path, sizeof path, root, node->id, diag));
        if (rename(folder, path) == 0) /* a folder that is not empty is not replaced */
            return STATUS_OK;
        if (errno != EEXIST && errno != ENOTEMPTY)
            break;
    }
    return diag_set(diag, STATUS_IO, "cannot create the folder %s: %s", path, strerror(errno));
}

enum status history_add(struct history_node *node, const struct job *job,
                        const struct history_picture *picture, struct diag *diag)
{
    char root[JOB_PATH], folder[JOB_PATH];
    struct job *whole = mem_new(sizeof *whole);
    enum status status = history_root(root, diag);
    if (status == STATUS_OK)
        status = make_absolute(whole, job, diag);
    if (status == STATUS_OK)
        status = make_folder(folder, root, diag);
    if (status == STATUS_OK) {
        node->time = (long long)time(NULL);
        status = fill(node, whole, folder, picture, diag);
        if (status == STATUS_OK)
            status = name_it(node, folder, root, diag);
        if (status != STATUS_OK)
            history_remove_folder(folder);
    }
    mem_free(whole);
    return status;
}
