/* SPDX-License-Identifier: Apache-2.0 */
/** The distributions that weights are drawn from, all with mean 0 and deviation 1. */
#ifndef SVA_TRACE_DISTRIBUTIONS_H
#define SVA_TRACE_DISTRIBUTIONS_H

#include <sovaudit/trace.h>

/** Fourth moment: 3 for a normal one. 0 for NONE and CONSTANT, as below. */
double sva_distribution_kurtosis(enum sva_distribution distribution);
/** Largest value that can occur; infinite for a normal one. */
double sva_distribution_limit(enum sva_distribution distribution);
/** Deviation of the normal that was cut off, for one whose own deviation is 1; else 1. */
double sva_distribution_parent(enum sva_distribution distribution);
double sva_distribution_below(enum sva_distribution distribution, double value);
/** By bisection. */
double sva_distribution_quantile(enum sva_distribution distribution, double share);

/** log10 of the chance that `count` draws lie `distance` (Kolmogorov's) away. Asymptotic. */
double sva_kolmogorov_log10_p(double distance, size_t count);

#endif
