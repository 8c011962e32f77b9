/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "format/safetensors.h"

static enum sva_status parse(const char *text, const struct sva_limits *limits,
                             struct sva_shard_index *index, struct sva_error *error)
{
    const struct sva_span span = {(const uint8_t *)text, strlen(text)};
    return sva_shard_index_parse(span, "i.json", limits, index, error);
}

static void entries_are_sorted_and_share_their_file_names(void **state)
{
    (void)state;
    const struct sva_limits limits = sva_limits_default();
    struct sva_shard_index index = {0};
    assert_int_equal(parse("{\"weight_map\":{\"b\":\"2.safetensors\",\"ab\":\"1.safetensors\","
                           "\"a\":\"1.safetensors\"},\"metadata\":{\"total_size\":123}}",
                           &limits, &index, NULL),
                     SVA_OK);
    assert_int_equal(index.entry_count, 3);
    assert_string_equal(index.entries[0].tensor, "a");
    assert_int_equal(index.entries[0].tensor_bytes, 1);
    assert_string_equal(index.entries[1].tensor, "ab");
    assert_string_equal(index.entries[2].tensor, "b");
    assert_string_equal(index.entries[2].file, "2.safetensors");
    assert_ptr_equal(index.entries[0].file, index.entries[1].file);
    assert_true(index.has_total_size);
    assert_int_equal(index.total_size_bytes, 123);
    assert_int_equal(index.finding_count, 0);
    sva_shard_index_done(&index);
    assert_null(index.entries);
}

static void an_odd_total_size_is_ignored(void **state)
{
    (void)state;
    static const char *const forms[] = {
        "16.0", "-1", "1e3", "\"16\"", "null", "[16]", "16,\"total_size\":16"};
    const struct sva_limits limits = sva_limits_default();
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        struct sva_bytes text = {0};
        sva_bytes_printf(&text,
                         "{\"metadata\":{\"total_size\":%s,\"x\":[]},"
                         "\"weight_map\":{\"a\":\"1.safetensors\"}}",
                         forms[i]);
        struct sva_shard_index index = {0};
        assert_int_equal(parse((const char *)text.data, &limits, &index, NULL), SVA_OK);
        assert_false(index.has_total_size);
        assert_int_equal(index.total_size_bytes, 0);
        assert_int_equal(index.finding_count, 1);
        assert_string_equal(index.findings[0].code, "odd-total-size");
        sva_shard_index_done(&index);
        sva_bytes_done(&text);
    }
}

static void limits_are_kept(void **state)
{
    (void)state;
    static const char text[] =
        "{\"weight_map\":{\"ab\":\"x.safetensors\",\"c\":\"x.safetensors\"}}";
    struct sva_limits limits[3] = {sva_limits_default(), sva_limits_default(),
                                   sva_limits_default()};
    limits[0].index_bytes = sizeof text - 2;
    limits[1].tensor_count = 1;
    limits[2].name_bytes = 1;
    for (size_t i = 0; i < 3; i++) {
        struct sva_shard_index index = {0};
        struct sva_error error = {0};
        assert_int_equal(parse(text, &limits[i], &index, &error), SVA_ERR_LIMIT);
        assert_int_equal(error.status, SVA_ERR_LIMIT);
        assert_null(index.entries);
    }
}

static void half_a_million_entries_are_read(void **state)
{
    (void)state;
    enum { COUNT = 500000, SHARDS = 96 };
    struct sva_bytes text = {0};
    sva_bytes_text(&text, "{\"weight_map\":{");
    for (unsigned i = 0; i < COUNT; i++) {
        sva_bytes_printf(&text,
                         "%s\n    \"model.layers.%u.mlp.experts.%u.down_proj.weight\": "
                         "\"model-%05u-of-%05u.safetensors\"",
                         i == 0 ? "" : ",", i % 61, i, i % SHARDS + 1, (unsigned)SHARDS);
    }
    sva_bytes_text(&text, "}}");
    assert_false(text.failed);
    const struct sva_limits limits = sva_limits_default();
    struct sva_shard_index index = {0};
    assert_int_equal(parse((const char *)text.data, &limits, &index, NULL), SVA_OK);
    assert_int_equal(index.entry_count, COUNT);
    for (size_t i = 1; i < COUNT; i++) {
        assert_true(strcmp(index.entries[i - 1].tensor, index.entries[i].tensor) < 0);
    }
    sva_shard_index_done(&index);
    sva_bytes_done(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(entries_are_sorted_and_share_their_file_names),
        cmocka_unit_test(an_odd_total_size_is_ignored),
        cmocka_unit_test(limits_are_kept),
        cmocka_unit_test(half_a_million_entries_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
