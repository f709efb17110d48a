/* test_logout.c: whether a system ends what its users leave behind, by its settings. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "engine/host/logout.h"
#include "tests/lib/folder.h"

static void shell(const char *command)
{
    char line[1000];
    snprintf(line, sizeof line, "cd '%s' && %s", folder, command);
    assert_int_equal(system(line), 0);
}

static void what_is_set_last_counts_and_lingering_excepts(void **state)
{
    (void)state;
    assert_int_equal(logout_find(folder, "ann"), LOGOUT_STAYS);
    shell("mkdir -p run/systemd/system etc/systemd/logind.conf.d var/lib/systemd/linger");
    assert_int_equal(logout_find(folder, "ann"), LOGOUT_STAYS);
    shell("printf '[Login]\\n#KillUserProcesses=yes\\n' >etc/systemd/logind.conf");
    assert_int_equal(logout_find(folder, "ann"), LOGOUT_STAYS);
    shell("printf '[Login]\\nKillUserProcesses=yes\\n' >etc/systemd/logind.conf");
    assert_int_equal(logout_find(folder, "ann"), LOGOUT_ENDS);
    shell("touch var/lib/systemd/linger/ann");
    assert_int_equal(logout_find(folder, "ann"), LOGOUT_LINGER);
    assert_int_equal(logout_find(folder, "bob"), LOGOUT_ENDS);
    shell("printf 'KillUserProcesses = no\\n' >etc/systemd/logind.conf.d/50.conf");
    assert_int_equal(logout_find(folder, "bob"), LOGOUT_STAYS);
    shell("printf 'KillUserProcesses=1\\n' >etc/systemd/logind.conf.d/60.conf");
    assert_int_equal(logout_find(folder, "bob"), LOGOUT_ENDS);
    shell("rm -r run etc var");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_set_last_counts_and_lingering_excepts),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
