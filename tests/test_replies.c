/* test_replies.c: what a terminal answers, parted from what is typed, byte by byte. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "tui/term/replies.h"

static char keys[4096];
static size_t count;

static void feed(struct replies *r, const char *bytes, size_t n, double now)
{
    unsigned char out[3 * 1024 + REPLIES_HELD];
    size_t got = replies_feed(r, out, bytes, n, now);
    assert_true(got <= n + REPLIES_HELD && count + got < sizeof keys);
    memcpy(keys + count, out, got);
    count += got;
    keys[count] = 0;
}

static void expire(struct replies *r, double now)
{
    unsigned char out[REPLIES_HELD];
    if (r->due <= 0 || now < r->due)
        return;
    size_t got = replies_expire(r, out, now);
    memcpy(keys + count, out, got);
    count += got;
    keys[count] = 0;
}

static void begin(void)
{
    count = 0;
    keys[0] = 0;
}

/* In one piece, then cut at every place, then in single bytes. */
static void expect(const char *bytes, const char *typed)
{
    size_t n = strlen(bytes);
    for (size_t cut = 0; cut <= n; cut++) {
        struct replies r = {0};
        begin();
        feed(&r, bytes, cut, 1.0);
        feed(&r, bytes + cut, n - cut, 1.01);
        assert_string_equal(keys, typed);
    }
    struct replies r = {0};
    begin();
    for (size_t i = 0; i < n; i++)
        feed(&r, bytes + i, 1, 1.0 + 0.01 * (double)i);
    assert_string_equal(keys, typed);
}

static void replies_are_taken_out_wherever_they_are_cut(void **unused)
{
    (void)unused;
    expect("\033[?62;4;22c", "");
    expect("a\033[?2026;2$yb\033[6;20;10tc\033[?1;0;256Sd\033[0ne", "abcde");
    expect("\033P>|XTerm(379)\033\\x\033_Gi=31;OK\033\\y\033]11;rgb:0/0/0\007z", "xyz");
    expect("\033[>41;379;0c\033[?1u", "");
}

static void keys_come_through_whole(void **unused)
{
    (void)unused;
    static const char *const sequences[] = {
        "\033[A",   "\033OP",        "\033[1;2S",     "\033[1;2R", "\033[15~",
        "\033[c",   "\033[<0;12;7M", "\033[<64;1;1m", "\033a",     "\033[200~",
        "\303\266", "\033[Z",        "\033[1;5C",
    };
    for (size_t i = 0; i < sizeof sequences / sizeof *sequences; i++)
        expect(sequences[i], sequences[i]);
    expect("\033\033[A", "\033\033[A");
}

static void what_is_answered_is_kept(void **unused)
{
    (void)unused;
    struct replies r = {0};
    begin();
    const char *all = "\033[?62;4;22c\033[6;20;10t\033[?1;0;64S\033[?2026;1$y"
                      "\033P>|foot(1)\033\\\033[0n";
    feed(&r, all, strlen(all), 1.0);
    assert_true(r.answers.attributes && r.answers.sixel && r.answers.synchronised);
    assert_string_equal(r.answers.da1, "62;4;22");
    assert_int_equal(r.answers.cell_width, 10);
    assert_int_equal(r.answers.cell_height, 20);
    assert_int_equal(r.answers.registers, 64);
    assert_string_equal(r.answers.name, "foot(1)");
    assert_int_equal(r.answers.ready, 1);
}

static void a_lone_escape_is_a_key_after_a_moment(void **unused)
{
    (void)unused;
    struct replies r = {0};
    begin();
    feed(&r, "\033", 1, 1.0);
    expire(&r, 1.03);
    assert_string_equal(keys, "");
    assert_true(r.due > 0 && r.due < 1.07);
    expire(&r, 1.07);
    assert_string_equal(keys, "\033");
    feed(&r, "j", 1, 1.1);
    assert_string_equal(keys, "\033j");
}

static void half_a_reply_is_not_a_key_while_one_is_awaited(void **unused)
{
    (void)unused;
    struct replies r = {.awaiting = true};
    begin();
    feed(&r, "\033", 1, 1.0);
    expire(&r, 1.2);
    feed(&r, "[?62;4", 6, 1.2);
    expire(&r, 1.9);
    feed(&r, "c", 1, 1.9);
    assert_string_equal(keys, "");
    assert_true(r.answers.sixel);
}

/* The Escape is lost to the keys, but what follows must not look typed. */
static void the_rest_of_a_reply_is_taken_out_even_after_its_escape(void **unused)
{
    (void)unused;
    struct replies r = {0};
    begin();
    feed(&r, "\033", 1, 1.0);
    expire(&r, 1.1);
    feed(&r, "[?62;4c", 7, 1.5);
    assert_string_equal(keys, "\033");
    assert_true(r.answers.sixel);
}

static void alt_and_a_capital_is_a_key(void **unused)
{
    (void)unused;
    struct replies r = {0};
    begin();
    feed(&r, "\033P", 2, 1.0);
    expire(&r, 1.1);
    assert_string_equal(keys, "\033P");
    feed(&r, "q", 1, 1.2);
    assert_string_equal(keys, "\033Pq");
}

static void a_reply_without_an_end_is_given_up(void **unused)
{
    (void)unused;
    struct replies r = {0};
    begin();
    feed(&r, "\033_Gi=31;O", 9, 1.0);
    expire(&r, 4.0);
    feed(&r, "x", 1, 4.1);
    assert_string_equal(keys, "x");
}

static void noise_is_survived(void **unused)
{
    (void)unused;
    static const char often[] = "\033[]P_\\?;0123456789cntySR$\007";
    struct replies r = {0};
    unsigned long seed = 1;
    for (int i = 0; i < 200000; i++) {
        seed = seed * 6364136223846793005ul + 1442695040888963407ul;
        char byte = seed >> 40 & 1 ? often[(seed >> 33) % (sizeof often - 1)] : (char)(seed >> 50);
        begin();
        feed(&r, &byte, 1, i * 0.001);
        expire(&r, i * 0.001);
    }
    begin();
    expire(&r, 1e6);
    expire(&r, 2e6);
    feed(&r, "k", 1, 3e6);
    assert_int_equal(keys[count - 1], 'k');
}

/* Esc _ was typed, and keys go on: they cannot keep alive what is no reply. */
static void keys_after_a_string_that_never_ends_come_through(void **unused)
{
    (void)unused;
    struct replies r = {0};
    begin();
    feed(&r, "\033_xyz", 5, 1.0);
    for (int i = 1; i <= 4; i++)
        feed(&r, "k", 1, 1.0 + 0.6 * i);
    assert_string_equal(keys, "k");
    r = (struct replies){0}; /* nor does it swallow the next sequence */
    begin();
    feed(&r, "\033_xyz\033[A", 8, 1.0);
    feed(&r, "\033]xyz\033OA", 8, 1.1);
    assert_string_equal(keys, "\033[A\033OA");
}

/* Whole or not at all, and always in the form of SGR: its parts would be keys. */
static void a_report_of_the_mouse_comes_whole_or_not_at_all(void **unused)
{
    (void)unused;
    static const char old[] = "x\033[M#\xe1!y\033[M`)%";
    for (size_t cut = 0; cut < sizeof old; cut++) {
        struct replies r = {.reports = true};
        begin();
        feed(&r, old, cut, 1.0);
        feed(&r, old + cut, sizeof old - 1 - cut, 1.01);
        assert_string_equal(keys, "x\033[<3;193;1My\033[<64;9;5M");
    }
    static const char sgr[] = "\033[<0;12;7M";
    for (size_t cut = 3; cut < sizeof sgr - 1; cut++) { /* late, then never */
        struct replies r = {0};
        begin();
        feed(&r, sgr, cut, 1.0);
        expire(&r, 1.9);
        feed(&r, sgr + cut, sizeof sgr - 1 - cut, 1.9);
        assert_string_equal(keys, sgr);
        begin();
        feed(&r, sgr, cut, 2.0);
        expire(&r, 3.5);
        feed(&r, "q", 1, 3.6);
        assert_string_equal(keys, "q");
        begin();
        feed(&r, sgr, cut, 4.0);
        feed(&r, "\033[A", 3, 4.1);
        assert_string_equal(keys, "\033[A");
    }
    struct replies r = {0}; /* its Escape has been given up as a key already */
    begin();
    feed(&r, sgr, 1, 1.0);
    expire(&r, 1.1);
    feed(&r, sgr + 1, sizeof sgr - 2, 1.2);
    assert_string_equal(keys, "\033");
    r = (struct replies){0}; /* without a mouse that is a key */
    begin();
    feed(&r, "\033[Mabc", 6, 2.0);
    assert_string_equal(keys, "\033[Mabc");
}

/* However it is cut, what is pasted is text and nothing of it a key; answers in it are answers. */
static void a_paste_is_text_and_comes_as_one_report(void **unused)
{
    (void)unused;
    static const char bytes[] = "a\033[200~q/b c\r\td\033[A\001\033[0n\303\251\033[201~z";
    for (size_t cut = 0; cut < sizeof bytes; cut++) {
        struct replies r = {.reports = true};
        begin();
        feed(&r, bytes, cut, 1.0);
        feed(&r, bytes + cut, sizeof bytes - 1 - cut, 1.01);
        assert_string_equal(keys, "a\033[<301Mz");
        assert_string_equal(r.paste, "q/b c\n\td\303\251");
        assert_int_equal(r.answers.ready, 1);
    }
}

static void a_paste_that_is_long_is_cut_and_one_without_an_end_is_given_up(void **unused)
{
    (void)unused;
    static struct replies r;
    static char block[1000];
    r = (struct replies){.reports = true};
    memset(block, 'x', sizeof block);
    begin();
    feed(&r, "\033[200~", 6, 1.0);
    for (int i = 0; i < 40; i++)
        feed(&r, block, sizeof block, 1.0);
    feed(&r, "\033[201~", 6, 1.0);
    assert_string_equal(keys, "\033[<301M");
    assert_int_equal(strlen(r.paste), REPLIES_PASTE - 1);
    begin();
    feed(&r, "\033[200~abc", 9, 2.0);
    expire(&r, 6.9);
    feed(&r, "d", 1, 6.9);
    assert_string_equal(keys, "");
    expire(&r, 12.0);
    feed(&r, "q", 1, 12.0);
    assert_string_equal(keys, "q");
}

static void feed_text(struct replies *r, const char *text)
{
    feed(r, text, strlen(text), 1.0);
}

static void the_focus_is_reported_and_the_background_known(void **unused)
{
    (void)unused;
    struct replies r = {.reports = true};
    begin();
    feed_text(&r, "\033[O\033[I");
    assert_string_equal(keys, "\033[<303M\033[<302M");
    assert_false(r.answers.background);
    begin();
    feed_text(&r, "\033]11;rgb:ffff/fefe/e000\033\\");
    assert_true(r.answers.background && r.answers.light > 0.95 && r.answers.light < 1.0);
    feed_text(&r, "\033]11;rgb:1/2/3\007");
    assert_true(r.answers.light > 0.05 && r.answers.light < 0.2);
    feed_text(&r, "\033]11;rgb:zz/2/3\007\033]11;rgb:11111/2/3\007");
    assert_true(r.answers.light < 0.2);
    assert_string_equal(keys, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(replies_are_taken_out_wherever_they_are_cut),
        cmocka_unit_test(keys_after_a_string_that_never_ends_come_through),
        cmocka_unit_test(a_report_of_the_mouse_comes_whole_or_not_at_all),
        cmocka_unit_test(a_paste_is_text_and_comes_as_one_report),
        cmocka_unit_test(a_paste_that_is_long_is_cut_and_one_without_an_end_is_given_up),
        cmocka_unit_test(the_focus_is_reported_and_the_background_known),
        cmocka_unit_test(keys_come_through_whole),
        cmocka_unit_test(what_is_answered_is_kept),
        cmocka_unit_test(a_lone_escape_is_a_key_after_a_moment),
        cmocka_unit_test(half_a_reply_is_not_a_key_while_one_is_awaited),
        cmocka_unit_test(the_rest_of_a_reply_is_taken_out_even_after_its_escape),
        cmocka_unit_test(alt_and_a_capital_is_a_key),
        cmocka_unit_test(a_reply_without_an_end_is_given_up),
        cmocka_unit_test(noise_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
