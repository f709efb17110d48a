/* test_model_zoom.c: pictures looked at closely, and two compared. */
#include "tests/lib/model.h"

#include <math.h>
#include <stdio.h>

#include "tui/view/view.h"

/* A result of 640×480 of which 200×100 pixels are seen at 1:1. */
static void result_seen(void)
{
    static unsigned char rgb[3];
    run_seen(SNAPSHOT_RUNNING, 3);
    snapshot_picture_clear(&m->result);
    m->result = (struct snapshot_picture){.width = 200, .height = 100, .whole_width = 640,
                                          .whole_height = 480, .iteration = 3,
                                          .rgb = mem_new(sizeof rgb)};
    m->preview = PREVIEW_RESULT;
}

static void keys_zoom_and_move_and_stay_inside(void **state)
{
    (void)state;
    double seen[4];
    result_seen();
    press("f 1");
    assert_int_equal(m->zoom.scale, 1);
    press("Right");
    assert_true(fabs(m->zoom.x - (0.5 + 50.0 / 640)) < 1e-9);
    for (int i = 0; i < 30; i++)
        press("l j");
    model_seen(m, &m->result, seen);
    assert_true(fabs(seen[0] + seen[2] - 1) < 1e-9 && fabs(seen[1] + seen[3] - 1) < 1e-9);
    press("+ + + +");
    assert_int_equal(m->zoom.scale, 8);
    press("- - - -");
    assert_int_equal(m->zoom.scale, 0);
    press("4 Esc f");
    assert_int_equal(m->zoom.scale, 0); /* it begins with all of it */
    nothing_sent();
}

/* So that it does not wait until the next picture of a run is due. */
static void a_picture_of_another_size_or_place_is_another(void **state)
{
    (void)state;
    struct snapshot_picture pane = {.window = {.width = 300, .height = 200, .x = 0.5, .y = 0.5}};
    struct snapshot_picture next = pane, full = pane, moved, side = pane;
    next.iteration = 4;
    side.window.x = 0.25;
    assert_true(view_subject(0, &next) == view_subject(0, &pane));
    assert_true(view_subject(0, &side) == view_subject(0, &pane)); /* all of it is seen */
    assert_true(view_subject(1, &pane) != view_subject(0, &pane));
    full.window.width = 600;
    assert_true(view_subject(0, &full) != view_subject(0, &pane));
    full.window.zoom = 2;
    moved = full;
    moved.window.x = 0.25;
    assert_true(view_subject(0, &moved) != view_subject(0, &full));
}

/* What lies under the pointer stays there. */
static void the_wheel_zooms_around_the_pointer(void **state)
{
    (void)state;
    double before[4], after[4];
    result_seen();
    press("f 1");
    model_seen(m, &m->result, before);
    double x = before[0] + 0.75 * before[2], y = before[1] + 0.25 * before[3];
    apply(&(struct act){.action = ACTION_ZOOM_AT, .index = 1, .x = x, .y = y});
    assert_int_equal(m->zoom.scale, 2);
    model_seen(m, &m->result, after);
    assert_true(fabs(after[0] + 0.75 * after[2] - x) < 1e-9);
    assert_true(fabs(after[1] + 0.25 * after[3] - y) < 1e-9);
}

static void two_pictures_are_chosen_and_exchanged(void **state)
{
    (void)state;
    char name[DIAG_TEXT];
    press("C");
    assert_int_equal(m->overlay, OVERLAY_NONE); /* there is nothing to compare yet */
    result_seen();
    press("C");
    assert_int_equal(m->compare.side[0].of, COMPARED_CONTENT);
    assert_int_equal(m->compare.side[1].of, COMPARED_RESULT);
    press("x");
    assert_int_equal(m->compare.side[0].of, COMPARED_RESULT);
    snprintf(m->compare.path, sizeof m->compare.path, "/tmp/older.png");
    press("b");
    model_compared_name(m, 1, name);
    assert_string_equal(name, "older.png");
    press("m <");
    assert_int_equal(m->compare.mode, COMPARE_WIPE);
    assert_true(m->compare.wipe < 0.5 && model_tick_seconds(m) < 0);
    press("m");
    assert_true(model_tick_seconds(m) > 0);
    press("Esc");
    assert_true(model_tick_seconds(m) < 0); /* nobody is woken for what is not seen */
}

static void look_comes(int number)
{
    struct snapshot *s = snapshot_of(SNAPSHOT_RUNNING, 20);
    s->kept_count = 2;
    s->kept[0] = (struct snapshot_kept){.number = 1, .iteration = 10};
    s->kept[1] = (struct snapshot_kept){.number = 2, .iteration = 15};
    if (number) {
        s->look = mem_new(sizeof *s->look);
        s->look->number = number;
        s->look->picture.rgb = mem_new(3);
    }
    nothing_sent();
    model_take(m, s);
}

/* The worker keeps one of them until it is taken, so they are asked for one after the other. */
static void compared_snapshots_are_asked_for_again_when_the_view_changes(void **state)
{
    (void)state;
    result_seen();
    look_comes(0);
    press("C");
    for (int i = 0; i < 4 && m->compare.side[1].of != COMPARED_SNAPSHOT; i++)
        press("b"); /* both are snapshots */
    assert_int_equal(m->compare.side[1].of, COMPARED_SNAPSHOT);
    look_comes(m->compare.side[0].number);
    assert_non_null(model_compared(m, 0));
    assert_int_equal(sent()->kind, CMD_LOOK);
    assert_int_equal(sent()->number, m->compare.side[1].number);
    look_comes(m->compare.side[1].number);
    assert_non_null(model_compared(m, 1));
    assert_null(sent());
    model_forget_looks(m);
    model_ask_looks(m);
    assert_int_equal(sent()->kind, CMD_LOOK);
    look_comes(m->compare.side[0].number);
    assert_int_equal(sent()->number, m->compare.side[1].number);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_model, free_model)
    const struct CMUnitTest tests[] = {
        TEST(keys_zoom_and_move_and_stay_inside),
        TEST(a_picture_of_another_size_or_place_is_another),
        TEST(the_wheel_zooms_around_the_pointer),
        TEST(two_pictures_are_chosen_and_exchanged),
        TEST(compared_snapshots_are_asked_for_again_when_the_view_changes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
