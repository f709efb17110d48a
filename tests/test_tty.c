/*
 * test_tty.c: asking a scripted terminal: the right decision, and not a byte of its answers among
 * the keys, whenever and however they come.
 */
#include "tests/lib/terminal.h"

#include "tui/pixels/graphics.h"

#define ANSWERS                                                                                    \
    XTERM, .cell = "\033[6;18;9t", .registers = "\033[?1;0;256S",                                  \
           .synchronised = "\033[?2026;2$y", .name = "\033P>|test(1)\033\\"

static struct graphics decided(struct tty *tty)
{
    struct graphics_environment around = {.term = "xterm", .utf8 = true};
    struct graphics_environment seen = graphics_environment_read(tty_fd(tty));
    around.rows = seen.rows;
    around.columns = seen.columns;
    around.pixel_width = seen.pixel_width;
    around.pixel_height = seen.pixel_height;
    return graphics_decide(GRAPHICS_AUTO, tty_answers(tty), &around);
}

/* Asks, types one key, and expects the decision, and nothing but the key. */
static struct graphics expect(struct script script, enum graphics_kind kind)
{
    struct terminal *t = terminal_begin(script);
    struct tty *tty = terminal_tty(t, 1.0);
    struct graphics g = decided(tty);
    assert_string_equal(graphics_word(g.kind), graphics_word(kind));
    terminal_type(t, "x");
    terminal_wait(tty, 0.05);
    assert_string_equal(terminal_keys(tty), "x");
    tty_close(&tty);
    terminal_free(t);
    return g;
}

static void answers_at_once_are_believed(void **unused)
{
    (void)unused;
    double start = clock_now();
    struct graphics g = expect((struct script){ANSWERS}, GRAPHICS_SIXEL);
    assert_true(clock_now() - start < 0.5); /* the deadline is not waited for */
    assert_int_equal(g.cell_width, 9);
    assert_int_equal(g.cell_height, 18);
    assert_int_equal(g.registers, 256);
    assert_true(g.synchronised && g.answers);
}

static void answers_after_900_ms_are_waited_for(void **unused)
{
    (void)unused;
    expect((struct script){ANSWERS, .delay = 0.9}, GRAPHICS_SIXEL);
}

static void answers_in_single_bytes_are_put_together(void **unused)
{
    (void)unused;
    struct graphics g = expect((struct script){ANSWERS, .split = true}, GRAPHICS_SIXEL);
    assert_int_equal(g.cell_width, 9);
}

static void a_silent_terminal_costs_the_deadline_and_gets_cells(void **unused)
{
    (void)unused;
    double start = clock_now();
    struct graphics g = expect((struct script){0}, GRAPHICS_CELLS);
    double took = clock_now() - start;
    assert_true(took > 0.9 && took < 1.5);
    assert_false(g.answers);
}

/* Longer than the deadline, in single bytes, while keys are typed. */
static void answers_that_come_too_late_never_become_keys(void **unused)
{
    (void)unused;
    struct terminal *t = terminal_begin((struct script){ANSWERS, .delay = 0.4, .split = true});
    struct tty *tty = terminal_tty(t, 0.1);
    assert_false(tty_answers(tty)->attributes);
    terminal_type(t, "a");
    terminal_wait(tty, 0.2);
    assert_string_equal(terminal_keys(tty), "a");
    terminal_wait(tty, 0.8);
    assert_string_equal(terminal_keys(tty), "");
    assert_true(tty_answers(tty)->sixel); /* and still count */
    terminal_type(t, "\033[A");
    terminal_wait(tty, 0.05);
    assert_string_equal(terminal_keys(tty), "\033[A");
    tty_close(&tty);
    terminal_free(t);
}

static void only_an_exact_attribute_4_means_sixel(void **unused)
{
    (void)unused;
    expect((struct script){.attributes = "\033[?64;1;42;22c"}, GRAPHICS_CELLS);
    expect((struct script){.attributes = "\033[?64;14;24;41c"}, GRAPHICS_CELLS);
    expect((struct script){.attributes = "\033[?4;6c"}, GRAPHICS_CELLS);
    expect((struct script){.attributes = "\033[?1;2;4c"}, GRAPHICS_SIXEL);
    expect((struct script){.attributes = "\033[?12;4c"}, GRAPHICS_SIXEL);
}

static void wrong_answers_are_swallowed_and_not_believed(void **unused)
{
    (void)unused;
    struct script script = {.attributes = "\033[?c",
                            .cell = "\033[6;0;-3t",
                            .registers = "\033[?1;3;0S",
                            .synchronised = "\033[?2026;0$y",
                            .kitty = "\033_Gi=31;ENOTSUP:no\033\\",
                            .name = "\033P>|\377\001\033\\"};
    struct graphics g = expect(script, GRAPHICS_CELLS);
    assert_int_equal(g.cell_width, 10);
    assert_int_equal(g.cell_height, 20);
    assert_int_equal(g.registers, 256);
    assert_false(g.synchronised);
}

static void kitty_is_known_by_its_query(void **unused)
{
    (void)unused;
    struct script script = {.attributes = "\033[?62;c", .kitty = "\033_Gi=31;OK\033\\"};
    expect(script, GRAPHICS_KITTY);
    script.attributes = "\033[?62;4c";
    expect(script, GRAPHICS_SIXEL);
    struct script both = {XTERM, .kitty = "\033_Gi=31;OK\033\\", .name = "\033P>|other(1)\033\\"};
    expect(both, GRAPHICS_SIXEL);
    both.name = "\033P>|Zellij(4500)\033\\";
    expect(both, GRAPHICS_KITTY);
}

static void a_cell_is_assumed_where_sizes_are_missing_or_invented(void **unused)
{
    (void)unused;
    static const struct {
        unsigned short columns, rows, width, height;
        int cell_width, cell_height;
    } cases[] = {
        {80, 24, 0, 0, 10, 20},     {80, 24, 640, 480, 10, 20}, {80, 24, 640, 0, 10, 20},
        {80, 24, 32000, 0, 10, 20}, {80, 24, 720, 360, 9, 15},  {120, 40, 640, 480, 10, 20},
        {80, 24, 160, 24, 10, 20},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct graphics g =
            expect((struct script){XTERM, .columns = cases[i].columns, .rows = cases[i].rows,
                                   .width = cases[i].width, .height = cases[i].height},
                   GRAPHICS_SIXEL);
        assert_int_equal(g.cell_width, cases[i].cell_width);
        assert_int_equal(g.cell_height, cases[i].cell_height);
    }
    struct graphics g =
        expect((struct script){XTERM, .cell = "\033[6;33;16t", .width = 640, .height = 480},
               GRAPHICS_SIXEL);
    assert_int_equal(g.cell_width, 16);
    assert_int_equal(g.cell_height, 33);
}

static void keys_typed_while_it_is_asked_are_kept(void **unused)
{
    (void)unused;
    struct terminal *t = terminal_begin((struct script){ANSWERS, .delay = 0.2});
    terminal_type(t, "q\033[B");
    struct tty *tty = terminal_tty(t, 1.0);
    assert_true(tty_answers(tty)->sixel);
    assert_string_equal(terminal_keys(tty), "q\033[B");
    tty_close(&tty);
    terminal_free(t);
}

static void questions_are_one_write_with_da1_last(void **unused)
{
    (void)unused;
    struct terminal *t = terminal_begin((struct script){ANSWERS});
    struct tty *tty = terminal_tty(t, 1.0);
    terminal_end(t);
    assert_true(t->size > 3 && memcmp(t->text + t->size - 3, "\033[c", 3) == 0);
    tty_close(&tty);
    terminal_free(t);
}

static void some_terminals_are_not_asked(void **unused)
{
    (void)unused;
    assert_int_equal(tty_may_ask("xterm-256color", NULL, NULL), TTY_ALL);
    assert_int_equal(tty_may_ask("tmux-256color", "/tmp/tmux,1,0", NULL), TTY_NO_KITTY);
    assert_int_equal(tty_may_ask("xterm", "/tmp/tmux,1,0", "1.x"), TTY_NO_KITTY);
    assert_int_equal(tty_may_ask("screen", NULL, "1.pts-0"), TTY_NONE);
    assert_int_equal(tty_may_ask("linux", NULL, NULL), TTY_NONE);
    assert_int_equal(tty_may_ask("dumb", NULL, NULL), TTY_NONE);
    assert_int_equal(tty_may_ask(NULL, NULL, NULL), TTY_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_at_once_are_believed),
        cmocka_unit_test(answers_after_900_ms_are_waited_for),
        cmocka_unit_test(answers_in_single_bytes_are_put_together),
        cmocka_unit_test(a_silent_terminal_costs_the_deadline_and_gets_cells),
        cmocka_unit_test(answers_that_come_too_late_never_become_keys),
        cmocka_unit_test(only_an_exact_attribute_4_means_sixel),
        cmocka_unit_test(wrong_answers_are_swallowed_and_not_believed),
        cmocka_unit_test(kitty_is_known_by_its_query),
        cmocka_unit_test(a_cell_is_assumed_where_sizes_are_missing_or_invented),
        cmocka_unit_test(keys_typed_while_it_is_asked_are_kept),
        cmocka_unit_test(questions_are_one_write_with_da1_last),
        cmocka_unit_test(some_terminals_are_not_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
