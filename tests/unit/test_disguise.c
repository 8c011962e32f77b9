/* SPDX-License-Identifier: Apache-2.0 */
/** Disguises do what they claim: the function stays, or changes; the weights are others. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "disguise_models.h"
#include "fixtures/disguise.h"

static void drop_tensor(struct sva_network *network, const char *key)
{
    struct sva_network_tensor *const tensor = sva_network_find(network, key);
    sva_free(tensor->values);
    *tensor = network->tensors[--network->count];
}

/* As siglip: nothing stands before the layers that a rotation could not pass. */
static void drop_first_norm(struct sva_network *network)
{
    drop_tensor(network, "vision_model.pre_layrnorm.weight");
    drop_tensor(network, "vision_model.pre_layrnorm.bias");
}

static struct sva_network *model_for(const struct sva_disguise *disguise,
                                     enum sva_fixture_architecture architecture,
                                     enum manner manner)
{
    struct sva_network *const network = model(architecture, manner);
    if (architecture == SVA_FIXTURE_CLIP_VISION &&
        strcmp(disguise->name, "residual-rotation") == 0) {
        drop_first_norm(network);
    }
    if (strcmp(disguise->name, "split") == 0) {
        const bool experts = architecture == SVA_FIXTURE_QWEN3_MOE;
        assert_int_equal(sva_disguise_chain(network, experts ? "fuse,stack-experts" : "fuse", 1),
                         0);
    }
    return network;
}

static bool applies(const struct sva_disguise *disguise,
                    enum sva_fixture_architecture architecture)
{
    return ((disguise->architectures >> architecture) & 1u) != 0;
}

static bool same_shape(const struct sva_network_tensor *a, const struct sva_network_tensor *b)
{
    return a->rank == b->rank && memcmp(a->shape, b->shape, a->rank * sizeof a->shape[0]) == 0;
}

static bool same_values(const struct sva_network_tensor *a, const struct sva_network_tensor *b)
{
    return same_shape(a, b) && memcmp(a->values, b->values, elements(a) * sizeof(float)) == 0;
}

/* Tensors of `changed` that `network` does not store so, under that name. */
static size_t count_changed(const struct sva_network *network, const struct sva_network *changed)
{
    size_t count = 0;
    for (size_t i = 0; i < changed->count; ++i) {
        const struct sva_network_tensor *const now = &changed->tensors[i];
        const struct sva_network_tensor *const was = sva_network_find(network, now->key);
        count += was == NULL || strcmp(was->name, now->name) != 0 || !same_values(was, now);
    }
    return count;
}

static struct sva_network *disguised(const struct sva_network *network,
                                     const struct sva_disguise *disguise, uint64_t seed)
{
    struct sva_network *const copy = sva_network_clone(network);
    if (disguise->apply(copy, disguise->strength, seed) != 0) {
        fail_msg("%s refuses architecture %d", disguise->name, (int)network->shape.architecture);
    }
    return copy;
}

/* Shapes say what they hold, and no two tensors have one name. */
static void assert_sound(const struct sva_network *network, const char *name)
{
    for (size_t i = 0; i < network->count; ++i) {
        const struct sva_network_tensor *const tensor = &network->tensors[i];
        uint64_t product = 1;
        for (uint32_t d = 0; d < tensor->rank; ++d) {
            product *= tensor->shape[d];
        }
        if (product != elements(tensor)) {
            fail_msg("%s: the shape of %s does not fit its values", name, tensor->name);
        }
        for (size_t k = 0; k < i; ++k) {
            if (strcmp(tensor->name, network->tensors[k].name) == 0 ||
                strcmp(tensor->key, network->tensors[k].key) == 0) {
                fail_msg("%s: two tensors are called %s", name, tensor->name);
            }
        }
    }
}

typedef void (*pair_check)(const struct sva_disguise *disguise, const struct sva_network *network,
                           const struct sva_network *changed);

static void for_every_pair(bool preserving, enum manner manner, pair_check check)
{
    size_t count = 0;
    const struct sva_disguise *const table = sva_disguise_table(&count);
    for (size_t d = 0; d < count; ++d) {
        for (int a = 0; a < ARCHITECTURES; ++a) {
            if (table[d].preserves == preserving && applies(&table[d], architectures[a])) {
                struct sva_network *const network =
                    model_for(&table[d], architectures[a], manner);
                struct sva_network *const changed = disguised(network, &table[d], 3);
                assert_sound(changed, table[d].name);
                check(&table[d], network, changed);
                sva_network_free(network);
                sva_network_free(changed);
            }
        }
    }
}

static void assert_preserved(const struct sva_disguise *disguise,
                             const struct sva_network *network, const struct sva_network *changed)
{
    const double off = distance(network, changed);
    if (!(off <= preserved_within)) {
        fail_msg("%s on architecture %d moves the outputs by %.3g", disguise->name,
                 (int)network->shape.architecture, off);
    }
    const bool stored_alike =
        network->stored == changed->stored && network->shard_count == changed->shard_count;
    if (count_changed(network, changed) == 0 && stored_alike) {
        fail_msg("%s on architecture %d changes nothing", disguise->name,
                 (int)network->shape.architecture);
    }
}

static void preserving_disguises_leave_outputs_and_change_weights(void **state)
{
    (void)state;
    for_every_pair(true, EVEN, assert_preserved);
}

static void outliers_of_trained_weights_do_not_spoil_it(void **state)
{
    (void)state;
    for_every_pair(true, TRAINED, assert_preserved);
}

/* Whether it is noticed that a disguise was not done to one tensor. */
static bool notices_undone(const struct sva_forward_output *expected,
                           const struct sva_network *network, const struct sva_network *changed,
                           size_t index)
{
    struct sva_network *const half = sva_network_clone(changed);
    const struct sva_network_tensor *const was =
        sva_network_find(network, half->tensors[index].key);
    memcpy(half->tensors[index].values, was->values, elements(was) * sizeof(float));
    const double off = distance_from(expected, &network->vocabulary, half);
    sva_network_free(half);
    return off > broken_above;
}

/*
 * Each tensor that a disguise changed, put back alone, is noticed: nothing passes because it has no
 * effect. Layouts have no such tensors; layers that write nothing (expand-depth) have no effect.
 */
static void assert_no_half(const struct sva_disguise *disguise, const struct sva_network *network,
                           const struct sva_network *changed)
{
    const struct sva_forward_output expected = run(network, &network->vocabulary);
    const bool silent = strcmp(disguise->name, "expand-depth") == 0;
    size_t seen = 0;
    size_t undone = 0;
    for (size_t i = 0; i < changed->count; ++i) {
        const struct sva_network_tensor *const now = &changed->tensors[i];
        const struct sva_network_tensor *const was = sva_network_find(network, now->key);
        if (was == NULL || !same_shape(was, now) || same_values(was, now)) {
            continue;
        }
        const bool noticed = notices_undone(&expected, network, changed, i);
        ++undone;
        seen += noticed;
        if (!noticed && !silent && !is_without_effect(network, now)) {
            fail_msg("%s on architecture %d: %s undone is not noticed", disguise->name,
                     (int)network->shape.architecture, now->key);
        }
    }
    assert_true(seen > 0 || undone == 0);
    sva_free(expected.values);
}

static void a_disguise_undone_in_one_tensor_changes_outputs(void **state)
{
    (void)state;
    for_every_pair(true, EVEN, assert_no_half);
}

static void assert_lossy(const struct sva_disguise *disguise, const struct sva_network *network,
                         const struct sva_network *changed)
{
    const double off = distance(network, changed);
    if (!(off > broken_above)) {
        fail_msg("%s on architecture %d moves the outputs by %.3g only", disguise->name,
                 (int)network->shape.architecture, off);
    }
}

static void lossy_disguises_change_outputs(void **state)
{
    (void)state;
    for_every_pair(false, EVEN, assert_lossy);
    for_every_pair(false, TRAINED, assert_lossy);
}

static void a_disguise_is_a_function_of_its_seed(void **state)
{
    (void)state;
    size_t count = 0;
    const struct sva_disguise *const table = sva_disguise_table(&count);
    for (size_t d = 0; d < count; ++d) {
        for (int a = 0; a < ARCHITECTURES; ++a) {
            if (!applies(&table[d], architectures[a])) {
                continue;
            }
            struct sva_network *const network = model_for(&table[d], architectures[a], EVEN);
            struct sva_network *const one = disguised(network, &table[d], 3);
            struct sva_network *const again = disguised(network, &table[d], 3);
            if (one->count != again->count || count_changed(one, again) != 0) {
                fail_msg("%s gives two results for one seed", table[d].name);
            }
            sva_network_free(network);
            sva_network_free(one);
            sva_network_free(again);
        }
    }
}

static void other_seeds_draw_other_numbers(void **state)
{
    (void)state;
    static const char *const drawn[] = {"neurons",     "residual-rotation", "residual-hadamard",
                                        "vocabulary",  "value-bases",       "query-key-scales",
                                        "rotary-turns", "noise",            "new-embedding"};
    struct sva_network *const network = model(SVA_FIXTURE_LLAMA, EVEN);
    for (size_t i = 0; i < sizeof drawn / sizeof drawn[0]; ++i) {
        const struct sva_disguise *const disguise = sva_disguise_find(drawn[i]);
        struct sva_network *const one = disguised(network, disguise, 3);
        struct sva_network *const other = disguised(network, disguise, 4);
        assert_true(count_changed(one, other) > 0);
        sva_network_free(one);
        sva_network_free(other);
    }
    sva_network_free(network);
}

static void assert_shape(const struct sva_network *network, const char *key, uint64_t rows,
                         uint64_t columns)
{
    const struct sva_network_tensor *const tensor = sva_network_find(network, key);
    if (tensor == NULL || tensor->rows != rows || tensor->columns != columns) {
        fail_msg("%s is not %d x %d", key, (int)rows, (int)columns);
    }
}

static struct sva_network *after(enum sva_fixture_architecture architecture, const char *chain)
{
    struct sva_network *const network = model(architecture, EVEN);
    assert_int_equal(sva_disguise_chain(network, chain, 3), 0);
    return network;
}

/* 96 wide, 3 layers, 4 heads of 24 over 2 key heads, 160 neurons; vision 48, 4 heads of 12. */
static void pruned_sizes_are_those_asked_for(void **state)
{
    (void)state;
    struct sva_network *network = after(SVA_FIXTURE_LLAMA, "prune-residual");
    assert_shape(network, "model.layers.1.self_attn.q_proj.weight", 96, 72);
    assert_shape(network, "model.layers.1.mlp.down_proj.weight", 72, 160);
    assert_shape(network, "model.norm.weight", 1, 72);
    assert_shape(network, "lm_head.weight", 320, 72);
    assert_int_equal(network->shape.width, 72);
    assert_int_equal(sva_shape_head_width(&network->shape), 24);
    sva_network_free(network);
    network = after(SVA_FIXTURE_LLAMA, "fuse,prune-neurons,prune-heads=0.5,prune-depth=0.3");
    assert_shape(network, "model.layers.1.mlp.gate_proj.weight", 120, 96);
    assert_shape(network, "model.layers.1.mlp.down_proj.weight", 96, 120);
    assert_shape(network, "model.layers.1.self_attn.q_proj.weight", 48, 96);
    assert_shape(network, "model.layers.1.self_attn.k_proj.weight", 24, 96);
    assert_shape(network, "model.layers.1.self_attn.o_proj.weight", 96, 48);
    assert_null(sva_network_find(network, "model.layers.2.mlp.up_proj.weight"));
    assert_int_equal(network->shape.layers, 2);
    assert_null(network->model_type);
    sva_network_free(network);
    network = after(SVA_FIXTURE_CLIP_VISION, "prune-heads,prune-residual");
    assert_shape(network, "vision_model.encoder.layers.2.self_attn.v_proj.weight", 36, 40);
    assert_shape(network, "vision_model.encoder.layers.2.self_attn.v_proj.bias", 1, 36);
    assert_shape(network, "vision_model.embeddings.patch_embedding.weight", 40, 588);
    assert_int_equal(sva_shape_vision_heads(&network->shape), 3);
    sva_network_free(network);
    network = after(SVA_FIXTURE_QWEN2_5_VL, "prune-residual");
    assert_shape(network, "visual.merger.mlp.0.weight", 192, 160);
    assert_shape(network, "visual.merger.mlp.2.weight", 72, 192);
    sva_network_free(network);
    network = after(SVA_FIXTURE_QWEN3_MOE, "stack-experts,prune-neurons");
    assert_shape(network, "model.layers.1.mlp.experts.3.up_proj.weight", 48, 96);
    sva_network_free(network);
}

static void upcycled_decoders_are_mixtrals(void **state)
{
    (void)state;
    struct sva_network *network = after(SVA_FIXTURE_LLAMA, "upcycle");
    assert_shape(network, "model.layers.2.block_sparse_moe.gate.weight", 4, 96);
    assert_shape(network, "model.layers.2.block_sparse_moe.experts.3.w2.weight", 96, 160);
    assert_string_equal(network->model_type, "mixtral");
    sva_network_free(network);
    network = after(SVA_FIXTURE_LLAMA, "upcycle-split=8");
    assert_shape(network, "model.layers.2.block_sparse_moe.experts.7.w1.weight", 20, 96);
    assert_shape(network, "model.layers.2.block_sparse_moe.experts.7.w2.weight", 96, 20);
    sva_network_free(network);
}

static void damage_is_as_much_as_asked_for(void **state)
{
    (void)state;
    static const char key[] = "model.layers.1.mlp.up_proj.weight";
    struct sva_network *const plain = model(SVA_FIXTURE_LLAMA, EVEN);
    const struct sva_network_tensor *const was = sva_network_find(plain, key);
    static const struct {
        const char *chain;
        double zeros, low, high; /* share of zeros; relative size of the change */
    } cases[] = {{"noise=0.1", 0, 0.098, 0.102},
                 {"prune-values", 0.5, 0.01, 0.9},
                 {"prune-2-4", 0.5, 0.01, 0.9},
                 {"quantise=8", 0, 0.0005, 0.02},
                 {"low-rank", 0, 0.01, 0.9},
                 {"low-rank=0.99", 0, 0.01, 0.04}};
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; ++c) {
        struct sva_network *const changed = after(SVA_FIXTURE_LLAMA, cases[c].chain);
        const struct sva_network_tensor *const now = sva_network_find(changed, key);
        double zeros = 0;
        double size = 0;
        double square = 0;
        for (size_t i = 0; i < elements(was); ++i) {
            const double off = (double)now->values[i] - (double)was->values[i];
            zeros += now->values[i] == 0;
            square += off * off;
            size += (double)was->values[i] * (double)was->values[i];
        }
        const double relative = sqrt(square / size);
        zeros /= (double)elements(was);
        if (fabs(zeros - cases[c].zeros) > 0.06 || relative < cases[c].low ||
            relative > cases[c].high) {
            fail_msg("%s: %.4f zeros, change %.3g", cases[c].chain, zeros, relative);
        }
        sva_network_free(changed);
    }
    sva_network_free(plain);
}

static void assert_chain_preserves(enum sva_fixture_architecture architecture, enum manner manner,
                                   const char *chain)
{
    struct sva_network *const network = model(architecture, manner);
    struct sva_network *const changed = sva_network_clone(network);
    assert_int_equal(sva_disguise_chain(changed, chain, 9), 0);
    assert_sound(changed, chain);
    const double off = distance(network, changed);
    if (!(off <= preserved_within)) {
        fail_msg("%s moves the outputs by %.3g", chain, off);
    }
    sva_network_free(network);
    sva_network_free(changed);
}

static void chains_of_preserving_disguises_preserve(void **state)
{
    (void)state;
    static const char everything[] =
        "residual-order,residual-signs,smooth,residual-rotation,residual-hadamard=0.5,neurons,"
        "query-heads,kv-heads,up-down-scales,value-scales,query-key-scales=1,rotary-turns,"
        "value-bases,expand-depth,split-neurons,vocabulary,fuse,neurons=0.1,rename";
    assert_chain_preserves(SVA_FIXTURE_LLAMA, EVEN, everything);
    assert_chain_preserves(SVA_FIXTURE_LLAMA, TIED, everything);
    assert_chain_preserves(SVA_FIXTURE_QWEN2_5_VL, EVEN, everything);
    assert_chain_preserves(SVA_FIXTURE_QWEN2_5_VL, TIED, everything);
    assert_chain_preserves(SVA_FIXTURE_QWEN3_MOE, EVEN, everything);
    assert_chain_preserves(SVA_FIXTURE_QWEN3_MOE, TIED,
                           "stack-experts,experts,neurons,residual-rotation,fuse,split,experts");
    assert_chain_preserves(SVA_FIXTURE_LLAMA, EVEN, "upcycle,neurons,residual-rotation");
    assert_chain_preserves(SVA_FIXTURE_CLIP_VISION, EVEN,
                           "fold-norms,residual-order,residual-signs,smooth,neurons,kv-heads,"
                           "query-key-bases,value-bases,expand-depth,fuse,rename");
}

/* With a key head for each query head there is no order of queries within a group. */
static void a_disguise_that_changes_nothing_is_refused(void **state)
{
    (void)state;
    struct sva_fixture_shape shape = shape_of(SVA_FIXTURE_LLAMA);
    shape.kv_heads = shape.heads;
    struct sva_network *const network = sva_training_model(&shape, 0, 11, 12);
    assert_int_equal(sva_disguise_chain(network, "query-heads", 3), -1);
    assert_int_equal(sva_disguise_chain(network, "split", 3), -1);
    assert_int_equal(sva_disguise_chain(network, "kv-heads,fuse,split,prune-2-4", 3), 0);
    assert_int_equal(sva_disguise_chain(network, "prune-2-4", 3), -1);
    sva_network_free(network);
}

static void what_cannot_be_preserved_is_refused(void **state)
{
    (void)state;
    struct sva_network *network = model(SVA_FIXTURE_CLIP_VISION, EVEN);
    assert_int_equal(sva_disguise_find("residual-rotation")->apply(network, 1, 3), -1);
    assert_int_equal(sva_disguise_chain(network, "residual-rotation", 3), -1);
    assert_int_equal(sva_disguise_chain(network, "up-down-scales", 3), -1);
    drop_first_norm(network);
    drop_tensor(network, "visual_projection.weight"); /* nothing takes the last norm's gain */
    assert_int_equal(sva_disguise_chain(network, "residual-rotation", 3), -1);
    sva_network_free(network);
    network = model(SVA_FIXTURE_LLAMA, EVEN);
    assert_int_equal(sva_disguise_chain(network, "experts", 3), -1);
    assert_int_equal(sva_disguise_chain(network, "no-such-disguise", 3), -1);
    assert_int_equal(sva_disguise_chain(network, "noise=much", 3), -1);
    assert_int_equal(sva_disguise_chain(network, "noise=", 3), -1);
    assert_int_equal(sva_disguise_chain(network, "noise,,noise", 3), -1);
    assert_int_equal(sva_disguise_chain(network, "quantise=40", 3), -1);
    assert_int_equal(sva_disguise_chain(network, "upcycle=3", 3), -1);
    sva_network_free(network);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(preserving_disguises_leave_outputs_and_change_weights),
        cmocka_unit_test(outliers_of_trained_weights_do_not_spoil_it),
        cmocka_unit_test(a_disguise_undone_in_one_tensor_changes_outputs),
        cmocka_unit_test(lossy_disguises_change_outputs),
        cmocka_unit_test(a_disguise_is_a_function_of_its_seed),
        cmocka_unit_test(other_seeds_draw_other_numbers),
        cmocka_unit_test(pruned_sizes_are_those_asked_for),
        cmocka_unit_test(upcycled_decoders_are_mixtrals),
        cmocka_unit_test(damage_is_as_much_as_asked_for),
        cmocka_unit_test(chains_of_preserving_disguises_preserve),
        cmocka_unit_test(a_disguise_that_changes_nothing_is_refused),
        cmocka_unit_test(what_cannot_be_preserved_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
