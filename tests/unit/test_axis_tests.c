/* SPDX-License-Identifier: Apache-2.0 */
/** Tests of single tensors against single tensors: whose names may leave one out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "made_prints.h"

/** A model of which nothing is known but names: "<stem><number>". */
static void make_unnamed(struct made_model *model, struct made_print *print, const char *stem,
                         uint32_t number)
{
    for (int i = 0; i < MADE_TENSORS; i++) {
        struct made_tensor *const tensor = &model->tensors[i];
        tensor->role = SVA_ROLE_UNKNOWN;
        tensor->layer = -1;
        tensor->halves = false;
        for (int axis = 0; axis < 2; axis++) {
            tensor->axis[axis] = tensor->n[0] == 1 ? tensor->axis[axis] : SVA_AXIS_UNKNOWN;
        }
        (void)snprintf(tensor->name, sizeof tensor->name, "%s%d.weight", stem, i);
    }
    made_print_init(print, model, (struct made_form){.dtype = SVA_DTYPE_F32}, number);
    print->component.kind = SVA_COMPONENT_GENERIC;
    print->component.name = "generic";
}

/** log10 p of the axis test of a tuned copy whose tensors are called so; 1: not run. */
static double p_of_copy(const char *subject_stem, const char *reference_stem)
{
    static struct made_model original, copy;
    static struct made_print subject, reference;
    struct sva_comparison *comparison = NULL;
    struct sva_compare_options options = sva_compare_options_default();
    double log10_p = 1.0;
    made_model_init(&original, 5);
    made_model_init(&copy, 5);
    made_model_tune(&copy, 6, 0.3);
    make_unnamed(&original, &reference, reference_stem, 1);
    make_unnamed(&copy, &subject, subject_stem, 2);
    options.threads = 1;
    assert_int_equal(sva_compare(&subject.print, &reference.print, &options, &comparison, NULL),
                     SVA_OK);
    for (size_t i = 0; i < comparison->components[0].test_count; i++) {
        if (strcmp(comparison->components[0].tests[i].id, "axis-permutation") == 0) {
            log10_p = comparison->components[0].tests[i].log10_p;
        }
    }
    sva_comparison_free(comparison);
    made_print_done(&subject);
    made_print_done(&reference);
    made_model_done(&original);
    made_model_done(&copy);
    return log10_p;
}

static void names_of_position_tables_hide_no_copy(void **state)
{
    (void)state;
    static const char *const stems[] = {"t", "pos_emb", "position_emb", "x.pos_table."};
    const double plain = p_of_copy("t", "u");
    assert_true(plain < -9.0);
    for (size_t i = 0; i < sizeof stems / sizeof *stems; i++) {
        const double named = p_of_copy(stems[i], "u");
        if (!(named < -9.0)) {
            fail_msg("called %s: log10 p %.2f, called t: %.2f", stems[i], named, plain);
        }
    }
}

/** Many tables of both sides may have begun from one formula. */
static void tables_of_both_sides_are_not_held_against_one_another(void **state)
{
    (void)state;
    assert_true(p_of_copy("pos_emb", "layer.pos_emb.") > 0.5);
    assert_true(p_of_copy("t", "pos_emb") <
                -9.0); /* what the reference is called changes nothing */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_of_position_tables_hide_no_copy),
        cmocka_unit_test(tables_of_both_sides_are_not_held_against_one_another),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
