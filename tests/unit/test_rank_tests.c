/* SPDX-License-Identifier: Apache-2.0 */
/** Tests of adapters whose modules share a factor: what is numbered as one counts once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "made_prints.h"

enum {
    RANK = 8,
    FEATURES = 64,
    LAYERS_MOST = 200,
    PARTS = 3, /* queries, keys, values */
    WIDTH = 64,
    VALUES = RANK * FEATURES,
    PAIRS = 60
};

/** Which modules have one A: none, those of a layer (a fused projection that was split), all. */
enum sharing { FREE, SPLIT, SHARED };

/** A print of an adapter that holds nothing but sketches. */
struct adapter {
    struct sva_print print;
    struct sva_print_component component;
    struct sva_print_tensor tensors[LAYERS_MOST * PARTS * 2];
    char names[LAYERS_MOST * PARTS * 2][64];
    int16_t values[LAYERS_MOST * PARTS * 2][VALUES];
};

static void fill(struct sva_random *random, int16_t *values)
{
    for (size_t i = 0; i < VALUES; i++) {
        values[i] = (int16_t)floor(fmax(-2000.0, fmin(2000.0, 256.0 * made_normal(random))));
    }
}

static void name_factor(struct adapter *adapter, uint32_t t)
{
    static const char *const parts[PARTS] = {"q_proj", "k_proj", "v_proj"};
    const uint32_t axis = t % 2; /* the rank's */
    struct sva_print_tensor *const tensor = &adapter->tensors[t];
    (void)snprintf(adapter->names[t], sizeof adapter->names[t],
                   "layers.%03d.self_attn.%s.lora_%s.weight", (int)(t / (2 * PARTS)),
                   parts[t / 2 % PARTS], axis == 0 ? "A" : "B");
    *tensor =
        (struct sva_print_tensor){.name = adapter->names[t],
                                  .role = axis == 0 ? SVA_ROLE_LORA_A : SVA_ROLE_LORA_B,
                                  .layer = (int32_t)(t / (2 * PARTS)),
                                  .expert = -1,
                                  .dtype = SVA_DTYPE_F32,
                                  .n = {axis == 0 ? RANK : WIDTH, axis == 0 ? WIDTH : RANK, 1},
                                  .stored_rank = 2,
                                  .element_count = RANK * WIDTH};
    tensor->axis_kind[axis] = SVA_AXIS_RANK;
    tensor->axis[axis] = (struct sva_axis_sketch){
        .length = RANK, .kept = RANK, .features = FEATURES, .values = adapter->values[t]};
}

static void adapter_init(struct adapter *adapter, uint32_t layers, enum sharing sharing,
                         uint32_t seed)
{
    struct sva_random random;
    uint8_t digest[32];
    assert_true(sva_sha256(&seed, sizeof seed, digest)); /* near seeds must not give near streams */
    sva_random_seed(&random, digest);
    adapter->component = (struct sva_print_component){
        .name = "adapter", .kind = SVA_COMPONENT_ADAPTER, .parameter_count = 1};
    adapter->print = (struct sva_print){.method_version = SVA_METHOD_VERSION,
                                        .name = "adapter",
                                        .component_count = 1,
                                        .components = &adapter->component,
                                        .tensor_count = (size_t)layers * PARTS * 2,
                                        .tensors = adapter->tensors};
    memcpy(adapter->print.digest, &seed, sizeof seed);
    for (uint32_t t = 0; t < layers * PARTS * 2; t++) {
        const uint32_t like = t % 2 == 1 || sharing == FREE ? t
                              : sharing == SPLIT            ? t / (2 * PARTS) * (2 * PARTS)
                                                            : 0;
        name_factor(adapter, t);
        fill(&random, adapter->values[t]);
        memcpy(adapter->values[t], adapter->values[like], sizeof adapter->values[t]);
        memcpy(adapter->tensors[t].value_hash, &seed, sizeof seed);
        memcpy(adapter->tensors[t].value_hash + 4, &like, sizeof like);
    }
}

/** What was trained on: mostly the source's, and shared where that is. */
static void inherit(struct adapter *adapter, const struct adapter *source)
{
    for (size_t t = 0; t < adapter->print.tensor_count; t++) {
        for (size_t i = 0; i < VALUES; i++) {
            const int16_t fresh = adapter->values[t][i];
            adapter->values[t][i] = (int16_t)floor(0.8 * source->values[t][i] + 0.6 * fresh);
        }
    }
}

static struct adapter subject, reference;

/** The test over all modules. */
static struct sva_test compare(void)
{
    struct sva_comparison *comparison = NULL;
    struct sva_error error = {0};
    struct sva_compare_options options = sva_compare_options_default();
    struct sva_test test = {.log10_p = 1.0};
    options.threads = 1;
    assert_int_equal(sva_compare(&subject.print, &reference.print, &options, &comparison, &error),
                     SVA_OK);
    for (size_t i = 0; i < comparison->components[0].test_count; i++) {
        if (strcmp(comparison->components[0].tests[i].id, "rank-permutation") == 0) {
            test = comparison->components[0].tests[i];
        }
    }
    sva_comparison_free(comparison);
    assert_true(test.log10_p <= 0.0);
    return test;
}

static void independent_adapters_that_share_a_factor_are_not_called_dependent(void **state)
{
    (void)state;
    for (int sharing = FREE; sharing <= SHARED; sharing++) {
        for (uint32_t i = 0; i < PAIRS; i++) {
            adapter_init(&subject, 24, (enum sharing)sharing, 2 * i + 1);
            adapter_init(&reference, 24, (enum sharing)sharing, 2 * i + 2);
            const struct sva_test test = compare();
            assert_int_equal(test.block_count, sharing == FREE    ? 24 * PARTS
                                               : sharing == SPLIT ? 24
                                                                  : 1);
            if (test.log10_p <= -4.0) {
                fail_msg("sharing %d, pair %u: log10 p %.2f", sharing, i, test.log10_p);
            }
        }
    }
}

/** Nearly one factor: the same start, each module's trained on for itself. */
static void factors_that_began_as_one_count_as_one(void **state)
{
    (void)state;
    static struct adapter start;
    for (uint32_t i = 0; i < PAIRS; i++) {
        adapter_init(&subject, 24, FREE, 3001 + 2 * i);
        adapter_init(&start, 24, SHARED, 5001 + 2 * i);
        inherit(&subject, &start);
        adapter_init(&reference, 24, FREE, 3002 + 2 * i);
        adapter_init(&start, 24, SHARED, 5002 + 2 * i);
        inherit(&reference, &start);
        for (size_t t = 1; t < subject.print.tensor_count; t += 2) { /* B is each module's own */
            struct sva_random random = made_stream((uint32_t)(9000 + t));
            fill(&random, subject.values[t]);
        }
        const struct sva_test test = compare();
        assert_true(test.block_count < 24 * PARTS / 4);
        assert_true(test.log10_p > -4.0);
    }
}

/** One side's numberings are free: every module counts. */
static void a_factor_that_one_side_shares_takes_nothing_away(void **state)
{
    (void)state;
    adapter_init(&subject, 24, SHARED, 801);
    adapter_init(&reference, 24, FREE, 802);
    assert_int_equal(compare().block_count, 24 * PARTS);
}

static void derived_adapters_that_share_a_factor_are_found(void **state)
{
    (void)state;
    static const double most[] = {-60.0, -60.0, -4.0};
    for (int sharing = FREE; sharing <= SHARED; sharing++) {
        adapter_init(&reference, 24, (enum sharing)sharing, 901);
        adapter_init(&subject, 24, (enum sharing)sharing, 902);
        inherit(&subject, &reference);
        assert_true(compare().log10_p < most[sharing]);
    }
}

static void many_modules_are_enough(void **state)
{
    (void)state;
    adapter_init(&reference, LAYERS_MOST, FREE, 951);
    adapter_init(&subject, LAYERS_MOST, FREE, 952);
    inherit(&subject, &reference);
    const struct sva_test test = compare();
    assert_int_equal(test.block_count, 512);
    assert_true(test.log10_p < -1000.0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(independent_adapters_that_share_a_factor_are_not_called_dependent),
        cmocka_unit_test(factors_that_began_as_one_count_as_one),
        cmocka_unit_test(a_factor_that_one_side_shares_takes_nothing_away),
        cmocka_unit_test(derived_adapters_that_share_a_factor_are_found),
        cmocka_unit_test(many_modules_are_enough),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
