/* test_utf8.c: what is written is read back; what is no UTF-8 is one invalid byte after another. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "engine/base/utf8.h"

static void every_code_point_is_read_as_it_was_written(void **state)
{
    (void)state;
    for (unsigned code = 1; code <= 0x10ffff; code++) {
        char text[UTF8_SIZE];
        int length;
        if (code == 0xd800)
            code = 0xe000; /* surrogates are no characters */
        utf8_write(text, code);
        assert_int_equal(utf8_read(text, &length), code);
        assert_int_equal(length, strlen(text));
    }
}

static void what_no_encoder_writes_is_invalid(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "\x80", "\xc0\x80", "\xc1\xbf", "\xc3", "\xe0\x9f\xbf", "\xe2\x82", "\xed\xa0\x80",
        "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "\xc3(",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        int length;
        assert_int_equal(utf8_read(bad[i], &length), UTF8_INVALID);
        assert_int_equal(length, 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_code_point_is_read_as_it_was_written),
        cmocka_unit_test(what_no_encoder_writes_is_invalid),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
