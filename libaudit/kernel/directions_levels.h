/* SPDX-License-Identifier: Apache-2.0 */
/** The method of directions.h, once for each level of the processor; chosen in directions.c. */
#ifndef SVA_KERNEL_DIRECTIONS_LEVELS_H
#define SVA_KERNEL_DIRECTIONS_LEVELS_H

#include "kernel/directions.h"

typedef uint32_t sva_find_directions(const float *matrix, uint32_t slices, uint32_t length,
                                     double *scratch, double *directions);

/** The levels that a processor may lack are there on x86-64 only. */
sva_find_directions sva_directions_baseline, sva_directions_avx2, sva_directions_avx512;

#endif
