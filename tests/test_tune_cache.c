/*
 * test_tune_cache.c: what is known of convolutions' speed, within a process and from one to the
 * next.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/host/tune_cache.h"
#include "tests/lib/folder.h"

static struct tune_timing first = {false, 64, 128, 181, 2, 0.02, 0.01, 0.015};
static struct tune_timing other = {true, 64, 128, 181, 2, 0.03, 0.0, 0.0};

/* Runs body in a process of its own, which knows only what is written down. */
static void apart(void (*body)(void))
{
    int status;
    pid_t child = fork();
    if (child == 0) {
        body();
        _exit(0);
    }
    assert_true(child > 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static struct tune_timing question(const struct tune_timing *answer)
{
    struct tune_timing t = *answer;
    t.direct = t.winograd = t.bf16 = -1.0;
    return t;
}

static bool knows(const struct tune_timing *answer)
{
    struct tune_timing t = question(answer);
    return tune_cache_find(&t, "a machine") && t.direct == answer->direct &&
           t.winograd == answer->winograd && t.bf16 == answer->bf16;
}

static void measure_first(void)
{
    if (knows(&first))
        _exit(1);
    tune_cache_add(&first);
    if (!knows(&first) || knows(&other))
        _exit(2);
    tune_cache_keep();
}

static void measure_other(void)
{
    if (!knows(&first) || knows(&other))
        _exit(1);
    tune_cache_add(&other);
    tune_cache_keep();
}

static void know_both(void)
{
    if (!knows(&first) || !knows(&other))
        _exit(1);
}

static void know_nothing(void)
{
    if (knows(&first) || knows(&other))
        _exit(1);
    tune_cache_keep();
}

static void on_another_machine(void)
{
    struct tune_timing t = question(&first);
    if (tune_cache_find(&t, "another machine"))
        _exit(1);
}

/* One of several processes that write at once: adds `EACH` timings of its own, one at a time. */
enum { WRITERS = 6, EACH = 40 };

static struct tune_timing numbered(int writer, int i)
{
    return (struct tune_timing){i % 2, 64 + writer, 128 + i, 181, 2, 0.02 + 0.01 * i, 0.01, 0.0};
}

static void write_numbered(int writer)
{
    for (int i = 0; i < EACH; i++) {
        struct tune_timing t = numbered(writer, i);
        knows(&t); /* reads the file at the first call */
        tune_cache_add(&t);
        tune_cache_keep();
    }
}

/* Exit status 1: a timing is missing; 2: one differs from what was written. */
static void know_all_numbered(void)
{
    for (int writer = 0; writer < WRITERS; writer++)
        for (int i = 0; i < EACH; i++) {
            struct tune_timing answer = numbered(writer, i), t = question(&answer);
            if (!tune_cache_find(&t, "a machine"))
                _exit(1);
            if (fabs(t.direct - answer.direct) > 1e-6 || t.winograd != answer.winograd ||
                t.bf16 != answer.bf16)
                _exit(2);
        }
}

static void measure_without_a_place(void)
{
    setenv("XDG_CACHE_HOME", "/proc/nowhere", 1);
    measure_first();
}

static void what_one_process_measured_the_next_one_knows(void **state)
{
    (void)state;
    apart(measure_first);
    apart(measure_other);
    apart(know_both);
    apart(on_another_machine);
}

/* The only file in the cache. */
static void find_file(char *path, size_t size)
{
    snprintf(path, size, "%s/strata", folder);
    DIR *cache = opendir(path);
    assert_non_null(cache);
    for (struct dirent *entry; (entry = readdir(cache));)
        if (entry->d_name[0] != '.')
            snprintf(path, size, "%s/strata/%s", folder, entry->d_name);
    closedir(cache);
}

static void processes_that_write_at_once_lose_nothing(void **state)
{
    (void)state;
    pid_t child[WRITERS];
    for (int writer = 0; writer < WRITERS; writer++) {
        child[writer] = fork();
        assert_true(child[writer] >= 0);
        if (child[writer] == 0) {
            write_numbered(writer);
            _exit(0);
        }
    }
    for (int writer = 0; writer < WRITERS; writer++) {
        int status;
        assert_int_equal(waitpid(child[writer], &status, 0), child[writer]);
        assert_int_equal(status, 0);
    }
    apart(know_all_numbered);
}

/* Puts text in place of the file, or behind its first line. */
static void spoil(const char *text, bool keep_title)
{
    char path[600], title[400] = "";
    find_file(path, sizeof path);
    FILE *f = fopen(path, "r+");
    assert_non_null(f);
    assert_non_null(fgets(title, sizeof title, f));
    rewind(f);
    assert_int_equal(ftruncate(fileno(f), 0), 0);
    fprintf(f, "%s%s", keep_title ? title : "", text);
    fclose(f);
}

static void lines_that_make_no_sense_are_passed_over(void **state)
{
    (void)state;
    apart(measure_first);
    spoil("forward 64 128 181 2 nan 0.01 0.015\nforward 64 128 181 2 -1 0.01 0.015\n"
          "sideways 64 128 181 2 0.02 0.01 0.015\nforward 64 128\n\n"
          "forward 64 128 181 2 1e99 0 0\n\xff\xfe\n", true);
    apart(know_nothing);
    spoil("something else\nforward 64 128 181 2 0.02 0.01 0.015\n", false);
    apart(know_nothing);
    spoil("forward 64 128 181 2 0.02 0.01 0.015\n", false);
    apart(know_nothing);
}

static void without_a_place_for_the_file_it_works_too(void **state)
{
    (void)state;
    apart(measure_without_a_place);
}

/* Names of cache files can be foretold. */
static void a_link_in_the_file_s_place_is_replaced_not_followed(void **state)
{
    (void)state;
    char path[600], victim[600], text[16] = "";
    snprintf(victim, sizeof victim, "%s/victim", folder);
    apart(measure_first);
    find_file(path, sizeof path);
    FILE *f = fopen(victim, "w");
    assert_non_null(f);
    fputs("mine", f);
    fclose(f);
    unlink(path);
    assert_int_equal(symlink(victim, path), 0);
    apart(measure_first);
    f = fopen(victim, "r");
    assert_non_null(f);
    assert_non_null(fgets(text, sizeof text, f));
    fclose(f);
    unlink(victim);
    assert_string_equal(text, "mine");
}

static void a_folder_that_others_can_write_to_is_not_used(void **state)
{
    (void)state;
    char path[600];
    apart(measure_first);
    snprintf(path, sizeof path, "%s/strata", folder);
    chmod(path, 0777);
    apart(know_nothing);
    chmod(path, 0700);
}

static int begin(void **state)
{
    return make_folder(state) || setenv("XDG_CACHE_HOME", folder, 1);
}

static int end(void **state)
{
    char path[600];
    find_file(path, sizeof path);
    unlink(path);
    *strrchr(path, '/') = '\0';
    rmdir(path);
    return remove_folder(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_one_process_measured_the_next_one_knows, begin,
                                        end),
        cmocka_unit_test_setup_teardown(processes_that_write_at_once_lose_nothing, begin, end),
        cmocka_unit_test_setup_teardown(lines_that_make_no_sense_are_passed_over, begin, end),
        cmocka_unit_test_setup_teardown(a_link_in_the_file_s_place_is_replaced_not_followed, begin,
                                        end),
        cmocka_unit_test_setup_teardown(a_folder_that_others_can_write_to_is_not_used, begin, end),
        cmocka_unit_test(without_a_place_for_the_file_it_works_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
