/* SPDX-License-Identifier: Apache-2.0 */
/** The loops of ordered_sums.h, once for each level of the processor; chosen in ordered_sums.c. */
#ifndef SVA_KERNEL_ORDERED_SUMS_LEVELS_H
#define SVA_KERNEL_ORDERED_SUMS_LEVELS_H

#include "kernel/ordered_sums.h"

extern const struct sva_sums_level sva_sums_baseline;
#if defined(__x86_64__)
extern const struct sva_sums_level sva_sums_avx2;
extern const struct sva_sums_level sva_sums_avx512;
#endif

#endif
