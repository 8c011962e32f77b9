/* SPDX-License-Identifier: Apache-2.0 */
#include "recipe_walk.h"

#include "base/file.h"
#include "base/memory.h"
#include "format/json.h"

static struct sva_span span_of(const char *text)
{
    return (struct sva_span){(const uint8_t *)text, strlen(text)};
}

static void check_recipe(const struct sva_recipe *recipe, struct outcome *outcome)
{
    /* A copy without a byte to spare, so that a sanitizer sees any read behind it. */
    uint8_t *const exact = malloc(recipe->size == 0 ? 1 : recipe->size);
    assert_non_null(exact);
    memcpy(exact, recipe->bytes, recipe->size);
    const struct sva_span span = {exact, recipe->size};
    outcome->status = sva_json_check(span, "text", 32, &outcome->error);
    free(exact);
}

static void every_recipe_gets_its_verdict(void **state)
{
    (void)state;
    const size_t count = walk_recipes("json", check_recipe);
    print_message("JSON recipes: %zu as they should be\n", count);
    assert_true(count >= 25);
}

static void every_case_of_the_public_suite_gets_its_verdict(void **state)
{
    (void)state;
    const char *const directory = SVA_SHARED_DIR "/data/formats/json/JSONTestSuite/test_parsing";
    DIR *const stream = opendir(directory);
    if (stream == NULL) {
        skip();
    }
    unsigned accepted = 0;
    unsigned rejected = 0;
    unsigned free_choice = 0;
    unsigned wrong = 0;
    for (struct dirent *entry = readdir(stream); entry != NULL; entry = readdir(stream)) {
        const char kind = entry->d_name[0];
        if (strchr("yni", kind) == NULL || entry->d_name[1] != '_') {
            continue;
        }
        char path[2048];
        (void)snprintf(path, sizeof path, "%s/%s", directory, entry->d_name);
        uint8_t *bytes;
        size_t size;
        assert_int_equal(sva_read_file(path, 1 << 20, &bytes, &size, NULL), SVA_OK);
        const struct sva_recipe recipe = {.bytes = bytes, .size = size};
        struct outcome outcome = {0};
        check_recipe(&recipe, &outcome);
        const bool fits = kind == 'i' || (kind == 'y') == (outcome.status == SVA_OK);
        accepted += kind == 'y' && fits;
        rejected += kind == 'n' && fits;
        free_choice += kind == 'i';
        if (!fits) {
            print_error("%s: %s %s\n", entry->d_name, sva_status_name(outcome.status),
                        outcome.error.text);
            wrong++;
        }
        sva_free(bytes);
    }
    (void)closedir(stream);
    print_message("JSONTestSuite: %u accepted, %u rejected, %u left to the reader, %u wrong\n",
                  accepted, rejected, free_choice, wrong);
    assert_int_equal(wrong, 0);
    assert_true(accepted > 0 && rejected > 0);
}

static void tokens_come_in_order_with_their_offsets(void **state)
{
    (void)state;
    static const struct {
        enum sva_json_token token;
        size_t offset;
        const char *text;
    } expected[] = {
        {SVA_JSON_OBJECT_BEGIN, 1, NULL},  {SVA_JSON_KEY, 2, "a"},
        {SVA_JSON_ARRAY_BEGIN, 7, NULL},   {SVA_JSON_NUMBER, 8, "12"},
        {SVA_JSON_TRUE, 12, NULL},         {SVA_JSON_STRING, 17, ""},
        {SVA_JSON_ARRAY_END, 19, NULL},    {SVA_JSON_KEY, 21, "b"},
        {SVA_JSON_OBJECT_BEGIN, 25, NULL}, {SVA_JSON_OBJECT_END, 26, NULL},
        {SVA_JSON_OBJECT_END, 27, NULL},   {SVA_JSON_END, 29, NULL},
        {SVA_JSON_END, 29, NULL},
    };
    struct sva_json json;
    sva_json_init(&json, span_of(" {\"a\": [12, true,\"\"],\"b\":{}} \n"), "t", 0, 8);
    json.span.size = 29; /* leave the line feed out: nothing behind the span is looked at */
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        enum sva_json_token token;
        assert_int_equal(sva_json_next(&json, &token, NULL), SVA_OK);
        assert_int_equal(token, expected[i].token);
        assert_int_equal(json.token_offset, expected[i].offset);
        if (expected[i].text != NULL) {
            assert_string_equal(json.text, expected[i].text);
            assert_int_equal(json.text_size, strlen(expected[i].text));
        }
    }
    sva_json_done(&json);
}

static void strings_are_unescaped_to_utf8(void **state)
{
    (void)state;
    static const struct {
        const char *literal, *value;
        size_t size;
    } cases[] = {
        {"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t", 8},
        {"\"\\u0061\\u00e9\\uAC00\"", "a\xC3\xA9\xEA\xB0\x80", 6},
        {"\"\\ud83d\\ude00\"", "\xF0\x9F\x98\x80", 4},
        {"\"\\uDBFF\\uDFFF\"", "\xF4\x8F\xBF\xBF", 4},
        {"\"x\\u0000y\"", "x\0y", 3},
        {"\"\xED\x95\x9C x\"", "\xED\x95\x9C x", 5},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct sva_json json;
        enum sva_json_token token;
        sva_json_init(&json, span_of(cases[i].literal), "t", 0, 8);
        assert_int_equal(sva_json_next(&json, &token, NULL), SVA_OK);
        assert_int_equal(token, SVA_JSON_STRING);
        assert_int_equal(json.text_size, cases[i].size);
        assert_memory_equal(json.text, cases[i].value, cases[i].size + 1);
        sva_json_done(&json);
    }
}

static void only_plain_integers_become_u64(void **state)
{
    (void)state;
    static const struct {
        const char *literal;
        bool fits;
        uint64_t value;
    } cases[] = {
        {"0", true, 0},
        {"9007199254740993", true, UINT64_C(9007199254740993)},
        {"18446744073709551615", true, UINT64_MAX},
        {"18446744073709551616", false, 0},
        {"99999999999999999999", false, 0},
        {"100000000000000000000", false, 0},
        {"-0", false, 0},
        {"-1", false, 0},
        {"1.0", false, 0},
        {"1e0", false, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct sva_json json;
        enum sva_json_token token;
        uint64_t value = 77;
        sva_json_init(&json, span_of(cases[i].literal), "t", 0, 8);
        assert_int_equal(sva_json_next(&json, &token, NULL), SVA_OK);
        assert_int_equal(token, SVA_JSON_NUMBER);
        assert_int_equal(sva_json_u64(&json, &value), cases[i].fits);
        assert_true(value == (cases[i].fits ? cases[i].value : 77));
        sva_json_done(&json);
    }
}

static void skipping_takes_one_whole_value(void **state)
{
    (void)state;
    struct sva_json json;
    enum sva_json_token token;
    sva_json_init(&json, span_of("[{\"a\":[1,[]]},\"x\",7]"), "t", 0, 8);
    assert_int_equal(sva_json_next(&json, &token, NULL), SVA_OK);
    assert_int_equal(sva_json_skip(&json, NULL), SVA_OK);
    assert_int_equal(sva_json_skip(&json, NULL), SVA_OK);
    assert_int_equal(sva_json_next(&json, &token, NULL), SVA_OK);
    assert_int_equal(token, SVA_JSON_NUMBER);
    assert_string_equal(json.text, "7");
    sva_json_done(&json);
}

static void skipping_checks_what_it_skips(void **state)
{
    (void)state;
    struct sva_json json;
    enum sva_json_token token;
    sva_json_init(&json, span_of("[{\"a\":[1,]}]"), "t", 0, 8);
    assert_int_equal(sva_json_next(&json, &token, NULL), SVA_OK);
    assert_int_equal(sva_json_skip(&json, NULL), SVA_ERR_CORRUPT);
    sva_json_done(&json);
}

static void an_error_names_source_and_offset_and_stays(void **state)
{
    (void)state;
    struct sva_json json;
    struct sva_error error = {0};
    enum sva_json_token token;
    sva_json_init(&json, span_of("[1,x]"), "a/b.json", 100, 8);
    assert_int_equal(sva_json_next(&json, &token, &error), SVA_OK);
    assert_int_equal(sva_json_next(&json, &token, &error), SVA_OK);
    assert_int_equal(sva_json_next(&json, &token, &error), SVA_ERR_CORRUPT);
    assert_true(error.has_offset);
    assert_int_equal(error.offset, 103);
    assert_non_null(strstr(error.text, "a/b.json"));
    assert_non_null(strstr(error.text, "byte 103"));
    assert_int_equal(sva_json_next(&json, &token, NULL), SVA_ERR_CORRUPT);
    sva_json_done(&json);
}

static void every_prefix_of_a_sound_text_is_rejected(void **state)
{
    (void)state;
    static const char text[] =
        "{\"a\":[1,-2.5e+3,true,false,null,\"x\\u00e9\\ud83d\\ude00\\n\xED\x95\x9C\"],\"b\":{}}";
    const size_t size = sizeof text - 1;
    for (size_t i = 0; i <= size; i++) {
        struct sva_recipe recipe = {.bytes = (uint8_t *)(uintptr_t)text, .size = i};
        struct outcome outcome = {0};
        check_recipe(&recipe, &outcome);
        assert_int_equal(outcome.status, i == size ? SVA_OK : SVA_ERR_CORRUPT);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_recipe_gets_its_verdict),
        cmocka_unit_test(every_case_of_the_public_suite_gets_its_verdict),
        cmocka_unit_test(tokens_come_in_order_with_their_offsets),
        cmocka_unit_test(strings_are_unescaped_to_utf8),
        cmocka_unit_test(only_plain_integers_become_u64),
        cmocka_unit_test(skipping_takes_one_whole_value),
        cmocka_unit_test(skipping_checks_what_it_skips),
        cmocka_unit_test(an_error_names_source_and_offset_and_stays),
        cmocka_unit_test(every_prefix_of_a_sound_text_is_rejected),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
