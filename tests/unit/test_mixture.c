/* SPDX-License-Identifier: Apache-2.0 */
/** Mixtures of references: coefficients, their errors, and what is not called a mixture. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "made_prints.h"

enum { PARENTS = 3, SIMULATED = 1000 };

/** Three models tuned from one base, and a subject to be filled. */
struct family {
    struct made_model base, parents[PARENTS], subject;
};

static void copy_values(struct made_model *to, const struct made_model *from)
{
    for (int i = 0; i < MADE_TENSORS; i++) {
        memcpy(to->tensors[i].values, from->tensors[i].values,
               made_count(&from->tensors[i]) * sizeof(float));
    }
}

static void family_init(struct family *family, uint32_t seed, double change)
{
    made_model_init(&family->base, 7);
    made_model_init(&family->subject, 7);
    for (uint32_t k = 0; k < PARENTS; k++) {
        made_model_init(&family->parents[k], 7);
        made_model_tune(&family->parents[k], 1000 + seed * PARENTS + k, change);
    }
}

static void family_done(struct family *family)
{
    made_model_done(&family->base);
    made_model_done(&family->subject);
    for (int k = 0; k < PARENTS; k++) {
        made_model_done(&family->parents[k]);
    }
}

/** The subject becomes sum c_k * parent_k. */
static void mix(struct family *family, const double c[PARENTS])
{
    for (int i = 0; i < MADE_TENSORS; i++) {
        struct made_tensor *tensor = &family->subject.tensors[i];
        for (size_t j = 0; j < made_count(tensor); j++) {
            double sum = 0.0;
            for (int k = 0; k < PARENTS; k++) {
                sum += c[k] * (double)family->parents[k].tensors[i].values[j];
            }
            tensor->values[j] = (float)sum;
        }
    }
}

static struct sva_mixture *estimate(const struct made_model *subject, enum sva_dtype dtype,
                                    const struct made_model *const *parents, size_t count)
{
    static struct made_print made, references[PARENTS];
    const struct sva_print *prints[PARENTS];
    struct sva_mixture *mixture = NULL;
    struct sva_error error = {.status = SVA_OK};
    made_print_init(&made, subject, (struct made_form){.dtype = dtype, .no_alternative = true}, 1);
    for (size_t k = 0; k < count; k++) {
        const struct made_form form = {.dtype = SVA_DTYPE_F32, .no_alternative = true};
        made_print_init(&references[k], parents[k], form, (uint32_t)(2 + k));
        prints[k] = &references[k].print;
    }
    assert_int_equal(sva_mixture_estimate(&made.print, 0, prints, count, &mixture, &error),
                     SVA_OK);
    made_print_done(&made);
    for (size_t k = 0; k < count; k++) {
        made_print_done(&references[k]);
    }
    return mixture;
}

static struct sva_mixture *estimate_family(const struct family *family, enum sva_dtype dtype)
{
    const struct made_model *parents[PARENTS] = {&family->parents[0], &family->parents[1],
                                                 &family->parents[2]};
    return estimate(&family->subject, dtype, parents, PARENTS);
}

static void check_share(const struct sva_mixture_parent *parent, double share)
{
    assert_int_equal(parent->state, SVA_PARENT_NEEDED);
    if (!(fabs(parent->coefficient - share) <= 3.0 * parent->se)) {
        fail_msg("share %.6f, se %.6f, should be %.6f", parent->coefficient, parent->se, share);
    }
}

static void merge_of_two_in_three_candidates_names_the_one_not_needed(void **state)
{
    (void)state;
    static const enum sva_dtype dtypes[] = {SVA_DTYPE_F32, SVA_DTYPE_BF16, SVA_DTYPE_Q8_0};
    static struct family family;
    family_init(&family, 1, 0.1);
    mix(&family, (const double[PARENTS]){0.6, 0.4, 0.0});
    for (size_t i = 0; i < sizeof dtypes / sizeof *dtypes; i++) {
        struct sva_mixture *mixture = estimate_family(&family, dtypes[i]);
        print_message("dtype %d: kind %s, unexplained %.6f, nearest %.6f, c %.5f (%.5f) %.5f\n",
                      (int)dtypes[i], sva_mixture_kind_name(mixture->kind), mixture->unexplained,
                      mixture->nearest, mixture->parents[0].coefficient, mixture->parents[0].se,
                      mixture->parents[1].coefficient);
        assert_int_equal(mixture->kind, SVA_MIXTURE_LINEAR);
        check_share(&mixture->parents[0], 0.6);
        check_share(&mixture->parents[1], 0.4);
        assert_int_equal(mixture->parents[2].state, SVA_PARENT_UNNEEDED);
        assert_true(isnan(mixture->parents[2].coefficient));
        assert_true(mixture->unexplained < 0.01);
        sva_mixture_free(mixture);
    }
    family_done(&family);
}

/** A merge, or a sibling of its parents, stored coarsely: told apart, or said to be hidden. */
static void rounding_of_the_subject_is_no_residual(void **state)
{
    (void)state;
    static const struct {
        double change; /* of each parent from the base, and of the sibling */
        enum sva_dtype dtype;
        bool merge;
        enum sva_mixture_kind kind;
    } cases[] = {
        {0.005, SVA_DTYPE_BF16, true, SVA_MIXTURE_LINEAR},
        {0.005, SVA_DTYPE_BF16, false, SVA_MIXTURE_OTHER},
        {0.01, SVA_DTYPE_Q8_0, true, SVA_MIXTURE_LINEAR},
        {0.01, SVA_DTYPE_Q8_0, false, SVA_MIXTURE_OTHER},
        {0.1, SVA_DTYPE_Q5_0, true, SVA_MIXTURE_LINEAR},
        {0.1, SVA_DTYPE_Q4_0, true, SVA_MIXTURE_LINEAR},
        {0.1, SVA_DTYPE_Q4_0, false, SVA_MIXTURE_OTHER},
        {0.02, SVA_DTYPE_Q4_0, false, SVA_MIXTURE_UNDECIDED},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        static struct family family;
        family_init(&family, 1, cases[i].change);
        if (cases[i].merge) {
            mix(&family, (const double[PARENTS]){0.6, 0.4, 0.0});
        } else {
            copy_values(&family.subject, &family.base);
            made_model_tune(&family.subject, 77, cases[i].change);
        }
        struct sva_mixture *mixture = estimate_family(&family, cases[i].dtype);
        if (mixture->kind != cases[i].kind) {
            fail_msg("case %zu: %s, unexplained %.5f, nearest %.5f, rounding %.5f", i,
                     sva_mixture_kind_name(mixture->kind), mixture->unexplained, mixture->nearest,
                     mixture->rounding);
        }
        if (cases[i].merge) {
            check_share(&mixture->parents[0], 0.6);
            check_share(&mixture->parents[1], 0.4);
            assert_true(fabs(mixture->unexplained / mixture->rounding - 1.0) < 0.1);
        }
        sva_mixture_free(mixture);
        family_done(&family);
    }
}

/** Children of the subject, and siblings: never a mixture, however coarse the codes. */
static void no_relative_passes_for_an_ingredient_behind_rounding(void **state)
{
    (void)state;
    static const enum sva_dtype dtypes[] = {SVA_DTYPE_BF16, SVA_DTYPE_Q8_0, SVA_DTYPE_Q5_0,
                                            SVA_DTYPE_Q4_0};
    static const double changes[] = {0.005, 0.02, 0.1};
    size_t passed = 0;
    size_t tried = 0;
    for (uint32_t i = 0; i < 48; i++) {
        static struct family family;
        family_init(&family, 10 + i, changes[i % 3]);
        copy_values(&family.subject, &family.base); /* its children are the references */
        if (i % 2 == 1) {
            made_model_tune(&family.subject, 5000 + i, changes[i % 3]);
        }
        struct sva_mixture *mixture = estimate_family(&family, dtypes[i / 3 % 4]);
        passed += mixture->kind == SVA_MIXTURE_LINEAR || mixture->kind == SVA_MIXTURE_PASSTHROUGH
                      ? 1
                      : 0;
        tried++;
        sva_mixture_free(mixture);
        family_done(&family);
    }
    print_message("%zu of %zu relatives pass for ingredients\n", passed, tried);
    assert_int_equal(passed, 0);
}

/** Gains are no samples of matrices: they give the same coefficients on their own. */
static void gains_give_the_same_shares(void **state)
{
    (void)state;
    static struct family family;
    family_init(&family, 11, 0.1);
    mix(&family, (const double[PARENTS]){0.6, 0.4, 0.0});
    struct sva_mixture *mixture = estimate_family(&family, SVA_DTYPE_BF16);
    for (int k = 0; k < 2; k++) {
        const struct sva_mixture_parent *parent = &mixture->parents[k];
        assert_true(fabs(parent->vector_coefficient - (k == 0 ? 0.6 : 0.4)) < 1e-4);
        assert_true(parent->vector_se < 1e-4);
    }
    assert_true(isnan(mixture->parents[2].vector_coefficient));
    sva_mixture_free(mixture);
    family_done(&family);
}

static void one_parent_is_enough_for_its_copy(void **state)
{
    (void)state;
    static struct family family;
    family_init(&family, 2, 0.1);
    mix(&family, (const double[PARENTS]){0.0, 1.0, 0.0});
    made_model_tune(&family.subject, 5, 0.05);
    struct sva_mixture *mixture = estimate_family(&family, SVA_DTYPE_F32);
    assert_int_equal(mixture->kind, SVA_MIXTURE_SINGLE);
    assert_int_equal(mixture->parents[0].state, SVA_PARENT_UNNEEDED);
    assert_int_equal(mixture->parents[1].state, SVA_PARENT_NEEDED);
    assert_int_equal(mixture->parents[2].state, SVA_PARENT_UNNEEDED);
    assert_true(fabs(mixture->unexplained - 0.05) < 0.01);
    sva_mixture_free(mixture);
    family_done(&family);
}

static void parents_that_are_alike_are_not_told_apart(void **state)
{
    (void)state;
    static struct family family;
    family_init(&family, 3, 0.1);
    copy_values(&family.parents[1], &family.parents[0]);
    mix(&family, (const double[PARENTS]){0.7, 0.0, 0.3});
    struct sva_mixture *mixture = estimate_family(&family, SVA_DTYPE_F32);
    assert_int_equal(mixture->kind, SVA_MIXTURE_LINEAR);
    check_share(&mixture->parents[0], 0.7);
    assert_int_equal(mixture->parents[1].state, SVA_PARENT_ALIKE);
    assert_int_equal(mixture->parents[1].alike, 0);
    check_share(&mixture->parents[2], 0.3);
    sva_mixture_free(mixture);
    family_done(&family);
}

static void parent_between_two_others_is_not_told_from_them(void **state)
{
    (void)state;
    static struct family family;
    family_init(&family, 4, 0.1);
    mix(&family, (const double[PARENTS]){0.5, 0.5, 0.0});
    copy_values(&family.parents[2], &family.subject);
    mix(&family, (const double[PARENTS]){0.8, 0.2, 0.0});
    struct sva_mixture *mixture = estimate_family(&family, SVA_DTYPE_F32);
    assert_int_equal(mixture->kind, SVA_MIXTURE_LINEAR);
    check_share(&mixture->parents[0], 0.8);
    check_share(&mixture->parents[1], 0.2);
    assert_int_equal(mixture->parents[2].state, SVA_PARENT_ALIKE);
    assert_int_equal(mixture->parents[2].alike, -1);
    sva_mixture_free(mixture);
    family_done(&family);
}

static void all_parents_equal_divides_by_nothing(void **state)
{
    (void)state;
    static struct family family;
    family_init(&family, 5, 0.0);
    struct sva_mixture *mixture = estimate_family(&family, SVA_DTYPE_F32);
    assert_int_equal(mixture->kind, SVA_MIXTURE_SINGLE);
    assert_int_equal(mixture->parents[0].state, SVA_PARENT_NEEDED);
    assert_int_equal(mixture->parents[1].state, SVA_PARENT_ALIKE);
    assert_int_equal(mixture->parents[2].state, SVA_PARENT_ALIKE);
    assert_true(mixture->unexplained < 1e-6);
    sva_mixture_free(mixture);
    family_done(&family);
}

/** A fourth child of the base, the base itself, and a model that has nothing to do with it. */
static void siblings_descendants_and_strangers_are_no_mixture(void **state)
{
    (void)state;
    static struct family family;
    family_init(&family, 6, 0.1);
    copy_values(&family.subject, &family.base);
    made_model_tune(&family.subject, 77, 0.1);
    struct sva_mixture *mixture = estimate_family(&family, SVA_DTYPE_F32);
    assert_int_equal(mixture->kind, SVA_MIXTURE_OTHER);
    sva_mixture_free(mixture);
    copy_values(&family.subject, &family.base);
    mixture = estimate_family(&family, SVA_DTYPE_F32);
    assert_int_equal(mixture->kind, SVA_MIXTURE_OTHER);
    sva_mixture_free(mixture);
    made_model_done(&family.subject);
    made_model_init(&family.subject, 900);
    mixture = estimate_family(&family, SVA_DTYPE_F32);
    assert_int_equal(mixture->kind, SVA_MIXTURE_OTHER);
    assert_true(mixture->unexplained > 0.25);
    sva_mixture_free(mixture);
    family_done(&family);
}

static void take_layer(struct family *family, int layer, const struct made_model *from, int theirs)
{
    for (int i = 0; i < MADE_PER_LAYER; i++) {
        struct made_tensor *to = &family->subject.tensors[layer * MADE_PER_LAYER + i];
        memcpy(to->values, from->tensors[theirs * MADE_PER_LAYER + i].values,
               made_count(to) * sizeof(float));
    }
}

static void layers_of_one_then_of_another_are_named(void **state)
{
    (void)state;
    static struct family family;
    family_init(&family, 8, 0.1);
    for (int l = 0; l < MADE_LAYERS; l++) {
        take_layer(&family, l, &family.parents[l < 2 ? 0 : 2], l < 2 ? l : l - 1);
    }
    struct sva_mixture *mixture = estimate_family(&family, SVA_DTYPE_Q4_0);
    assert_int_equal(mixture->kind, SVA_MIXTURE_PASSTHROUGH);
    sva_mixture_free(mixture);
    mixture = estimate_family(&family, SVA_DTYPE_BF16);
    assert_int_equal(mixture->kind, SVA_MIXTURE_PASSTHROUGH);
    assert_int_equal(mixture->range_count, 2);
    assert_int_equal(mixture->ranges[0].last, 1);
    assert_int_equal(mixture->ranges[0].parent, 0);
    assert_int_equal(mixture->ranges[0].parent_first, 0);
    assert_int_equal(mixture->ranges[1].first, 2);
    assert_int_equal(mixture->ranges[1].last, 3);
    assert_int_equal(mixture->ranges[1].parent, 2);
    assert_int_equal(mixture->ranges[1].parent_first, 1);
    assert_int_equal(mixture->parents[1].state, SVA_PARENT_UNNEEDED);
    assert_true(mixture->unexplained < 0.01);
    sva_mixture_free(mixture);
    family_done(&family);
}

/** A gain may say anything of its layer: only layers that have tensors are walked. */
static void a_layer_number_costs_neither_time_nor_memory(void **state)
{
    (void)state;
    static struct family family;
    family_init(&family, 8, 0.1);
    for (int l = 0; l < MADE_LAYERS; l++) {
        take_layer(&family, l, &family.parents[l < 2 ? 0 : 2], l < 2 ? l : l - 1);
    }
    family.parents[0].tensors[0].layer = INT32_MAX;
    struct sva_mixture *mixture = estimate_family(&family, SVA_DTYPE_BF16);
    assert_int_equal(mixture->kind, SVA_MIXTURE_PASSTHROUGH);
    assert_int_equal(mixture->range_count, 2);
    sva_mixture_free(mixture);
    family.subject.tensors[0].layer = INT32_MAX - 1;
    mixture = estimate_family(&family, SVA_DTYPE_BF16);
    assert_int_not_equal(mixture->kind, SVA_MIXTURE_PASSTHROUGH); /* a layer without matrices */
    sva_mixture_free(mixture);
    family_done(&family);
}

/** Moves the samples of every matrix by `change` of their size; `from` may be the same print. */
static void tune_samples(struct made_print *to, const struct made_print *from,
                         struct sva_random *random, double change)
{
    for (int i = 0; i < MADE_TENSORS; i++) {
        const struct sva_value_samples *source = &from->tensors[i].samples;
        float *values = (float *)(uintptr_t)to->tensors[i].samples.values;
        const size_t count = (size_t)source->rows * source->columns;
        double energy = 0.0;
        for (size_t j = 0; j < count; j++) {
            energy += (double)source->values[j] * (double)source->values[j];
        }
        const double size = count > 0 ? change * sqrt(energy / (double)count) : 0.0;
        for (size_t j = 0; j < count; j++) {
            values[j] = source->values[j] + (float)(size * made_normal(random));
        }
    }
}

/** Samples of share * a + (1 - share) * b. */
static void mix_samples(struct made_print *to, const struct made_print *a,
                        const struct made_print *b, double share)
{
    for (int i = 0; i < MADE_TENSORS; i++) {
        const struct sva_value_samples *source = &a->tensors[i].samples;
        float *values = (float *)(uintptr_t)to->tensors[i].samples.values;
        for (size_t j = 0; j < (size_t)source->rows * source->columns; j++) {
            values[j] = (float)(share * (double)source->values[j] +
                                (1.0 - share) * (double)b->tensors[i].samples.values[j]);
        }
    }
}

/** Rounds every sample to BF16. */
static void round_samples(struct made_print *print)
{
    for (int i = 0; i < MADE_TENSORS; i++) {
        const struct sva_value_samples *samples = &print->tensors[i].samples;
        float *values = (float *)(uintptr_t)samples->values;
        sva_round_bf16(values, (size_t)samples->rows * samples->columns, values);
    }
}

/** How merges are simulated. */
struct simulation {
    const char *name;
    double change;     /* of each parent from the base */
    double trained_on; /* of the merge */
    bool rounded;      /* to BF16, then */
};

struct covered {
    int inside, kept, linear;
};

static struct covered simulate(const struct simulation *simulation)
{
    static struct made_model model;
    static struct made_print base, subject, parents[PARENTS];
    const struct made_form wide = {.dtype = SVA_DTYPE_F32, .no_alternative = true};
    const struct made_form narrow = {.dtype = SVA_DTYPE_BF16, .no_alternative = true};
    struct made_print *const all[] = {&base, &subject, &parents[0], &parents[1], &parents[2]};
    const struct sva_print *const prints[PARENTS] = {&parents[0].print, &parents[1].print,
                                                     &parents[2].print};
    struct sva_random random = made_stream(4242);
    struct covered covered = {0};
    made_model_init(&model, 7);
    for (uint32_t k = 0; k < sizeof all / sizeof *all; k++) {
        made_print_init(all[k], &model, k == 1 && simulation->rounded ? narrow : wide, k);
    }
    for (int i = 0; i < SIMULATED; i++) {
        struct sva_mixture *mixture = NULL;
        const double share = 0.2 + 0.6 * made_uniform(&random);
        for (int k = 0; k < PARENTS; k++) {
            tune_samples(&parents[k], &base, &random, simulation->change);
        }
        mix_samples(&subject, &parents[0], &parents[1], share);
        tune_samples(&subject, &subject, &random, simulation->trained_on);
        if (simulation->rounded) {
            round_samples(&subject);
        }
        assert_int_equal(sva_mixture_estimate(&subject.print, 0, prints, PARENTS, &mixture, NULL),
                         SVA_OK);
        const struct sva_mixture_parent *first = &mixture->parents[0];
        covered.inside += fabs(first->coefficient - share) <= 2.0 * first->se ? 1 : 0;
        covered.kept += mixture->parents[2].state == SVA_PARENT_NEEDED ? 1 : 0;
        covered.linear += mixture->kind == SVA_MIXTURE_LINEAR ? 1 : 0;
        sva_mixture_free(mixture);
    }
    for (uint32_t k = 0; k < sizeof all / sizeof *all; k++) {
        made_print_done(all[k]);
    }
    made_model_done(&model);
    return covered;
}

/**
 * Shares drawn at random: the interval of two standard errors holds the true share about as often
 * as it should. Samples only are made.
 */
static void interval_of_two_errors_holds_the_share_nineteen_times_in_twenty(void **state)
{
    (void)state;
    static const struct simulation simulations[] = {
        {"trained on by .02", 0.1, 0.02, false},
        {"of light tunes, in BF16", 0.008, 0.0, true},
    };
    for (size_t i = 0; i < sizeof simulations / sizeof *simulations; i++) {
        const struct covered covered = simulate(&simulations[i]);
        print_message("merges %s: %d of %d intervals hold the share; %d keep the third parent, %d "
                      "are called linear\n",
                      simulations[i].name, covered.inside, (int)SIMULATED, covered.kept,
                      covered.linear);
        /* .945 for 27 degrees of freedom; three binomial errors of a thousand either way */
        assert_true(covered.inside >= SIMULATED * 0.92 && covered.inside <= SIMULATED * 0.97);
        assert_true(covered.kept <= SIMULATED * 0.05);
        assert_true(!simulations[i].rounded || covered.linear >= SIMULATED * 0.95);
    }
}

/** Fails one allocation after another until none is left to fail. */
static void fail_everywhere(const struct made_model *subject, const struct family *family,
                            enum sva_mixture_kind kind)
{
    static struct made_print made, references[2];
    const struct made_form form = {.dtype = SVA_DTYPE_F32, .no_alternative = true};
    const struct sva_print *const prints[2] = {&references[0].print, &references[1].print};
    struct sva_mixture *mixture = NULL;
    made_print_init(&made, subject, form, 1);
    made_print_init(&references[0], &family->parents[0], form, 2);
    made_print_init(&references[1], &family->parents[1], form, 3);
    uint64_t failing = 1;
    for (; failing < 1000 && mixture == NULL; failing++) {
        sva_memory_fail_after(failing);
        const enum sva_status status =
            sva_mixture_estimate(&made.print, 0, prints, 2, &mixture, NULL);
        sva_memory_fail_after(0);
        assert_int_equal(status, mixture != NULL ? SVA_OK : SVA_ERR_MEMORY);
    }
    assert_true(failing > 5);
    assert_non_null(mixture);
    assert_int_equal(mixture->kind, kind);
    sva_mixture_free(mixture);
    made_print_done(&made);
    made_print_done(&references[0]);
    made_print_done(&references[1]);
}

static void running_out_of_memory_anywhere_is_an_error_and_leaks_nothing(void **state)
{
    (void)state;
    static struct family family;
    family_init(&family, 9, 0.1);
    for (int l = 0; l < MADE_LAYERS; l++) {
        take_layer(&family, l, &family.parents[l < 2 ? 0 : 1], l);
    }
    fail_everywhere(&family.subject, &family, SVA_MIXTURE_PASSTHROUGH);
    mix(&family, (const double[PARENTS]){0.6, 0.4, 0.0});
    fail_everywhere(&family.subject, &family, SVA_MIXTURE_LINEAR);
    family_done(&family);
}

static void too_many_or_too_few_references_are_refused(void **state)
{
    (void)state;
    static struct made_model model;
    static struct made_print made;
    made_model_init(&model, 1);
    made_print_init(&made, &model, (struct made_form){.dtype = SVA_DTYPE_F32}, 1);
    const struct sva_print *prints[SVA_MIXTURE_PARENTS + 1];
    struct sva_mixture *mixture = NULL;
    struct sva_error error = {.status = SVA_OK};
    for (size_t i = 0; i < SVA_MIXTURE_PARENTS + 1; i++) {
        prints[i] = &made.print;
    }
    assert_int_equal(sva_mixture_estimate(&made.print, 0, prints, 1, &mixture, &error),
                     SVA_ERR_USAGE);
    assert_int_equal(sva_mixture_estimate(&made.print, 0, prints, SVA_MIXTURE_PARENTS + 1, &mixture,
                                          NULL),
                     SVA_ERR_USAGE);
    assert_int_equal(sva_mixture_estimate(&made.print, 1, prints, 2, &mixture, NULL),
                     SVA_ERR_USAGE);
    assert_null(mixture);
    made_print_done(&made);
    made_model_done(&model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(merge_of_two_in_three_candidates_names_the_one_not_needed),
        cmocka_unit_test(rounding_of_the_subject_is_no_residual),
        cmocka_unit_test(no_relative_passes_for_an_ingredient_behind_rounding),
        cmocka_unit_test(gains_give_the_same_shares),
        cmocka_unit_test(one_parent_is_enough_for_its_copy),
        cmocka_unit_test(parents_that_are_alike_are_not_told_apart),
        cmocka_unit_test(parent_between_two_others_is_not_told_from_them),
        cmocka_unit_test(all_parents_equal_divides_by_nothing),
        cmocka_unit_test(siblings_descendants_and_strangers_are_no_mixture),
        cmocka_unit_test(layers_of_one_then_of_another_are_named),
        cmocka_unit_test(a_layer_number_costs_neither_time_nor_memory),
        cmocka_unit_test(interval_of_two_errors_holds_the_share_nineteen_times_in_twenty),
        cmocka_unit_test(running_out_of_memory_anywhere_is_an_error_and_leaks_nothing),
        cmocka_unit_test(too_many_or_too_few_references_are_refused),
    };
    return cmocka_run_group_tests_name("mixture", tests, NULL, NULL);
}
