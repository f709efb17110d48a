/*
 * test_image_files.c: pictures written and read again, the job that a PNG carries, and files that
 * are no pictures or broken in every way.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "engine/image/image.h"
#include "engine/base/mem.h"
#include "tests/lib/image.h"

enum { N = 9 * 7 }; /* pixels of the PNGs of tests/ref/images */

static struct diag diag;
static char folder[4096], path[4200];

#define MUST(call) assert_int_equal((call), STATUS_OK)

/* Help */

static int make_folder(void **state)
{
    (void)state;
    const char *tmp = getenv("TMPDIR");
    snprintf(folder, sizeof folder, "%s/strata-image-XXXXXX", tmp ? tmp : "/tmp");
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    DIR *d = opendir(folder); /* a test that fails leaves its file */
    for (struct dirent *e = d ? readdir(d) : NULL; e; e = readdir(d)) {
        char name[4500];
        snprintf(name, sizeof name, "%s/%s", folder, e->d_name);
        unlink(name);
    }
    if (d)
        closedir(d);
    return rmdir(folder);
}

/* path = a name in our folder, which the test removes. */
static const char *own(const char *name)
{
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static const char *reference(const char *name, const char *ending)
{
    static char text[200];
    snprintf(text, sizeof text, "tests/ref/images/%s%s", name, ending);
    return text;
}

static void put(const char *name, const void *data, size_t size)
{
    unlink(name); /* ext4 flushes a file that is truncated and written again: slow */
    FILE *f = fopen(name, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(data, 1, size, f), size);
    assert_int_equal(fclose(f), 0);
}

static unsigned long long seed;

static unsigned noise(unsigned below)
{
    seed = seed * 6364136223846793005ull + 1442695040888963407ull;
    return (unsigned)(seed >> 33) % below;
}

static struct image random_image(int width, int height)
{
    struct image image;
    MUST(image_init(&image, width, height, &diag));
    for (size_t i = 0; i < (size_t)(3 * width * height); i++)
        image.rgb[i] = (float)noise(256);
    return image;
}

static void assert_refused(enum status got, enum status expected, const char *said)
{
    if (got != expected || !strstr(diag.text, said))
        fail_msg("status %d, %s (not %d, %s)", got, diag.text, expected, said);
    assert_int_equal(diag.status, expected);
}

/* Reading */

static void a_jpeg_is_read_and_probed_under_a_png_s_name_and_behind_much_metadata(void **state)
{
    (void)state;
    enum { SEGMENT = 65000, SEGMENTS = 3 };
    unsigned char *picture;
    size_t size, used = 2;
    MUST(file_read(&picture, &size, reference("jpeg-turn6", ".jpg"), 1 << 20, &diag));
    unsigned char *data = mem_new(SEGMENTS * (SEGMENT + 2) + size);
    memcpy(data, picture, 2);
    for (int i = 0; i < SEGMENTS; i++, used += SEGMENT + 2)
        memcpy(data + used, (unsigned char[]){0xff, 0xe2, SEGMENT >> 8, SEGMENT & 255}, 4);
    memcpy(data + used, picture + 2, size - 2);
    put(own("photo.png"), data, used + size - 2);
    mem_free(data);
    mem_free(picture);
    struct image image;
    int width, height;
    MUST(image_read(&image, path, &diag));
    MUST(image_probe(&width, &height, path, &diag));
    unlink(path);
    assert_true(image.width == 13 && image.height == 19 && width == 13 && height == 19);
    image_clear(&image);
}

static void what_is_no_picture_is_refused_by_name(void **state)
{
    (void)state;
    static const struct {
        const char *data, *said;
    } cases[] = {
        {"", "x.png is empty"},
        {"hello", "x.png is neither PNG, JPEG nor WebP"},
        {"\x89PNG", "neither PNG, JPEG nor WebP"},
        {"GIF89a", "looks like a GIF; convert it to PNG"},
        {"RIFF....WEBPVP8 ", "a WebP"},
        {"\x89PNG\r\n\x1a\nxxxx", "x.png is a damaged or truncated PNG"},
        {"\xff\xd8\xff\xe0", "x.png is a JPEG that cannot be read"},
    };
    struct image image = {.width = 5};
    int width = 5, height = 5;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        put(own("x.png"), cases[i].data, strlen(cases[i].data));
        assert_refused(image_read(&image, path, &diag), STATUS_INPUT, cases[i].said);
        assert_refused(image_probe(&width, &height, path, &diag), STATUS_INPUT, cases[i].said);
    }
    unlink(path);
    assert_refused(image_read(&image, path, &diag), STATUS_INPUT, "x.png: No such file");
    assert_refused(image_read(&image, folder, &diag), STATUS_INPUT, "is a folder");
    assert_true(image.width == 5 && !image.rgb && width == 5 && height == 5);
}

static void write_header(unsigned width, unsigned height)
{
    unsigned char png[33] = "\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR";
    for (int i = 0; i < 4; i++) {
        png[16 + i] = (unsigned char)(width >> (24 - 8 * i));
        png[20 + i] = (unsigned char)(height >> (24 - 8 * i));
    }
    png[24] = 8;
    put(own("x.png"), png, sizeof png);
}

static void impossible_sizes_are_refused_from_the_header(void **state)
{
    (void)state;
    struct image image = {0};
    int width, height;
    write_header(1 << 15, (1 << 15) + 1);
    assert_refused(image_read(&image, path, &diag), STATUS_RANGE, "too large: it is 32768×32769");
    assert_refused(image_probe(&width, &height, path, &diag), STATUS_RANGE, "x.png is too large");
    write_header(0xffffffff, 0xffffffff);
    assert_refused(image_read(&image, path, &diag), STATUS_RANGE, "x.png is too large");
    write_header(0, 5);
    assert_refused(image_read(&image, path, &diag), STATUS_RANGE, "x.png has no pixels");
    write_header(1 << 15, 1 << 15);
    MUST(image_probe(&width, &height, path, &diag));
    assert_true(width == 1 << 15 && height == 1 << 15);
    unlink(path);
    assert_refused(image_init(&image, 0, 3, &diag), STATUS_RANGE, "no pixels");
    assert_refused(image_init(&image, -1, 3, &diag), STATUS_RANGE, "no pixels");
    assert_refused(image_init(&image, 1 << 16, 1 << 15, &diag), STATUS_RANGE, "too large");
}

/* Writing */

static void a_png_comes_back_as_it_was_written(void **state)
{
    (void)state;
    seed = 3;
    struct image image = random_image(200, 117), back; /* noise: does not get smaller in a PNG */
    MUST(image_write(&image, own("x.PNG"), NULL, FILE_KEEP, &diag));
    MUST(image_read(&back, path, &diag));
    assert_null(back.alpha);
    assert_memory_equal(back.rgb, image.rgb, 3 * 200 * 117 * sizeof(float));
    char *job = NULL;
    assert_refused(image_read_job(&job, path, &diag), STATUS_INPUT, "x.PNG holds no job");
    assert_null(job);
    assert_refused(image_write(&image, path, NULL, FILE_KEEP, &diag), STATUS_IO, "exists");
    unlink(path);
    image_clear(&back);
    image_clear(&image);
}

static void alpha_comes_back_and_the_white_behind_does_not_add_up(void **state)
{
    (void)state;
    struct image image, back, flat;
    MUST(image_read(&image, reference("rgba8", ".png"), &diag));
    MUST(image_write(&image, own("x.png"), "a job", FILE_KEEP, &diag));
    MUST(image_read(&back, path, &diag));
    assert_memory_equal(back.alpha, image.alpha, N * sizeof(float));
    for (int i = 0; i < 3 * N; i++)
        assert_true(fabsf(back.rgb[i] - image.rgb[i]) < 1e-3f);
    unlink(path);
    MUST(image_write(&image, own("x.jpg"), "a job", FILE_KEEP, &diag));
    MUST(image_read(&flat, path, &diag));
    assert_null(flat.alpha);
    unlink(path);
    image_clear(&image);
    image_clear(&back);
    image_clear(&flat);
}

static void colours_are_rounded_and_clamped(void **state)
{
    (void)state;
    static const float in[] = {-5.0f, 0.49f, 0.51f, 254.49f, 254.51f, 300.0f, NAN};
    static const float out[] = {0, 0, 1, 254, 255, 255, 0};
    struct image image, back;
    MUST(image_init(&image, 7, 1, &diag));
    for (int c = 0; c < 3; c++)
        memcpy(image.rgb + 7 * c, in, sizeof in);
    MUST(image_write(&image, own("x.png"), NULL, FILE_KEEP, &diag));
    MUST(image_read(&back, path, &diag));
    for (int c = 0; c < 3; c++)
        assert_memory_equal(back.rgb + 7 * c, out, sizeof out);
    unlink(path);
    image_clear(&image);
    image_clear(&back);
}

/* Blue changes from column to column, which only undivided chroma can hold. */
static void a_jpeg_comes_back_nearly(void **state)
{
    (void)state;
    enum { WIDE = 61, HIGH = 43, ALL = WIDE * HIGH };
    struct image image, back;
    MUST(image_init(&image, WIDE, HIGH, &diag));
    for (int i = 0; i < ALL; i++) {
        image.rgb[i] = (float)(4 * (i % WIDE));
        image.rgb[i + ALL] = (float)(5 * (i / WIDE));
        image.rgb[i + 2 * ALL] = i % WIDE % 2 ? 60.0f : 120.0f;
    }
    MUST(image_write(&image, own("x.JPeG"), NULL, FILE_KEEP, &diag));
    MUST(image_read(&back, path, &diag));
    for (int i = 0; i < 3 * ALL; i++)
        assert_true(fabsf(back.rgb[i] - image.rgb[i]) <= 12.0f);
    unlink(path);
    image_clear(&image);
    image_clear(&back);
}

static void what_cannot_be_written_is_refused_by_name(void **state)
{
    (void)state;
    struct image image;
    MUST(image_init(&image, 65501, 1, &diag));
    assert_refused(image_write(&image, own("x.gif"), NULL, FILE_KEEP, &diag), STATUS_OUTPUT,
                   "end in .png, .jpg, .jpeg, .tif or .tiff");
    assert_refused(image_check_output(path, FILE_KEEP, &diag), STATUS_OUTPUT, "x.gif");
    assert_refused(image_write(&image, own("x.jpg"), NULL, FILE_KEEP, &diag), STATUS_RANGE,
                   "write a .png");
    MUST(image_check_output(path, FILE_KEEP, &diag));
    assert_refused(image_write(&image, own("none/x.png"), NULL, FILE_KEEP, &diag), STATUS_IO,
                   "none/x.png: No such file or directory");
    assert_refused(image_check_output(path, FILE_KEEP, &diag), STATUS_OUTPUT, "no folder");
    image_clear(&image);
}

/* The job in a PNG */

static void a_job_comes_back_from_the_png_that_carries_it(void **state)
{
    (void)state;
    static const char text[] = "[job]\ncontent = ä.jpg\n";
    char *job;
    struct image image;
    MUST(image_read_job(&job, reference("job", ".png"), &diag)); /* a chunk by Pillow */
    assert_string_equal(job, text);
    mem_free(job);
    MUST(image_read(&image, reference("job", ".png"), &diag));
    static const char *const texts[] = {text, ""};
    for (int i = 0; i < 2; i++) {
        struct image back;
        MUST(image_write(&image, own("x.png"), texts[i], FILE_KEEP, &diag));
        MUST(image_read_job(&job, path, &diag));
        assert_string_equal(job, texts[i]);
        mem_free(job);
        MUST(image_read(&back, path, &diag));
        assert_memory_equal(back.rgb, image.rgb, 3 * N * sizeof(float));
        image_clear(&back);
        unlink(path);
    }
    image_clear(&image);
    assert_refused(image_read_job(&job, reference("jpeg-grey", ".jpg"), &diag), STATUS_INPUT,
                   "is no PNG");
    char *much = mem_new((1 << 20) + 2);
    memset(much, 'x', (1 << 20) + 1);
    struct image small = random_image(2, 2);
    assert_refused(image_write(&small, path, much, FILE_KEEP, &diag), STATUS_RANGE, "too long");
    mem_free(much);
    image_clear(&small);
}

/* Makes the checksums of a PNG right again, so that damage gets past them. */
static void mend(unsigned char *data, size_t size)
{
    for (size_t at = 8; size - at >= 12;) {
        size_t n = (size_t)data[at] << 24 | (size_t)data[at + 1] << 16 |
                   (size_t)data[at + 2] << 8 | data[at + 3];
        if (n > size - at - 12)
            return;
        uLong crc = crc32(0, data + at + 4, (uInt)(4 + n));
        for (int i = 0; i < 4; i++)
            data[at + 8 + n + (size_t)i] = (unsigned char)(crc >> (24 - 8 * i));
        at += 12 + n;
    }
}

static void a_damaged_job_is_refused(void **state)
{
    (void)state;
    static const char before[] = "iTXtstrata-job"; /* the chunk that counts; a zero byte follows */
    unsigned char *data;
    size_t size, at = 0;
    char *job = NULL;
    MUST(file_read(&data, &size, reference("job", ".png"), 1 << 20, &diag));
    while (memcmp(data + at, before, sizeof before) != 0)
        at++;
    at += sizeof before + 4;
    data[at + 5] ^= 1;
    put(own("x.png"), data, size);
    assert_refused(image_read_job(&job, path, &diag), STATUS_INPUT, "the job in");
    mend(data, size);
    put(path, data, size);
    MUST(image_read_job(&job, path, &diag));
    mem_free(job);
    data[at + 5] = 0;
    mend(data, size);
    put(path, data, size);
    assert_refused(image_read_job(&job, path, &diag), STATUS_INPUT, "damaged");
    unlink(path);
    mem_free(data);
}

/* Broken files */

/* Whatever is in path: read, probed or refused in a sentence, without a trace. */
static int survives(void)
{
    struct image image = {0};
    int width, height;
    char *job = NULL;
    diag = (struct diag){0};
    enum status status = image_read(&image, path, &diag);
    assert_true(status == STATUS_OK || status == STATUS_INPUT || status == STATUS_RANGE);
    assert_true((status == STATUS_OK) == (image.rgb != NULL));
    assert_true(status == STATUS_OK || strlen(diag.text) > strlen(path));
    image_clear(&image);
    enum status probed = image_probe(&width, &height, path, &diag);
    assert_true(probed == STATUS_OK || probed == STATUS_INPUT || probed == STATUS_RANGE);
    assert_true(probed == STATUS_OK || status != STATUS_OK);
    if (image_read_job(&job, path, &diag) == STATUS_OK)
        mem_free(job);
    return status == STATUS_OK;
}

static void break_in_every_way(const char *name, const char *ending)
{
    unsigned char *data;
    size_t size;
    int read = 0;
    MUST(file_read(&data, &size, reference(name, ending), 1 << 20, &diag));
    own("broken");
    seed = 7;
    for (size_t n = 0; n < size; n++) {
        put(path, data, n);
        if (survives())
            fail_msg("%s%s was read though it ends at %zu of %zu", name, ending, n, size);
    }
    unsigned char *bad = mem_new(size);
    for (int i = 0; i < 1000; i++) {
        memcpy(bad, data, size);
        bad[noise((unsigned)size)] ^= (unsigned char)(1 + noise(255));
        if (i % 4 != 0)
            mend(bad, size);
        put(path, bad, size);
        read += survives();
    }
    assert_in_range(read, 1, 999); /* not all alike: some damage is seen, some does no harm */
    mem_free(bad);
    mem_free(data);
    unlink(path);
}

static void broken_pngs_are_refused_in_a_sentence(void **state)
{
    (void)state;
    break_in_every_way("rgba16-adam7", ".png");
    break_in_every_way("job", ".png");
}

static void broken_jpegs_are_refused_in_a_sentence(void **state)
{
    (void)state;
    break_in_every_way("jpeg-turn7", ".jpg");
    break_in_every_way("jpeg-progressive", ".jpg");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_jpeg_is_read_and_probed_under_a_png_s_name_and_behind_much_metadata),
        cmocka_unit_test(what_is_no_picture_is_refused_by_name),
        cmocka_unit_test(impossible_sizes_are_refused_from_the_header),
        cmocka_unit_test(a_png_comes_back_as_it_was_written),
        cmocka_unit_test(alpha_comes_back_and_the_white_behind_does_not_add_up),
        cmocka_unit_test(colours_are_rounded_and_clamped),
        cmocka_unit_test(a_jpeg_comes_back_nearly),
        cmocka_unit_test(what_cannot_be_written_is_refused_by_name),
        cmocka_unit_test(a_job_comes_back_from_the_png_that_carries_it),
        cmocka_unit_test(a_damaged_job_is_refused),
        cmocka_unit_test(broken_pngs_are_refused_in_a_sentence),
        cmocka_unit_test(broken_jpegs_are_refused_in_a_sentence),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
