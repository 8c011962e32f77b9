/* SPDX-License-Identifier: Apache-2.0 */
/** Hand-made cases for tests of the judge. Every include needs cmocka.h before it. */
#ifndef SVA_TESTS_JUDGE_CASE_H
#define SVA_TESTS_JUDGE_CASE_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sovaudit/judge.h>

enum {
    JUDGE_COMPONENTS = 2,
    JUDGE_REFERENCES = 8,
    JUDGE_FACTS = 24,
    JUDGE_HITS = 8,
    VISION = 0,
    TEXT = 1
};

/** A subject of a vision encoder and a text decoder, and what it was compared with. */
struct judge_case {
    struct sva_print subject;
    struct sva_print_component components[JUDGE_COMPONENTS];
    struct sva_print_tensor tensors[JUDGE_COMPONENTS];
    struct sva_print_file files[3];
    struct sva_fact facts[JUDGE_FACTS];
    struct sva_compared compared[JUDGE_REFERENCES];
    struct sva_comparison comparisons[JUDGE_REFERENCES];
    struct sva_component_result results[JUDGE_REFERENCES][JUDGE_COMPONENTS];
    struct sva_exact_hit hits[JUDGE_HITS];
    const char *own[2];
    struct sva_case source;
    struct sva_rulepack *pack;
    struct sva_verdict *verdict;
};

static inline void judge_begin(struct judge_case *test)
{
    *test = (struct judge_case){0};
    test->components[VISION] = (struct sva_print_component){
        .name = "vision-encoder", .kind = SVA_COMPONENT_VISION_ENCODER, .parameter_count = 100};
    test->components[TEXT] = (struct sva_print_component){
        .name = "text-decoder", .kind = SVA_COMPONENT_TEXT_DECODER, .parameter_count = 900};
    test->tensors[VISION] = (struct sva_print_tensor){
        .name = "visual.blocks.0.weight", .component = VISION, .element_count = 100};
    test->tensors[TEXT] = (struct sva_print_tensor){
        .name = "model.layers.0.weight", .component = TEXT, .element_count = 900};
    test->files[0] = (struct sva_print_file){
        .path = "model.safetensors", .kind = SVA_FILE_SAFETENSORS, .hashed = true};
    test->subject = (struct sva_print){.method_version = SVA_METHOD_VERSION,
                                       .name = "subject",
                                       .parameter_count = 1000,
                                       .component_count = JUDGE_COMPONENTS,
                                       .components = test->components,
                                       .tensor_count = JUDGE_COMPONENTS,
                                       .tensors = test->tensors,
                                       .file_count = 1,
                                       .files = test->files,
                                       .facts = test->facts};
    test->source = (struct sva_case){.subject = &test->subject,
                                     .compared = test->compared,
                                     .hits = test->hits,
                                     .own = test->own,
                                     .subject_date = "2026-01-10"};
    static const char *const counts[] = {"code.entries.unresolved", "code.possible_downloads",
                                         "code.run_time_downloads"};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        test->facts[test->subject.fact_count++] = (struct sva_fact){counts[i], "0"};
    }
}

/** Gives a fact that is there already another value; NULL takes it away. */
static inline void judge_change_fact(struct judge_case *test, const char *key, const char *value)
{
    for (size_t i = 0; i < test->subject.fact_count; i++) {
        if (strcmp(test->facts[i].key, key) == 0) {
            test->facts[i].value = value != NULL ? value : "";
        }
    }
}

/** Adds a reference with the answers for vision and text; publisher "lab". Returns its record. */
static inline struct sva_reference *judge_add(struct judge_case *test, const char *name,
                                              const char *released, enum sva_answer vision,
                                              enum sva_answer text)
{
    const size_t i = test->source.compared_count++;
    const enum sva_answer answers[JUDGE_COMPONENTS] = {vision, text};
    assert_true(i < JUDGE_REFERENCES);
    test->source.reference_count++;
    test->comparisons[i].component_count = JUDGE_COMPONENTS;
    test->comparisons[i].components = test->results[i];
    for (int c = 0; c < JUDGE_COMPONENTS; c++) {
        const bool match = answers[c] <= SVA_ANSWER_DEPENDENT_UNEXPLAINED;
        test->results[i][c] = (struct sva_component_result){
            .name = test->components[c].name,
            .answer = answers[c],
            .derivation = "",
            .rho = match ? 0.9951 : 0.001,
            .rho_se = 0.002,
            .detectable_rho = 0.0125 + 0.001 * (double)i,
            .coverage = match ? 0.75 : 0,
            .log10_p_adjusted = match ? -21.5 : 0,
        };
    }
    test->compared[i].comparison = &test->comparisons[i];
    test->compared[i].reference = (struct sva_reference){.name = name,
                                                         .version = "",
                                                         .publisher = "lab",
                                                         .licence = "",
                                                         .released = released,
                                                         .derived_from = "",
                                                         .source = "",
                                                         .added = ""};
    return &test->compared[i].reference;
}

/** Adds a subject's fact; the caller keeps them sorted. */
static inline void judge_fact(struct judge_case *test, const char *key, const char *value)
{
    assert_true(test->subject.fact_count < JUDGE_FACTS);
    test->facts[test->subject.fact_count++] = (struct sva_fact){key, value};
}

static inline void judge_file(struct judge_case *test, const char *path, enum sva_file_kind kind)
{
    assert_true(test->subject.file_count < 3);
    test->files[test->subject.file_count++] = (struct sva_print_file){.path = path, .kind = kind};
}

static inline void judge_hit(struct judge_case *test, const char *reference, bool is_file,
                             uint32_t index)
{
    test->hits[test->source.hit_count++] =
        (struct sva_exact_hit){.reference_name = reference,
                               .reference_version = "",
                               .is_file = is_file,
                               .subject_index = index,
                               .reference_item = is_file ? "theirs.safetensors" : "their.weight"};
}

/** Judges by a pack of the source tree: "kr-independent-ai-2026-01.json", perhaps with "#profile".
 */
static inline enum sva_verdict_kind judge_run(struct judge_case *test, const char *pack)
{
    struct sva_error error = {0};
    char path[1024];
    (void)snprintf(path, sizeof path, "%s/rules/%s", SVA_SOURCE_DIR, pack);
    if (sva_rulepack_load(path, &test->pack, &error) != SVA_OK ||
        sva_judge(test->pack, &test->source, &test->verdict, &error) != SVA_OK) {
        fail_msg("%s", error.text);
    }
    return test->verdict->kind;
}

static inline void judge_end(struct judge_case *test)
{
    sva_verdict_free(test->verdict);
    sva_rulepack_free(test->pack);
}

/** The result of a rule for a component ("" = whole model); fails the test when there is none. */
static inline const struct sva_rule_result *judge_result(const struct judge_case *test,
                                                         const char *rule, const char *component)
{
    for (size_t i = 0; i < test->verdict->result_count; i++) {
        const struct sva_rule_result *result = &test->verdict->results[i];
        if (strcmp(result->rule, rule) == 0 && strcmp(result->component, component) == 0) {
            return result;
        }
    }
    fail_msg("no result of %s for \"%s\"", rule, component);
    return NULL;
}

static inline void judge_expect(const struct judge_case *test, const char *rule,
                                const char *component, enum sva_rule_verdict verdict)
{
    const struct sva_rule_result *result = judge_result(test, rule, component);
    if (result->verdict != verdict) {
        fail_msg("%s of \"%s\" is %s, not %s: %s", rule, component,
                 sva_rule_verdict_name(result->verdict), sva_rule_verdict_name(verdict),
                 result->detail_en);
    }
}

#endif
