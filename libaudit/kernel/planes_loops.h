/* SPDX-License-Identifier: Apache-2.0 */
/** The loops of planes.h, compiled once for each level. Plain C, which compilers make vectors of.
 */
#ifndef SVA_KERNEL_PLANES_LOOPS_H
#define SVA_KERNEL_PLANES_LOOPS_H

#include "kernel/float_bits.h"
#include "kernel/planes_levels.h"

static inline uint32_t one_nan(uint32_t bits)
{
    return (int32_t)(bits & 0x7FFFFFFFU) > 0x7F800000 ? 0x7FC00000U : bits;
}

static uint32_t split(const float *restrict values, size_t count, uint8_t *restrict high,
                      uint8_t *restrict low)
{
    uint32_t any = 0;
    for (size_t i = 0; i < count; i++) {
        const uint32_t bits = one_nan(sva_bits_of_float(values[i]));
        any |= bits;
        sva_store16(high + 2 * i, (uint16_t)(bits >> 16));
        sva_store16(low + 2 * i, (uint16_t)bits);
    }
    return any & 0xFFFFU;
}

static uint32_t split_high(const float *restrict values, size_t count, uint8_t *restrict high)
{
    uint32_t any = 0;
    for (size_t i = 0; i < count; i++) {
        const uint32_t bits = one_nan(sva_bits_of_float(values[i]));
        any |= bits;
        sva_store16(high + 2 * i, (uint16_t)(bits >> 16));
    }
    return any & 0xFFFFU;
}

static void copy_high(const uint8_t *restrict halves, size_t count, uint8_t *restrict high)
{
    for (size_t i = 0; i < count; i++) {
        const uint16_t bits = sva_load16(halves + 2 * i);
        const bool nan = (int16_t)(bits & 0x7FFF) > 0x7F80;
        sva_store16(high + 2 * i, nan ? (uint16_t)0x7FC0 : bits);
    }
}

/* Without a way out in the middle, so that it stays a plain loop. */
static bool has_nan(const uint8_t *halves, size_t count)
{
    uint16_t any = 0;
    for (size_t i = 0; i < count; i++) {
        any |= (int16_t)(sva_load16(halves + 2 * i) & 0x7FFF) > 0x7F80 ? 1 : 0;
    }
    return any != 0;
}

#endif
