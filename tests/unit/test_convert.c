/* SPDX-License-Identifier: Apache-2.0 */
/** Other formats of a report: what a hostile report can and cannot do, and baselines. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <sovaudit/convert.h>

#include "base/memory.h"
#include "base/uuid.h"
#include "convert/document.h"

#define HEAD "{\"as_of\": \"2026-01-01\", \"baseline\": null, "
#define TAIL ", \"schema\": \"https://sovaudit.org/schema/report-1.json\"}"
#define PACK "\"exit_code\": 1, \"pack\": {\"id\": \"p\"}, "

/** A report of one result: T1.1 of vision-encoder. */
static char *report_of(const char *verdict, bool waived, const char *detail)
{
    struct sva_bytes text = {.data = NULL};
    sva_bytes_printf(&text,
                     HEAD PACK "\"rules\": [{\"baseline\": null, \"component\": \"vision-encoder\","
                               " \"counted\": true, \"detail\": {\"en\": \"%s\", \"ko\": \"%s\"}, "
                               "\"id\": \"T1.1\", \"reference\": \"r\", \"verdict\": \"%s\", "
                               "\"waived\": %s}]" TAIL,
                     detail, detail, verdict, waived ? "true" : "false");
    assert_false(text.failed);
    return (char *)text.data;
}

static char *convert(const char *json, const char *format)
{
    char *text = NULL;
    size_t size = 0;
    struct sva_error error = {.status = SVA_OK};
    const enum sva_status status =
        sva_convert(json, strlen(json), "report", format, SVA_LANG_EN, &text, &size, &error);
    if (status != SVA_OK) {
        print_error("%s: %s\n", format, error.text);
    }
    assert_int_equal(status, SVA_OK);
    assert_int_equal(strlen(text), size);
    return text;
}

static void holds(const char *json, const char *format, const char *part)
{
    char *text = convert(json, format);
    if (strstr(text, part) == NULL) {
        print_error("%s lacks %s:\n%s\n", format, part, text);
    }
    assert_non_null(strstr(text, part));
    free(text);
}

static void every_format_renders_a_report_that_holds_nothing(void **state)
{
    const char *const *formats = sva_convert_formats();
    size_t count = 0;
    (void)state;
    for (; formats[count] != NULL; count++) {
        char *first = convert(HEAD "\"rules\": []" TAIL, formats[count]);
        char *second = convert(HEAD "\"rules\": []" TAIL, formats[count]);
        assert_string_equal(first, second);
        free(first);
        free(second);
    }
    assert_int_equal(count, 9);
}

static void texts_are_escaped_for_their_format(void **state)
{
    char *report = report_of("fail", false, "=1+1 \\\"<b>&]]>\\u0001@team https://e|x");
    (void)state;
    holds(report, "junit", "=1+1 &quot;&lt;b&gt;&amp;]]&gt;\xEF\xBF\xBD@team");
    holds(report, "csv", ",\"detail\",,\"'=1+1 \"\"<b>&]]>");
    holds(report, "markdown",
          "&lt;b&gt;&amp;\\]\\]&gt;\xEF\xBF\xBD@<!-- -->team "
          "https:<!-- -->//e\\|x");
    holds(report, "sarif", "\"text\": \"=1+1 \\\"<b>&\\\\]\\\\]>\\u0001@team https://e|x\"");
    holds(report, "oscal", "\"description\": \"=1+1 \\\"&lt;b&gt;");
    free(report);
}

/** What a forge, a viewer of SARIF or a spreadsheet would make of a name that someone chose. */
static void texts_make_no_links_places_or_formulas(void **state)
{
    (void)state;
    char *report = report_of("review", false, "[ok](https://e) {0} a\\\\b \\\\[ C:\\\\");
    holds(report, "sarif",
          "\"text\": \"\\\\[ok\\\\](https://e) {{0}} a\\\\b \\\\\\\\\\\\[ C:\\\\\"");
    free(report);
    report = report_of("review", false, "see www.e.x, #123, !7, GH-9 a@b; C# 1! ww.e");
    holds(report, "markdown",
          "see www<!-- -->.e.x, #<!-- -->123, !<!-- -->7, GH<!-- -->-9 a@<!-- -->b; C# 1! ww.e");
    free(report);
    static const char *const WIDE[] = {"\xEF\xBC\x9D"
                                       "1",
                                       "\xEF\xBC\x8B"
                                       "1",
                                       "\xEF\xBC\x8D"
                                       "1",
                                       "\xEF\xBC\xA0"
                                       "1"};
    for (size_t i = 0; i < sizeof WIDE / sizeof *WIDE; i++) {
        char cell[32];
        report = report_of("review", false, WIDE[i]);
        (void)snprintf(cell, sizeof cell, "\"'%s\"", WIDE[i]);
        holds(report, "csv", cell);
        free(report);
    }
}

static void what_a_summary_leaves_out_is_counted(void **state)
{
    struct sva_bytes text = {.data = NULL};
    (void)state;
    sva_bytes_text(&text, HEAD PACK "\"rules\": [");
    for (int i = 0; i < 207; i++) {
        sva_bytes_printf(&text, "%s{\"id\": \"Q%d\", \"verdict\": \"pass\"}", i > 0 ? "," : "", i);
    }
    sva_bytes_text(&text, "]" TAIL);
    holds((const char *)text.data, "markdown", "| Q199 ");
    holds((const char *)text.data, "markdown", "*and 7 more*");
    sva_bytes_done(&text);
    sva_bytes_text(&text, "{\"findings\": [");
    for (int i = 0; i < 1003; i++) {
        sva_bytes_text(&text, i > 0 ? ",{\"level\": \"note\"}" : "{\"level\": \"note\"}");
    }
    sva_bytes_text(&text, "], \"schema\": \"sovaudit-trace-1\"}");
    holds((const char *)text.data, "html", "more in the report");
    sva_bytes_done(&text);
}

/** Each component of the subject looks through those of all comparisons. */
static void relatives_are_listed_once_and_are_not_endless(void **state)
{
    static const char COMPONENT[] = "{\"answer\": \"derived\", \"name\": \"c\"}";
    struct sva_bytes report = {.data = NULL};
    struct sva_error error = {.status = SVA_OK};
    char *text = NULL;
    size_t size = 0;
    (void)state;
    holds(HEAD "\"comparisons\": [{\"components\": [{\"answer\": \"derived\", \"name\": \"c\"}], "
               "\"reference\": {\"name\": \"the base\"}}], \"rules\": [], \"subject\": "
               "{\"components\": [{\"name\": \"c\"}]}" TAIL,
          "cyclonedx", "\"name\": \"the base\"");
    sva_bytes_text(&report, HEAD "\"rules\": [], \"comparisons\": [{\"components\": [");
    for (int i = 0; i < 200001; i++) {
        sva_bytes_text(&report, i > 0 ? "," : "");
        sva_bytes_text(&report, COMPONENT);
    }
    sva_bytes_text(&report, "]}]" TAIL);
    assert_int_equal(sva_convert((const char *)report.data, report.size, "report", "cyclonedx",
                                 SVA_LANG_EN, &text, &size, &error),
                     SVA_ERR_LIMIT);
    assert_non_null(strstr(error.text, "200001 components"));
    sva_bytes_done(&report);
}

static void level_of_sarif_follows_the_kind(void **state)
{
    char *failed = report_of("fail", false, "x");
    char *review = report_of("review", false, "x");
    char *passed = report_of("pass", false, "x");
    (void)state;
    holds(failed, "sarif", "\"kind\": \"fail\",\n          \"level\": \"error\"");
    holds(review, "sarif", "\"kind\": \"review\",\n          \"level\": \"none\"");
    holds(passed, "sarif", "\"results\": []");
    free(failed);
    free(review);
    free(passed);
}

static void fingerprint_does_not_change_with_verdict_or_sentence(void **state)
{
    char *reports[] = {report_of("fail", false, "one"), report_of("review", true, "two")};
    char prints[2][80];
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        char *text = convert(reports[i], "sarif");
        const char *found = strstr(text, "\"sovaudit/v1\": \"");
        assert_non_null(found);
        (void)snprintf(prints[i], sizeof prints[i], "%.79s", found);
        free(text);
        free(reports[i]);
    }
    assert_string_equal(prints[0], prints[1]);
}

static void overlong_lists_and_texts_are_refused(void **state)
{
    struct sva_bytes rules = {.data = NULL};
    struct sva_bytes name = {.data = NULL};
    struct sva_error error = {.status = SVA_OK};
    char *text = NULL;
    size_t size = 0;
    (void)state;
    sva_bytes_text(&rules, HEAD "\"rules\": [");
    for (int i = 0; i < 20001; i++) {
        sva_bytes_text(&rules, i > 0 ? ",1" : "1");
    }
    sva_bytes_text(&rules, "]" TAIL);
    sva_bytes_text(&name, HEAD "\"name\": \"");
    for (int i = 0; i <= 1 << 20; i++) {
        sva_bytes_append(&name, "x", 1);
    }
    sva_bytes_text(&name, "\"" TAIL);
    assert_int_equal(sva_convert((const char *)rules.data, rules.size, "report", "csv", SVA_LANG_EN,
                                 &text, &size, &error),
                     SVA_ERR_LIMIT);
    assert_string_equal(error.text,
                        "report: the list \"rules\" has 20001 entries, more than 20000");
    error = (struct sva_error){.status = SVA_OK};
    assert_int_equal(sva_convert((const char *)name.data, name.size, "report", "csv", SVA_LANG_EN,
                                 &text, &size, &error),
                     SVA_ERR_LIMIT);
    assert_string_equal(error.text, "report: a text (\"name\") is longer than 1048576 bytes");
    sva_bytes_done(&rules);
    sva_bytes_done(&name);
}

static enum sva_status refusal(const char *json, struct sva_error *error)
{
    char *text = NULL;
    size_t size = 0;
    *error = (struct sva_error){.status = SVA_OK};
    const enum sva_status status =
        sva_convert(json, strlen(json), "report", "html", SVA_LANG_EN, &text, &size, error);
    assert_true((status == SVA_OK) == (text != NULL));
    free(text);
    return status;
}

/** Renderers make room for as many items as a list has, and walk over what is there. */
static void an_object_in_the_place_of_a_list_is_refused(void **state)
{
    static const struct {
        const char *json, *key;
    } CASES[] = {
        {HEAD "\"comparisons\": {\"a\": {}, \"b\": {}}" TAIL, "comparisons"},
        {HEAD "\"rules\": {\"a\": {\"id\": \"x\"}}" TAIL, "rules"},
        {HEAD "\"rules\": 1" TAIL, "rules"},
        {HEAD "\"subject\": {\"components\": {\"a\": {}}}" TAIL, "components"},
        {HEAD "\"subject\": {\"files\": {\"a\": {}}}" TAIL, "files"},
        {HEAD "\"pack\": {\"criteria\": {\"a\": {}}}" TAIL, "criteria"},
        {HEAD "\"comparisons\": [{\"components\": [{\"tests\": {\"a\": 1}}]}]" TAIL, "tests"},
        {HEAD "\"comparisons\": [{\"layer_map\": {\"rows\": {\"a\": 1}}}]" TAIL, "rows"},
        {HEAD "\"evidence\": {\"documents\": {}}" TAIL, "documents"},
        {HEAD "\"baseline2\": {\"absent\": {\"a\": {}}}" TAIL, "absent"},
    };
    struct sva_error error;
    char wanted[96];
    (void)state;
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        assert_int_equal(refusal(CASES[i].json, &error), SVA_ERR_CORRUPT);
        (void)snprintf(wanted, sizeof wanted, "\"%s\" is not the list that it must be",
                       CASES[i].key);
        assert_non_null(strstr(error.text, wanted));
    }
    assert_int_equal(refusal(HEAD "\"comparisons\": null, \"rules\": []" TAIL, &error), SVA_OK);
    assert_int_equal(refusal(HEAD "\"subject\": {\"facts\": {\"licences\": \"mit\"}}" TAIL, &error),
                     SVA_OK);
}

static void members_of_an_object_are_counted_as_they_are_walked(void **state)
{
    cJSON *const tree = cJSON_Parse("{\"a\": {\"x\": 1, \"y\": 2}, \"b\": [1], \"c\": \"text\"}");
    (void)state;
    assert_int_equal(sva_document_length(tree, "a"), 2);
    assert_int_equal(sva_document_length(tree, "b"), 1);
    assert_int_equal(sva_document_length(tree, "c"), 0);
    assert_int_equal(sva_document_length(tree, "d"), 0);
    cJSON_Delete(tree);
}

/** One reader sees the first of two members with one key, another the last. */
static void a_key_twice_in_one_object_is_refused(void **state)
{
    struct sva_error error;
    (void)state;
    assert_int_equal(refusal(HEAD "\"verdict\": \"pass\", \"verdict\": \"fail\"" TAIL, &error),
                     SVA_ERR_CORRUPT);
    assert_string_equal(error.text, "report: not a sound report: the key \"verdict\" is there "
                                    "twice in one object");
    assert_int_equal(
        refusal(HEAD "\"tool\": {\"name\": 1, \"version\": 2, \"n\\u0061me\": 3}" TAIL, &error),
        SVA_ERR_CORRUPT);
}

static void more_documents_than_a_register_may_have_are_refused(void **state)
{
    struct sva_bytes text = {.data = NULL};
    struct sva_error error;
    (void)state;
    sva_bytes_text(&text, HEAD "\"evidence\": {\"documents\": [");
    for (int i = 0; i < 10001; i++) {
        sva_bytes_text(&text, i > 0 ? ",1" : "1");
    }
    sva_bytes_append(&text, "]}" TAIL, sizeof "]}" TAIL);
    assert_int_equal(refusal((const char *)text.data, &error), SVA_ERR_LIMIT);
    sva_bytes_done(&text);
}

/** Each allocation fails once: an error or the same bytes, nothing in between. */
static void short_memory_is_an_error_and_never_half_a_report(void **state)
{
    const char *const *formats = sva_convert_formats();
    char *report = report_of("fail", true, "x @ y://z");
    (void)state;
    for (size_t i = 0; formats[i] != NULL; i++) {
        char *whole = convert(report, formats[i]);
        enum sva_status status = SVA_ERR_MEMORY;
        for (uint64_t n = 1; status != SVA_OK && n < 2000; n++) {
            struct sva_error error = {.status = SVA_OK};
            char *text = NULL;
            size_t size = 0;
            sva_memory_fail_after(n);
            status = sva_convert(report, strlen(report), "report", formats[i], SVA_LANG_EN, &text,
                                 &size, &error);
            sva_memory_fail_after(0);
            assert_true(status == SVA_OK || status == SVA_ERR_MEMORY);
            if (status == SVA_OK) {
                assert_string_equal(text, whole);
                free(text);
            }
        }
        assert_int_equal(status, SVA_OK);
        free(whole);
    }
    free(report);
}

/** State of the one result of `now` beside `before`, and how many are gone. */
static enum sva_baseline_state beside(const char *before, const char *now, size_t *gone, int *code)
{
    char path[] = "/tmp/sovaudit_baseline_XXXXXX";
    const struct sva_baseline_gate gate = {.new_only = true, .fail_on = SVA_FAIL_ON_REVIEW};
    struct sva_error error = {.status = SVA_OK};
    struct sva_baseline *baseline = NULL;
    struct sva_baseline_view *view = NULL;
    char *text = NULL;
    size_t size = 0;
    const int file = mkstemp(path);
    assert_true(file >= 0);
    assert_int_equal(write(file, before, strlen(before)), (long)strlen(before));
    (void)close(file);
    assert_int_equal(sva_baseline_load(path, &baseline, &error), SVA_OK);
    (void)unlink(path);
    assert_int_equal(
        sva_baseline_mark(baseline, now, strlen(now), "now", &gate, &text, &size, &view, &error),
        SVA_OK);
    const enum sva_baseline_state state = view->states[0];
    *gone = view->absent_count;
    *code = view->exit_code;
    sva_baseline_view_free(view);
    sva_baseline_free(baseline);
    free(text);
    return state;
}

static void states_follow_from_both_verdicts_and_waivers(void **state)
{
    static const struct {
        const char *before;
        bool waived_before;
        const char *now;
        bool waived_now;
        enum sva_baseline_state state;
        size_t gone;
        int code; /**< 4: nothing was compared in these reports */
    } CASES[] = {
        {"fail", false, "fail", false, SVA_BASELINE_UNCHANGED, 0, 4},
        {"pass", false, "fail", false, SVA_BASELINE_NEW, 0, 1},
        {"review", false, "fail", false, SVA_BASELINE_NEW, 0, 1},
        {"fail", false, "review", false, SVA_BASELINE_UPDATED, 0, 4},
        {"fail", false, "pass", false, SVA_BASELINE_NONE, 1, 4},
        {"fail", true, "fail", false, SVA_BASELINE_NEW, 0, 1},
        {"fail", true, "fail", true, SVA_BASELINE_NONE, 0, 4},
        {"fail", false, "fail", true, SVA_BASELINE_UNCHANGED, 0, 4},
        {"fail", true, "pass", false, SVA_BASELINE_NONE, 0, 4},
        {"informational", false, "informational", false, SVA_BASELINE_NONE, 0, 4},
    };
    (void)state;
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        char *before = report_of(CASES[i].before, CASES[i].waived_before, "x");
        char *now = report_of(CASES[i].now, CASES[i].waived_now, "y");
        size_t gone = 0;
        int code = 0;
        assert_int_equal(beside(before, now, &gone, &code), CASES[i].state);
        assert_int_equal(gone, CASES[i].gone);
        assert_int_equal(code, CASES[i].code);
        free(before);
        free(now);
    }
}

static void uuid_is_the_one_that_others_compute(void **state)
{
    static const uint8_t digest[32] = {0};
    char uuid[SVA_UUID_TEXT];
    (void)state;
    assert_true(sva_uuid_name(digest, "catalogue", uuid)); /* expected: Python's uuid.uuid5 */
    assert_string_equal(uuid, "9edc8ee3-19e8-53de-8466-e48ef2808933");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_format_renders_a_report_that_holds_nothing),
        cmocka_unit_test(texts_are_escaped_for_their_format),
        cmocka_unit_test(texts_make_no_links_places_or_formulas),
        cmocka_unit_test(what_a_summary_leaves_out_is_counted),
        cmocka_unit_test(relatives_are_listed_once_and_are_not_endless),
        cmocka_unit_test(level_of_sarif_follows_the_kind),
        cmocka_unit_test(fingerprint_does_not_change_with_verdict_or_sentence),
        cmocka_unit_test(overlong_lists_and_texts_are_refused),
        cmocka_unit_test(an_object_in_the_place_of_a_list_is_refused),
        cmocka_unit_test(members_of_an_object_are_counted_as_they_are_walked),
        cmocka_unit_test(a_key_twice_in_one_object_is_refused),
        cmocka_unit_test(more_documents_than_a_register_may_have_are_refused),
        cmocka_unit_test(short_memory_is_an_error_and_never_half_a_report),
        cmocka_unit_test(states_follow_from_both_verdicts_and_waivers),
        cmocka_unit_test(uuid_is_the_one_that_others_compute),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
