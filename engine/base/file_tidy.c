/*
 * file_tidy.c: see file.h. What a process that was killed while it wrote has left behind.
 */
#include "engine/base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* Writing takes less; a process of another machine, whose number means nothing here, may be at it.
 */
static const time_t least_age = 3600;

/* The process that a temporary file's name names; 0: it is no such name. */
static long owner_of(const char *name)
{
    long process;
    int number, end = 0;
    bool named = sscanf(name, ".strata-%ld-%d.tmp%n", &process, &number, &end) == 2 && end > 0 &&
                 !name[end];
    return named && process > 0 ? process : 0;
}

static bool is_left(int folder, const char *name)
{
    struct stat st;
    if (kill((pid_t)owner_of(name), 0) == 0 || errno != ESRCH)
        return false;
    return fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode) &&
           st.st_uid == geteuid() && time(NULL) - st.st_mtime > least_age;
}

void file_tidy(const char *folder)
{
    int error = errno;
    DIR *open = opendir(folder);
    for (struct dirent *d; open && (d = readdir(open));)
        if (owner_of(d->d_name) && is_left(dirfd(open), d->d_name))
            unlinkat(dirfd(open), d->d_name, 0);
    if (open)
        closedir(open);
    errno = error;
}

void file_sweep(const char *folder, long process)
{
    DIR *open = opendir(*folder ? folder : ".");
    for (struct dirent *d; open && (d = readdir(open));) {
        long owner = owner_of(d->d_name);
        if (owner && (process == 0 || owner == process))
            unlinkat(dirfd(open), d->d_name, 0);
    }
    if (open)
        closedir(open);
}
