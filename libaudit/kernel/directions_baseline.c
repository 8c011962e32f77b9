/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/directions_levels.h"

#include "kernel/directions_loops.h"

uint32_t sva_directions_baseline(const float *matrix, uint32_t slices, uint32_t length,
                                 double *scratch, double *directions)
{
    return find_directions(matrix, slices, length, scratch, directions);
}
