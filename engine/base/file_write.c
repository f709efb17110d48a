/* file_write.c: see file.h: writing. */
#include "engine/base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/base/mem.h"

/* The place of an output */

struct place {
    const char *path; /* as the user named it */
    char *target;     /* where that leads to; heap */
    char folder[PATH_MAX], temporary[PATH_MAX];
    mode_t replaced; /* st_mode of the file that is there already, or 0 */
    enum file_overwrite mode;
};

static enum status cannot_write(const struct place *o, enum status status, struct diag *diag)
{
    if (errno == EEXIST)
        return diag_set(diag, status,
                        "%s exists already; choose another name or overwrite it",
                        o->path);
    return diag_set(diag, status, "cannot write %s: %s", o->path, strerror(errno));
}

/* Finds out what exists at the target; what must not be replaced is refused with status refusal. */
static enum status place_inspect(struct place *o, enum status refusal, struct diag *diag)
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

static void place_init(struct place *o, const char *path, enum file_overwrite mode)
{
    char *real = mode == FILE_OVERWRITE ? realpath(path, NULL) : NULL;
    *o = (struct place){.path = path, .target = real, .mode = mode};
    if (!real)
        o->target = mode == FILE_OVERWRITE ? follow_links(path) : mem_text(path);
}

/* Creates an empty file under a new name in the folder: its descriptor, or -1 and errno. */
static int create_temporary(struct place *o)
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

/* Syncs and closes a temporary file of so many bytes. */
static int finish_temporary(const struct place *o, int fd, off_t size)
{
    int result = 0;
    struct stat info;
    if (fstat(fd, &info) != 0 || info.st_size != size) {
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
static int publish(const struct place *o)
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

/* An output under way */

enum { COLLECTED = 1 << 16 };

struct file_output {
    struct place place;
    char *path;   /* a copy for it */
    int fd;       /* of the temporary file, or -1 */
    FILE *there;  /* FILE_AGAIN: what is there already, and is compared */
    off_t size;   /* of what has been appended */
    size_t count; /* bytes that are collected */
    unsigned char collected[COLLECTED];
};

static _Thread_local char tidied[PATH_MAX]; /* the last folder that was */

static enum status output_begin(struct file_output *o, struct diag *diag)
{
    struct place *place = &o->place;
    size_t size;
    enum status status = place_inspect(place, STATUS_IO, diag);
    if (status != STATUS_OK && place->mode == FILE_AGAIN &&
        file_open(&o->there, &size, place->path, NULL) == STATUS_OK)
        return STATUS_OK;
    if (status != STATUS_OK)
        return status;
    if (strcmp(tidied, place->folder) != 0) {
        strcpy(tidied, place->folder);
        file_tidy(place->folder);
    }
    o->fd = create_temporary(place);
    if (o->fd >= 0)
        return STATUS_OK;
    *place->temporary = 0; /* that name is another's */
    return cannot_write(place, STATUS_IO, diag);
}

enum status file_output_open(struct file_output **out, const char *path, enum file_overwrite mode,
                             struct diag *diag)
{
    struct file_output *o = mem_new(sizeof *o);
    o->path = mem_text(path);
    place_init(&o->place, o->path, mode);
    o->fd = -1;
    enum status status = output_begin(o, diag);
    if (status == STATUS_OK)
        *out = o;
    else
        file_output_close(&o);
    return status;
}

static enum status differs(const struct file_output *o, struct diag *diag)
{
    errno = EEXIST;
    return cannot_write(&o->place, STATUS_IO, diag);
}

static enum status compare(struct file_output *o, const unsigned char *data, size_t size,
                           struct diag *diag)
{
    unsigned char bytes[1 << 12];
    while (size > 0) {
        size_t n = size < sizeof bytes ? size : sizeof bytes;
        if (fread(bytes, 1, n, o->there) != n || memcmp(bytes, data, n) != 0)
            return differs(o, diag);
        data += n;
        size -= n;
    }
    return STATUS_OK;
}

static enum status put(struct file_output *o, const void *data, size_t size, struct diag *diag)
{
    if (o->there)
        return compare(o, data, size, diag);
    return write_all(o->fd, data, size) == 0 ? STATUS_OK
                                             : cannot_write(&o->place, STATUS_IO, diag);
}

static enum status put_collected(struct file_output *o, struct diag *diag)
{
    size_t count = o->count;
    o->count = 0;
    return put(o, o->collected, count, diag);
}

enum status file_output_append(struct file_output *o, const void *data, size_t size,
                               struct diag *diag)
{
    o->size += (off_t)size;
    if (size > COLLECTED - o->count)
        TRY(put_collected(o, diag));
    if (size > COLLECTED)
        return put(o, data, size, diag);
    if (size > 0)
        memcpy(o->collected + o->count, data, size);
    o->count += size;
    return STATUS_OK;
}

enum status file_output_finish(struct file_output *o, struct diag *diag)
{
    TRY(put_collected(o, diag));
    if (o->there)
        return getc(o->there) == EOF ? STATUS_OK : differs(o, diag);
    int fd = o->fd;
    o->fd = -1;
    if (finish_temporary(&o->place, fd, o->size) != 0 || publish(&o->place) != 0)
        return cannot_write(&o->place, STATUS_IO, diag);
    *o->place.temporary = 0;
    file_sync_folder(o->place.folder, NULL); /* the file is complete, whatever this says */
    return STATUS_OK;
}

void file_output_close(struct file_output **output)
{
    struct file_output *o = *output;
    *output = NULL;
    if (!o)
        return;
    if (o->fd >= 0)
        close(o->fd);
    if (o->there)
        fclose(o->there);
    if (*o->place.temporary)
        unlink(o->place.temporary);
    mem_free(o->place.target);
    mem_free(o->path);
    mem_free(o);
}

enum status file_write_parts(const char *path, const struct file_part *parts, int count,
                             enum file_overwrite mode, struct diag *diag)
{
    struct file_output *o;
    TRY(file_output_open(&o, path, mode, diag));
    enum status status = STATUS_OK;
    for (int i = 0; i < count && status == STATUS_OK; i++)
        status = file_output_append(o, parts[i].data, parts[i].size, diag);
    if (status == STATUS_OK)
        status = file_output_finish(o, diag);
    file_output_close(&o);
    return status;
}

enum status file_write(const char *path, const void *data, size_t size, enum file_overwrite mode,
                       struct diag *diag)
{
    struct file_part all = {data, size};
    return file_write_parts(path, &all, 1, mode, diag);
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
    struct place o;
    struct stat st;
    place_init(&o, path, mode);
    enum status status = place_inspect(&o, STATUS_OUTPUT, diag);
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
