/* test_confine.c: what a confined process can still do, tried in a child of our own. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/base/file.h"
#include "tests/lib/folder.h"
#include "weights/import/confine.h"

enum { CANNOT = 99 };

/* Confined to our folder's folder "in", what does `act` end with? */
static int confined(int (*act)(void))
{
    int status;
    pid_t child = fork();
    if (child == 0)
        _exit(confine_to(in_folder("in")) ? act() : CANNOT);
    assert_true(child > 0);
    waitpid(child, &status, 0);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == CANNOT)
        skip();
    return WEXITSTATUS(status);
}

static int write_inside(void)
{
    struct diag diag;
    return file_write(in_folder("in/a"), "a", 1, FILE_KEEP, &diag) != STATUS_OK ||
           file_write(in_folder("in/a"), "b", 1, FILE_OVERWRITE, &diag) != STATUS_OK ||
           unlink(in_folder("in/a")) != 0;
}

static int write_outside(void)
{
    struct diag diag;
    return file_write(in_folder("a"), "a", 1, FILE_KEEP, &diag) == STATUS_OK ||
           file_write(in_folder("there"), "b", 1, FILE_OVERWRITE, &diag) == STATUS_OK ||
           unlink(in_folder("there")) == 0 || open(in_folder("there"), O_WRONLY) >= 0 ||
           mkdir(in_folder("new"), 0700) == 0 || symlink("x", in_folder("in/link")) == 0;
}

static int read_outside(void)
{
    return open(in_folder("there"), O_RDONLY) < 0;
}

static int run_a_program(void)
{
    execl("/bin/true", "true", (char *)NULL);
    return errno != EACCES;
}

/* A port at which nobody listens: refused by the kernel's network, or before it by its rules. */
static int connect_somewhere(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(1)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) == 0)
        return 1;
    return errno == EACCES ? 0 : CANNOT; /* before Linux 6.7 */
}

static void only_the_folder_can_be_written_to(void **state)
{
    (void)state;
    assert_int_equal(confined(write_inside), 0);
    assert_int_equal(confined(write_outside), 0);
    assert_int_equal(confined(read_outside), 0);
}

static void no_program_can_be_started(void **state)
{
    (void)state;
    assert_int_equal(confined(run_a_program), 0);
}

static void nothing_can_be_connected_to(void **state)
{
    (void)state;
    assert_int_equal(confined(connect_somewhere), 0);
}

static int make(void **state)
{
    struct diag diag;
    return make_folder(state) || mkdir(in_folder("in"), 0700) ||
           file_write(in_folder("there"), "x", 1, FILE_KEEP, &diag) != STATUS_OK;
}

static int clear(void **state)
{
    unlink(in_folder("there"));
    rmdir(in_folder("in"));
    return remove_folder(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_the_folder_can_be_written_to),
        cmocka_unit_test(no_program_can_be_started),
        cmocka_unit_test(nothing_can_be_connected_to),
    };
    return cmocka_run_group_tests(tests, make, clear);
}
