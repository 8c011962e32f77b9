/* SPDX-License-Identifier: Apache-2.0 */
/**
 * ggml's block formats taken apart, in plain C: small whole numbers and what they are multiplied
 * with. Element i of a block is code[i] * scale[i / group] + offset[i / group], where the group is
 * the one of kernel/block_layouts.h, and the offset is left out where that says so. Every product
 * fits the 24 bits of F32 unless stated, so only the sum rounds, as in ggml's order of operations.
 *
 * The loops have fixed lengths and no branches: compilers turn them into vector code.
 * Offsets of fields: FORMATS of the file, docs/formats.md.
 */
#ifndef SVA_KERNEL_BLOCK_CODES_H
#define SVA_KERNEL_BLOCK_CODES_H

#include <stddef.h>

#include "kernel/float_bits.h"
#include "kernel/iq_codebooks.h"

enum { SVA_BLOCK_MOST = 256, SVA_GROUPS_MOST = 16 };

struct sva_block_codes {
    int8_t code[SVA_BLOCK_MOST];
    float scale[SVA_GROUPS_MOST];
    float offset[SVA_GROUPS_MOST];
};

/** Levels of IQ4_NL and IQ4_XS, and of MXFP4 and NVFP4 (twice the values of E2M1). */
static const int8_t sva_iq4_levels[16] = {-127, -104, -83, -65, -49, -35, -22, -10,
                                          1,    13,   25,  38,  53,  69,  89,  113};
static const int8_t sva_fp4_levels[16] = {0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12};

static inline float sva_half_at(const uint8_t *bytes)
{
    return sva_float_of_half(sva_load16(bytes));
}

/* -- bits and levels --------------------------------------------------------------------------- */

#define SVA_EVERY_BYTE(byte) ((uint64_t)(byte)*UINT64_C(0x0101010101010101))

/** Bit i of `bits` becomes bit 7 of byte i. */
static inline uint64_t sva_spread_bits(unsigned bits)
{
    const uint64_t one_each = SVA_EVERY_BYTE(bits) & UINT64_C(0x8040201008040201);
    return (one_each + SVA_EVERY_BYTE(0x7F)) & SVA_EVERY_BYTE(0x80);
}

/** 8 levels of 2 bits, the first lowest, to a byte each. */
static inline uint64_t sva_spread_2(uint64_t levels)
{
    levels = (levels | levels << 24) & UINT64_C(0x000000FF000000FF);
    levels = (levels | levels << 12) & UINT64_C(0x000F000F000F000F);
    return (levels | levels << 6) & UINT64_C(0x0303030303030303);
}

/** 8 nibbles, the first lowest, to a byte each. */
static inline uint64_t sva_spread_4(uint64_t nibbles)
{
    nibbles = (nibbles | nibbles << 16) & UINT64_C(0x0000FFFF0000FFFF);
    nibbles = (nibbles | nibbles << 8) & UINT64_C(0x00FF00FF00FF00FF);
    return (nibbles | nibbles << 4) & SVA_EVERY_BYTE(0x0F);
}

/** Twice 4 levels of 3 bits to a byte each; what stands above them is dropped. */
static inline uint64_t sva_spread_3(unsigned low, unsigned high)
{
    uint64_t levels = (uint64_t)(high & 0xFFF) << 32 | (low & 0xFFF);
    levels = (levels | levels << 10) & UINT64_C(0x003F003F003F003F);
    return (levels | levels << 5) & UINT64_C(0x0707070707070707);
}

/** Negates byte i where bit i is set. No byte is 0, so nothing is carried from one to the next. */
static inline uint64_t sva_negate_bytes(uint64_t bytes, unsigned signs)
{
    const uint64_t ones = sva_spread_bits(signs) >> 7;
    return (bytes ^ ones * 0xFF) + ones;
}

/**
 * The signs of 32 elements of IQ2_XXS and IQ3_XXS: 7 of 8 are stored in the low 28 bits of `word`,
 * the eighth makes the number of negative ones even.
 */
static inline uint32_t sva_32_signs(uint32_t word)
{
    const uint32_t seven = (word & 0x7FU) | (word << 1 & 0x7F00U) | (word << 2 & 0x7F0000U) |
                           (word << 3 & 0x7F000000U);
    uint32_t parity = seven ^ seven >> 4;
    parity ^= parity >> 2;
    parity ^= parity >> 1; /* in the lowest bit of each byte */
    return seven | (parity & 0x01010101U) << 7;
}

/** The same for the 7 signs of 8 elements. */
static inline uint32_t sva_8_signs(unsigned seven)
{
    return sva_32_signs(seven) & 0xFFU;
}

/** Levels 0, 1, 2 are worth 8, 25, 43. */
static inline uint64_t sva_iq2_values(unsigned entry)
{
    const uint64_t level = sva_spread_2(entry);
    return level * 17 + (level >> 1 & SVA_EVERY_BYTE(1)) + SVA_EVERY_BYTE(8);
}

/** Level n is worth 8n + 4, but 7 is worth 62. */
static inline uint64_t sva_iq3_xxs_values(unsigned low, unsigned high)
{
    const uint64_t level = sva_spread_3(low, high);
    const uint64_t seven = level & level >> 1 & level >> 2 & SVA_EVERY_BYTE(1);
    return level * 8 + seven * 2 + SVA_EVERY_BYTE(4);
}

static inline uint64_t sva_iq3_s_values(unsigned low, unsigned high)
{
    return sva_spread_3(low, high) * 2 + SVA_EVERY_BYTE(1);
}

/** Eight times what IQ1 adds up: 8 * (level - 1), and 1 more, or less where `minus` is 1. */
static inline uint64_t sva_iq1_values(unsigned entry, unsigned minus)
{
    const uint64_t from_128 = sva_spread_2(entry) * 8 + SVA_EVERY_BYTE(128 - 8 + 1 - 2 * minus);
    return from_128 ^ SVA_EVERY_BYTE(128);
}

/** Sixteen signed bytes, the first lowest. */
struct sva_16_bytes {
    uint64_t first;
    uint64_t second;
};

static inline void sva_scale_bytes(struct sva_16_bytes bytes, float d, float *scale)
{
    for (size_t g = 0; g < 8; g++) {
        scale[g] = d * (float)(int8_t)(bytes.first >> 8 * g & 0xFF);
        scale[g + 8] = d * (float)(int8_t)(bytes.second >> 8 * g & 0xFF);
    }
}

static inline void sva_nibble_levels(const uint8_t *pairs, const int8_t *levels, size_t count,
                                     int8_t *code)
{
    for (size_t j = 0; j < count; j++) {
        code[j] = levels[pairs[j] & 15];
        code[j + count] = levels[pairs[j] >> 4];
    }
}

/* -- blocks of 32, 64 and 128 ------------------------------------------------------------------ */

static inline void sva_unpack_q4_0(const uint8_t *block, struct sva_block_codes *out)
{
    out->scale[0] = sva_half_at(block);
    for (size_t j = 0; j < 16; j++) {
        out->code[j] = (int8_t)((block[2 + j] & 15) - 8);
        out->code[j + 16] = (int8_t)((block[2 + j] >> 4) - 8);
    }
}

static inline void sva_unpack_q4_1(const uint8_t *block, struct sva_block_codes *out)
{
    out->scale[0] = sva_half_at(block);
    out->offset[0] = sva_half_at(block + 2);
    for (size_t j = 0; j < 16; j++) {
        out->code[j] = (int8_t)(block[4 + j] & 15);
        out->code[j + 16] = (int8_t)(block[4 + j] >> 4);
    }
}

/* The fifth bits of 32 elements, in place. */
static inline void sva_fifth_bits(const uint8_t *bits, uint8_t *fifth)
{
    for (size_t j = 0; j < 4; j++) {
        sva_store64(fifth + 8 * j, sva_spread_bits(bits[j]) >> 3);
    }
}

static inline void sva_unpack_q5_0(const uint8_t *block, struct sva_block_codes *out)
{
    uint8_t fifth[32];
    sva_fifth_bits(block + 2, fifth);
    out->scale[0] = sva_half_at(block);
    for (size_t j = 0; j < 16; j++) {
        out->code[j] = (int8_t)(((block[6 + j] & 15) | fifth[j]) - 16);
        out->code[j + 16] = (int8_t)((block[6 + j] >> 4 | fifth[j + 16]) - 16);
    }
}

static inline void sva_unpack_q5_1(const uint8_t *block, struct sva_block_codes *out)
{
    uint8_t fifth[32];
    sva_fifth_bits(block + 4, fifth);
    out->scale[0] = sva_half_at(block);
    out->offset[0] = sva_half_at(block + 2);
    for (size_t j = 0; j < 16; j++) {
        out->code[j] = (int8_t)((block[8 + j] & 15) | fifth[j]);
        out->code[j + 16] = (int8_t)(block[8 + j] >> 4 | fifth[j + 16]);
    }
}

static inline void sva_unpack_q8_0(const uint8_t *block, struct sva_block_codes *out)
{
    out->scale[0] = sva_half_at(block);
    memcpy(out->code, block + 2, 32);
}

/** Behind the scale stands a sum for dot products, which no value depends on. */
static inline void sva_unpack_q8_1(const uint8_t *block, struct sva_block_codes *out)
{
    out->scale[0] = sva_half_at(block);
    memcpy(out->code, block + 4, 32);
}

static inline void sva_unpack_iq4_nl(const uint8_t *block, struct sva_block_codes *out)
{
    out->scale[0] = sva_half_at(block);
    sva_nibble_levels(block + 2, sva_iq4_levels, 16, out->code);
}

/** 2^(exponent - 128), half of E8M0's value: levels are doubled. 255 is no NaN here, as in ggml. */
static inline float sva_mxfp4_scale(unsigned exponent)
{
    return sva_float_of_bits(exponent < 2 ? 0x00200000U << exponent : (exponent - 1) << 23);
}

static inline void sva_unpack_mxfp4(const uint8_t *block, struct sva_block_codes *out)
{
    out->scale[0] = sva_mxfp4_scale(block[0]);
    sva_nibble_levels(block + 1, sva_fp4_levels, 16, out->code);
}

/** Half of an E4M3 without its sign, which ggml ignores; 0x7F is 0, but 0xFF is 240, as in ggml. */
static inline float sva_nvfp4_scale(unsigned pattern)
{
    const unsigned exponent = pattern >> 3 & 15;
    const unsigned fraction = pattern & 7;
    const float subnormal = (float)fraction * 0x1p-10f;
    const float normal = sva_float_of_bits((exponent + 119) << 23 | fraction << 20);
    return pattern == 0x7F ? 0 : exponent == 0 ? subnormal : normal;
}

static inline void sva_unpack_nvfp4(const uint8_t *block, struct sva_block_codes *out)
{
    for (size_t g = 0; g < 4; g++) {
        out->scale[g] = sva_nvfp4_scale(block[g]);
        sva_nibble_levels(block + 4 + 8 * g, sva_fp4_levels, 8, out->code + 16 * g);
    }
}

static inline void sva_unpack_q1_0(const uint8_t *block, struct sva_block_codes *out)
{
    out->scale[0] = sva_half_at(block);
    for (size_t j = 0; j < 16; j++) {
        const uint64_t ones = SVA_EVERY_BYTE(1);
        sva_store64((uint8_t *)out->code + 8 * j, sva_negate_bytes(ones, ~block[2 + j] & 0xFFU));
    }
}

static inline void sva_unpack_q2_0(const uint8_t *block, struct sva_block_codes *out)
{
    out->scale[0] = sva_half_at(block);
    for (size_t j = 0; j < 16; j += 2) {
        const uint64_t codes = sva_spread_2(sva_load16(block + 2 + j));
        sva_store64((uint8_t *)out->code + 4 * j,
                    (codes + SVA_EVERY_BYTE(0x80 - 1)) ^ SVA_EVERY_BYTE(0x80));
    }
}

/* -- K blocks: 256 elements, scales of groups ----------------------------------------------------
 */

static inline void sva_unpack_q2_k(const uint8_t *block, struct sva_block_codes *out)
{
    const float d = sva_half_at(block + 80);
    const float d_min = sva_half_at(block + 82);
    for (size_t g = 0; g < 16; g++) {
        out->scale[g] = d * (float)(block[g] & 15);
        out->offset[g] = -(d_min * (float)(block[g] >> 4));
    }
    for (size_t half = 0; half < 2; half++) {
        const uint8_t *const pairs = block + 16 + 32 * half;
        int8_t *const code = out->code + 128 * half;
        for (size_t l = 0; l < 32; l++) {
            code[l] = pairs[l] & 3;
            code[l + 32] = pairs[l] >> 2 & 3;
            code[l + 64] = pairs[l] >> 4 & 3;
            code[l + 96] = (int8_t)(pairs[l] >> 6);
        }
    }
}

/** Sixteen signed scales of 6 bits, packed in 12 bytes. */
static inline struct sva_16_bytes sva_q3_k_scales(const uint8_t *packed)
{
    const uint64_t low = sva_load64(packed);
    const uint64_t high = (uint64_t)sva_load32(packed + 8);
    const uint64_t four_twice = high | high << 30; /* what belongs to groups 4 to 7 is 2 bits up */
    const uint64_t minus_32 = SVA_EVERY_BYTE(128 - 32);
    return (struct sva_16_bytes){
        (((low & SVA_EVERY_BYTE(15)) | (four_twice & SVA_EVERY_BYTE(3)) << 4) + minus_32) ^
            SVA_EVERY_BYTE(128),
        (((low >> 4 & SVA_EVERY_BYTE(15)) | (four_twice >> 4 & SVA_EVERY_BYTE(3)) << 4) +
         minus_32) ^
            SVA_EVERY_BYTE(128)};
}

static inline void sva_unpack_q3_k(const uint8_t *block, struct sva_block_codes *out)
{
    sva_scale_bytes(sva_q3_k_scales(block + 96), sva_half_at(block + 108), out->scale);
    for (size_t half = 0; half < 2; half++) {
        const uint8_t *const pairs = block + 32 + 32 * half;
        int8_t *const code = out->code + 128 * half;
        for (size_t l = 0; l < 32; l++) {
            const int high = block[l] >> 4 * half;
            code[l] = (int8_t)((pairs[l] & 3) + (high << 2 & 4) - 4);
            code[l + 32] = (int8_t)((pairs[l] >> 2 & 3) + (high << 1 & 4) - 4);
            code[l + 64] = (int8_t)((pairs[l] >> 4 & 3) + (high & 4) - 4);
            code[l + 96] = (int8_t)((pairs[l] >> 6) + (high >> 1 & 4) - 4);
        }
    }
}

/** Eight scales and eight minima of 6 bits, packed in 12 bytes: Q4_K and Q5_K. */
static inline struct sva_16_bytes sva_k_scales(const uint8_t *packed)
{
    const uint32_t scales = sva_load32(packed);
    const uint32_t minima = sva_load32(packed + 4);
    const uint32_t mixed = sva_load32(packed + 8);
    const uint32_t scales_4_to_7 = (mixed & 0x0F0F0F0FU) | (scales >> 2 & 0x30303030U);
    const uint32_t minima_4_to_7 = (mixed >> 4 & 0x0F0F0F0FU) | (minima >> 2 & 0x30303030U);
    return (struct sva_16_bytes){(scales & 0x3F3F3F3FU) | (uint64_t)scales_4_to_7 << 32,
                                 (minima & 0x3F3F3F3FU) | (uint64_t)minima_4_to_7 << 32};
}

static inline void sva_unpack_k_scales(const uint8_t *block, struct sva_block_codes *out)
{
    const float d = sva_half_at(block);
    const float d_min = sva_half_at(block + 2);
    const struct sva_16_bytes packed = sva_k_scales(block + 4);
    for (size_t g = 0; g < 8; g++) {
        out->scale[g] = d * (float)(packed.first >> 8 * g & 0xFF);
        out->offset[g] = -(d_min * (float)(packed.second >> 8 * g & 0xFF));
    }
}

static inline void sva_unpack_q4_k(const uint8_t *block, struct sva_block_codes *out)
{
    sva_unpack_k_scales(block, out);
    for (size_t quarter = 0; quarter < 4; quarter++) {
        const uint8_t *const pairs = block + 16 + 32 * quarter;
        int8_t *const code = out->code + 64 * quarter;
        for (size_t l = 0; l < 32; l++) {
            code[l] = pairs[l] & 15;
            code[l + 32] = (int8_t)(pairs[l] >> 4);
        }
    }
}

static inline void sva_unpack_q5_k(const uint8_t *block, struct sva_block_codes *out)
{
    sva_unpack_k_scales(block, out);
    for (size_t quarter = 0; quarter < 4; quarter++) {
        const uint8_t *const pairs = block + 48 + 32 * quarter;
        int8_t *const code = out->code + 64 * quarter;
        for (size_t l = 0; l < 32; l++) {
            const int high = block[16 + l] >> 2 * quarter;
            code[l] = (int8_t)((pairs[l] & 15) | (high << 4 & 16));
            code[l + 32] = (int8_t)(pairs[l] >> 4 | (high << 3 & 16));
        }
    }
}

static inline void sva_unpack_q6_k(const uint8_t *block, struct sva_block_codes *out)
{
    const float d = sva_half_at(block + 208);
    for (size_t g = 0; g < 16; g++) {
        out->scale[g] = d * (float)((block[192 + g] ^ 0x80) - 0x80);
    }
    for (size_t half = 0; half < 2; half++) {
        const uint8_t *const low = block + 64 * half;
        const uint8_t *const high = block + 128 + 32 * half;
        int8_t *const code = out->code + 128 * half;
        for (size_t l = 0; l < 32; l++) {
            code[l] = (int8_t)(((low[l] & 15) | (high[l] << 4 & 48)) - 32);
            code[l + 32] = (int8_t)(((low[l + 32] & 15) | (high[l] << 2 & 48)) - 32);
            code[l + 64] = (int8_t)((low[l] >> 4 | (high[l] & 48)) - 32);
            code[l + 96] = (int8_t)((low[l + 32] >> 4 | (high[l] >> 2 & 48)) - 32);
        }
    }
}

/** The only scale of 32 bits: the products may round or overflow. Sums of groups are left out. */
static inline void sva_unpack_q8_k(const uint8_t *block, struct sva_block_codes *out)
{
    out->scale[0] = sva_float_of_bits(sva_load32(block));
    memcpy(out->code, block + 4, 256);
}

/** Eight signed scales of 6 bits: nibbles behind the word that holds the upper two. */
static inline uint64_t sva_iq4_xs_scales(const uint8_t *packed)
{
    const uint64_t six = sva_spread_4(sva_load32(packed + 2)) | sva_spread_2(sva_load16(packed))
                                                                    << 4;
    return (six + SVA_EVERY_BYTE(128 - 32)) ^ SVA_EVERY_BYTE(128);
}

static inline void sva_unpack_iq4_xs(const uint8_t *block, struct sva_block_codes *out)
{
    const float d = sva_half_at(block);
    const uint64_t scales = sva_iq4_xs_scales(block + 2);
    for (size_t g = 0; g < 8; g++) {
        out->scale[g] = d * (float)(int8_t)(scales >> 8 * g & 0xFF);
        sva_nibble_levels(block + 8 + 16 * g, sva_iq4_levels, 16, out->code + 32 * g);
    }
}

/* -- ternary blocks -----------------------------------------------------------------------------
 */

/** Digit n of `count` bytes: a byte is the fraction in which five digits to base 3 stand. */
static inline void sva_unpack_trits(const uint8_t *bytes, size_t count, size_t digits, int8_t *code)
{
    static const uint8_t powers[5] = {1, 3, 9, 27, 81};
    for (size_t n = 0; n < digits; n++) {
        for (size_t m = 0; m < count; m++) {
            const uint8_t rest = (uint8_t)(bytes[m] * powers[n]);
            code[n * count + m] = (int8_t)((rest * 3 >> 8) - 1);
        }
    }
}

static inline void sva_unpack_tq1_0(const uint8_t *block, struct sva_block_codes *out)
{
    out->scale[0] = sva_half_at(block + 52);
    sva_unpack_trits(block, 32, 5, out->code);
    sva_unpack_trits(block + 32, 16, 5, out->code + 160);
    sva_unpack_trits(block + 48, 4, 4, out->code + 240);
}

static inline void sva_unpack_tq2_0(const uint8_t *block, struct sva_block_codes *out)
{
    out->scale[0] = sva_half_at(block + 64);
    for (size_t half = 0; half < 2; half++) {
        const uint8_t *const pairs = block + 32 * half;
        int8_t *const code = out->code + 128 * half;
        for (size_t l = 0; l < 32; l++) {
            code[l] = (int8_t)((pairs[l] & 3) - 1);
            code[l + 32] = (int8_t)((pairs[l] >> 2 & 3) - 1);
            code[l + 64] = (int8_t)((pairs[l] >> 4 & 3) - 1);
            code[l + 96] = (int8_t)((pairs[l] >> 6) - 1);
        }
    }
}

/* -- IQ blocks: 256 elements, eight (iq3: four) of them one code --------------------------------
 */

static inline void sva_unpack_iq2_xxs(const uint8_t *block, struct sva_block_codes *out)
{
    const float d = sva_half_at(block);
    for (size_t g = 0; g < 8; g++) {
        const uint8_t *const index = block + 2 + 8 * g;
        const uint32_t word = sva_load32(index + 4);
        const uint32_t signs = sva_32_signs(word);
        out->scale[g] = d * (0.5F + (float)(word >> 28)) * 0.25F;
        for (size_t l = 0; l < 4; l++) {
            const uint64_t values = sva_iq2_values(sva_iq2_xxs_grid[index[l]]);
            sva_store64((uint8_t *)out->code + 32 * g + 8 * l,
                        sva_negate_bytes(values, signs >> 8 * l & 0xFFU));
        }
    }
}

/** A byte holds the scales of two groups of 16: IQ2_XS and IQ2_S. */
static inline void sva_unpack_iq2_scales(float d, const uint8_t *nibbles, float *scale)
{
    for (size_t g = 0; g < 8; g++) {
        scale[2 * g] = d * (0.5F + (float)(nibbles[g] & 15)) * 0.25F;
        scale[2 * g + 1] = d * (0.5F + (float)(nibbles[g] >> 4)) * 0.25F;
    }
}

static inline void sva_unpack_iq2_xs(const uint8_t *block, struct sva_block_codes *out)
{
    sva_unpack_iq2_scales(sva_half_at(block), block + 66, out->scale);
    for (size_t i = 0; i < 32; i++) {
        const unsigned word = sva_load16(block + 2 + 2 * i);
        const uint64_t values = sva_iq2_values(sva_iq2_xs_grid[word & 511]);
        sva_store64((uint8_t *)out->code + 8 * i, sva_negate_bytes(values, sva_8_signs(word >> 9)));
    }
}

static inline void sva_unpack_iq2_s(const uint8_t *block, struct sva_block_codes *out)
{
    sva_unpack_iq2_scales(sva_half_at(block), block + 74, out->scale);
    for (size_t i = 0; i < 32; i++) {
        const unsigned upper = (unsigned)block[66 + i / 4] >> 2 * (i % 4);
        const unsigned index = block[2 + i] | (upper & 3) << 8;
        const uint64_t values = sva_iq2_values(sva_iq2_s_grid[index]);
        sva_store64((uint8_t *)out->code + 8 * i, sva_negate_bytes(values, block[34 + i]));
    }
}

static inline void sva_unpack_iq3_xxs(const uint8_t *block, struct sva_block_codes *out)
{
    const float d = sva_half_at(block);
    for (size_t g = 0; g < 8; g++) {
        const uint8_t *const index = block + 2 + 8 * g;
        const uint32_t word = sva_load32(block + 66 + 4 * g);
        const uint32_t signs = sva_32_signs(word);
        out->scale[g] = d * (0.5F + (float)(word >> 28)) * 0.5F;
        for (size_t l = 0; l < 4; l++) {
            const uint64_t values = sva_iq3_xxs_values(sva_iq3_xxs_grid[index[2 * l]],
                                                       sva_iq3_xxs_grid[index[2 * l + 1]]);
            sva_store64((uint8_t *)out->code + 32 * g + 8 * l,
                        sva_negate_bytes(values, signs >> 8 * l & 0xFFU));
        }
    }
}

static inline void sva_unpack_iq3_s(const uint8_t *block, struct sva_block_codes *out)
{
    const float d = sva_half_at(block);
    for (size_t g = 0; g < 8; g++) {
        const int scale = 1 + 2 * (block[106 + g / 2] >> 4 * (g % 2) & 15);
        const uint8_t *const index = block + 2 + 8 * g;
        const unsigned ninth = block[66 + g];
        out->scale[g] = d * (float)scale;
        for (size_t l = 0; l < 4; l++) {
            const unsigned low = index[2 * l] | (ninth >> 2 * l & 1) << 8;
            const unsigned high = index[2 * l + 1] | (ninth >> (2 * l + 1) & 1) << 8;
            const uint64_t values = sva_iq3_s_values(sva_iq3_s_grid[low], sva_iq3_s_grid[high]);
            sva_store64((uint8_t *)out->code + 32 * g + 8 * l,
                        sva_negate_bytes(values, block[74 + 4 * g + l]));
        }
    }
}

static inline void sva_unpack_iq1_s(const uint8_t *block, struct sva_block_codes *out)
{
    const float d = sva_half_at(block);
    for (size_t g = 0; g < 8; g++) {
        const unsigned high = sva_load16(block + 34 + 2 * g);
        out->scale[g] = d * (float)(2 * (high >> 12 & 7) + 1) * 0.125F;
        for (size_t l = 0; l < 4; l++) {
            const unsigned index = block[2 + 4 * g + l] | (high >> 3 * l & 7) << 8;
            sva_store64((uint8_t *)out->code + 32 * g + 8 * l,
                        sva_iq1_values(sva_iq1_grid[index], high >> 15));
        }
    }
}

/** The scale of the block stands in the top nibbles of the four words of scales. */
static inline uint16_t sva_iq1_m_half(const uint8_t *block)
{
    unsigned half = 0;
    for (size_t w = 0; w < 4; w++) {
        half |= (unsigned)(block[49 + 2 * w] >> 4) << 4 * w;
    }
    return (uint16_t)half;
}

/** Four scales of 3 bits in each word, as the odd numbers 1 to 15. */
static inline struct sva_16_bytes sva_iq1_m_scales(const uint8_t *words)
{
    const uint64_t low = sva_spread_3(sva_load16(words), sva_load16(words + 2));
    const uint64_t high = sva_spread_3(sva_load16(words + 4), sva_load16(words + 6));
    return (struct sva_16_bytes){low * 2 + SVA_EVERY_BYTE(1), high * 2 + SVA_EVERY_BYTE(1)};
}

static inline void sva_unpack_iq1_m(const uint8_t *block, struct sva_block_codes *out)
{
    const float d = sva_float_of_half(sva_iq1_m_half(block));
    sva_scale_bytes(sva_iq1_m_scales(block + 48), d * 0.125F, out->scale);
    for (size_t i = 0; i < 32; i += 2) {
        const unsigned high = block[32 + i / 2];
        const unsigned first = block[i] | (high & 7) << 8;
        const unsigned second = block[i + 1] | (high & 0x70) << 4;
        sva_store64((uint8_t *)out->code + 8 * i,
                    sva_iq1_values(sva_iq1_grid[first], high >> 3 & 1));
        sva_store64((uint8_t *)out->code + 8 * i + 8,
                    sva_iq1_values(sva_iq1_grid[second], high >> 7));
    }
}

#endif
