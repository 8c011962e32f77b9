/* SPDX-License-Identifier: Apache-2.0 */
/* Files of options: what is read, and what is refused in which words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "format/option_file.h"

static enum sva_status parse(const char *text, struct sva_arena *arena,
                             struct sva_option_file *config, struct sva_error *error)
{
    const struct sva_span bytes = {(const uint8_t *)text, strlen(text)};
    return sva_option_file_parse(bytes, "f", arena, config, error);
}

static void every_kind_of_value_is_read_in_order(void **state)
{
    (void)state;
    struct sva_arena arena = {.blocks = NULL};
    struct sva_option_file config = {.entry_count = 0};
    assert_int_equal(parse("{\"refs\": \"r.db\", \"threads\": 3, \"quiet\": true, \"json\": false,"
                           " \"output\": [\"json=a\", \"text=b\"], \"ref\": []}",
                           &arena, &config, NULL),
                     SVA_OK);
    assert_int_equal(config.entry_count, 6);
    assert_string_equal(config.entries[0].key, "refs");
    assert_int_equal(config.entries[0].kind, SVA_OPTION_TEXT);
    assert_string_equal(config.entries[0].values[0], "r.db");
    assert_int_equal(config.entries[1].kind, SVA_OPTION_NUMBER);
    assert_string_equal(config.entries[1].values[0], "3");
    assert_true(config.entries[2].flag);
    assert_int_equal(config.entries[3].kind, SVA_OPTION_FLAG);
    assert_false(config.entries[3].flag);
    assert_int_equal(config.entries[4].value_count, 2);
    assert_string_equal(config.entries[4].values[1], "text=b");
    assert_int_equal(config.entries[5].kind, SVA_OPTION_LIST);
    assert_int_equal(config.entries[5].value_count, 0);
    sva_arena_done(&arena);
}

static void what_is_wrong_is_named_with_its_key_or_byte(void **state)
{
    (void)state;
    static const struct {
        const char *text, *complaint;
    } CASES[] = {
        {"[\"a\"]", "f: expected an object of options at byte 0"},
        {"{\"a\": true, \"a\": true}", "f: \"a\" stands there twice"},
        {"{\"a\": null}", "f: \"a\" wants a text, a number, true or false, or a list of texts"},
        {"{\"a\": {}}", "f: \"a\" wants a text, a number, true or false, or a list of texts"},
        {"{\"a\": [1]}", "f: \"a\" wants a list of texts"},
        {"{\"a\": \"b\\u0000c\"}", "f: a text with a NUL inside at byte 6"},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        struct sva_arena arena = {.blocks = NULL};
        struct sva_option_file config = {.entry_count = 0};
        struct sva_error error = {.status = SVA_OK};
        assert_int_equal(parse(CASES[i].text, &arena, &config, &error), SVA_ERR_CORRUPT);
        assert_string_equal(error.text, CASES[i].complaint);
        assert_int_equal(config.entry_count, 0);
        sva_arena_done(&arena);
    }
}

static void too_many_keys_or_values_are_refused(void **state)
{
    (void)state;
    for (int list = 0; list < 2; list++) {
        struct sva_arena arena = {.blocks = NULL};
        struct sva_bytes text = {.data = NULL};
        struct sva_option_file config = {.entry_count = 0};
        struct sva_error error = {.status = SVA_OK};
        const int most = list ? SVA_OPTION_VALUES_MAX : SVA_OPTION_KEYS_MAX;
        sva_bytes_text(&text, list ? "{\"a\": [" : "{");
        for (int i = 0; i <= most; i++) {
            sva_bytes_printf(&text, list ? "%s\"%d\"" : "%s\"%d\": true", i > 0 ? ", " : "", i);
        }
        sva_bytes_text(&text, list ? "]}" : "}");
        assert_false(text.failed);
        assert_int_equal(parse((const char *)text.data, &arena, &config, &error), SVA_ERR_LIMIT);
        assert_string_equal(error.text,
                            list ? "f: \"a\" has more than 1024 values" : "f: more than 128 keys");
        sva_bytes_done(&text);
        sva_arena_done(&arena);
    }
}

static void a_file_that_is_missing_is_refused(void **state)
{
    (void)state;
    struct sva_option_file *config = NULL;
    struct sva_error error = {.status = SVA_OK};
    assert_int_equal(sva_option_file_load("/nonexistent/sovaudit.json", &config, &error),
                     SVA_ERR_NOT_FOUND);
    assert_null(config);
    sva_option_file_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_of_value_is_read_in_order),
        cmocka_unit_test(what_is_wrong_is_named_with_its_key_or_byte),
        cmocka_unit_test(too_many_keys_or_values_are_refused),
        cmocka_unit_test(a_file_that_is_missing_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
