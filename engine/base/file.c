/* file.c: see file.h: reading. */
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
    if (errno == ENOENT && strstr(path, "://"))
        return diag_set(diag, STATUS_INPUT,
                        "cannot read %s: that is an address, and only files are read; save it "
                        "first",
                        path);
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
