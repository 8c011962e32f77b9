/* SPDX-License-Identifier: Apache-2.0 */
#include "compare/ranks.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"

struct ranked_value {
    float value;
    uint32_t index;
};

static int by_value(const void *a, const void *b)
{
    const struct ranked_value *left = a;
    const struct ranked_value *right = b;
    if (left->value < right->value || left->value > right->value) {
        return left->value < right->value ? -1 : 1;
    }
    return (left->index > right->index) - (left->index < right->index);
}

bool sva_ranks(const float *values, uint32_t count, double *ranks)
{
    struct ranked_value *sorted = sva_calloc(count, sizeof *sorted);
    if (sorted == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < count; i++) {
        sorted[i] = (struct ranked_value){isfinite(values[i]) ? values[i] : 0.0f, i};
    }
    qsort(sorted, count, sizeof *sorted, by_value);
    for (uint32_t first = 0; first < count;) {
        uint32_t next = first + 1;
        while (next < count && !(sorted[next].value > sorted[first].value)) {
            next++;
        }
        for (uint32_t i = first; i < next; i++) {
            ranks[sorted[i].index] = 0.5 * ((double)first + (double)(next - 1));
        }
        first = next;
    }
    sva_free(sorted);
    return true;
}
