/* test_layout.c: panes lie inside the screen, beside each other, whatever its size. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tui/model/layout.h"

enum { SETTINGS = 24 };

static void check_pane(const struct layout *l, int i)
{
    const struct rect *p = &l->pane[i];
    assert_true(p->y >= 1 && p->y + p->height <= l->rows - 3);
    assert_true(p->x >= 1 && p->x + p->width <= l->columns - 1 && p->width > 0);
    for (int j = 0; j < i; j++) {
        const struct rect *q = &l->pane[j];
        if (q->height > 0)
            assert_true(p->y + p->height < q->y || q->y + q->height < p->y ||
                        p->x + p->width < q->x || q->x + q->width < p->x);
    }
}

static void panes_never_overlap_or_leave_the_screen(void **state)
{
    (void)state;
    for (int rows = 1; rows <= 100; rows++)
        for (int columns = 1; columns <= 300; columns += columns < 90 ? 1 : 7)
            for (int focus = 0; focus < PANE_RUN; focus++)
                for (int kept = 0; kept < 9; kept += 4) {
                    struct layout l =
                        layout_make(rows, columns, (enum pane)focus, SETTINGS, kept, NULL);
                    for (int i = 0; i < PANE_COUNT; i++)
                        if (l.pane[i].height != 0)
                            check_pane(&l, i);
                }
}

static void panes_stay_on_the_screen_wherever_their_edges_are_dragged(void **state)
{
    (void)state;
    for (int rows = LAYOUT_MIN_ROWS; rows <= 70; rows += 3)
        for (int columns = LAYOUT_MIN_COLUMNS; columns <= 200; columns += 9)
            for (int to = 1; to < 220; to += 13) {
                const int moved[LAYOUT_EDGES] = {to, to % 41 + 1, 60 - to % 59};
                struct layout l = layout_make(rows, columns, PANE_LAYERS, SETTINGS, 3, moved);
                for (int i = 0; i < PANE_COUNT; i++)
                    if (l.pane[i].height != 0)
                        check_pane(&l, i);
            }
}

static void an_edge_that_is_dragged_follows(void **state)
{
    (void)state;
    struct layout l = layout_make(40, 140, PANE_LAYERS, SETTINGS, 3, NULL);
    for (int edge = 0; edge < LAYOUT_EDGES; edge++) {
        int moved[LAYOUT_EDGES] = {0}, y = edge == LAYOUT_COLUMNS ? 10 : 28;
        moved[edge] = layout_edge_to(&l, (enum layout_edge)edge, y, 70);
        struct layout to = layout_make(40, 140, PANE_LAYERS, SETTINGS, 3, moved);
        int x = edge == LAYOUT_SNAPSHOTS ? 100 : edge == LAYOUT_LOSS ? 20 : 70;
        assert_int_equal(layout_edge_at(&to, y, x), edge);
    }
}

static void the_focus_is_always_in_sight(void **state)
{
    (void)state;
    for (int rows = LAYOUT_MIN_ROWS; rows <= 60; rows++)
        for (int columns = LAYOUT_MIN_COLUMNS; columns <= 120; columns += 5)
            for (int focus = 0; focus < PANE_RUN; focus++) {
                struct layout l = layout_make(rows, columns, (enum pane)focus, SETTINGS, 3, NULL);
                if (l.pane[focus].height < 1)
                    fail_msg("pane %d at %dx%d", focus, columns, rows);
            }
}

static void eighty_by_twenty_four_shows_every_pane(void **state)
{
    (void)state;
    for (int focus = 0; focus < PANE_RUN; focus++) {
        struct layout l = layout_make(24, 80, (enum pane)focus, SETTINGS, 3, NULL);
        for (int i = 0; i < PANE_COUNT; i++)
            assert_true(l.pane[i].height >= 2);
        assert_true(l.pane[PANE_LAYERS].height >= 5);
    }
    assert_int_equal(layout_make(24, 80, PANE_LAYERS, SETTINGS, 0, NULL).layer_rows, 2);
}

static void a_click_finds_its_pane(void **state)
{
    (void)state;
    struct layout l = layout_make(24, 80, PANE_LAYERS, SETTINGS, 0, NULL);
    for (int i = 0; i < PANE_COUNT; i++)
        assert_int_equal(layout_hit(&l, l.pane[i].y, l.pane[i].x), i);
    assert_int_equal(layout_hit(&l, 0, 0), PANE_COUNT);
}

static void a_picture_keeps_its_aspect_and_fits(void **state)
{
    (void)state;
    const struct rect within = {2, 3, 20, 30};
    struct rect r = rect_fit(&within, 400, 300, 1, 2);
    assert_int_equal(r.width, 30);
    assert_int_equal(r.height, 11);
    r = rect_fit(&within, 100, 1000, 10, 20);
    assert_int_equal(r.height, 20);
    assert_int_equal(r.width, 4);
    assert_int_equal(rect_fit(&within, 0, 10, 1, 2).height, 0);
}

static void a_list_scrolls_no_further_than_needed(void **state)
{
    (void)state;
    assert_int_equal(layout_scroll(0, 4, 5, 10), 0);
    assert_int_equal(layout_scroll(0, 5, 5, 10), 1);
    assert_int_equal(layout_scroll(9, 9, 5, 10), 5);
    assert_int_equal(layout_scroll(3, 1, 5, 10), 1);
    assert_int_equal(layout_scroll(3, 0, 5, 2), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(panes_never_overlap_or_leave_the_screen),
        cmocka_unit_test(panes_stay_on_the_screen_wherever_their_edges_are_dragged),
        cmocka_unit_test(an_edge_that_is_dragged_follows),
        cmocka_unit_test(the_focus_is_always_in_sight),
        cmocka_unit_test(eighty_by_twenty_four_shows_every_pane),
        cmocka_unit_test(a_click_finds_its_pane),
        cmocka_unit_test(a_picture_keeps_its_aspect_and_fits),
        cmocka_unit_test(a_list_scrolls_no_further_than_needed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
