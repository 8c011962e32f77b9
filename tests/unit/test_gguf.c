/* SPDX-License-Identifier: Apache-2.0 */
/* What a sound GGUF file becomes, and what its size and its numbers cannot do. */
#include "gguf_builder.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "kernel/dtype.h"

static enum sva_status parse(struct sva_span file, const struct sva_limits *limits,
                             struct sva_gguf *gguf, struct sva_error *error)
{
    const struct sva_limits usual = sva_limits_default();
    const struct sva_source source = sva_source_of_span(&file, "m.gguf");
    return sva_gguf_parse(&source, limits == NULL ? &usual : limits, gguf, error);
}

static bool has_finding(const struct sva_gguf *gguf, const char *code)
{
    for (size_t i = 0; i < gguf->container.finding_count; i++) {
        if (strcmp(gguf->container.findings[i].code, code) == 0) {
            return true;
        }
    }
    return false;
}

/* -- what a sound file becomes ----------------------------------------------------------------- */

static void tensors_come_by_offset_with_shapes_in_torch_order(void **state)
{
    (void)state;
    for (unsigned order = 0; order < 2; order++) {
        struct gguf_build build = {.big_endian = order == 1};
        const uint64_t cube[3] = {32, 2, 3};
        gguf_string(&build, "general.architecture", "llama");
        gguf_matrix(&build, "b", 3, 5);
        gguf_tensor(&build, "a", 8, 3, cube, 6 * 34);
        struct sva_gguf gguf = {0};
        const struct sva_span file = gguf_finish(&build);
        assert_int_equal(parse(file, NULL, &gguf, NULL), SVA_OK);
        assert_int_equal(gguf.big_endian, order == 1);
        assert_int_equal(gguf.container.finding_count, order); /* "big-endian" */
        assert_int_equal(gguf.container.tensor_count, 2);
        const struct sva_tensor *const b = &gguf.container.tensors[0];
        const struct sva_tensor *const a = &gguf.container.tensors[1];
        assert_string_equal(b->name, "b");
        assert_int_equal(b->rank, 2);
        assert_int_equal(b->shape[0], 3);
        assert_int_equal(b->shape[1], 5);
        assert_int_equal(b->size_bytes, 60);
        assert_int_equal(b->offset_bytes, gguf.container.data_offset);
        assert_int_equal(b->big_endian, order == 1);
        assert_int_equal(a->dtype, SVA_DTYPE_Q8_0);
        assert_int_equal(a->element_count, 192);
        assert_int_equal(a->size_bytes, 204);
        assert_int_equal(a->offset_bytes, gguf.container.data_offset + 64);
        const uint64_t shape[3] = {3, 2, 32};
        assert_memory_equal(a->shape, shape, sizeof shape);
        assert_int_equal(gguf.container.unclaimed_bytes, 0);
        assert_int_equal(gguf.container.metadata_count, 1);
        assert_string_equal(gguf.container.metadata[0].value, "llama");
        sva_gguf_done(&gguf);
        gguf_build_done(&build);
    }
}

static void every_type_of_value_is_read_in_both_byte_orders(void **state)
{
    (void)state;
    static const struct {
        enum sva_gguf_type type;
        uint64_t bits;
        uint64_t u;
        int64_t i;
        double f;
    } cases[] = {
        {SVA_GGUF_U8, 200, 200, 0, 0},
        {SVA_GGUF_I8, 0x80, 0, -128, 0},
        {SVA_GGUF_U16, 0xABCD, 0xABCD, 0, 0},
        {SVA_GGUF_I16, 0xFFFE, 0, -2, 0},
        {SVA_GGUF_U32, 0xDEADBEEF, 0xDEADBEEF, 0, 0},
        {SVA_GGUF_I32, 0x80000000, 0, -2147483647 - 1, 0},
        {SVA_GGUF_U64, UINT64_MAX, UINT64_MAX, 0, 0},
        {SVA_GGUF_I64, UINT64_MAX, 0, -1, 0},
        {SVA_GGUF_BOOL, 1, 1, 0, 0},
        {SVA_GGUF_F32, 0x3FC00000, 0, 0, 1.5},
        {SVA_GGUF_F64, UINT64_C(0xBFF8000000000000), 0, 0, -1.5},
    };
    const size_t count = sizeof cases / sizeof *cases;
    for (unsigned order = 0; order < 2; order++) {
        struct gguf_build build = {.big_endian = order == 1};
        for (size_t i = 0; i < count; i++) {
            gguf_bits(&build, sva_gguf_type_name(cases[i].type), cases[i].type, cases[i].bits);
        }
        struct sva_gguf gguf = {0};
        assert_int_equal(parse(gguf_finish(&build), NULL, &gguf, NULL), SVA_OK);
        for (size_t i = 0; i < count; i++) {
            const struct sva_gguf_value *const value =
                sva_gguf_find(&gguf, sva_gguf_type_name(cases[i].type));
            assert_non_null(value);
            assert_int_equal(value->type, cases[i].type);
            assert_true(cases[i].f == 0 || value->scalar.f == cases[i].f);
            assert_true(cases[i].i == 0 || value->scalar.i == cases[i].i);
            assert_true(cases[i].u == 0 || value->scalar.u == cases[i].u);
            uint64_t number = 0;
            assert_int_equal(sva_gguf_u64(&gguf, value->key, &number),
                             cases[i].u != 0 && cases[i].type != SVA_GGUF_BOOL);
            assert_int_equal(number, cases[i].type == SVA_GGUF_BOOL ? 0 : cases[i].u);
        }
        sva_gguf_done(&gguf);
        gguf_build_done(&build);
    }
}

enum { TOKENS = 20000 };

/* More than the window holds, with one string that is longer than it. */
static void arrays_are_walked_without_being_kept(void **state)
{
    (void)state;
    for (unsigned order = 0; order < 2; order++) {
        struct gguf_build build = {.big_endian = order == 1};
        char(*const texts)[16] = calloc(TOKENS, sizeof *texts);
        const char **const list = calloc(TOKENS, sizeof *list);
        int32_t *const numbers = calloc(TOKENS, sizeof *numbers);
        char *const longest = calloc(SVA_WINDOW_BYTES + 10, 1);
        assert_true(texts != NULL && list != NULL && numbers != NULL && longest != NULL);
        memset(longest, 'x', SVA_WINDOW_BYTES + 1);
        for (int i = 0; i < TOKENS; i++) {
            (void)snprintf(texts[i], sizeof *texts, "token%d", i);
            list[i] = i == 77 ? longest : texts[i];
            numbers[i] = -i;
        }
        gguf_strings(&build, "tokens", list, TOKENS);
        gguf_i32s(&build, "types", numbers, TOKENS);
        const struct sva_span file = gguf_finish(&build);
        const struct sva_source source = sva_source_of_span(&file, "m");
        struct sva_gguf gguf = {0};
        assert_int_equal(parse(file, NULL, &gguf, NULL), SVA_OK);
        assert_true(gguf.container.arena.total_bytes < 16384); /* keys, not tokens */
        struct sva_gguf_walk walk;
        struct sva_gguf_walk beside;
        assert_int_equal(
            sva_gguf_walk_init(&walk, &source, &gguf, sva_gguf_find(&gguf, "tokens"), NULL),
            SVA_OK);
        assert_int_equal(
            sva_gguf_walk_init(&beside, &source, &gguf, sva_gguf_find(&gguf, "types"), NULL),
            SVA_OK);
        for (int i = 0; i < TOKENS; i++) {
            const uint8_t *text = NULL;
            uint64_t size = 0;
            union sva_gguf_scalar scalar = {0};
            assert_int_equal(sva_gguf_walk_string(&walk, &text, &size, NULL), SVA_OK);
            assert_int_equal(size, strlen(list[i]));
            assert_true(i == 77 ? text == NULL : memcmp(text, list[i], (size_t)size) == 0);
            assert_int_equal(sva_gguf_walk_scalar(&beside, &scalar, NULL), SVA_OK);
            assert_true(scalar.i == -i);
        }
        const uint8_t *text = NULL;
        uint64_t size = 0;
        assert_int_equal(walk.left, 0);
        assert_int_equal(sva_gguf_walk_string(&walk, &text, &size, NULL), SVA_ERR_CONFLICT);
        sva_gguf_walk_done(&walk);
        sva_gguf_walk_done(&beside);
        sva_gguf_done(&gguf);
        gguf_build_done(&build);
        free(texts);
        free(list);
        free(numbers);
        free(longest);
    }
}

static void an_array_that_changed_since_is_a_conflict(void **state)
{
    (void)state;
    static const char *const list[] = {"one", "two"};
    struct gguf_build build = {0};
    gguf_strings(&build, "a", list, 2);
    gguf_u32(&build, "b", 1);
    const struct sva_span file = gguf_finish(&build);
    const struct sva_source source = sva_source_of_span(&file, "m");
    struct sva_gguf gguf = {0};
    struct sva_gguf_walk walk;
    struct sva_error error = {0};
    const uint8_t *text = NULL;
    uint64_t size = 0;
    assert_int_equal(parse(file, NULL, &gguf, NULL), SVA_OK);
    const struct sva_gguf_value *const value = sva_gguf_find(&gguf, "a");
    build.file.data[value->offset] = 200; /* the first string grew beyond the array */
    assert_int_equal(sva_gguf_walk_init(&walk, &source, &gguf, value, NULL), SVA_OK);
    assert_int_equal(sva_gguf_walk_string(&walk, &text, &size, &error), SVA_ERR_CONFLICT);
    assert_non_null(strstr(error.text, "changed"));
    sva_gguf_walk_done(&walk);
    assert_int_equal(sva_gguf_walk_init(&walk, &source, &gguf, sva_gguf_find(&gguf, "b"), NULL),
                     SVA_ERR_USAGE);
    sva_gguf_done(&gguf);
    gguf_build_done(&build);
}

static void long_texts_stay_in_the_file(void **state)
{
    (void)state;
    char text[SVA_GGUF_TEXT_KEPT + 2];
    memset(text, 't', sizeof text);
    text[SVA_GGUF_TEXT_KEPT + 1] = '\0';
    struct gguf_build build = {0};
    gguf_string(&build, "long", text);
    text[SVA_GGUF_TEXT_KEPT] = '\0';
    gguf_string(&build, "kept", text);
    const struct sva_span file = gguf_finish(&build);
    struct sva_gguf gguf = {0};
    assert_int_equal(parse(file, NULL, &gguf, NULL), SVA_OK);
    const struct sva_gguf_value *const value = sva_gguf_find(&gguf, "long");
    assert_null(value->text);
    assert_int_equal(value->size_bytes, SVA_GGUF_TEXT_KEPT + 1);
    assert_memory_equal(file.data + value->offset, text, SVA_GGUF_TEXT_KEPT);
    assert_string_equal(sva_gguf_text(&gguf, "kept"), text);
    assert_null(sva_gguf_text(&gguf, "none"));
    sva_gguf_done(&gguf);
    gguf_build_done(&build);
}

static void types_that_are_not_decoded_are_named(void **state)
{
    (void)state;
    static const struct {
        uint32_t type;
        const char *form;
    } cases[] = {
        {36, "ggml type 36 (I2_S of BitNet, or IQ4_NL_4_4, removed)"},
        {139, "ggml type 139 (IQ4_K of ik_llama.cpp)"},
        {43, "ggml type 43"},
        {UINT32_MAX, "ggml type 4294967295"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct gguf_build build = {0};
        const uint64_t ne[1] = {100};
        gguf_tensor(&build, "odd", cases[i].type, 1, ne, 60);
        gguf_matrix(&build, "known", 1, 8);
        struct sva_gguf gguf = {0};
        assert_int_equal(parse(gguf_finish(&build), NULL, &gguf, NULL), SVA_OK);
        const struct sva_tensor *const tensor = &gguf.container.tensors[0];
        assert_int_equal(tensor->dtype, SVA_DTYPE_OPAQUE);
        assert_string_equal(tensor->form, cases[i].form);
        assert_int_equal(tensor->size_bytes, 64); /* up to the next one */
        assert_int_equal(tensor->element_count, 100);
        assert_int_equal(gguf.container.finding_count, 1);
        assert_non_null(strstr(gguf.container.findings[0].text, cases[i].form));
        sva_gguf_done(&gguf);
        gguf_build_done(&build);
    }
}

static void bytes_of_no_tensor_are_counted(void **state)
{
    (void)state;
    struct gguf_build build = {0};
    gguf_matrix(&build, "a", 1, 3);
    for (unsigned i = 0; i < 64; i++) {
        sva_bytes_append(&build.data, "", 1); /* a hole of two places */
    }
    gguf_matrix(&build, "b", 1, 8);
    sva_bytes_text(&build.data, "behind");
    build.data.data[20] = 1; /* within the padding of "a", 20 bytes */
    struct sva_gguf gguf = {0};
    assert_int_equal(parse(gguf_finish(&build), NULL, &gguf, NULL), SVA_OK);
    assert_int_equal(gguf.container.unclaimed_bytes, 20 + 64 + 6);
    assert_true(has_finding(&gguf, "nonzero-padding"));
    assert_true(has_finding(&gguf, "hole-between-tensors"));
    assert_true(has_finding(&gguf, "trailing-bytes"));
    sva_gguf_done(&gguf);
    gguf_build_done(&build);
}

/* -- what cannot happen ------------------------------------------------------------------------ */

static void every_prefix_of_a_file_is_refused(void **state)
{
    (void)state;
    struct gguf_build build = {0};
    static const char *const list[] = {"one", "two"};
    gguf_string(&build, "general.architecture", "llama");
    gguf_strings(&build, "tokenizer.ggml.tokens", list, 2);
    gguf_matrix(&build, "a", 2, 8);
    gguf_matrix(&build, "b", 1, 5);
    const struct sva_span file = gguf_finish(&build);
    for (size_t size = 0; size < file.size; size++) {
        struct sva_gguf gguf = {0};
        struct sva_error error = {0};
        uint8_t *const copy = malloc(size + 1); /* exactly as long, for the sanitizer */
        assert_non_null(copy);
        memcpy(copy, file.data, size);
        const enum sva_status status = parse((struct sva_span){copy, size}, NULL, &gguf, &error);
        if (size < file.size - 12) {
            assert_int_equal(status, SVA_ERR_CORRUPT);
            assert_true(error.text[0] != '\0');
        } else { /* the padding of the last tensor alone is missing */
            assert_int_equal(status, SVA_OK);
            assert_true(has_finding(&gguf, "unpadded-end"));
        }
        sva_gguf_done(&gguf);
        free(copy);
    }
    gguf_build_done(&build);
}

static void limits_are_kept(void **state)
{
    (void)state;
    static const struct {
        size_t at;
        unsigned size;
        uint64_t least;
        const char *text;
    } cases[] = {
        {offsetof(struct sva_limits, gguf_header_bytes), 8, 0, "the header has more"},
        {offsetof(struct sva_limits, gguf_text_bytes), 8, 21 + 6 + 4 + 9 + 2, "keys and names"},
        {offsetof(struct sva_limits, gguf_key_count), 8, 2, "keys, more than the limit"},
        {offsetof(struct sva_limits, tensor_count), 8, 2, "tensors, more than the limit"},
        {offsetof(struct sva_limits, name_bytes), 4, 8, "name of 8 bytes"},
        {offsetof(struct sva_limits, rank), 4, 2, "too many dimensions"},
    };
    struct gguf_build build = {0};
    gguf_string(&build, "general.architecture", "llama");
    gguf_u32(&build, "a.b", 4);
    gguf_matrix(&build, "12345678", 1, 8);
    gguf_matrix(&build, "b", 1, 8);
    const struct sva_span file = gguf_finish(&build);
    struct sva_gguf whole = {0};
    assert_int_equal(parse(file, NULL, &whole, NULL), SVA_OK);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        for (unsigned less = 0; less < 2; less++) {
            struct sva_limits limits = sva_limits_default();
            const uint64_t wide = (i == 0 ? whole.header_bytes : cases[i].least) - less;
            const uint32_t narrow = (uint32_t)wide;
            memcpy((char *)&limits + cases[i].at,
                   cases[i].size == 8 ? (const void *)&wide : (const void *)&narrow, cases[i].size);
            struct sva_gguf gguf = {0};
            struct sva_error error = {0};
            const enum sva_status status = parse(file, &limits, &gguf, &error);
            assert_int_equal(status, less == 0 ? SVA_OK : SVA_ERR_LIMIT);
            assert_true(less == 0 || strstr(error.text, cases[i].text) != NULL);
            sva_gguf_done(&gguf);
        }
    }
    sva_gguf_done(&whole);
    gguf_build_done(&build);
}

/* A file of a TiB: some bytes at its beginning, then zeros. */
static enum sva_status read_sparse(const void *context, uint64_t offset, void *bytes, size_t size,
                                   struct sva_error *error)
{
    (void)error;
    const struct sva_span *const head = context;
    memset(bytes, 0, size);
    if (offset < head->size) {
        const size_t there = head->size - (size_t)offset;
        memcpy(bytes, head->data + offset, there < size ? there : size);
    }
    return SVA_OK;
}

static const uint64_t tebibyte = UINT64_C(1) << 40;

static struct sva_source sparse(const struct sva_span *head)
{
    return (struct sva_source){
        .read = read_sparse, .context = head, .size_bytes = tebibyte, .name = "sparse"};
}

static void sizes_of_a_tebibyte_are_kept(void **state)
{
    (void)state;
    struct gguf_build build = {0};
    const uint64_t ne[2] = {UINT64_C(1) << 19, (UINT64_C(1) << 19) - 1};
    gguf_tensor(&build, "a", 24, 2, ne, 0); /* I8 */
    const struct sva_span head = gguf_finish(&build);
    const struct sva_source source = sparse(&head);
    const struct sva_limits limits = sva_limits_default();
    struct sva_gguf gguf = {0};
    assert_int_equal(sva_gguf_parse(&source, &limits, &gguf, NULL), SVA_OK);
    assert_int_equal(gguf.container.tensors[0].size_bytes, ne[0] * ne[1]);
    assert_true(has_finding(&gguf, "trailing-bytes"));
    assert_int_equal(gguf.container.unclaimed_bytes,
                     tebibyte - gguf.container.data_offset - ne[0] * ne[1]);
    sva_gguf_done(&gguf);
    gguf_build_done(&build);
}

/* Nothing but zeros behind the counts: stopped by what they are, not after reading them all. */
static void counts_that_a_large_file_could_hold_end_soon(void **state)
{
    (void)state;
    static const struct {
        uint64_t tensors, keys;
        enum sva_status status;
        const char *text;
    } cases[] = {
        {2000000, 0, SVA_ERR_CORRUPT, "empty name is there twice"},
        {2000001, 0, SVA_ERR_LIMIT, "more than the limit of 2000000"},
        {0, 100000, SVA_ERR_CORRUPT, "is empty"},
        {0, 100001, SVA_ERR_LIMIT, "more than the limit of 100000"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct gguf_build build = {.tensor_count = cases[i].tensors, .key_count = cases[i].keys};
        const struct sva_span head = gguf_finish(&build);
        const struct sva_source source = sparse(&head);
        const struct sva_limits limits = sva_limits_default();
        struct sva_gguf gguf = {0};
        struct sva_error error = {0};
        assert_int_equal(sva_gguf_parse(&source, &limits, &gguf, &error), cases[i].status);
        assert_non_null(strstr(error.text, cases[i].text));
        gguf_build_done(&build);
    }
}

/* An array that the file has room for, but no header has. */
static void a_huge_array_ends_at_the_limit_of_the_header(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        struct gguf_build build = {0};
        gguf_key(&build, "a", SVA_GGUF_ARRAY);
        put_number(&build.keys, false, 4, i == 0 ? SVA_GGUF_STRING : SVA_GGUF_U64);
        put_number(&build.keys, false, 8, UINT64_C(1) << 35);
        const struct sva_span head = gguf_finish(&build);
        const struct sva_source source = sparse(&head);
        struct sva_limits limits = sva_limits_default();
        limits.gguf_header_bytes = UINT64_C(1) << 24;
        struct sva_gguf gguf = {0};
        struct sva_error error = {0};
        assert_int_equal(sva_gguf_parse(&source, &limits, &gguf, &error), SVA_ERR_LIMIT);
        assert_non_null(strstr(error.text, "the header has more"));
        gguf_build_done(&build);
    }
}

static void padding_is_looked_at_in_bounds(void **state)
{
    (void)state;
    struct gguf_build build = {0};
    const uint64_t ne[1] = {1};
    gguf_u32(&build, "general.alignment", 1 << 20);
    for (uint64_t i = 0; i < 20; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "t%u", (unsigned)i);
        build.data.size = (size_t)(i << 20); /* where it claims to be */
        gguf_tensor(&build, name, 24, 1, ne, 0);
    }
    build.data.size = 0;
    const struct sva_span head = gguf_finish(&build);
    struct sva_source source = sparse(&head);
    source.size_bytes = UINT64_C(21) << 20;
    const struct sva_limits limits = sva_limits_default();
    struct sva_gguf gguf = {0};
    assert_int_equal(sva_gguf_parse(&source, &limits, &gguf, NULL), SVA_OK);
    assert_true(has_finding(&gguf, "padding-not-checked"));
    assert_false(has_finding(&gguf, "nonzero-padding"));
    assert_true(gguf.container.unclaimed_bytes > 3 << 20);
    assert_true(gguf.container.unclaimed_bytes < 6 << 20);
    sva_gguf_done(&gguf);
    gguf_build_done(&build);
}

static void a_hundred_thousand_keys_and_tensors_are_told_apart(void **state)
{
    (void)state;
    struct gguf_build build = {0};
    const uint64_t ne[1] = {0};
    for (unsigned i = 0; i < 100000; i++) {
        char name[32];
        (void)snprintf(name, sizeof name, "name.%u", i * 7919 % 100000);
        gguf_bits(&build, name, SVA_GGUF_U8, i & 1);
        gguf_tensor(&build, name, 0, 1, ne, 0);
    }
    struct sva_gguf gguf = {0};
    assert_int_equal(parse(gguf_finish(&build), NULL, &gguf, NULL), SVA_OK);
    assert_int_equal(gguf.value_count, 100000);
    assert_int_equal(gguf.container.tensor_count, 100000);
    sva_gguf_done(&gguf);
    gguf_build_done(&build);
}

static void every_failing_allocation_is_told(void **state)
{
    (void)state;
    static const char *const list[] = {"one", "two"};
    struct gguf_build build = {.big_endian = true};
    gguf_strings(&build, "tokenizer.ggml.tokens", list, 2);
    for (unsigned i = 0; i < 200; i++) {
        char name[64];
        const uint64_t ne[1] = {8};
        (void)snprintf(name, sizeof name, "a.rather.long.name.of.a.tensor.or.key.%u", i);
        gguf_string(&build, name, "value");
        gguf_tensor(&build, name, i == 3 ? 99 : 0, 1, ne, 32);
    }
    build.data.data[0] = 0x7F; /* an infinity, big-endian */
    build.data.data[1] = 0x80;
    const struct sva_span file = gguf_finish(&build);
    const struct sva_source source = sva_source_of_span(&file, "m");
    unsigned failures = 0;
    enum sva_status status = SVA_ERR_MEMORY;
    for (uint64_t n = 1; status == SVA_ERR_MEMORY; n++) {
        struct sva_gguf gguf = {0};
        struct sva_error error = {0};
        sva_memory_fail_after(n);
        status = parse(file, NULL, &gguf, &error);
        if (status == SVA_OK) {
            status = sva_gguf_check_values(&source, 4096, 4096, &gguf, &error);
        }
        sva_memory_fail_after(0);
        failures += status == SVA_ERR_MEMORY;
        assert_true(status == SVA_OK || error.text[0] != '\0');
        assert_true(status != SVA_OK || gguf.container.finding_count == 3);
        sva_gguf_done(&gguf);
    }
    assert_int_equal(status, SVA_OK);
    assert_true(failures > 10);
    gguf_build_done(&build);
}

/* -- values ------------------------------------------------------------------------------------ */

static void nonfinite_scales_are_found_where_each_type_has_them(void **state)
{
    (void)state;
    /* Bytes that are wrong in a block of zeros, little-endian. */
    static const struct {
        enum sva_dtype dtype;
        unsigned at;
        uint8_t bytes[2];
        unsigned size;
    } cases[] = {
        {SVA_DTYPE_Q4_0, 0, {0x00, 0x7C}, 2},    {SVA_DTYPE_Q4_1, 2, {0x00, 0xFC}, 2},
        {SVA_DTYPE_Q5_0, 0, {0x01, 0x7C}, 2},    {SVA_DTYPE_Q5_1, 0, {0x00, 0x7E}, 2},
        {SVA_DTYPE_Q8_0, 0, {0x00, 0x7C}, 2},    {SVA_DTYPE_Q2_K, 82, {0x00, 0x7C}, 2},
        {SVA_DTYPE_Q3_K, 108, {0x00, 0x7C}, 2},  {SVA_DTYPE_Q4_K, 2, {0x00, 0x7C}, 2},
        {SVA_DTYPE_Q5_K, 0, {0x00, 0x7C}, 2},    {SVA_DTYPE_Q6_K, 208, {0x00, 0x7C}, 2},
        {SVA_DTYPE_IQ2_XXS, 0, {0x00, 0x7C}, 2}, {SVA_DTYPE_IQ2_XS, 0, {0x00, 0x7C}, 2},
        {SVA_DTYPE_IQ3_XXS, 0, {0x00, 0x7C}, 2}, {SVA_DTYPE_IQ1_S, 0, {0x00, 0x7C}, 2},
        {SVA_DTYPE_IQ4_NL, 0, {0x00, 0x7C}, 2},  {SVA_DTYPE_IQ3_S, 0, {0x00, 0x7C}, 2},
        {SVA_DTYPE_IQ2_S, 0, {0x00, 0x7C}, 2},   {SVA_DTYPE_IQ4_XS, 0, {0x00, 0x7C}, 2},
        {SVA_DTYPE_TQ1_0, 52, {0x00, 0x7C}, 2},  {SVA_DTYPE_TQ2_0, 64, {0x00, 0x7C}, 2},
        {SVA_DTYPE_Q1_0, 0, {0x00, 0x7C}, 2},    {SVA_DTYPE_Q2_0, 0, {0x00, 0x7C}, 2},
        {SVA_DTYPE_Q8_K, 2, {0x80, 0x7F}, 2},    {SVA_DTYPE_MXFP4, 0, {0xFF, 0}, 1},
        {SVA_DTYPE_NVFP4, 3, {0x7F, 0}, 1},      {SVA_DTYPE_F16, 0, {0x00, 0xFC}, 2},
        {SVA_DTYPE_BF16, 0, {0xC0, 0x7F}, 2},    {SVA_DTYPE_F32, 2, {0x80, 0xFF}, 2},
        {SVA_DTYPE_F64, 6, {0xF0, 0x7F}, 2},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint8_t blocks[3 * 300] = {0};
        const size_t size = sva_dtype_get(cases[i].dtype)->block_bytes;
        assert_int_equal(sva_gguf_count_nonfinite(cases[i].dtype, false, blocks, 3 * size), 0);
        memcpy(blocks + size + cases[i].at, cases[i].bytes, cases[i].size);
        assert_int_equal(sva_gguf_count_nonfinite(cases[i].dtype, false, blocks, 3 * size), 1);
        /* the part of it that does not fill a block is not looked at */
        assert_int_equal(sva_gguf_count_nonfinite(cases[i].dtype, false, blocks, 2 * size - 1), 0);
    }
}

static void nonfinite_values_are_found_in_their_byte_order(void **state)
{
    (void)state;
    const uint8_t half[2] = {0x7C, 0x00};
    const uint8_t single[4] = {0x7F, 0x80, 0x00, 0x00};
    assert_int_equal(sva_gguf_count_nonfinite(SVA_DTYPE_F16, true, half, 2), 1);
    assert_int_equal(sva_gguf_count_nonfinite(SVA_DTYPE_F16, false, half, 2), 0);
    assert_int_equal(sva_gguf_count_nonfinite(SVA_DTYPE_F32, true, single, 4), 1);
    assert_int_equal(sva_gguf_count_nonfinite(SVA_DTYPE_F32, false, single, 4), 0);
    /* IQ1_M: the high four bits of four words make the scale */
    uint8_t block[56] = {0};
    block[48 + 6 + 1] = 0x70;
    block[48 + 4 + 1] = 0xC0;
    assert_int_equal(sva_gguf_count_nonfinite(SVA_DTYPE_IQ1_M, false, block, 56), 1);
    assert_int_equal(sva_gguf_count_nonfinite(SVA_DTYPE_IQ1_M, true, block, 56), 0);
    /* integers have no such values */
    const uint8_t ones[8] = {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF};
    assert_int_equal(sva_gguf_count_nonfinite(SVA_DTYPE_I32, false, ones, 8), 0);
    assert_int_equal(sva_gguf_count_nonfinite(SVA_DTYPE_OPAQUE, false, ones, 8), 0);
}

static void only_what_was_asked_for_is_looked_at(void **state)
{
    (void)state;
    struct gguf_build build = {0};
    gguf_matrix(&build, "a", 64, 64);
    gguf_matrix(&build, "b", 64, 64);
    memset(build.data.data + 8192, 0xFF, 8); /* two NaN in the middle of "a" */
    const struct sva_span file = gguf_finish(&build);
    const struct sva_source source = sva_source_of_span(&file, "m");
    static const struct {
        uint64_t tensor_bytes, total_bytes;
        bool found;
    } cases[] = {{4096, 1 << 20, false}, {8192, 1 << 20, false},   {8196, 1 << 20, true},
                 {1 << 20, 4096, false}, {1 << 20, 1 << 20, true}, {0, 0, false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct sva_gguf gguf = {0};
        assert_int_equal(parse(file, NULL, &gguf, NULL), SVA_OK);
        assert_int_equal(sva_gguf_check_values(&source, cases[i].tensor_bytes, cases[i].total_bytes,
                                               &gguf, NULL),
                         SVA_OK);
        assert_int_equal(has_finding(&gguf, "non-finite-values"), cases[i].found);
        sva_gguf_done(&gguf);
    }
    gguf_build_done(&build);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tensors_come_by_offset_with_shapes_in_torch_order),
        cmocka_unit_test(every_type_of_value_is_read_in_both_byte_orders),
        cmocka_unit_test(arrays_are_walked_without_being_kept),
        cmocka_unit_test(an_array_that_changed_since_is_a_conflict),
        cmocka_unit_test(long_texts_stay_in_the_file),
        cmocka_unit_test(types_that_are_not_decoded_are_named),
        cmocka_unit_test(bytes_of_no_tensor_are_counted),
        cmocka_unit_test(every_prefix_of_a_file_is_refused),
        cmocka_unit_test(limits_are_kept),
        cmocka_unit_test(sizes_of_a_tebibyte_are_kept),
        cmocka_unit_test(counts_that_a_large_file_could_hold_end_soon),
        cmocka_unit_test(a_huge_array_ends_at_the_limit_of_the_header),
        cmocka_unit_test(padding_is_looked_at_in_bounds),
        cmocka_unit_test(a_hundred_thousand_keys_and_tensors_are_told_apart),
        cmocka_unit_test(every_failing_allocation_is_told),
        cmocka_unit_test(nonfinite_scales_are_found_where_each_type_has_them),
        cmocka_unit_test(nonfinite_values_are_found_in_their_byte_order),
        cmocka_unit_test(only_what_was_asked_for_is_looked_at),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
