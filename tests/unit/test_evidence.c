/* SPDX-License-Identifier: Apache-2.0 */
/* Evidence registers, judgements, waivers, and what the judge makes of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/hash.h"
#include "judge/evidence_register.h"
#include "judge/glob.h"
#include "judge/waivers.h"
#include "judge_case.h"

#define PACK "kr-independent-ai-2026-02.json"

static void paths_that_leave_the_folder_are_not_plain(void **state)
{
    (void)state;
    static const char *const plain[] = {"a", "a/b.csv", "a.b/..c", "증빙/손실.csv"};
    static const char *const others[] = {"",     "/a",     "a/",  "a//b", ".",    "..",
                                         "../a", "a/../b", "./a", "a\\b", "a\nb", "a/."};
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++) {
        assert_true(sva_document_path_is_plain(plain[i]));
    }
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        assert_false(sva_document_path_is_plain(others[i]));
    }
}

static void patterns_match_whole_names(void **state)
{
    (void)state;
    assert_true(sva_glob_matches("*", ""));
    assert_true(sva_glob_matches("text-*", "text-decoder"));
    assert_true(sva_glob_matches("*.0?.*weight", "layers.07.mlp.weight"));
    assert_true(sva_glob_matches("a*a*b", "aaaaaaab"));
    assert_false(sva_glob_matches("text", "text-decoder"));
    assert_false(sva_glob_matches("a?", "a"));
    assert_false(sva_glob_matches("", "a"));
}

static void the_models_digest_is_what_sha256sum_prints(void **state)
{
    (void)state;
    static const char line[] =
        "0000000000000000000000000000000000000000000000000000000000000000  model.safetensors\n";
    struct judge_case test;
    uint8_t digest[SVA_DIGEST_BYTES];
    uint8_t expected[SVA_DIGEST_BYTES];
    judge_begin(&test);
    assert_true(sva_model_digest(&test.subject, digest));
    assert_true(sva_sha256(line, strlen(line), expected));
    assert_memory_equal(digest, expected, sizeof digest);
    judge_file(&test, "README.md", SVA_FILE_CARD); /* beside the weights: no matter */
    assert_true(sva_model_digest(&test.subject, digest));
    assert_memory_equal(digest, expected, sizeof digest);
    test.files[0].path = "a\nb\\c"; /* one file, not two */
    static const char escaped[] =
        "\\0000000000000000000000000000000000000000000000000000000000000000  a\\nb\\\\c\n";
    assert_true(sva_model_digest(&test.subject, digest));
    assert_true(sva_sha256(escaped, strlen(escaped), expected));
    assert_memory_equal(digest, expected, sizeof digest);
    test.files[0].hashed = false;
    assert_false(sva_model_digest(&test.subject, digest));
}

/* ---- documents ---- */

static struct sva_document document(const char *kind, enum sva_document_state state)
{
    return (struct sva_document){.kind = kind,
                                 .path = "evidence/x",
                                 .date = "",
                                 .state = state,
                                 .rule = "",
                                 .judge = "",
                                 .decision = "",
                                 .reasons = "",
                                 .trace_verdict = "",
                                 .trace_initialisation = "",
                                 .trace_loss_log = ""};
}

/* Judges the openly independent case with these documents; NULL: without a register. */
static enum sva_verdict_kind judge_with(struct judge_case *test, const char *pack,
                                        const struct sva_evidence *evidence)
{
    judge_begin(test);
    judge_add(test, "other", "2025-01-15", SVA_ANSWER_NO_EVIDENCE, SVA_ANSWER_NO_EVIDENCE);
    test->source.evidence = evidence;
    test->source.as_of = "2026-03-01";
    return judge_run(test, pack);
}

static void without_a_register_documents_are_not_checked_and_not_counted(void **state)
{
    (void)state;
    struct judge_case test;
    assert_int_equal(judge_with(&test, PACK, NULL), SVA_VERDICT_PASS);
    const struct sva_rule_result *result = judge_result(&test, "T1.4", "");
    assert_int_equal(result->verdict, SVA_RULE_NOT_CHECKED);
    assert_false(result->counted);
    assert_int_equal(result->missing_count, 1);
    assert_string_equal(result->missing[0], "loss-log");
    judge_end(&test);
    assert_int_equal(judge_with(&test, PACK "#evaluation", NULL), SVA_VERDICT_REVIEW);
    judge_expect(&test, "T1.4", "", SVA_RULE_REVIEW);
    assert_true(judge_result(&test, "T1.4", "")->counted);
    judge_end(&test);
}

static void with_a_register_what_is_missing_asks_for_review(void **state)
{
    (void)state;
    struct judge_case test;
    const struct sva_document all[] = {document("data-sheet", SVA_DOCUMENT_SOUND),
                                       document("data-manifest", SVA_DOCUMENT_HASH_ONLY),
                                       document("provenance", SVA_DOCUMENT_SOUND),
                                       document("retraining-declaration", SVA_DOCUMENT_CHANGED)};
    const struct sva_evidence evidence = {
        .path = "evidence.json", .document_count = 4, .documents = all};
    assert_int_equal(judge_with(&test, PACK, &evidence), SVA_VERDICT_REVIEW);
    judge_expect(&test, "T1.7", "", SVA_RULE_PASS);
    judge_expect(&test, "T1.8", "", SVA_RULE_PASS); /* provenance instead of three documents */
    judge_expect(&test, "P1.3", "", SVA_RULE_REVIEW);
    judge_expect(&test, "E1.3", "", SVA_RULE_REVIEW);
    judge_end(&test);
}

static void the_latest_judgement_about_the_rule_decides(void **state)
{
    (void)state;
    struct judge_case test;
    struct sva_document all[] = {document("judgement", SVA_DOCUMENT_SOUND),
                                 document("judgement", SVA_DOCUMENT_SOUND),
                                 document("judgement", SVA_DOCUMENT_CHANGED)};
    const struct sva_evidence evidence = {
        .path = "evidence.json", .document_count = 3, .documents = all};
    all[0].rule = all[1].rule = "P1.1";
    all[2].rule = "E1.2";
    all[0].judge = all[1].judge = "Park";
    all[0].reasons = all[1].reasons = "read";
    all[0].decision = "rejected";
    all[0].date = "2026-02-01";
    all[1].decision = "accepted";
    all[1].date = "2026-02-02";
    (void)judge_with(&test, PACK, &evidence);
    judge_expect(&test, "P1.1", "", SVA_RULE_PASS);
    judge_expect(&test, "E1.2", "", SVA_RULE_REVIEW);
    assert_non_null(strstr(judge_result(&test, "P1.1", "")->detail_en, "Judged by Park"));
    judge_end(&test);
    all[0].date = "2026-02-03";
    assert_int_equal(judge_with(&test, PACK, &evidence), SVA_VERDICT_FAIL);
    judge_expect(&test, "P1.1", "", SVA_RULE_FAIL);
    judge_end(&test);
}

static void a_judgement_about_another_model_is_not_taken(void **state)
{
    (void)state;
    static const char text[] =
        "{\"format\": 1, \"model\": "
        "\"00000000000000000000000000000000000000000000000000000000000000ff\", \"rule\": \"P1.1\", "
        "\"judge\": \"Park\", \"date\": \"2026-02-01\", \"decision\": \"accepted\", "
        "\"reasons\": \"read\"}";
    struct sva_arena arena = {.blocks = NULL};
    struct sva_problems *problems = calloc(1, sizeof *problems);
    struct sva_document read = document("judgement", SVA_DOCUMENT_SOUND);
    uint8_t model[SVA_DIGEST_BYTES] = {0};
    assert_non_null(problems);
    problems->arena = &arena;
    const struct sva_span bytes = {(const uint8_t *)text, strlen(text)};
    sva_judgement_parse(bytes, model, problems, &read);
    assert_int_equal(problems->count, 1);
    assert_non_null(strstr(problems->items[0], "about another model"));
    static const char number[] = "{\"format\": 1e00000000000000000000000000000000000000000000000000"
                                 "000000000000000000, \"documents\": []}";
    *problems = (struct sva_problems){.arena = &arena};
    sva_judgement_parse((struct sva_span){(const uint8_t *)number, sizeof number - 1}, model,
                        problems, &read);
    assert_false(problems->out_of_memory);
    assert_non_null(strstr(problems->items[0], "more than 63 characters"));
    /* nor is one of zeros about a model whose digest is not known */
    char zeros[sizeof text];
    memcpy(zeros, text, sizeof text);
    memcpy(strstr(zeros, "ff"), "00", 2);
    *problems = (struct sva_problems){.arena = &arena};
    sva_judgement_parse((struct sva_span){(const uint8_t *)zeros, strlen(zeros)}, model, problems,
                        &read);
    assert_int_equal(problems->count, 1);
    *problems = (struct sva_problems){.arena = &arena};
    model[31] = 0xff;
    sva_judgement_parse(bytes, model, problems, &read);
    assert_int_equal(problems->count, 0);
    assert_string_equal(read.decision, "accepted");
    sva_arena_done(&arena);
    free(problems);
}

/* ---- waivers ---- */

static void a_pattern_of_tensors_covers_only_findings_on_these(void **state)
{
    (void)state;
    struct judge_case test;
    struct sva_waiver waiver = {.rule = "T1.2",
                                .component = "*",
                                .tensor = "model.*",
                                .reason = "accepted-risk",
                                .text = "t",
                                .evidence = "e",
                                .approver = "a",
                                .date = "2026-01-01",
                                .expires = "2026-03-01"};
    const struct sva_waivers waivers = {.path = "w", .count = 1, .items = &waiver};
    for (int round = 0; round < 2; round++) {
        judge_begin(&test);
        judge_add(&test, "other", "2025-01-15", SVA_ANSWER_NO_EVIDENCE, SVA_ANSWER_NO_EVIDENCE);
        judge_hit(&test, "other", false, TEXT);
        assert_true(sva_model_digest(&test.subject, waiver.model));
        waiver.tensor = round == 0 ? "model.*" : "visual.*";
        test.source.waivers = &waivers;
        test.source.as_of = "2026-03-01";
        const enum sva_verdict_kind kind = judge_run(&test, PACK);
        const struct sva_rule_result *result = judge_result(&test, "T1.2", "text-decoder");
        assert_int_equal(result->verdict, SVA_RULE_FAIL); /* stays visible */
        assert_int_equal(result->waived, round == 0);
        assert_int_equal(kind, round == 0 ? SVA_VERDICT_PASS : SVA_VERDICT_FAIL);
        assert_int_equal(test.verdict->waiver_states[0],
                         round == 0 ? SVA_WAIVER_USED : SVA_WAIVER_UNUSED);
        judge_end(&test);
    }
}

/* ---- packs ---- */

static void a_pack_says_whether_it_is_in_force(void **state)
{
    (void)state;
    const struct sva_rulepack_info info = {.effective_from = "2026-02",
                                           .effective_until = "2026-04-30"};
    assert_int_equal(sva_rulepack_effect(&info, "2026-01-31"), SVA_EFFECT_NOT_YET);
    assert_int_equal(sva_rulepack_effect(&info, "2026-02-01"), SVA_EFFECT_IN_FORCE);
    assert_int_equal(sva_rulepack_effect(&info, "2026-04-30"), SVA_EFFECT_IN_FORCE);
    assert_int_equal(sva_rulepack_effect(&info, "2026-05-01"), SVA_EFFECT_NO_LONGER);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths_that_leave_the_folder_are_not_plain),
        cmocka_unit_test(patterns_match_whole_names),
        cmocka_unit_test(the_models_digest_is_what_sha256sum_prints),
        cmocka_unit_test(without_a_register_documents_are_not_checked_and_not_counted),
        cmocka_unit_test(with_a_register_what_is_missing_asks_for_review),
        cmocka_unit_test(the_latest_judgement_about_the_rule_decides),
        cmocka_unit_test(a_judgement_about_another_model_is_not_taken),
        cmocka_unit_test(a_pattern_of_tensors_covers_only_findings_on_these),
        cmocka_unit_test(a_pack_says_whether_it_is_in_force),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
