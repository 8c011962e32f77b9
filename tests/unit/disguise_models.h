/* SPDX-License-Identifier: Apache-2.0 */
/** Small models whose every number matters, and what they compute. Include after cmocka.h. */
#ifndef SVA_TESTS_DISGUISE_MODELS_H
#define SVA_TESTS_DISGUISE_MODELS_H

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "fixtures/forward.h"
#include "fixtures/rng.h"
#include "fixtures/training.h"

enum { TOKENS = 20, PATCHES = 8, PATCH_INPUTS_MAX = 3 * 2 * 14 * 14, ARCHITECTURES = 4 };

/* Preserved: equal within this, relative to the size of all outputs. Broken: ten times as much. */
static const double preserved_within = 1e-4;
static const double broken_above = 1e-3;

static const enum sva_fixture_architecture architectures[ARCHITECTURES] = {
    SVA_FIXTURE_LLAMA, SVA_FIXTURE_CLIP_VISION, SVA_FIXTURE_QWEN3_MOE, SVA_FIXTURE_QWEN2_5_VL};

/* A tower published with the projection that reads it. */
static inline void add_projection(struct sva_network *network)
{
    struct sva_network_tensor *const tensor =
        sva_network_add(network, "visual_projection.weight");
    struct sva_rng rng;
    tensor->kind = SVA_VALUE_MATRIX;
    tensor->part = SVA_PART_PROJECTOR;
    sva_network_allocate(tensor, 2, (const uint64_t[]){48, network->shape.vision_width});
    sva_rng_init(&rng, 5, "projection");
    sva_rng_normals(&rng, tensor->values, (size_t)(tensor->rows * tensor->columns), 0.1);
}

/*
 * Every number matters: outputs of matrices, gains and biases are all about one in size, so that
 * attention and routing are undecided. In a trained model one score wins, and a wrong query goes
 * unnoticed.
 */
static inline void make_even(struct sva_network *network)
{
    for (size_t i = 0; i < network->count; ++i) {
        struct sva_network_tensor *const tensor = &network->tensors[i];
        const size_t count = (size_t)(tensor->rows * tensor->columns);
        const bool matrix = tensor->kind == SVA_VALUE_MATRIX;
        struct sva_rng rng;
        sva_rng_init(&rng, 21, tensor->key);
        sva_rng_normals(&rng, tensor->values, count,
                        matrix ? 1.0 / sqrt((double)tensor->columns) : 0.3);
        for (size_t k = 0; k < count; ++k) {
            tensor->values[k] += tensor->kind == SVA_VALUE_GAIN ? 1.0f : 0.0f;
        }
    }
}

/* Widths that are no powers of two; a few layers. */
static inline struct sva_fixture_shape shape_of(enum sva_fixture_architecture architecture)
{
    struct sva_fixture_shape shape = sva_fixture_shape_small(architecture);
    shape.width = shape.width > 0 ? 96 : 0;
    shape.hidden = shape.experts > 0 ? 64 : 160;
    shape.vocabulary = shape.vocabulary > 0 ? 320 : 0;
    shape.vision_width = shape.vision_width > 0 ? 48 : 0;
    shape.vision_hidden = shape.vision_width > 0 ? 96 : 0;
    return shape;
}

enum manner { EVEN, TRAINED, TIED }; /* the last is even, too */

static inline struct sva_network *model(enum sva_fixture_architecture architecture,
                                        enum manner manner)
{
    struct sva_fixture_shape shape = shape_of(architecture);
    shape.tied = manner == TIED;
    struct sva_network *const network = sva_training_model(&shape, 0, 11, 12);
    if (architecture == SVA_FIXTURE_CLIP_VISION) {
        add_projection(network);
    }
    if (manner != TRAINED) {
        make_even(network);
    }
    return network;
}

static inline uint32_t id_of(const struct sva_wordlist *words, const char *text)
{
    uint32_t id = 0;
    while (id < words->count && strcmp(words->tokens[id].text, text) != 0) {
        ++id;
    }
    assert_true(id < words->count);
    return id;
}

/* The model's outputs for random inputs, tokens by their texts in `words`. */
static inline struct sva_forward_output run(const struct sva_network *network,
                                            const struct sva_wordlist *words)
{
    static double patches[PATCHES * PATCH_INPUTS_MAX];
    uint32_t tokens[TOKENS];
    struct sva_rng rng;
    struct sva_forward_output out;
    sva_rng_init(&rng, 77, "inputs");
    for (int i = 0; i < PATCHES * PATCH_INPUTS_MAX; ++i) {
        patches[i] = sva_rng_normal(&rng);
    }
    for (int i = 0; i < TOKENS && words->count > 0; ++i) {
        const uint64_t token = sva_rng_below(&rng, words->count);
        tokens[i] = id_of(&network->vocabulary, words->tokens[token].text);
    }
    assert_int_equal(sva_forward(network,
                                 &(struct sva_forward_input){.tokens = tokens,
                                                             .token_count = TOKENS,
                                                             .patches = patches,
                                                             .patch_count = PATCHES},
                                 &out),
                     0);
    return out;
}

/* Distance from outputs `a` over their size; logits meet by their tokens' texts in `words`. */
static inline double distance_from(const struct sva_forward_output *expected,
                                   const struct sva_wordlist *words,
                                   const struct sva_network *changed)
{
    const struct sva_forward_output a = *expected;
    const struct sva_forward_output b = run(changed, words);
    double square = 0;
    double size = 0;
    assert_int_equal(a.positions, b.positions);
    assert_int_equal(a.width, b.width);
    for (uint64_t i = 0; i < a.width; ++i) {
        const uint64_t to =
            words->count == a.width ? id_of(&changed->vocabulary, words->tokens[i].text) : i;
        for (uint32_t p = 0; p < a.positions; ++p) {
            const double was = a.values[p * a.width + i];
            const double off = b.values[p * a.width + to] - was;
            square += off * off;
            size += was * was;
        }
    }
    sva_free(b.values);
    assert_true(isfinite(square) && size > 0);
    return sqrt(square / size);
}

static inline double distance(const struct sva_network *network,
                              const struct sva_network *changed)
{
    const struct sva_forward_output expected = run(network, &network->vocabulary);
    const double off = distance_from(&expected, &network->vocabulary, changed);
    sva_free(expected.values);
    return off;
}

static inline size_t elements(const struct sva_network_tensor *tensor)
{
    return (size_t)(tensor->rows * tensor->columns);
}

/* A number that is added to every key moves no softmax, unless positions turn keys. */
static inline bool is_without_effect(const struct sva_network *network,
                                     const struct sva_network_tensor *tensor)
{
    return network->shape.architecture == SVA_FIXTURE_CLIP_VISION &&
           strstr(tensor->key, "k_proj.bias") != NULL;
}

#endif
