/* SPDX-License-Identifier: Apache-2.0 */
/** Bits of floats and little-endian loads from any address. Small enough to be inlined everywhere.
 */
#ifndef SVA_KERNEL_FLOAT_BITS_H
#define SVA_KERNEL_FLOAT_BITS_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

static inline float sva_float_of_bits(uint32_t bits)
{
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static inline uint32_t sva_bits_of_float(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

/** 2^exponent, for normal doubles: -1022 to 1023. */
static inline double sva_power_of_two(int exponent)
{
    const uint64_t bits = (uint64_t)(exponent + 1023) << 52;
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/** 2^*exponent is at or below the size of the value. False: zero, below normal doubles, special. */
static inline bool sva_find_exponent(double value, int *exponent)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    const int field = (int)(bits >> 52 & 0x7FF);
    *exponent = field - 1023;
    return field > 0 && field < 0x7FF;
}

/** Infinite or not a number. */
static inline bool sva_is_special(float value)
{
    return (sva_bits_of_float(value) & 0x7F800000U) == 0x7F800000U;
}

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
/* Files are little-endian as this machine is. memcpy, because the address may be odd. */
static inline uint16_t sva_load16(const uint8_t *bytes)
{
    uint16_t value;
    memcpy(&value, bytes, sizeof value);
    return value;
}

static inline uint32_t sva_load32(const uint8_t *bytes)
{
    uint32_t value;
    memcpy(&value, bytes, sizeof value);
    return value;
}

static inline void sva_store16(uint8_t *bytes, uint16_t value)
{
    memcpy(bytes, &value, sizeof value);
}

static inline void sva_store64(uint8_t *bytes, uint64_t value)
{
    memcpy(bytes, &value, sizeof value);
}
#else
static inline uint16_t sva_load16(const uint8_t *bytes)
{
    return (uint16_t)(bytes[0] | bytes[1] << 8);
}

static inline uint32_t sva_load32(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
           (uint32_t)bytes[3] << 24;
}

static inline void sva_store16(uint8_t *bytes, uint16_t value)
{
    bytes[0] = (uint8_t)value;
    bytes[1] = (uint8_t)(value >> 8);
}

static inline void sva_store64(uint8_t *bytes, uint64_t value)
{
    for (unsigned i = 0; i < 8; i++) {
        bytes[i] = (uint8_t)(value >> 8 * i);
    }
}
#endif

/** The value of a BF16 as it is stored. */
static inline float sva_load_bf16(const uint8_t *bytes)
{
    return sva_float_of_bits((uint32_t)sva_load16(bytes) << 16);
}

static inline uint64_t sva_load64(const uint8_t *bytes)
{
    return (uint64_t)sva_load32(bytes) | (uint64_t)sva_load32(bytes + 4) << 32;
}

/**
 * IEEE 754 binary16: exact; a NaN keeps its sign and payload. All three cases are computed and one
 * is chosen, so that a compiler can do many elements at once.
 */
static inline float sva_float_of_half(uint16_t half)
{
    const uint32_t sign = (uint32_t)(half & 0x8000U) << 16;
    const uint32_t rest = (uint32_t)(half & 0x7FFFU) << 13; /* exponent and fraction in place */
    const uint32_t normal = rest + (112U << 23);            /* bias 15 -> 127 */
    const uint32_t special = rest + (224U << 23);           /* exponent all ones */
    /* Subnormal: put the fraction behind 2^-14 and take 2^-14 off again. */
    const uint32_t subnormal =
        sva_bits_of_float(sva_float_of_bits(rest + (113U << 23)) - sva_float_of_bits(113U << 23));
    const uint32_t is_subnormal = 0U - (uint32_t)(rest < 1U << 23); /* all ones or none */
    const uint32_t is_special = 0U - (uint32_t)(rest >= 31U << 23);
    const uint32_t finite = (subnormal & is_subnormal) | (normal & ~is_subnormal);
    return sva_float_of_bits(sign | (special & is_special) | (finite & ~is_special));
}

#endif
