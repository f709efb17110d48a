/* file.c: see file.h. */
#include "engine/base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/base/mem.h"

static const double mib = 1 << 20;

/* Reading */

static enum status cannot_read(const char *path, struct diag *diag)
{
    return diag_set(diag, STATUS_INPUT, "cannot read %s: %s", path, strerror(errno));
}

static enum status check_regular(const struct stat *st, const char *path, struct diag *diag)
{
    if (S_ISREG(st->st_mode))
        return STATUS_OK;
    return diag_set(diag, STATUS_INPUT, "%s is a %s; name a file", path,
                    S_ISDIR(st->st_mode) ? "folder" : "device or a pipe");
}

static enum status open_regular(int *out, size_t *size, const char *path, struct diag *diag)
{
    if (!*path)
        return diag_set(diag, STATUS_INPUT, "the name of the file to read is empty");
    /* Looked at first: some devices do something when they are opened. */
    struct stat st;
    if (stat(path, &st) != 0)
        return cannot_read(path, diag);
    TRY(check_regular(&st, path, diag));
    /* Opening a pipe without O_NONBLOCK would wait for its writer. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0)
        return cannot_read(path, diag);
    enum status status = fstat(fd, &st) == 0 ? check_regular(&st, path, diag)
                                             : cannot_read(path, diag);
    if (status != STATUS_OK) {
        close(fd);
        return status;
    }
    *out = fd;
    *size = (size_t)st.st_size;
    return STATUS_OK;
}

enum status file_open(FILE **out, size_t *size, const char *path, struct diag *diag)
{
    int fd;
    TRY(open_regular(&fd, size, path, diag));
    *out = fdopen(fd, "rb");
    if (*out)
        return STATUS_OK;
    enum status status = cannot_read(path, diag);
    close(fd);
    return status;
}

/* Up to size bytes, fewer only where the file ends. -1 and errno on failure. */
static ssize_t read_fully(unsigned char *data, size_t size, int fd)
{
    size_t done = 0;
    while (done < size) {
        ssize_t n = read(fd, data + done, size - done);
        if (n < 0 && errno != EINTR)
            return -1;
        if (n == 0)
            break;
        done += n > 0 ? (size_t)n : 0;
    }
    return (ssize_t)done;
}

/* Up to wanted bytes of an open file, with a zero byte behind them: see file_read. */
static enum status read_bytes(unsigned char **out, size_t *size, int fd, size_t wanted,
                              const char *path, struct diag *diag)
{
    unsigned char *data;
    TRY(mem_big(&data, wanted + 1, path, diag)); /* a file is shorter than SIZE_MAX */
    ssize_t n = read_fully(data, wanted, fd);
    if (n < 0) {
        enum status status = cannot_read(path, diag);
        mem_free(data);
        return status;
    }
    *out = data;
    *size = (size_t)n;
    return STATUS_OK;
}

enum status file_read(unsigned char **out, size_t *size, const char *path, size_t limit,
                      struct diag *diag)
{
    int fd;
    size_t whole;
    enum status status;
    TRY(open_regular(&fd, &whole, path, diag));
    if (whole > limit)
        status = diag_set(diag, STATUS_INPUT, "%s is too large: it has %.1f MiB of at most %.1f",
                          path, (double)whole / mib, (double)limit / mib);
    else
        status = read_bytes(out, size, fd, whole, path, diag);
    close(fd);
    return status;
}

enum status file_map(struct file_map *out, const char *path, struct diag *diag)
{
    int fd;
    size_t size;
    void *bytes = NULL;
    enum status status = STATUS_OK;
    TRY(open_regular(&fd, &size, path, diag));
    if (size > 0)
        bytes = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (bytes == MAP_FAILED)
        status = cannot_read(path, diag);
    else
        *out = (struct file_map){bytes, size};
    close(fd);
    return status;
}

void file_unmap(struct file_map *map)
{
    if (map->size > 0)
        munmap((void *)map->bytes, map->size);
    *map = (struct file_map){NULL, 0};
}

/* Writing */

struct output {
    const char *path; /* as the user named it */
    char *target;     /* where that leads to; heap */
    char folder[PATH_MAX], temporary[PATH_MAX];
    mode_t replaced; /* st_mode of the file that is there already, or 0 */
    enum file_overwrite mode;
};

static enum status cannot_write(const struct output *o, enum status status, struct diag *diag)
{
    if (errno == EEXIST)
        return diag_set(diag, status,
                        "%s exists already; choose another name or overwrite it",
                        o->path);
    return diag_set(diag, status, "cannot write %s: %s", o->path, strerror(errno));
}

/* Finds out what exists at the target; what must not be replaced is refused with status refusal. */
static enum status output_inspect(struct output *o, enum status refusal, struct diag *diag)
{
    size_t length = strlen(o->path);
    if (length == 0)
        return diag_set(diag, refusal, "the name of the file to write is empty");
    TRY(file_folder(o->folder, sizeof o->folder, o->target, diag));
    if (!*o->folder)
        strcpy(o->folder, ".");
    struct stat st;
    bool keep = o->mode != FILE_OVERWRITE; /* then even a dangling symbolic link counts as a file */
    bool there = (keep ? lstat(o->target, &st) : stat(o->target, &st)) == 0;
    if (!there && errno != ENOENT)
        return cannot_write(o, refusal, diag);
    if (o->path[length - 1] == '/' || (there && S_ISDIR(st.st_mode)))
        return diag_set(diag, refusal, "%s is a folder; name a file to write", o->path);
    if (there && keep) {
        errno = EEXIST;
        return cannot_write(o, refusal, diag);
    }
    if (there && !S_ISREG(st.st_mode))
        return diag_set(diag, refusal, "%s is a device or a pipe; name a file to write", o->path);
    o->replaced = there ? st.st_mode : 0;
    return STATUS_OK;
}

/* Where the symbolic links that path names lead to, even if nothing is there yet; heap. A loop is
 * left to whoever opens it. */
static char *follow_links(const char *path)
{
    enum { MOST = 40 };
    char name[PATH_MAX], next[PATH_MAX], folder[PATH_MAX];
    snprintf(name, sizeof name, "%s", path);
    for (int i = 0; i < MOST; i++) {
        ssize_t n = readlink(name, next, sizeof next - 1);
        if (n < 0)
            break;
        next[n] = 0;
        if (file_folder(folder, sizeof folder, name, NULL) != STATUS_OK ||
            file_join(name, sizeof name, folder, next, NULL) != STATUS_OK)
            break;
    }
    return mem_text(name);
}

static void output_init(struct output *o, const char *path, enum file_overwrite mode)
{
    char *real = mode == FILE_OVERWRITE ? realpath(path, NULL) : NULL;
    *o = (struct output){.path = path, .target = real, .mode = mode};
    if (!real)
        o->target = mode == FILE_OVERWRITE ? follow_links(path) : mem_text(path);
}

/* Creates an empty file under a new name in the folder: its descriptor, or -1 and errno. */
static int create_temporary(struct output *o)
{
    enum { ATTEMPTS = 1000 };
    /* Others must never have more access to it than to the file that it replaces. */
    mode_t permissions = o->replaced ? o->replaced & 0777 : 0666;
    for (int i = 0; i < ATTEMPTS; i++) {
        int n = snprintf(o->temporary, sizeof o->temporary, "%s/.strata-%ld-%d.tmp", o->folder,
                         (long)getpid(), i);
        if (n < 0 || (size_t)n >= sizeof o->temporary) {
            errno = ENAMETOOLONG;
            return -1;
        }
        int fd = open(o->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, permissions);
        if (fd >= 0 || errno != EEXIST)
            return fd;
    }
    errno = EBUSY;
    return -1;
}

static int write_all(int fd, const void *data, size_t size)
{
    const char *at = data;
    while (size > 0) {
        ssize_t n = write(fd, at, size);
        if (n == 0)
            errno = ENOSPC;
        if (n == 0 || (n < 0 && errno != EINTR))
            return -1;
        at += n > 0 ? n : 0;
        size -= n > 0 ? (size_t)n : 0;
    }
    return 0;
}

/* File systems that cannot sync answer EINVAL or ENOTSUP, which is no failure. */
static int sync_file(int fd)
{
    int result;
    do
        result = fsync(fd);
    while (result != 0 && errno == EINTR);
    return result == 0 || errno == EINVAL || errno == ENOTSUP ? 0 : -1;
}

static int finish_temporary(const struct output *o, int fd, const struct file_part *parts,
                            int count)
{
    int result = 0;
    off_t size = 0;
    struct stat info;
    for (int i = 0; i < count && result == 0; i++) {
        result = write_all(fd, parts[i].data, parts[i].size);
        size += (off_t)parts[i].size;
    }
    if (result == 0 && (fstat(fd, &info) != 0 || info.st_size != size)) {
        errno = EIO; /* a file system that lost some of it */
        result = -1;
    }
    if (result == 0 && o->replaced && fchmod(fd, o->replaced & 0777) != 0)
        result = errno == EPERM || errno == ENOTSUP ? 0 : -1; /* FAT has no permissions to keep */
    if (result == 0)
        result = sync_file(fd);
    int error = errno;
    if (close(fd) != 0 && errno != EINTR && result == 0)
        return -1;
    errno = error;
    return result;
}

/* Gives the finished file its name. A hard link fails if the name exists, as FILE_KEEP demands. On
 * file systems without hard links, an empty file reserves the name, and rename replaces it. */
static int publish(const struct output *o)
{
    if (o->mode == FILE_OVERWRITE)
        return rename(o->temporary, o->target);
    if (link(o->temporary, o->target) == 0) {
        unlink(o->temporary);
        return 0;
    }
    int fd = open(o->target, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd < 0)
        return -1;
    close(fd);
    if (rename(o->temporary, o->target) == 0)
        return 0;
    int error = errno;
    unlink(o->target);
    errno = error;
    return -1;
}

enum status file_sync_folder(const char *folder, struct diag *diag)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int result = fd < 0 ? 0 : sync_file(fd); /* a folder that cannot be read is no failure */
    int error = errno;
    if (fd >= 0)
        close(fd);
    if (result == 0)
        return STATUS_OK;
    return diag_set(diag, STATUS_IO, "cannot write to the folder %s: %s", folder, strerror(error));
}

/* Is path a regular file of just these bytes? */
static bool holds(const char *path, const struct file_part *parts, int count)
{
    size_t size, wanted = 0;
    unsigned char bytes[1 << 16];
    int fd;
    for (int i = 0; i < count; i++)
        wanted += parts[i].size;
    if (open_regular(&fd, &size, path, NULL) != STATUS_OK)
        return false;
    bool same = size == wanted;
    for (int i = 0; i < count && same; i++) {
        const char *data = parts[i].data;
        for (size_t at = 0; at < parts[i].size && same;) {
            size_t rest = parts[i].size - at, n = rest < sizeof bytes ? rest : sizeof bytes;
            same = read_fully(bytes, n, fd) == (ssize_t)n && memcmp(bytes, data + at, n) == 0;
            at += n;
        }
    }
    close(fd);
    return same;
}

static _Thread_local char tidied[PATH_MAX]; /* the last folder that was */

enum status file_write(const char *path, const void *data, size_t size, enum file_overwrite mode,
                       struct diag *diag)
{
    struct file_part all = {data, size};
    return file_write_parts(path, &all, 1, mode, diag);
}

enum status file_write_parts(const char *path, const struct file_part *parts, int count,
                             enum file_overwrite mode, struct diag *diag)
{
    struct output o;
    output_init(&o, path, mode);
    enum status status = output_inspect(&o, STATUS_IO, diag);
    if (status != STATUS_OK) {
        if (mode == FILE_AGAIN && holds(path, parts, count))
            status = STATUS_OK;
        goto done;
    }
    if (strcmp(tidied, o.folder) != 0) {
        strcpy(tidied, o.folder);
        file_tidy(o.folder);
    }
    int fd = create_temporary(&o);
    if (fd < 0) {
        status = cannot_write(&o, STATUS_IO, diag);
    } else if (finish_temporary(&o, fd, parts, count) != 0 || publish(&o) != 0) {
        status = cannot_write(&o, STATUS_IO, diag);
        unlink(o.temporary);
    } else {
        file_sync_folder(o.folder, NULL); /* the file is complete, whatever this says */
    }
done:
    mem_free(o.target);
    return status;
}

enum status file_append(const char *path, const char *text, size_t size, struct diag *diag)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
    int result = fd < 0 ? -1 : write_all(fd, text, size);
    int error = errno;
    if (fd >= 0 && close(fd) != 0 && errno != EINTR && result == 0) {
        result = -1;
        error = errno;
    }
    if (result != 0)
        return diag_set(diag, STATUS_IO, "cannot write %s: %s", path, strerror(error));
    return STATUS_OK;
}

enum status file_check_output(const char *path, enum file_overwrite mode, struct diag *diag)
{
    struct output o;
    struct stat st;
    output_init(&o, path, mode);
    enum status status = output_inspect(&o, STATUS_OUTPUT, diag);
    if (status != STATUS_OK)
        goto done;
    if (stat(o.folder, &st) != 0 || !S_ISDIR(st.st_mode))
        status = diag_set(diag, STATUS_OUTPUT, "cannot write %s: there is no folder %s; create it",
                          path, o.folder);
    else if (faccessat(AT_FDCWD, o.folder, W_OK | X_OK, AT_EACCESS) != 0)
        status = diag_set(diag, STATUS_OUTPUT, "cannot write %s: folder %s: %s", path, o.folder,
                          strerror(errno));
done:
    mem_free(o.target);
    return status;
}
