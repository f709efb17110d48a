/*
 * test_file.c: whole files or none. System calls that seldom fail are put in the way here, so that
 * their failures can be tried one by one.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "engine/base/file.h"
#include "engine/base/mem.h"

static struct diag diag;
static char folder[4096], path[4200], other[4200];

/* Stand-ins for the C library's */

static int link_error, fsync_error, close_error, rename_error;
static bool in_bits; /* every second read or write is interrupted, the others take 3 bytes */
static const char *appears; /* a file that somebody else makes while ours is being synced */

static void put(const char *name, const char *text)
{
    FILE *f = fopen(name, "wb");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

int link(const char *from, const char *to)
{
    errno = link_error;
    return link_error ? -1 : linkat(AT_FDCWD, from, AT_FDCWD, to, 0);
}

int rename(const char *from, const char *to)
{
    errno = rename_error;
    return rename_error ? -1 : renameat(AT_FDCWD, from, AT_FDCWD, to);
}

int fsync(int fd)
{
    if (appears)
        put(appears, "theirs");
    errno = fsync_error;
    return fsync_error ? -1 : (int)syscall(SYS_fsync, fd);
}

int close(int fd)
{
    int result = (int)syscall(SYS_close, fd);
    if (close_error)
        errno = close_error;
    return close_error ? -1 : result;
}

static bool interrupted(void)
{
    static unsigned calls;
    errno = EINTR;
    return in_bits && calls++ % 2 == 0;
}

ssize_t write(int fd, const void *data, size_t size)
{
    if (interrupted())
        return -1;
    return syscall(SYS_write, fd, data, in_bits && size > 3 ? 3 : size);
}

ssize_t read(int fd, void *data, size_t size)
{
    if (interrupted())
        return -1;
    return syscall(SYS_read, fd, data, in_bits && size > 3 ? 3 : size);
}

/* What a folder of our own holds */

static int setup(void **state)
{
    (void)state;
    const char *tmp = getenv("TMPDIR");
    snprintf(folder, sizeof folder, "%s/strata-file-XXXXXX", tmp ? tmp : "/tmp");
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof path, "%s/out.bin", folder);
    snprintf(other, sizeof other, "%s/other", folder);
    link_error = fsync_error = close_error = rename_error = 0;
    in_bits = false;
    appears = NULL;
    return 0;
}

static int entries(void)
{
    DIR *d = opendir(folder);
    assert_non_null(d);
    int n = 0;
    for (struct dirent *e = readdir(d); e; e = readdir(d))
        n += strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
    closedir(d);
    return n;
}

static int teardown(void **state)
{
    (void)state;
    chmod(folder, 0700);
    DIR *d = opendir(folder);
    for (struct dirent *e = d ? readdir(d) : NULL; e; e = readdir(d))
        if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0) {
            char name[4500];
            snprintf(name, sizeof name, "%s/%s", folder, e->d_name);
            remove(name);
        }
    if (d)
        closedir(d);
    return rmdir(folder);
}

static void assert_holds(const char *name, const char *text)
{
    unsigned char *data;
    size_t size;
    assert_int_equal(file_read(&data, &size, name, 1 << 20, &diag), STATUS_OK);
    assert_int_equal(size, strlen(text));
    assert_string_equal((char *)data, text);
    mem_free(data);
}

static enum status write_text(const char *text, enum file_overwrite mode)
{
    return file_write(path, text, strlen(text), mode, &diag);
}

static void assert_refused(enum status got, enum status expected, const char *named)
{
    assert_int_equal(got, expected);
    assert_int_equal(diag.status, expected);
    assert_non_null(strstr(diag.text, named));
}

static mode_t permissions(const char *name)
{
    struct stat st;
    assert_int_equal(lstat(name, &st), 0);
    return st.st_mode & 07777;
}

/* Reading */

/* Who opens the file of that name from now on is seen. */
static int watch(const char *name)
{
    int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    assert_true(fd >= 0);
    assert_true(inotify_add_watch(fd, name, IN_OPEN) >= 0);
    return fd;
}

static bool was_opened(int watch)
{
    char events[4096];
    bool opened = (read)(watch, events, sizeof events) > 0;
    (close)(watch);
    return opened;
}

static void what_is_no_readable_file_is_refused_by_name(void **state)
{
    (void)state;
    unsigned char *data = NULL;
    size_t size = 7;
    char text[4300];
    snprintf(text, sizeof text, "cannot read %s: No such file or directory", path);
    assert_refused(file_read(&data, &size, path, 100, &diag), STATUS_INPUT, text);
    assert_refused(file_read(&data, &size, folder, 100, &diag), STATUS_INPUT, "is a folder");
    assert_refused(file_read(&data, &size, "/dev/zero", 100, &diag), STATUS_INPUT, "device");
    assert_refused(file_read(&data, &size, "", 100, &diag), STATUS_INPUT, "empty");
    assert_int_equal(mkfifo(path, 0600), 0);
    int seen = watch(path);
    assert_refused(file_read(&data, &size, path, 100, &diag), STATUS_INPUT, "pipe");
    assert_false(was_opened(seen)); /* a device may do something when it is opened */
    put(other, "123456");
    assert_refused(file_read(&data, &size, other, 5, &diag), STATUS_INPUT, "too large");
    assert_null(data);
    assert_int_equal(size, 7);
}

static void an_empty_file_has_no_bytes(void **state)
{
    (void)state;
    put(path, "");
    assert_holds(path, "");
}

/* Writing */

static void a_new_file_is_there_whole_and_alone(void **state)
{
    (void)state;
    mode_t old = umask(027);
    assert_int_equal(write_text("hello, world", FILE_KEEP), STATUS_OK);
    umask(old);
    assert_holds(path, "hello, world");
    assert_int_equal(entries(), 1);
    assert_int_equal(permissions(path), 0640);
}

static void interrupted_and_short_calls_are_carried_on(void **state)
{
    (void)state;
    unsigned char *data;
    size_t size;
    in_bits = true;
    enum status written = write_text("hello, world", FILE_KEEP);
    enum status got = file_read(&data, &size, path, 100, &diag);
    in_bits = false;
    assert_true(written == STATUS_OK && got == STATUS_OK);
    assert_string_equal((char *)data, "hello, world");
    mem_free(data);
}

static void overwriting_keeps_the_permissions(void **state)
{
    (void)state;
    put(path, "old");
    assert_int_equal(chmod(path, 0606), 0);
    mode_t old = umask(077);
    assert_int_equal(write_text("new", FILE_OVERWRITE), STATUS_OK);
    umask(old);
    assert_holds(path, "new");
    assert_int_equal(permissions(path), 0606);
    assert_int_equal(entries(), 1);
}

static void overwriting_goes_through_a_symbolic_link(void **state)
{
    (void)state;
    put(other, "old");
    assert_int_equal(symlink("other", path), 0);
    assert_refused(write_text("new", FILE_KEEP), STATUS_IO, "exists");
    assert_int_equal(write_text("new", FILE_OVERWRITE), STATUS_OK);
    assert_holds(other, "new");
    assert_int_equal(readlink(path, (char[8]){0}, 8), 5);
    assert_int_equal(entries(), 2);
}

static void keep_replaces_nothing(void **state)
{
    (void)state;
    put(path, "theirs");
    assert_refused(write_text("ours", FILE_KEEP), STATUS_IO, "out.bin exists already");
    assert_holds(path, "theirs");
    assert_int_equal(entries(), 1);
}

static void keep_does_not_replace_what_appears_while_it_writes(void **state)
{
    (void)state;
    const int link_errors[] = {0, EPERM}; /* a file system with hard links, and one without */
    for (int i = 0; i < 2; i++) {
        link_error = link_errors[i];
        appears = path;
        enum status status = write_text("ours", FILE_KEEP);
        appears = NULL;
        assert_refused(status, STATUS_IO, "exists already");
        assert_holds(path, "theirs");
        assert_int_equal(entries(), 1);
        assert_int_equal(unlink(path), 0);
    }
}

static void keep_works_where_there_are_no_hard_links(void **state)
{
    (void)state;
    link_error = EPERM;
    assert_int_equal(write_text("ours", FILE_KEEP), STATUS_OK);
    assert_holds(path, "ours");
    assert_int_equal(entries(), 1);
}

static void a_failure_on_the_way_leaves_the_old_file_and_nothing_else(void **state)
{
    (void)state;
    int *const errors[] = {&fsync_error, &close_error, &rename_error};
    put(path, "old");
    for (int i = 0; i < 3; i++) {
        *errors[i] = EIO;
        enum status status = write_text("new", FILE_OVERWRITE);
        *errors[i] = 0;
        assert_refused(status, STATUS_IO, "out.bin: Input/output error");
        assert_holds(path, "old");
        assert_int_equal(entries(), 1);
    }
    unlink(path);
    link_error = rename_error = EIO;
    assert_refused(write_text("new", FILE_KEEP), STATUS_IO, "Input/output error");
    assert_int_equal(entries(), 0);
}

static void a_full_disk_is_a_sentence_and_leaves_nothing(void **state)
{
    (void)state;
    struct rlimit old, small;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    small = (struct rlimit){1000, old.rlim_max};
    void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    static const char much[3000];
    enum status status = file_write(path, much, sizeof much, FILE_KEEP, &diag);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    signal(SIGXFSZ, handler);
    assert_refused(status, STATUS_IO, "out.bin: File too large");
    assert_int_equal(entries(), 0);
}

static void a_file_in_pieces_is_there_when_it_is_finished(void **state)
{
    (void)state;
    enum { PIECES = 30000 };
    struct file_output *o;
    unsigned char *data;
    size_t size;
    for (int again = 0; again < 2; again++) {
        assert_int_equal(file_output_open(&o, path, FILE_AGAIN, &diag), STATUS_OK);
        for (int i = 0; i < PIECES; i++)
            assert_int_equal(file_output_append(o, &i, sizeof i, &diag), STATUS_OK);
        assert_int_equal(access(path, F_OK) == 0, again);
        assert_int_equal(file_output_finish(o, &diag), STATUS_OK);
        file_output_close(&o);
        assert_null(o);
        assert_int_equal(entries(), 1);
    }
    assert_int_equal(file_read(&data, &size, path, 1 << 20, &diag), STATUS_OK);
    assert_int_equal(size, PIECES * sizeof(int));
    for (int i = 0; i < PIECES; i++)
        assert_memory_equal(data + (size_t)i * sizeof i, &i, sizeof i);
    mem_free(data);
    assert_int_equal(file_output_open(&o, path, FILE_AGAIN, &diag), STATUS_OK);
    assert_int_equal(file_output_append(o, &(int){0}, sizeof(int), &diag), STATUS_OK);
    assert_refused(file_output_finish(o, &diag), STATUS_IO, "exists already");
    file_output_close(&o);
    assert_int_equal(entries(), 1);
}

static void a_file_that_is_given_up_leaves_the_old_one_and_nothing_else(void **state)
{
    (void)state;
    static const char much[100000];
    struct file_output *o;
    put(path, "old");
    assert_int_equal(file_output_open(&o, path, FILE_OVERWRITE, &diag), STATUS_OK);
    assert_int_equal(file_output_append(o, much, sizeof much, &diag), STATUS_OK);
    assert_int_equal(entries(), 2);
    file_output_close(&o);
    assert_holds(path, "old");
    assert_int_equal(entries(), 1);
}

static void a_leftover_of_the_same_name_is_no_obstacle(void **state)
{
    (void)state;
    snprintf(other, sizeof other, "%s/.strata-%ld-0.tmp", folder, (long)getpid());
    put(other, "left over");
    assert_int_equal(write_text("ours", FILE_KEEP), STATUS_OK);
    assert_holds(other, "left over");
    assert_int_equal(entries(), 2);
}

/* Asking before */

static enum status check(const char *name, enum file_overwrite mode)
{
    return file_check_output(name, mode, &diag);
}

static void a_place_is_checked_before_anything_is_computed(void **state)
{
    (void)state;
    char name[4400];
    assert_int_equal(check(path, FILE_KEEP), STATUS_OK);
    int here = open(".", O_RDONLY | O_DIRECTORY);
    assert_int_equal(chdir(folder), 0);
    enum status bare = check("no-folder-named.png", FILE_KEEP);
    assert_int_equal(fchdir(here), 0);
    close(here);
    assert_int_equal(bare, STATUS_OK);
    assert_refused(check(folder, FILE_OVERWRITE), STATUS_OUTPUT, "is a folder");
    assert_refused(check("", FILE_OVERWRITE), STATUS_OUTPUT, "empty");
    assert_refused(check("/dev/null", FILE_OVERWRITE), STATUS_OUTPUT, "/dev/null is a device");
    assert_refused(file_write("/dev/null", "x", 1, FILE_OVERWRITE, &diag), STATUS_IO, "/dev/null");
    snprintf(name, sizeof name, "%s/none/x.png", folder);
    assert_refused(check(name, FILE_KEEP), STATUS_OUTPUT, "there is no folder");
    assert_refused(file_write(name, "x", 1, FILE_KEEP, &diag), STATUS_IO, "No such file");
    snprintf(name, sizeof name, "%s/", folder);
    assert_refused(check(name, FILE_KEEP), STATUS_OUTPUT, "is a folder");
    put(path, "old");
    assert_refused(check(path, FILE_KEEP), STATUS_OUTPUT, "or overwrite it");
    assert_int_equal(check(path, FILE_OVERWRITE), STATUS_OK);
    snprintf(name, sizeof name, "%s/x.png", path);
    assert_refused(check(name, FILE_KEEP), STATUS_OUTPUT, "Not a directory");
    memset(name, 'x', 300);
    name[300] = 0;
    assert_refused(check(name, FILE_KEEP), STATUS_OUTPUT, "File name too long");
    assert_holds(path, "old");
    assert_int_equal(entries(), 1);
}

static void a_folder_that_cannot_be_written_is_refused(void **state)
{
    (void)state;
    bool root = geteuid() == 0; /* whom no permission stops */
    assert_int_equal(chmod(folder, 0555), 0);
    if (root)
        assert_int_equal(seteuid(65534), 0);
    enum status checked = check(path, FILE_KEEP);
    struct diag first = diag;
    enum status written = write_text("x", FILE_KEEP);
    if (root)
        assert_int_equal(seteuid(0), 0);
    assert_refused(written, STATUS_IO, "Permission denied");
    diag = first;
    assert_refused(checked, STATUS_OUTPUT, "Permission denied");
}

static void the_same_bytes_will_do_where_they_may_be_there_already(void **state)
{
    (void)state;
    put(path, "the same");
    assert_int_equal(file_write(path, "the same", 8, FILE_AGAIN, &diag), STATUS_OK);
    assert_refused(file_write(path, "the same", 8, FILE_KEEP, &diag), STATUS_IO, path);
    assert_refused(file_write(path, "the Same", 8, FILE_AGAIN, &diag), STATUS_IO, path);
    assert_refused(file_write(path, "the same.", 9, FILE_AGAIN, &diag), STATUS_IO, path);
    assert_holds(path, "the same");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_no_readable_file_is_refused_by_name),
        TEST(an_empty_file_has_no_bytes),
        TEST(a_new_file_is_there_whole_and_alone),
        TEST(interrupted_and_short_calls_are_carried_on),
        TEST(overwriting_keeps_the_permissions),
        TEST(overwriting_goes_through_a_symbolic_link),
        TEST(keep_replaces_nothing),
        TEST(the_same_bytes_will_do_where_they_may_be_there_already),
        TEST(keep_does_not_replace_what_appears_while_it_writes),
        TEST(keep_works_where_there_are_no_hard_links),
        TEST(a_failure_on_the_way_leaves_the_old_file_and_nothing_else),
        TEST(a_full_disk_is_a_sentence_and_leaves_nothing),
        TEST(a_file_in_pieces_is_there_when_it_is_finished),
        TEST(a_file_that_is_given_up_leaves_the_old_one_and_nothing_else),
        TEST(a_leftover_of_the_same_name_is_no_obstacle),
        TEST(a_place_is_checked_before_anything_is_computed),
        TEST(a_folder_that_cannot_be_written_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
