/* SPDX-License-Identifier: Apache-2.0 */
/**
 * As kernel/dequantise_wide.h, for the types whose codes are entries of a code book: the levels of
 * an entry are shifted into place in eight lanes and looked up there.
 */
#ifndef SVA_KERNEL_DEQUANTISE_WIDE_IQ_H
#define SVA_KERNEL_DEQUANTISE_WIDE_IQ_H

#include "kernel/dequantise_wide.h"

#if defined(__AVX2__)

/* A level of 2 bits looks at 3, so its table repeats itself. */
#define IQ2_TABLE     _mm256_setr_ps(8, 25, 43, 0, 8, 25, 43, 0)
#define IQ1_TABLE     _mm256_setr_ps(-8, 0, 8, 0, -8, 0, 8, 0)
#define IQ3_XXS_TABLE _mm256_setr_ps(4, 12, 20, 28, 36, 44, 52, 62)
#define IQ3_S_TABLE   _mm256_setr_ps(1, 3, 5, 7, 9, 11, 13, 15)

static inline __m256 eight_of_2_bits(unsigned entry, __m256 table)
{
    const __m256i shifts = _mm256_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14);
    return _mm256_permutevar8x32_ps(table,
                                    _mm256_srlv_epi32(_mm256_set1_epi32((int)entry), shifts));
}

static inline __m256 eight_of_3_bits(unsigned low, unsigned high, __m256 table)
{
    const __m256i shifts = _mm256_setr_epi32(0, 3, 6, 9, 12, 15, 18, 21);
    const __m256i entries = _mm256_set1_epi32((int)(low | high << 12));
    return _mm256_permutevar8x32_ps(table, _mm256_srlv_epi32(entries, shifts));
}

/* Bit i of `signs` negates value i. */
static inline void write_8_signed(__m256 values, uint32_t signs, float scale, float *out)
{
    const __m256i shifts = _mm256_setr_epi32(31, 30, 29, 28, 27, 26, 25, 24);
    const __m256i at_top = _mm256_sllv_epi32(_mm256_set1_epi32((int)signs), shifts);
    const __m256 sign = _mm256_and_ps(_mm256_castsi256_ps(at_top), _mm256_set1_ps(-0.0F));
    _mm256_storeu_ps(out, _mm256_xor_ps(_mm256_mul_ps(values, _mm256_set1_ps(scale)), sign));
}

static inline float wide_iq2_xxs(const uint8_t *block, float *out)
{
    const float d = half_at(block);
    for (size_t g = 0; g < 8; g++) {
        const uint8_t *const index = block + 2 + 8 * g;
        const uint32_t word = sva_load32(index + 4);
        const uint32_t signs = sva_32_signs(word);
        const float scale = d * (0.5F + (float)(int)(word >> 28)) * 0.25F;
        for (size_t l = 0; l < 4; l++) {
            const __m256 values = eight_of_2_bits(sva_iq2_xxs_grid[index[l]], IQ2_TABLE);
            write_8_signed(values, signs >> 8 * l, scale, out + 32 * g + 8 * l);
        }
    }
    return d;
}

/* d * (0.5 + n) * 0.25 = d * (2n + 1) / 8, all of it exact. */
static inline void iq2_scales(const uint8_t *nibbles, float d, float *scale)
{
    const struct sva_16_bytes bytes = {sva_spread_4(sva_load32(nibbles)) * 2 + SVA_EVERY_BYTE(1),
                                       sva_spread_4(sva_load32(nibbles + 4)) * 2 +
                                           SVA_EVERY_BYTE(1)};
    scale_16(bytes, d * 0.125F, scale);
}

static inline float wide_iq2_xs(const uint8_t *block, float *out)
{
    const float d = half_at(block);
    float scale[16];
    iq2_scales(block + 66, d, scale);
    for (size_t i = 0; i < 32; i++) {
        const unsigned word = sva_load16(block + 2 + 2 * i);
        const __m256 values = eight_of_2_bits(sva_iq2_xs_grid[word & 511], IQ2_TABLE);
        write_8_signed(values, sva_8_signs(word >> 9), scale[i / 2], out + 8 * i);
    }
    return d;
}

static inline float wide_iq2_s(const uint8_t *block, float *out)
{
    const float d = half_at(block);
    float scale[16];
    iq2_scales(block + 74, d, scale);
    for (size_t i = 0; i < 32; i++) {
        const unsigned upper = (unsigned)block[66 + i / 4] >> 2 * (i % 4);
        const unsigned index = block[2 + i] | (upper & 3) << 8;
        const __m256 values = eight_of_2_bits(sva_iq2_s_grid[index], IQ2_TABLE);
        write_8_signed(values, block[34 + i], scale[i / 2], out + 8 * i);
    }
    return d;
}

static inline float wide_iq3_xxs(const uint8_t *block, float *out)
{
    const float d = half_at(block);
    for (size_t g = 0; g < 8; g++) {
        const uint8_t *const index = block + 2 + 8 * g;
        const uint32_t word = sva_load32(block + 66 + 4 * g);
        const uint32_t signs = sva_32_signs(word);
        const float scale = d * (0.5F + (float)(int)(word >> 28)) * 0.5F;
        for (size_t l = 0; l < 4; l++) {
            const __m256 values = eight_of_3_bits(
                sva_iq3_xxs_grid[index[2 * l]], sva_iq3_xxs_grid[index[2 * l + 1]], IQ3_XXS_TABLE);
            write_8_signed(values, signs >> 8 * l, scale, out + 32 * g + 8 * l);
        }
    }
    return d;
}

static inline float wide_iq3_s(const uint8_t *block, float *out)
{
    const float d = half_at(block);
    for (size_t g = 0; g < 8; g++) {
        const int scale = 1 + 2 * (block[106 + g / 2] >> 4 * (g % 2) & 15);
        const uint8_t *const index = block + 2 + 8 * g;
        const unsigned ninth = block[66 + g];
        for (size_t l = 0; l < 4; l++) {
            const unsigned low = index[2 * l] | (ninth >> 2 * l & 1) << 8;
            const unsigned high = index[2 * l + 1] | (ninth >> (2 * l + 1) & 1) << 8;
            const __m256 values =
                eight_of_3_bits(sva_iq3_s_grid[low], sva_iq3_s_grid[high], IQ3_S_TABLE);
            write_8_signed(values, block[74 + 4 * g + l], d * (float)scale, out + 32 * g + 8 * l);
        }
    }
    return d;
}

/* scale * (8 * (-1, 0 or 1) + 1 or -1) */
static inline void write_8_of_iq1(unsigned entry, unsigned minus, float scale, float *out)
{
    const __m256 delta = _mm256_set1_ps((float)(1 - 2 * (int)minus));
    const __m256 values = _mm256_add_ps(eight_of_2_bits(entry, IQ1_TABLE), delta);
    _mm256_storeu_ps(out, _mm256_mul_ps(values, _mm256_set1_ps(scale)));
}

static inline float wide_iq1_s(const uint8_t *block, float *out)
{
    const float d = half_at(block);
    for (size_t g = 0; g < 8; g++) {
        const unsigned high = sva_load16(block + 34 + 2 * g);
        const float scale = d * (float)(int)(2 * (high >> 12 & 7) + 1) * 0.125F;
        for (size_t l = 0; l < 4; l++) {
            const unsigned index = block[2 + 4 * g + l] | (high >> 3 * l & 7) << 8;
            write_8_of_iq1(sva_iq1_grid[index], high >> 15, scale, out + 32 * g + 8 * l);
        }
    }
    return d;
}

static inline float wide_iq1_m(const uint8_t *block, float *out)
{
    const float d = sva_float_of_half(sva_iq1_m_half(block));
    float scale[16];
    scale_16(sva_iq1_m_scales(block + 48), d * 0.125F, scale);
    for (size_t i = 0; i < 32; i += 2) {
        const unsigned high = block[32 + i / 2];
        const unsigned first = block[i] | (high & 7) << 8;
        const unsigned second = block[i + 1] | (high & 0x70) << 4;
        write_8_of_iq1(sva_iq1_grid[first], high >> 3 & 1, scale[i / 2], out + 8 * i);
        write_8_of_iq1(sva_iq1_grid[second], high >> 7, scale[i / 2], out + 8 * i + 8);
    }
    return d;
}

#endif /* AVX2 */

#endif
