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

#include "kernel/draw_tally.h"
#include "kernel/random.h"
#include "kernel/special.h"

enum { SVA_BLOCK_TARGET = 8, SVA_BLOCK_UNITS_MIN = 8, SVA_BLOCK_UNITS_MAX = 1024 };

/** Features of the units on both sides: value of unit u, feature k = subject[rows[u] * features +
 * k]. */
struct sva_feature_pair {
    const int16_t *subject, *reference;
    uint32_t features;
    const uint32_t *subject_rows, *reference_rows; /**< [units], NULL = identity */
};

struct sva_block_setup {
    uint32_t units;
    bool hashed; /**< units dealt to blocks by hash (residual axes), else contiguous */
    const struct sva_feature_pair *pairs;
    size_t pair_count;
    uint8_t seed[32];       /**< of the draws; every block derives its own stream */
    bool shuffle_reference; /**< control: the reference's units are renumbered first */
    /**
     * One of many tests beside joint ones that decide: a tenth of the draws (eight blocks reach
     * 3.4e-16 instead of 2.6e-23), and with eight blocks and few features none where the closed
     * form says z < SVA_Z_WORTH_DRAWS: then p = 1, which is never below the p that draws would
     * give.
     */
    bool one_of_many;
    struct sva_draw_tally *tally; /**< counts every draw, one series a block; NULL: not counted */
    uint32_t threads;             /**< 0: one for each processor */
};

#define SVA_Z_WORTH_DRAWS 4.0

struct sva_block_result {
    bool tested; /**< false: too few units, or nothing varies */
    double log10_p, log10_floor;
    double block_floor; /**< log10 of the smallest p of the weakest block */
    double z;           /**< closed form, within-block permutations */
    double rho, rho_se; /**< NAN se with one block */
    double resolution;  /**< z per unit of rho */
    uint32_t blocks;
    uint64_t draws; /**< most draws per block, 0 = enumerated */
};

/** Sums over blocks, or pools of blocks, from which z, rho and the jackknife follow. */
struct sva_block_sums {
    double covariance[SVA_BLOCKS_MAX];
    double subject_squares[SVA_BLOCKS_MAX];
    double reference_squares[SVA_BLOCKS_MAX];
    double variance[SVA_BLOCKS_MAX];
    double log10_p[SVA_BLOCKS_MAX];
    double log10_floor[SVA_BLOCKS_MAX];
};

/**
 * One block or pool of a test: writes its own entries of `sums` and counts its draws in `tally`
 * (NULL: not). False: out of memory.
 */
typedef bool sva_pool_work(const void *context, uint32_t pool, struct sva_block_sums *sums,
                           struct sva_draw_tally *tally);

/** All pools of a test. */
struct sva_pool_run {
    uint32_t pools;   /**< at most SVA_BLOCKS_MAX */
    uint32_t threads; /**< 0: one for each processor */
    sva_pool_work *work;
    const void *context;
    struct sva_block_sums *sums;
    struct sva_draw_tally *tally; /**< counts every draw, one series a pool; NULL: not counted */
};

/** Runs the pools side by side; the outcome is that of one after the other. False: out of memory.
 */
bool sva_pools_run(const struct sva_pool_run *run);

/** Fisher over the blocks' p, z, rho and its jackknife error. Leaves `draws`. */
void sva_block_summarise(const struct sva_block_sums *sums, uint32_t blocks,
                         struct sva_block_result *result);

/** The stream of draws of one block, pool or search. False: out of memory. */
bool sva_block_stream(const uint8_t seed[32], uint32_t stream, struct sva_random *random);

/** Blocks for a number of units: 8 of equal size (fewer below 64 units, more above 8192). */
uint32_t sva_block_count(uint32_t units);

/** Units that share one numbering, as one layer's hidden neurons do. */
struct sva_numbering {
    uint32_t units;
    const struct sva_feature_pair *pairs; /**< tensors that are numbered so, one unit a row */
    size_t pair_count;
};

enum { SVA_POOLS_MOST = 32 };

/**
 * Several numberings tested together. Each is split into contiguous blocks until there are
 * SVA_BLOCK_TARGET of them in all (of at least 2 * SVA_BLOCK_UNITS_MIN units); blocks are dealt in
 * turn to at most SVA_POOLS_MOST pools. A pool's statistic is the sum over its blocks, each
 * permuted on its own; pools rest on independent draws and are combined by Fisher. Exact when the
 * numberings are exchangeable each for itself.
 */
struct sva_pool_setup {
    const struct sva_numbering *numberings;
    size_t numbering_count;
    uint8_t seed[32];
    struct sva_draw_tally *tally; /**< counts every draw, one series a pool; NULL: not counted */
    uint32_t threads;             /**< 0: one for each processor */
};

struct sva_block_result;

/** False when out of memory. */
bool sva_pool_test(const struct sva_pool_setup *setup, struct sva_block_result *result);

/** Smallest log10 p the test can give for this many units. */
double sva_block_floor(uint32_t units);

/** False when out of memory. */
bool sva_block_test(const struct sva_block_setup *setup, struct sva_block_result *result);

enum { SVA_BLOCK_READINGS_MOST = 4 };

/** Features that one reading of a test has beside those that all readings have. */
struct sva_block_reading {
    const struct sva_feature_pair *pairs;
    size_t pair_count;
    uint8_t seed[32];             /**< of the draws */
    struct sva_draw_tally *tally; /**< counts every draw, one series a block; NULL: not counted */
};

/**
 * sva_block_test() for each of `count` readings: results[r] is that of setup->pairs and
 * readings[r].pairs together, but for the last bits of rho. What all share is multiplied once. Of
 * the setup `seed`, `tally`, `one_of_many` and `shuffle_reference` are not asked. Some features
 * there must be in each. False when out of memory.
 */
bool sva_block_readings_test(const struct sva_block_setup *setup,
                             const struct sva_block_reading *readings, size_t count,
                             struct sva_block_result *results);

/** Uncentred similarity of the two sides, cheap: sum s*r / sqrt(sum s^2 sum r^2). */
double sva_quick_similarity(const struct sva_feature_pair *pair, uint32_t units);

#endif
