/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Draws of a permutation test, counted into bins while they are made: what chance gave, for people
 * to look at. Every series of draws - a block's, a pool's - is counted on its own scale, in
 * standard deviations from its mean, so that the series of one test can stand in one histogram.
 * Whole numbers only: the same counts in any order of draws. No p-value is made from it.
 */
#ifndef SVA_KERNEL_DRAW_TALLY_H
#define SVA_KERNEL_DRAW_TALLY_H

#include <stdbool.h>
#include <stdint.h>

enum {
    SVA_TALLY_BINS = 64,
    SVA_TALLY_WIDTH = 250,   /**< of a bin, in thousandths of a standard deviation */
    SVA_TALLY_FIRST = -8000, /**< where the first bin begins; outer bins take what lies beyond */
    SVA_TALLY_LIMIT = 64000  /**< draws further out are counted as if they lay here */
};

/** All zero: nothing counted yet. */
struct sva_draw_tally {
    double mean, scale; /**< of the series being counted; `scale`: thousandths per unit */
    uint32_t series;
    uint64_t draws;
    int64_t sum, squares;                               /**< of draws, in thousandths */
    int32_t least, most;                                /**< of draws, in thousandths */
    double observed_sum, observed_least, observed_most; /**< in standard deviations, one a series */
    uint32_t counts[SVA_TALLY_BINS];
};

/**
 * Begins a series: its statistic's mean and variance under renumbering, and what was observed. A
 * variance of zero, where every draw is the same, places all at the mean. `tally` may be NULL.
 */
void sva_tally_begin(struct sva_draw_tally *tally, double mean, double variance, double observed);

/** Counts one draw of the series begun last. Inline: it stands in the loop of draws. */
static inline void sva_tally_add(struct sva_draw_tally *tally, double statistic)
{
    const double limit = SVA_TALLY_LIMIT;
    const double from_mean = (statistic - tally->mean) * tally->scale;
    const double kept = from_mean < -limit ? -limit : from_mean > limit ? limit : from_mean;
    /* positive before it is cut off, so that cutting off rounds half up */
    const int32_t at = (int32_t)(kept + (limit + 0.5)) - SVA_TALLY_LIMIT;
    const int32_t inside = at < SVA_TALLY_FIRST ? SVA_TALLY_FIRST : at;
    const int32_t bin = (inside - SVA_TALLY_FIRST) / SVA_TALLY_WIDTH;
    const int32_t last = SVA_TALLY_BINS - 1;
    uint32_t *count = &tally->counts[bin < last ? bin : last];
    *count += *count < UINT32_MAX ? 1 : 0;
    tally->least = tally->draws == 0 || at < tally->least ? at : tally->least;
    tally->most = tally->draws == 0 || at > tally->most ? at : tally->most;
    tally->sum += at;
    tally->squares += (int64_t)at * at;
    tally->draws++;
}

/**
 * Adds the series and draws of `other`, all of them finished. Adding tallies of one series each, in
 * order, is counting these series in that order.
 */
void sva_tally_merge(struct sva_draw_tally *tally, const struct sva_draw_tally *other);

/** Standard deviation of the draws counted, in standard deviations of their series. 0 below two
 * draws. */
double sva_tally_deviation(const struct sva_draw_tally *tally);

#endif
