/* SPDX-License-Identifier: Apache-2.0 */
#include <locale.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"

static void dangerous_characters_are_shown_not_sent(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t size;
        const char *shown;
    } cases[] = {
        {"model.layers.0", 14, "model.layers.0"},
        {"a\x1b[31m", 6, "a\\x1B[31m"},
        {"a\0b\n", 4, "a\\x00b\\x0A"},
        {"say \"\\\"", 7, "say \\x22\\x5C\\x22"},
        {"\xED\x95\x9C\xEA\xB5\xAD", 6, "\xED\x95\x9C\xEA\xB5\xAD"},
        {"a\xE2\x80\xAE"
         "b",
         5, "a\\u{202E}b"}, /* right-to-left override */
        {"a\xE2\x80\x8B"
         "b",
         5, "a\\u{200B}b"}, /* zero width space */
        {"\xC2\x9B"
         "1m",
         4, "\\u{009B}1m"},                    /* C1 control */
        {"\xF3\xA0\x80\x81", 4, "\\u{E0001}"}, /* language tag */
        {"\xEF\xBB\xBFx", 4, "\\u{FEFF}x"},
        {"\xC0\xAF", 2, "\\xC0\\xAF"},          /* overlong */
        {"\xED\xA0\x80", 3, "\\xED\\xA0\\x80"}, /* surrogate */
        {"\xF0\x9F\x98", 3, "\\xF0\\x9F\\x98"}, /* cut off */
        {"", 0, ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_string_equal(sva_escn(cases[i].text, cases[i].size).text, cases[i].shown);
    }
    assert_string_equal(sva_esc(NULL).text, "");
    assert_string_equal(sva_esc("x").text, "x");
}

static void long_texts_end_with_dots_and_whole_escapes(void **state)
{
    (void)state;
    char out[32];
    for (size_t room = 1; room <= sizeof out; room++) {
        memset(out, 'Z', sizeof out);
        (void)sva_escape("ab\ncd\xED\x95\x9C"
                         "efghijklmnopqrstuvwxyz0123",
                         34, out, room);
        const size_t size = strlen(out);
        assert_true(size < room);
        assert_int_equal(sva_utf8_valid_prefix((const uint8_t *)out, size), size);
        if (room > 4) {
            assert_string_equal(out + size - 3, "...");
        }
    }
    assert_string_equal(sva_escape("abc", 3, out, 4), "abc");
    assert_string_equal(sva_escape("abcd", 4, out, 4), "...");
    assert_string_equal(sva_escape("a\nb", 3, out, 6), "a...");
}

static void utf8_is_checked_strictly(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t size, valid;
    } cases[] = {
        {"abc", 3, 3},
        {"\xC2\x80\xDF\xBF", 4, 4},
        {"\xE0\xA0\x80\xED\x9F\xBF\xEE\x80\x80\xEF\xBF\xBF", 12, 12},
        {"\xF0\x90\x80\x80\xF4\x8F\xBF\xBF", 8, 8},
        {"a\xC1\xBF", 3, 1},
        {"a\xE0\x9F\xBF", 4, 1},
        {"a\xED\xA0\x80", 4, 1},
        {"a\xF0\x8F\xBF\xBF", 5, 1},
        {"a\xF4\x90\x80\x80", 5, 1},
        {"a\xF5\x80\x80\x80", 5, 1},
        {"a\x80", 2, 1},
        {"a\xE2\x82", 3, 1},
        {"a\xE2\x28\xA1", 4, 1},
        {"a\0b", 3, 3},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(sva_utf8_valid_prefix((const uint8_t *)cases[i].bytes, cases[i].size),
                         cases[i].valid);
    }
}

static void json_strings_are_quoted_and_repaired(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t size;
        const char *json;
    } cases[] = {
        {"", 0, "\"\""},
        {"a\"b\\c/", 6, "\"a\\\"b\\\\c/\""},
        {"\n\t\r\b\f\x01\0", 7, "\"\\n\\t\\r\\b\\f\\u0001\\u0000\""},
        {"\xED\x95\x9C", 3, "\"\xED\x95\x9C\""},
        {"x\xFFy", 3, "\"x\xEF\xBF\xBDy\""},
        {"\xE2\x80\xAE", 3, "\"\\u202e\""},
        {"\xF3\xA0\x80\x81z", 5, "\"\\udb40\\udc01z\""},
        {"\x7F", 1, "\"\\u007f\""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct sva_bytes bytes = {0};
        sva_bytes_json_string(&bytes, cases[i].text, cases[i].size);
        assert_string_equal((char *)bytes.data, cases[i].json);
        sva_bytes_done(&bytes);
    }
}

static void numbers_are_short_and_know_no_locale(void **state)
{
    (void)state;
    static const struct {
        double value;
        int digits;
        const char *json;
    } cases[] = {
        {0, 17, "0"},
        {-0.0, 17, "0"},
        {1, 17, "1"},
        {0.1, 17, "0.1"},
        {-2.5, 6, "-2.5"},
        {1.0 / 3, 6, "0.333333"},
        {1e300, 17, "1e+300"},
        {-1e-7, 6, "-1e-07"},
        {123456789, 4, "1.235e+08"},
        {5e-324, 17, "4.94065645841247e-324"},
        {0.1 + 0.2, 17, "0.30000000000000004"},
        {(double)NAN, 6, "null"},
        {(double)INFINITY, 6, "null"},
        {-(double)INFINITY, 6, "null"},
    };
    static const char *const locales[] = {"C", "de_DE.UTF-8", "tr_TR.UTF-8", "ps_AF.UTF-8"};
    for (size_t j = 0; j < sizeof locales / sizeof locales[0]; j++) {
        if (setlocale(LC_ALL, locales[j]) == NULL) {
            continue; /* not on this machine */
        }
        for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
            struct sva_bytes bytes = {0};
            sva_bytes_json_number(&bytes, cases[i].value, cases[i].digits);
            assert_string_equal((char *)bytes.data, cases[i].json);
            sva_bytes_done(&bytes);
        }
    }
    assert_non_null(setlocale(LC_ALL, "C"));
}

static void seventeen_digits_survive(void **state)
{
    (void)state;
    uint64_t seed = 1;
    for (unsigned i = 0; i < 20000; i++) {
        seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        const uint64_t bits = seed ^ seed >> 29;
        double value;
        memcpy(&value, &bits, sizeof value);
        if (!isfinite(value)) {
            continue;
        }
        struct sva_bytes bytes = {0};
        sva_bytes_json_number(&bytes, value, 17);
        assert_true(strtod((char *)bytes.data, NULL) == value);
        sva_bytes_done(&bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dangerous_characters_are_shown_not_sent),
        cmocka_unit_test(long_texts_end_with_dots_and_whole_escapes),
        cmocka_unit_test(utf8_is_checked_strictly),
        cmocka_unit_test(json_strings_are_quoted_and_repaired),
        cmocka_unit_test(numbers_are_short_and_know_no_locale),
        cmocka_unit_test(seventeen_digits_survive),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
