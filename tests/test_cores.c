/*
 * test_cores.c: how many threads, on machines that are made up of files.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "engine/host/cores.h"
#include "tests/lib/folder.h"

/* A file of the machine, with the folders it lies in. */
static void put(const char *path, const char *text)
{
    char full[1024];
    snprintf(full, sizeof full, "%s%s", folder, path);
    for (char *slash = full + strlen(folder) + 1; (slash = strchr(slash, '/')); slash++) {
        *slash = 0;
        mkdir(full, 0700);
        *slash = '/';
    }
    FILE *f = fopen(full, "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

/* Four cores of two threads each, all allowed. */
static int make_machine(void **state)
{
    static const char *const siblings[] = {"0,4\n", "1,5\n", "2,6\n", "3,7\n"};
    if (make_folder(state))
        return -1;
    put("/proc/self/status", "Name:\tx\nCpus_allowed:\tff\nCpus_allowed_list:\t0-7\n");
    for (int cpu = 0; cpu < 8; cpu++) {
        char path[128];
        snprintf(path, sizeof path, "/sys/devices/system/cpu/cpu%d/topology/thread_siblings_list",
                 cpu);
        put(path, siblings[cpu % 4]);
    }
    return 0;
}

static int remove_machine(void **state)
{
    char command[300];
    (void)state;
    snprintf(command, sizeof command, "rm -r '%s'", folder);
    return system(command);
}

static void threads_of_one_core_count_once(void **state)
{
    (void)state;
    assert_int_equal(cores_usable(folder), 4);
}

static void only_processors_that_are_allowed_count(void **state)
{
    (void)state;
    put("/proc/self/status", "Cpus_allowed_list:\t1,3-4\n");
    assert_int_equal(cores_usable(folder), 3);
    put("/proc/self/status", "Cpus_allowed_list:\t2,6\n");
    assert_int_equal(cores_usable(folder), 1);
}

static void the_time_that_groups_leave_is_the_most(void **state)
{
    (void)state;
    put("/proc/self/cgroup", "0::/a/b\n");
    put("/sys/fs/cgroup/a/b/cpu.max", "max 100000\n");
    assert_int_equal(cores_usable(folder), 4);
    put("/sys/fs/cgroup/a/cpu.max", "250000 100000\n");
    assert_int_equal(cores_usable(folder), 3);
    put("/sys/fs/cgroup/a/b/cpu.max", "50000 100000\n");
    assert_int_equal(cores_usable(folder), 1);
}

static void groups_of_version_1_count_too(void **state)
{
    (void)state;
    put("/proc/self/cgroup", "5:memory:/z\n4:cpu,cpuacct:/a\n");
    put("/sys/fs/cgroup/cpu/a/cpu.cfs_quota_us", "-1\n");
    put("/sys/fs/cgroup/cpu/a/cpu.cfs_period_us", "100000\n");
    assert_int_equal(cores_usable(folder), 4);
    put("/sys/fs/cgroup/cpu/a/cpu.cfs_quota_us", "200000\n");
    assert_int_equal(cores_usable(folder), 2);
}

static void without_any_file_there_is_one(void **state)
{
    (void)state;
    assert_int_equal(cores_usable("/nowhere"), 1);
    put("/proc/self/status", "Cpus_allowed_list:\tnonsense\n");
    put("/proc/self/cgroup", "nonsense\n0::\n:::\n");
    assert_int_equal(cores_usable(folder), 1);
}

#define CLAIM(test) cmocka_unit_test_setup_teardown(test, make_machine, remove_machine)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAIM(threads_of_one_core_count_once),
        CLAIM(only_processors_that_are_allowed_count),
        CLAIM(the_time_that_groups_leave_is_the_most),
        CLAIM(groups_of_version_1_count_too),
        CLAIM(without_any_file_there_is_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
