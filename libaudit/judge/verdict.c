/* SPDX-License-Identifier: Apache-2.0 */
/* Facts and rules -> verdict. */
#include <string.h>

#include "base/fail.h"
#include "judge/glob.h"
#include "judge/rule_decide.h"
#include "judge/waivers.h"
#include "judge/wording.h"

static const char *const rule_verdict_names[] = {
    [SVA_RULE_PASS] = "pass",
    [SVA_RULE_FAIL] = "fail",
    [SVA_RULE_REVIEW] = "review",
    [SVA_RULE_NOT_APPLICABLE] = "not-applicable",
    [SVA_RULE_NOT_CHECKED] = "not-checked",
    [SVA_RULE_ERROR] = "error",
    [SVA_RULE_INFORMATIONAL] = "informational",
};

static const char *const verdict_names[] = {
    [SVA_VERDICT_PASS] = "pass",
    [SVA_VERDICT_FAIL] = "fail",
    [SVA_VERDICT_REVIEW] = "review",
    [SVA_VERDICT_INCOMPLETE] = "incomplete",
    [SVA_VERDICT_NOT_AUDITABLE] = "not-auditable",
};

const char *sva_rule_verdict_name(enum sva_rule_verdict verdict)
{
    return rule_verdict_names[verdict];
}

const char *sva_verdict_name(enum sva_verdict_kind verdict)
{
    return verdict_names[verdict];
}

/* What a verdict owns, behind `internal`. */
struct verdict_memory {
    struct sva_arena arena;
};

struct judging {
    const struct sva_rulepack *pack;
    const struct sva_case_facts *facts;
    struct sva_arena *arena;
    struct sva_rule_result *results;
    size_t count;
    enum sva_waiver_state *waiver_states;
};

/* ---- one rule ---- */

static enum sva_rule_verdict cap(enum sva_rule_verdict verdict, enum sva_rule_verdict worst)
{
    if (worst == SVA_RULE_FAIL) {
        return verdict;
    }
    if (verdict == SVA_RULE_FAIL) {
        return worst;
    }
    if (worst == SVA_RULE_INFORMATIONAL && verdict == SVA_RULE_REVIEW) {
        return worst;
    }
    return verdict;
}

/* Worst verdict that the profile lets the rule give. */
static enum sva_rule_verdict worst_of(const struct judging *judging, const struct sva_rule *rule)
{
    const struct sva_profile *profile = judging->pack->profile;
    return profile->informs[rule - judging->pack->rules] ? SVA_RULE_INFORMATIONAL : profile->cap;
}

/* What the profile and the waivers make of a verdict. */
static void weigh(struct judging *judging, const struct sva_rule *rule,
                  const struct sva_scope_facts *scope, const struct sva_decision *decision,
                  struct sva_rule_result *result)
{
    const struct sva_case *source = judging->facts->source;
    const bool unasked = decision->missing && source->evidence == NULL &&
                         judging->pack->profile->documents_when_given &&
                         sva_rule_wants_documents(rule);
    result->counted = !unasked;
    result->verdict = unasked && decision->verdict != SVA_RULE_INFORMATIONAL
                          ? SVA_RULE_NOT_CHECKED
                          : cap(decision->verdict, worst_of(judging, rule));
    const bool waivable = result->verdict == SVA_RULE_FAIL || result->verdict == SVA_RULE_REVIEW ||
                          result->verdict == SVA_RULE_NOT_CHECKED;
    result->waiver = waivable ? sva_waiver_for(source, scope, rule, judging->waiver_states) : NULL;
    result->waived = result->waiver != NULL;
}

static enum sva_status apply(struct judging *judging, const struct sva_rule *rule,
                             const struct sva_scope_facts *scope, struct sva_error *error)
{
    /* The words follow the rule itself; the profile only limits how much they weigh. */
    struct sva_wording wording = {0};
    struct sva_rule_documents documents;
    struct sva_scope_facts *own = sva_arena_alloc(judging->arena, 1, sizeof *own);
    enum sva_status status = own != NULL
                                 ? sva_rule_documents_find(judging->facts, rule, &documents, error)
                                 : sva_fail_memory(error, "judging");
    if (status != SVA_OK) {
        return status;
    }
    *own = *scope;
    sva_rule_documents_set(judging->facts, &documents, own);
    const struct sva_decision decision = sva_rule_decide(rule, own->values);
    status =
        sva_wording_make(judging->facts, own, rule, &documents, decision.verdict, &wording, error);
    if (status != SVA_OK) {
        return status;
    }
    const char *component = scope->component != NULL ? scope->component->name : "";
    struct sva_rule_result *result = &judging->results[judging->count];
    *result = (struct sva_rule_result){
        .rule = sva_arena_strdup(judging->arena, rule->id),
        .component = sva_arena_strdup(judging->arena, component),
        .reference = wording.reference,
        .detail_en = wording.en,
        .detail_ko = wording.ko,
        .missing_count = documents.missing_count,
        .missing = documents.missing,
        .document_count = documents.count,
        .documents = documents.items,
    };
    weigh(judging, rule, own, &decision, result);
    if (result->rule == NULL || result->component == NULL) {
        return sva_fail_memory(error, "judging");
    }
    judging->count++;
    return SVA_OK;
}

/* Is the component one that the rule selects by its name? */
static bool selects(const struct sva_rule *rule, const char *name)
{
    for (size_t i = 0; i < rule->name_count; i++) {
        if (sva_glob_matches(rule->names[i], name)) {
            return true;
        }
    }
    return rule->name_count == 0;
}

static enum sva_status apply_everywhere(struct judging *judging, const struct sva_rule *rule,
                                        struct sva_error *error)
{
    const struct sva_case_facts *facts = judging->facts;
    enum sva_status status = SVA_OK;
    if ((rule->scopes & SVA_SCOPE_COMPONENT) != 0) {
        for (size_t i = 0; i < facts->component_count && status == SVA_OK; i++) {
            const struct sva_scope_facts *scope = &facts->components[i];
            if ((rule->kinds >> scope->component->kind & 1U) != 0 &&
                selects(rule, scope->component->name)) {
                status = apply(judging, rule, scope, error);
            }
        }
    }
    if (status == SVA_OK && (rule->scopes & SVA_SCOPE_MODEL) != 0) {
        status = apply(judging, rule, &facts->model, error);
    }
    return status;
}

/* ---- the whole ---- */

static bool has(const struct judging *judging, enum sva_rule_verdict verdict)
{
    for (size_t i = 0; i < judging->count; i++) {
        const struct sva_rule_result *result = &judging->results[i];
        if (result->verdict == verdict && !result->waived && result->counted) {
            return true;
        }
    }
    return false;
}

/* A failed criterion counts even when other components could not be compared. */
static enum sva_verdict_kind conclude(const struct judging *judging)
{
    if (has(judging, SVA_RULE_FAIL)) {
        return SVA_VERDICT_FAIL;
    }
    if (has(judging, SVA_RULE_ERROR)) {
        return SVA_VERDICT_INCOMPLETE;
    }
    if (!judging->facts->model.values[SVA_FACT_MODEL_COMPARABLE].truth) {
        return SVA_VERDICT_NOT_AUDITABLE;
    }
    if (has(judging, SVA_RULE_REVIEW) || has(judging, SVA_RULE_NOT_CHECKED)) {
        return SVA_VERDICT_REVIEW;
    }
    return SVA_VERDICT_PASS;
}

static enum sva_status apply_all(struct judging *judging, struct sva_error *error)
{
    const struct sva_rulepack *pack = judging->pack;
    const size_t most = pack->info.rule_count * (judging->facts->component_count + 1);
    const struct sva_case *source = judging->facts->source;
    judging->results = sva_arena_alloc(judging->arena, most, sizeof *judging->results);
    judging->waiver_states =
        sva_arena_alloc(judging->arena, source->waivers != NULL ? source->waivers->count : 0,
                        sizeof *judging->waiver_states);
    if (judging->results == NULL || judging->waiver_states == NULL) {
        return sva_fail_memory(error, "judging");
    }
    sva_waivers_begin(source, pack, judging->waiver_states);
    enum sva_status status = SVA_OK;
    for (size_t i = 0; i < pack->info.rule_count && status == SVA_OK; i++) {
        if (pack->profile->applies[i]) {
            status = apply_everywhere(judging, &pack->rules[i], error);
        }
    }
    return status;
}

enum sva_status sva_judge(const struct sva_rulepack *pack, const struct sva_case *facts,
                          struct sva_verdict **verdict, struct sva_error *error)
{
    struct sva_verdict *made = sva_calloc(1, sizeof *made);
    struct verdict_memory *memory = sva_calloc(1, sizeof *memory);
    if (made == NULL || memory == NULL) {
        sva_free(made);
        sva_free(memory);
        return sva_fail_memory(error, "judging");
    }
    made->internal = memory;
    struct sva_case_facts computed;
    enum sva_status status = sva_case_facts_make(facts, &memory->arena, &computed, error);
    struct judging judging = {.pack = pack, .facts = &computed, .arena = &memory->arena};
    if (status == SVA_OK) {
        status = apply_all(&judging, error);
    }
    if (status == SVA_OK && memory->arena.failed) {
        status = sva_fail_memory(error, "judging");
    }
    if (status != SVA_OK) {
        sva_verdict_free(made);
        return status;
    }
    made->kind = conclude(&judging);
    made->results = judging.results;
    made->result_count = judging.count;
    made->waiver_states = judging.waiver_states;
    *verdict = made;
    return SVA_OK;
}

void sva_verdict_free(struct sva_verdict *verdict)
{
    if (verdict != NULL) {
        struct verdict_memory *memory = verdict->internal;
        sva_arena_done(&memory->arena);
        sva_free(memory);
        sva_free(verdict);
    }
}
