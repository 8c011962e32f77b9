/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What a block's units have to be permuted: their features side by side, all products of them, and
 * the moments and spread of the trace. Shared by the tests of blocks.h; no draws here.
 */
#ifndef SVA_COMPARE_BLOCK_PARTS_H
#define SVA_COMPARE_BLOCK_PARTS_H

#include "compare/blocks.h"
#include "kernel/permutation.h"

/** A run of one numbering's units, permuted among themselves. */
struct sva_part {
    const struct sva_numbering *numbering;
    const uint32_t *subject_units, *reference_units; /* which units they are; NULL: as numbered */
    uint32_t start, count;
};

/** Features of a part's units, row-major; `total` of each unit. */
struct sva_packed_part {
    int16_t *subject, *reference;
    uint32_t count;
    size_t total;
};

/** What several readings of a part have in common. */
struct sva_shared_products {
    struct sva_packed_part packed;
    int64_t *products; /**< of all units */
    double subject_squares, reference_squares;
};

/** A pool's statistic under renumbering: its moments, and how far it spreads. */
struct sva_part_statistic {
    struct sva_trace_moments moments;
    double spread;
};

size_t sva_feature_total(const struct sva_numbering *numbering);

/** False: out of memory; then nothing is left to free. */
bool sva_shared_init(const struct sva_part *part, struct sva_shared_products *shared);
void sva_shared_done(struct sva_shared_products *shared);

/**
 * All products of a part's units, those of `shared` (may be NULL) added, and what they add to the
 * sums of pool `pool` and to its statistic. NULL: out of memory. sva_free() them.
 */
int64_t *sva_part_products(const struct sva_part *part, const struct sva_shared_products *shared,
                           uint32_t pool, struct sva_block_sums *sums,
                           struct sva_part_statistic *statistic);

/** The same sums and statistic from Gram matrices of few features, without products. False: out of
 * memory. */
bool sva_part_measure(const struct sva_part *part, uint32_t pool, struct sva_block_sums *sums,
                      struct sva_part_statistic *statistic);

/** Upper bound on the chance that a renumbering reaches what the statistic was observed to be. */
double sva_statistic_tail(const struct sva_part_statistic *statistic);

#endif
