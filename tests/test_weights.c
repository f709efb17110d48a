/*
 * test_weights.c: what safetensors files give, and that broken ones get a sentence. Every file is
 * laid out so that its last byte is the last one that may be read: behind it lies forbidden memory.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/base/mem.h"
#include "engine/base/random.h"
#include "engine/net/weights.h"

#define MUST(call)                                                                               \
    do {                                                                                         \
        if ((call) != STATUS_OK)                                                                 \
            fail_msg("%s: %s", #call, diag.text);                                                \
    } while (0)

enum { ROOM = 1 << 20 }; /* a multiple of every page size */

static struct diag diag;
static unsigned char *room; /* ROOM bytes, then a page that must not be touched */
static char folder[4096], path[4200]; /* path: a name in our folder */

static int set_up(void **state)
{
    (void)state;
    const char *tmp = getenv("TMPDIR");
    snprintf(folder, sizeof folder, "%s/strata-weights-XXXXXX", tmp ? tmp : "/tmp");
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof path, "%s/w", folder);
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    int zero = open("/dev/zero", O_RDWR);
    room = mmap(NULL, ROOM + page, PROT_READ | PROT_WRITE, MAP_PRIVATE, zero, 0);
    close(zero);
    return room == MAP_FAILED ? -1 : mprotect(room + ROOM, page, PROT_NONE);
}

static int tear_down(void **state)
{
    (void)state;
    unlink(path);
    rmdir(folder);
    return munmap(room, ROOM + (size_t)sysconf(_SC_PAGESIZE));
}

/* A file's bytes, in the room. */
struct file {
    unsigned char *bytes;
    size_t size;
};

/* The length says what the header's length field says. */
static struct file lay_out(uint64_t length, const char *header, const void *data, size_t size)
{
    size_t text = strlen(header);
    struct file file = {room + ROOM - 8 - text - size, 8 + text + size};
    for (int i = 0; i < 8; i++)
        file.bytes[i] = (unsigned char)(length >> 8 * i);
    memcpy(file.bytes + 8, header, text);
    if (size)
        memcpy(file.bytes + 8 + text, data, size);
    return file;
}

static struct file make_file(const char *header, const void *data, size_t size)
{
    return lay_out(strlen(header), header, data, size);
}

static struct weights *must_open(const struct file *file)
{
    struct weights *w = NULL;
    MUST(weights_open_memory(&w, file->bytes, file->size, "w.safetensors", &diag));
    return w;
}

static void assert_said(enum status status, const char *said)
{
    if (status != STATUS_INPUT || !strstr(diag.text, said))
        fail_msg("status %d, \"%s\", not \"%s\"", status, diag.text, said);
    assert_int_equal(diag.status, status);
}

static void assert_refused(const struct file *file, const char *said)
{
    struct weights *w = NULL;
    assert_said(weights_open_memory(&w, file->bytes, file->size, "w.safetensors", &diag), said);
    assert_null(w);
    assert_true(strstr(diag.text, "w.safetensors") != NULL);
}

/* ---- what is read ------------------------------------------------------------------------- */

static void tensors_are_found_with_shape_and_values_at_any_address(void **state)
{
    (void)state;
    static const float values[6] = {1.0f, -2.5f, 3e38f, 1e-45f, 0.0f, 7.0f};
    static const char header[] =
        "{\"odd\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[0,3]},"
        "\"a\":{\"shape\":[2,3],\"data_offsets\":[3,27],\"dtype\":\"F32\"},"
        "\"one\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[27,31]},"
        "\"none\":{\"dtype\":\"F32\",\"shape\":[4,0],\"data_offsets\":[31,31]}}   ";
    unsigned char data[31] = {0};
    float out[6];
    struct weights_tensor t;
    memcpy(data + 3, values, sizeof values);
    memcpy(data + 27, values + 1, sizeof *values);
    struct file file = make_file(header, data, sizeof data);
    struct weights *w = must_open(&file);
    assert_string_equal(weights_name(w), "w.safetensors");
    assert_true(weights_has(w, "a") && !weights_has(w, "b"));
    MUST(weights_find(w, "a", &t, &diag));
    assert_string_equal(t.name, "a");
    assert_true(t.rank == 2 && t.shape[0] == 2 && t.shape[1] == 3 && t.n == 6);
    MUST(weights_load(w, "a", out, &diag));
    assert_memory_equal(out, values, sizeof values);
    MUST(weights_find(w, "one", &t, &diag));
    assert_true(t.rank == 0 && t.n == 1);
    MUST(weights_load(w, "one", out, &diag));
    assert_true(out[0] == values[1]);
    MUST(weights_find(w, "none", &t, &diag));
    assert_true(t.rank == 2 && t.n == 0);
    MUST(weights_load(w, "none", out, &diag));
    assert_said(weights_find(w, "b", &t, &diag), "w.safetensors has no tensor b");
    assert_said(weights_load(w, "b", out, &diag), "w.safetensors has no tensor b");
    weights_close(&w);
    assert_null(w);
    weights_close(&w);
}

static void every_finite_half_has_its_value(void **state)
{
    (void)state;
    enum { FINITE = 0x7c00 };
    static uint16_t halves[2 * FINITE];
    static float out[2 * FINITE];
    for (unsigned i = 0; i < FINITE; i++) {
        halves[i] = (uint16_t)i;
        halves[FINITE + i] = (uint16_t)(0x8000 | i);
    }
    struct file file = make_file(
        "{\"a\":{\"dtype\":\"F16\",\"shape\":[63488],\"data_offsets\":[0,126976]}}", halves,
        sizeof halves);
    struct weights *w = must_open(&file);
    MUST(weights_load(w, "a", out, &diag));
    weights_close(&w);
    for (unsigned i = 0; i < FINITE; i++) {
        unsigned exponent = i >> 10, fraction = i & 1023;
        double value = exponent ? (1024.0 + fraction) * pow(2.0, (double)exponent - 25.0)
                                : fraction * 0x1p-24;
        if (out[i] != value || out[FINITE + i] != -value || !signbit(out[FINITE + i]))
            fail_msg("half %04x is %a, not %a", i, out[i], value);
    }
    assert_true(out[0x3c00] == 1.0f && out[FINITE - 1] == 65504.0f && out[1] == 0x1p-24f);
}

static void a_bfloat_is_the_upper_half_of_a_float(void **state)
{
    (void)state;
    static const uint16_t data[4] = {0x3f80, 0xc040, 0x7f7f, 0x0001};
    static const float values[4] = {1.0f, -3.0f, 0x1.fep127f, 0x1p-133f};
    float out[4];
    struct file file = make_file(
        "{\"a\":{\"dtype\":\"BF16\",\"shape\":[4],\"data_offsets\":[0,8]}}", data, sizeof data);
    struct weights *w = must_open(&file);
    MUST(weights_load(w, "a", out, &diag));
    assert_memory_equal(out, values, sizeof values);
    weights_close(&w);
}

static void names_and_metadata_may_hold_escapes(void **state)
{
    (void)state;
    struct file file = make_file("{\"__metadata__\":{\"strata.source\":\"\\u001b[2J \\u00e9\"},"
                                 "\"c\\u006fnv \\\"1\\\"\":{\"dtype\":\"U8\",\"shape\":[1],"
                                 "\"data_offsets\":[0,1]}}",
                                 "", 1);
    struct weights *w = must_open(&file);
    assert_true(weights_has(w, "conv \"1\""));
    assert_string_equal(weights_meta(w, "strata.source"), "\x1b[2J \xc3\xa9");
    assert_null(weights_meta(w, "strata.Source"));
    weights_close(&w);
    file = make_file("{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}", "", 1);
    w = must_open(&file);
    assert_null(weights_meta(w, "strata.source"));
    weights_close(&w);
}

static void other_types_stand_in_a_file_and_are_not_loaded(void **state)
{
    (void)state;
    static const struct {
        const char *dtype;
        int size;
    } types[] = {{"F64", 8}, {"I64", 8}, {"U64", 8}, {"I32", 4},  {"U32", 4},     {"I16", 2},
                 {"U16", 2}, {"I8", 1},  {"U8", 1},  {"BOOL", 1}, {"F8_E4M3", 1}, {"F8_E5M2", 1}};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        char header[128], said[64], data[16] = {0};
        float out[2];
        snprintf(header, sizeof header,
                 "{\"a\":{\"dtype\":\"%s\",\"shape\":[2],\"data_offsets\":[0,%d]}}",
                 types[i].dtype, 2 * types[i].size);
        snprintf(said, sizeof said, "tensor a is %s; strata reads F32, F16 and BF16",
                 types[i].dtype);
        struct file file = make_file(header, data, (size_t)(2 * types[i].size));
        struct weights *w = must_open(&file);
        assert_said(weights_load(w, "a", out, &diag), said);
        weights_close(&w);
    }
}

static void a_value_that_is_not_finite_is_named(void **state)
{
    (void)state;
    static const struct {
        const char *dtype;
        unsigned size;
        uint32_t bits;
    } cases[] = {{"F32", 4, 0x7f800000}, {"F32", 4, 0xff800000}, {"F32", 4, 0x7fc00000},
                 {"F32", 4, 0x7f800001}, {"F16", 2, 0x7c00},     {"F16", 2, 0xfc00},
                 {"F16", 2, 0x7c01},     {"BF16", 2, 0x7f80},    {"BF16", 2, 0xffc0}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char header[128];
        unsigned char data[12] = {0};
        float out[3];
        snprintf(header, sizeof header,
                 "{\"a\":{\"dtype\":\"%s\",\"shape\":[3],\"data_offsets\":[0,%u]}}",
                 cases[i].dtype, 3 * cases[i].size);
        memcpy(data + 2 * cases[i].size, &cases[i].bits, cases[i].size);
        struct file file = make_file(header, data, 3 * cases[i].size);
        struct weights *w = must_open(&file);
        assert_said(weights_load(w, "a", out, &diag),
                    "w.safetensors: value 2 of tensor a is not a finite number");
        weights_close(&w);
    }
}

/* ---- what is refused ---------------------------------------------------------------------- */

static void a_length_is_not_believed(void **state)
{
    (void)state;
    static const uint64_t lengths[] = {55, 1000, 100000001, UINT64_C(1) << 32, UINT64_C(1) << 53,
                                       UINT64_MAX - 7, UINT64_MAX};
    static const char header[] = "{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}";
    struct file file;
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        file = lay_out(lengths[i], header, "", 0);
        assert_refused(&file, "header is longer than the file");
    }
    for (size_t size = 0; size < 8; size++) {
        file = (struct file){room + ROOM - size, size};
        assert_refused(&file, size ? "too short" : "it is empty");
    }
    file = lay_out(0, "", "", 0);
    assert_refused(&file, "not a JSON object");
}

static void a_header_that_is_no_object_of_json_is_refused(void **state)
{
    (void)state;
    static const char *const headers[] = {
        "", " ", "{", "}", "[]", "null", "1", "\"a\"", "{\"1\":1,", "{\"a", "{\"a\":\"\\",
        "{\"a\":\"\\u12", "{\"a\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}} x",
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}}{}", "\xff\xfe{}"};
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) {
        struct file file = make_file(headers[i], "", 0);
        assert_refused(&file, "its header is not a JSON object");
    }
    static const char zero[] = "{\"a\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}}";
    struct file file = lay_out(sizeof zero, zero, "", 1); /* the zero belongs to the header */
    assert_refused(&file, "its header is not a JSON object");
}

static void deep_wide_and_large_headers_are_refused(void **state)
{
    (void)state;
    enum { DEPTH = 200000, TENSORS = 5000, TENSOR = 64 };
    static char deep[DEPTH + 1], wide[2 * DEPTH + 8], many[TENSORS * TENSOR], name[512];
    memset(deep, '[', DEPTH);
    struct file file = make_file(deep, "", 0);
    assert_refused(&file, "its header is not a JSON object");
    strcpy(wide, "{\"a\":[1");
    for (size_t i = strlen(wide); i + 2 < sizeof wide; i += 2)
        memcpy(wide + i, ",1", 2);
    file = make_file(wide, "", 0);
    assert_refused(&file, "not a JSON object");
    for (size_t i = 7; i + 2 < sizeof wide; i++)
        wide[i] = ',';
    file = make_file(wide, "", 0);
    assert_refused(&file, "more than any network needs");
    snprintf(name, sizeof name, "{\"%0300d\":{\"dtype\":\"U8\",\"shape\":[0],"
                                "\"data_offsets\":[0,0]}}", 0);
    file = make_file(name, "", 0);
    assert_refused(&file, "has far too long a name");
    size_t used = 0;
    for (int i = 0; i < TENSORS; i++)
        used += (size_t)sprintf(many + used, "%c\"%d\":{\"dtype\":\"U8\",\"shape\":[0],"
                                             "\"data_offsets\":[0,0]}", i ? ',' : '{', i);
    strcpy(many + used, "}");
    file = make_file(many, "", 0);
    assert_refused(&file, "more tensors than any network needs");
}

/* A header longer than 100 MB in a sparse file that has it. */
static void a_header_beyond_the_format_s_limit_is_refused(void **state)
{
    (void)state;
    struct weights *w = NULL;
    uint64_t length = 100000001;
    int fd = open(path, O_CREAT | O_WRONLY, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, &length, sizeof length), sizeof length);
    assert_int_equal(ftruncate(fd, 100000009), 0);
    close(fd);
    enum status status = weights_open(&w, path, &diag);
    unlink(path);
    assert_said(status, "longer than the format allows");
}

#define TENSOR(rest) "{\"a\":" rest "}"
#define NUMBERS(shape, offsets)                                                                  \
    TENSOR("{\"dtype\":\"F32\",\"shape\":" shape ",\"data_offsets\":" offsets "}")

static void a_broken_entry_is_refused_by_name(void **state)
{
    (void)state;
    static const struct {
        const char *header, *said;
    } cases[] = {
        {"{}", "it holds no tensor"},
        {"{\"__metadata__\":{}}", "it holds no tensor"},
        {"{\"__metadata__\":[]}", "its __metadata__ is not a JSON object"},
        {"{\"__metadata__\":{},\"__metadata__\":{}}", "its __metadata__ stands in it twice"},
        {"{\"__metadata__\":{\"strata.mean\":[1,2,3]}}", "its metadata strata.mean is no text"},
        {TENSOR("1"), "tensor a has no dtype"},
        {TENSOR("{}"), "tensor a has no dtype"},
        {TENSOR("{\"dtype\":4}"), "tensor a has no dtype"},
        {TENSOR("{\"dtype\":\"F31\"}"), "tensor a has an unknown dtype"},
        {TENSOR("{\"dtype\":\"f32\"}"), "tensor a has an unknown dtype"},
        {TENSOR("{\"dtype\":\"F32\"}"), "tensor a has an impossible shape"},
        {NUMBERS("4", "[0,16]"), "impossible shape"},
        {NUMBERS("[-4]", "[0,16]"), "impossible shape"},
        {NUMBERS("[1.5]", "[0,6]"), "impossible shape"},
        {NUMBERS("[\"4\"]", "[0,16]"), "impossible shape"},
        {NUMBERS("[1e400]", "[0,16]"), "impossible shape"},
        {NUMBERS("[9007199254740994]", "[0,16]"), "impossible shape"},
        {NUMBERS("[4294967296,4294967296]", "[0,0]"), "impossible shape"},
        {NUMBERS("[1,1,1,1,1,1,1,1,4]", "[0,16]"), "impossible shape"},
        {TENSOR("{\"dtype\":\"F32\",\"shape\":[4]}"), "impossible data_offsets"},
        {NUMBERS("[4]", "16"), "impossible data_offsets"},
        {NUMBERS("[4]", "[16]"), "impossible data_offsets"},
        {NUMBERS("[4]", "[0,16,16]"), "impossible data_offsets"},
        {NUMBERS("[4]", "[16,0]"), "impossible data_offsets"},
        {NUMBERS("[4]", "[-16,0]"), "impossible data_offsets"},
        {NUMBERS("[4]", "[0.5,16.5]"), "impossible data_offsets"},
        {NUMBERS("[4]", "[0,1e308]"), "impossible data_offsets"},
        {NUMBERS("[4]", "[0,18446744073709551632]"), "impossible data_offsets"},
        {NUMBERS("[4]", "[null,16]"), "impossible data_offsets"},
        {NUMBERS("[4]", "[1,17]"), "reaches beyond the end of the file"},
        {NUMBERS("[4]", "[9007199254740976,9007199254740992]"), "reaches beyond the end"},
        {NUMBERS("[3]", "[0,16]"), "a shape that its data_offsets do not fit"},
        {NUMBERS("[5]", "[0,16]"), "do not fit"},
        {NUMBERS("[4]", "[0,0]"), "do not fit"},
        {NUMBERS("[4611686018427387904]", "[0,0]"), "impossible shape"},
        {NUMBERS("[4503599627370496,1024]", "[0,0]"), "do not fit"},
        {"{\"a\":{\"dtype\":\"U8\",\"shape\":[8],\"data_offsets\":[0,8]},"
         "\"a\":{\"dtype\":\"U8\",\"shape\":[8],\"data_offsets\":[8,16]}}", "a stands in it twice"},
        {"{\"a\":{\"dtype\":\"U8\",\"shape\":[9],\"data_offsets\":[0,9]},"
         "\"b\":{\"dtype\":\"U8\",\"shape\":[8],\"data_offsets\":[8,16]}}", "b overlaps another"},
        {"{\"a\":{\"dtype\":\"U8\",\"shape\":[8],\"data_offsets\":[4,12]},"
         "\"b\":{\"dtype\":\"U8\",\"shape\":[16],\"data_offsets\":[0,16]}}", "b overlaps another"},
        {"{\"\\u001b[31m\\n\":{}}", "tensor \\x1b[31m\\x0a has no dtype"},
    };
    static const char data[16];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct file file = make_file(cases[i].header, data, sizeof data);
        assert_refused(&file, cases[i].said);
    }
}

static void what_is_no_file_is_refused_by_kind(void **state)
{
    (void)state;
    struct weights *w = NULL;
    unlink(path);
    assert_said(weights_open(&w, path, &diag), "/w: No such file or directory");
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_said(weights_open(&w, path, &diag), "/w is a device or a pipe; name a file");
    unlink(path);
    close(open(path, O_CREAT | O_WRONLY, 0600));
    assert_said(weights_open(&w, path, &diag), "/w is not a usable safetensors file: it is empty");
    assert_said(weights_open(&w, folder, &diag), "is a folder; name a file");
    assert_said(weights_open(&w, "/dev/zero", &diag), "/dev/zero is a device or a pipe");
    assert_null(w);
}

/* ---- at random ---------------------------------------------------------------------------- */

static const char valid[] =
    "{\"__metadata__\":{\"strata.order\":\"bgr\",\"strata.mean\":\"1,2,3\"},"
    "\"conv1_1.weight\":{\"dtype\":\"F16\",\"shape\":[2,3,1,1],\"data_offsets\":[0,12]},"
    "\"conv1_1.bias\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[12,20]},"
    "\"c\":{\"dtype\":\"BF16\",\"shape\":[2],\"data_offsets\":[20,24]}}";
static const char values[24] = "\0\x3c\0\x3c\0\x3c\0\x3c\0\x3c\0\x3c";

/* Opens the file, and loads of it whatever can be found. */
static void use(const struct file *file)
{
    static const char *const names[] = {"conv1_1.weight", "conv1_1.bias", "c"};
    struct weights *w = NULL;
    diag.text[0] = 0;
    if (weights_open_memory(&w, file->bytes, file->size, "w", &diag) != STATUS_OK) {
        assert_true(diag.text[0] != 0);
        return;
    }
    weights_meta(w, "strata.mean");
    for (int i = 0; i < 3; i++) {
        struct weights_tensor t;
        float out[sizeof values];
        if (weights_find(w, names[i], &t, &diag) != STATUS_OK)
            continue;
        assert_in_range(t.n, 0, sizeof values);
        (void)weights_load(w, names[i], out, &diag);
    }
    weights_close(&w);
}

/* Cut short at every byte; and with a header cut short whose length says so. */
static void no_truncated_file_is_taken(void **state)
{
    (void)state;
    char header[sizeof valid];
    for (size_t size = 0; size < 8 + strlen(valid) + sizeof values; size++) {
        struct file file = make_file(valid, values, sizeof values);
        memmove(room + ROOM - size, file.bytes, size);
        file = (struct file){room + ROOM - size, size};
        assert_refused(&file, "is not a usable safetensors file");
    }
    for (size_t size = 0; size < strlen(valid); size++) {
        snprintf(header, sizeof header, "%.*s", (int)size, valid);
        struct file file = make_file(header, "", 0);
        assert_refused(&file, "its header is not a JSON object");
    }
}

static void no_corrupted_file_is_a_danger(void **state)
{
    (void)state;
    struct random random;
    random_seed(&random, 5);
    for (int i = 0; i < 5000; i++) {
        struct file file = make_file(valid, values, sizeof values);
        for (uint64_t n = 1 + random_u64(&random) % 3; n > 0; n--) {
            static const char likely[] = "0123456789-.eE,:{}[]\"\\u";
            uint64_t byte = random_u64(&random);
            file.bytes[random_u64(&random) % file.size] =
                byte & 1 ? (unsigned char)(byte >> 8)
                         : (unsigned char)likely[(byte >> 8) % (sizeof likely - 1)];
        }
        use(&file);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tensors_are_found_with_shape_and_values_at_any_address),
        cmocka_unit_test(every_finite_half_has_its_value),
        cmocka_unit_test(a_bfloat_is_the_upper_half_of_a_float),
        cmocka_unit_test(names_and_metadata_may_hold_escapes),
        cmocka_unit_test(other_types_stand_in_a_file_and_are_not_loaded),
        cmocka_unit_test(a_value_that_is_not_finite_is_named),
        cmocka_unit_test(a_length_is_not_believed),
        cmocka_unit_test(a_header_that_is_no_object_of_json_is_refused),
        cmocka_unit_test(deep_wide_and_large_headers_are_refused),
        cmocka_unit_test(a_header_beyond_the_format_s_limit_is_refused),
        cmocka_unit_test(a_broken_entry_is_refused_by_name),
        cmocka_unit_test(what_is_no_file_is_refused_by_kind),
        cmocka_unit_test(no_truncated_file_is_taken),
        cmocka_unit_test(no_corrupted_file_is_a_danger),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
