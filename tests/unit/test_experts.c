/* SPDX-License-Identifier: Apache-2.0 */
/* Layers of more experts than a print keeps all of: what it holds of the others, and what follows.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <sovaudit/audit.h>

#include "fixtures.h"

enum { EXPERTS = 2 * SVA_EXPERTS_IN_FULL };

static char root[] = "/tmp/sovaudit-experts-XXXXXX";
static char paths[4][sizeof root + 16]; /* a model, one derived from it, two that are independent */
static struct sva_print *prints[4];

static struct sva_print *print_of(const char *path)
{
    struct sva_model *model = NULL;
    struct sva_print *print = NULL;
    struct sva_error error = {.status = SVA_OK};
    assert_int_equal(sva_model_open(path, NULL, &model, &error), SVA_OK);
    assert_int_equal(sva_print_make(model, NULL, &print, &error), SVA_OK);
    sva_model_close(model);
    return print;
}

static int make_models(void **state)
{
    (void)state;
    struct sva_fixture_shape shape = sva_fixture_shape_small(SVA_FIXTURE_QWEN3_MOE);
    shape.experts = EXPERTS;
    shape.hidden = 96;
    shape.layers = 4;
    if (mkdtemp(root) == NULL) {
        return -1;
    }
    for (size_t i = 0; i < 4; i++) {
        (void)snprintf(paths[i], sizeof paths[i], "%s/%zu", root, i);
    }
    if (sva_fixture_mixed_pair(21, &shape, 0.98, paths[0], paths[1]) != 0 ||
        sva_fixture_simulated_pair(22, &shape, paths[2], paths[3]) != 0) {
        return -1;
    }
    for (size_t i = 0; i < 4; i++) {
        prints[i] = print_of(paths[i]);
    }
    return 0;
}

static int remove_models(void **state)
{
    (void)state;
    int failed = 0;
    for (size_t i = 0; i < 4; i++) {
        sva_print_free(prints[i]);
        failed += sva_fixture_remove(paths[i]) != 0 ? 1 : 0;
    }
    return failed == 0 && rmdir(root) == 0 ? 0 : -1;
}

static void experts_beyond_the_first_keep_the_axis_of_their_neurons(void **state)
{
    (void)state;
    size_t beyond = 0;
    for (size_t i = 0; i < prints[0]->tensor_count; i++) {
        const struct sva_print_tensor *const tensor = &prints[0]->tensors[i];
        if (tensor->expert < 0) {
            continue;
        }
        const int neurons = tensor->axis_kind[0] == SVA_AXIS_NEURON ? 0 : 1;
        const bool full = tensor->expert < SVA_EXPERTS_IN_FULL;
        assert_int_equal(tensor->axis_kind[1 - neurons], SVA_AXIS_RESIDUAL);
        assert_true(tensor->axis[neurons].kept > 0);
        assert_int_equal(tensor->axis[neurons].directions_known, full);
        assert_int_equal(tensor->axis[1 - neurons].kept > 0, full);
        assert_int_equal(tensor->samples.rows > 0, full);
        beyond += full ? 0 : 1;
    }
    assert_int_equal(beyond, 3 * SVA_EXPERTS_IN_FULL * prints[0]->components[0].layer_count);
}

static void every_expert_of_a_derived_model_agrees_on_its_own(void **state)
{
    (void)state;
    struct sva_comparison *comparison = NULL;
    assert_int_equal(sva_compare(prints[1], prints[0], NULL, &comparison, NULL), SVA_OK);
    assert_int_equal(comparison->components[0].answer, SVA_ANSWER_DERIVED);
    assert_true(comparison->components[0].coverage > 0.9);
    sva_comparison_free(comparison);
}

static void independent_models_show_no_evidence(void **state)
{
    (void)state;
    static const size_t pairs[][2] = {{2, 3}, {0, 2}, {1, 3}};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        struct sva_comparison *comparison = NULL;
        assert_int_equal(
            sva_compare(prints[pairs[i][0]], prints[pairs[i][1]], NULL, &comparison, NULL), SVA_OK);
        assert_int_equal(comparison->answer, SVA_ANSWER_NO_EVIDENCE);
        sva_comparison_free(comparison);
    }
}

/** Its blocks are longer than the pieces that they are written in. */
static void long_print_survives_its_file(void **state)
{
    (void)state;
    struct sva_print *back = NULL;
    struct sva_error error = {.status = SVA_OK};
    uint8_t *bytes = NULL;
    size_t size = 0;
    assert_int_equal(sva_print_encode(prints[0], &bytes, &size, &error), SVA_OK);
    assert_true(size > 2 << 20);
    assert_int_equal(sva_print_decode(bytes, size, "print", &back, &error), SVA_OK);
    assert_memory_equal(back->digest, prints[0]->digest, SVA_DIGEST_BYTES);
    free(bytes);
    sva_print_free(back);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(experts_beyond_the_first_keep_the_axis_of_their_neurons),
        cmocka_unit_test(every_expert_of_a_derived_model_agrees_on_its_own),
        cmocka_unit_test(independent_models_show_no_evidence),
        cmocka_unit_test(long_print_survives_its_file),
    };
    return cmocka_run_group_tests(tests, make_models, remove_models);
}
