/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Eight doubles that are added, multiplied and rounded lane by lane, in whatever registers the file
 * that includes this is compiled for. A lane never meets another one, so that a sum in a lane has
 * the order of its loop on every level.
 */
#ifndef SVA_KERNEL_EIGHT_LANES_H
#define SVA_KERNEL_EIGHT_LANES_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "kernel/float_bits.h"

enum { LANES = 8 };

#define LANES_EXPONENT 0x7FF0000000000000

#if defined(__AVX2__)
#include <immintrin.h>
#endif

#if defined(__AVX512F__)

typedef __m512d lanes;

static inline lanes lanes_all(double value)
{
    return _mm512_set1_pd(value);
}

static inline lanes lanes_load(const double *values)
{
    return _mm512_loadu_pd(values);
}

static inline lanes lanes_of_floats(__m256 values)
{
    return _mm512_cvtps_pd(values);
}

static inline void lanes_store(double *out, lanes a)
{
    _mm512_storeu_pd(out, a);
}

static inline void lanes_store_floats(float *out, lanes a)
{
    _mm256_storeu_ps(out, _mm512_cvtpd_ps(a));
}

static inline lanes lanes_add(lanes a, lanes b)
{
    return _mm512_add_pd(a, b);
}

static inline lanes lanes_subtract(lanes a, lanes b)
{
    return _mm512_sub_pd(a, b);
}

static inline lanes lanes_multiply(lanes a, lanes b)
{
    return _mm512_mul_pd(a, b);
}

/** sum + a * b for products that a double holds exactly: one rounding is then the same as two. */
static inline lanes lanes_add_exact(lanes sum, lanes a, lanes b)
{
    return _mm512_fmadd_pd(a, b, sum);
}

static inline lanes lanes_larger(lanes a, lanes b)
{
    return _mm512_max_pd(a, b);
}

static inline lanes lanes_size(lanes a)
{
    return _mm512_abs_pd(a);
}

/** Of normal values: the power of two at or below the size. */
static inline lanes lanes_power(lanes a)
{
    return _mm512_castsi512_pd(
        _mm512_and_epi64(_mm512_castpd_si512(a), _mm512_set1_epi64(LANES_EXPONENT)));
}

static inline bool lanes_up_to(lanes a, lanes most)
{
    return _mm512_cmp_pd_mask(a, most, _CMP_LE_OQ) == 0xFF;
}

static inline unsigned lanes_count_up_to(lanes a, lanes most)
{
    return (unsigned)__builtin_popcount(_mm512_cmp_pd_mask(a, most, _CMP_LE_OQ));
}

#elif defined(__AVX2__)

typedef struct {
    __m256d low, high;
} lanes;

static inline lanes lanes_all(double value)
{
    const __m256d all = _mm256_set1_pd(value);
    return (lanes){all, all};
}

static inline lanes lanes_load(const double *values)
{
    return (lanes){_mm256_loadu_pd(values), _mm256_loadu_pd(values + 4)};
}

static inline lanes lanes_of_floats(__m256 values)
{
    return (lanes){_mm256_cvtps_pd(_mm256_castps256_ps128(values)),
                   _mm256_cvtps_pd(_mm256_extractf128_ps(values, 1))};
}

static inline void lanes_store(double *out, lanes a)
{
    _mm256_storeu_pd(out, a.low);
    _mm256_storeu_pd(out + 4, a.high);
}

static inline void lanes_store_floats(float *out, lanes a)
{
    _mm_storeu_ps(out, _mm256_cvtpd_ps(a.low));
    _mm_storeu_ps(out + 4, _mm256_cvtpd_ps(a.high));
}

static inline lanes lanes_add(lanes a, lanes b)
{
    return (lanes){_mm256_add_pd(a.low, b.low), _mm256_add_pd(a.high, b.high)};
}

static inline lanes lanes_subtract(lanes a, lanes b)
{
    return (lanes){_mm256_sub_pd(a.low, b.low), _mm256_sub_pd(a.high, b.high)};
}

static inline lanes lanes_multiply(lanes a, lanes b)
{
    return (lanes){_mm256_mul_pd(a.low, b.low), _mm256_mul_pd(a.high, b.high)};
}

static inline lanes lanes_add_exact(lanes sum, lanes a, lanes b)
{
    return lanes_add(sum, lanes_multiply(a, b));
}

static inline lanes lanes_larger(lanes a, lanes b)
{
    return (lanes){_mm256_max_pd(a.low, b.low), _mm256_max_pd(a.high, b.high)};
}

static inline lanes lanes_size(lanes a)
{
    const __m256d sign = _mm256_set1_pd(-0.0);
    return (lanes){_mm256_andnot_pd(sign, a.low), _mm256_andnot_pd(sign, a.high)};
}

static inline lanes lanes_power(lanes a)
{
    const __m256d exponent = _mm256_castsi256_pd(_mm256_set1_epi64x(LANES_EXPONENT));
    return (lanes){_mm256_and_pd(exponent, a.low), _mm256_and_pd(exponent, a.high)};
}

static inline bool lanes_up_to(lanes a, lanes most)
{
    return _mm256_movemask_pd(_mm256_and_pd(_mm256_cmp_pd(a.low, most.low, _CMP_LE_OQ),
                                            _mm256_cmp_pd(a.high, most.high, _CMP_LE_OQ))) == 0xF;
}

static inline unsigned lanes_count_up_to(lanes a, lanes most)
{
    const int low = _mm256_movemask_pd(_mm256_cmp_pd(a.low, most.low, _CMP_LE_OQ));
    const int high = _mm256_movemask_pd(_mm256_cmp_pd(a.high, most.high, _CMP_LE_OQ));
    return (unsigned)__builtin_popcount((unsigned)(low | high << 4));
}

#else

typedef struct {
    double lane[LANES];
} lanes;

static inline lanes lanes_all(double value)
{
    lanes a;
    for (int i = 0; i < LANES; i++) {
        a.lane[i] = value;
    }
    return a;
}

static inline lanes lanes_load(const double *values)
{
    lanes a;
    memcpy(a.lane, values, sizeof a.lane);
    return a;
}

static inline lanes lanes_load_floats(const float *values)
{
    lanes a;
    for (int i = 0; i < LANES; i++) {
        a.lane[i] = (double)values[i];
    }
    return a;
}

static inline void lanes_store(double *out, lanes a)
{
    memcpy(out, a.lane, sizeof a.lane);
}

static inline void lanes_store_floats(float *out, lanes a)
{
    for (int i = 0; i < LANES; i++) {
        out[i] = (float)a.lane[i];
    }
}

static inline lanes lanes_add(lanes a, lanes b)
{
    for (int i = 0; i < LANES; i++) {
        a.lane[i] += b.lane[i];
    }
    return a;
}

static inline lanes lanes_subtract(lanes a, lanes b)
{
    for (int i = 0; i < LANES; i++) {
        a.lane[i] -= b.lane[i];
    }
    return a;
}

static inline lanes lanes_multiply(lanes a, lanes b)
{
    for (int i = 0; i < LANES; i++) {
        a.lane[i] *= b.lane[i];
    }
    return a;
}

static inline lanes lanes_add_exact(lanes sum, lanes a, lanes b)
{
    return lanes_add(sum, lanes_multiply(a, b));
}

static inline lanes lanes_larger(lanes a, lanes b)
{
    for (int i = 0; i < LANES; i++) {
        a.lane[i] = a.lane[i] > b.lane[i] ? a.lane[i] : b.lane[i];
    }
    return a;
}

static inline lanes lanes_size(lanes a)
{
    for (int i = 0; i < LANES; i++) {
        a.lane[i] = fabs(a.lane[i]);
    }
    return a;
}

/** Of normal values: the power of two at or below the size. */
static inline lanes lanes_power(lanes a)
{
    uint64_t bits[LANES];
    memcpy(bits, a.lane, sizeof bits);
    for (int i = 0; i < LANES; i++) {
        bits[i] &= LANES_EXPONENT;
    }
    memcpy(a.lane, bits, sizeof bits);
    return a;
}

/** Is `a` no larger than `most` in every lane? Not a number is larger than anything. */
static inline bool lanes_up_to(lanes a, lanes most)
{
    unsigned larger = 0;
    for (int i = 0; i < LANES; i++) {
        larger |= a.lane[i] <= most.lane[i] ? 0u : 1u;
    }
    return larger == 0;
}

/** Lanes in which `a` is no larger than `most`. */
static inline unsigned lanes_count_up_to(lanes a, lanes most)
{
    unsigned count = 0;
    for (int i = 0; i < LANES; i++) {
        count += a.lane[i] <= most.lane[i] ? 1u : 0u;
    }
    return count;
}

#endif

#if defined(__AVX2__)
static inline lanes lanes_load_floats(const float *values)
{
    return lanes_of_floats(_mm256_loadu_ps(values));
}

static inline lanes lanes_load_bf16(const uint8_t *stored)
{
    __m128i halves;
    memcpy(&halves, stored, sizeof halves);
    const __m256i bits = _mm256_slli_epi32(_mm256_cvtepu16_epi32(halves), 16);
    return lanes_of_floats(_mm256_castsi256_ps(bits));
}
#else
/** Eight values as they are stored, low byte first. */
static inline lanes lanes_load_bf16(const uint8_t *stored)
{
    lanes a;
    for (int i = 0; i < LANES; i++) {
        a.lane[i] = (double)sva_load_bf16(stored + 2 * i);
    }
    return a;
}
#endif

/** Eight rows side by side: lane r of turned[k] is rows[r][k]. */
static inline void lanes_turn(const float *const rows[LANES], size_t first, lanes turned[LANES])
{
#if defined(__AVX2__)
    __m256 a[LANES];
    __m256 b[LANES];
    for (int r = 0; r < LANES; r++) {
        a[r] = _mm256_loadu_ps(rows[r] + first);
    }
    for (int r = 0; r < LANES; r += 2) {
        b[r] = _mm256_unpacklo_ps(a[r], a[r + 1]);
        b[r + 1] = _mm256_unpackhi_ps(a[r], a[r + 1]);
    }
    for (int r = 0; r < LANES; r += 4) {
        a[r] = _mm256_shuffle_ps(b[r], b[r + 2], 0x44);
        a[r + 1] = _mm256_shuffle_ps(b[r], b[r + 2], 0xEE);
        a[r + 2] = _mm256_shuffle_ps(b[r + 1], b[r + 3], 0x44);
        a[r + 3] = _mm256_shuffle_ps(b[r + 1], b[r + 3], 0xEE);
    }
    for (int k = 0; k < 4; k++) {
        turned[k] = lanes_of_floats(_mm256_permute2f128_ps(a[k], a[k + 4], 0x20));
        turned[k + 4] = lanes_of_floats(_mm256_permute2f128_ps(a[k], a[k + 4], 0x31));
    }
#else
    for (size_t k = 0; k < LANES; k++) {
        for (size_t r = 0; r < LANES; r++) {
            turned[k].lane[r] = (double)rows[r][first + k];
        }
    }
#endif
}

#endif
