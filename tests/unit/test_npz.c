/* SPDX-License-Identifier: Apache-2.0 */
/* NumPy arrays made byte by byte: types, orders, sizes, and what is refused. */
#include "checkpoint_builder.h"

#include "format/npz.h"

/** An array: the header's text, then `size` bytes of data. */
static struct sva_bytes array_of(const char *text, const void *data, size_t size)
{
    struct sva_bytes bytes = {0};
    sva_bytes_append(&bytes, "\x93NUMPY\1\0", 8);
    put16(&bytes, (unsigned)strlen(text));
    sva_bytes_text(&bytes, text);
    sva_bytes_append(&bytes, data, size);
    return bytes;
}

static enum sva_status parse(const void *text, size_t size, struct sva_npy_header *header,
                             struct sva_error *error)
{
    uint8_t bytes[512] = {0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0};
    *error = (struct sva_error){.status = SVA_OK};
    assert_true(size < sizeof bytes - 10);
    bytes[8] = (uint8_t)size;
    bytes[9] = (uint8_t)(size >> 8);
    memcpy(bytes + 10, text, size);
    return sva_npy_parse((struct sva_span){bytes, 10 + size}, "a.npy", header, error);
}

/** {'descr': '<descr>', ...} of two elements. */
static enum sva_status parse_descr(const char *descr, size_t size, struct sva_npy_header *header,
                                   struct sva_error *error)
{
    struct sva_bytes text = {0};
    sva_bytes_text(&text, "{'descr': '");
    sva_bytes_append(&text, descr, size);
    sva_bytes_text(&text, "', 'fortran_order': False, 'shape': (2,), }\n");
    const enum sva_status status = parse(text.data, text.size, header, error);
    sva_bytes_done(&text);
    return status;
}

static enum sva_status read_file(const struct temp_tree *tree, const char *name,
                                 struct sva_container *container, struct sva_error *error)
{
    const struct sva_limits limits = sva_limits_default();
    struct sva_input input = {.fd = -1};
    char path[512];
    *error = (struct sva_error){.status = SVA_OK};
    assert_int_equal(sva_input_open(-1, tree_path(tree, name, path), true, &input, NULL), SVA_OK);
    const enum sva_status status = sva_npz_read(&input, &limits, container, error);
    sva_input_close(&input);
    assert_int_equal(status, error->status);
    return status;
}

/** A file of one array. */
static enum sva_status read_array(const char *text, size_t data_bytes,
                                  struct sva_container *container, struct sva_error *error)
{
    uint8_t data[64] = {0};
    struct temp_tree tree;
    assert_true(data_bytes <= sizeof data);
    struct sva_bytes array = array_of(text, data, data_bytes);
    tree_make(&tree);
    tree_write(&tree, "a.npy", array.data, array.size);
    const enum sva_status status = read_file(&tree, "a.npy", container, error);
    tree_remove(&tree);
    sva_bytes_done(&array);
    return status;
}

/* -- headers ----------------------------------------------------------------------------------- */

static void headers_are_read_strictly(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *said; /* NULL: sound */
    } cases[] = {
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }", NULL},
        {"{'descr': '>f8', 'fortran_order': True, 'shape': (2,), }\n", NULL},
        {"{'shape': (), 'descr': '|u1', 'fortran_order': False}", NULL},
        {"{\"shape\":(1,2,3),\"descr\":\"<i2\",\"fortran_order\":False}   \n", NULL},
        {"{'descr': '|O', 'fortran_order': False, 'shape': (2,), }", "Python objects"},
        {"{'descr': 'O', 'fortran_order': False, 'shape': (2,), }", "not read"},
        {"{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2,), }", "records"},
        {"{'descr': '<f4', 'descr': '<f4', 'shape': (2,), }", "repeated"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (2,), 'x': 1}", "unknown"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (-2,), }", "cannot be"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (2), }", "does not end"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (2 3), }", "does not end"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (,), }", "cannot be"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': 2, }", "no shape"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,), }",
         "cannot be"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': ((2,),), }", "cannot be"},
        {"{'descr': '<f4', 'fortran_order': 0, 'shape': (2,), }", "order"},
        {"{'descr': '<f4', 'fortran_order': Falsehood, 'shape': (2,), }", "does not end"},
        {"{'descr': '<f4', 'fortran_order': False}", "lacks"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (2,), } + x", "more than"},
        {"{'descr': '<f4\\n', 'fortran_order': False, 'shape': (2,), }", "records"},
        {"{'descr': '<f4", "records"},
        {"__import__('os')", "no dictionary"},
        {"", "no dictionary"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct sva_npy_header header;
        struct sva_error error;
        const enum sva_status status = parse(cases[i].text, strlen(cases[i].text), &header, &error);
        if (cases[i].said == NULL
                ? status != SVA_OK
                : status != SVA_ERR_CORRUPT || strstr(error.text, cases[i].said) == NULL) {
            fail_msg("%s: %s", cases[i].text, error.text);
        }
    }
}

static void types_are_those_of_a_list(void **state)
{
    (void)state;
    static const struct {
        const char *descr;
        enum sva_dtype dtype;
        bool big;
    } sound[] = {
        {"<f2", SVA_DTYPE_F16, false},  {"<f4", SVA_DTYPE_F32, false},
        {"<f8", SVA_DTYPE_F64, false},  {"|i1", SVA_DTYPE_I8, false},
        {"<i1", SVA_DTYPE_I8, false},   {"<i2", SVA_DTYPE_I16, false},
        {"<i4", SVA_DTYPE_I32, false},  {"<i8", SVA_DTYPE_I64, false},
        {"|u1", SVA_DTYPE_U8, false},   {"<u2", SVA_DTYPE_U16, false},
        {"<u4", SVA_DTYPE_U32, false},  {"<u8", SVA_DTYPE_U64, false},
        {"|b1", SVA_DTYPE_BOOL, false}, {"<c8", SVA_DTYPE_C64, false},
        {">f4", SVA_DTYPE_F32, true},   {">f2", SVA_DTYPE_F16, true},
        {">i8", SVA_DTYPE_I64, true},
    };
    static const char *const unread[] = {"<c16", "<f16", "<U8", "|S4", "<M8[ns]", "<m8", "|V2",
                                         "<f",   "f4",   "<",   "",    "<f44",    "<F4"};
    for (size_t i = 0; i < sizeof sound / sizeof *sound; i++) {
        struct sva_npy_header header;
        struct sva_error error;
        if (parse_descr(sound[i].descr, strlen(sound[i].descr), &header, &error) != SVA_OK) {
            fail_msg("%s: %s", sound[i].descr, error.text);
        }
        assert_int_equal(header.dtype, sound[i].dtype);
        assert_int_equal(header.big_endian, sound[i].big);
        assert_int_equal(header.rank, 1);
        assert_int_equal(header.shape[0], 2);
    }
    for (size_t i = 0; i < sizeof unread / sizeof *unread; i++) {
        struct sva_npy_header header;
        struct sva_error error;
        assert_int_equal(parse_descr(unread[i], strlen(unread[i]), &header, &error),
                         SVA_ERR_CORRUPT);
        assert_non_null(strstr(error.text, "a type that is not read"));
    }
}

/** '=' and '|' leave the order of wider elements to the machine that reads; a NUL is no order. */
static void an_unknown_byte_order_is_refused(void **state)
{
    (void)state;
    for (unsigned order = 0; order < 256; order++) {
        const char wide[3] = {(char)order, 'f', '4'};
        const char single[3] = {(char)order, 'i', '1'};
        struct sva_npy_header header;
        struct sva_error error;
        const bool ends = order == '\'' || order == '\\';
        const bool known = order == '<' || order == '>';
        assert_int_equal(parse_descr(wide, 3, &header, &error) == SVA_OK, known);
        assert_true(known || ends || strstr(error.text, "byte order") != NULL);
        for (const char *c = error.text; *c != '\0'; c++) {
            assert_true(*c >= ' ' && *c <= '~');
        }
        assert_int_equal(parse_descr(single, 3, &header, &error) == SVA_OK, known || order == '|');
    }
}

static void a_nul_in_a_header_is_refused(void **state)
{
    (void)state;
    static const char text[] = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }";
    for (size_t at = 0; at < sizeof text - 1; at++) {
        char changed[sizeof text];
        struct sva_npy_header header;
        struct sva_error error;
        memcpy(changed, text, sizeof text);
        changed[at] = '\0';
        if (text[at] != ' ') {
            assert_int_equal(parse(changed, sizeof text - 1, &header, &error), SVA_ERR_CORRUPT);
        }
    }
}

static void versions_are_three(void **state)
{
    (void)state;
    static const char text[] = "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }";
    for (unsigned major = 0; major < 6; major++) {
        for (unsigned minor = 0; minor < 2; minor++) {
            struct sva_bytes bytes = {0};
            struct sva_npy_header header;
            struct sva_error error = {0};
            const uint8_t version[2] = {(uint8_t)major, (uint8_t)minor};
            sva_bytes_append(&bytes, "\x93NUMPY", 6);
            sva_bytes_append(&bytes, version, 2);
            put16(&bytes, sizeof text - 1);
            if (major != 1) {
                put16(&bytes, 0);
            }
            sva_bytes_text(&bytes, text);
            const enum sva_status status =
                sva_npy_parse((struct sva_span){bytes.data, bytes.size}, "a.npy", &header, &error);
            assert_int_equal(status == SVA_OK, major >= 1 && major <= 3 && minor == 0);
            sva_bytes_done(&bytes);
        }
    }
}

static void every_beginning_of_an_array_is_refused(void **state)
{
    (void)state;
    struct sva_bytes array =
        array_of("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }", NULL, 0);
    for (size_t size = 0; size < array.size; size++) {
        struct sva_npy_header header;
        struct sva_error error = {0};
        assert_int_equal(
            sva_npy_parse((struct sva_span){array.data, size}, "a.npy", &header, &error),
            SVA_ERR_CORRUPT);
    }
    sva_bytes_done(&array);
}

/* -- files ------------------------------------------------------------------------------------- */

static void orders_of_elements_are_told_apart(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint64_t first, second;
        bool turned;
    } cases[] = {
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }", 2, 3, false},
        {"{'descr': '<f4', 'fortran_order': True, 'shape': (3, 2), }", 2, 3, true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct sva_container container;
        struct sva_error error;
        assert_int_equal(read_array(cases[i].text, 24, &container, &error), SVA_OK);
        assert_int_equal(container.tensor_count, 1);
        assert_string_equal(container.tensors[0].name, "array");
        assert_int_equal(container.tensors[0].shape[0], cases[i].first);
        assert_int_equal(container.tensors[0].shape[1], cases[i].second);
        assert_int_equal(container.finding_count, cases[i].turned);
        if (cases[i].turned) {
            assert_string_equal(container.findings[0].code, "transposed-storage");
        }
        sva_container_done(&container);
    }
    struct sva_container container; /* one axis has no order */
    struct sva_error error;
    assert_int_equal(read_array("{'descr': '<f4', 'fortran_order': True, 'shape': (6,), }", 24,
                                &container, &error),
                     SVA_OK);
    assert_int_equal(container.finding_count, 0);
    sva_container_done(&container);
}

static void sizes_must_fit(void **state)
{
    (void)state;
    static const struct {
        const char *shape;
        const char *said; /* NULL: sound */
        uint64_t unclaimed;
    } cases[] = {
        {"(2, 3)", NULL, 0},
        {"(5,)", NULL, 4},
        {"()", NULL, 20},
        {"(0, 9)", NULL, 24},
        {"(7,)", "do not fit", 0},
        {"(4611686018427387904,)", "do not fit", 0},
        {"(4294967296, 4294967296)", "overflows", 0},
        {"(18446744073709551615,)", "cannot be", 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[128];
        struct sva_container container;
        struct sva_error error;
        snprintf(text, sizeof text, "{'descr': '<f4', 'fortran_order': False, 'shape': %s, }",
                 cases[i].shape);
        const enum sva_status status = read_array(text, 24, &container, &error);
        if (cases[i].said == NULL
                ? status != SVA_OK
                : status != SVA_ERR_CORRUPT || strstr(error.text, cases[i].said) == NULL) {
            fail_msg("%s: %s", cases[i].shape, error.text);
        }
        if (status == SVA_OK) {
            assert_int_equal(container.unclaimed_bytes, cases[i].unclaimed);
            assert_int_equal(container.finding_count, cases[i].unclaimed > 0);
            sva_container_done(&container);
        }
    }
}

static const char six_text[] = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }";

static void arrays_of_an_npz_are_tensors(void **state)
{
    (void)state;
    struct sva_bytes array = array_of(six_text, six, sizeof six);
    struct temp_tree tree;
    struct zip_maker zip = {0};
    tree_make(&tree);
    zip_add(&zip, "layer/w.npy", 0, array.data, array.size);
    zip_add(&zip, "b.npy", 0, array.data, array.size);
    zip_add(&zip, "notes.txt", 0, "x", 1);
    zip_save(&zip, &tree, "m.npz");
    struct sva_model *const model = tree_open(&tree, "m.npz");
    assert_int_equal(model->tensor_count, 2);
    assert_string_equal(model->tensors[1].name, "layer/w");
    assert_int_equal(model->tensors[1].shape[1], 3);
    assert_int_equal(model->files[0].kind, SVA_FILE_NUMPY);
    assert_int_equal(count_findings(model, "foreign-entries"), 1);
    assert_null(sva_model_fact(model, "files.pickles"));
    float values[6];
    assert_int_equal(
        sva_model_read(model, 0, model->tensors[0].offset_bytes, values, sizeof values, NULL),
        SVA_OK);
    assert_memory_equal(values, six, sizeof six);
    sva_model_close(model);
    sva_bytes_done(&array);
    tree_remove(&tree);
}

static void what_is_not_stored_plainly_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        unsigned method;
        enum sva_status status;
        const char *said;
    } cases[] = {
        {six_text, 8, SVA_ERR_UNSUPPORTED, "savez_compressed"},
        {"{'descr': '|O', 'fortran_order': False, 'shape': (2,), }", 0, SVA_ERR_CORRUPT,
         "array \"w.npy\": holds Python objects, which are never loaded"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (7,), }", 0, SVA_ERR_CORRUPT,
         "array \"w.npy\": 7 elements do not fit in the 24 bytes"},
    };
    struct temp_tree tree;
    tree_make(&tree);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct sva_bytes array = array_of(cases[i].text, six, sizeof six);
        struct zip_maker zip = {0};
        zip_add(&zip, "w.npy", cases[i].method, array.data, array.size);
        zip_save(&zip, &tree, "c.npz");
        tree_refused(&tree, "c.npz", cases[i].status, cases[i].said);
        sva_bytes_done(&array);
    }
    tree_remove(&tree);
}

/** Its first entry makes it arrays here, and its pickle a checkpoint elsewhere. */
static void arrays_with_a_pickle_are_refused(void **state)
{
    (void)state;
    static const char *const names[] = {"m/data.pkl", "data.pkl", "m/Data.PKL", "m/n/data.pkl"};
    struct sva_bytes array = array_of(six_text, six, sizeof six);
    struct temp_tree tree;
    tree_make(&tree);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct zip_maker zip = {0};
        zip_add(&zip, "m/w.npy", 0, array.data, array.size);
        zip_add(&zip, names[i], 0, BYTES(state_dict));
        zip_save(&zip, &tree, "pytorch_model.bin");
        tree_refused(&tree, "", SVA_ERR_CORRUPT, "makes the arrays a PyTorch checkpoint");
    }
    struct zip_maker zip = {0};
    zip_add(&zip, "m/w.npy", 0, array.data, array.size);
    zip_add(&zip, "m/xdata.pkl", 0, BYTES(state_dict));
    zip_save(&zip, &tree, "pytorch_model.bin");
    sva_model_close(tree_open(&tree, ""));
    sva_bytes_done(&array);
    tree_remove(&tree);
}

static void bytes_between_arrays_are_a_finding(void **state)
{
    (void)state;
    struct sva_bytes array = array_of(six_text, six, sizeof six);
    struct temp_tree tree;
    struct zip_maker zip = {.gap = 5};
    struct sva_container container;
    struct sva_error error;
    tree_make(&tree);
    zip_add(&zip, "a.npy", 0, array.data, array.size);
    zip_add(&zip, "b.npy", 0, array.data, array.size);
    zip_save(&zip, &tree, "m.npz");
    assert_int_equal(read_file(&tree, "m.npz", &container, &error), SVA_OK);
    assert_int_equal(container.unclaimed_bytes, 10);
    assert_int_equal(container.finding_count, 1);
    assert_string_equal(container.findings[0].code, "archive-unclaimed-bytes");
    sva_container_done(&container);
    sva_bytes_done(&array);
    tree_remove(&tree);
}

static void arrays_survive_lack_of_memory(void **state)
{
    (void)state;
    struct sva_bytes array = array_of(six_text, six, sizeof six);
    struct temp_tree tree;
    struct zip_maker zip = {.gap = 5};
    const struct sva_limits limits = sva_limits_default();
    char path[512];
    tree_make(&tree);
    zip_add(&zip, "a.npy", 0, array.data, array.size);
    zip_add(&zip, "x", 0, array.data, array.size);
    zip_save(&zip, &tree, "m.npz");
    enum sva_status status = SVA_ERR_MEMORY;
    for (uint64_t n = 1; n < 300 && status == SVA_ERR_MEMORY; n++) {
        struct sva_container container;
        struct sva_error error = {0};
        struct sva_input input = {.fd = -1};
        assert_int_equal(sva_input_open(-1, tree_path(&tree, "m.npz", path), true, &input, NULL),
                         SVA_OK);
        sva_memory_fail_after(n);
        status = sva_npz_read(&input, &limits, &container, &error);
        sva_memory_fail_after(0);
        sva_input_close(&input);
        if (status == SVA_OK) {
            sva_container_done(&container);
        }
    }
    assert_int_equal(status, SVA_OK);
    sva_bytes_done(&array);
    tree_remove(&tree);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(headers_are_read_strictly),
        cmocka_unit_test(types_are_those_of_a_list),
        cmocka_unit_test(an_unknown_byte_order_is_refused),
        cmocka_unit_test(a_nul_in_a_header_is_refused),
        cmocka_unit_test(versions_are_three),
        cmocka_unit_test(every_beginning_of_an_array_is_refused),
        cmocka_unit_test(orders_of_elements_are_told_apart),
        cmocka_unit_test(sizes_must_fit),
        cmocka_unit_test(arrays_of_an_npz_are_tensors),
        cmocka_unit_test(what_is_not_stored_plainly_is_refused),
        cmocka_unit_test(arrays_with_a_pickle_are_refused),
        cmocka_unit_test(bytes_between_arrays_are_a_finding),
        cmocka_unit_test(arrays_survive_lack_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
