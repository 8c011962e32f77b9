/* SPDX-License-Identifier: Apache-2.0 */
/* The pickle of a checkpoint: what builds tensors is read, everything else refused by its byte. */
#include "checkpoint_builder.h"

#include "format/pickle.h"

static enum sva_status read_within(const void *bytes, size_t size, const struct sva_limits *limits,
                                   struct sva_pickle *pickle, struct sva_error *error)
{
    *error = (struct sva_error){.status = SVA_OK};
    const enum sva_status status =
        sva_pickle_read((struct sva_span){bytes, size}, "data.pkl", limits, pickle, error);
    assert_int_equal(status, error->status);
    return status;
}

static enum sva_status read_pickle(const void *bytes, size_t size, struct sva_pickle *pickle,
                                   struct sva_error *error)
{
    const struct sva_limits limits = sva_limits_default();
    return read_within(bytes, size, &limits, pickle, error);
}

/** A pickle that must be sound. */
static struct sva_pickle sound(const void *bytes, size_t size)
{
    struct sva_pickle pickle;
    struct sva_error error;
    if (read_pickle(bytes, size, &pickle, &error) != SVA_OK) {
        fail_msg("%s", error.text);
    }
    return pickle;
}

struct refusal {
    const char *bytes;
    size_t size;
    const char *said;
};

static void expect_refused(const struct refusal *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct sva_pickle pickle;
        struct sva_error error;
        const enum sva_status status = read_pickle(cases[i].bytes, cases[i].size, &pickle, &error);
        if (status != SVA_ERR_CORRUPT || strstr(error.text, cases[i].said) == NULL) {
            fail_msg("case %zu: %s, not \"%s\"", i, error.text, cases[i].said);
        }
        for (const char *c = error.text; *c != '\0'; c++) {
            assert_true(*c >= ' ' && *c <= '~');
        }
    }
}

#define EXPECT_REFUSED(cases) expect_refused(cases, sizeof(cases) / sizeof *(cases))

/* -- what is read ------------------------------------------------------------------------------ */

static void a_state_dict_gives_its_tensors(void **state)
{
    (void)state;
    static const char plain[] = "\x80\2}q\0(X\1\0\0\0w" TENSOR "X\5\0\0\0epochK\1u.";
    struct sva_pickle pickle = sound(BYTES(plain));
    assert_int_equal(pickle.count, 1);
    assert_int_equal(pickle.other_values, 1);
    assert_string_equal(pickle.tensors[0].name, "w");
    assert_string_equal(pickle.tensors[0].storage, "0");
    assert_int_equal(pickle.tensors[0].dtype, SVA_DTYPE_F32);
    assert_int_equal(pickle.tensors[0].storage_bytes, 24);
    assert_int_equal(pickle.tensors[0].rank, 2);
    assert_int_equal(pickle.tensors[0].size[1], 3);
    assert_int_equal(pickle.tensors[0].stride[0], 3);
    sva_pickle_done(&pickle);
}

static void nested_dictionaries_become_dotted_names(void **state)
{
    (void)state;
    /* {"model": {"w": T} with attributes, 7: {"a.b": T}, "cfg": {"x": 1}} */
    static const char nested[] = "\x80\2}(X\5\0\0\0model}X\1\0\0\0w" TENSOR "s}X\1\0\0\0v]sb"
                                 "K\7}X\3\0\0\0a.b" TENSOR "sX\3\0\0\0cfg}X\1\0\0\0xK\1su.";
    struct sva_pickle pickle = sound(BYTES(nested));
    assert_int_equal(pickle.count, 2);
    assert_string_equal(pickle.tensors[0].name, "model.w");
    assert_string_equal(pickle.tensors[1].name, "7.a.b");
    assert_int_equal(pickle.other_values, 1);
    sva_pickle_done(&pickle);
}

static void a_tensor_by_itself_is_called_tensor(void **state)
{
    (void)state;
    struct sva_pickle pickle = sound(BYTES("\x80\2" TENSOR "."));
    assert_int_equal(pickle.count, 1);
    assert_string_equal(pickle.tensors[0].name, "tensor");
    sva_pickle_done(&pickle);
}

static void a_tensor_in_two_places_has_two_names(void **state)
{
    (void)state;
    static const char tied[] = "\x80\2}(X\1\0\0\0a" TENSOR "q\1X\1\0\0\0bh\1u.";
    struct sva_pickle pickle = sound(BYTES(tied));
    assert_int_equal(pickle.count, 2);
    assert_string_equal(pickle.tensors[1].name, "b");
    assert_string_equal(pickle.tensors[1].storage, pickle.tensors[0].storage);
    sva_pickle_done(&pickle);
}

static void every_type_of_storage_has_its_dtype(void **state)
{
    (void)state;
    static const struct {
        const char *class;
        enum sva_dtype dtype;
        unsigned width;
    } cases[] = {
        {"DoubleStorage", SVA_DTYPE_F64, 8},       {"FloatStorage", SVA_DTYPE_F32, 4},
        {"HalfStorage", SVA_DTYPE_F16, 2},         {"BFloat16Storage", SVA_DTYPE_BF16, 2},
        {"LongStorage", SVA_DTYPE_I64, 8},         {"IntStorage", SVA_DTYPE_I32, 4},
        {"ShortStorage", SVA_DTYPE_I16, 2},        {"CharStorage", SVA_DTYPE_I8, 1},
        {"ByteStorage", SVA_DTYPE_U8, 1},          {"BoolStorage", SVA_DTYPE_BOOL, 1},
        {"ComplexFloatStorage", SVA_DTYPE_C64, 8},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct sva_bytes bytes = {0};
        sva_bytes_append(&bytes, BYTES("\x80\2" REBUILD "((X\7\0\0\0storagectorch\n"));
        sva_bytes_text(&bytes, cases[i].class);
        sva_bytes_append(&bytes, BYTES("\nX\1\0\0\0"
                                       "0X\3\0\0\0cpuK\6tQ" IN_ORDER "tR."));
        struct sva_pickle pickle = sound(bytes.data, bytes.size);
        assert_int_equal(pickle.tensors[0].dtype, cases[i].dtype);
        assert_int_equal(pickle.tensors[0].storage_bytes, 6 * cases[i].width);
        sva_pickle_done(&pickle);
        sva_bytes_done(&bytes);
    }
}

#define V3(dtype)                                                                                  \
    "ctorch._utils\n_rebuild_tensor_v3\n(" STORAGE_OF("ByteStorage", "0") IN_ORDER                 \
        "\x89"                                                                                     \
        "ccollections\nOrderedDict\n)R" dtype "tR"

static void newer_and_wrapped_tensors_are_read(void **state)
{
    (void)state;
    struct sva_pickle pickle = sound(BYTES("\x80\2" V3("ctorch\nfloat8_e4m3fn\n") "."));
    assert_int_equal(pickle.tensors[0].dtype, SVA_DTYPE_F8_E4M3);
    assert_int_equal(pickle.tensors[0].storage_bytes, 6);
    sva_pickle_done(&pickle);
    pickle = sound(BYTES("\x80\2"
                         "ctorch._utils\n_rebuild_parameter\n(" TENSOR "\x88"
                         "ccollections\nOrderedDict\n)RtR."));
    assert_int_equal(pickle.tensors[0].dtype, SVA_DTYPE_F32);
    sva_pickle_done(&pickle);
    pickle = sound(BYTES(
        "\x80\2"
        "ctorch._tensor\n_rebuild_from_type_v2\n(" REBUILD
        "ctorch.nn.parameter\nParameter\n" ARGUMENTS(STORAGE, IN_ORDER) "}X\4\0\0\0kindK\1stR."));
    assert_int_equal(pickle.tensors[0].rank, 2);
    sva_pickle_done(&pickle);
    /* protocol 4: frames, MEMOIZE, short texts, STACK_GLOBAL */
    pickle = sound(BYTES("\x80\4\x95\0\0\0\0\0\0\0\0}\x94\x8c\1w" TENSOR "\x94s."));
    assert_string_equal(pickle.tensors[0].name, "w");
    sva_pickle_done(&pickle);
}

/** MEMOIZE takes the number of places in use: another count would fetch another tensor. */
static void memoize_counts_as_python_does(void **state)
{
    (void)state;
    /* None is put at place 5, "b" at the next one: there is one before it, so it is place 1 */
    struct sva_pickle pickle = sound(BYTES("\x80\4Nq\0050\x8c\1b\x94"
                                           "0}h\1" TENSOR "s."));
    assert_string_equal(pickle.tensors[0].name, "b");
    sva_pickle_done(&pickle);
}

/* -- what is refused --------------------------------------------------------------------------- */

/** What is refused names the opcode, its byte and, where there is one, what would have been called.
 */
static void nothing_but_tensors_is_built(void **state)
{
    (void)state;
    static const struct refusal cases[] = {
        {BYTES("\x80\2cos\nsystem\n(X\2\0\0\0lst R."), "GLOBAL at byte 2 names os.system"},
        {BYTES("\x80\4\x8c\x08"
               "builtins\x8c\x04"
               "eval\x93."),
         "STACK_GLOBAL at byte 18 names builtins.eval"},
        {BYTES("\x80\2ctorch\nload\n."), "names torch.load"},
        {BYTES("\x80\2ctorch.storage\n_load_from_bytes\n."), "_load_from_bytes"},
        {BYTES("\x80\2ctorch\x1b[2J\nload\x7f\n."), "names torch\\x1B[2J.load\\x7F"},
        {BYTES("\x80\2(ios\nsystem\n."), "INST at byte 3"},
        {BYTES("\x80\2(o."), "OBJ at byte 3"},
        {BYTES("\x80\2}}\x81."), "NEWOBJ at byte 4"},
        {BYTES("\x80\4}}}\x92."), "NEWOBJ_EX at byte 5"},
        {BYTES("\x80\2\x82\1."), "EXT1 at byte 2"},
        {BYTES("\x80\2\x84\1\0\0\0."), "EXT4 at byte 2"},
        {BYTES("\x80\2Pabc\n."), "PERSID at byte 2"},
        {BYTES("\x80\2\x1b."), "opcode 0x1b at byte 2"},
        {BYTES("\x80\2\0."), "opcode 0x00 at byte 2"},
        {BYTES("\x80\2\xff."), "opcode 0xff at byte 2"},
        {BYTES("\x80\2ctorch\nFloatStorage\n)R."), "would call torch.FloatStorage"},
        {BYTES("\x80\2})R."), "would call something that is no allowed name"},
        {BYTES("\x80\2]}b."), "BUILD at byte 4 sets attributes"},
        {BYTES("\x80\2)Q."), "refers to something outside"},
    };
    EXPECT_REFUSED(cases);
}

static void broken_pickles_are_refused(void **state)
{
    (void)state;
    static const struct refusal cases[] = {
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
        {BYTES("\x80\2" REBUILD "(" STORAGE "J\xff\xff\xff\xffK\2K\3\x86K\3K\1\x86\x89NtR."),
         "of other kinds"},
        {BYTES("\x80\2" REBUILD "(" STORAGE "K\0K\2\x85K\3K\1\x86\x89NtR."), "of other kinds"},
        {BYTES("\x80\2(X\7\0\0\0storagectorch\nDoubleStorage\nX\1\0\0\0"
               "0X\3\0\0\0cpu\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7ftQ."),
         "more than 2^64 bytes"},
        {BYTES("\x80\2(X\7\0\0\0storagectorch\nByteStorage\nX\3\0\0\0../X\3\0\0\0cpuK\6tQ."),
         "a key that cannot be"},
        {BYTES("\x80\2}N" TENSOR "s."), "a tensor's name is no text"},
        {BYTES("\x80\2}X\1\0\0\0\xff" TENSOR "s."), "a tensor's name is no text"},
        {BYTES("\x80\2}X\1\0\0\0\0" TENSOR "s."), "a tensor's name is no text"},
    };
    EXPECT_REFUSED(cases);
}

/** Where loaders would take other weights than those that are listed. */
static void what_loaders_see_otherwise_is_refused(void **state)
{
    (void)state;
    static const struct refusal cases[] = {
        /* the last of two equal keys counts in Python, also where it is no tensor */
        {BYTES("\x80\2}(X\1\0\0\0w" TENSOR "X\1\0\0\0wNu."), "has the key \"w\" twice"},
        {BYTES("\x80\2}(X\1\0\0\0m}X\1\0\0\0w" TENSOR "sX\1\0\0\0m}X\1\0\0\0v" TENSOR "su."),
         "has the key \"m\" twice"},
        {BYTES("\x80\2}(K\1" TENSOR "K\1Nu."), "has the key \"1\" twice"},
        /* the first mention of a storage decides its type and size */
        {BYTES("\x80\2" STORAGE_OF("HalfStorage", "0") "0" TENSOR "."),
         "the storage \"0\" is described in two ways"},
        {BYTES("\x80\2(X\7\0\0\0storagectorch\nFloatStorage\nX\1\0\0\0"
               "0X\3\0\0\0cpuK\7tQ0" TENSOR "."),
         "the storage \"0\" is described in two ways"},
        /* a tensor's state may be another storage, an attribute `data` another tensor */
        {BYTES("\x80\2" TENSOR "}X\4\0\0\0data" TENSOR "sb."), "BUILD at byte"},
        {BYTES("\x80\2"
               "ctorch._utils\n_rebuild_parameter_with_state\n(" TENSOR "\x88N}X\4\0\0\0data" TENSOR
               "stR."),
         "gives a tensor another one"},
        {BYTES("\x80\2"
               "ctorch._tensor\n_rebuild_from_type_v2\n(" REBUILD
               "ctorch\nTensor\n" ARGUMENTS(STORAGE, IN_ORDER) "N}X\4\0\0\0data" TENSOR "s\x86tR."),
         "gives a tensor another one"},
        /* the mark `neg` turns every sign */
        {BYTES("\x80\2" REBUILD "(" STORAGE IN_ORDER "\x89N}X\3\0\0\0neg\x88stR."),
         "marked as others"},
    };
    EXPECT_REFUSED(cases);
}

static void any_opcode_on_an_empty_stack_is_refused(void **state)
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
            for (const char *c = error.text; *c != '\0'; c++) {
                assert_true(*c >= ' ' && *c <= '~');
            }
        }
    }
}

static void every_beginning_of_a_pickle_is_refused(void **state)
{
    (void)state;
    static const char whole[] = "\x80\2}q\0(X\1\0\0\0w" TENSOR "X\5\0\0\0epochK\1u.";
    for (size_t size = 0; size < sizeof whole - 1; size++) {
        struct sva_pickle pickle;
        struct sva_error error;
        assert_int_equal(read_pickle(whole, size, &pickle, &error), SVA_ERR_CORRUPT);
    }
}

/* -- limits ------------------------------------------------------------------------------------ */

static void a_low_limit_of_names_holds_in_nested_dictionaries(void **state)
{
    (void)state;
    /* {"abcd": {"<60 bytes>": T}}: the limit is reached before the dot */
    static const char nested[] =
        "\x80\2}X\4\0\0\0abcd}X\x3c\0\0\0"
        "123456789012345678901234567890123456789012345678901234567890" TENSOR "ss.";
    for (uint32_t most = 0; most < 70; most++) {
        struct sva_limits limits = sva_limits_default();
        struct sva_pickle pickle;
        struct sva_error error;
        limits.name_bytes = most;
        const enum sva_status status = read_within(BYTES(nested), &limits, &pickle, &error);
        assert_int_equal(status, most < 65 ? SVA_ERR_CORRUPT : SVA_OK);
        if (status == SVA_OK) {
            assert_int_equal(pickle.tensors[0].name_bytes, 65);
            sva_pickle_done(&pickle);
        }
    }
}

/** {"abcd": {"<8000 bytes>": T}}: with a limit of 4 nothing is left, not almost everything. */
static void a_name_that_fills_its_limit_takes_no_more(void **state)
{
    (void)state;
    struct sva_limits limits = sva_limits_default();
    struct sva_pickle pickle;
    struct sva_error error;
    struct sva_bytes bytes = {0};
    sva_bytes_append(&bytes, BYTES("\x80\2}X\4\0\0\0abcd}X"));
    put32(&bytes, 8000);
    for (unsigned i = 0; i < 8000; i++) {
        sva_bytes_append(&bytes, "k", 1);
    }
    sva_bytes_append(&bytes, BYTES(TENSOR "ss."));
    limits.name_bytes = 4;
    assert_int_equal(read_within(bytes.data, bytes.size, &limits, &pickle, &error),
                     SVA_ERR_CORRUPT);
    assert_non_null(strstr(error.text, "too long"));
    sva_bytes_done(&bytes);
}

/** {"<text>": {"<text>": ... {"w": T}}}, `levels` deep. */
static struct sva_bytes deep_pickle(unsigned levels, size_t text_bytes)
{
    struct sva_bytes bytes = {0};
    sva_bytes_append(&bytes, "\x80\2", 2);
    for (unsigned i = 0; i < levels; i++) {
        sva_bytes_append(&bytes, "}X", 2);
        put32(&bytes, (uint32_t)text_bytes);
        for (size_t j = 0; j < text_bytes; j++) {
            sva_bytes_append(&bytes, "k", 1);
        }
    }
    sva_bytes_append(&bytes, BYTES(TENSOR));
    for (unsigned i = 0; i < levels; i++) {
        sva_bytes_append(&bytes, "s", 1);
    }
    sva_bytes_append(&bytes, ".", 1);
    return bytes;
}

static void dictionaries_nest_as_deep_as_the_limit(void **state)
{
    (void)state;
    static const struct {
        unsigned levels, depth, text_bytes;
        enum sva_status status;
    } cases[] = {
        {32, 32, 1, SVA_OK},
        {33, 32, 1, SVA_ERR_LIMIT},
        {33, 100, 1, SVA_ERR_LIMIT},
        {3, 3, 1, SVA_OK},
        {4, 3, 1, SVA_ERR_LIMIT},
        {1, 32, 4096, SVA_OK},
        {2, 32, 2047, SVA_OK},
        {2, 32, 2048, SVA_ERR_CORRUPT},
        {1, 32, 4097, SVA_ERR_CORRUPT},
        {2, 32, 4096, SVA_ERR_LIMIT},
        {2, 32, 4095, SVA_ERR_CORRUPT},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct sva_bytes bytes = deep_pickle(cases[i].levels, cases[i].text_bytes);
        struct sva_limits limits = sva_limits_default();
        struct sva_pickle pickle;
        struct sva_error error;
        limits.json_depth = cases[i].depth;
        const enum sva_status status =
            read_within(bytes.data, bytes.size, &limits, &pickle, &error);
        if (status != cases[i].status) {
            fail_msg("case %zu: %s", i, error.text);
        }
        if (status == SVA_OK) {
            sva_pickle_done(&pickle);
        }
        sva_bytes_done(&bytes);
    }
}

/** A dictionary of one tensor, then `levels` that hold the one before twice each. */
static struct sva_bytes shared_pickle(unsigned levels)
{
    struct sva_bytes bytes = {0};
    sva_bytes_append(&bytes, BYTES("\x80\2}X\1\0\0\0w" TENSOR "sq\0000"));
    for (unsigned level = 1; level <= levels; level++) {
        const uint8_t known = (uint8_t)(level - 1);
        const uint8_t made = (uint8_t)level;
        sva_bytes_append(&bytes, BYTES("}(X\1\0\0\0ah"));
        sva_bytes_append(&bytes, &known, 1);
        sva_bytes_append(&bytes, BYTES("X\1\0\0\0bh"));
        sva_bytes_append(&bytes, &known, 1);
        sva_bytes_append(&bytes, "uq", 2);
        sva_bytes_append(&bytes, &made, 1);
        sva_bytes_append(&bytes, "0", 1);
    }
    sva_bytes_append(&bytes, "h", 1);
    const uint8_t last = (uint8_t)levels;
    sva_bytes_append(&bytes, &last, 1);
    sva_bytes_append(&bytes, ".", 1);
    return bytes;
}

static void shared_dictionaries_do_not_explode(void **state)
{
    (void)state;
    struct sva_pickle pickle;
    struct sva_error error;
    for (unsigned levels = 3; levels < 30; levels += 8) {
        struct sva_bytes bytes = shared_pickle(levels);
        const enum sva_status status = read_pickle(bytes.data, bytes.size, &pickle, &error);
        if (levels < 15) { /* in a few places a dictionary may be */
            assert_int_equal(status, SVA_OK);
            assert_int_equal(pickle.count, 1u << levels);
            sva_pickle_done(&pickle);
        } else {
            assert_int_equal(status, SVA_ERR_LIMIT);
            assert_non_null(strstr(error.text, "dictionaries within each other"));
        }
        sva_bytes_done(&bytes);
    }
    /* one that holds itself */
    assert_int_equal(read_pickle(BYTES("\x80\2}q\0X\1\0\0\0ah\0s."), &pickle, &error),
                     SVA_ERR_LIMIT);
}

/** One dictionary of 200 tensors in 200 places, each under a name of 4000 bytes: 160 MB of names.
 */
static void names_together_are_limited(void **state)
{
    (void)state;
    struct sva_bytes bytes = {0};
    struct sva_pickle pickle;
    struct sva_error error;
    sva_bytes_append(&bytes, BYTES("\x80\2" TENSOR "q\0000}("));
    for (unsigned i = 0; i < 200; i++) {
        const uint8_t key[2] = {'K', (uint8_t)i};
        sva_bytes_append(&bytes, key, 2);
        sva_bytes_append(&bytes, "h\0", 2);
    }
    sva_bytes_append(&bytes, BYTES("uq\0010}("));
    for (unsigned i = 0; i < 200; i++) {
        sva_bytes_append(&bytes, "X", 1);
        put32(&bytes, 4000);
        for (unsigned j = 0; j < 4000; j++) {
            const uint8_t letter = (uint8_t)(j == 0 ? 32 + i % 90 : j == 1 ? 32 + i / 90 : 'k');
            sva_bytes_append(&bytes, &letter, 1);
        }
        sva_bytes_append(&bytes, "h\1", 2);
    }
    sva_bytes_append(&bytes, "u.", 2);
    assert_int_equal(read_pickle(bytes.data, bytes.size, &pickle, &error), SVA_ERR_LIMIT);
    assert_non_null(strstr(error.text, "bytes of tensor names"));
    sva_bytes_done(&bytes);
}

/** Opcodes of one byte that make values of twenty and more. */
static void many_small_values_are_limited(void **state)
{
    (void)state;
    const size_t size = (size_t)17 << 20;
    static const char opcodes[] = {'N', '}', ')'};
    uint8_t *const bytes = malloc(size);
    assert_non_null(bytes);
    for (size_t i = 0; i < sizeof opcodes; i++) {
        struct sva_pickle pickle;
        struct sva_error error;
        memset(bytes, opcodes[i], size);
        memcpy(bytes, "\x80\2(", 3);
        memcpy(bytes + size - 2, "l.", 2);
        assert_int_equal(read_pickle(bytes, size, &pickle, &error), SVA_ERR_LIMIT);
        assert_non_null(strstr(error.text, "bytes of memory"));
    }
    free(bytes);
}

static void more_tensors_than_the_limit_are_refused(void **state)
{
    (void)state;
    static const char tied[] = "\x80\2}(X\1\0\0\0a" TENSOR "q\1X\1\0\0\0bh\1u.";
    struct sva_limits limits = sva_limits_default();
    struct sva_pickle pickle;
    struct sva_error error;
    limits.tensor_count = 1;
    assert_int_equal(read_within(BYTES(tied), &limits, &pickle, &error), SVA_ERR_LIMIT);
    assert_non_null(strstr(error.text, "more tensors than are read"));
}

static void a_pickle_survives_lack_of_memory(void **state)
{
    (void)state;
    static const char whole[] = "\x80\2}q\0(X\1\0\0\0w" TENSOR "X\5\0\0\0epoch}K\1K\1su.";
    for (uint64_t n = 1; n < 200; n++) {
        struct sva_pickle pickle;
        struct sva_error error;
        sva_memory_fail_after(n);
        const enum sva_status status = read_pickle(BYTES(whole), &pickle, &error);
        sva_memory_fail_after(0);
        if (status == SVA_OK) {
            sva_pickle_done(&pickle);
            return;
        }
        assert_int_equal(status, SVA_ERR_MEMORY);
    }
    fail_msg("the pickle was never read");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_state_dict_gives_its_tensors),
        cmocka_unit_test(nested_dictionaries_become_dotted_names),
        cmocka_unit_test(a_tensor_by_itself_is_called_tensor),
        cmocka_unit_test(a_tensor_in_two_places_has_two_names),
        cmocka_unit_test(every_type_of_storage_has_its_dtype),
        cmocka_unit_test(newer_and_wrapped_tensors_are_read),
        cmocka_unit_test(memoize_counts_as_python_does),
        cmocka_unit_test(nothing_but_tensors_is_built),
        cmocka_unit_test(broken_pickles_are_refused),
        cmocka_unit_test(what_loaders_see_otherwise_is_refused),
        cmocka_unit_test(any_opcode_on_an_empty_stack_is_refused),
        cmocka_unit_test(every_beginning_of_a_pickle_is_refused),
        cmocka_unit_test(a_low_limit_of_names_holds_in_nested_dictionaries),
        cmocka_unit_test(a_name_that_fills_its_limit_takes_no_more),
        cmocka_unit_test(dictionaries_nest_as_deep_as_the_limit),
        cmocka_unit_test(shared_dictionaries_do_not_explode),
        cmocka_unit_test(names_together_are_limited),
        cmocka_unit_test(many_small_values_are_limited),
        cmocka_unit_test(more_tensors_than_the_limit_are_refused),
        cmocka_unit_test(a_pickle_survives_lack_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
