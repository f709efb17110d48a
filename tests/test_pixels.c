/*
 * test_pixels.c: pictures sent to a scripted terminal, and what its screen then shows: every
 * picture where it should be, in its colours, and nothing of what was there before.
 */
#include "tests/lib/pixels.h"

#include "engine/worker/snapshot.h"
#include "tests/lib/folder.h"
#include "tests/lib/image.h"

static void sixel_shows_the_picture_in_its_place(void **unused)
{
    (void)unused;
    static const struct {
        int width, height;
        struct rect box;
    } cases[] = {
        {400, 300, {2, 30, 20, 48}}, {123, 77, {0, 0, 23, 80}}, {33, 200, {3, 10, 9, 40}},
        {7, 5, {3, 10, 9, 40}},      {1, 1, {3, 10, 9, 40}},    {1000, 10, {3, 0, 1, 80}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct stage *st = stage_open(GRAPHICS_SIXEL, FAST);
        struct picture_of p = painting(cases[i].width, cases[i].height, (unsigned)i);
        pixels_show(st->preview, 0, &cases[i].box, 0, p.rgb, p.width, p.height);
        stage_rest(st);
        stage_look(st);
        assert_shown(st, &cases[i].box, &p, 6, 8.0);
        free(p.rgb);
        stage_close(st);
    }
}

static void cells_of_any_height_are_covered(void **unused)
{
    (void)unused;
    for (int height = 12; height <= 33; height += 3) {
        struct stage *st = stage_open_cells(GRAPHICS_SIXEL, SLOW_PIECES, height / 2, height);
        struct rect box = {1, 2, 10, 24};
        struct picture_of p = painting(box.width * (height / 2), box.height * height, 3);
        pixels_show(st->preview, 0, &box, 0, p.rgb, p.width, p.height);
        stage_rest(st);
        stage_look(st);
        assert_true(st->screen->pictures > 3); /* in pieces */
        assert_shown(st, &box, &p, 6, 8.0);
        free(p.rgb);
        stage_close(st);
    }
}

static void a_new_picture_of_the_same_size_is_drawn_without_wiping(void **unused)
{
    (void)unused;
    struct stage *st = stage_open(GRAPHICS_SIXEL, FAST);
    struct rect box = {1, 1, 10, 40};
    for (unsigned i = 0; i < 3; i++) {
        struct picture_of p = painting(300, 180, i);
        pixels_show(st->preview, 0, &box, 0, p.rgb, p.width, p.height);
        stage_rest(st);
        stage_look(st);
        assert_shown(st, &box, &p, 6, 8.0);
        free(p.rgb);
    }
    terminal_end(st->terminal);
    for (size_t i = 1; i < st->terminal->size; i++)
        assert_false(st->terminal->text[i - 1] == ' ' && st->terminal->text[i] == ' ');
    stage_close(st);
}

static void nothing_is_left_of_a_picture_that_was_larger(void **unused)
{
    (void)unused;
    static const int sizes[][2] = {{390, 190}, {100, 190}, {390, 50}, {395, 187},
                                   {391, 181}, {17, 13},   {399, 199}};
    static const enum graphics_kind kinds[] = {GRAPHICS_SIXEL, GRAPHICS_KITTY};
    for (int k = 0; k < 2; k++) {
        struct stage *st = stage_open(kinds[k], FAST);
        struct rect box = {1, 1, 10, 40};
        for (unsigned i = 0; i < sizeof sizes / sizeof *sizes; i++) {
            struct picture_of p = painting(sizes[i][0], sizes[i][1], i);
            pixels_show(st->preview, 0, &box, 0, p.rgb, p.width, p.height);
            stage_rest(st);
            stage_look(st);
            assert_shown(st, &box, &p, kinds[k] == GRAPHICS_SIXEL ? 6 : 1, 8.0);
            free(p.rgb);
        }
        stage_close(st);
    }
}

static void a_picture_that_moves_or_goes_leaves_no_trace(void **unused)
{
    (void)unused;
    static const enum graphics_kind kinds[] = {GRAPHICS_SIXEL, GRAPHICS_KITTY};
    for (int k = 0; k < 2; k++) {
        struct stage *st = stage_open(kinds[k], FAST);
        struct rect boxes[] = {{1, 1, 10, 40}, {5, 20, 12, 50}, {0, 0, 23, 80}, {2, 2, 4, 8}};
        struct picture_of p = painting(350, 170, 5);
        for (unsigned i = 0; i < 4; i++) {
            pixels_show(st->preview, 0, &boxes[i], 0, p.rgb, p.width, p.height);
            pixels_finish_piece(st->preview);
            stage_rest(st);
            stage_look(st);
            assert_shown(st, &boxes[i], &p, kinds[k] == GRAPHICS_SIXEL ? 6 : 1, 80.0);
        }
        pixels_hide(st->preview, 0);
        pixels_finish_piece(st->preview);
        stage_look(st);
        assert_blank(st);
        free(p.rgb);
        stage_close(st);
    }
}

static void closing_removes_every_picture(void **unused)
{
    (void)unused;
    static const enum graphics_kind kinds[] = {GRAPHICS_SIXEL, GRAPHICS_KITTY};
    for (int k = 0; k < 2; k++) {
        struct stage *st = stage_open(kinds[k], FAST);
        struct picture_of p = painting(150, 90, 5);
        for (int i = 0; i < 4; i++) {
            struct rect box = {1 + 5 * i, 3, 4, 30};
            pixels_show(st->preview, i, &box, 0, p.rgb, p.width, p.height);
        }
        stage_run(st, 4);
        pixels_close(&st->preview);
        stage_look(st);
        assert_blank(st);
        free(p.rgb);
        stage_close(st);
    }
}

static void a_cleared_screen_is_painted_again(void **unused)
{
    (void)unused;
    struct stage *st = stage_open(GRAPHICS_SIXEL, FAST);
    struct rect box = {1, 1, 10, 40};
    struct picture_of p = painting(300, 180, 1);
    pixels_show(st->preview, 0, &box, 0, p.rgb, p.width, p.height);
    stage_run(st, 1);
    pixels_lost(st->preview, 0);
    pixels_finish_piece(st->preview);
    assert_int_equal(write(st->terminal->slave, "\033[H\033[2J", 7), 7);
    stage_rest(st);
    stage_look(st);
    assert_shown(st, &box, &p, 6, 8.0);
    free(p.rgb);
    stage_close(st);
}

/* The picture in the file, read back and brought to the size at which it is shown: the screen has
 * its colours, none lighter, darker or in another's place. Values beyond black and white as an
 * optimizer leaves them. */
static void compare_with_file(enum graphics_kind kind, double within)
{
    enum { WIDTH = 400, HEIGHT = 300 };
    char *path = strdup(in_folder("saved.png"));
    struct image image = {0}, saved = {0}, small = {0};
    struct picture_of p = painting(WIDTH, HEIGHT, 5);
    struct stage *st = stage_open(kind, FAST);
    struct rect box = {1, 2, 12, 40};
    const struct snapshot_window window = {.width = box.width * st->screen->cell_width,
                                           .height = box.height * st->screen->cell_height};
    struct snapshot_part part = snapshot_find_part(&window, WIDTH, HEIGHT);
    struct snapshot_picture shown;
    assert_int_equal(image_init(&image, WIDTH, HEIGHT, NULL), STATUS_OK);
    for (int i = 0; i < 3 * WIDTH * HEIGHT; i++)
        image.rgb[i % 3 * WIDTH * HEIGHT + i / 3] = fminf(fmaxf(1.2f * p.rgb[i] - 25.6f, 0), 255);
    assert_int_equal(image_write(&image, path, NULL, FILE_OVERWRITE, NULL), STATUS_OK);
    assert_int_equal(image_resize(&small, &image, part.to_width, part.to_height, NULL), STATUS_OK);
    assert_int_equal(snapshot_picture_set(&shown, &small, 0, NULL), STATUS_OK);
    pixels_show(st->preview, 0, &box, 0, shown.rgb, shown.width, shown.height);
    stage_rest(st);
    stage_look(st);
    image_clear(&small);
    assert_int_equal(image_read(&saved, path, NULL), STATUS_OK);
    assert_int_equal(image_resize(&small, &saved, part.to_width, part.to_height, NULL), STATUS_OK);
    struct rect at = pixels_part(st->preview, &box, part.to_width, part.to_height);
    int top = at.y * st->screen->cell_height, left = at.x * st->screen->cell_width;
    int rows = part.to_height / 6 * 6;
    for (int c = 0; c < 3; c++) {
        double off = 0, sum = 0, n = (double)rows * small.width;
        for (int y = 0; y < rows; y++)
            for (int x = 0; x < small.width; x++) {
                double d = screen_at(st->screen, top + y, left + x)[c] -
                           small.rgb[(c * small.height + y) * small.width + x];
                sum += fabs(d) / n;
                off += d / n;
            }
        if (!(sum < within && fabs(off) < 1.0))
            fail_msg("colour %d is off by %.2f levels, %.2f in the mean", c, sum, off);
        print_message("%s, colour %d: %.2f levels, mean %.2f\n", graphics_word(kind), c, sum, off);
    }
    snapshot_picture_clear(&shown);
    image_clear(&image);
    image_clear(&saved);
    image_clear(&small);
    free(p.rgb);
    stage_close(st);
    unlink(path);
    free(path);
}

static void the_screen_shows_what_the_file_holds(void **unused)
{
    (void)unused;
    compare_with_file(GRAPHICS_SIXEL, 9); /* dithered */
    compare_with_file(GRAPHICS_KITTY, 0.6);
}

/* Flipping, moving, blinking: what is seen next does not wait until the next picture of a run would
 * be due, nor is anything wiped for it. */
static void another_picture_comes_at_once(void **unused)
{
    (void)unused;
    struct stage *st = stage_open(GRAPHICS_SIXEL, FAST);
    struct rect box = {2, 4, 10, 30};
    for (unsigned i = 0; i < 4; i++) {
        struct picture_of p = painting(240, 180, 1 + i % 2);
        pixels_show(st->preview, 0, &box, (int)(i % 2), p.rgb, p.width, p.height);
        st->preview->processor = 10; /* the next one of a run would be due in minutes */
        stage_run(st, i + 1);
        stage_look(st);
        assert_shown(st, &box, &p, 6, 30);
        free(p.rgb);
    }
    stage_close(st);
}

static void a_picture_that_hardly_changed_is_not_sent(void **unused)
{
    (void)unused;
    struct stage *st = stage_open(GRAPHICS_SIXEL, FAST);
    struct rect box = {1, 1, 10, 40};
    struct picture_of p = painting(300, 180, 1);
    pixels_show(st->preview, 0, &box, 0, p.rgb, p.width, p.height);
    stage_rest(st);
    unsigned before = st->preview->figures.pictures;
    for (int i = 0; i < 3 * 300 * 180; i += 11)
        p.rgb[i] ^= 1;
    pixels_show(st->preview, 0, &box, 0, p.rgb, p.width, p.height);
    stage_turn(st, 0.5);
    assert_int_equal(st->preview->figures.pictures, before);
    p.rgb[0] ^= 255;
    for (int i = 0; i < 3 * 300 * 180; i += 2)
        p.rgb[i] ^= 4;
    pixels_show(st->preview, 0, &box, 0, p.rgb, p.width, p.height);
    stage_run(st, before + 1);
    free(p.rgb);
    stage_close(st);
}

static void fewer_registers_are_respected(void **unused)
{
    (void)unused;
    struct stage *st = stage_open(GRAPHICS_SIXEL, FAST);
    struct rect box = {1, 1, 10, 40};
    struct graphics g = *pixels_graphics(st->preview);
    g.registers = 16;
    pixels_set_graphics(st->preview, &g, 0);
    struct picture_of p = painting(300, 180, 1);
    pixels_show(st->preview, 0, &box, 0, p.rgb, p.width, p.height);
    stage_rest(st);
    stage_look(st);
    assert_true(st->screen->most_colours <= 16);
    assert_shown(st, &box, &p, 6, 22.0);
    free(p.rgb);
    stage_close(st);
}

static void kitty_shows_the_picture_exactly(void **unused)
{
    (void)unused;
    struct stage *st = stage_open(GRAPHICS_KITTY, FAST);
    struct rect box = {2, 30, 20, 48};
    for (unsigned i = 0; i < 3; i++) {
        struct picture_of p = painting(400, 300, i);
        pixels_show(st->preview, 0, &box, 0, p.rgb, p.width, p.height);
        stage_rest(st);
        stage_look(st);
        assert_shown(st, &box, &p, 1, 0.01);
        free(p.rgb);
    }
    stage_close(st);
}

/* Breaking off in the middle of its chunks must not spoil the next picture. */
static void a_picture_broken_off_makes_room_for_the_next(void **unused)
{
    (void)unused;
    static const enum graphics_kind kinds[] = {GRAPHICS_SIXEL, GRAPHICS_KITTY};
    for (int k = 0; k < 2; k++) {
        struct script script = SLOW;
        script.rate = 60000;
        struct stage *st = stage_open(kinds[k], script);
        struct rect first = {2, 10, 20, 48}, second = {3, 3, 15, 30};
        struct picture_of p = painting(400, 300, 1), q = painting(280, 180, 2);
        pixels_show(st->preview, 0, &first, 0, p.rgb, p.width, p.height);
        stage_turn(st, 0.1);
        assert_int_equal(st->preview->figures.pictures, 0);
        pixels_show(st->preview, 0, &second, 0, q.rgb, q.width, q.height);
        pixels_finish_piece(st->preview);
        stage_rest(st);
        stage_look(st);
        assert_shown(st, &second, &q, kinds[k] == GRAPHICS_SIXEL ? 6 : 1, 22.0);
        free(p.rgb);
        free(q.rgb);
        stage_close(st);
    }
}

static void cells_fill_their_box(void **unused)
{
    (void)unused;
    static const enum graphics_kind kinds[] = {GRAPHICS_CELLS, GRAPHICS_ASCII};
    for (int k = 0; k < 2; k++) {
        struct stage *st = stage_open(kinds[k], FAST);
        struct rect box = {1, 1, 10, 40};
        struct picture_of p = painting(300, 180, 1);
        pixels_show(st->preview, 0, &box, 0, p.rgb, p.width, p.height);
        const struct cell *cells = pixels_cells(st->preview, 0, &box);
        assert_non_null(cells);
        int marks = 0;
        for (int i = 0; i < box.height * box.width; i++) {
            assert_true(kinds[k] != GRAPHICS_ASCII || cells[i].character < 127);
            marks += cells[i].character != ' ' || cells[i].back >= 0;
        }
        assert_true(marks > 10 * 25);
        struct rect elsewhere = {0, 0, 10, 40};
        assert_null(pixels_cells(st->preview, 0, &elsewhere));
        free(p.rgb);
        stage_close(st);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sixel_shows_the_picture_in_its_place),
        cmocka_unit_test(cells_of_any_height_are_covered),
        cmocka_unit_test(a_new_picture_of_the_same_size_is_drawn_without_wiping),
        cmocka_unit_test(nothing_is_left_of_a_picture_that_was_larger),
        cmocka_unit_test(a_picture_that_moves_or_goes_leaves_no_trace),
        cmocka_unit_test(closing_removes_every_picture),
        cmocka_unit_test(a_cleared_screen_is_painted_again),
        cmocka_unit_test(the_screen_shows_what_the_file_holds),
        cmocka_unit_test(another_picture_comes_at_once),
        cmocka_unit_test(a_picture_that_hardly_changed_is_not_sent),
        cmocka_unit_test(fewer_registers_are_respected),
        cmocka_unit_test(kitty_shows_the_picture_exactly),
        cmocka_unit_test(a_picture_broken_off_makes_room_for_the_next),
        cmocka_unit_test(cells_fill_their_box),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
