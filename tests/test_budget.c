/*
 * test_budget.c: what memory there is, read from made-up files of Linux in a folder of our own.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <ftw.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "engine/base/mem.h"
#include "engine/host/budget.h"
#include "tests/lib/folder.h"

enum { MIB = 1 << 20 };

/* Writes a file below our folder, and the folders on the way. */
static void there_is(const char *name, const char *text)
{
    char path[512];
    snprintf(path, sizeof path, "%s%s", folder, name);
    for (char *slash = path + strlen(folder) + 1; (slash = strchr(slash, '/')); *slash++ = '/') {
        *slash = 0;
        mkdir(path, 0700);
    }
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs(text, f);
    assert_int_equal(fclose(f), 0);
}

static int take_away(const char *path, const struct stat *info, int kind, struct FTW *at)
{
    (void)info;
    (void)kind;
    return at->level > 0 ? remove(path) : 0;
}

static int empty(void **state)
{
    (void)state;
    return nftw(folder, take_away, 8, FTW_DEPTH | FTW_PHYS);
}

/* What may still be taken, in MiB; our own size moves a little while we look. */
static void finds(double mib, enum budget_limit limit, uint64_t cap)
{
    struct budget room;
    size_t have = mem_resident();
    budget_find(&room, cap, folder);
    assert_int_equal(room.limit, limit);
    double left = ((double)room.bytes - (limit == BUDGET_CAP ? 0.0 : (double)have)) / MIB;
    assert_true(left > mib - 1.0 && left < mib + 1.0);
}

static const char meminfo[] = "MemTotal:       24684000 kB\nMemFree:         1024000 kB\n"
                              "MemAvailable:    4096000 kB\nBuffers:           10000 kB\n";

static void without_groups_there_is_what_the_kernel_says(void **state)
{
    (void)state;
    there_is("/proc/meminfo", meminfo);
    finds(4000, BUDGET_MACHINE, 0);
    there_is("/proc/self/cgroup", "0::/\n");
    finds(4000, BUDGET_MACHINE, 0);
}

static void nobody_knows_of_a_limit_where_there_are_no_files(void **state)
{
    (void)state;
    struct budget room;
    budget_find(&room, 0, folder);
    assert_true(room.bytes == SIZE_MAX);
    finds(300, BUDGET_CAP, 300 * MIB);
}

static void a_group_of_version_2_leaves_its_limit_less_what_is_used(void **state)
{
    (void)state;
    there_is("/proc/meminfo", meminfo);
    there_is("/proc/self/cgroup", "0::/user/job\n");
    there_is("/sys/fs/cgroup/user/job/memory.max", "max\n");
    there_is("/sys/fs/cgroup/user/job/memory.current", "1073741824\n"); /* 1024 MiB */
    finds(4000, BUDGET_MACHINE, 0);
    there_is("/sys/fs/cgroup/user/job/memory.max", "2147483648\n");
    finds(1024, BUDGET_CGROUP, 0);
    there_is("/sys/fs/cgroup/user/job/memory.stat",
             "anon 1\ninactive_file 104857600\nactive_file 209715200\n"); /* 300 MiB can go */
    finds(1324, BUDGET_CGROUP, 0);
    there_is("/sys/fs/cgroup/user/job/memory.high", "1610612736\n");
    finds(812, BUDGET_CGROUP, 0);
}

static void the_groups_that_a_group_lies_in_count(void **state)
{
    (void)state;
    there_is("/proc/meminfo", meminfo);
    there_is("/proc/self/cgroup", "0::/user/job\n");
    there_is("/sys/fs/cgroup/user/job/memory.max", "max\n");
    there_is("/sys/fs/cgroup/user/job/memory.current", "0\n");
    there_is("/sys/fs/cgroup/user/memory.max", "1073741824\n");
    there_is("/sys/fs/cgroup/user/memory.current", "524288000\n");
    finds(524, BUDGET_CGROUP, 0);
}

static void version_1_has_files_of_its_own(void **state)
{
    (void)state;
    there_is("/proc/meminfo", meminfo);
    there_is("/proc/self/cgroup", "5:cpu,cpuacct:/x\n4:memory:/a/b\n0::/\n");
    there_is("/sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
    there_is("/sys/fs/cgroup/memory/memory.usage_in_bytes", "1073741824\n");
    finds(4000, BUDGET_MACHINE, 0); /* a container sees its own group as the root */
    there_is("/sys/fs/cgroup/memory/memory.limit_in_bytes", "2147483648\n");
    finds(1024, BUDGET_CGROUP, 0);
    there_is("/sys/fs/cgroup/memory/a/b/memory.limit_in_bytes", "1073741824\n");
    there_is("/sys/fs/cgroup/memory/a/b/memory.usage_in_bytes", "536870912\n");
    finds(512, BUDGET_CGROUP, 0);
}

static void a_cap_counts_where_it_is_less(void **state)
{
    (void)state;
    there_is("/proc/meminfo", meminfo);
    finds(4000, BUDGET_MACHINE, (uint64_t)1 << 40);
    finds(400, BUDGET_CAP, 400 * MIB);
}

/* Batch systems set one. */
static void a_limit_on_address_space_counts(void **state)
{
    (void)state;
    pid_t child = fork();
    if (child == 0) {
        unsigned long pages = 0;
        struct budget room;
        FILE *f = fopen("/proc/self/statm", "r");
        if (!f || fscanf(f, "%lu", &pages) != 1)
            _exit(2);
        fclose(f);
        rlim_t bytes = (rlim_t)pages * (rlim_t)sysconf(_SC_PAGESIZE) + 300 * MIB;
        if (setrlimit(RLIMIT_AS, &(struct rlimit){bytes, bytes}) != 0)
            _exit(3);
        size_t before = mem_resident();
        budget_find(&room, 0, "");
        _exit(room.limit == BUDGET_PROCESS && room.bytes < before + 300 * MIB ? 0 : 1);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static void sizes_are_read_as_people_write_them(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint64_t size;
    } good[] = {{"400M", 400ull << 20}, {"2G", 2ull << 30}, {"1.5G", 3ull << 29}, {"64k", 65536},
                {"64K", 65536},         {"1T", 1ull << 40}, {"12345", 12345},     {"0", 0},
                {"9223372036854775807", INT64_MAX}};
    static const char *const bad[] = {"", "M", "-1", "400MB", "4 G", "x", "1e3", "1.2.3G", "nan",
                                      ".5G", "9223372036854775808", "9999999999T", "1.x", "1."};
    uint64_t size;
    char text[BUDGET_TEXT];
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_true(budget_parse_size(&size, good[i].text));
        assert_true(size == good[i].size);
        budget_print_size(text, size);
        assert_true(budget_parse_size(&size, text) && size == good[i].size);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(budget_parse_size(&size, bad[i]));
    budget_print_bytes(text, 612 * (size_t)MIB);
    assert_string_equal(text, "612 MB");
    budget_print_bytes(text, 3994 * (size_t)MIB);
    assert_string_equal(text, "3.9 GB");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(without_groups_there_is_what_the_kernel_says, empty),
        cmocka_unit_test_teardown(nobody_knows_of_a_limit_where_there_are_no_files, empty),
        cmocka_unit_test_teardown(a_group_of_version_2_leaves_its_limit_less_what_is_used, empty),
        cmocka_unit_test_teardown(the_groups_that_a_group_lies_in_count, empty),
        cmocka_unit_test_teardown(version_1_has_files_of_its_own, empty),
        cmocka_unit_test_teardown(a_cap_counts_where_it_is_less, empty),
        cmocka_unit_test(a_limit_on_address_space_counts),
        cmocka_unit_test(sizes_are_read_as_people_write_them),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
