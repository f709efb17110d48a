/*
 * test_overlap.c: no letter is drawn over another, whatever the size of the screen and whatever is
 * shown on it. Stands between the views and curses, where it sees what each text would cover.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <locale.h>
#include <stdlib.h>
#include <ncurses.h>
#include <wchar.h>
#include <wctype.h>

#undef columns

#include "tests/lib/model.h"
#include "tui/term/term.h"
#include "tui/view/draw.h"
#include "tui/view/place.h"
#include "tui/view/view.h"

static char covered[400]; /* the first text that was drawn over another, and that */
static bool watching;
static int found;

int waddnwstr(WINDOW *window, const wchar_t *text, int n)
{
    static int (*real)(WINDOW *, const wchar_t *, int);
    wchar_t before[1024] = {0};
    int y, x, columns = 0;
    if (!real)
        *(void **)&real = dlsym(RTLD_NEXT, "waddnwstr");
    for (int i = 0; i < n; i++)
        columns += wcwidth(text[i]) > 0 ? wcwidth(text[i]) : 0;
    getyx(window, y, x);
    if (watching && !covered[0] && columns > 0 && columns < 1000) {
        mvwinnwstr(window, y, x, before, columns);
        for (int i = 0; i < columns && before[i]; i++)
            if (iswalnum((wint_t)before[i])) {
                snprintf(covered, sizeof covered, "\"%.*ls\" over \"%.60ls\"", n, text, before);
                break;
            }
        wmove(window, y, x);
    }
    return real(window, text, n);
}

static void check(const char *what, int rows, int columns)
{
    term_resize_hidden(rows, columns);
    model_resize(m, rows, columns);
    draw_begin();
    watching = true;
    place_begin();
    view_screen(m);
    place_end();
    watching = false;
    if (covered[0])
        print_error("%s at %dx%d: %s\n", what, columns, rows, covered);
    found += covered[0] != 0;
    covered[0] = 0;
}

static void at_all_sizes(const char *what)
{
    found = 0;
    static const int rows[] = {12, 16, 20, 24, 30, 36, 43, 60};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (int columns = LAYOUT_MIN_COLUMNS; columns <= 220; columns += columns < 130 ? 1 : 9)
            check(what, rows[i], columns);
    assert_int_equal(found, 0);
}

static void a_run(enum snapshot_state state, const char *summary, double memory)
{
    struct snapshot *s = snapshot_of(state, 1266);
    s->iterations = 1300;
    s->seconds = 12345;
    s->seconds_left = 98765;
    s->seconds_per_iteration = 12.5;
    s->width = 1280;
    s->height = 960;
    s->stage_width = 640;
    s->memory = (size_t)memory;
    s->planned = (size_t)(1.2 * memory);
    snprintf(s->summary, sizeof s->summary, "%s", summary);
    for (int i = 0; i < 40; i++) {
        struct losses l = {.content = 1.6e5 + i, .style = 2e6 - i, .tv = 3e4};
        for (int k = 0; k < STYLE_LAYER_COUNT; k++)
            l.style_layer[k] = l.style * (k + 1) / 15.0;
        losses_add_up(&l);
        snapshot_curve_add(&s->curve, i, &l);
        s->losses = l;
    }
    for (int k = 0; k < STYLE_LAYER_COUNT; k++)
        s->pull[k] = STYLE_LAYER_COUNT - k;
    for (int i = 0; i < 12; i++)
        s->kept[s->kept_count++] = (struct snapshot_kept){990 + i, 123456, 1.25e6, false};
    model_take(m, s);
}

static void no_text_covers_another_on_the_desk(void **state)
{
    (void)state;
    snprintf(m->path, sizeof m->path, "a-job-with-a-name-that-is-much-longer-than-most-are.ini");
    snprintf(m->job.content, sizeof m->job.content, "%s", "holiday/a picture with a long name.jpg");
    for (int focus = 0; focus < PANE_RUN; focus++) {
        m->focus = (enum pane)focus;
        at_all_sizes("before a run");
    }
}

static void no_text_covers_another_while_a_run_is_shown(void **state)
{
    (void)state;
    static const char *const summaries[] = {
        "strata16, 1280x960 in three sizes, 1300 iterations in bfloat16, 16 threads",
        "vgg19-se16x-sized, 1280x960 at 640, direct float32, 2 threads, "
        "avx512_core_amx"};
    for (int i = 0; i < 2; i++)
        for (int focus = 0; focus < PANE_RUN; focus++) {
            m->focus = (enum pane)focus;
            a_run(i ? SNAPSHOT_PAUSED : SNAPSHOT_RUNNING, summaries[i], 1.876e9);
            m->job.channel[0].weight = 123456;
            m->job.channel[1].style.crop = (struct crop){0.125, 0.3125, 0.6875};
            at_all_sizes("a run");
        }
}

static void no_text_covers_another_in_what_covers_the_desk(void **state)
{
    (void)state;
    a_run(SNAPSHOT_RUNNING, "strata16, 1280x960", 1e8);
#define X(name, context, view)                                                                     \
    m->overlay = OVERLAY_##name;                                                                   \
    at_all_sizes(#name);
    OVERLAY_LIST(X)
#undef X
}

static void no_text_covers_another_in_the_browser(void **state)
{
    (void)state;
    press("Enter Down Space Space");
    at_all_sizes("marks");
    press("Ctrl-G");
    at_all_sizes("the grid");
    type("jpg");
    at_all_sizes("a filter in the grid");
    press("Ctrl-G");
    at_all_sizes("a filter");
    press("Ctrl-U");
    type("/a/folder/whose/name/is/long/and/which/is/typed/all the same/ by whom/one does/not/know");
    at_all_sizes("a path");
}

static void no_text_covers_another_among_variations(void **state)
{
    (void)state;
    press("V Right");
    for (int i = 0; i < m->variations.count; i++)
        m->variations.sketch[i] = (struct sketch){NULL, i ? "" : "a sentence of why", i / 9.0};
    at_all_sizes("a fader's variations");
    press("Home");
    at_all_sizes("one that cannot be painted");
    press("Tab");
    at_all_sizes("a crop's variations");
}

static void no_text_covers_another_below_the_desk(void **state)
{
    (void)state;
    char text[DIAG_TEXT], answers[200];
    press(":");
    type("style_weight 5000 and much more that nobody would type but that is typed all the same");
    at_all_sizes("the prompt");
    press("Esc");
    model_say(m, MESSAGE_ERROR, "/a/folder/whose/name/is/long/and/which/is/not/there/picture.jpg "
              "cannot be read: no such file or directory; choose another one with enter");
    at_all_sizes("a long message");
    a_run(SNAPSHOT_RUNNING, "strata16", 1e8);
    press("q");
    model_question(m, text, answers);
    assert_true(text[0]);
    at_all_sizes("a question");
}

static int open_screen(void **state)
{
    struct diag diag;
    (void)state;
    setlocale(LC_CTYPE, "C.UTF-8");
    setenv("TERM", "xterm-256color", 1);
    if (term_open_hidden(24, 80, &diag) != STATUS_OK)
        return 1;
    draw_open(true, false);
    place_open(term_tty(), GRAPHICS_CELLS);
    return 0;
}

static int close_screen(void **state)
{
    (void)state;
    place_close();
    term_close();
    return 0;
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_model, free_model)
    const struct CMUnitTest tests[] = {
        TEST(no_text_covers_another_on_the_desk),
        TEST(no_text_covers_another_while_a_run_is_shown),
        TEST(no_text_covers_another_in_what_covers_the_desk),
        TEST(no_text_covers_another_in_the_browser),
        TEST(no_text_covers_another_among_variations),
        TEST(no_text_covers_another_below_the_desk),
    };
    return cmocka_run_group_tests(tests, open_screen, close_screen);
}
