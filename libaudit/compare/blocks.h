/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The blocked permutation test (METHOD section 3, step 5): n exchangeable
 * units are split into blocks by index alone; units are permuted inside blocks
 * only; every block gives an exact p from its own stream of draws; Fisher
 * combines them. Valid for whatever the features hold.
 */
#ifndef SVA_COMPARE_BLOCKS_H
#define SVA_COMPARE_BLOCKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SVA_BLOCK_TARGET = 8, SVA_BLOCK_UNITS_MIN = 8, SVA_BLOCK_UNITS_MAX = 1024 };

/** Features of the units on both sides: value of unit u, feature k = subject[rows[u] * features + k]. */
struct sva_feature_pair {
    const int16_t *subject, *reference;
    uint32_t features;
    const uint32_t *subject_rows, *reference_rows; /**< [units], NULL = identity */
};

struct sva_block_setup {
    uint32_t units;
    bool hashed;           /**< units dealt to blocks by hash (residual axes), else contiguous */
    const struct sva_feature_pair *pairs;
    size_t pair_count;
    uint8_t seed[32];      /**< of the draws; every block derives its own stream */
    bool shuffle_reference;/**< control: the reference's units are renumbered first */
};

struct sva_block_result {
    bool tested;           /**< false: too few units, or nothing varies */
    double log10_p, log10_floor;
    double block_floor;    /**< log10 of the smallest p of the weakest block */
    double z;              /**< closed form, within-block permutations */
    double rho, rho_se;    /**< NAN se with one block */
    double resolution;     /**< z per unit of rho */
    uint32_t blocks;
    uint64_t draws;        /**< most draws per block, 0 = enumerated */
};

/** Blocks for a number of units: 8 of equal size (fewer below 64 units, more above 8192). */
uint32_t sva_block_count(uint32_t units);

/** Smallest log10 p the test can give for this many units. */
double sva_block_floor(uint32_t units);

/** False when out of memory. */
bool sva_block_test(const struct sva_block_setup *setup, struct sva_block_result *result);

/** Uncentred similarity of the two sides, cheap: sum s*r / sqrt(sum s^2 sum r^2). */
double sva_quick_similarity(const struct sva_feature_pair *pair, uint32_t units);

#endif
