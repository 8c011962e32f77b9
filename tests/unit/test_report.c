/* SPDX-License-Identifier: Apache-2.0 */
/** The renderings of one hand-made audit: schema, order, determinism, hostile text, width. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <sovaudit/report.h>

#include "base/file.h"
#include "report/columns.h"
#include "report/json_writer.h"
#include "report/labels.h"
#include "report/summary.h"
#include "schema_check.h"

static const struct sva_print_component COMPONENTS[] = {
    {.name = "text-decoder", .kind = SVA_COMPONENT_TEXT_DECODER, .width = 64, .layer_count = 2,
     .parameter_count = 1000},
    {.name = "vision-encoder", .kind = SVA_COMPONENT_VISION_ENCODER, .width = 32,
     .layer_count = 2, .parameter_count = 400},
};
static const struct sva_print_tensor TENSORS[] = {
    {.name = "model.embed", .component = 0},
    {.name = "visual.blocks.0 \x1b[31m\"x\"", .component = 1},
};
static const struct sva_print_file FILES[] = {
    {.path = "config.json", .kind = SVA_FILE_CONFIG, .size_bytes = 10, .hashed = true},
    {.path = "old.bin", .kind = SVA_FILE_PICKLE, .size_bytes = 99},
};
static const struct sva_fact FACTS[] = {{"config.model_type", "qwen2"}, {"config.vocab", "8"}};
static const struct sva_finding FINDINGS[] = {{"unread-pickle", "old.bin", "not audited"}};
static const struct sva_print SUBJECT = {
    .method_version = 1,
    .name = "\xED\x95\x9C\xEA\xB5\xAD omni \x1b[2J",
    .parameter_count = 1400,
    .weight_bytes = 2800,
    .component_count = 2,
    .components = COMPONENTS,
    .tensor_count = 2,
    .tensors = TENSORS,
    .file_count = 2,
    .files = FILES,
    .fact_count = 2,
    .facts = FACTS,
    .finding_count = 1,
    .findings = FINDINGS,
};
static const struct sva_test TESTS[] = {
    {.id = "residual-permutation", .label = SVA_P_EXACT, .log10_p = -22.5, .log10_p_adjusted = -21,
     .log10_p_floor = -22.6, .z = 80.25, .block_count = 8, .draw_count = 9999, .family = 1,
     .decides = true},
    {.id = "residual-permutation/asymptotic", .label = SVA_P_ASYMPTOTIC, .log10_p = -1400.0,
     .log10_p_adjusted = -1400.0, .log10_p_floor = -INFINITY, .z = 80.25},
};
static const struct sva_tensor_match MATCHES[] = {
    {.subject_tensor = 1, .reference_tensor = 1, .same_values = true, .rho = 1.0, .z = 9.0,
     .log10_p = -4.0, .shared_row_share = 1.0, .subject_name = "visual.blocks.0.norm1.weight",
     .reference_name = "visual.blocks.0.norm1.weight"},
};

/** Components of a comparison: text decoder as given, vision encoder derived or not. */
static void fill_components(struct sva_component_result results[2], enum sva_answer vision,
                            double detectable)
{
    results[0] = (struct sva_component_result){
        .name = "text-decoder", .reference_name = "text-decoder",
        .kind = SVA_COMPONENT_TEXT_DECODER, .answer = SVA_ANSWER_NO_EVIDENCE, .derivation = "",
        .reason = "no test rejects", .rho = -0.0004, .rho_se = 0.001,
        .detectable_rho = detectable, .parameter_count = 1000,
        .start_gain_agreement = (double)NAN, .start_subspace_agreement = (double)NAN,
        .start_token_agreement = (double)NAN, .start_token_lower = (double)NAN,
        .test_count = 1, .tests = TESTS,
    };
    results[1] = (struct sva_component_result){
        .name = "vision-encoder", .reference_name = "vision-encoder",
        .kind = SVA_COMPONENT_VISION_ENCODER, .answer = vision, .derivation = "partial-copy",
        .reason = "two tests reject", .rho = 0.99512345, .rho_se = 0.0012,
        .detectable_rho = detectable, .coverage = 0.996, .identical_share = 0.9,
        .log10_p_adjusted = -21.0, .parameter_count = 400, .start_gain_agreement = 0.99,
        .start_subspace_agreement = 0.9, .start_token_agreement = 0.7,
        .start_token_lower = 0.6, .test_count = 2, .tests = TESTS, .match_count = 1,
        .matches = MATCHES,
    };
    if (vision == SVA_ANSWER_NOT_COMPARABLE) {
        results[1].rho = results[1].rho_se = results[1].detectable_rho = (double)NAN;
        results[1].match_count = results[1].test_count = 0;
        results[1].log10_p_adjusted = 0.0;
    }
}

struct sample {
    struct sva_component_result results[2][2];
    struct sva_comparison comparisons[2];
    struct sva_compared compared[2];
    struct sva_rule_result rules[3];
    struct sva_verdict verdict;
    struct sva_audit audit;
};

static void make_sample(struct sample *sample)
{
    *sample = (struct sample){.audit = {.exit_code = 1}};
    fill_components(sample->results[0], SVA_ANSWER_DERIVED, 0.0041);
    fill_components(sample->results[1], SVA_ANSWER_NOT_COMPARABLE, 0.0123);
    for (size_t i = 0; i < 2; i++) {
        sample->comparisons[i] = (struct sva_comparison){
            .answer = i == 0 ? SVA_ANSWER_DERIVED : SVA_ANSWER_NO_EVIDENCE,
            .derivation = i == 0 ? "partial-copy" : "",
            .component_count = 2,
            .components = sample->results[i],
            .controls = {{"self", true, 0.0}, {"shuffled", true, 0.37}},
            .hypothesis_count = 12,
        };
        sample->compared[i] = (struct sva_compared){
            .reference = {.name = i == 0 ? "Qwen2.5-VL-7B-Instruct" : "other", .version = "",
                          .publisher = "Q", .licence = "Apache-2.0",
                          .released = i == 0 ? "2025-01-26" : "", .derived_from = "",
                          .source = "", .added = ""},
            .comparison = &sample->comparisons[i],
        };
    }
    sample->rules[0] = (struct sva_rule_result){
        .rule = "T1.1", .verdict = SVA_RULE_FAIL, .component = "vision-encoder",
        .reference = "Qwen2.5-VL-7B-Instruct", .detail_en = "Derived.", .detail_ko = "파생."};
    sample->rules[1] = (struct sva_rule_result){
        .rule = "T1.1", .verdict = SVA_RULE_PASS, .component = "text-decoder", .reference = "",
        .detail_en = "Nothing found.", .detail_ko = "발견하지 못함."};
    sample->rules[2] = (struct sva_rule_result){
        .rule = "T1.2", .verdict = SVA_RULE_REVIEW, .component = "", .reference = "",
        .detail_en = "Look.", .detail_ko = "확인.", .waived = true};
    sample->verdict =
        (struct sva_verdict){.kind = SVA_VERDICT_FAIL, .result_count = 3, .results = sample->rules};
    sample->audit = (struct sva_audit){
        .subject_path = "models/omni", .as_of = "2026-11-23", .subject = &SUBJECT,
        .compared = sample->compared, .compared_count = 2, .verdict = &sample->verdict,
        .subject_date = "2025-12", .options = {.alpha_derived = 1e-9, .alpha_reject = 1e-4},
        .exit_code = 1};
}

static char *render_json(const struct sva_audit *audit)
{
    char *text = NULL;
    size_t size = 0;
    struct sva_error error = {.status = SVA_OK};
    assert_int_equal(sva_report_json(audit, &text, &size, &error), SVA_OK);
    assert_int_equal(strlen(text), size);
    return text;
}

static char *render_text(const struct sva_audit *audit, enum sva_lang lang, bool colour,
                         unsigned width)
{
    char *text = NULL;
    size_t size = 0;
    struct sva_error error = {.status = SVA_OK};
    assert_int_equal(sva_report_text(audit, lang, colour, width, &text, &size, &error), SVA_OK);
    assert_int_equal(strlen(text), size);
    return text;
}

static cJSON *load_schema(void)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    struct sva_error error = {.status = SVA_OK};
    assert_int_equal(sva_read_file(SVA_SOURCE_DIR "/docs/report.schema.json", 1 << 20, &bytes,
                                   &size, &error), SVA_OK);
    cJSON *schema = cJSON_ParseWithLength((const char *)bytes, size);
    free(bytes);
    assert_non_null(schema);
    return schema;
}

static void json_report_satisfies_its_schema(void **state)
{
    (void)state;
    struct sample sample;
    make_sample(&sample);
    cJSON *schema = load_schema();
    char *text = render_json(&sample.audit);
    cJSON *report = cJSON_Parse(text);
    assert_non_null(report);
    assert_true(schema_accepts(schema, report));

    cJSON_AddStringToObject(report, "extra", "x");
    assert_false(schema_accepts(schema, report));
    cJSON_DeleteItemFromObject(report, "extra");
    cJSON_ReplaceItemInObject(report, "verdict", cJSON_CreateString("independent"));
    assert_false(schema_accepts(schema, report));
    cJSON_Delete(report);
    cJSON_Delete(schema);
    free(text);
}

static void report_without_judging_satisfies_the_schema_and_has_no_verdict(void **state)
{
    (void)state;
    struct sample sample;
    make_sample(&sample);
    sample.audit.verdict = NULL;
    sample.audit.exit_code = 0;
    cJSON *schema = load_schema();
    char *text = render_json(&sample.audit);
    cJSON *report = cJSON_Parse(text);
    assert_true(schema_accepts(schema, report));
    assert_true(cJSON_IsNull(cJSON_GetObjectItem(report, "verdict")));
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(report, "rules")), 0);
    cJSON_Delete(report);
    cJSON_Delete(schema);
    free(text);
}

static void p_value_beyond_doubles_is_zero_beside_its_logarithm(void **state)
{
    (void)state;
    struct sample sample;
    make_sample(&sample);
    char *text = render_json(&sample.audit);
    assert_non_null(strstr(text, "\"log10_p\": -1400,"));
    assert_non_null(strstr(text, "\"log10_p_floor\": null,"));
    assert_non_null(strstr(text, "\"p\": 0,"));
    assert_non_null(strstr(text, "\"rho\": 0.995123,"));
    free(text);
}

static void keys_are_sorted_at_every_level(void **state)
{
    (void)state;
    struct sva_writer json = {.depth = 0};
    sva_writer_object(&json, NULL);
    sva_writer_count(&json, "b", 1);
    sva_writer_count(&json, "a", 2);
    sva_writer_object_end(&json);
    assert_true(json.failed); /* so that sva_report_json cannot succeed with unsorted keys */
    sva_bytes_done(&json.bytes);
}

static void same_audit_gives_the_same_bytes(void **state)
{
    (void)state;
    struct sample sample;
    make_sample(&sample);
    char *first = render_json(&sample.audit);
    char *second = render_json(&sample.audit);
    assert_string_equal(first, second);
    free(first);
    free(second);
}

static void text_report_names_component_reference_and_power(void **state)
{
    (void)state;
    struct sample sample;
    make_sample(&sample);
    char *text = render_text(&sample.audit, SVA_LANG_EN, false, 120);
    assert_int_equal(strncmp(text, "✗ FAIL", strlen("✗ FAIL")), 0);
    assert_non_null(strstr(text, "vision-encoder"));
    assert_non_null(strstr(text, "Qwen2.5-VL-7B-Instruct"));
    assert_non_null(strstr(text, "rho >= 0.012")); /* the larger of both references */
    assert_null(strchr(text, '\x1b'));             /* colours off, hostile names escaped */
    assert_null(strstr(text, "independent."));
    free(text);
    text = render_text(&sample.audit, SVA_LANG_KO, true, 80);
    assert_non_null(strstr(text, "부적합"));
    assert_non_null(strstr(text, "\x1b[31m"));
    assert_null(strstr(text, "\x1b[2J"));
    free(text);
}

static void no_line_is_wider_than_asked(void **state)
{
    (void)state;
    struct sample sample;
    make_sample(&sample);
    for (unsigned width = 72; width <= 120; width += 24) {
        for (int lang = 0; lang < 2; lang++) {
            char *text = render_text(&sample.audit, (enum sva_lang)lang, false, width);
            for (const char *line = text; *line != '\0';) {
                const size_t length = strcspn(line, "\n");
                if (sva_columns_width(line, length) > width) {
                    printf("%.*s\n", (int)length, line);
                }
                assert_true(sva_columns_width(line, length) <= width);
                line += length + (line[length] == '\n' ? 1 : 0);
            }
            free(text);
        }
    }
}

static void audit_without_references_is_rendered(void **state)
{
    (void)state;
    struct sample sample;
    make_sample(&sample);
    sample.audit.compared_count = 0;
    sample.verdict.kind = SVA_VERDICT_NOT_AUDITABLE;
    sample.audit.exit_code = 4;
    cJSON *schema = load_schema();
    char *text = render_json(&sample.audit);
    cJSON *report = cJSON_Parse(text);
    assert_true(schema_accepts(schema, report));
    cJSON_Delete(report);
    cJSON_Delete(schema);
    free(text);
    text = render_text(&sample.audit, SVA_LANG_EN, false, 80);
    assert_non_null(strstr(text, "NOT AUDITABLE"));
    free(text);
}

static void hangul_takes_two_columns_and_combining_marks_none(void **state)
{
    (void)state;
    assert_int_equal(sva_columns_width("가중치", strlen("가중치")), 6);
    assert_int_equal(sva_columns_width("e\xCC\x81", 3), 1);
    assert_int_equal(sva_columns_width("rho ± se", strlen("rho ± se")), 8);
    struct sva_bytes out = {.data = NULL};
    sva_columns_pad(&out, "가중치", 5, false);
    assert_string_equal((char *)out.data, "가중…");
    sva_bytes_done(&out);
    sva_columns_pad(&out, "가", 4, true);
    assert_string_equal((char *)out.data, "  가");
    sva_bytes_done(&out);
}

static void numbers_have_a_fixed_count_of_decimals(void **state)
{
    (void)state;
    static const struct {
        double value;
        int decimals;
        const char *text;
    } CASES[] = {{0.9951, 3, "0.995"}, {-0.0004, 3, "0.000"}, {-12.25, 1, "-12.3"},
                 {1.9996, 3, "2.000"}, {7.0, 0, "7"},         {(double)NAN, 2, "-"}};
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        struct sva_bytes out = {.data = NULL};
        sva_columns_fixed(&out, CASES[i].value, CASES[i].decimals);
        assert_string_equal((char *)out.data, CASES[i].text);
        sva_bytes_done(&out);
    }
}

static void shares_are_percentages_and_what_is_unknown_a_dash(void **state)
{
    (void)state;
    struct sva_arena arena = {0};
    assert_string_equal(sva_columns_percent(&arena, 0.125, 2), "12.50%");
    assert_string_equal(sva_columns_percent(&arena, -0.001, 1), "-0.1%");
    assert_string_equal(sva_columns_percent(&arena, NAN, 1), "-");
    sva_arena_done(&arena);
}

static void long_words_are_broken_and_every_line_is_indented(void **state)
{
    (void)state;
    struct sva_bytes out = {.data = NULL};
    sva_columns_wrap(&out, "one two aaaaaaaaaaaaaaaaaaaaaaaaaaaa", 2, 2, 14);
    assert_string_equal((char *)out.data, "one two\n  aaaaaaaaaaaa\n  aaaaaaaaaaaa\n  aaaa\n");
    sva_bytes_done(&out);
}

static void every_label_exists_in_both_languages(void **state)
{
    (void)state;
    for (int i = 0; i < SVA_LABEL_COUNT; i++) {
        const char *en = sva_label(SVA_LANG_EN, (enum sva_label)i);
        const char *ko = sva_label(SVA_LANG_KO, (enum sva_label)i);
        assert_true(en != NULL && en[0] != '\0' && ko != NULL && ko[0] != '\0');
        for (const char *place = "0123"; *place != '\0'; place++) {
            const char mark[] = {'{', *place, '}', '\0'};
            assert_int_equal(strstr(en, mark) != NULL, strstr(ko, mark) != NULL);
        }
    }
}

static void running_out_of_memory_is_reported_and_leaks_nothing(void **state)
{
    (void)state;
    struct sample sample;
    make_sample(&sample);
    bool succeeded = false;
    for (uint64_t n = 1; n < 4000 && !succeeded; n++) {
        char *text = NULL;
        size_t size = 0;
        struct sva_error error = {.status = SVA_OK};
        sva_memory_fail_after(n);
        const enum sva_status status =
            sva_report_text(&sample.audit, SVA_LANG_KO, true, 80, &text, &size, &error);
        sva_memory_fail_after(0);
        succeeded = status == SVA_OK;
        assert_true(succeeded || status == SVA_ERR_MEMORY);
        assert_int_equal(text != NULL, succeeded);
        free(text);
    }
    assert_true(succeeded);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_report_satisfies_its_schema),
        cmocka_unit_test(report_without_judging_satisfies_the_schema_and_has_no_verdict),
        cmocka_unit_test(p_value_beyond_doubles_is_zero_beside_its_logarithm),
        cmocka_unit_test(keys_are_sorted_at_every_level),
        cmocka_unit_test(same_audit_gives_the_same_bytes),
        cmocka_unit_test(text_report_names_component_reference_and_power),
        cmocka_unit_test(no_line_is_wider_than_asked),
        cmocka_unit_test(audit_without_references_is_rendered),
        cmocka_unit_test(hangul_takes_two_columns_and_combining_marks_none),
        cmocka_unit_test(numbers_have_a_fixed_count_of_decimals),
        cmocka_unit_test(shares_are_percentages_and_what_is_unknown_a_dash),
        cmocka_unit_test(long_words_are_broken_and_every_line_is_indented),
        cmocka_unit_test(every_label_exists_in_both_languages),
        cmocka_unit_test(running_out_of_memory_is_reported_and_leaks_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
