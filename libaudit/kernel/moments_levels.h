/* SPDX-License-Identifier: Apache-2.0 */
/** The loop of moments.h for each level of the processor; chosen in moments.c. */
#ifndef SVA_KERNEL_MOMENTS_LEVELS_H
#define SVA_KERNEL_MOMENTS_LEVELS_H

#include "kernel/moments.h"

void sva_moments_add_baseline(struct sva_moments *moments, const float *values, size_t count);
void sva_moments_add_avx2(struct sva_moments *moments, const float *values, size_t count);
void sva_moments_add_avx512(struct sva_moments *moments, const float *values, size_t count);

#endif
