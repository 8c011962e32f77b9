/* SPDX-License-Identifier: Apache-2.0 */
/**
 * One block of each of ggml's formats with AVX2, and with AVX-512 where the compiler is told so:
 * 32 codes stay in a register, where compilers would write and re-read them (measured: up to 15
 * times slower). Same bits as kernel/block_codes.h, which says what the fields mean.
 *
 * Each function writes the values of one block and returns its scale; where there is an offset as
 * well, one of the two that is not finite if there is one.
 */
#ifndef SVA_KERNEL_DEQUANTISE_WIDE_H
#define SVA_KERNEL_DEQUANTISE_WIDE_H

#if defined(__AVX2__)

#include <immintrin.h>

#include "kernel/block_codes.h"

/* -- from codes to values ---------------------------------------------------------------------- */

#if defined(__AVX512F__)

/* The instruction makes NaN quiet, which does not matter to scales. */
static inline float half_at(const uint8_t *bytes)
{
    const __m128i half = _mm_cvtsi32_si128(sva_load16(bytes));
    return _mm512_cvtss_f32(_mm512_cvtph_ps(_mm256_castsi128_si256(half)));
}

static inline void write_16(__m128i codes, float scale, float *out)
{
    const __m512 values = _mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(codes));
    _mm512_storeu_ps(out, _mm512_mul_ps(values, _mm512_set1_ps(scale)));
}

static inline void write_16_moved(__m128i codes, float scale, float offset, float *out)
{
    const __m512 values = _mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(codes));
    const __m512 products = _mm512_mul_ps(values, _mm512_set1_ps(scale));
    _mm512_storeu_ps(out, _mm512_add_ps(products, _mm512_set1_ps(offset)));
}

#else

static inline float half_at(const uint8_t *bytes)
{
    return sva_half_at(bytes);
}

static inline __m256 values_of(__m128i eight_codes)
{
    return _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(eight_codes));
}

static inline void write_16(__m128i codes, float scale, float *out)
{
    const __m256 factor = _mm256_set1_ps(scale);
    const __m128i rest = _mm_srli_si128(codes, 8);
    _mm256_storeu_ps(out, _mm256_mul_ps(values_of(codes), factor));
    _mm256_storeu_ps(out + 8, _mm256_mul_ps(values_of(rest), factor));
}

static inline void write_16_moved(__m128i codes, float scale, float offset, float *out)
{
    const __m256 factor = _mm256_set1_ps(scale);
    const __m256 term = _mm256_set1_ps(offset);
    const __m128i rest = _mm_srli_si128(codes, 8);
    _mm256_storeu_ps(out, _mm256_add_ps(_mm256_mul_ps(values_of(codes), factor), term));
    _mm256_storeu_ps(out + 8, _mm256_add_ps(_mm256_mul_ps(values_of(rest), factor), term));
}

#endif

/* Both halves of 16 codes have a scale of their own, as most K types want it. */
static inline void write_32(__m256i codes, float first, float second, float *out)
{
    write_16(_mm256_castsi256_si128(codes), first, out);
    write_16(_mm256_extracti128_si256(codes, 1), second, out + 16);
}

static inline void write_32_moved(__m256i codes, float scale, float offset, float *out)
{
    write_16_moved(_mm256_castsi256_si128(codes), scale, offset, out);
    write_16_moved(_mm256_extracti128_si256(codes, 1), scale, offset, out + 16);
}

/* scale[i] = d * code[i] */
static inline void scale_16(struct sva_16_bytes bytes, float d, float *scale)
{
    write_16(_mm_set_epi64x((long long)bytes.second, (long long)bytes.first), d, scale);
}

/* For the caller of a block that has two of them. */
static inline float special_of(float d, float d_min)
{
    return sva_is_special(d) ? d : d_min;
}

/* -- bytes ------------------------------------------------------------------------------------- */

static inline __m128i load_128(const uint8_t *bytes)
{
    return _mm_loadu_si128((const __m128i *)bytes);
}

static inline __m256i load_256(const uint8_t *bytes)
{
    return _mm256_loadu_si256((const __m256i *)bytes);
}

/* There are no shifts of bytes: bits that come from the neighbour are masked away. */
static inline __m256i bits_from(__m256i bytes, int shift, char mask)
{
    return _mm256_and_si256(_mm256_srli_epi16(bytes, shift), _mm256_set1_epi8(mask));
}

static inline __m256i bits_up_to(__m256i bytes, int shift, char mask)
{
    return _mm256_and_si256(_mm256_slli_epi16(bytes, shift), _mm256_set1_epi8(mask));
}

/* 16 bytes of two nibbles: the low ones, then the high ones. */
static inline __m256i nibbles_of(__m128i pairs)
{
    const __m256i both =
        _mm256_inserti128_si256(_mm256_castsi128_si256(pairs), _mm_srli_epi16(pairs, 4), 1);
    return _mm256_and_si256(both, _mm256_set1_epi8(15));
}

static inline __m256i levels_of(__m256i nibbles, const int8_t *levels)
{
    const __m128i table = _mm_loadu_si128((const __m128i *)levels);
    return _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(table), nibbles);
}

/* Byte i is all ones where bit i is set. */
static inline __m256i mask_of_bits(uint32_t bits)
{
    const __m256i byte_of =
        _mm256_setr_epi64x(0, 0x0101010101010101, 0x0202020202020202, 0x0303030303030303);
    const __m256i bit_of = _mm256_set1_epi64x((long long)UINT64_C(0x8040201008040201));
    const __m256i copies = _mm256_shuffle_epi8(_mm256_set1_epi32((int)bits), byte_of);
    return _mm256_cmpeq_epi8(_mm256_and_si256(copies, bit_of), bit_of);
}

/* -- blocks of 32, 64 and 128 -------------------------------------------------------------------
 */

static inline float wide_q4_0(const uint8_t *block, float *out)
{
    const float d = half_at(block);
    const __m256i nibbles = nibbles_of(load_128(block + 2));
    write_32(_mm256_sub_epi8(nibbles, _mm256_set1_epi8(8)), d, d, out);
    return d;
}

static inline float wide_q4_1(const uint8_t *block, float *out)
{
    const float d = half_at(block);
    const float m = half_at(block + 2);
    write_32_moved(nibbles_of(load_128(block + 4)), d, m, out);
    return special_of(d, m);
}

static inline float wide_q5_0(const uint8_t *block, float *out)
{
    const float d = half_at(block);
    const __m256i nibbles = nibbles_of(load_128(block + 6));
    /* Without its fifth bit a code is 16 lower: the bits of -16 above those of the nibble. */
    const __m256i fifth = mask_of_bits(sva_load32(block + 2));
    const __m256i lower = _mm256_andnot_si256(fifth, _mm256_set1_epi8(-16));
    write_32(_mm256_or_si256(nibbles, lower), d, d, out);
    return d;
}

static inline float wide_q5_1(const uint8_t *block, float *out)
{
    const float d = half_at(block);
    const float m = half_at(block + 2);
    const __m256i nibbles = nibbles_of(load_128(block + 8));
    const __m256i fifth = mask_of_bits(sva_load32(block + 4));
    const __m256i higher = _mm256_and_si256(fifth, _mm256_set1_epi8(16));
    write_32_moved(_mm256_or_si256(nibbles, higher), d, m, out);
    return special_of(d, m);
}

static inline float wide_q8_0(const uint8_t *block, float *out)
{
    const float d = half_at(block);
    write_32(load_256(block + 2), d, d, out);
    return d;
}

static inline float wide_q8_1(const uint8_t *block, float *out)
{
    const float d = half_at(block);
    write_32(load_256(block + 4), d, d, out);
    return d;
}

static inline float wide_iq4_nl(const uint8_t *block, float *out)
{
    const float d = half_at(block);
    write_32(levels_of(nibbles_of(load_128(block + 2)), sva_iq4_levels), d, d, out);
    return d;
}

static inline float wide_mxfp4(const uint8_t *block, float *out)
{
    const float d = sva_mxfp4_scale(block[0]);
    write_32(levels_of(nibbles_of(load_128(block + 1)), sva_fp4_levels), d, d, out);
    return 0;
}

/* 8 bytes give 16 neighbours, so low and high nibbles change places in the middle. */
static inline float wide_nvfp4(const uint8_t *block, float *out)
{
    for (size_t g = 0; g < 4; g += 2) {
        const __m256i nibbles = nibbles_of(load_128(block + 4 + 8 * g));
        const __m256i in_order = _mm256_permute4x64_epi64(nibbles, 0xD8);
        write_32(levels_of(in_order, sva_fp4_levels), sva_nvfp4_scale(block[g]),
                 sva_nvfp4_scale(block[g + 1]), out + 16 * g);
    }
    return 0;
}

static inline float wide_q1_0(const uint8_t *block, float *out)
{
    const float d = half_at(block);
    for (size_t g = 0; g < 4; g++) {
        const __m256i set = mask_of_bits(sva_load32(block + 2 + 4 * g));
        const __m256i two = _mm256_and_si256(set, _mm256_set1_epi8(2));
        write_32(_mm256_sub_epi8(two, _mm256_set1_epi8(1)), d, d, out + 32 * g);
    }
    return d;
}

static inline float wide_q2_0(const uint8_t *block, float *out)
{
    const float d = half_at(block);
    const __m128i mask = _mm_set1_epi8(3);
    const __m128i bytes = load_128(block + 2);
    const __m128i pair_0 = _mm_and_si128(bytes, mask);
    const __m128i pair_1 = _mm_and_si128(_mm_srli_epi16(bytes, 2), mask);
    const __m128i pair_2 = _mm_and_si128(_mm_srli_epi16(bytes, 4), mask);
    const __m128i pair_3 = _mm_and_si128(_mm_srli_epi16(bytes, 6), mask);
    const __m128i parts[4] = {_mm_unpacklo_epi8(pair_0, pair_1), _mm_unpacklo_epi8(pair_2, pair_3),
                              _mm_unpackhi_epi8(pair_0, pair_1), _mm_unpackhi_epi8(pair_2, pair_3)};
    const __m128i one = _mm_set1_epi8(1);
    for (size_t half = 0; half < 2; half++) {
        const __m128i low = _mm_unpacklo_epi16(parts[2 * half], parts[2 * half + 1]);
        const __m128i high = _mm_unpackhi_epi16(parts[2 * half], parts[2 * half + 1]);
        write_16(_mm_sub_epi8(low, one), d, out + 32 * half);
        write_16(_mm_sub_epi8(high, one), d, out + 32 * half + 16);
    }
    return d;
}

/* -- K blocks ------------------------------------------------------------------------------------
 */

static inline float wide_q2_k(const uint8_t *block, float *out)
{
    const float d = half_at(block + 80);
    const float d_min = half_at(block + 82);
    const __m256i nibbles = nibbles_of(load_128(block));
    float scale[16];
    float offset[16];
    write_16(_mm256_castsi256_si128(nibbles), d, scale);
    write_16(_mm256_extracti128_si256(nibbles, 1), -d_min, offset);
    for (size_t half = 0; half < 2; half++) {
        const __m256i bytes = load_256(block + 16 + 32 * half);
        for (int j = 0; j < 4; j++) {
            const __m256i codes = bits_from(bytes, 2 * j, 3);
            const size_t g = 8 * half + 2 * (size_t)j;
            write_16_moved(_mm256_castsi256_si128(codes), scale[g], offset[g], out + 16 * g);
            write_16_moved(_mm256_extracti128_si256(codes, 1), scale[g + 1], offset[g + 1],
                           out + 16 * g + 16);
        }
    }
    return special_of(d, d_min);
}

static inline float wide_q3_k(const uint8_t *block, float *out)
{
    const float d = half_at(block + 108);
    float scale[16];
    scale_16(sva_q3_k_scales(block + 96), d, scale);
    /* A set bit adds 4 to the code, which is 4 too high: leave it, or take 4 off where it is clear.
     */
    const __m256i clear = _mm256_xor_si256(load_256(block), _mm256_set1_epi8(-1));
    for (size_t half = 0; half < 2; half++) {
        const __m256i bytes = load_256(block + 32 + 32 * half);
        const __m256i high = half == 0 ? clear : _mm256_srli_epi16(clear, 4);
        for (int j = 0; j < 4; j++) {
            const __m256i four = bits_up_to(_mm256_srli_epi16(high, j), 2, 4);
            const __m256i codes = _mm256_sub_epi8(bits_from(bytes, 2 * j, 3), four);
            const size_t g = 8 * half + 2 * (size_t)j;
            write_32(codes, scale[g], scale[g + 1], out + 16 * g);
        }
    }
    return d;
}

/* Eight scales and, behind them, eight offsets. */
static inline float k_scales(const uint8_t *block, float *scale)
{
    const float d = half_at(block);
    const float d_min = half_at(block + 2);
    const struct sva_16_bytes bytes = sva_k_scales(block + 4);
#if defined(__AVX512F__)
    const __m128i both = _mm_set_epi64x((long long)bytes.second, (long long)bytes.first);
    const __m512 factor = _mm512_mask_blend_ps(0xFF00, _mm512_set1_ps(d), _mm512_set1_ps(-d_min));
    _mm512_storeu_ps(scale, _mm512_mul_ps(_mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(both)), factor));
#else
    const __m256 scales = values_of(_mm_cvtsi64_si128((long long)bytes.first));
    const __m256 minima = values_of(_mm_cvtsi64_si128((long long)bytes.second));
    _mm256_storeu_ps(scale, _mm256_mul_ps(scales, _mm256_set1_ps(d)));
    _mm256_storeu_ps(scale + 8, _mm256_mul_ps(minima, _mm256_set1_ps(-d_min)));
#endif
    return special_of(d, d_min);
}

static inline float wide_q4_k(const uint8_t *block, float *out)
{
    float scale[16];
    const float special = k_scales(block, scale);
    for (size_t g = 0; g < 8; g += 2) {
        const __m256i bytes = load_256(block + 16 + 16 * g);
        write_32_moved(bits_from(bytes, 0, 15), scale[g], scale[g + 8], out + 32 * g);
        write_32_moved(bits_from(bytes, 4, 15), scale[g + 1], scale[g + 9], out + 32 * g + 32);
    }
    return special;
}

static inline float wide_q5_k(const uint8_t *block, float *out)
{
    float scale[16];
    const float special = k_scales(block, scale);
    const __m256i fifth = load_256(block + 16);
    for (int g = 0; g < 8; g += 2) {
        const __m256i bytes = load_256(block + 48 + 16 * g);
        const __m256i shifted = _mm256_srli_epi16(fifth, g);
        const __m256i first = bits_up_to(shifted, 4, 16);
        const __m256i second = bits_up_to(shifted, 3, 16);
        write_32_moved(_mm256_or_si256(bits_from(bytes, 0, 15), first), scale[g], scale[g + 8],
                       out + 32 * g);
        write_32_moved(_mm256_or_si256(bits_from(bytes, 4, 15), second), scale[g + 1], scale[g + 9],
                       out + 32 * g + 32);
    }
    return special;
}

static inline float wide_q6_k(const uint8_t *block, float *out)
{
    const float d = half_at(block + 208);
    const __m256i minus = _mm256_set1_epi8(32);
    float scale[16];
    write_16(load_128(block + 192), d, scale);
    for (size_t half = 0; half < 2; half++) {
        const __m256i low_0 = load_256(block + 64 * half);
        const __m256i low_1 = load_256(block + 64 * half + 32);
        const __m256i high = load_256(block + 128 + 32 * half);
        const __m256i codes[4] = {_mm256_or_si256(bits_from(low_0, 0, 15), bits_up_to(high, 4, 48)),
                                  _mm256_or_si256(bits_from(low_1, 0, 15), bits_up_to(high, 2, 48)),
                                  _mm256_or_si256(bits_from(low_0, 4, 15), bits_from(high, 0, 48)),
                                  _mm256_or_si256(bits_from(low_1, 4, 15), bits_from(high, 2, 48))};
        for (size_t k = 0; k < 4; k++) {
            const size_t g = 8 * half + 2 * k;
            write_32(_mm256_sub_epi8(codes[k], minus), scale[g], scale[g + 1], out + 16 * g);
        }
    }
    return d;
}

static inline float wide_q8_k(const uint8_t *block, float *out)
{
    const float d = sva_float_of_bits(sva_load32(block));
    for (size_t g = 0; g < 8; g++) {
        write_32(load_256(block + 4 + 32 * g), d, d, out + 32 * g);
    }
    return d;
}

static inline float wide_iq4_xs(const uint8_t *block, float *out)
{
    const float d = half_at(block);
    float scale[16];
    scale_16((struct sva_16_bytes){sva_iq4_xs_scales(block + 2), 0}, d, scale);
    for (size_t g = 0; g < 8; g++) {
        const __m256i nibbles = nibbles_of(load_128(block + 8 + 16 * g));
        write_32(levels_of(nibbles, sva_iq4_levels), scale[g], scale[g], out + 32 * g);
    }
    return d;
}

/* -- ternary blocks ------------------------------------------------------------------------------
 */

/* The digit is the whole part of three times the fraction: 1 from 86/256 on, 2 from 171/256 on. */
static inline __m256i trit_codes(__m256i rest)
{
    const __m256i from_86 = _mm256_set1_epi8(86);
    const __m256i from_171 = _mm256_set1_epi8((char)171);
    const __m256i one = _mm256_cmpeq_epi8(_mm256_max_epu8(rest, from_86), rest); /* -1 or 0 */
    const __m256i two = _mm256_cmpeq_epi8(_mm256_max_epu8(rest, from_171), rest);
    return _mm256_sub_epi8(_mm256_sub_epi8(_mm256_set1_epi8(-1), one), two);
}

static inline __m256i times_3(__m256i bytes)
{
    return _mm256_add_epi8(bytes, _mm256_add_epi8(bytes, bytes));
}

static inline float wide_tq1_0(const uint8_t *block, float *out)
{
    const float d = half_at(block + 52);
    __m256i rest = load_256(block);
    __m256i last = _mm256_castsi128_si256(load_128(block + 32));
    for (size_t n = 0; n < 5; n++) {
        write_32(trit_codes(rest), d, d, out + 32 * n);
        write_16(_mm256_castsi256_si128(trit_codes(last)), d, out + 160 + 16 * n);
        rest = times_3(rest);
        last = times_3(last);
    }
    /* Four bytes of four digits, those of one rank together. */
    const int bytes = (int)sva_load32(block + 48);
    const __m256i rank_0 = _mm256_set1_epi32(bytes);
    const __m256i rank_1 = times_3(rank_0);
    const __m256i rank_2 = times_3(rank_1);
    const __m256i low = _mm256_blend_epi32(rank_0, rank_1, 2);
    const __m256i high = _mm256_blend_epi32(rank_2, times_3(rank_2), 8);
    const __m256i ranks = _mm256_blend_epi32(low, high, 12);
    write_16(_mm256_castsi256_si128(trit_codes(ranks)), d, out + 240);
    return d;
}

static inline float wide_tq2_0(const uint8_t *block, float *out)
{
    const float d = half_at(block + 64);
    for (size_t half = 0; half < 2; half++) {
        const __m256i bytes = load_256(block + 32 * half);
        for (int j = 0; j < 4; j++) {
            const __m256i codes = _mm256_sub_epi8(bits_from(bytes, 2 * j, 3), _mm256_set1_epi8(1));
            write_32(codes, d, d, out + 128 * half + 32 * (size_t)j);
        }
    }
    return d;
}

#endif /* AVX2 */

#endif
