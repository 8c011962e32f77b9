/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A2 without the residual stream: cosines between a layer's hidden neurons, which no renumbering,
 * sign flip or rotation of that stream changes, are held against the reference's, and the neurons
 * are renumbered. Exact for the reason A2 is, and blind to every disguise of the residual stream.
 *
 * In a gated layer up and down may change sign together, neuron by neuron; so their cosines enter
 * as the product of both, which keeps.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "compare/barcode_match.h"
#include "compare/hidden_layers.h"
#include "compare/layer_map.h"
#include "compare/neuron_match.h"

enum { POOLS_MOST = 32 };

/** A hidden layer and the one at the mapped place. */
struct placed_pair {
    const struct sva_hidden_layer *subject, *reference;
};

/** Fisher needs independent numberings: what is tied on both sides to an earlier pair is left out.
 */
static bool is_independent(const struct placed_pair *pairs, size_t count,
                           const struct placed_pair *next)
{
    for (size_t i = 0; i < count; i++) {
        if (sva_hidden_are_tied(pairs[i].reference, next->reference) &&
            sva_hidden_are_tied(pairs[i].subject, next->subject)) {
            return false;
        }
    }
    return true;
}

/** Every hidden layer beside the one at the mapped place. */
static bool pair_layers(const struct sva_hidden_layer *subject, size_t subject_count,
                        const struct sva_hidden_layer *reference, size_t reference_count,
                        const struct sva_layer_map *map, struct sva_gram_parts *list,
                        struct sva_direction_sums *directions)
{
    struct placed_pair *pairs = sva_calloc(subject_count, sizeof *pairs);
    size_t count = 0;
    bool ok = sva_gram_parts_init(list) && pairs != NULL;
    for (size_t i = 0; ok && i < subject_count; i++) {
        struct sva_hidden_layer key = subject[i];
        key.layer = sva_mapped_layer(map, subject[i].layer);
        const struct placed_pair pair = {
            &subject[i],
            bsearch(&key, reference, reference_count, sizeof *reference, sva_compare_hidden)};
        if (pair.reference == NULL || key.expert >= SVA_HIDDEN_EXPERTS ||
            !is_independent(pairs, count, &pair)) {
            continue;
        }
        pairs[count++] = pair;
        sva_add_directions(pair.subject, pair.reference, directions);
        ok = sva_gram_parts_add(pair.subject, pair.reference, list);
    }
    sva_free(pairs);
    return ok;
}

static const char *const TEST_IDS[3] = {"neuron-gram", "neuron-gram/even-layers",
                                        "neuron-gram/odd-layers"};

/** With 32 pools a thousand draws reach 1e-70. */
static uint32_t draws_for(uint32_t pools)
{
    return pools >= POOLS_MOST / 2 ? 999 : pools >= SVA_BLOCK_TARGET ? 9999 : 99999;
}

/** The parts of one half, copied side by side. */
static size_t take_half(const struct sva_gram_parts *list, enum sva_half half,
                        struct sva_pair_matrices *taken)
{
    size_t count = 0;
    for (size_t i = 0; i < list->count; i++) {
        if (sva_in_half(list->layers[i], half)) {
            taken[count++] = list->parts[i];
        }
    }
    return count;
}

/** Parts dealt in turn to the pools: those of pool `pool`, moved to the front of `scratch`. */
static size_t take_pool(const struct sva_pair_matrices *parts, size_t count, uint32_t pool,
                        uint32_t pools, struct sva_pair_matrices *scratch)
{
    size_t taken = 0;
    for (size_t i = pool; i < count; i += pools) {
        scratch[taken++] = parts[i];
    }
    return taken;
}

static void add_moments(const struct sva_pair_matrices *parts, size_t count, uint32_t pool,
                        struct sva_block_sums *sums, struct sva_draw_tally *tally)
{
    struct sva_pair_moments all = {.mean = 0.0};
    for (size_t i = 0; i < count; i++) {
        const struct sva_pair_moments moments = sva_pair_moments(&parts[i]);
        sums->covariance[pool] += moments.observed - moments.mean;
        sums->subject_squares[pool] += moments.subject_squares;
        sums->reference_squares[pool] += moments.reference_squares;
        sums->variance[pool] += moments.variance;
        all.observed += moments.observed;
        all.mean += moments.mean;
        all.variance += moments.variance;
    }
    sva_tally_begin(tally, all.mean, all.variance, all.observed);
}

/** Parts dealt in turn to pools, and the draws that each pool gets. */
struct dealt {
    const struct sva_pair_matrices *parts;
    size_t count;
    uint32_t pools, draws;
    const uint8_t *seed;
};

/** One pool: sva_pool_work. */
static bool test_pool(const void *context, uint32_t pool, struct sva_block_sums *sums,
                      struct sva_draw_tally *tally)
{
    const struct dealt *dealt = context;
    struct sva_random random;
    struct sva_pair_matrices *own = sva_calloc(dealt->count / dealt->pools + 1, sizeof *own);
    const bool ok = own != NULL && sva_block_stream(dealt->seed, pool, &random);
    if (ok) {
        const size_t count = take_pool(dealt->parts, dealt->count, pool, dealt->pools, own);
        add_moments(own, count, pool, sums, tally);
        sums->log10_p[pool] = sva_pairs_log10_p(own, count, dealt->draws, &random, tally);
        sums->log10_floor[pool] = -log10(1.0 + dealt->draws);
    }
    sva_free(own);
    return ok;
}

/** One p for each pool, Fisher over them. False: out of memory. */
static bool test_parts(const struct sva_pair *pair, uint32_t component, const char *id,
                       const struct sva_pair_matrices *parts, size_t count,
                       struct sva_block_result *result, struct sva_draw_tally *tally)
{
    struct sva_block_sums sums = {0};
    uint8_t seed[32];
    const uint32_t pools = count < POOLS_MOST ? (uint32_t)count : POOLS_MOST;
    const struct dealt dealt = {parts, count, pools, draws_for(pools), seed};
    const struct sva_pool_run run = {pools, pair->options->threads, test_pool, &dealt, &sums,
                                     tally};
    const bool ok = sva_test_seed(pair, id, component, 0, seed) && sva_pools_run(&run);
    if (ok) {
        sva_block_summarise(&sums, pools, result);
        result->draws = dealt.draws;
    }
    return ok;
}

/** The whole, and where it rejects the layers of even and odd number: two pieces of evidence. */
static bool test_halves(const struct sva_pair *pair, uint32_t component,
                        const struct sva_gram_parts *list, struct sva_component_evidence *evidence)
{
    struct sva_pair_matrices *taken = sva_calloc(list->count, sizeof *taken);
    double whole = 0.0;
    bool ok = taken != NULL;
    for (int half = SVA_HALF_ALL; ok && half <= SVA_HALF_ODD; half++) {
        struct sva_block_result result = {0};
        struct sva_draw_tally tally = {.series = 0};
        const size_t count = take_half(list, (enum sva_half)half, taken);
        if (half != SVA_HALF_ALL && (whole > SVA_LOOK_AT_HALVES || count == 0)) {
            sva_add_unrun_test(evidence, TEST_IDS[half]);
            continue;
        }
        ok = test_parts(pair, component, TEST_IDS[half], taken, count, &result, &tally);
        if (!ok || !result.tested) {
            continue;
        }
        result.resolution = NAN; /* power is stated for undisguised reuse, in sketches' rho */
        sva_note_draws(sva_add_block_test(evidence, TEST_IDS[half], &result), &tally);
        if (half == SVA_HALF_ALL) {
            whole = result.log10_p;
            evidence->gram_rho = result.rho;
            evidence->gram_rho_se = result.rho_se;
            evidence->gram_log10_p = result.log10_p;
        } else {
            evidence->gram_half_log10_p[half - SVA_HALF_EVEN] = result.log10_p;
        }
    }
    sva_free(taken);
    return ok;
}

static bool has_experts(const struct sva_hidden_layer *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (list[i].expert >= 0) {
            return true;
        }
    }
    return false;
}

/**
 * The reference's component: the one that A1 uses, or, where the residual streams differ in width
 * and A1 has none, one of the same kind with hidden layers. SVA_NO_COMPONENT: none.
 */
static int32_t counterpart(const struct sva_pair *pair, uint32_t component,
                           const struct sva_layer_map *map)
{
    const enum sva_component_kind kind = pair->subject->components[component].kind;
    int32_t found = map->reference_component;
    for (size_t i = 0; found == SVA_NO_COMPONENT && i < pair->reference->tensor_count; i++) {
        const struct sva_print_tensor *tensor = &pair->reference->tensors[i];
        if (tensor->gram.blocks > 0 &&
            pair->reference->components[tensor->component].kind == kind) {
            found = (int32_t)tensor->component;
        }
    }
    return found;
}

/** Below this share of the agreement of hidden neurons, the residual stream does not agree. */
static const double STREAM_SHARE_MOST = 0.1;

/**
 * Hidden neurons agree; what is numbered by the residual stream does not, or nearly not: gains keep
 * their places where only signs were turned.
 */
static bool is_disguised(const struct sva_component_evidence *evidence)
{
    static const char *const BY_STREAM[2] = {"residual-permutation", "neuron-permutation"};
    const double most = STREAM_SHARE_MOST * evidence->gram_rho;
    for (int i = 0; i < 2; i++) {
        const struct sva_test_record *found = sva_find_test(evidence, BY_STREAM[i]);
        if (found != NULL && found->rho > most && found->test.log10_p <= SVA_CLEAR_REJECTION) {
            return false;
        }
    }
    return evidence->gram_log10_p <= SVA_CLEAR_REJECTION;
}

static bool anything_rejects(const struct sva_component_evidence *evidence)
{
    bool any = evidence->identical_tensors > 0;
    for (size_t i = 0; i < evidence->test_count; i++) {
        const struct sva_test *test = &evidence->tests[i].test;
        any = any || (test->decides && test->log10_p <= SVA_CLEAR_REJECTION);
    }
    return any;
}

bool sva_take_disguise(struct sva_component_evidence *evidence, int32_t other)
{
    evidence->stream_disguised = true;
    evidence->reference_component = other;
    return sva_add_piece(evidence, evidence->gram_half_log10_p[0]) &&
           sva_add_piece(evidence, evidence->gram_half_log10_p[1]);
}

/** The test along the layer map. */
static bool test_places(const struct sva_pair *pair, uint32_t component,
                        const struct sva_layer_map *map, const struct sva_hidden_layer *subject,
                        size_t subject_count, const struct sva_hidden_layer *reference,
                        size_t reference_count, struct sva_component_evidence *evidence)
{
    struct sva_gram_parts list = {0};
    struct sva_direction_sums directions = {0};
    const bool ok =
        pair_layers(subject, subject_count, reference, reference_count, map, &list, &directions) &&
        (list.count == 0 || test_halves(pair, component, &list, evidence));
    sva_note_directions(&directions, evidence);
    sva_gram_parts_done(&list);
    return ok;
}

bool sva_gram_tests(const struct sva_pair *pair, uint32_t component,
                    const struct sva_layer_map *map, struct sva_component_evidence *evidence)
{
    size_t subject_count = 0;
    size_t reference_count = 0;
    const int32_t other = counterpart(pair, component, map);
    if (other == SVA_NO_COMPONENT) {
        return true;
    }
    struct sva_hidden_layer *subject = sva_list_hidden(pair->subject, component, &subject_count);
    struct sva_hidden_layer *reference =
        sva_list_hidden(pair->reference, (uint32_t)other, &reference_count);
    bool ok = subject != NULL && reference != NULL &&
              test_places(pair, component, map, subject, subject_count, reference, reference_count,
                          evidence);
    const bool other_places = pair->subject->components[component].layer_count !=
                                  pair->reference->components[other].layer_count ||
                              has_experts(subject, subject_count) ||
                              has_experts(reference, reference_count);
    if (ok && other_places) {
        ok = sva_gram_search(pair, component, subject, subject_count, reference, reference_count,
                             evidence);
    }
    if (ok && !anything_rejects(evidence)) {
        ok = sva_neuron_match(pair, component, (uint32_t)other, evidence);
        ok = ok && (evidence->wholly_disguised ||
                    sva_barcode_match(pair, component, (uint32_t)other, evidence));
        evidence->reference_component = evidence->wholly_disguised || evidence->barcodes.disguised
                                            ? other
                                            : evidence->reference_component;
    }
    if (ok && is_disguised(evidence)) {
        ok = sva_take_disguise(evidence, other);
    }
    sva_free(subject);
    sva_free(reference);
    return ok;
}
