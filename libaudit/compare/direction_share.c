/* SPDX-License-Identifier: Apache-2.0 */
#include "compare/direction_share.h"

#include <stddef.h>

static double squared_cosine(const struct sva_direction_set *subject, uint32_t i,
                             const struct sva_direction_set *reference, uint32_t j, uint32_t units)
{
    const int8_t *a = subject->directions + (size_t)i * subject->stride;
    const int8_t *b = reference->directions + (size_t)j * reference->stride;
    double ab = 0.0, aa = 0.0, bb = 0.0; /* whole numbers */
    for (uint32_t u = 0; u < units; u++) {
        const double x = a[subject->rows != NULL ? subject->rows[u] : u];
        const double y = b[reference->rows != NULL ? reference->rows[u] : u];
        ab += x * y;
        aa += x * x;
        bb += y * y;
    }
    return aa > 0.0 && bb > 0.0 ? ab * ab / (aa * bb) : 0.0;
}

double sva_direction_share(const struct sva_direction_set *subject,
                           const struct sva_direction_set *reference, uint32_t units)
{
    const uint32_t s = subject->leading;
    const uint32_t r = reference->leading;
    const double fewer = s < r ? s : r;
    const double chance = (double)(s < r ? r : s) / (double)units;
    double share = 0.0;
    for (uint32_t i = 0; i < s; i++) {
        for (uint32_t j = 0; j < r; j++) {
            share += squared_cosine(subject, i, reference, j, units);
        }
    }
    return (share / fewer - chance) / (1.0 - chance);
}
