/* SPDX-License-Identifier: Apache-2.0 */
/** The loop of moments.h in plain C, and what all levels do with the last values of a piece. */
#ifndef SVA_KERNEL_MOMENTS_LOOPS_H
#define SVA_KERNEL_MOMENTS_LOOPS_H

#include <float.h>
#include <math.h>

#include "kernel/moments_levels.h"

/** Values one by one, the first into lane 0. */
static inline void add_values(struct sva_moments *moments, const float *values, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const size_t lane = i % SVA_MOMENT_LANES;
        const float value = values[i];
        if (!(fabsf(value) <= FLT_MAX)) {
            continue;
        }
        const double x = (double)value;
        const double square = x * x;
        moments->power[0][lane] += x;
        moments->power[1][lane] += square;
        moments->power[2][lane] += square * x;
        moments->power[3][lane] += square * square;
        moments->minimum[lane] = value < moments->minimum[lane] ? value : moments->minimum[lane];
        moments->maximum[lane] = value > moments->maximum[lane] ? value : moments->maximum[lane];
        moments->finite_count++;
    }
}

#endif
