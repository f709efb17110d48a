/*
 * test_pickle.c: the machine that reads state dicts, and PyTorch's files around it. Pickles are
 * written here byte by byte, as Python's pickle module would; whole files come from PyTorch itself
 * (tests/data/weights).
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "engine/base/file.h"
#include "engine/base/mem.h"
#include "weights/formats/pickle.h"
#include "weights/formats/read.h"

#define FILES "tests/data/weights/"
#define TEXT(bytes) bytes, sizeof(bytes) - 1

static struct diag diag;

static struct pickle *must_open(const char *bytes, size_t size)
{
    struct pickle *p = NULL;
    if (pickle_open(&p, (const unsigned char *)bytes, size, "f.pth", &diag) != STATUS_OK)
        fail_msg("%s", diag.text);
    assert_int_equal(pickle_length(p), size);
    return p;
}

static void assert_refused(const char *bytes, size_t size, const char *said)
{
    struct pickle *p = NULL;
    diag.text[0] = 0;
    enum status status = pickle_open(&p, (const unsigned char *)bytes, size, "f.pth", &diag);
    if (status != STATUS_INPUT || !strstr(diag.text, said) || !strstr(diag.text, "f.pth"))
        fail_msg("status %d, \"%s\", not \"%s\"", status, diag.text, said);
    assert_null(p);
}

static void assert_text(const struct pickle_value *v, const char *text)
{
    assert_int_equal(v->kind, PICKLE_TEXT);
    assert_int_equal(v->as.text.length, strlen(text));
    assert_memory_equal(v->as.text.bytes, text, strlen(text));
}

/* ---- values ------------------------------------------------------------------------------- */

static void integers_have_their_signs(void **state)
{
    (void)state;
    struct pickle *p =
        must_open(TEXT("\x80\x02(K\xffM\xff\xffJ\xff\xff\xff\xff\x8a\x00\x8a\x01\x80"
                       "\x8a\x08\x00\x00\x00\x00\x00\x00\x00\x80\x8a\x02\x00\x01t."));
    static const int64_t expected[] = {255, 65535, -1, 0, -128, INT64_MIN, 256};
    const struct pickle_value *v = pickle_root(p);
    assert_int_equal(v->kind, PICKLE_LIST);
    assert_int_equal(v->as.list.count, 7);
    for (size_t i = 0; i < 7; i++) {
        assert_int_equal(v->as.list.items[i]->kind, PICKLE_INTEGER);
        assert_true(v->as.list.items[i]->as.integer == expected[i]);
    }
    pickle_close(&p);
    assert_null(p);
    pickle_close(&p);
}

static void texts_of_both_pythons_and_other_values_are_read(void **state)
{
    (void)state;
    struct pickle *p = must_open(TEXT("\x80\x02](U\x01"
                                      "aT\x02\x00\x00\x00"
                                      "bcX\x01\x00\x00\x00"
                                      "d\x8c\x00N\x88\x89G\x3f\xf8\x00\x00\x00\x00\x00\x00)e."));
    struct pickle_value *const *items = pickle_root(p)->as.list.items;
    assert_text(items[0], "a");
    assert_text(items[1], "bc");
    assert_text(items[2], "d");
    assert_text(items[3], "");
    assert_int_equal(items[4]->kind, PICKLE_NONE);
    assert_true(items[5]->kind == PICKLE_BOOL && items[5]->as.integer == 1);
    assert_true(items[6]->kind == PICKLE_BOOL && items[6]->as.integer == 0);
    assert_true(items[7]->kind == PICKLE_REAL && items[7]->as.real == 1.5);
    assert_true(items[8]->kind == PICKLE_LIST && items[8]->as.list.count == 0);
    pickle_close(&p);
}

static void ordered_dicts_come_empty_or_with_their_pairs(void **state)
{
    (void)state;
    struct pickle *p = must_open(TEXT("\x80\x02" /* Python 3 */
                                      "ccollections\nOrderedDict\nq\x00)Rq\x01(U\x01kK\x05u}q\x02"
                                      "U\x09_metadataNsb."));
    const struct pickle_value *v = pickle_root(p);
    assert_true(v->kind == PICKLE_DICT && v->as.list.count == 2);
    assert_text(v->as.list.items[0], "k");
    pickle_close(&p);
    p = must_open(TEXT("\x80\x02" /* Python 2: [[k, v], [k, v]] */
                       "ccollections\nOrderedDict\n](](U\x01kK\x05"
                       "e](U\x01lK\x06"
                       "ee\x85R."));
    v = pickle_root(p);
    assert_true(v->kind == PICKLE_DICT && v->as.list.count == 4);
    assert_text(v->as.list.items[2], "l");
    assert_true(v->as.list.items[3]->as.integer == 6);
    pickle_close(&p);
}

static void the_memo_gives_back_what_was_put(void **state)
{
    (void)state;
    struct pickle *p = must_open(TEXT("\x80\x04(K\x01q\x07K\x02r\x00\x01\x00\x00K\x03\x94h\x07"
                                      "j\x00\x01\x00\x00h\x02t."));
    struct pickle_value *const *items = pickle_root(p)->as.list.items;
    assert_true(items[3] == items[0] && items[4] == items[1] && items[5] == items[2]);
    pickle_close(&p);
    p = must_open(TEXT("\x80\x02]q\x00h\x00"
                       "a.")); /* a list that contains itself */
    assert_true(pickle_root(p)->as.list.items[0] == pickle_root(p));
    pickle_close(&p);
}

static void a_tensor_has_storage_offset_shape_and_stride(void **state)
{
    (void)state;
    struct pickle *p =
        must_open(TEXT("\x80\x02"
                       "ctorch._utils\n_rebuild_tensor_v2\n((U\x07storagectorch\nHalfStorage\nU\x01"
                       "7U\x03"
                       "cpuK\x0atQK\x04K\x02K\x03\x86K\x01K\x02\x86\x89"
                       "ccollections\nOrderedDict\n)RtR."));
    const struct pickle_value *t = pickle_root(p);
    assert_int_equal(t->kind, PICKLE_TENSOR);
    assert_true(t->as.tensor.offset == 4 && t->as.tensor.rank == 2);
    assert_true(t->as.tensor.shape[0] == 2 && t->as.tensor.shape[1] == 3);
    assert_true(t->as.tensor.stride[0] == 1 && t->as.tensor.stride[1] == 2);
    assert_true(t->as.tensor.storage->as.storage.dtype == WEIGHTS_F16);
    assert_true(t->as.tensor.storage->as.storage.n == 10);
    assert_text(t->as.tensor.storage->as.storage.key, "7");
    assert_true(pickle_storages(p)->as.list.items[0] == t->as.tensor.storage);
    pickle_close(&p);
}

/* ---- what is refused ---------------------------------------------------------------------- */

static void nothing_but_a_state_dict_s_names_is_known(void **state)
{
    (void)state;
    assert_refused(TEXT("\x80\x02"
                        "cposix\nsystem\nU\x02ls\x85R."),
                   "wants Python to use posix.system, which no state dict needs; nothing was");
    assert_refused(TEXT("\x80\x02"
                        "c__builtin__\neval\nU\x01"
                        "1\x85R."),
                   "use __builtin__.eval");
    assert_refused(TEXT("\x80\x04\x8c\x02os\x8c\x06system\x93."), "use os.system");
    assert_refused(TEXT("\x80\x02"
                        "ctorch\nload\n."),
                   "use torch.load");
    assert_refused(TEXT("\x80\x02"
                        "ccollections\nOrderedDictX\n."),
                   "use collections.OrderedDictX");
    assert_refused(TEXT("\x80\x04K\x01\x8c\x06system\x93."), "names something by what is no name");
}

/* Every operation of Python's that is not needed, by its byte. */
static void every_other_operation_is_refused(void **state)
{
    (void)state;
    static const char others[] = "012FILPSVdgiloptB\"C\x81\x82\x83\x84\x8b\x8d\x8e\x8f\x90\x91\x92"
                                 "\x96\x97\x98\xff";
    for (const char *op = others; *op; op++) {
        char pickle[8] = {'\x80', 2, *op, 0, 0, 0, 0, '.'};
        if (!strchr("pt", *op)) /* t is TUPLE, p PUT: in text, not ours */
            assert_refused(pickle, sizeof pickle, "its pickle holds operation 0x");
    }
}

static void a_malformed_program_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t size;
        const char *said;
    } cases[] = {
        {TEXT(""), "ends too early"},
        {TEXT("\x80\x02"), "ends too early"},
        {TEXT("\x80\x02N"), "ends too early"},
        {TEXT("\x80\x02X\xff\xff\xff\xff."), "ends too early"},
        {TEXT("\x80\x02"
              "ccollections\nOrderedDict"),
         "ends too early"},
        {TEXT("\x80\x06N."), "unknown protocol"},
        {TEXT("\x80\x02."), "takes more than it gave"},
        {TEXT("\x80\x02(."), "takes more than it gave"},
        {TEXT("\x80\x02t."), "takes more than it gave"},
        {TEXT("\x80\x02N\x86."), "takes more than it gave"},
        {TEXT("\x80\x02q\x00."), "takes more than it gave"},
        {TEXT("\x80\x02}(Ne."), "puts together what does not fit"},
        {TEXT("\x80\x02](NNu."), "puts together what does not fit"},
        {TEXT("\x80\x02}(Nu."), "a dictionary in it is malformed"},
        {TEXT("\x80\x02h\x00."), "comes back to what was never there"},
        {TEXT("\x80\x02(q\x00h\x00."), "comes back to what was never there"},
        {TEXT("\x80\x02r\xff\xff\xff\x7f."), "takes more than it gave"},
        {TEXT("\x80\x02Nr\xff\xff\xff\x7f."), "more than any network needs"},
        {TEXT("\x80\x02NNR."), "calls what cannot be called"},
        {TEXT("\x80\x02"
              "ctorch\nSize\n)R."),
         "calls something with the wrong arguments"},
        {TEXT("\x80\x02"
              "ctorch\nFloatStorage\n)R."),
         "calls something with the wrong arguments"},
        {TEXT("\x80\x02}Nb."), "sets what it should not"},
        {TEXT("\x80\x02NQ."), "a storage in it is malformed"},
        {TEXT("\x80\x02(U\x07storagectorch\nSize\nU\x01"
              "7NK\x01tQ."),
         "a storage in it is malformed"},
        {TEXT("\x80\x02(U\x07storagectorch\nFloatStorage\nU\x01"
              "7NK\x01)tQ."),
         "is a view of another"},
        {TEXT("\x80\x02"
              "ctorch._utils\n_rebuild_tensor\n(NK\x00))tR."),
         "a tensor in it is malformed"},
        {TEXT("\x80\x02\x8a\x09\x01\x01\x01\x01\x01\x01\x01\x01\x01."), "number that is too large"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_refused(cases[i].bytes, cases[i].size, cases[i].said);
}

/* ---- whole files -------------------------------------------------------------------------- */

static const char *const files[] = {FILES "zip.pth", FILES "legacy.pth", FILES "protocol4.pth",
                                    FILES "checkpoint.pth", FILES "conv0.pth"};

static void a_file_of_pytorch_s_has_all_its_tensors(void **state)
{
    (void)state;
    static const size_t counts[] = {34, 34, 34, 34, 33};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        struct file_map map;
        struct tensors t = {.path = files[i]};
        assert_int_equal(file_map(&map, files[i], &diag), STATUS_OK);
        if (read_torch(&t, map.bytes, map.size, &diag) != STATUS_OK)
            fail_msg("%s", diag.text);
        assert_int_equal(t.count, counts[i]);
        assert_non_null(t.place[1][1][NAMES_KERNEL]);
        assert_int_equal(t.place[5][1][NAMES_BIAS]->n, 4);
        tensors_clear(&t);
        file_unmap(&map);
    }
}

/* Cut short at any byte, it is refused or, near its end, still has all that is needed. */
static void no_truncated_file_is_a_danger(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        unsigned char *bytes;
        size_t size, taken = 0;
        assert_int_equal(file_read(&bytes, &size, files[i], 1 << 20, &diag), STATUS_OK);
        for (size_t n = 0; n < size; n += 1 + n / 97) {
            struct tensors t = {.path = files[i]};
            unsigned char *cut = memcpy(mem_new(n + 1), bytes, n);
            taken += read_torch(&t, cut, n, &diag) == STATUS_OK;
            tensors_clear(&t);
            mem_free(cut);
        }
        assert_int_equal(taken, 0);
        mem_free(bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(integers_have_their_signs),
        cmocka_unit_test(texts_of_both_pythons_and_other_values_are_read),
        cmocka_unit_test(ordered_dicts_come_empty_or_with_their_pairs),
        cmocka_unit_test(the_memo_gives_back_what_was_put),
        cmocka_unit_test(a_tensor_has_storage_offset_shape_and_stride),
        cmocka_unit_test(nothing_but_a_state_dict_s_names_is_known),
        cmocka_unit_test(every_other_operation_is_refused),
        cmocka_unit_test(a_malformed_program_is_refused),
        cmocka_unit_test(a_file_of_pytorch_s_has_all_its_tensors),
        cmocka_unit_test(no_truncated_file_is_a_danger),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
