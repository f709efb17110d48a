/*
 * test_npz.c: ZIP archives and the NumPy arrays in them. Archives are laid out here byte by byte;
 * whole files come from NumPy (tests/data/weights).
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <zlib.h>

#include "engine/base/file.h"
#include "engine/base/mem.h"
#include "weights/formats/read.h"
#include "weights/formats/zip.h"

enum { ROOM = 1 << 16 };

static struct diag diag;

/* ---- archives of our own ------------------------------------------------------------------ */

/* One file in an archive; what is zero is as it should be. */
struct spec {
    const char *name, *data;
    size_t size;
    unsigned method, flags;
    bool zip64; /* sizes and offset stand in the extra field */
    uint32_t crc, size_said, offset_said;
};

struct archive {
    unsigned char bytes[ROOM];
    size_t size;
};

static void put(struct archive *a, uint64_t value, int bytes)
{
    for (int i = 0; i < bytes; i++)
        a->bytes[a->size++] = i < 8 ? (unsigned char)(value >> 8 * i) : 0;
}

static void put_text(struct archive *a, const char *text, size_t size)
{
    memcpy(a->bytes + a->size, text, size);
    a->size += size;
}

static const struct archive *make(const struct spec *s)
{
    static struct archive a;
    a.size = 0;
    unsigned char packed[ROOM / 4];
    const char *data = s->data;
    size_t length = s->size;
    z_stream z = {0};
    if (s->method == 8) {
        deflateInit2(&z, 9, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY);
        z.next_in = (Bytef *)s->data;
        z.avail_in = (uInt)s->size;
        z.next_out = packed;
        z.avail_out = sizeof packed;
        assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
        length = z.total_out;
        data = (const char *)packed;
        deflateEnd(&z);
    }
    uint32_t crc = (uint32_t)crc32(0, (const Bytef *)s->data, (uInt)s->size) ^ s->crc;
    uint64_t size = s->size_said ? s->size_said : s->size;
    size_t name = strlen(s->name);
    put(&a, 0x04034b50, 4), put(&a, 0, 22), put(&a, name, 2), put(&a, 0, 2);
    put_text(&a, s->name, name), put_text(&a, data, length);
    size_t directory = a.size;
    put(&a, 0x02014b50, 4), put(&a, 0, 4), put(&a, s->flags, 2), put(&a, s->method, 2);
    put(&a, 0, 4), put(&a, crc, 4);
    put(&a, s->zip64 ? UINT32_MAX : length, 4), put(&a, s->zip64 ? UINT32_MAX : size, 4);
    put(&a, name, 2), put(&a, s->zip64 ? 28 : 0, 2), put(&a, 0, 10);
    put(&a, s->zip64 ? UINT32_MAX : s->offset_said, 4), put_text(&a, s->name, name);
    if (s->zip64)
        put(&a, 1, 2), put(&a, 24, 2), put(&a, size, 8), put(&a, length, 8), put(&a, 0, 8);
    size_t end = a.size;
    if (s->zip64) {
        put(&a, 0x06064b50, 4), put(&a, 44, 8), put(&a, 0, 12), put(&a, 1, 8), put(&a, 1, 8);
        put(&a, end - directory, 8), put(&a, directory, 8);
        put(&a, 0x07064b50, 4), put(&a, 0, 4), put(&a, end, 8), put(&a, 1, 4);
    }
    put(&a, 0x06054b50, 4), put(&a, 0, 4), put(&a, s->zip64 ? 0xffff : 1, 2);
    put(&a, s->zip64 ? 0xffff : 1, 2), put(&a, end - directory, 4);
    put(&a, s->zip64 ? UINT32_MAX : directory, 4), put(&a, 3, 2), put_text(&a, "end", 3);
    return &a;
}

static enum status read_one(struct zip_data *out, const struct spec *spec, size_t limit)
{
    const struct archive *a = make(spec);
    struct zip *zip = NULL;
    TRY(zip_open(&zip, a->bytes, a->size, "a.zip", &diag));
    assert_int_equal(zip_count(zip), 1);
    assert_string_equal(zip_name(zip, 0), spec->name);
    assert_int_equal(zip_find(zip, spec->name), 0);
    assert_int_equal(zip_find(zip, "other"), 1);
    enum status status = zip_read(out, zip, 0, limit, &diag);
    zip_close(&zip);
    assert_null(zip);
    return status;
}

static void assert_unreadable(const struct spec *spec, size_t limit, const char *said)
{
    struct zip_data data = {0};
    diag.text[0] = 0;
    enum status status = read_one(&data, spec, limit);
    if (status != STATUS_INPUT || !strstr(diag.text, said))
        fail_msg("status %d, \"%s\", not \"%s\"", status, diag.text, said);
}

static void stored_deflated_and_zip64_files_are_read(void **state)
{
    (void)state;
    char text[3000];
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = (char)(i * i / 7);
    for (unsigned method = 0; method <= 8; method += 8)
        for (int zip64 = 0; zip64 < 2; zip64++)
            for (size_t size = 0; size <= sizeof text; size += sizeof text) {
                struct zip_data data;
                struct spec spec = {
                    .name = "n", .data = text, .size = size, .method = method, .zip64 = zip64};
                if (read_one(&data, &spec, size) != STATUS_OK)
                    fail_msg("%s", diag.text);
                assert_int_equal(data.size, size);
                assert_memory_equal(data.bytes, text, size);
                zip_data_clear(&data);
            }
}

static void a_damaged_or_impossible_file_is_refused(void **state)
{
    (void)state;
    static const char text[] = "a text that is long enough to be packed a text that is long";
    const size_t n = sizeof text;
    for (unsigned method = 0; method <= 8; method += 8) {
        struct spec spec = {.name = "n", .data = text, .size = n, .method = method};
        assert_unreadable(&spec, n - 1, "has an impossible size");
        spec.crc = 1;
        assert_unreadable(&spec, n, "n is damaged");
        spec.crc = 0;
        spec.offset_said = 40;
        assert_unreadable(&spec, n, "reaches beyond its end");
        spec.offset_said = 0;
        spec.size_said = (uint32_t)n + 1;
        assert_unreadable(&spec, 2 * n, method ? "n is damaged" : "has an impossible size");
        spec.size_said = 2000000000; /* no weights can be packed that well */
        assert_unreadable(&spec, SIZE_MAX,
                          method ? "is packed more than 100 to 1" : "has an impossible size");
        spec.size_said = 0;
        spec.flags = 1;
        assert_unreadable(&spec, n, "is encrypted or packed in a way");
    }
    struct spec bzip2 = {.name = "n", .data = text, .size = n, .method = 12};
    assert_unreadable(&bzip2, n, "is encrypted or packed in a way");
}

static void an_archive_cut_short_is_refused(void **state)
{
    (void)state;
    struct spec spec = {.name = "n", .data = "data", .size = 4};
    for (int zip64 = 0; zip64 < 2; zip64++) {
        spec.zip64 = zip64;
        const struct archive *a = make(&spec);
        for (size_t n = 0; n < a->size; n++) {
            struct zip *zip = NULL;
            unsigned char *cut = memcpy(mem_new(n + 1), a->bytes, n);
            assert_int_equal(zip_open(&zip, cut, n, "a.zip", &diag), STATUS_INPUT);
            mem_free(cut);
        }
    }
}

/* ---- arrays ------------------------------------------------------------------------------- */

/* Reads an array of that header as conv1_1.bias; the values, or NULL if it is refused. */
static const float *read_array(const char *header, const char *data, size_t size, size_t n)
{
    static float values[16];
    char npy[512];
    int length = 10;
    memcpy(npy, "\x93NUMPY\x01", 8);
    npy[8] = (char)(strlen(header) + 1);
    npy[9] = 0;
    length += snprintf(npy + length, sizeof npy / 2, "%s\n", header);
    memcpy(npy + length, data, size);
    struct spec spec = {.name = "conv1_1.bias.npy", .data = npy, .size = (size_t)length + size};
    const struct archive *a = make(&spec);
    struct tensors t = {.path = "a.npz"};
    enum status status = read_npz(&t, a->bytes, a->size, &diag);
    if (status == STATUS_OK) {
        assert_int_equal(t.count, 1);
        assert_string_equal(t.list[0].name, "conv1_1.bias");
        assert_int_equal(t.list[0].n, n);
        memcpy(values, t.list[0].values, n * sizeof *values);
    }
    tensors_clear(&t);
    return status == STATUS_OK ? values : NULL;
}

static void arrays_of_every_float_and_order_are_read(void **state)
{
    (void)state;
    static const float six[6] = {0, 1, 2, 3, 4, 5};
    const double wide[2] = {1.5, -2.0};
    const float *v = read_array("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }",
                                (char *)six, 24, 6);
    assert_non_null(v);
    assert_memory_equal(v, six, sizeof six);
    v = read_array("{'descr': '<f4', 'fortran_order': True, 'shape': (2, 3), }", (char *)six, 24,
                   6);
    static const float turned[6] = {0, 2, 4, 1, 3, 5};
    assert_memory_equal(v, turned, sizeof turned);
    v = read_array("{'descr': '>f4', 'fortran_order': False, 'shape': (1,), }", "\x3f\x80\0\0", 4,
                   1);
    assert_true(v && v[0] == 1.0f);
    v = read_array("{'descr': '<f2', 'fortran_order': False, 'shape': (1L,), }", "\0\x3c", 2, 1);
    assert_true(v && v[0] == 1.0f);
    v = read_array("{'descr': '<f8', 'fortran_order': False, 'shape': (2,), }", (char *)wide, 16,
                   2);
    assert_true(v && v[0] == 1.5f && v[1] == -2.0f);
    v = read_array("{'descr': '<f4', 'fortran_order': False, 'shape': (), }", (char *)six, 4, 1);
    assert_true(v && v[0] == 0.0f);
}

static void a_malformed_array_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *header, *said;
    } cases[] = {
        {"", "no array that NumPy would write"},
        {"{}", "no array that NumPy would write"},
        {"{'descr': '<f4', 'shape': (1,), }", "no array that NumPy"},
        {"{'descr': '<f4', 'fortran_order': False, }", "no array that NumPy"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': 1, }", "no array that NumPy"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (1", "no array that NumPy"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }", "no array that NumPy"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (1,1,1,1,1,1,1,1,1), }", "no array"},
        {"{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }", "no array"},
        {"{'descr': '<i4', 'fortran_order': False, 'shape': (1,), }", "no floating-point numbers"},
        {"{'descr': '|O', 'fortran_order': False, 'shape': (1,), }", "no floating-point numbers"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", "larger than what the file"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999, 99999999999), }",
         "larger than what the file"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        diag.text[0] = 0;
        assert_null(read_array(cases[i].header, "\0\0\0\0", 4, 1));
        if (!strstr(diag.text, cases[i].said))
            fail_msg("%s: \"%s\"", cases[i].header, diag.text);
    }
}

static void no_corrupted_file_of_numpy_s_is_a_danger(void **state)
{
    (void)state;
    static const char *const files[] = {"tests/data/weights/caffe.npz",
                                        "tests/data/weights/hwio.npz"};
    for (int f = 0; f < 2; f++) {
        unsigned char *bytes;
        size_t size;
        assert_int_equal(file_read(&bytes, &size, files[f], 1 << 20, &diag), STATUS_OK);
        for (size_t at = 0; at < size; at += 1 + at / 61) {
            struct tensors t = {.path = files[f]};
            bytes[at] ^= 0x81;
            (void)read_npz(&t, bytes, size, &diag);
            bytes[at] ^= 0x81;
            tensors_clear(&t);
        }
        struct tensors t = {.path = files[f]};
        assert_int_equal(read_npz(&t, bytes, size, &diag), STATUS_OK);
        assert_int_equal(t.count, 33);
        tensors_clear(&t);
        mem_free(bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stored_deflated_and_zip64_files_are_read),
        cmocka_unit_test(a_damaged_or_impossible_file_is_refused),
        cmocka_unit_test(an_archive_cut_short_is_refused),
        cmocka_unit_test(arrays_of_every_float_and_order_are_read),
        cmocka_unit_test(a_malformed_array_is_refused),
        cmocka_unit_test(no_corrupted_file_of_numpy_s_is_a_danger),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
