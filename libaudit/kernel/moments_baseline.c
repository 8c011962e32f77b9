/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/moments_levels.h"

#include "kernel/moments_loops.h"

void sva_moments_add_baseline(struct sva_moments *moments, const float *values, size_t count)
{
    add_values(moments, values, count);
}
