/*
 * test_image_writer.c: a picture written row by row is the file that libpng makes of the whole one,
 * takes a few rows of memory, and is there whole or not at all.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <png.h>
#include <signal.h>
#include <sys/resource.h>

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

static int entries(void)
{
    DIR *d = opendir(folder);
    int n = 0;
    for (struct dirent *e; (e = readdir(d));)
        n += e->d_name[0] != '.' || strstr(e->d_name, ".strata");
    closedir(d);
    return n;
}

/* Waves and noise. */
static void make_row(float *row[4], int width, int y)
{
    unsigned noise = (unsigned)y * 104729u;
    for (int c = 0; c < 4; c++)
        for (int x = 0; x < width; x++) {
            noise = noise * 1103515245u + 12345u;
            row[c][x] = (float)(((unsigned)(x * (c + 1) / 8 + y * 3) + (noise >> 27)) % 256);
        }
}

/* Writes rows and leaves the end to the caller. */
static enum status write_rows(struct image_writer *writer, int width, int height, bool alpha)
{
    float *all = mem_new(4 * (size_t)width * sizeof *all);
    float *row[4] = {all, all + width, all + 2 * width, all + 3 * width};
    enum status status = STATUS_OK;
    for (int y = 0; y < height && status == STATUS_OK; y++) {
        make_row(row, width, y);
        status = image_writer_row(writer, row[0], row[1], row[2], alpha ? row[3] : NULL, &diag);
    }
    mem_free(all);
    return status;
}

/* Memory, before any test that computes */

static bool writes(void *name)
{
    struct image_writer *w;
    if (image_writer_open(&w, own(name), 30000, 200, false, "a job", FILE_KEEP, &diag) ||
        write_rows(w, 30000, 200, false) || image_writer_finish(w, &diag))
        return false;
    image_writer_close(&w);
    return true;
}

static void a_writer_takes_a_few_rows_of_memory(void **state)
{
    (void)state;
    static char *const names[] = {"x.png", "x.jpg", "x.tif"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        size_t peak = bomb_peak(writes, names[i]);
#ifndef __SANITIZE_ADDRESS__
        if (peak > 8 * MB)
            fail_msg("%s took %.1f MB", names[i], (double)peak / MB);
#endif
        assert_true(peak < SIZE_MAX);
        assert_int_equal(unlink(own(names[i])), 0);
    }
}

/* The bytes */

static void check_png(bool alpha)
{
    enum { W = 301, H = 211 };
    size_t channels = alpha ? 4 : 3;
    png_image png = {.version = PNG_IMAGE_VERSION, .width = W, .height = H,
                     .format = alpha ? PNG_FORMAT_RGBA : PNG_FORMAT_RGB};
    png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(png);
    unsigned char *bytes = mem_new(W * H * channels), *expected = mem_new(size), *got;
    static float all[4][W];
    float *row[4] = {all[0], all[1], all[2], all[3]};
    struct image_writer *w;
    MUST(image_writer_open(&w, own("x.png"), W, H, alpha, NULL, FILE_KEEP, &diag));
    for (int y = 0; y < H; y++) {
        make_row(row, W, y);
        for (int x = 0; x < W; x++) {
            unsigned char *p = bytes + (size_t)(y * W + x) * channels;
            for (size_t c = 0; c < channels; c++)
                p[c] = (unsigned char)row[c][x];
            for (int c = 0; c < 3 && alpha; c++) /* laid over white, as pictures are */
                row[c][x] = 255.0f - (255.0f - row[c][x]) * row[3][x] / 255.0f;
            if (alpha && p[3] == 0)
                p[0] = p[1] = p[2] = 255;
        }
        MUST(image_writer_row(w, row[0], row[1], row[2], alpha ? row[3] : NULL, &diag));
    }
    assert_int_equal(access(path, F_OK), -1);
    MUST(image_writer_finish(w, &diag));
    image_writer_close(&w);
    assert_true(png_image_write_to_memory(&png, expected, &size, 0, bytes, 0, NULL));
    size_t length;
    MUST(file_read(&got, &length, path, MB, &diag));
    assert_int_equal(length, size);
    assert_memory_equal(got, expected, size);
    unlink(path);
    mem_free(bytes);
    mem_free(expected);
    mem_free(got);
}

static void a_png_by_rows_is_the_file_of_the_whole_picture(void **state)
{
    (void)state;
    check_png(false);
    check_png(true);
}

static size_t get(const unsigned char *at, size_t bytes)
{
    size_t value = 0;
    while (bytes-- > 0)
        value = value << 8 | at[bytes];
    return value;
}

/* Value i of a tag in the first directory; the file is little-endian, and no BigTIFF. */
static size_t tiff_value(const unsigned char *file, size_t tag, size_t i)
{
    static const size_t sizes[] = {0, 1, 1, 2, 4, 8};
    const unsigned char *at = file + get(file + 4, 4), *entry = at + 2;
    for (size_t k = 0; k < get(at, 2); k++, entry += 12)
        if (get(entry, 2) == tag) {
            size_t size = sizes[get(entry + 2, 2)], count = get(entry + 4, 4);
            assert_true(i < count);
            return get((count * size <= 4 ? entry + 8 : file + get(entry + 8, 4)) + i * size, size);
        }
    fail_msg("no tag %zu", tag);
    return 0;
}

static void a_tiff_holds_the_pixels_in_strips(void **state)
{
    (void)state;
    enum { W = 4001, H = 23 };
    for (size_t channels = 3; channels <= 4; channels++) {
        static float all[4][W];
        float *row[4] = {all[0], all[1], all[2], all[3]};
        struct image_writer *w;
        unsigned char *file;
        size_t size;
        MUST(image_writer_open(&w, own("x.tif"), W, H, channels == 4, NULL, FILE_KEEP, &diag));
        MUST(write_rows(w, W, H, channels == 4));
        MUST(image_writer_finish(w, &diag));
        image_writer_close(&w);
        MUST(file_read(&file, &size, path, MB, &diag));
        assert_memory_equal(file, "II\x2a\0", 4);
        assert_int_equal(tiff_value(file, 256, 0), W);
        assert_int_equal(tiff_value(file, 257, 0), H);
        assert_int_equal(tiff_value(file, 258, channels - 1), 8);
        assert_int_equal(tiff_value(file, 259, 0), 1);
        assert_int_equal(tiff_value(file, 262, 0), 2);
        assert_int_equal(tiff_value(file, 277, 0), channels);
        size_t rows = tiff_value(file, 278, 0);
        for (int y = 0; y < H; y++) {
            size_t strip = (size_t)y / rows, in = (size_t)y % rows * W * channels;
            const unsigned char *p = file + tiff_value(file, 273, strip) + in;
            assert_true(in + W * channels <= tiff_value(file, 279, strip));
            assert_true(p + W * channels <= file + size);
            make_row(row, W, y);
            for (size_t i = 0; i < W * channels && channels == 3; i++)
                assert_int_equal(p[i], row[i % channels][i / channels]);
            for (size_t i = 0; i < W && channels == 4; i++)
                assert_int_equal(p[4 * i + 3], row[3][i]);
        }
        mem_free(file);
        unlink(path);
    }
}

static void what_is_read_by_rows_and_written_by_rows_stays_the_same(void **state)
{
    (void)state;
    struct image_head head;
    struct image_rows *rows;
    struct image_writer *w;
    struct image before, after;
    const struct image_request all = {0};
    const char *name = "tests/ref/images/rgba8-adam7.png";
    float r[16], g[16], b[16], alpha[16];
    char *job;
    MUST(image_inspect(&head, name, &diag));
    MUST(image_rows_open(&rows, name, &head, &all, &diag));
    MUST(image_writer_open(&w, own("x.png"), rows->width, rows->height, true, "a job", FILE_KEEP,
                           &diag));
    while (rows->given < rows->height) {
        MUST(image_rows_next(rows, r, g, b, alpha, &diag));
        MUST(image_writer_row(w, r, g, b, alpha, &diag));
    }
    image_rows_close(&rows);
    MUST(image_writer_finish(w, &diag));
    image_writer_close(&w);
    MUST(image_read(&before, name, &diag));
    MUST(image_read(&after, path, &diag));
    size_t n = (size_t)before.width * (size_t)before.height;
    assert_memory_equal(before.alpha, after.alpha, n * sizeof(float));
    for (size_t i = 0; i < 3 * n; i++)
        assert_true(before.rgb[i] - after.rgb[i] < 1e-3f && after.rgb[i] - before.rgb[i] < 1e-3f);
    MUST(image_read_job(&job, path, &diag));
    assert_string_equal(job, "a job");
    mem_free(job);
    image_clear(&before);
    image_clear(&after);
    unlink(path);
}

/* All or nothing */

static void what_is_given_up_leaves_nothing(void **state)
{
    (void)state;
    static const char *const names[] = {"x.png", "x.jpg", "x.tif"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct image_writer *w;
        MUST(image_writer_open(&w, own(names[i]), 2000, 500, false, NULL, FILE_KEEP, &diag));
        MUST(write_rows(w, 2000, 300, false));
        image_writer_close(&w);
        assert_null(w);
        assert_int_equal(entries(), 0);
    }
    struct image_writer *w = NULL;
    image_writer_close(&w);
    assert_int_equal(image_writer_open(&w, own("x.jpg"), 65501, 1, false, NULL, FILE_KEEP, &diag),
                     STATUS_RANGE);
    assert_non_null(strstr(diag.text, "no side of a JPEG exceeds 65500"));
    assert_int_equal(image_writer_open(&w, own("x.png"), 1 << 16, 1 << 15, false, NULL, FILE_KEEP,
                                       &diag), STATUS_RANGE);
    assert_int_equal(image_writer_open(&w, own("x.png"), 0, 5, false, NULL, FILE_KEEP, &diag),
                     STATUS_RANGE);
    assert_null(w);
    assert_int_equal(entries(), 0);
}

static void a_full_disk_is_a_sentence_and_leaves_nothing(void **state)
{
    (void)state;
    static const char *const names[] = {"x.png", "x.jpg", "x.tiff"};
    struct rlimit old, small;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    small = (struct rlimit){100000, old.rlim_max};
    void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct image_writer *w;
        MUST(image_writer_open(&w, own(names[i]), 2000, 400, false, NULL, FILE_KEEP, &diag));
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
        enum status status = write_rows(w, 2000, 400, false);
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
        image_writer_close(&w);
        assert_int_equal(status, STATUS_IO);
        assert_non_null(strstr(diag.text, "cannot write "));
        assert_non_null(strstr(diag.text, ": File too large"));
        assert_int_equal(entries(), 0);
    }
    signal(SIGXFSZ, handler);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_writer_takes_a_few_rows_of_memory),
        cmocka_unit_test(a_png_by_rows_is_the_file_of_the_whole_picture),
        cmocka_unit_test(a_tiff_holds_the_pixels_in_strips),
        cmocka_unit_test(what_is_read_by_rows_and_written_by_rows_stays_the_same),
        cmocka_unit_test(what_is_given_up_leaves_nothing),
        cmocka_unit_test(a_full_disk_is_a_sentence_and_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
