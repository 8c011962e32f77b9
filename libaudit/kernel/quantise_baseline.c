/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/quantise_loops.h"

bool sva_quantise_baseline(enum sva_dtype dtype, const float *values, size_t count, uint8_t *out)
{
    return quantise(dtype, values, count, out);
}
