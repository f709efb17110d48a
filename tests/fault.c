/*
 * fault.c: a library to be loaded before the C library's (LD_PRELOAD), that has a program's calls
 * to the file system fail, or kills it there: see crash.py. The environment says which call
 * (FAULT_CALL), which of them in the whole process (FAULT_AT, from 1), whether all after it, too
 * (FAULT_FOR_GOOD), and what happens (FAULT_DO: kill, or an errno). FAULT_COUNT names a file that
 * is told how many there were.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

static atomic_int count;

static void tell_count(void)
{
    FILE *f = getenv("FAULT_COUNT") ? fopen(getenv("FAULT_COUNT"), "w") : NULL;
    if (f) {
        fprintf(f, "%d\n", atomic_load(&count));
        fclose(f);
    }
}

/* Is it to fail? Then errno says with what. */
static int fails(const char *call)
{
    const char *which = getenv("FAULT_CALL"), *at = getenv("FAULT_AT"), *what = getenv("FAULT_DO");
    static atomic_int registered;
    if (!which || strcmp(which, call) != 0)
        return 0;
    if (!atomic_exchange(&registered, 1))
        atexit(tell_count);
    int now = atomic_fetch_add(&count, 1) + 1, wanted = at ? atoi(at) : 0;
    if (!what || wanted == 0 || (getenv("FAULT_FOR_GOOD") ? now < wanted : now != wanted))
        return 0;
    if (strcmp(what, "kill") == 0)
        kill(getpid(), SIGKILL);
    errno = atoi(what);
    return 1;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

ssize_t write(int fd, const void *data, size_t size)
{
    return fd > 2 && fails("write") ? -1 : REAL(write)(fd, data, size);
}

int fsync(int fd)
{
    return fails("fsync") ? -1 : REAL(fsync)(fd);
}

int rename(const char *from, const char *to)
{
    return fails("rename") ? -1 : REAL(rename)(from, to);
}

int link(const char *from, const char *to)
{
    return fails("link") ? -1 : REAL(link)(from, to);
}

int unlink(const char *path)
{
    return fails("unlink") ? -1 : REAL(unlink)(path);
}

int mkdir(const char *path, mode_t mode)
{
    return fails("mkdir") ? -1 : REAL(mkdir)(path, mode);
}

/* Only where a file may be made. */
int open(const char *path, int flags, ...)
{
    va_list arguments;
    va_start(arguments, flags);
    mode_t mode = flags & O_CREAT ? va_arg(arguments, mode_t) : 0;
    va_end(arguments);
    return flags & O_CREAT && fails("open") ? -1 : REAL(open)(path, flags, mode);
}

int close(int fd)
{
    if (!fails("close"))
        return REAL(close)(fd);
    int error = errno;
    REAL(close)(fd);
    errno = error;
    return -1;
}
