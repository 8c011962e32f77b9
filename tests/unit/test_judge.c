/* SPDX-License-Identifier: Apache-2.0 */
/* Verdicts of the Korean pack on hand-made cases: each rule fires once and stays silent once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "judge/direction.h"
#include "judge_case.h"

#define PACK           "kr-independent-ai-2026-01.json"
#define IDENTICAL      SVA_ANSWER_IDENTICAL
#define DERIVED        SVA_ANSWER_DERIVED
#define SHARED         SVA_ANSWER_SHARED_INITIALISATION
#define UNEXPLAINED    SVA_ANSWER_DEPENDENT_UNEXPLAINED
#define NONE           SVA_ANSWER_NO_EVIDENCE
#define NOT_COMPARABLE SVA_ANSWER_NOT_COMPARABLE

static void assert_contains(const char *text, const char *part)
{
    if (strstr(text, part) == NULL) {
        fail_msg("\"%s\" does not contain \"%s\"", text, part);
    }
}

/* ---- T1.1 ---- */

static void a_borrowed_vision_encoder_fails_and_the_text_decoder_passes(void **state)
{
    (void)state;
    struct judge_case test;
    judge_begin(&test);
    judge_add(&test, "Qwen2.5-VL-7B", "2025-01-26", DERIVED, NONE);
    judge_add(&test, "other-lm", "2024-05", NOT_COMPARABLE, NONE);
    assert_int_equal(judge_run(&test, PACK), SVA_VERDICT_FAIL);
    judge_expect(&test, "T1.1", "vision-encoder", SVA_RULE_FAIL);
    judge_expect(&test, "T1.1", "text-decoder", SVA_RULE_PASS);
    const struct sva_rule_result *result = judge_result(&test, "T1.1", "vision-encoder");
    assert_string_equal(result->reference, "Qwen2.5-VL-7B");
    assert_contains(result->detail_en, "Qwen2.5-VL-7B (lab, released 2025-01-26)");
    assert_contains(result->detail_en, "rho = 0.995");
    assert_contains(result->detail_en, "log10 p = -21.5");
    assert_contains(result->detail_ko, "가중치의 의존성이 관찰되었습니다");
    assert_contains(result->detail_ko, "Qwen2.5-VL-7B(lab, 2025-01-26 공개)");
    /* The least sensitive of the comparisons made speaks. */
    assert_contains(judge_result(&test, "T1.1", "text-decoder")->detail_en, "rho = 0.014");
    assert_contains(judge_result(&test, "T1.1", "text-decoder")->detail_en, "2 references");
    judge_end(&test);
}

static void an_independent_model_passes(void **state)
{
    (void)state;
    struct judge_case test;
    judge_begin(&test);
    judge_add(&test, "a", "2024-01", NONE, NONE);
    assert_int_equal(judge_run(&test, PACK), SVA_VERDICT_PASS);
    judge_end(&test);
}

static void weaker_answers_ask_for_review(void **state)
{
    (void)state;
    static const enum sva_answer answers[] = {SHARED, UNEXPLAINED};
    for (size_t i = 0; i < 2; i++) {
        struct judge_case test;
        judge_begin(&test);
        judge_add(&test, "a", "2024-01", NONE, answers[i]);
        assert_int_equal(judge_run(&test, PACK), SVA_VERDICT_REVIEW);
        judge_expect(&test, "T1.1", "text-decoder", SVA_RULE_REVIEW);
        judge_expect(&test, "E1.1", "text-decoder", SVA_RULE_NOT_APPLICABLE);
        judge_end(&test);
    }
}

static void a_component_that_nothing_compares_with_is_not_checked(void **state)
{
    (void)state;
    struct judge_case test;
    judge_begin(&test);
    judge_add(&test, "a", "2024-01", NOT_COMPARABLE, NONE);
    assert_int_equal(judge_run(&test, PACK), SVA_VERDICT_REVIEW);
    judge_expect(&test, "T1.1", "vision-encoder", SVA_RULE_NOT_CHECKED);
    judge_end(&test);
}

static void a_failed_component_counts_though_another_was_not_comparable(void **state)
{
    (void)state;
    struct judge_case test;
    judge_begin(&test);
    judge_add(&test, "a", "2024-01", NOT_COMPARABLE, IDENTICAL);
    assert_int_equal(judge_run(&test, PACK), SVA_VERDICT_FAIL);
    judge_end(&test);
}

static void a_component_of_constants_is_not_applicable(void **state)
{
    (void)state;
    struct judge_case test;
    judge_begin(&test);
    test.tensors[VISION].inert = SVA_INERT_CONSTANT;
    judge_add(&test, "a", "2024-01", NOT_COMPARABLE, NONE);
    assert_int_equal(judge_run(&test, PACK), SVA_VERDICT_PASS);
    judge_expect(&test, "T1.1", "vision-encoder", SVA_RULE_NOT_APPLICABLE);
    judge_end(&test);
}

static void values_that_are_not_decoded_are_not_checked(void **state)
{
    (void)state;
    struct judge_case test;
    judge_begin(&test);
    test.tensors[VISION].inert = SVA_INERT_UNREADABLE;
    judge_add(&test, "a", "2024-01", NOT_COMPARABLE, NONE);
    assert_int_equal(judge_run(&test, PACK), SVA_VERDICT_REVIEW);
    judge_expect(&test, "T1.1", "vision-encoder", SVA_RULE_NOT_CHECKED);
    judge_end(&test);
}

static void an_empty_store_or_nothing_comparable_is_not_auditable(void **state)
{
    (void)state;
    struct judge_case test;
    judge_begin(&test);
    assert_int_equal(judge_run(&test, PACK), SVA_VERDICT_NOT_AUDITABLE);
    judge_end(&test);
    judge_begin(&test);
    judge_add(&test, "a", "2024-01", NOT_COMPARABLE, NOT_COMPARABLE);
    assert_int_equal(judge_run(&test, PACK), SVA_VERDICT_NOT_AUDITABLE);
    judge_end(&test);
}

/* ---- ancestry ---- */

static void the_subject_itself_in_the_store_does_not_fail(void **state)
{
    (void)state;
    struct judge_case test;
    judge_begin(&test);
    judge_add(&test, "subject", "2026-01-10", IDENTICAL, IDENTICAL)->publisher = "Us";
    judge_add(&test, "other", "2025-01", NONE, NONE);
    test.own[0] = "us";
    test.source.own_count = 1;
    judge_hit(&test, "subject", false, TEXT);
    judge_hit(&test, "subject", true, 0);
    assert_int_equal(judge_run(&test, PACK), SVA_VERDICT_PASS);
    judge_expect(&test, "T1.1", "text-decoder", SVA_RULE_INFORMATIONAL);
    judge_expect(&test, "T1.2", "text-decoder", SVA_RULE_INFORMATIONAL);
    judge_expect(&test, "T1.2", "", SVA_RULE_INFORMATIONAL);
    judge_expect(&test, "E1.1", "text-decoder", SVA_RULE_NOT_APPLICABLE);
    assert_contains(judge_result(&test, "T1.1", "text-decoder")->detail_en, "own publisher");
    judge_end(&test);
}

static void the_vendors_own_earlier_version_is_information(void **state)
{
    (void)state;
    struct judge_case test;
    judge_begin(&test);
    judge_add(&test, "ours-v1", "2025-03", DERIVED, DERIVED)->publisher = "us";
    test.own[0] = "us";
    test.source.own_count = 1;
    assert_int_equal(judge_run(&test, PACK), SVA_VERDICT_PASS);
    judge_end(&test);
}

static void a_reference_released_after_the_subject_is_information(void **state)
{
    (void)state;
    struct judge_case test;
    judge_begin(&test);
    judge_add(&test, "descendant", "2026-02", DERIVED, DERIVED)->derived_from = "subject";
    judge_hit(&test, "descendant", false, TEXT);
    assert_int_equal(judge_run(&test, PACK), SVA_VERDICT_PASS);
    judge_expect(&test, "T1.1", "text-decoder", SVA_RULE_INFORMATIONAL);
    judge_expect(&test, "T1.2", "text-decoder", SVA_RULE_INFORMATIONAL);
    assert_contains(judge_result(&test, "T1.1", "text-decoder")->detail_en, "after the subject");
    judge_end(&test);
}

static void unknown_or_contradictory_dates_ask_for_review(void **state)
{
    (void)state;
    static const char *const own[] = {"own lab"};
    static const struct {
        const char *released, *derived_from, *subject_date;
    } cases[] = {
        {"", "", "2026-01-10"},               /* reference without a date */
        {"2026-01", "", "2026-01-10"},        /* some day of the same month */
        {"2025-01", "mine", "2026-01-10"},    /* a descendant released earlier */
        {"2025-01", "org/MINE", ""},          /* a descendant, no date given */
        {"2025-01", "", "yesterday"},         /* a date that is none */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct judge_case test;
        judge_begin(&test);
        test.source.subject_date = cases[i].subject_date;
        test.source.own = own;
        test.source.own_count = 1;
        judge_add(&test, "mine", "2024-01", NONE, NONE)->publisher = "Own Lab";
        judge_add(&test, "a", cases[i].released, NONE, DERIVED)->derived_from =
            cases[i].derived_from;
        judge_hit(&test, "a", false, TEXT);
        assert_int_equal(judge_run(&test, PACK), SVA_VERDICT_REVIEW);
        judge_expect(&test, "T1.1", "text-decoder", SVA_RULE_REVIEW);
        judge_expect(&test, "T1.2", "text-decoder", SVA_RULE_REVIEW);
        judge_end(&test);
    }
}

/** Whoever names the folder that a model lies in could claim to be its descendant's origin. */
static void the_subjects_name_alone_is_no_ancestry(void **state)
{
    (void)state;
    struct judge_case test;
    judge_begin(&test);
    judge_add(&test, "a", "2025-01", NONE, DERIVED)->derived_from = "org/SUBJECT";
    assert_int_equal(judge_run(&test, PACK), SVA_VERDICT_FAIL);
    judge_end(&test);
}

static void without_a_subject_date_every_reference_counts_as_not_later(void **state)
{
    (void)state;
    struct judge_case test;
    judge_begin(&test);
    test.source.subject_date = "";
    judge_add(&test, "a", "2026-01-12", NONE, DERIVED);
    assert_int_equal(judge_run(&test, PACK), SVA_VERDICT_FAIL);
    assert_contains(judge_result(&test, "T1.1", "text-decoder")->detail_en,
                    "No date was given for the subject");
    judge_end(&test);
    judge_begin(&test);
    test.source.subject_date = "";
    judge_add(&test, "undated", "", NONE, DERIVED);
    assert_int_equal(judge_run(&test, PACK), SVA_VERDICT_FAIL);
    judge_end(&test);
}

static void the_same_day_counts_as_not_later(void **state)
{
    (void)state;
    struct judge_case test;
    judge_begin(&test);
    judge_add(&test, "a", "2026-01-10", NONE, DERIVED);
    assert_int_equal(judge_run(&test, PACK), SVA_VERDICT_FAIL);
    judge_end(&test);
}

static void a_third_partys_tower_used_by_both_fails_and_the_earliest_is_named(void **state)
{
    (void)state;
    struct judge_case test;
    judge_begin(&test);
    judge_add(&test, "user-of-tower", "2025-06-01", IDENTICAL, NONE);
    judge_add(&test, "tower", "2024-02-01", DERIVED, NOT_COMPARABLE);
    judge_add(&test, "late-user", "2026-03", IDENTICAL, NONE);
    assert_int_equal(judge_run(&test, PACK), SVA_VERDICT_FAIL);
    const struct sva_rule_result *result = judge_result(&test, "T1.1", "vision-encoder");
    assert_string_equal(result->reference, "tower");
    assert_contains(result->detail_en, "user-of-tower (identical), late-user (identical)");
    assert_contains(result->detail_en, "third model");
    judge_end(&test);
}

static void a_third_partys_tower_fails_even_beside_our_own_model(void **state)
{
    (void)state;
    struct judge_case test;
    judge_begin(&test);
    judge_add(&test, "ours-v1", "2024-01", IDENTICAL, DERIVED)->publisher = "us";
    judge_add(&test, "tower", "2023-02-01", IDENTICAL, NONE);
    test.own[0] = "us";
    test.source.own_count = 1;
    assert_int_equal(judge_run(&test, PACK), SVA_VERDICT_FAIL);
    judge_expect(&test, "T1.1", "text-decoder", SVA_RULE_INFORMATIONAL);
    judge_end(&test);
}

static void somebodys_fine_tune_of_our_earlier_version_asks_for_review(void **state)
{
    (void)state;
    struct judge_case test;
    judge_begin(&test);
    judge_add(&test, "ours-v1", "2024-01", DERIVED, DERIVED)->publisher = "us";
    judge_add(&test, "theirs", "2024-06", DERIVED, DERIVED)->derived_from = "org/ours-v1";
    test.own[0] = "us";
    test.source.own_count = 1;
    assert_int_equal(judge_run(&test, PACK), SVA_VERDICT_REVIEW);
    judge_end(&test);
}

static void declared_ancestry_in_a_circle_ends(void **state)
{
    (void)state;
    struct judge_case test;
    judge_begin(&test);
    judge_add(&test, "a", "2024-01", DERIVED, NONE)->derived_from = "b";
    judge_add(&test, "b", "2024-01", NONE, NONE)->derived_from = "a";
    assert_int_equal(judge_run(&test, PACK), SVA_VERDICT_FAIL);
    assert_int_equal(sva_direction_of(&test.source, 0), SVA_DIRECTION_EXTERNAL);
    judge_end(&test);
}

/* ---- T1.2 ---- */

static void equal_tensors_and_files_fail_and_are_named(void **state)
{
    (void)state;
    struct judge_case test;
    judge_begin(&test);
    judge_add(&test, "a", "2024-01", NONE, NONE);
    judge_hit(&test, "a", false, VISION);
    judge_hit(&test, "a", true, 0);
    assert_int_equal(judge_run(&test, PACK), SVA_VERDICT_FAIL);
    judge_expect(&test, "T1.2", "vision-encoder", SVA_RULE_FAIL);
    judge_expect(&test, "T1.2", "text-decoder", SVA_RULE_PASS);
    judge_expect(&test, "T1.2", "", SVA_RULE_FAIL);
    const struct sva_rule_result *result = judge_result(&test, "T1.2", "vision-encoder");
    assert_string_equal(result->reference, "a");
    assert_contains(result->detail_en, "visual.blocks.0.weight (there their.weight)");
    assert_contains(result->detail_ko, "값이 완전히 동일한 텐서가 관찰되었습니다");
    assert_contains(judge_result(&test, "T1.2", "")->detail_en, "model.safetensors");
    judge_end(&test);
}

static void equal_tensors_seen_by_the_comparison_alone_fail_too(void **state)
{
    (void)state;
    struct judge_case test;
    const struct sva_tensor_match matches[] = {
        {.subject_tensor = VISION, .reference_name = "their.weight", .same_values = true},
        {.subject_tensor = TEXT, .reference_name = "their.weight", .same_values = false},
    };
    judge_begin(&test);
    judge_add(&test, "a", "2024-01", NONE, NONE);
    test.results[0][VISION].matches = matches;
    test.results[0][VISION].match_count = 2;
    judge_hit(&test, "a", false, VISION); /* the same finding by look-up counts once */
    assert_int_equal(judge_run(&test, PACK), SVA_VERDICT_FAIL);
    judge_expect(&test, "T1.2", "text-decoder", SVA_RULE_PASS);
    assert_null(strstr(judge_result(&test, "T1.2", "vision-encoder")->detail_en, ", visual"));
    judge_end(&test);
}

static void constants_that_agree_are_no_evidence(void **state)
{
    (void)state;
    struct judge_case test;
    judge_begin(&test);
    test.tensors[VISION].inert = SVA_INERT_FORMULA;
    judge_add(&test, "a", "2024-01", NOT_COMPARABLE, NONE);
    judge_hit(&test, "a", false, VISION);
    assert_int_equal(judge_run(&test, PACK), SVA_VERDICT_PASS);
    judge_end(&test);
}

static void a_copy_of_a_reference_that_was_not_compared_asks_for_review(void **state)
{
    (void)state;
    struct judge_case test;
    judge_begin(&test);
    judge_add(&test, "a", "2024-01", NONE, NONE);
    judge_hit(&test, "unlisted", false, TEXT);
    assert_int_equal(judge_run(&test, PACK), SVA_VERDICT_REVIEW);
    assert_string_equal(judge_result(&test, "T1.2", "text-decoder")->reference, "unlisted");
    judge_end(&test);
}

/* ---- E1.1 ---- */

static void disclosure_is_read_from_card_and_configuration(void **state)
{
    (void)state;
    static const struct {
        const char *key, *value;
        enum sva_rule_verdict verdict;
    } cases[] = {
        {"card.base_model", "Org/BASE-7B", SVA_RULE_PASS},
        {"card.base_model.0", "org/base-7b-instruct", SVA_RULE_PASS},
        {"config.vision_config._name_or_path", "./models/base-7b", SVA_RULE_PASS},
        {"notice.text", "Contains Base-7B by lab.", SVA_RULE_PASS},
        {"gguf.base_model.0.name", "Base 7B Chat", SVA_RULE_PASS},
        {"gguf.base_model.1.repo_url", "https://huggingface.co/maker/Base-7B", SVA_RULE_PASS},
        {"mmproj.base_model.0.repo_url", "https://huggingface.co/maker/Base-7B", SVA_RULE_PASS},
        {"adapter.base_model_name_or_path", "maker/base-7b", SVA_RULE_PASS},
        {"gguf.base_model.0.organization", "base-7b", SVA_RULE_FAIL},
        {"gguf.basename", "base-7b", SVA_RULE_FAIL},
        {"card.base_model", "org/database-7bx", SVA_RULE_FAIL},
        {"config.model_type", "base-7b", SVA_RULE_FAIL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct judge_case test;
        judge_begin(&test);
        judge_add(&test, "maker/base-7b", "2024-01", NONE, DERIVED);
        judge_fact(&test, cases[i].key, cases[i].value);
        assert_int_equal(judge_run(&test, PACK), SVA_VERDICT_FAIL); /* by T1.1 in any case */
        judge_expect(&test, "E1.1", "text-decoder", cases[i].verdict);
        judge_expect(&test, "E1.1", "vision-encoder", SVA_RULE_NOT_APPLICABLE);
        judge_end(&test);
    }
}

static void disclosing_one_model_of_a_lineage_discloses_the_lineage(void **state)
{
    (void)state;
    struct judge_case test;
    judge_begin(&test);
    judge_add(&test, "base", "2024-01", NONE, DERIVED);
    judge_add(&test, "base-chat", "2024-03", NONE, DERIVED)->derived_from = "base";
    judge_fact(&test, "card.base_model", "org/base");
    assert_int_equal(judge_run(&test, PACK), SVA_VERDICT_FAIL);
    judge_expect(&test, "E1.1", "text-decoder", SVA_RULE_PASS);
    judge_end(&test);
}

static void an_undated_undisclosed_match_asks_for_review(void **state)
{
    (void)state;
    struct judge_case test;
    judge_begin(&test);
    judge_add(&test, "base", "", NONE, DERIVED);
    assert_int_equal(judge_run(&test, PACK), SVA_VERDICT_REVIEW);
    judge_expect(&test, "E1.1", "text-decoder", SVA_RULE_REVIEW);
    judge_end(&test);
}

/* ---- P1.2, P1.4, T1.5, T1.6 ---- */

static void code_of_another_repository_fails_and_own_code_is_named(void **state)
{
    (void)state;
    struct judge_case test;
    judge_begin(&test);
    judge_add(&test, "a", "2024-01", NONE, NONE);
    judge_fact(&test, "config.auto_map.AutoModel", "org/code--modeling_x.XModel");
    assert_int_equal(judge_run(&test, PACK), SVA_VERDICT_FAIL);
    judge_expect(&test, "P1.2", "", SVA_RULE_FAIL);
    assert_contains(judge_result(&test, "P1.2", "")->detail_en, "org/code--modeling_x.XModel");
    judge_end(&test);
    judge_begin(&test);
    judge_add(&test, "a", "2024-01", NONE, NONE);
    judge_fact(&test, "config.auto_map.AutoModel", "modeling_x.XModel");
    assert_int_equal(judge_run(&test, PACK), SVA_VERDICT_PASS);
    judge_expect(&test, "P1.2", "", SVA_RULE_INFORMATIONAL);
    assert_contains(judge_result(&test, "P1.2", "")->detail_en, "modeling_x.XModel");
    judge_end(&test);
    judge_begin(&test);
    judge_add(&test, "a", "2024-01", NONE, NONE);
    assert_int_equal(judge_run(&test, PACK), SVA_VERDICT_PASS);
    judge_expect(&test, "P1.2", "", SVA_RULE_PASS);
    judge_end(&test);
}

static void programs_that_fetch_fail_and_those_that_may_ask_for_review(void **state)
{
    (void)state;
    static const struct {
        const char *key, *value;
        enum sva_rule_verdict verdict;
        const char *says;
    } cases[] = {
        {"code.run_time_downloads", "5", SVA_RULE_FAIL, "a.py:3: get(...) and 2 more"},
        {"code.possible_downloads", "1", SVA_RULE_REVIEW, "may fetch"},
        {"code.run_time_downloads", NULL, SVA_RULE_NOT_CHECKED, "was not read"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct judge_case test;
        judge_begin(&test);
        judge_add(&test, "a", "2024-01", NONE, NONE);
        judge_change_fact(&test, cases[i].key, cases[i].value);
        judge_fact(&test, "code.download.01", "a.py:3: get(...)");
        judge_run(&test, PACK);
        judge_expect(&test, "P1.2", "", cases[i].verdict);
        assert_contains(judge_result(&test, "P1.2", "")->detail_en, cases[i].says);
        judge_end(&test);
    }
}

static void a_module_that_is_not_there_asks_for_review(void **state)
{
    (void)state;
    struct judge_case test;
    judge_begin(&test);
    judge_add(&test, "a", "2024-01", NONE, NONE);
    judge_fact(&test, "config.auto_map.AutoModel", "modeling_x.XModel");
    judge_change_fact(&test, "code.entries.unresolved", "1");
    judge_run(&test, PACK);
    judge_expect(&test, "P1.2", "", SVA_RULE_REVIEW);
    judge_end(&test);
}

static void pickle_files_fail_in_the_gate_and_ask_for_review_in_advice(void **state)
{
    (void)state;
    struct judge_case test;
    judge_begin(&test);
    judge_add(&test, "a", "2024-01", NONE, NONE);
    judge_file(&test, "pytorch_model.bin", SVA_FILE_PICKLE);
    assert_int_equal(judge_run(&test, PACK), SVA_VERDICT_FAIL);
    judge_expect(&test, "P1.4", "", SVA_RULE_FAIL);
    assert_contains(judge_result(&test, "P1.4", "")->detail_ko, "pytorch_model.bin");
    judge_end(&test);
    assert_int_equal(judge_run(&test, PACK "#advisory"), SVA_VERDICT_REVIEW);
    judge_expect(&test, "P1.4", "", SVA_RULE_REVIEW);
    judge_end(&test);
}

/** That its tensors were audited changes nothing: loading the file elsewhere can run code. */
static void audited_checkpoints_are_pickle_files_too(void **state)
{
    (void)state;
    struct judge_case test;
    judge_begin(&test);
    judge_add(&test, "a", "2024-01", NONE, NONE);
    judge_file(&test, "model.bin", SVA_FILE_TORCH);
    judge_file(&test, "arrays.npz", SVA_FILE_NUMPY);
    assert_int_equal(judge_run(&test, PACK), SVA_VERDICT_FAIL);
    judge_expect(&test, "P1.4", "", SVA_RULE_FAIL);
    assert_contains(judge_result(&test, "P1.4", "")->detail_en, "model.bin");
    assert_null(strstr(judge_result(&test, "P1.4", "")->detail_en, "arrays.npz"));
    assert_contains(judge_result(&test, "P1.4", "")->detail_ko, "model.bin");
    judge_end(&test);
    judge_begin(&test);
    judge_add(&test, "a", "2024-01", NONE, NONE);
    judge_file(&test, "arrays.npz", SVA_FILE_NUMPY);
    assert_int_equal(judge_run(&test, PACK), SVA_VERDICT_PASS);
    judge_expect(&test, "P1.4", "", SVA_RULE_PASS);
    judge_end(&test);
}

static void weights_that_were_not_read_ask_for_review(void **state)
{
    (void)state;
    struct judge_case test;
    judge_begin(&test);
    judge_add(&test, "a", "2024-01", NONE, NONE);
    judge_file(&test, "model.gguf", SVA_FILE_WEIGHTS);
    assert_int_equal(judge_run(&test, PACK), SVA_VERDICT_REVIEW);
    assert_contains(judge_result(&test, "P1.4", "")->detail_en, "model.gguf");
    judge_end(&test);
}

static void a_shared_architecture_and_tokenizer_are_information(void **state)
{
    (void)state;
    struct judge_case test;
    static const struct sva_fact theirs[] = {
        {"config.architectures", "LlamaForCausalLM"},
        {"tokenizer.vocab_sha256", "ab12"},
    };
    judge_begin(&test);
    judge_add(&test, "llama", "2023-02", NONE, NONE);
    judge_add(&test, "other", "2023-02", NONE, NONE);
    test.compared[0].facts = theirs;
    test.compared[0].fact_count = 2;
    judge_fact(&test, "config.architectures", "LlamaForCausalLM");
    judge_fact(&test, "config.model_type", "llama");
    judge_fact(&test, "tokenizer.vocab_size", "32000");
    judge_fact(&test, "tokenizer.vocab_sha256", "ab12");
    assert_int_equal(judge_run(&test, PACK), SVA_VERDICT_PASS);
    judge_expect(&test, "T1.5", "", SVA_RULE_INFORMATIONAL);
    judge_expect(&test, "T1.6", "", SVA_RULE_INFORMATIONAL);
    assert_contains(judge_result(&test, "T1.5", "")->detail_en,
                    "LlamaForCausalLM (model type llama). The same class is used by: llama.");
    assert_contains(judge_result(&test, "T1.6", "")->detail_en, "used by: llama.");
    judge_end(&test);
}

static void a_tokenizer_that_nothing_was_compared_with_is_not_called_different(void **state)
{
    (void)state;
    static const struct sva_fact theirs[] = {{"tokenizer.vocab_sha256", "cd34"}};
    for (int known = 0; known < 2; known++) {
        struct judge_case test;
        judge_begin(&test);
        judge_add(&test, "other", "2023-02", NONE, NONE);
        test.compared[0].facts = theirs;
        test.compared[0].fact_count = (size_t)known;
        judge_fact(&test, "tokenizer.vocab_sha256", "ab12");
        assert_int_equal(judge_run(&test, PACK), SVA_VERDICT_PASS);
        assert_contains(judge_result(&test, "T1.6", "")->detail_en,
                        known == 1 ? "equals the vocabulary of no reference" : "at hand");
        judge_end(&test);
    }
}

/* ---- all of it ---- */

static void every_result_has_both_languages_and_the_packs_order(void **state)
{
    (void)state;
    struct judge_case test;
    judge_begin(&test);
    judge_add(&test, "ev\x1b[31mil\xe2\x80\xae", "2024-01", DERIVED, UNEXPLAINED);
    judge_fact(&test, "config.architectures", "X\nY");
    (void)judge_run(&test, PACK);
    size_t rule = 0;
    const struct sva_rulepack_info *info = sva_rulepack_get_info(test.pack);
    for (size_t i = 0; i < test.verdict->result_count; i++) {
        const struct sva_rule_result *result = &test.verdict->results[i];
        assert_true(result->detail_en[0] != '\0' && result->detail_ko[0] != '\0');
        assert_string_not_equal(result->detail_en, result->detail_ko);
        assert_null(strpbrk(result->detail_en, "\x1b\n"));
        assert_null(strstr(result->detail_ko, "\xe2\x80\xae"));
        assert_false(result->waived);
        while (rule < info->rule_count && strcmp(info->rules[rule].id, result->rule) != 0) {
            rule++;
        }
        assert_true(rule < info->rule_count);
    }
    judge_end(&test);
}

static void verdicts_are_the_same_whatever_the_order_of_references(void **state)
{
    (void)state;
    struct judge_case test[2];
    for (int turn = 0; turn < 2; turn++) {
        judge_begin(&test[turn]);
        for (int i = 0; i < 3; i++) {
            static const char *const names[] = {"a", "b", "c"};
            static const char *const dates[] = {"2024-01", "2024-01", "2023-01"};
            const int k = turn == 0 ? i : 2 - i;
            judge_add(&test[turn], names[k], dates[k], DERIVED, NONE);
        }
        /* detectable_rho follows the position in judge_add: make it equal */
        for (int i = 0; i < 3; i++) {
            test[turn].results[i][TEXT].detectable_rho = 0.01;
        }
        (void)judge_run(&test[turn], PACK);
    }
    assert_int_equal(test[0].verdict->result_count, test[1].verdict->result_count);
    for (size_t i = 0; i < test[0].verdict->result_count; i++) {
        assert_string_equal(test[0].verdict->results[i].detail_en,
                            test[1].verdict->results[i].detail_en);
        assert_string_equal(test[0].verdict->results[i].reference,
                            test[1].verdict->results[i].reference);
    }
    judge_end(&test[0]);
    judge_end(&test[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_borrowed_vision_encoder_fails_and_the_text_decoder_passes),
        cmocka_unit_test(an_independent_model_passes),
        cmocka_unit_test(weaker_answers_ask_for_review),
        cmocka_unit_test(a_component_that_nothing_compares_with_is_not_checked),
        cmocka_unit_test(a_failed_component_counts_though_another_was_not_comparable),
        cmocka_unit_test(a_component_of_constants_is_not_applicable),
        cmocka_unit_test(values_that_are_not_decoded_are_not_checked),
        cmocka_unit_test(an_empty_store_or_nothing_comparable_is_not_auditable),
        cmocka_unit_test(the_subject_itself_in_the_store_does_not_fail),
        cmocka_unit_test(the_vendors_own_earlier_version_is_information),
        cmocka_unit_test(a_reference_released_after_the_subject_is_information),
        cmocka_unit_test(unknown_or_contradictory_dates_ask_for_review),
        cmocka_unit_test(the_subjects_name_alone_is_no_ancestry),
        cmocka_unit_test(without_a_subject_date_every_reference_counts_as_not_later),
        cmocka_unit_test(the_same_day_counts_as_not_later),
        cmocka_unit_test(a_third_partys_tower_used_by_both_fails_and_the_earliest_is_named),
        cmocka_unit_test(a_third_partys_tower_fails_even_beside_our_own_model),
        cmocka_unit_test(somebodys_fine_tune_of_our_earlier_version_asks_for_review),
        cmocka_unit_test(declared_ancestry_in_a_circle_ends),
        cmocka_unit_test(equal_tensors_and_files_fail_and_are_named),
        cmocka_unit_test(equal_tensors_seen_by_the_comparison_alone_fail_too),
        cmocka_unit_test(constants_that_agree_are_no_evidence),
        cmocka_unit_test(a_copy_of_a_reference_that_was_not_compared_asks_for_review),
        cmocka_unit_test(disclosure_is_read_from_card_and_configuration),
        cmocka_unit_test(disclosing_one_model_of_a_lineage_discloses_the_lineage),
        cmocka_unit_test(an_undated_undisclosed_match_asks_for_review),
        cmocka_unit_test(code_of_another_repository_fails_and_own_code_is_named),
        cmocka_unit_test(programs_that_fetch_fail_and_those_that_may_ask_for_review),
        cmocka_unit_test(a_module_that_is_not_there_asks_for_review),
        cmocka_unit_test(pickle_files_fail_in_the_gate_and_ask_for_review_in_advice),
        cmocka_unit_test(audited_checkpoints_are_pickle_files_too),
        cmocka_unit_test(weights_that_were_not_read_ask_for_review),
        cmocka_unit_test(a_shared_architecture_and_tokenizer_are_information),
        cmocka_unit_test(a_tokenizer_that_nothing_was_compared_with_is_not_called_different),
        cmocka_unit_test(every_result_has_both_languages_and_the_packs_order),
        cmocka_unit_test(verdicts_are_the_same_whatever_the_order_of_references),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
