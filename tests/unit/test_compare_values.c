/* SPDX-License-Identifier: Apache-2.0 */
/* Answers stay right whatever the weights are stored in; a rounded copy is told from a fine-tune.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "approx.h"
#include "compare/readings.h"
#include "made_prints.h"

static struct sva_comparison *compare(const struct made_print *subject,
                                      const struct made_print *reference)
{
    struct sva_comparison *comparison = NULL;
    struct sva_compare_options options = sva_compare_options_default();
    options.threads = 1;
    assert_int_equal(sva_compare(&subject->print, &reference->print, &options, &comparison, NULL),
                     SVA_OK);
    return comparison;
}

/** What one case of the table must give. */
struct expected {
    enum sva_answer answer;
    const char *derivation;
    const char *exact_format; /* NULL: none */
    size_t turned, plus_one;  /* tensors in which it was undone */
};

static size_t undone(const struct sva_component_result *result, const char *name)
{
    for (size_t i = 0; i < result->transform_count; i++) {
        if (strcmp(result->transforms[i].name, name) == 0) {
            return result->transforms[i].tensor_count;
        }
    }
    return 0;
}

static void check(const char *what, const struct sva_comparison *comparison,
                  const struct expected *expected)
{
    const struct sva_component_result *result = &comparison->components[0];
    if (result->answer != expected->answer ||
        strcmp(result->derivation, expected->derivation) != 0) {
        fail_msg("%s: %s (%s), expected %s (%s): %s", what, sva_answer_name(result->answer),
                 result->derivation, sva_answer_name(expected->answer), expected->derivation,
                 result->reason);
    }
    if ((result->quantisation.exact_format == NULL) != (expected->exact_format == NULL) ||
        (expected->exact_format != NULL &&
         strcmp(result->quantisation.exact_format, expected->exact_format) != 0)) {
        fail_msg("%s: exact format %s, expected %s", what, result->quantisation.exact_format,
                 expected->exact_format);
    }
    if (undone(result, "rotary halves in turns") != expected->turned ||
        undone(result, "one added to norm gains") != expected->plus_one) {
        fail_msg("%s: rows turned in %zu tensors, expected %zu; one added in %zu, expected %zu",
                 what, undone(result, "rotary halves in turns"), expected->turned,
                 undone(result, "one added to norm gains"), expected->plus_one);
    }
    assert_true(comparison->controls[0].passed);
}

enum { TURNED = 2 * MADE_LAYERS, GAINS = 2 * MADE_LAYERS };

static const struct form_case {
    const char *what;
    struct made_form subject, reference;
    struct expected expected;
} FORMS[] = {
    {"the same",
     {.dtype = SVA_DTYPE_F32},
     {.dtype = SVA_DTYPE_F32},
     {SVA_ANSWER_IDENTICAL, "copy", NULL, 0, 0}},
    {"rows turned",
     {.dtype = SVA_DTYPE_F32, .halves_in_turns = true},
     {.dtype = SVA_DTYPE_F32},
     {SVA_ANSWER_IDENTICAL, "copy", NULL, TURNED, 0}},
    {"reference turned",
     {.dtype = SVA_DTYPE_F32},
     {.dtype = SVA_DTYPE_F32, .halves_in_turns = true},
     {SVA_ANSWER_IDENTICAL, "copy", NULL, TURNED, 0}},
    {"both turned",
     {.dtype = SVA_DTYPE_F32, .halves_in_turns = true},
     {.dtype = SVA_DTYPE_F32, .halves_in_turns = true},
     {SVA_ANSWER_IDENTICAL, "copy", NULL, 0, 0}},
    {"one side knows the readings",
     {.dtype = SVA_DTYPE_F32, .halves_in_turns = true},
     {.dtype = SVA_DTYPE_F32, .no_alternative = true},
     {SVA_ANSWER_IDENTICAL, "copy", NULL, TURNED, 0}},
    {"gains plus one",
     {.dtype = SVA_DTYPE_F32, .plus_one = true},
     {.dtype = SVA_DTYPE_F32},
     {SVA_ANSWER_IDENTICAL, "copy", NULL, 0, GAINS}},
    {"gains minus one",
     {.dtype = SVA_DTYPE_F32},
     {.dtype = SVA_DTYPE_F32, .plus_one = true},
     {SVA_ANSWER_IDENTICAL, "copy", NULL, 0, GAINS}},
    {"BF16",
     {.dtype = SVA_DTYPE_BF16, .halves_in_turns = true},
     {.dtype = SVA_DTYPE_F32},
     {SVA_ANSWER_DERIVED, "quantised-copy", NULL, TURNED, 0}},
    {"F16 against BF16",
     {.dtype = SVA_DTYPE_F16},
     {.dtype = SVA_DTYPE_BF16},
     {SVA_ANSWER_DERIVED, "quantised-copy", NULL, 0, 0}},
    {"Q8_0, turned, plus one",
     {.dtype = SVA_DTYPE_Q8_0, .halves_in_turns = true, .plus_one = true},
     {.dtype = SVA_DTYPE_F32},
     {SVA_ANSWER_DERIVED, "quantised-copy", "Q8_0", TURNED, GAINS}},
    {"the base against its Q4_0",
     {.dtype = SVA_DTYPE_F32},
     {.dtype = SVA_DTYPE_Q4_0, .halves_in_turns = true},
     {SVA_ANSWER_DERIVED, "quantised-copy", "Q4_0", TURNED, 0}},
    {"Q5_1 by way of F16",
     {.dtype = SVA_DTYPE_Q5_1, .by_way_of_f16 = true},
     {.dtype = SVA_DTYPE_F32},
     {SVA_ANSWER_DERIVED, "quantised-copy", "Q5_1", 0, 0}},
    {"Q4_0 against Q5_0",
     {.dtype = SVA_DTYPE_Q4_0, .halves_in_turns = true},
     {.dtype = SVA_DTYPE_Q5_0},
     {SVA_ANSWER_DERIVED, "quantised-copy", NULL, TURNED, 0}},
    {"MXFP4 against BF16",
     {.dtype = SVA_DTYPE_MXFP4},
     {.dtype = SVA_DTYPE_BF16},
     {SVA_ANSWER_DERIVED, "quantised-copy", NULL, 0, 0}},
};

static void the_same_weights_are_recognised_in_every_form(void **state)
{
    (void)state;
    static struct made_model model;
    static struct made_print subject, reference;
    made_model_init(&model, 1);
    for (size_t i = 0; i < sizeof FORMS / sizeof *FORMS; i++) {
        made_print_init(&subject, &model, FORMS[i].subject, 1);
        made_print_init(&reference, &model, FORMS[i].reference, 2);
        struct sva_comparison *comparison = compare(&subject, &reference);
        check(FORMS[i].what, comparison, &FORMS[i].expected);
        sva_comparison_free(comparison);
        made_print_done(&subject);
        made_print_done(&reference);
    }
    made_model_done(&model);
}

static void an_independent_twin_shows_nothing_in_any_form(void **state)
{
    (void)state;
    static struct made_model model, twin;
    static struct made_print subject, reference;
    const struct expected nothing = {SVA_ANSWER_NO_EVIDENCE, "", NULL, 0, 0};
    made_model_init(&model, 1);
    made_model_init(&twin, 2);
    for (size_t i = 0; i < sizeof FORMS / sizeof *FORMS; i++) {
        made_print_init(&subject, &twin, FORMS[i].subject, 1);
        made_print_init(&reference, &model, FORMS[i].reference, 2);
        struct sva_comparison *comparison = compare(&subject, &reference);
        check(FORMS[i].what, comparison, &nothing);
        sva_comparison_free(comparison);
        made_print_done(&subject);
        made_print_done(&reference);
    }
    made_model_done(&model);
    made_model_done(&twin);
}

static void a_fine_tune_is_told_from_a_quantised_copy(void **state)
{
    (void)state;
    static const struct {
        double change;
        enum sva_dtype dtype;
        const char *derivation;
    } cases[] = {
        {0.05, SVA_DTYPE_F32, "fine-tuned"},
        {0.05, SVA_DTYPE_Q8_0, "quantised-derivative"},
        {0.05, SVA_DTYPE_Q5_0, "quantised-derivative"},
        {0.10, SVA_DTYPE_Q4_0, "quantised-derivative"},
        {0.20, SVA_DTYPE_Q4_0, "quantised-derivative"},
        {0.30, SVA_DTYPE_MXFP4, "quantised-derivative"},
        {0.0001, SVA_DTYPE_Q8_0, "quantised-derivative"}, /* gains are kept whole and tell */
        {0.0001, SVA_DTYPE_Q4_0, "quantised-derivative"},
    };
    static struct made_print subject, reference;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        static struct made_model model;
        made_model_init(&model, 1);
        made_print_init(&reference, &model, (struct made_form){.dtype = SVA_DTYPE_BF16}, 2);
        made_model_tune(&model, 99, cases[i].change);
        made_print_init(&subject, &model,
                        (struct made_form){.dtype = cases[i].dtype, .halves_in_turns = true}, 1);
        struct sva_comparison *comparison = compare(&subject, &reference);
        const struct sva_component_result *result = &comparison->components[0];
        if (result->answer != SVA_ANSWER_DERIVED ||
            strcmp(result->derivation, cases[i].derivation) != 0) {
            fail_msg("case %zu: %s (%s), ratio %g within %g: %s", i,
                     sva_answer_name(result->answer), result->derivation,
                     result->quantisation.ratio, result->quantisation.within_half_step,
                     result->reason);
        }
        assert_true(result->quantisation.hidden_change >= 0.9 * cases[i].change);
        sva_comparison_free(comparison);
        made_print_done(&subject);
        made_print_done(&reference);
        made_model_done(&model);
    }
}

/** Some converters quantise gains too. One vector has no samples, so only the format's floor says
 * how far it may lie from what it was made of. */
static void gains_in_blocks_are_compared_by_what_the_format_leaves(void **state)
{
    (void)state;
    static const enum sva_dtype dtypes[] = {SVA_DTYPE_Q8_0, SVA_DTYPE_Q4_0};
    for (size_t c = 0; c < 2 * sizeof dtypes / sizeof *dtypes; c++) {
        static struct made_model model;
        static struct made_print whole, blocks;
        const struct made_form form = {.dtype = dtypes[c / 2]};
        uint8_t bytes[MADE_WIDTH * 4];
        made_model_init(&model, 1);
        made_print_init(&whole, &model, (struct made_form){.dtype = SVA_DTYPE_F32}, 2);
        for (int i = 0; i < MADE_TENSORS; i++) {
            if (model.tensors[i].n[0] == 1) {
                sva_quantise(form.dtype, model.tensors[i].values, MADE_WIDTH, bytes);
                sva_dequantise(form.dtype, bytes,
                               MADE_WIDTH / sva_dtype_get(form.dtype)->block_elements,
                               model.tensors[i].values);
            }
        }
        made_print_init(&blocks, &model, form, 1);
        for (int i = 0; i < MADE_TENSORS; i++) {
            blocks.tensors[i].dtype = form.dtype;
        }
        struct sva_comparison *const comparison =
            c % 2 == 0 ? compare(&blocks, &whole) : compare(&whole, &blocks);
        check("gains in blocks", comparison,
              &(struct expected){SVA_ANSWER_DERIVED, "quantised-copy",
                                 sva_dtype_get(form.dtype)->name, 0, 0});
        sva_comparison_free(comparison);
        made_print_done(&whole);
        made_print_done(&blocks);
        made_model_done(&model);
    }
}

/** The report says how large a change rounding could hide; a change that hides is smaller than
 * that. */
static void a_change_below_the_rounding_is_a_copy_within_what_is_said(void **state)
{
    (void)state;
    static const enum sva_dtype dtypes[] = {SVA_DTYPE_Q8_0, SVA_DTYPE_Q5_0, SVA_DTYPE_Q4_0,
                                            SVA_DTYPE_MXFP4};
    static const double changes[] = {0.0003, 0.003, 0.006, 0.01};
    static struct made_model model;
    static struct made_print subject, reference;
    for (size_t d = 0; d < sizeof dtypes / sizeof *dtypes; d++) {
        made_model_init(&model, 1);
        made_print_init(&reference, &model, (struct made_form){.dtype = SVA_DTYPE_F32}, 2);
        made_model_tune_matrices(&model, 99, changes[d]);
        made_print_init(&subject, &model, (struct made_form){.dtype = dtypes[d]}, 1);
        struct sva_comparison *comparison = compare(&subject, &reference);
        const struct sva_component_result *result = &comparison->components[0];
        check("hidden change", comparison,
              &(struct expected){SVA_ANSWER_DERIVED, "quantised-copy", NULL, 0, 0});
        assert_true(result->quantisation.hidden_change > changes[d]);
        assert_true(result->quantisation.hidden_change < result->quantisation.distance);
        sva_comparison_free(comparison);
        made_print_done(&subject);
        made_print_done(&reference);
        made_model_done(&model);
    }
}

/** Two trainings from one start: the bulk agrees, gains and directions do not. */
static void make_sibling(struct made_model *sibling, const struct made_model *model, double bulk)
{
    made_model_init(sibling, 500);
    for (int i = 0; i < MADE_TENSORS; i++) {
        struct made_tensor *tensor = &sibling->tensors[i];
        for (size_t j = 0; tensor->n[0] > 1 && j < made_count(tensor); j++) {
            tensor->values[j] = (float)(bulk * (double)model->tensors[i].values[j] +
                                        sqrt(1.0 - bulk * bulk) * (double)tensor->values[j]);
        }
    }
}

static void rounding_does_not_turn_a_shared_start_into_derivation(void **state)
{
    (void)state;
    static const enum sva_dtype dtypes[] = {SVA_DTYPE_F32, SVA_DTYPE_Q8_0, SVA_DTYPE_Q4_0,
                                            SVA_DTYPE_MXFP4};
    static const double bulks[] = {0.3, 0.6, 0.8, 0.95, 0.9999};
    static struct made_model model, sibling;
    static struct made_print subject, reference;
    made_model_init(&model, 1);
    for (size_t b = 0; b < sizeof bulks / sizeof *bulks; b++) {
        make_sibling(&sibling, &model, bulks[b]);
        for (size_t d = 0; d < sizeof dtypes / sizeof *dtypes; d++) {
            made_print_init(&subject, &sibling, (struct made_form){.dtype = dtypes[d]}, 1);
            made_print_init(&reference, &model, (struct made_form){.dtype = SVA_DTYPE_F32}, 2);
            struct sva_comparison *comparison = compare(&subject, &reference);
            assert_int_equal(comparison->answer, SVA_ANSWER_DEPENDENT_UNEXPLAINED);
            sva_comparison_free(comparison);
            made_print_done(&subject);
            made_print_done(&reference);
        }
        made_model_done(&sibling);
    }
    made_model_done(&model);
}

/**
 * Zeros where filter banks are looked for make a matrix inert for a few hundredths of a per cent of
 * a large one. Nothing must be said for such a copy.
 */
static void a_copy_that_was_made_inert_is_not_cleared(void **state)
{
    (void)state;
    enum { CORNER = 64, ZEROS_FROM = 31 };
    static struct made_model model, copy;
    static struct made_print subject, reference;
    made_model_init(&model, 1);
    made_model_init(&copy, 1);
    for (int i = 0; i < MADE_TENSORS - MADE_PER_LAYER; i++) { /* a layer of other weights is left */
        const size_t n1 = (size_t)copy.tensors[i].n[1];
        for (size_t row = 0; row < (size_t)copy.tensors[i].n[0] && row < CORNER; row++) {
            for (size_t j = ZEROS_FROM; j < n1 && j < CORNER; j++) {
                copy.tensors[i].values[row * n1 + j] = 0.0f;
            }
        }
    }
    struct made_model other;
    made_model_init(&other, 2);
    for (int i = MADE_TENSORS - MADE_PER_LAYER; i < MADE_TENSORS; i++) {
        memcpy(copy.tensors[i].values, other.tensors[i].values,
               (size_t)(copy.tensors[i].n[0] * copy.tensors[i].n[1]) * sizeof(float));
    }
    made_model_done(&other);
    made_print_init(&subject, &copy, (struct made_form){.dtype = SVA_DTYPE_F32}, 1);
    made_print_init(&reference, &model, (struct made_form){.dtype = SVA_DTYPE_F32}, 2);
    struct sva_comparison *comparison = compare(&subject, &reference);
    assert_int_not_equal(comparison->answer, SVA_ANSWER_NO_EVIDENCE);
    sva_comparison_free(comparison);
    made_print_done(&subject);
    made_print_done(&reference);
    made_model_done(&model);
    made_model_done(&copy);
}

static void constant_rows_that_are_stored_alike_are_no_copy(void **state)
{
    (void)state;
    static struct made_model model, twin;
    static struct made_print subject, reference;
    made_model_init(&model, 1);
    made_model_init(&twin, 2);
    for (int i = 0; i < MADE_TENSORS; i++) { /* the sampled rows hold one value in both */
        for (uint32_t row = 0; model.tensors[i].n[0] > 1 && row < SVA_SAMPLE_ROWS; row++) {
            const size_t n1 = (size_t)model.tensors[i].n[1];
            const size_t at = (size_t)made_place(row, SVA_SAMPLE_ROWS, model.tensors[i].n[0]) * n1;
            for (size_t j = 0; j < n1; j++) {
                model.tensors[i].values[at + j] = 0.0f;
                twin.tensors[i].values[at + j] = 0.0f;
            }
        }
    }
    made_print_init(&subject, &twin, (struct made_form){.dtype = SVA_DTYPE_Q8_0}, 1);
    made_print_init(&reference, &model, (struct made_form){.dtype = SVA_DTYPE_F32}, 2);
    struct sva_comparison *comparison = compare(&subject, &reference);
    check("constant rows", comparison, &(struct expected){SVA_ANSWER_NO_EVIDENCE, "", NULL, 0, 0});
    sva_comparison_free(comparison);
    made_print_done(&subject);
    made_print_done(&reference);
    made_model_done(&model);
    made_model_done(&twin);
}

/** Independent pairs with second readings on both sides: how often does each test fall below a
 * level? */
static void readings_are_paid_for(void **state)
{
    (void)state;
    enum { PAIRS = 40, TESTS = 5 };
    static const char *const ids[TESTS] = {
        "residual-permutation", "residual-permutation/even-layers",
        "residual-permutation/odd-layers", "axis-permutation", "residual-permutation/normal-tail"};
    static struct made_model models[2];
    static struct made_print prints[2];
    int below_10[TESTS] = {0};
    int below_1[TESTS] = {0};
    for (uint32_t pair = 0; pair < PAIRS; pair++) {
        for (uint32_t side = 0; side < 2; side++) {
            made_model_init(&models[side], 1000 + 2 * pair + side);
            made_print_init(&prints[side], &models[side],
                            (struct made_form){.dtype = side == 0 ? SVA_DTYPE_Q4_0 : SVA_DTYPE_BF16,
                                               .halves_in_turns = side == 0},
                            2 * pair + side);
        }
        struct sva_comparison *comparison = compare(&prints[0], &prints[1]);
        const struct sva_component_result *result = &comparison->components[0];
        assert_int_equal(result->answer, SVA_ANSWER_NO_EVIDENCE);
        int seen = 0;
        for (size_t t = 0; t < result->test_count; t++) {
            const struct sva_test *test = &result->tests[t];
            for (int i = 0; i < TESTS; i++) {
                if (strcmp(test->id, ids[i]) == 0) {
                    seen++;
                    below_10[i] += test->log10_p <= -1.0 ? 1 : 0;
                    below_1[i] += test->log10_p <= -2.0 ? 1 : 0;
                    assert_true(i == 3 || test->family == SVA_READINGS || test->log10_p >= 0.0);
                }
            }
        }
        assert_int_equal(seen, TESTS);
        sva_comparison_free(comparison);
        for (int side = 0; side < 2; side++) {
            made_print_done(&prints[side]);
            made_model_done(&models[side]);
        }
    }
    for (int i = 0; i < TESTS; i++) { /* 4 and .4 expected at most; bounds at .999 */
        if (below_10[i] > 11 || below_1[i] > 3) {
            fail_msg("%s: %d of %d below .1, %d below .01", ids[i], below_10[i], (int)PAIRS,
                     below_1[i]);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_weights_are_recognised_in_every_form),
        cmocka_unit_test(an_independent_twin_shows_nothing_in_any_form),
        cmocka_unit_test(a_fine_tune_is_told_from_a_quantised_copy),
        cmocka_unit_test(gains_in_blocks_are_compared_by_what_the_format_leaves),
        cmocka_unit_test(a_change_below_the_rounding_is_a_copy_within_what_is_said),
        cmocka_unit_test(rounding_does_not_turn_a_shared_start_into_derivation),
        cmocka_unit_test(a_copy_that_was_made_inert_is_not_cleared),
        cmocka_unit_test(constant_rows_that_are_stored_alike_are_no_copy),
        cmocka_unit_test(readings_are_paid_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
