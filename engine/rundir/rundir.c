/* rundir.c: see rundir.h: making, locking and leaving a directory. */
#include "engine/rundir/rundir.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/base/dirs.h"
#include "engine/base/file.h"
#include "engine/base/mem.h"
#include "engine/rundir/rundir_private.h"

enum { NAME = 40 }; /* bytes of the name after the date */

void rundir_join(char out[JOB_PATH], const char *folder, const char *name)
{
    if (file_join(out, JOB_PATH, folder, name, NULL) != STATUS_OK)
        out[0] = 0; /* a path that is too long was refused when the directory was opened */
}

void rundir_file(char out[JOB_PATH], const struct rundir *dir, const char *name)
{
    rundir_join(out, dir->path, name);
}

const char *rundir_path(const struct rundir *dir)
{
    return dir->path;
}

/* ---- the lock ----------------------------------------------------------------------------- */

/* The other machine's clock and ours may differ; its checkpoints come much oftener than this. */
enum { FOREIGN_SECONDS = 120 };

void rundir_owner_read(struct rundir_owner *out, const char *folder)
{
    char path[JOB_PATH], text[100] = "";
    *out = (struct rundir_owner){.held = false};
    rundir_join(path, folder, "lock");
    int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0)
        return;
    ssize_t n = read(fd, text, sizeof text - 1);
    if (n > 0 && sscanf(text, "%63s %ld", out->host, &out->pid) != 2)
        out->host[0] = 0;
    out->held = flock(fd, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
    close(fd);
}

static void own_host(char out[64])
{
    if (gethostname(out, 64) != 0)
        out[0] = 0;
    out[63] = 0;
    for (char *c = out; *c; c++)
        if (!isgraph((unsigned char)*c))
            *c = '_';
    if (!out[0])
        strcpy(out, "unknown");
}

static enum status is_run(const char *path, const struct rundir_owner *owner, struct diag *diag)
{
    return diag_set(diag, STATUS_USAGE,
                    "%s is being run by process %ld on %s; strata attach looks at it, or end it "
                    "first", path, owner->pid, owner->host[0] ? owner->host : "this machine");
}

/* Where locks do not reach other machines, the last sign of life counts. */
static bool lives_elsewhere(const char *folder, const struct rundir_owner *owner)
{
    char host[64], path[JOB_PATH];
    struct stat info;
    own_host(host);
    rundir_join(path, folder, "checkpoint");
    return owner->host[0] && strcmp(owner->host, host) != 0 && stat(path, &info) == 0 &&
           time(NULL) - info.st_mtime < FOREIGN_SECONDS;
}

/* Who only looks (rundir_owner_read) holds it for an instant, too. Where the file system has no
 * locks, the run goes without. */
static bool take_lock(int fd)
{
    enum { ATTEMPTS = 20, WAIT_NS = 10000000 };
    for (int i = 0; i < ATTEMPTS; i++) {
        if (flock(fd, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK)
            return true;
        nanosleep(&(struct timespec){0, WAIT_NS}, NULL);
    }
    return false;
}

/* What stands in it is another's. */
static void give_up_lock(struct rundir *d)
{
    close(d->lock);
    d->lock = -1;
}

/* before: who had it. */
static enum status lock(struct rundir *d, struct rundir_owner *before, struct diag *diag)
{
    char path[JOB_PATH], text[100], host[64];
    rundir_join(path, d->path, "lock");
    rundir_owner_read(before, d->path);
    d->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (d->lock < 0)
        return diag_set(diag, STATUS_OUTPUT, "cannot write %s: %s", path, strerror(errno));
    if (!take_lock(d->lock)) {
        give_up_lock(d);
        return is_run(d->path, before, diag);
    }
    if (lives_elsewhere(d->path, before)) {
        give_up_lock(d);
        return diag_set(diag, STATUS_USAGE,
                        "%s was being run by process %ld on %s until a moment ago; if it is not "
                        "any more, try again in two minutes", d->path, before->pid, before->host);
    }
    own_host(host);
    int n = snprintf(text, sizeof text, "%s %ld\n", host, (long)getpid());
    if (ftruncate(d->lock, 0) != 0 || pwrite(d->lock, text, (size_t)n, 0) != n)
        return diag_set(diag, STATUS_OUTPUT, "cannot write %s: %s", path, strerror(errno));
    return STATUS_OK;
}

void rundir_close(struct rundir **dir)
{
    if (!*dir)
        return;
    if ((*dir)->lock >= 0) {
        if (ftruncate((*dir)->lock, 0) != 0)
            errno = 0; /* the process's number stays in it, and is no longer true */
        close((*dir)->lock);
    }
    mem_free(*dir);
    *dir = NULL;
}

/* ---- opening ------------------------------------------------------------------------------ */

/* Folders of others are not written to, and what is ours others may not read. */
static enum status check_owner(const char *path, struct diag *diag)
{
    struct stat info;
    if (lstat(path, &info) != 0)
        return diag_set(diag, STATUS_OUTPUT, "cannot use %s: %s", path, strerror(errno));
    if (!S_ISDIR(info.st_mode))
        return diag_set(diag, STATUS_OUTPUT, "%s is no folder", path);
    if (info.st_uid != geteuid())
        return diag_set(diag, STATUS_OUTPUT, "%s belongs to another user", path);
    if (info.st_mode & 077 && chmod(path, 0700) != 0)
        return diag_set(diag, STATUS_OUTPUT, "%s is open to other users: %s", path,
                        strerror(errno));
    return STATUS_OK;
}

enum status rundir_root(char out[JOB_PATH], struct diag *diag)
{
    if (!dirs_path(out, JOB_PATH - 200, DIRS_STATE, "runs"))
        return diag_set(diag, STATUS_OUTPUT,
                        "there is no folder for the run's state, since HOME is not set; set it, or "
                        "XDG_STATE_HOME");
    return STATUS_OK;
}

/* "20261128-143005-coast" */
static void make_name(char out[NAME + 32], const struct job *job)
{
    char date[20];
    time_t now = time(NULL);
    struct tm when;
    const char *stem = file_name(job->content);
    int length = file_stem(stem), used;
    strftime(date, sizeof date, "%Y%m%d-%H%M%S", localtime_r(&now, &when));
    used = snprintf(out, NAME + 32, "%s-%.*s", date, length < NAME ? length : NAME, stem);
    for (int i = (int)strlen(date); i < used; i++)
        if (!isalnum((unsigned char)out[i]) && !strchr("-_.", out[i]))
            out[i] = '_';
}

/* The directory and the files in it that are a run's. */
static void remove_all(const char *path)
{
    static const char *const names[] = {"job.ini", "losses.csv", "latest.png", "log", "attach",
                                        "checkpoint.new", "checkpoint", "checkpoint.old", "lock"};
    char file[JOB_PATH];
    DIR *folder = opendir(path);
    for (struct dirent *d; folder && (d = readdir(folder));)
        if (strncmp(d->d_name, "kept-", 5) == 0 || strncmp(d->d_name, "part", 4) == 0)
            unlinkat(dirfd(folder), d->d_name, 0);
    if (folder)
        closedir(folder);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        rundir_join(file, path, names[i]);
        unlink(file);
    }
    file_sweep(path, 0);
    rmdir(path);
}

static enum status cannot_create(const char *path, struct diag *diag)
{
    return diag_set(diag, STATUS_OUTPUT, "cannot create the folder %s: %s", path, strerror(errno));
}

/* Begins the names of folders that are not yet a run's; the host and the process follow. */
static const char unborn[] = ".new-";

/* What a process that was killed has not made a run's folder of. */
static void remove_unborn(const char *root, const char *host)
{
    DIR *folder = opendir(root);
    size_t begin = strlen(unborn), length = strlen(host);
    for (struct dirent *d; folder && (d = readdir(folder));) {
        char path[JOB_PATH];
        if (strncmp(d->d_name, unborn, begin) != 0 ||
            strncmp(d->d_name + begin, host, length) != 0 || d->d_name[begin + length] != '-')
            continue;
        long process = strtol(d->d_name + begin + length + 1, NULL, 10);
        rundir_join(path, root, d->d_name);
        if (process > 0 && kill((pid_t)process, 0) != 0 && errno == ESRCH)
            remove_all(path);
    }
    if (folder)
        closedir(folder);
}

/* A new folder below root, under a name of its own until it is a run's. */
static enum status make_below(char out[JOB_PATH], const char *root, struct diag *diag)
{
    char name[128], below[JOB_PATH], host[64];
    snprintf(below, sizeof below, "%.*s/", JOB_PATH - 2, root);
    TRY(file_make_folders(below, 0700, diag));
    TRY(check_owner(root, diag));
    own_host(host);
    remove_unborn(root, host);
    snprintf(name, sizeof name, "%s%s-%ld", unborn, host, (long)getpid());
    TRY(file_join(out, JOB_PATH - 40, root, name, diag));
    return mkdir(out, 0700) == 0 ? STATUS_OK : cannot_create(out, diag);
}

/* Its name for good, which says when and what. */
static enum status name_it(char path[JOB_PATH], const char *root, const struct job *job,
                           struct diag *diag)
{
    enum { ATTEMPTS = 1000 };
    char name[NAME + 32], numbered[NAME + 64], final[JOB_PATH];
    make_name(name, job);
    for (int i = 1; i < ATTEMPTS; i++) {
        snprintf(numbered, sizeof numbered, i > 1 ? "%s-%d" : "%s", name, i);
        TRY(file_join(final, JOB_PATH - 40, root, numbered, diag));
        if (rename(path, final) == 0) { /* a folder that is not empty is not replaced */
            memcpy(path, final, JOB_PATH);
            return STATUS_OK;
        }
        if (errno != EEXIST && errno != ENOTEMPTY)
            break;
    }
    return cannot_create(final, diag);
}

static bool is_empty(const char *path)
{
    bool empty = true;
    DIR *folder = opendir(path);
    for (struct dirent *d; folder && empty && (d = readdir(folder));)
        empty = strcmp(d->d_name, ".") == 0 || strcmp(d->d_name, "..") == 0;
    if (folder)
        closedir(folder);
    return folder && empty;
}

static enum status make_at(char out[JOB_PATH], const char *path, struct diag *diag)
{
    char below[JOB_PATH], here[JOB_PATH];
    TRY(file_join(out, JOB_PATH - 40, path[0] == '/' || !getcwd(here, sizeof here) ? "" : here,
                  path, diag));
    size_t n = strlen(out);
    while (n > 1 && out[n - 1] == '/')
        out[--n] = 0;
    snprintf(below, sizeof below, "%s/", out);
    if (access(out, F_OK) == 0 && !is_empty(out))
        return diag_set(diag, STATUS_OUTPUT,
                        "%s is no empty folder and holds no run; name another --run-dir", path);
    TRY(file_make_folders(below, 0700, diag));
    return check_owner(out, diag);
}

static enum status write_job(const struct rundir *d, const struct job *job, struct diag *diag)
{
    char path[JOB_PATH];
    char *text = rundir_job_text(job, d->path);
    rundir_join(path, d->path, "job.ini");
    enum status status = file_write(path, text, strlen(text), FILE_KEEP, diag);
    mem_free(text);
    return status;
}

char *rundir_job_text(const struct job *job, const char *folder)
{
    struct job *asked = mem_new(sizeof *asked);
    *asked = *job;
    asked->painted[0] = 0;
    char *text = job_print(asked, folder);
    mem_free(asked);
    return text;
}

void rundir_discard(struct rundir **dir)
{
    remove_all((*dir)->path);
    rundir_close(dir);
}

enum status rundir_create(struct rundir **out, const char *path, const struct job *job,
                          struct diag *diag)
{
    char root[JOB_PATH];
    struct rundir_owner before;
    struct rundir *d = mem_new(sizeof *d);
    d->lock = -1;
    enum status status = path[0] ? make_at(d->path, path, diag) : rundir_root(root, diag);
    if (status == STATUS_OK && !path[0])
        status = make_below(d->path, root, diag);
    bool made = status == STATUS_OK;
    if (status == STATUS_OK)
        status = lock(d, &before, diag);
    if (status == STATUS_OK)
        status = write_job(d, job, diag);
    if (status == STATUS_OK && !path[0])
        status = name_it(d->path, root, job, diag);
    if (status == STATUS_OK) {
        *out = d;
        return STATUS_OK;
    }
    if (made && !path[0])
        remove_all(d->path);
    rundir_close(&d);
    return status;
}

/* What a process that was killed was about to write to the output's folder. */
static void sweep_output(const char *path, long process)
{
    char file[JOB_PATH], folder[JOB_PATH];
    struct job *job = mem_new(sizeof *job);
    rundir_join(file, path, "job.ini");
    if (process > 0 && job_read(job, file, NULL) == STATUS_OK &&
        file_folder(folder, sizeof folder, job->output, NULL) == STATUS_OK)
        file_sweep(folder, process);
    mem_free(job);
}

enum status rundir_open(struct rundir **out, const char *path, struct diag *diag)
{
    struct rundir_owner before;
    char file[JOB_PATH] = "";
    char *real = realpath(path, NULL);
    struct rundir *d = mem_new(sizeof *d);
    d->lock = -1;
    enum status status = STATUS_OK;
    if (real)
        status = file_join(d->path, JOB_PATH - 40, "", real, diag);
    rundir_join(file, d->path, "job.ini");
    if (!real || (status == STATUS_OK && access(file, F_OK) != 0))
        status = diag_set(diag, STATUS_INPUT, "%s is no run's folder", path);
    free(real);
    if (status == STATUS_OK)
        status = check_owner(d->path, diag);
    if (status == STATUS_OK)
        status = lock(d, &before, diag);
    if (status != STATUS_OK) {
        rundir_close(&d);
        return status;
    }
    file_sweep(d->path, 0);
    sweep_output(d->path, before.pid);
    *out = d;
    return STATUS_OK;
}
