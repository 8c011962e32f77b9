/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The loops of pair_sums.h, compiled once for each level. Plain C in three steps over a block that
 * stays in the cache, each of which compilers make vectors of: bits, lanes, comparisons.
 */
#ifndef SVA_KERNEL_PAIR_SUMS_LOOPS_H
#define SVA_KERNEL_PAIR_SUMS_LOOPS_H

#include <math.h>
#include <string.h>

#include "kernel/pair_sums_levels.h"

enum { PAIRS = 256 };

#define EXPONENT_BITS 0x7f800000u

struct pair_block {
    float s[PAIRS], r[PAIRS];
    float s_power[PAIRS], r_power[PAIRS]; /**< of two, at or below the value */
    double apart[PAIRS], bound[PAIRS];
};

/** Exponent field of the smallest normal value. */
static inline uint32_t lowest_bits(const struct sva_pair_side *side)
{
    return (uint32_t)(side->lowest_exponent + 127) << 23;
}

/** Values and their powers of two; pairs that are not finite become zeros without a step. */
static inline uint32_t take_bits(struct pair_block *restrict block, uint32_t s_lowest,
                                 uint32_t r_lowest, const float *restrict s,
                                 const float *restrict r, size_t count)
{
    uint32_t s_bits[PAIRS];
    uint32_t r_bits[PAIRS];
    uint32_t s_power[PAIRS];
    uint32_t r_power[PAIRS];
    uint32_t finite = 0;
    memcpy(s_bits, s, count * sizeof *s);
    memcpy(r_bits, r, count * sizeof *r);
    for (size_t i = 0; i < count; i++) {
        const uint32_t s_exponent = s_bits[i] & EXPONENT_BITS;
        const uint32_t r_exponent = r_bits[i] & EXPONENT_BITS;
        const uint32_t ok =
            (uint32_t)(s_exponent != EXPONENT_BITS) & (uint32_t)(r_exponent != EXPONENT_BITS);
        const uint32_t mask = 0u - ok;
        finite += ok;
        s_bits[i] &= mask;
        r_bits[i] &= mask;
        s_power[i] = (s_exponent > s_lowest ? s_exponent : s_lowest) & mask;
        r_power[i] = (r_exponent > r_lowest ? r_exponent : r_lowest) & mask;
    }
    memcpy(block->s, s_bits, count * sizeof *s);
    memcpy(block->r, r_bits, count * sizeof *r);
    memcpy(block->s_power, s_power, count * sizeof *s);
    memcpy(block->r_power, r_power, count * sizeof *r);
    return finite;
}

static inline void add_lanes(struct sva_pair_lanes *restrict lanes,
                             struct pair_block *restrict block, const struct sva_pair_side *s_side,
                             const struct sva_pair_side *r_side, size_t count)
{
    const double s_scale = s_side->step_scale;
    const double r_scale = r_side->step_scale;
    for (size_t i = 0; i < count; i += SVA_PAIR_LANES) {
        for (size_t k = 0; k < SVA_PAIR_LANES; k++) {
            const double s = (double)block->s[i + k];
            const double r = (double)block->r[i + k];
            const double s_step = (double)block->s_power[i + k] * s_scale;
            const double r_step = (double)block->r_power[i + k] * r_scale;
            const double s_square = s_step * s_step / 12.0;
            const double r_square = r_step * r_step / 12.0;
            const double square = s_square + r_square;
            const double apart = fabs(s - r);
            lanes->energy[k] += r * r;
            lanes->distance[k] += apart * apart;
            lanes->explained[k] += square;
            lanes->squares[k] += square * square;
            lanes->largest[k] = apart > lanes->largest[k] ? apart : lanes->largest[k];
            block->apart[i + k] = apart;
            block->bound[i + k] =
                0.5 * (s_step + r_step) + (fabs(s) * s_side->slack + fabs(r) * r_side->slack);
        }
    }
}

static inline uint64_t count_within(const struct pair_block *block, size_t count)
{
    uint64_t within = 0;
    for (size_t i = 0; i < count; i++) {
        within += block->apart[i] <= block->bound[i] ? 1u : 0u;
    }
    return within;
}

static inline void add_pairs(struct sva_pair_lanes *lanes, const struct sva_pair_side *s_side,
                             const struct sva_pair_side *r_side, const float *s, const float *r,
                             size_t count)
{
    struct pair_block block = {{0}, {0}, {0}, {0}, {0}, {0}};
    struct sva_pair_lanes sums = *lanes;
    for (size_t at = 0; at < count; at += PAIRS) {
        const size_t taken = count - at < PAIRS ? count - at : PAIRS;
        const size_t whole = (taken + SVA_PAIR_LANES - 1) / SVA_PAIR_LANES * SVA_PAIR_LANES;
        const uint32_t finite =
            take_bits(&block, lowest_bits(s_side), lowest_bits(r_side), s + at, r + at, taken);
        for (size_t i = taken; i < whole; i++) {
            block.s[i] = block.r[i] = block.s_power[i] = block.r_power[i] = 0.0f;
        }
        add_lanes(&sums, &block, s_side, r_side, whole);
        sums.count += finite;
        sums.within += count_within(&block, taken) - (taken - finite); /* zeros lie within */
    }
    *lanes = sums;
}

#endif
