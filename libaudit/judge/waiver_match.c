/* SPDX-License-Identifier: Apache-2.0 */
/* Which results a waiver covers. */
#include <string.h>

#include "judge/glob.h"
#include "judge/waivers.h"

static bool has_rule(const struct sva_rulepack *pack, const char *id)
{
    for (size_t i = 0; i < pack->info.rule_count; i++) {
        if (strcmp(pack->rules[i].id, id) == 0) {
            return true;
        }
    }
    return false;
}

static enum sva_waiver_state first_state(const struct sva_case *source,
                                         const struct sva_rulepack *pack, const uint8_t *model,
                                         const struct sva_waiver *waiver)
{
    if (!has_rule(pack, waiver->rule)) {
        return SVA_WAIVER_UNKNOWN_RULE;
    }
    if (model == NULL || memcmp(waiver->model, model, SVA_DIGEST_BYTES) != 0) {
        return SVA_WAIVER_OTHER_MODEL;
    }
    if (source->as_of == NULL || strcmp(source->as_of, waiver->expires) > 0) {
        return SVA_WAIVER_EXPIRED; /* without a day nothing is known to be valid */
    }
    return strcmp(source->as_of, waiver->date) < 0 ? SVA_WAIVER_NOT_YET : SVA_WAIVER_UNUSED;
}

void sva_waivers_begin(const struct sva_case *source, const struct sva_rulepack *pack,
                       enum sva_waiver_state *states)
{
    uint8_t digest[SVA_DIGEST_BYTES];
    const size_t count = source->waivers != NULL ? source->waivers->count : 0;
    const uint8_t *model = count > 0 && sva_model_digest(source->subject, digest) ? digest : NULL;
    for (size_t i = 0; i < count; i++) {
        states[i] = first_state(source, pack, model, &source->waivers->items[i]);
    }
}

/* ---- tensors ---- */

/* Every exact copy of the scope fits; false when there is none. */
static bool exact_items_fit(const struct sva_case *source, const struct sva_scope_facts *scope,
                            const char *pattern)
{
    for (size_t i = 0; i < scope->exact_count; i++) {
        const struct sva_exact_item *item = &scope->exact[i];
        const char *name = item->scope == UINT32_MAX
                               ? source->subject->files[item->subject_index].path
                               : source->subject->tensors[item->subject_index].name;
        if (!sva_glob_matches(pattern, name)) {
            return false;
        }
    }
    return scope->exact_count > 0;
}

/* Every tensor that agrees with a reference's fits; false when none is known. */
static bool matches_fit(const struct sva_case *source, const struct sva_scope_facts *scope,
                        const char *pattern)
{
    bool any = false;
    for (size_t i = 0; i < scope->match_count; i++) {
        const struct sva_component_result *result = scope->matches[i].result;
        for (size_t k = 0; k < result->match_count; k++) {
            const uint32_t tensor = result->matches[k].subject_tensor;
            any = true;
            if (!sva_glob_matches(pattern, source->subject->tensors[tensor].name)) {
                return false;
            }
        }
        if (result->match_count == 0) {
            return false; /* the whole component agrees, no tensor alone */
        }
    }
    return any;
}

static bool tensors_fit(const struct sva_case *source, const struct sva_scope_facts *scope,
                        const struct sva_rule *rule, const char *pattern)
{
    if (strcmp(pattern, "*") == 0) {
        return true;
    }
    return rule->fact == SVA_FACT_EXACT_EXTERNAL ? exact_items_fit(source, scope, pattern)
                                                 : matches_fit(source, scope, pattern);
}

const struct sva_waiver *sva_waiver_for(const struct sva_case *source,
                                        const struct sva_scope_facts *scope,
                                        const struct sva_rule *rule, enum sva_waiver_state *states)
{
    const size_t count = source->waivers != NULL ? source->waivers->count : 0;
    const char *component = scope->component != NULL ? scope->component->name : "";
    for (size_t i = 0; i < count; i++) {
        const struct sva_waiver *waiver = &source->waivers->items[i];
        if (states[i] <= SVA_WAIVER_UNUSED && strcmp(waiver->rule, rule->id) == 0 &&
            sva_glob_matches(waiver->component, component) &&
            tensors_fit(source, scope, rule, waiver->tensor)) {
            states[i] = SVA_WAIVER_USED;
            return waiver;
        }
    }
    return NULL;
}
