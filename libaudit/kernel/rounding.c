/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/rounding.h"

#include <stdint.h>
#include <string.h>

static uint32_t bits_of(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static float float_of(uint32_t bits)
{
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/** Drops the lowest `dropped` bits, to nearest even; a carry moves into the exponent, as it should. */
static uint32_t drop_bits(uint32_t bits, unsigned dropped)
{
    const uint32_t half = (uint32_t)1 << (dropped - 1);
    const uint32_t odd = bits >> dropped & 1u;
    return (bits + half - 1 + odd) >> dropped << dropped;
}

void sva_round_bf16(const float *values, size_t count, float *rounded)
{
    for (size_t i = 0; i < count; i++) {
        const uint32_t bits = bits_of(values[i]);
        const int is_nan = (bits & 0x7fffffffu) > 0x7f800000u;
        rounded[i] = float_of(is_nan ? 0x7fc00000u : drop_bits(bits, 16));
    }
}

static float round_f16(float value)
{
    const uint32_t bits = bits_of(value);
    const uint32_t sign = bits & 0x80000000u;
    const uint32_t size = bits & 0x7fffffffu;
    if (size > 0x7f800000u) {
        return float_of(0x7fc00000u);
    }
    if (size >= 0x477ff000u) { /* 65520 and above */
        return float_of(sign | 0x7f800000u);
    }
    if (size >= 0x38800000u) { /* normal in binary16: 2^-14 and above */
        return float_of(sign | drop_bits(size, 13));
    }
    /* subnormal: adding 2^-1 aligns the last kept bit (2^-24) with float's, which rounds to even */
    const float magic = 0.5f;
    const float aligned = float_of(size) + magic;
    return float_of(sign | bits_of(aligned - magic));
}

void sva_round_f16(const float *values, size_t count, float *rounded)
{
    for (size_t i = 0; i < count; i++) {
        rounded[i] = round_f16(values[i]);
    }
}
