/* file_names.c: see file.h: names of files taken apart and put together, and their folders. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "engine/base/file.h"
#include "engine/base/mem.h"

bool file_has_ending(const char *path, const char *endings)
{
    size_t length = strlen(path);
    for (endings += strspn(endings, " "); *endings; endings += strspn(endings, " ")) {
        size_t n = strcspn(endings, " ");
        if (length >= n && strncasecmp(path + length - n, endings, n) == 0)
            return true;
        endings += n;
    }
    return false;
}

/* Without what only says "here" at its beginning, unless that is all. */
static const char *skip_here(const char *name)
{
    const char *rest = name;
    while (rest[0] == '.' && rest[1] == '/')
        rest += 1 + strspn(rest + 1, "/");
    return *rest ? rest : name;
}

enum status file_join(char *out, size_t size, const char *folder, const char *name,
                      struct diag *diag)
{
    size_t length = name[0] == '/' ? 0 : strlen(folder);
    name = length > 0 ? skip_here(name) : name;
    const char *slash = length > 0 && folder[length - 1] != '/' ? "/" : "";
    if (length + strlen(slash) + strlen(name) >= size)
        return diag_set(diag, STATUS_RANGE, "the name %s%s%s is too long", length ? folder : "",
                        slash, name);
    memcpy(out, folder, length);
    strcpy(out + length, slash);
    strcat(out, name);
    return STATUS_OK;
}

enum status file_folder(char *out, size_t size, const char *path, struct diag *diag)
{
    const char *slash = strrchr(path, '/');
    size_t length = slash ? (size_t)(slash - path) : 0;
    if (slash && length == 0)
        length = 1;
    if (length >= size)
        return diag_set(diag, STATUS_RANGE, "the name %s is too long", path);
    memcpy(out, path, length);
    out[length] = 0;
    return STATUS_OK;
}

const char *file_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

int file_stem(const char *path)
{
    const char *name = file_name(path), *dot = strrchr(name, '.');
    return (int)(dot && dot > name ? dot - path : (ptrdiff_t)strlen(path));
}

void file_numbered(char *out, size_t size, const char *path, int n)
{
    enum { REST = 32 }; /* bytes for number and ending */
    int stem = file_stem(path), most = size > REST ? (int)(size - REST) : 0;
    if (n <= 1)
        snprintf(out, size, "%s", path);
    else
        snprintf(out, size, "%.*s-%d%s", stem > most ? most : stem, path, n, path + stem);
}

enum status file_make_folders(const char *path, unsigned mode, struct diag *diag)
{
    char *folder = mem_text(path);
    enum status status = STATUS_OK;
    for (char *slash = folder; *slash && (slash = strchr(slash + 1, '/'));) {
        *slash = 0;
        if (mkdir(folder, (mode_t)mode) != 0 && errno != EEXIST) {
            status = diag_set(diag, STATUS_OUTPUT, "cannot create the folder %s: %s", folder,
                              strerror(errno));
            break;
        }
        *slash = '/';
    }
    mem_free(folder);
    return status;
}

bool file_same(const char *a, const char *b)
{
    struct stat one, other;
    return stat(a, &one) == 0 && stat(b, &other) == 0 && one.st_dev == other.st_dev &&
           one.st_ino == other.st_ino;
}
