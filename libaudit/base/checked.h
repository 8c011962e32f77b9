/* SPDX-License-Identifier: Apache-2.0 */
/** Arithmetic that cannot wrap. The only header with overflow builtins. */
#ifndef SVA_BASE_CHECKED_H
#define SVA_BASE_CHECKED_H

#include <stdbool.h>
#include <stdint.h>

/** True and *sum set, or false on overflow (*sum untouched). */
static inline bool sva_add_u64(uint64_t a, uint64_t b, uint64_t *sum)
{
    if (a > UINT64_MAX - b) {
        return false;
    }
    *sum = a + b;
    return true;
}

static inline bool sva_mul_u64(uint64_t a, uint64_t b, uint64_t *product)
{
    if (b != 0 && a > UINT64_MAX / b) {
        return false;
    }
    *product = a * b;
    return true;
}

#endif
