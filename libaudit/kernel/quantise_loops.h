/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The quantisers of quantise.h, compiled once for each level. Every rounding is the same in each:
 * only values that do not meet are worked on side by side.
 */
#ifndef SVA_KERNEL_QUANTISE_LOOPS_H
#define SVA_KERNEL_QUANTISE_LOOPS_H

#include <float.h>
#include <math.h>
#include <string.h>

#include "kernel/dtype.h"
#include "kernel/float_bits.h"
#include "kernel/quantise_levels.h"

enum { BLOCK = 32 };

/* -- numbers ------------------------------------------------------------------------------------
 */

static void store_16(uint8_t *bytes, uint16_t value)
{
    bytes[0] = (uint8_t)value;
    bytes[1] = (uint8_t)(value >> 8);
}

static void store_32(uint8_t *bytes, uint32_t value)
{
    store_16(bytes, (uint16_t)value);
    store_16(bytes + 2, (uint16_t)(value >> 16));
}

/* IEEE 754 binary16, to nearest even. All cases are computed and one is chosen, for vectors. */
static uint16_t half_of(float value)
{
    const uint32_t bits = sva_bits_of_float(value);
    const uint32_t sign = bits >> 16 & 0x8000U;
    const uint32_t size = bits & 0x7FFFFFFFU;
    const uint32_t normal = ((size + 0xFFFU + (size >> 13 & 1)) >> 13) - (112U << 10);
    /* In the sum with 1/2 the last bit is worth 2^-24, as it is in subnormal halves. */
    const uint32_t subnormal =
        sva_bits_of_float(sva_float_of_bits(size) + 0.5F) - sva_bits_of_float(0.5F);
    const uint32_t finite = size < 0x38800000U ? subnormal : normal; /* 2^-14 */
    const uint32_t number = size >= 0x477FF000U ? 0x7C00U : finite;  /* 65520 */
    return (uint16_t)(sign | (size > 0x7F800000U ? 0x7E00U : number));
}

static uint16_t bfloat_of(float value)
{
    const uint32_t bits = sva_bits_of_float(value);
    const uint32_t nan = bits >> 16 | 0x40U;
    const uint32_t rounded = (bits + 0x7FFFU + (bits >> 16 & 1)) >> 16;
    return (uint16_t)((bits & 0x7FFFFFFFU) > 0x7F800000U ? nan : rounded);
}

/* Towards zero, then the low byte; 0 for what does not fit 32 bits. */
static uint8_t byte_of(float value)
{
    const bool fits = value > -2147483648.0F && value < 2147483648.0F;
    return fits ? (uint8_t)((uint32_t)(int32_t)value & 0xFFU) : 0;
}

/* byte_of(roundf(value)): to nearest, halves away from zero. Without branches, for vectors. */
static uint8_t rounded_byte_of(float value)
{
    const int32_t whole = fabsf(value) < 2147483648.0F ? (int32_t)value : 0;
    const float rest = value - (float)whole; /* exact; what does not fit remains, or NaN */
    const int32_t away = fabsf(rest) < 1 ? (int32_t)(2 * rest) : 0;
    return (uint8_t)(((uint32_t)whole + (uint32_t)away) & 0xFFU);
}

static int least(int a, int b)
{
    return a < b ? a : b;
}

static int signed_byte_of(float value)
{
    return (int)(byte_of(value) ^ 0x80U) - 0x80;
}

static float reciprocal(float d)
{
    return d != 0 ? 1.0F / d : 0.0F;
}

/* The value of largest size, with its sign; of several the first, and 0 where all are 0 or NaN. */
static float extreme_of(const float *values)
{
    uint32_t sizes[BLOCK];
    uint32_t most = 0;
    uint32_t first = BLOCK;
    for (uint32_t i = 0; i < BLOCK; i++) {
        const uint32_t size = sva_bits_of_float(values[i]) & 0x7FFFFFFFU;
        sizes[i] = size > 0x7F800000U ? 0 : size;
        most = sizes[i] > most ? sizes[i] : most;
    }
    for (uint32_t i = 0; i < BLOCK; i++) {
        const uint32_t found = sizes[i] == most ? i : BLOCK;
        first = found < first ? found : first;
    }
    return most == 0 ? 0 : values[first];
}

enum { SIDE_BY_SIDE = 16 }; /* extremes that are looked for apart, for vectors */

/* The least value; of zeros with different signs the first, which the lanes do not know. */
static float low_of(const float *values)
{
    float lows[SIDE_BY_SIDE];
    float low = FLT_MAX;
    for (size_t lane = 0; lane < SIDE_BY_SIDE; lane++) {
        lows[lane] = FLT_MAX;
    }
    for (size_t i = 0; i < BLOCK; i += SIDE_BY_SIDE) {
        for (size_t lane = 0; lane < SIDE_BY_SIDE; lane++) {
            lows[lane] = values[i + lane] < lows[lane] ? values[i + lane] : lows[lane];
        }
    }
    for (size_t lane = 0; lane < SIDE_BY_SIDE; lane++) {
        low = lows[lane] < low ? lows[lane] : low;
    }
    for (size_t i = BLOCK; low == 0 && i-- > 0;) {
        low = values[i] == 0 ? values[i] : low;
    }
    return low;
}

static void range_of(const float *values, float *least_value, float *most)
{
    float turned[BLOCK];
    for (size_t i = 0; i < BLOCK; i++) {
        turned[i] = -values[i];
    }
    *least_value = low_of(values);
    *most = -low_of(turned);
}

/* Low nibbles hold the first half of a block, high nibbles the second. */
static void pack_nibbles(const uint8_t codes[BLOCK], uint8_t *out)
{
    for (size_t j = 0; j < BLOCK / 2; j++) {
        out[j] = (uint8_t)((codes[j] & 15) | (codes[j + BLOCK / 2] & 15) << 4);
    }
}

static uint32_t fifth_bits(const uint8_t codes[BLOCK])
{
    uint32_t bits = 0;
    for (size_t j = 0; j < BLOCK; j++) {
        bits |= (uint32_t)(codes[j] >> 4 & 1) << j;
    }
    return bits;
}

/* -- one block ----------------------------------------------------------------------------------
 */

/* As ggml finds it: a NaN makes it forget what it saw before, and is itself forgotten next. */
static float largest_size_of(const float *values)
{
    uint32_t most = 0;
    for (size_t i = 0; i < BLOCK; i++) {
        const uint32_t size = sva_bits_of_float(values[i]) & 0x7FFFFFFFU;
        most = size > most ? size : most;
    }
    if (most <= 0x7F800000U) {
        return sva_float_of_bits(most);
    }
    float largest = 0;
    for (size_t i = 0; i < BLOCK; i++) {
        const float size = fabsf(values[i]);
        largest = largest > size ? largest : size;
    }
    return largest;
}

static void quantise_q8_0(const float *restrict values, uint8_t *restrict out)
{
    const float d = largest_size_of(values) / 127;
    const float factor = reciprocal(d);
    store_16(out, half_of(d));
    for (size_t i = 0; i < BLOCK; i++) {
        out[2 + i] = rounded_byte_of(values[i] * factor);
    }
}

/* Steps of `d` from `low`, `middle` added and cut off, `most` at most. */
static void codes_from(const float *values, float low, float d, float middle, int most,
                       uint8_t codes[BLOCK])
{
    const float factor = reciprocal(d);
    for (size_t i = 0; i < BLOCK; i++) {
        codes[i] = (uint8_t)least(most, signed_byte_of((values[i] - low) * factor + middle));
    }
}

static void quantise_q4_0(const float *values, uint8_t *out)
{
    const float d = extreme_of(values) / -8;
    uint8_t codes[BLOCK];
    codes_from(values, 0, d, 8.5F, 15, codes);
    store_16(out, half_of(d));
    pack_nibbles(codes, out + 2);
}

static void quantise_q4_1(const float *values, uint8_t *out)
{
    float low;
    float high;
    range_of(values, &low, &high);
    const float d = (high - low) / 15;
    uint8_t codes[BLOCK];
    codes_from(values, low, d, 0.5F, 15, codes);
    store_16(out, half_of(d));
    store_16(out + 2, half_of(low));
    pack_nibbles(codes, out + 4);
}

static void quantise_q5_0(const float *values, uint8_t *out)
{
    const float d = extreme_of(values) / -16;
    uint8_t codes[BLOCK];
    codes_from(values, 0, d, 16.5F, 31, codes);
    store_16(out, half_of(d));
    store_32(out + 2, fifth_bits(codes));
    pack_nibbles(codes, out + 6);
}

static void quantise_q5_1(const float *values, uint8_t *out)
{
    float low;
    float high;
    range_of(values, &low, &high);
    const float d = (high - low) / 31;
    const float factor = reciprocal(d);
    uint8_t codes[BLOCK];
    for (size_t i = 0; i < BLOCK; i++) {
        codes[i] = byte_of((values[i] - low) * factor + 0.5F);
    }
    store_16(out, half_of(d));
    store_16(out + 2, half_of(low));
    store_32(out + 4, fifth_bits(codes));
    pack_nibbles(codes, out + 8);
}

/*
 * floor(log2f(size)) for a finite size above 0, with the rounding of log2f: a little below 2^k the
 * logarithm rounds up to k, by less than half a unit in k's last place. With x = 2^k (1 - m / 2^24)
 * that is m / ln 2 < 2^n, where n is the exponent of |k|, or one less above 0 for powers of two.
 */
static int floor_of_log2(float size)
{
    const bool normal = size >= FLT_MIN;
    const uint32_t bits = sva_bits_of_float(normal ? size : size * 0x1p25F);
    const int above = (int)(bits >> 23) - 126 - (normal ? 0 : 25);
    const uint32_t below_power = (1U << 23) - (bits & 0x7FFFFFU);
    const int magnitude = above < 0 ? -above : above;
    int n = -1;
    while (magnitude >> (n + 1) != 0) {
        n++;
    }
    if (above > 0 && (above & (above - 1)) == 0) {
        n--;
    }
    const uint32_t ln_2 = 45426; /* times 2^16 */
    const bool rounds_up = n >= 0 && below_power <= ln_2 << n >> 16;
    return rounds_up ? above : above - 1;
}

/* Codes of the nearest levels; of several at the same distance the first. Levels of the other sign
 * are further away than 0. */
static void nearest_fp4(const float *values, float d, uint8_t codes[BLOCK])
{
    static const float sizes[8] = {0, 1, 2, 3, 4, 6, 8, 12};
    float least_errors[BLOCK];
    uint32_t nearest[BLOCK];
    for (size_t i = 0; i < BLOCK; i++) {
        least_errors[i] = fabsf(values[i]);
        nearest[i] = 0;
    }
    for (uint32_t code = 1; code < 8; code++) {
        const float size = sizes[code] * d;
        for (size_t i = 0; i < BLOCK; i++) {
            const float error = fabsf(size - fabsf(values[i]));
            nearest[i] = error < least_errors[i] ? code : nearest[i];
            least_errors[i] = error < least_errors[i] ? error : least_errors[i];
        }
    }
    for (size_t i = 0; i < BLOCK; i++) {
        codes[i] = (uint8_t)(nearest[i] + (values[i] < 0 && nearest[i] > 0 ? 8 : 0));
    }
}

static void quantise_mxfp4(const float *values, uint8_t *out)
{
    const float most = fabsf(extreme_of(values));
    uint8_t exponent = 0;
    if (most > 0 && most <= FLT_MAX) {
        exponent = byte_of((float)(floor_of_log2(most) - 2 + 127));
    }
    /* 2^(exponent - 128): levels are twice E2M1's */
    const float d =
        sva_float_of_bits(exponent < 2 ? 0x00200000U << exponent : (exponent - 1U) << 23);
    uint8_t codes[BLOCK];
    nearest_fp4(values, d, codes);
    out[0] = exponent;
    pack_nibbles(codes, out + 1);
}

static void quantise_f16(const float *restrict values, size_t count, uint8_t *restrict out)
{
    for (size_t i = 0; i < count; i++) {
        store_16(out + 2 * i, half_of(values[i]));
    }
}

static void quantise_bf16(const float *restrict values, size_t count, uint8_t *restrict out)
{
    for (size_t i = 0; i < count; i++) {
        store_16(out + 2 * i, bfloat_of(values[i]));
    }
}

/* -- the table ----------------------------------------------------------------------------------
 */

typedef void quantise_block(const float *values, uint8_t *out);

static const struct {
    enum sva_dtype dtype;
    quantise_block *block;
} quantisers[] = {
    {SVA_DTYPE_Q8_0, quantise_q8_0}, {SVA_DTYPE_Q4_0, quantise_q4_0},
    {SVA_DTYPE_Q4_1, quantise_q4_1}, {SVA_DTYPE_Q5_0, quantise_q5_0},
    {SVA_DTYPE_Q5_1, quantise_q5_1}, {SVA_DTYPE_MXFP4, quantise_mxfp4},
};

static quantise_block *quantiser_of(enum sva_dtype dtype)
{
    for (size_t i = 0; i < sizeof quantisers / sizeof *quantisers; i++) {
        if (quantisers[i].dtype == dtype) {
            return quantisers[i].block;
        }
    }
    return NULL;
}

static bool quantise(enum sva_dtype dtype, const float *values, size_t count, uint8_t *out)
{
    if (dtype == SVA_DTYPE_F16) {
        quantise_f16(values, count, out);
        return true;
    }
    if (dtype == SVA_DTYPE_BF16) {
        quantise_bf16(values, count, out);
        return true;
    }
    quantise_block *const block = quantiser_of(dtype);
    const size_t block_bytes = sva_dtype_get(dtype)->block_bytes;
    for (size_t i = 0; block != NULL && i < count / BLOCK; i++) {
        block(values + i * BLOCK, out + i * block_bytes);
    }
    return block != NULL;
}

#endif
