/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/special.h"

#include <math.h>
#include <string.h>

static const double LN10 = 2.302585092994045684;

double sva_normal_log10_tail(double z)
{
    if (z < 30.0) {
        return log10(0.5 * erfc(z / sqrt(2.0)));
    }
    /* erfc underflows: Mills' ratio, relative error below 1/z^4 */
    const double ln_tail = -0.5 * z * z - log(z) - 0.91893853320467274178 + log1p(-1.0 / (z * z));
    return ln_tail / LN10;
}

/** log10 of exp(-h) * sum_{i<count} h^i / i!, h >= 0. */
static double poisson_head_log10(double h, size_t count)
{
    double term = 0.0; /* ln of h^i/i! relative to the largest, built by log-sum-exp */
    double largest = 0.0;
    double sum = 1.0;
    for (size_t i = 1; i < count; i++) {
        if (h <= 0.0) {
            break;
        }
        term += log(h) - log((double)i);
        if (term > largest) {
            sum = sum * exp(largest - term) + 1.0;
            largest = term;
        } else {
            sum += exp(term - largest);
        }
    }
    const double value = (-h + largest + log(sum)) / LN10;
    return value < 0.0 ? value : 0.0;
}

double sva_fisher_log10(const double *log10_p, size_t count)
{
    double sum = 0.0;
    for (size_t i = 0; i < count; i++) {
        sum += log10_p[i];
    }
    return count == 0 ? 0.0 : poisson_head_log10(-sum * LN10, count);
}

double sva_fisher_log10_floor(double log10_p, size_t count)
{
    return count == 0 ? 0.0 : poisson_head_log10(-log10_p * LN10 * (double)count, count);
}

double sva_normal_quantile(double p)
{
    double low = -40.0;
    double high = 40.0;
    for (int step = 0; step < 100; step++) {
        const double middle = 0.5 * (low + high);
        if (0.5 * erfc(-middle / sqrt(2.0)) < p) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return 0.5 * (low + high);
}

enum { GRID_PER_UNIT = 16, GRID_BINS = 512, SUM_BINS = 16 * GRID_BINS };

/** Normal quantiles at the upper edges of the bins; returns the number of bins. */
static size_t bin_edges(double ln_floor, double *edges)
{
    size_t last = (size_t)(-ln_floor * GRID_PER_UNIT);
    last = last < GRID_BINS ? last : GRID_BINS - 1;
    for (size_t bin = 0; bin < last; bin++) {
        edges[bin] = -sva_normal_quantile(exp(-(double)(bin + 1) / GRID_PER_UNIT));
    }
    return last + 1;
}

/** Distribution of one block's -ln p on the grid when its statistic is N(shift, 1). */
static void block_distribution(double shift, const double *edges, size_t count, double *bins)
{
    double above = 1.0; /* P(-ln p >= lower edge of the bin) */
    for (size_t bin = 0; bin < count; bin++) {
        const double next = bin + 1 < count ? 0.5 * erfc((edges[bin] - shift) / sqrt(2.0)) : 0.0;
        bins[bin] = above - next;
        above = next;
    }
}

/** P(sum of `blocks` draws >= threshold bins). `bins` has `count` entries. */
static double sum_tail(const double *bins, size_t count, uint32_t blocks, size_t threshold)
{
    const size_t limit =
        threshold + 1 < SUM_BINS ? threshold + 1 : SUM_BINS; /* last bin: all above */
    double sums[SUM_BINS];
    double next[SUM_BINS];
    size_t sums_count = 1;
    memset(sums, 0, sizeof sums);
    sums[0] = 1.0;
    for (uint32_t block = 0; block < blocks; block++) {
        size_t next_count = sums_count + count - 1;
        next_count = next_count < limit ? next_count : limit;
        memset(next, 0, sizeof next);
        for (size_t i = 0; i < sums_count; i++) {
            if (sums[i] < 1e-15) {
                continue;
            }
            const size_t inside = limit - i < count ? limit - i : count; /* i < limit */
            for (size_t j = 0; j < inside; j++) {
                next[i + j] += sums[i] * bins[j];
            }
            for (size_t j = inside; j < count; j++) {
                next[limit - 1] += sums[i] * bins[j];
            }
        }
        memcpy(sums, next, sizeof sums);
        sums_count = next_count;
    }
    double tail = 0.0;
    for (size_t i = sums_count; i-- > threshold;) {
        tail += sums[i];
    }
    return tail;
}

/** Smallest sum of -ln p over the blocks that Fisher takes to alpha, in grid bins. */
static size_t fisher_threshold_bins(uint32_t blocks, double log10_alpha)
{
    double low = 0.0;
    double high = 1e5;
    for (int step = 0; step < 100; step++) {
        const double middle = 0.5 * (low + high);
        if (poisson_head_log10(middle, blocks) > log10_alpha) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return (size_t)ceil(high * GRID_PER_UNIT);
}

double sva_power_shift(uint32_t blocks, double log10_floor, double log10_alpha, double power)
{
    double bins[GRID_BINS];
    double edges[GRID_BINS];
    if (blocks == 0 || blocks > SVA_BLOCKS_MAX) {
        return NAN;
    }
    const size_t threshold = fisher_threshold_bins(blocks, log10_alpha);
    const size_t count = bin_edges(log10_floor * LN10, edges);
    if ((count - 1) * blocks < threshold || threshold >= SUM_BINS) {
        return NAN;
    }
    double low = 0.0;
    double high = 16.0;
    for (int step = 0; step < 14; step++) {
        const double middle = 0.5 * (low + high);
        block_distribution(middle, edges, count, bins);
        if (sum_tail(bins, count, blocks, threshold) >= power) {
            high = middle;
        } else {
            low = middle;
        }
    }
    return high;
}
