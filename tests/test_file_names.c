/* test_file_names.c: names of files, taken apart and put together, and their folders. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/base/file.h"
#include "tests/lib/diag.h"
#include "tests/lib/folder.h"

static void assert_refused(enum status got, enum status expected, const char *said)
{
    if (got != expected || !strstr(diag.text, said))
        fail_msg("status %d, %s (not %d, %s)", got, diag.text, expected, said);
}

static void endings_are_compared_in_any_case(void **state)
{
    (void)state;
    assert_true(file_has_ending("a/B.PnG", ".jpg .png"));
    assert_false(file_has_ending("a/b.png.txt", ".jpg .png"));
    assert_false(file_has_ending("png", ".png"));
    assert_false(file_has_ending("b.png", ""));
    assert_false(file_has_ending("b.pn", ".png"));
    assert_true(file_has_ending("b.jpeg", "  .png  .jpeg "));
}

static void folders_are_made_with_their_mode_or_the_first_that_cannot_be_is_named(void **state)
{
    (void)state;
    char made[4200], plain[4200], file[4300], sentence[4400];
    struct stat info;
    mode_t old = umask(0);
    snprintf(made, sizeof made, "%s/a/b", folder);
    snprintf(file, sizeof file, "%s/c.png", made);
    assert_int_equal(file_make_folders(file, 0750, &diag), STATUS_OK);
    assert_int_equal(file_make_folders(file, 0700, &diag), STATUS_OK);
    umask(old);
    assert_int_equal(stat(made, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0750);
    assert_int_equal(access(file, F_OK), -1);
    assert_int_equal(rmdir(made), 0);
    snprintf(made, sizeof made, "%s/a", folder);
    assert_int_equal(rmdir(made), 0);
    snprintf(plain, sizeof plain, "%s/plain", folder);
    assert_int_equal(file_write(plain, "", 0, FILE_KEEP, &diag), STATUS_OK);
    snprintf(file, sizeof file, "%s/d/e/f", plain);
    snprintf(sentence, sizeof sentence, "cannot create the folder %s/d: Not a directory", plain);
    assert_refused(file_make_folders(file, 0700, &diag), STATUS_OUTPUT, sentence);
    unlink(plain);
    assert_int_equal(file_make_folders("", 0700, &diag), STATUS_OK);
    assert_int_equal(file_make_folders("name", 0700, &diag), STATUS_OK);
}

static void names_are_joined_and_taken_apart(void **state)
{
    (void)state;
    static const struct {
        const char *folder, *name, *joined, *taken;
    } cases[] = {
        {"a", "b.png", "a/b.png", "a"},   {"a/", "b.png", "a/b.png", "a"},
        {"", "b.png", "b.png", ""},       {"a", "/b.png", "/b.png", "/"},
        {"/", "b/c", "/b/c", "/b"},       {"../x", "y", "../x/y", "../x"},
        {"a", "././/b", "a/b", "a"},      {"", "./b", "./b", "."},
        {"a", "./", "a/./", "a/."},       {"a", ".b", "a/.b", "a"},
    };
    char out[16];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(file_join(out, sizeof out, cases[i].folder, cases[i].name, &diag),
                         STATUS_OK);
        assert_string_equal(out, cases[i].joined);
        assert_int_equal(file_folder(out, sizeof out, cases[i].joined, &diag), STATUS_OK);
        assert_string_equal(out, cases[i].taken);
    }
    assert_int_equal(file_join(out, sizeof out, "1234567", "9012345", &diag), STATUS_OK);
    assert_refused(file_join(out, sizeof out, "1234567", "90123456", &diag), STATUS_RANGE, "long");
    assert_refused(file_folder(out, 4, "abcd/e", &diag), STATUS_RANGE, "abcd/e is too long");
}

static void a_stem_is_a_path_without_its_ending(void **state)
{
    (void)state;
    char out[64];
    assert_int_equal(file_stem("a/b.c/d.png"), 7);
    assert_int_equal(file_stem("a.b/c"), 5);
    assert_int_equal(file_stem("a/.png"), 6);
    assert_int_equal(file_stem(""), 0);
    file_numbered(out, sizeof out, "a/b.png", 3);
    assert_string_equal(out, "a/b-3.png");
    file_numbered(out, 40, "a-name-that-is-too-long.png", 2);
    assert_string_equal(out, "a-name-t-2.png");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(endings_are_compared_in_any_case),
        cmocka_unit_test(folders_are_made_with_their_mode_or_the_first_that_cannot_be_is_named),
        cmocka_unit_test(names_are_joined_and_taken_apart),
        cmocka_unit_test(a_stem_is_a_path_without_its_ending),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
