/* test_file_tidy.c: what killed processes leave behind is removed, and nothing else. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "engine/base/file.h"
#include "tests/lib/folder.h"

/* A process that is no more. */
static long gone(void)
{
    pid_t child = fork();
    if (child == 0)
        _exit(0);
    assert_true(child > 0);
    waitpid(child, NULL, 0);
    return child;
}

static const char *leave(const char *format, long process, int age)
{
    static char path[512];
    char name[64];
    snprintf(name, sizeof name, format, process);
    snprintf(path, sizeof path, "%s", in_folder(name));
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    fclose(f);
    struct timespec times[2] = {{time(NULL) - age, 0}, {time(NULL) - age, 0}};
    assert_int_equal(utimensat(-1, path, times, 0), 0);
    return path;
}

static bool stays(const char *format, long process, int age)
{
    const char *path = leave(format, process, age);
    file_tidy(folder);
    return unlink(path) == 0;
}

static void only_old_files_of_processes_that_are_gone_are_removed(void **state)
{
    (void)state;
    enum { OLD = 7200, NEW = 60 };
    static const char name[] = ".strata-%ld-0.tmp";
    long process = gone();
    assert_false(stays(name, process, OLD));
    assert_true(stays(name, process, NEW));
    assert_true(stays(name, getpid(), OLD));
    assert_true(stays(".strata-%ld-0.tmpx", process, OLD));
    assert_true(stays("x.strata-%ld-0.tmp", process, OLD));
    assert_true(stays(".strata-%ld.tmp", process, OLD));
    assert_true(stays(".strata--%ld-0.tmp", process, OLD));
}

static void a_file_that_is_written_tidies_its_folder(void **state)
{
    (void)state;
    struct diag diag;
    char left[512];
    snprintf(left, sizeof left, "%s", leave(".strata-%ld-3.tmp", gone(), 7200));
    assert_int_equal(file_write(in_folder("x"), "x", 1, FILE_KEEP, &diag), STATUS_OK);
    assert_int_not_equal(access(left, F_OK), 0);
    unlink(in_folder("x"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_old_files_of_processes_that_are_gone_are_removed),
        cmocka_unit_test(a_file_that_is_written_tidies_its_folder),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
