/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <sovaudit/convert.h>

#include "base/file.h"
#include "convert/html_back.h"
#include "convert/html_escape.h"
#include "convert/html_labels.h"
#include "convert/render.h"

typedef void append(struct sva_bytes *out, const char *text);

static void expect(append *function, const char *text, const char *wanted)
{
    struct sva_bytes out = {.data = NULL};
    function(&out, text);
    assert_string_equal(out.data != NULL ? (const char *)out.data : "", wanted);
    sva_bytes_done(&out);
}

static void markup_in_a_text_is_shown_as_text(void **state)
{
    (void)state;
    expect(sva_html_escape, "model.layers.0", "model.layers.0");
    expect(sva_html_escape, "<script>alert(\"1\")</script>",
           "&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;");
    expect(sva_html_escape, "a' onload='x", "a&#39; onload=&#39;x");
    expect(sva_html_escape, "&lt;", "&amp;lt;");
    expect(sva_html_escape, "한국어", "한국어");
    expect(sva_html_escape, "two\nlines\tand\r", "two lines and ");
    expect(sva_html_escape, "", "");
}

static void characters_that_steer_or_hide_are_spelled_out(void **state)
{
    (void)state;
    expect(sva_html_escape, "a\x1b[31m", "a\\u{001B}[31m");
    expect(sva_html_escape,
           "\xE2\x80\xAE"
           "b",
           "\\u{202E}b"); /* right-to-left override */
    expect(sva_html_escape, "\xE2\x81\xA6", "\\u{2066}");
    expect(sva_html_escape, "\xEF\xBB\xBFx", "\\u{FEFF}x");
    expect(sva_html_escape, "\xC2\x9B", "\\u{009B}");
    expect(sva_html_escape, "\xFFx\xC0\xAF", "\\xFFx\\xC0\\xAF");
}

static void long_names_may_be_broken_behind_the_signs_they_are_made_of(void **state)
{
    (void)state;
    expect(sva_html_escape_breaking, "model.layers.0.self_attn.q_proj.weight",
           "model.<wbr>layers.<wbr>0.<wbr>self_<wbr>attn.<wbr>q_<wbr>proj.<wbr>weight");
    expect(sva_html_escape_breaking, "out/Qwen2.5-VL-7B/a=b:c",
           "out/<wbr>Qwen2.5-<wbr>VL-<wbr>7B/<wbr>a=<wbr>b:<wbr>c");
    expect(sva_html_escape_breaking, "a&b/c_d and <x>/y", "a&amp;b/c_d and &lt;x&gt;/y");
    expect(sva_html_escape, "model.layers.0.self_attn", "model.layers.0.self_attn");
}

static void words_without_such_signs_are_broken_after_24_characters(void **state)
{
    (void)state;
    expect(sva_html_escape_breaking,
           "0123456789abcdef01234567"
           "89abcdef0123",
           "0123456789abcdef01234567<wbr>89abcdef0123");
    expect(sva_html_escape_breaking,
           "가나다라마바사아자차카타파하가나다라마바사아자차"
           "카",
           "가나다라마바사아자차카타파하가나다라마바사아자차<wbr>카");
    expect(sva_html_escape_breaking, "0123456789abcdef01234567", "0123456789abcdef01234567");
    expect(sva_html_escape_breaking, "the name at 2025-01-15, 3.1415926535897932384",
           "the name at 2025-01-15, 3.1415926535897932384");
    expect(sva_html_escape_breaking,
           "c612536632e1ec362c94a94e024d67ff894c5d6432c65129d4728d4dc1fdc542",
           "c612536632e1ec362c94a94e024d67ff894c5d6432c65129d4728d4dc1fdc542");
}

static void long_texts_are_cut_between_characters(void **state)
{
    (void)state;
    struct sva_bytes out = {.data = NULL};
    char *text = calloc(3, SVA_HTML_TEXT_BYTES);
    assert_non_null(text);
    for (size_t i = 0; i < SVA_HTML_TEXT_BYTES / 2; i++) {
        memcpy(text + 3 * i, "한", 3);
    }
    sva_html_escape(&out, text);
    assert_int_equal(out.size, SVA_HTML_TEXT_BYTES / 3 * 3 + 3);
    assert_string_equal((const char *)out.data + out.size - 6, "한…");
    sva_bytes_done(&out);
    free(text);
}

static void xml_and_markdown_turn_no_direction(void **state)
{
    (void)state;
    expect(sva_render_xml,
           "a<\xE2\x80\xAE"
           "b\x01",
           "a&lt;\xEF\xBF\xBD"
           "b\xEF\xBF\xBD");
    expect(sva_render_markdown_text, "\xE2\x81\xA6x", "\xEF\xBF\xBDx");
    expect(sva_render_xml, "한국어 שלום", "한국어 שלום"); /* letters of such a script stay */
}

static void a_css_string_never_ends_early(void **state)
{
    (void)state;
    expect(sva_html_css_string, "model-1", "model-1");
    expect(sva_html_css_string, "a\"}</style>", "a\\22 \\7D \\3C \\2F style\\3E ");
    expect(sva_html_css_string, "\\\n", "\\5C ?");
    expect(sva_html_css_string, "가", "\\AC00 ");
}

static void base64_is_that_of_rfc_4648(void **state)
{
    (void)state;
    static const char *const PAIRS[][2] = {
        {"", ""},        {"f", "Zg=="},        {"fo", "Zm8="},
        {"foo", "Zm9v"}, {"foob", "Zm9vYg=="}, {"\xFF\xFE\xFD", "//79"}};
    for (size_t i = 0; i < sizeof PAIRS / sizeof *PAIRS; i++) {
        struct sva_bytes out = {.data = NULL};
        sva_html_base64(&out, (const uint8_t *)PAIRS[i][0], strlen(PAIRS[i][0]));
        assert_string_equal(out.data != NULL ? (const char *)out.data : "", PAIRS[i][1]);
        sva_bytes_done(&out);
    }
}

static void a_page_without_a_sound_report_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *page, *text;
    } CASES[] = {
        {"<!DOCTYPE html>", "p: a page with no report inside"},
        {"<!DOCTYPE html>href=\"data:application/json;base64,Zm9v",
         "p: a page with no report inside"},
        {"href=\"data:application/json;base64,Zm9\"",
         "p: the report inside the page is not base64 at byte 35"},
        {"href=\"data:application/json;base64,Zm9vZ===\"",
         "p: the report inside the page is not base64 at byte 39"},
        {"href=\"data:application/json;base64,Zg==Zm9v\"",
         "p: the report inside the page is not base64 at byte 35"},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        const struct sva_span page = {(const uint8_t *)CASES[i].page, strlen(CASES[i].page)};
        uint8_t *json = NULL;
        size_t size = 0;
        struct sva_error error = {.status = SVA_OK};
        assert_int_equal(sva_html_back(page, "p", &json, &size, &error), SVA_ERR_CORRUPT);
        assert_string_equal(error.text, CASES[i].text);
        assert_null(json);
    }
}

static void every_label_is_there_in_both_languages(void **state)
{
    (void)state;
    for (int i = 0; i < SVA_HTML_LABEL_COUNT; i++) {
        for (int lang = 0; lang < 2; lang++) {
            const char *text = sva_html_label((enum sva_lang)lang, (enum sva_html_label)i);
            assert_non_null(text);
            assert_true(text[0] != '\0' && strlen(text) < SVA_HTML_TEXT_BYTES);
        }
        for (char place = '0'; place < '6'; place++) {
            const char mark[] = {'{', place, '}', '\0'};
            const char *en = sva_html_label(SVA_LANG_EN, (enum sva_html_label)i);
            const char *ko = sva_html_label(SVA_LANG_KO, (enum sva_html_label)i);
            assert_int_equal(strstr(en, mark) != NULL, strstr(ko, mark) != NULL);
        }
    }
    assert_string_equal(sva_html_word(SVA_LANG_KO, SVA_WORDS_ANSWER, "derived"), "파생");
    assert_string_equal(sva_html_word(SVA_LANG_EN, SVA_WORDS_DOCUMENT, "loss-log"),
                        "loss log from step 0 to the end");
    assert_string_equal(sva_html_word(SVA_LANG_KO, SVA_WORDS_ANSWER, "unheard-of"), "unheard-of");
}

static void fail_each_allocation(const char *path)
{
    uint8_t *json = NULL;
    size_t size = 0;
    struct sva_error error = {.status = SVA_OK};
    assert_int_equal(sva_read_file(path, 1 << 20, &json, &size, &error), SVA_OK);
    bool succeeded = false;
    for (uint64_t nth = 1; !succeeded && nth < 10000; nth += 1 + nth / 16) {
        char *page = NULL;
        size_t page_bytes = 0;
        error = (struct sva_error){.status = SVA_OK};
        sva_memory_fail_after(nth);
        const enum sva_status status =
            sva_convert((const char *)json, size, "report.json", "html-both", SVA_LANG_EN, &page,
                        &page_bytes, &error);
        sva_memory_fail_after(0);
        succeeded = status == SVA_OK;
        assert_true(succeeded || status == SVA_ERR_MEMORY);
        assert_true(succeeded == (page != NULL));
        free(page);
    }
    assert_true(succeeded);
    free(json);
}

static void every_failing_allocation_gives_an_error_and_no_page(void **state)
{
    (void)state;
    fail_each_allocation(SVA_SOURCE_DIR "/fixtures/corpus/html/every-section.json");
    fail_each_allocation(SVA_SOURCE_DIR "/fixtures/corpus/html/trace.json");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(markup_in_a_text_is_shown_as_text),
        cmocka_unit_test(characters_that_steer_or_hide_are_spelled_out),
        cmocka_unit_test(long_names_may_be_broken_behind_the_signs_they_are_made_of),
        cmocka_unit_test(words_without_such_signs_are_broken_after_24_characters),
        cmocka_unit_test(long_texts_are_cut_between_characters),
        cmocka_unit_test(xml_and_markdown_turn_no_direction),
        cmocka_unit_test(a_css_string_never_ends_early),
        cmocka_unit_test(base64_is_that_of_rfc_4648),
        cmocka_unit_test(a_page_without_a_sound_report_is_refused),
        cmocka_unit_test(every_label_is_there_in_both_languages),
        cmocka_unit_test(every_failing_allocation_gives_an_error_and_no_page),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
