/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A2: what a layer numbers for itself is renumbered: hidden neurons, value dimensions of a head,
 * experts. Numberings are independent given the rest, so that Fisher may combine them.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "compare/layer_map.h"
#include "compare/numberings.h"

static const char *const TEST_IDS[SVA_NUMBERING_KINDS][3] = {
    {"neuron-permutation", "neuron-permutation/even-layers", "neuron-permutation/odd-layers"},
    {"value-permutation"},
    {"expert-permutation"}};

/**
 * Fisher needs independent numberings on one side at least. A pair is left out when, on both
 * sides, it shares its numbering with an earlier pair.
 */
static bool is_independent(const struct sva_numbered_pair *pairs, size_t count,
                           const struct sva_numbered_pair *next)
{
    for (size_t i = 0; i < count; i++) {
        const bool same = pairs[i].reference == next->reference;
        if (sva_are_tied(pairs[i].subject, next->subject) &&
            (same || sva_are_tied(pairs[i].reference, next->reference))) {
            return false;
        }
    }
    return true;
}

/** Every numbering of the subject against the one at the mapped layer. NULL: out of memory. */
static struct sva_numbered_pair *pair_all(const struct sva_numbered *subject, size_t subject_count,
                                          const struct sva_numbered *reference,
                                          size_t reference_count, const struct sva_layer_map *map,
                                          size_t *count)
{
    struct sva_numbered_pair *pairs = sva_calloc(
        subject_count < SVA_NUMBERINGS_MOST ? subject_count : SVA_NUMBERINGS_MOST, sizeof *pairs);
    *count = 0;
    for (size_t i = 0; pairs != NULL && i < subject_count && *count < SVA_NUMBERINGS_MOST; i++) {
        struct sva_numbered key = subject[i];
        key.layer = sva_mapped_layer(map, subject[i].layer);
        const struct sva_numbered *other =
            bsearch(&key, reference, reference_count, sizeof *reference, sva_compare_numbered);
        if (other == NULL) {
            continue;
        }
        const struct sva_numbered_pair pair = sva_lay_beside(&subject[i], other);
        if (pair.feature_count > 0 && is_independent(pairs, *count, &pair)) {
            pairs[(*count)++] = pair;
        }
    }
    return pairs;
}

/** The test over all pairs, or those of every second layer. */
static bool run_half(const struct sva_pair *pair, uint32_t component, const char *id,
                     enum sva_half half, const struct sva_numbered_pair *pairs, size_t count,
                     struct sva_block_result *result, struct sva_draw_tally *tally)
{
    struct sva_numbering *numberings = sva_calloc(count, sizeof *numberings);
    struct sva_pool_setup setup = {
        .numberings = numberings, .tally = tally, .threads = pair->options->threads};
    if (numberings == NULL || !sva_test_seed(pair, id, component, 0, setup.seed)) {
        sva_free(numberings);
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (half == SVA_HALF_ALL || (half == SVA_HALF_EVEN) == (pairs[i].subject->layer % 2 == 0)) {
            numberings[setup.numbering_count++] = (struct sva_numbering){
                pairs[i].subject->units, pairs[i].features, pairs[i].feature_count};
        }
    }
    const bool ok = sva_pool_test(&setup, result);
    sva_free(numberings);
    return ok;
}

/**
 * Neurons give two pieces of evidence, of every second layer each; value dimensions one, which
 * rests on other tensors. A router is too small for one.
 */
static bool run(const struct sva_pair *pair, uint32_t component, enum sva_numbering_kind kind,
                const struct sva_numbered_pair *pairs, size_t count,
                struct sva_component_evidence *evidence)
{
    double whole = 0.0;
    for (int half = SVA_HALF_ALL; half <= SVA_HALF_ODD && TEST_IDS[kind][half] != NULL; half++) {
        const char *id = TEST_IDS[kind][half];
        struct sva_block_result result;
        struct sva_draw_tally tally = {.series = 0};
        if (half != SVA_HALF_ALL && whole > SVA_LOOK_AT_HALVES) {
            sva_add_unrun_test(evidence, id);
            continue;
        }
        if (!run_half(pair, component, id, (enum sva_half)half, pairs, count, &result, &tally)) {
            return false;
        }
        if (!result.tested && half == SVA_HALF_ALL) {
            return true;
        }
        if (!result.tested) {
            continue;
        }
        whole = half == SVA_HALF_ALL ? result.log10_p : whole;
        sva_note_draws(sva_add_block_test(evidence, id, &result), &tally);
        const bool piece = half != SVA_HALF_ALL || kind == SVA_NUMBERS_VALUES;
        if (piece && !sva_add_piece(evidence, result.log10_p)) {
            return false;
        }
    }
    return true;
}

static bool test_kind(const struct sva_pair *pair, uint32_t component,
                      const struct sva_layer_map *map, enum sva_numbering_kind kind,
                      struct sva_component_evidence *evidence)
{
    size_t subject_count = 0;
    size_t reference_count = 0;
    size_t count = 0;
    struct sva_numbered *subject =
        sva_list_numbered(pair->subject, component, kind, &subject_count);
    struct sva_numbered *reference = sva_list_numbered(
        pair->reference, (uint32_t)map->reference_component, kind, &reference_count);
    struct sva_numbered_pair *pairs =
        subject != NULL && reference != NULL
            ? pair_all(subject, subject_count, reference, reference_count, map, &count)
            : NULL;
    const bool ok = pairs != NULL && run(pair, component, kind, pairs, count, evidence);
    sva_free(subject);
    sva_free(reference);
    sva_free(pairs);
    return ok;
}

/** Twice the smaller p of A1 and A2: they rest on the same tensors, so that Fisher may not combine
 * them. */
static void add_combined(struct sva_component_evidence *evidence)
{
    const struct sva_test_record *residual = sva_find_test(evidence, "residual-permutation");
    const struct sva_test_record *neurons = sva_find_test(evidence, "neuron-permutation");
    struct sva_test_record *both =
        residual == NULL || neurons == NULL
            ? NULL
            : sva_add_test(evidence, "residual-and-neuron", SVA_P_EXACT, false);
    if (both != NULL) {
        const struct sva_test *a = &residual->test;
        const struct sva_test *b = &neurons->test;
        const double paid = fmin(a->log10_p, b->log10_p) + log10(2.0);
        both->test.log10_p = paid < 0.0 ? paid : 0.0;
        both->test.log10_p_floor = fmin(a->log10_p_floor, b->log10_p_floor) + log10(2.0);
        both->test.family = 2;
    }
}

bool sva_numbering_tests(struct sva_pair *pair, uint32_t component, const struct sva_layer_map *map,
                         struct sva_component_evidence *evidence)
{
    bool ok = true;
    for (int kind = 0;
         ok && kind < SVA_NUMBERING_KINDS && map->reference_component != SVA_NO_COMPONENT; kind++) {
        ok = test_kind(pair, component, map, (enum sva_numbering_kind)kind, evidence);
    }
    if (ok) {
        add_combined(evidence);
    }
    return ok;
}
