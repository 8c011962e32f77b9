/* SPDX-License-Identifier: Apache-2.0 */
/* PyTorch checkpoints and NumPy arrays that are made here byte by byte, sound and hostile. */
#include "model_builder.h"

#include "base/memory.h"
#include "format/npz.h"
#include "format/pickle.h"
#include "format/torch_file.h"

/* -- pickles ----------------------------------------------------------------------------------- */

static enum sva_status read_pickle(const void *bytes, size_t size, struct sva_pickle *pickle,
                                   struct sva_error *error)
{
    const struct sva_limits limits = sva_limits_default();
    *error = (struct sva_error){.status = SVA_OK};
    return sva_pickle_read((struct sva_span){bytes, size}, "data.pkl", &limits, pickle, error);
}

/** A storage of 6 floats under key 0, then (offset 0, size (2, 3), stride (3, 1)) and the call. */
#define STORAGE                                                                                    \
    "(X\7\0\0\0storagectorch\nFloatStorage\nX\1\0\0\0"                                             \
    "0X\3\0\0\0cpuK\6tQ"
#define TENSOR                                                                                     \
    "ctorch._utils\n_rebuild_tensor_v2\n(" STORAGE "K\0K\2K\3\x86K\3K\1\x86\x89"                   \
    "ccollections\nOrderedDict\n)RtR"
#define BYTES(text) text, sizeof(text) - 1

static void a_state_dict_gives_its_tensors(void **state)
{
    (void)state;
    struct sva_pickle pickle;
    struct sva_error error;
    static const char sound[] = "\x80\2}q\0(X\1\0\0\0w" TENSOR "X\5\0\0\0epochK\1u.";
    if (read_pickle(BYTES(sound), &pickle, &error) != SVA_OK) {
        fail_msg("%s", error.text);
    }
    assert_int_equal(pickle.count, 1);
    assert_int_equal(pickle.other_values, 1);
    assert_string_equal(pickle.tensors[0].name, "w");
    assert_string_equal(pickle.tensors[0].storage, "0");
    assert_int_equal(pickle.tensors[0].dtype, SVA_DTYPE_F32);
    assert_int_equal(pickle.tensors[0].rank, 2);
    assert_int_equal(pickle.tensors[0].size[1], 3);
    assert_int_equal(pickle.tensors[0].stride[0], 3);
    sva_pickle_done(&pickle);
    /* a dictionary in a dictionary, with attributes that nobody looks at */
    static const char inside[] = "\x80\2}X\5\0\0\0model}X\1\0\0\0w" TENSOR "ss}b.";
    assert_int_equal(read_pickle(BYTES(inside), &pickle, &error), SVA_OK);
    assert_string_equal(pickle.tensors[0].name, "model.w");
    sva_pickle_done(&pickle);
}

/** What is refused names the opcode, its byte and, where there is one, what would have been called.
 */
static void nothing_but_tensors_is_built(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t size;
        const char *said;
    } cases[] = {
        {BYTES("\x80\2cos\nsystem\n(X\2\0\0\0lst R."), "GLOBAL at byte 2 names os.system"},
        {BYTES("\x80\4\x8c\x08"
               "builtins\x8c\x04"
               "eval\x93."),
         "STACK_GLOBAL at byte 18 names builtins.eval"},
        {BYTES("\x80\2ctorch\nload\n."), "names torch.load"},
        {BYTES("\x80\2ctorch.storage\n_load_from_bytes\n."), "_load_from_bytes"},
        {BYTES("\x80\2(ios\nsystem\n."), "INST at byte 3"},
        {BYTES("\x80\2(o."), "OBJ at byte 3"},
        {BYTES("\x80\2}}\x81."), "NEWOBJ at byte 4"},
        {BYTES("\x80\4}}}\x92."), "NEWOBJ_EX at byte 5"},
        {BYTES("\x80\2\x82\1."), "EXT1 at byte 2"},
        {BYTES("\x80\2\x84\1\0\0\0."), "EXT4 at byte 2"},
        {BYTES("\x80\2Pabc\n."), "PERSID at byte 2"},
        {BYTES("\x80\2ctorch\nFloatStorage\n)R."), "would call torch.FloatStorage"},
        {BYTES("\x80\2})R."), "would call something that is no allowed name"},
        {BYTES("\x80\2]}b."), "BUILD at byte 4 sets attributes"},
        {BYTES("\x80\2)Q."), "refers to something outside"},
        {BYTES("\x80\2Nr\xff\xff\xff\xff."), "keeps a value at place 4294967295"},
        {BYTES("\x80\2h\7."), "fetches from place 7"},
        {BYTES("\x80\2X\xff\xff\xff\x7fx."), "more than are left"},
        {BYTES("\x80\5\x8d\xff\xff\xff\xff\xff\xff\xff\xffx."), "more than are left"},
        {BYTES("\x80\2}."
               "}"),
         "but 1 bytes follow"},
        {BYTES("\x80\2}"), "has no end"},
        {BYTES("\x80\2."), "other than one value"},
        {BYTES("\x80\2}}."), "other than one value"},
        {BYTES("\x80\7}."), "announces protocol 7"},
        {BYTES("\x80\2}(X\1\0\0\0au."), "no such collection"},
        {BYTES("\x80\2ctorch._utils\n_rebuild_tensor_v2\n(" STORAGE "K\0K\2tR."), "from 3 values"},
        {BYTES("\x80\2ctorch._utils\n_rebuild_tensor_v2\n(" STORAGE
               "J\xff\xff\xff\xffK\2K\3\x86K\3K\1\x86\x89NtR."),
         "of other kinds"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct sva_pickle pickle;
        struct sva_error error;
        const enum sva_status status = read_pickle(cases[i].bytes, cases[i].size, &pickle, &error);
        if (status != SVA_ERR_CORRUPT || strstr(error.text, cases[i].said) == NULL) {
            fail_msg("case %zu: %s, not \"%s\"", i, error.text, cases[i].said);
        }
    }
}

static void any_opcode_on_an_empty_stack_is_refused_or_harmless(void **state)
{
    (void)state;
    for (unsigned opcode = 0; opcode < 256; opcode++) {
        for (unsigned marked = 0; marked < 2; marked++) {
            uint8_t bytes[16] = {0x80, 2, '(', 0};
            struct sva_pickle pickle;
            struct sva_error error;
            bytes[2 + marked] = (uint8_t)opcode;
            if (read_pickle(bytes, sizeof bytes, &pickle, &error) == SVA_OK) {
                fail_msg("opcode %02x was taken for a checkpoint", opcode);
            }
            assert_true(error.text[0] != '\0');
        }
    }
}

static void every_beginning_of_a_pickle_is_refused(void **state)
{
    (void)state;
    static const char sound[] = "\x80\2}q\0(X\1\0\0\0w" TENSOR "X\5\0\0\0epochK\1u.";
    for (size_t size = 0; size < sizeof sound - 1; size++) {
        struct sva_pickle pickle;
        struct sva_error error;
        assert_int_equal(read_pickle(sound, size, &pickle, &error), SVA_ERR_CORRUPT);
    }
}

static void shared_dictionaries_do_not_explode(void **state)
{
    (void)state;
    /* each dictionary holds the one before it twice: 2^40 paths */
    struct sva_bytes bytes = {0};
    struct sva_pickle pickle;
    struct sva_error error;
    sva_bytes_text(&bytes, "\x80\2}(X");
    sva_bytes_append(&bytes, "\1\0\0\0w", 5);
    sva_bytes_append(&bytes, BYTES(TENSOR "uq"));
    sva_bytes_append(&bytes, "\0", 1);
    for (unsigned level = 1; level < 25; level++) {
        const uint8_t known = (uint8_t)(level - 1);
        const uint8_t made = (uint8_t)level;
        sva_bytes_append(&bytes, BYTES("}(X\1\0\0\0ah"));
        sva_bytes_append(&bytes, &known, 1);
        sva_bytes_append(&bytes, BYTES("X\1\0\0\0bh"));
        sva_bytes_append(&bytes, &known, 1);
        sva_bytes_append(&bytes, "uq", 2);
        sva_bytes_append(&bytes, &made, 1);
    }
    for (unsigned level = 0; level < 24; level++) {
        sva_bytes_append(&bytes, BYTES("h\x18(0")); /* fetched and dropped: the stack is tidied */
    }
    bytes.size -= 24 * 4;
    /* below the last one lie 24 others */
    for (unsigned level = 0; level < 24; level++) {
        sva_bytes_append(&bytes, "0", 1);
    }
    sva_bytes_append(&bytes, BYTES("0h\x18."));
    const enum sva_status status = read_pickle(bytes.data, bytes.size, &pickle, &error);
    assert_true(status == SVA_ERR_LIMIT || status == SVA_ERR_CORRUPT);
    sva_bytes_done(&bytes);
}

static void a_pickle_survives_lack_of_memory(void **state)
{
    (void)state;
    static const char sound[] = "\x80\2}q\0(X\1\0\0\0w" TENSOR "X\5\0\0\0epochK\1u.";
    for (uint64_t n = 1; n < 200; n++) {
        struct sva_pickle pickle;
        struct sva_error error;
        sva_memory_fail_after(n);
        const enum sva_status status = read_pickle(BYTES(sound), &pickle, &error);
        sva_memory_fail_after(0);
        if (status == SVA_OK) {
            sva_pickle_done(&pickle);
            return;
        }
        assert_int_equal(status, SVA_ERR_MEMORY);
    }
    fail_msg("the pickle was never read");
}

/* -- zips of stored entries -------------------------------------------------------------------- */

struct zip_maker {
    struct sva_bytes out, directory;
    unsigned count;
};

static void put16(struct sva_bytes *out, unsigned value)
{
    const uint8_t bytes[2] = {(uint8_t)value, (uint8_t)(value >> 8)};
    sva_bytes_append(out, bytes, 2);
}

static void put32(struct sva_bytes *out, uint32_t value)
{
    put16(out, value & 0xffff);
    put16(out, value >> 16);
}

static uint32_t crc_of(const uint8_t *bytes, size_t size)
{
    uint32_t crc = UINT32_MAX;
    for (size_t i = 0; i < size; i++) {
        crc ^= bytes[i];
        for (int bit = 0; bit < 8; bit++) {
            crc = (crc & 1) != 0 ? crc >> 1 ^ 0xedb88320u : crc >> 1;
        }
    }
    return ~crc;
}

static void zip_add(struct zip_maker *zip, const char *name, unsigned method, const void *bytes,
                    size_t size)
{
    const uint32_t offset = (uint32_t)zip->out.size;
    const uint32_t crc = crc_of(bytes, size);
    put32(&zip->out, 0x04034b50);
    put32(&zip->directory, 0x02014b50);
    put16(&zip->directory, 20);
    for (int side = 0; side < 2; side++) {
        struct sva_bytes *const to = side == 0 ? &zip->out : &zip->directory;
        put16(to, 20);
        put16(to, 0);
        put16(to, method);
        put32(to, 0);
        put32(to, crc);
        put32(to, (uint32_t)size);
        put32(to, (uint32_t)size);
        put16(to, (unsigned)strlen(name));
        put16(to, 0);
    }
    put16(&zip->directory, 0);
    put16(&zip->directory, 0);
    put16(&zip->directory, 0);
    put32(&zip->directory, 0);
    put32(&zip->directory, offset);
    sva_bytes_text(&zip->directory, name);
    sva_bytes_text(&zip->out, name);
    sva_bytes_append(&zip->out, bytes, size);
    zip->count++;
}

static void zip_save(struct zip_maker *zip, const struct temp_tree *tree, const char *name)
{
    const uint32_t start = (uint32_t)zip->out.size;
    sva_bytes_append(&zip->out, zip->directory.data, zip->directory.size);
    put32(&zip->out, 0x06054b50);
    put32(&zip->out, 0);
    put16(&zip->out, zip->count);
    put16(&zip->out, zip->count);
    put32(&zip->out, (uint32_t)zip->directory.size);
    put32(&zip->out, start);
    put16(&zip->out, 0);
    tree_write(tree, name, zip->out.data, zip->out.size);
    sva_bytes_done(&zip->out);
    sva_bytes_done(&zip->directory);
}

static const char state_dict[] = "\x80\2}(X\1\0\0\0w" TENSOR "u.";
static const float six[6] = {1, 2, 3, 4, 5, 6};

static enum sva_status read_torch(const struct temp_tree *tree, const char *name,
                                  struct sva_container *container, struct sva_error *error)
{
    const struct sva_limits limits = sva_limits_default();
    struct sva_input input = {.fd = -1};
    char path[512];
    *error = (struct sva_error){.status = SVA_OK};
    assert_int_equal(sva_input_open(-1, tree_path(tree, name, path), true, &input, NULL), SVA_OK);
    const enum sva_status status = sva_torch_read(&input, &limits, container, error);
    sva_input_close(&input);
    return status;
}

static void tensors_lie_where_the_storages_lie(void **state)
{
    (void)state;
    struct temp_tree tree;
    struct zip_maker zip = {0};
    struct sva_container container;
    struct sva_error error;
    tree_make(&tree);
    zip_add(&zip, "m/data.pkl", 0, BYTES(state_dict));
    zip_add(&zip, "m/byteorder", 0, "little", 6);
    zip_add(&zip, "m/data/0", 0, six, sizeof six);
    zip_add(&zip, "m/data/9", 0, six, sizeof six);
    zip_add(&zip, "m/code/x.py", 0, "print()", 7);
    zip_save(&zip, &tree, "a.pt");
    if (read_torch(&tree, "a.pt", &container, &error) != SVA_OK) {
        fail_msg("%s", error.text);
    }
    assert_int_equal(container.tensor_count, 1);
    assert_int_equal(container.tensors[0].size_bytes, 24);
    assert_int_equal(container.unclaimed_bytes, 24);
    assert_int_equal(container.finding_count, 2); /* unclaimed bytes, shipped code */
    sva_container_done(&container);
    struct sva_model *const model = tree_open(&tree, "a.pt");
    float values[6];
    assert_int_equal(
        sva_model_read(model, 0, model->tensors[0].offset_bytes, values, sizeof values, NULL),
        SVA_OK);
    assert_memory_equal(values, six, sizeof six);
    assert_int_equal(model->files[0].kind, SVA_FILE_TORCH);
    assert_string_equal(sva_model_fact(model, "files.pickles"), "1");
    sva_model_close(model);
    tree_remove(&tree);
}

static void storages_that_cannot_be_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *key;
        unsigned method;
        size_t size;
        const char *order, *said;
    } cases[] = {
        {"m/data/1", 0, sizeof six, "little", "is not in the archive"},
        {"m/data/0", 0, sizeof six - 1, "little", "reaches beyond its storage"},
        {"m/data/0", 8, sizeof six, "little", "compressed"},
        {"m/data/0", 0, sizeof six, "middle", "byteorder"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct temp_tree tree;
        struct zip_maker zip = {0};
        struct sva_container container;
        struct sva_error error;
        tree_make(&tree);
        zip_add(&zip, "m/data.pkl", 0, BYTES(state_dict));
        zip_add(&zip, "m/byteorder", 0, cases[i].order, strlen(cases[i].order));
        zip_add(&zip, cases[i].key, cases[i].method, six, cases[i].size);
        zip_save(&zip, &tree, "a.pt");
        const enum sva_status status = read_torch(&tree, "a.pt", &container, &error);
        if (status != SVA_ERR_CORRUPT || strstr(error.text, cases[i].said) == NULL) {
            fail_msg("case %zu: %s", i, error.text);
        }
        tree_remove(&tree);
    }
}

static void training_state_beside_a_model_is_left_alone(void **state)
{
    (void)state;
    static const char *const names[] = {"pytorch_model.bin", "optimizer.pt", "training_args.bin"};
    struct temp_tree tree;
    tree_make(&tree);
    for (size_t i = 0; i < 3; i++) {
        struct zip_maker zip = {0};
        zip_add(&zip, "m/data.pkl", 0, BYTES(state_dict));
        zip_add(&zip, "m/data/0", 0, six, sizeof six);
        zip_save(&zip, &tree, names[i]);
    }
    struct sva_model *const model = tree_open(&tree, "");
    assert_int_equal(model->tensor_count, 1);
    assert_string_equal(sva_model_fact(model, "files.pickles"), "3");
    assert_string_equal(sva_model_fact(model, "files.not_audited"), "2");
    sva_model_close(model);
    tree_remove(&tree);
}

/* -- arrays ------------------------------------------------------------------------------------ */

static void headers_of_arrays_are_read_strictly(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *said; /* NULL: sound */
    } cases[] = {
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }", NULL},
        {"{'descr': '>f8', 'fortran_order': True, 'shape': (2,), }\n", NULL},
        {"{'shape': (), 'descr': '|u1', 'fortran_order': False}", NULL},
        {"{'descr': '|O', 'fortran_order': False, 'shape': (2,), }", "Python objects"},
        {"{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2,), }", "records"},
        {"{'descr': '<U8', 'fortran_order': False, 'shape': (2,), }", "not read"},
        {"{'descr': '<f4', 'descr': '<f4', 'shape': (2,), }", "repeated"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (-2,), }", "cannot be"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,), }",
         "cannot be"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': ((2,),), }", "cannot be"},
        {"{'descr': '<f4', 'fortran_order': 0, 'shape': (2,), }", "order"},
        {"{'descr': '<f4', 'fortran_order': False}", "lacks"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (2,), } + x", "more than"},
        {"__import__('os')", "no dictionary"},
        {"", "no dictionary"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint8_t bytes[256] = {0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0};
        const size_t size = strlen(cases[i].text);
        struct sva_npy_header header;
        struct sva_error error = {0};
        bytes[8] = (uint8_t)size;
        memcpy(bytes + 10, cases[i].text, size);
        const enum sva_status status =
            sva_npy_parse((struct sva_span){bytes, 10 + size}, "a.npy", &header, &error);
        if (cases[i].said == NULL
                ? status != SVA_OK
                : status != SVA_ERR_CORRUPT || strstr(error.text, cases[i].said) == NULL) {
            fail_msg("%s: %s", cases[i].text, error.text);
        }
    }
}

static void arrays_of_an_npz_are_tensors(void **state)
{
    (void)state;
    static const char head[] = "\x93NUMPY\1\0\x3b\0{'descr': '<f4', 'fortran_order': False, "
                               "'shape': (2, 3), }";
    uint8_t array[sizeof head - 1 + sizeof six];
    struct temp_tree tree;
    struct zip_maker zip = {0};
    memcpy(array, head, sizeof head - 1);
    memcpy(array + sizeof head - 1, six, sizeof six);
    tree_make(&tree);
    zip_add(&zip, "layer/w.npy", 0, array, sizeof array);
    zip_save(&zip, &tree, "m.npz");
    struct sva_model *model = tree_open(&tree, "m.npz");
    assert_int_equal(model->tensor_count, 1);
    assert_string_equal(model->tensors[0].name, "layer/w");
    assert_int_equal(model->tensors[0].shape[1], 3);
    sva_model_close(model);
    zip = (struct zip_maker){0};
    zip_add(&zip, "w.npy", 8, array, sizeof array);
    zip_save(&zip, &tree, "c.npz");
    tree_refused(&tree, "c.npz", SVA_ERR_UNSUPPORTED, "savez_compressed");
    tree_remove(&tree);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_state_dict_gives_its_tensors),
        cmocka_unit_test(nothing_but_tensors_is_built),
        cmocka_unit_test(any_opcode_on_an_empty_stack_is_refused_or_harmless),
        cmocka_unit_test(every_beginning_of_a_pickle_is_refused),
        cmocka_unit_test(shared_dictionaries_do_not_explode),
        cmocka_unit_test(a_pickle_survives_lack_of_memory),
        cmocka_unit_test(tensors_lie_where_the_storages_lie),
        cmocka_unit_test(storages_that_cannot_be_are_refused),
        cmocka_unit_test(training_state_beside_a_model_is_left_alone),
        cmocka_unit_test(headers_of_arrays_are_read_strictly),
        cmocka_unit_test(arrays_of_an_npz_are_tensors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
