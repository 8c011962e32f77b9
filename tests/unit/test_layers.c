/* SPDX-License-Identifier: Apache-2.0 */
/** Tests of what layers number for themselves, and of layers that were doubled, dropped or repeated. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "compare/layer_scores.h"
#include "made_prints.h"

enum {
    WIDTH = 64,
    HIDDEN = 48,
    HEADS = 4,
    KV_HEADS = 2,
    HEAD = 16,
    FEATURES = 8,
    LAYERS_MOST = 16,
    ROLES = 7
};

static const struct {
    enum sva_role role;
    uint64_t n[2];
    enum sva_axis_kind kind[2];
} ROLE[ROLES] = {
    {SVA_ROLE_ATTN_Q, {HEADS * HEAD, WIDTH}, {SVA_AXIS_ROTARY, SVA_AXIS_RESIDUAL}},
    {SVA_ROLE_ATTN_K, {KV_HEADS *HEAD, WIDTH}, {SVA_AXIS_ROTARY, SVA_AXIS_RESIDUAL}},
    {SVA_ROLE_ATTN_V, {KV_HEADS *HEAD, WIDTH}, {SVA_AXIS_VALUE, SVA_AXIS_RESIDUAL}},
    {SVA_ROLE_ATTN_OUT, {WIDTH, HEADS *HEAD}, {SVA_AXIS_RESIDUAL, SVA_AXIS_VALUE}},
    {SVA_ROLE_FFN_GATE, {HIDDEN, WIDTH}, {SVA_AXIS_NEURON, SVA_AXIS_RESIDUAL}},
    {SVA_ROLE_FFN_UP, {HIDDEN, WIDTH}, {SVA_AXIS_NEURON, SVA_AXIS_RESIDUAL}},
    {SVA_ROLE_FFN_DOWN, {WIDTH, HIDDEN}, {SVA_AXIS_RESIDUAL, SVA_AXIS_NEURON}},
};

/** A decoder's print that holds nothing but sketches. */
struct stack {
    struct sva_print print;
    struct sva_print_component component;
    struct sva_print_tensor tensors[LAYERS_MOST * ROLES];
    int16_t values[LAYERS_MOST * ROLES][2][HEADS * HEAD * FEATURES];
};

static void fill(struct sva_random *random, int16_t *values, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        values[i] = (int16_t)floor(fmax(-2000.0, fmin(2000.0, 256.0 * made_normal(random))));
    }
}

static void stack_init(struct stack *stack, uint32_t layers, uint32_t seed)
{
    struct sva_random random;
    uint8_t digest[32];
    assert_true(sva_sha256(&seed, sizeof seed, digest)); /* near seeds must not give near streams */
    sva_random_seed(&random, digest);
    memset(stack, 0, sizeof *stack);
    stack->component = (struct sva_print_component){.name = "text-decoder",
                                                    .kind = SVA_COMPONENT_TEXT_DECODER,
                                                    .width = WIDTH,
                                                    .layer_count = layers,
                                                    .parameter_count = 1,
                                                    .head_count = HEADS,
                                                    .kv_head_count = KV_HEADS,
                                                    .head_width = HEAD};
    stack->print = (struct sva_print){.method_version = SVA_METHOD_VERSION,
                                      .name = "stack",
                                      .component_count = 1,
                                      .components = &stack->component,
                                      .tensor_count = layers * ROLES,
                                      .tensors = stack->tensors};
    memcpy(stack->print.digest, &seed, sizeof seed);
    for (uint32_t t = 0; t < layers * ROLES; t++) {
        struct sva_print_tensor *tensor = &stack->tensors[t];
        const uint32_t role = t % ROLES;
        *tensor = (struct sva_print_tensor){.name = "w",
                                            .role = ROLE[role].role,
                                            .layer = (int32_t)(t / ROLES),
                                            .expert = -1,
                                            .dtype = SVA_DTYPE_F32,
                                            .n = {ROLE[role].n[0], ROLE[role].n[1], 1},
                                            .stored_rank = 2,
                                            .element_count = ROLE[role].n[0] * ROLE[role].n[1]};
        memcpy(tensor->value_hash, &seed, sizeof seed);
        memcpy(tensor->value_hash + 4, &t, sizeof t);
        for (int axis = 0; axis < 2; axis++) {
            tensor->axis_kind[axis] = ROLE[role].kind[axis];
            if (ROLE[role].kind[axis] != SVA_AXIS_ROTARY) {
                const uint32_t length = (uint32_t)ROLE[role].n[axis];
                fill(&random, stack->values[t][axis], (size_t)length * FEATURES);
                tensor->axis[axis] = (struct sva_axis_sketch){.length = length,
                                                              .kept = length,
                                                              .features = FEATURES,
                                                              .values = stack->values[t][axis]};
            }
        }
    }
}

/** One value of a copy that was trained on: mostly the source's. */
static int16_t blended(int16_t source, int16_t fresh)
{
    return (int16_t)floor(0.8 * source + 0.6 * fresh);
}

/** Makes layer `to` a descendant of a layer of `source`, in the roles from `first` to `last`. */
static void inherit(struct stack *stack, uint32_t to, const struct stack *source, uint32_t from,
                    uint32_t first, uint32_t last)
{
    for (uint32_t role = first; role <= last; role++) {
        for (int axis = 0; axis < 2; axis++) {
            int16_t *values = stack->values[to * ROLES + role][axis];
            const int16_t *theirs = source->values[from * ROLES + role][axis];
            for (size_t i = 0; i < HEADS * HEAD * FEATURES; i++) {
                values[i] = blended(theirs[i], values[i]);
            }
        }
    }
}

static struct stack subject, reference, base;

static struct sva_comparison *compare(void)
{
    struct sva_comparison *comparison = NULL;
    struct sva_error error = {0};
    struct sva_compare_options options = sva_compare_options_default();
    options.threads = 1;
    assert_int_equal(sva_compare(&subject.print, &reference.print, &options, &comparison, &error),
                     SVA_OK);
    return comparison;
}

/** log10 p of a test; 1 when it was not run. */
static double p_of(const struct sva_comparison *comparison, const char *id)
{
    const struct sva_component_result *result = &comparison->components[0];
    for (size_t i = 0; i < result->test_count; i++) {
        if (strcmp(result->tests[i].id, id) == 0) {
            return result->tests[i].log10_p;
        }
    }
    return 1.0;
}

/** A subject whose layers descend from the reference's as listed; -1: a layer of its own. */
static struct sva_comparison *compare_layers(uint32_t reference_layers, const int32_t *from,
                                             uint32_t layers)
{
    stack_init(&reference, reference_layers, 1);
    stack_init(&subject, layers, 2);
    for (uint32_t l = 0; l < layers; l++) {
        if (from[l] >= 0) {
            inherit(&subject, l, &reference, (uint32_t)from[l], 0, ROLES - 1);
        }
    }
    return compare();
}

static void expect_order(uint32_t reference_layers, const int32_t *from, uint32_t layers,
                         const char *kind, const char *repeated, const char *absent)
{
    struct sva_comparison *comparison = compare_layers(reference_layers, from, layers);
    const struct sva_layer_order *order = &comparison->components[0].layer_order;
    assert_string_equal(order->kind, kind);
    assert_string_equal(order->repeated, repeated);
    assert_string_equal(order->absent, absent);
    for (uint32_t l = 0; l < layers && kind[0] != '\0'; l++) {
        assert_int_equal(order->layers[l], from[l]);
    }
    assert_true(p_of(comparison, "neuron-permutation") < -20.0);
    if (layers != reference_layers) {
        assert_true(p_of(comparison, "layer-map") < -15.0);
    } else {
        assert_true(p_of(comparison, "layer-map") > 0.5); /* not run */
    }
    sva_comparison_free(comparison);
}

static void layers_are_followed_wherever_they_went(void **state)
{
    (void)state;
    expect_order(6, (const int32_t[]){0, 1, 2, 3, 4, 5}, 6, "", "", "");
    expect_order(8, (const int32_t[]){0, 1, 2, 3, 4, 5, 2, 3, 4, 5, 6, 7}, 12, "up-scaled", "2-5", "");
    expect_order(8, (const int32_t[]){0, 1, 2, 5, 6, 7}, 6, "pruned", "", "3-4");
    expect_order(6, (const int32_t[]){0, 1, 1, 2, 3, 3, 4, 5}, 8, "interleaved", "1, 3", "");
    expect_order(6, (const int32_t[]){0, 1, 2, 3, 4, 5, -1, -1}, 8, "", "", "");
    expect_order(6, (const int32_t[]){3, 4, 5, 0, 1, 2}, 6, "rearranged", "", "");
}

static void independent_stacks_of_other_depth_show_nothing(void **state)
{
    (void)state;
    enum { TRIALS = 60 };
    static const char *const ids[] = {"residual-permutation", "layer-map", "neuron-permutation",
                                      "value-permutation"};
    int below[4] = {0};
    for (uint32_t trial = 0; trial < TRIALS; trial++) {
        stack_init(&reference, 6, 100 + 2 * trial);
        stack_init(&subject, 4 + 2 * (trial % 2) + trial % 3, 101 + 2 * trial);
        struct sva_comparison *comparison = compare();
        assert_int_equal(comparison->answer, SVA_ANSWER_NO_EVIDENCE);
        assert_string_equal(comparison->components[0].layer_order.kind, "");
        for (int i = 0; i < 4; i++) {
            below[i] += p_of(comparison, ids[i]) <= -1.0 ? 1 : 0;
        }
        sva_comparison_free(comparison);
    }
    for (int i = 0; i < 4; i++) {
        assert_in_range(below[i], 0, 14); /* 6 expected, 99.9 % binomial */
    }
}

/** Each test sees what its own numbering holds, and nothing else. */
static void every_numbering_is_tested_for_itself(void **state)
{
    (void)state;
    static const struct {
        uint32_t first, last;
        const char *sees, *blind;
    } cases[] = {{4, 6, "neuron-permutation", "value-permutation"},
                 {2, 3, "value-permutation", "neuron-permutation"}};
    for (size_t c = 0; c < 2; c++) {
        stack_init(&reference, 4, 11);
        stack_init(&subject, 4, 12);
        for (uint32_t l = 0; l < 4; l++) {
            inherit(&subject, l, &reference, l, cases[c].first, cases[c].last);
        }
        struct sva_comparison *comparison = compare();
        assert_true(p_of(comparison, cases[c].sees) < -20.0);
        assert_true(p_of(comparison, cases[c].blind) > -3.0);
        sva_comparison_free(comparison);
    }
}

static void heads_that_the_configuration_does_not_tell_are_not_guessed(void **state)
{
    (void)state;
    stack_init(&reference, 4, 11);
    stack_init(&subject, 4, 12);
    subject.component.head_width = 0;
    struct sva_comparison *comparison = compare();
    assert_true(p_of(comparison, "value-permutation") > 0.5); /* not run */
    sva_comparison_free(comparison);
}

/** Makes the layers of a stack descend from four layers of one base: their numberings are tied. */
static void tie_layers(struct stack *stack, uint32_t layers, uint32_t seed)
{
    stack_init(&base, 2, seed);
    for (uint32_t l = 0; l < layers; l++) {
        inherit(stack, l, &base, l % 2, 0, ROLES - 1);
    }
}

/** Independent models, each of which repeats its own layers in one pattern: six copies of two numberings. */
static void layers_tied_within_both_models_count_once(void **state)
{
    (void)state;
    enum { TRIALS = 60, LAYERS = 12 };
    int below_100 = 0;
    for (uint32_t trial = 0; trial < TRIALS; trial++) {
        stack_init(&reference, LAYERS, 5000 + 4 * trial);
        stack_init(&subject, LAYERS, 5001 + 4 * trial);
        tie_layers(&reference, LAYERS, 5002 + 4 * trial);
        tie_layers(&subject, LAYERS, 5003 + 4 * trial);
        struct sva_comparison *comparison = compare();
        below_100 += p_of(comparison, "neuron-permutation") <= -2.0 ? 1 : 0;
        sva_comparison_free(comparison);
    }
    assert_in_range(below_100, 0, 4); /* .6 expected, 99.9 % binomial */
}

/** Gives a tensor's residual axis another number of features. */
static void set_features(struct stack *stack, uint32_t layer, uint32_t role, uint32_t features)
{
    stack->tensors[layer * ROLES + role].axis[1].features = features;
}

/** Queries alike in every layer, then keys whose layers have 8 and 4 features, as narrow ones have.
 */
static void roles_whose_layers_differ_in_features_are_left_out(void **state)
{
    (void)state;
    stack_init(&reference, 4, 60);
    stack_init(&subject, 4, 61);
    for (uint32_t role = 0; role <= 1; role++) {
        for (uint32_t layer = 0; layer < 4; layer++) {
            inherit(&subject, layer, &reference, layer, role, role);
        }
    }
    set_features(&subject, 0, 1, FEATURES / 2);
    set_features(&reference, 0, 1, FEATURES / 2);
    struct sva_layer_features left;
    struct sva_layer_features right;
    assert_true(
        sva_layer_features_init(&subject.print, 0, &reference.print, 0, WIDTH, &left, &right));
    assert_int_equal(left.features, FEATURES); /* of queries alone */
    assert_int_equal(right.features, FEATURES);
    sva_layer_features_done(&left);
    sva_layer_features_done(&right);
    sva_comparison_free(compare());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(layers_are_followed_wherever_they_went),
        cmocka_unit_test(independent_stacks_of_other_depth_show_nothing),
        cmocka_unit_test(every_numbering_is_tested_for_itself),
        cmocka_unit_test(heads_that_the_configuration_does_not_tell_are_not_guessed),
        cmocka_unit_test(layers_tied_within_both_models_count_once),
        cmocka_unit_test(roles_whose_layers_differ_in_features_are_left_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
