/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/trace_bound.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "kernel/fold_lanes.h"

/** |n x - sums|^2 of one unit. */
static double squared_length(const int16_t *row, const int32_t *sums, size_t features, int32_t n)
{
    enum { LANES = 8 };
    double lanes[LANES] = {0.0};
    size_t k = 0;
    for (; k + LANES <= features; k += LANES) {
        for (size_t lane = 0; lane < LANES; lane++) {
            const double deviation = (double)(n * row[k + lane] - sums[k + lane]);
            lanes[lane] += deviation * deviation;
        }
    }
    for (size_t lane = 0; k < features; k++, lane++) {
        const double deviation = (double)(n * row[k] - sums[k]);
        lanes[lane] += deviation * deviation;
    }
    return sva_fold_lanes(lanes);
}

static const int16_t *side_of(const struct sva_trace_sides *group, bool subject)
{
    return subject ? group->subject : group->reference;
}

/** Sums over units of every feature, group after group. */
static void sum_up(const struct sva_trace_sides *groups, size_t count, bool subject, int32_t *sums)
{
    for (size_t g = 0; g < count; g++) {
        const size_t features = groups[g].features;
        memset(sums, 0, features * sizeof *sums);
        for (uint32_t i = 0; i < groups[g].n; i++) {
            const int16_t *row = side_of(&groups[g], subject) + (size_t)i * features;
            for (size_t k = 0; k < features; k++) {
                sums[k] += row[k];
            }
        }
        sums += features;
    }
}

/** Sum over units of |x_i - mean|^4. */
static double fourth_powers(const struct sva_trace_sides *groups, size_t count, bool subject,
                            int32_t *sums)
{
    const uint32_t n = groups->n;
    const double scale = 1.0 / ((double)n * (double)n);
    double powers = 0.0;
    sum_up(groups, count, subject, sums);
    for (uint32_t i = 0; i < n; i++) {
        const int32_t *own = sums;
        double length = 0.0;
        for (size_t g = 0; g < count; g++) {
            const size_t features = groups[g].features;
            const int16_t *row = side_of(&groups[g], subject) + (size_t)i * features;
            length += scale * squared_length(row, own, features, (int32_t)n);
            own += features;
        }
        powers += length * length;
    }
    return powers;
}

double sva_trace_spread(const struct sva_trace_sides *groups, size_t count, double variance,
                        int32_t *sums)
{
    const double subject = fourth_powers(groups, count, true, sums);
    const double reference = fourth_powers(groups, count, false, sums);
    return sqrt(subject * reference) + variance;
}

double sva_trace_tail(double excess, double spread)
{
    /* a millionth of slack: far more than the sums can have lost by rounding */
    const double exponent = excess * excess / (2.0 * spread) * (1.0 - 1e-6);
    return excess > 0.0 && spread > 0.0 && isfinite(exponent) ? exp(-exponent) : 1.0;
}
