/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Sums over pairs of values of which each was rounded to a float format: how far they lie apart,
 * and how far rounding alone would take them. Pair i of a call goes to lane i modulo 8, lanes are
 * folded in a fixed order: the same bits at every level of the processor.
 *
 * Domain: any F32; pairs with a NaN or an infinity count for nothing. Sums are in F64. Tested
 * against long double sums of single pairs.
 */
#ifndef SVA_KERNEL_PAIR_SUMS_H
#define SVA_KERNEL_PAIR_SUMS_H

#include <stddef.h>
#include <stdint.h>

/** How a side was rounded. The step at a value x is step_scale * 2^max(floor(log2 |x|), lowest). */
struct sva_pair_side {
    int lowest_exponent; /**< of the smallest normal value of the format, from -126 on */
    double step_scale;   /**< 2^-(bits behind the point); 0: not rounded */
    double slack;        /**< half a step is taken wider by this times |x| */
};

struct sva_pair_sums {
    double energy;    /**< sum of r^2 */
    double distance;  /**< sum of (s - r)^2 */
    double explained; /**< sum of the mean squares of both roundings, step^2 / 12 each */
    double assured;   /**< the same of pairs where one side only is rounded */
    double squares;   /**< sum of the squares of what `explained` adds */
    double largest;   /**< largest |s - r| */
    uint64_t count;   /**< pairs of finite values */
    uint64_t within;  /**< of these, apart by half of both steps and the slack at most */
};

/** The sums over `count` pairs; `sums` is overwritten. */
void sva_pair_sums(const struct sva_pair_side *s_side, const struct sva_pair_side *r_side,
                   const float *s, const float *r, size_t count, struct sva_pair_sums *sums);

/**
 * The same sums of BF16 as it is stored, low byte first: 2 * count bytes a side. Neither side may
 * have steps: values on one grid were not rounded from each other. The slacks of both sides
 * together are below 2^-8.
 */
void sva_pair_sums_bf16(const struct sva_pair_side *s_side, const struct sva_pair_side *r_side,
                        const uint8_t *s, const uint8_t *r, size_t count,
                        struct sva_pair_sums *sums);

#endif
