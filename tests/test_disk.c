/* test_disk.c: the disk's thread: nobody waits for it, nothing asked to be written is lost. */
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/base/mem.h"
#include "tests/lib/folder.h"
#include "tui/model/disk.h"

static struct disk *disk;
static int ends[2];

static void wake(void *context)
{
    (void)context;
    if (write(ends[1], "w", 1) < 0)
        abort();
}

static int open_disk(void **state)
{
    (void)state;
    return pipe(ends) || disk_open(&disk, wake, NULL, NULL);
}

static int close_disk(void **state)
{
    (void)state;
    disk_close(&disk);
    close(ends[0]);
    close(ends[1]);
    return 0;
}

static struct disk_request request(enum disk_kind kind, const char *path, int number)
{
    struct disk_request r = {.kind = kind, .number = number};
    snprintf(r.path, sizeof r.path, "%s", path);
    return r;
}

static struct disk_request write_request(const char *name, const char *text)
{
    struct disk_request r = request(DISK_WRITE, in_folder(name), 0);
    r.text = mem_text(text);
    r.size = strlen(text);
    return r;
}

static void ask(struct disk_request r)
{
    disk_ask(disk, &r);
    assert_null(r.text);
}

static struct disk_answer next(void)
{
    struct disk_answer answer;
    struct pollfd fd = {.fd = ends[0], .events = POLLIN};
    char bytes[16];
    while (!disk_take(disk, &answer)) {
        assert_int_equal(poll(&fd, 1, 10000), 1);
        assert_true(read(ends[0], bytes, sizeof bytes) > 0);
    }
    return answer;
}

static void a_slow_disk_is_waited_for_by_nobody(void **state)
{
    (void)state;
    struct disk_answer answer;
    disk_slow_down(disk, 0.3);
    ask(request(DISK_PICTURE, "assets/night.jpg", 7));
    assert_false(disk_take(disk, &answer));
    assert_true(disk_busy(disk, DISK_PICTURE));
    assert_false(disk_busy(disk, DISK_PNG));
    answer = next();
    assert_int_equal(answer.diag.status, STATUS_OK);
    assert_int_equal(answer.request.number, 7);
    disk_answer_clear(&answer);
    assert_false(disk_busy(disk, DISK_PICTURE));
}

static void answers_come_in_the_order_of_requests(void **state)
{
    (void)state;
    for (int i = 0; i < 40; i++)
        ask(request(i % 3 ? DISK_PICTURE : DISK_LIST, i % 3 ? "assets/coast.jpg" : "assets", i));
    for (int i = 0; i < 40; i++) {
        struct disk_answer answer = next();
        assert_int_equal(answer.request.number, i);
        if (i % 3 == 0)
            assert_true(answer.listing.count > 5);
        disk_answer_clear(&answer);
    }
}

static void closing_writes_what_was_to_be_written(void **state)
{
    (void)state;
    disk_slow_down(disk, 0.1);
    ask(request(DISK_LIST, "assets", 0));
    ask(write_request("late.txt", "late"));
    disk_close(&disk);
    assert_int_equal(access(in_folder("late.txt"), F_OK), 0);
    unlink(in_folder("late.txt"));
}

static void a_name_that_is_taken_is_not_written_over(void **state)
{
    (void)state;
    struct disk_answer answer;
    ask(write_request("a.txt", "first"));
    answer = next();
    assert_int_equal(answer.diag.status, STATUS_OK);
    disk_answer_clear(&answer);

    ask(write_request("a.txt", "second"));
    answer = next();
    assert_true(answer.exists);
    assert_string_equal(answer.beside, in_folder("a-2.txt"));
    disk_answer_clear(&answer);

    struct disk_request beside = write_request("a.txt", "third");
    beside.beside = true;
    ask(beside);
    answer = next();
    assert_false(answer.exists);
    assert_string_equal(answer.request.path, in_folder("a-2.txt"));
    disk_answer_clear(&answer);

    unsigned char *text;
    size_t size;
    assert_int_equal(file_read(&text, &size, in_folder("a.txt"), 100, NULL), STATUS_OK);
    assert_memory_equal(text, "first", size);
    mem_free(text);
    unlink(in_folder("a.txt"));
    unlink(in_folder("a-2.txt"));
}

static void a_folder_that_is_gone_is_a_sentence(void **state)
{
    (void)state;
    ask(write_request("no/such/a.txt", "x"));
    struct disk_answer answer = next();
    assert_int_not_equal(answer.diag.status, STATUS_OK);
    assert_non_null(strstr(answer.diag.text, "a.txt"));
    disk_answer_clear(&answer);
}

static void names_are_those_that_begin_so(void **state)
{
    (void)state;
    ask(request(DISK_NAMES, "assets/ni", 0));
    struct disk_answer answer = next();
    assert_string_equal(answer.names, "night.jpg");
    disk_answer_clear(&answer);
    ask(request(DISK_NAMES, "asse", 0));
    answer = next();
    assert_string_equal(answer.names, "assets/");
    disk_answer_clear(&answer);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_disk, close_disk)
    const struct CMUnitTest tests[] = {
        TEST(a_slow_disk_is_waited_for_by_nobody),
        TEST(answers_come_in_the_order_of_requests),
        TEST(closing_writes_what_was_to_be_written),
        TEST(a_name_that_is_taken_is_not_written_over),
        TEST(a_folder_that_is_gone_is_a_sentence),
        TEST(names_are_those_that_begin_so),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
