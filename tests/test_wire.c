/*
 * test_wire.c: messages between the process that has a run and the one that lends it a terminal:
 * what comes, what is refused, and that no descriptor is left behind.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/lib/diag.h"
#include "tests/lib/folder.h"
#include "tui/attach/server.h"
#include "tui/attach/wire.h"
#include "tui/term/environment.h"

static int ends[2];
static struct wire_message message;

static int before(void **state)
{
    (void)state;
    return wire_pair(ends, &diag) == STATUS_OK ? 0 : -1;
}

static int after(void **state)
{
    (void)state;
    close(ends[0]);
    close(ends[1]);
    return 0;
}

static int open_count(void)
{
    int count = 0;
    DIR *folder_of_all = opendir("/proc/self/fd");
    while (readdir(folder_of_all))
        count++;
    closedir(folder_of_all);
    return count;
}

static void a_terminal_comes_with_its_descriptors_and_variables(void **state)
{
    (void)state;
    int null = open("/dev/null", O_RDWR | O_CLOEXEC), lent[WIRE_LENT];
    for (int i = 0; i < WIRE_LENT; i++)
        lent[i] = null;
    int count = open_count();
    static const char text[] = "TERM=vt100\0NO_COLOR=\0LD_PRELOAD=evil\0STRATA_UTF8=1";
    assert_int_equal(wire_send(ends[0], WIRE_HELLO, WIRE_READ_ONLY, text, sizeof text, lent, &diag),
                     STATUS_OK);
    assert_int_equal(wire_receive(&message, ends[1], &diag), STATUS_OK);
    assert_int_equal(message.kind, WIRE_HELLO);
    assert_int_equal(message.number, WIRE_READ_ONLY);
    assert_int_equal(open_count(), count + WIRE_LENT);
    wire_drop(&message);
    assert_int_equal(open_count(), count);
    environment_take(message.text, message.size);
    assert_string_equal(environment_get("TERM"), "vt100");
    assert_string_equal(environment_get("NO_COLOR"), "");
    assert_null(environment_get("LD_PRELOAD"));
    assert_null(environment_get("TMUX"));
    close(null);
}

static void send_raw(const char *bytes, size_t size)
{
    assert_int_equal(write(ends[0], bytes, size), (ssize_t)size);
}

static void what_makes_no_sense_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t size;
        const char *said;
    } cases[] = {
        {"x", 1, "no sense"},
        {"strata\x02\x03\0\0\0\0", 12, "another version"},
        {"strata\x01\x63\0\0\0\0", 12, "no sense"},
        {"strata\x01\x01\0\0\0\0", 12, "no sense"}, /* HELLO without a terminal */
        {"strota\x01\x02\0\0\0\0", 12, "no sense"},
        {"strata\x01\x02\0\0\0", 11, "no sense"},
    };
    int count = open_count();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        send_raw(cases[i].bytes, cases[i].size);
        assert_int_equal(wire_receive(&message, ends[1], &diag), STATUS_INPUT);
        assert_non_null(strstr(diag.text, cases[i].said));
    }
    static char long_text[WIRE_TEXT + 100];
    assert_int_equal(wire_send(ends[0], WIRE_END, 0, long_text, sizeof long_text, NULL, &diag),
                     STATUS_OK);
    assert_int_equal(wire_receive(&message, ends[1], &diag), STATUS_INPUT);
    assert_int_equal(open_count(), count);
}

static void who_does_not_read_is_not_waited_for(void **state)
{
    (void)state;
    enum status status = STATUS_OK;
    static char text[WIRE_TEXT];
    for (int i = 0; i < 10000 && status == STATUS_OK; i++)
        status = wire_send(ends[0], WIRE_AWAY, 0, text, sizeof text, NULL, &diag);
    assert_int_equal(status, STATUS_IO);
}

static void the_other_side_s_end_is_told(void **state)
{
    (void)state;
    close(ends[0]);
    ends[0] = -1;
    assert_int_equal(wire_receive(&message, ends[1], &diag), STATUS_STOPPED);
}

/* Deeper than a socket's name may be long. */
static void a_folder_of_any_name_can_be_reached_and_a_deleted_socket_comes_back(void **state)
{
    (void)state;
    char deep[600], path[700];
    struct stat info;
    int fd;
    long process;
    int out = dup(STDOUT_FILENO), error = dup(STDERR_FILENO);
    struct server *server = server_open(-1);
    dup2(out, STDOUT_FILENO);
    dup2(error, STDERR_FILENO);
    close(out);
    close(error);
    snprintf(deep, sizeof deep, "%s/%0200d", folder, 0);
    snprintf(path, sizeof path, "%s/attach", deep);
    assert_int_equal(mkdir(deep, 0700), 0);
    assert_int_not_equal(wire_connect(&fd, deep, &diag), STATUS_OK);
    assert_int_equal(server_listen(server, deep, &diag), STATUS_OK);
    assert_int_equal(lstat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(server_listen(server, "", &diag), STATUS_OK);
    assert_false(server_has_guest());
    assert_int_equal(wire_connect(&fd, deep, &diag), STATUS_OK);
    assert_true(server_has_guest());
    assert_true(wire_same_user(fd, &process));
    assert_int_equal(process, getpid());
    assert_int_equal(server_take(server), SERVER_NOTHING); /* it said nothing */
    assert_int_equal(wire_receive(&message, fd, &diag), STATUS_STOPPED);
    close(fd);
    assert_int_equal(wire_connect(&fd, deep, &diag), STATUS_OK);
    assert_int_equal(write(fd, "strata\x07\x01\0\0\0\0", 12), 12);
    assert_int_equal(server_take(server), SERVER_NOTHING);
    assert_int_equal(wire_receive(&message, fd, &diag), STATUS_OK);
    assert_int_equal(message.kind, WIRE_AWAY);
    assert_non_null(strstr(message.text, "another version"));
    close(fd);
    server_close(&server, 0);
    assert_int_equal(rmdir(deep), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, before, after)
    const struct CMUnitTest tests[] = {
        TEST(a_terminal_comes_with_its_descriptors_and_variables),
        TEST(what_makes_no_sense_is_refused),
        TEST(who_does_not_read_is_not_waited_for),
        TEST(the_other_side_s_end_is_told),
        TEST(a_folder_of_any_name_can_be_reached_and_a_deleted_socket_comes_back),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
