/*
 * test_image_rows.c: pictures by rows are what they are as a whole, resized as the formula says, in
 * a window of rows that is told before; and what is wrong with a file comes to light.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <math.h>

#include "engine/image/image_rows.h"
#include "tests/lib/bomb.h"
#include "tests/lib/folder.h"
#include "tests/lib/image.h"

enum { MB = 1 << 20 };

static struct diag diag;
static char path[400];

#define MUST(call)                                                                               \
    do {                                                                                         \
        if ((call) != STATUS_OK)                                                                 \
            fail_msg("%s: %s", #call, diag.text);                                                \
    } while (0)

static const char *own(const char *name)
{
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

/* Memory; before any test that computes */

static struct image_request wanted;

static bool takes_rows(void *context)
{
    struct image_rows *rows;
    struct image_head head;
    (void)context;
    if (image_inspect(&head, path, &diag) != STATUS_OK ||
        image_rows_open(&rows, path, &head, &wanted, &diag) != STATUS_OK)
        return false;
    size_t w = (size_t)rows->width;
    float *row = mem_new(4 * w * sizeof *row);
    enum status status = STATUS_OK;
    while (status == STATUS_OK && rows->given < rows->height)
        status = image_rows_next(rows, row, row + w, row + 2 * w, row + 3 * w, &diag);
    image_rows_close(&rows);
    mem_free(row);
    return status == STATUS_OK;
}

static void rows_take_a_window_as_foreseen(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        struct png_kind kind;
        struct image_request request;
        size_t most;
    } cases[] = {
        {"as it is", {6000, 2500, 8, 2, 0}, {0}, 4 * MB},
        {"the same size", {6000, 2500, 8, 2, 0}, {0, 0, 0, 0, 6000, 2500}, 8 * MB},
        {"enlarged", {2000, 500, 8, 6, 0}, {0, 0, 0, 0, 16000, 2000}, 8 * MB},
        {"smaller", {6000, 2500, 16, 2, 0}, {0, 0, 0, 0, 3500, 1450}, 8 * MB},
        {"a part", {6000, 2500, 8, 2, 0}, {3000, 1500, 2000, 900, 500, 225}, 8 * MB},
        {"interlaced", {2000, 1500, 8, 2, 1}, {0, 0, 0, 0, 2000, 1500}, 16 * MB},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct image_head head;
        bomb_png(own("x.png"), cases[i].kind, 200, NULL);
        wanted = cases[i].request;
        MUST(image_inspect(&head, path, &diag));
        size_t need = image_rows_need(&head, &wanted), peak = bomb_peak(takes_rows, NULL);
#ifdef __SANITIZE_ADDRESS__ /* what is freed stays, and has a shadow */
        need += need / 2 + 64 * MB;
#endif
        if (peak > need + 4 * MB || image_rows_need(&head, &wanted) > cases[i].most)
            fail_msg("%s took %.1f MB, %.1f were foreseen", cases[i].name, (double)peak / MB,
                     (double)need / MB);
    }
    unlink(path);
}

/* Files */

static double cubic(double x)
{
    x = fabs(x);
    return x < 1.0 ? (1.5 * x - 2.5) * x * x + 1.0
                   : x < 2.0 ? ((-0.5 * x + 2.5) * x - 4.0) * x + 2.0 : 0.0;
}

/* The value at x, y of a part resized, straight from the definition. */
static double expected(const struct image *in, const float *plane, const struct image_place *place,
                       int x, int y, int to_w, int to_h)
{
    double across = place->width / to_w, down = place->height / to_h, sum = 0.0, weights = 0.0;
    double cx = place->left + (x + 0.5) * across, cy = place->top + (y + 0.5) * down;
    double sx = fmax(across, 1.0), sy = fmax(down, 1.0);
    for (int v = (int)fmax(cy - 2 * sy - 1, 0); v < fmin(cy + 2 * sy + 1, in->height); v++)
        for (int u = (int)fmax(cx - 2 * sx - 1, 0); u < fmin(cx + 2 * sx + 1, in->width); u++) {
            double w = cubic((u + 0.5 - cx) / sx) * cubic((v + 0.5 - cy) / sy);
            sum += w * plane[v * in->width + u];
            weights += w;
        }
    return fmin(fmax(sum / weights, 0.0), 255.0);
}

static void assert_rows(struct image_rows *rows, const struct image_part *part, const char *name)
{
    const struct image *in = &part->image;
    const struct image_place place = {part->left, part->top, part->width, part->height};
    int w = rows->width, h = rows->height, n = in->width * in->height;
    float row[4][400];
    assert_true(w <= 400);
    for (int y = 0; y < h; y++) {
        MUST(image_rows_next(rows, row[0], row[1], row[2], row[3], &diag));
        for (int c = 0; c < 4; c++)
            for (int x = 0; x < w; x++) {
                double e = c == 3 && !in->alpha ? 255.0
                                                : expected(in, c < 3 ? in->rgb + c * n : in->alpha,
                                                           &place, x, y, w, h);
                if (fabs(row[c][x] - e) > 1e-3)
                    fail_msg("%s: %d, %d, plane %d: %f, not %f", name, x, y, c, row[c][x], e);
            }
    }
}

static void check_file(const char *name)
{
    struct image_head head;
    snprintf(path, sizeof path, "tests/ref/images/%s", name);
    MUST(image_inspect(&head, path, &diag));
    int w = head.width, h = head.height;
    const struct image_request requests[] = {
        {0, 0, 0, 0, w, h}, {0, 0, 0, 0, w / 2, h / 2}, {0, 0, 0, 0, w / 4, h / 6},
        {0, 0, 0, 0, 3 * w, 2 * h + 1}, {2, 1, w - 4, h - 3, 5, 6}, {w / 2, h / 2, 3, 2, 1, 1},
        {2, 1, w - 4, h - 3, 0, 0}, {0},
    };
    for (size_t i = 0; i < sizeof requests / sizeof *requests; i++) {
        struct image_part part;
        struct image_rows *rows;
        MUST(image_read_part(&part, path, &head, requests + i, &diag));
        MUST(image_rows_open(&rows, path, &head, requests + i, &diag));
        assert_int_equal(rows->width, requests[i].to_width ? requests[i].to_width
                                                           : part.image.width);
        assert_rows(rows, &part, name);
        image_rows_close(&rows);
        image_clear(&part.image);
    }
}

static void rows_of_a_file_are_its_picture_of_every_kind(void **state)
{
    (void)state;
    int files = 0;
    DIR *d = opendir("tests/ref/images");
    assert_non_null(d);
    for (struct dirent *e; (e = readdir(d));)
        if (file_has_ending(e->d_name, ".png .jpg")) {
            check_file(e->d_name);
            files++;
        }
    closedir(d);
    assert_true(files > 50);
}

static void what_is_wrong_behind_the_rows_wanted_comes_to_light(void **state)
{
    (void)state;
    static const char *const names[] = {"rgb8.png", "rgb8-adam7.png", "jpeg-420.jpg",
                                        "jpeg-progressive.jpg", "jpeg-turn3.jpg"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        unsigned char *data;
        size_t size;
        char name[100];
        snprintf(name, sizeof name, "tests/ref/images/%s", names[i]);
        MUST(file_read(&data, &size, name, MB, &diag));
        unlink(own("x"));
        MUST(file_write(path, data, size - 3, FILE_KEEP, &diag));
        mem_free(data);
        wanted = (struct image_request){0, 0, 4, 2, 3, 1};
        assert_false(takes_rows(NULL));
        if (!strstr(diag.text, "is a damaged or truncated"))
            fail_msg("%s: %s", names[i], diag.text);
    }
    unlink(path);
}

/* Memory and streams on streams */

static struct image waves(int width, int height)
{
    struct image image;
    MUST(image_init(&image, width, height, &diag));
    for (int i = 0; i < 3 * width * height; i++)
        image.rgb[i] = (float)(127 + 120 * sin(i * 0.7 + i / width * 1.3));
    return image;
}

static void rows_of_rows_are_resized_as_pictures_are(void **state)
{
    (void)state;
    struct image image = waves(61, 47), small, large, got;
    const struct image_part all = {image, 0.0, 0.0, 61, 47};
    struct image_rows *rows;
    MUST(image_resize(&small, &image, 23, 19, &diag));
    MUST(image_resize(&large, &small, 61, 47, &diag));
    MUST(image_rows_of(&rows, &all, 23, 19, &diag));
    MUST(image_rows_resize(&rows, &rows, NULL, 61, 47, &diag));
    MUST(image_rows_gather(&got, &rows, &diag));
    assert_null(rows);
    assert_memory_equal(got.rgb, large.rgb, 3 * 61 * 47 * sizeof(float));
    image_clear(&got);
    MUST(image_rows_of(&rows, &all, 61, 47, &diag));
    MUST(image_rows_gather(&got, &rows, &diag));
    assert_memory_equal(got.rgb, image.rgb, 3 * 61 * 47 * sizeof(float));
    image_clear(&got);
    image_clear(&image);
    image_clear(&small);
    image_clear(&large);
}

static void a_part_in_memory_is_resized_from_its_place(void **state)
{
    (void)state;
    struct image image = waves(61, 47);
    /* The second one's rows lie on the picture's, every other one. */
    const struct image_part parts[] = {{image, 12.25, 30.5, 30.0, 11.5},
                                       {image, 10.25, 20.25, 20.0, 10.0}};
    const int sizes[][2] = {{45, 5}, {40, 20}};
    for (int i = 0; i < 2; i++) {
        struct image_rows *rows;
        MUST(image_rows_of(&rows, parts + i, sizes[i][0], sizes[i][1], &diag));
        assert_rows(rows, parts + i, "a part");
        image_rows_close(&rows);
        image_rows_close(&rows);
    }
    image_clear(&image);
}

static void rows_that_are_skipped_leave_the_others_as_they_are(void **state)
{
    (void)state;
    struct image image = waves(61, 47), small;
    const struct image_part all = {image, 0.0, 0.0, 61, 47};
    struct image_rows *rows;
    float r[23], g[23], b[23], alpha[23];
    MUST(image_resize(&small, &image, 23, 19, &diag));
    MUST(image_rows_of(&rows, &all, 23, 19, &diag));
    for (int y = 0; y < 19; y++) {
        if (y % 5 != 4) {
            MUST(image_rows_next(rows, NULL, NULL, NULL, NULL, &diag));
            continue;
        }
        MUST(image_rows_next(rows, r, g, b, alpha, &diag));
        assert_memory_equal(b, small.rgb + (2 * 19 + y) * 23, sizeof b);
        assert_true(alpha[0] == 255.0f && alpha[22] == 255.0f);
    }
    image_rows_close(&rows);
    MUST(image_rows_of(&rows, &all, 61, 47, &diag));
    assert_int_equal(image_rows_resize(&rows, &rows, NULL, 0, 5, &diag), STATUS_RANGE);
    assert_null(rows);
    image_clear(&image);
    image_clear(&small);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_take_a_window_as_foreseen),
        cmocka_unit_test(rows_of_a_file_are_its_picture_of_every_kind),
        cmocka_unit_test(what_is_wrong_behind_the_rows_wanted_comes_to_light),
        cmocka_unit_test(rows_of_rows_are_resized_as_pictures_are),
        cmocka_unit_test(a_part_in_memory_is_resized_from_its_place),
        cmocka_unit_test(rows_that_are_skipped_leave_the_others_as_they_are),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
