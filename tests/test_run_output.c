/* test_run_output.c: a finished picture finds a place, whatever the disk says. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/run/run.h"
#include "tests/lib/folder.h"

static struct job job;
static struct image small;
static char place[JOB_PATH];
static struct diag diag;

static const char *in(const char *name)
{
    static char path[4][sizeof folder + 64];
    static int at;
    at = (at + 1) % 4;
    snprintf(path[at], sizeof path[at], "%s/%s", folder, name);
    return path[at];
}

static int begin(void **state)
{
    if (make_folder(state) != 0 || mkdir(in("here"), 0700) != 0 || chdir(in("here")) != 0)
        return -1;
    setenv("XDG_STATE_HOME", in("state"), 1);
    job_defaults(&job);
    return image_init(&small, 4, 3, &diag);
}

static int end(void **state)
{
    image_clear(&small);
    if (chdir("/") != 0 || rmdir(in("here")) != 0)
        return -1;
    return remove_folder(state);
}

static void write_to(const char *path, enum file_overwrite mode)
{
    const struct run_result result = {&small, NULL};
    assert_int_equal(run_write_somewhere(&result, &job, path, mode, place, &diag), STATUS_OK);
    assert_int_equal(access(place, F_OK), 0);
}

static void a_free_name_is_taken_as_it_is(void **state)
{
    (void)state;
    write_to(in("out.png"), FILE_KEEP);
    assert_string_equal(place, in("out.png"));
    assert_string_equal(diag.text, "");
    unlink(place);
}

static void a_taken_name_gets_the_next_free_number(void **state)
{
    (void)state;
    char first[JOB_PATH];
    write_to(in("out.png"), FILE_KEEP);
    strcpy(first, place);
    write_to(in("out.png"), FILE_KEEP);
    assert_string_equal(place, in("out-2.png"));
    assert_non_null(strstr(diag.text, "the picture is in"));
    write_to(in("out.png"), FILE_KEEP);
    assert_string_equal(place, in("out-3.png"));
    write_to(in("out.png"), FILE_OVERWRITE);
    assert_string_equal(place, first);
    unlink(in("out.png"));
    unlink(in("out-2.png"));
    unlink(in("out-3.png"));
}

static void a_picture_that_is_painted_from_is_never_replaced(void **state)
{
    (void)state;
    write_to(in("content.png"), FILE_KEEP);
    strcpy(job.content, in("content.png"));
    write_to(in("content.png"), FILE_OVERWRITE);
    assert_string_equal(place, in("content-2.png"));
    job.content[0] = 0;
    unlink(in("content.png"));
    unlink(in("content-2.png"));
}

static void a_folder_that_is_gone_leaves_the_working_directory(void **state)
{
    (void)state;
    write_to(in("gone/out.png"), FILE_KEEP);
    assert_string_equal(place, "out.png");
    assert_non_null(strstr(diag.text, "the picture is in out.png"));
    unlink(place);
}

static void without_a_working_directory_there_is_the_state_folder(void **state)
{
    (void)state;
    assert_int_equal(rmdir(in("here")), 0);
    write_to(in("gone/out.png"), FILE_KEEP);
    assert_string_equal(place, in("state/strata/out.png"));
    unlink(place);
    assert_int_equal(rmdir(in("state/strata")) | rmdir(in("state")), 0);
    assert_int_equal(mkdir(in("here"), 0700) | chdir(in("here")), 0);
}

static void a_name_without_a_format_becomes_a_png(void **state)
{
    (void)state;
    write_to("", FILE_KEEP);
    assert_string_equal(place, "painted.png");
    unlink(place);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_free_name_is_taken_as_it_is),
        cmocka_unit_test(a_taken_name_gets_the_next_free_number),
        cmocka_unit_test(a_picture_that_is_painted_from_is_never_replaced),
        cmocka_unit_test(a_folder_that_is_gone_leaves_the_working_directory),
        cmocka_unit_test(without_a_working_directory_there_is_the_state_folder),
        cmocka_unit_test(a_name_without_a_format_becomes_a_png),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
