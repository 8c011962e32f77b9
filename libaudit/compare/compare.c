/* SPDX-License-Identifier: Apache-2.0 */
#include <sovaudit/compare.h>

#include <math.h>
#include <string.h>

#include "base/fail.h"
#include "base/pool.h"
#include "compare/code_similarity.h"
#include "compare/vocabulary_lineage.h"
#include "compare/decide.h"
#include "compare/factors.h"
#include "compare/layer_map.h"
#include "compare/open_equality.h"
#include "compare/places.h"
#include "kernel/dtype.h"

const char *sva_answer_name(enum sva_answer answer)
{
    static const char *const names[SVA_ANSWER_COUNT] = {
        "identical",            "derived",     "shared-initialisation",
        "dependent-unexplained", "no-evidence", "not-comparable"};
    return answer < SVA_ANSWER_COUNT ? names[answer] : "not-comparable";
}

const char *sva_p_label_name(enum sva_p_label label)
{
    static const char *const names[4] = {"exact", "bounded", "asymptotic", "empirical"};
    return label <= SVA_P_EMPIRICAL ? names[label] : "empirical";
}

const char *sva_start_use_name(enum sva_start_use use)
{
    static const char *const names[SVA_START_USE_COUNT] = {
        "",           "used",             "no-subject-weights", "no-reference-weights",
        "not-random", "not-the-subjects", "not-the-references", "not-comparable"};
    return use < SVA_START_USE_COUNT ? names[use] : "";
}

struct sva_compare_options sva_compare_options_default(void)
{
    return (struct sva_compare_options){.alpha_derived = 1e-9, .alpha_reject = 1e-4};
}

static bool pair_init(struct sva_pair *pair)
{
    const size_t count = pair->subject->tensor_count;
    pair->identical = sva_calloc(count, sizeof *pair->identical);
    pair->rounded = sva_calloc(count, sizeof *pair->rounded);
    pair->identical_reading = sva_calloc(count, sizeof *pair->identical_reading);
    pair->best_reading = sva_calloc(count, sizeof *pair->best_reading);
    pair->undone = sva_calloc(count, sizeof *pair->undone);
    pair->factor = sva_calloc(count, sizeof *pair->factor);
    pair->best = sva_calloc(count, sizeof *pair->best);
    pair->best_log10_p = sva_calloc(count, sizeof *pair->best_log10_p);
    pair->best_rho = sva_calloc(count, sizeof *pair->best_rho);
    pair->best_z = sva_calloc(count, sizeof *pair->best_z);
    pair->shared_rows = sva_calloc(count, sizeof *pair->shared_rows);
    pair->best_swapped = sva_calloc(count, sizeof *pair->best_swapped);
    if (pair->identical == NULL || pair->rounded == NULL || pair->identical_reading == NULL ||
        pair->best_reading == NULL || pair->undone == NULL || pair->factor == NULL || pair->best == NULL ||
        pair->best_log10_p == NULL || pair->best_rho == NULL || pair->best_z == NULL ||
        pair->shared_rows == NULL || pair->best_swapped == NULL) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        pair->identical[i] = -1;
        pair->best[i] = -1;
        pair->best_rho[i] = NAN;
        pair->best_z[i] = NAN;
    }
    return true;
}

static void pair_done(struct sva_pair *pair)
{
    sva_free(pair->identical);
    sva_free(pair->rounded);
    sva_free(pair->identical_reading);
    sva_free(pair->best_reading);
    sva_free(pair->undone);
    sva_free(pair->factor);
    sva_free(pair->best);
    sva_free(pair->best_log10_p);
    sva_free(pair->best_rho);
    sva_free(pair->best_z);
    sva_free(pair->shared_rows);
    sva_free(pair->best_swapped);
}

static enum sva_dtype narrower(enum sva_dtype a, enum sva_dtype b)
{
    return sva_dtype_get(a)->bits <= sva_dtype_get(b)->bits ? a : b;
}

/** Values that but for a few could be somebody's weights; integers are none by themselves. */
static bool is_poor(const struct sva_print_tensor *tensor)
{
    enum { POOR = SVA_INERT_CONSTANT | SVA_INERT_LOW_ENTROPY | SVA_INERT_FORMULA };
    return (tensor->inert & POOR) != 0 &&
           (sva_dtype_get(tensor->dtype)->is_float || tensor->dtype == SVA_DTYPE_PACKED);
}

/** Sums over the component's tensors that need no test. */
static void count_parameters(const struct sva_pair *pair, uint32_t component,
                             struct sva_component_evidence *evidence, uint64_t *inert)
{
    for (size_t i = 0; i < pair->subject->tensor_count; i++) {
        const struct sva_print_tensor *tensor = &pair->subject->tensors[i];
        if (tensor->component != component) {
            continue;
        }
        if (!sva_bears_evidence(tensor)) {
            *inert += tensor->element_count;
            evidence->poor_parameters += is_poor(tensor) ? tensor->element_count : 0;
            continue;
        }
        evidence->evidence_parameters += tensor->element_count;
        if (pair->identical[i] >= 0) {
            const struct sva_print_tensor *partner =
                &pair->reference->tensors[pair->identical[i]];
            evidence->identical_parameters += tensor->element_count;
            if (pair->rounded[i]) {
                evidence->rounded_parameters += tensor->element_count;
                evidence->rounded_dtype = narrower(tensor->dtype, partner->dtype);
            }
            evidence->identical_tensors += tensor->vector_length == 0 ? 1 : 0;
            evidence->retyped = evidence->retyped || tensor->dtype != partner->dtype;
            if (evidence->reference_component == SVA_NO_COMPONENT) {
                evidence->reference_component = (int32_t)partner->component;
            }
        }
    }
    if (evidence->evidence_parameters == 0) {
        evidence->untestable = "every tensor is constant, computed by a formula or unreadable";
    }
}

/** The size along the layer map: the joint residual test lays layers side by side as they are numbered. */
static void take_mapped_rho(struct sva_component_evidence *evidence)
{
    const struct sva_test_record *found = sva_find_test(evidence, "neuron-permutation");
    if (evidence->layer_map.layers != NULL && found != NULL) {
        evidence->rho = found->rho;
        evidence->rho_se = found->rho_se;
    }
}

/** The component's rho when no joint test gave one: the tensor test's average. */
static void settle_rho(const struct sva_pair *pair, uint32_t component,
                       struct sva_component_evidence *evidence)
{
    take_mapped_rho(evidence);
    if (evidence->wholly_disguised) {
        evidence->rho = evidence->match.rho;
        evidence->rho_se = NAN;
    }
    if (evidence->barcodes.disguised) {
        evidence->rho = evidence->barcodes.cosine;
        evidence->rho_se = NAN;
    }
    if (evidence->stream_disguised) {
        evidence->rho = evidence->gram_rho;
        evidence->rho_se = evidence->gram_rho_se;
    }
    for (size_t t = 0; t < evidence->test_count && isnan(evidence->rho); t++) {
        evidence->rho = evidence->tests[t].rho;
        evidence->rho_se = evidence->tests[t].rho_se;
    }
    double strongest = 0.0;
    for (size_t i = 0; i < pair->subject->tensor_count; i++) {
        if (pair->subject->tensors[i].component == component &&
            pair->best_log10_p[i] < strongest && pair->best[i] >= 0 &&
            evidence->reference_component == SVA_NO_COMPONENT) {
            strongest = pair->best_log10_p[i];
            evidence->reference_component =
                (int32_t)pair->reference->tensors[pair->best[i]].component;
        }
    }
}

/** What a stack of layers allows: A1, the layer map, A2 along it. */
static bool layered_tests(struct sva_pair *pair, uint32_t component,
                          struct sva_component_evidence *evidence)
{
    struct sva_layer_map *map = &evidence->layer_map;
    struct sva_layer_sides sides;
    const bool ok = sva_layer_map_init(pair, component, map, &sides) &&
                    sva_residual_tests(pair, component, evidence) &&
                    sva_layer_map_test(pair, component, map, &sides, evidence) &&
                    sva_numbering_tests(pair, component, map, evidence) &&
                    sva_gram_tests(pair, component, map, evidence);
    sva_layer_sides_done(&sides);
    return ok;
}

static enum sva_status compare_component(struct sva_pair *pair, uint32_t component,
                                         struct sva_component_evidence *evidence, uint64_t *inert,
                                         struct sva_error *error)
{
    *evidence = (struct sva_component_evidence){.reference_component = SVA_NO_COMPONENT,
                                                .rho = NAN,
                                                .rho_se = NAN,
                                                .gram_rho = NAN,
                                                .gram_rho_se = NAN,
                                                .neuron_directions = NAN,
                                                .gain_agreement = NAN,
                                                .gain_lower = NAN,
                                                .start = {.rho = NAN, .rho_se = NAN},
                                                .subspace_agreement = NAN,
                                                .token_agreement = NAN,
                                                .token_lower = NAN,
                                                .quantisation = SVA_QUANTISATION_UNKNOWN};
    count_parameters(pair, component, evidence, inert);
    if (!layered_tests(pair, component, evidence) || !sva_rank_tests(pair, component, evidence)) {
        return sva_fail_memory(error, "testing a component");
    }
    const enum sva_status status = sva_axis_tests(pair, component, evidence, error);
    if (status != SVA_OK) {
        return status;
    }
    if (!sva_unnamed_tests(pair, component, evidence)) {
        return sva_fail_memory(error, "looking for hidden layers");
    }
    if (!sva_start_guard(pair, component, evidence)) {
        return sva_fail_memory(error, "looking at the trained part of a component");
    }
    if (sva_is_cancelled(&pair->options->progress)) {
        return sva_fail(error, SVA_ERR_CANCELLED, "stopped on request");
    }
    settle_rho(pair, component, evidence);
    if (!sva_compare_values(pair, component, evidence)) {
        return sva_fail_memory(error, "laying values side by side");
    }
    return SVA_OK;
}

static bool describe(const struct sva_pair *pair, uint32_t component, struct sva_arena *arena,
                     const struct sva_component_evidence *evidence,
                     struct sva_component_result *result)
{
    const struct sva_print_component *subject = &pair->subject->components[component];
    result->name = sva_arena_strdup(arena, subject->name);
    result->kind = subject->kind;
    result->parameter_count = subject->parameter_count;
    result->derivation = "";
    if (evidence->reference_component >= 0) {
        result->reference_name = sva_arena_strdup(
            arena, pair->reference->components[evidence->reference_component].name);
        if (result->reference_name == NULL) {
            return false;
        }
    }
    return result->name != NULL &&
           sva_layer_map_describe(&evidence->layer_map, arena, &result->layer_order) &&
           sva_list_matches(pair, component, evidence, arena, result);
}

/** Parameters of the component that no hash can show to be equal. */
static uint64_t sampled_parameters(const struct sva_print *print, uint32_t component)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < print->tensor_count; i++) {
        const struct sva_print_tensor *tensor = &print->tensors[i];
        sum += tensor->component == component && tensor->sampled && sva_bears_evidence(tensor)
                   ? tensor->element_count
                   : 0;
    }
    return sum;
}

/** Control "self": the subject's own print must come out identical, as far as it was read whole. */
static bool self_control(const struct sva_print *subject, struct sva_control *control)
{
    struct sva_pair pair = {.subject = subject, .reference = subject};
    bool ok = pair_init(&pair) && sva_find_identical(&pair);
    control->id = "self";
    control->passed = ok;
    for (uint32_t c = 0; ok && c < subject->component_count; c++) {
        struct sva_component_evidence evidence = {.reference_component = SVA_NO_COMPONENT};
        uint64_t inert = 0;
        count_parameters(&pair, c, &evidence, &inert);
        control->passed = control->passed &&
                          evidence.identical_parameters + sampled_parameters(subject, c) ==
                              evidence.evidence_parameters;
    }
    pair_done(&pair);
    return ok;
}

/** Control "shuffled": A1 of the first component it applies to, reference renumbered at random. */
static bool shuffled_control(struct sva_pair *pair, struct sva_control *control)
{
    double log10_p = NAN;
    control->id = "shuffled";
    for (uint32_t c = 0; c < pair->subject->component_count && isnan(log10_p); c++) {
        if (!sva_shuffled_control(pair, c, &log10_p)) {
            return false;
        }
    }
    control->value = isnan(log10_p) ? NAN : pow(10.0, log10_p);
    control->passed = isnan(log10_p) || log10_p > -3.0;
    return true;
}

static bool has_sketch(const struct sva_print_tensor *tensor)
{
    return tensor->axis[0].kept > 0 || tensor->axis[1].kept > 0;
}

/** Tensors that one side did not read: nothing may be said of them. False: out of memory. */
static bool note_unread(const struct sva_pair *pair, struct sva_comparison *comparison)
{
    struct sva_comparison_state *state = comparison->internal;
    const size_t count = pair->subject->tensor_count;
    struct sva_places places = {.print = NULL};
    comparison->quick[0] = pair->subject->reading.quick;
    comparison->quick[1] = pair->reference->reading.quick;
    if (!comparison->quick[0] && !comparison->quick[1]) {
        return true;
    }
    bool *unread = sva_arena_alloc(&state->arena, count, sizeof *unread);
    const bool ok = unread != NULL && sva_places_init(&places, pair->reference);
    for (size_t i = 0; ok && i < count; i++) {
        const struct sva_print_tensor *tensor = &pair->subject->tensors[i];
        const int32_t place = sva_place_of(&places, pair->subject, tensor);
        const struct sva_print_tensor *other = place < 0 ? NULL : &pair->reference->tensors[place];
        /* one that agrees with another tensor was seen, whatever became of its counterpart */
        const bool agrees = pair->best[i] >= 0 && pair->best_log10_p[i] < -3.0;
        unread[i] = pair->identical[i] < 0 && !agrees &&
                    ((tensor->sampled && !has_sketch(tensor)) ||
                     (other != NULL && other->sampled && !has_sketch(other)));
        struct sva_component_evidence *evidence = &state->evidence[tensor->component];
        evidence->bulk_unread =
            evidence->bulk_unread || (unread[i] && tensor->role == SVA_ROLE_UNKNOWN);
    }
    for (size_t c = 0; ok && c < comparison->component_count; c++) {
        comparison->components[c].unread = unread;
    }
    sva_places_done(&places);
    return ok;
}

static enum sva_status compare_all(struct sva_pair *pair, struct sva_comparison *comparison,
                                   struct sva_error *error)
{
    struct sva_comparison_state *state = comparison->internal;
    const size_t count = pair->subject->component_count;
    comparison->components = sva_arena_alloc(&state->arena, count, sizeof *comparison->components);
    state->evidence = sva_calloc(count, sizeof *state->evidence);
    state->tests = sva_calloc(count * SVA_TESTS_MAX, sizeof *state->tests);
    bool ok = comparison->components != NULL && state->evidence != NULL && state->tests != NULL &&
              pair_init(pair) && sva_find_identical(pair) && sva_undo_plus_one(pair) &&
              sva_factor_partners(pair->subject, pair->reference, pair->factor);
    if (ok) {
        comparison->component_count = count;
    }
    for (uint32_t c = 0; ok && c < count; c++) {
        struct sva_component_result *result = &comparison->components[c];
        if (sva_is_cancelled(&pair->options->progress)) {
            return sva_fail(error, SVA_ERR_CANCELLED, "stopped on request");
        }
        const enum sva_status status = compare_component(
            pair, c, &state->evidence[c], &result->inert_parameter_count, error);
        if (status != SVA_OK) {
            return status;
        }
        ok = describe(pair, c, &state->arena, &state->evidence[c], result) &&
             sva_equality_is_open(pair, c, &result->equality_open);
    }
    ok = ok && note_unread(pair, comparison) && self_control(pair->subject, &comparison->controls[0]) &&
         shuffled_control(pair, &comparison->controls[1]);
    return ok ? SVA_OK : sva_fail_memory(error, "comparing two prints");
}

void sva_comparison_free(struct sva_comparison *comparison)
{
    if (comparison == NULL) {
        return;
    }
    struct sva_comparison_state *state = comparison->internal;
    for (size_t i = 0; state->evidence != NULL && i < comparison->component_count; i++) {
        sva_free(state->evidence[i].pieces);
        sva_free(state->evidence[i].value_pairs);
        sva_layer_map_done(&state->evidence[i].layer_map);
    }
    sva_free(state->evidence);
    sva_free(state->tests);
    sva_arena_done(&state->arena);
    sva_free(state);
    sva_free(comparison);
}

enum sva_status sva_compare(const struct sva_print *subject, const struct sva_print *reference,
                            const struct sva_compare_options *options,
                            struct sva_comparison **comparison, struct sva_error *error)
{
    const struct sva_compare_options defaults = sva_compare_options_default();
    if (subject->method_version != reference->method_version) {
        return sva_fail(error, SVA_ERR_USAGE,
                        "prints of method versions %u and %u cannot be compared: make them again",
                        subject->method_version, reference->method_version);
    }
    struct sva_comparison *made = sva_calloc(1, sizeof *made);
    struct sva_comparison_state *state = sva_calloc(1, sizeof *state);
    if (made == NULL || state == NULL) {
        sva_free(made);
        sva_free(state);
        return sva_fail_memory(error, "comparing two prints");
    }
    made->internal = state;
    struct sva_pair pair = {.subject = subject,
                            .reference = reference,
                            .options = options != NULL ? options : &defaults};
    enum sva_status status = compare_all(&pair, made, error);
    pair_done(&pair);
    if (status == SVA_OK && !sva_vocabulary_lineage(subject->token_sample, reference->token_sample,
                                                    &made->tokenizer)) {
        status = sva_fail_memory(error, "comparing two vocabularies");
    }
    if (status == SVA_OK &&
        !sva_code_compare(subject->code, reference->code, false, &state->arena, &made->code)) {
        status = sva_fail_memory(error, "comparing programs");
    }
    if (status != SVA_OK) {
        sva_comparison_free(made);
        return status;
    }
    sva_adjust(&made, 1, pair.options);
    *comparison = made;
    return SVA_OK;
}
