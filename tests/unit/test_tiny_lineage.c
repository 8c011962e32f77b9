/* SPDX-License-Identifier: Apache-2.0 */
/* What is done to trained decoders in fixtures/trained does what it says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "approx.h"
#include "lineage.h"
#include "restack.h"
#include "rng.h"
#include "scratch.h"
#include "tiny_family.h"
#include "tiny_training.h"

static struct sva_network *base;
static struct sva_network *other;
static struct sva_tiny_recipe recipe;

static int train_two(void **state)
{
    (void)state;
    const struct sva_fixture_shape shape = sva_tiny_shape_default();
    recipe = sva_tiny_recipe_default(3, 4);
    recipe.steps = 12;
    recipe.warm_up = 2;
    base = sva_tiny_start(&shape, 7, 0.05);
    (void)sva_tiny_train(base, &recipe);
    other = sva_network_clone(base);
    (void)sva_tiny_train(other, &recipe);
    return 0;
}

static int free_two(void **state)
{
    (void)state;
    sva_network_free(base);
    sva_network_free(other);
    return 0;
}

static size_t size_of(const struct sva_network_tensor *tensor)
{
    return (size_t)(tensor->rows * tensor->columns);
}

static void renumbered_neurons_compute_the_same(void **state)
{
    (void)state;
    struct sva_network *const permuted = sva_network_clone(base);
    sva_permute_neurons(permuted, 5);
    const char *const key = "model.layers.1.mlp.up_proj.weight";
    const struct sva_network_tensor *const moved = sva_network_find(permuted, key);
    assert_memory_not_equal(moved->values, sva_network_find(base, key)->values,
                            size_of(moved) * sizeof(float));
    assert_near(sva_tiny_loss(permuted, &recipe, 1), sva_tiny_loss(base, &recipe, 1), 1e-5);
    sva_network_free(permuted);
}

static void silent_layers_compute_nothing(void **state)
{
    (void)state;
    const struct sva_stack_layer blocks[] = {{base, 0, false}, {base, 0, true},  {base, 1, false},
                                            {base, 2, false}, {base, 3, false}, {base, 3, true}};
    struct sva_network *const stack = sva_stack(base, blocks, 6);
    assert_int_equal(stack->shape.layers, 6);
    assert_near(sva_tiny_loss(stack, &recipe, 1), sva_tiny_loss(base, &recipe, 1), 1e-6);
    sva_network_free(stack);
}

static void a_stack_takes_each_layer_from_its_source(void **state)
{
    (void)state;
    const struct sva_stack_layer blocks[] = {{base, 0, false}, {other, 2, false}};
    struct sva_network *const stack = sva_stack(base, blocks, 2);
    const struct sva_network_tensor *const second =
        sva_network_find(stack, "model.layers.1.self_attn.q_proj.weight");
    const struct sva_network_tensor *const source =
        sva_network_find(other, "model.layers.2.self_attn.q_proj.weight");
    assert_memory_equal(second->values, source->values, size_of(source) * sizeof(float));
    assert_null(sva_network_find(stack, "model.layers.2.self_attn.q_proj.weight"));
    sva_network_free(stack);
}

static void kept_tokens_keep_their_rows(void **state)
{
    (void)state;
    struct sva_network *const rebuilt = sva_network_clone(base);
    uint16_t *const ids = sva_rebuild_vocabulary(rebuilt, 8);
    const struct sva_network_tensor *const before = &base->tensors[0];
    const struct sva_network_tensor *const after = &rebuilt->tensors[0];
    const size_t width = (size_t)before->columns;
    bool taken[512] = {false};
    size_t kept = 0;
    for (uint32_t i = 0; i < base->vocabulary.count; ++i) {
        assert_false(taken[ids[i]]);
        taken[ids[i]] = true;
        if (strcmp(base->vocabulary.tokens[i].text, rebuilt->vocabulary.tokens[ids[i]].text) == 0) {
            ++kept;
            assert_memory_equal(before->values + i * width, after->values + ids[i] * width,
                                width * sizeof(float));
        }
    }
    assert_true(kept >= 256 && kept < 310);
    sva_free(ids);
    sva_network_free(rebuilt);
}

static void adapters_change_q_and_v_by_their_rank(void **state)
{
    (void)state;
    struct sva_network *const tuned = sva_network_clone(base);
    struct sva_tiny_recipe adapted = recipe;
    adapted.adapter_rank = 1;
    (void)sva_tiny_train(tuned, &adapted);
    double largest = 0;
    for (size_t t = 0; t < base->count; ++t) {
        const struct sva_network_tensor *const a = &base->tensors[t];
        const float *const b = tuned->tensors[t].values;
        if (strstr(a->key, "q_proj") == NULL && strstr(a->key, "v_proj") == NULL) {
            assert_memory_equal(a->values, b, size_of(a) * sizeof(float));
            continue;
        }
        const size_t w = (size_t)a->columns;
        for (size_t i = 0; i + w + 1 < size_of(a); ++i) { /* neighbouring minors of rank one */
            const double p = (double)(b[i] - a->values[i]);
            const double q = (double)(b[i + 1] - a->values[i + 1]);
            const double r = (double)(b[i + w] - a->values[i + w]);
            const double s = (double)(b[i + w + 1] - a->values[i + w + 1]);
            largest = fmax(largest, fmax(fabs(p), fabs(s)));
            if ((i + 1) % w != 0) {
                assert_near(p * s - q * r, 0, 1e-6 * (fabs(p) + fabs(q) + fabs(r) + fabs(s)));
            }
        }
    }
    assert_true(largest > 1e-3);
    sva_network_free(tuned);
}

static void merges_lie_between(void **state)
{
    (void)state;
    struct sva_network *const linear = sva_network_clone(base);
    struct sva_network *const round = sva_network_clone(base);
    struct sva_network *const ties = sva_network_clone(base);
    struct sva_network *const dare = sva_network_clone(base);
    const struct sva_dare half = {.base = base, .seed = 1, .dropped = 0.5, .weight = 0.5};
    sva_lineage_mix(linear, other, 0.75);
    sva_lineage_slerp_halfway(round, other);
    sva_lineage_ties(ties, other, other, 0.5); /* of a change with itself: its larger half */
    sva_lineage_dare(dare, other, &half);
    const struct sva_network_tensor *const b = &base->tensors[3];
    size_t moved[2] = {0, 0};
    for (size_t i = 0; i < size_of(b); ++i) {
        const double from = (double)b->values[i];
        const double change = (double)other->tensors[3].values[i] - from;
        assert_near((double)linear->tensors[3].values[i], from + 0.25 * change, 1e-7);
        assert_near((double)round->tensors[3].values[i], from + 0.5 * change, 2e-3);
        const double by_sign = (double)ties->tensors[3].values[i] - from;
        const double by_lot = (double)dare->tensors[3].values[i] - from;
        assert_true(by_sign == 0 || fabs(by_sign - change) < 1e-7);
        assert_true(by_lot == 0 || fabs(by_lot - change) < 1e-7);
        moved[0] += by_sign != 0 ? 1 : 0;
        moved[1] += by_lot != 0 ? 1 : 0;
    }
    assert_near((double)moved[0] / (double)size_of(b), 0.5, 0.02);
    assert_near((double)moved[1] / (double)size_of(b), 0.5, 0.05);
    sva_network_free(linear);
    sva_network_free(round);
    sva_network_free(ties);
    sva_network_free(dare);
}

static void a_family_has_all_its_members(void **state)
{
    (void)state;
    struct sva_tiny_family family;
    sva_tiny_family_make(&family, 2, 6);
    size_t count = 0;
    const struct sva_tiny_pair *const pairs = sva_tiny_pairs(&count);
    for (int i = 0; i < SVA_TINY_MEMBERS; ++i) {
        assert_non_null(family.members[i]);
        assert_true(sva_tiny_member_name((enum sva_tiny_member)i)[0] != '\0');
    }
    for (size_t i = 1; i < count; ++i) {
        assert_true(pairs[i].truth >= pairs[i - 1].truth);
    }
    assert_int_equal(family.members[SVA_TINY_UP_SCALED]->shape.layers, 6);
    assert_int_equal(family.members[SVA_TINY_PRUNED]->shape.layers, 3);
    assert_int_equal(family.members[SVA_TINY_EXTENDED]->vocabulary.count, 344);
    sva_tiny_family_done(&family);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(renumbered_neurons_compute_the_same),
        cmocka_unit_test(silent_layers_compute_nothing),
        cmocka_unit_test(a_stack_takes_each_layer_from_its_source),
        cmocka_unit_test(kept_tokens_keep_their_rows),
        cmocka_unit_test(adapters_change_q_and_v_by_their_rank),
        cmocka_unit_test(merges_lie_between),
        cmocka_unit_test(a_family_has_all_its_members),
    };
    return cmocka_run_group_tests(tests, train_two, free_two);
}
