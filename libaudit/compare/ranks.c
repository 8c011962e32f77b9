/* SPDX-License-Identifier: Apache-2.0 */
#include "compare/ranks.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"

/** A value as a whole number of the same order, and where it stands. */
struct ranked_value {
    uint32_t key, index;
};

/** Order of keys = order of finite values; both zeros are one value. */
static uint32_t key_of(float value)
{
    const float plain = isfinite(value) ? value + 0.0f : 0.0f;
    uint32_t bits;
    memcpy(&bits, &plain, sizeof bits);
    return bits >> 31 != 0 ? ~bits : bits | 0x80000000u;
}

/** One pass of a sort by digits: stable, by the byte at `shift`. */
static void sort_pass(const struct ranked_value *from, struct ranked_value *to, uint32_t count,
                      unsigned shift)
{
    uint32_t places[257] = {0};
    for (uint32_t i = 0; i < count; i++) {
        places[(from[i].key >> shift & 255u) + 1]++;
    }
    for (int digit = 1; digit < 257; digit++) {
        places[digit] += places[digit - 1];
    }
    for (uint32_t i = 0; i < count; i++) {
        to[places[from[i].key >> shift & 255u]++] = from[i];
    }
}

bool sva_ranks(const float *values, uint32_t count, double *ranks)
{
    struct ranked_value *sorted = sva_calloc(count, sizeof *sorted);
    struct ranked_value *other = sva_calloc(count, sizeof *other);
    if (sorted == NULL || other == NULL) {
        sva_free(sorted);
        sva_free(other);
        return false;
    }
    for (uint32_t i = 0; i < count; i++) {
        sorted[i] = (struct ranked_value){key_of(values[i]), i};
    }
    for (unsigned shift = 0; shift < 32; shift += 16) {
        sort_pass(sorted, other, count, shift);
        sort_pass(other, sorted, count, shift + 8);
    }
    for (uint32_t first = 0; first < count;) {
        uint32_t next = first + 1;
        while (next < count && sorted[next].key == sorted[first].key) {
            next++;
        }
        for (uint32_t i = first; i < next; i++) {
            ranks[sorted[i].index] = 0.5 * ((double)first + (double)(next - 1));
        }
        first = next;
    }
    sva_free(sorted);
    sva_free(other);
    return true;
}
