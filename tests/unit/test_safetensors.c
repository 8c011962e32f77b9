/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/memory.h"
#include "corpus_walk.h"
#include "format/json.h"
#include "format/safetensors.h"

/* -- the public corpus ------------------------------------------------------------------------ */

static void read_case(const struct corpus_case *one, void *context)
{
    struct corpus_tally *const tally = context;
    const bool index = strcmp(one->format, "safetensors-index") == 0;
    if (!index && strcmp(one->format, "safetensors") != 0) {
        return;
    }
    const struct sva_limits limits = sva_limits_default();
    struct sva_error error = {0};
    enum sva_status status;
    size_t findings = 0;
    if (!index) {
        struct sva_input input;
        struct sva_container file = {0};
        assert_int_equal(sva_input_open(-1, one->path, true, &input, NULL), SVA_OK);
        status = sva_safetensors_read(&input, &limits, &file, &error);
        findings = file.finding_count;
        sva_container_done(&file);
        sva_input_close(&input);
    } else {
        struct sva_shard_index shards = {0};
        uint8_t *bytes;
        size_t size;
        assert_int_equal(sva_read_file(one->path, 1 << 20, &bytes, &size, NULL), SVA_OK);
        status = sva_shard_index_parse((struct sva_span){bytes, size}, one->file, &limits, &shards,
                                       &error);
        findings = shards.finding_count;
        sva_shard_index_done(&shards);
        sva_free(bytes);
    }
    assert_true(status == SVA_OK || error.text[0] != '\0');
    corpus_count(tally, one, status, findings);
}

static void every_public_case_gets_the_recommended_verdict(void **state)
{
    (void)state;
    struct corpus_tally tally = {0};
    corpus_walk(read_case, &tally);
    corpus_print("safetensors and index files", &tally);
    assert_int_equal(tally.right, tally.cases);
    assert_true(tally.cases >= 100);
}

/* -- what a sound file becomes ----------------------------------------------------------------- */

static const char two_tensors[] =
    "{\"__metadata__\":{\"format\":\"pt\"},"
    "\"b\":{\"dtype\":\"BF16\",\"shape\":[2,3],\"data_offsets\":[4,16]},"
    "\"a\":{\"shape\":[],\"data_offsets\":[0,4],\"dtype\":\"F32\"}}";

static enum sva_status parse(const char *header, uint64_t data_bytes,
                             const struct sva_limits *limits, struct sva_container *file,
                             struct sva_error *error)
{
    const struct sva_span span = {(const uint8_t *)header, strlen(header)};
    return sva_safetensors_parse(span, 8 + span.size + data_bytes, "m.safetensors", limits, file,
                                 error);
}

static void tensors_come_by_offset_with_absolute_positions(void **state)
{
    (void)state;
    const struct sva_limits limits = sva_limits_default();
    struct sva_container file;
    assert_int_equal(parse(two_tensors, 16, &limits, &file, NULL), SVA_OK);
    const uint64_t data = 8 + strlen(two_tensors);
    assert_int_equal(file.data_offset, data);
    assert_int_equal(file.tensor_count, 2);
    assert_string_equal(file.tensors[0].name, "a");
    assert_int_equal(file.tensors[0].rank, 0);
    assert_int_equal(file.tensors[0].element_count, 1);
    assert_int_equal(file.tensors[0].dtype, SVA_DTYPE_F32);
    assert_int_equal(file.tensors[0].offset_bytes, data);
    assert_string_equal(file.tensors[1].name, "b");
    assert_int_equal(file.tensors[1].rank, 2);
    assert_int_equal(file.tensors[1].shape[0], 2);
    assert_int_equal(file.tensors[1].shape[1], 3);
    assert_int_equal(file.tensors[1].element_count, 6);
    assert_int_equal(file.tensors[1].size_bytes, 12);
    assert_int_equal(file.tensors[1].offset_bytes, data + 4);
    assert_int_equal(file.metadata_count, 1);
    assert_string_equal(file.metadata[0].key, "format");
    assert_string_equal(file.metadata[0].value, "pt");
    assert_int_equal(file.finding_count, 0);
    sva_container_done(&file);
    assert_null(file.tensors);
}

static void one_byte_more_or_less_is_rejected(void **state)
{
    (void)state;
    const struct sva_limits limits = sva_limits_default();
    struct sva_container file = {0};
    assert_int_equal(parse(two_tensors, 15, &limits, &file, NULL), SVA_ERR_CORRUPT);
    assert_int_equal(parse(two_tensors, 17, &limits, &file, NULL), SVA_ERR_CORRUPT);
    assert_null(file.tensors);
}

static void errors_carry_the_escaped_name_and_the_offset(void **state)
{
    (void)state;
    static const char header[] =
        "{\"x\\u001b[2J\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,1]}}";
    const struct sva_limits limits = sva_limits_default();
    struct sva_container file = {0};
    struct sva_error error = {0};
    assert_int_equal(parse(header, 1, &limits, &file, &error), SVA_ERR_CORRUPT);
    assert_true(error.has_offset);
    assert_int_equal(error.offset, 9);
    assert_non_null(strstr(error.text, "m.safetensors: tensor \"x\\x1B[2J\""));
    assert_non_null(strstr(error.text, "byte 9"));
}

static void limits_are_kept(void **state)
{
    (void)state;
    static const struct {
        const char *why;
        size_t field; /* offset of the limit */
        bool wide;
        uint64_t most; /* allowed */
    } cases[] = {
        {"bytes, more than", offsetof(struct sva_limits, header_bytes), true,
         sizeof two_tensors - 1},
        {" tensors at byte", offsetof(struct sva_limits, tensor_count), true, 2},
        {"dimensions", offsetof(struct sva_limits, rank), false, 2},
        {"tensor name", offsetof(struct sva_limits, name_bytes), false, 1},
        {"nested deeper", offsetof(struct sva_limits, json_depth), false, 3},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        for (unsigned below = 0; below < 2; below++) {
            struct sva_limits limits = sva_limits_default();
            const uint64_t wide = cases[i].most - below;
            const uint32_t narrow = (uint32_t)wide;
            memcpy((char *)&limits + cases[i].field, cases[i].wide ? (const void *)&wide : &narrow,
                   cases[i].wide ? sizeof wide : sizeof narrow);
            struct sva_container file = {0};
            struct sva_error error = {0};
            assert_int_equal(parse(two_tensors, 16, &limits, &file, &error),
                             below ? SVA_ERR_LIMIT : SVA_OK);
            if (below && strstr(error.text, cases[i].why) == NULL) {
                fail_msg("%s: %s", cases[i].why, error.text);
            }
            sva_container_done(&file);
        }
    }
}

static void a_large_header_is_noted(void **state)
{
    (void)state;
    struct sva_limits limits = sva_limits_default();
    limits.header_note_bytes = sizeof two_tensors - 2;
    struct sva_container file = {0};
    assert_int_equal(parse(two_tensors, 16, &limits, &file, NULL), SVA_OK);
    assert_int_equal(file.finding_count, 1);
    assert_string_equal(file.findings[0].code, "large-header");
    assert_null(file.findings[0].file);
    sva_container_done(&file);
}

static void many_odd_fields_make_one_finding(void **state)
{
    (void)state;
    struct sva_bytes text = {0};
    sva_bytes_text(&text, "{");
    for (unsigned i = 0; i < 1000; i++) {
        sva_bytes_printf(&text,
                         "%s\"t%u\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[%u,%u],"
                         "\"f\":1,\"g\":2}",
                         i == 0 ? "" : ",", i, i, i + 1);
    }
    sva_bytes_text(&text, "}");
    assert_false(text.failed);
    const struct sva_limits limits = sva_limits_default();
    struct sva_container file = {0};
    assert_int_equal(parse((const char *)text.data, 1000, &limits, &file, NULL), SVA_OK);
    assert_int_equal(file.tensor_count, 1000);
    assert_string_equal(file.tensors[999].name, "t999");
    assert_int_equal(file.finding_count, 1);
    assert_string_equal(file.findings[0].code, "unknown-field");
    assert_non_null(strstr(file.findings[0].text, "2000 "));
    sva_container_done(&file);
    sva_bytes_done(&text);
}

static void every_prefix_of_a_header_is_rejected(void **state)
{
    (void)state;
    const struct sva_limits limits = sva_limits_default();
    for (size_t size = 0; size < sizeof two_tensors - 1; size++) {
        uint8_t *const exact = malloc(size + 1);
        assert_non_null(exact);
        memcpy(exact, two_tensors, size);
        struct sva_container file = {0};
        const struct sva_span span = {exact, size};
        assert_int_equal(sva_safetensors_parse(span, 8 + size + 16, "m", &limits, &file, NULL),
                         SVA_ERR_CORRUPT);
        free(exact);
    }
}

static void a_hundred_thousand_tensors_in_any_order_are_tiled(void **state)
{
    (void)state;
    enum { COUNT = 100000 };
    struct sva_bytes text = {0};
    sva_bytes_text(&text, "{");
    for (unsigned i = 0; i < COUNT; i++) {
        const unsigned slot = (unsigned)((uint64_t)i * 7919 % COUNT); /* a permutation */
        sva_bytes_printf(&text,
                         "%s\"model.layers.%u.weight\":{"
                         "\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[%u,%u]}",
                         i == 0 ? "" : ",", slot, slot, slot + 1);
    }
    sva_bytes_text(&text, "}");
    assert_false(text.failed);
    const struct sva_limits limits = sva_limits_default();
    struct sva_container file = {0};
    assert_int_equal(parse((const char *)text.data, COUNT, &limits, &file, NULL), SVA_OK);
    assert_int_equal(file.tensor_count, COUNT);
    for (unsigned i = 0; i < COUNT; i++) {
        char name[64];
        (void)snprintf(name, sizeof name, "model.layers.%u.weight", i);
        assert_string_equal(file.tensors[i].name, name);
        assert_int_equal(file.tensors[i].offset_bytes, file.data_offset + i);
    }
    sva_container_done(&file);
    sva_bytes_done(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_public_case_gets_the_recommended_verdict),
        cmocka_unit_test(tensors_come_by_offset_with_absolute_positions),
        cmocka_unit_test(one_byte_more_or_less_is_rejected),
        cmocka_unit_test(errors_carry_the_escaped_name_and_the_offset),
        cmocka_unit_test(limits_are_kept),
        cmocka_unit_test(a_large_header_is_noted),
        cmocka_unit_test(many_odd_fields_make_one_finding),
        cmocka_unit_test(every_prefix_of_a_header_is_rejected),
        cmocka_unit_test(a_hundred_thousand_tensors_in_any_order_are_tiled),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
