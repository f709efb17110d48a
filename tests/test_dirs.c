/* test_dirs.c: the user's folders are where the XDG specification has them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "engine/base/dirs.h"

static char path[64];

static const char *found(enum dirs_kind kind)
{
    return dirs_path(path, sizeof path, kind, "x") ? path : "none";
}

static void variables_win_over_home(void **state)
{
    (void)state;
    setenv("HOME", "/h", 1);
    setenv("XDG_CACHE_HOME", "/c", 1);
    setenv("XDG_DATA_HOME", "/d", 1);
    setenv("XDG_STATE_HOME", "/s", 1);
    setenv("XDG_CONFIG_HOME", "/o", 1);
    assert_string_equal(found(DIRS_CACHE), "/c/strata/x");
    assert_string_equal(found(DIRS_DATA), "/d/strata/x");
    assert_string_equal(found(DIRS_STATE), "/s/strata/x");
    assert_string_equal(found(DIRS_CONFIG), "/o/strata/x");
}

static void relative_and_empty_variables_count_as_not_set(void **state)
{
    (void)state;
    setenv("HOME", "/h", 1);
    setenv("XDG_CACHE_HOME", "c", 1);
    setenv("XDG_DATA_HOME", "", 1);
    unsetenv("XDG_STATE_HOME");
    assert_string_equal(found(DIRS_CACHE), "/h/.cache/strata/x");
    assert_string_equal(found(DIRS_DATA), "/h/.local/share/strata/x");
    assert_string_equal(found(DIRS_STATE), "/h/.local/state/strata/x");
    setenv("HOME", "h", 1);
    assert_string_equal(found(DIRS_CACHE), "none");
}

static void a_path_that_does_not_fit_is_none(void **state)
{
    (void)state;
    char small[16];
    setenv("XDG_CACHE_HOME", "/cccc", 1);
    assert_true(dirs_path(small, sizeof small, DIRS_CACHE, "x")); /* 14 characters and NUL */
    assert_false(dirs_path(small, sizeof small, DIRS_CACHE, "xxx"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(variables_win_over_home),
        cmocka_unit_test(relative_and_empty_variables_count_as_not_set),
        cmocka_unit_test(a_path_that_does_not_fit_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
