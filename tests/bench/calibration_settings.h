/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Settings of bench_calibration: what makes independent models hard to tell from related ones. Each
 * in three sizes. Both models of a pair are drawn from streams of their own; what they share is a
 * tokenizer, a shape, and what the world gives everybody: meaning, positions, inputs, mean gains.
 */
#ifndef SVA_BENCH_CALIBRATION_SETTINGS_H
#define SVA_BENCH_CALIBRATION_SETTINGS_H

#include "bench_support.h"

#include "fixtures/fixtures.h"
#include "fixtures/lineage.h"
#include "fixtures/restack.h"
#include "fixtures/rng.h"
#include "fixtures/training.h"

enum { CALIBRATION_SIZES = 3 };

enum calibration_setting {
    CALIBRATION_UGLY,    /* outliers, heavy tails, gains with a memory; two queries to a key */
    CALIBRATION_EXTREME, /* the same by more, embeddings tied, meaning nearly all shared */
    CALIBRATION_SOLAR,   /* gains alike, long memory over more layers, four queries to a key */
    CALIBRATION_ONE_DIMENSION, /* one enormous dimension; a key for every query */
    CALIBRATION_WELL_BEHAVED,
    CALIBRATION_MIXTURE,
    CALIBRATION_MULTIMODAL,
    CALIBRATION_LEARNED_POSITIONS, /* GPT-2 and CLIP in turns */
    CALIBRATION_SINUSOIDS,   /* the residual axis is labelled: A1 must not be run */
    CALIBRATION_OTHER_DEPTH, /* one side has two layers more: the layer map is searched */
    CALIBRATION_UP_SCALED,   /* both doubled their own layers alike; trained on every other time */
    CALIBRATION_CONVOLUTIONS,
    CALIBRATION_RECURRENT,
    CALIBRATION_SETTINGS
};

static const char *const calibration_names[CALIBRATION_SETTINGS] = {
    "ugly",       "extreme",           "solar",     "one-dimension", "well-behaved", "mixture",
    "multimodal", "learned-positions", "sinusoids", "other-depth",   "up-scaled",    "convolutions",
    "recurrent"};

/** Pair `index` has this setting; its size changes once all settings had a turn. */
BENCH_FUNCTION enum calibration_setting calibration_setting_of(size_t index)
{
    return (enum calibration_setting)(index % CALIBRATION_SETTINGS);
}

BENCH_FUNCTION enum sva_fixture_architecture calibration_architecture(size_t index)
{
    static const enum sva_fixture_architecture architectures[CALIBRATION_SETTINGS] = {
        [CALIBRATION_MIXTURE] = SVA_FIXTURE_QWEN3_MOE,
        [CALIBRATION_MULTIMODAL] = SVA_FIXTURE_QWEN2_5_VL,
        [CALIBRATION_LEARNED_POSITIONS] = SVA_FIXTURE_GPT2,
        [CALIBRATION_SINUSOIDS] = SVA_FIXTURE_GPT2,
        [CALIBRATION_CONVOLUTIONS] = SVA_FIXTURE_CNN,
        [CALIBRATION_RECURRENT] = SVA_FIXTURE_GRU};
    const enum calibration_setting setting = calibration_setting_of(index);
    const bool second = index / CALIBRATION_SETTINGS / CALIBRATION_SIZES % 2 == 1;
    return setting == CALIBRATION_LEARNED_POSITIONS && second ? SVA_FIXTURE_CLIP_VISION
                                                              : architectures[setting];
}

/** The architecture's shape in the size that is the pair's turn. */
BENCH_FUNCTION struct sva_fixture_shape calibration_size(size_t index)
{
    static const struct {
        uint32_t width, hidden, layers, experts;
    } sizes[CALIBRATION_SIZES] = {{64, 96, 2, 4}, {96, 192, 3, 6}, {128, 256, 4, 8}};
    const size_t size = index / CALIBRATION_SETTINGS % CALIBRATION_SIZES;
    struct sva_fixture_shape shape = sva_fixture_shape_small(calibration_architecture(index));
    shape.width = sizes[size].width;
    shape.hidden = sizes[size].hidden;
    shape.layers = sizes[size].layers;
    shape.vision_width = sizes[size].width;
    shape.vision_hidden = sizes[size].hidden;
    shape.vision_layers = sizes[size].layers;
    shape.vocabulary = shape.vocabulary > 0 ? 256 : 0;
    if (shape.architecture == SVA_FIXTURE_QWEN3_MOE) {
        shape.hidden = 32;
        shape.experts = sizes[size].experts;
    }
    return shape;
}

/** Shape of one side of pair `index`. */
BENCH_FUNCTION struct sva_fixture_shape calibration_shape(size_t index, bool subject)
{
    struct sva_fixture_shape shape = calibration_size(index);
    switch (calibration_setting_of(index)) {
    case CALIBRATION_EXTREME:
        shape.outlier_column = 50;
        shape.outlier_gain = 50;
        shape.tied = true;
        shape.semantics = 0.95;
        break;
    case CALIBRATION_SOLAR:
        shape.layers = 2 * shape.layers;
        shape.hidden = shape.width;
        shape.outlier_gain = 1;
        shape.kv_heads = 1;
        break;
    case CALIBRATION_ONE_DIMENSION:
        shape.outlier_count = 1;
        shape.outlier_column = 200;
        shape.outlier_gain = 100;
        shape.kv_heads = shape.heads;
        break;
    case CALIBRATION_WELL_BEHAVED:
        shape.outlier_count = 0;
        shape.semantics = 0.3;
        break;
    case CALIBRATION_SINUSOIDS:
        shape.sinusoidal = true;
        shape.width = shape.width == 96 ? 128 : shape.width; /* a power of two */
        shape.semantics = 0.95;
        shape.training = 2;
        break;
    case CALIBRATION_OTHER_DEPTH:
        shape.layers += subject == (index / CALIBRATION_SETTINGS % 2 == 0) ? 2 : 0;
        break;
    default: break;
    }
    return shape;
}

/** The base's layers but the last, then all but the first, as depth up-scaling stacks them. */
BENCH_FUNCTION struct sva_network *calibration_up_scale(const struct sva_network *base)
{
    uint32_t layers[16];
    uint32_t count = 0;
    for (uint32_t i = 0; i + 1 < base->shape.layers; ++i) {
        layers[count++] = i;
    }
    for (uint32_t i = base->shape.layers > 2 ? 1 : 0; i < base->shape.layers; ++i) {
        layers[count++] = i;
    }
    return sva_restack(base, layers, count);
}

/** One fresh model of pair `index`, written to `directory`. 0 or -1. */
BENCH_FUNCTION int calibration_model(uint64_t seed, size_t index, bool subject,
                                     const char *directory)
{
    const char *const side = subject ? "a" : "b";
    char key[32];
    snprintf(key, sizeof key, "init %s", side);
    const uint64_t init_seed = sva_rng_derive(seed, key);
    snprintf(key, sizeof key, "data %s", side);
    const uint64_t data_seed = sva_rng_derive(seed, key);
    const struct sva_fixture_shape shape = calibration_shape(index, subject);
    struct sva_network *network = sva_training_model(&shape, 0, init_seed, data_seed);
    if (calibration_setting_of(index) == CALIBRATION_UP_SCALED) {
        struct sva_network *const stacked = calibration_up_scale(network);
        sva_network_free(network);
        network = stacked;
        if (index / CALIBRATION_SETTINGS % 2 == 1) {
            snprintf(key, sizeof key, "tune %s", side);
            sva_lineage_fine_tune(network, sva_rng_derive(seed, key), 0.5, SVA_PARTS_ALL);
        }
    }
    const int failed = sva_network_save(network, directory);
    sva_network_free(network);
    return failed;
}

#endif
