/*
 * test_image_reading.c: no more of a picture is read than is wanted, it looks the same, what that
 * takes is told before, and files that claim much get little.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <png.h>
#include <stdio.h>
#include <jpeglib.h>

#include "engine/image/image.h"
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

/* Pictures to read */

/* What is at x, y of all pictures here: waves, and noise of which a reduction takes the mean. */
static unsigned char colour(int x, int y, int c)
{
    unsigned noise = ((unsigned)x * 7919u + (unsigned)y * 104729u + (unsigned)c * 31u) >> 2;
    return (unsigned char)(110 + 60 * sin(x * 0.011 * (c + 1) + y * 0.017) + (int)(noise % 61));
}

static int width_of_rows;

static void fill_rgb(unsigned char *row, int y)
{
    for (int i = 0; i < 3 * width_of_rows; i++)
        row[i] = colour(i / 3, y, i % 3);
}

static void draw_png(int width, int height)
{
    width_of_rows = width;
    bomb_png(own("x.png"), (struct png_kind){width, height, 8, 2, 0}, 0, fill_rgb);
}

static void put(const void *head, size_t head_size, const void *data, size_t size)
{
    FILE *f = fopen(path, "wb");
    assert_true(f && fwrite(head, 1, head_size, f) == head_size);
    assert_true(fwrite(data, 1, size, f) == size && fclose(f) == 0);
}

/* A JPEG with an orientation in its EXIF. */
static void draw_jpeg(int width, int height, bool progressive, int turn)
{
    unsigned char exif[] = "Exif\0\0MM\0*\0\0\0\x08\0\1\1\x12\0\3\0\0\0\1\0\0\0\0\0\0\0\0";
    struct jpeg_compress_struct jpeg;
    struct jpeg_error_mgr errors;
    JSAMPROW row = mem_new(3 * (size_t)width);
    FILE *f = fopen(own("x.jpg"), "wb");
    assert_non_null(f);
    jpeg.err = jpeg_std_error(&errors);
    jpeg_create_compress(&jpeg);
    jpeg_stdio_dest(&jpeg, f);
    jpeg.image_width = (JDIMENSION)width;
    jpeg.image_height = (JDIMENSION)height;
    jpeg.input_components = 3;
    jpeg.in_color_space = JCS_RGB;
    jpeg_set_defaults(&jpeg); /* 4:2:0 */
    jpeg_set_quality(&jpeg, 95, TRUE);
    if (progressive)
        jpeg_simple_progression(&jpeg);
    jpeg.write_JFIF_header = FALSE;
    jpeg_start_compress(&jpeg, TRUE);
    exif[25] = (unsigned char)turn;
    jpeg_write_marker(&jpeg, JPEG_APP0 + 1, exif, sizeof exif - 1);
    for (int y = 0; y < height; y++) {
        for (int i = 0; i < 3 * width; i++)
            row[i] = colour(i / 3, y, i % 3);
        jpeg_write_scanlines(&jpeg, &row, 1);
    }
    jpeg_finish_compress(&jpeg);
    jpeg_destroy_compress(&jpeg);
    mem_free(row);
    assert_int_equal(fclose(f), 0);
}

/* The memory that it takes; before any test that computes */

struct reading {
    struct image_request request;
    size_t need; /* as foreseen */
};

static bool reads(void *context)
{
    struct reading *r = context;
    struct image_head head;
    struct image_part part;
    struct image small;
    if (image_inspect(&head, path, &diag) != STATUS_OK ||
        image_read_part(&part, path, &head, &r->request, &diag) != STATUS_OK ||
        image_part_resize(&small, &part, r->request.to_width, r->request.to_height, &diag) !=
            STATUS_OK)
        return false;
    image_clear(&small);
    image_clear(&part.image);
    return true;
}

/* The peak of reading what is in path, which must be foreseen. */
static void assert_takes(const char *name, struct image_request request, size_t most)
{
    struct reading r = {.request = request};
    struct image_head head;
    MUST(image_inspect(&head, path, &diag));
    size_t need = image_need(&head, &request), peak = bomb_peak(reads, &r);
#ifdef __SANITIZE_ADDRESS__ /* what is freed stays, and has a shadow */
    need += need / 2 + 64 * MB;
#endif
    if (peak > need + 4 * MB || peak > most)
        fail_msg("%s took %.1f MB, %.1f were foreseen, and %.1f are the most", name,
                 (double)peak / MB, (double)need / MB, (double)most / MB);
}

static void a_large_picture_is_read_small_in_little_memory_as_foreseen(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        struct png_kind kind;
        struct image_request request;
        size_t most;
    } cases[] = {
        {"48 million pixels", {8000, 6000, 8, 2, 0}, {0, 0, 0, 0, 256, 192}, 80 * MB},
        {"bits", {11585, 11585, 1, 0, 0}, {0, 0, 0, 0, 256, 256}, 100 * MB},
        {"a part", {8000, 6000, 8, 6, 0}, {3000, 2000, 1000, 750, 256, 192}, 100 * MB},
        {"a tower", {64, 320000, 8, 2, 0}, {0, 0, 0, 0, 8, 40000}, 100 * MB},
        {"interlaced", {4000, 3000, 16, 6, 1}, {0, 0, 0, 0, 256, 192}, 200 * MB},
        {"as it is", {2000, 1500, 16, 6, 0}, {0, 0, 0, 0, 2000, 1500}, 200 * MB},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bomb_png(own("x.png"), cases[i].kind, 200, NULL);
        assert_takes(cases[i].name, cases[i].request, cases[i].most);
    }
    unlink(path);
    for (int progressive = 0; progressive < 2; progressive++) {
        draw_jpeg(5000, 3750, progressive, 6);
        assert_takes(progressive ? "progressive" : "baseline",
                     (struct image_request){0, 0, 0, 0, 256, 341},
                     progressive ? 180 * MB : 100 * MB);
    }
    unlink(path);
}

static bool is_refused(void *said)
{
    struct image image = {0};
    return image_read(&image, path, &diag) == STATUS_INPUT && strstr(diag.text, said);
}

static void set_size(off_t size)
{
    assert_int_equal(truncate(path, size), 0);
}

static void what_claims_much_and_holds_little_is_refused_in_little_memory(void **state)
{
    (void)state;
    static const unsigned char scan[] = "\xff\xda\0\x0c\3\1\0\2\x11\3\x11\0\x3f\0";
    unsigned char frame[] = "\xff\xd8\xff\xc2\0\x11\x08\x75\x30\x75\x30\3\1\x11\0\2\x11\1\3\x11\1";
    static const unsigned char kinds[] = {0xc0, 0xc2, 0xc9, 0xca}; /* Huffman's code, arithmetic */
    for (size_t i = 0; i < sizeof kinds; i++) {
        frame[3] = kinds[i];
        own("x.jpg");
        put(frame, sizeof frame - 1, scan, sizeof scan - 1);
        assert_in_range(bomb_peak(is_refused, "x.jpg is a damaged or truncated JPEG: it is too "
                                              "short"), 0, 40 * MB);
    }
    unlink(path);
    FILE *f = fopen(own("x.png"), "wb");
    bomb_head(f, &(struct png_kind){640, 480, 8, 2, 0});
    fclose(f);
    set_size(1 << 30);
    assert_in_range(bomb_peak(is_refused, "x.png is a damaged or truncated PNG"), 0, 40 * MB);
    unlink(path);
    put("\xff\xd8\xff", 3, "", 0);
    set_size(1 << 30);
    assert_in_range(bomb_peak(is_refused, "is a JPEG that cannot be read"), 0, 40 * MB);
    unlink(path);
}

static bool is_read(void *context)
{
    struct image image = {0};
    (void)context;
    return image_read(&image, path, &diag) == STATUS_OK;
}

static void what_stands_behind_a_jpeg_is_left_alone(void **state)
{
    (void)state;
    draw_jpeg(64, 48, false, 1);
    set_size(1 << 30);
    assert_in_range(bomb_peak(is_read, NULL), 0, 40 * MB);
    unlink(path);
}

/* How it looks */

/* Reading a part at a size against reading all, cutting and resizing: the mean difference. */
static double difference(const struct image_request *request, int *by)
{
    struct image_head head;
    struct image_part part;
    struct image whole, crop, expected, got;
    double sum = 0.0;
    MUST(image_inspect(&head, path, &diag));
    MUST(image_read(&whole, path, &diag));
    int w = request->width ? request->width : whole.width,
        h = request->width ? request->height : whole.height;
    MUST(image_crop(&crop, &whole, request->left, request->top, w, h, &diag));
    MUST(image_resize(&expected, &crop, request->to_width, request->to_height, &diag));
    MUST(image_read_part(&part, path, &head, request, &diag));
    MUST(image_part_resize(&got, &part, request->to_width, request->to_height, &diag));
    *by = (int)lround(w / part.width);
    assert_true(part.width >= fmin(w, 2 * request->to_width));
    for (int i = 0; i < 3 * got.width * got.height; i++)
        sum += fabs(got.rgb[i] - expected.rgb[i]);
    sum /= 3.0 * got.width * got.height;
    image_clear(&whole);
    image_clear(&crop);
    image_clear(&expected);
    image_clear(&part.image);
    image_clear(&got);
    return sum;
}

static void a_reduced_picture_looks_as_the_whole_one_does(void **state)
{
    (void)state;
    static const struct {
        struct image_request request;
        int png, jpeg; /* what it is divided by */
    } cases[] = {
        {{0, 0, 0, 0, 50, 37}, 12, 8},      {{0, 0, 0, 0, 100, 75}, 6, 4},
        {{0, 0, 0, 0, 299, 224}, 2, 2},     {{601, 443, 301, 226, 50, 37}, 3, 2},
        {{1052, 788, 151, 113, 70, 52}, 1, 1}, {{7, 5, 151, 113, 30, 22}, 2, 2},
    };
    draw_png(1203, 901);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int by;
        double d = difference(&cases[i].request, &by);
        if (d > (by == 1 ? 0.0 : 1.0) || by != cases[i].png)
            fail_msg("PNG, case %zu: differs by %f, divided by %d", i, d, by);
    }
    unlink(path);
    draw_jpeg(1203, 901, false, 1);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int by;
        double d = difference(&cases[i].request, &by);
        if (d > (by == 1 ? 0.0 : 1.5) || by != cases[i].jpeg)
            fail_msg("JPEG, case %zu: differs by %f, divided by %d", i, d, by);
    }
    unlink(path);
}

static void a_reduced_picture_is_upright_and_in_its_place(void **state)
{
    (void)state;
    for (int turn = 1; turn <= 8; turn++) {
        struct image_request all = {.to_width = 60, .to_height = 60};
        struct image_request part = {101, 203, 401, 397, 50, 50};
        struct image_head head;
        int by;
        draw_jpeg(803, 809, false, turn); /* 8 · 101 - 5, 8 · 102 - 7 */
        MUST(image_inspect(&head, path, &diag));
        assert_int_equal(head.width, turn < 5 ? 803 : 809);
        double whole = difference(&all, &by), piece = difference(&part, &by);
        if (whole > 1.5 || piece > 1.5)
            fail_msg("orientation %d differs by %f, a part by %f", turn, whole, piece);
    }
    unlink(path);
}

/* The values that libpng gives by its other interface. */
static void what_is_not_reduced_has_the_very_values_of_the_file(void **state)
{
    (void)state;
    static const char *const names[] = {"grey1", "grey4-adam7", "grey16", "palette4",
                                        "palette2-trns", "rgb8", "rgb8-trns", "rgb16",
                                        "rgba8-adam7", "rgba16", "greyalpha8", "gamma8", "gamma16",
                                        "srgb8"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        png_image png = {.version = PNG_IMAGE_VERSION};
        struct image image;
        unsigned char bytes[9 * 7 * 4];
        snprintf(path, sizeof path, "tests/ref/images/%s.png", names[i]);
        MUST(image_read(&image, path, &diag));
        assert_true(png_image_begin_read_from_file(&png, path));
        png.flags |= PNG_IMAGE_FLAG_16BIT_sRGB;
        png.format = PNG_FORMAT_RGBA;
        assert_int_equal(PNG_IMAGE_SIZE(png), sizeof bytes);
        assert_true(png_image_finish_read(&png, NULL, bytes, 0, NULL));
        for (int k = 0; k < 3 * 63; k++) {
            const unsigned char *p = bytes + 4 * (k % 63);
            float a = p[3] / 255.0f;
            if (image.rgb[k] != a * p[k / 63] + (1.0f - a) * 255.0f)
                fail_msg("%s, value %d: %f", names[i], k, image.rgb[k]);
        }
        image_clear(&image);
    }
}

static void a_file_that_changes_is_not_read_in_the_room_of_another(void **state)
{
    (void)state;
    struct image_head head;
    struct image_part part;
    bomb_png(own("x.png"), (struct png_kind){40, 30, 8, 2, 0}, 1, NULL);
    MUST(image_inspect(&head, path, &diag));
    bomb_png(path, (struct png_kind){4000, 3000, 8, 2, 0}, 1, NULL);
    assert_int_equal(image_read_part(&part, path, &head, &(struct image_request){0}, &diag),
                     STATUS_INPUT);
    assert_non_null(strstr(diag.text, "x.png has changed"));
    unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_large_picture_is_read_small_in_little_memory_as_foreseen),
        cmocka_unit_test(what_claims_much_and_holds_little_is_refused_in_little_memory),
        cmocka_unit_test(what_stands_behind_a_jpeg_is_left_alone),
        cmocka_unit_test(a_reduced_picture_looks_as_the_whole_one_does),
        cmocka_unit_test(a_reduced_picture_is_upright_and_in_its_place),
        cmocka_unit_test(what_is_not_reduced_has_the_very_values_of_the_file),
        cmocka_unit_test(a_file_that_changes_is_not_read_in_the_room_of_another),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
