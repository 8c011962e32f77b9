/* SPDX-License-Identifier: Apache-2.0 */
#include "trace/distributions.h"

#include <math.h>

static const double ROOT_2_PI = 2.50662827463100050242;
static const double LN10 = 2.302585092994045684;

/** Deviations at which it is cut off; 0: it is not. */
static double cut(enum sva_distribution distribution)
{
    return distribution == SVA_DISTRIBUTION_TRUNCATED_2   ? 2.0
           : distribution == SVA_DISTRIBUTION_TRUNCATED_3 ? 3.0
                                                          : 0.0;
}

static double normal_below(double z)
{
    return 0.5 * erfc(-z / sqrt(2.0));
}

static double density_share(double a)
{
    return exp(-0.5 * a * a) / ROOT_2_PI / (2.0 * normal_below(a) - 1.0);
}

/** Variance of a standard normal cut off at a. */
static double cut_variance(double a)
{
    return 1.0 - 2.0 * a * density_share(a);
}

double sva_distribution_kurtosis(enum sva_distribution distribution)
{
    const double a = cut(distribution);
    if (a > 0.0) {
        const double variance = cut_variance(a);
        return (3.0 * variance - 2.0 * a * a * a * density_share(a)) / (variance * variance);
    }
    return distribution == SVA_DISTRIBUTION_NORMAL    ? 3.0
           : distribution == SVA_DISTRIBUTION_UNIFORM ? 1.8
                                                      : 0.0;
}

double sva_distribution_limit(enum sva_distribution distribution)
{
    const double a = cut(distribution);
    if (a > 0.0) {
        return a / sqrt(cut_variance(a));
    }
    return distribution == SVA_DISTRIBUTION_NORMAL    ? HUGE_VAL
           : distribution == SVA_DISTRIBUTION_UNIFORM ? sqrt(3.0)
                                                      : 0.0;
}

double sva_distribution_parent(enum sva_distribution distribution)
{
    const double a = cut(distribution);
    return a > 0.0 ? 1.0 / sqrt(cut_variance(a)) : 1.0;
}

double sva_distribution_below(enum sva_distribution distribution, double value)
{
    const double a = cut(distribution);
    if (distribution == SVA_DISTRIBUTION_NORMAL) {
        return normal_below(value);
    }
    if (distribution == SVA_DISTRIBUTION_UNIFORM) {
        const double share = (value / sqrt(3.0) + 1.0) / 2.0;
        return share < 0.0 ? 0.0 : share > 1.0 ? 1.0 : share;
    }
    if (a > 0.0) {
        const double z = value * sqrt(cut_variance(a));
        const double low = normal_below(-a);
        const double share = (normal_below(z) - low) / (1.0 - 2.0 * low);
        return share < 0.0 ? 0.0 : share > 1.0 ? 1.0 : share;
    }
    return value < 0.0 ? 0.0 : 1.0;
}

double sva_distribution_quantile(enum sva_distribution distribution, double share)
{
    double low = -10.0;
    double high = 10.0;
    for (int i = 0; i < 60; i++) {
        const double middle = (low + high) / 2.0;
        if (sva_distribution_below(distribution, middle) < share) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return (low + high) / 2.0;
}

double sva_kolmogorov_log10_p(double distance, size_t count)
{
    const double root = sqrt((double)count);
    const double lambda = count > 0 ? (root + 0.12 + 0.11 / root) * distance : 0.0;
    const double log10_p = log10(2.0) - 2.0 * lambda * lambda / LN10; /* first term of the series */
    return log10_p < 0.0 ? log10_p : 0.0;
}
