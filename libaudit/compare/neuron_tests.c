/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A2: every MLP, and every expert, numbers its hidden neurons for itself, apart from the residual
 * numbering that A1 renumbers. Gate, up and down of one MLP are renumbered together; MLPs
 * are independent given the rest, so that Fisher may combine them.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "compare/evidence.h"
#include "compare/layer_map.h"

enum { EXPERTS_USED = 8, MLP_TENSORS = 3, MLPS_MOST = 512 };

/** Two MLPs of one model resemble each other this much (z) when one began as a copy of the other. */
static const double TIED_SCORE = 8.0;

/** The tensors that share one numbering of hidden neurons: gate, up, down; NULL where there is none. */
struct mlp {
    int32_t layer, expert;
    bool shared; /* a mixture's shared expert */
    const struct sva_print_tensor *tensors[MLP_TENSORS];
};

/** An MLP of the subject and the one of the reference it is held against. */
struct mlp_pair {
    const struct mlp *subject, *reference;
    struct sva_feature_pair features[MLP_TENSORS];
    size_t feature_count;
    uint32_t units;
};

/** Gate, up or down; -1: no MLP tensor. */
static int mlp_slot(const struct sva_print_tensor *tensor, bool *shared)
{
    *shared = tensor->role >= SVA_ROLE_SHARED_GATE && tensor->role <= SVA_ROLE_SHARED_DOWN;
    switch (tensor->role) {
    case SVA_ROLE_FFN_GATE:
    case SVA_ROLE_SHARED_GATE: return 0;
    case SVA_ROLE_FFN_UP:
    case SVA_ROLE_SHARED_UP: return 1;
    case SVA_ROLE_FFN_DOWN:
    case SVA_ROLE_SHARED_DOWN: return 2;
    default: return -1;
    }
}

static int neuron_axis(int slot)
{
    return slot == 2 ? 1 : 0;
}

static bool enters(const struct sva_print_tensor *tensor, uint32_t component, int slot)
{
    return slot >= 0 && tensor->component == component && !tensor->bias && tensor->layer >= 0 &&
           tensor->expert < EXPERTS_USED && sva_bears_evidence(tensor) &&
           tensor->axis_kind[neuron_axis(slot)] == SVA_AXIS_NEURON &&
           tensor->axis[neuron_axis(slot)].kept > 0;
}

static int compare_mlps(const struct mlp *a, const struct mlp *b)
{
    const int64_t left[3] = {a->layer, a->expert, a->shared};
    const int64_t right[3] = {b->layer, b->expert, b->shared};
    for (int i = 0; i < 3; i++) {
        if (left[i] != right[i]) {
            return left[i] < right[i] ? -1 : 1;
        }
    }
    return 0;
}

static int by_place(const void *a, const void *b)
{
    return compare_mlps(a, b);
}

/** The component's MLPs in order of place. NULL: out of memory. */
static struct mlp *list_mlps(const struct sva_print *print, uint32_t component, size_t *count)
{
    struct mlp *list = sva_calloc(print->tensor_count, sizeof *list);
    size_t tensors = 0;
    *count = 0;
    for (size_t i = 0; list != NULL && i < print->tensor_count; i++) {
        const struct sva_print_tensor *tensor = &print->tensors[i];
        bool shared;
        const int slot = mlp_slot(tensor, &shared);
        if (enters(tensor, component, slot)) {
            struct mlp *one = &list[tensors++];
            *one = (struct mlp){.layer = tensor->layer, .expert = tensor->expert, .shared = shared};
            one->tensors[slot] = tensor;
        }
    }
    if (list != NULL) {
        qsort(list, tensors, sizeof *list, by_place);
    }
    for (size_t i = 0; list != NULL && i < tensors; i++) {
        if (*count > 0 && compare_mlps(&list[*count - 1], &list[i]) == 0) {
            for (int slot = 0; slot < MLP_TENSORS; slot++) {
                if (list[*count - 1].tensors[slot] == NULL) {
                    list[*count - 1].tensors[slot] = list[i].tensors[slot];
                }
            }
        } else {
            list[(*count)++] = list[i];
        }
    }
    return list;
}

/** Lays two MLPs side by side: the tensors that both have, with as many neurons and features. */
static struct mlp_pair lay_beside(const struct mlp *subject, const struct mlp *reference)
{
    struct mlp_pair pair = {.subject = subject, .reference = reference};
    for (int slot = 0; slot < MLP_TENSORS; slot++) {
        const int axis = neuron_axis(slot);
        const struct sva_print_tensor *s = subject->tensors[slot];
        const struct sva_print_tensor *r = reference->tensors[slot];
        if (s == NULL || r == NULL || s->n[1 - axis] != r->n[1 - axis]) {
            continue;
        }
        const struct sva_axis_sketch *left = &s->axis[axis];
        const struct sva_axis_sketch *right = &r->axis[axis];
        if (left->length == right->length && left->kept == right->kept &&
            left->features == right->features && (pair.units == 0 || pair.units == left->kept)) {
            pair.units = left->kept;
            pair.features[pair.feature_count++] = (struct sva_feature_pair){
                left->values, right->values, left->features, NULL, NULL};
        }
    }
    return pair;
}

/** Do two MLPs of one model share a numbering, as copies of one MLP do? */
static bool are_tied(const struct mlp *a, const struct mlp *b)
{
    const struct mlp_pair pair = lay_beside(a, b);
    double score = 0.0;
    size_t features = 0;
    for (size_t i = 0; i < pair.feature_count; i++) {
        score += sva_quick_similarity(&pair.features[i], pair.units) *
                 (double)pair.features[i].features;
        features += pair.features[i].features;
    }
    return features > 0 &&
           score * sqrt((double)pair.units) > TIED_SCORE * sqrt((double)features);
}

/**
 * Fisher needs independent numberings on one side at least. A pair is left out when, on both
 * sides, it shares its numbering with an earlier pair: layers that were doubled, experts that began as one.
 */
static bool is_independent(const struct mlp_pair *pairs, size_t count, const struct mlp_pair *next)
{
    for (size_t i = 0; i < count; i++) {
        const bool same = pairs[i].reference == next->reference;
        if (are_tied(pairs[i].subject, next->subject) &&
            (same || are_tied(pairs[i].reference, next->reference))) {
            return false;
        }
    }
    return true;
}

static const struct mlp *find_mlp(const struct mlp *list, size_t count, struct mlp key)
{
    return bsearch(&key, list, count, sizeof *list, by_place);
}

/** Every MLP of the subject against the one at the mapped layer. NULL: out of memory. */
static struct mlp_pair *pair_mlps(const struct mlp *subject, size_t subject_count,
                                  const struct mlp *reference, size_t reference_count,
                                  const struct sva_layer_map *map, size_t *count)
{
    struct mlp_pair *pairs = sva_calloc(subject_count, sizeof *pairs);
    *count = 0;
    for (size_t i = 0; pairs != NULL && i < subject_count && *count < MLPS_MOST; i++) {
        struct mlp key = subject[i];
        key.layer = sva_mapped_layer(map, subject[i].layer);
        const struct mlp *other = find_mlp(reference, reference_count, key);
        if (other == NULL) {
            continue;
        }
        const struct mlp_pair pair = lay_beside(&subject[i], other);
        if (pair.feature_count > 0 && is_independent(pairs, *count, &pair)) {
            pairs[(*count)++] = pair;
        }
    }
    return pairs;
}

enum half { ALL, EVEN, ODD };

static const char *const TEST_IDS[3] = {"neuron-permutation", "neuron-permutation/even-layers",
                                        "neuron-permutation/odd-layers"};

/** The test over all pairs or those of every second layer. */
static bool run_half(const struct sva_pair *pair, uint32_t component, enum half half,
                     const struct mlp_pair *pairs, size_t count, struct sva_block_result *result)
{
    struct sva_numbering *numberings = sva_calloc(count, sizeof *numberings);
    struct sva_pool_setup setup = {.numberings = numberings};
    if (numberings == NULL || !sva_test_seed(pair, TEST_IDS[half], component, 0, setup.seed)) {
        sva_free(numberings);
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (half == ALL || (half == EVEN) == (pairs[i].subject->layer % 2 == 0)) {
            numberings[setup.numbering_count++] = (struct sva_numbering){
                pairs[i].units, pairs[i].features, pairs[i].feature_count};
        }
    }
    const bool ok = sva_pool_test(&setup, result);
    sva_free(numberings);
    return ok;
}

static bool run_halves(const struct sva_pair *pair, uint32_t component,
                       const struct mlp_pair *pairs, size_t count,
                       struct sva_component_evidence *evidence)
{
    for (int half = ALL; half <= ODD; half++) {
        struct sva_block_result result;
        if (!run_half(pair, component, (enum half)half, pairs, count, &result)) {
            return false;
        }
        if (!result.tested) {
            continue;
        }
        (void)sva_add_block_test(evidence, TEST_IDS[half], &result);
        if (half != ALL && !sva_add_piece(evidence, result.log10_p)) {
            return false;
        }
    }
    return true;
}

/** Twice the smaller p of A1 and A2: they rest on the same tensors, so that Fisher may not combine them. */
static void add_combined(struct sva_component_evidence *evidence)
{
    const struct sva_test_record *found[2] = {NULL, NULL};
    for (size_t i = 0; i < evidence->test_count; i++) {
        const struct sva_test_record *one = &evidence->tests[i];
        found[0] = strcmp(one->test.id, "residual-permutation") == 0 ? one : found[0];
        found[1] = strcmp(one->test.id, TEST_IDS[ALL]) == 0 ? one : found[1];
    }
    struct sva_test_record *both =
        found[0] == NULL || found[1] == NULL
            ? NULL
            : sva_add_test(evidence, "residual-and-neuron", SVA_P_EXACT, false);
    if (both != NULL) {
        const struct sva_test *a = &found[0]->test;
        const struct sva_test *b = &found[1]->test;
        const double paid = fmin(a->log10_p, b->log10_p) + log10(2.0);
        both->test.log10_p = paid < 0.0 ? paid : 0.0;
        both->test.log10_p_floor = fmin(a->log10_p_floor, b->log10_p_floor) + log10(2.0);
        both->test.family = 2;
    }
}

bool sva_neuron_tests(struct sva_pair *pair, uint32_t component, const struct sva_layer_map *map,
                      struct sva_component_evidence *evidence)
{
    const int32_t other = map->reference_component;
    if (other == SVA_NO_COMPONENT) {
        return true;
    }
    size_t subject_count = 0;
    size_t reference_count = 0;
    size_t count = 0;
    struct mlp *subject = list_mlps(pair->subject, component, &subject_count);
    struct mlp *reference = list_mlps(pair->reference, (uint32_t)other, &reference_count);
    struct mlp_pair *pairs = subject != NULL && reference != NULL
                                 ? pair_mlps(subject, subject_count, reference, reference_count,
                                             map, &count)
                                 : NULL;
    const bool ok = pairs != NULL && run_halves(pair, component, pairs, count, evidence);
    sva_free(subject);
    sva_free(reference);
    sva_free(pairs);
    if (ok) {
        add_combined(evidence);
    }
    return ok;
}
