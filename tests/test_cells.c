/* test_cells.c: pictures in characters show what they should, whatever their width. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/base/mem.h"
#include "tui/pixels/cells.h"

/* The left half red, the right one blue. */
static void a_picture_of_any_width_stands_upright(void **state)
{
    enum { HEIGHT = 60, COLUMNS = 20, ROWS = 6 };
    static struct cell cells[COLUMNS * ROWS];
    (void)state;
    for (int width = 81; width < 97; width++) {
        unsigned char *rgb = mem_new(3 * (size_t)width * HEIGHT);
        for (int i = 0; i < width * HEIGHT; i++)
            rgb[3 * i + (i % width < width / 2 ? 0 : 2)] = 255;
        cells_draw(cells, COLUMNS, ROWS, CELLS_TRUE, false, rgb, width, HEIGHT);
        mem_free(rgb);
        for (int i = 0; i < COLUMNS * ROWS; i++) {
            int x = i % COLUMNS, colour = cells[i].back;
            bool red = x < COLUMNS / 2 - 1, blue = x > COLUMNS / 2;
            if (red && (colour >> 16 & 255) < 200)
                fail_msg("width %d: cell %d is %06x, not red", width, i, (unsigned)colour);
            if (blue && (colour & 255) < 200)
                fail_msg("width %d: cell %d is %06x, not blue", width, i, (unsigned)colour);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_picture_of_any_width_stands_upright)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
