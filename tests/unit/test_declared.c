/* SPDX-License-Identifier: Apache-2.0 */
/* Declarations of origin: what is collected, how names fit, what the weights say to them. */
#include "model_builder.h"

#include "base/memory.h"
#include "judge/case_facts.h"
#include "judge/model_name.h"
#include "judge/relation.h"
#include "judge_case.h"
#include "model/card_prose.h"

static const tensor_spec specs[] = {"model.embed_tokens.weight 16x8",
                                    "model.layers.0.self_attn.q_proj.weight 8x8",
                                    "model.norm.weight 8", NULL};

/* ---- names ---- */

static void names_fit_by_level(void **state)
{
    (void)state;
    static const struct {
        const char *claim, *reference, *publisher;
        enum sva_name_level level;
    } cases[] = {
        {"Qwen/Qwen2.5-7B", "qwen/qwen2.5-7b", "", SVA_NAME_EXACT},
        {"https://huggingface.co/Qwen/Qwen2.5-7B/tree/main", "Qwen/Qwen2.5-7B", "", SVA_NAME_EXACT},
        {"kim-lab/reference", "reference", "Kim Lab", SVA_NAME_EXACT},
        {"Qwen/Qwen2.5-7B", "Qwen2.5-7B", "Alibaba Cloud", SVA_NAME_SAME},
        {"Qwen2.5 7B", "Qwen/Qwen2.5-7B", "", SVA_NAME_SAME},
        {"/data/models/Qwen2.5-7B/", "Qwen/Qwen2.5-7B", "", SVA_NAME_SAME},
        {"mirror/Qwen2.5-7B", "Qwen/Qwen2.5-7B", "", SVA_NAME_ELSEWHERE},
        {"Qwen/Qwen2.5-7B", "Qwen/Qwen2.5-7B-Instruct", "", SVA_NAME_VARIANT},
        {"bart/Qwen2.5-7B-Instruct-GGUF", "Qwen/Qwen2.5-7B", "", SVA_NAME_VARIANT},
        {"Qwen/Qwen2.5-7B-Instruct", "Qwen/Qwen2.5-7B-Coder", "", SVA_NAME_FAMILY},
        {"Llama", "meta-llama/Llama-3.1-8B", "", SVA_NAME_FAMILY},
        {"org/base-7b", "org/base-7b-2", "", SVA_NAME_FAMILY},
        {"Qwen/Qwen2.5-7B", "Qwen/Qwen2.5-72B", "", SVA_NAME_OTHER},
        {"org/based", "org/base", "", SVA_NAME_OTHER},
        {"", "org/base", "", SVA_NAME_OTHER},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct sva_model_name a = sva_model_name_of(cases[i].claim);
        const struct sva_model_name b =
            sva_model_name_of_reference(cases[i].reference, cases[i].publisher);
        if (sva_model_name_level(&a, &b) != cases[i].level ||
            sva_model_name_level(&b, &a) != cases[i].level) {
            fail_msg("%s and %s: level %d", cases[i].claim, cases[i].reference,
                     (int)sva_model_name_level(&a, &b));
        }
    }
}

/* ---- prose ---- */

static void sentences_are_told_apart(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum sva_prose_kind kind;
    } cases[] = {
        {"It is fine-tuned from Qwen2.5-7B.", SVA_PROSE_ORIGIN},
        {"본 모델은 Qwen2.5-7B를 기반으로 합니다.", SVA_PROSE_ORIGIN},
        {"The model was trained from scratch on 2 T tokens.", SVA_PROSE_SCRATCH},
        {"본 모델은 처음부터 학습하였습니다.", SVA_PROSE_SCRATCH},
        {"가중치를 무작위로 초기화한 뒤 학습하였습니다.", SVA_PROSE_SCRATCH},
        {"It was not trained from scratch.", SVA_PROSE_ORIGIN},
        {"Rather than training from scratch, we tuned it.", SVA_PROSE_NONE},
        {"처음부터 학습한 모델이 아닙니다.", SVA_PROSE_NONE},
        {"The tokenizer was trained from scratch.", SVA_PROSE_ORIGIN},
        {"It scores higher than Llama-3.1-8B.", SVA_PROSE_NAME},
        {"A model of ours, 12 GB.", SVA_PROSE_NONE},
        {"A database of texts.", SVA_PROSE_NONE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        if (sva_prose_kind_of(cases[i].text, strlen(cases[i].text)) != cases[i].kind) {
            fail_msg("%s", cases[i].text);
        }
    }
}

static void expect_fact(const struct sva_model *model, const char *key, const char *value)
{
    const char *const found = sva_model_fact(model, key);
    if (found == NULL || strcmp(found, value) != 0) {
        fail_msg("%s is \"%s\"", key, found != NULL ? found : "(none)");
    }
}

static void a_sentence_is_kept_with_the_line_in_which_it_begins(void **state)
{
    (void)state;
    struct temp_tree tree;
    tree_make(&tree);
    tree_tensors(&tree, "model.safetensors", specs);
    tree_text(&tree, "README.md",
              "---\nlicense: mit\n---\n# Card\n\nHello. This model is based\non Qwen/Qwen2.5-7B. "
              "More.\nIt was trained from\nscratch.\n\n```\nfinetuned from Llama-3.1-8B\n```\n"
              "| trained from scratch | GPT-2 |\n");
    struct sva_model *const model = tree_open(&tree, "");
    expect_fact(model, "prose.file", "README.md");
    expect_fact(model, "prose.origin.000006.000", "This model is based on Qwen/Qwen2.5-7B.");
    expect_fact(model, "prose.scratch.000008.000", "It was trained from scratch.");
    expect_fact(model, "prose.name.000012.000", "finetuned from Llama-3.1-8B");
    assert_null(sva_model_fact(model, "prose.scratch.000014.000"));
    sva_model_close(model);
    tree_remove(&tree);
}

static void what_does_not_fit_is_counted(void **state)
{
    (void)state;
    struct temp_tree tree;
    static char card[100 * 24 + 1];
    tree_make(&tree);
    tree_tensors(&tree, "model.safetensors", specs);
    for (int i = 0; i < 100; i++) {
        memcpy(card + (size_t)i * 24, "- based on something .  ", 24);
        card[i * 24 + 23] = '\n';
    }
    tree_text(&tree, "README.md", card);
    struct sva_model *const model = tree_open(&tree, "");
    expect_fact(model, "prose.left_out", "52");
    sva_model_close(model);
    tree_remove(&tree);
}

/* ---- merge recipes ---- */

static void a_merge_recipe_names_its_models(void **state)
{
    (void)state;
    struct temp_tree tree;
    tree_make(&tree);
    tree_tensors(&tree, "model.safetensors", specs);
    tree_text(&tree, "mergekit_config.yml",
              "base_model: \"org/base\" # b\nmerge_method: ties\nmodels:\n  - model: org/a-7B\n"
              "    parameters: {weight: 1}\n  - model: 'org/b'\n  - model: org/a-7B\n"
              "slices:\n- sources:\n  - layer_range: [0, 4]\n    model: org/c\n"
              "  - model: *alias\n");
    struct sva_model *const model = tree_open(&tree, "");
    expect_fact(model, "merge.file", "mergekit_config.yml");
    expect_fact(model, "merge.method", "ties");
    expect_fact(model, "merge.base_model", "org/base");
    expect_fact(model, "merge.model.00", "org/a-7B");
    expect_fact(model, "merge.model.01", "org/b");
    expect_fact(model, "merge.model.02", "org/c");
    assert_null(sva_model_fact(model, "merge.model.03"));
    sva_model_close(model);
    tree_remove(&tree);
}

/* ---- relations ---- */

static void a_relation_is_checked_against_the_kind_of_derivation(void **state)
{
    (void)state;
    static const struct {
        const char *relation, *first, *second;
        enum sva_relation_state state;
    } cases[] = {
        {"quantized", "quantised-copy", "copy", SVA_RELATION_AGREES},
        {"quantized", "copy", "fine-tuned", SVA_RELATION_DIFFERS},
        {"Quantized", "quantised-derivative", "copy", SVA_RELATION_OPEN},
        {"finetune", "copy", "fine-tuned", SVA_RELATION_AGREES},
        {"finetune", "copy", "quantised-copy", SVA_RELATION_DIFFERS},
        {"finetune", "continued-pretraining", "copy", SVA_RELATION_AGREES},
        {"adapter", "merged-adapter", "copy", SVA_RELATION_AGREES},
        {"adapter", "fine-tuned", "fine-tuned", SVA_RELATION_DIFFERS},
        {"merge", "merged", "copy", SVA_RELATION_AGREES},
        {"merge", "copy", "copy", SVA_RELATION_DIFFERS},
        {"distilled", "fine-tuned", "copy", SVA_RELATION_OPEN},
        {"finetune", "pruned", "pruned", SVA_RELATION_OPEN},
        {"", "copy", "copy", SVA_RELATION_NOT_STATED},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct sva_component_result results[2] = {
            {.answer = SVA_ANSWER_DERIVED, .derivation = cases[i].first},
            {.answer = SVA_ANSWER_DERIVED, .derivation = cases[i].second}};
        const struct sva_comparison comparison = {.component_count = 2, .components = results};
        const char *derivation = "";
        const enum sva_relation_state found =
            sva_relation_check(cases[i].relation, SVA_NAME_EXACT, &comparison, &derivation);
        if (found != cases[i].state) {
            fail_msg("%s, %s, %s: %d", cases[i].relation, cases[i].first, cases[i].second,
                     (int)found);
        }
    }
}

/* ---- against the weights ---- */

/** Reconciles a case by the built-in facts database; free both. */
static const struct sva_declared *reconcile(struct judge_case *test, struct sva_known **known,
                                            struct sva_knowledge **knowledge)
{
    struct sva_error error = {0};
    assert_int_equal(sva_known_load(NULL, known, &error), SVA_OK);
    assert_int_equal(sva_knowledge_make(*known, &test->source, knowledge, &error), SVA_OK);
    test->source.knowledge = *knowledge;
    return (*knowledge)->declared;
}

static void end(struct judge_case *test, struct sva_known *known, struct sva_knowledge *knowledge)
{
    judge_end(test);
    sva_knowledge_free(knowledge);
    sva_known_free(known);
}

static const struct sva_claim *claim_named(const struct sva_declared *declared, const char *where,
                                           const char *name)
{
    for (size_t i = 0; i < declared->claim_count; i++) {
        if (strcmp(declared->claims[i].where, where) == 0 &&
            strcmp(declared->claims[i].name, name) == 0) {
            return &declared->claims[i];
        }
    }
    fail_msg("no claim of %s in %s", name, where);
    return NULL;
}

static void every_declaration_is_collected_with_its_place(void **state)
{
    (void)state;
    static const struct {
        const char *where, *name, *file, *place;
        uint32_t line;
        enum sva_claim_strength strength;
    } expected[] = {
        {"model-card", "a/one", "README.md", "base_model", 0, SVA_CLAIM_FIELD},
        {"model-card", "a/two", "README.md", "base_model", 0, SVA_CLAIM_FIELD},
        {"config", "b/three", "config.json", "_name_or_path", 0, SVA_CLAIM_FIELD},
        {"adapter-config", "c/four", "adapter_config.json", "base_model_name_or_path", 0,
         SVA_CLAIM_FIELD},
        {"weight-file", "Lab/Five 7B", "model.gguf", "general.base_model.0.name", 0,
         SVA_CLAIM_FIELD},
        {"weight-file", "https://hub.example/d/six", "model.gguf", "general.source.repo_url", 0,
         SVA_CLAIM_FIELD},
        {"merge-recipe", "e/seven", "mergekit_config.yml", "models", 0, SVA_CLAIM_FIELD},
        {"notice", "Llama 3.1", "NOTICE", "", 2, SVA_CLAIM_NOTICE},
        {"licence", "Llama", "LICENSE", "Built with Llama", 0, SVA_CLAIM_NOTICE},
        {"prose", "Qwen/Qwen2.5-7B", "README.md", "", 12, SVA_CLAIM_PROSE},
        {"prose", "Qwen2", "README.md", "", 20, SVA_CLAIM_PROSE},
        {"prose", "GPT-2", "README.md", "", 3, SVA_CLAIM_MENTION},
    };
    struct judge_case test;
    struct sva_known *known = NULL;
    struct sva_knowledge *knowledge = NULL;
    judge_begin(&test);
    judge_fact(&test, "adapter.base_model_name_or_path", "c/four");
    judge_fact(&test, "card.base_model", "a/one, a/two");
    judge_fact(&test, "config._name_or_path", "b/three");
    judge_fact(&test, "gguf.base_model.0.name", "Five 7B");
    judge_fact(&test, "gguf.base_model.0.organization", "Lab");
    judge_fact(&test, "gguf.source.repo_url", "https://hub.example/d/six");
    judge_fact(&test, "licence.shown.0", "Built with Llama: LICENSE");
    judge_fact(&test, "merge.file", "mergekit_config.yml");
    judge_fact(&test, "merge.model.00", "e/seven");
    judge_fact(&test, "notice.0.file", "NOTICE");
    judge_fact(&test, "notice.0.text", "Parts:\nLlama 3.1 is licensed by Meta.");
    judge_fact(&test, "prose.file", "README.md");
    judge_fact(&test, "prose.name.000003.000",
               "Better than GPT-2 and solar power; GPT-2-XL-Chat, not-GPT-2, gpt2_9 aside.");
    judge_fact(&test, "prose.origin.000012.001",
               "Based on [x](https://h.example/Qwen/Qwen2.5-7B).");
    judge_fact(&test, "prose.origin.000020.000",
               "Also Qwen/Qwen2.5-7B, and subject, and a Qwen2-based one.");
    const struct sva_declared *const declared = reconcile(&test, &known, &knowledge);
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        const struct sva_claim *const claim =
            claim_named(declared, expected[i].where, expected[i].name);
        assert_string_equal(claim->file, expected[i].file);
        assert_string_equal(claim->place, expected[i].place);
        assert_int_equal(claim->line, expected[i].line);
        assert_int_equal(claim->strength, expected[i].strength);
        assert_int_equal(claim->state, SVA_CLAIM_NO_REFERENCE);
    }
    assert_int_equal(declared->claim_count, sizeof expected / sizeof *expected);
    end(&test, known, knowledge);
}

static void declarations_meet_what_was_observed(void **state)
{
    (void)state;
    struct judge_case test;
    struct sva_known *known = NULL;
    struct sva_knowledge *knowledge = NULL;
    judge_begin(&test);
    judge_add(&test, "org/tuned-7b", "2025-01-01", SVA_ANSWER_NOT_COMPARABLE, SVA_ANSWER_DERIVED);
    judge_add(&test, "org/other-7b", "2025-01-01", SVA_ANSWER_NOT_COMPARABLE,
              SVA_ANSWER_NO_EVIDENCE);
    judge_add(&test, "org/tower", "2025-01-01", SVA_ANSWER_NOT_COMPARABLE,
              SVA_ANSWER_NOT_COMPARABLE);
    judge_add(&test, "Qwen/Qwen2.5-7B", "2025-01-01", SVA_ANSWER_DERIVED, SVA_ANSWER_NO_EVIDENCE);
    test.results[0][TEXT].derivation = "fine-tuned";
    judge_fact(&test, "card.base_model",
               "org/tuned-7b, org/other-7b, org/tower, org/absent, org/other-7b-chat");
    judge_fact(&test, "card.base_model_relation", "quantized");
    judge_fact(&test, "prose.file", "README.md");
    judge_fact(&test, "prose.name.000009.000", "Faster than Qwen2.5-7B.");
    judge_fact(&test, "prose.scratch.000007.000", "Trained from scratch.");
    const struct sva_declared *const declared = reconcile(&test, &known, &knowledge);
    const struct sva_claim *const tuned = claim_named(declared, "model-card", "org/tuned-7b");
    assert_int_equal(tuned->state, SVA_CLAIM_OBSERVED);
    assert_int_equal(tuned->relation_state, SVA_RELATION_DIFFERS);
    assert_string_equal(tuned->derivation, "fine-tuned");
    assert_int_equal(claim_named(declared, "model-card", "org/other-7b")->state,
                     SVA_CLAIM_NOT_OBSERVED);
    assert_int_equal(claim_named(declared, "model-card", "org/tower")->state,
                     SVA_CLAIM_NOT_COMPARABLE);
    assert_int_equal(claim_named(declared, "model-card", "org/absent")->state,
                     SVA_CLAIM_NO_REFERENCE);
    const struct sva_claim *const chat = claim_named(declared, "model-card", "org/other-7b-chat");
    assert_int_equal(chat->state, SVA_CLAIM_NO_REFERENCE); /* its variant says nothing of it */
    assert_int_equal(chat->level, SVA_NAME_VARIANT);
    assert_int_equal(declared->undeclared_count, 1);
    assert_int_equal(declared->undeclared[0].compared, 3);
    assert_int_equal(declared->claims[declared->undeclared[0].mentioned].line, 9);
    assert_int_equal(declared->denial_count, 1);
    assert_int_equal(declared->denials[0].compared, 0);
    judge_run(&test, "kr-independent-ai-2026-02.json");
    judge_expect(&test, "E1.4", "", SVA_RULE_REVIEW);
    judge_expect(&test, "E1.1", "vision-encoder", SVA_RULE_FAIL); /* prose declares nothing */
    judge_expect(&test, "E1.1", "text-decoder", SVA_RULE_PASS);
    end(&test, known, knowledge);
}

static void a_variant_covers_the_model_and_its_observed_family(void **state)
{
    (void)state;
    struct judge_case test;
    struct sva_known *known = NULL;
    struct sva_knowledge *knowledge = NULL;
    judge_begin(&test);
    judge_add(&test, "Qwen/Qwen2.5-7B-Instruct", "2025-01-01", SVA_ANSWER_NOT_COMPARABLE,
              SVA_ANSWER_DERIVED);
    judge_add(&test, "Qwen/Qwen2.5-Math-7B", "2025-01-01", SVA_ANSWER_NOT_COMPARABLE,
              SVA_ANSWER_DERIVED);
    judge_fact(&test, "card.base_model", "Qwen/Qwen2.5-7B");
    const struct sva_declared *const declared = reconcile(&test, &known, &knowledge);
    const struct sva_claim *const claim = claim_named(declared, "model-card", "Qwen/Qwen2.5-7B");
    assert_int_equal(claim->state, SVA_CLAIM_OBSERVED);
    assert_int_equal(claim->level, SVA_NAME_VARIANT);
    assert_true(declared->covered[0] && declared->covered[1]);
    assert_int_equal(declared->undeclared_count, 0);
    judge_run(&test, "kr-independent-ai-2026-02.json");
    judge_expect(&test, "E1.1", "text-decoder", SVA_RULE_PASS);
    judge_expect(&test, "E1.4", "", SVA_RULE_PASS);
    end(&test, known, knowledge);
}

static void own_and_later_references_need_no_declaration(void **state)
{
    (void)state;
    struct judge_case test;
    struct sva_known *known = NULL;
    struct sva_knowledge *knowledge = NULL;
    judge_begin(&test);
    judge_add(&test, "earlier", "2025-01-01", SVA_ANSWER_DERIVED, SVA_ANSWER_DERIVED)->publisher =
        "us";
    judge_add(&test, "later", "2026-09-01", SVA_ANSWER_DERIVED, SVA_ANSWER_DERIVED);
    test.own[0] = "us";
    test.source.own_count = 1;
    judge_fact(&test, "prose.file", "README.md");
    judge_fact(&test, "prose.scratch.000002.000", "처음부터 학습한 모델입니다.");
    const struct sva_declared *const declared = reconcile(&test, &known, &knowledge);
    assert_int_equal(declared->undeclared_count, 0);
    assert_int_equal(declared->denials[0].compared, SIZE_MAX);
    judge_run(&test, "kr-independent-ai-2026-02.json");
    judge_expect(&test, "E1.4", "", SVA_RULE_NOT_APPLICABLE);
    end(&test, known, knowledge);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_fit_by_level),
        cmocka_unit_test(sentences_are_told_apart),
        cmocka_unit_test(a_sentence_is_kept_with_the_line_in_which_it_begins),
        cmocka_unit_test(what_does_not_fit_is_counted),
        cmocka_unit_test(a_merge_recipe_names_its_models),
        cmocka_unit_test(a_relation_is_checked_against_the_kind_of_derivation),
        cmocka_unit_test(every_declaration_is_collected_with_its_place),
        cmocka_unit_test(declarations_meet_what_was_observed),
        cmocka_unit_test(a_variant_covers_the_model_and_its_observed_family),
        cmocka_unit_test(own_and_later_references_need_no_declaration),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
